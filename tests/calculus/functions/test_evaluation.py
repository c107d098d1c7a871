"""Functions on arrays, beside exact values: signs, breaks, the origin, NaN, dtypes, special functions."""

import numpy as np
import pytest
import sympy as sp

from symtrans import r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.evaluation import array_function
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.splitting import half_line
from symtrans.language.polylogarithms import impolylog, repolylog
from tests.calculus.fifty_digits import number

a = sp.Symbol("a", positive=True)
A, s, Q = sp.Abs(r), sp.sign(r), sp.Rational
SPECIAL = [
    sp.fresnels(X), sp.fresnelc(X),
    sp.erfi(X), sp.Ei(X), sp.Si(X), sp.Ci(X), sp.Shi(X), sp.Chi(X), sp.lowergamma(Q(1, 3), X), sp.uppergamma(Q(5,
    2), X),
    sp.polylog(2, -X), sp.LambertW(X), sp.LambertW(-sp.exp(-X - 1), -1), sp.erf(X), sp.erfc(X), sp.gamma(1 + X),
    repolylog(2, X, Q(5, 4)), impolylog(2, X, Q(5, 4)), sp.acosh(1 + X), sp.exp(-X), X**a,
]  # fmt: skip


@pytest.mark.parametrize("expr", SPECIAL, ids=str)
def test_special_functions_are_right_to_the_last_digits(expr):
    function = array_function(HalfLine(Parity.EVEN, sp.S.Zero, (Piece(sp.S.Zero, sp.oo, expr),), ()))
    places = [Q(1, 8), Q(3, 2), Q(13, 4)]
    values = function(np.array([-float(p) for p in places]), {a: 2.5})
    wanted = [float(number(expr, place, a=Q(5, 2))) for place in places]
    assert values == pytest.approx(wanted, rel=1e-14)


def test_breaks_the_origin_and_signs():
    odd = half_line(sp.Piecewise((r / 2, a > A), (7 * s, sp.Eq(A, a)), (r**3, True)), r, Parity.ODD)
    places = np.array([-3.0, -2.0, -1.0, -0.0, 0.0, 1.0, 2.0, 3.0])
    values = array_function(odd)(places, {a: 2.0})
    assert values.tolist() == [-27, -7, -0.5, 0, 0, 0.5, 7, 27]
    singular = half_line(1 / A, r, Parity.EVEN)
    assert array_function(singular)(np.array([0.0, -4.0]), {}).tolist() == [np.inf, 0.25]


def test_nan_stays_and_the_type_is_kept():
    function = array_function(half_line(sp.exp(-A) * s, r, Parity.ODD))
    values = function(np.array([[np.nan, 1.0], [np.inf, -np.inf]]), {})
    assert np.isnan(values[0, 0])
    assert values.shape == (2, 2)
    assert values[1].tolist() == [0, 0]
    assert function(np.float32([1, 2]), {}).dtype == np.float32


def test_a_branch_that_is_not_taken_is_not_asked():
    safe = half_line(sp.Piecewise((0, A <= 1), (sp.sqrt(A - 1) * sp.log(A - 1), True)), r, Parity.EVEN)
    with np.errstate(all="raise"):
        assert array_function(safe)(np.array([0.5, 1.0, 2.0]), {}).tolist() == [0, 0, 0]


def test_cases_in_a_parameter_and_names_of_functions():
    power = HalfLine(
        Parity.EVEN,
        sp.S.Zero,
        (Piece(sp.S.Zero, sp.oo, sp.Piecewise((sp.log(1 + X), sp.Eq(a, 1)), ((1 + X) ** (1 - a) / (1 - a), True))),),
        (),
    )
    evaluate = array_function(power)
    assert evaluate(np.array([1.0]), {a: 1.0})[0] == pytest.approx(np.log(2))
    assert evaluate(np.array([3.0]), {a: 0.5})[0] == pytest.approx(4)
    exp = sp.Symbol("exp", positive=True)
    named = half_line(exp * sp.exp(-A), r, Parity.EVEN)
    assert array_function(named)(np.array([0.0]), {exp: 3.0})[0] == 3


def test_an_integral_without_a_closed_form_is_a_quadrature():
    y = sp.Symbol("y", positive=True)
    area = HalfLine(Parity.EVEN, sp.S.Zero, (Piece(sp.S.Zero, sp.oo, sp.Integral(sp.exp(-(y**3)), (y, 0, X))),), ())
    wanted = number(sp.lowergamma(Q(1, 3), X**3) / 3, Q(5, 4))
    assert array_function(area)(np.array([1.25]), {})[0] == pytest.approx(float(wanted), rel=1e-14)


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_numbers_made_of_parameters_know_no_overflow_on_the_way(size):
    b = sp.Symbol("b", positive=True)
    pieces = (Piece(sp.S.Zero, a**2 / b, X), Piece(a**2 / b, sp.oo, a**2 / b))
    function = array_function(HalfLine(Parity.ODD, sp.S.Zero, pieces, (a**2 / b,)))
    found = function(size * np.array([0.5, 1.0, -3.0]), {a: size, b: size})
    assert found / size == pytest.approx([0.5, 1, -1], rel=1e-14)
    square = array_function(HalfLine(Parity.EVEN, sp.S.Zero, (Piece(sp.S.Zero, sp.oo, a**2),), ()))
    assert square(np.array([1.0]), {a: size})[0] == (np.inf if size > 1 else 0)
