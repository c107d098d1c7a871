"""Brackets: neighbouring doubles, on both sides of the exact solution."""

import math
from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.brackets import bracket, outward

FUNCTIONS = {
    "cube": (X**3, lambda m, u: u**3),
    "soft": (X + X / (1 + X), lambda m, u: u + u / (1 + u)),
    "sinh": (sp.sinh(X), lambda m, u: m.sinh(u)),
    "flat at 1": ((X - 1) ** 3 + 1, lambda m, u: (u - 1) ** 3 + 1),
    "log": (sp.log(1 + X), lambda m, u: m.log(1 + u)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=15)
@given(value=st.floats(0.001, 20), guess=st.floats(0, 1e6))
def test_the_solution_lies_between_neighbours(name, value, guess):
    expr, function = FUNCTIONS[name]
    low, high = bracket(expr, value, guess, sp.S.Zero, sp.oo)
    with mpmath.workdps(400):
        below, above = (function(mpmath, mpmath.mpf(end)) - mpmath.mpf(value) for end in (low, high))
    assert below <= 0 <= above
    assert high <= math.nextafter(math.nextafter(low, math.inf), math.inf)


def test_an_exact_solution_is_enclosed_by_its_neighbours():
    low, high = bracket(X**2, 4.0, 1.0, sp.S.Zero, sp.oo)
    assert low <= 2 <= high
    assert bracket(X, 5.0, 9.0, sp.S.Zero, sp.Integer(3))[1] == 3.0  # the end is a bound too


@given(st.fractions(-100, 100), st.sampled_from([-1, 1]))
def test_outward_is_the_closest_double_on_its_side(place, side):
    found = outward(sp.Rational(place.numerator, place.denominator), side)
    assert (Fraction(found) - place) * side >= 0
    inward = math.nextafter(found, -side * math.inf)
    assert (Fraction(inward) - place) * side < 0


def test_outward_of_an_irrational_and_of_infinity():
    assert outward(sp.pi, -1) < sp.pi < outward(sp.pi, 1)
    assert math.nextafter(outward(sp.pi, -1), 4) == outward(sp.pi, 1)
    assert outward(sp.oo, 1) == -outward(-sp.oo, -1) == 1.7976931348623157e308
