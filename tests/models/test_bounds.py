"""What the time step buys in more than one dimension: range, norm, distances and energy, and what it does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hyp
from hypothesis.extra import numpy as hnp

import symtrans as st
from symtrans.models import difference_matrices, diffusion_step, energy
from symtrans.schemes.grid import Grid
from tests.models.grids import (
    BOUNDARIES,
    MODES,
    NONNEGATIVE,
    images,
    largest_step,
    modes,
    options_of,
    spacings,
    values_of,
)

rng = np.random.default_rng(7)
pairs = images.flatmap(
    lambda u: hyp.tuples(hyp.just(u), hnp.arrays(float, u.shape, elements=hyp.floats(-5, 5, width=32)))
)
CONVEX = ["constant", "charbonnier", "truncated-tv"]


@given(images, spacings, modes, hyp.sampled_from(NONNEGATIVE), hyp.sampled_from(BOUNDARIES))
def test_range_and_euclidean_norm_are_kept_up_to_the_bound(u, h, mode, name, boundary):
    family, options = st.catalogue[name], options_of(mode, u, h, boundary)
    v = diffusion_step(u, family, largest_step(options["h"]), **options, **values_of(family))
    axes = tuple(range(-len(options["h"]), 0))  # channel by channel
    slack = 1e-14 * np.abs(u).max()
    assert np.all(v.max(axis=axes) <= u.max(axis=axes) + slack)
    assert np.all(v.min(axis=axes) >= u.min(axis=axes) - slack)
    assert np.linalg.norm(v) <= np.linalg.norm(u) + 10 * slack


@pytest.mark.parametrize("coupling", ["isotropic", "separable"])
@pytest.mark.parametrize("h", [(1.0, 1.0), (0.5, 2.0), (0.5, 0.8, 1.3)])
def test_a_spike_leaves_the_range_beyond_the_bound(h, coupling):
    """Of three samples an axis, small enough for g to be g_max: the bound is sharp."""
    for name in ("perona-malik", "charbonnier", "truncated-tv"):
        spike = np.full((3,) * len(h), 1e-4)
        spike[(1,) * len(h)] = 0.0
        family = st.catalogue[name]
        beyond, at_it = (
            diffusion_step(spike, family, factor * largest_step(h), h, coupling=coupling, **values_of(family))
            for factor in (1.001, 1.0)
        )
        assert beyond.max() > spike.max() * 1.0005
        assert at_it.max() <= spike.max() * (1 + 1e-15)


@given(pairs, spacings, modes, hyp.sampled_from(CONVEX), hyp.sampled_from(BOUNDARIES))
def test_an_increasing_flux_brings_images_nearer(pair, h, mode, name, boundary):
    """In the Euclidean norm; the separable step in the norms 1 and oo too."""
    family, options = st.catalogue[name], options_of(mode, pair[0], h, boundary)
    tau, parameters = largest_step(options["h"]), values_of(family)
    before = np.ravel(pair[0] - pair[1])
    after = np.ravel(np.subtract(*(diffusion_step(u, family, tau, **options, **parameters) for u in pair)))
    for order in (1, 2, np.inf) if mode == "separable" else (2,):
        assert np.linalg.norm(after, order) <= np.linalg.norm(before, order) + 1e-12 * np.abs(pair).max()


@given(pairs, spacings, modes, hyp.sampled_from([0.5, 1.0, 2.0]), hyp.sampled_from(BOUNDARIES))
def test_growth_of_distances_is_bounded(pair, h, mode, factor, boundary):
    """Perona-Malik: sup Phi' = sup g = 1, inf Phi' = -2 exp(-3/2) and inf g = 0."""
    options = options_of(mode, pair[0], h, boundary)
    tau = factor * largest_step(options["h"])
    reach = 4 * tau * sum(1 / size**2 for size in options["h"])
    bound = max(1, 1 + reach * 2 * np.exp(-1.5), reach - 1)
    family = st.catalogue["perona-malik"]
    before = np.linalg.norm(pair[0] - pair[1])
    after = np.linalg.norm(np.subtract(*(diffusion_step(u, family, tau, **options, lam=0.7) for u in pair)))
    assert after <= bound * before + 1e-12 * np.abs(pair).max()


@given(images, spacings, modes, hyp.sampled_from(NONNEGATIVE[:5]), hyp.sampled_from(BOUNDARIES))
def test_the_energy_never_rises(u, h, mode, name, boundary):
    """Where sup Phi' = 1, up to the bound of the range."""
    family, options, parameters = st.catalogue[name], options_of(mode, u, h, boundary), values_of(st.catalogue[name])
    v = diffusion_step(u, family, largest_step(options["h"]), **options, **parameters)
    before, after = (energy(w, w, family, 1.0, **options, **parameters) for w in (u, v))
    assert after <= before + 1e-12 * max(1, before)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("coupling", ["isotropic", "separable"])
@pytest.mark.parametrize(("shape", "h"), [((7,), (0.5,)), ((4, 5), (1.0, 0.6)), ((3, 1, 4), (0.5, 0.8, 1.3))])
def test_the_norm_of_the_differences_is_that_of_the_grid(shape, h, coupling, boundary):
    plus, minus = difference_matrices(shape, h, boundary, coupling=coupling)
    largest = np.linalg.eigvalsh(-minus @ plus).max()
    assert largest == pytest.approx(float(Grid.of(h, boundary).norm(shape)), rel=1e-12)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("mode", MODES)
def test_the_jacobian_is_symmetric_and_has_the_slopes_for_eigenvalues(mode, boundary):
    """I - tau Wᵀ J W, with J from inf Phi' = -2 exp(-3/2) to sup Phi' = 1, by central differences."""
    h, tau, eps = (0.8, 1.2), 0.2, 1e-5
    reach = 4 * tau * sum(1 / size**2 for size in h)
    for scale in (0.3, 1.0, 3.0):
        u = scale * rng.normal(size=(2,) * (mode == "channels") + (4, 4))
        steps = eps * np.eye(u.size).reshape(-1, *u.shape)
        options = {"h": h, "boundary": boundary, **MODES[mode], "lam": 1.0}
        up, down = (diffusion_step(u + e, st.catalogue["perona-malik"], tau, **options) for e in (steps, -steps))
        jacobian = (up - down).reshape(u.size, u.size) / (2 * eps)
        np.testing.assert_allclose(jacobian, jacobian.T, atol=1e-8)
        eigenvalues = np.linalg.eigvalsh(jacobian)
        assert 1 - reach - 1e-8 <= eigenvalues.min()
        assert eigenvalues.max() <= 1 + reach * 2 * np.exp(-1.5) + 1e-8
        assert scale != 1 or eigenvalues.max() > 1.01  # backward diffusion drives apart


def test_linear_diffusion_makes_new_extrema_in_two_dimensions():
    """Pits beside a falling ridge draw a notch into it: sign stability stays in one dimension."""

    def local_maxima(u):
        padded = np.pad(u, 1, constant_values=-np.inf)
        beside = [np.roll(padded, k, axis)[1:-1, 1:-1] for axis in (0, 1) for k in (1, -1)]
        return int(np.sum(np.all([u > other for other in beside], axis=0)))

    u = np.zeros((5, 5))
    u[2] = [5, 4, 3, 2, 1]
    u[1, 2] = u[3, 2] = -9
    assert local_maxima(u) == 1
    assert local_maxima(diffusion_step(u, lambda p: p, 0.1, (1, 1))) == 2
