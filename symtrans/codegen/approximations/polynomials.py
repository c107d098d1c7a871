"""Near-minimax polynomials with coefficients of a floating-point format, and the proof of their error.

A function W is approximated as head(t) + t^v P(z), with z = t or z = t². What
P has to follow is the cofactor q = (W - head)/t^v. P fits q at Chebyshev nodes
(weighted least squares in 220 bits, close to the minimax polynomial), its
coefficients are rounded to the format, and only then is |P - q| bounded over
the whole interval: by Taylor models in ball arithmetic, so the bound covers
the rounding of the coefficients too, and the fit itself need not be trusted.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from typing import Any

from flint import arb, arb_mat, arb_series, ctx, fmpq

from symtrans.codegen.approximations.formats import Format, two_to

_BITS = 220  # working precision: cancellation at small nodes costs less than half of it
_PIECES = 160  # the interval is proved in this many pieces ...
_CENTRAL = 4  # ... of which those within this many widths of 0 are one, expanded about 0
_LARGEST_DEGREE = 32


@dataclass(frozen=True)
class Cofactor:
    """What a polynomial has to follow: q(t) = (W(t) - head t)/t^order on [low, high].

    Attributes
    ----------
    name : str
    whole : callable
        W on power series with ball coefficients; analytic on the interval.
    head : float
        The first coefficient of W, if it is to be kept apart: W(t) = head t + ...
    order : int
        W(t) - head t vanishes at 0 to this order.
    even : bool
        Whether q is a function of t².
    weight : callable
        How much an error of q counts where t is: what it does to the relative error of the function.
    low, high : fmpq
        The interval; it contains 0.
    tolerance : float
        The weighted error that is aimed at, in units of one rounding error, 2^-p.
    """

    name: str
    whole: Callable[[arb_series], arb_series]
    head: float
    order: int
    even: bool
    weight: Callable[[arb], arb]
    low: fmpq
    high: fmpq
    tolerance: float = 0.5

    def rest(self, centre: arb, terms: int) -> list[arb]:
        """Taylor coefficients of W(t) - head t about the centre."""
        t = arb_series([centre, 1], terms)
        return _coefficients(self.whole(t) - self.head * t, terms)


@dataclass(frozen=True)
class Polynomial:
    """A polynomial with its proof.

    Attributes
    ----------
    cofactor : Cofactor
    coefficients : tuple of float
        Lowest power of z first; each is a number of the format.
    errors : tuple of (arb, arb)
        Piece of the interval, and a proved bound of |P - q| on it: the truncation error, with that
        of the rounding of the coefficients.
    slope : arb
        A proved bound of |dq/dz| over the interval.
    """

    cofactor: Cofactor
    coefficients: tuple[float, ...]
    errors: tuple[tuple[arb, arb], ...]
    slope: arb

    def error(self, t: arb) -> arb:
        """The bound for every number in the ball; infinite if it leaves the interval."""
        if not (t >= arb(self.cofactor.low) and t <= arb(self.cofactor.high)):
            return arb.pos_inf()
        width = (self.cofactor.high - self.cofactor.low) / 2**20
        low, high = (
            float(t.lower()) - float(width.p) / float(width.q),
            float(t.upper()) + float(width.p) / float(width.q),
        )
        worst = arb(0)
        starts, ends, errors = self._in_order
        for k in range(bisect_left(ends, low), bisect_right(starts, high)):
            worst = worst.max(errors[k])
        return worst

    @cached_property
    def _in_order(self) -> tuple[list[float], list[float], list[arb]]:
        """The pieces from left to right, in floats for a quick look; `error` allows for their rounding."""
        rows = sorted(((float(p.lower()), float(p.upper()), e) for p, e in self.errors), key=lambda row: row[:2])
        return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]

    @property
    def worst(self) -> arb:
        """The largest weighted bound."""
        return _worst(self.cofactor, self.errors)


def _worst(cofactor: Cofactor, errors: tuple[tuple[arb, arb], ...]) -> arb:
    worst = arb(0)
    for piece, error in errors:
        worst = worst.max((cofactor.weight(piece) * error).abs_upper())
    return worst


@lru_cache(maxsize=32)
def polynomial(cofactor: Cofactor, format: Format) -> Polynomial:
    """The polynomial of least degree whose proved weighted error is within the cofactor's tolerance."""
    wanted = two_to(-format.precision) * cofactor.tolerance
    with _precision():
        degree = bisect_left(range(_LARGEST_DEGREE), True, lo=1, key=lambda d: _misfit(cofactor, d) < wanted)
        for tried in range(degree, _LARGEST_DEGREE):
            coefficients = tuple(format.round(c) for c in fit(cofactor, tried))
            errors = truncation_errors(cofactor, coefficients)
            if _worst(cofactor, errors) < wanted:
                return Polynomial(cofactor, coefficients, errors, _slope(cofactor))
    raise ArithmeticError(f"no polynomial of degree {_LARGEST_DEGREE} follows {cofactor.name} to {format.name}")


