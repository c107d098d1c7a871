"""Parameters that may be negative, or are: nothing is simplified as if they were positive."""

import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Network, r

B, C = sp.Symbol("b", real=True), sp.Symbol("c", negative=True)
N = sp.Symbol("n", nonnegative=True)

CASES = [
    (r * sp.Abs(B) / (1 + r**2), B, (-2.0, 0.5)),
    (r * sp.sqrt(B**2) * sp.exp(-(r**2)), B, (-2.0, 3.0)),
    (sp.atan(r * sp.Abs(B) ** 3), B, (-0.5, 2.0)),
    (r / (1 + sp.Max(B, 0) * r**2), B, (-2.0, 2.0)),
    (r / sp.sqrt(1 + r**2 * (B**2 + 1)), B, (-1.5, 1.5)),
    (sp.tanh(B * r) / 2, B, (-1.5, 1.5)),
    (r * sp.exp(-sp.Abs(C) * r**2), C, (-2.0, -0.25)),
    (r / (1 + sp.sqrt(C**2) * r**2), C, (-2.0, -0.25)),
    (r * sp.log(1 + sp.exp(C * r**2)), C, (-2.0, -0.25)),
    (sp.Piecewise((r, sp.Abs(r) <= -C), (C**2 / r, True)), C, (-2.0, -0.5)),
    (r / (1 + sp.sqrt(N) * r**2), N, (0.25, 2.0)),
]
PLACES = (-3.0, -0.75, 0.1, 0.5, 2.5)


@pytest.mark.parametrize(("expr", "symbol", "values"), CASES, ids=[str(expr) for expr, *_ in CASES])
@pytest.mark.parametrize(("target", "dtype"), [("numpy", "float64"), ("c", "float32")])
def test_a_kernel_computes_the_formula(expr, symbol, values, target, dtype):
    kernel = Network(Activation(expr), tau="1/8", unstable="allow").compile(target, dtype, clamp=False)
    close = {"rtol": 0, "atol": 64 * float(np.finfo(dtype).eps)}
    for value in values:
        exact = expr.subs(symbol, sp.Rational(value))
        by = expr.diff(symbol).subs(symbol, sp.Rational(value))
        for place in PLACES:
            at = {r: sp.Rational(place)}
            pair = np.array([0, place], dtype)
            np.testing.assert_allclose(8 * kernel(pair, **{symbol.name: value})[0], float(exact.subs(at)), **close)
            _, found = kernel.vjp(pair, np.array([1, 0], dtype), **{symbol.name: value})
            np.testing.assert_allclose(8 * found[symbol.name], float(by.subs(at)), **close)


FALLING = [
    (sp.atan(r) + sp.atan(B * r), (-0.01, -3.0, 2.0), (50.0, 1e4, 1e12)),
    (sp.tanh(r) + sp.tanh(B * r), (-0.25, -3.0, 0.5), (4.0, 9.0)),
    (sp.erf(r) + sp.erf(B * r), (-0.5, -2.0, 0.5), (1.5, 3.0)),
    (sp.sqrt(B**2 + r**2) * sp.sign(r) / (1 + r**2) + B * sp.sign(r) / (1 + r**2), (-0.5, -200.0, 3.0), (0.02, 3.0)),
]


@pytest.mark.parametrize(
    ("expr", "values", "places"),
    [FALLING[0], *(pytest.param(*one, marks=pytest.mark.long) for one in FALLING[1:])],
    ids=[str(expr) for expr, *_ in FALLING],
)
def test_small_values_have_digits_of_their_own_for_either_sign(expr, values, places):
    kernel = Network(Activation(expr), tau="1/8", unstable="allow").compile("numpy", "float32", clamp=False)
    for value in values:
        exact = expr.subs(B, sp.Rational(value))
        for place in places:
            at = {r: sp.Rational(float(np.float32(place)))}
            pair = np.array([0, place], "float32")
            close = {"rel": 100 * max(1, place if expr.has(sp.tanh, sp.erf) else 1) * 2.0**-23, "abs": 0}
            assert 8 * float(kernel(pair, b=value)[0]) == pytest.approx(
                float(exact.subs(at).evalf(20, maxn=200)), **close
            )
            grad, _ = kernel.vjp(pair, np.array([1, 0], "float32"), b=value)
            slope = float(exact.diff(r).subs(at).evalf(20, maxn=200))
            assert 8 * float(grad[1]) == pytest.approx(slope, **close)


@pytest.mark.long
def test_an_exponent_whose_parts_are_larger_than_it_is_written_without_them():
    kernel = Network(
        Activation(sp.log((1 + sp.exp(B + r)) / (1 + sp.exp(B - r)))), tau="1/8", unstable="allow"
    ).compile("numpy", "float32", clamp=False)
    for r_, by in ((1000, 0.5), (1e4, 1), (1e30, 1)):
        _, found = kernel.vjp(np.array([0, r_], "float32"), np.array([1, 0], "float32"), b=-1000.0)
        assert 8 * found["b"] == pytest.approx(by, rel=1e-5)
