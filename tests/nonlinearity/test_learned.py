"""Files of learned activations, by the layouts of their libraries written once more here."""

import numpy as np
import pytest

import symtrans as st
from symtrans import NonlinearityError
from symtrans.nonlinearity.checkpoints import read
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


class WeaklyConvex:
    """The activation of a weakly convex ridge regulariser: two rising parts, each made odd, their difference scaled."""

    def __init__(self, rising, falling, mu, rho, reach):
        self.parts, self.mu, self.rho = [rising, falling], mu, rho
        self.x = np.linspace(-reach, reach, rising.shape[1])

    def part(self, coefficients):
        rise = np.minimum(np.maximum((coefficients[1:] - coefficients[:-1]) / (self.x[1] - self.x[0]), 0), 1)
        rise[0] = rise[-1] = 0
        summed = [0.0]
        for slope in rise:
            summed.append(summed[-1] + slope * (self.x[1] - self.x[0]))
        return np.array([(a - b) / 2 for a, b in zip(summed, reversed(summed), strict=True)])

    def __call__(self, k, x, alpha):
        up, down = (np.interp(alpha * x, self.x, self.part(part[k])) for part in self.parts)
        return (np.exp(self.mu) * up - self.rho * down) / alpha


def test_weakly_convex_ridge_regularisers():
    rising, falling = (np.cumsum(rng(k).normal(size=(2, 101)), 1) / 500 for k in (3, 4))
    model = WeaklyConvex(rising, falling, 0.7, 1.0, 0.1)
    state = {
        "conv_layer.conv_layers.0.weight": np.zeros((4, 1, 3, 3)),
        "activation_cvx.coefficients": rising,
        "activation_ccv.coefficients": falling,
        "mu_": np.float32(0.7),
        "spline_scaling.coefficients": np.zeros((2, 11)),
    }
    x = np.linspace(-0.2, 0.2, 301)
    for k, phi in enumerate(read(state, "weakly-convex-ridge", scale=[2.0, 5.0])):
        np.testing.assert_allclose(phi(x), model(k, x, [2.0, 5.0][k]), atol=1e-6)
        assert float(st.certify(phi).slope_min.value) >= -1 - 1e-6  # 1-weakly convex


def test_state_dicts():
    rows = odd_rows(3, 21)
    state = {"activation.coefficients_vect": rows.ravel(), "filters.weight": np.zeros(3)}
    assert read(state, "convex-ridge", activations=3, reach=0.1) == splines(rows, -0.1, 0.1, projection="convex-ridge")
    state = {f"layers.{k}.coefficients_vect": (k + 1) * rows.ravel() for k in range(2)}
    state["layers.1.scaling_coeffs_vect"] = np.array([1.0, 2.0, -4.0]).reshape(1, 3, 1, 1)
    found = read(state, "deep-spline", prefix="layers.1.", activations=3, reach=4)
    assert found == splines(2 * rows, -4, 4, projection="deep-spline", scale=[1.0, 2.0, 4.0])
    weights = odd_rows(2, 63, seed=2)
    found = read({"rbf.weights": weights.T[:, None]}, "trained-diffusion")
    assert found == tuple(phi for phi, _ in gaussians(weights, -310, 310, 10.0))
    weights = odd_rows(2, 31, seed=3)
    found = read({"weights": weights}, "variational-network")
    assert found == tuple(phi for phi, _ in gaussians(weights, -0.25, 0.25, 0.5 / 30))
    (phi,) = read({"weights": np.ones((1, 31)) + weights[:1]}, "variational-network", odd_part=True)
    np.testing.assert_allclose(phi(0.1), found[0](0.1), rtol=1e-9)


