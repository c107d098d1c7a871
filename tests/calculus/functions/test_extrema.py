"""Suprema and infima: exact, at their place, attained or not, and never passed by a sample."""

import pytest
import sympy as sp
from hypothesis import given, settings

from symtrans import r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.candidates import Candidate, stretched, supremum
from symtrans.calculus.functions.extrema import candidates, piece_candidates
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.splitting import half_line
from symtrans.calculus.signs.isolated_zeros import ValueAtRoot
from symtrans.calculus.undecided import Undecided
from tests.strategies import diffusivities

a, b = sp.symbols("a b", positive=True)
A, oo, Q = sp.Abs(r), sp.oo, sp.Rational


def extrema(expr):
    found, argument = candidates(half_line(expr, r, Parity.EVEN))
    return supremum(found, argument), supremum(found, argument, -1)


@pytest.mark.parametrize(
    ("expr", "top", "bottom"),
    [
        (r**2 / (1 + r**4), (Q(1, 2), 1, True), (0, 0, False)),
        (1 / (1 + A), (1, 0, False), (0, oo, False)),
        (A * sp.exp(-A / a), (a * sp.exp(-1), a, True), (0, 0, False)),
        (sp.Piecewise((A, A < 1), (9, sp.Eq(A, 1)), (1 / A, True)), (9, 1, True), (0, 0, False)),
        (sp.Piecewise((A, A < 1), (0, True)), (1, 1, False), (0, 2, True)),
        (r**2, (oo, oo, False), (0, 0, False)),
        (sp.cos(r), (1, 0, False), (-1, sp.pi, True)),
        (sp.sin(r) * A, (oo, oo, False), (-oo, oo, False)),
        (
            (1 - r**2 / a**2) * sp.exp(-(r**2) / (2 * a**2)),
            (1, 0, False),
            (-2 * sp.exp(-Q(3, 2)), sp.sqrt(3) * a, True),
        ),
    ],
    ids=str,
)
def test_value_place_and_whether_it_is_attained(expr, top, bottom):
    for found, (value, place, attained) in zip(extrema(expr), (top, bottom), strict=True):
        assert found.value == value
        if value not in (oo, -oo) and place != 0:
            assert (found.place, found.attained) == (place, attained)


@settings(max_examples=8)
@given(diffusivities())
def test_no_sample_passes_them_and_some_come_near(expr):
    try:
        top, bottom = extrema(expr)
    except Undecided:
        return
    places = [Q(k, 16) for k in range(1, 260)] + [Q(1, 10**6), sp.Integer(10) ** 6]
    breaks = half_line(expr, r, Parity.EVEN).breaks
    places += [place + shift for place in breaks for shift in (0, Q(1, 10**9), -Q(1, 10**9))]
    samples = [sp.N(expr.subs(r, place), 20) for place in places]
    high, low = (sp.N(found.value, 25) for found in (top, bottom))
    assert max(samples) <= high + abs(high) * 1e-15 + 1e-15
    assert min(samples) >= low - abs(low) * 1e-15 - 1e-15
    assert max(samples) >= high - 0.05 * (abs(high) + abs(low))
    assert min(samples) <= low + 0.05 * (abs(high) + abs(low))


def test_a_value_depending_on_the_parameters_is_a_max():
    found, argument = candidates(half_line(sp.Piecewise((a, A < 1), (b, True)), r, Parity.EVEN))
    assert supremum(found, argument).value == sp.Max(a, b)
    assert supremum(found, argument, -1).value == sp.Min(a, b)
    assert supremum(found, argument).place is None


def test_what_is_attained_is_preferred():
    some = [
        Candidate(sp.S.One, sp.S.Zero, False),
        Candidate(sp.S.One, sp.Integer(4), True),
        Candidate(sp.S.Zero, oo, False),
    ]
    best = supremum(some, ())
    assert (best.place, best.attained) == (4, True)
    assert supremum(some, (), -1).value == 0


def test_doubts_are_not_passed_over():
    doubtful = HalfLine(Parity.EVEN, sp.S.One, (Piece(sp.S.Zero, oo, 1 / (1 + X)),), (), ("open",))
    with pytest.raises(Undecided):
        candidates(doubtful)


def test_a_constant_piece_is_attained_inside():
    (only,), _ = piece_candidates(Piece(sp.Integer(2), oo, a))
    assert (only.value, only.attained) == (a, True)
    assert only.place > 2


def test_at_a_zero_by_a_power_of_a_parameter_powers_are_joined():
    slope = sp.diff(X / (1 + X ** (1 + b)), X)  # of the flux of 1/(1 + |r|^p), with p = 1 + b
    found, argument = piece_candidates(Piece(sp.S.Zero, sp.oo, slope))
    least = supremum(found, argument, -1)
    assert sp.simplify(least.value + b**2 / (4 * (1 + b))) == 0
    assert sp.simplify(least.place - ((2 + b) / b) ** (1 / (1 + b))) == 0


def test_places_are_moved_and_formulas_are_not_multiplied():
    """Of F(r/a): r = 2 is r = 2 a, and 'that of cos(r)' is that of cos(r/a)."""
    a = sp.Symbol("a", positive=True)
    words = stretched(("at r = ", sp.Integer(2), ", above that of ", sp.cos(X)), a)
    assert words == ("at r = ", 2 * a, ", above that of ", sp.cos(X / a))


def test_the_value_of_a_long_formula_at_a_root_is_known_by_a_ball():
    """Written out at a number without closed form it would take SymPy long to compare."""
    expr = sp.Add(*(X * sp.exp(-Q(k, 7) * X**2) * sp.cosh(X / (k + 1)) / (1 + X**2) ** (k % 3) for k in range(3, 15)))
    found, _ = piece_candidates(Piece(sp.S.Zero, oo, expr))
    top = supremum(found, ())
    assert isinstance(top.value, ValueAtRoot)
    assert top.value.is_positive
    near = sp.lambdify(X, expr)(float(top.place))
    assert abs(float(top.value) - near) < 1e-12
    assert str(top.value) == sp.latex(top.value) == str(top.value.evalf(12))
