"""Text as tokens, and what stands before a formula: ``g(x) = ...``. The text itself is never evaluated."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn
from unicodedata import decomposition, name, normalize

from symtrans.errors import ParseError
from symtrans.language.vocabulary import CAPITALS, FUNCTIONS, GREEK, MODULES, OTHER_HEADS, canonical_name

_UNSEEN = "[\u00ad\u200b-\u200f\u2028-\u202e\u2060\u2061\ufeff]"  # of no width, and no end of a word
_TOKEN = (
    # a dot before an operator or a bracket is MATLAB's and Julia's: element by element, as all is
    rf"(?P<space>[ \t\r\n\u00a0\u2000-\u200a\u202f\u205f\u3000]+|(?<!\w){_UNSEEN}+|{_UNSEEN}+(?!\w)"
    r"|;\s*\Z|@?\.(?=[-+*/^<>=!(]|(?<=@\.)\s))"
    r"|(?P<part>(?<=\))_\+|₊)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<gradient>(?:∇|grad(?=\s+[A-Za-z]))\s*)"
    rf"|(?P<name>Interval\.(?:L|R)?open\b|(?:(?:{'|'.join(MODULES)})(?:\.|::))*[A-Za-z_][A-Za-z_0-9]*[₀-₉]*"
    rf"|[{''.join((*GREEK, *CAPITALS))}](?:_?[0-9]+|[₀-₉]+)?)"
    r"|(?P<fraction>[½⅓⅔¼¾⅕⅖⅗⅘⅐⅑⅒⅙⅚⅛⅜⅝⅞])"
    r"|(?P<method>\.(?!contains\b)[A-Za-z_]\w*(?=\s*\())"
    r"|(?P<raised>⁻?[⁰¹²³⁴-⁹]+)"
    r"|(?P<op>\.contains\b|\*\*|~=|<=|>=|==|!=|&&|\|\|(?=\s*\()|[‖∥](?:[₁₂]|_[12](?!\w))?|[-+*^()|,<>=≤≥≠≦≧⩽⩾·×∙⋅∗\u2062÷⁄∕‐‑−–—∣√∛&~?:]|/(?!/))"
)
_SET = re.compile("[\U0001d400-\U0001d7ff\u2102-\u2147\uff01-\uff5e]")  # as a typesetter has them, one sign each
_NESTED = 60  # calls within calls, as the grammar has it
_QUOTED = re.compile(r"""'([^\\'\n]*)'|"([^\\"\n]*)\"""")
_SAME: Mapping[str, str] = {
    **{"**": "^", "~=": "!=", "&&": "&", "||": "or", "∣": "|"},
    **dict.fromkeys("÷⁄∕", "/"),
    **dict.fromkeys("·×∙⋅∗\u2062", "*"),
    **dict.fromkeys("‐‑−–—", "-"),
    **dict.fromkeys("≦⩽", "<="),
    **dict.fromkeys("≧⩾", ">="),
}
NO_STEPS = "; steps without end are not read"
_MEANT: Mapping[str, str] = {
    **dict.fromkeys("\\{}$", "; LaTeX is given with latex="),
    **dict.fromkeys("[]", "; brackets are round"),
    ";": "; cases are Piecewise((value, |r| <= 1), (other, otherwise)), or value if |r| <= 1 else other",
    **dict.fromkeys("'\"`", "; a formula has no quotes"),
    "/": "; // is a quotient cut off, a fraction or a remark: write / for a quotient, and leave a remark out",
    "%": "; 10 % is written 0.1, a remainder is not read, and a remark is left out",
    **dict.fromkeys("⌊⌋⌈⌉", NO_STEPS),
    "!": "; n! is Gamma(n + 1)",
    "#": "; a remark is left out",
}


_LETTER_OF_MATHEMATICA = re.compile(r"\\\[([A-Z][a-z]+)\]")
_READ_OF_MATHEMATICA = frozenset((*FUNCTIONS, "if", "which", *(head.__name__ for head in OTHER_HEADS)))
_INNER = re.compile(r"\(.*\)")
_CALL_OF_MATHEMATICA = re.compile(r"(?<![\w.])([A-Z][A-Za-z]*)\[([^][]*)\]")


