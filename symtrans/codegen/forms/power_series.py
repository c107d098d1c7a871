"""Taylor polynomials by the power series of Flint, which take the same work on any machine.

Coefficients are rational, or known to a hundred digits. What else SymPy expands is small, so that its clock is not what
decides.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import sympy as sp
from flint import arb, arb_series, ctx, fmpq, fmpq_series

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.balls import enclose
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.forms.parametric_series import FUNCTIONS, Coefficients, Series
from symtrans.runtime.budgets import BUSY, OutOfWork, time_limit

_SPARE, _FEW = 12, 6  # terms that cancel at the most, and where coefficients are long
_LARGEST_EXPONENT = 64
_EXPANDED_BY_SYMPY = 40  # operations
_SECONDS = 12  # of the processor, which that should never need

_BITS, _NOTHING = 640, arb(2) ** -400  # of coefficients in balls, and what is 0 of them
_SMALL = 12  # operations that SymPy expands before balls do: its coefficients are exact


@dataclass(frozen=True)
class _Kind:
    """Power series with coefficients of one kind: what makes them of numbers, and what is exact of them, or near."""

    series: Any
    number: Callable[[sp.Expr], Any]
    exact: Callable[[Any], sp.Expr]
    functions: Mapping[type[sp.Basic], Callable[[Any], Any]]
    spare: int = _SPARE


class _Series(NamedTuple):
    """x^power (c0 + c1 x + ...) with c0 not 0; or 0."""

    power: int
    unit: Any


def taylor(expr: sp.Expr, order: int) -> sp.Poly | None:
    """The terms below x^order; None where they are not found.

    Examples
    --------
    >>> taylor(sp.erf(X), 4).as_expr()
    -2*_x**3/(3*sqrt(pi)) + 2*_x/sqrt(pi)
    """
    with suppress(Undecided):
        return polynomial(expr, order, RATIONAL)
    calls = [call.args[0].xreplace({X: sp.S.Zero}) for call in expr.atoms(sp.Function) if X in call.free_symbols]
    # values of functions elsewhere than at 0, and their products, make exact coefficients long
    is_long = expr.count_ops() > _SMALL or any(first.is_finite and first != 0 for first in calls)
    if not expr.free_symbols <= {X}:
        roots = (p.base for p in expr.atoms(sp.Pow) if p.exp.is_Rational and not p.exp.is_Integer)
        if any(base.free_symbols > {X} for base in roots):  # coefficients would be long
            return None
        with suppress(Undecided):
            return polynomial(expr, order, parametric())
        return None
    if is_long:
        with suppress(Undecided):
            return polynomial(expr, order, BALLS)
        if {call.func for call in expr.atoms(sp.Function)} <= BALLS.functions.keys():
            return None  # there is none
    if expr.count_ops() > _EXPANDED_BY_SYMPY:
        return None
    try:
        with time_limit(_SECONDS * BUSY, processor=_SECONDS):
            terms = sp.series(expr, X, 0, order).removeO()
    except (Exception, OutOfWork):  # whatever SymPy makes of a function without a Taylor series
        return None
    return sp.Poly(terms, X) if terms.is_polynomial(X) else None


def polynomial(expr: sp.Expr, order: int, kind: _Kind) -> sp.Poly:
    """The same by coefficients that are all `RATIONAL`, or by any real ones, `BALLS`, to about a hundred digits.

    Examples
    --------
    >>> polynomial((X - sp.tanh(X)) / X, 6, RATIONAL).as_expr()
    -2*_x**4/15 + _x**2/3
    >>> polynomial(sp.tanh(sp.log(1 + sp.exp(X))), 2, BALLS).as_expr().evalf(5)
    0.32*_x + 0.6

    Raises
    ------
    Undecided
        If there is no such polynomial, or one with other coefficients.
    """
    with ctx.workprec(_BITS):
        power, unit = _found(expr, order, kind)
        coefficients = {(power + k,): kind.exact(c) for k, c in enumerate(unit.coeffs()) if power + k < order}
    return sp.Poly.from_dict(coefficients or {(0,): 0}, X)


def _found(expr: sp.Expr, order: int, kind: _Kind) -> _Series:
    before = ctx.cap
    ctx.cap = order + kind.spare
    try:
        found = _series(expr, kind)
    except (ArithmeticError, TypeError, ValueError, NotImplementedError) as error:  # all of them Flint's
        raise Undecided(f"{expr} has no Taylor polynomial that is found: {error}") from None
    finally:
        ctx.cap = before
    if found.power < 0:
        raise Undecided(f"{expr} is infinite at 0")
    if any(not c.is_finite() for c in found.unit.coeffs() if isinstance(c, arb)):
        raise Undecided(f"{expr} has no Taylor polynomial")
    return found


def _series(expr: sp.Expr, kind: _Kind) -> _Series:
    if expr == X:
        return _Series(1, kind.series([1]))
    if X not in expr.free_symbols:
        return _Series(0, kind.series([kind.number(expr)]))
    if isinstance(expr, sp.Add):
        terms = [_series(term, kind) for term in expr.args]
        least = min(term.power for term in terms)
        total = sum((_times_power(term.unit, term.power - least, kind) for term in terms), kind.series([0]))
        return _normal(least, total, kind)
    if isinstance(expr, sp.Mul):
        power, unit = 0, kind.series([1])
        for factor in expr.args:
            more = _series(factor, kind)
            power, unit = power + more.power, unit * more.unit
        return _normal(power, unit, kind)
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
        return _raised(_series(expr.base, kind), expr.exp, kind)
    if isinstance(expr, sp.Pow) and expr.base.has(X) and not expr.exp.has(X) and kind.functions is FUNCTIONS:
        base = _series(expr.base, kind)
        if base.power == 0:
            return _Series(0, base.unit.root(expr.exp))
    function = kind.functions.get(type(expr))
    if function is None:
        raise Undecided(f"no series of {expr} is known here")
    inside = _series(expr.args[0], kind)
    if inside.power < 0:
        raise ValueError("a function of what is infinite at 0")
    return _normal(0, function(_times_power(inside.unit, inside.power, kind)), kind)


def _raised(base: _Series, exponent: sp.Rational, kind: _Kind) -> _Series:
    if abs(exponent.p) > _LARGEST_EXPONENT or exponent.q > 2 or (base.power * exponent.p) % exponent.q:
        raise ValueError("a power without Taylor series, or too high")
    unit = base.unit
    if exponent.q == 2:
        first = unit[0]
        unit = (unit / first).sqrt() * (first.sqrt() if kind is BALLS else kind.number(sp.sqrt(kind.exact(first))))
    raised = unit ** abs(int(exponent.p))
    return _Series(int(base.power * exponent), 1 / raised if exponent < 0 else raised)


def _normal(power: int, unit: Any, kind: _Kind) -> _Series:
    coefficients: list[Any] = unit.coeffs()
    first = next((k for k, c in enumerate(coefficients) if kind.exact(c) != 0), None)
    if first is None:
        return _Series(0, kind.series([0]))
    return _Series(power + first, kind.series(coefficients[first:], prec=ctx.cap - first))


def _times_power(unit: Any, power: int, kind: _Kind) -> Any:
    return kind.series([0] * power + list(unit.coeffs()))


def _fraction(number: sp.Expr) -> fmpq:
    if not number.is_Rational:
        raise ValueError(f"{number} is not rational")
    return fmpq(int(number.p), int(number.q))


def _middle(ball: arb) -> sp.Rational:
    """What a ball is near; 0 where it is that for all that can be told."""
    if abs(ball) < _NOTHING:
        return sp.S.Zero
    mantissa, exponent = ball.mid().man_exp()
    return sp.Rational(int(mantissa)) * sp.Integer(2) ** int(exponent)


def parametric() -> _Kind:
    """Power series whose coefficients are rational functions of parameters, and of values of functions of these."""
    kept = Coefficients()
    return _Kind(lambda given, prec=0: Series(given, kept), kept.number, kept.expression, FUNCTIONS, _FEW)


RATIONAL = _Kind(
    fmpq_series,
    _fraction,
    lambda number: sp.Rational(int(number.p), int(number.q)),
    {
        getattr(sp, name): getattr(fmpq_series, name)
        for name in ("exp", "log", "sin", "cos", "tan", "atan", "asin", "sinh", "cosh", "tanh", "asinh", "atanh")
    },
)
BALLS = _Kind(
    arb_series,
    lambda number: enclose(number, _BITS),
    _middle,
    {
        **{
            getattr(sp, name): getattr(arb_series, name)
            for name in ("exp", "log", "sin", "cos", "tan", "atan", "asin", "acos", "erf", "erfc")
        },
        sp.sinh: lambda f: (f.exp() - (-f).exp()) / 2,
        sp.cosh: lambda f: (f.exp() + (-f).exp()) / 2,
        sp.tanh: lambda f: 1 - 2 / ((2 * f).exp() + 1),
        sp.asinh: lambda f: (f + (f * f + 1).sqrt()).log(),
        sp.atanh: lambda f: ((1 + f) / (1 - f)).log() / 2,
    },
)
