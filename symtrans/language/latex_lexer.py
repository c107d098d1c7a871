r"""LaTeX cut into lexemes, and the words of LaTeX that symtrans reads."""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from symtrans.language.latex_lexemes import TEXT, Lexeme
from symtrans.language.latex_variants import LINKING, OTHERWISE, one_writing
from symtrans.language.text_lexer import fail_at
from symtrans.language.vocabulary import CALLED, CAPITALS, GREEK, canonical_name

__all__ = ["LINKING", "OTHERWISE", "TEXT", "Lexeme"]


class Head(NamedTuple):
    r"""What stands before the equals sign of ``\Phi(r) = ...``."""

    function: str
    variable: str
    end: int
    gradient: str = ""
    """The letter before which D means the gradient."""


_LEXEME = re.compile(
    # "\rho" and "\theta" without the r of a raw string hold a carriage return and a tab
    r"(?P<space>(?:[ \n~\u00a0\u2002-\u200b\ufeff]|(?<!\\)%[^\n]*|\r\n|\t(?!heta|au|anh?|imes|ext|frac))+)"
    r"|(?P<command>\\(?:operatorname\*|[A-Za-z]+|.))"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    rf"|(?P<letter>[A-Za-z{''.join(GREEK)}])"
    r"|(?P<char>.)",
    re.DOTALL,
)
_WRAPPED = r"\\(?:text|textrm|mathrm|mathbf|mathcal|mathit|mathsf|operatorname\*?|hat|tilde|bar)\s*\{[^{}=()]*\}"
_MARKED = r"\\(?:mathbf|mathcal|(?:wide)?hat|(?:wide)?tilde|bar)\s*\\?[A-Za-z]+"
_EQUALS = (  # a blank is taken by one part only, so that thousands of them take no time
    r"(?:\\[,;:!> ]|\\q?quad(?![A-Za-z])|~|\s)*"  # not *+, which Python before 3.11.5 gets wrong
    r"(?:[:.]?=(?!=)|:\s*\\equiv(?![A-Za-z])|\\(?:coloneqq|equiv|triangleq|doteq|eqdef)(?![A-Za-z])"
    r"|\\(?:stackrel|overset)\s*\{[^={}]*(?:\{[^{}]*\})?[^={}]*\}\s*\{:?=\})"
)
_INDICES = r"(?:\s*+[_^]\s*+(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|\w))*"
_HEAD = re.compile(
    rf"\s*+(?:\\displaystyle)?\s*+&?\s*+(?P<function>{_WRAPPED}|{_MARKED}|\\?[A-Za-z]+)"
    rf"{_INDICES}\s*+(?:\\left|\\[bB]igg?l?)?\s*[(\[](?P<inside>[^()\[\]=]*?)"
    rf"(?:\\right|\\[bB]igg?r?)?\s*[)\]]\s*+&?\s*+{_EQUALS}"
)
_MAPS_TO = re.compile(
    r"\s*(?:(?P<function>\\?[A-Za-z]+)\s*(?::|\\colon)\s*)?\(?\s*(?P<inside>\\?[A-Za-z]+)\s*\)?\s*\\(?:long)?mapsto(?![A-Za-z])"
)
_ALONE = re.compile(
    rf"\s*+(?:\\displaystyle)?\s*+&?\s*+(?P<function>{_WRAPPED}|{_MARKED}|\\[A-Za-z]+|[A-Za-z])(?P<inside>){_INDICES}"
    rf"\s*+&?\s*+{_EQUALS}"
)
_LOSS = re.compile(  # L(y, f(x)) =
    rf"\s*(?:{_WRAPPED}|{_MARKED}|\\?[A-Za-z]+){_INDICES}\s*\([^()=]*,[^()=]*\([^()=]*\)[^()=]*\){_EQUALS}"
)
# of g(|\nabla u|), g(s^2), p(t; \lambda): what stands around the variable
_AROUND = re.compile(
    r"\\left|\\right|\\(?:boldsymbol|bm|mathbf|vec)\s*\{\\nabla\}|\\nabla|\\[|,;:!>]|\\[lr]?[vV]ert|[|\s]|\^(?:2|\{2\})"
)
_VARIABLE = re.compile(
    r"(?P<gradient>D(?=\\?[A-Za-z]))?(?P<name>\\mathbf\{[A-Za-z]\}|\\[A-Za-z]+|[A-Za-z])"
    r"(?P<index>_(?:\w|\{(?:\\?\w+|,|\\(?:mathrm|text|mathit)\{\w+\})+\}|\\[A-Za-z]+))?"
)
_WORD = re.compile(r"(?P<gradient>(?!))?\\(?:mathit|mathrm|text)\{(?P<name>[A-Za-z]+)\}(?P<index>_\w+)?")
_GRADIENT = re.compile(rf"(?:\\(?:boldsymbol|bm|mathbf|vec)\s*\{{\\nabla\}}|\\nabla(?![A-Za-z]))\s*{_VARIABLE.pattern}")

