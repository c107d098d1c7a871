"""Values to fifty digits by mpmath, which shares no code with the calculus."""

from functools import lru_cache

import mpmath
import sympy as sp

from symtrans.calculus.algebra.canonical import X

TINY = mpmath.mpf(10) ** -45

compiled = lru_cache(maxsize=512)(lambda symbols, expr: sp.lambdify(symbols, expr, "mpmath"))


def rational(value):
    exact = sp.Rational(value)
    return mpmath.mpf(int(exact.p)) / int(exact.q)


def number(expr, place=None, **values):
    """The value of `expr` at X = `place` and at the named parameters, each an exact rational."""
    symbols = tuple(sorted(expr.free_symbols - {X}, key=str))
    given = [place if place is not None else 0, *(values[s.name] for s in symbols)]
    with mpmath.workdps(60):
        return mpmath.mpf(compiled((X, *symbols), expr)(*map(rational, given)))


def integral(expr, start, end, **values):
    """The integral of `expr` over X from `start` to `end` by quadrature in sixty digits."""
    symbols = tuple(sorted(expr.free_symbols - {X}, key=str))
    with mpmath.workdps(60):
        given = [rational(values[s.name]) for s in symbols]
        return mpmath.quad(
            lambda x: compiled((X, *symbols), expr)(x, *given), mpmath.linspace(rational(start), rational(end), 9)
        )
