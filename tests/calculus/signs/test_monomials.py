"""Sums over monomials of the parameters: taken apart as they stand, and given a sign only where all parts have it."""

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.monomials import by_monomials
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

a, b = sp.symbols("a b", positive=True)
VALUES = [
    {"a": sp.Rational(*one), "b": sp.Rational(*other)} for one in ((1, 9), (40, 1)) for other in ((1, 50), (7, 1))
]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (a * (sp.tanh(X) - X) - b * X**3, -1),
        (sp.tanh(X) / X / (1 + a * X**2) - 1, -1),
        (a * sp.exp(X) + b * sp.log(1 + X) - a - a * X, 1),
        (sp.tanh(a * X) / X / (1 + b * X**2) - a, -1),  # where a is a scale
        (a * (X - 1) ** 2 + b * X, 1),  # one part has a zero, the other has none
        (a * (X - 1) ** 2 * sp.exp(X) + b * (X - 1) ** 2 * sp.log(1 + X), None),  # both vanish at 1
        (a * sp.tanh(X) - b * sp.atan(X), None),
        (sp.tanh(X) / X + a * X / (1 + X**2) - 1, None),  # negative for small a only
        (a**2 * X - 2 * a * b * sp.tanh(X) + b**2 * X, None),
    ],
    ids=str,
)
def test_a_sum_has_the_sign_that_all_its_parts_have(expr, expected):
    places = [sp.Rational(place) for place in ("1/1000", "1/3", "2", "30")]
    if expected is None:
        try:
            chart = sign_chart(expr, sp.S.Zero, sp.oo)
        except Undecided:
            return
        assert len(chart) > 1  # found by other ways, with its zeros
        return
    ((lo, hi, value, _),) = sign_chart(expr, sp.S.Zero, sp.oo)
    assert (lo, hi, value) == (0, sp.oo, expected)
    assert all(number(expr, place, **values) * expected > 0 for place in places for values in VALUES)


def test_the_parts_make_the_whole_again():
    expr = a * X * sp.exp(-a * X) - b * sp.exp(-2 * a * X) / a
    scale, parts = by_monomials(expr)
    assert scale == 1 / a
    ratios = [sp.simplify(p.subs(X, 2) / q.subs(X, 2)) for p, q in [parts]]
    assert not any(ratio.free_symbols for ratio in ratios)
    assert by_monomials(expr, may_scale=False) is None  # exp(-a X) is no monomial
    assert by_monomials(a * X + a * sp.exp(X)) is None  # one monomial only
    assert by_monomials(sp.Symbol("c", real=True) * X - X**2) is None  # which may be negative
