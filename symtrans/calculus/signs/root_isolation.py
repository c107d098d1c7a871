"""Numerics find, algebra names, ball arithmetic proves: the zeros of a function without parameters.

The ends of the interval are settled by the expansion there (`tails`). Between them
boxes are halved until on each the function, or its derivative, has one sign. What is
left are intervals with exactly one zero, crossed with a proved sign on both sides.
"""

from collections.abc import Iterator
from typing import NamedTuple

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X, is_zero, put
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.asymptotics.at_infinity import end_sign
from symtrans.calculus.enclosures.balls import Ball, ball_function, ball_of, enclose, rational_of
from symtrans.calculus.signs.isolated_zeros import IsolatedRoot
from symtrans.calculus.undecided import Undecided, decided, interval

_BITS = 160
_MOST_BOXES = 20_000
_DEEPEST = 60  # halvings of one box
_LARGEST_NUMERATOR = 10**9
_FAR = sp.Integer(4)  # where the growth of exponentials is compared
_MOST_DERIVATIVES = 4  # that may vanish at a regular end
_WIDTHS = tuple(sp.Rational(1, 2**k) for k in (3, 6, 10, 16, 24))
# A box is not cut in the middle, where a zero may well lie.
_CUT = sp.Rational(1_000_003, 2_000_000)


class Crossing(NamedTuple):
    """A zero at which the sign changes, or (before == after) one that was named exactly."""

    place: sp.Expr
    before: int
    after: int


