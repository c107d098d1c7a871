"""Digits for reading and two rationals for trusting."""

import mpmath
import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.decimals import bounds_of, has_named_number, shown_numbers
from symtrans.calculus.signs.isolated_zeros import IsolatedRoot

a, b = sp.symbols("a b", positive=True)
DOTTIE = IsolatedRoot(X - sp.cos(X), X, sp.Rational(1, 2), sp.Integer(1))
with mpmath.workdps(40):
    WANTED = sp.Float(str(mpmath.findroot(lambda x: x - mpmath.cos(x), 0.7)), 40)


def test_a_number_is_shown_correct_to_its_last_digit():
    assert abs(shown_numbers(DOTTIE) - WANTED) < sp.Float("1e-20")
    shown = shown_numbers(a * DOTTIE**2 + b)
    assert shown.free_symbols == {a, b}
    assert abs(shown.coeff(a) - WANTED**2) < sp.Float("1e-19")
    assert shown.coeff(b) == 1


def test_what_has_a_closed_form_stays():
    for expr in (sp.sqrt(2) * a, sp.pi, a / (1 + b)):
        assert shown_numbers(expr) == expr
        assert not has_named_number(expr)
    assert has_named_number(sp.exp(DOTTIE) + a)


def test_the_numbers_of_a_sum_become_one():
    shown = shown_numbers(DOTTIE + sp.pi + a)
    assert abs(shown - a - (WANTED + sp.pi).evalf(30)) < sp.Float("1e-18")


@pytest.mark.parametrize("number", [sp.sqrt(2), DOTTIE, -sp.pi, DOTTIE - 1, sp.Rational(1, 3)])
def test_bounds_enclose_a_number_times_a_positive_factor(number):
    low, high = (bound / (a * b) for bound in bounds_of(a * b * number))
    exact = WANTED if number is DOTTIE else WANTED - 1 if number.has(IsolatedRoot) else number
    assert low <= exact <= high
    assert high - low < sp.Rational(1, 10**15)


def test_other_forms_have_no_bounds():
    assert bounds_of(a - b) is None
    assert bounds_of(sp.Symbol("q", real=True) * 2) is None
    assert bounds_of(sp.oo) is None