def _slope(cofactor: Cofactor) -> arb:
    """Bound |dq/dz|: with F = W - head t, t F' - v F vanishes at 0 to one order more than F (two if q is even).

    By Taylor's theorem about 0, dq/dz at t is F^(m)/m! at some point between 0 and t, m = v + 1 (v + 2).
    """
    order = cofactor.order + (2 if cofactor.even else 1)
    worst = arb(0)
    for piece in _models(cofactor, order + 1):
        worst = worst.max(abs(cofactor.rest(piece.where, order + 1)[order]).abs_upper())
    return worst


@lru_cache(maxsize=64)
def fit(cofactor: Cofactor, degree: int) -> tuple[arb, ...]:
    """Coefficients of the weighted least-squares polynomial in z at Chebyshev nodes, lowest power first."""
    with _precision():
        size = degree + 1
        samples = _samples(cofactor, 2 * size)
        rows = arb_mat(len(samples), size, [w * z**k for z, _, w in samples for k in range(size)])
        right = arb_mat(len(samples), 1, [w * q for _, q, w in samples])
        solution = (rows.transpose() * rows).solve(rows.transpose() * right)
        return tuple(solution[k, 0].mid() for k in range(size))


def _samples(cofactor: Cofactor, count: int) -> list[tuple[arb, arb, arb]]:
    """(z, q, weight) at the Chebyshev nodes of the interval of z."""
    found = []
    for z in _nodes(cofactor, count):
        t = z.sqrt() if cofactor.even else z
        found.append((z, cofactor.rest(t, 1)[0] / t**cofactor.order, cofactor.weight(t).mid()))
    return found


def _misfit(cofactor: Cofactor, degree: int) -> arb:
    """The largest weighted error at sample points: where the search for the degree begins."""
    coefficients = fit(cofactor, degree)
    worst = arb(0)
    for z, q, weight in _samples(cofactor, 4 * len(coefficients) + 1):
        worst = worst.max(abs(weight * (_horner(coefficients, z) - q)))
    return worst


def _nodes(cofactor: Cofactor, size: int) -> list[arb]:
    low, high = arb(cofactor.low), arb(cofactor.high)
    if cofactor.even:
        low, high = arb(0), (high * high).max(low * low)
    high = high * (1 + two_to(-40))  # no node falls on 0, where q is a limit
    middle, radius = (low + high) / 2, (high - low) / 2
    return [middle + radius * arb.cos_pi(arb(fmpq(2 * k + 1, 2 * size))) for k in range(size)]


