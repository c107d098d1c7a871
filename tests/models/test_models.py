"""The four worlds are one step: proved by SymPy, held by numbers, and compared with other packages."""

import numpy as np
import pytest
import pywt
import sympy as sp
from hypothesis import given
from skimage.restoration import cycle_spin

import symtrans as st
from symtrans import Activation, NonlinearityError, Regulariser, Shrinkage
from symtrans.catalogue import TABLE_3
from symtrans.language.symbols import keyword_of
from symtrans.models import (
    difference_matrices,
    diffusion_step,
    energy,
    haar_shrinkage_step,
    residual_block,
    variational_minimise,
)
from tests.strategies import signals

EPS = np.finfo(float).eps
BOUNDARIES = ("reflecting", "periodic")
CONVEX = ("constant", "charbonnier", "truncated-tv")
rng = np.random.default_rng(1)


def values_of(family, value=0.7):
    return {keyword_of(symbol): value for symbol in family.parameters}


# ---------------------------------------------------------------------------
# Proofs with undefined functions


class Phi(sp.Function):
    """An odd function of which nothing else is known."""

    @classmethod
    def eval(cls, p):
        if p == 0:
            return sp.S.Zero
        return -cls(-p) if p.could_extract_minus_sign() else None


class S(sp.Function):
    """The shrinkage function that belongs to Phi is odd as well."""

    @classmethod
    def eval(cls, w):
        if w == 0:
            return sp.S.Zero
        return -cls(-w) if w.could_extract_minus_sign() else None


tau = sp.Symbol("tau", positive=True)


def symbols_of(samples):
    return list(sp.symbols(f"f1:{samples + 1}", real=True))


def as_flux(expr):
    """Insert S(w) = w - 2 sqrt(2) tau Phi(sqrt(2) w), the entry of Table 1."""
    return expr.replace(S, lambda w: w - 2 * sp.sqrt(2) * tau * Phi(sp.expand(sp.sqrt(2) * w)))


def cycle_spun_haar(f):
    """Mean over both pairings of synthesis(S(analysis)) with the filters (1, 1)/sqrt(2) and (1, -1)/sqrt(2)."""
    mirrored = [f[0], *f, f[-1]]  # each end is paired with its mirror image
    total = [sp.S.Zero] * len(mirrored)
    for first in (0, 1):
        for i in range(first, len(mirrored) - 1, 2):
            a, b = mirrored[i], mirrored[i + 1]
            scaling, detail = (a + b) / sp.sqrt(2), S(sp.expand((a - b) / sp.sqrt(2)))
            total[i] += (scaling + detail) / (2 * sp.sqrt(2))
            total[i + 1] += (scaling - detail) / (2 * sp.sqrt(2))
    return total[1:-1]


def explicit_step(f):
    fluxes = [0, *(Phi(f[i + 1] - f[i]) for i in range(len(f) - 1)), 0]
    return [f[i] + tau * (fluxes[i + 1] - fluxes[i]) for i in range(len(f))]


@pytest.mark.parametrize("samples", range(2, 7))
def test_theorem_1_a_residual_block_is_a_diffusion_step(samples):
    f = symbols_of(samples)
    plus, minus = (sp.Matrix(matrix.astype(int)) for matrix in difference_matrices(samples))
    block = sp.Matrix(f) + tau * minus * (plus * sp.Matrix(f)).applyfunc(Phi)
    assert all(sp.expand(a - b) == 0 for a, b in zip(block, explicit_step(f), strict=True))
    # the model itself, on symbols
    model = diffusion_step(np.array(f), np.vectorize(Phi, otypes=[object]), tau, 1)
    assert all(sp.expand(a - b) == 0 for a, b in zip(model, explicit_step(f), strict=True))


@pytest.mark.parametrize("samples", range(2, 7))
def test_equation_11_a_haar_shrinkage_is_a_diffusion_step(samples):
    f = symbols_of(samples)
    for haar, step in zip(cycle_spun_haar(f), explicit_step(f), strict=True):
        assert haar != step
        assert sp.expand(as_flux(haar) - step) == 0


def test_the_proof_of_equation_11_needs_the_entry_of_table_1():
    f = symbols_of(3)
    wrong = cycle_spun_haar(f)[0].replace(S, lambda w: w - 2 * tau * Phi(sp.expand(sp.sqrt(2) * w)))
    assert sp.expand(wrong - explicit_step(f)[0]) != 0


# ---------------------------------------------------------------------------
# The same in numbers


