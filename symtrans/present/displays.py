"""The table of displays: how each type shows itself in a notebook, in LaTeX, in prose and in pictures.

A value of a lower room asks `symtrans.runtime.display` for its own entry.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symtrans.catalogue.family import Family
from symtrans.nonlinearity.dictionary import Rule
from symtrans.nonlinearity.kind import Kind
from symtrans.present import latex, notebook
from symtrans.stability.certificate import Certificate
from symtrans.stability.prose import explain


def _formula(nonlinearity: Kind) -> str:
    return f"$\\displaystyle {latex.formula_latex(nonlinearity)}$"


def _plot(family: Family, ax: Any, columns: Sequence[type[Kind]], extent: float | None, values: Any) -> Any:
    from symtrans.present.plots import plot_family  # loads matplotlib

    return plot_family(family, ax, columns, extent, values)


def _compare(family: Family, others: tuple[Family, ...], kind: type[Kind], ax: Any, extent: Any, values: Any) -> Any:
    from symtrans.present.plots import compare

    return compare((family, *others), kind, ax, extent, values)


DISPLAYS: Mapping[tuple[type, str], Callable[..., Any]] = {
    (Kind, "latex"): _formula,
    (Rule, "latex"): latex.rule_latex,
    (Family, "latex"): latex.family_latex,
    (Family, "html"): notebook.family_html,
    (Family, "plot"): _plot,
    (Family, "compare"): _compare,
    (Certificate, "latex"): latex.certificate_latex,
    (Certificate, "html"): notebook.certificate_html,
    (Certificate, "prose"): explain,
}
