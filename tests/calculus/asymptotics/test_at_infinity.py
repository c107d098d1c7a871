"""Expansions at an end of an interval, held against numbers very near to it."""

import mpmath
import pytest
import sympy as sp
from flint import arb

from symtrans import Diffusivity, certify
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.asymptotics.at_infinity import Tail, end_limit, end_sign, final_sign
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.undecided import Undecided

HALF = sp.Rational(1, 2)
# each vanishes at 0 like X, and differs from X in the second or third order
LIKE_X = (1 - sp.exp(-X), sp.exp(X) - 1, sp.log(1 + X), sp.sin(X), sp.tanh(X), sp.atan(X), 2 * sp.sqrt(1 + X) - 2)
# what is built of it, and the order in which two such differ where their arguments differ in the second
OUTER = ((sp.sqrt, HALF), (sp.log, 0), (lambda u: 1 / u, -2), (lambda u: u**3, 3), (lambda u: u ** (-HALF), -3 * HALF))


def number(expr, place):
    with mpmath.workdps(120):
        return mpmath.mpf(str(expr.xreplace({X: place}).evalf(60)))


@pytest.mark.parametrize("inner", LIKE_X, ids=str)
@pytest.mark.parametrize(("outer", "order"), OUTER, ids=["sqrt", "log", "inverse", "cube", "root of inverse"])
@pytest.mark.parametrize("more", [1, 2])
def test_what_lies_behind_a_leading_term_that_cancels(inner, outer, order, more):
    """The second term of f(B(x)) is known only if the expansion of B did not end with its first."""
    function = (outer(inner) - outer(X)) / X ** (order + more)
    wanted = number(function, sp.Rational(1, 10**30))
    try:
        found = end_limit(function, sp.S.Zero, "+")
    except Undecided:
        assert more == 2  # or infinite of an order that was not asked for
        return
    if found in (sp.oo, -sp.oo):
        assert wanted * (1 if found is sp.oo else -1) > 1e20
    else:
        assert abs(wanted - number(found, sp.S.One)) < 1e-25


@pytest.mark.parametrize("inner", LIKE_X[:3], ids=str)
def test_the_sign_beside_zero(inner):
    difference = sp.log(inner / X) - (inner / X - 1)  # log u < u - 1 for u != 1
    sign, reach = end_sign(difference, sp.S.Zero, "+")
    assert sign == -1
    for part in (1, HALF, sp.Rational(1, 1000)):
        assert number(difference, reach * part) < 0


def test_a_leading_coefficient_that_vanishes_for_some_parameters_is_a_question():
    a, b = sp.symbols("a b", positive=True)
    for function in (1 / (1 + (a - b) * X), X / sp.sqrt(X + (a - b) ** 2 * X**2), sp.log(1 + (a - b) * X)):
        with pytest.raises(Undecided):
            end_limit(function, sp.oo, "-")
    certificate = certify(Diffusivity("1/(1 + (a - b)^2*r^2)"))
    values = [certificate.g_min.value.subs(dict(zip((a, b), ab, strict=True))) for ab in ((2, 2), (2, 3))]
    assert values == [1, 0]


def test_exponents_in_the_parameters_are_a_question_or_an_answer():
    p = sp.Symbol("p", positive=True)
    assert limit(sp.exp(-(X**p)), sp.oo) == 0
    with pytest.raises(Undecided):
        Tail(sp.exp(X**p - X)).limit()
    assert Tail(X**p / (X ** (p + 1) + 1)).limit() == 0


def test_each_side_of_an_inner_place():
    for function, left, right in ((1 / (X - 2), -1, 1), ((X - 2) ** 3 * sp.exp(X), -1, 1), (-((X - 2) ** 2), -1, -1)):
        for side, expected in (("-", left), ("+", right)):
            sign, reach = end_sign(function, sp.Integer(2), side)
            assert sign == expected
            assert number(function, 2 + reach * (1 if side == "+" else -1)) * expected > 0
    assert end_limit(1 / (X - 2), sp.Integer(2), "-") is -sp.oo
    assert end_limit(1 / (X - 2), sp.Integer(2), "+") is sp.oo


