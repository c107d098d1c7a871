"""What a formula is next to 0 and at infinity: its expansion there, and sums divided by their largest power.

An expansion is that of `symtrans.calculus.asymptotics`, without its remainder: where it may stand for the formula is
for who asks to find out.
"""

from functools import reduce

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.asymptotics.expansions import Expansion
from symtrans.calculus.asymptotics.growth import T, Term, largest
from symtrans.calculus.undecided import Undecided

_LARGEST = 256  # power of x that a form is written with
_DENOMINATORS = 10  # of the power that a function grows with


def expansion(expr: sp.Expr, at_zero: bool, order: int) -> sp.Expr:
    """The terms that count at one end of the half line, each by Horner's rule.

    Examples
    --------
    >>> expansion(X - sp.sqrt(X**2 - 2), False, 4)
    (1 + 1/(2*_x**2))/_x
    >>> expansion(X * sp.log(1 + 1 / X**2), True, 4)
    _x**3*(1 - _x**2/2) - 2*_x*log(_x)

    Raises
    ------
    Undecided
        If there is none, or all that is left of it is 0.
    """
    found = Expansion(expr.xreplace({X: 1 / X}) if at_zero else expr, order)
    exact = [term for term in found.terms if not found.is_open(term)]
    if not exact:
        raise Undecided("no exact term at the end of the half line")
    growth = largest(exact).scale.phi
    total = sp.Add(*(_written(term) for term in exact if term.scale.phi == growth))
    return total.xreplace({sp.log(X): -sp.log(X), X: 1 / X}) if at_zero else total


def _written(term: Term) -> sp.Expr:
    coefficient = sp.expand(term.coefficient)
    if coefficient.is_polynomial(T):
        coefficient = horner(sp.Poly(coefficient, T), T)
    return term.scale.written() * coefficient.xreplace({T: 1 / X})


def horner(polynomial: sp.Poly, y: sp.Expr) -> sp.Expr:
    """A polynomial at y, its least power in front.

    Examples
    --------
    >>> horner(sp.Poly(X**3 / 3 - 2 * X**5, X), X)
    _x**3*(1/3 - 2*_x**2)
    """
    total, above = sp.S.Zero, 0
    for (power,), coefficient in polynomial.terms():
        total = coefficient + y ** (above - power) * total
        above = power
    return y**above * total


def power_between(before: arb, last: arb, octaves: int) -> list[sp.Expr]:
    """The power of x that a function seems to grow with between two values that lie octaves apart; none if it does not.

    An exponential is none, though it falls like a large one.

    Examples
    --------
    >>> power_between(arb(3), arb(12), 4), power_between(arb(3), arb(10), 4)
    ([1/2], [])
    """
    if not before * last > 0:
        return []
    slope = float((last / before).log() / arb(2).log()) / octaves
    near = sp.Rational(slope).limit_denominator(_DENOMINATORS)
    return [near] if abs(near) <= _LARGEST and abs(float(near) - slope) < 1e-6 else []


def in_falling_powers(expr: sp.Expr) -> sp.Expr:
    """The same for x > 0, with no sum that is larger than the power of x in front of it.

    Examples
    --------
    >>> in_falling_powers(X / (1 + sp.log(1 + X**2)))
    _x/(2*log(_x) + log(1 + _x**(-2)) + 1)
    """
    power, factor = _split(expr)
    return X**power * factor


def _split(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(a, F) with expr = x^a F."""
    if X not in expr.free_symbols:
        return sp.S.Zero, expr
    if expr == X:
        return sp.S.One, sp.S.One
    if isinstance(expr, sp.Mul):
        parts = [_split(factor) for factor in expr.args]
        return sp.Add(*(power for power, _ in parts)), sp.Mul(*(factor for _, factor in parts))
    if isinstance(expr, sp.Pow) and X not in expr.exp.free_symbols:
        power, factor = _split(expr.base)
        return power * expr.exp, factor**expr.exp
    if isinstance(expr, sp.Add):
        terms = [_split(term) for term in expr.args]
        top = reduce(lambda a, b: b if (b - a).is_positive else a, (power for power, _ in terms))
        return top, sp.Add(*(factor * X ** (power - top) for power, factor in terms))
    if isinstance(expr, sp.log):
        power, factor = _split(expr.args[0])
        return sp.S.Zero, power * sp.log(X) + sp.log(factor)
    return sp.S.Zero, expr.func(*map(in_falling_powers, expr.args))
