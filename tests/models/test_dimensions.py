"""More than one dimension: the four worlds are one step, exactly and to rounding."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sparse
import sympy as sp

import symtrans as st
from symtrans import Activation, NonlinearityError
from symtrans.models import (
    coupled_activation,
    difference_matrices,
    diffusion_step,
    energy,
    gradient_step,
    haar_shrinkage_step,
    implicit_step,
    residual_block,
    semi_implicit_step,
    variational_minimise,
)
from tests.models.grids import BOUNDARIES, MODES, SHAPES, SPACINGS, largest_step, values_of

rng = np.random.default_rng(5)


# ---------------------------------------------------------------------------
# The four are one step, to rounding


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("h", SPACINGS)
def test_the_four_agree(h, mode, boundary):
    options = {"boundary": boundary, **MODES[mode]}
    shape = (3,) * (mode == "channels") + SHAPES[len(h)]
    u = rng.normal(size=(2, *shape))
    plus, minus = difference_matrices(shape, h, **options)
    alone = mode == "separable" or (mode == "coupled" and len(h) == 1)
    together = 1 if alone else len(h) * 2 ** (len(h) - 1) * (3 if mode == "channels" else 1)
    for name in ("perona-malik", "truncated-tv"):
        family, tau = st.catalogue[name], 0.9 * largest_step(h)
        parameters = values_of(family)
        diffusion = diffusion_step(u, family, tau, h, **options, **parameters)
        sigma = coupled_activation(family, together, **parameters)
        others = {
            "haar": haar_shrinkage_step(u, family, sp.Rational(tau), h, **options, **parameters),
            "gradient": gradient_step(u, family, tau, h, **options, **parameters),
            "residual": residual_block(u.reshape(2, -1), plus, tau * minus, sigma_1=sigma).reshape(u.shape),
        }
        for world, found in others.items():
            np.testing.assert_allclose(found, diffusion, rtol=0, atol=3e-15 * (1 + 1 / min(h)), err_msg=world)
        np.testing.assert_allclose(diffusion.sum(), u.sum(), atol=1e-12)
        np.testing.assert_array_equal(diffusion_step(-u, family, tau, h, **options, **parameters), -diffusion)


@pytest.mark.parametrize("h", [(1.0, 1.0), (0.5, 1.3), (0.5, 0.8, 1.3)])
@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_step_descends_the_energy(mode, h):
    """Central differences of half the sum of Psi, which `energy` gives where u = f."""
    family, options = st.catalogue["perona-malik"], MODES[mode]
    u = rng.normal(size=(2,) * (mode == "channels") + (3, 2, 3)[: len(h)])
    tau, step = 0.1, 1e-5
    for boundary in BOUNDARIES:
        moved = u + step * np.eye(u.size).reshape(-1, *u.shape), u - step * np.eye(u.size).reshape(-1, *u.shape)
        up, down = (energy(v, v, family, 0.5, h, boundary=boundary, **options, lam=0.7) for v in moved)
        if mode != "channels":
            assert up.shape == (u.size,)
        expected = u - tau * ((up - down) / (2 * step)).reshape(u.shape)
        found = gradient_step(u, family, tau, h, boundary=boundary, **options, lam=0.7)
        np.testing.assert_allclose(found, expected, atol=1e-8)


def test_a_plain_function_is_the_flux_as_in_one_dimension():
    u = rng.normal(size=(5, 4))
    family = st.catalogue["charbonnier"]
    for step in (diffusion_step, gradient_step):
        expected = step(u, family, 0.2, (1, 1), lam=1.0)
        np.testing.assert_allclose(step(u, lambda p: family.activation(p, lam=1.0), 0.2, (1, 1)), expected, atol=1e-15)
    shrinkage = haar_shrinkage_step(u, family, "1/5", (1, 1), lam=1.0)
    s = family.source.to(st.Shrinkage, tau="1/5")
    np.testing.assert_array_equal(haar_shrinkage_step(u, lambda w: s(w, lam=1.0), h=(1, 1)), shrinkage)


def test_an_unbounded_diffusivity_moves_no_flat_cell():
    u = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    tv = Activation("sgn(r)")
    expected = diffusion_step(u, np.sign, 0.1, (1, 1))
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(diffusion_step(u, tv, 0.1, (1, 1)), expected, atol=1e-16)
    with pytest.raises(NonlinearityError, match="infinite"):
        semi_implicit_step(u, tv, 0.1, (1, 1))


def test_a_gradient_beyond_the_largest_number_is_infinite():
    u = 1e200 * np.eye(3)
    found = diffusion_step(u, st.catalogue["charbonnier"], 0.25, (1, 1), lam=1.0)
    np.testing.assert_array_equal(found, u)  # the flux is at most lambda


def test_single_precision_stays_single():
    u, family = rng.normal(size=(2, 5, 4)).astype(np.float32), st.catalogue["charbonnier"]
    for h, options in (((1, np.float64(0.5)), {}), ((1, 1), {"channels": True}), ((1, 1), {"coupling": "separable"})):
        for step in (diffusion_step, gradient_step, semi_implicit_step):
            assert step(u, family, 0.05, h, **options, lam=1.0).dtype == np.float32
        assert haar_shrinkage_step(u, family, None, h, **options, lam=1.0).dtype == np.float32


# ---------------------------------------------------------------------------
# The four are one step, exactly: samples, spacings and tau are symbols, and of g nothing is known

G = sp.Function("G")  # g(r) = G(r²)
tau = sp.Symbol("tau", positive=True)


def elementwise(function):
    return np.vectorize(function, otypes=[object])


g_of = elementwise(lambda norm: G(sp.expand(norm**2)))
shrunk = elementwise(lambda rho: rho * (1 - 4 * tau * G(sp.expand(2 * rho**2))))


def at(index, shape, boundary):
    """The sample that stands at a place, beyond the ends too."""
    if boundary == "periodic":
        return tuple(i % n for i, n in zip(index, shape, strict=True))
    return tuple(min(max(i, 0), n - 1) for i, n in zip(index, shape, strict=True))


def half_gradient_of_the_energy(u, h, boundary):
    """Half the derivative of Σ Psi(|∇u|), cell by cell: Σ g d(|∇u|²)/2, as Psi'(r) = 2 r g(r). Channels come first."""
    d, shape, total = u.ndim - 1, u.shape[1:], dict.fromkeys(u.flat, sp.S.Zero)
    for cell in product(*(range(-1, n) for n in shape)):
        weight = sp.S.One
        for place, n in zip(cell, shape, strict=True):
            weight *= sp.Rational(1, 2) if place in (-1, n - 1) else 1  # a torus has these twice
        squares = sp.S.Zero
        for axis, size in enumerate(h):
            for sides in product((0, 1), repeat=d):
                if sides[axis] == 0:
                    here = np.add(cell, sides)
                    there = here + np.eye(d, dtype=int)[axis]
                    differences = [v[at(there, shape, boundary)] - v[at(here, shape, boundary)] for v in u]
                    squares += sum((e / size) ** 2 for e in differences) / 2 ** (d - 1)
        squares = sp.expand(squares)
        for symbol in squares.free_symbols & total.keys():
            total[symbol] += weight * G(squares) * sp.diff(squares, symbol) / 2
    return np.array([total[symbol] for symbol in u.flat]).reshape(u.shape)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("shape", [(1, 3), (2, 3), (1, 2, 2), (1, 3, 2), (2, 2, 2), (1, 1, 3), (1, 2, 1, 2)])
