"""Values among which the extrema of a function lie, and the largest or smallest of them."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import largest, sign
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import enclose_with
from symtrans.calculus.signs.charts import is_heavy, sign_chart
from symtrans.calculus.signs.segments import Chart
from symtrans.calculus.undecided import Sentence, Undecided, decided
from symtrans.language.text_printer import R

_EXAMPLES = 22  # of parameters


class Candidate(NamedTuple):
    """A value that a function takes at `place`, or approaches there (`attained` False)."""

    value: sp.Expr
    place: sp.Expr
    attained: bool


class Extremum(NamedTuple):
    """A supremum or infimum.

    Attributes
    ----------
    value : Expr
        Possibly oo, or a Max/Min where the order of the candidates depends on the parameters.
    place : Expr or None
        A point r >= 0 at which it is attained or approached; None for a Max/Min.
    attained : bool
    argument : Sentence
        The line of proof.
    """

    value: sp.Expr
    place: sp.Expr | None
    attained: bool
    argument: Sentence


def supremum(found: Iterable[Candidate], argument: Sentence, factor: int = 1) -> Extremum:
    """The largest candidate (`factor` 1), or the smallest (`factor` -1)."""
    found = [Candidate(factor * c.value, c.place, c.attained) for c in found]
    value = largest(c.value for c in found)
    best = [c for c in found if c.value == value or _equal(c.value, value)]
    best.sort(key=lambda c: not c.attained)
    result = factor * value
    if isinstance(value, sp.Max) and factor == -1:
        result = sp.Min(*(-v for v in value.args), evaluate=False)
    if not best:
        return Extremum(result, None, False, argument)
    return Extremum(result, best[0].place, best[0].attained, argument)


def _equal(a: sp.Expr, b: sp.Expr) -> bool:
    if a in (sp.oo, -sp.oo) or b in (sp.oo, -sp.oo) or isinstance(b, sp.Max):
        return False
    return decided(sign, a - b) == 0


def multiple(factor: sp.Expr, value: sp.Expr) -> sp.Expr:
    """A positive multiple of a value, which may be infinite or open among several."""
    if factor == 1 or value in (sp.oo, -sp.oo):
        return value
    if isinstance(value, sp.Max | sp.Min):
        return value.func(*(multiple(factor, part) for part in value.args))
    return simplified(factor * value)


def with_places(argument: Sentence, place: Callable[[sp.Expr], sp.Expr], variable: sp.Expr) -> Sentence:
    """The argument for F(u(r)), of one for F: each place that it names is moved, and u stands in its formulas."""
    return tuple(
        word
        if isinstance(word, str) or word == R or not isinstance(word, sp.Basic)
        else word.xreplace({X: variable})
        if X in word.free_symbols
        else place(word)
        for word in argument
    )


def stretched(argument: Sentence, scale: sp.Expr) -> Sentence:
    """The argument for F(r/scale), of one for F."""
    return with_places(argument, lambda place: simplified(scale * place), X / scale)


def chart_of_slope(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> Chart:
    """Where a function f ascends; where its own chart is open, by N = x^2 f', whose derivative is x (x f)''.

    So g = Phi(r)/r falls where Phi is concave, also where its parameters leave the zeros of g' open.
    """
    slope = _slope(expr)
    try:
        return sign_chart(slope, lo, hi)
    except Undecided as question:
        if question.open is not None or is_heavy(slope):
            raise
        bend = _slope(_slope(simplified(X * expr)))
        if sp.count_ops(bend) >= sp.count_ops(slope):
            raise
        try:
            chart = sign_chart(bend, lo, hi)
        except Undecided as second:
            raise second if second.open is not None else question from None
        if len(chart) == 1 and sign(limit(simplified(X**2 * slope), lo, "+")) in (0, chart[0].sign):
            return chart
        raise


def _slope(expr: sp.Expr) -> sp.Expr:
    slope = differentiate(expr, X)
    return slope if is_heavy(slope) else simplified(slope)


def sign_of_extremum(value: sp.Expr) -> int:
    """The sign of a supremum or infimum, which may be infinite, open among several, or without a value."""
    if value in (sp.oo, -sp.oo):
        return 1 if value is sp.oo else -1
    if value.has(sp.zoo, sp.nan):  # where the formula has no value
        return -1
    if isinstance(value, sp.Min):
        return _sign_of_least(value.args)
    if isinstance(value, sp.Max):
        return -_sign_of_least([-part for part in value.args])
    return sign(value)


def takes_either_sign(value: sp.Expr) -> bool:
    """Whether examples of its parameters make a value positive, and others negative: no proof, but a question saved.

    Not of a value that is open among several: the question may find which it is, and so a shorter condition.

    Examples
    --------
    >>> a, b, c = sp.symbols("a b c", positive=True)
    >>> takes_either_sign(a - b**2 / (4 * c)), takes_either_sign(a + 2 * b - a * sp.exp(-c))
    (True, False)
    """
    if value.has(sp.Min, sp.Max):
        return False
    symbols, found = sorted(value.free_symbols, key=str), set()
    for k in range(_EXAMPLES):
        numbers = {}
        for j, symbol in enumerate(symbols):  # powers of two, in an order of its own for each
            exponent = k * (2 * j + 3) % 11 - 5
            number = arb(2) ** (abs(exponent) if symbol.is_integer else exponent)
            numbers[symbol] = -number if symbol.is_negative or (symbol.is_positive is None and k % 2) else number
        ball = decided(enclose_with, value, numbers)
        found |= set() if ball is None else {1} if ball > 0 else {-1} if ball < 0 else set()
        if len(found) == 2:
            return True
    return False


def _sign_of_least(values: Iterable[sp.Expr]) -> int:
    """The sign of the least of some values: that one is negative decides it, whatever the others are."""
    signs, question = [], None
    for value in values:
        try:
            signs.append(sign_of_extremum(value))
        except Undecided as open_:
            question = open_
    if question is not None and -1 not in signs:
        raise question
    return min(signs)
