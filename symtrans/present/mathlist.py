"""The LaTeX that symtrans prints, read back as a tree (TeX's math list), of which width and MathML are read."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from symtrans.language.vocabulary import CAPITALS, GREEK

LETTERS = {f"\\{name}": letter for letter, name in reversed([*GREEK.items(), *CAPITALS.items()])}
SIGNS = {
    **{"+": "+", "-": "−", r"\cdot": "⋅", "=": "=", "<": "<", ">": ">"},
    **{r"\leq": "≤", r"\geq": "≥", r"\neq": "≠", r"\to": "→", r"\approx": "≈"},
}
SYMBOLS = {r"\infty": "∞", r"\ldots": "…"}
SPACES = {r"\,": 0.17, r"\;": 0.28, r"\!": -0.17, r"\quad": 1.0, r"\qquad": 2.0, r"\displaystyle": 0.0}
TIMES, THIN, APPLIED = "times", "thin", "applied"
"""What stands unseen between two factors, beside a function, and before its argument."""

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|\d+(?:\.\d+)?|.", re.DOTALL)
_WORDS = (r"\operatorname", r"\mathit", r"\mathrm", r"\text")
CLOSING = {"(": ")", "[": "]", "|": "|"}
_TALL = frozenset((r"\frac", r"\sqrt", r"\begin", "^"))
_NO_OPERANDS = frozenset((*SIGNS, *SPACES, ",", ";", "'", r"\int", r"\sum", r"\wedge", r"\vee", r"\neg"))


class Atom(NamedTuple):
    """A letter, a number, a sign or the name of a function; `prefix`: a minus that belongs to what follows it."""

    text: str
    prefix: bool = False


_RELATIONS = tuple(Atom(sign) for sign in ("=", "<", ">", r"\leq", r"\geq", r"\neq", r"\to", r"\approx"))
"""After these a minus belongs to what follows it."""


class Word(NamedTuple):
    r"""Letters set together: ``\operatorname{sgn}``, ``\text{otherwise}``."""

    command: str
    text: str


class Row(NamedTuple):
    """Items beside each other."""

    items: "tuple[Item, ...]"


class Fraction(NamedTuple):
    """One row over another."""

    above: Row
    below: Row


class Root(NamedTuple):
    """A square root, or one of a higher order."""

    body: Row
    order: Row | None


class Scripts(NamedTuple):
    """What has an index, an exponent, or both."""

    base: "Item"
    below: Row | None
    above: Row | None


class Fence(NamedTuple):
    r"""A row between two brackets or bars; with ``\left`` and ``\right`` they are `sized`, and grow if it is `tall`."""

    left: str
    body: Row
    sized: bool
    tall: bool


class Array(NamedTuple):
    r"""Rows of cells: ``cases``, the lines of ``aligned``, or a table, an ``array``."""

    name: str
    rows: tuple[tuple[Row, ...], ...]


Item = Atom | Word | Row | Fraction | Root | Scripts | Fence | Array


def read(latex: str) -> Row:
    r"""The tree of a formula.

    Examples
    --------
    >>> [item.text for item in read(r"2 \lambda + 1").items]
    ['2', 'times', '\\lambda', '+', '1']
    """
    return _Reader(latex).row()


class _Reader:
    """Recursive descent over the tokens of LaTeX. A blank between two operands makes them factors."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex)
        self.index = 0

    @property
    def next(self) -> str:
        return self.tokens[self.index] if self.index < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next
        self.index += 1
        return token

    def skip_space(self) -> bool:
        start = self.index
        while self.next.isspace():
            self.index += 1
        return self.index > start

    def row(self, ends: Sequence[str] = ("}",)) -> Row:
        """Everything up to one of the ends, which is not taken."""
        items: list[Item] = []
        while True:
            spaced = self.skip_space()
            if not self.next or (self.next in ends and not (self.next == "|" and (spaced or not items))):
                return Row(tuple(items))
            item = self.scripted(self.item())
            if items and _is_operand(items[-1]) and _is_operand(item):
                fenced = isinstance(item, Fence)
                if _is_function(items[-1]) or (fenced and not spaced):
                    items += [Atom(APPLIED)] if fenced else [Atom(APPLIED), Atom(THIN)]
                elif spaced:
                    items.append(Atom(THIN if _is_function(item) else TIMES))
            if item in (Atom("+"), Atom("-")) and (not items or items[-1] in _RELATIONS):
                item = Atom(item.text, prefix=True)
            items.append(item)

    def item(self) -> Item:
        token = self.take()
        if token == "{":
            return self.closed("}")
        if token == r"\frac":
            return Fraction(self.argument(), self.argument())
        if token == r"\sqrt":
            order = self.closed("]") if self.next == "[" and self.take() else None
            return Root(self.argument(), order)
        if token == r"\begin":
            return self.array()
        if token in _WORDS:
            return Word(token, self.word())
        if token == r"\left" or token in CLOSING:
            return self.fence(token)
        return Atom(token)

    def scripted(self, base: Item) -> Item:
        below = above = None
        while self.next in ("_", "^"):
            if self.take() == "_":
                below = self.argument()
            else:
                above = self.argument()
        return base if below is above is None else Scripts(base, below, above)

    def argument(self) -> Row:
        self.skip_space()
        item = self.item()
        return item if isinstance(item, Row) else Row((item,))

    def closed(self, end: str) -> Row:
        row = self.row((end,))
        self.take()
        return row

    def fence(self, opening: str) -> Fence:
        sized = opening == r"\left"
        left = self.take() if sized else opening
        start = self.index
        body = self.row((r"\right",) if sized else (CLOSING[left],))
        tall = not _TALL.isdisjoint(self.tokens[start : self.index])
        self.index += 2 if sized else 1
        return Fence(left, body, sized, tall)

    def word(self) -> str:
        self.take()
        start = self.index
        while self.next not in ("", "}"):
            self.index += 1
        self.index += 1
        return "".join(token.removeprefix("\\") for token in self.tokens[start : self.index - 1])

    def array(self) -> Array:
        name = self.word()
        if self.next == "[":  # [t]
            self.index += 3
        if name == "array":
            self.word()  # how its columns are aligned
        rows: list[list[Row]] = [[]]
        while self.next:
            rows[-1].append(self.row(("&", r"\\", r"\end")))
            end = self.take()
            if end == r"\\":
                rows.append([])
            elif end == r"\end":
                break
        self.word()
        return Array(name, tuple(map(tuple, rows)))


def _is_operand(item: Item) -> bool:
    match item:
        case Scripts(base):
            return _is_operand(base)
        case Atom(text):
            return text not in _NO_OPERANDS
        case Word(command):
            return command != r"\text"
        case _:
            return True


def _is_function(item: Item) -> bool:
    match item:
        case Scripts(base):
            return _is_function(base)
        case Atom(text):
            return text[1:].isalpha() and text not in (*LETTERS, *SYMBOLS, *_NO_OPERANDS)
        case Word(command):
            return command == r"\operatorname"
        case _:
            return False
