"""Taylor polynomials: with rational coefficients by the power series of Flint, which take the same work on any machine.

What else SymPy expands is small, so that its clock is not what decides.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import sympy as sp
from flint import ctx, fmpq, fmpq_series

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.undecided import Undecided
from symtrans.runtime.budgets import BUSY, OutOfWork, time_limit

_SPARE = 12  # terms that cancel at the most
_LARGEST_EXPONENT = 64
_EXPANDED_BY_SYMPY = 40  # operations
_SECONDS = 12  # of the processor, which that should never need

_FUNCTIONS: Mapping[type[sp.Basic], Callable[[fmpq_series], fmpq_series]] = {
    getattr(sp, name): getattr(fmpq_series, name)
    for name in ("exp", "log", "sin", "cos", "tan", "atan", "asin", "sinh", "cosh", "tanh", "asinh", "atanh")
}


class _Series(NamedTuple):
    """x^power (c0 + c1 x + ...) with c0 not 0; or 0."""

    power: int
    unit: fmpq_series


def taylor(expr: sp.Expr, order: int) -> sp.Poly | None:
    """The terms below x^order; None where they are not found.

    Examples
    --------
    >>> taylor(sp.erf(X), 4).as_expr()
    -2*_x**3/(3*sqrt(pi)) + 2*_x/sqrt(pi)
    """
    with suppress(Undecided):
        return rational_taylor(expr, order)
    roots = (power.base for power in expr.atoms(sp.Pow) if power.base.is_Add and not power.exp.is_Integer)
    # functions of parameters in the coefficients: they are long, and may overflow where expr does not
    calls = (call.args[0].xreplace({X: sp.S.Zero}) for call in expr.atoms(sp.Function) if X in call.free_symbols)
    if expr.count_ops() > _EXPANDED_BY_SYMPY or any(base.free_symbols > {X} for base in roots):
        return None
    if any(first.free_symbols for first in calls):
        return None
    try:
        with time_limit(_SECONDS * BUSY, processor=_SECONDS):
            terms = sp.series(expr, X, 0, order).removeO()
    except (Exception, OutOfWork):  # whatever SymPy makes of a function without a Taylor series
        return None
    return sp.Poly(terms, X) if terms.is_polynomial(X) else None


def rational_taylor(expr: sp.Expr, order: int) -> sp.Poly:
    """The same if all coefficients are rational.

    Examples
    --------
    >>> rational_taylor((X - sp.tanh(X)) / X, 6).as_expr()
    -2*_x**4/15 + _x**2/3

    Raises
    ------
    Undecided
        If there is no such polynomial, or one with coefficients that are not rational.
    """
    before = ctx.cap
    ctx.cap = order + _SPARE
    try:
        power, unit = _series(expr)
    except (ArithmeticError, TypeError, ValueError, NotImplementedError) as error:  # all of them Flint's
        raise Undecided(f"{expr} has no Taylor polynomial with rational coefficients: {error}") from None
    finally:
        ctx.cap = before
    if power < 0:
        raise Undecided(f"{expr} is infinite at 0")
    coefficients = {(power + k,): sp.Rational(int(c.p), int(c.q)) for k, c in enumerate(unit.coeffs()) if c != 0}
    return sp.Poly.from_dict({key: c for key, c in coefficients.items() if key[0] < order} or {(0,): 0}, X)


def _series(expr: sp.Expr) -> _Series:
    if expr == X:
        return _Series(1, fmpq_series([1]))
    if expr.is_Rational:
        return _Series(0, fmpq_series([_fraction(expr)]))
    if isinstance(expr, sp.Add):
        terms = [_series(term) for term in expr.args]
        least = min(term.power for term in terms)
        return _normal(least, sum((_times_power(term.unit, term.power - least) for term in terms), fmpq_series([0])))
    if isinstance(expr, sp.Mul):
        power, unit = 0, fmpq_series([1])
        for factor in expr.args:
            more = _series(factor)
            power, unit = power + more.power, unit * more.unit
        return _normal(power, unit)
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
        return _raised(_series(expr.base), expr.exp)
    function = _FUNCTIONS.get(type(expr))
    if function is None:
        raise Undecided(f"no series of {expr} is known here")
    inside = _series(expr.args[0])
    if inside.power < 0:
        raise ValueError("a function of what is infinite at 0")
    return _normal(0, function(_times_power(inside.unit, inside.power)))


def _raised(base: _Series, exponent: sp.Rational) -> _Series:
    if abs(exponent.p) > _LARGEST_EXPONENT or exponent.q > 2 or (base.power * exponent.p) % exponent.q:
        raise ValueError("a power without Taylor series, or too high")
    unit = base.unit
    if exponent.q == 2:
        root = sp.sqrt(sp.Rational(int(unit[0].p), int(unit[0].q)))
        unit = (unit / unit[0]).sqrt() * _fraction(root)
    raised = unit ** abs(int(exponent.p))
    return _Series(int(base.power * exponent), 1 / raised if exponent < 0 else raised)


def _normal(power: int, unit: fmpq_series) -> _Series:
    coefficients: list[Any] = unit.coeffs()
    first = next((k for k, c in enumerate(coefficients) if c != 0), None)
    if first is None:
        return _Series(0, fmpq_series([0]))
    return _Series(power + first, fmpq_series(coefficients[first:], prec=ctx.cap - first))


def _times_power(unit: fmpq_series, power: int) -> fmpq_series:
    return fmpq_series([0] * power + list(unit.coeffs()))


def _fraction(number: sp.Expr) -> fmpq:
    if not number.is_Rational:
        raise ValueError(f"{number} is not rational")
    return fmpq(int(number.p), int(number.q))
