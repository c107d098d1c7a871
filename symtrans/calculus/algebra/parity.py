"""Parity that can be read off a formula: what stands at x and at -x, up to one sign; and values that refute one.

To read it off nothing is substituted and nothing evaluated, so that many terms cost little.
"""

from collections import Counter
from collections.abc import Hashable
from functools import lru_cache

import sympy as sp

_ODD = (sp.sin, sp.tan, sp.sinh, sp.tanh, sp.asin, sp.atan, sp.asinh, sp.atanh, sp.erf, sp.erfi, sp.sign)
_EVEN = (sp.cos, sp.cosh, sp.Abs)
_PLACES = tuple(map(sp.Rational, ("1/7", "1/2", "8/7", 2, "7/2", 8, 19, 80)))
_DIGITS = 20


def mirror_parity(expr: sp.Basic, variable: sp.Symbol) -> int:
    """1 or -1 where the formula shows that it is even or odd in the real `variable`; 0 where it does not.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> bump = sp.exp(-((x - 1) ** 2))
    >>> [mirror_parity(e, x) for e in (x * sp.cos(x), bump + bump.subs(x, -x), bump - bump.subs(x, -x), bump)]
    [-1, 1, -1, 0]
    >>> mirror_parity(x ** (2 * sp.Symbol("n", integer=True) - 1), x)
    -1
    """
    (here, shape), (there, mirrored) = _signed(expr, variable, 1), _signed(expr, variable, -1)
    return here * there if shape == mirrored else 0


def may_have_parity(formula: sp.Expr, variable: sp.Symbol, parity: int) -> bool:
    """Whether the values at some places are those of an even (1) or odd (-1) function of its only symbol.

    They refute a parity and prove none; where they cannot be told, it may have it.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> may_have_parity(sp.Max(x, 0), x, -1), may_have_parity(sp.Max(x, -1) + sp.Min(x, 1), x, -1)
    (False, True)
    """
    for place in _PLACES:
        try:
            here, there = (complex(formula.subs(variable, at).evalf(_DIGITS)) for at in (place, -place))
            if not abs(there - parity * here) <= 1e-9 * max(1.0, abs(here)):
                return False
        except (TypeError, ValueError, ArithmeticError, RecursionError):  # also of a size that no double has
            return True
    return True


@lru_cache(maxsize=8192)
def _signed(expr: sp.Basic, x: sp.Symbol, side: int) -> tuple[int, Hashable]:
    """(s, K): with `side` x put in for x, `expr` is s times what K stands for; equal K, equal value."""
    if expr == x:
        return side, x
    if not expr.args or x not in expr.free_symbols:
        return (-1, -expr) if isinstance(expr, sp.Expr) and expr.could_extract_minus_sign() else (1, expr)
    parts = [_signed(arg, x, side) for arg in expr.args]
    (sign, shape), *_ = parts
    if isinstance(expr, sp.Add):
        return _sum(parts)
    if isinstance(expr, sp.Mul):
        return _product(parts)
    if isinstance(expr, sp.Pow) and (expr.exp.is_even or expr.exp.is_odd) and x not in expr.exp.free_symbols:
        return sign ** int(bool(expr.exp.is_odd)), (sp.Pow, shape, expr.exp)
    if isinstance(expr, _ODD):
        return sign, (expr.func, shape)
    if isinstance(expr, _EVEN):
        return 1, (expr.func, shape)
    if isinstance(expr, sp.Piecewise):
        return _cases([(*_signed(case.expr, x, side), _signed(case.cond, x, side)) for case in expr.args])
    if isinstance(expr, sp.Max | sp.Min):
        return 1, (expr.func, frozenset(parts))
    if isinstance(expr, sp.Eq | sp.Ne):  # -x = 0 where x = 0
        right, other = parts[1]
        return 1, (expr.func, _sum([parts[0], *([] if other == 0 else [(-right, other)])])[1])
    return 1, (expr.func, tuple(parts))


def _product(parts: list[tuple[int, Hashable]]) -> tuple[int, Hashable]:
    sign = 1
    for factor, _ in parts:
        sign *= factor
    shapes = [shape for _, shape in parts if shape != 1]
    return sign, shapes[0] if len(shapes) == 1 else (sp.Mul, frozenset(Counter(shapes).items()))


def _cases(cases: list[tuple[int, Hashable, Hashable]]) -> tuple[int, Hashable]:
    first = next((sign for sign, shape, _ in cases if shape != 0), 1)
    return first, (sp.Piecewise, tuple((sign * first if shape != 0 else 1, shape, cond) for sign, shape, cond in cases))


def _sum(parts: list[tuple[int, Hashable]]) -> tuple[int, Hashable]:
    """Of the terms and of the terms with all signs changed, the one set that comes first."""
    plus, minus = (frozenset(Counter((side * sign, key) for sign, key in parts).items()) for side in (1, -1))
    return (1, (sp.Add, plus)) if hash(plus) <= hash(minus) else (-1, (sp.Add, minus))
