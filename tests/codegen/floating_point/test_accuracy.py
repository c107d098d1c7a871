"""The proved bound of a whole flux: no value of the compiled kernel is further from Phi than its header says."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, Network, catalogue, r
from symtrans.codegen.floating_point.accuracy import flux_bound
from symtrans.language.symbols import keyword_of
from tests.codegen.test_approximations import needs_compiler

QUICK = ("charbonnier", "perona-malik", "weickert-8", "log-cosh")
LONG = (
    "truncated-bfb",
    "erf",
    "symlog",
    "scad",
    "truncated-tv",
    "weickert-4",
    "tukey",
    "arctan",
    "sigmoid",
    "yohai-zamar",
    "pade",
    "sqnl",
)
FAMILIES = (*QUICK, *(pytest.param(name, marks=pytest.mark.long) for name in LONG))


def network(name):
    return Network(catalogue[name], blocks=1, tau="1/8")


def bound(net, dtype, accuracy="fast"):
    specification = net._specification("c", dtype, None, {"accuracy": accuracy})
    return flux_bound(specification.program, dtype, specification.bounded)


def arguments(dtype, scale):
    """Differences of all sizes: small, near the scale, large; none overflows in a power of 8."""
    rng = np.random.default_rng(3)
    power = 3 if dtype == "float32" else 25
    wide = 10.0 ** rng.uniform(-power, power, 150)
    near = rng.uniform(0, 6, 500)
    return (scale * np.concatenate([wide, near])).astype(dtype)


def computed(net, dtype, x, values):
    """Phi as the kernel computes it: two samples 0 and r move by tau Phi(r), tau = 1/8 exactly."""
    kernel = net.compile("c", dtype)
    pairs = np.stack([np.zeros_like(x), x], axis=1)
    return 8 * kernel(pairs, **values)[:, 0].astype(float)


def exact(net, x, values):
    phi = net.activation.expr
    numbers = {s: sp.Rational(v) for s, v in zip(sorted(phi.free_symbols - {r}, key=str), values, strict=True)}
    function = sp.lambdify(r, phi.subs(numbers), "mpmath")
    with mp.workdps(40):
        return np.array([mp.mpf(function(mp.mpf(float(v)))) for v in x])


@needs_compiler
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FAMILIES)
def test_no_value_is_further_from_phi_than_proved(name, dtype):
    net = network(name)
    proved = bound(net, dtype)
    keys = [keyword_of(symbol) for symbol in net.parameters]
    worst = 0
    for value in (1.0, 0.71875, 1.40625):
        x = arguments(dtype, value)[:: 1 if value == 1 else 5]
        phi = exact(net, x, [value] * len(keys))
        found = computed(net, dtype, x, dict.fromkeys(keys, value))
        sizes = np.abs(phi)
        order = np.argsort(x)
        so_far = np.maximum.accumulate(sizes[order])[np.argsort(order)]
        scale = sizes.max() if proved.overall else so_far
        errors = np.array([abs(mp.mpf(a) - b) for a, b in zip(found, phi, strict=True)]) / scale
        worst = max(worst, float(errors.max() / np.finfo(dtype).eps))
    assert worst <= proved.multiple * 1.001  # the largest |Phi| of some numbers is not quite the supremum
    assert proved.multiple <= 50 * max(worst, 0.2)  # no idle bound; few arguments come near the worst case


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_inlined_stays_within_five_units(dtype):
    for name in ("charbonnier", "perona-malik", "log-cosh", "arctan", "erf", "symlog", "welsch", "regularised-bfb"):
        assert 0 < bound(network(name), dtype).multiple <= 4.5, name


def test_the_header_says_so():
    source = network("perona-malik").source("c", "float32")["perona_malik_f32.c"]
    assert "Phi as a whole: error at most 3.72 eps times sup |Phi|, eps = 2^-23 (proved where no product" in source
    source = network("constant").source("c", "float32")["constant_f32.c"]
    assert "Phi as a whole: computed without any error" in source
    source = network("spline-21").source("c", "float64")["spline_21_f64.c"]  # it holds for any table
    assert "Phi as a whole: no bound of its rounding errors is proved" in source
    source = network("firm").source("c", "float64")["firm_f64.c"]
    assert "Phi as a whole: no bound of its rounding errors is proved" in source


def test_one_member_does_not_stand_for_all():
    """Two parameters that one scale cannot take to 1: nothing is said of all of them."""
    a, b = sp.symbols("a b", positive=True)
    alone = Network(Diffusivity(1 / (1 + r**2 / a**2)), blocks=1, tau="1/8")
    assert bound(alone, "float64") is not None
    assert bound(Network(Diffusivity(1 / (1 + r**2 / (a + b))), blocks=1, tau="1/8"), "float64") is None
    assert bound(Network(Diffusivity(1 / (1 + r**2 / (1 + a))), blocks=1, tau="1/8"), "float64") is None


def test_functions_of_the_c_library_have_no_proof():
    assert bound(network("perona-malik"), "float64", "strict") is None
    assert bound(network("weickert-4"), "float64").multiple < 6  # inlined: the sign of a power of r/lambda is seen
    assert bound(network("perona-malik-rational"), "float64", "strict").multiple < 3


def test_digits_that_cancel_are_counted():
    """r - tanh(r) is a polynomial next to 0, and beyond it loses the digits that it may."""
    assert 100 < bound(Network(Activation("r - tanh(r)"), blocks=1, tau="1/8"), "float64").multiple < 10**4
    assert bound(Network(Activation("r*(1/2 - r^2 + 5*r^4)/(1 + r^4)"), blocks=1, tau="1/16"), "float64").multiple > 4
