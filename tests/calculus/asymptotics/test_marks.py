"""Symbols for bounded quantities: their enclosures, and that nothing else is taken for bounded."""

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.asymptotics import marks
from symtrans.calculus.asymptotics.at_infinity import Tail
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

s, c = sp.sin(X), sp.cos(X)


def test_an_expansion_holds_such_marks():
    assert isinstance(Tail(sp.Abs(s) / X), marks.Marks)


@pytest.mark.parametrize(
    "expr",
    [
        sp.Abs(s) / X,
        sp.Max(c, sp.Rational(1, 2)) * (1 + 1 / X),
        sp.exp(-X) / (2 + c),
        1 / ((1 + X**2) * (sp.Abs(c) + sp.Rational(1, 2))),
        (c**2 + sp.Abs(c + sp.cos(X / 2))) / (1 + X**2),
        sp.sqrt(3 + sp.Abs(s)) - 1 / X**2,
        sp.Min(sp.Abs(s), sp.Abs(c)) * sp.exp(-X) + sp.sin(X**2) / X,
    ],
    ids=str,
)
def test_values_beyond_a_radius_lie_in_the_range(expr):
    radius = sp.Integer(8)
    ball = Tail(expr).range(radius)
    for k in range(60):
        value = number(expr, radius + sp.Rational(k, 7))
        assert float(ball.lower()) - 1e-12 <= float(value) <= float(ball.upper()) + 1e-12


def test_the_sign_of_a_slope_is_enclosed_too():
    ball = Tail(sp.sign(s) * c + 3).range(sp.Integer(8))
    assert 1.99 < float(ball.lower()) < float(ball.upper()) < 4.01


@pytest.mark.parametrize(
    "expr", [1 / (X * s), sp.Abs(X * c - 1), sp.exp(-X) / sp.Abs(s), sp.Max(X * s, 0) / X], ids=str
)
def test_what_may_be_unbounded_is_not_taken_for_bounded(expr):
    with pytest.raises(Undecided):
        Tail(expr)


def test_what_is_only_bounded_may_vanish_over_a_power():
    assert Tail(sp.Abs(s) / X).limit() == 0
    with pytest.raises(Undecided):
        Tail(sp.Abs(s)).limit()
