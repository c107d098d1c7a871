"""Terminal text and Markdown: the same tables without TeX."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from symtrans.calculus.undecided import text_of
from symtrans.catalogue import Catalogue, Entry, catalogue
from symtrans.catalogue.family import Family
from symtrans.catalogue.reading import Certified
from symtrans.language.constants import definition, first_digits, shortened
from symtrans.language.symbols import F
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.dictionary import Rule, dictionary
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS
from symtrans.nonlinearity.missing import Missing
from symtrans.nonlinearity.named import key_of
from symtrans.present.latex import TITLES, entered, equations, formula_latex, rule_cell
from symtrans.present.latex_printer import MARKDOWN_BARS
from symtrans.present.sentences import bound_latex
from symtrans.present.statements import COLUMNS, answers, brief, cells
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Verdict
from symtrans.stability.prose import disguises, formula_text, short_formula, stated

if TYPE_CHECKING:  # they load NumPy, SymPy's solvers and all that emits code
    from symtrans.codegen.network import Network
    from symtrans.nonlinearity.proximal import Proximal

_LONG = 12  # characters of a number in a table


def aligned(rows: Sequence[Sequence[str]], gap: int = 2) -> str:
    """Columns padded to equal width, without trailing blanks."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ((" " * gap).join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def form_lines(family: Family) -> str:
    """The four forms, one a line, aligned at the equals sign; of one that does not exist the reason."""
    formulas, names = stated(*family.forms)
    pairs = zip(family.forms, formulas, strict=True)
    rows = [(f"  {type(f).__name__}", _head(f), f"= {formula_text(f, e, is_abridged=True)}") for f, e in pairs]
    more = [*(definition(value, name) for value, name in names.items()), *(form.reason for form in family.missing)]
    return "\n".join([aligned(rows, gap=1), *(f"  {line}" for line in more)])


def _head(form: Kind) -> str:
    return f"{form.letter}({form.variable})"


def certificate_rows(certificate: Certificate, h: Any) -> list[tuple[str, str, str, str]]:
    """Every statement of a certificate as a row: name, value, evidence, reason."""
    return [
        (name, value_text(answer), answer.evidence.value, answer.reason)
        for name, answer in answers(certificate, h).items()
    ]


def value_text(answer: Bound | Verdict) -> str:
    """The value of a bound, yes, no, a condition, or "unknown"."""
    return text_of(brief(answer), plain)


def heading(family: Family) -> str:
    """What it is called, and what else the literature calls its forms."""
    known = catalogue.entry(family.name).titles.values() if family.name in catalogue else ()
    others = [title for title in known if family.called == family.name or key_of(title) != family.called]
    return f"{family.called} ({', '.join(others)})" if others else named(family)


def named(family: Certified) -> str:
    """What it is called; without a name it is called by its formula."""
    kind = entered(family)
    return family.called or f"{kind.letter}({kind.variable}) = {short_formula(kind)}"


def family_text(family: Family) -> str:
    """A family as `symtrans translate` prints it into a pipe."""
    return "\n".join([titled(family, heading(family)), form_lines(family), *remarks(family)])


def titled(family: Family, title: str) -> str:
    """The title of a family with its time step."""
    return f"{title}, tau = {plain(family.source.names.written(family.tau))}"


def remarks(family: Family) -> list[str]:
    """What a reader of the formulas should know: what the catalogue says of them, and the identity in disguise."""
    entry = catalogue.entry(family.name) if family.name in catalogue else None
    lines = disguises(family.source)
    if entry is not None and entry.remark:
        lines = [f"{entry.remark} ({entry.cited})"]
    known = [f"{parameter} = {plain(expr)}" for parameter, expr in family.source.names.known_as]
    lines += [f"values may be given by other names of the literature too: {', '.join(known)}"] * bool(known)
    return [f"  {line}" for line in lines]


def certificate_text(certificate: Certificate) -> str:
    """Every statement in a line, formulas in h, without their arguments."""
    rows = certificate_rows(certificate, sp.Symbol("h", positive=True))
    head = f"{_head(certificate.source)} = {short_formula(certificate.source)}"
    named = ", ".join([head, *disguises(certificate.source)])
    return f"What is proved of {named}:\n{aligned([('', *row[:3]) for row in rows])}"