def _with_round_brackets(call: "re.Match[str]") -> str:
    """Tanh[x] as tanh(x), since Tanh(x) may be a layer; what Mathematica means otherwise than text does stays."""
    is_other = call[1] == "Log" and "," in _INNER.sub("", call[2])
    name = call[1].lower()
    return f"{name}({call[2]})" if name in _READ_OF_MATHEMATICA and not is_other else call[0]


_OF_MATHEMATICA: Mapping[str, str] = {
    "Piecewise": _MEANT[";"],
    "Log": "; the logarithm of x to the base b is log(x, b)",
    "Power": "; powers are x^p",
    "UnitStep": "; it is Heaviside(x, 1)",
    "Ramp": "; it is relu(x)",
    "Clip": "; it is clip(x, low, high), low and high without them -1 and 1",
    "LogisticSigmoid": "; it is sigmoid(x)",
    "ProductLog": "; it is LambertW(x)",
}


# a call of C's math.h, or 1.0f, which nobody writes for a product; and what no text of C has
_OF_C = re.compile(r"\b(?!(?:erf|diff|rootof|iif)\b)[a-z0-9]{3,}f\s*\(|(?<![\d.])[01]\.0*[fF]\b")
_NOT_OF_C = re.compile(r"[\^²³⁰¹⁴-⁹]|(?<![\w.])[fF]\b")
_NUMBER_OF_C = re.compile(r"(?<![\w.])((?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)[fF]\b")


