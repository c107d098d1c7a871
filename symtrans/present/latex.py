"""LaTeX of what is shown: nonlinearities, families, rules of Table 1, proximal maps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sympy as sp

from symtrans.catalogue import catalogue
from symtrans.catalogue.family import Family
from symtrans.catalogue.reading import Certified
from symtrans.language.cases import abridged
from symtrans.language.constants import rounded
from symtrans.language.spelling import Spelt
from symtrans.language.symbols import F, r
from symtrans.nonlinearity.dictionary import Rule, dictionary
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation, Diffusivity, Regulariser, Shrinkage
from symtrans.nonlinearity.knot_table import KnotTable, knot_table
from symtrans.nonlinearity.named import key_of
from symtrans.present.latex_printer import NEW_LINE, RulePrinter, escape, latex
from symtrans.stability.prose import stated

if TYPE_CHECKING:
    from symtrans.nonlinearity.proximal import Proximal  # loads NumPy and SymPy's solvers

TITLES = {
    Diffusivity: "Diffusivity",
    Regulariser: "Regulariser",
    Shrinkage: "Shrinkage Function",
    Activation: "Activation Function",
}

_BETWEEN = {
    "linear": r"\text{linear between}",
    "reciprocal": r"a + b/r \text{ between}",
    "quadratic": r"\text{quadratic, } C^{1}",
}


def formula_latex(kind: Kind, bars: tuple[str, str] = ("|", "|")) -> str:
    """A kind as an equation: g(r) = ..., and what its names of constants stand for; a long spline as its knots."""
    found, definitions = equations([kind], bars)
    return r", \quad ".join([*found, *definitions])


def equations(kinds: Sequence[Kind], bars: tuple[str, str] = ("|", "|")) -> tuple[list[str], list[str]]:
    """Kinds as equations, and the definitions of the constants that they name."""
    formulas, names = stated(*kinds)
    return [_equation(kind, formula, bars) for kind, formula in zip(kinds, formulas, strict=True)], definitions(names)


def _equation(kind: Kind, formula: sp.Expr, bars: tuple[str, str]) -> str:
    table = knot_table(kind)
    return f"{head(kind)} = {latex(formula, kind.variable, bars)}" if table is None else knots_latex(kind, table, bars)


def head(kind: Kind) -> str:
    """What stands before the equals sign."""
    return f"{kind.latex_letter}({latex(kind.variable, kind.variable)})"


def definitions(names: Mapping[sp.Expr, Spelt]) -> list[str]:
    """What constants with a name are."""
    return [
        rf"{latex(name)} = {latex(value)} \approx {latex(sp.Float(rounded(value)))}" for value, name in names.items()
    ]


def knots_latex(kind: Kind, table: KnotTable, bars: tuple[str, str] = ("|", "|"), columns: int = 8) -> str:
    r"""A long spline as a table of its knots, so many beside each other.

    Examples
    --------
    >>> spline = Activation.from_knots([0, 0.1, 0.7], [0, 0.1, 0.3], tail="constant")
    >>> print(knots_latex(spline, knot_table(spline)))
    \Phi(r) \approx \begin{cases} \begin{array}{r|rrr} r & 0 & 0.1 & 0.7 \\ \Phi(r) & 0 & 0.1 & 0.3 \end{array}
    & \text{linear between} \\ 0.3 \operatorname{sgn}(r), & |r| > 0.7 \end{cases}
    """
    variable, left = latex(kind.variable, kind.variable), head(kind)
    cells = [(latex(place), latex(value)) for place, value in zip(table.places, table.values, strict=True)]
    first, left_out, last = abridged(cells)
    if left_out:
        cells = [*first, (r"\ldots", rf"\text{{{left_out} more}}"), *last]
    columns = min(max(columns, 1), len(cells))
    rows = []
    for start in range(0, len(cells), columns):
        part = [*cells[start : start + columns], *[("", "")] * (start + columns - len(cells))]
        rows += [" & ".join([name, *row]) for name, row in zip((variable, left), zip(*part, strict=True), strict=True)]
    array = rf"\begin{{array}}{{r|{'r' * columns}}} {NEW_LINE.join(rows)} \end{{array}}"
    beyond = latex(table.beyond, kind.variable, bars)
    end = f"{bars[0]}{variable}{bars[1]} > {latex(table.places[-1])}"
    lines = rf"{array} & {_BETWEEN[table.between]}{NEW_LINE}{beyond}, & {end}"
    return rf"{left} \approx \begin{{cases}} {lines} \end{{cases}}"


def rule_cell(source: type[Kind], target: type[Kind]) -> str:
    """An entry of Table 1; on its diagonal stands the letter of the kind."""
    return f"{target.latex_letter}(r)" if target is source else dictionary[source, target].latex


def dictionary_latex(rules: Mapping[object, Rule]) -> str:
    """Table 1 as aligned lines."""
    rows = [rf"{r.source.latex_letter} &\to {rule_latex(r)}" for r in rules.values()]
    return rf"\begin{{aligned}} {NEW_LINE.join(rows)} \end{{aligned}}"


def proximal_latex(proximal: "Proximal") -> str:
    """The minimiser u(f), by branches where it has no one formula."""
    if proximal.expr is not None:
        return f"u(f) = {latex(proximal.expr, F)}"
    rows = [
        rf"{latex(solution, F) if solution is not None else UNSOLVED}, & u \in {latex(segment)}"
        for segment, solution in proximal.solutions
    ]
    return rf"u(f) = \begin{{cases}} {NEW_LINE.join(rows)} \end{{cases}}"


UNSOLVED = r"\text{by bisection}"


def rule_latex(rule: Rule) -> str:
    """A rule of Table 1 as an equation."""
    return f"{rule.target.latex_letter}(r) = {RulePrinter(r).doprint(rule.formula)}"


def family_latex(family: Family) -> str:
    """The four forms, one below the other."""
    rows = NEW_LINE.join(row.replace("=", "&=", 1) for part in equations(family.forms) for row in part)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"


def titles_of(family: Family) -> Mapping[type[Kind], str]:
    """What the literature calls the forms of a family, the title that was asked for first; {} without an entry.

    Examples
    --------
    >>> [*titles_of(catalogue["soft"]).values()], [*titles_of(catalogue["huber"]).values()]
    (['Soft', 'Truncated TV', 'Huber'], ['Huber', 'Soft', 'Truncated TV'])
    """
    titles = catalogue.entry(family.name).titles if family.name in catalogue else {}
    if not titles or family.called == family.name:
        return titles
    asked = {kind: title for kind, title in titles.items() if key_of(title) == family.called}
    first = asked or {next(iter(titles)): family.called}
    return first | {kind: title for kind, title in titles.items() if kind not in first}


def display_name(family: Certified) -> str:
    """What a family is called, as a heading; without a name it is called by its formula."""
    return escape(family.called) if family.called else f"${formula_latex(entered(family))}$"


def entered(family: Certified) -> Kind:
    """The nonlinearity that was entered."""
    return family.source if isinstance(family, Family) else family.nonlinearity
