"""From pieces to one formula: the same values for both signs, and bars only where they are needed."""

import pytest
import sympy as sp
from hypothesis import given, settings

from symtrans import r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.expression import expression, parity_in_x
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splitting import half_line
from tests.strategies import odd_functions

a = sp.Symbol("a", positive=True)
A, s = sp.Abs(r), sp.sign(r)
ODD = [
    s * sp.Min(A, a), sp.Piecewise((r, a > A), (5 * s, sp.Eq(A, a)), (a**2 / r, True)), r * sp.exp(-A),
    s * sp.log(1 + A),
    s * sp.sqrt(A), r - a * s, r / (1 + A / a), sp.Piecewise((0, a >= A), (s * sp.sqrt(r**2 - a**2), True)),
]  # fmt: skip


@pytest.mark.parametrize("expr", ODD, ids=str)
def test_an_odd_formula_holds_on_both_sides(expr):
    back = expression(half_line(expr, r, Parity.ODD), r)
    for place in (sp.Rational(1, 3), sp.Integer(2), sp.Rational(9, 2), sp.S.Zero):
        for sign in (1, -1):
            values = {a: sp.Integer(2), r: sign * place}
            assert sp.simplify(back.subs(values) - expr.subs(values)) == 0


@settings(max_examples=25)
@given(odd_functions())
def test_random_odd_formulas_hold_on_both_sides(expr):
    back = expression(half_line(expr, r, Parity.ODD), r)
    for place in (sp.Rational(-22, 7), sp.Rational(-1, 5), sp.Rational(3, 8)):
        assert abs(sp.N(back.subs(r, place) - expr.subs(r, place), 40)) < 1e-30


def test_bars_and_signs_stand_where_they_are_needed():
    assert not expression(half_line(r / (1 + r**2), r, Parity.ODD), r).has(sp.Abs, sp.sign)
    assert expression(half_line(r * sp.exp(-A), r, Parity.ODD), r) == r * sp.exp(-A)
    assert not expression(half_line(1 / (1 + A**2), r, Parity.EVEN), r).has(sp.Abs)


@pytest.mark.parametrize(
    ("expr", "parity"),
    [(X**2, 1), (X**3, -1), (X + 1, 0), (sp.sqrt(X), 0), (sp.sqrt(1 + X**2), 1), (sp.log(X**2 + 1), 1), (sp.log(X), 0),
     (sp.tanh(X) / X, 1), ((X + 1) ** 2 - (X - 1) ** 2, -1), (sp.exp(X) + sp.exp(-X), 1), (sp.sqrt(X**2 - 1), 0),
     (X * sp.exp(-X), 0), (sp.Integer(3), 1)],
    ids=str,
)  # fmt: skip
def test_parity_is_read_for_both_signs_of_x(expr, parity):
    """sqrt(x**2) is x only for x > 0: a root or logarithm of what may be negative has none."""
    assert parity_in_x(expr) == parity
