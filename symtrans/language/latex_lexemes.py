"""What LaTeX is cut into, and where brackets, groups and environments of it end."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

Lexemes = list["Lexeme"]


class Lexeme(NamedTuple):
    """One command, number, letter or other character of LaTeX, and its column."""

    kind: str  # "command", "number", "letter", "char" or "end"
    text: str
    column: int


TEXT = tuple(
    rf"\{name}" for name in ("text", "textrm", "textnormal", "textup", "textit", "textbf", "textsf", "texttt", "mbox")
)
OPENING, CLOSING = frozenset(("{", "(", r"\{", "[", r"\begin")), frozenset(("}", ")", r"\}", "]", r"\end"))


def rewritten(found: Lexemes, step: Callable[[int, Lexemes], int | None]) -> Lexemes:
    """Lexemes gone through once, from place to place.

    A step sees a place and what is kept so far, which it may change, and says where to go on; where it says None, the
    lexeme at the place is kept as it is.
    """
    kept: Lexemes = []
    place = 0
    while place < len(found):
        further = step(place, kept)
        if further is None:
            kept.append(found[place])
        place = place + 1 if further is None else further
    return kept


def closing(lexemes: Sequence[Lexeme], start: int) -> int:
    """The place of the brace that closes the one at `start`; the end where there is none."""
    depth = 0
    for k in range(start, len(lexemes)):
        depth += {"{": 1, "}": -1}.get(lexemes[k].text, 0)
        if depth == 0:
            return k
    return len(lexemes)


def parted(lexemes: Lexemes, separator: str) -> list[Lexemes]:
    """The parts between separators that stand in no brackets."""
    parts: list[Lexemes] = [[]]
    for lexeme, depth in zip(lexemes, depths_of(lexemes), strict=True):
        if depth == 0 and lexeme.text == separator:
            parts.append([])
        else:
            parts[-1].append(lexeme)
    return parts


def depths_of(lexemes: Iterable[Lexeme]) -> list[int]:
    """In how many brackets and environments each lexeme stands; what opens and closes stands outside."""
    depths, depth = [], 0
    for lexeme in lexemes:
        depth -= lexeme.text in CLOSING
        depths.append(max(depth, 0))
        depth += lexeme.text in OPENING
    return depths
