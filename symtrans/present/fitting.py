"""Tables that fit a column or a page of somebody's paper: formulas in lines below each other, columns in parts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.nonlinearity.kind import Kind
from symtrans.present.breaking import fitted
from symtrans.present.latex import TITLES, definitions, display_name, escape, rule_cell, titles_of
from symtrans.present.statements import COLUMNS
from symtrans.present.widths import EM_PER_CM, width
from symtrans.runtime.templates import render
from symtrans.stability.prose import stated

_CM = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72.27, "bp": 2.54 / 72}
_LEAST, _TALLEST = 4.0, 17.0  # cm: the narrowest column, and the tallest part of a table
_LINE = 0.75  # cm: of a displayed formula in small type
_CAREFUL = 0.7  # of the room: a formula that may be wider in a paper of larger type is shrunk to fit there


@dataclass(frozen=True)
class Fit:
    r"""How wide a table may be.

    Attributes
    ----------
    length : str
        As LaTeX knows it: ``\textwidth``, ``\columnwidth``, or a length.
    cm : float
        How wide that is at least: the text of an article, a column of the IEEE, or the length.
    """

    length: str
    cm: float

    @classmethod
    def of(cls, text: str) -> "Fit":
        r"""A width as it is typed.

        Examples
        --------
        >>> Fit.of("columnwidth").length, round(Fit.of("100pt").cm, 1)
        ('\\columnwidth', 3.5)
        """
        known = {"textwidth": 12.1, "columnwidth": 8.0}
        name = text.strip().removeprefix("\\")
        if name in known:
            return cls(f"\\{name}", known[name])
        found = re.fullmatch(r"(\d+\.?\d*)\s*(cm|mm|in|pt|bp)", name)
        if found is None or float(found[1]) == 0:
            raise NonlinearityError(
                f"--fit {text}: give textwidth, columnwidth or a length such as 8.8cm, 252pt or 3.5in"
            )
        return cls(f"{found[1]}{found[2]}", float(found[1]) * _CM[found[2]])

    @property
    def size(self) -> str:
        """The size of type."""
        return "footnotesize" if self.cm < 10 else "small"

    @property
    def room(self) -> float:
        """How many em of that type a line holds."""
        return max(self.cm, _LEAST) * EM_PER_CM / (0.8 if self.cm < 10 else 0.9)

    def formula(self, text: str) -> str:
        """A formula, shrunk where it may be too wide."""
        shown = rf"$\displaystyle {text}$"
        return rf"\symtransfit{{{self.length}}}{{{shown}}}" if width(text) > _CAREFUL * self.room else shown


class Frame(NamedTuple):
    """What stands round a table: a caption makes it float."""

    comment: str
    caption: str
    label: str
    fit: Fit


Group = tuple[Sequence[str], float]
"""Rows that stay together, and about how tall they are in cm."""


def families(chosen: Iterable[Family], kinds: Sequence[type[Kind]], titles: bool, fit: Fit) -> list[Group]:
    """Each family as its name, and its formulas below each other."""
    groups: list[Group] = []
    for family in chosen:
        known = [name for kind, name in titles_of(family).items() if kind in kinds]
        title = ", ".join(map(escape, known)) or display_name(family)
        forms = [form for form in family.forms if isinstance(form, tuple(kinds))]
        formulas, names = stated(*forms)
        texts = [fitted(form, fit.room, formula) for form, formula in zip(forms, formulas, strict=True)]
        texts += definitions(names)
        rows = [rf"\textbf{{{title}}}", *map(fit.formula, texts)] if titles else [*map(fit.formula, texts)]
        groups.append((rows, _LINE * (len(rows) + sum(text.count(r"\\") for text in texts))))
    return groups


def rules(kinds: Sequence[type[Kind]], fit: Fit) -> list[Group]:
    """Table 1: from each kind its rules below each other."""
    groups: list[Group] = []
    for source in kinds:
        texts = [rule_cell(source, target) for target in kinds if target is not source]
        groups.append(
            ([rf"\textbf{{From {TITLES[source].lower()}}}", *map(fit.formula, texts)], _LINE * (len(texts) + 1))
        )
    return groups


def stacked(groups: Sequence[Group], frame: Frame) -> str:
    """A table of one column, in parts that a page holds."""
    parts: list[list[str]] = []
    height = _TALLEST
    for rows, tall in groups:
        if height + tall > _TALLEST:
            parts.append([])
            height = 0.0
        gap = [r"\addlinespace"] if parts[-1] else []
        parts[-1] += [*gap, *(rf"{row} \\" for row in rows)]
        height += tall
    return _written([("@{}l@{}", "", part) for part in parts], frame)


def side_by_side(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], frame: Frame) -> str:
    """A table whose columns, each some em wide, go on in further parts; the first column begins each of them."""
    parts, taken = list[list[int]](), frame.fit.room
    for k, wide in enumerate(widths[1:], 1):
        if taken + wide > frame.fit.room:
            parts.append([])
            taken = widths[0]
        parts[-1].append(k)
        taken += wide
    tables = []
    for columns in parts:
        shown = [0, *columns]
        lines = [" & ".join(row[k] for k in shown) + r" \\" for row in rows]
        tables.append(("l" + "c" * (len(shown) - 1), " & ".join(head[k] for k in shown) + r" \\", lines))
    return _written(tables, frame)


def certificate_widths(proved: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """How wide the columns of a table of certificates are, in em, with the space between them."""
    head = ["family", *(COLUMNS[name].text for name in proved)]
    return [1.2 + max(map(_wide, [title, *(row[k] for row in rows)])) for k, title in enumerate(head)]


def _wide(cell: str) -> float:
    return width(cell.strip("$")) if cell.startswith("$") else 0.5 * len(cell)


def _written(tables: Sequence[tuple[str, str, Sequence[str]]], frame: Frame) -> str:
    star = "*" if frame.fit.length == r"\textwidth" else ""
    return render("latex/fitted.tex", tables=tables, star=star, **frame._asdict())
