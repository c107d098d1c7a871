"""Every zero is found, crossed with the right signs, and named only where the name is exact."""

import time
from itertools import pairwise

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans import Activation, certify
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.balls import rational_bounds
from symtrans.calculus.signs.isolated_zeros import IsolatedRoot
from symtrans.calculus.signs.root_isolation import crossings
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

Q, zero, oo = sp.Rational, sp.S.Zero, sp.oo


def confirmed(function, lo, hi, grid=400):
    """The crossings, held against the changes of sign on a fine grid."""
    first, found = crossings(function, lo, hi)
    low, high = (Q(str(sp.N(end, 30))) if end is not oo else lo + 25 for end in (lo, hi))
    places = [low + (high - low) * Q(2 * k + 1, 2 * grid) for k in range(grid)]
    signs = [1 if number(function, place) > 0 else -1 for place in places]
    assert signs[0] == first or any(rational_bounds(z.place)[0] < places[0] for z in found)
    changes = [k for k, (s, t) in enumerate(pairwise(signs)) if s != t]
    between = [[z for z in found if places[k] < rational_bounds(z.place)[0] < places[k + 1]] for k in changes]
    assert all(between)
    for k, inside in zip(changes, between, strict=True):
        assert (inside[0].before, inside[-1].after) == (signs[k], signs[k + 1])
    for crossing in found:
        bounds = rational_bounds(crossing.place, 25)
        assert number(function, bounds[0] - Q(1, 10**9)) * crossing.before > 0
        assert number(function, bounds[1] + Q(1, 10**9)) * crossing.after > 0
    return first, found


@pytest.mark.parametrize(
    ("function", "lo", "hi", "names"),
    [
        (sp.cos(X), zero, sp.Integer(10), [sp.pi / 2, 3 * sp.pi / 2, 5 * sp.pi / 2]),
        (sp.exp(X) - 3, zero, oo, [sp.log(3)]),
        (X**2 - 2 + sp.exp(X) * (X**2 - 2), zero, oo, [sp.sqrt(2)]),
        (sp.atan(X) - sp.pi / 4, zero, oo, [1]),
        (sp.sin(X**2), Q(1), Q(3), [sp.sqrt(sp.pi), sp.sqrt(2) * sp.sqrt(sp.pi)]),
    ],
    ids=str,
)
def test_zeros_with_a_name(function, lo, hi, names):
    assert [crossing.place for crossing in confirmed(function, lo, hi)[1]] == names


@pytest.mark.parametrize(
    "function",
    [sp.cos(X) - X, sp.exp(-X) - X**2 / 5, sp.tanh(X) - X / 2, X * sp.exp(-X) - Q(1, 3), sp.log(X) - sp.sin(X),
     sp.exp(-(X**2)) - sp.exp(-2 * X) / 2, sp.erf(X) - Q(9, 10), 1 / X - sp.atan(X), X ** Q(1,
     3) - sp.log(1 + X) - Q(1, 4)],
    ids=str,
)  # fmt: skip
def test_zeros_without_a_name(function):
    _, found = confirmed(function, zero, oo)
    assert found
    assert all(isinstance(crossing.place, IsolatedRoot) for crossing in found)


@settings(max_examples=15)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True), st.integers(1, 5))
def test_close_zeros_are_told_apart(places, rate):
    """Zeros at thirds of whole numbers, and one close beside the first, under an exponential."""
    zeros = sorted([Q(n, 3) for n in places] + [Q(places[0], 3) + Q(1, 10**5)])
    function = sp.exp(-X / rate) * sp.Mul(*(X - z for z in zeros)) * (2 + sp.sin(X))
    first, found = crossings(function, zero, oo)
    assert [crossing.place for crossing in found] == zeros
    assert first == (-1) ** len(zeros)


def test_ends_are_no_zeros():
    assert crossings(sp.sin(X), zero, sp.Integer(3)) == (1, ())
    assert crossings(sp.cos(X) - 1 + X**2 / 2, zero, oo) == (1, ())  # x**4/24 at 0
    assert crossings(sp.log(X), sp.S.One, oo) == (1, ())
    assert crossings(X - 3, zero, sp.Integer(3)) == (-1, ())
    assert crossings((X - 3) ** 2 * sp.exp(X), zero, sp.Integer(3)) == (1, ())
    assert crossings(sp.sin(X), zero, sp.pi) == (1, ())
    assert crossings(sp.exp(-X) * 0 + 0 * X, zero, oo)[0] == 0


@pytest.mark.parametrize("function", [1 - sp.sin(X), (sp.cos(X) - X) ** 2], ids=str)
def test_a_zero_that_is_touched_is_a_question(function):
    with pytest.raises(Undecided):
        crossings(function, zero, sp.Integer(4))


def test_infinitely_many_zeros_are_a_question():
    for function in (sp.sin(X), sp.sin(1 / X)):
        with pytest.raises(Undecided):
            crossings(function, zero, oo)


def test_a_pole_is_no_zero():
    for function in (1 / (X - 1), sp.atan(1 / (X - 1)) - X / 10, sp.tan(X)):
        with pytest.raises(Undecided):
            crossings(function, zero, sp.Integer(2))


def test_the_exponential_of_a_zero_is_no_name_for_it():
    """exp(zero) was a ball of 160 bits, hence an integer of 10**200, which SymPy set out to factor."""
    start = time.monotonic()
    certify(
        Activation("Piecewise((r*exp(-tanh(20*r^2/63)), |r| < 9/4), (900000*r*|r|*exp(-1000*|r|/2557), otherwise))"),
        budget=2,
    )
    assert time.monotonic() - start < 20
