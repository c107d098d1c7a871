"""Splines beside linear interpolation, and beside the same function as ordinary pieces."""

import pickle

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.antiderivatives.verification import integral_from_zero
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.splines import Spline, as_spline, interpolant

small = st.integers(-12, 12)


@st.composite
def splines(draw, parity=Parity.ODD):
    places = sorted(draw(st.sets(st.integers(1, 24), min_size=1, max_size=4)))
    values = draw(st.lists(small, min_size=len(places), max_size=len(places)))
    points = [fmpq(0), *(fmpq(p, 3) for p in places)], [fmpq(0), *(fmpq(v, 2) for v in values)]
    return points, interpolant(parity, *points, is_constant_beyond=draw(st.booleans()))


def plain(spline):
    return HalfLine(spline.parity, spline.origin, spline.pieces, spline.values)


@settings(max_examples=30)
@given(splines(), st.lists(st.fractions(0, 12, max_denominator=24), min_size=1, max_size=6))
def test_between_its_knots_it_is_the_line(drawn, places):
    (knots, values), spline = drawn
    known = [int(k.p) / int(k.q) for k in knots], [int(v.p) / int(v.q) for v in values]
    for place in (sp.Rational(p.numerator, p.denominator) for p in places):
        if place <= max(known[0]):
            assert float(spline.at(place)) == pytest.approx(np.interp(float(place), *known), abs=1e-12)
        assert spline.at(place) == plain(spline).at(place)


@settings(max_examples=15)
@given(splines())
def test_its_calculus_is_that_of_ordinary_pieces(drawn):
    _, spline = drawn
    for mine, general in (
        (spline.derivative(), plain(spline).derivative()),
        (spline.integral(), integral_from_zero(plain(spline))),
        (spline.scaled(sp.sqrt(2)), plain(spline).scaled(sp.sqrt(2))),
        (
            spline.map(lambda v, x: x - 2 * v, Parity.ODD),
            plain(spline).map(lambda v, x: x - 2 * v, Parity.ODD),
        ),
        (spline.map(lambda v, x: v / x, Parity.EVEN), plain(spline).map(lambda v, x: v / x, Parity.EVEN)),
    ):
        assert plain(mine).merged().agrees(general.merged())


def test_jumps_and_limits():
    step = Spline(Parity.ODD, None, [fmpq(1)], interpolant(
        Parity.ODD, [fmpq(0), fmpq(1)], [fmpq(0), fmpq(1)], is_constant_beyond=True).parts, [fmpq(7)])  # fmt: skip
    assert list(step.may_jump()) == [0]
    assert (step.before(0), step.at(sp.S.One), step.after(0), step.after(-1)) == (1, 7, 1, 0)


def test_of_one_function_there_is_one_form():
    pieces = (Piece(sp.S.Zero, sp.sqrt(2), X), Piece(sp.sqrt(2), sp.oo, 2 / X))
    found = as_spline(HalfLine(Parity.ODD, sp.S.Zero, pieces, (sp.sqrt(2),)))
    assert isinstance(found, Spline)
    assert found.breaks == (sp.sqrt(2),)
    assert pickle.loads(pickle.dumps(found)) == found
    for other in (sp.exp(X), sp.sqrt(3) * X, sp.sqrt(X)):
        kept = HalfLine(Parity.ODD, sp.S.Zero, (pieces[0], Piece(sp.sqrt(2), sp.oo, other)), (sp.sqrt(2),))
        assert as_spline(kept) is kept


def test_an_odd_function_that_is_not_zero_at_zero_is_none():
    assert interpolant(Parity.ODD, [fmpq(0), fmpq(1)], [fmpq(1), fmpq(1)], is_constant_beyond=True) is None
    even = interpolant(Parity.EVEN, [fmpq(1), fmpq(2)], [fmpq(3), fmpq(5)], is_constant_beyond=False)
    assert (even.at(sp.S.Zero), even.at(sp.Rational(1, 2)), even.at(sp.Integer(3))) == (3, 3, 7)
