"""Files of learned activations, by the layouts of their libraries written once more here."""

import numpy as np
import pytest

import symtrans as st
from symtrans import NonlinearityError
from symtrans.nonlinearity.learned import Projection, gaussians, splines
from tests.codegen.test_kernels import rng


def odd_rows(count, knots, seed=0):
    right = rng(seed).normal(size=(count, knots // 2))
    return np.concatenate([-right[:, ::-1], np.zeros((count, 1)), right], 1)


def convex_ridge(x, coefficients, low, high):
    """Slopes not negative, none at the ends, summed from the middle."""
    knots = np.linspace(low, high, len(coefficients))
    slopes = np.maximum(np.diff(coefficients) / (knots[1] - knots[0]), 0)
    slopes[0] = slopes[-1] = 0
    middle = len(knots) // 2
    total = 0.0
    for k in range(len(slopes)):
        left, right = knots[k], knots[k + 1]
        if k >= middle:
            total += slopes[k] * (np.clip(x, left, right) - left)
        else:
            total -= slopes[k] * (right - np.clip(x, left, right))
    return total


def test_convex_ridge_regularisers():
    raw = odd_rows(3, 21)
    x = np.linspace(-0.3, 0.3, 201)
    for row, phi in zip(raw, splines(raw, -0.1, 0.1, projection="convex-ridge"), strict=True):
        np.testing.assert_allclose(phi(x), convex_ridge(x, row, -0.1, 0.1), atol=1e-12)
        assert st.certify(phi).monotone.value is True


def test_deep_splines_are_lipschitz():
    raw = odd_rows(2, 31, seed=1)
    for phi in splines(raw, -4, 4, projection="deep-spline", scale=[1.0, 2.0], odd_part=True):
        assert float(st.certify(phi).lipschitz.value) <= 1 + 1e-9
    (one,), (two,) = (splines(raw[:1], -4, 4, projection="deep-spline", scale=s, odd_part=True) for s in (1.0, 2.0))
    x = np.linspace(-3, 3, 50)
    np.testing.assert_allclose(two(x), one(2 * x) / 2, atol=1e-9)


def test_even_numbers_of_knots_shift_the_grid():
    raw = np.tanh(np.linspace(-2, 2, 8))
    (phi,) = splines(raw, -2, 2)
    x = np.linspace(-2, 2, 77)
    np.testing.assert_allclose(phi(x), np.interp(x, np.linspace(-2, 2, 8), raw), atol=1e-12)


def test_gaussians_of_trained_diffusion():
    weights = odd_rows(2, 63, seed=2)
    means = np.linspace(-310, 310, 63)
    for row, (phi, error) in zip(weights, gaussians(weights, -310, 310, 10.0, knots=2000), strict=True):
        x = np.linspace(-350, 350, 999)
        exact = (row * np.exp(-((x[:, None] - means) ** 2) / 200)).sum(1)
        assert np.abs(phi(x) - exact).max() <= error + 1e-12
        assert error < 0.02 * np.abs(row).sum()


BAD = {
    "not odd: its even part is up to 1": lambda: splines([1.0, 0.0, 1.0], -1, 1),
    "must be less": lambda: splines([0.0, 1.0], 1, -1),
    "two knots": lambda: splines([[[1.0]]], -1, 1),
    "nor a Projection": lambda: splines([0.0, 1.0], -1, 1, projection="other"),
    "are no mixture": lambda: gaussians([1.0, 2.0], -1, 1, 0.0),
}


@pytest.mark.parametrize("words", BAD)
def test_what_is_refused(words):
    with pytest.raises(NonlinearityError, match=words):
        BAD[words]()


def test_the_odd_part_is_offered():
    (phi,) = splines([0.0, 0.0, 1.0], -1, 1, odd_part=True)
    assert phi == st.Activation.from_knots([0, 1], [0, 0.5])
    assert splines([-1.0, 0.0, 1.0], -1, 1, projection=Projection(0, 0.5))[0](1.0) == 0.5
