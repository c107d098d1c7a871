"""Expansions of special functions at the ends of an interval, held against enclosures far out and near by."""

import contextlib

import pytest
import sympy as sp
from flint import arb, ctx

from symtrans import Diffusivity, Evidence, certify
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.asymptotics.at_infinity import end_sign
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.asymptotics.special import at_end, growing, vanishing
from symtrans.calculus.enclosures.balls import enclose, enclose_at, enclose_with
from symtrans.calculus.undecided import Undecided
from symtrans.language.polylogarithms import impolylog, repolylog

R = sp.Rational
U = sp.Symbol("u", positive=True)

GROWING = (
    *(sp.Ei(U), sp.Ei(-U), sp.Si(U), sp.Ci(U), sp.Shi(U), sp.Chi(U), sp.erfi(U), sp.erf(U), sp.erfc(U), sp.acosh(U)),
    *(sp.lowergamma(R(1, 3), U), sp.uppergamma(R(1, 3), U), sp.uppergamma(R(-7, 3), U), sp.uppergamma(R(23, 3), U)),
    *(sp.polylog(n, -U) for n in (2, 3, 5)),
    *(integral(sign * U, evaluate=False) for integral in (sp.fresnels, sp.fresnelc) for sign in (1, -1)),
    *(part(n, U, angle) for part in (repolylog, impolylog) for n in (2, 3) for angle in (sp.pi / 2, sp.S.One)),
)
VANISHING = (
    *(sp.Ei(U), sp.Ei(-U), sp.Si(U), sp.Ci(U), sp.Shi(U), sp.Chi(U), sp.LambertW(U), sp.LambertW(-U)),
    *(sp.lowergamma(R(1, 3), U), sp.uppergamma(R(1, 3), U), sp.uppergamma(R(-7, 3), U), sp.uppergamma(R(23, 3), U)),
    *(sp.polylog(s, sign * U) for s in (R(1, 2), 2, 3) for sign in (1, -1)),
    *(part(n, U, angle) for part in (repolylog, impolylog) for n in (2, 3) for angle in (sp.pi / 2, sp.S.One)),
)


@pytest.fixture
def digits():
    with ctx.workprec(256):
        yield


def argument_of(call):
    return next(arg for arg in call.args if U in arg.free_symbols)


@pytest.mark.parametrize("count", [2, 6])
@pytest.mark.parametrize("call", GROWING, ids=str)
def test_the_remainder_of_a_growing_argument_lies_in_its_enclosure(call, count, digits):
    side = 1 if argument_of(call) == U else -1
    formula = growing(call, argument_of(call), side, count)
    for beyond in (20, 100):
        balls = {w: enclosure(arb(beyond)) for w, enclosure in formula.remainders.items()}
        assert all(ball.is_finite() for ball in balls.values())
        for place in (beyond, R(2 * beyond + 1, 2), 3 * beyond, 40 * beyond):
            at = {U: arb(sp.Rational(place).p) / sp.Rational(place).q}
            ball = enclose_with(formula.expr, {**at, **balls})
            exact = enclose_with(call, at)
            assert ball.overlaps(exact), place
            if beyond == 100 and balls:  # and it is sharp: a wrong term would not pass
                assert (ball - exact).abs_upper() < max(abs(exact).upper(), 1) * arb(10) ** -count * 1000


@pytest.mark.parametrize("count", [4, 12])
@pytest.mark.parametrize("call", VANISHING, ids=str)
def test_the_remainder_of_a_vanishing_argument_lies_in_its_enclosure(call, count, digits):
    argument = argument_of(call)
    side = 1 if argument == U else -1
    formula = vanishing(call, argument, lambda: side, count)
    reach = enclose(sp.S.Zero).union(enclose(side * R(1, 20)))
    balls = {w: enclosure(reach) for w, enclosure in formula.remainders.items()}
    for place in (R(1, 20), R(1, 37), R(1, 1000)):
        at = {U: enclose(place)}
        ball, exact = enclose_with(formula.expr, {**at, **balls}), enclose_with(call, at)
        assert ball.overlaps(exact), place
        assert (ball - exact).abs_upper() < enclose(place) ** (count - 4) * 1000


@pytest.mark.parametrize("end", [1, -1])
@pytest.mark.parametrize("function", [sp.asin, sp.acos, sp.atanh, sp.tan, sp.acosh])
def test_what_stands_for_a_function_at_an_end_is_the_same_function(function, end):
    for place in (R(1, 2), R(-1, 3), R(99, 100), R(-99, 100)) if function is not sp.acosh else (R(3, 2), R(101, 100)):
        form = at_end(function(U), sp.Integer(end)).xreplace({U: place})
        assert enclose(form).overlaps(enclose(function(U).xreplace({U: place})))


