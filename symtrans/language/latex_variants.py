r"""Typographic variants of LaTeX, lexeme by lexeme: what is written in many ways reaches the reader in one.

``\cases{a & if |r| < 1 \cr b & otherwise}``, ``{\text{for }}``, ``r \in [-1, 1)``, ``\left\lVert r \right\rVert_2`` and
``1, \quad |r| < 1 \\`` become what the grammar of `latex_parser` has.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

Lexemes = list["Lexeme"]


class Lexeme(NamedTuple):
    """One command, number, letter or other character of LaTeX, and its column."""

    kind: str  # "command", "number", "letter", "char" or "end"
    text: str
    column: int


TEXT = (r"\text", r"\textrm", r"\textnormal", r"\mbox")
OTHERWISE = (
    *("otherwise", "else", "elsewhere", "always", "in all other cases", "in other cases", "all other cases"),
    *("o.w", "o. w", "o/w", "ow"),  # a full stop at the end of any is left out
)
LINKING = ("if", "if and only if", "iff", "for", "for all", "whenever", "when", "where", "and", "or")
_OLD_FONTS: Mapping[str, str] = {
    **{rf"\{font}": r"\mathrm" for font in ("rm", "sf", "tt")},
    **{rf"\{font}": r"\mathbf" for font in ("bf", "it", "cal")},
}
_LEFT_OUT = (r"\nonumber", r"\notag", r"\limits", r"\nolimits", r"\mathstrut", r"\strut", r"\hfill", r"\hfil", r"\/")
_WITH_ARGUMENT = (r"\label", r"\tag", r"\tag*", r"\phantom", r"\hphantom", r"\vphantom", r"\hspace", r"\color")
_OPENING, _CLOSING = frozenset(("{", "(", r"\{", "[", r"\begin")), frozenset(("}", ")", r"\}", "]", r"\end"))
_CLOSING_BARS = ("|", r"\|", r"\vert", r"\Vert", r"\rvert", r"\rVert")
_CASES = ("cases", "dcases", "array", "cases*", "dcases*", "matrix", "smallmatrix")
_SHORT = 16  # lexemes of an index or a font
_DEEPEST = 60  # cases within cases; what is deeper is refused
_SPACES = (r"\quad", r"\qquad")
_NOT: Mapping[str, str] = {r"\in": r"\notin", "=": r"\neq"}
_FENCES: Mapping[str, str] = {"[": r"\le", "(": "<", "]": "<"}


def one_writing(text: str, found: Iterable[Lexeme]) -> Lexemes:
    r"""The lexemes of a formula in the writing that is read.

    Examples
    --------
    >>> from symtrans.language.latex_lexer import lexemes
    >>> "".join(one.text for one in lexemes(r"{\rm sgn}(r) \left\| r \right\|_{2}"))
    '\\mathrm{sgn}(r)\\left\\|r\\right\\|'
    """
    steps: tuple[Callable[[str, Lexemes], Lexemes], ...] = (
        *(_without_layout, _words, _delimiters, _cases, _indicated, _intervals),
    )
    lexemes = list(found)
    for step in steps:
        lexemes = step(text, lexemes)
    return lexemes


def closing(lexemes: Sequence[Lexeme], start: int) -> int:
    """The place of the brace that closes the one at `start`; the end where there is none."""
    depth = 0
    for k in range(start, len(lexemes)):
        depth += {"{": 1, "}": -1}.get(lexemes[k].text, 0)
        if depth == 0:
            return k
    return len(lexemes)


def _without_layout(text: str, found: Lexemes) -> Lexemes:
    r"""Without numbers and labels of equations, and what makes only room; {\rm sgn} as \mathrm{sgn}."""
    kept: Lexemes = []
    skipped = -1
    for k, lexeme in enumerate(found):
        if k <= skipped or lexeme.text in _LEFT_OUT:
            continue
        if lexeme.text in _WITH_ARGUMENT and found[k + 1 : k + 2] and found[k + 1].text == "{":
            skipped = closing(found, k + 1)
        elif lexeme.text in _OLD_FONTS and kept and kept[-1].text == "{":
            brace = kept.pop()
            kept += [Lexeme("command", _OLD_FONTS[lexeme.text], brace.column), Lexeme("char", "{", lexeme.column)]
        elif kept and kept[-1].text == r"\not" and lexeme.text in _NOT:
            kept[-1] = kept[-1]._replace(text=_NOT[lexeme.text])
        elif lexeme.text == r"\cr" or (lexeme.text == r"\\" and kept and kept[-1].text == r"\\"):
            kept += [lexeme._replace(text=r"\\")] if lexeme.text == r"\cr" else []
        else:
            kept.append(lexeme)
    return kept


_BARE = re.compile(r"(?:if|for|otherwise|else|elsewhere|when|o\.w\.)(?![A-Za-z])")


def _words(text: str, found: Lexemes) -> Lexemes:
    r"""{\text{for }}, \text{if $r < 1$} and a bare "if" behind & as \text{for }, \text{if } and what stands beside."""
    kept: Lexemes = []
    place = 0
    while place < len(found):
        lexeme = found[place]
        inside = found[place + 1 : place + 3]
        is_text = lexeme.text in TEXT and inside[:1] and inside[0].text == "{"
        if lexeme.text == "{" and inside[:1] and inside[0].text in TEXT and inside[1:] and inside[1].text == "{":
            end = closing(found, place + 2)
            if found[end + 1 : end + 2] and found[end + 1].text == "}":
                kept += found[place + 1 : end + 1]
                place = end + 2
                continue
        if is_text and "$" in [one.text for one in found[place : closing(found, place + 1)]]:
            end = closing(found, place + 1)
            kept += _unmixed(lexeme, found[place + 1], found[place + 2 : end])
            place = end + 1
            continue
        bare = _BARE.match(text, lexeme.column) if kept and kept[-1].text in ("&", *_SPACES) else None
        if bare is not None and lexeme.kind == "letter":
            kept += _text(lexeme.column, [one for one in found[place:] if one.column < bare.end()])
            place += len(bare.group())
            continue
        kept.append(lexeme)
        place += 1
    return kept


def _text(column: int, letters: Iterable[Lexeme]) -> Lexemes:
    return [Lexeme("command", r"\text", column), Lexeme("char", "{", column), *letters, Lexeme("char", "}", column)]


def _unmixed(command: Lexeme, brace: Lexeme, inside: Lexemes) -> Lexemes:
    r"""What stands in \text{if $r < 1$}, words as \text{if}, formulas as they are."""
    kept: Lexemes = []
    words: Lexemes = []
    is_formula = False
    for lexeme in [*inside, Lexeme("char", "$", command.column)]:
        if lexeme.text != "$":
            (kept if is_formula else words).append(lexeme)
            continue
        if words:
            kept += _text(brace.column, words)
        words, is_formula = [], not is_formula
    return kept


def _delimiters(text: str, found: Lexemes) -> Lexemes:
    r"""\left. ... \right. as braces, \big/ as /, \|r\|_2 as \|r\|, \boldsymbol{\nabla} as \nabla."""
    kept: Lexemes = []
    opened: list[tuple[int, str]] = []
    place = 0
    while place < len(found):
        lexeme, after = found[place], found[place + 1].text if place + 1 < len(found) else ""
        if lexeme.text == r"\left":
            opened.append((len(kept), after))
        elif lexeme.text == r"\right" and opened:
            begin, opening = opened.pop()
            if after == opening == ".":
                kept[begin : begin + 2] = [Lexeme("char", "{", kept[begin].column)]
                kept.append(Lexeme("char", "}", lexeme.column))
                place += 2
                continue
        if re.match(r"\\[bB]igg?$", lexeme.text) and after == "/":
            place += 1
            continue
        is_marked = lexeme.text in ("_", r"\boldsymbol", r"\bm", r"\mathbf", r"\vec")
        end = place + 2 if after != "{" or not is_marked else closing(found[: place + _SHORT], place + 1) + 1
        names = "".join(one.text for one in found[place + 1 : end]).strip("{}") if is_marked else ""
        if lexeme.text == "_" and kept and kept[-1].text in _CLOSING_BARS and names in ("1", "2", r"\infty"):
            place = end
            continue
        if lexeme.text != "_" and names == r"\nabla":
            kept.append(lexeme._replace(text=r"\nabla"))
            place = end
            continue
        if lexeme.text == "_" and after[:1] in ("1", "2") and len(after) > 1 and kept[-1].text in _CLOSING_BARS:
            break  # TeX lowers one digit: left to the reader
        kept.append(lexeme)
        place += 1
    return kept + found[place:]


def _name(text: str, lexemes: Sequence[Lexeme], begin: int) -> str:
    r"""The name of an environment behind \begin."""
    end = closing(lexemes, begin + 1)
    return "".join(one.text for one in lexemes[begin + 2 : end])


def _cases(text: str, found: Lexemes, depth: int = 0) -> Lexemes:
    r"""Cases in all their environments as \begin{cases} value & condition \\ ... \end{cases}."""
    if depth > _DEEPEST or not any(one.text in (r"\begin", r"\cases") for one in found):
        return found
    kept: Lexemes = []
    ends = _ends(found)
    place = 0
    while place < len(found):
        lexeme = found[place]
        if lexeme.text == r"\cases" and found[place + 1 : place + 2] and found[place + 1].text == "{":
            end = closing(found, place + 1)
            kept += _environment(lexeme, _cases(text, found[place + 2 : end], depth + 1), found[end - 1].column)
            place = end + 1
            continue
        name = _name(text, found, place) if lexeme.text == r"\begin" else ""
        is_braced = bool(kept) and kept[-1].text == r"\{"
        if name in _CASES or (is_braced and name in ("aligned", "alignedat", "split", "gathered")):
            start, end = closing(found, place + 1) + 1, ends.get(place, len(found))
            if name in ("array", "alignedat") and start < len(found) and found[start].text == "{":
                start = closing(found, start) + 1
            is_written = name not in ("matrix", "smallmatrix") or "&" in [one.text for one in found[start:end]]
            if end < len(found) and start <= end and is_written:
                kept += _environment(lexeme, _cases(text, found[start:end], depth + 1), found[end].column)
                place = closing(found, end + 1) + 1
                continue
        kept.append(lexeme)
        place += 1
    return kept


def _ends(found: Sequence[Lexeme]) -> Mapping[int, int]:
    r"""The place of the \end of each environment, by that of its \begin."""
    opened: list[int] = []
    ends = {}
    for k, lexeme in enumerate(found):
        if lexeme.text == r"\begin":
            opened.append(k)
        elif lexeme.text == r"\end" and opened:
            ends[opened.pop()] = k
    return ends


def _environment(begin: Lexeme, inside: Lexemes, last: int) -> Lexemes:
    """An environment of cases around its rows."""
    rows = [_row(row) for row in _parted(inside, r"\\")]
    while rows and not rows[-1]:
        rows.pop()
    column = begin.column
    body: Lexemes = []
    for k, row in enumerate(rows):
        body += [*([Lexeme("command", r"\\", row[0].column if row else column)] if k else []), *row]
    return [*_named(r"\begin", column), *body, *_named(r"\end", last)]


def _named(command: str, column: int) -> Lexemes:
    letters = [Lexeme("letter", one, column) for one in "cases"]
    return [Lexeme("command", command, column), Lexeme("char", "{", column), *letters, Lexeme("char", "}", column)]


def _parted(lexemes: Lexemes, separator: str) -> list[Lexemes]:
    parts: list[Lexemes] = [[]]
    for lexeme, depth in zip(lexemes, _depths(lexemes), strict=True):
        if depth == 0 and lexeme.text == separator:
            parts.append([])
        else:
            parts[-1].append(lexeme)
    return parts


def _depths(lexemes: Iterable[Lexeme]) -> list[int]:
    """In how many brackets and environments each lexeme stands; what opens and closes stands outside."""
    depths, depth = [], 0
    for lexeme in lexemes:
        depth -= lexeme.text in _CLOSING
        depths.append(max(depth, 0))
        depth += lexeme.text in _OPENING
    return depths


_LENGTH = re.compile(r"-?[\d.]*(?:pt|mm|cm|ex|em|in|bp|pc|mu|\\jot|\\[a-z]*skip(?:amount)?)")


def length_before(found: Sequence[Lexeme], start: int = 0) -> int:
    r"""How many lexemes the [1ex] of \\[1ex] has; 0 where a value begins in brackets."""
    end = next((k for k in range(start, len(found)) if found[k].text == "]"), start)
    words = "".join(one.text for one in found[start : end + 1])
    return end + 1 - start if words.startswith("[") and _LENGTH.fullmatch(words[1:-1]) else 0


def _row(row: Lexemes) -> Lexemes:
    """A case: its value, & and its condition; [1ex] before it is left out."""
    row = row[1:] if row and row[0].text == "*" else row  # \\*
    row = row[length_before(row) :]
    row = [one for one in row if one.text != "$"]  # a condition of cases* is text
    marks = [k for k, depth in enumerate(_depths(row)) if depth == 0 and row[k].text == "&"]
    if not marks:
        return _split(row)
    if marks[0] == 0 and len(marks) > 1:  # &1, && |r| < 1
        row, marks = row[1:], [k - 1 for k in marks[1:]]
    first = marks[0]
    rest = [one for k, one in enumerate(row) if k > first and k not in marks]
    rest = rest[1:] if rest and rest[0].text in (":", ",") else rest
    return [*row[:first], row[first], *rest]


def _split(row: Lexemes) -> Lexemes:
    r"""A row without &: at a semicolon, a wide space, a word or a comma."""
    depths = _depths(row)
    top = [k for k in range(1, len(row)) if depths[k] == 0]
    signs: tuple[tuple[str, ...], ...] = ((";",), _SPACES, (*TEXT, r"\mathrm"), (",",))
    for texts in signs:
        found = next((k for k in top if row[k].text in texts and k + 1 < len(row)), None)
        if found is not None:
            parting = Lexeme("char", "&", row[found].column)
            return [*row[:found], parting, *row[found + (row[found].text not in signs[2]) :]]
    return row


def _indicated(text: str, found: Lexemes) -> Lexemes:
    r"""\chi_{[a, b]}(r), the indicator of an interval, as \chi_{r \in [a, b]}."""
    kept: Lexemes = []
    place = 0
    while place < len(found):
        if (
            found[place].text == "_"
            and _ends_as_indicator(kept)
            and [one.text for one in found[place + 1 : place + 2]] == ["{"]
        ):
            end = closing(found, place + 1)
            index = found[place + 2 : end]
            start = end + 1 + ([one.text for one in found[end + 1 : end + 2]] == [r"\left"])
            depths = _depths(found[start:])
            close = next((start + k for k, one in enumerate(found[start:]) if k and depths[k] == 0), len(found))
            if names_interval(index) and start < close < len(found) and found[start].text == "(":
                behind = close - (found[close - 1].text == r"\right")
                kept += [*found[place : place + 2], *found[start + 1 : behind], found[place]._replace(text=r"\in")]
                kept += [*index, found[end]]
                place = close + 1
                continue
        kept.append(found[place])
        place += 1
    return kept


def _ends_as_indicator(kept: Lexemes) -> bool:
    r"""Whether \chi, 1, I or \mathbf{1} stands last."""
    last = [one.text for one in kept[-2:]]
    return bool(last) and (last[-1] in (r"\chi", "1", "I") or (last[-1] == "}" and last[0] in (r"\chi", "1", "I")))


def names_interval(index: Sequence[Lexeme]) -> bool:
    """Whether [a, b], (a, b) or the like is all that an index holds."""
    texts = [one.text for one in index if one.text not in (r"\left", r"\right")]
    return bool(texts) and texts[0] in _FENCES and texts[-1] in ("]", ")", "[") and texts.count(",") == 1


_BEFORE = frozenset(("&", ",", ";", r"\land", r"\wedge", r"\lor", r"\vee", r"\\", "=", "$", r"\quad", r"\qquad"))


def _intervals(text: str, found: Lexemes) -> Lexemes:
    r"""An interval behind \in as a \le r < b, of which an infinite end says nothing; behind \notin as \lnot (...)."""
    kept: Lexemes = []
    place = 0
    while place < len(found):
        lexeme = found[place]
        if lexeme.text not in (r"\in", r"\notin"):
            kept.append(lexeme)
            place += 1
            continue
        start = _start_of_side(kept)
        ahead = [one for one in found[place + 1 :] if one.text not in (r"\left", r"\right")]
        skipped = [k for k, one in enumerate(found) if k > place and one.text not in (r"\left", r"\right")]
        end = next((k for k, one in enumerate(ahead) if k and one.text in ("]", ")", "[")), None)
        ends = _parted(ahead[1:end], ",") if end else []
        if end is None or ahead[0].text not in _FENCES or len(ends) != 2:
            kept.append(lexeme)
            place += 1
            continue
        side = kept[start:]
        low, high = ([one for one in part if one.text != "+"] for part in ends)
        below = [*low, lexeme._replace(text=_FENCES[ahead[0].text])]
        above = [lexeme._replace(text=r"\le" if ahead[end].text == "]" else "<"), *high]
        is_endless = [part[-1:] and part[-1].text == r"\infty" for part in (low, high)]
        inside = [*([] if is_endless[0] else below), *side, *([] if is_endless[1] else above)]
        if lexeme.text == r"\notin":
            marks = (lexeme._replace(text=text) for text in (r"\lnot", "(", ")"))
            inside = [next(marks), next(marks), *inside, next(marks)]
        kept[start:] = inside
        place = skipped[end] + 1
    return kept


def _start_of_side(kept: Lexemes) -> int:
    """Where the last side of a comparison begins."""
    depth = 0
    for k in range(len(kept) - 1, -1, -1):
        text = kept[k].text
        depth += (text in _CLOSING) - (text in _OPENING)
        if depth < 0 or (depth == 0 and text in _BEFORE):
            return k + 1
        if depth == 0 and text in (*TEXT, r"\mathrm"):
            return closing(kept, k + 1) + 1
    return 0