def truncation_errors(cofactor: Cofactor, coefficients: tuple[float, ...]) -> tuple[tuple[arb, arb], ...]:
    """Prove a bound of |P - q| on each piece of the interval.

    F = W - head t - t^v P is analytic. About the centre c of a piece of half
    width w, |F(t)| <= sum_k |f_k| w^k + |f_n(piece)| w^n, where f_n(piece) encloses
    F^(n)/n! on the piece (Taylor with Lagrange's remainder); then
    |P - q| = |F|/|t|^v. About 0 the first v coefficients vanish, and t^v cancels.
    """
    v = cofactor.order
    degree = v + (2 if cofactor.even else 1) * (len(coefficients) - 1)
    found = []
    with _precision():
        powers = [arb(0)] * (degree + 1)  # t^v P(z(t)) in powers of t
        for k, value in enumerate(coefficients):
            powers[v + (2 if cofactor.even else 1) * k] = arb(value)
        for piece in _models(cofactor, degree + 2):
            series = _shifted(powers, piece.centre, piece.terms)
            gaps = [a - b for a, b in zip(piece.taylor, series, strict=True)]
            if piece.about_zero:
                bound = _bound_of(gaps[v:], piece.where) + piece.remainder * piece.radius ** (piece.terms - v)
            else:
                bound = sum((abs(gap) * piece.radius**k for k, gap in enumerate(gaps)), arb(0))
                bound += piece.remainder * piece.radius**piece.terms
                bound /= (abs(piece.centre) - piece.radius).abs_lower() ** v
            found.append((piece.where, bound.abs_upper() if bound.is_finite() else arb.pos_inf()))
    return tuple(found)


def _bound_of(coefficients: list[arb], where: arb) -> arb:
    """Of a polynomial on a ball about or next to 0."""
    worst = arb(0)
    width = (where.upper() - where.lower()) / _CENTRAL / 4
    for k in range(4 * _CENTRAL):
        t = (where.lower() + k * width).union(where.lower() + (k + 1) * width)
        worst = worst.max(_horner(coefficients, t).abs_upper())
    return worst


@dataclass(frozen=True)
class _Model:
    """W - head t on one piece: Taylor polynomial about its centre, and a bound of the remainder's coefficient.

    The polynomial P has fewer terms than the model, so it adds nothing to the remainder.
    """

    where: arb
    centre: arb
    radius: arb
    taylor: tuple[arb, ...]
    remainder: arb
    about_zero: bool

    @property
    def terms(self) -> int:
        return len(self.taylor)


@lru_cache(maxsize=64)
def _models(cofactor: Cofactor, terms: int) -> tuple[_Model, ...]:
    terms = -(-terms // 8) * 8  # one set of models serves several degrees
    low, high = cofactor.low, cofactor.high
    width = (high - low) / _PIECES
    near = width * _CENTRAL
    pieces = [(max(low, -near), min(high, near), True)]
    for start, end, side in ((near, high, 1), (near, -low, -1)):
        count = 0 if start >= end else -((start - end) / width).floor()
        for k in range(int(count)):
            a, b = start + k * width, min(start + (k + 1) * width, end)
            pieces.append((min(side * a, side * b), max(side * a, side * b), False))
    models = []
    for a, b, about_zero in pieces:
        centre = fmpq(0) if about_zero else (a + b) / 2
        radius = max(b - centre, centre - a)
        taylor = cofactor.rest(arb(centre), terms)
        where = arb(a).union(arb(b))
        remainder = abs(cofactor.rest(where, terms + 1)[terms]).abs_upper()
        models.append(_Model(where, arb(centre), arb(radius), tuple(taylor), remainder, about_zero))
    return tuple(models)


def _shifted(powers: list[arb], centre: arb, terms: int) -> list[arb]:
    """Coefficients of the polynomial about another centre."""
    return _coefficients(_horner(powers, arb_series([centre, 1], terms)), terms)


def _coefficients(series: arb_series, terms: int) -> list[arb]:
    found = [series[k] for k in range(min(terms, series.length()))]
    return found + [arb(0)] * (terms - len(found))


def _horner(coefficients: Sequence[Any], t: Any) -> Any:
    """A polynomial at a number or a series, lowest power first."""
    return reduce(lambda value, c: value * t + c, reversed(coefficients), arb(0))


@contextmanager
def _precision() -> Iterator[None]:
    """Working precision and series length for the block."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = _BITS, 256
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before
