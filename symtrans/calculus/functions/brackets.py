"""Proved brackets: neighbouring doubles between which an increasing function takes a value.

The function is evaluated in ball arithmetic, so that F(lower) < f < F(upper) holds for the exact F, also at
a point of inflection, where doubles no longer tell F(u) from f.
"""

import math
from collections.abc import Callable

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.balls import ball_function, enclose

_PRECISIONS = (64, 256, 1024)  # bits, tried in order until F(u) is told from f
_LARGEST = 1.7976931348623157e308

Sign = Callable[[float], int]


def bracket(function: sp.Expr, value: float, guess: float, lo: sp.Expr, hi: sp.Expr) -> tuple[float, float]:
    """The closest doubles (lower, upper) proved to enclose the u in [lo, hi] with F(u) = value.

    Parameters
    ----------
    function : Expr
        F in `calculus.X`, without other symbols; strictly increasing on (lo, hi), with a solution there.
    value : float
    guess : float
        Where to begin; the closer, the quicker.
    lo, hi : Expr
        Numbers, or oo. The solution is known to lie between them, so that they are bounds too.

    Examples
    --------
    >>> from fractions import Fraction
    >>> low, high = bracket(X**3, 2.0, 1.25, sp.S.Zero, sp.oo)
    >>> Fraction(low)**3 < 2 < Fraction(high)**3, high - low
    (True, 2.220446049250313e-16)
    """
    sign = _comparison(function, value)
    below, above = outward(lo, -1), outward(hi, 1)
    start = min(max(guess, below), above)
    lower = _edge(lambda u: sign(u) < 0, start, below, above)
    upper = _edge(lambda u: sign(u) > 0, max(start, lower), above, below)
    return lower, upper


def outward(place: sp.Expr, side: int) -> float:
    """The closest double that is proved not greater (side -1) or not less (side 1) than a number; -oo, oo stay."""
    if place in (sp.oo, -sp.oo):
        return _LARGEST if place is sp.oo else -_LARGEST
    ball = enclose(place)
    nearest = float(ball.mid())
    while not (arb(nearest) <= ball.lower() if side < 0 else arb(nearest) >= ball.upper()):
        exact = sp.Rational(nearest) == place if isinstance(place, sp.Rational) else False
        if exact:
            break
        nearest = math.nextafter(nearest, side * math.inf)
    return nearest


def _comparison(function: sp.Expr, value: float) -> Sign:
    """U -> the proved sign of F(u) - value; 0 where it is not told from 0."""

    def sign(u: float) -> int:
        for bits in _PRECISIONS:
            evaluate = ball_function(function, X, bits)
            with ctx.workprec(bits):
                difference = evaluate(arb(u)) - arb(value)
            if difference > 0:
                return 1
            if difference < 0:
                return -1
        return 0

    return sign


def _edge(holds: Callable[[float], bool], start: float, outer: float, inner: float) -> float:
    """The last double from `outer` to `inner` for which a monotone statement holds; it holds at `outer`."""
    good, bad = (start, inner) if holds(start) else (outer, start)
    far = inner if good == start else outer
    step = math.ulp(start)
    while True:  # away from the start in growing steps
        at = min(start + step, far) if far > start else max(start - step, far)
        if at == far:
            break
        if holds(at):
            good = at
        else:
            bad = at
        if (good == at) != (far == inner):
            break
        step *= 2
    while True:
        middle = good / 2 + bad / 2
        if not min(good, bad) < middle < max(good, bad):
            return good
        if holds(middle):
            good = middle
        else:
            bad = middle