def crossings(function: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> tuple[int, tuple[Crossing, ...]]:
    """The sign right of `lo` and every zero of `function` (smooth on (lo, hi), only symbol `X`), ascending.

    Raises
    ------
    Undecided
        If a zero without change of sign, or an end, cannot be settled.

    Examples
    --------
    >>> first, zeros = crossings(sp.cos(X) - X, sp.S.Zero, sp.oo)
    >>> first, zeros[0].place, zeros[0].after
    (1, 0.739085133215, -1)
    """
    function = _without_growth(_without_poles_at_zero(function))
    first, near = _regular_sign(function, lo, 1) or end_sign(function, lo, "+")
    last, far = (None if hi is sp.oo else _regular_sign(function, hi, -1)) or end_sign(function, hi, "-")
    if first == 0 or last == 0:
        if is_zero(function):
            return 0, ()
        raise Undecided(function, " vanishes at an end of ", *interval(lo, hi))
    start = _inside(lo, near)
    end = far if hi is sp.oo else _inside(hi, -far)
    if start >= end:  # each point lies within reach of one end
        if first != last:
            raise Undecided("the signs of ", function, " at the ends of ", *interval(lo, hi), " contradict each other")
        return first, ()
    found = []
    with ctx.workprec(_BITS):
        search = _Search(function)
        for a, b in search.intervals(start, end):
            found.append((a, b, search.sign_at(a), search.sign_at(b)))
    zeros = tuple(Crossing(_named(function, a, b), before, after) for a, b, before, after in found)
    expected = zeros[-1].after if zeros else first
    if expected != last or (zeros and zeros[0].before != first):
        raise Undecided("the signs of ", function, " on ", *interval(lo, hi), " do not fit together")
    return first, zeros


def _without_poles_at_zero(function: sp.Expr) -> sp.Expr:
    """A sum times the power of x that clears its denominators x**n: the zeros and the signs are the same."""
    terms = sp.Add.make_args(function)
    powers = [part.as_base_exp() for term in terms for part in sp.Mul.make_args(term)]
    lowest = min((power for base, power in powers if base == X and isinstance(power, sp.Integer)), default=sp.S.Zero)
    return sp.Add(*(term * X**-lowest for term in terms)) if lowest < 0 else function


def _without_growth(function: sp.Expr) -> sp.Expr:
    """A sum over its largest exponential: a ball cannot hold exp(9) ... exp(9000) without holding 0."""
    terms = sp.Add.make_args(function)
    exponents = [sp.Add(*(f.exp for f in sp.Mul.make_args(term) if isinstance(f, sp.exp))) for term in terms]
    try:
        sizes = [float(enclose(exponent.xreplace({X: _FAR})).mid()) for exponent in exponents]
    except Undecided:
        return function
    if max(sizes) <= 0:
        return function
    most = exponents[sizes.index(max(sizes))]
    others = [[f for f in sp.Mul.make_args(term) if not isinstance(f, sp.exp)] for term in terms]
    return sp.Add(*(sp.Mul(*rest, sp.exp(sp.expand(own - most))) for rest, own in zip(others, exponents, strict=True)))


def _regular_sign(function: sp.Expr, place: sp.Expr, side: int) -> tuple[int, sp.Rational] | None:
    """(s, d): the sign on the side of a rational place within d, where balls and derivatives tell; else None.

    If f and its derivatives below the order n vanish at the place, and that of order n keeps
    its sign s on [place, place + d], so does f on (place, place + d] (Taylor).
    """
    if not isinstance(place, sp.Rational):
        return None
    derivative = function
    with ctx.workprec(_BITS):
        for order in range(_MOST_DERIVATIVES + 1):
            try:
                value = ball_function(derivative, X, _BITS)
                at_place = value(ball_of(place, place))
                if not at_place.is_finite():
                    return None
                for width in _WIDTHS:
                    ball = value(ball_of(*sorted((place, place + side * width))))
                    if ball > 0 or ball < 0:
                        return (1 if ball > 0 else -1) * side**order, width
                if 0 not in at_place or is_zero(derivative.xreplace({X: place})) is not True:
                    return None
            except Undecided:
                return None
            derivative = differentiate(derivative, X)
    return None


def _inside(place: sp.Expr, width: sp.Rational) -> sp.Rational:
    """A rational between `place` and `place` + `width`, well inside."""
    if isinstance(place, sp.Rational):
        return place + width
    with ctx.workprec(_BITS):
        ball = enclose(place, _BITS)
        if not ball.rad() * 4 < abs(enclose(width, _BITS)):
            raise Undecided(place, " is not known sharply enough")
        return rational_of(ball.mid()) + width / 2


class _Search:
    """Bisection of a compact interval by the signs of a function and its derivative on balls."""

    def __init__(self, function: sp.Expr) -> None:
        self._value: Ball = ball_function(function, X, _BITS)
        self._slope: Ball = ball_function(differentiate(function, X), X, _BITS)
        self._boxes = 0

    def sign_at(self, point: sp.Rational) -> int:
        value = self._value(ball_of(point, point))
        if value > 0:
            return 1
        if value < 0:
            return -1
        raise Undecided("the sign at ", point, " is open")

    def intervals(self, start: sp.Rational, end: sp.Rational) -> Iterator[tuple[sp.Rational, sp.Rational]]:
        """Disjoint intervals, ascending, each with exactly one zero, the function monotone on it."""
        stack = [(start, end, 0)]
        while stack:
            low, high, depth = stack.pop()
            self._boxes += 1
            if self._boxes > _MOST_BOXES or depth > _DEEPEST:
                raise Undecided(f"a zero near {sp.N((low + high) / 2, 8)} without change of sign, or too many zeros")
            box = ball_of(low, high)
            slope = self._slope(box)
            if self._certain(box, low, high, slope):
                continue
            if (slope > 0 or slope < 0) and self._value(box).is_finite():
                if self.sign_at(low) != self.sign_at(high):
                    yield low, high
                continue
            cut = low + (high - low) * _CUT
            stack.append((cut, high, depth + 1))
            stack.append((low, cut, depth + 1))

    def _certain(self, box: arb, low: sp.Rational, high: sp.Rational, slope: arb) -> bool:
        """Whether the ball of values, or its mean value form, keeps clear of zero."""
        value = self._value(box)
        if value > 0 or value < 0:
            return True
        middle = (low + high) / 2
        centre = ball_of(middle, middle)
        value = self._value(centre) + slope * (box - centre)
        return bool(value > 0 or value < 0)


# ---------------------------------------------------------------------------
# Names: an exact expression for an isolated zero, if a simple one is proved


def _named(function: sp.Expr, low: sp.Rational, high: sp.Rational) -> sp.Expr:
    root = IsolatedRoot(function, X, low, high)
    with ctx.workprec(_BITS):
        ball = root.ball()
    near = rational_of(ball.mid())
    for candidate in _candidates(near):
        value = decided(put, function, candidate)
        # the candidate lies in the isolating interval and is a zero, so it is the zero
        if value is not None and is_zero(value) and low < candidate < high:
            return candidate
    return root


def _candidates(near: sp.Rational) -> Iterator[sp.Expr]:
    """Numbers of a simple form that agree with `near` to 30 digits."""
    inverse_images = (
        (near, lambda q: q),
        (near**2, sp.sqrt),
        (near / _rational_pi(), lambda q: q * sp.pi),
        (near**2 / _rational_pi(), lambda q: sp.sqrt(q * sp.pi)),
        (_rational_exp(near), sp.log),
    )
    for value, form in inverse_images:
        simple = _simple(value)
        if simple is not None:
            yield form(simple)


def _simple(value: sp.Rational) -> sp.Rational | None:
    """The rational of small height within 10**-30 of `value`, by its continued fraction."""
    if abs(value) > _LARGEST_NUMERATOR:  # a ball of its size does not know 30 digits behind the point
        return None
    simple = value.limit_denominator(10**6)
    return simple if abs(simple - value) < sp.Rational(1, 10**30) else None


def _rational_pi() -> sp.Rational:
    return rational_of(enclose(sp.pi, _BITS).mid())


def _rational_exp(value: sp.Rational) -> sp.Rational:
    return rational_of(enclose(sp.exp(value), _BITS).mid()) if value < 1000 else sp.S.Zero
