"""Expansions at infinity: the exact terms and the remainders, beside values far out."""

import mpmath
import pytest
import sympy as sp
from flint import ctx

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.asymptotics.at_infinity import Tail
from symtrans.calculus.asymptotics.expansions import Expansion
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

FUNCTIONS = [
    sp.sqrt(1 + X**2) - X, sp.log(1 + sp.exp(X)), sp.log(1 + sp.exp(-X)), sp.erfc(X) * sp.exp(X**2), sp.erf(-X) + 1,
    sp.tanh(X) - 1, sp.atan(X) - sp.pi / 2, sp.atan(sp.sqrt(X) - X) + sp.pi / 2, X * sp.log(1 + 1 / X),
    sp.asinh(X) - sp.log(2 * X),
    sp.exp(sp.sqrt(X**2 + X) - X), (X**3 + 1) ** sp.Rational(1, 3) - X, sp.exp(1 / X) - 1, sp.cosh(X) / sp.exp(X),
    1 / (1 + sp.exp(X)), sp.log(X + sp.log(X)), sp.sin(1 / X) * X, 2 ** (1 / X), X ** sp.Rational(2, 3) * sp.exp(-X),
    (1 + sp.exp(-X)) ** sp.Rational(5, 2) - 1, sp.erfc(-X) - 2, sp.sinh(1 / X) - 1 / X,
]  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
@pytest.mark.parametrize("order", [1, 3])
def test_the_range_beyond_each_radius_holds_the_values(function, order):
    tail = Tail(function, order)
    for radius in (8, 100):
        found = tail.range(sp.Integer(radius))
        if found is None:  # it grows
            continue
        for place in (radius, radius + sp.Rational(1, 3), 5 * radius, 10 * radius):
            with ctx.workprec(200):
                value = number(function, sp.sympify(place))
            assert mpmath.mpf(str(found.lower().mid().str(30, radius=False))) - 1e-20 <= value
            assert value <= mpmath.mpf(str(found.upper().mid().str(30, radius=False))) + 1e-20


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_the_sign_holds_from_its_radius_on(function):
    sign, radius = Tail(function).sign()
    for factor in (1, sp.Rational(11, 10), 3):
        with mpmath.workdps(200):
            place = radius * factor
            value = sp.lambdify(X, function, "mpmath")(mpmath.mpf(int(place.p)) / int(place.q))
        assert value * sign > 0


def test_the_leading_term_is_exact():
    ((term),) = [t for t in Expansion(sp.sqrt(1 + X**2) - X, 1).terms if not t.coefficient.free_symbols]
    assert (term.scale.power, term.coefficient) == (-1, sp.Rational(1, 2))
    ((term),) = [t for t in Expansion(sp.sinh(1 / X) - 1 / X, 1).terms if not t.coefficient.free_symbols]
    assert (term.scale.power, term.coefficient) == (-3, sp.Rational(1, 6))


@pytest.mark.parametrize("function", [sp.gamma(X), sp.exp(sp.exp(X)), sp.sqrt(-X), 1 / sp.sin(X), sp.log(-X)], ids=str)
def test_what_is_not_read_is_a_question(function):
    with pytest.raises(Undecided):
        Expansion(function, 1)


def test_a_zero_is_no_term():
    assert Expansion(sp.exp(X) - sp.exp(X + 0) + 0 * X, 1).terms == []
    assert Expansion((X + 1) ** 2 - X**2 - 2 * X - 1, 3).terms == []