def test_the_four_are_one_step_exactly(shape, boundary, monkeypatch):
    monkeypatch.setattr(sp.Expr, "sqrt", sp.sqrt, raising=False)  # what NumPy asks of an object
    u = np.array(sp.symbols(f"u1:{np.prod(shape) + 1}", real=True)).reshape(shape)
    h = sp.symbols(f"h1:{len(shape)}", positive=True)
    expected = u - tau * half_gradient_of_the_energy(u, h, boundary)
    one = {"boundary": boundary, "channels": shape[0] > 1 or len(shape) == 2}  # one axis shares g with channels only
    if not one["channels"]:
        u, expected = u[0], expected[0]
    flux = elementwise(lambda norm: norm * G(sp.expand(norm**2)))
    found = {
        "diffusion": diffusion_step(u, flux, tau, h, **one),
        "haar": haar_shrinkage_step(u, shrunk, None, h, **one),
        "gradient": gradient_step(u, flux, tau, h, **one),
    }
    for world, step in found.items():
        for a, b in zip(step.flat, expected.flat, strict=True):
            assert sp.expand(a - b) == 0, world


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("shape", [(2, 2), (3, 2)])
def test_the_residual_block_is_the_step_exactly(shape, boundary):
    u = np.array(sp.symbols(f"u1:{np.prod(shape) + 1}", real=True)).reshape(shape)
    plus, minus = difference_matrices(shape, (1, 1), boundary)
    exact = [sp.Matrix((matrix * np.sqrt(2) * 4).round().astype(int)) / (4 * sp.sqrt(2)) for matrix in (plus, minus)]
    assert np.allclose(np.array(exact[1], dtype=float), minus)
    edges = exact[0] * sp.Matrix(u.ravel())
    for first in range(0, len(edges), 4):
        cell = edges[first : first + 4, 0]
        edges[first : first + 4, 0] = G(sp.expand((cell.T * cell)[0])) * cell
    block = sp.Matrix(u.ravel()) + tau * exact[1] * edges
    expected = u - tau * half_gradient_of_the_energy(u[None], (1, 1), boundary)[0]
    assert all(sp.expand(a - b) == 0 for a, b in zip(block, expected.flat, strict=True))


