"""The spectral facts of a grid against matrices written out here, and what a grid refuses."""

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans.errors import NonlinearityError
from symtrans.schemes.grid import BOUNDARIES, Grid


def differences(samples, h, boundary):
    """D⁺ edge by edge; on a ring the last edge leads from the last sample to the first."""
    edges = samples if boundary == "periodic" else samples - 1
    matrix = np.zeros((edges, samples))
    for k in range(edges):
        matrix[k, (k + 1) % samples] += 1 / h
        matrix[k, k] -= 1 / h
    return matrix


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("samples", range(1, 10))
@pytest.mark.parametrize("h", ["1", "1/3", "5/2"])
def test_the_norm_is_the_largest_eigenvalue(samples, boundary, h):
    grid, matrix = Grid.of(h, boundary), differences(samples, float(sp.Rational(h)), boundary)
    found = np.linalg.eigvalsh(matrix.T @ matrix).max()
    assert float(grid.norm(samples)) == pytest.approx(found, rel=1e-12, abs=1e-12)
    assert float(grid.norm(samples)) <= float(grid.norm())


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_norm_of_all_grids_is_approached_and_the_largest_row_sum(boundary):
    grid, matrix = Grid.of("1/2", boundary), differences(400, 0.5, boundary)
    assert grid.norm() == 16
    assert 16 - np.linalg.eigvalsh(matrix.T @ matrix).max() < 1e-3
    assert np.abs(matrix.T @ matrix).sum(axis=1).max() == 16


def test_sizes_are_those_of_an_array():
    sizes = np.array([0.5, 2.0], "f4")
    assert Grid.of(sizes) == Grid.of((0.5, 2))
    image = np.eye(4)
    expected = st.models.diffusion_step(image, st.catalogue["soft"], 0.1, (0.5, 2), theta=1.0)
    np.testing.assert_array_equal(
        st.models.diffusion_step(image, st.catalogue["soft"], 0.1, sizes, theta=1.0), expected
    )


def test_a_size_is_exact_and_may_be_a_symbol():
    h = sp.Symbol("h", positive=True)
    assert Grid.of(0.1).h == sp.Rational(1, 10)
    assert Grid.of(np.float64(0.5)) == Grid.of("1/2") == Grid.of(("1/2",)) == Grid((sp.Rational(1, 2),))
    assert Grid.of(h).norm() == 4 / h**2
    ring = Grid.of(2, "periodic")
    assert Grid.of(ring) is ring


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((0,), "grid size h = 0 must be positive"),
        (("-1/2",), "grid size h = '-1/2' must be positive"),
        ((float("inf"),), "h = inf is not a finite number"),
        (((1, 1, 1, 1),), r"h = \(1, 1, 1, 1\) has 4 entries; a grid has one to three axes"),
        (((),), r"h = \(\) has 0 entries"),
        ((1, None, "both"), "coupling = 'both' is none of isotropic, separable"),
        (((1, 1), None, "separable", True), "which channels cannot share"),
        ((1, None, None, "rgb"), "channels = 'rgb' is neither True nor False"),
        ((1, "mirror"), "boundary = 'mirror' is none of reflecting, periodic"),
        ((Grid.of(1, "periodic"), "reflecting"), "boundary = 'reflecting' for a grid of boundary 'periodic'"),
    ],
)
def test_what_is_no_grid_is_refused_in_words(given, words):
    with pytest.raises(NonlinearityError, match=words):
        Grid.of(*given)


_ONES = np.ones(4)
_LINEAR = st.Activation("r")
_COUNTS = {
    "samples": lambda count: st.certify(_LINEAR).sign_step(samples=count),
    "blocks": lambda count: st.certify(_LINEAR).expansion("1/4", blocks=count),
    "depth": lambda count: st.Network(_LINEAR, count),
    "length": lambda count: st.models.fsi_cycle(_ONES, lambda r: 1 + 0 * r, 0.25, count).tolist(),
    "steps": lambda count: st.models.variational_minimise(_ONES, st.Regulariser("r^2"), 0.5, steps=count).tolist(),
    "matrix": lambda count: st.models.difference_matrices(count)[0].shape,
    "num_iter": lambda count: st.denoise(_ONES, "constant", num_iter=count, target="numpy").tolist(),
}


@pytest.mark.parametrize("call", _COUNTS.values(), ids=_COUNTS)
def test_a_count_is_a_positive_whole_number_of_any_type(call):
    assert call(np.int64(3)) == call(np.uint8(3)) == call(3)
    for wrong in (0, -1, 2.0, True, "3", np.True_):
        with pytest.raises(st.NonlinearityError, match="must be a whole number from 1"):
            call(wrong)
