"""SymPy's floats: the number that was meant, pieces joined within its rounding, and true jumps that stay."""

import math
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Regulariser, Shrinkage
from symtrans.errors import NonlinearityError, RoundingWarning
from symtrans.language.symbols import as_sympy

x = sp.Symbol("x", real=True)
a = sp.Abs(x)
P = sp.Piecewise


@pytest.mark.parametrize(
    ("number", "meant"),
    [(0.1, "1/10"), (0.1 + 0.2, "3/10"), (1 / 3, "1/3"), (-2 / 7, "-2/7"), (4.685**-2, "40000/877969"), (0.0, "0"),
     (1.345**2 / 2, "72361/80000"), (1e-300, "1e-300"), (123456.789, "123456.789"), (7.0, "7")],
)  # fmt: skip
def test_a_float_is_the_short_fraction_that_was_meant(number, meant):
    assert as_sympy(sp.Float(number)) == sp.Rational(meant)


def test_a_float_may_be_a_multiple_of_pi_or_a_root():
    assert as_sympy(sp.Float(1.339 * math.pi)) == sp.Rational(1339, 1000) * sp.pi
    assert as_sympy(sp.Float(-math.pi / 6)) == -sp.pi / 6
    assert as_sympy(sp.Float(math.sqrt(2))) == sp.sqrt(2)
    assert as_sympy(sp.Float(1 / math.sqrt(5))) == 1 / sp.sqrt(5)


@pytest.mark.parametrize("number", [math.e, 0.123456789012345678, 2**0.3, 1e300 / 7.7])
def test_any_other_float_counts_with_all_its_digits(number):
    assert as_sympy(sp.Float(number)) == sp.Rational(repr(number))


def tukey(c):
    return {
        Diffusivity: P(((1 - (x / c) ** 2) ** 2, a <= c), (0, True)),
        Activation: P((x * (1 - (x / c) ** 2) ** 2, a < c), (0, True)),
        Regulariser: P((c**2 / 6 * (1 - (1 - (x / c) ** 2) ** 3), a < c), (c**2 / 6, True)),
    }


def huber(t):
    return {
        Activation: P((x, a <= t), (t * sp.sign(x), True)),
        Regulariser: P((x**2 / 2, a <= t), (t * a - t**2 / 2, True)),
    }


def hampel(p, q, s):
    middle = p * q - p**2 / 2
    return {
        Activation: P((x, a <= p), (p * sp.sign(x), a <= q), (p * sp.sign(x) * (s - a) / (s - q), a <= s), (0, True)),
        Regulariser: P(
            (x**2 / 2, a <= p),
            (p * a - p**2 / 2, a <= q),
            (p / 2 * (s - q) * (1 - ((s - a) / (s - q)) ** 2) + middle, a <= s),
            (middle + p * (s - q) / 2, True),
        ),
    }


def andrews(k):
    return {
        Activation: P((k * sp.sin(x / k), a <= k * math.pi), (0, True)),
        Regulariser: P((k**2 * (1 - sp.cos(x / k)), a <= k * math.pi), (2 * k**2, True)),
    }


LOSSES = {
    **{f"tukey {c}": tukey(c) for c in (4.685, 6.0, 0.1 + 0.2, math.e * 1.7)},
    **{f"huber {t}": huber(t) for t in (1.345, 0.7, 2.2360679, math.e / 3)},
    **{f"hampel {k}": hampel(*k) for k in ((1.7, 3.4, 8.5), (2.0, 4.0, 8.0), (0.1, 0.3, 0.7), (1.31, 2.039, 5.2))},
    "hampel of no decimals": hampel(math.e / 3, math.e / 1.1, 1.7 * math.e),
    **{f"andrews {k}": andrews(k) for k in (1.339, 1.5, math.e / 1.2345)},
}
CASES = [(name, kind) for name, forms in LOSSES.items() for kind in forms]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_losses_with_float_constants_are_continuous(name, kind):
    expr = LOSSES[name][kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RoundingWarning)
        found = kind(expr)
    certificate = st.certify(found)
    assert certificate.continuous.value is True
    assert not certificate.jumps
    assert certificate.lipschitz.value.is_finite
    for k in range(1, 60):
        place = k / 7
        assert found(place) == pytest.approx(float(expr.subs(x, place)), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("jump", [1e-4, 1e-9, -1e-11])
def test_a_true_jump_stays(jump):
    phi = Activation(P((x, a <= 1.345), ((1.345 + jump) * sp.sign(x), True)))
    (found,) = st.certify(phi).jumps
    assert found.height == pytest.approx(jump, rel=1e-3)


def test_what_is_moved_is_said_with_its_size():
    with pytest.warns(RoundingWarning, match=r"moved by at most \d+e-1[5-7]"):
        Diffusivity(P((1 - a / (math.e / 1.2345), a <= math.e / 1.2345), (0, True)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Regulariser(huber(1.345)[Regulariser])
        Diffusivity(tukey(4.685)[Diffusivity])


def test_text_is_exact_and_never_moved():
    phi = Activation("Piecewise((r, |r| <= 1), (1.00000000000000001 sgn(r), True))")
    assert [jump.height for jump in st.certify(phi).jumps] == [sp.Rational(1, 10**17)]


@pytest.mark.parametrize("size", ["1e-400", "3e-330", "1e-320", "1e400"])
def test_floats_beyond_doubles_are_no_zeros(size):
    x = sp.Symbol("x")
    assert Activation(sp.Float(size) * x) == Activation(sp.Rational(size) * x)
    assert Diffusivity(1 / (1 + sp.Float(size) * x**2)) == Diffusivity(f"1/(1 + {size} x^2)")


@pytest.mark.parametrize("number", [Decimal("1.345"), Fraction(269, 200), sp.Rational(269, 200), np.array(1.345)])
def test_exact_numbers_of_every_type_are_read_as_what_they_are(number):
    g = Diffusivity("exp(-r^2/lambda^2)")
    assert g.subs(lam=number) == g.subs(lam="1.345")
    assert g([number, 1], lam=number) == pytest.approx(g(np.array([1.345, 1]), lam=1.345))
    assert Diffusivity(number) == Diffusivity("1.345")
    assert Shrinkage("r/2", tau=number).tau == sp.Rational(269, 200)
    kernel = st.Network("soft").compile("numpy")
    assert kernel([number, 1, 2], theta=number) == pytest.approx(kernel(np.array([1.345, 1, 2]), theta=1.345))


def test_a_knot_may_be_a_decimal():
    exact = Activation.from_knots([0, Fraction(269, 200)], [0, 1])
    assert Activation.from_knots([0, Decimal("1.345")], [0, 1]) == exact


@pytest.mark.parametrize("number", ["nan", "inf", "1e999999", "sNaN"])
def test_a_decimal_that_is_no_number_is_refused(number):
    with pytest.raises(NonlinearityError):
        Diffusivity(Decimal(number))
