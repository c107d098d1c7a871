"""Which functions are known, and that each is smooth just where `needed` says so, against numbers of mpmath."""

import mpmath as mp
import pytest
import sympy as sp

from symtrans.calculus.algebra.vocabulary import ENTIRE, KNOWN, MARGINS, POLES, needed

U = sp.Symbol("u", real=True)
ONE_ARGUMENT = [f for f in KNOWN if f not in (sp.lowergamma, sp.uppergamma, sp.polylog, sp.LambertW)]
ONE_ARGUMENT = [f for f in ONE_ARGUMENT if "polylog" not in f.__name__]


def test_every_function_stands_in_one_table():
    assert len(set(KNOWN)) == len(KNOWN) == len(ENTIRE) + len(MARGINS) + len(POLES)


@pytest.mark.parametrize("function", ENTIRE, ids=lambda f: f.__name__)
def test_an_entire_function_needs_nothing(function):
    assert list(needed(function(U))) == []


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (sp.log(U), [(U, True)]),
        (sp.asin(U), [(1 - U, True), (1 + U, True)]),
        (sp.acosh(U), [(U - 1, True)]),
        (sp.uppergamma(2 * U, U**2), [(U**2, True)]),
        (sp.polylog(2, U), [(1 - U, True)]),
        (sp.LambertW(U), [(1 + sp.E * U, True), (sp.S.One, True)]),
        (sp.LambertW(U, -1), [(1 + sp.E * U, True), (-U, True)]),
        (sp.Ei(U), [(U, False)]),
        (sp.tan(U), [(sp.cos(U), False)]),
    ],
)
def test_what_a_call_needs(call, wanted):
    assert list(needed(call)) == wanted


@pytest.mark.parametrize("function", ONE_ARGUMENT, ids=lambda f: f.__name__)
@pytest.mark.parametrize("place", [-2.5, -0.3, 0.4, 1.7, 3.9])
def test_where_all_is_well_it_is_real_and_has_a_slope(function, place):
    margins = [(float(margin.subs(U, place)), strict) for margin, strict in needed(function(U))]
    if all(value > 0 if strict else value != 0 for value, strict in margins):
        value = sp.lambdify(U, function(U), "mpmath")
        with mp.workdps(30):
            assert mp.im(value(mp.mpf(place))) == 0
            slope = (value(mp.mpf(place) + mp.mpf("1e-9")) - value(mp.mpf(place) - mp.mpf("1e-9"))) / mp.mpf("2e-9")
            assert abs(slope - mp.mpf(sp.diff(function(U), U).subs(U, sp.Rational(str(place))).evalf(30))) < 1e-6 * (
                1 + abs(slope)
            )
