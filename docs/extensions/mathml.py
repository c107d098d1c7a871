"""Formulas as MathML, which browsers set by themselves: no script, no font and no picture is fetched."""

from html import escape

from latex2mathml.converter import convert
from sphinx.application import Sphinx


def _inline(translator, node) -> None:
    translator.body.append(_mathml(node.astext(), "inline"))
    raise _skip()


def _block(translator, node) -> None:
    translator.body.append(f'<div class="math">{_mathml(node.astext(), "block")}</div>')
    raise _skip()


def _mathml(latex: str, display: str) -> str:
    """The formula set, or as LaTeX where the converter cannot: it does not know cases within brackets."""
    try:
        return convert(latex, display=display)
    except Exception:  # a dozen classes without a common root
        return f"<code>{escape(latex)}</code>"


def _skip() -> Exception:
    from docutils.nodes import SkipNode

    return SkipNode()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
