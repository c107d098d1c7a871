"""log(1 + t) and exp(y) - 1 as functions of their own, which keep the digits that the sums lose next to 0."""

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
    expr = expr.func(*map(without_cancellation, expr.args))
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
