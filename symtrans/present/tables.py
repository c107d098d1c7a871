"""The paper's tables in LaTeX: rules (Table 1), curves (Table 2), formulas (Table 3), and what is proved."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import sympy as sp

from symtrans.catalogue import TABLE_3, catalogue
from symtrans.catalogue.family import Family
from symtrans.catalogue.reading import Certified
from symtrans.errors import NonlinearityError
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS
from symtrans.present import narrow_tables
from symtrans.present.breaking import fitted
from symtrans.present.latex import TITLES, definitions, display_name, equations, rule_cell, titles_of
from symtrans.present.latex_printer import escape
from symtrans.present.narrow_tables import Fit
from symtrans.present.pgfplots import STYLE, picture
from symtrans.present.sentences import value_latex
from symtrans.present.statements import COLUMNS, cells, class_of
from symtrans.present.widths import EM_PER_CM, width
from symtrans.runtime.templates import render
from symtrans.stability.prose import stated

C = TypeVar("C", bound=Certified)

_FORMS, _PROVED = "The forms of each family (Table 3).", "What is proved of each family, h = 1."
_CURVES = "Curves of each family (Table 2)."
_CURVES_WIDTH = "5.2cm"  # of one column of curves with its labels, at most

_GAP = 0.5  # cm between two columns
_LINES = 7  # a formula of more lines stands below the table
_AT_ONCE, _CERTIFICATES = 8, 40  # families in a table that is no longtable


@dataclass(frozen=True)
class Layout:
    """How a table is laid out.

    Attributes
    ----------
    standalone : bool
        A document that compiles by itself; else a snippet, whose first line says what it needs.
    columns : sequence of type of Kind
        Which forms, in which order.
    proved : sequence of str
        Which of `COLUMNS` a table of certificates has.
    caption, label : str
        LaTeX for the caption (set as it is), and the label; a snippet with a caption floats.
    per_page : int, optional
        A table of more families is a longtable, with a new page after so many. Without it, one of more than
        8 families (40 in a table of certificates) is a longtable whose pages are filled.
    titles : bool
        Whether the names known in the literature stand above the formulas.
    width : float
        About how wide the formulas of a row are together, in cm, at 10 points. A sum that needs more than its column
        goes on in the next line; a formula of many lines stands below the table. The default is A3 paper, landscape.
    fit : Fit, optional
        The width of a column or of the text that a snippet must fit; formulas then stand below each other.
    """

    standalone: bool = False
    columns: Sequence[type[Kind]] = KINDS
    proved: Sequence[str] = field(default=tuple(COLUMNS))
    caption: str = ""
    label: str = ""
    per_page: int | None = None
    titles: bool = True
    width: float = 39.0
    fit: Fit | None = None

    def __post_init__(self) -> None:
        if not self.columns or any(kind not in KINDS for kind in self.columns):
            raise NonlinearityError("the columns are one or more of Diffusivity, Regulariser, Shrinkage, Activation")
        for name in self.proved:
            if name not in COLUMNS:
                raise NonlinearityError(f"{name!r} is no column of certificates; there are {', '.join(COLUMNS)}")
        if self.per_page is not None and self.per_page < 1:
            raise NonlinearityError(f"per_page = {self.per_page} must be at least 1")
        if not self.width > 0:
            raise NonlinearityError(f"width = {self.width} cm must be positive")


def rules_table(layout: Layout = Layout()) -> str:
    """Table 1: the dictionary of the twelve rules."""
    if layout.fit:
        found = narrow_tables.rules(layout.columns, layout.fit)
        return narrow_tables.stacked(found, _frame("Table 1: the dictionary.", layout, layout.fit))
    groups = [
        [[heading, *(_display(rule_cell(source, target)) for target in layout.columns)]]
        for source, heading in zip(layout.columns, _heads(layout), strict=True)
    ]
    head = [r"from $\backslash$ to", *_heads(layout)]
    return _table("Table 1: the dictionary.", head, groups, layout, stretch="2.6")


def families_table(families: Iterable[Family], layout: Layout = Layout()) -> str:
    """Table 3: the forms of each family, with the names under which they are known."""
    chosen = list(families)
    if layout.fit:
        found = narrow_tables.families(chosen, layout.columns, layout.titles, layout.fit)
        return narrow_tables.stacked(found, _frame(_FORMS, layout, layout.fit))
    rooms = _rooms([[width(equations([f.to(kind)])[0][0]) for f in chosen] for kind in layout.columns], layout.width)
    notes: list[tuple[str, str]] = []
    groups = []
    for family in chosen:
        forms = [family.to(kind) for kind in layout.columns]
        formulas, names = stated(*forms)
        triples = zip(forms, formulas, rooms, strict=True)
        cells = [_formula(form, formula, room, _known(family), layout, notes) for form, formula, room in triples]
        notes += [(f"{_known(family)}:", _display(text)) for text in definitions(names)]
        groups.append([*_titles(family, layout), cells])
    return _table(_FORMS, _heads(layout), groups, layout, gap="[2ex]", notes=notes)


def _frame(comment: str, layout: Layout, fit: Fit) -> narrow_tables.Frame:
    return narrow_tables.Frame(comment, layout.caption, layout.label, fit)


def _rooms(columns: Sequence[Sequence[float]], total: float) -> list[float]:
    """How wide each column may be, in em: narrow ones leave what they do not need to the others."""
    left = (total - _GAP * len(columns)) * EM_PER_CM
    wanted = [max(column, default=0.0) for column in columns]
    rooms = dict.fromkeys(range(len(columns)), 0.0)
    for count, k in enumerate(sorted(rooms, key=lambda k: wanted[k])):
        rooms[k] = min(wanted[k], left / (len(columns) - count))
        left -= rooms[k]
    return list(rooms.values())


def _formula(
    form: Kind, formula: sp.Expr, room: float, known: str, layout: Layout, notes: list[tuple[str, str]]
) -> str:
    """The cell of a formula; one of many lines joins the notes, and the cell says which it is."""
    text = fitted(form, room, formula)
    if text.count(r"\\") < _LINES and width(text) <= room:
        return _display(text)
    below = _display(fitted(form, layout.width * EM_PER_CM, formula))
    notes.append((f"({len(notes) + 1}) {known}, {TITLES[type(form)].lower()}:", below))
    return f"see ({len(notes)}) below"


def _known(family: Family) -> str:
    known = titles_of(family)
    return escape(next(iter(known.values()))) if known else display_name(family)


def curves_table(
    families: Iterable[Family], layout: Layout = Layout(), parameters: Mapping[str, float] | None = None
) -> str:
    """Table 2: the curves of each family, each scaled for itself; parameters that are not given are 1."""
    groups = [
        [*_titles(family, layout), [picture(family.to(kind), parameters or {}) for kind in layout.columns]]
        for family in families
    ]
    if layout.fit:
        head = [rf"\textbf{{{kind.__name__}}}" for kind in layout.columns]
        return narrow_tables.curves(head, groups, _frame(_CURVES, layout, layout.fit))
    return _table(_CURVES, _heads(layout), groups, layout, align="c", gap="[1ex]")


def certificates_table(families: Iterable[Certified], layout: Layout = Layout()) -> str:
    """What is proved: sup g, L, class, and step sizes for h = 1, with the evidence."""
    chosen = list(families)
    rows = [[display_name(family), *cells(family.certificate, layout.proved, value_latex)] for family in chosen]
    head = ["family", *(COLUMNS[name].latex for name in layout.proved)]
    if layout.fit:
        return narrow_tables.certificates(head, layout.proved, rows, _frame(_PROVED, layout, layout.fit))
    groups = [[row] for row in rows]
    return _table(_PROVED, head, groups, layout, align="c", stretch="1.6", at_once=_CERTIFICATES)


def paper() -> str:
    """Tables 1, 2 and 3 of the paper as one document."""
    chosen = [catalogue[name] for name in TABLE_3]
    captions = {
        "rules": r"Dictionary for diffusivities $g(r)$, regularisers $\Psi(r)$, wavelet shrinkage functions $S(r)$, "
        r"and activation functions $\Phi(r)$. A nonlinearity from a row can be translated into a nonlinearity from a "
        "column with the respective equation.",
        "curves": "Function plots for selected diffusivities, regularisers, shrinkage functions, and activation "
        "functions. The names of known functions are written above the graphs. Bold font indicates the best known "
        "function for each row. Axes are individually scaled.",
        "families": "Formulas for the function plots in Table~2. The names of known functions are written above the "
        "equations. Bold font indicates the best known function for each row.",
    }
    rules, curves, formulas = (Layout(caption=text, label=f"tab:{name}") for name, text in captions.items())
    bodies = [rules_table(rules), curves_table(chosen, curves), families_table(chosen, formulas)]
    return render("latex/paper.tex", bodies=[_without_comment(body) for body in bodies], style=STYLE)


def ordered(families: Iterable[C], order: str = "given") -> list[C]:
    """The families as given, by name, or by class (contrast reducing first) and name."""
    keys: dict[str, Callable[[C], object]] = {
        "name": lambda f: f.called,
        "class": lambda f: (class_of(f.certificate.monotone), f.called),
    }
    if order == "given":
        return list(families)
    if order not in keys:
        raise NonlinearityError(f"order = {order!r} is none of given, {', '.join(keys)}")
    return sorted(families, key=keys[order])  # type: ignore[arg-type]


def _titles(family: Family, layout: Layout) -> list[list[str]]:
    """The line of names above the formulas: those of the literature, or the user's own above the form entered."""
    if not layout.titles:
        return []
    known = titles_of(family)
    if not known and family.called:
        known = {type(family.source) if type(family.source) in layout.columns else layout.columns[0]: family.called}
    best = next(iter(known), None)
    names = [escape(known.get(kind, "")) for kind in layout.columns]
    line = [
        rf"\textbf{{{name}}}" if name and kind is best else name
        for kind, name in zip(layout.columns, names, strict=True)
    ]
    return [line] if any(line) else []


