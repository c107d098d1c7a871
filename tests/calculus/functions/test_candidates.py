"""The largest and the smallest of some values, where they stand, and proofs that move with a change of variable."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.candidates import Candidate, stretched, supremum, with_places

a, b = sp.symbols("a b", positive=True)


def test_of_equal_values_one_that_is_taken_is_named():
    values = [Candidate(sp.sqrt(8), sp.oo, False), Candidate(2 * sp.sqrt(2), sp.S.One, True), Candidate(-a, a, True)]
    top, bottom = supremum(values, ("said",)), supremum(values, ("said",), -1)
    assert (top.value, top.place, top.attained, top.argument) == (2 * sp.sqrt(2), 1, True, ("said",))
    assert (bottom.value, bottom.place, bottom.attained) == (-a, a, True)


def test_where_the_order_depends_on_parameters_no_place_is_named():
    values = [Candidate(a, sp.S.One, True), Candidate(b, sp.S(2), True)]
    top, bottom = supremum(values, ()), supremum(values, (), -1)
    assert (top.value, top.place, top.attained) == (sp.Max(a, b), None, False)
    assert (bottom.value, bottom.place, bottom.attained) == (sp.Min(a, b), None, False)


def test_a_proof_moves_with_the_variable():
    argument = ("increasing on (", sp.S.Zero, ", ", b, "), as ", X / (1 + X), " is")
    assert stretched(argument, a) == ("increasing on (", 0, ", ", a * b, "), as ", X / a / (1 + X / a), " is")
    squared = with_places(argument, sp.sqrt, X**2)
    assert squared == ("increasing on (", 0, ", ", sp.sqrt(b), "), as ", X**2 / (1 + X**2), " is")
