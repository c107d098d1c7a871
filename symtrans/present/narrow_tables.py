"""Tables that fit a column or a page of somebody's paper: formulas in one or two columns, in parts, or turned."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.nonlinearity.kind import Kind
from symtrans.present.breaking import fitted, in_parts
from symtrans.present.columns import by_width
from symtrans.present.latex import TITLES, definitions, display_name, rule_cell, titles_of
from symtrans.present.latex_printer import escape
from symtrans.present.pgfplots import STYLE
from symtrans.present.statements import COLUMNS
from symtrans.present.widths import EM_PER_CM, width
from symtrans.runtime.templates import render
from symtrans.stability.prose import stated

_CM = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72.27, "bp": 2.54 / 72}
_LEAST, _TALLEST = 4.0, 16.0  # cm: the narrowest column, and the tallest part of a table
_HALF = 0.48  # of the width: each of two columns
_HEAD = 1.5  # cm: of a caption
_LINE, _FRACTION, _ROW = 0.65, 1.1, 0.62  # cm: of a displayed formula in small type, and of a row of a certificate
_BETWEEN = 0.15  # cm: between two rows
_CURVE, _FLAT, _SHARE = 3.3, 2 / 3, 0.8  # cm: the widest curve; its height by its width; what curves take of the room
_SIZE = "width=3.3cm, height=2.2cm"  # of a curve in STYLE
_SPACE = 1.2  # em between two columns
_SMALLEST = 0.7  # what would have to be shrunk further to fit is turned by 90 degrees
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
    within : float
        Of a column, how wide the table is that it belongs to, in cm.
    """

    length: str
    cm: float
    within: float = 0.0

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
    def turned(self) -> "Fit":
        """How wide a table is that is turned: a page is so high at least."""
        return Fit(r"\linewidth", 18.0)

    @property
    def half(self) -> "Fit":
        """One of two columns."""
        return Fit(self.share(_HALF), _HALF * self.cm, self.cm)

    def share(self, part: float) -> str:
        """A part of the width, as LaTeX knows it."""
        return f"{part:g}{self.length}" if self.length.startswith("\\") else f"{part * self.cm:.3f}cm"

    @property
    def size(self) -> str:
        """The size of type."""
        return "footnotesize" if (self.within or self.cm) < 10 else "small"

    @property
    def room(self) -> float:
        """How many em of that type a line holds."""
        least = _HALF * _LEAST if self.within else _LEAST
        return max(self.cm, least) * EM_PER_CM / (0.8 if self.size == "footnotesize" else 0.9)

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

    def tallest(self, turned: bool) -> float:
        """How tall a part may be, in cm; one that is turned is as wide then."""
        return max(self.fit.cm - (_HEAD if self.caption else 0.0), _LEAST) if turned else _TALLEST


class Row(NamedTuple):
    """One cell or two, and about how tall they are, in cm."""

    cells: tuple[str, ...]
    tall: float


class Group(NamedTuple):
    """Rows that stay together where a page holds them; turned, or not."""

    rows: Sequence[Row]
    turned: bool = False


class Part(NamedTuple):
    """One tabular: columns, head and rows, whether it is turned, and whether a table begins and ends with it."""

    spec: str
    head: str
    rows: list[str]
    turned: bool
    opens: bool = True
    closes: bool = True


def families(chosen: Iterable[Family], kinds: Sequence[type[Kind]], titles: bool, fit: Fit) -> list[Group]:
    """Each family as its name, and its formulas below each other; turned if one of them needs that."""
    groups = []
    for family in chosen:
        known = [name for kind, name in titles_of(family).items() if kind in kinds]
        title = rf"\textbf{{{', '.join(map(escape, known)) or display_name(family)}}}"
        forms = [form for form in family.forms if isinstance(form, tuple(kinds))]
        formulas, names = stated(*forms)
        pairs = list(zip(forms, formulas, strict=True))
        texts = [fitted(form, fit.room, formula) for form, formula in pairs]
        turned = any(width(text) > fit.room / _SMALLEST for text in texts)
        room, tallest = (fit.turned, max(fit.cm - _HEAD, _LEAST)) if turned else (fit, _TALLEST)
        if turned:
            texts = [fitted(form, room.room, formula) for form, formula in pairs]
        rows = _rows(texts, room, tallest, not turned) + _rows(definitions(names), room, tallest, False)
        groups.append(Group([Row((title,), _LINE), *rows] if titles and (known or family.called) else rows, turned))
    return groups


def _rows(texts: Sequence[str], fit: Fit, tallest: float, in_pairs: bool) -> list[Row]:
    """Formulas below each other, two beside each other where both are narrow."""
    rows: list[Row] = []
    k = 0
    while k < len(texts):
        pair = texts[k : k + 2] if in_pairs else []
        if len(pair) == 2 and all(width(text) <= fit.half.room for text in pair):
            rows.append(Row(tuple(map(fit.half.formula, pair)), max(map(_tall, pair))))
            k += 2
            continue
        rows += [Row((fit.formula(piece),), _tall(piece)) for piece in in_parts(texts[k], tallest, _tall)]
        k += 1
    return rows


def rules(kinds: Sequence[type[Kind]], fit: Fit) -> list[Group]:
    """Table 1: from each kind its rules below each other."""
    groups = []
    for source in kinds:
        texts = [rule_cell(source, target) for target in kinds if target is not source]
        title = rf"\textbf{{From {TITLES[source].lower()}}}"
        groups.append(Group([Row((title,), _LINE), *_rows(texts, fit, _TALLEST, True)]))
    return groups


