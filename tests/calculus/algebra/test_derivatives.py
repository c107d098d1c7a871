"""Derivatives by rule beside SymPy's, and beside difference quotients."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given

from symtrans.calculus.algebra.canonical import X as PLACE
from symtrans.calculus.algebra.derivatives import differentiate
from tests.calculus.fifty_digits import number
from tests.calculus.formulas import X, quick, smooth


@quick
@given(smooth)
def test_derivatives_are_those_of_sympy(expr):
    assert differentiate(expr, X) == sp.diff(expr, X)


@pytest.mark.parametrize(
    "function",
    [sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.asin, sp.acos, sp.atan, sp.asinh,
     sp.atanh, sp.erf, sp.erfc, sp.erfi, sp.sqrt, sp.Ei, lambda u: u**u, lambda u: sp.polylog(2, -u)],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_the_table_of_derivatives(function):
    expr = function(PLACE / 2) * PLACE
    at = sp.Rational(3, 7)
    with mpmath.workdps(60):
        quotient = mpmath.diff(sp.lambdify(PLACE, expr, "mpmath"), mpmath.mpf(3) / 7)
    assert abs(number(differentiate(expr, PLACE), at) - quotient) < mpmath.mpf(10) ** -25


def test_what_does_not_hold_the_variable_has_derivative_zero():
    assert differentiate(sp.exp(sp.Symbol("a")) ** 2, PLACE) == 0
    assert differentiate(PLACE, PLACE) == 1
