"""Formulas in exponentials of what falls: each sum is divided by its largest exponential, which goes in front."""

from functools import reduce

import sympy as sp
from sympy.codegen.cfunctions import expm1

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.program.shared_parts import SIGN, Scaled, moves

_GROWING = (sp.exp, sp.sinh, sp.cosh)
_PEAKS = 3  # exponentials of a sum that are the largest one somewhere; of more, none is worth a division

_CHAIN = 8  # the highest power that is multiplied factor by factor


class _Mixed(Exception):
    """A sum of too many exponentials that do not grow one faster than the other."""


def in_falling_exponentials(expr: sp.Expr) -> sp.Expr:
    """The same for x > 0, with no exponential that is larger than the function itself.

    Examples
    --------
    >>> in_falling_exponentials((sp.exp(X) - sp.exp(-X)) / sp.cosh(X))
    (1 - exp(-2*_x))/(1/2 + exp(-2*_x)/2)
    >>> in_falling_exponentials(sp.log(1 + sp.exp(X)))
    _x + log(1 + exp(-_x))
    """
    if not any(X in call.free_symbols for call in expr.atoms(*_GROWING)):
        return expr
    try:
        exponent, factor = _split(expr)
    except _Mixed:
        return expr
    return sp.exp(_without_what_cancels(sp.expand(exponent))) * factor


def _without_what_cancels(exponent: sp.Expr) -> sp.Expr:
    """The same with -max(0, v - u) for u - max(u, v), where either may be large."""
    terms = sp.Add.make_args(exponent)
    for largest in (-term for term in terms if isinstance(-term, sp.Max)):
        for one in largest.args:
            if one != 0 and {*sp.Add.make_args(one)} <= {*terms}:
                rest = sp.Max(*(other - one for other in largest.args))
                return _without_what_cancels(exponent + largest - one - rest)
    return exponent


def in_order(form: sp.Expr) -> sp.Expr:
    """A product in which exponentials and quotients come first: 0 times what grows is 0, and 0 times infinity is not.

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> in_order(2 * A**2 * (A - 1) * sp.exp(-A))
    2*Scaled(Scaled(Scaled(exp(-a), a), a), a - 1)
    """
    varying = [factor for factor in sp.Mul.make_args(form) if moves(factor) and factor != SIGN]
    growing = [f for f in varying if not any(map(moves, f.atoms(sp.exp))) and f.as_base_exp()[1].is_positive]
    factors = []
    for factor in growing:
        base, exponent = factor.as_base_exp()
        factors += [base] * int(exponent) if exponent.is_Integer and exponent <= _CHAIN else [factor]
    fixed = [factor for factor in sp.Mul.make_args(form) if factor not in varying]
    parameters = [factor for factor in fixed if factor != SIGN and factor.free_symbols]  # they may be large or small
    if len(factors) + len(parameters) < 2 or len(growing) == len(varying):
        return form
    result = sp.Mul(*parameters, *(factor for factor in varying if factor not in growing))
    for factor in factors:
        result = Scaled(result, factor)
    return sp.Mul(*(factor for factor in fixed if factor not in parameters)) * result


def _split(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(M, F) with expr = exp(M) F, where F has no exponential that grows."""
    if not any(X in call.free_symbols for call in expr.atoms(*_GROWING)):
        return sp.S.Zero, expr
    if isinstance(expr, sp.exp):
        return in_falling_exponentials(expr.args[0]), sp.S.One
    if isinstance(expr, sp.cosh | sp.sinh):
        y = in_falling_exponentials(expr.args[0])
        size = y if expr.args[0].is_nonnegative else sp.Abs(y)
        if isinstance(expr, sp.sinh) and size == y:
            return size, -expm1(-2 * size) / 2
        return size, (1 + sp.exp(-2 * size)) / 2 * (sp.tanh(y) if isinstance(expr, sp.sinh) else 1)
    if isinstance(expr, sp.Mul):
        parts = [_split(factor) for factor in expr.args]
        return sp.Add(*(exponent for exponent, _ in parts)), sp.Mul(*(factor for _, factor in parts))
    if isinstance(expr, sp.Pow) and X not in expr.exp.free_symbols:
        exponent, factor = _split(expr.base)
        return exponent * expr.exp, factor**expr.exp
    if isinstance(expr, sp.Add):
        return _sum([_split(term) for term in expr.args])
    if isinstance(expr, sp.log):
        exponent, factor = _split(expr.args[0])
        return sp.S.Zero, exponent + sp.log(factor)
    return sp.S.Zero, expr.func(*map(in_falling_exponentials, expr.args))


def _sum(terms: list[tuple[sp.Expr, sp.Expr]]) -> tuple[sp.Expr, sp.Expr]:
    largest = reduce(_larger, (exponent for exponent, _ in terms))
    return largest, sp.Add(*(factor * sp.exp(_difference(exponent, largest)) for exponent, factor in terms))


def _larger(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """The larger of two for all x > 0; a maximum where that depends."""
    if isinstance(a, sp.Max) and len(a.args) >= _PEAKS:
        raise _Mixed
    difference = _difference(a, b)
    return a if difference.is_nonnegative else b if difference.is_nonpositive else sp.Max(a, b)


def _difference(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    if isinstance(b, sp.Max) and not isinstance(a, sp.Max):
        return -sp.Max(*(_difference(other, a) for other in b.args))
    return sp.S.Zero if a == b else sp.expand(a - b)