class Token(NamedTuple):
    """One word of the grammar, and where in the user's text it stands.

    Its kind is "number", "name", "symbol" (a name that no bracket makes a
    function; only LaTeX has it), "op" or "end".
    """

    kind: str
    text: str
    column: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, the last of which is its end."""
    words = re.compile(_TOKEN)  # with the first text: an import does not wait for it
    given, text = text, _SET.sub(_plain_sign, text)
    if _OF_C.search(text) and not _NOT_OF_C.search(text):
        text = _NUMBER_OF_C.sub(r"\1 ", text)  # no place moves
    text = _LETTER_OF_MATHEMATICA.sub(lambda letter: f"  {letter[1].lower()} ", text)
    if "[" in text:
        text = re.sub(r"(?<![\w.])Pi(?!\w)", "pi", text)
    for _ in range(_NESTED if "[" in text else 0):  # from the innermost outwards; no place moves
        text = _CALL_OF_MATHEMATICA.sub(_with_round_brackets, text)
    text = re.sub(r"(?<![\w.])(?:PI|pi)\(\)", "pi  ", text)  # of a spreadsheet
    has_commas = ";" in text and re.search(r"\d,\d", text) is not None  # between digits, as decimals have them
    tokens: list[Token] = []
    position = depth = 0
    while position < len(text):
        match = words.match(text, position)
        if match is None and [t.text for t in tokens[-2:]] in (["Symbol", "("], ["Float", "("]):
            match = _QUOTED.match(text, position)
            if match is not None:
                tokens.append(Token("quoted", match.group()[1:-1], position))
                position = match.end()
                continue
        if match is None and text[position] == ";" and depth > 0 and not has_commas:  # of a spreadsheet
            tokens.append(Token("op", ",", position))
            position += 1
            continue
        if match is None:
            sign = text[position]
            shown = f"'{sign}'" if sign.isprintable() and sign != "'" else repr(sign)
            is_raised = decomposition(sign).startswith("<super>")
            what = "" if sign.isascii() else f"; it is the {name(sign, sign).lower()}"
            what = "; a power is written x^p" if is_raised else what
            before = tokens[-1].text if sign == "[" and tokens else ""
            is_list = before in ("(", ",")  # np.select([...], [...])
            meant = (
                f"; a list is not read{_MEANT[';']}"
                if is_list
                else _OF_MATHEMATICA.get(before) or _MEANT.get(sign, what)
            )
            if sign == ";" and has_commas:
                meant = "; is it a decimal comma? decimals are written with a point, as in 0.5"
            fail_at(given, position, f"{shown} is not part of the formula language{meant}")
        kind = match.lastgroup or ""
        if kind == "fraction":
            halves = normalize("NFKC", match.group()).replace("\N{FRACTION SLASH}", "/")
            tokens.append(Token("number", halves, position))
        elif kind not in ("space", "gradient"):
            token = match.group()
            same = "|" if token[0] in "‖∥" else _SAME.get(token, token)  # the norm of one sample, whichever it is
            tokens.append(Token(kind, same.replace("::", "."), position))
            depth += (same == "(") - (same == ")")
            if kind == "name" and len(tokens) > 1:
                _check_slip(text, tokens[-2], tokens[-1])
        position = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens


def _plain_sign(sign: "re.Match[str]") -> str:
    plain = normalize("NFKC", sign[0])
    return plain if len(plain) == 1 else sign[0]


def _check_slip(text: str, previous: Token, name: Token) -> None:
    """0x10, 1_000, 1e, 1.0f and 1d-3 are no products; |x|_1 has an index that says nothing of one sample."""
    if previous.text == "|" and name.text[0] == "_" and previous.column + 1 == name.column:
        fail_at(text, name.column, "an index belongs to a name; the modulus is |x|, whatever the norm")
    touching = previous.kind == "number" and previous.column + len(previous.text) == name.column
    if touching and name.text in ("j", "J", "i", "I", "im"):
        fail_at(text, name.column, "an imaginary number is not real; write * between a number and a name")
    if touching and (name.text[0] in "_eE" or (name.text[0] in "xXbBoO" and previous.text == "0")):
        fail_at(text, name.column, "this is not a number; write * between a number and a name")
    if touching and (
        re.match(r"[dD][+-]?\d", text[name.column :])
        or (re.search("[.eE]", previous.text) and name.text in "fFlL")
        or re.fullmatch("[uU]?[lL]{1,2}|U", name.text)
    ):
        of_other = "is it a number of C, R or Fortran? write 1e-3 for 1d-3 and 1 for 1L or 1.0f, and * between factors"
        fail_at(text, name.column, of_other)


def gradient_of_text(text: str) -> str:
    """The u of |∇u| or |grad u|, where that is one; empty elsewhere.

    Examples
    --------
    >>> gradient_of_text("1/(1 + |∇u|²)"), gradient_of_text("1/(1 + u²)")
    ('u', '')
    """
    found = {canonical_name(name) for name in re.findall(r"(?:∇\s*|\bgrad\s+)([A-Za-z]\w*)", text)}
    return found.pop() if len(found) == 1 else ""


def suggestion(word: str, known: Sequence[str], least: float = 0.6) -> str:
    """The end of a message about an unknown word: what it may stand for, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1, least)
    return f"; did you mean {near[0]}?" if near else ""


_TYPED: tuple[Mapping[str, str], ...] = (
    {"assume": "--assume", "latex": "--latex-in"},
    {"assume": "--assume on the command line", "latex": '"written as"'},
)
"""The arguments that messages name, as options and on the page."""


def fail_at(text: str, column: int, what: str) -> NoReturn:
    """Raise with the line and a caret; a long line is shown around the place only."""
    start = max(0, column - 40)
    window = text[start : column + 30].replace("\n", " ").replace("\t", " ")
    window = "".join(c if c.isprintable() else "?" for c in window)
    lead = "..." if start else ""
    tail = "..." if column + 30 < len(text) else ""
    pad = " " * (len(lead) + column - start)
    shown = f"\n    {lead}{window}{tail}\n    {pad}^"
    error = ParseError(f"{what}{shown}", text[:200], column)
    error.on_command_line, error.on_page = (f"{_told(what, words)}{shown}" for words in _TYPED)
    raise error


def _told(what: str, words: Mapping[str, str]) -> str:
    return re.sub("(assume|latex)=", lambda name: words[name[1]], what)


class TextHead(NamedTuple):
    """What stands before a formula: ``g(x) =``, ``y =``, ``lambda x:`` or ``x ->``; what is not said is empty."""

    function: str
    variable: str
    end: int