L1, L2 = sp.log(X), sp.log(sp.log(X))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (sp.log(1 + sp.log(1 + X)) / L2, 1),
        (sp.log(1 + sp.log(1 + X)) - L2, 0),
        ((sp.log(2 + 3 * sp.log(X**2 + 1)) - L2 - sp.log(6)) * L1, sp.Rational(1, 3)),
        (sp.sqrt(1 + sp.log(1 + X**2)) / sp.sqrt(L1), sp.sqrt(2)),
        (X / (1 + sp.log(1 + sp.log(1 + X))) / (X / L2) * (1 + 1 / L2), 1),
        (sp.log(1 + sp.log(1 + sp.log(1 + X))) / sp.log(L2), 1),
        (L1 / L2**5, sp.oo),
        (L2 / sp.sqrt(L1), 0),
        (sp.exp(-2 * sp.log(1 + X)) * X**2, 1),
        (sp.exp(3 * sp.log(1 + sp.log(X))) / L1**3, 1),
        (sp.tanh(X - sp.exp(X)), -1),
        ((1 - sp.tanh(sp.exp(X))) * sp.exp(X**3), 0),
    ],
    ids=str,
)
def test_iterated_logarithms_and_exponentials(function, expected):
    found = end_limit(function, sp.oo, "-")
    assert found == expected
    with mpmath.workdps(60):
        value = sp.lambdify(X, function, "mpmath")
        places = [mpmath.mpf(10) ** (10**k) for k in ((3, 6, 9) if not function.has(sp.tanh) else (0,))]
        values = [value(place) for place in places]
    if expected is sp.oo:
        assert values == sorted(values)
    else:
        distances = [abs(one - mpmath.mpf(str(sp.N(expected, 60)))) for one in values]
        assert distances == sorted(distances, reverse=True)
        assert distances[-1] < 1 / mpmath.log(10**9)


@pytest.mark.parametrize(
    "function",
    [1 / L1 - 1 / (L1 * L2), L2 - 5, sp.log(1 + L1) - L2 - 1 / (2 * L1), X ** -sp.Rational(1, 3) - 1 / L1**3],
    ids=str,
)
def test_the_sign_beyond_a_radius_of_logarithms(function):
    """Found, it is right from there on; some are not found, as log(log(x)) grows beyond 5 late."""
    try:
        value, radius = end_sign(function, sp.oo, "-")
    except Undecided:
        return
    for factor in (1, 2, 10**3, 10**40):
        assert number(function, radius * factor) * value > 0


def test_a_power_of_a_logarithm_by_a_parameter():
    p = sp.Symbol("p", positive=True)
    assert end_limit(sp.log(1 + X) ** p / X, sp.oo, "-") == 0
    assert end_limit(sp.exp(-p * sp.log(1 + X**2)) * X**p, sp.oo, "-") == 0
    with pytest.raises(Undecided):
        end_limit(sp.log(1 + X) ** p / sp.log(X), sp.oo, "-")


def test_a_function_of_what_is_only_enclosed_is_enclosed():
    for function in (sp.erf(sp.sin(X)), sp.tanh(2 * sp.cos(X)), sp.Si(sp.sin(X)), sp.exp(sp.sin(X)), sp.Abs(sp.sin(X))):
        assert end_limit(function / X, sp.oo, "-") == 0
        ball = Tail(function).range(sp.Integer(40))
        assert all(ball.contains(arb(str(number(function, sp.Integer(40 + place))))) for place in range(8))
    with pytest.raises(Undecided):
        Tail(1 / sp.sin(X))
    with pytest.raises(Undecided):
        Tail(sp.erf(X * sp.sin(X)) / X)


def test_positive_factors_do_not_hide_a_final_sign():
    p = sp.Symbol("p", positive=True)
    hump = sp.exp(-p * sp.log(1 + X**2) ** 2)
    assert final_sign(sp.diff(X * hump, X), sp.oo, "-") == -1
    assert final_sign(sp.diff(-X * hump, X), sp.oo, "-") == 1
    with pytest.raises(Undecided):
        final_sign(hump - 1 / X, sp.oo, "-")
