"""Formulas that are splines, read in exact arithmetic: the same function as the general way finds."""

import itertools

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.recognition import spline_of
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.functions.splitting import half_line, parity_violation
from symtrans.language.symbols import r
from symtrans.language.text_parser import parse

X = sp.Symbol("r")


def formula(text: str) -> sp.Expr:
    return parse(text).xreplace({X: r})


ODD = (
    "Max(|r| - 1, 0) sgn(r)",
    "Max(Min(r, 2), -2)",
    "(|r + 1| - |r - 1|)/2",
    "Piecewise((r, |r| <= 2 sqrt(2)), (2 sqrt(2) sgn(r), otherwise))",
    "Piecewise((sqrt(2) r, |r| <= 2), (2 sqrt(2) sgn(r), otherwise))",
    "Piecewise((r, |r| < 1), (1/r, otherwise))",
    "Piecewise((r, |r| <= 1), (5 sgn(r), |r| == 2), (r + sgn(r), otherwise))",
    "Piecewise((1, r > 1), (-1, r < -1), (r, True))",
    "Heaviside(r - 1, 1/2) - Heaviside(-r - 1, 1/2)",
    "Piecewise((r^3, |r| <= 1), (r^3 - r, True))",
    "Piecewise((0, |r| <= 1), (r - sgn(r)/|r|, otherwise))",
    "Piecewise((Piecewise((0, |r| < 1), (r - sgn(r), otherwise)), |r| < 3), (2 sgn(r), otherwise))",
    "Max(|r| - 1, 0) sgn(r) - Max(|r| - 2, 0) sgn(r) + 3 Max(|r| - 5/2, 0) sgn(r)",
    "Piecewise((r, 1 < |r| <= 2), (r/2, |r| <= 1), (2 sgn(r), otherwise))",
    "Piecewise((2 r, |r| > 3), (r^2 sgn(r), |r| > 1), (r/|r|, |r| == 1), (r, otherwise))",
)
EVEN = (
    "Piecewise((1, |r| <= 1), (1/|r|, otherwise))",
    "Max(1 - r^2, 0)",
    "Max(1 - r^2/4, 0)^2",
    "Min(r^2, 9/4)",
    "Piecewise((1/|r|, |r| <= 1), (0, otherwise))",
    "Piecewise((3, r == 0), (1, |r| <= 1), (0, otherwise))",
)


@pytest.mark.parametrize(
    ("text", "parity"), [*((text, Parity.ODD) for text in ODD), *((text, Parity.EVEN) for text in EVEN)]
)
def test_the_same_function_as_the_general_way(text: str, parity: Parity) -> None:
    expr = formula(text)
    found, general = spline_of(expr, r, parity), half_line(expr, r, parity)
    assert found is not None
    assert parity_violation(expr, r, general) is None
    assert HalfLine(parity, found.origin, found.pieces, found.values).agrees(general)
    assert found.pieces == general.pieces


@pytest.mark.parametrize(
    "text",
    [
        "r",  # no break
        "sgn(r)",
        "|r| r",
        "exp(-|r|)",
        "Piecewise((r, |r| <= a), (0, otherwise))",
        "Piecewise((r, |r| <= 1), (tanh(r), otherwise))",
        "Max(|r| - 1, 0)",  # not odd
        "Piecewise((r, r <= 1), (1, otherwise))",
        "Piecewise((r, |r| <= 1), (2 r, |r| <= 2))",  # no case beyond 2
        "Piecewise((r + sgn(r)/(|r| - 1/2), |r| >= 1), (r, otherwise))",
        "Max(r^2 - 2, 0) sgn(r)",  # the zero is irrational
        "Max(|r| - 1, sqrt(2) - 1, |r| sqrt(3)) sgn(r)",
    ],
)
def test_what_is_no_spline_is_left_to_the_general_way(text: str) -> None:
    assert spline_of(formula(text), r, Parity.ODD) is None


KNOTS = st.lists(st.fractions(min_value="1/8", max_value=9, max_denominator=8), min_size=1, max_size=5, unique=True)
FORMS = st.sampled_from(
    ["{a} r", "{a} sgn(r)", "{a} r + {b} sgn(r)", "{b} r^2 sgn(r)", "{a}/r", "{a} Max(|r| - {c}, 0) sgn(r)"]
)
NUMBERS = st.fractions(min_value=-3, max_value=3, max_denominator=4)
OPERATORS = st.sampled_from(["<=", "<"])


@st.composite
def piecewise(draw: st.DrawFn) -> str:
    def value() -> str:
        numbers = {name: f"({draw(NUMBERS)})" for name in "abc"}
        return draw(FORMS).format(**numbers)

    places = draw(KNOTS)
    if draw(st.booleans()):
        places = sorted(places)
    cases = [f"({value()}, |r| {draw(OPERATORS)} {place})" for place in places]
    return f"Piecewise((0, r == 0), {', '.join(cases)}, ({value()}, otherwise))"


@settings(max_examples=40, deadline=None)
@given(piecewise())
def test_random_cases_have_the_values_of_the_formula(text: str) -> None:
    expr = formula(text)
    found = spline_of(expr, r, Parity.ODD)
    places = sorted({sp.Rational(k, 8) for k in range(81)} | set(found.breaks if found else ()))
    values = [expr.subs(r, place) for place in places]
    if found is None:  # then it has no break
        assert not half_line(expr, r, Parity.ODD).breaks
        return
    assert [found.at(place) for place in places] == values
    assert isinstance(found, Spline)
    for (one, two), k in zip(itertools.pairwise([*found.breaks, sp.oo]), range(1, 9), strict=False):
        assert found.pieces[k].lo == one
        assert found.pieces[k].hi == two
