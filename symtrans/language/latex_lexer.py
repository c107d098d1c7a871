r"""LaTeX cut into lexemes, and the words of LaTeX that symtrans reads."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symtrans.language.vocabulary import CALLED, CAPITALS, GREEK, canonical_name


class LatexText(str):
    """Text that is to be read as LaTeX wherever text is taken for a formula."""


class Lexeme(NamedTuple):
    """One command, number, letter or other character of LaTeX, and its column."""

    kind: str  # "command", "number", "letter", "char" or "end"
    text: str
    column: int


class Head(NamedTuple):
    r"""What stands before the equals sign of ``\Phi(r) = ...``."""

    function: str
    variable: str
    end: int


_LEXEME = re.compile(
    # "\rho" and "\theta" without the r of a raw string hold a carriage return and a tab
    r"(?P<space>(?:[ \n~]|\r\n|\t(?!heta|au|anh?|imes|ext|frac))+)"
    r"|(?P<command>\\(?:operatorname\*|[A-Za-z]+|.))"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    rf"|(?P<letter>[A-Za-z{''.join(GREEK)}])"
    r"|(?P<char>.)",
    re.DOTALL,
)
_HEAD = re.compile(
    r"\s*(?:\\displaystyle)?\s*(?P<function>\\?[A-Za-z]+)(?:_(?:\w|\{\w+\}))?\s*(?:\\left)?\s*\(\s*"
    r"(?P<variable>\\?[A-Za-z]+)(?P<index>_(?:\w|\{\w+\}))?\s*(?:\\right)?\s*\)\s*&?\s*:?=(?!=)"
)

SPACING = frozenset(
    (r"\,", r"\;", r"\:", r"\!", r"\>", "\\ ", r"\quad", r"\qquad", r"\thinspace", r"\displaystyle", r"\textstyle")
)
SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)$")
OPERATORS: Mapping[str, str] = {
    **dict.fromkeys((r"\cdot", r"\times", r"\ast", "·", "×"), "*"),
    **dict.fromkeys((r"\le", r"\leq", r"\leqslant", "≤"), "<="),
    **dict.fromkeys((r"\ge", r"\geq", r"\geqslant", "≥"), ">="),
    **dict.fromkeys((r"\ne", r"\neq", "≠"), "!="),
    **{r"\div": "/", r"\lt": "<", r"\gt": ">", "=": "==", "−": "-"},
    **{sign: sign for sign in "+-*/<>"},
}
OPEN: Mapping[str, str] = {"(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\rbrace", r"\lbrack": r"\rbrack"}
_CLOSE = frozenset((*OPEN.values(), "}"))
LEFT_BARS: Mapping[str, str] = {r"\lvert": r"\rvert"}
BARS = ("|", r"\vert", r"\mid")
CLOSERS: Mapping[str, str] = {**OPEN, **LEFT_BARS, **dict.fromkeys(BARS, "|")}
FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac", r"\cfrac")
TEXT = (r"\text", r"\textrm", r"\mbox")
WORDS = (r"\operatorname", r"\operatorname*", r"\mathrm", r"\mathit", r"\mathop", r"\mathsf", *TEXT)
OTHERWISE = ("otherwise", "else", "elsewhere", "always")
LINKING = ("if", "for", "when", "where")
CASES = ("cases", "dcases", "array")
LINES = ("aligned", "split", "gathered", "multlined")
_ALIASES: Mapping[str, str] = {"arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh", "sign": "sgn"}
_CALLS = frozenset(CALLED) - {"Piecewise", "gamma", "where", "int", "float"}
LETTERS: Mapping[str, str] = {
    **{f"\\{name}": name for name in GREEK.values()},
    **{rf"\var{name}": name for name in ("epsilon", "theta", "phi", "rho", "kappa")},
    **{f"\\{name}": name for name in CAPITALS.values() if name not in ("Phi", "Psi")},
    **GREEK,
}
FIRST_OF_FACTORS = frozenset((*LETTERS, *OPEN, "{", *FRACTIONS, r"\sqrt", r"\left"))
FUNCTIONS = tuple(sorted(_CALLS))
KNOWN = (*SPACING, *OPERATORS, *OPEN, *WORDS, *LETTERS, *FRACTIONS, r"\sqrt", *(f"\\{name}" for name in FUNCTIONS))


def function_name(name: str) -> str:
    """What the grammar calls a function of LaTeX; empty if it knows none of that name."""
    name = _ALIASES.get(name, name)
    return name if name in _CALLS else ""


def lexemes(text: str) -> list[Lexeme]:
    r"""The lexemes of a formula, without blanks, the head ``g(r) =`` and the dollar signs around it."""
    start, end = _without_frame(text)
    head = head_of(text)
    found = [
        Lexeme(match.lastgroup or "", match.group(), match.start())
        for match in _LEXEME.finditer(text, head.end if head else start, end)
        if match.lastgroup != "space"
    ]
    return [*found, Lexeme("end", "", end)]


def two_arguments(found: Sequence[Lexeme], start: int) -> bool:
    r"""Whether a bracket with a comma begins here: \gamma(s, x) is the incomplete gamma function."""
    start += found[start].text == r"\left"
    if found[start].text != "(":
        return False
    depth = 0
    for lexeme in found[start:]:
        if lexeme.text in OPEN or lexeme.text == "{":
            depth += 1
        elif lexeme.text in _CLOSE:
            depth -= 1
        if depth == 0:
            return False
        if lexeme.text == "," and depth == 1:
            return True
    return False


def head_of(text: str) -> Head | None:
    r"""The function and the variable of ``\Phi(x) = ...``; None where the formula stands alone.

    Examples
    --------
    >>> head_of(r"\Phi(x) = \tanh(x)")
    Head(function='Phi', variable='x', end=9)
    """
    match = _HEAD.match(text, _without_frame(text)[0])
    if match is None:
        return None
    index = (match["index"] or "").translate({ord(c): None for c in "{}"})
    return Head(match["function"].lstrip("\\"), canonical_name(match["variable"].lstrip("\\") + index), match.end())


def _without_frame(text: str) -> tuple[int, int]:
    r"""Where the formula begins and ends inside $...$, $$...$$, \(...\) or \[...\]."""
    stripped = text.strip()
    start = text.find(stripped)
    for left, right in (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]")):
        if stripped.startswith(left) and stripped.endswith(right) and len(stripped) > len(left) + len(right):
            return start + len(left), start + len(stripped) - len(right)
    return 0, len(text)