def network_text(network: "Network") -> str:
    """A network in a line, its activation, and what is proved of it."""
    grid = network.grid
    sizes = ", ".join(map(network.written, grid.sizes))
    tau = plain(shortened(network.activation.names.written(network.tau)))
    head = f"{network.blocks} block{'s' * (network.blocks != 1)}, tau = {tau}, h = {sizes}"
    activation = f"{_head(network.activation)} = {short_formula(network.activation)}"
    lines = [activation, *disguises(network.activation), *network.guarantees]
    return "\n".join([f"{head}, {grid.boundary}, {network.scheme.name}", *(f"  {line}" for line in lines)])


def proximal_text(proximal: "Proximal") -> str:
    """The minimiser, by branches, and which one is taken."""
    alpha = plain(proximal.alpha)
    factor = "" if proximal.alpha == 1 else f"({alpha})*" if proximal.alpha.is_Add else f"{alpha}*"
    head = f"The minimiser u of (u - f)^2 + {factor}Psi(u); {proximal.choice}:"
    if proximal.expr is not None:
        return f"{head}\n  u = {plain(proximal.expr, F)}"
    rows = [
        ("", f"u = {'(by bisection)' if solution is None else plain(solution, F)}", f"where {_within(segment)}")
        for segment, solution in proximal.solutions
    ]
    return f"{head}\n{aligned(rows)}"


def _within(segment: sp.Interval) -> str:
    low, high = map(plain, (segment.start, segment.end))
    return f"{low} <= |u|" if segment.end is sp.oo else f"{low} <= |u| <= {high}"


def rule_line(rule: Rule) -> str:
    """A rule of Table 1 in a line."""
    return f"{rule.source.__name__} -> {rule.target.__name__}: {rule.target.letter}(r) = {plain(rule.formula)}"


def catalogue_rows(families: Catalogue) -> list[tuple[str, str, str]]:
    """The families as rows: name, what else it is called, where it comes from."""
    entries = map(families.entry, families)
    return [("name", "also called", "source"), *((e.name, ", ".join(_also(e)), e.cited) for e in entries)]


def _also(entry: Entry) -> list[str]:
    """The names of an entry in the literature and its aliases, each once."""
    names = {key_of(name): name for name in (*entry.titles.values(), *entry.aliases)}
    return [name for key, name in names.items() if key != entry.name]


def rules_rows() -> list[tuple[str, str, str, str]]:
    """Table 1 as rows: from, an arrow, to, the rule."""
    return [
        (source.__name__, "->", target.__name__, f"{target.letter}(r) = {plain(rule.formula)}")
        for (source, target), rule in dictionary.items()
    ]


def _briefly(answer: Bound) -> str:
    """The value of a bound; of a long number the first digits, where all its digits that are known agree on them."""
    text = value_text(answer)
    value = answer.value
    if len(text) <= _LONG or value is None or not value.is_number or not value.is_finite:
        return text
    found = {first_digits(end) for end in (value, answer.lower, answer.upper) if end is not None}
    return found.pop() if len(found) == 1 else text


def certificates_rows(families: Iterable[Certified]) -> list[tuple[str, ...]]:
    """The certificates of several families as rows, the header first."""
    head = ("family", *(heading.text for heading in COLUMNS.values()))
    return [
        head,
        *((named(family), *cells(family.certificate, COLUMNS, _briefly)) for family in families),
    ]


# ---------------------------------------------------------------------------
# Markdown


def families_markdown(families: Iterable[Family]) -> str:
    """Table 3 in Markdown, formulas as TeX between dollar signs."""
    return _markdown(["Family", *(TITLES[kind] for kind in KINDS)], map(_row, families))


def _row(family: Family) -> list[str]:
    found, constants = equations(family.forms, MARKDOWN_BARS)
    texts = iter(map(_math, found))
    return [
        "; ".join([heading(family), *map(_math, constants)]),
        *("none" if isinstance(form, Missing) else next(texts) for form in family.columns),
    ]


def rules_markdown() -> str:
    """Table 1 in Markdown."""
    rows = [[f"**{TITLES[source]}**", *(_math(rule_cell(source, target)) for target in KINDS)] for source in KINDS]
    return _markdown(["from \\ to", *(TITLES[kind] for kind in KINDS)], rows)


def certificates_markdown(families: Iterable[Certified]) -> str:
    """What is proved of each family, in Markdown."""
    rows = [
        [
            family.called or _math(formula_latex(entered(family), MARKDOWN_BARS)),
            *cells(family.certificate, COLUMNS, lambda bound: _math(bound_latex(bound))),
        ]
        for family in families
    ]
    return _markdown(["Family", *(heading.markdown for heading in COLUMNS.values())], rows)


def _math(text: str) -> str:
    return f"${text}$"


def _markdown(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(titles)} |", f"|{'|'.join('---' for _ in titles)}|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"