BAD = {
    "not odd: its even part is up to 1": lambda: splines([1.0, 0.0, 1.0], -1, 1),
    "must be less": lambda: splines([0.0, 1.0], 1, -1),
    "rows of two or more": lambda: splines([[[1.0]]], -1, 1),
    "nor a Projection": lambda: splines([0.0, 1.0], -1, 1, projection="other"),
    "double precision": lambda: gaussians([0.0, 1.0], -1, np.inf, 1.0),
    "give a positive width": lambda: gaussians([1.0, 2.0], -1, 1, 0.0),
    "one for each activation": lambda: splines(np.zeros((3, 5)), -1, 1, scale=[1.0, 2.0]),
    "no number other than 0": lambda: splines([0.0, 1.0], -1, 1, scale=0.0),
    "centre = 'left' is none of": lambda: splines([0.0, 1.0], -1, 1, projection=Projection(centre="left")),
    "layout = 'other' is none of convex-ridge": lambda: read({}, "other"),
    "no array 'coefficients_vect'; there is weight": lambda: read({"weight": [1.0]}, "deep-spline"),
    "there is nothing": lambda: read({}, "variational-network"),
    "2 arrays 'weights'; choose one by prefix; there is a.weights, b.weights": lambda: read(
        {"a.weights": [1.0], "b.weights": [1.0]}, "variational-network"
    ),
    "no array 'mu_' that begins with 'net.'": lambda: read(
        {"net.activation_cvx.coefficients": [0.0], "net.activation_ccv.coefficients": [0.0], "mu_": 1.0},
        "weakly-convex-ridge",
        prefix="net.",
    ),
    "a list is no state dict": lambda: read([1.0], "convex-ridge"),
    "real numbers, not an array of <U": lambda: read({"weights": "abc"}, "variational-network"),
    "give reach": lambda: read({"coefficients_vect": [0.0, 1.0]}, "convex-ridge", activations=1),
    "a divisor of its length": lambda: read({"coefficients_vect": np.zeros(7)}, "convex-ridge", activations=2, reach=1),
    "with activations = None": lambda: read({"coefficients_vect": np.zeros(7)}, "deep-spline", reach=1),
    "it is (means, 1, activations)": lambda: read({"weights": np.zeros((63, 24))}, "trained-diffusion"),
    "both parts have one shape": lambda: read(
        {"activation_cvx.coefficients": np.zeros((2, 5)), "activation_ccv.coefficients": np.zeros((1, 5)), "mu_": 1.0},
        "weakly-convex-ridge",
    ),
}


@pytest.mark.parametrize("words", BAD)
def test_what_is_refused(words):
    with pytest.raises(NonlinearityError) as error:
        BAD[words]()
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_the_odd_part_is_offered():
    (phi,) = splines([0.0, 0.0, 1.0], -1, 1, odd_part=True)
    assert phi == st.Activation.from_knots([0, 1], [0, 0.5])
    assert splines([-1.0, 0.0, 1.0], -1, 1, projection=Projection(0, 0.5))[0](1.0) == 0.5


RAW = np.linspace(-0.1, 0.1, 21)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reach": "wide"}, "reach = wide"),
        ({"reach": 1e-320}, "beyond what doubles hold"),
        ({"activations": -1}, "a divisor of its length"),
        ({"activations": 1.5}, "a divisor of its length"),
        ({"scale": 1j}, "real numbers"),
        ({"scale": 1e-310}, "beyond what doubles hold"),
        ({"prefix": 3}, "no text"),
        ({"raw": RAW * 1j}, "real numbers, not an array of complex128"),
        ({"raw": RAW * 1e308 * 10}, "beyond what doubles hold"),
        ({"raw": np.ma.masked_less(RAW, 0)}, "masked"),
        ({"raw": [[1, 2], [3]]}, "array of numbers"),
    ],
)
def test_malformed_files_are_refused_in_words(change, words):
    given = {"activations": 1, "reach": 0.1, "raw": RAW, **change}
    with pytest.raises(NonlinearityError, match=words):
        read({"a.coefficients_vect": given.pop("raw")}, "convex-ridge", **given)


def test_knots_close_to_0_keep_their_digits():
    (near,) = splines(RAW**3, -3e-11, 3e-11)
    assert near(1.6e-11) == pytest.approx(np.interp(1.6, np.linspace(-3, 3, 21), RAW**3), rel=1e-9)


def test_tensors_of_few_digits_are_read():
    torch = pytest.importorskip("torch")
    raw = torch.linspace(-1, 1, 21, dtype=torch.bfloat16)
    assert read({"coefficients_vect": raw}, "deep-spline", activations=1, reach=1, odd_part=True)
    with pytest.raises(NonlinearityError, match="device meta"):
        read({"coefficients_vect": raw.to("meta")}, "deep-spline", activations=1, reach=1)
