"""Semi-implicit, implicit and semi-iterative steps: the equations that they solve, and what holds for every tau."""

from fractions import Fraction
from itertools import combinations, pairwise, product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as hyp
from hypothesis.extra import numpy as hnp

import symtrans as st
from symtrans import Activation, NonlinearityError
from symtrans.models import diffusion_step, fsi_cycle, implicit_step, semi_implicit_step
from symtrans.models.lattice import divergence, edge_diffusivities, lattice_of
from tests.models.grids import (
    BOUNDARIES,
    MODES,
    NONNEGATIVE,
    SHAPES,
    SPACINGS,
    images,
    largest_step,
    modes,
    options_of,
    spacings,
    values_of,
)

rng = np.random.default_rng(6)
times = hyp.sampled_from([1e-3, 0.3, 2.0, 50.0, 1e4])


def linear(r):
    return 1 + 0 * r


def frozen_matrices(u, g, h, options):
    """A_a(u) as matrices, column by column; their sum is A(u)."""
    grid = lattice_of(h, **{"coupling": "isotropic", "channels": False, **options})
    weights = edge_diffusivities(u, g, grid)
    units = np.eye(u.size).reshape(-1, *u.shape)

    def along(axis):
        chosen = [w * (place == axis) for place, w in enumerate(weights)]
        return divergence(units, chosen, grid).reshape(u.size, u.size).T

    return [along(axis) for axis in range(len(h))]


def sign_changes(values):
    signs = [value > 0 for value in values if value != 0]
    return sum(a != b for a, b in pairwise(signs))


def changes_round_the_ring(values):
    kept = [value for value in values if value != 0]
    return sign_changes([*kept, *kept[:1]])