def _tall(text: str) -> float:
    """About how tall a displayed formula is, in cm."""
    return sum(_FRACTION if r"\frac" in line else _LINE for line in text.split(r"\\"))


def stacked(groups: Sequence[Group], frame: Frame) -> str:
    """A table of one column or two, in parts that a page holds.

    With a caption each part floats, as many groups as fit in it. Without one each group is a part, so that TeX may
    break pages between them.
    """
    in_pairs = any(len(row.cells) == 2 for group in groups for row in group.rows)
    parts: list[Part] = []
    height = 0.0
    for rows, turned in groups:
        tallest = frame.tallest(turned)
        follows = bool(parts) and parts[-1].turned is turned
        together = follows and bool(frame.caption) and height + sum(row.tall + _BETWEEN for row in rows) <= tallest
        if together:
            parts[-1].rows.append(r"\addlinespace")
        for k, row in enumerate(rows):
            if (k == 0 and not together) or height + row.tall > tallest:
                goes_on = not (frame.caption or turned) and (follows or k > 0)
                if goes_on:
                    parts[-1] = parts[-1]._replace(closes=False)
                parts.append(Part(_columns(frame.fit, turned, in_pairs), "", [], turned, not goes_on))
                height = 0.0
            elif k:
                parts[-1].rows.append(r"\addlinespace[1.2ex]")  # braces of cases do not touch
            parts[-1].rows.append(_line(row.cells, frame.fit, in_pairs and not turned))
            height += row.tall + _BETWEEN
    return _written(parts, frame)


def _columns(fit: Fit, turned: bool, in_pairs: bool) -> str:
    """The columns of a tabular; together they are as wide as it may be, and so are its rules."""
    if turned:
        return "@{}l@{}"
    if not in_pairs:
        return rf"@{{}}p{{{fit.length}}}@{{}}"
    column = rf"p{{{fit.half.length}}}"
    return rf"@{{}}{column}@{{\hspace{{{fit.share(1 - 2 * _HALF)}}}}}{column}@{{}}"


def _line(cells: Sequence[str], fit: Fit, in_pairs: bool) -> str:
    if in_pairs and len(cells) == 1:
        return rf"\multicolumn{{2}}{{@{{}}p{{{fit.length}}}@{{}}}}{{{cells[0]}}} \\"
    return rf"{' & '.join(cells)} \\"


def certificates(head: Sequence[str], proved: Sequence[str], rows: Sequence[Sequence[str]], frame: Frame) -> str:
    """A table of certificates whose columns and rows go on in further parts, each of which begins with the names.

    Rows of which a cell is too wide for that stand behind the others, turned.
    """
    titles = ["family", *(COLUMNS[name].text for name in proved)]
    parts: list[Part] = []
    for turned in (False, True):
        room = (frame.fit.turned if turned else frame.fit).room
        chosen = [row for row in rows if _is_wide(row, frame.fit) is turned]
        for some in _by_height(chosen, frame.tallest(turned)):
            widths = [_SPACE + max(map(_wide, column)) for column in zip(titles, *some, strict=True)]
            for columns in by_width(widths, room):
                lines = [" & ".join(row[k] for k in columns) + r" \\" for row in some]
                spec = "l" + "c" * (len(columns) - 1)
                parts.append(Part(spec, " & ".join(head[k] for k in columns) + r" \\", lines, turned))
    return _written(parts, frame)


def _is_wide(row: Sequence[str], fit: Fit) -> bool:
    return _wide(row[0]) + max(map(_wide, row[1:])) + 2 * _SPACE > fit.room / _SMALLEST


def _by_height(rows: Sequence[Sequence[str]], tallest: float) -> list[list[Sequence[str]]]:
    """The rows in parts that a page holds."""
    parts, height = list[list[Sequence[str]]](), tallest
    for row in rows:
        tall = _ROW * (1 + max(cell.count(r"\\") for cell in row))
        if height + tall > tallest:
            parts.append([])
            height = _ROW  # the head
        parts[-1].append(row)
        height += tall
    return parts


def _wide(cell: str) -> float:
    return width(cell.strip("$")) if cell.startswith("$") else 0.5 * len(cell)


def curves(head: Sequence[str], groups: Sequence[Sequence[Sequence[str]]], frame: Frame) -> str:
    """A table of pictures as wide as fit side by side, in parts that a page holds, each with its head."""
    wide = min(_CURVE, _SHARE * frame.fit.cm / len(head))
    tall = wide * _FLAT
    parts: list[Part] = []
    height = _TALLEST
    for rows in groups:
        more = tall + _LINE * len(rows)
        if height + more > _TALLEST:
            parts.append(Part(f"@{{}}{'c' * len(head)}@{{}}", " & ".join(head) + r" \\", [], False))
            height = _LINE
        parts[-1].rows.extend(" & ".join(cells) + r" \\" for cells in rows)
        height += more
    return _written(parts, frame, STYLE.replace(_SIZE, f"width={wide:.2f}cm, height={tall:.2f}cm"))


def _written(parts: Sequence[Part], frame: Frame, style: str = "") -> str:
    star = "*" if frame.fit.length == r"\textwidth" else ""
    return render("latex/fitted.tex", parts=parts, star=star, style=style, **frame._asdict())