_TEXT_HEAD = (
    r"\s*(?:(?:(?P<assigned>[^\W\d]\w*)\s*(?::?=|<-)\s*)?(?:lambda\s+(?P<argument>[^\W\d]\w*)\s*:"
    r"|(?:@|\\|function\s*)\(\s*(?P<anonymous>[^\W\d]\w*)\s*\)|\(?(?P<mapped>[^\W\d]\w*)\)?\s*(?:[-=]>|[↦→⟼]))"
    r"|def\s+(?P<defined>[^\W\d]\w*)\s*\(\s*(?P<formal>[^\W\d]\w*)\s*(?::\s*[\w.]+\s*)?\)\s*(?:->\s*[\w.]+\s*)?:\s*return\b"
    r"|(?P<function>[^\W\d]\w*)\s*\(\s*[|‖∥]?\s*(?:∇\s*|grad\s+)?(?P<variable>[^\W\d][A-Za-z0-9_]*)"
    r"(?:[|‖∥]?(?:\^2|\*\*2|²)|[|‖∥])?\s*(?:[,;][^()=]*)?\)\s*:?=(?!=)"
    r"|(?P<delayed>[^\W\d]\w*)\[(?P<pattern>[^\W\d][A-Za-z0-9]*)_\]\s*:?=(?!=)"
    r"|return\b|=(?!=)|(?P<name>[^\W\d]\w*)\s*:?=(?!=))"
)

_OF_SEVERAL = (
    r"(?:\s*\w+\s*(?::?=|<-))?\s*(?:lambda\s+\w+\s*(?=[,=])|(?:@|\\|function\s*)\(\s*\w+\s*(?=[,=])"
    r"|\(\s*\w+\s*(?=,[\w\s,]*\)\s*(?:[-=]>|[↦→⟼])))|\s*def\s+\w+\s*\(\s*\w+\s*(?::\s*[\w.]+\s*)?(?=[,=])"
)


_OF_SPREADSHEET = re.compile(r"\s*=(?!=).*?(?<!\w)[A-Z]{2,}\d*\(", re.DOTALL)
_MINUS = re.compile(r"(?:^|[-+*/^(,;<>=])\s*(-)\s*(?:[\w.]+|[\w.]*\([^()]*\))\s*\^")


def refuse_spreadsheet(text: str) -> None:
    """What a spreadsheet means otherwise than mathematics does: LOG(x) has the base 10, and -x^2 is (-x)^2."""
    if _OF_SPREADSHEET.match(text) is None:
        return
    for call in re.finditer(r"(?<!\w)LOG(?=\()", text):
        inside, depth = "", 0
        for sign in text[call.end() :]:
            depth += (sign == "(") - (sign == ")")
            inside += sign if depth == 1 else ""
            if depth == 0:
                break
        if "," not in inside and ";" not in inside:
            fail_at(text, call.start(), "LOG(x) has the base 10 in a spreadsheet: write LOG10(x), or LN(x)")
    if minus := _MINUS.search(text, text.index("=") + 1):
        fail_at(text, minus.start(1), "in a spreadsheet -x^2 is (-x)^2: write -(x^2), or (-x)^2")


def head_of_text(text: str) -> TextHead | None:
    """The function and the variable of ``Phi(x) = ...``; None where the formula stands alone.

    Examples
    --------
    >>> head_of_text("Phi(x) = tanh(x)"), head_of_text("lambda t: t"), head_of_text("r == 1")
    (TextHead(function='Phi', variable='x', end=8), TextHead(function='', variable='t', end=9), None)

    Raises
    ------
    ParseError
        If it is one of several variables.
    """
    if several := re.match(_OF_SEVERAL, text):
        fail_at(
            text,
            several.end(),
            "a function of one variable is asked for, lambda x: ...; all other names are parameters",
        )
    match = re.match(_TEXT_HEAD, text)
    if match is None:
        return None
    name = match["name"]
    if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text[match.end() :]):
        return None
    function = canonical_name(
        match["function"] or match["delayed"] or match["assigned"] or match["defined"] or name or ""
    )
    named = ("variable", "pattern", "argument", "formal", "anonymous", "mapped")
    variable = next((match[place] for place in named if match[place]), "")
    return TextHead(function, canonical_name(variable), match.end())