# ---------------------------------------------------------------------------
# One dimension is the paper's block, to the bit


@pytest.mark.parametrize("h", [1.0, 0.3])
@pytest.mark.parametrize("name", ["perona-malik", "huber", "hard"])
def test_one_axis_is_the_block_of_the_paper(name, h):
    family = st.catalogue[name]
    u, parameters = 3 * rng.normal(size=(3, 20)), values_of(family)
    ring = np.concatenate([u, u[:, :1]], axis=1)
    inner = family.activation(np.diff(u) / h, **parameters)
    round_it = family.activation(np.diff(ring) / h, **parameters)
    fluxes = {
        "reflecting": np.pad(inner, [(0, 0), (1, 1)]),
        "periodic": np.concatenate([round_it[:, -1:], round_it], axis=1),
    }
    for boundary, flux in fluxes.items():
        expected = u + 0.04 * (np.diff(flux) / h)
        for size in (h, (h,), [h]):
            for coupling in ("isotropic", "separable"):
                found = diffusion_step(u, family, 0.04, size, boundary=boundary, coupling=coupling, **parameters)
                np.testing.assert_array_equal(found, expected)
        images = diffusion_step(u, family, 0.04, (1e9, h), boundary=boundary, coupling="separable", **parameters)
        np.testing.assert_allclose(images, expected, atol=1e-15)
    for function in (energy, variational_minimise):
        if function is energy or name == "huber":
            arguments = (u, u, family, 0.3) if function is energy else (u, family, 0.3)
            np.testing.assert_array_equal(
                function(*arguments, (h,), **parameters), function(*arguments, h, **parameters)
            )


# ---------------------------------------------------------------------------
# Other formulations


def bilinear_elements(u, g, h):
    """The stiffness matrix of bilinear elements on a torus, ∫ g(|∇u|) ∇u ∇v: |∇|² by the rule of the four vertices."""
    rows, columns = u.shape
    vertices = [(0, 0), (0, 1), (1, 0), (1, 1)]
    # gradients of the shape functions (1-x)(1-y), (1-x) y, x (1-y), x y of a cell, at each of its vertices
    gradients = []
    for x, y in vertices:
        by_x = [-(1 - y), -y, 1 - y, y]
        by_y = [-(1 - x), 1 - x, -x, x]
        gradients.append(np.array([by_x, by_y]) / np.array(h, dtype=float)[:, None])
    local = sum(b.T @ b for b in gradients) / 4
    matrix = sparse.lil_matrix((u.size, u.size))
    for i, j in product(range(rows), range(columns)):
        nodes = [((i + x) % rows) * columns + (j + y) % columns for x, y in vertices]
        samples = u.ravel()[nodes]
        matrix[np.ix_(nodes, nodes)] += g(np.sqrt(max(samples @ local @ samples, 0))) * local
    return matrix.tocsr()