_SPACES = ("quad", "qquad", "thinspace", "enspace", "enskip", "displaystyle", "textstyle")
SPACING = frozenset(f"\\{name}" for name in (*",;:!> ", *_SPACES))
SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)$")
OPERATORS: Mapping[str, str] = {
    **dict.fromkeys((r"\cdot", r"\times", r"\ast", "·", "×"), "*"),
    **dict.fromkeys((r"\le", r"\leq", r"\leqslant", r"\leqq", r"\ngtr", "≤"), "<="),
    **dict.fromkeys((r"\ge", r"\geq", r"\geqslant", r"\geqq", r"\nless", "≥"), ">="),
    **dict.fromkeys((r"\ne", r"\neq", "≠"), "!="),
    **dict.fromkeys((r"\lt", r"\lneq", r"\ngeq", r"\ngeqslant"), "<"),
    **dict.fromkeys((r"\gt", r"\gneq", r"\nleq", r"\nleqslant"), ">"),
    **{r"\div": "/", "=": "==", "−": "-"},
    **{sign: sign for sign in "+-*/<>"},
    **dict.fromkeys((r"\land", r"\wedge", r"\&"), "&"),
    **{r"\lor": "or", r"\vee": "or", r"\lnot": "~", r"\neg": "~"},
}
OPEN: Mapping[str, str] = {"(": ")", "[": "]", r"\{": r"\}"}
_CLOSE = frozenset((*OPEN.values(), "}"))
LEFT_BARS: Mapping[str, str] = {r"\lvert": r"\rvert", r"\lVert": r"\rVert"}
BARS = ("|", r"\vert", r"\mid", r"\|", r"\Vert")
CLOSERS: Mapping[str, str] = {**OPEN, **LEFT_BARS, **dict.fromkeys(BARS, "|")}
FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac", r"\cfrac", r"\sfrac", r"\nicefrac")
WORDS = (r"\operatorname", r"\operatorname*", r"\mathrm", r"\mathit", r"\mathop", r"\mathsf", *TEXT)
FONTS = (r"\mathbf", r"\boldsymbol", r"\bm", r"\mathcal", r"\mathbb", r"\bold", r"\mathds", r"\mathbbm")
ACCENTS: Mapping[str, str] = {
    **{rf"\{name}": name for name in ("hat", "tilde", "bar", "dot", "check", "breve", "vec")},
    **{r"\widehat": "hat", r"\widetilde": "tilde", r"\overline": "bar"},
}
_NAME = r"(?:\\[A-Za-z]+(?![A-Za-z])|[A-Za-z])(?:_(?:\w|\{\w+\}))?"
_NAMES = rf"(?:{_NAME}\s*(?:,\s*)?)+"
_IS_REAL = r"\\in\s*(?:\\mathbb\s*)?\{?(?:\\R|R)\}?(?:_[+]|_\{[+]\})?"
_ABOVE = re.compile(rf"(?P<names>{_NAMES})(?:(?:>|\\gt|\\geq?|\\geqslant)(?![A-Za-z])\s*0|\\in[^,;]*[+])")
_HOLDS = rf"(?:\\forall\s*)?{_NAMES}(?:(?:>|\\gt|\\geq?|\\geqslant|\\neq?)(?![A-Za-z])\s*0|{_IS_REAL})"
_ENDS = r"\s*[.,;]?\s*(?=\$|\\\)|\\\]|\\end|$)"
POSITIVE = re.compile(
    rf"[,;]\s*(?:\\q?quad|\\[,;: ]|~|\\text(?:rm)?\{{\s*(?:with|where|for|for all)?\s*\}})*\s*{_HOLDS}{_ENDS}"
)
"""What is said of parameters after a formula, and holds of them anyway: they are positive."""
_BESIDE = re.compile(  # \quad (a > 0), \text{where } a > 0, and what holds everywhere: \text{for all } x
    rf"\\q?quad\s*(?:\(\s*{_HOLDS}\s*\)|{_HOLDS}){_ENDS}|\\text(?:rm)?\{{\s*(?:with|where|for)\s*\}}\s*{_HOLDS}{_ENDS}"
    rf"|\\q?quad\s*\(\d+(?:[.-]\d+)*[a-z]?\){_ENDS}"  # the number of an equation
    r"|(?:\\forall|\\text(?:rm)?\{\s*for\s+(?:all|any|every|each)\s*\})"
    rf"(?:\\[,;: ]|~|\s)*{_NAMES}(?:{_IS_REAL})?{_ENDS}"
)
LINES = ("aligned", "split", "gathered", "multlined")
_ALIASES: Mapping[str, str] = {"arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh", "sign": "sgn", "norm": "abs"}
_CALLS = frozenset(CALLED) - {"Piecewise", "gamma", "zeta", "where", "int", "float", "re", "im", "conjugate"}
_TWO_SHAPES = ("epsilon", "theta", "phi", "rho", "kappa")
VARIANTS = frozenset(shape for name in _TWO_SHAPES for shape in (rf"\{name}", rf"\var{name}"))
LETTERS: Mapping[str, str] = {
    **{f"\\{name}": name for name in GREEK.values()},
    **{rf"\var{name}": name for name in _TWO_SHAPES},
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


_SIGN = r"(?:\\[bB]igg?[lrm]?\s*)?(?:\\[A-Za-z]+|\\.|[^A-Za-z0-9{}])?"
_ROOM = re.compile(
    r"\\math(?:open|close|bin|rel|punct|ord|inner)(?![A-Za-z])"
    rf"(?:\s*\{{\s*(?P<sign>{_SIGN})\s*\}})?|\\m(?P<side>left|right)(?![A-Za-z])"
)


def _unspaced(text: str) -> str:
    r"""A formula with blanks for \mathopen{} and others that set the room round a sign; columns stay."""

    def blanked(match: re.Match[str]) -> str:
        kept = rf"\{match['side']}" if match["side"] else match["sign"] or ""
        start = match.start("sign") - match.start() if match["sign"] else 0
        return f"{'':{start}}{kept}".ljust(len(match.group()))

    return _ROOM.sub(blanked, text)


def lexemes(text: str) -> list[Lexeme]:
    r"""The lexemes of a formula, without blanks, the head ``g(r) =`` and the dollar signs around it."""
    text = _unspaced(text)
    frame, head = _frame(text), head_of(text)
    if head is None and _LOSS.match(text, frame.start):
        fail_at(text, frame.start, "a loss of a value and a prediction is entered in their difference: r for y - f(x)")
    start = head.end if head else frame.start
    beside = _BESIDE.search(text, start)
    found = [
        Lexeme(match.lastgroup or "", match.group(), match.start())
        for match in _LEXEME.finditer(text, start, beside.start() if beside else frame.end)
        if match.lastgroup != "space"
    ]
    while beside and found and found[-1].text in (*SPACING, ",", ";"):
        found.pop()
    if head is not None and head.gradient:  # |Du| is |u| of a function of the gradient
        letters = [one.text.lstrip("\\") for one in found]
        pairs = zip(letters, [*letters[1:], ""], strict=True)
        found = [one for one, pair in zip(found, pairs, strict=True) if pair != ("D", head.gradient)]
    return [*one_writing(text, found), Lexeme("end", "", frame.end)]


def names_above(text: str) -> set[str]:
    r"""The names of which is said, in what is left out behind a formula, that they are positive.

    Examples
    --------
    >>> sorted(names_above(r", \quad x \ge 0")), names_above(r"\text{for all } x \in \mathbb{R}")
    (['x'], set())
    """
    found = (
        name for match in _ABOVE.finditer(text) for name in re.findall(_NAME, match["names"]) if name not in SPACING
    )
    return {canonical_name(re.sub(r"[\\{}]", "", name)) for name in found}


def beside(text: str) -> str:
    """What `lexemes` leaves out at the end of a formula: where it holds."""
    head, text = head_of(text), _unspaced(text)
    match = _BESIDE.search(text, head.end if head else _frame(text).start)
    return match.group() if match else ""


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
    Head(function='Phi', variable='x', end=9, gradient='')
    """
    text = _unspaced(text)
    start = _frame(text).start
    match = _HEAD.match(text, start) or _MAPS_TO.match(text, start) or _ALONE.match(text, start)
    if match is None:
        return None
    function = re.sub(r"\\\w+\*?\s*\{|\}|^\\\w+\s+(?=\\?[A-Za-z])", "", match["function"] or "").lstrip("\\").strip()
    end = match.end()
    if not match["inside"]:
        return None if _occurs(match["function"], text[end:]) else Head(function, "", end)
    first = _AROUND.sub("", re.split(r"[;,](?![^{}]*\})|\\mid", match["inside"])[0])
    variable = _VARIABLE.fullmatch(first) or _WORD.fullmatch(first)
    if variable is None:
        return None
    name = re.sub(r"\\mathbf\{|\}", "", variable["name"]).lstrip("\\")
    index = re.sub(r"\\(?:mathrm|text|mathit)(?=\{)|[{}\\]", "", variable["index"] or "").replace(",", "_")
    while (other := _HEAD.match(text, end)) is not None and other["inside"].strip() == match["inside"].strip():
        end = other.end()  # \phi(x) = \tanh(x) = ...
    return Head(function, canonical_name(name + index), end, name if variable["gradient"] else "")


def gradient_of(text: str) -> str:
    r"""The u of \nabla u, where that is one; empty elsewhere.

    Examples
    --------
    >>> gradient_of(r"|\nabla u_\sigma|^p"), gradient_of(r"|u|^p")
    ('u_sigma', '')
    """
    found = {
        canonical_name(re.sub(r"\\mathbf\{|[{}\\]", "", match["name"] + (match["index"] or "")))
        for match in _GRADIENT.finditer(text)
    }
    return found.pop() if len(found) == 1 else ""


def _occurs(name: str, text: str) -> bool:
    return re.search(rf"(?<!\\)(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text) is not None


_FRAMES = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), (r"{\displaystyle", "}"))
_DISPLAYS = ("equation", "displaymath", "math", "align", "gather", "multline", "eqnarray", "flalign")


_ALIGNED = ("align", "gather", "multline", "eqnarray", "flalign", "split", "aligned", "gathered", "multlined")
_ENVIRONMENT = re.compile(r"\\begin\{(?P<name>[a-z]+\*?)\}(?:\s*\\label\s*\{[^{}]*\})?")


class _Frame(NamedTuple):
    start: int
    end: int
    is_aligned: bool


def _frame(text: str) -> _Frame:
    r"""Where the formula begins and ends inside $...$, \[...\], equations or {\displaystyle ...}."""
    start, end, is_aligned = 0, len(text), False
    while True:
        inside = text[start:end]
        lead = len(inside) - len(inside.lstrip())
        body = inside.strip()
        sides = next(((a, b) for a, b in _FRAMES if _stands_between(body, a, b)), None)
        if sides is not None:
            start, end = start + lead + len(sides[0]), start + lead + len(body) - len(sides[1])
            continue
        begin = _ENVIRONMENT.match(body)
        if begin is None or not body.endswith(closer := rf"\end{{{begin['name']}}}"):
            return _Frame(start, end, is_aligned)
        name = begin["name"].rstrip("*")
        if name not in (*_DISPLAYS, *_ALIGNED) or body.count(rf"\begin{{{begin['name']}}}") != 1:
            return _Frame(start, end, is_aligned)
        if name not in _DISPLAYS and not _HEAD.match(body, begin.end()):
            return _Frame(start, end, is_aligned)  # a sum in several lines, which the grammar reads
        start, end = start + lead + begin.end(), start + lead + len(body) - len(closer)
        is_aligned |= name in _ALIGNED


def _stands_between(body: str, left: str, right: str) -> bool:
    if not (body.startswith(left) and body.endswith(right) and len(body) > len(left) + len(right)):
        return False
    depths = accumulate({"{": 1, "}": -1}.get(c, 0) for c in body[:-1])
    return not left.startswith("{") or min(depths) > 0


def is_aligned(text: str) -> bool:
    r"""Whether & and \\ of the formula are those of an environment around it."""
    return _frame(text).is_aligned