# ---------------------------------------------------------------------------
# Semi-implicit


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("h", SPACINGS)
def test_a_semi_implicit_step_solves_its_systems(h, mode, boundary):
    options = {"boundary": boundary, **MODES[mode]}
    u = rng.normal(size=(2,) * (mode == "channels") + SHAPES[len(h)])
    family, tau = st.catalogue["perona-malik"], 1.7
    matrices = frozen_matrices(u, lambda r: np.exp(-(r**2) / 0.98), h, options)
    explicit = u.ravel() + 0.1 * sum(matrices) @ u.ravel()
    np.testing.assert_allclose(diffusion_step(u, family, 0.1, h, **options, lam=0.7).ravel(), explicit, atol=1e-13)
    inverses = [np.linalg.inv(np.eye(u.size) - len(h) * tau * matrix) for matrix in matrices]
    mean = sum(inverses) / len(h)
    found = semi_implicit_step(u, family, tau, h, **options, lam=0.7)
    np.testing.assert_allclose(found.ravel(), mean @ u.ravel(), atol=1e-12)
    # what the range, the mean and the norm rest on
    assert mean.min() >= -1e-15
    np.testing.assert_allclose(mean.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(mean, mean.T, atol=1e-12)


@given(images, spacings, modes, hyp.sampled_from(NONNEGATIVE), hyp.sampled_from(BOUNDARIES), times)
def test_a_semi_implicit_step_keeps_range_norm_and_mean_for_every_tau(u, h, mode, name, boundary, tau):
    family, options = st.catalogue[name], options_of(mode, u, h, boundary)
    v = semi_implicit_step(u, family, tau, **options, **values_of(family))
    axes, slack = tuple(range(-len(options["h"]), 0)), 1e-10 * np.abs(u).max()  # of a system as stiff as tau/h²
    assert np.all(v.max(axis=axes) <= u.max(axis=axes) + slack)
    assert np.all(v.min(axis=axes) >= u.min(axis=axes) - slack)
    assert np.linalg.norm(v) <= np.linalg.norm(u) + 10 * slack
    np.testing.assert_allclose(v.mean(axis=axes), u.mean(axis=axes), atol=slack)


fractions = hyp.fractions(-3, 3, max_denominator=5)


@given(
    hyp.lists(fractions, min_size=2, max_size=9),
    hyp.fractions("1/20", 50, max_denominator=20),
    hyp.sampled_from([lambda r: 1 / (1 + r**2), lambda r: r**0 * (abs(r) <= 1), lambda r: r**2]),
)
def test_on_a_line_sign_changes_extrema_and_range_are_kept_exactly(samples, tau, g):
    """In fractions: of u - c for every level c that u takes, and of differences. On a ring too, counted round it."""
    u = np.array(samples, dtype=object)
    for boundary in BOUNDARIES:
        v = semi_implicit_step(u, g, tau, Fraction(2, 3), boundary=boundary)
        assert sum(v) == sum(u)
        assert min(u) <= min(v)
        assert max(v) <= max(u)
        counted = changes_round_the_ring if boundary == "periodic" else sign_changes
        for level in {*samples, Fraction(0)}:
            assert counted(v - level) <= counted(u - level)
        if boundary == "reflecting":
            assert sign_changes(np.diff(v)) <= sign_changes(np.diff(u))


def test_the_inverse_of_the_tridiagonal_matrix_is_totally_nonnegative():
    """All minors of 4 samples, as polynomials in the weights: no coefficient is negative, nor of the determinant."""
    weights = sp.symbols("c1:4", positive=True)
    system = sp.eye(4)
    for i, c in enumerate(weights):
        edge = sp.Matrix([int(k == i + 1) - int(k == i) for k in range(4)])
        system += c * edge * edge.T
    assert min(sp.Poly(system.det(method="berkowitz"), *weights).coeffs()) > 0
    # a minor of the inverse is the complementary one of the matrix, up to its sign, over the determinant (Jacobi)
    for order in range(4):
        for rows, columns in product(combinations(range(4), order), repeat=2):
            minor = system.extract(list(rows), list(columns)).det(method="berkowitz") * (-1) ** sum(rows + columns)
            assert min(sp.Poly(minor, *weights).coeffs()) >= 0


def test_negative_diffusivities_are_refused_where_there_is_no_pivot():
    with pytest.raises(NonlinearityError, match="negative"):
        semi_implicit_step([0.0, 1.0, 0.0], lambda r: -linear(r), 1.0)


# ---------------------------------------------------------------------------
# Implicit


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("h", [(0.7,), (1.0, 0.6), (0.5, 0.8, 1.3)])
def test_an_implicit_step_solves_equation_15(h, mode, boundary):
    """It keeps the range and does not raise the norm, however large tau."""
    options = {"boundary": boundary, **MODES[mode]}
    u = rng.normal(size=(2,) * (mode == "channels") + (5, 4, 3)[: len(h)])
    axes = tuple(range(-len(h), 0))
    for name, tau in (("perona-malik", 0.3), ("charbonnier", 5.0), ("truncated-tv", 0.5)):
        family = st.catalogue[name]
        v = implicit_step(u, family, tau, h, **options, **values_of(family))
        ahead = diffusion_step(v, family, tau, h, **options, **values_of(family))
        np.testing.assert_allclose(v - (ahead - v), u, atol=1e-9)
        assert np.all(v.max(axis=axes) <= u.max(axis=axes) + 1e-9)
        assert np.all(v.min(axis=axes) >= u.min(axis=axes) - 1e-9)
        assert np.linalg.norm(v) <= np.linalg.norm(u) + 1e-9


def test_implicit_steps_of_convex_regularisers_bring_images_nearer():
    """In the Euclidean norm for every tau; in the separable form in the norms 1 and oo too."""
    for name, coupling, tau in (("charbonnier", "isotropic", 3.0), ("charbonnier", "separable", 3.0)):
        family = st.catalogue[name]
        for scale in (0.1, 1.0, 5.0):
            u, v = scale * rng.normal(size=(2, 4, 4))
            before, after = (
                np.ravel(u - v),
                np.ravel(
                    np.subtract(*(implicit_step(w, family, tau, (1, 1), coupling=coupling, lam=0.7) for w in (u, v)))
                ),
            )
            for order in (1, 2, np.inf) if coupling == "separable" else (2,):
                assert np.linalg.norm(after, order) <= np.linalg.norm(before, order) * (1 + 1e-9)


@given(
    hnp.arrays(float, hyp.integers(2, 8), elements=hyp.integers(-3, 3).map(float)),
    hyp.sampled_from([("charbonnier", 20.0), ("charbonnier", 0.5), ("perona-malik", 0.5)]),
    hyp.sampled_from(BOUNDARIES),
)
def test_on_a_line_an_implicit_step_makes_no_sign_changes_and_no_extrema(u, scheme, boundary):
    """What is within the tolerance of 0 is left out, which can only hide changes."""
    name, tau = scheme
    v = implicit_step(u, st.catalogue[name], tau, boundary=boundary, lam=1.0)
    counted = changes_round_the_ring if boundary == "periodic" else sign_changes
    for level in np.unique(u):
        assert counted(np.where(abs(v - level) < 1e-7, 0, v - level)) <= counted(u - level)
    if boundary == "reflecting":
        slopes = np.diff(v)
        assert sign_changes(np.where(abs(slopes) < 1e-7, 0, slopes)) <= sign_changes(np.diff(u))


def test_a_signal_that_hardly_moves_is_a_solution():
    """Its first gradient is smaller than rounding: nothing is left to solve."""
    u = np.array([0.0, 8.0])
    np.testing.assert_allclose(implicit_step(u, st.catalogue["perona-malik"], 0.3, 0.5, lam=0.7), u, atol=1e-15)


# ---------------------------------------------------------------------------
# Fast semi-iterative cycles


@pytest.mark.parametrize(
    ("boundary", "shares"), [("reflecting", [1, -2, 0.5, 0.5]), ("periodic", [2 / 3, -2, 2 / 3, 2 / 3])]
)
def test_a_gradient_that_is_rounding_alone_is_that_of_a_solution(boundary, shares):
    """A little flows over the two steep edges, and where u is flat a large tau levels what has come in."""
    u, tau, h = 2.13442485245768 * np.array([-1.0, 1, -1, -1]), 268.0845955003138, 0.7
    moved = implicit_step(u, st.Diffusivity("exp(-r^2)"), tau, h, boundary=boundary)
    flow = tau / h**2 * 2 * u[1] * np.exp(-((2 * u[1] / h) ** 2))
    np.testing.assert_allclose(moved - u, flow * np.array(shares), atol=2e-15)


@pytest.mark.parametrize("length", [1, 2, 5, 10, 20])
def test_a_cycle_reaches_its_time_and_is_that_of_fast_explicit_diffusion(length):
    """Of linear diffusion: the time is minus the slope at 0 of its damping of a mode, over the slope for tau = 1."""
    u = np.cos(np.pi * (np.arange(12) + 0.5) / 12)
    eigenvalue = 4 * np.sin(np.pi / 24) ** 2

    def damping(tau):
        return fsi_cycle(u, linear, tau, length) @ u / (u @ u)

    tau = 1e-7
    time = (1 - damping(tau)) / (tau * eigenvalue)
    assert time == pytest.approx((length**2 + length) / 3, rel=1e-4)
    f = rng.normal(size=12)
    stages = 0.5 / (2 * np.cos(np.pi * (2 * np.arange(length) + 1) / (4 * length + 2)) ** 2)
    assert stages.sum() == pytest.approx(0.5 * (length**2 + length) / 3)
    if length <= 5:  # beyond, rounding asks for an order of the stages
        stepwise = f
        for stage in stages:
            stepwise = diffusion_step(stepwise, lambda p: p, stage)
        np.testing.assert_allclose(fsi_cycle(f, linear, 0.5, length), stepwise, atol=1e-9)


@given(images, spacings, modes, hyp.sampled_from(NONNEGATIVE), hyp.sampled_from(BOUNDARIES), hyp.integers(1, 12))
def test_a_cycle_does_not_raise_the_euclidean_norm(u, h, mode, name, boundary, length):
    family, options = st.catalogue[name], options_of(mode, u, h, boundary)
    v = fsi_cycle(u, family, largest_step(options["h"]), length, **options, **values_of(family))
    axes = tuple(range(-len(options["h"]), 0))
    assert np.linalg.norm(v) <= np.linalg.norm(u) * (1 + 1e-12)
    np.testing.assert_allclose(v.mean(axis=axes), u.mean(axis=axes), atol=1e-11 * np.abs(u).max())


def test_a_cycle_may_leave_the_range():
    """A spike in a volume, linear diffusion: (4 M² + 2 M - 1)/5 in two steps, with M the mean of six neighbours."""
    spike = np.zeros((5, 5, 5))
    spike[2, 2, 2] = 1
    assert fsi_cycle(spike, linear, 1 / 6, 2, (1, 1, 1)).min() == pytest.approx((4 / 6 - 1) / 5)


# ---------------------------------------------------------------------------
# All of them approach one flow


def test_all_schemes_approach_the_same_flow():
    family, f = st.catalogue["perona-malik"], np.random.default_rng(3).normal(size=(6, 5))
    final = 1.0

    def run(step, count):
        u = f
        for _ in range(count):
            u = step(u, family, final / count, h=(1, 1), lam=1.0)
        return u

    fine = run(diffusion_step, 1024)
    for step in (diffusion_step, semi_implicit_step, implicit_step):
        errors = [np.abs(run(step, count) - fine).max() for count in (8, 16, 32)]
        slopes = np.log2(np.array(errors[:-1]) / errors[1:])
        assert slopes == pytest.approx([1, 1], abs=0.35), step.__name__
    cycles = [np.abs(run(lambda u, g, t, **o: fsi_cycle(u, g, t / 4, 3, **o), n) - fine).max() for n in (8, 16, 32)]
    assert np.log2(np.array(cycles[:-1]) / cycles[1:]) == pytest.approx([1, 1], abs=0.35)


@pytest.mark.parametrize("length", [0, 1.5, True])
def test_a_cycle_has_a_whole_number_of_steps(length):
    with pytest.raises(NonlinearityError, match="length"):
        fsi_cycle([0.0, 1.0], linear, 0.1, length)


def test_schemes_refuse_what_they_cannot_freeze():
    with pytest.raises(NonlinearityError, match="infinite"):
        fsi_cycle([0.0, 0.0, 1.0], Activation("sgn(r)"), 0.1, 3)