@pytest.mark.parametrize("h", [(1.0, 1.0), (0.6, 1.4)])
def test_the_step_is_that_of_bilinear_finite_elements(h):
    def g(r):
        return np.exp(-(r**2) / 2)

    u = rng.normal(size=(5, 7))
    torus = u.ravel() - 0.1 * bilinear_elements(u, g, h) @ u.ravel()
    found = diffusion_step(u, st.catalogue["perona-malik"], 0.1, h, boundary="periodic", lam=1.0)
    np.testing.assert_allclose(found.ravel(), torus, atol=1e-14)
    mirrored = np.block([[u, u[:, ::-1]], [u[::-1], u[::-1, ::-1]]])
    torus = mirrored.ravel() - 0.1 * bilinear_elements(mirrored, g, h) @ mirrored.ravel()
    found = diffusion_step(u, st.catalogue["perona-malik"], 0.1, h, lam=1.0)
    np.testing.assert_allclose(found, torus.reshape(mirrored.shape)[:5, :7], atol=1e-14)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_step_is_invariant_under_the_symmetries_of_the_grid(boundary):
    u, family = rng.normal(size=(5, 6, 4)), st.catalogue["perona-malik"]

    def step(v, h=(0.5, 0.8, 1.3), **options):
        return diffusion_step(v, family, 0.05, h, boundary=boundary, lam=0.7, **options)

    expected = step(u)
    for axis in range(3):
        np.testing.assert_allclose(np.flip(step(np.flip(u, axis)), axis), expected, atol=1e-14)
    np.testing.assert_allclose(step(u.transpose(2, 0, 1), (1.3, 0.5, 0.8)).transpose(1, 2, 0), expected, atol=1e-14)
    # colours may be mixed by a rotation of their space
    rotation, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    mixed = np.einsum("ij,jkl->ikl", rotation, u)
    turned = np.einsum("ij,jkl->ikl", rotation, step(u, (0.8, 1.3), channels=True))
    np.testing.assert_allclose(step(mixed, (0.8, 1.3), channels=True), turned, atol=1e-13)
    if boundary == "periodic":
        rolled = np.roll(step(np.roll(u, (2, 1, 3), (0, 1, 2))), (-2, -1, -3), (0, 1, 2))
        np.testing.assert_allclose(rolled, expected, atol=1e-14)


def test_the_right_hand_side_is_consistent_of_second_order():
    """Against div(g(|∇u|) ∇u) of u = sin(x) cos(2y), differentiated by SymPy."""
    x, y = sp.symbols("x y")
    u = sp.sin(x) * sp.cos(2 * y)
    g = 1 / (1 + u.diff(x) ** 2 + u.diff(y) ** 2)
    exact = sp.lambdify([x, y], (g * u.diff(x)).diff(x) + (g * u.diff(y)).diff(y))
    errors = []
    for n in (32, 64, 128):
        h = (2 * np.pi / n, np.pi / n)
        places = np.meshgrid(h[0] * np.arange(n), h[1] * np.arange(n), indexing="ij")
        samples = sp.lambdify([x, y], u)(*places)
        change = diffusion_step(samples, lambda r: r / (1 + r**2), 1.0, h, boundary="periodic") - samples
        errors.append(np.abs(change - exact(*places)).max())
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx([2, 2], abs=0.1)


# ---------------------------------------------------------------------------
# Wrong input

image = np.zeros((4, 4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: diffusion_step(image[0], np.tanh, 0.1, (1, 1)), "at least 2 axes"),
        (lambda: diffusion_step(image, np.tanh, 0.1, (1, 1), channels=True), "holds the channels"),
        (lambda: diffusion_step(image, np.tanh, 0.1, (1, 0)), "positive"),
        (lambda: diffusion_step(image, np.tanh, 0.1, ()), "positive"),
        (lambda: diffusion_step(image, np.tanh, 0.1, (1, np.nan)), "h = nan"),
        (lambda: diffusion_step(image, np.tanh, 0.1, (1, 1), coupling="cells"), "coupling"),
        (lambda: diffusion_step(image, np.tanh, 0.1, 1, channels=True, coupling="separable"), "channels"),
        (lambda: diffusion_step(image[:0], np.tanh, 0.1, (1, 1)), "without samples"),
        (lambda: haar_shrinkage_step(image, np.tanh, h=(1, 1), boundary="mirror"), "mirror"),
        (lambda: diffusion_step(image, "perona-malik", 0.1, (1, 1)), "catalogue"),
        (lambda: implicit_step(image, np.tanh, 0.1, (1, 1)), "kinds"),
        (lambda: difference_matrices(4, (1, 1)), "one number for each axis"),
        (lambda: difference_matrices((4, 4), (1, 1), channels=True), "channels"),
    ],
)
def test_wrong_input_is_explained(call, words):
    with pytest.raises(NonlinearityError, match=words):
        call()
