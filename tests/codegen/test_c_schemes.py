"""The C of the schemes FSI and semi-implicit: clean for every compiler, the same bits however the work is cut."""

import shutil

import numpy as np
import pytest

import symtrans as st
from symtrans import Network
from symtrans.language.symbols import keyword_of
from tests.codegen.test_c_source import COMPILERS, IN_TURN, run
from tests.codegen.test_cells import DTYPES, SHAPES, assert_agree, filtered, program, shape_on, trials

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")

SCHEMES = {"fsi": {"scheme": "fsi", "cycle": 7}, "semi_implicit": {"scheme": "semi-implicit", "tau": 3}}
FORMS = {
    "image": {"h": (1, 1)},
    "torus": {"h": (1, "1/2"), "boundary": "periodic", "channels": True},
    "edges": {"h": (1, 1), "coupling": "separable"},
    "volume": {"h": (1, 1, 2)},
    "edges of a torus": {"h": (1, 1, 1), "coupling": "separable", "boundary": "periodic"},
    "signal": {},
    "rings": {"h": 2, "boundary": "periodic", "channels": True},
}
FAMILIES = ("perona-malik", "truncated-tv", "constant", "charbonnier", "hard")


def made(forms=tuple(FORMS)):
    """A network of each scheme and form, and its dtype."""
    for k, (scheme, settings) in enumerate(SCHEMES.items()):
        for form in forms:
            place = list(FORMS).index(form)
            name = f"{scheme}_{form}".replace(" ", "_")
            family = st.catalogue[FAMILIES[place % len(FAMILIES)]]
            yield Network(family, 3, name=name, **FORMS[form], **settings), DTYPES[(k + place) % 2], None


@pytest.mark.parametrize("compiler", IN_TURN)
def test_compiles_without_a_warning(compiler, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    kernels = list(made())[list(COMPILERS).index(compiler) % 2 :: 2]  # made by the same templates: they take turns
    for network, dtype, _ in kernels:
        network.source("c", dtype).write(tmp_path)
    sources = sorted(tmp_path.glob("*.c"))
    assert len(sources) == len(kernels) > 6
    run([*COMPILERS[compiler], "-fsyntax-only", *sources], tmp_path)


EACH_FORM = pytest.mark.parametrize(
    "forms",
    [pytest.param(("rings",), id="rings"), pytest.param(("torus", "volume"), id="arrays", marks=pytest.mark.long)],
)


@pytest.mark.long
@EACH_FORM
def test_clean_under_the_sanitizers_in_small_pieces(forms, tmp_path):
    kernels = list(made(forms))
    flags = ["-std=c11", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    program(tmp_path, kernels, ["gcc", *flags, "-DROOM=3000", "-DSEGMENT=16"])
    for index, (network, dtype, _) in enumerate(kernels):
        kernel = network.compile("c", dtype)
        for u in (*trials(network, dtype), np.zeros((0, *shape_on(network, SHAPES[1])[1:]), dtype)):
            assert_agree(filtered(tmp_path, index, u), kernel, u)


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param("-DVECTOR_BYTES=0 -DROOM=1", id="scalar"),
        pytest.param("-DVECTOR_BYTES=16 -DROOM=60000 -DSEGMENT=64 -DABREAST=2", id="narrow", marks=pytest.mark.long),
    ],
)
@EACH_FORM
def test_every_cut_and_any_number_of_threads_give_the_same_bits(cut, forms, tmp_path):
    kernels = list(made(forms))
    flags = ["-std=c11", "-O1", "-ffp-contract=off", "-fno-math-errno", "-fopenmp"]
    program(tmp_path, kernels, ["gcc", *flags, *cut.split()])
    for index, (network, dtype, _) in enumerate(kernels):
        kernel = network.compile("c", dtype)
        u = np.random.default_rng(4).normal(size=(2, *(3,) * network.grid.channels, 70, 19)).astype(dtype)
        if network.grid.dimensions == 1:
            u = u.reshape(*u.shape[:-2], -1).repeat(7, axis=-1)  # long enough to be cut into pieces
        for each in (*trials(network, dtype), u, u[:1]):
            each = each.reshape(-1, *each.shape[each.ndim - network.grid.axes :])
            for threads in (1, 3):
                assert_agree(filtered(tmp_path, index, each, threads), kernel, each)