def _heads(layout: Layout) -> list[str]:
    return [rf"\textbf{{{TITLES[kind]}}}" for kind in layout.columns]


def _display(formula: str) -> str:
    return rf"$\displaystyle {formula}$"


def _table(
    comment: str,
    head: Sequence[str],
    groups: Sequence[Sequence[Sequence[str]]],
    layout: Layout,
    align: str = "l",
    stretch: str = "1.3",
    gap: str = "",
    notes: Sequence[tuple[str, str]] = (),
    at_once: int = _AT_ONCE,
) -> str:
    """A tabular, or a longtable where there are more groups of rows than fit a page; the notes stand below it."""
    curves = "curves" in comment.lower()
    count = layout.per_page or len(groups)
    pages = [groups[k : k + count] for k in range(0, len(groups), count)]
    long = len(groups) > (layout.per_page or at_once)
    packages = ["amsmath", "booktabs", *(["longtable"] if long else []), *(["pgfplots"] if curves else [])]
    data = {
        "comment": f"{comment} Needs {', '.join(packages[:-1])} and {packages[-1]}.",
        "packages": packages,
        "style": STYLE if curves else "",
        "spec": ("c" if curves else "l") + align * (len(head) - 1),
        "head": " & ".join(head) + r" \\",
        "long": long,
        "pages": [[_rows(group, gap) for group in page] for page in pages],
        "stretch": stretch,
        "caption": layout.caption,
        "label": layout.label,
        "notes": notes,
        "width": f"{len(head)}\\dimexpr {_CURVES_WIDTH}\\relax" if curves else "",
    }
    if layout.standalone and (long or layout.caption or notes):
        return render("latex/document.tex", body=render("latex/table.tex", floating=False, **data), **data)
    body = render("latex/table.tex", floating=not layout.standalone, **data)
    return render("latex/standalone.tex", body=body.rstrip("\n"), **data) if layout.standalone else body


def _rows(group: Sequence[Sequence[str]], gap: str) -> list[str]:
    lines = [" & ".join(cells) + r" \\" for cells in group]
    return [*(line + "*" for line in lines[:-1]), lines[-1] + gap]


def _without_comment(body: str) -> str:
    lines = [line for line in body.splitlines() if not line.startswith("%")]
    return "\n".join(lines).replace(STYLE, "").strip()
