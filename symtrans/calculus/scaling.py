"""Nondimensional form: most families hold their parameters as scales only, and one member stands for all."""

from functools import lru_cache

import sympy as sp

from symtrans.calculus.algebra import X
from symtrans.calculus.tidy import tidy


@lru_cache(maxsize=2048)
def nondimensional(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(s, c, F) with expr(x) = c F(x/s) and as few parameters in F as one scale can leave.

    Examples
    --------
    >>> lam = sp.Symbol("lambda", positive=True)
    >>> nondimensional(X / (1 + X**2/lam**2))
    (lambda, lambda, _x/(_x**2 + 1))
    """
    for parameter in sorted(expr.free_symbols - {X}, key=lambda s: s.name):
        if not parameter.is_positive:
            continue
        for scale in (parameter, 1 / parameter, sp.sqrt(parameter), parameter ** sp.Rational(1, 4)):
            factor, scaled = tidy(expr.subs(X, scale * X)).as_independent(X, as_Add=False)
            if parameter not in scaled.free_symbols:
                inner, more, rest = nondimensional(scaled)
                return scale * inner, factor * more, rest
    return sp.S.One, sp.S.One, expr
