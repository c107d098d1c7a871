"""Balls contain what they are said to: each function beside mpmath, wide balls beside points in them."""

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.balls import (
    ball_function,
    ball_of,
    constant_sign,
    enclose,
    enclose_at,
    rational_bounds,
    rational_of,
    sign_at,
)
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

F = sp.Rational
INSIDE_1 = [sp.asin(X / 9), sp.acos(X / 9), sp.atanh(X / 9), sp.polylog(2, X / 9), sp.polylog(3, -X)]
FUNCTIONS = [
    *(sp.exp(X), sp.log(X), sp.sin(X), sp.cos(X), sp.tan(X / 4), sp.sinh(X), sp.cosh(X), sp.tanh(X), sp.atan(X)),
    *(sp.asinh(X), sp.acosh(1 + X), sp.erf(X), sp.erfc(X), sp.erfi(X / 2), sp.gamma(X), sp.Ei(X), sp.Si(X), sp.Ci(X)),
    *(sp.fresnels(X), sp.fresnelc(X)),
    *(sp.Shi(X), sp.Chi(X), sp.Abs(X - 1), sp.Max(X, 2), sp.Min(X, 2, X**2), sp.LambertW(X), sp.LambertW(-X / 21, -1)),
    *(sp.lowergamma(F(1, 3), X), sp.uppergamma(F(5, 2), X), sp.polygamma(0, X), sp.polygamma(1, X), X ** sp.sqrt(2)),
    *(X ** F(-2, 3), sp.sqrt(X) ** 3, 2**X, X**-3, X - X**2 + sp.pi * sp.E - sp.EulerGamma),
    *INSIDE_1,
]
places = st.fractions(F(1, 10), F(15, 2), max_denominator=50).map(lambda q: F(q.numerator, q.denominator))


def exact(value):
    """A number of sixty digits as a fraction."""
    return fmpq(*mpmath.libmp.to_rational(value._mpf_))


@pytest.mark.parametrize("expr", FUNCTIONS, ids=str)
@settings(max_examples=6)
@given(place=places)
def test_a_ball_contains_the_value_of_each_function(expr, place):
    """Of the balls at a point, and over an interval that holds it."""
    wanted = number(expr, place)
    with ctx.workprec(96):
        near = arb(exact(wanted)) + arb(0, 1e-40) * (1 + abs(arb(exact(wanted))))
        at = enclose_at(expr, {X: place}, 96)
        assert at.overlaps(near)
        assert at.rad() < 1e-20 * (1 + abs(at))
        wide = ball_function(expr, X, 96)(ball_of(place - F(1, 20), place + F(1, 20)))
        assert not wide.is_finite() or wide.overlaps(near)


@pytest.mark.parametrize("power", [1, 2, 3, 4, 7])
@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-1, 2), (0, 3), (-2, F(1, 3)), (0, 0)])
def test_a_power_of_a_ball_about_zero(power, low, high):
    ball = ball_function(X**power, X, 96)(ball_of(F(low), F(high)))
    for place in (F(low), F(low) / 3, F(high) / 2, F(high)):
        assert ball.contains(fmpq(int((place**power).p), int((place**power).q)))
    assert power % 2 or ball.lower() > -fmpq(1, 10**6)


def test_the_modulus_of_a_ball_about_zero_has_one_sign():
    ball = ball_function(sp.Abs(X - 1), X, 96)(ball_of(F(0), F(3)))
    assert (ball.contains(0), ball.contains(2), ball.lower() > -fmpq(1, 10**6)) == (True, True, True)


def test_the_sign_of_an_almost_integer():
    assert constant_sign(sp.exp(sp.pi * sp.sqrt(163)) - 262537412640768744) == -1
    assert constant_sign(sp.exp(sp.pi * sp.sqrt(163)) - 262537412640768744, quick=True) is None
    assert constant_sign(sp.sqrt(6) - sp.sqrt(2) * sp.sqrt(3, evaluate=False)) is None


def test_bounds_are_rationals_on_both_sides():
    low, high = rational_bounds(sp.sqrt(2))
    assert low**2 < 2 < high**2
    assert high - low < F(1, 10**15)
    low, high = rational_bounds(-sp.pi, 40)
    assert low < -sp.pi < high
    assert high - low < F(1, 10**38)


def test_a_root_of_a_polynomial_lies_in_its_ball():
    root = sp.rootof(sp.Poly(sp.Symbol("y") ** 5 - 3 * sp.Symbol("y") + 1), 1)
    low, high = rational_bounds(root, 30)
    value = lambda y: y**5 - 3 * y + 1  # noqa: E731
    assert value(low) * value(high) < 0


@pytest.mark.parametrize(
    "expr",
    [1 / (X - 2), sp.log(X - 2), sp.sqrt(X - 2), sp.atan(1 / (X - 2)), sp.acosh(X - 1), sp.tan(sp.pi * X / 4)],
)
def test_a_ball_over_a_singular_place_is_not_finite(expr):
    """What is finite is continuous: isolation of zeros rests on it."""
    assert not ball_function(expr, X)(ball_of(F(19, 10), F(21, 10))).is_finite()


def test_nothing_is_guessed():
    with pytest.raises(Undecided):
        enclose(sp.airyai(F(1, 2)))
    with pytest.raises(Undecided):
        rational_bounds(1 / (sp.sin(1) ** 2 + sp.cos(1) ** 2 - 1))
    assert sign_at(X - sp.pi, {X: sp.Integer(3)}) == -1
    assert sign_at(X - X, {X: sp.Integer(3)}) is None


@given(st.integers(-(10**30), 10**30), st.integers(-200, 200))
def test_the_end_of_a_ball_is_written_out_exactly(mantissa, exponent):
    wanted = sp.Integer(mantissa) * sp.Integer(2) ** exponent
    with ctx.workprec(256):
        assert rational_of(arb(fmpq(int(wanted.p), int(wanted.q)))) == wanted


def test_a_number_beyond_all_size_is_not_written_out():
    with pytest.raises(Undecided):
        rational_of(arb(2) ** 10**6)


@pytest.mark.parametrize(
    "constant", [sp.zeta(3), sp.polylog(3, -1), sp.Catalan, sp.EulerGamma, sp.zeta(sp.Rational(1, 2))]
)
def test_constants_of_special_functions_have_balls(constant):
    assert enclose(constant).overlaps(arb(str(sp.N(constant, 60)) + " +/- 1e-58"))
