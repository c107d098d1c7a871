"""Sums of powers of the variable, some by a parameter or a fraction, as polynomials in one power."""

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


def _is_other(exponent: sp.Expr) -> bool:
    """Whether such a power is neither whole nor a square root, which have their own ways."""
    return bool(exponent.free_symbols) or (isinstance(exponent, sp.Rational) and exponent.q > 2)
