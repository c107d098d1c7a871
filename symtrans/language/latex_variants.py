r"""Typographic variants of LaTeX, lexeme by lexeme: what is written in many ways reaches the reader in one.

``\cases{a & if |r| < 1 \cr b & otherwise}``, ``{\text{for }}``, ``r \in [-1, 1)``, ``\left\lVert r \right\rVert_2`` and
``1, \quad |r| < 1 \\`` become what the grammar of `latex_parser` has.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from symtrans.language.latex_intervals import endless, indicated, inequalities
from symtrans.language.latex_lexemes import TEXT, Lexeme, Lexemes, closing, depths_of, parted, rewritten

OTHERWISE = (
    *("otherwise", "else", "elsewhere", "always", "in all other cases", "in other cases", "all other cases"),
    *("o.w", "o. w", "o/w", "ow"),  # a full stop at the end of any is left out
)
LINKING = (
    *("if", "if and only if", "iff", "for", "for all", "whenever", "when", "where", "and", "or"),
    *("else if", "elseif", "provided", "provided that", "as long as", "with"),
)
_OLD_FONTS: Mapping[str, str] = {
    **{rf"\{font}": r"\mathrm" for font in ("rm", "sf", "tt")},
    **{rf"\{font}": r"\mathbf" for font in ("bf", "it", "cal")},
}
_LEFT_OUT = (
    *(r"\nonumber", r"\notag", r"\limits", r"\nolimits", r"\mathstrut", r"\strut", r"\hfill", r"\hfil", r"\/"),
    *(r"\boxed", r"\ensuremath"),
)
_WITH_ARGUMENT = (
    *(r"\label", r"\tag", r"\tag*", r"\phantom", r"\hphantom", r"\vphantom", r"\hspace", r"\color", r"\textcolor"),
    *(r"\mspace", r"\cite", r"\footnote"),
)
_LABELLED: Mapping[str, str] = {r"\underbrace": "_", r"\overbrace": "^"}
_OF_LENGTHS = (r"\hskip", r"\kern", r"\mkern", r"\mskip")
_SYNONYMS: Mapping[str, str] = {
    **{r"\mathtt": r"\mathrm", r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]"},
}
_DOUBLE_BARS = (r"\|", r"\Vert", r"\rVert")
_CLOSING_BARS = ("|", r"\vert", r"\rvert", *_DOUBLE_BARS)
_CASES = ("cases", "dcases", "array", "cases*", "dcases*", "matrix", "smallmatrix")
_SHORT = 16  # lexemes of an index or a font
_DEEPEST = 60  # cases within cases; what is deeper is refused
_LENGTH = r"-?[\d.]*(?:pt|mm|cm|ex|em|in|bp|pc|mu|\\jot|\\[a-z]*skip(?:amount)?)"
_SPACES = (r"\quad", r"\qquad")
_NOT: Mapping[str, str] = {
    **{r"\in": r"\notin", "=": r"\neq"},
    **dict.fromkeys(("<", r"\lt"), r"\geq"),
    **dict.fromkeys((">", r"\gt"), r"\leq"),
    **dict.fromkeys((r"\le", r"\leq", r"\leqslant"), ">"),
    **dict.fromkeys((r"\ge", r"\geq", r"\geqslant"), "<"),
}
_OR_EQUAL: Mapping[str, str] = {"<": r"\le", ">": r"\ge"}


def one_writing(text: str, found: Iterable[Lexeme]) -> Lexemes:
    r"""The lexemes of a formula in the writing that is read.

    Examples
    --------
    >>> from symtrans.language.latex_lexer import lexemes
    >>> "".join(one.text for one in lexemes(r"{\rm sgn}(r) \left\| r \right\|_{2}"))
    '\\mathrm{sgn}(r)\\left\\|r\\right\\|'
    """
    steps: tuple[Callable[[str, Lexemes], Lexemes], ...] = (
        *(_without_layout, _scripts, _words, _delimiters, _cases, indicated, inequalities, endless),
    )
    lexemes = list(found)
    for step in steps:
        lexemes = step(text, lexemes)
    return lexemes


def _without_layout(text: str, found: Lexemes) -> Lexemes:
    r"""Without numbers and labels of equations, and what makes only room; {\rm sgn} as \mathrm{sgn}."""
    kept: Lexemes = []
    skipped, labels = -1, set[int]()
    for k, lexeme in enumerate(found):
        if lexeme.text in _LABELLED and found[k + 1 : k + 2] and found[k + 1].text == "{":
            end = closing(found, k + 1) + 1
            labels |= {*range(end, _label(found, end, _LABELLED[lexeme.text]))}
        if k <= skipped or k in labels or lexeme.text in (*_LEFT_OUT, *_LABELLED):
            continue
        if lexeme.text in _WITH_ARGUMENT and found[k + 1 : k + 2] and found[k + 1].text == "{":
            skipped = closing(found, k + 1)
        elif lexeme.text in _OLD_FONTS and kept and kept[-1].text == "{":
            brace = kept.pop()
            if kept and kept[-1].text == r"\mathop":
                kept.pop()
            kept += [Lexeme("command", _OLD_FONTS[lexeme.text], brace.column), Lexeme("char", "{", lexeme.column)]
        elif kept and kept[-1].text == r"\not" and lexeme.text in _NOT:
            kept[-1] = kept[-1]._replace(text=_NOT[lexeme.text])
        elif lexeme.text == "=" and kept and kept[-1].text in _OR_EQUAL and kept[-1].column + 1 == lexeme.column:
            kept[-1] = kept[-1]._replace(text=_OR_EQUAL[kept[-1].text])
        elif lexeme.text in _OF_LENGTHS and (
            length := re.compile(rf"\s*{_LENGTH}").match(text, lexeme.column + len(lexeme.text))
        ):
            skipped = max(j for j, one in enumerate(found) if one.column < length.end())
        elif lexeme.text == r"\cr" or (lexeme.text == r"\\" and kept and kept[-1].text == r"\\"):
            kept += [lexeme._replace(text=r"\\")] if lexeme.text == r"\cr" else []
        else:
            kept.append(lexeme._replace(text=_SYNONYMS.get(lexeme.text, lexeme.text)))
    return kept


_RELATING = frozenset("+-=<>*/")


def _scripts(text: str, found: Lexemes) -> Lexemes:
    r"""Indices before powers: TeX prints x^2_+ and x_+^2 alike; and {-} between terms is a minus."""
    kept: Lexemes = []
    for lexeme in found:
        kept.append(lexeme)
        alone = [one.text for one in kept[-4:]]
        if alone[-3:-2] == ["{"] and alone[-1] == "}" and alone[-2] in _RELATING and alone[0] not in ("^", "_"):
            kept[-3:] = [kept[-2]]
    place = 0
    while place < len(kept):
        index = _script(kept, _script(kept, place, "^"), "_") if kept[place].text == "^" else place
        power = _script(kept, place, "^")
        if place < power < index:
            kept[place:index] = [*kept[power:index], *kept[place:power]]
            place = index
        place += 1
    return kept


def _script(found: Lexemes, start: int, mark: str) -> int:
    """Where the script that begins here ends; `start` where there is none."""
    if [one.text for one in found[start : start + 1]] != [mark] or start + 1 >= len(found):
        return start
    return (closing(found, start + 1) if found[start + 1].text == "{" else start + 1) + 1


_NAMING = (r"\mathrm", r"\mathsf", r"\operatorname")  # {\mathrm{sgn}}(x)


def _label(found: Lexemes, start: int, mark: str) -> int:
    r"""Where the words below a brace end, which may be _\text{words}; `start` where there are none."""
    end = _script(found, start, mark)
    if not start < end <= len(found):
        return start
    last, after = found[end - 1], [one.text for one in found[end : end + 1]]
    if last.kind == "command" and after == ["{"]:
        return closing(found, end) + 1 if last.text in (*TEXT, *_NAMING) else start
    return start if last.kind == "number" and len(last.text) > 1 else end  # of 12, TeX takes the 1


_BARE = re.compile(r"(?:if|for|otherwise|else|elsewhere|when|o\.w\.)(?![A-Za-z])")


def _words(text: str, found: Lexemes) -> Lexemes:
    r"""{\text{for }}, \text{if $r < 1$} and a bare "if" behind & as \text{for }, \text{if } and what stands beside."""

    def step(place: int, kept: Lexemes) -> int | None:
        lexeme = found[place]
        inside = found[place + 1 : place + 3]
        is_text = lexeme.text in TEXT and inside[:1] and inside[0].text == "{"
        if lexeme.text == "{" and [one.text for one in inside[1:]] == ["{"] and inside[0].text in (*TEXT, *_NAMING):
            end = closing(found, place + 2)
            after = [one.text for one in found[end + 1 : end + 3]]
            is_applied = after[1:] in (["("], ["["], [r"\left"]) and not (kept and _takes(kept[-1]))
            if after[:1] == ["}"] and (inside[0].text in TEXT or is_applied):
                kept += found[place + 1 : end + 1]
                return end + 2
        if is_text and "$" in [one.text for one in found[place : closing(found, place + 1)]]:
            end = closing(found, place + 1)
            kept += _unmixed(lexeme, found[place + 1], found[place + 2 : end])
            return end + 1
        bare = _BARE.match(text, lexeme.column) if kept and kept[-1].text in ("&", *_SPACES) else None
        if bare is None or lexeme.kind != "letter":
            return None
        kept += _text(lexeme.column, [one for one in found[place:] if one.column < bare.end()])
        return place + len(bare.group())

    return rewritten(found, step)


def _takes(before: Lexeme) -> bool:
    r"""Whether braces behind it may be its argument, as the second ones of \frac{a}{\mathrm{b}}(x) are."""
    is_room = re.fullmatch(r"\\(?:[,;:!> ]|q?quad|cdot|times)", before.text)
    return before.text in ("^", "_", "}") or (before.kind == "command" and not is_room)


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
    opened: list[tuple[int, str]] = []

    def step(place: int, kept: Lexemes) -> int | None:
        lexeme, after = found[place], found[place + 1].text if place + 1 < len(found) else ""
        if lexeme.text == r"\left":
            opened.append((len(kept), after))
        elif lexeme.text == r"\right" and opened:
            begin, opening = opened.pop()
            if after == "." and opening == "/":  # a \left/ b \right.
                del kept[begin]
                return place + 2
            if after == opening == ".":
                kept[begin : begin + 2] = [Lexeme("char", "{", kept[begin].column)]
                kept.append(Lexeme("char", "}", lexeme.column))
                return place + 2
        if re.match(r"\\[bB]igg?$", lexeme.text) and after == "/":
            return place + 1
        is_marked = lexeme.text in ("_", r"\boldsymbol", r"\bm", r"\mathbf", r"\vec")
        end = place + 2 if after != "{" or not is_marked else closing(found[: place + _SHORT], place + 1) + 1
        names = "".join(one.text for one in found[place + 1 : end]).strip("{}") if is_marked else ""
        orders = ("1", "2", r"\infty", *"pq" * (bool(kept) and kept[-1].text in _DOUBLE_BARS))
        if lexeme.text == "_" and kept and kept[-1].text in _CLOSING_BARS and names in orders:
            return end
        if lexeme.text != "_" and names == r"\nabla":
            kept.append(lexeme._replace(text=r"\nabla"))
            return end
        if lexeme.text == "_" and after[:1] in ("1", "2") and len(after) > 1 and kept[-1].text in _CLOSING_BARS:
            kept += found[place:]  # TeX lowers one digit: left to the reader
            return len(found)
        return None

    return rewritten(found, step)


def _name(text: str, lexemes: Sequence[Lexeme], begin: int) -> str:
    r"""The name of an environment behind \begin."""
    end = closing(lexemes, begin + 1)
    return "".join(one.text for one in lexemes[begin + 2 : end])


def _cases(text: str, found: Lexemes, depth: int = 0) -> Lexemes:
    r"""Cases in all their environments as \begin{cases} value & condition \\ ... \end{cases}."""
    if depth > _DEEPEST or not any(one.text in (r"\begin", r"\cases") for one in found):
        return found
    ends = _ends(found)

    def step(place: int, kept: Lexemes) -> int | None:
        lexeme = found[place]
        if lexeme.text == r"\cases" and found[place + 1 : place + 2] and found[place + 1].text == "{":
            end = closing(found, place + 1)
            kept += _environment(lexeme, _cases(text, found[place + 2 : end], depth + 1), found[end - 1].column)
            return end + 1
        name = _name(text, found, place) if lexeme.text == r"\begin" else ""
        is_braced = bool(kept) and kept[-1].text == r"\{"
        if name in _CASES or (is_braced and name in ("aligned", "alignedat", "split", "gathered")):
            start, end = closing(found, place + 1) + 1, ends.get(place, len(found))
            if name in ("array", "alignedat") and start < len(found) and found[start].text == "{":
                start = closing(found, start) + 1
            is_written = name not in ("matrix", "smallmatrix") or "&" in [one.text for one in found[start:end]]
            if end < len(found) and start <= end and is_written:
                kept += _environment(lexeme, _cases(text, found[start:end], depth + 1), found[end].column)
                return closing(found, end + 1) + 1
        return None

    return rewritten(found, step)


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
    rows = [_row(row) for row in parted(inside, r"\\")]
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


def length_before(found: Sequence[Lexeme], start: int = 0) -> int:
    r"""How many lexemes the [1ex] of \\[1ex] has; 0 where a value begins in brackets."""
    end = next((k for k in range(start, len(found)) if found[k].text == "]"), start)
    words = "".join(one.text for one in found[start : end + 1])
    return end + 1 - start if words.startswith("[") and re.fullmatch(_LENGTH, words[1:-1]) else 0


def _row(row: Lexemes) -> Lexemes:
    """A case: its value, & and its condition; [1ex] before it is left out."""
    row = row[1:] if row and row[0].text == "*" else row  # \\*
    row = row[length_before(row) :]
    row = [one for one in row if one.text != "$"]  # a condition of cases* is text
    marks = [k for k, depth in enumerate(depths_of(row)) if depth == 0 and row[k].text == "&"]
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
    depths = depths_of(row)
    top = [k for k in range(1, len(row)) if depths[k] == 0]
    signs: tuple[tuple[str, ...], ...] = ((";",), _SPACES, (*TEXT, r"\mathrm"), (",",))
    for texts in signs:
        found = next((k for k in top if row[k].text in texts and k + 1 < len(row)), None)
        if found is not None:
            parting = Lexeme("char", "&", row[found].column)
            return [*row[:found], parting, *row[found + (row[found].text not in signs[2]) :]]
    return row
