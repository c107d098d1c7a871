"""Sums that keep their digits: log(1 + t) and exp(y) - 1 as functions of their own, differences of roots by sums."""

from itertools import product

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from symtrans.codegen.shared_parts import moves


def without_cancellation(expr: sp.Expr) -> sp.Expr:
    """The formula with `expm1` and `log1p` where they belong.

    Examples
    --------
    >>> from symtrans.codegen.shared_parts import A
    >>> without_cancellation(sp.log(1 + A) + 1 - sp.exp(-A))
    -expm1(-a) + log1p(a)
    """
    if not expr.args or not moves(expr):
        return expr
    args = tuple(map(without_cancellation, expr.args))
    if args != expr.args:  # a Max or a Min that is made anew is compared anew, term by term
        expr = expr.func(*args)
    if isinstance(expr, sp.Add):
        return _sum(expr)
    if isinstance(expr, sp.log) and (expr.args[0] - 1).is_nonnegative:
        return log1p(expr.args[0] - 1)
    return expr


def _sum(expr: sp.Add) -> sp.Expr:
    """Each pair c exp(y) - c is c expm1(y)."""
    terms = list(expr.args)
    for term in expr.args:
        factor, calls = term.as_independent(sp.exp, as_Add=False)
        if isinstance(calls, sp.exp) and not moves(factor) and -factor in terms:
            terms.remove(term)
            terms.remove(-factor)
            terms.append(factor * expm1(calls.exp))
    return sp.Add(*terms)


def without_differences_of_roots(expr: sp.Expr) -> sp.Expr:
    """Each p - q with a square root as (p² - q²)/(p + q), if no root is left above the line.

    Examples
    --------
    >>> from symtrans.codegen.shared_parts import A
    >>> without_differences_of_roots(A - sp.sqrt(A**2 - 2))
    2/(a + sqrt(a**2 - 2))
    """
    if not expr.args:
        return expr
    expr = expr.func(*map(without_differences_of_roots, expr.args))
    if not isinstance(expr, sp.Add):
        return expr
    for p, q in product(expr.args, repeat=2):
        if p.could_extract_minus_sign() or not q.could_extract_minus_sign() or not (_has_root(p) or _has_root(q)):
            continue
        above = sp.expand(p**2 - q**2)
        if not any(moves(power) and not power.exp.is_Integer for power in above.atoms(sp.Pow)):
            return expr - p - q + sp.factor_terms(sp.cancel(above)) / (p - q)
    return expr


def _has_root(term: sp.Expr) -> bool:
    return any(moves(f) and abs(f.as_base_exp()[1]) == sp.S.Half for f in sp.Mul.make_args(term))
