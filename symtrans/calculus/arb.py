"""Rigorous enclosures of constants by ball arithmetic (Arb, through python-flint).

`enclose` evaluates an expression in intervals that contain the exact value,
so a sign read off the ball is proved. A function without an Arb counterpart
raises `Undecided`; nothing is ever sampled.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, mul
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from symtrans.calculus.undecided import Undecided

_FUNCTIONS: Mapping[type[sp.Basic], Callable[[arb], arb]] = {
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.sin: arb.sin,
    sp.cos: arb.cos,
    sp.tan: arb.tan,
    sp.sinh: arb.sinh,
    sp.cosh: arb.cosh,
    sp.tanh: arb.tanh,
    sp.atan: arb.atan,
    sp.asin: arb.asin,
    sp.acos: arb.acos,
    sp.asinh: arb.asinh,
    sp.erf: arb.erf,
    sp.erfc: arb.erfc,
    sp.Abs: abs,
}

# Bits of working precision, tried in order until a question is answered.
_PRECISIONS = (64, 256, 1024, 4096)
_LARGEST_EXPONENT = 50_000  # binary; beyond it a bound is not written out as a fraction


def enclose(expr: sp.Expr, bits: int = 128) -> arb:
    """Return a ball that contains the exact value of the constant `expr`."""
    with ctx.workprec(bits):
        return _ball(expr)


def _ball(expr: sp.Expr) -> arb:
    if isinstance(expr, sp.Rational):
        return arb(fmpq(int(expr.p), int(expr.q)))
    if expr is sp.pi:
        return arb.pi()
    if expr is sp.E:
        return arb(1).exp()
    if isinstance(expr, sp.Add):
        return reduce(add, map(_ball, expr.args))
    if isinstance(expr, sp.Mul):
        return reduce(mul, map(_ball, expr.args))
    if isinstance(expr, sp.Pow):
        base, exponent = expr.args
        if exponent == sp.Rational(1, 2):
            return _ball(base).sqrt()
        if isinstance(exponent, sp.Integer):
            return _ball(base) ** int(exponent)
        return _ball(base) ** _ball(exponent)
    function = _FUNCTIONS.get(type(expr))
    if function is not None:
        return function(_ball(expr.args[0]))
    if isinstance(expr, sp.polys.rootoftools.ComplexRootOf) and expr.is_real:
        # SymPy isolates the root in an exact rational interval; halve it to the working precision.
        interval = expr._get_interval()
        width = fmpq(1, 2**ctx.prec)
        while _fraction(interval.dx) > width:
            interval = interval.refine()
        return arb(_fraction(interval.a)).union(arb(_fraction(interval.b)))
    raise Undecided(f"no interval arithmetic for {type(expr).__name__}")


def _fraction(number: Any) -> fmpq:
    """A number of whichever ground type SymPy was set up with, as a FLINT rational."""
    return fmpq(int(number.numerator), int(number.denominator))


def constant_sign(expr: sp.Expr) -> int | None:
    """Proved sign of a constant: 1, -1, or None where the ball still holds zero."""
    for bits in _PRECISIONS:
        ball = enclose(expr, bits)
        if not ball.is_finite():
            continue
        if ball > 0:
            return 1
        if ball < 0:
            return -1
    return None


def rational_bounds(expr: sp.Expr, digits: int = 17) -> tuple[sp.Rational, sp.Rational]:
    """Two rationals that enclose the constant `expr`, about `digits` digits apart."""
    ball = enclose(expr, bits=4 * digits + 64)
    if not ball.is_finite():
        raise Undecided(f"no finite enclosure of {expr}")
    low, high = ball.lower(), ball.upper()
    return _rational(low), _rational(high)


def _rational(endpoint: arb) -> sp.Rational:
    mantissa, exponent = endpoint.man_exp()
    if abs(int(exponent)) > _LARGEST_EXPONENT:
        raise Undecided("the number is too large or too small to be written out")
    return sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
