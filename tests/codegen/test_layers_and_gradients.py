"""Layer-wise parameters, and gradients against 50 digits, against JAX, and as an adjoint."""

from itertools import product

import mpmath
import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Diffusivity, Network, NonlinearityError, StabilityError
from symtrans.catalogue import TABLE_3
from symtrans.language.symbols import keyword_of
from tests.codegen.test_kernels import BOUNDARIES, DTYPES, TARGETS, compiled, kernel_of, needs_compiler, rng
from tests.turns import in_turns

BLOCKS = 3
ACTIVATIONS = {name: st.catalogue[name] for name in TABLE_3} | {
    "logarithm": st.Activation("sgn(r) lambda ln(1 + |r|/lambda)"),
    "hyperbolic": st.Activation("lambda tanh(r/lambda)"),
    "error function": st.Activation("lambda erf(r/lambda)"),
    "not differentiable in |r| = 0": Diffusivity("a exp(-|r|/lambda)"),
}
LAYERS = {"tau": [0.1, 0.2, 0.05], "h": [0.9, 1.0, 1.1], "lam": [0.5, 1.0, 2.0], "theta": [0.3, 0.6, 1.2]}
LAYERS["a"] = [0.8, 1.0, 0.9]


def layers_of(network):
    return {keyword_of(symbol): np.array(LAYERS[keyword_of(symbol)]) for symbol in network.parameters}


_made = {}


def kernel_with_symbols(name, target="numpy", dtype="float64", boundary="reflecting"):
    """tau and h are parameters too."""
    key = (name, target, dtype, boundary)
    if key not in _made:
        network = Network(ACTIVATIONS[name], BLOCKS, "tau", "h", boundary, unstable="allow")
        _made[key] = network.compile(target, dtype)
    return _made[key]


# ---------------------------------------------------------------------------
# Layer-wise parameters


@pytest.mark.parametrize(("name", "target", "dtype"), in_turns(TABLE_3, TARGETS, DTYPES, costly=compiled))
def test_layers_are_a_chain_of_blocks(name, target, dtype):
    kernel = kernel_with_symbols(name, target, dtype)
    block = Network(ACTIVATIONS[name], 1, "tau", "h", unstable="allow").compile(target, dtype)
    layers = layers_of(kernel.network)
    u = rng().normal(size=(2, 40)).astype(dtype)
    expected = u
    for k in range(BLOCKS):
        expected = block(expected, **{key: values[k] for key, values in layers.items()})
    np.testing.assert_array_equal(kernel(u, **layers), expected)
    np.testing.assert_array_equal(kernel(u, **{key: values.tolist() for key, values in layers.items()}), expected)
    out = np.empty_like(u)
    assert kernel(u, out=out, **layers) is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("target", TARGETS)
def test_equal_layers_are_one_number(target):
    kernel = kernel_of("perona-malik", target)
    u, w = rng().normal(size=30), rng(1).normal(size=30)
    np.testing.assert_array_equal(kernel(u, lam=[0.7] * 3), kernel(u, lam=0.7))
    grad, by = kernel.vjp(u, w, lam=0.7)
    layered, by_layer = kernel.vjp(u, w, lam=[0.7] * 3)
    np.testing.assert_array_equal(layered, grad)
    assert by_layer["lam"].shape == (3,)
    assert by["lam"] == pytest.approx(by_layer["lam"].sum(), rel=1e-14)
    assert isinstance(by["lam"], float)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 2.0], r"shape \(2,\).*shape \(3,\)"),
        ([[1.0, 2.0, 3.0]], r"shape \(1, 3\)"),
        ([1.0, [2.0], 3.0], "lam"),
        ([1.0, 0.0, 3.0], r"lam\[1\].*positive"),
        ([1.0, 2.0, np.nan], r"lam\[2\].*finite"),
        ([1.0, "x", 2.0], r"lam\[.\].*number"),
        ([], r"shape \(0,\)"),
    ],
)
def test_layers_that_do_not_fit_are_explained(values, words):
    kernel = kernel_of("perona-malik")
    with pytest.raises(NonlinearityError, match=words):
        kernel([0.0, 1.0], lam=values)
    with pytest.raises(NonlinearityError, match=words):
        kernel.vjp([0.0, 1.0], [0.0, 1.0], lam=values)


def test_every_block_must_be_stable():
    kernel = Network(Diffusivity("a exp(-r^2)"), 3, "tau").compile("numpy")
    u = [0.0, 1.0, 0.0]
    kernel(u, tau=[0.5, 0.25, 0.1], a=[1.0, 2.0, 5.0])
    with pytest.raises(StabilityError, match=r"tau = 0\.3 .*0\.25.*a = 2.*block 1"):
        kernel(u, tau=[0.5, 0.3, 0.1], a=[1.0, 2.0, 5.0])
    with pytest.raises(StabilityError, match=r"block 2"):
        kernel.vjp(u, u, tau=0.2, a=[1.0, 2.0, 5.0])