def same_step(family, u, step, boundary, scale=1.0):
    """Diffusion, Haar shrinkage and residual block agree to rounding."""
    parameters = values_of(family)
    diffusion = diffusion_step(u, family, step, boundary=boundary, **parameters)
    haar = haar_shrinkage_step(u, family, sp.Rational(step), boundary=boundary, **parameters)
    plus, minus = difference_matrices(u.shape[-1], boundary=boundary)
    block = residual_block(u, plus, step * minus, sigma_1=lambda p: family.activation(p, **parameters))
    tolerance = 32 * EPS * max(np.max(np.abs(u), initial=0.0), scale)
    np.testing.assert_allclose(haar, diffusion, rtol=0, atol=tolerance)
    np.testing.assert_allclose(block, diffusion, rtol=0, atol=tolerance)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("name", TABLE_3)
@pytest.mark.parametrize("step", [0.25, 0.5])
def test_the_three_steps_agree(name, boundary, step):
    family = st.catalogue[name]
    for samples in (2, 3, 4, 7, 30):
        same_step(family, rng.normal(size=(3, samples)), step, boundary)


@pytest.mark.parametrize("name", [n for n in TABLE_3 if n != "truncated-quadratic"])  # a jump has no tolerance
@given(u=signals(min_size=2))
def test_the_three_steps_agree_on_extreme_signals(name, u):
    same_step(st.catalogue[name], u, 0.25, "reflecting")


@pytest.mark.parametrize("name", TABLE_3)
def test_haar_takes_the_shrinkage_of_another_kind_or_a_function(name):
    family, parameters = st.catalogue[name], values_of(st.catalogue[name])
    u = rng.normal(size=12)
    expected = haar_shrinkage_step(u, family.shrinkage, **parameters)
    for form in (family.regulariser, family.activation):
        np.testing.assert_allclose(haar_shrinkage_step(u, form, "1/4", **parameters), expected, atol=1e-14)
    function = haar_shrinkage_step(u, lambda w: family.shrinkage(w, **parameters))
    np.testing.assert_array_equal(function, expected)


def test_the_grid_size_scales_differences():
    u = rng.normal(size=9)
    family = st.catalogue["perona-malik"]
    p = np.diff(u) / 0.5
    fluxes = np.concatenate([[0], p * np.exp(-(p**2) / 2), [0]])
    expected = u + 0.1 / 0.5 * np.diff(fluxes)
    np.testing.assert_allclose(diffusion_step(u, family, 0.1, 0.5, lam=1.0), expected, rtol=1e-14)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("name", TABLE_3)
def test_mean_and_sign_are_kept(name, boundary):
    family, parameters = st.catalogue[name], values_of(st.catalogue[name])
    u = rng.normal(size=(4, 33))
    for step in (
        lambda f: diffusion_step(f, family, 0.25, boundary=boundary, **parameters),
        lambda f: haar_shrinkage_step(f, family, boundary=boundary, **parameters),
    ):
        np.testing.assert_allclose(step(u).mean(axis=-1), u.mean(axis=-1), atol=1e-15)
        np.testing.assert_array_equal(step(-u), -step(u))


def test_single_precision_stays_single():
    u = rng.normal(size=8).astype(np.float32)
    family = st.catalogue["charbonnier"]
    assert diffusion_step(u, family, 0.25, lam=1.0).dtype == np.float32
    assert haar_shrinkage_step(u, family, lam=1.0).dtype == np.float32
    assert diffusion_step([0, 1], family, 0.25, lam=1.0).dtype == np.float64


# ---------------------------------------------------------------------------
# Other packages


@pytest.mark.parametrize("name", TABLE_3)
@pytest.mark.parametrize("samples", [2, 8, 50])
def test_haar_agrees_with_the_stationary_transform_of_pywavelets(name, samples):
    family = st.catalogue[name]
    parameters = values_of(family)
    u = rng.normal(size=samples)
    ((scaling, detail),) = pywt.swt(u, "haar", level=1)
    expected = pywt.iswt([(scaling, family.shrinkage(detail, **parameters))], "haar")
    found = haar_shrinkage_step(u, family, boundary="periodic", **parameters)
    np.testing.assert_allclose(found, expected, atol=1e-14)


@pytest.mark.filterwarnings("ignore:The optional dask")  # one worker is all it needs
@pytest.mark.parametrize("name", TABLE_3)
def test_haar_agrees_with_the_cycle_spinning_of_scikit_image(name):
    family = st.catalogue[name]
    parameters = values_of(family)

    def shrink(x):
        scaling, detail = pywt.dwt(x, "haar", mode="periodization")
        return pywt.idwt(scaling, family.shrinkage(detail, **parameters), "haar", mode="periodization")

    u = rng.normal(size=32)
    expected = cycle_spin(u, shrink, max_shifts=1)
    found = haar_shrinkage_step(u, family, boundary="periodic", **parameters)
    np.testing.assert_allclose(found, expected, atol=1e-14)


