"""Laurent polynomials with rational coefficients, exact and quick: what the pieces of a spline are made of."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from flint import fmpq

from symtrans.calculus.undecided import Undecided

_ZERO, _ONE = fmpq(0), fmpq(1)


class Laurent(NamedTuple):
    """The sum of coefficients[k] * y**(low + k); neither end of the coefficients is 0, and zero has none.

    Examples
    --------
    >>> p = laurent(-1, [fmpq(2), fmpq(0), fmpq(3)])  # 2/y + 3 y
    >>> p(fmpq(2)), p.derivative() == laurent(-2, [fmpq(-2), fmpq(0), fmpq(3)])
    (7, True)
    """

    low: int
    coefficients: tuple[fmpq, ...]

    @property
    def high(self) -> int:
        """The largest exponent; 0 of the zero polynomial."""
        return self.low + max(len(self.coefficients) - 1, 0)

    def __call__(self, y: fmpq) -> fmpq:
        """The value at y > 0."""
        value = _ZERO
        for coefficient in reversed(self.coefficients):
            value = value * y + coefficient
        return value * y**self.low if self.low else value

    def plus(self, other: "Laurent") -> "Laurent":
        """The sum."""
        if not (self.coefficients and other.coefficients):
            return self if self.coefficients else other
        low, high = min(self.low, other.low), max(self.high, other.high)
        found = [_ZERO] * (high - low + 1)
        for one in (self, other):
            for k, coefficient in enumerate(one.coefficients, one.low - low):
                found[k] += coefficient
        return laurent(low, found)

    def times(self, other: "Laurent") -> "Laurent":
        """The product."""
        if not (self.coefficients and other.coefficients):
            return ZERO
        found = [_ZERO] * (len(self.coefficients) + len(other.coefficients) - 1)
        for k, one in enumerate(self.coefficients):
            for n, two in enumerate(other.coefficients):
                found[k + n] += one * two
        return Laurent(self.low + other.low, tuple(found))

    def by(self, number: fmpq) -> "Laurent":
        """The multiple."""
        return Laurent(self.low, tuple(c * number for c in self.coefficients)) if number else ZERO

    def dilated(self, number: fmpq) -> "Laurent":
        """P(number * y)."""
        return Laurent(self.low, tuple(c * number**k for k, c in enumerate(self.coefficients, self.low)))

    def shifted(self, place: fmpq) -> tuple[fmpq, ...]:
        """The coefficients of P(y) / y**low in powers of y - place (Horner's scheme)."""
        found = list(self.coefficients)
        for start in range(len(found) - 1):
            for k in range(len(found) - 2, start - 1, -1):
                found[k] += place * found[k + 1]
        return tuple(found)

    def derivative(self) -> "Laurent":
        """dP/dy."""
        return laurent(self.low - 1, [c * k for k, c in enumerate(self.coefficients, self.low)])

    def integral(self) -> "Laurent | None":
        """The antiderivative without a constant; None where it holds a logarithm."""
        if self.low <= -1 <= self.high and self.coefficients[-1 - self.low]:
            return None
        return laurent(self.low + 1, [c / (k + 1) if c else c for k, c in enumerate(self.coefficients, self.low)])

    def inverse(self) -> "Laurent | None":
        """1/P where that is one power."""
        return Laurent(-self.low, (1 / self.coefficients[0],)) if len(self.coefficients) == 1 else None

    def at_zero(self) -> fmpq | float:
        """The limit at 0+, which may be inf or -inf."""
        if self.low < 0:
            return math.inf if self.coefficients[0] > 0 else -math.inf
        return self.coefficients[0] if self.coefficients and self.low == 0 else _ZERO

    def at_infinity(self) -> fmpq | float:
        """The limit at infinity, which may be inf or -inf."""
        if self.high > 0:
            return math.inf if self.coefficients[-1] > 0 else -math.inf
        return self.coefficients[-1] if self.coefficients and self.high == 0 else _ZERO

    def roots(self, lo: fmpq, hi: fmpq | None) -> list[fmpq]:
        """The zeros in (lo, hi), ascending, lo >= 0; `hi` None is infinity. The zero polynomial is not asked.

        Raises
        ------
        Undecided
            If one of them is not rational, or that is not found.
        """
        found = self._positive_roots(lo, hi)
        return sorted({root for root in found if root > lo and (hi is None or root < hi)})

    def _positive_roots(self, lo: fmpq, hi: fmpq | None) -> list[fmpq]:
        given, degree = self.coefficients, len(self.coefficients) - 1
        if degree == 0 or all(c >= 0 for c in given) or all(c <= 0 for c in given):
            return []
        if degree == 1:
            return [-given[0] / given[1]]
        if degree == 2:
            return self._roots_of_square(lo, hi)
        if not any(given[1:-1]):
            power = -given[0] / given[-1]
            root = _root(power, degree)
            if root is not None:
                return [root]
            if power < lo**degree or (hi is not None and power > hi**degree):
                return []
        raise Undecided("a zero of a polynomial is not rational")

    def _roots_of_square(self, lo: fmpq, hi: fmpq | None) -> list[fmpq]:
        c, b, a = self.coefficients
        discriminant = b * b - 4 * a * c
        if discriminant < 0:
            return []
        root = _root(discriminant, 2)
        if root is not None:
            return [(-b - root) / (2 * a), (-b + root) / (2 * a)]
        # no end of the interval is a zero: both zeros, or none, lie outside if the ends and the vertex say so
        vertex = -b / (2 * a)
        at_lo = self.shifted(lo)[0] * a
        at_hi = 1 if hi is None else self.shifted(hi)[0] * a
        if at_lo > 0 and at_hi > 0 and not (vertex > lo and (hi is None or vertex < hi)):
            return []
        if at_lo < 0 and at_hi < 0:
            return []
        raise Undecided("a zero of a polynomial is not rational")


def laurent(low: int, coefficients: Sequence[fmpq]) -> Laurent:
    """A Laurent polynomial from any coefficients: the zeros at both ends are dropped."""
    start, end = 0, len(coefficients)
    while end > start and not coefficients[end - 1]:
        end -= 1
    while start < end and not coefficients[start]:
        start += 1
    return Laurent(low + start, tuple(coefficients[start:end])) if end > start else ZERO


def constant(number: fmpq) -> Laurent:
    """A number as a polynomial."""
    return Laurent(0, (number,)) if number else ZERO


ZERO = Laurent(0, ())
ONE = Laurent(0, (_ONE,))
Y = Laurent(1, (_ONE,))


def _root(number: fmpq, degree: int) -> fmpq | None:
    """The root of a number >= 0, where it is rational."""
    if number < 0:
        return None
    top, bottom = (_whole_root(int(part), degree) for part in (number.p, number.q))
    return None if top is None or bottom is None else fmpq(top, bottom)


def _whole_root(number: int, degree: int) -> int | None:
    if degree == 2:
        root = math.isqrt(number)
    else:
        root = 1 << -(-number.bit_length() // degree)
        while (lower := ((degree - 1) * root + number // root ** (degree - 1)) // degree) < root:  # Newton's iteration
            root = lower
    return root if root**degree == number else None
