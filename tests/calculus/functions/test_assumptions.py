"""Under assumptions: one formula for all of the part where they hold, or a question."""

import pytest
import sympy as sp

from symtrans import r
from symtrans.calculus.functions.assumptions import in_every_region, is_included, released, restricted
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splitting import half_line
from symtrans.calculus.signs.regions import EVERYWHERE, assumed
from symtrans.calculus.undecided import Undecided

a, b = sp.symbols("a b", positive=True)
A, s = sp.Abs(r), sp.sign(r)
HAT = sp.Piecewise((r, a >= A), (a * s, b >= A), (a * b / r, True))


def cut(expr):
    return lambda region: half_line(expr.subs(dict(region.into)), r, Parity.ODD)


def test_breaks_are_ordered_by_the_assumption():
    with pytest.raises(Undecided):
        cut(HAT)(EVERYWHERE)
    for relation in (a < b, a <= b):
        found = in_every_region([relation], cut(HAT))
        assert found.breaks == (a, b)
        for place, value in ((1, 1), (3, 2), (10, 1)):
            assert found.subs({a: sp.Integer(2), b: sp.Integer(5)}).at(sp.Integer(place)) == value


def test_what_needs_no_assumption_is_found_without():
    assert in_every_region([a < b], cut(s * sp.Min(A, a))).breaks == (a,)


def test_two_formulas_are_a_question():
    uneven = sp.Piecewise((r, a >= A), (a * s, b >= A), (7 * r, True))
    jump = sp.Piecewise((r, a > A), (5 * s, sp.Eq(A, a)), (a * s, b > A), (9 * s, sp.Eq(A, b)), (0, True))
    assert in_every_region([a <= b], cut(uneven)).breaks == (a, b)
    with pytest.raises(Undecided):
        in_every_region([a <= b], cut(jump))  # at a = b the values 5 and 9 meet


def test_into_a_region_and_back():
    (region,) = assumed([a < b])
    whole = in_every_region([a < b], cut(HAT))
    assert released(restricted(whole, region), region).agrees(whole)
    assert is_included(whole, cut(HAT)(region), region)
    other = in_every_region([a < b], cut(HAT + r))
    assert not is_included(other, cut(HAT)(region), region)
    assert restricted(whole, EVERYWHERE) is whole