# ---------------------------------------------------------------------------
# The variational model


@pytest.mark.parametrize("name", CONVEX)
@pytest.mark.parametrize(("alpha", "h"), [(0.3, 1.0), (5.0, 1.0), (0.5, 0.25)])
def test_the_minimiser_has_no_gradient_and_the_least_energy(name, alpha, h):
    family, parameters = st.catalogue[name], values_of(st.catalogue[name])
    f = rng.normal(size=15)
    u = variational_minimise(f, family, alpha, h, **parameters)
    fluxes = np.concatenate([[0], family.activation(np.diff(u) / h, **parameters), [0]])
    gradient = u - f - alpha / h * np.diff(fluxes)
    assert np.max(np.abs(gradient)) < 1e-10 * alpha / h**2
    least = energy(u, f, family, alpha, h, **parameters)
    assert least < energy(f, f, family, alpha, h, **parameters)
    for size in (1e-4, 1e-2, 1.0):
        others = u + size * rng.normal(size=(50, 15))
        assert np.all(energy(others, f, family, alpha, h, **parameters) > least)


@pytest.mark.parametrize("name", ["perona-malik", "truncated-bfb"])
def test_a_stationary_point_of_a_nonconvex_energy(name):
    family = st.catalogue[name]
    f = np.cumsum(rng.normal(size=20))
    u = variational_minimise(f, family, 0.4, **values_of(family))
    fluxes = np.concatenate([[0], family.activation(np.diff(u), **values_of(family)), [0]])
    assert np.max(np.abs(u - f - 0.4 * np.diff(fluxes))) < 1e-8
    assert energy(u, f, family, 0.4, **values_of(family)) < energy(f, f, family, 0.4, **values_of(family))


def test_energy_is_that_of_equation_14():
    u, f = np.array([1.0, 3.0, 2.0]), np.array([1.0, 1.0, 1.0])
    assert energy(u, f, Regulariser("r^2"), 0.5) == 5 + 0.5 * 5
    assert energy(u, f, Regulariser("r^2"), 0.5, 0.5) == 5 + 0.5 * 20
    np.testing.assert_array_equal(energy([u, f], f, Regulariser("r^2"), 0.5), [7.5, 0])


@pytest.mark.parametrize("alpha", [1e-3, 0.3, 1.0, 40.0, 1e3])
@pytest.mark.parametrize("samples", [1, 2, 3, 12])
@pytest.mark.parametrize("h", [1.0, 0.5])
def test_whittaker_tikhonov_solves_a_linear_system(h, samples, alpha):
    f = np.random.default_rng(samples).normal(size=samples)
    plus = np.diff(np.eye(samples), axis=0) / h
    expected = np.linalg.solve(np.eye(samples) + alpha * plus.T @ plus, f)
    found = variational_minimise(f, Regulariser("r^2"), alpha, h)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * max(1, np.abs(f).max()))


def test_a_batch_of_signals_is_minimised_one_by_one():
    family, f = st.catalogue["charbonnier"], rng.normal(size=(2, 3, 6))
    found = variational_minimise(f, family, 0.5, lam=1.0)
    np.testing.assert_array_equal(found[1, 2], variational_minimise(f[1, 2], family, 0.5, lam=1.0))
    assert variational_minimise(np.zeros((0, 4)), family, 0.5, lam=1.0).shape == (0, 4)
    np.testing.assert_array_equal(variational_minimise([2.0], family, 0.5, lam=1.0), [2.0])


@pytest.mark.parametrize("name", ["charbonnier", "perona-malik"])
def test_explicit_and_implicit_steps_meet_at_first_order(name):
    """m explicit and m implicit steps of size alpha/m approximate the same flow: their distance is O(1/m)."""
    psi, alpha, f = st.catalogue[name].regulariser, 1.0, np.random.default_rng(3).normal(size=10)
    counts, errors = 2 ** np.arange(3, 9), []
    for count in counts:
        explicit = variational_minimise(f, psi, alpha, steps=int(count), lam=1.0)
        implicit = f
        for _ in range(count):
            implicit = variational_minimise(implicit, psi, alpha / count, lam=1.0)
        errors.append(np.max(np.abs(explicit - implicit)))
    slope, _ = np.polyfit(np.log(counts), np.log(errors), 1)
    assert slope == pytest.approx(-1, abs=0.06)


def test_one_explicit_step_is_a_diffusion_step():
    f = rng.normal(size=10)
    family = st.catalogue["perona-malik"]
    one = variational_minimise(f, family, 0.25, 0.9, steps=1, lam=0.5)
    np.testing.assert_array_equal(one, diffusion_step(f, family, 0.25, 0.9, lam=0.5))


