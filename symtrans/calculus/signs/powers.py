"""Sums of powers of the variable, some by a parameter or a fraction, and differences of two exponentials."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import sign

_HIGHEST_DEGREE = 60  # of the polynomial


def in_one_power(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(d, P): for X > 0 the sign of `expr` is that of P(X^d), d > 0; None where it is no such polynomial.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> in_one_power(X ** (p - 1) - 2 * X ** (3 * p - 1))
    (2*p, 1 - 2*_x)
    """
    if not any(_is_other(power.exp) and X in sp.Mul.make_args(power.base) for power in expr.atoms(sp.Pow)):
        return None
    terms: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand(expr)):
        coefficient, rest = term.as_independent(X, as_Add=False)
        powers = [factor.as_base_exp() for factor in sp.Mul.make_args(rest) if factor != 1]
        if any(base != X or X in exponent.free_symbols for base, exponent in powers):
            return None
        exponent = sp.expand(sp.Add(*(exponent for _, exponent in powers)))
        terms[exponent] = terms.get(exponent, sp.S.Zero) + coefficient
    first, *others = terms
    unit = sp.expand(others[0] - first) if others else sp.S.One
    ratios = [sp.cancel((exponent - first) / unit) for exponent in terms]
    if not all(isinstance(ratio, sp.Rational) for ratio in ratios) or (direction := sign(unit)) == 0:
        return None
    part = sp.ilcm(1, *(ratio.q for ratio in ratios))
    degrees = [direction * ratio * part for ratio in ratios]
    least = min(degrees)
    if max(degrees) - least > _HIGHEST_DEGREE:
        return None
    polynomial = sp.Add(*(c * X ** (degree - least) for degree, c in zip(degrees, terms.values(), strict=True)))
    return direction * unit / part, polynomial


def logarithm_of_ratio(expr: sp.Expr) -> sp.Expr | None:
    """Log(u/v) of u - v, which has its sign: u and v > 0 hold exponentials, and the logarithm is without any in X.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> logarithm_of_ratio(a * sp.exp(-a * X**2) - b * sp.exp(-b * X**2))
    -_x**2*a + _x**2*b + log(a) - log(b)
    """
    terms = sp.Add.make_args(expr)
    if len(terms) != 2 or not any(X in call.free_symbols for call in expr.atoms(sp.exp)):
        return None
    above, below = terms if terms[0].is_positive else terms[::-1]
    if not (above.is_positive and below.is_negative):
        return None
    found = sp.expand(sp.expand_log(sp.log(above)) - sp.expand_log(sp.log(-below)))
    return None if any(X in call.free_symbols for call in found.atoms(sp.Function, sp.exp)) else found


def _is_other(exponent: sp.Expr) -> bool:
    """Whether such a power is neither whole nor a square root, which have their own ways."""
    return bool(exponent.free_symbols) or (isinstance(exponent, sp.Rational) and exponent.q > 2)
