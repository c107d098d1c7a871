"""Functions of one wave, and damped waves, beside samples of 30 digits."""

import mpmath
import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.candidates import supremum
from symtrans.calculus.functions.extrema import piece_candidates
from symtrans.calculus.functions.half_line import Piece
from symtrans.calculus.functions.one_wave import in_one_wave, of_damped_wave, of_one_wave, of_swelling_wave
from symtrans.calculus.undecided import Undecided

a, b = sp.symbols("a b", positive=True)
half_line = (sp.S.Zero, sp.oo)


def ends(found):
    return [supremum(found[0], found[1], side) for side in (1, -1)]


def hold(expr, found, numbers, reach):
    """No sample passes the extrema, and each value is one at its place."""
    function = sp.lambdify(X, expr.subs(numbers), "mpmath")
    with mpmath.workdps(30):
        values = [function(mpmath.mpf(reach) * k / 2000) for k in range(1, 2001)]
        high, low = (mpmath.mpf(one.value.subs(numbers).evalf(30)) for one in ends(found))
        assert max(values) <= high + mpmath.mpf("1e-25")
        assert min(values) >= low - mpmath.mpf("1e-25")
        for one in found[0]:
            place = mpmath.mpf(one.place.subs(numbers).evalf(30)) if one.place != 0 else mpmath.mpf("1e-28")
            assert abs(function(place) - mpmath.mpf(one.value.subs(numbers).evalf(30))) < mpmath.mpf("1e-20")


@pytest.mark.parametrize(
    ("expr", "largest"),
    [
        (1 / (1 + a * sp.sin(b * X) ** 2), 1),
        (3 * sp.sin(X) ** 2 * sp.cos(X), 2 / sp.sqrt(3)),
        (sp.exp(a * sp.sin(X)), sp.exp(a)),
        (sp.sin(X) / (2 + sp.cos(X) ** 2), sp.S.Half),
        (sp.sin(3 * X) + a * sp.sin(3 * X) ** 3, a + 1),
    ],
)
def test_the_range_over_the_values_of_a_wave(expr, largest):
    found = of_one_wave(Piece(*half_line, expr), piece_candidates)
    assert sp.simplify(ends(found)[0].value - largest) == 0
    for numbers in ({a: sp.Rational(1, 3), b: sp.Rational(5, 2)}, {a: sp.Integer(7), b: sp.Rational(1, 4)}):
        hold(expr, found, numbers, 30)


@pytest.mark.parametrize(
    "expr",
    [
        sp.sin(X) * sp.cos(X),  # both waves, neither squared
        sp.sin(X) + sp.sin(2 * X),
        sp.sin(X) / X,
        sp.sin(X**2) ** 2,  # takes them all, but where is not told
        sp.Abs(sp.sin(X)),
    ],
)
def test_others_are_left_to_other_ways(expr):
    assert of_one_wave(Piece(*half_line, expr), piece_candidates) is None


def test_a_case_of_the_parameter_is_asked_for_and_not_passed_over():
    with pytest.raises(Undecided) as caught:
        of_one_wave(Piece(*half_line, a * sp.cos(X) + sp.cos(X) ** 2), piece_candidates)
    assert caught.value.open is not None


def test_even_powers_of_the_other_wave_are_replaced():
    assert in_one_wave(sp.sin(X) * sp.cos(X) ** 2) == (sp.sin(X), X * (1 - X**2))
    assert in_one_wave(sp.sin(X) * sp.cos(X) ** 3) is None


@pytest.mark.parametrize("rate", ["1/9", "1", "5"])
@pytest.mark.parametrize("cosine", ["1", "-2", "0", "1/7"])
@pytest.mark.parametrize("sine", ["0", "1", "-3", "1/50"])
def test_a_damped_wave(rate, cosine, sine):
    """Also where it starts past its first hump, so that the second is the larger."""
    k, c, s = map(sp.Rational, (rate, cosine, sine))
    expr = sp.exp(-k * X) * (c * sp.cos(3 * X / 2) + s * sp.sin(3 * X / 2))
    if expr != 0:
        hold(expr, of_damped_wave(Piece(*half_line, expr)), {}, 14)