# ---------------------------------------------------------------------------
# Gradients


def network_in_50_digits(network, u, layers):
    """The blocks with mpmath: no code is shared with any kernel."""
    symbols = [symbol for symbol in network.parameters if keyword_of(symbol) not in ("tau", "h")]
    phi = sp.lambdify([network.activation.variable, *symbols], network.activation.expr, "mpmath")
    u = list(u)
    for k in range(network.blocks):
        values = {key: row[k] for key, row in layers.items()}
        own = [values[keyword_of(symbol)] for symbol in symbols]
        following = [*u[1:], u[0]] if network.boundary == "periodic" else u[1:]
        flux = [phi((b - a) / values["h"], *own) for a, b in zip(u, following, strict=False)]
        right = flux if network.boundary == "periodic" else [*flux, 0]
        left = [right[-1], *right[:-1]]
        u = [x + values["tau"] / values["h"] * (r - q) for x, r, q in zip(u, right, left, strict=True)]
    return u


def gradients_in_50_digits(network, u, weights, layers):
    """Central differences with step 1e-20: their error is about 1e-40 relative."""
    with mpmath.workdps(50):
        u = [mpmath.mpf(float(x)) for x in u]
        layers = {key: [mpmath.mpf(float(x)) for x in row] for key, row in layers.items()}
        step = mpmath.mpf(10) ** -20

        def change(place, k):
            values = []
            for sign in (1, -1):
                moved = {key: list(row) for key, row in layers.items()}
                signal = list(u)
                row = signal if place is None else moved[place]
                row[k] += sign * step
                result = network_in_50_digits(network, signal, moved)
                values.append(mpmath.fdot(map(float, weights), result))
            return float((values[0] - values[1]) / (2 * step))

        by = {key: np.array([change(key, k) for k in range(network.blocks)]) for key in layers}
        return np.array([change(None, i) for i in range(len(u))]), by


@needs_compiler
@pytest.mark.parametrize(
    ("name", "boundary"),
    in_turns(
        [
            pytest.param(name, marks=[pytest.mark.long] * (name in ("hyperbolic", "error function")))
            for name in ACTIVATIONS
        ],
        BOUNDARIES,
    ),
)
def test_gradients_against_50_digits(name, boundary):
    u, weights = 1.5 * rng(3).normal(size=7), rng(4).normal(size=7)
    network = kernel_with_symbols(name, boundary=boundary).network
    layers = layers_of(network)
    expected, expected_by = gradients_in_50_digits(network, u, weights, layers)
    for target, dtype in product(("numpy", "c"), DTYPES):
        grad, by = kernel_with_symbols(name, target, dtype, boundary).vjp(u, weights, **layers)
        accuracy = {"rtol": 1e-12, "atol": 1e-13} if dtype == "float64" else {"rtol": 1e-4, "atol": 1e-5}
        np.testing.assert_allclose(grad, expected, **accuracy)
        assert set(by) == set(layers)
        for key in by:
            np.testing.assert_allclose(by[key], expected_by[key], **accuracy)


# Few samples and many, batches that fill vectors or not; 70 and 40 blocks are several passes of the C adjoint.
SHAPES = ((1, 1), (3, 2), (9, 40), (1, 700), (17, 130), (1, 20_011))
DEEP = [("perona-malik", "reflecting", 16), ("truncated-bfb", "reflecting", 70), ("charbonnier", "periodic", 40)]


@needs_compiler
@pytest.mark.parametrize(("name", "boundary", "blocks"), DEEP)
def test_c_and_numpy_have_the_same_gradients(name, boundary, blocks):
    network = Network(ACTIVATIONS[name], blocks, "tau", boundary=boundary, unstable="allow")
    ours, other = network.compile("c"), network.compile("numpy")
    shared = {keyword_of(symbol): 0.25 if keyword_of(symbol) == "tau" else 0.75 for symbol in network.parameters}
    layers = {key: value * np.linspace(0.8, 1.0, blocks) for key, value in shared.items()}
    for shape in SHAPES:
        u, w = 2 * rng(3).normal(size=shape), rng(4).normal(size=shape)
        for values in (shared, layers):
            grad, by = ours.vjp(u, w, **values)
            expected, expected_by = other.vjp(u, w, **values)
            np.testing.assert_allclose(grad, expected, rtol=1e-11, atol=1e-12)
            for key in by:
                np.testing.assert_allclose(by[key], expected_by[key], rtol=1e-11, atol=1e-12 * u.size)
            np.testing.assert_allclose(ours(u, **values), other(u, **values), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "target"),
    in_turns(["perona-malik", "hyperbolic", "charbonnier", "error function", "logarithm"], TARGETS, costly=compiled),
)
def test_dot_product(name, target):
    """<w, J v> = <J^T w, v>, with J v by a central difference along v in the signal and all parameters at once."""
    kernel = kernel_with_symbols(name, target)
    u, v, w = (rng(k).normal(size=(5, 300)) for k in range(3))
    layers = layers_of(kernel.network)
    along = {key: 0.1 * rng(k).normal(size=BLOCKS) for k, key in enumerate(layers)}
    step = 1e-5
    ends = [kernel(u + s * v, **{key: layers[key] + s * along[key] for key in layers}) for s in (step, -step)]
    grad, by = kernel.vjp(u, w, **layers)
    expected = np.vdot(w, ends[0] - ends[1]) / (2 * step)
    assert np.vdot(grad, v) + sum(np.vdot(by[key], along[key]) for key in by) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("name", "boundary"), [("perona-malik", "periodic"), ("truncated-bfb", "reflecting")])
