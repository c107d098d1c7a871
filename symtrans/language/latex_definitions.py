r"""What is said of names after a formula in LaTeX: g(r) = 1 - \exp(-C/r^8), \quad C = 3.315."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symtrans.language.latex_lexer import OPEN, SPACING, TEXT, WORDS, Lexeme

_CLOSE = frozenset((*OPEN.values(), "}", r"\end"))
_INTRODUCED = ("where", "with", "for", "and")


class Definition(NamedTuple):
    """The lexemes of a name, and of the formula that it stands for."""

    name: Sequence[Lexeme]
    value: Sequence[Lexeme]


def parted(lexemes: Sequence[Lexeme]) -> tuple[list[Lexeme], list[Definition], str]:
    r"""A formula, the definitions after it, and the signs said between these; decimals after \approx are left out.

    Examples
    --------
    >>> from symtrans.language.latex_lexer import lexemes
    >>> formula, (constant,), _ = parted(lexemes(r"e^{-C r^2}, \quad C = \frac{2}{3} \approx 0.667"))
    >>> "".join(one.text for one in formula), "".join(one.text for one in constant.value)
    ('e^{-Cr^2}', '\\frac{2}{3}')
    """
    *body, end = lexemes
    commas = [k for k in _at_the_top(body) if body[k].text in (",", ";")]
    parts = [body[a:b] for a, b in zip([0, *(k + 1 for k in commas)], [*commas, len(body)], strict=True)]
    found: list[Definition] = []
    said = ""
    first = len(parts)
    for k in range(len(parts) - 1, 0, -1):
        one = _definition(parts[k])
        if one is not None:
            found.append(one)
        elif not _is_positivity(parts[k]):
            break
        else:
            said += "".join(one.text for one in parts[k] if one.text not in SPACING) + ";"
        first = k
    if not found:
        return list(lexemes), [], ""
    kept = sum(map(len, parts[:first])) + first - 1
    return [*body[:kept], end], found[::-1], said


def _is_positivity(part: Sequence[Lexeme]) -> bool:
    """What holds of each parameter: k > 0."""
    return [one.text for one in part[-2:]] in ([sign, "0"] for sign in (">", r"\gt", r"\ge", r"\geq", r"\ne", r"\neq"))


def _definition(part: Sequence[Lexeme]) -> Definition | None:
    signs = [k for k in _at_the_top(part) if part[k].text == "="]
    if len(signs) != 1:
        return None
    start, place = 0, signs[0]
    while start < place and (part[start].text in SPACING or part[start].text in TEXT):
        if part[start].text in TEXT:
            close = next((k for k in range(start, place) if part[k].text == "}"), start)
            if "".join(one.text for one in part[start + 2 : close]) not in _INTRODUCED:
                return None
            start = close
        start += 1
    name = [one for one in part[start:place] if one.text not in SPACING]
    if not name or not (name[0].kind == "letter" or name[0].text.startswith("\\")) or name[0].text in WORDS:
        return None
    if len(name) > 1 and name[1].text != "_":
        return None
    value = part[place + 1 :]
    near = [k for k in _at_the_top(value) if value[k].text == r"\approx"]
    return Definition(name, value[: near[0]] if near else value)


def _at_the_top(lexemes: Sequence[Lexeme]) -> Iterator[int]:
    """The places that stand in no bracket and in no environment."""
    depth = 0
    for k, one in enumerate(lexemes):
        if one.text in OPEN or one.text in ("{", r"\begin"):
            depth += 1
        elif one.text in _CLOSE:
            depth -= 1
        elif depth == 0:
            yield k
