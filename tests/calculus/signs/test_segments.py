"""Charts of products and powers, from the charts of the factors."""

import sympy as sp

from symtrans.calculus.signs.segments import Segment, one_sign, refined, times, to_power, zeros

oo = sp.oo
FALLING = (Segment(sp.S.Zero, sp.S.One, 1), Segment(sp.S.One, oo, -1, isolated=True))
OTHER = (Segment(sp.S.Zero, sp.Integer(2), -1), Segment(sp.Integer(2), oo, 1))


def test_a_product_has_the_zeros_of_both_and_the_product_of_the_signs():
    product = times(FALLING, OTHER)
    assert [(s.lo, s.hi, s.sign) for s in product] == [(0, 1, -1), (1, 2, 1), (2, oo, -1)]
    assert [s.isolated for s in product] == [False, True, True]
    assert zeros(product) == (1, 2)
    assert times(FALLING, (Segment(sp.S.Zero, oo, -1),)) == tuple(s._replace(sign=-s.sign) for s in FALLING)


def test_an_even_power_keeps_the_zero_but_no_change_of_sign():
    square = to_power(FALLING, 2)
    assert zeros(square) == (1,)
    assert {segment.sign for segment in square} == {1}
    assert one_sign(square) is one_sign(FALLING) is None  # they are 0 in between
    assert one_sign(square[:1]) == 1
    assert to_power(FALLING, 3) == FALLING


def test_charts_are_refined_together():
    parts = [(lo, hi, [s.sign for s in here]) for lo, hi, here in refined(FALLING, OTHER, FALLING)]
    assert parts == [(0, 1, [1, -1, 1]), (1, 2, [-1, -1, -1]), (2, oo, [-1, 1, -1])]
