"""Signs that are read off terms are those of the values, or none."""

import itertools

import pytest
import sympy as sp

from symtrans.calculus.algebra.terms import is_long_sum_of_fractions, sign_of_coefficients, sign_of_terms

a, b = sp.symbols("a b", positive=True)
n = sp.Symbol("n", negative=True)
k = sp.Symbol("k", real=True)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (a**2 + sp.sqrt(29) * a * b + 7, 1),
        (-a - sp.sqrt(b) / 3, -1),
        (-(a + 1) / (b + sp.sqrt(2)), -1),
        ((-a - 1) * (-b - 1), 1),
        (1 / (a + b) ** sp.Rational(3, 2), 1),
        (a * (b - 1), None),
        (a - b, None),
        (a - 1, None),
        (1 + n, None),
        (n**2, None),  # left to SymPy's assumptions
        (a**k, None),
        (k, None),
        (sp.exp(a), None),
        (sp.S.Zero, 0),
        (sp.sqrt(2) - 1, None),
    ],
    ids=str,
)
def test_a_sign_of_terms(expr, expected):
    assert sign_of_terms(expr) == expected
    if expected is not None:
        for one, other in itertools.product((sp.Rational(1, 5), sp.Integer(3)), repeat=2):
            assert sp.sign(expr.subs({a: one, b: other}).evalf(20)) == expected


def test_a_long_sum_of_fractions():
    long = sum(a**i / (b + a**i) for i in range(1, 20))
    assert is_long_sum_of_fractions(long)
    assert not is_long_sum_of_fractions(a / (a + b) + 1)
    assert not is_long_sum_of_fractions(sp.expand((a + b) ** 30))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (20 * sp.sqrt(2) * a - 21 * a + 3 * b, 1),
        (a - sp.sqrt(2) * a - 12 + 3 * sp.pi, -1),
        (a - sp.sqrt(2) * a + b, None),
        (a - 2, None),
        (2 * a + b, None),  # for others to say
    ],
    ids=str,
)
def test_a_sign_of_coefficients(expr, expected):
    assert sign_of_coefficients(expr) == expected
    if expected is not None:
        for one, other in itertools.product((sp.Rational(1, 5), sp.Integer(3)), repeat=2):
            assert sp.sign(expr.subs({a: one, b: other}).evalf(20)) == expected
