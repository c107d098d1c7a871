"""How wide TeX sets a formula, estimated from its LaTeX without TeX; a little too wide rather than too narrow."""

import re
from collections.abc import Sequence

from symtrans.language.text_parser import GREEK

EM_PER_CM = 72.27 / 25.4  # Computer Modern at 10 points: an em is 10 points

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_SHRUNK = (1.0, 1.0, 0.75, 0.58)  # of the styles of TeX: display, text, script, scriptscript
_DISPLAY, _TEXT, _SCRIPT = 0, 1, 2
_RELATIONS = frozenset((*"+-=<>", r"\leq", r"\geq", r"\neq", r"\le", r"\ge", r"\cdot"))
_SPACES = {r"\,": 0.17, r"\;": 0.28, r"\!": -0.17, r"\quad": 1.0, r"\qquad": 2.0, r"\displaystyle": 0.0, "&": 0.0}
_WORDS = (r"\operatorname", r"\mathit", r"\mathrm", r"\text")
_WIDE = frozenset("mwMW")
_TALL = frozenset((r"\frac", r"\sqrt", r"\begin", "^"))
_OPENING = frozenset(("(", "{", "&", "=", "[", r"\left", r"\\"))


def width(latex: str) -> float:
    r"""The width of a formula in displayed style, in em.

    Examples
    --------
    >>> round(width(r"r - \theta \operatorname{sgn}(r)"), 1)
    5.6
    >>> width(r"\frac{r^{2}}{\lambda}") < width(r"r^{2} \lambda")
    True
    """
    return _Ruler(latex).row(_DISPLAY)


class _Ruler:
    """Recursive descent over the tokens of LaTeX that symtrans prints."""

    def __init__(self, latex: str) -> None:
        self.tokens = [token for token in _TOKEN.findall(latex) if not token.isspace()]
        self.index = 0

    @property
    def next(self) -> str:
        return self.tokens[self.index] if self.index < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next
        self.index += 1
        return token

    def row(self, style: int, ends: Sequence[str] = ("", "}")) -> float:
        """The width of everything up to one of the ends, which is not taken."""
        total = 0.0
        while self.next not in ends and self.next:
            total += self.item(style)
        return total

    def item(self, style: int) -> float:
        token = self.take()
        if token == "{":
            return self.closed(style)
        if token in ("^", "_"):
            return self.argument(min(max(style, _TEXT) + 1, 3))
        if token == r"\frac":
            inner = style + 1 if style < 3 else style
            return max(self.argument(inner), self.argument(inner)) + 0.24
        if token == r"\sqrt":
            return self.root(style)
        if token == r"\begin":
            return self.environment(style)
        if token in _WORDS:
            return self.word() * _SHRUNK[style] + 0.17
        if token == r"\left":
            return self.fence(style)
        if token in "+-" and (self.index < 2 or self.tokens[self.index - 2] in _OPENING):
            return 0.8 * _SHRUNK[style]  # a sign, with no space around it
        return _glyph(token) * _SHRUNK[style]

    def fence(self, style: int) -> float:
        r"""What stands between \left and \right, and the two brackets."""
        bar = self.take() == "|"
        start = self.index
        inside = self.row(style, ("", r"\right"))
        tall = not _TALL.isdisjoint(self.tokens[start : self.index])
        self.index += 2
        return inside + 2 * (0.4 if bar else 0.75 if tall else 0.5) * _SHRUNK[style]

    def closed(self, style: int) -> float:
        """The group whose brace is taken already."""
        total = self.row(style)
        self.take()
        return total

    def argument(self, style: int) -> float:
        if self.next == "{":
            self.take()
            return self.closed(style)
        return self.item(style)

    def word(self) -> float:
        self.take()
        letters = 0.0
        while self.next not in ("", "}"):
            letters += 0.8 if self.next in _WIDE else 0.5
            self.take()
        self.take()
        return letters

    def root(self, style: int) -> float:
        order = 0.0
        if self.next == "[":
            self.take()
            order = self.row(3, ("", "]"))
            self.take()
        return self.argument(style) + order + 0.9 * _SHRUNK[style]

    def environment(self, style: int) -> float:
        """Cases, or the lines of an aligned formula: each column as wide as its widest cell."""
        name = self.name()
        if self.next == "[":
            self.take()
            self.take()
            self.take()
        inner = _TEXT if name == "cases" else _DISPLAY
        columns: list[float] = []
        column = 0
        while self.next:
            cell = self.row(inner, ("", "&", r"\\", r"\end"))
            columns += [0.0] * (column + 1 - len(columns))
            columns[column] = max(columns[column], cell)
            end = self.take()
            if end == r"\end":
                break
            column = column + 1 if end == "&" else 0
        self.name()
        return sum(columns) + (2.1 if name == "cases" else 0.4)

    def name(self) -> str:
        self.take()
        letters = ""
        while self.next not in ("", "}"):
            letters += self.take()
        self.take()
        return letters


def _glyph(token: str) -> float:
    if token in _SPACES:
        return _SPACES[token]
    if token in _RELATIONS:
        return 1.3
    if token.startswith("\\"):
        name = token[1:]
        if name in GREEK.values() or not name.isalpha():
            return 0.62
        if name in ("Gamma", "Psi", "Phi", "infty", "int"):
            return 1.0
        return 0.55 * len(name) + 0.17  # a function: \exp
    if token in "()[]|.;":
        return 0.39
    if token == ",":
        return 0.45
    return 0.9 if token in _WIDE else 0.5 if token.isdigit() else 0.6
