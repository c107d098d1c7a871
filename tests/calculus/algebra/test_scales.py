"""Scales: c F(x/s) is the expression itself, and positive scales alone are taken out."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.scales import lengths, may_scale, nondimensional, scales
from tests.calculus.fifty_digits import TINY, number

lam, a, b = sp.symbols("lambda a b", positive=True)
q = sp.Symbol("q", real=True)
SHAPES = (X / (1 + X**2), sp.exp(-(X**2)), sp.log(1 + X), sp.tanh(X) * X, 1 / sp.sqrt(1 + X), sp.atan(X) - X / 2)


@given(st.sampled_from(SHAPES), st.sampled_from([lam, 1 / lam, sp.sqrt(lam)]), st.sampled_from([1, 3, lam, 1 / lam]))
def test_the_scale_comes_out_whole(shape, scale, factor):
    expr = factor * shape.subs(X, X / scale)
    s, c, rest = nondimensional(expr)
    assert rest.free_symbols == {X}
    back = c * rest.subs(X, X / s)
    for place in (sp.Rational(2, 3), sp.Rational(17, 4)):
        values = {"lambda": sp.Rational(9, 7)}
        assert abs(number(back, place, **values) - number(expr, place, **values)) < TINY
    assert s.is_positive


def test_what_is_no_scale_stays():
    for expr in (X + sp.exp(-X) * lam, sp.exp(-((X - lam) ** 2)) + sp.exp(-((X + 2) ** 2)), X**lam):
        s, c, rest = nondimensional(expr)
        assert (s, c) == (1, 1)
        assert rest == expr


def test_two_parameters_leave_their_ratio():
    s, c, rest = nondimensional(X / (1 + X**2 / a**2) + X * sp.exp(-(X**2) / b**2))
    assert len(rest.free_symbols - {X}) <= 2
    whole = sp.simplify(c * rest.subs(X, X / s) - (X / (1 + X**2 / a**2) + X * sp.exp(-(X**2) / b**2)))
    assert whole == 0


def test_only_positive_parameters_are_lengths():
    assert list(scales(frozenset({q}))) == []
    assert nondimensional(1 / (1 + X**2 / q**2))[0] == 1


def test_balls_allow_a_scale_and_refuse_what_is_none():
    assert may_scale(X / (1 + X**2 / lam**2), lam, lam)
    assert not may_scale(X / (1 + X**2 / lam**2), lam, 1 / lam)
    assert not may_scale(X + lam * sp.exp(-X), lam, lam)


def test_a_scale_after_a_scale():
    expr = X**3 / (a * b + X**2)
    s, c, rest = nondimensional(expr)
    assert rest == X**3 / (1 + X**2)
    assert sp.simplify(c * rest.subs(X, X / s) - expr) == 0


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (X * (1 - b * X**2) / (1 + X**4 / a**4), [a, 1 / sp.sqrt(b)]),
        (X / (1 + sp.exp((X**2 - a**2) / b)), [a, sp.sqrt(b)]),
        (sp.tanh(b * X) * sp.exp(-a * X**2), [1 / sp.sqrt(a), 1 / b]),
        (X / (1 + b * X**3) ** sp.Rational(1, 3), [b ** sp.Rational(-1, 3)]),
        (lam * X * sp.exp(-((X / a) ** b)), [a]),  # neither a factor nor an exponent is one
        (X * sp.log(X) / (1 + (X / a) ** b), [a]),
        (sp.Max(X, a) * sp.sqrt(X**2 + b * X), [a, b]),
        (X + a * X**2 + sp.exp(X), []),
        (q * X / (1 + q**2 * X**2), []),  # of no sign that is known
    ],
)
def test_lengths_make_terms_of_sums_alike(expr, expected):
    assert lengths(expr) == expected


@given(st.sampled_from(SHAPES), st.sampled_from([1, 2, 3, sp.Rational(1, 2)]))
def test_a_scale_is_a_length(shape, power):
    scaled = shape.subs(X, X / a**power)
    assert lengths(scaled + b * shape.subs(X, X / a**power)) == [a**power]
