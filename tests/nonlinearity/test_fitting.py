"""Splines fitted to samples: least squares where nothing is asked, and constraints that hold exactly."""

import numpy as np
import pytest

import symtrans as st
from symtrans import Activation, Diffusivity, NonlinearityError, Regulariser, Shrinkage
from tests.codegen.test_kernels import rng


def samples(count=400, noise=0.1):
    r = 2 * rng(1).normal(size=count)
    return r, r * np.exp(-(r**2) / 2) + noise * rng(2).normal(size=count)


@pytest.mark.parametrize("tail", ["constant", "linear"])
def test_a_spline_is_found_again(tail):
    made = Activation.from_knots([0, 0.5, 1, 2], [0, 0.4, 0.3, 0.6], tail=tail)
    r = rng(0).normal(size=200) * 2
    for constraint in (None, "max-min"):
        found = Activation.fit(r, made(r), knots=[0.5, 1, 2], constraint=constraint, tail=tail)
        np.testing.assert_allclose(found(r), made(r), atol=1e-6)


@pytest.mark.parametrize("tail", ["constant", "linear"])
@pytest.mark.parametrize("constraint", ["max-min", "monotone"])
def test_constraints_hold_exactly(constraint, tail):
    r, values = samples()
    found = Activation.fit(r, values, knots=12, constraint=constraint, largest=0.8, tail=tail)
    certificate = st.certify(found)
    assert certificate.nonnegative.value is True
    assert certificate.g_max.value <= 0.8
    if constraint == "monotone":
        assert certificate.monotone.value is True
        assert float(certificate.slope_max.value) <= 0.8


def test_no_other_spline_in_the_box_is_nearer():
    r, values = samples()
    knots = np.linspace(0, 3, 9)[1:]
    found = Activation.fit(r, values, knots=knots, constraint="max-min", largest=0.8)
    error = np.square(found(r) - values).sum()
    g = found(knots) / knots
    for seed in range(100):
        other = np.clip(g + 0.01 * rng(seed).normal(size=8), 0, 0.8)
        assert error <= np.square(Activation.from_knots(knots, other * knots, tail="constant")(r) - values).sum()


def test_other_kinds():
    r, _ = samples()
    soft = Shrinkage.fit(
        r, np.sign(r) * np.maximum(abs(r) - 0.5, 0) - 0.1 * r, knots=9, constraint="sign", tail="linear"
    )
    assert st.certify(soft.to(Activation)).sign_step().is_positive
    found = Diffusivity.fit(r, np.exp(-(r**2)) - 0.1, knots=9, constraint="max-min", largest=1)
    assert st.certify(found).g_min.value == 0
    assert Regulariser.fit([1.0, 2.0], [1.0, 4.0], knots=[1, 2])(2.0) == pytest.approx(4)


@pytest.mark.parametrize("constraint", ["max-min", "monotone"])
def test_the_conditions_of_the_least_sum_of_squares_hold(constraint):
    """Karush, Kuhn, Tucker: no change of one number of the box, g at a knot or a slope, brings the spline nearer."""
    r, values = samples(3000, 0.4)
    places = np.linspace(0, 3, 201)
    found = Activation.fit(r, values, knots=places[1:], constraint=constraint, largest=0.9)
    at = np.asarray(found(places[1:]))
    numbers = at / places[1:] if constraint == "max-min" else np.diff(at, prepend=0) / np.diff(places)
    hats = np.maximum(0, 1 - np.abs(np.minimum(np.abs(r), 3)[:, None] - places[1:]) / places[1])
    by_values = hats.T @ (np.sign(r) * (found(r) - values))
    by = places[1:] * by_values if constraint == "max-min" else places[1] * by_values[::-1].cumsum()[::-1]
    at_low, at_high = numbers < 1e-9, numbers > 0.9 - 1e-9
    assert at_low.any()
    assert np.abs(by[~at_low & ~at_high]).max() < 1e-6
    assert by[at_low].min() > -1e-6
    assert by[at_high].max(initial=0) < 1e-6


BAD = {
    "all places are r = 0": lambda: Activation.fit([0, 0.0], [0, 0], knots=3),
    "one value for each": lambda: Activation.fit([1, 2], [1], knots=2),
    r"of the shapes \(2, 3\) and \(3, 2\)": lambda: Activation.fit(np.ones((2, 3)), np.ones((3, 2)), knots=2),
    "are not ascending places": lambda: Activation.fit([1, 2], [1, 1], knots=[[0.5, 1], [1.5, 2]]),
    "real numbers": lambda: Activation.fit("abc", "def", knots=2),
    "not finite": lambda: Activation.fit([1, np.nan], [1, 1], knots=2),
    "ascending": lambda: Activation.fit([1, 2], [1, 1], knots=[2, 1]),
    "'max-min', 'monotone'": lambda: Activation.fit([1, 2], [1, 1], knots=2, constraint="convex"),
    "fit an activation": lambda: Regulariser.fit([1, 2], [1, 1], knots=2, constraint="max-min"),
    "must be positive": lambda: Activation.fit([1, 2], [1, 1], knots=2, constraint="max-min", largest=0),
    "largest = .wide. must": lambda: Activation.fit([1, 2], [1, 1], knots=2, constraint="max-min", largest="wide"),
}


@pytest.mark.parametrize("words", BAD)
def test_what_cannot_be_fitted(words):
    with pytest.raises(NonlinearityError, match=words):
        BAD[words]()


def test_many_samples_and_knots():
    r = rng(3).normal(size=20_000)
    found = Activation.fit(r, np.tanh(r), knots=600, constraint="monotone", largest=1, tail="linear")
    np.testing.assert_allclose(found(r), np.tanh(r), atol=1e-2)


def test_how_many_knots_may_be_a_number_of_numpy_and_must_be_said():
    fits = [Activation.fit([1, 2, 3], [1, 1, 2], knots=count) for count in (2, np.int64(2))]
    assert fits[0] == fits[1]
    with pytest.raises(TypeError, match="knots"):
        Activation.fit([1, 2], [1, 1])
