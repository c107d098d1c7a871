"""Rows of text that fit a width: cells that are long stand below the table, and columns go on in further parts."""

from collections.abc import Sequence
from itertools import pairwise
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
    found = [(_parted(brief, width, gap), gap, notes, most) for gap, brief, notes, most in tries]
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


def _parted(rows: Rows, width: int, gap: int) -> list[Rows]:
    """The same rows in parts no wider than the width, where single columns are not; the first column begins each."""
    names, *widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    starts, taken = [1], names
    for k, wide in enumerate(widths, 1):
        if k > starts[-1] and taken + gap + wide > width:
            starts.append(k)
            taken = names
        taken += gap + wide
    return [[[row[0], *row[start:end]] for row in rows] for start, end in pairwise([*starts, len(widths) + 1])]
