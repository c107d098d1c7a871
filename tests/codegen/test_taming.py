"""Kernels and their adjoints at 10^k over the whole range of a dtype, beside the breaks, against many digits."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Network, catalogue
from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.exponentials import in_falling_exponentials
from symtrans.codegen.taming import tamed
from tests.codegen.test_approximations import needs_compiler

TYPED = (
    "(exp(r)-exp(-r))/(exp(r)+exp(-r))",
    "r*cosh(r)/(1+cosh(r))",
    "exp(-r^2)*sinh(r)",
    "tanh(r)/cosh(r)",
    "atan(sinh(r))",
    "r/(1+exp(|r|-5))",
    "r-tanh(r)",
    "r*exp(-a*|r|)*sinh(|r|)/cosh(r)",
    "r/(1+r^2)*cosh(r)/(1+cosh(r))",
)
QUICK = ("charbonnier", "perona-malik", "mish", "pade-tanh", "truncated-bfb")
# the sine of 10^30 is lost with the argument's digits; a growing power overflows with its slope; 31 bumps are long
APART = {"sine", "x-plus-sine", "power", "rbf-31", "p-laplace", "newton-schulz", "muon", "odd-polynomial"}
# digits that cancel beyond 10^6 and for which no other form is found, or a step that overflows in its slope alone
OPEN = {
    "hyperbolic",
    "smooth-soft",
    "fab",
    "weickert-4",
    "weickert-6",
    "dcs",
    "atan-penalty",
    "generalised-charbonnier",
}
OPEN |= {"hyperbolic-tangent-shrinkage", "garrote-n"}
# beside a break the rounded place of the break decides
BROKEN = {"hampel", "yohai-zamar", "firm", "scad"}
FAMILIES = [name for name in catalogue if name not in APART | OPEN | BROKEN]
DECADES = {"float32": range(-36, 27, 3), "float64": range(-300, 290, 15)}


def values_of(half):
    """A number for each parameter, in an order that the catalogue's families allow."""
    return {symbol: sp.Rational(3 + k, 4) for k, symbol in enumerate(sorted(half.parameters, key=str))}


def check(nonlinearity, target, dtype):
    """Phi, Phi' and derivatives by parameters: the error is measured by the largest value so far."""
    network = Network(nonlinearity, blocks=1, tau="1/8", unstable="allow")
    half = network.activation.half
    values = values_of(half)
    breaks = [np.dtype(dtype).type(float(place.subs(values))) for place in half.breaks]
    beside = [
        step
        for place in breaks
        for step in (np.nextafter(place, 0, dtype=dtype), np.nextafter(place, np.inf, dtype=dtype))
    ]
    r = np.array(sorted({*(10.0**k for k in DECADES[dtype]), 0.3, 2.0, 30.0, 90.0, *map(float, beside)}), dtype=dtype)
    kernel = network.compile(target, dtype, clamp=False)
    named = {name: float(values[symbol]) for name, symbol in zip(kernel._keys, kernel._symbols, strict=True)}
    pairs = np.stack([0 * r, r], axis=1)
    found = {"flux": 8 * kernel(pairs, **named)[:, 0].astype(float)}
    rows = [kernel.vjp(pair, np.array([1, 0], dtype), **named) for pair in pairs]
    found["slope"] = np.array([8 * float(grad[1]) for grad, _ in rows])
    wanted = {"flux": lambda e: e, "slope": lambda e: e.diff(X)}
    for key, symbol in zip(kernel._keys, kernel._symbols, strict=True):
        found[key] = np.array([8 * by[key] for _, by in rows])
        wanted[key] = lambda e, symbol=symbol: e.diff(symbol)
    eps, tiny, most = (float(x) for x in (np.finfo(dtype).eps, np.finfo(dtype).tiny, np.finfo(dtype).max))
    for output, derive in wanted.items():
        functions = [sp.lambdify(X, derive(piece.expr).subs(values), "mpmath") for piece in half.pieces]
        reach = mp.mpf(0)
        for at, value in zip(r, found[output], strict=True):
            piece = sum(at > place for place in breaks)
            with mp.workdps(1000 if dtype == "float64" else 200):
                exact = mp.mpf(functions[piece](mp.mpf(float(at))).real)
            reach = max(reach, abs(exact))
            if reach < most / 64:
                assert abs(value - exact) <= 400 * eps * reach + 64 * tiny, (output, at, value, exact)


@needs_compiler
@pytest.mark.parametrize("name", QUICK[:3])
def test_families_in_c(name):
    check(catalogue[name], "c", "float32")


@pytest.mark.parametrize("name", QUICK)
def test_families_in_numpy(name):
    check(catalogue[name], "numpy", "float32")


@pytest.mark.parametrize("text", TYPED)
def test_what_people_type(text):
    check(Activation(text), "numpy", "float32")


@needs_compiler
@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("name", FAMILIES)
def test_every_family(name, target, dtype):
    check(catalogue[name], target, dtype)


@needs_compiler
def test_large_differences_make_no_nan():
    phi = Activation(TYPED[0])
    signal = np.array([0, 0, 0, 120, 121, 119, 0, 0, 0], np.float32)
    for target in ("c", "numpy"):
        kernel = Network(phi, blocks=4).compile(target, "float32")
        u = kernel(signal)
        assert signal.min() <= u.min() <= u.max() <= signal.max()
        grad, _ = kernel.vjp(signal, np.ones_like(signal))
        assert np.isfinite(grad).all()


def test_what_is_right_stays_as_it_is():
    assert tamed(X * sp.exp(-(X**2)), True, sp.S.Zero, sp.oo, "float32").places == frozenset()


def test_falling_exponentials_keep_the_value():
    for text in (
        "sinh(x)/cosh(x)^3",
        "log(1+exp(x))*x/(1+exp(x^2-x))",
        "x*cosh(3*x)/(exp(x)+exp(4*x))",
    ):
        expr = sp.sympify(text, locals={"x": X})
        form = in_falling_exponentials(expr)
        assert form != expr
        for place in (sp.Rational(1, 7), sp.Rational(9, 4)):
            assert abs(sp.N((form - expr).subs(X, place), 30)) < 1e-25
