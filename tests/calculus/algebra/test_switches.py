"""Nodes with breaks: what decides them, what they are then, and signs that show no jump."""

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.switches import (
    innermost_rough,
    is_continuous,
    is_rough,
    settled,
    switch_of,
    switches_of,
    without_signs,
)

s, c = sp.sin(X), sp.cos(X)
a = sp.Symbol("a", positive=True)


def test_a_node_without_the_variable_has_no_breaks():
    assert not is_rough(sp.Max(a, 1) * X + sp.Abs(a - 1))
    assert is_rough(1 / (1 + sp.Abs(s)))


def test_functions_are_continuous_and_their_derivatives_jump():
    assert is_continuous(sp.Max(sp.Abs(s), c) + sp.sign(a - 1))
    assert not is_continuous(sp.sign(s) * c)


@pytest.mark.parametrize(
    "node", [sp.Abs(s), sp.sign(s), sp.Max(s, c), sp.Min(s, c), s > c, sp.Heaviside(s - c)], ids=str
)
def test_a_node_is_what_the_sign_of_its_switch_makes_it(node):
    for place in (sp.Rational(1, 3), sp.Rational(5, 2), sp.Integer(4)):
        side = int(sp.sign(switch_of(node, X).subs(X, place)).evalf())
        there = settled(node, side, X).subs(X, place)
        assert there == node.subs(X, place) or sp.Abs(there - node.subs(X, place)).evalf() < 1e-12


def test_the_innermost_node_comes_first_but_for_those_that_are_kept():
    whole = sp.Max(sp.Abs(s), c)
    assert innermost_rough(whole, X) == sp.Abs(s)
    assert innermost_rough(whole, X, {sp.Abs(s)}) == whole
    assert innermost_rough(whole, X, {sp.Abs(s), whole}) is None


def test_switches_are_the_differences_of_all_arguments():
    found = switches_of(sp.Max(s, c, 1 / X) + sp.Abs(s - a))
    assert len(found) == 4
    assert {s - c, s - 1 / X} <= set(found)


@pytest.mark.parametrize(
    ("expr", "wanted"),
    [
        (sp.sign(s) * s * X, X * sp.Abs(s)),
        (sp.sign(s) * s**3, s**2 * sp.Abs(s)),
        (sp.sign(s) * sp.Abs(s) + 1, 1 + s),
        (sp.sign(s - c) * (c - s), -sp.Abs(s - c)),
        (sp.sign(s) * c, sp.sign(s) * c),
        (sp.sign(s) * sp.sqrt(sp.Abs(s)), sp.sign(s) * sp.sqrt(sp.Abs(s))),
    ],
    ids=str,
)
def test_signs_go_where_what_they_are_of_stands_beside_them(expr, wanted):
    assert without_signs(expr) == wanted