def test_a_damped_wave_with_parameters():
    expr = sp.exp(-X / a) * (sp.cos(b * X) - sp.sin(b * X) / (a * b))
    found = of_damped_wave(Piece(*half_line, expr))
    for numbers in ({a: sp.Rational(1, 3), b: sp.Rational(5, 2)}, {a: sp.Integer(7), b: sp.Rational(3, 4)}):
        hold(expr, found, numbers, 25)


@pytest.mark.parametrize(
    "expr",
    [
        sp.exp(X) * sp.sin(X),  # it grows
        sp.exp(-(X**2)) * sp.sin(X),
        sp.exp(-X) * sp.sin(X) * X,
        sp.exp(-X) * sp.sin(X) + sp.exp(-2 * X) * sp.cos(X),
        sp.exp(-X) * (sp.sin(X) + sp.sin(2 * X)),
        1 - sp.exp(-X) * sp.sin(X),
    ],
)
def test_what_is_no_damped_wave(expr):
    assert of_damped_wave(Piece(*half_line, expr)) is None


@pytest.mark.parametrize(
    ("expr", "most"),
    [
        (X * sp.sin(X) / (1 + X), 1),
        (3 + sp.cos(X**2) * X / (1 + X) + sp.sin(X**2) / (1 + X), 4),
        (sp.cos(sp.log(1 + X)) - 2 * X / (1 + X) * sp.sin(sp.log(1 + X)), sp.sqrt(5)),
        (a * X * sp.sin(b * X) / (2 + X), a),
    ],
    ids=str,
)
def test_a_wave_that_swells_towards_a_limit(expr, most):
    top, low = of_swelling_wave(Piece(*half_line, expr))[0]
    assert (top.value, top.place, top.attained) == (most, sp.oo, False)
    assert low.value in (-most, 2)
    values = {a: sp.Rational(3, 2), b: sp.Rational(2, 7)}
    value_at = sp.lambdify(X, expr.subs(values), "mpmath")
    seen = [value_at(mpmath.mpf(k) / 3) for k in range(1, 3_000)]
    assert low.value.subs(values) < min(seen)
    assert max(seen) < sp.sympify(most).subs(values) < max(seen) + 0.05


@pytest.mark.parametrize(
    "expr",
    [
        sp.sin(X),  # its amplitude is its limit
        (2 + X) * sp.sin(X) / (1 + X),  # and above it
        X * sp.sin(X) / (1 + X) + sp.sin(2 * X),
        X * sp.sin(X) ** 2 / (1 + X),
        X * sp.sin(X),
        X * sp.sin(1 / (1 + X)) / (1 + X),  # no wave far out
        X + X * sp.sin(X) / (1 + X),
    ],
    ids=str,
)
def test_what_does_not_swell_towards_a_limit(expr):
    assert of_swelling_wave(Piece(*half_line, expr)) is None


@pytest.mark.parametrize(
    "expr",
    [
        sp.cos(2 * X) + sp.cos(3 * X),
        sp.sin(X) + sp.sin(3 * X),
        sp.cos(X / 2) ** 2 + sp.cos(-X / 3),
        sp.sin(X) * sp.sin(-2 * X),
        1 / (3 + sp.cos(X) - a * sp.cos(2 * X)),
    ],
    ids=str,
)
def test_waves_of_multiples_of_one_argument(expr):
    wave, function = in_one_wave(expr)
    for place in (sp.Rational(1, 3), sp.Integer(4)):
        values = {a: sp.Rational(3, 2), X: place}
        assert abs((function.subs(X, wave) - expr).subs(values).evalf(40)) < 1e-35


@pytest.mark.parametrize(
    "other", [sp.sin(2 * X), sp.cos(7 * X), sp.cos(sp.sqrt(2) * X), sp.cos(X**2), sp.cos(a * X)], ids=str
)
def test_waves_that_are_not_those_of_one_wave(other):
    assert in_one_wave(sp.sin(X) + sp.cos(X) + other) is None