def test_many_explicit_steps_do_not_reach_the_minimiser():
    """Psi = r^2, two samples, alpha = 1: the minimiser divides the difference by 3, the steps by e^2."""
    f, psi = [0.0, 1.0], Regulariser("r^2")
    assert np.diff(variational_minimise(f, psi, 1.0)) == pytest.approx(1 / 3, rel=1e-12)
    for steps in (4, 64, 4096):
        found = np.diff(variational_minimise(f, psi, 1.0, steps=steps))
        assert found == pytest.approx((1 - 2 / steps) ** steps, rel=1e-10)
    assert found == pytest.approx(np.exp(-2), rel=1e-3)


# ---------------------------------------------------------------------------
# The general residual block


def test_a_general_residual_block():
    f, w1, w2 = rng.normal(size=(2, 5)), rng.normal(size=(7, 5)), rng.normal(size=(5, 7))
    b1, b2 = rng.normal(size=7), rng.normal(size=5)
    found = residual_block(f, w1, w2, b1, b2, sigma_1=np.tanh, sigma_2=lambda x: np.maximum(x, 0))
    for row, u in zip(f, found, strict=True):
        inner = [np.tanh(sum(w1[j, i] * row[i] for i in range(5)) + b1[j]) for j in range(7)]
        outer = [row[i] + sum(w2[i, j] * inner[j] for j in range(7)) + b2[i] for i in range(5)]
        np.testing.assert_allclose(u, np.maximum(outer, 0), atol=1e-13)


def test_difference_matrices_are_adjoint_up_to_the_sign():
    for boundary, edges in (("reflecting", 5), ("periodic", 6)):
        plus, minus = difference_matrices(6, 0.5, boundary)
        assert plus.shape == (edges, 6)
        np.testing.assert_array_equal(minus, -plus.T)
        np.testing.assert_array_equal(plus @ np.ones(6), np.zeros(edges))
        np.testing.assert_array_equal(plus @ np.arange(6.0), [2.0] * 5 + [-10.0] * (edges - 5))


# ---------------------------------------------------------------------------
# Wrong input


def identity(p):
    return p


u3 = [0.0, 1.0, 0.0]
charbonnier = st.catalogue["charbonnier"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: diffusion_step(1.0, identity, 0.25), "axis"),
        (lambda: diffusion_step(u3, identity, 0.25, boundary="mirror"), "mirror"),
        (lambda: diffusion_step(u3, identity, 0.25, lam=1.0), "parameters"),
        (lambda: diffusion_step(u3, charbonnier, 0.25), "lam"),
        (lambda: diffusion_step(u3, charbonnier, 0.25, lam=-1.0), "positive"),
        (lambda: diffusion_step(u3, charbonnier, 0.25, lam=1.0, theta=2.0), "theta"),
        (lambda: haar_shrinkage_step(u3, identity, boundary="mirror"), "mirror"),
        (lambda: haar_shrinkage_step(u3, charbonnier, tau=-1, lam=1.0), "tau"),
        (lambda: variational_minimise(u3, identity, 1.0), "kinds"),
        (lambda: variational_minimise(u3, Regulariser("r^2"), 0.0), "alpha"),
        (lambda: variational_minimise(u3, Regulariser("r^2"), -1.0), "alpha"),
        (lambda: variational_minimise(u3, Regulariser("r^2"), np.nan), "alpha"),
        (lambda: variational_minimise(u3, Regulariser("r^2"), 1.0, steps=0), "steps"),
        (lambda: variational_minimise(u3, Regulariser("r^2"), 1.0, steps=2.5), "steps"),
        (lambda: energy(u3, u3, identity, 1.0), "kinds"),
        (lambda: residual_block(u3, np.eye(3), np.eye(2), sigma_1=identity), "W2"),
        (lambda: residual_block(u3, np.eye(2), np.eye(2), sigma_1=identity), "W1"),
        (lambda: residual_block(1.0, np.eye(1), np.eye(1), sigma_1=identity), "shape"),
        (lambda: residual_block(u3, np.ones(3), np.ones(3), sigma_1=identity), r"\(M, N\)"),
        (lambda: difference_matrices(3, boundary="mirror"), "mirror"),
    ],
)
def test_wrong_input_is_explained(call, words):
    with pytest.raises(NonlinearityError, match=words):
        call()


def test_a_shrinkage_keeps_its_own_time_step():
    """A shrinkage entered for one tau is that of another flux at another tau."""
    soft = Shrinkage("Max(|r| - 1, 0)*sgn(r)", tau="1/8")
    u = 4 * rng.normal(size=11)
    expected = diffusion_step(u, soft.to(Activation), 0.125)
    np.testing.assert_allclose(haar_shrinkage_step(u, soft), expected, atol=1e-14)
