"""Taylor polynomials against SymPy's series, and what has none."""

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.forms.power_series import rational_taylor, taylor


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
    assert sp.expand(rational_taylor(expr, 9).as_expr() - sp.series(expr, X, 0, 9).removeO()) == 0


@pytest.mark.parametrize(
    "expr", [1 / X, sp.sqrt(X), sp.cbrt(1 + X), sp.sqrt(2 + X), sp.exp(1 + X), sp.log(X), X ** sp.Symbol("p")], ids=str
)
def test_what_has_none(expr):
    with pytest.raises(Undecided):
        rational_taylor(expr, 6)


def test_coefficients_that_are_no_fractions_come_from_sympy():
    scale = sp.Symbol("a", positive=True)
    assert taylor(sp.erf(X), 4).as_expr().coeff(X) == 2 / sp.sqrt(sp.pi)
    assert taylor(sp.sqrt(scale + X), 6) is None  # slow, whatever comes of it
