"""Sums of powers by parameters as polynomials in one power."""

import itertools

import pytest
import sympy as sp
from sympy.abc import x

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.powers import in_one_power, logarithm_of_ratio
from symtrans.calculus.undecided import Undecided

a, b, p, q = sp.symbols("a b p q", positive=True)


@pytest.mark.parametrize(
    ("expr", "power", "polynomial"),
    [
        (2 * X ** (p - 1) - a * X ** (2 * p - 1), p, 2 - a * X),
        (X ** (1 - 2 * p) - X ** (1 - p), p, 1 - X),
        (X**p - a * X ** (p + 3), 3, 1 - a * X),
        (1 + X ** (p / 2) - X ** (2 * p), p / 2, 1 + X - X**4),
        (9 * X ** sp.Rational(4, 3) - a, sp.Rational(4, 3), 9 * X - a),
        (1 + X ** sp.Rational(2, 3) - a * X ** sp.Rational(-1, 3), sp.Rational(1, 3), X + X**3 - a),
    ],
    ids=str,
)
def test_the_polynomial_has_the_sign_of_the_sum(expr, power, polynomial):
    found, inner = in_one_power(expr)
    assert sp.simplify(found - power) == 0
    assert sp.expand(inner - polynomial) == 0


@pytest.mark.parametrize("expr", [X**p + X**q + 1, X**p + sp.exp(X), X**2 - 1, (1 + X) ** p, X**p + X ** (200 * p) + 1])
def test_what_is_no_such_polynomial_is_none(expr):
    assert in_one_power(expr) is None


def signs(expr, lo=sp.S.Zero, hi=sp.oo):
    return [(segment.lo, segment.hi, segment.sign) for segment in sign_chart(expr, lo, hi)]


def test_the_zero_of_two_powers():
    root = (a / b) ** (1 / b)
    assert signs(b * X**b - a) == [(0, root, -1), (root, sp.oo, 1)]
    assert signs(b - a * X ** (-b)) == [(0, root, -1), (root, sp.oo, 1)]
    assert signs(b * X ** (2 * b) + a) == [(0, sp.oo, 1)]


def test_the_zero_of_a_fractional_power():
    root = (a / 9) ** sp.Rational(3, 4)
    ((_, zero, first), (_, _, second)) = signs(9 * X ** sp.Rational(4, 3) - a)
    assert (first, second) == (-1, 1)
    assert sp.simplify(zero - root) == 0


def test_two_zeros_and_a_double_one():
    first, second = 2 ** (1 / b), 3 ** (1 / b)
    two = sp.expand((X**b - 2) * (X**b - 3))
    assert signs(two) == [(0, first, 1), (first, second, -1), (second, sp.oo, 1)]
    assert signs(two, sp.S.Zero, first) == [(0, first, 1)]
    falling = two.xreplace({X: 1 / X})
    assert [sign for _, _, sign in signs(falling)] == [1, -1, 1]
    assert signs(falling)[0][1].equals(3 ** (-1 / b))
    assert signs(sp.expand((X**b - 2) ** 2)) == [(0, first, 1), (first, sp.oo, 1)]


def test_zeros_are_where_numbers_say():
    expr = 2 * X ** (3 * b / 2) - 5 * X**b + X ** (b / 2)
    chart = sign_chart(expr, sp.S.Zero, sp.oo)
    for value in (sp.Rational(1, 3), sp.S(4)):
        for segment in chart[:-1]:
            at = {b: value, X: x}
            assert abs(expr.subs(at).subs(x, segment.hi.subs(b, value)).evalf(30)) < 1e-20


def test_whether_it_rises_may_depend_on_the_parameters():
    with pytest.raises(Undecided) as question:
        sign_chart(X**a - 2 * X**b, sp.S.Zero, sp.oo)
    assert question.value.open in (a - b, b - a)


@pytest.mark.parametrize(
    ("expr", "is_found"),
    [
        (a * sp.exp(-a * X**2) - b * sp.exp(-b * X**2), True),
        (sp.exp(b * X) - 3 * X**2 * sp.exp(X), False),  # its logarithm holds that of X
        (2 - sp.exp(-a * X), True),
        (sp.exp(a * X) + sp.exp(b * X), False),
        (sp.exp(a * X) - sp.exp(b * X) - 1, False),
        (sp.exp(sp.exp(X)) - a, False),
        (X**2 - a, False),
    ],
    ids=str,
)
def test_the_logarithm_of_a_ratio_has_the_sign_of_the_difference(expr, is_found):
    found = logarithm_of_ratio(expr)
    assert (found is not None) is is_found
    for place, one, other in itertools.product(
        (sp.Rational(1, 5), sp.S.One, sp.Rational(7, 3)),
        (sp.Rational(1, 3), sp.S(2)),
        (sp.Rational(1, 3), sp.Rational(5, 2)),
    ):
        values = {X: place, a: one, b: other}
        assert found is None or sp.sign(found.subs(values).evalf(30)) == sp.sign(expr.subs(values).evalf(30))
