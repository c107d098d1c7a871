"""How fast functions grow at infinity: products of exponentials, powers and logarithms, and sums of such terms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import accumulate, count, product, repeat, zip_longest
from math import prod

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import compare, sign
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.enclosures.balls import enclose_with
from symtrans.calculus.undecided import Undecided

T: sp.Symbol = sp.Dummy("t", dummy_index=20_052_007, real=True)
"""Stands for 1/x in coefficients."""

_MOST_TERMS = 600


class Remainder(sp.Dummy):  # type: ignore[misc]
    """Stands for a bounded quantity, of which no more is known than its enclosure."""


Powers = tuple[tuple[sp.Expr, sp.Expr], ...]  # (exponent > 0, coefficient), highest first


@dataclass(frozen=True)
class Scale:
    """The growth exp(sum c x**b) x**power log(x)**l1 log(log(x))**l2 ...; `phi` lists the (b, c), `logs` the l."""

    phi: Powers = ()
    power: sp.Expr = sp.S.Zero  # a number, or in the parameters
    logs: tuple[sp.Expr, ...] = ()  # each a number, or in the parameters; the last is not 0

    def times(self, other: "Scale") -> "Scale":
        """The growth of the product."""
        logs = (one + another for one, another in zip_longest(self.logs, other.logs, fillvalue=sp.S.Zero))
        return Scale(add_powers(self.phi, other.phi), self.power + other.power, _shortened(logs))

    def to(self, exponent: sp.Expr) -> "Scale":
        """The growth of a power."""
        phi = tuple((b, c * exponent) for b, c in self.phi)
        return Scale(phi, self.power * exponent, _shortened(one * exponent for one in self.logs))

    def order(self) -> int:
        """1 if it grows, -1 if it tends to 0, 0 if it is constant."""
        if self.phi:
            return sign(self.phi[0][1])
        return next((side for side in map(sign, (self.power, *self.logs)) if side), 0)

    def is_logarithm(self) -> bool:
        """Whether it is log(x), log(log(x)), ... itself."""
        return not self.phi and self.power == 0 and bool(self.logs) and {*self.logs[:-1], self.logs[-1] - 1} == {0}

    def of_logarithm(self, c: sp.Expr) -> "Scale":
        """The growth of exp(c L) for such a logarithm L: x**c, log(x)**c, ..."""
        return Scale(power=c) if len(self.logs) == 1 else Scale(logs=(*[sp.S.Zero] * (len(self.logs) - 2), c))

    def written(self) -> sp.Expr:
        """The growth as a function of X.

        Examples
        --------
        >>> Scale(power=sp.S.One, logs=(sp.S.Zero, sp.Integer(2))).written()
        _x*log(log(_x))**2
        """
        iterated = accumulate(repeat(sp.log, len(self.logs)), lambda inner, log: log(inner), initial=X)
        factors = (inner**one for inner, one in zip(iterated, (self.power, *self.logs), strict=True))
        return sp.exp(sp.Add(*(c * X**b for b, c in self.phi))) * sp.Mul(*factors)

    def bound(self, radius: sp.Rational) -> arb | None:
        """Its value at `radius` if it is proved to decrease from there on, else None (`radius` >= 3).

        With L1 = log(x), L2 = log(L1), ... the derivative of its logarithm by L1 is c0 + c1/L1 + c2/(L1 L2) + ...,
        where c0 is the power and the others are the `logs`. If c_j is the first that is not 0, this is 1/(L1 ... L_j)
        times c_j + c_(j+1)/L_(j+1) + ..., of which what is positive besides c_j falls while all L are positive.
        """
        at = enclose_with(radius, {})
        iterated = [*accumulate(repeat(None, len(self.logs)), lambda inner, _: inner.log(), initial=at)]
        if not all(log > 0 for log in iterated):
            return None
        exponents = [enclose_with(one, {}) for one in (self.power, *self.logs)]
        first = 0 if self.phi else next((k for k, one in enumerate(exponents) if one != 0), len(exponents))
        slope, product = (exponents[first] if first < len(exponents) else arb(0)), arb(1)
        for one, log in zip(exponents[first + 1 :], iterated[first + 1 :], strict=True):
            product *= log
            slope += one.max(arb(0)) / product
        if self.phi:  # x d/dx of the exponent is at most lead * x**top, falling if lead < 0
            top = self.phi[0][0]
            lead = arb(0)
            for b, c in self.phi:
                part = enclose_with(b * c, {}) * at ** enclose_with(b - top, {})
                lead += 0 if b != top and part < 0 else part
            if not lead < 0:
                return None
            slope = slope + lead * at ** enclose_with(top, {})
        if not (slope < 0 or slope == 0):
            return None
        exponent = sum((enclose_with(c, {}) * at ** enclose_with(b, {}) for b, c in self.phi), arb(0))
        return prod((inner**one for inner, one in zip(iterated, exponents, strict=True)), start=exponent.exp())


def _shortened(logs: Iterable[sp.Expr]) -> tuple[sp.Expr, ...]:
    """Without the zeros at the end."""
    kept = list(logs)
    while kept and kept[-1] == 0:
        kept.pop()
    return tuple(kept)


ONE = Scale()


@dataclass(frozen=True)
class Term:
    """`scale` times a coefficient in `T` and in symbols for small or bounded quantities."""

    scale: Scale
    coefficient: sp.Expr


def add_powers(a: Powers, b: Powers) -> Powers:
    """The sum of two exponents phi; an order of powers that depends on the parameters is a question to whoever asks."""
    total: dict[sp.Expr, sp.Expr] = dict(a)
    for exponent, c in b:
        total[exponent] = total.get(exponent, sp.S.Zero) + c
    kept = [(e, sp.expand(c)) for e, c in total.items() if not vanishes_identically(c)]
    return tuple(sorted(kept, key=cmp_to_key(_by_exponent)))


def _by_exponent(one: tuple[sp.Expr, sp.Expr], other: tuple[sp.Expr, sp.Expr]) -> int:
    return compare(other[0], one[0])


def vanishes_identically(constant: sp.Expr) -> bool:
    """Whether it is 0 for all values of the parameters; False leaves open that it is 0 for some.

    Raises
    ------
    Undecided
        If it cannot be told from 0.
    """
    zero = is_zero(constant)
    if zero is None:
        raise Undecided("whether ", constant, " = 0 is open")
    return zero


def at_infinity(coefficient: sp.Expr) -> sp.Expr:
    """The coefficient at t = 0."""
    value = coefficient.xreplace({T: sp.S.Zero})
    if value.has(sp.nan, sp.zoo, sp.oo):
        raise Undecided("a coefficient is singular at infinity")
    return value


def collected(terms: Iterable[Term]) -> list[Term]:
    """One term for each exponential, logarithm and fractional part of the power; remainders stay apart."""
    groups: dict[tuple[Powers, sp.Expr, tuple[sp.Expr, ...], bool], Term] = {}
    for term in terms:
        scale = term.scale
        number, symbolic = sp.expand(scale.power).as_coeff_Add()
        key = (scale.phi, symbolic + number - sp.floor(number), scale.logs, term.coefficient.has(Remainder))
        other = groups.get(key)
        if other is None:
            groups[key] = term
            continue
        above = sp.expand(scale.power - other.scale.power)  # a whole number
        high = scale.power if above > 0 else other.scale.power
        coefficient = sp.Add(*(t.coefficient * T ** sp.expand(high - t.scale.power) for t in (term, other)))
        groups[key] = Term(Scale(scale.phi, high, scale.logs), coefficient)
    return [term for term in groups.values() if term.coefficient != 0]


def multiplied(first: list[Term], second: list[Term]) -> list[Term]:
    """The product of two sums of terms."""
    if len(first) * len(second) > _MOST_TERMS:
        raise Undecided("too many terms at infinity")
    return collected(Term(a.scale.times(b.scale), a.coefficient * b.coefficient) for a, b in product(first, second))


def largest(terms: list[Term]) -> Term:
    """The term that grows fastest; of several that grow alike the first."""
    best = terms[0]
    for term in terms[1:]:
        if term.scale.times(best.scale.to(sp.S.NegativeOne)).order() > 0:
            best = term
    return best


def taylor_quotients(coefficient: sp.Expr) -> Iterator[sp.Expr]:
    """B, B', B''/2, ... as functions of t."""
    quotient = coefficient
    for order in count(1):
        yield quotient
        quotient = differentiate(quotient, T) / order


def rational_lowered(term: Term) -> Term:
    """A zero at t = 0 of a coefficient that is a rational function of t, moved into the power of x."""
    numerator, denominator = sp.fraction(cancelled(term.coefficient))
    lowest = min(power for (power,) in sp.Poly(numerator, T).monoms())
    lowered = cancelled(numerator / T**lowest) / denominator
    return Term(Scale(term.scale.phi, term.scale.power - lowest, term.scale.logs), lowered)
