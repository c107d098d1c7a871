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
_WRAPPED = r"\\(?:text|textrm|mathrm|mathbf|mathcal|mathit|mathsf|operatorname\*?|hat|tilde|bar)\s*\{[^{}=()]*\}"
_MARKED = r"\\(?:mathbf|mathcal|(?:wide)?hat|(?:wide)?tilde|bar)\s*\\?[A-Za-z]+"
_HEAD = re.compile(
    rf"\s*(?:\\displaystyle)?\s*&?\s*(?P<function>{_WRAPPED}|{_MARKED}|\\?[A-Za-z]+)"
    r"(?:\s*[_^]\s*(?:\{[^{}]*\}|\\[A-Za-z]+|\w))*\s*(?:\\left|\\[bB]igg?l?)?\s*\((?P<inside>[^()=]*?)"
    r"(?:\\right|\\[bB]igg?r?)?\s*\)\s*&?\s*(?::?=(?!=)|\\(?:coloneqq|equiv|triangleq|doteq)(?![A-Za-z]))"
)
# of g(|\nabla u|), g(s^2), p(t; \lambda): what stands around the variable
_AROUND = re.compile(r"\\left|\\right|\\nabla|\\[|,;:!>]|\\[lr]?[vV]ert|[|\s]|\^(?:2|\{2\})")
_VARIABLE = re.compile(r"(?P<name>\\?[A-Za-z]+|\\mathbf\{[A-Za-z]\})(?P<index>_(?:\w|\{\w+\}|\\[A-Za-z]+))?")

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
    **dict.fromkeys((r"\land", r"\wedge"), "&"),
    **{r"\lor": "or", r"\vee": "or", r"\lnot": "~", r"\neg": "~"},
}
OPEN: Mapping[str, str] = {"(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\rbrace", r"\lbrack": r"\rbrack"}
_CLOSE = frozenset((*OPEN.values(), "}"))
LEFT_BARS: Mapping[str, str] = {r"\lvert": r"\rvert", r"\lVert": r"\rVert"}
BARS = ("|", r"\vert", r"\mid", r"\|", r"\Vert")
CLOSERS: Mapping[str, str] = {**OPEN, **LEFT_BARS, **dict.fromkeys(BARS, "|")}
FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac", r"\cfrac")
TEXT = (r"\text", r"\textrm", r"\mbox")
WORDS = (r"\operatorname", r"\operatorname*", r"\mathrm", r"\mathit", r"\mathop", r"\mathsf", *TEXT)
OLD_FONTS: Mapping[str, str] = {
    **{rf"\{font}": r"\mathrm" for font in ("rm", "sf", "tt")},
    **{rf"\{font}": r"\mathbf" for font in ("bf", "it", "cal")},
}
FONTS = (r"\mathbf", r"\boldsymbol", r"\bm", r"\mathcal", r"\mathbb", r"\bold", r"\mathds", r"\mathbbm")
ACCENTS: Mapping[str, str] = {
    **{rf"\{name}": name for name in ("hat", "tilde", "bar", "dot", "check", "breve", "vec")},
    **{r"\widehat": "hat", r"\widetilde": "tilde", r"\overline": "bar"},
}
OTHERWISE = ("otherwise", "else", "elsewhere", "always")
LINKING = ("if", "for", "when", "where", "and", "or")
POSITIVE = re.compile(
    r"[,;]\s*(?:\\q?quad|\\[,;: ]|~|\\text(?:rm)?\{\s*(?:with|where|for)?\s*\})*\s*"
    r"(?:\\?[A-Za-z]+(?:_(?:\w|\{\w+\}))?\s*,?\s*)+(?:>|\\gt)\s*0\s*[.,;]?\s*(?=\$|\\\)|\\\]|\\end|$)"
)
"""What is said of parameters after a formula, and holds of them anyway: they are positive."""
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
    return next((word for word in (name, name.lower()) if word in _CALLS), "")


def lexemes(text: str) -> list[Lexeme]:
    r"""The lexemes of a formula, without blanks, the head ``g(r) =`` and the dollar signs around it."""
    start, end = _without_frame(text)
    head = head_of(text)
    found = [
        Lexeme(match.lastgroup or "", match.group(), match.start())
        for match in _LEXEME.finditer(text, head.end if head else start, end)
        if match.lastgroup != "space"
    ]
    return [*_modern(found), Lexeme("end", "", end)]


def _modern(found: list[Lexeme]) -> list[Lexeme]:
    r"""{
    m sgn} as \mathrm{sgn}; what numbers and labels an equation is left out.
    """
    kept: list[Lexeme] = []
    depth = -1  # of braces within what is left out
    for lexeme in found:
        if depth >= 0:
            depth += {"{": 1, "}": -1}.get(lexeme.text, 0)
            depth = -1 if depth == 0 else depth
        elif lexeme.text in (r"\label", r"\tag", r"\tag*"):
            depth = 0
        elif lexeme.text in OLD_FONTS and kept and kept[-1].text == "{":
            brace = kept.pop()
            kept += [Lexeme("command", OLD_FONTS[lexeme.text], brace.column), Lexeme("char", "{", lexeme.column)]
        elif lexeme.text not in (r"\nonumber", r"\notag", r"\limits", r"\nolimits"):
            kept.append(lexeme)
    return kept


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
    variable = _VARIABLE.fullmatch(_AROUND.sub("", re.split(r"[;,]|\\mid", match["inside"])[0]))
    if variable is None:
        return None
    function = re.sub(r"\\\w+\*?\s*\{|\}|^\\\w+\s+(?=\\?[A-Za-z])", "", match["function"]).lstrip("\\").strip()
    name = re.sub(r"\\mathbf\{|\}", "", variable["name"]).lstrip("\\")
    index = re.sub(r"[{}\\]", "", variable["index"] or "")
    end = match.end()
    while (other := _HEAD.match(text, end)) is not None and other["inside"].strip() == match["inside"].strip():
        end = other.end()  # \phi(x) = \tanh(x) = ...
    return Head(function, canonical_name(name + index), end)


_FRAMES = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))
_DISPLAYS = ("equation", "displaymath", "math", "align", "gather", "multline", "eqnarray", "flalign")


def _without_frame(text: str) -> tuple[int, int]:
    r"""Where the formula begins and ends inside $...$, \[...\] or an equation; its label is no part of it."""
    stripped = text.strip()
    start = text.find(stripped)
    environments = [(rf"\begin{{{name}{star}}}", rf"\end{{{name}{star}}}") for name in _DISPLAYS for star in ("", "*")]
    for left, right in (*_FRAMES, *environments):
        if stripped.startswith(left) and stripped.endswith(right) and len(stripped) > len(left) + len(right):
            start, end = start + len(left), start + len(stripped) - len(right)
            label = re.compile(r"\s*\\label\s*\{[^{}]*\}").match(text, start, end)
            return (label.end() if label else start), end
    return 0, len(text)


def is_aligned(text: str) -> bool:
    r"""Whether & and \\ of the formula are those of an environment around it."""
    return bool(re.match(r"\s*\\begin\{(?:align|gather|multline|eqnarray|flalign)\*?\}", text))
