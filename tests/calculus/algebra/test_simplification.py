"""Written forms: equal to what they were made of, and as a person would write them."""

import pytest
import sympy as sp
from hypothesis import given

from symtrans import r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.simplification import simplified, spread
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splitting import half_line
from tests.calculus.fifty_digits import TINY, number
from tests.strategies import diffusivities

lam, a, b = sp.symbols("lambda a b", positive=True)
VALUES = {"lambda": sp.Rational(7, 5), "a": sp.Rational(9, 4), "b": sp.Rational(2, 7), "p": sp.Rational(4, 3)}


@given(diffusivities())
def test_changes_no_value(expr):
    function = half_line(expr, r, Parity.EVEN)
    back = expression(function, r)
    for place in (sp.Rational(1, 3), sp.Rational(-7, 2), sp.Integer(9), *function.breaks):
        assert abs(sp.N(back.subs(r, place) - expr.subs(r, place), 40)) < sp.Float("1e-35")


@pytest.mark.parametrize(
    "expr",
    [sp.log(X) - sp.log(lam) + sp.log(2) / 2, 2 * sp.log(X / (sp.sqrt(2) * lam)), 3 * sp.log(1 + X) - 2 * sp.log(X + a),
     sp.exp(-X) * sp.exp(-X / lam) * (1 - X), a / (a + X) / (a - b) - b / (b + X) / (a - b),
     (1 + X) ** a * (1 + X) ** 2,
     X**2 / (1 + X**2 / lam**2) ** 2 - X, sp.sqrt(X**2 + lam**2) - lam, sp.sinh(X) ** 2 / sp.cosh(X),
     X - sp.sqrt(2) * (sp.sqrt(2) * X / 2 - a * sp.log(1 + X / a)),  # no sum any more when it is multiplied out
     sp.log((1 + X) ** 2 / (1 - sp.exp(-X))) - 5 * sp.log(X), -sp.log(a) * sp.log(X) + sp.log(b) * sp.log(X)],
    ids=str,
)  # fmt: skip
def test_a_written_form_is_the_same_number(expr):
    for place in (sp.Rational(1, 9), sp.Rational(3, 2), sp.Integer(11)):
        wanted = number(expr, place, **VALUES)
        for form in (simplified(expr), spread(expr)):
            assert abs(number(form, place, **VALUES) - wanted) < TINY * (1 + abs(wanted))


def test_people_would_write_it_so():
    k = 1 + X**2 / lam**2
    assert simplified(1 / sp.sqrt(k) - X**2 / lam**2 / k ** sp.Rational(3, 2)) == k ** sp.Rational(-3, 2)
    assert simplified(lam**2 * X / (lam**2 + X**2)) == X / k
    assert simplified(sp.sinh(X) / sp.cosh(X)) == sp.tanh(X)
    assert simplified(2 * sp.log(X) - 2 * sp.log(sp.sqrt(2) * lam)) == sp.log(X**2 / (2 * lam**2))
    assert simplified(sp.exp(-X) * sp.exp(-a * X)).atoms(sp.exp) == {sp.exp(-X * (a + 1))}


def test_a_case_that_the_general_one_includes_is_dropped():
    p = sp.Symbol("p", positive=True)
    included = sp.Piecewise((X**2, sp.Eq(p, 2)), (X**p, True))
    assert simplified(included) == X**p
    removable = sp.Piecewise((X, sp.Eq(p, 1)), (X * (p**2 - 1) / (2 * (p - 1)), True))
    assert simplified(removable).subs(p, 3) == 2 * X
    kept = sp.Piecewise((sp.log(X), sp.Eq(p, 1)), (X ** (1 - p) / (1 - p), True))
    assert simplified(kept).subs(p, 1) == sp.log(X)


def test_a_case_of_several_values_is_dropped_where_the_general_one_includes_each():
    c = sp.Symbol("c", real=True)
    special = sp.Or(sp.Eq(c, 1), sp.Eq(c, -1))
    general = (c**2 - 1) * X / (c + 3)
    assert simplified(sp.Piecewise((0, special), (general, True))) == simplified(general)
    assert simplified(sp.Piecewise((0, special), (general + c - 1, True))).has(sp.Piecewise)


def test_a_form_without_the_parameter_that_cancels_wins():
    assert simplified(lam * X / lam + a - a * (1 + X) + a * X) == X
    assert simplified((a**2 - b**2) / (a - b) - b) == a


def test_written_once_is_written_for_good():
    for expr in (
        X / (1 + X**2 / lam**2),
        sp.exp(-(X**2) / (2 * lam**2)),
        (1 - X**2 / a**2) ** 2,
        sp.log(1 + X**2 / lam),
    ):
        assert simplified(simplified(expr)) == simplified(expr)


def test_lambertw_of_its_inverse():
    y = 1 + a
    assert simplified(sp.LambertW(y * sp.exp(y))) == y
    assert simplified(sp.LambertW(sp.sqrt(3) * sp.exp(sp.sqrt(3)))) == sp.sqrt(3)
    for other in (sp.LambertW(-a * sp.exp(-a)), sp.LambertW(-sp.exp(-2) / 2, -1), sp.LambertW(a * sp.exp(b))):
        assert simplified(other) == other  # W(-a exp(-a)) is -a for a <= 1 only


@pytest.mark.parametrize("assumption", ["real", "nonnegative"])
def test_no_form_divides_by_a_parameter_that_may_vanish(assumption):
    c = sp.Symbol("c", **{assumption: True})
    for expr in (X - 2 * X**3 / (c**2 + 2 * X**2), X**2 / (c**2 + X), X - X**2 / (X + c**4)):
        assert simplified(expr).subs(c, 0) == expr.subs(c, 0)
    assert simplified(X - 2 * X**3 / (a**2 + 2 * X**2)) == X / (1 + 2 * X**2 / a**2)


def test_what_has_no_value_is_not_zero():
    nothing = sp.exp(X) * (1 + X) - sp.exp(X) - X * sp.exp(X)
    assert simplified(sp.Mul(sp.zoo, nothing, evaluate=False)) is sp.nan


@pytest.mark.parametrize("wave", [sp.sin, sp.cos, sp.log, lambda x: 1 - 2 * sp.tanh(x)])
def test_no_form_divides_by_a_function_that_may_vanish(wave):
    """So that of the derivative of sin(x)^2/(1 + x^2) has a value where cos(x) = 0."""
    for expr in (wave(X) ** 2 / (1 + X**2), X**2 * wave(X) ** 2 + wave(X) / (1 + X)):
        form = simplified(sp.diff(expr, X))
        below = [power.base for power in form.atoms(sp.Pow) if power.exp.could_extract_minus_sign()]
        assert all(base.is_positive for base in below), form
