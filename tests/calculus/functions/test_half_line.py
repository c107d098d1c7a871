"""Functions through their pieces: the algebra of pieces, beside the functions themselves."""

import pytest
import sympy as sp

from symtrans import r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.half_line import (
    HalfLine,
    Parity,
    Piece,
    first_difference,
    smooth_between_breaks,
    value_at_zero,
)
from symtrans.calculus.functions.smoothness import smoothness_of
from symtrans.calculus.functions.splitting import half_line, parity_violation
from symtrans.calculus.undecided import Undecided

a, b, q = sp.symbols("a b q", positive=True)
A = sp.Abs(r)
HUBER = half_line(sp.Piecewise((r, a >= A), (a * sp.sign(r), True)), r, Parity.ODD)
HAT = half_line(sp.Piecewise((1, A < 1), (7, sp.Eq(A, 1)), (2 - A, A < 2), (0, True)), r, Parity.EVEN)


def test_values_limits_and_formulas():
    assert (HAT.at(sp.S.Zero), HAT.at(sp.S.One), HAT.at(sp.Rational(3, 2)), HAT.at(sp.Integer(9))) == (
        *(1, 7, sp.Rational(1, 2), 0),
    )
    assert (HAT.before(0), HAT.after(0), HAT.before(1), HAT.after(1), HAT.after(-1)) == (1, 1, 0, 0, 1)
    assert HAT.on(sp.S.One, sp.Integer(2)) == 2 - X
    with pytest.raises(Undecided):
        HAT.on(sp.S.Zero, sp.Integer(2))
    with pytest.raises(Undecided):
        HUBER.at(b)


def test_a_map_a_scale_and_a_derivative():
    flux = HAT.map(lambda value, place: value * place, Parity.ODD)
    assert (flux.origin, flux.at(sp.S.One), flux.at(sp.Rational(3, 2))) == (0, 7, sp.Rational(3, 4))
    assert HAT.scaled(a).breaks == (1 / a, 2 / a)
    assert HAT.scaled(sp.Integer(2)).at(sp.Rational(3, 4)) == HAT.at(sp.Rational(3, 2))
    slope = HUBER.derivative()
    assert slope.parity is Parity.EVEN
    assert [piece.expr for piece in slope.pieces] == [1, 0]
    assert (slope.values, slope.origin) == ((1,), 1)


def test_breaks_without_a_change_are_dropped_and_others_kept():
    one, two = sp.Integer(1), sp.Integer(2)
    pieces = (Piece(sp.S.Zero, one, X), Piece(one, two, X), Piece(two, sp.oo, X))
    assert HalfLine(Parity.ODD, sp.S.Zero, pieces, (one, two)).merged().breaks == ()
    assert HalfLine(Parity.ODD, sp.S.Zero, pieces, (one, sp.Integer(5))).merged().breaks == (two,)
    pole = sp.Abs(1) / (X - 1) ** 2
    parts = (Piece(sp.S.Zero, one, pole), Piece(one, sp.oo, pole))
    assert HalfLine(Parity.EVEN, one, parts, (sp.Integer(3),)).merged().breaks == (one,)


def test_parameters_are_put_in_and_breaks_may_meet():
    two = half_line(sp.Piecewise((r, a >= A), (a * sp.sign(r), a + b >= A), (r / 2, True)), r, Parity.ODD)
    there = two.subs({b: 2 * a})
    assert there.breaks == (a, 3 * a)
    met = two.subs({b: sp.S.Zero})
    assert met.breaks == (a,)
    assert met.at(a) == a
    with pytest.raises(Undecided):
        HAT_OF(a).subs({a: sp.S.One})


def HAT_OF(width):  # noqa: N802 - the hat with breaks at 1 and 1 + (width - 1)
    pieces = (Piece(sp.S.Zero, sp.S.One, sp.S.One), Piece(sp.S.One, width, 2 * X), Piece(width, sp.oo, sp.S.Zero))
    return HalfLine(Parity.EVEN, sp.S.One, pieces, (sp.Integer(5), sp.Integer(6)))


def test_sameness_is_proved_or_refuted_at_a_point():
    same = half_line(sp.sign(r) * sp.Min(A, a), r, Parity.ODD)
    assert HUBER.agrees(same)
    assert first_difference(HUBER, same) is None
    assert not HUBER.agrees(HUBER.subs({a: b}))
    at_break = HalfLine(HAT.parity, HAT.origin, HAT.pieces, (sp.S.One, sp.S.Zero))
    assert first_difference(HAT, at_break) == 1
    place = first_difference(HAT, HAT.scaled(sp.Rational(1, 2)))
    assert HAT.at(place) != HAT.at(place / 2)


def test_a_value_at_zero_may_have_cases():
    value = value_at_zero(2 * X ** (q - 1))
    assert [value.subs(q, n) for n in (sp.Rational(1, 2), 1, 2)] == [sp.oo, 2, 0]
    assert value_at_zero(sp.sin(a * X) / X) == a
    with pytest.raises(Undecided):
        value_at_zero(sp.sin(1 / X))


def test_doubts_go_where_smoothness_is_proved():
    doubtful = HalfLine(Parity.ODD, sp.S.Zero, (Piece(sp.S.Zero, sp.oo, X / sp.sqrt(1 + X**2)),), (), ("open",))
    assert smooth_between_breaks(doubtful).doubts == ()
    kinked = HalfLine(Parity.ODD, sp.S.Zero, (Piece(sp.S.Zero, sp.oo, X / sp.sqrt(X**2 - 2 * X + 1)),), (), ("open",))
    assert smooth_between_breaks(kinked).doubts == ("open",)


@pytest.mark.parametrize(
    "flux",
    [
        2 * sp.atan(sp.exp(r)) - sp.pi / 2,
        sp.atan(sp.exp(a * r)) - sp.pi / 4,
        sp.acos(-r / sp.sqrt(1 + r**2)) - sp.pi / 2,
    ],
)
def test_a_difference_without_a_slope_is_a_constant(flux):
    half = half_line(flux, r, Parity.ODD)
    assert parity_violation(flux, r, half) is None
    assert smoothness_of(half) is sp.oo
    assert parity_violation(flux + sp.Rational(1, 9), r, half_line(flux + sp.sign(r) / 9, r, Parity.ODD)) is not None
