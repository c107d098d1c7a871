"""Numbers without a closed form: enclosed to any precision, and the same number after a journey."""

import copy
import pickle

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import compare, sign
from symtrans.calculus.enclosures.balls import rational_bounds
from symtrans.calculus.signs.isolated_zeros import IsolatedRoot, ValueAtRoot

Q = sp.Rational
ROOTS = {
    "cos": (X - sp.cos(X), Q(1, 2), Q(1)),
    "rising": (sp.exp(X) - 3 * X**2, Q(3), Q(4)),
    "falling": (3 * X**2 - sp.exp(X), Q(3), Q(4)),
    "flat": ((X - sp.sqrt(2)) ** 3 + (X - sp.sqrt(2)) * Q(1, 10**12), Q(1), Q(2)),
    "below 0": (X + sp.exp(X), Q(-2), Q(-1, 10)),
    "wide": (sp.atan(X) - 1, Q(0), Q(10**6)),
}


@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize("bits", [53, 200, 1500])
def test_the_ball_holds_a_change_of_sign_and_is_sharp(name, bits):
    function, lo, hi = ROOTS[name]
    root = IsolatedRoot(function, X, lo, hi)
    with ctx.workprec(bits):
        ball = root.ball()
        assert ball.rad() < (1 + abs(ball)) * arb(2) ** (2 - bits)
    low, high = rational_bounds(root, 30)
    with mpmath.workdps(80):
        f = sp.lambdify(X, function, "mpmath")
        ends = [f(mpmath.mpf(int(end.p)) / int(end.q)) for end in (low, high)]
    assert ends[0] * ends[1] < 0


def test_digits_in_any_order_agree():
    function, lo, hi = ROOTS["cos"]
    sharp, rough = IsolatedRoot(function, X, lo, hi), IsolatedRoot(function, X, lo, hi)
    sharp.evalf(300)
    with mpmath.workdps(50):
        wanted = sp.Float(str(mpmath.findroot(lambda x: x - mpmath.cos(x), 0.7)), 50)
    for root in (sharp, rough):
        assert abs(root.evalf(20) - wanted) < sp.Float("1e-19")
        assert abs(root.evalf(45) - wanted) < sp.Float("1e-43")


@pytest.mark.parametrize("journey", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_it_is_the_same_number_after_a_journey(journey):
    root = IsolatedRoot(*ROOTS["cos"][:1], X, *ROOTS["cos"][1:])
    value = ValueAtRoot(X**2 + 1, X, root)
    for number in (root, value, root + 1, value * sp.Symbol("a")):
        assert journey(number) == number
        assert hash(journey(number)) == hash(number)
    assert root != IsolatedRoot(X - sp.cos(X), X, Q(1, 3), Q(1))


def test_signs_and_orders_are_proved():
    root = IsolatedRoot(X - sp.cos(X), X, Q(1, 2), Q(1))
    below = IsolatedRoot(X + sp.exp(X), X, Q(-2), Q(-1, 10))
    assert (root.is_positive, below.is_positive, below.is_negative) == (True, False, True)
    assert sign(root - sp.Rational(739, 1000)) == 1
    assert compare(root, sp.sqrt(2) / 2) == 1
    assert compare(below, root) == -1
    assert sign(ValueAtRoot(sp.cos(X) - X**2, X, root)) == 1
    assert ValueAtRoot(X - 2, X, root).is_negative


def test_a_value_at_a_root_is_that_of_the_function():
    root = IsolatedRoot(X - sp.cos(X), X, Q(1, 2), Q(1))
    value = ValueAtRoot(sp.exp(-(X**2)), X, root)
    assert abs(value.evalf(30) - sp.exp(-(root.evalf(40) ** 2))) < sp.Float("1e-29")
