"""Quotients of polynomials by FLINT beside SymPy's `cancel` and `sqf_list`."""

import pytest
import sympy as sp
from hypothesis import given

from symtrans.calculus.algebra.fractions import cancelled, square_free
from tests.calculus.formulas import A, X, quick, rational

U, V = sp.symbols("u v")


@quick
@given(rational)
def test_a_quotient_is_cancelled_as_sympy_does(expr):
    assert cancelled(expr) == sp.cancel(expr)


@quick
@given(rational)
def test_a_polynomial_is_split_by_multiplicities(expr):
    polynomial = sp.expand(sp.fraction(sp.cancel(expr))[0])
    content, factors = square_free(polynomial)
    assert sp.expand(content * sp.Mul(*(base**n for base, n in factors)) - polynomial) == 0
    theirs = sp.sqf_list(polynomial)
    assert (content, set(factors)) == (theirs[0], set(theirs[1]))


@pytest.mark.parametrize("expr", [(1 + X) ** 400 / (1 + X) ** 399, sp.Mul(*((A + X**k) for k in range(1, 12)))])
def test_what_is_too_large_goes_to_sympy(expr):
    assert (cancelled(expr) - expr).subs({X: 2, A: 3}) == 0


def test_the_denominator_starts_with_a_positive_number():
    for expr in (1 / (2 - U), U / (V - U), (U - 1) / (1 - U**2)):
        below = sp.fraction(cancelled(expr))[1]
        assert sp.Poly(below).LC() > 0
        assert sp.cancel(cancelled(expr) - expr) == 0


def test_a_zero_numerator_and_a_number():
    assert cancelled((U + 1) ** 2 - U**2 - 2 * U - 1) == 0
    assert cancelled(sp.Rational(6, 4) + 0 * U) == sp.Rational(3, 2)
    assert square_free(-3 * (U - 1) ** 2 * (U + 1) ** 3) == (-3, [(U - 1, 2), (U + 1, 3)])