def test_long_signals_and_many_blocks(name, boundary):
    """Tiles and passes leave no trace: a long signal is like its parts, many blocks like few after few."""
    network = Network(st.catalogue[name], 70, boundary=boundary)
    kernel, few = network.compile("numpy"), Network(st.catalogue[name], 35, boundary=boundary).compile("numpy")
    (value,) = (keyword_of(symbol) for symbol in network.parameters)
    u, w = rng().normal(size=(1, 40_000)), rng(1).normal(size=(1, 40_000))
    found = kernel(u, **{value: 0.8})
    middle = few(u, **{value: 0.8})
    np.testing.assert_array_equal(found, few(middle, **{value: 0.8}))
    inside = slice(15_000, 19_000)
    np.testing.assert_array_equal(found[:, 15_070:18_930], kernel(u[:, inside], **{value: 0.8})[:, 70:-70])
    grad, by = kernel.vjp(u, w, **{value: 0.8})
    half, by_second = few.vjp(middle, w, **{value: 0.8})
    both, by_first = few.vjp(u, half, **{value: 0.8})
    np.testing.assert_allclose(grad, both, rtol=0, atol=1e-14)
    assert by[value] == pytest.approx(by_first[value] + by_second[value], rel=1e-12)
    # the same rows as short signals: no sample within 140 of the cuts
    part, _ = kernel.vjp(u[:, inside], w[:, inside], **{value: 0.8})
    np.testing.assert_allclose(grad[:, 15_140:18_860], part[:, 140:-140], rtol=0, atol=1e-14)


def test_at_a_break_the_slope_of_the_inner_piece_holds():
    kernel = Network(st.Activation("Piecewise((r, |r| <= 1), (sgn(r), otherwise))"), tau="1/4").compile("numpy")
    grad, _ = kernel.vjp([0.0, 1.0], [1.0, 0.0])
    np.testing.assert_array_equal(grad, [0.75, 0.25])
    grad, _ = kernel.vjp([0.0, np.nextafter(1.0, 2.0)], [1.0, 0.0])
    np.testing.assert_array_equal(grad, [1.0, 0.0])


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_against_jax(name, target):
    import jax
    import jax.numpy as jnp
    import jax.scipy.special

    jax.config.update("jax_enable_x64", True)
    kernel = kernel_with_symbols(name, target)
    network = kernel.network
    symbols = [symbol for symbol in network.parameters if keyword_of(symbol) not in ("tau", "h")]
    phi = sp.lambdify(
        [network.activation.variable, *symbols], network.activation.expr, [{"erf": jax.scipy.special.erf}, "jax"]
    )

    def run(u, layers):
        for k in range(BLOCKS):
            tau, h = layers["tau"][k], layers["h"][k]
            flux = phi(jnp.diff(u) / h, *(layers[keyword_of(symbol)][k] for symbol in symbols))
            u = u + tau / h * jnp.diff(flux * jnp.ones_like(u[..., 1:]), prepend=0, append=0)
        return u

    u, weights = 1.5 * rng(3).normal(size=(4, 200)), rng(4).normal(size=(4, 200))
    layers = layers_of(network)
    expected, pull = jax.vjp(run, u, layers)
    np.testing.assert_allclose(kernel(u, **layers), expected, rtol=1e-12, atol=1e-13)
    expected_grad, expected_by = pull(jnp.asarray(weights))
    grad, by = kernel.vjp(u, weights, **layers)
    np.testing.assert_allclose(grad, expected_grad, rtol=1e-11, atol=1e-13)
    for key in by:
        np.testing.assert_allclose(by[key], expected_by[key], rtol=1e-10, atol=1e-12)
