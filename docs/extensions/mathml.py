"""Formulas as MathML, which browsers set by themselves: no script, no font and no picture is fetched."""

from html import escape

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

_log = logging.getLogger(__name__)


def _inline(translator, node) -> None:
    translator.body.append(_mathml(node, "inline"))
    raise SkipNode


def _block(translator, node) -> None:
    translator.body.append(f'<div class="math">{_mathml(node, "block")}</div>')
    raise SkipNode


def _mathml(node, display: str) -> str:
    """The formula set; one that the converter does not know (cases within brackets) ends a build with ``-W``."""
    try:
        return convert(node.astext(), display=display)
    except Exception as error:  # a dozen classes without a common root
        _log.warning("latex2mathml does not set %s: %r", node.astext(), error, location=node)
        return f"<code>{escape(node.astext())}</code>"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
