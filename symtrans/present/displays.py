"""The table of displays: how each type shows itself in a notebook, in IPython, in LaTeX, in prose and in pictures.

A value of a lower room asks `symtrans.runtime.display` for its own entry, by the name of its type. Manners are
"latex" (for math mode), "html", "pretty" (lines for a terminal), "text" (what `print` shows), "prose", "plot" and
"compare".
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import sympy as sp

from symtrans.errors import NonlinearityError
from symtrans.present import latex as tex
from symtrans.present import latex_printer, pretty, text
from symtrans.present.sentences import bound_latex, certificate_latex
from symtrans.runtime.display import Shown, shown
from symtrans.runtime.public import public
from symtrans.stability.evidence import Bound, Verdict
from symtrans.stability.prose import explain


@public
def latex(value: Any) -> str:
    r"""LaTeX for math mode, in the paper's habits; no dollar signs.

    Parameters
    ----------
    value : Kind, Family, Certificate, Bound, Rule, the dictionary, or what SymPy knows
        Of a kind the equation, of a family and of a certificate aligned lines.

    Examples
    --------
    >>> from symtrans import catalogue
    >>> print(latex(catalogue["soft"].shrinkage))
    S(r) = \begin{cases} 0, & |r| \leq \theta \\ r - \theta \operatorname{sgn}(r), & |r| > \theta \end{cases}
    >>> print(latex(catalogue["perona-malik"].certificate.slope_min))
    - 2 \exp\left(- \frac{3}{2}\right)
    """
    if isinstance(value, Bound | Verdict):
        return bound_latex(value)
    try:
        return str(shown(value, "latex"))
    except LookupError:
        return latex_printer.latex(_of_sympy(value))


def _of_sympy(value: Any) -> Any:
    """A value of SymPy, or a container of such; text is refused at any depth, since SymPy would evaluate it."""
    if isinstance(value, list | tuple):
        return [_of_sympy(one) for one in value] if isinstance(value, list) else tuple(map(_of_sympy, value))
    if isinstance(value, dict):
        return {_of_sympy(key): _of_sympy(one) for key, one in value.items()}
    try:
        if not isinstance(value, str | bytes):
            return sp.sympify(value, strict=True)
    except sp.SympifyError:
        pass
    if isinstance(value, Shown):
        raise NonlinearityError(
            f"a {type(value).__name__} has no LaTeX; families, their forms and certificates have, as in "
            "latex(family.certificate)"
        )
    raise NonlinearityError(
        f"latex of {value!r}: {type(value).__name__} is no value of SymPy or of symtrans; "
        'give text to a kind first, as in latex(Activation("tanh(r)"))'
    )


def _later(module: str, name: str) -> Callable[..., Any]:
    """A writer whose module loads with its first value: it takes NumPy and templates, or matplotlib."""

    def show(*arguments: Any) -> Any:
        return getattr(import_module(f"symtrans.present.{module}"), name)(*arguments)

    return show


DISPLAYS: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("Kind", "latex"): tex.formula_latex,
    ("Kind", "pretty"): pretty.pretty_kind,
    ("Rule", "latex"): tex.rule_latex,
    ("Rule", "pretty"): text.rule_line,
    ("Dictionary", "latex"): tex.dictionary_latex,
    ("Dictionary", "html"): _later("notebook", "dictionary_html"),
    ("Dictionary", "pretty"): lambda _: text.aligned(text.rules_rows()),
    ("Family", "latex"): tex.family_latex,
    ("Family", "html"): _later("notebook", "family_html"),
    ("Family", "pretty"): pretty.pretty_family,
    ("Family", "text"): text.family_text,
    ("Family", "plot"): _later("plots", "plot_family"),
    ("Family", "compare"): _later("plots", "compare"),
    ("Catalogue", "html"): _later("notebook", "catalogue_html"),
    ("Catalogue", "pretty"): lambda catalogue: text.aligned(text.catalogue_rows(catalogue)),
    ("Certificate", "latex"): certificate_latex,
    ("Certificate", "html"): _later("notebook", "certificate_html"),
    ("Certificate", "pretty"): text.certificate_text,
    ("Certificate", "prose"): explain,
    ("Network", "html"): _later("notebook", "network_html"),
    ("Network", "pretty"): text.network_text,
    ("Proximal", "latex"): tex.proximal_latex,
    ("Proximal", "pretty"): text.proximal_text,
    ("Proximal", "text"): text.proximal_text,
}
