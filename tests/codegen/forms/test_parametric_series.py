"""Taylor polynomials whose coefficients are functions of parameters, against many digits."""

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.power_series import taylor

A, B, P = sp.symbols("p_a p_b p_p", positive=True)
EXAMPLES = {
    "tanh": sp.tanh((X + A) / B) + sp.tanh((X - A) / B),
    "atan by b": (sp.atan((X + A) / B) + sp.atan((X - A) / B)).diff(B),
    "erf": sp.erf((X + A) / B) - sp.erfc((A - X) / B),
    "asinh": sp.asinh((X + A) / B) + sp.asinh((X - A) / B),
    "a power by a parameter": (((1 + X) ** P - 1) / P).diff(P),
    "waves": sp.exp(-X) * sp.sin(B * X) * sp.cos(X + A),
    "logarithms of exponentials": sp.log(A + sp.exp(X)),
    "hyperbolic": sp.sinh(A * X) * sp.cosh(X + B) + sp.atanh(X / 4) * sp.asin(A * X),
}
VALUES = {A: sp.Rational(7, 5), B: sp.Rational(3, 4), P: sp.Rational(5, 3)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_terms_below_the_order_are_right(name):
    expr, at = EXAMPLES[name], sp.Rational(1, 10**4)
    exact, found = (sp.N(e.subs({**VALUES, X: at}), 60) for e in (expr, taylor(expr, 4).as_expr()))
    assert abs(found - exact) <= 1e-7 * abs(exact)
    assert abs(found - exact) <= 1e3 * at**4


def test_what_cancels_is_zero_for_all_parameters():
    wave = sp.asinh((X + A) / B).diff(X, 2) * sp.sqrt(1 + A**2 / B**2)
    assert taylor(wave, 3) is None  # a root of what moves
    ratio = (sp.exp(X + A) - sp.exp(A)) / (sp.exp(A) * X)
    assert taylor(ratio, 3).as_expr().subs(X, 0) == 1


def test_none_where_the_function_is_infinite_or_coefficients_are_too_long():
    assert taylor(sp.tanh(X + A) / X, 4) is None
    assert taylor(X ** (P + 1), 4) is None
    many = sp.symbols("c0:12", positive=True)
    assert taylor(sp.Add(*(sp.tanh(X + c) for c in many)), 4) is None
