"""Cases that hold at the same place, where their closed ends meet, and differ there in value."""

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import sympy as sp

from symtrans.language.text_printer import plain

_STEPS = (1, 3, 7, 16)  # values of parameters; which order the cases mean is tried
_MOST_CASES = 12
_LIKE_VARIABLES = frozenset("rstuvwxyz")
_STEP = sp.Rational(1, 1000)
_TOLERANCE = 1e-9


class Contradiction(NamedTuple):
    """Which case it is, counted from 0, that another one before it contradicts, and what is to be said of it."""

    case: int
    words: str


def contradiction(cases: Sequence[tuple[sp.Expr, sp.Basic]]) -> Contradiction | None:
    r"""Two cases with values of their own at one place; None where there is none, or where that is not seen.

    A first case that holds wherever the second does, as |x| <= 1 before |x| <= 2, is how people write cases one after
    the other; |x| <= 1 and |x| >= 1 are two statements on |x| = 1.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> contradiction([(sp.S(0), abs(x) <= 1), (x, abs(x) >= 1)]).words
    'at |x| = 1 two cases hold, with the values 0 and 1'
    >>> contradiction([(x, abs(x) <= 1), (sp.sign(x), abs(x) >= 1)])
    """
    ends = [_closed_ends(condition) for _, condition in cases[:_MOST_CASES]]
    places: set[sp.Expr] = set()  # of the cases before
    for j, found in enumerate(ends):
        for symbol, side, place in found:
            said = _at(cases, j, symbol, side, place) if place in places else ""
            if said:
                return Contradiction(j, said)
        places.update(sign * end.place for end in found for sign in (1, -1))
    return None


class _End(NamedTuple):
    """A place that an inequality includes, where the side of the symbol, x or |x|, is equal to it."""

    symbol: sp.Symbol
    side: sp.Expr
    place: sp.Expr


def _closed_ends(condition: sp.Basic) -> list[_End]:
    """The ends that belong to where inequalities hold, all of them."""
    parts = condition.args if isinstance(condition, sp.And) else (condition,)
    found = []
    for part in parts:
        for side, place in (part.args, part.args[::-1]) if isinstance(part, sp.Le | sp.Ge) else ():
            inside = side.args[0] if isinstance(side, sp.Abs) else side
            turn = -1 if inside.could_extract_minus_sign() else 1
            symbol = turn * inside
            if symbol.is_Symbol and symbol not in place.free_symbols and not place.has(sp.Abs):
                is_modulus = isinstance(side, sp.Abs)
                found.append(_End(symbol, side if is_modulus else symbol, place if is_modulus else turn * place))
    return sorted(found, key=lambda end: end.symbol.name not in _LIKE_VARIABLES)


def _at(cases: Sequence[tuple[sp.Expr, sp.Basic]], j: int, symbol: sp.Symbol, side: sp.Expr, place: sp.Expr) -> str:
    """What an earlier case and case j say of a place, on whose two sides they hold alone; empty if they agree."""
    for numbers in _numbers([value for case in cases for value in case], symbol):
        at = place.subs(numbers)

        def holds(x: sp.Expr, numbers: dict[sp.Symbol, int] = numbers) -> list[int]:
            return [k for k in range(j + 1) if cases[k][1].subs({**numbers, symbol: x}) == sp.true]

        here = holds(at)
        beside = [{*here}.intersection(holds(at + step)) for step in (-_STEP, _STEP)]
        if here[1:] != [j] or {here[0]} not in beside or {j} not in beside:
            continue
        try:
            first, second = (complex(cases[k][0].subs({**numbers, symbol: at}).evalf(20)) for k in here)
        except (TypeError, ValueError, ArithmeticError):
            return ""
        if not abs(first - second) > _TOLERANCE * max(1.0, abs(first), abs(second)):
            return ""
        one, other = (plain(cases[k][0].subs(symbol, place), symbol) for k in here)
        return f"at {plain(side, symbol)} = {plain(place, symbol)} two cases hold, with the values {one} and {other}"
    return ""


def _numbers(parts: Sequence[sp.Basic], variable: sp.Symbol) -> list[dict[sp.Symbol, int]]:
    """Values of the parameters, in all orders."""
    symbols = sorted({symbol for part in parts for symbol in part.free_symbols} - {variable}, key=lambda s: s.name)
    if len(symbols) > len(_STEPS):
        return []
    return [dict(zip(symbols, order, strict=True)) for order in permutations(_STEPS[: len(symbols)])]
