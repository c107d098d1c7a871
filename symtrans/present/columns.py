"""Rows of text that fit a width: cells that are long stand below the table, and columns go on in further parts."""

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

Rows = Sequence[Sequence[str]]

_LONG = (24, 16, 12)  # characters that a cell may have
_GAPS = (2, 1)  # blanks between columns


class Laid(NamedTuple):
    """A table laid out.

    Attributes
    ----------
    parts : list of rows
        Each begins with the header, and each row with its name.
    gap : int
        Blanks between columns.
    notes : list of str
        Lines on the cells that are a number in brackets.
    """

    parts: list[Rows]
    gap: int
    notes: list[str]


def laid_out(rows: Rows, width: int) -> Laid:
    """Rows, the header first, in as few parts as the width allows.

    Examples
    --------
    >>> rows = [["family", "L", "step"], ["power", "oo", "Piecewise((1/2, q == 1), (0, True))"]]
    >>> parts, gap, notes = laid_out(rows, 60)
    >>> parts, notes
    ([[['family', 'L', 'step'], ['power', 'oo', '(1)']]], ['(1) power: step = Piecewise((1/2, q == 1), (0, True))'])
    """
    tries = [(gap, *_brief(rows, most), most) for gap in _GAPS for most in _LONG]
    found = [(_in_parts(brief, width, gap), gap, notes, most) for gap, brief, notes, most in tries]
    parts, gap, notes, _ = min(found, key=lambda one: (len(one[0]), -one[1], -one[3]))
    lines = [line for note in notes for line in wrap(note, width, subsequent_indent="    ", break_on_hyphens=False)]
    return Laid(parts, gap, lines)


def _brief(rows: Rows, most: int) -> tuple[Rows, list[str]]:
    """The rows with a number in place of each long cell, and what these numbers mean."""
    head, *body = rows
    shown, notes = [head], list[str]()
    for name, *cells in body:
        long = dict.fromkeys(cell for cell in cells if len(cell) > most)
        numbers = {cell: f"({k})" for k, cell in enumerate(long, len(notes) + 1)}
        for cell, number in numbers.items():
            titles = (title for title, one in zip(head[1:], cells, strict=True) if one == cell)
            notes.append(f"{number} {name}: {' = '.join(titles)} = {cell}")
        shown.append([name, *(numbers.get(cell, cell) for cell in cells)])
    return shown, notes


def _in_parts(rows: Rows, width: int, gap: int) -> list[Rows]:
    """The same rows in parts no wider than the width, where single columns are not."""
    widths = [gap + max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[[row[k] for k in part] for row in rows] for part in by_width(widths, width + gap)]


def by_width(widths: Sequence[float], room: float) -> list[list[int]]:
    """The places of columns, each so wide, in parts that a line has room for; the first column begins each part.

    Examples
    --------
    >>> by_width([3, 4, 4, 4, 9], 11)
    [[0, 1, 2], [0, 3], [0, 4]]
    """
    parts, taken = list[list[int]](), room
    for k, wide in enumerate(widths[1:], 1):
        if taken + wide > room:
            parts.append([0])
            taken = widths[0]
        parts[-1].append(k)
        taken += wide
    return parts