WRONG_IN_SYMPY = (
    (sp.Shi(X) * sp.exp(-X / 2), sp.oo, sp.oo),
    (sp.Shi(X) * X * sp.exp(-X), sp.oo, R(1, 2)),
    ((sp.Chi(X) - sp.Shi(X)) * X * sp.exp(X), sp.oo, sp.S.NegativeOne),
    (sp.Ei(X + 1) * X * sp.exp(-X), sp.oo, sp.E),
    (sp.polylog(2, -sp.exp(X)) / X**2, sp.oo, -R(1, 2)),
    (sp.polylog(R(1, 2), -X), sp.S.Zero, sp.S.Zero),
    (sp.uppergamma(R(1, 3), X) * X ** R(2, 3) * sp.exp(X), sp.oo, sp.S.One),
    (X * sp.Ci(X), sp.S.Zero, sp.S.Zero),
    ((sp.Si(X) - X) / X**3, sp.S.Zero, -R(1, 18)),
    ((sp.LambertW(X) - X) / X**2, sp.S.Zero, sp.S.NegativeOne),
    (sp.acos(1 - X**2) / X, sp.S.Zero, sp.sqrt(2)),
    (sp.erfi(1 - 2 * X) * X * sp.exp(-((1 - 2 * X) ** 2)), sp.oo, -1 / (2 * sp.sqrt(sp.pi))),
    (sp.LambertW(X) / sp.log(X), sp.oo, sp.S.One),
    (sp.LambertW(X) ** 2 / X, sp.oo, sp.S.Zero),
    (sp.LambertW(2 * sp.exp(3 * X)) - 3 * X + sp.log(3 * X), sp.oo, sp.log(2)),
    (sp.LambertW(1 + X**2) / sp.log(X), sp.oo, sp.Integer(2)),
    (X * sp.LambertW(-X, -1), sp.S.Zero, sp.S.Zero),
    (sp.LambertW(-sp.exp(-X), -1) / X, sp.oo, sp.S.NegativeOne),
)


@pytest.mark.parametrize(("function", "place", "wanted"), WRONG_IN_SYMPY, ids=str)
def test_limits(function, place, wanted):
    assert limit(function, place) == wanted


@pytest.mark.parametrize("function", [sp.polylog(R(1, 2), X), sp.uppergamma(-R(1, 2), 1 - X), sp.LambertW(X - 1, -1)])
def test_no_value_is_put_in_at_a_singularity(function):
    """SymPy continues zeta(1/2) and Gamma(-1/2) to finite numbers where the functions are infinite."""
    with contextlib.suppress(Undecided):
        assert limit(function, sp.S.One, "-") in (sp.oo, -sp.oo)


@pytest.mark.parametrize(
    "function",
    [
        1 - sp.LambertW(X) / sp.log(1 + X),
        sp.LambertW(X**2) - 3 * sp.log(X),
        sp.LambertW(-1 / X, -1) + sp.sqrt(X),
        sp.LambertW(10**6 + X**2) - 3 * sp.log(X),
        sp.LambertW(X - R(1, 10)) * X - X,
    ],
)
def test_the_sign_beyond_a_radius_where_lambertw_grows(function):
    sign, radius = end_sign(function, sp.oo, "+")
    for factor in (1, 2, 10, 1000):
        assert enclose_at(function, {X: radius * factor}, 2000) * sign > 0


def test_the_sign_far_out_is_that_of_the_leading_term():
    function = sp.Shi(X) - sp.exp(X) / (2 * X) - sp.exp(X) / (2 * X**2)
    sign, radius = end_sign(function, sp.oo, "+")
    assert sign == 1
    for factor in (1, 2, 10, 1000):
        assert enclose_at(function, {X: radius * factor}, 20_000) > 0


def test_a_difference_of_special_functions_is_not_what_sympy_says_of_it():
    """Sup g = 0, inf g = -oo were called proved; g(100) is 4.6e40."""
    found = certify(Diffusivity("Shi(|r|) - |r| exp(|r|)/(3 (1 + r^2))"))
    assert (found.g_max.value, found.g_min.value, found.g_max.evidence) == (sp.oo, 0, Evidence.PROVED)
    assert found.monotone.value is True
