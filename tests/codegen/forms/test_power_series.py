"""Taylor polynomials against SymPy's series, and what has none."""

import mpmath as mp
import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.forms.power_series import BALLS, RATIONAL, polynomial, taylor


@pytest.mark.parametrize(
    "expr",
    [
        (X - sp.tanh(X)) / X,
        X / sp.sqrt(4 + X**2),
        sp.asinh(X) - X / sp.sqrt(1 + X**2),
        sp.log(sp.cosh(X)) / X,
        (1 - sp.cos(X)) / X**2,
        (9 + X) ** sp.Rational(-3, 2),
        X - X**3,
    ],
    ids=str,
)
def test_what_sympy_says(expr):
    assert sp.expand(polynomial(expr, 9, RATIONAL).as_expr() - sp.series(expr, X, 0, 9).removeO()) == 0


@pytest.mark.parametrize(
    "expr", [1 / X, sp.sqrt(X), sp.cbrt(1 + X), sp.sqrt(2 + X), sp.exp(1 + X), sp.log(X), X ** sp.Symbol("p")], ids=str
)
def test_what_has_none(expr):
    with pytest.raises(Undecided):
        polynomial(expr, 6, RATIONAL)


def test_coefficients_that_are_no_fractions_come_from_sympy():
    assert taylor(sp.erf(X), 4).as_expr().coeff(X) == 2 / sp.sqrt(sp.pi)


@pytest.mark.parametrize(
    "expr",
    [
        sp.exp(1 + X) * sp.tanh(1 + 2 * X),
        sp.tanh(sp.log(1 + sp.exp(X))),
        (sp.erf(sp.pi + X) - sp.erf(sp.pi - X)) / X,
        sp.sqrt(2 + X) * sp.asinh(1 + X) - sp.atanh(X / 3),
        (sp.exp(-((5 * X - 1) ** 2) / 2) - sp.exp(-((5 * X + 1) ** 2) / 2)) / sp.sinh(X),
    ],
    ids=str,
)
def test_coefficients_in_balls_against_derivatives(expr):
    found = polynomial(expr, 6, BALLS).as_expr()
    with mp.workdps(60):
        exact = mp.taylor(sp.lambdify(X, expr, "mpmath"), mp.mpf("1e-40"), 5)  # 0 itself may be 0/0
        for power, coefficient in enumerate(exact):
            assert abs(mp.mpf(sp.N(found.coeff(X, power), 40)) - coefficient) < mp.mpf("1e-12") * (1 + abs(coefficient))


def test_balls_see_what_has_no_polynomial():
    for expr in (
        sp.exp(1 / X) + sp.pi,
        sp.log(X) + sp.E,
        sp.sqrt(X) * sp.exp(1 + X),
        sp.exp(1 + X) / X,
        sp.sqrt(sp.pi - 4 + X),
    ):
        with pytest.raises(Undecided):
            polynomial(expr, 6, BALLS)


def test_many_bells_are_expanded():
    centres = range(1, 16)
    bells = sum(k * (sp.exp(-((X - k) ** 2)) - sp.exp(-((X + k) ** 2))) for k in centres)
    found = taylor(bells, 6)
    assert all(power % 2 for (power,) in found.monoms())
    at = sp.Rational(1, 10**6)
    assert abs(sp.N(found.as_expr().subs(X, at) / bells.subs(X, at) - 1, 20, maxn=400)) < 1e-30