DIFFERENTIATED = {
    "colours on a torus": ("semi-implicit", {"h": ("h", 1), "boundary": "periodic", "channels": True}),
    "volume": ("fsi", {"h": (1, "h", 2)}),
    "edges": ("fsi", {"h": (1, "h"), "coupling": "separable"}),
    "signals": ("semi-implicit", {"h": "h"}),
    "rings": ("fsi", {"h": "h", "channels": True, "boundary": "periodic"}),
    "edges on a torus": ("semi-implicit", {"h": ("h", "h", "h"), "coupling": "separable", "boundary": "periodic"}),
}


@pytest.mark.parametrize("key", DIFFERENTIATED)
def test_gradients_are_those_of_numpy_and_of_differences(key):
    scheme, grid = DIFFERENTIATED[key]
    cycle = {"cycle": 3, "unstable": "allow"} if scheme == "fsi" else {}
    network = Network(st.catalogue["charbonnier"], 2, "tau", scheme=scheme, **grid, **cycle)
    kernel, other = network.compile("c", threads=2), network.compile("numpy")
    tau = 0.1 if scheme == "fsi" else 2.0
    values = {word: {"tau": tau, "h": 0.9}.get(word, 0.7) for word in map(keyword_of, network.parameters)}
    for shape in ((1, 1, 1), (6, 1, 9), (3, 9, 40)):
        u, weights, way = np.random.default_rng(3).normal(size=(3, *shape_on(network, shape)))
        (grad, by), (expected, by_expected) = (one.vjp(u, weights, **values) for one in (kernel, other))
        np.testing.assert_allclose(grad, expected, rtol=0, atol=1e-12)
        ends = [np.sum(weights * kernel(u + step * way, **values)) for step in (1e-5, -1e-5)]
        assert np.sum(grad * way) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-6)
        for word, value in values.items():
            assert by[word] == pytest.approx(by_expected[word], rel=1e-10, abs=1e-10)
            ends = [np.sum(weights * kernel(u, **{**values, word: value + step})) for step in (1e-5, -1e-5)]
            assert by[word] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("boundary", ["reflecting", "periodic"])
def test_a_long_signal_is_solved_in_pieces(boundary):
    settings = {"scheme": "semi-implicit", "boundary": boundary, "channels": True}
    network = Network(st.catalogue["charbonnier"], 1, 1000, **settings)
    for size in (8191, 8192, 10007):
        u = np.random.default_rng(2).normal(size=(2, size))
        expected = st.models.semi_implicit_step(u, network.activation, 1000, boundary=boundary, channels=True, lam=0.75)
        np.testing.assert_allclose(network.compile("c")(u, lam=0.75), expected, rtol=0, atol=1e-12)
    weights = np.random.default_rng(3).normal(size=u.shape)
    (grad, by), (other, by_other) = (network.compile(target).vjp(u, weights, lam=0.75) for target in ("c", "numpy"))
    np.testing.assert_allclose(grad, other, rtol=0, atol=1e-12)
    assert by["lam"] == pytest.approx(by_other["lam"], rel=1e-9)


@pytest.mark.parametrize("grid", [{"h": (1, 1)}, {"boundary": "periodic"}], ids=["image", "ring"])
def test_a_step_of_which_no_float_holds_the_sums_keeps_the_range(grid):
    kernel = Network(st.catalogue["charbonnier"], 2, 3 * 10**38, scheme="semi-implicit", **grid).compile("c", "float32")
    for shape in ((6, 9), (2, 9001)):
        u = np.random.default_rng(6).normal(size=shape).astype(np.float32)
        found = kernel(u, lam=0.75)
        assert u.min() <= found.min()
        assert found.max() <= u.max()
        np.testing.assert_allclose(found.mean(), u.mean(), atol=0.1)
