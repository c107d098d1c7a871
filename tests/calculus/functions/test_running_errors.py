"""Array calls keep their digits where a formula loses them, and know no overflow on the way to a number."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Regulariser, catalogue
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.running_errors import guarded

C = sp.Symbol("c", positive=True)

PLACES = [*(10.0**k for k in range(-300, 301, 15)), 1e-9, 0.1, 1.0, 709.0, 712.0, 1420.0]
FORMS = {
    "tanh(r)": lambda r: 2 * (r + mp.log1p(mp.exp(-2 * r)) - mp.log(2)),
    "sinh(r)/cosh(r)^3": lambda r: mp.tanh(r) ** 2,
    "r/sqrt(1 + r^2)": lambda r: 2 * r**2 / (1 + mp.sqrt(1 + r**2)),
    "r - tanh(r)": lambda r: r**2 - 2 * mp.log(mp.cosh(r)),
}


def near(found, exact):
    if abs(exact) < 1e-300:
        return abs(found) < 1e-299
    if abs(exact) > 1e308:
        return np.isinf(found) or abs(exact) < 2e308
    return abs(found - exact) <= 1e-11 * abs(exact)


@pytest.mark.parametrize("text", FORMS)
def test_regularisers_at_all_sizes(text):
    places = [r for r in PLACES if r < 1e30 or text != "r - tanh(r)"]  # 60 digits of its reference cancel beyond
    found = Activation(text).to(Regulariser)(np.array(places))
    with mp.workdps(700):
        assert all(near(value, FORMS[text](mp.mpf(r))) for r, value in zip(places, found, strict=True))


def test_next_to_zero():
    psi = catalogue["perona-malik-rational"].activation.to(Regulariser)
    assert psi(np.array([1e-9, -1e-9]), lam=1.0) == pytest.approx([1e-18, 1e-18], rel=1e-12)
    found = Activation("r - tanh(r)")(np.array([1e-6, 1e-3], dtype=np.float32))
    assert found.dtype == np.float32
    assert found == pytest.approx([1e-18 / 3, 1e-9 / 3], rel=1e-6)


def test_nan_and_infinity():
    found = Activation("(exp(r) - exp(-r))/(exp(r) + exp(-r))")(np.array([np.nan, 800.0, -800.0]))
    assert np.isnan(found[0])
    assert list(found[1:]) == [1, -1]


def test_only_what_is_lost_is_computed_anew():
    """1 - cos(x) loses all its digits at 1e-9 and none at 2, where the value is that of the doubles."""
    made = []

    def compiled(symbols, expr):
        function = sp.lambdify(symbols, expr, "numpy")
        made.append(expr)
        return function

    evaluate = guarded([X, C], C * (1 - sp.cos(X)), compiled)
    small, large = evaluate(np.array([1e-9, 2.0]), 3.0)
    assert made
    assert small == pytest.approx(1.5e-18, rel=1e-14)
    assert large == 3.0 * (1.0 - np.cos(2.0))


@pytest.mark.parametrize(
    ("name", "world", "at", "given", "right"),
    [
        ("fair", "shrinkage", 1.3e200, {"lam": 0.75}, 1.3e200),
        ("student-t", "shrinkage", 1.3e150, {"c": 0.75, "nu": 4.0}, 1.3e150),
        ("log-cosh", "activation", 1.3e-300, {"lam": 1e100}, 1.3e-300),
        ("geman-mcclure", "activation", 1.3e100, {"lam": 0.75}, 0.75**4 / 1.3e100**3),
        ("log-cosh", "activation", 1e-320, {"lam": 1e6}, 1e-320),
        ("fair", "activation", 3e-310, {"lam": 1e6}, 3e-310),
    ],
)
def test_what_over_or_underflows_on_the_way_is_computed_anew(name, world, at, given, right):
    function = getattr(catalogue[name], world)
    (value,) = function(np.array([at]), **given)
    assert value == pytest.approx(right, rel=1e-12)


CANCELLING = {
    "1 - exp(-c)": lambda c: -mp.expm1(-c),
    "cosh(c) - 1": lambda c: 2 * mp.sinh(c / 2) ** 2,
    "sqrt(1 + c^2) - 1": lambda c: c**2 / (1 + mp.sqrt(1 + c**2)),
    "c - tanh(c)": lambda c: c - mp.tanh(c),
}


@pytest.mark.parametrize("text", CANCELLING)
def test_numbers_made_of_parameters_keep_their_digits(text):
    phi = Activation(f"tanh(r)*({text})")
    for c in (1e-10, 2.0**-10, 1.7):
        with mp.workdps(60):
            exact = mp.tanh(mp.mpf(1) / 2) * CANCELLING[text](mp.mpf(c))
        assert phi(0.5, c=c) == pytest.approx(float(exact), rel=1e-15, abs=0)


def test_breaks_made_of_parameters_keep_their_digits():
    phi = Activation("Piecewise((r, |r| <= cosh(c) - 1), ((cosh(c) - 1) sgn(r), True))")
    place = 2 * np.sinh(5e-7) ** 2
    assert phi(np.array([place / 2, 2 * place]), c=1e-6) == pytest.approx([place / 2, place], rel=1e-14, abs=0)


def test_a_regulariser_made_of_exponentials_of_a_parameter():
    found = Regulariser("ln(1 + c r^2)/ln(1 + c)")(np.array([1e-5, 1.0, 3.0]), c=1e-12)
    with mp.workdps(60):
        exact = [float(mp.log1p(mp.mpf(1e-12) * mp.mpf(r) ** 2) / mp.log1p(mp.mpf(1e-12))) for r in (1e-5, 1.0, 3.0)]
    assert found == pytest.approx(exact, rel=1e-11, abs=0)
