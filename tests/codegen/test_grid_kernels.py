"""Kernels of images and volumes, and of every scheme that has one, against the models and differences."""

from itertools import product

import numpy as np
import pytest

import symtrans as st

GRIDS = {
    "image": {"h": (1, 1)},
    "oblong": {"h": (1, "1/2"), "boundary": "periodic"},
    "volume": {"h": (1, 2, "3/2")},
    "colours": {"h": (1, 1), "channels": True},
    "separable": {"h": (1, 2), "coupling": "separable"},
    "channels": {"h": 1, "channels": True},
}
SCHEMES = {
    "explicit": {},
    "semi-implicit": {"scheme": "semi-implicit", "tau": 3},
    "fsi": {"scheme": "fsi", "cycle": 4},
}
FAMILIES = ["perona-malik", "truncated-tv", "hard", "charbonnier"]
DTYPES = ["float64", "float32"]
SETTINGS = [*GRIDS, "signal"]
IN_C = [  # explicit steps: test_cells.py
    ("c", name, FAMILIES[k % len(FAMILIES)], scheme, [DTYPES[(k + (scheme == "fsi")) % 2]])
    for scheme in ("fsi", "semi-implicit")
    for k, name in enumerate(SETTINGS)
]
KERNELS = [*product(["numpy"], SETTINGS, FAMILIES, SCHEMES, [DTYPES]), *IN_C]


def setting(name, family="perona-malik", scheme="explicit", blocks=3, **more):
    network = st.Network(family, blocks, **GRIDS.get(name, {}), **SCHEMES[scheme], **more)
    (key,) = network.compile("numpy")._keys
    random = np.random.default_rng(7)
    shape = (2,) + (3,) * network.grid.channels + (5, 4, 3)[: network.grid.dimensions]
    return network, {key: 0.7}, random.normal(size=shape), random.normal(size=shape)


def by_model(network, u, parameters):
    grid = network.grid
    options = {"boundary": grid.boundary, "coupling": grid.coupling, "channels": grid.channels, **parameters}
    sizes = tuple(map(float, grid.sizes))
    step = {
        "explicit": st.models.diffusion_step,
        "semi-implicit": st.models.semi_implicit_step,
        "fsi": lambda u, x, tau, h, **more: st.models.fsi_cycle(u, x, tau, network.cycle, h, **more),
    }[network.scheme.name]
    for _ in range(network.blocks):
        u = step(u, network.activation, float(network.tau), sizes, **options)
    return u


@pytest.mark.parametrize(("target", "name", "family", "scheme", "dtypes"), KERNELS)
def test_a_kernel_is_its_model(target, name, family, scheme, dtypes):
    network, parameters, u, _ = setting(name, family, scheme)
    expected = by_model(network, u, parameters)
    for dtype in dtypes:
        kernel = network.compile(target, dtype)
        found = kernel(u, **parameters)
        assert found.dtype == dtype
        assert kernel(u[:0], **parameters).shape == u[:0].shape
        if dtype == "float64" or family != "hard":  # a jump makes of one rounding another branch
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 if dtype == "float64" else 1e-5)


RANGES = [
    *product(["numpy"], SETTINGS, ["explicit", "semi-implicit"], DTYPES),
    *(("c", name, "semi-implicit", dtype) for name, dtype in zip(SETTINGS[::2], DTYPES * 2, strict=True)),
]


@pytest.mark.parametrize(("target", "name", "scheme", "dtype"), RANGES)
def test_the_range_is_kept_exactly(target, name, scheme, dtype):
    network, parameters, u, _ = setting(name, "perona-malik", scheme, 20)
    source = network.source(target, dtype)
    assert "in floating point: min f <= u <= max f holds exactly" in next(iter(source.values()))
    for values in (u, np.sign(u), 1e6 + u):
        values = values.astype(dtype)
        found = network.compile(target, dtype)(values, **parameters)
        assert values.min() <= found.min()
        assert found.max() <= values.max()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", SETTINGS)
def test_gradients_are_those_of_differences(name, scheme):
    network, parameters, u, w = setting(name, "perona-malik", scheme)
    kernel, ((key, value),), e = network.compile("numpy"), parameters.items(), 1e-6
    grad, by = kernel.vjp(u, w, **parameters)
    d = np.random.default_rng(8).normal(size=u.shape)
    along = ((kernel(u + e * d, **parameters) - kernel(u - e * d, **parameters)) * w).sum() / (2 * e)
    assert (grad * d).sum() == pytest.approx(along, rel=1e-6, abs=1e-7)
    through = ((kernel(u, **{key: value + e}) - kernel(u, **{key: value - e})) * w).sum() / (2 * e)
    assert by[key] == pytest.approx(through, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("scheme", ["explicit", "semi-implicit", "fsi"])
@pytest.mark.parametrize("coupling", ["isotropic", "separable"])
def test_gradients_by_step_and_sizes(coupling, scheme):
    options = {"cycle": 3} if scheme == "fsi" else {}
    sizes = ("h_1", "h_2") if coupling == "isotropic" else ("a", "a")
    network = st.Network("charbonnier", 2, "tau", sizes, coupling=coupling, scheme=scheme, **options)
    kernel = network.compile("numpy")
    values = {key: 0.3 if key == "tau" else 1.1 + 0.2 * k for k, key in enumerate(kernel._keys)}
    random, e = np.random.default_rng(9), 1e-6
    u, w = random.normal(size=(2, 4, 3))
    _, by = kernel.vjp(u, w, **values)
    for key, value in values.items():
        ahead, behind = (kernel(u, **values | {key: value + side * e}) for side in (1, -1))
        assert by[key] == pytest.approx(((ahead - behind) * w).sum() / (2 * e), rel=1e-6, abs=1e-7)
    layered, apart = values | {"tau": [0.3, 0.2]}, kernel.vjp(u, w, **values | {"tau": [0.3, 0.3]})[1]["tau"]
    assert apart.sum() == pytest.approx(by["tau"], rel=1e-9)
    assert kernel(u, **layered).shape == u.shape
    with pytest.raises(st.StabilityError) if scheme != "semi-implicit" else np.errstate():
        kernel(u, **values | {"tau": 0.9})


def test_signals_of_too_few_axes_and_steps_beyond_the_bound_are_refused():
    kernel = st.Network("perona-malik", h=(1, 1), channels=True).compile("numpy")
    with pytest.raises(
        st.NonlinearityError, match=r"shape \(4, 4\): it needs at least 3 axes; the last 2 are filtered, th"
    ):
        kernel(np.zeros((4, 4)), lam=1.0)
    with pytest.raises(
        st.StabilityError, match=r"above the largest stable step 1/4 \(max-min principle, h = \(1, 1\)\)"
    ):
        st.Network("perona-malik", tau="1/2", h=(1, 1))
    with pytest.raises(st.StabilityError, match="Euclidean norm"):
        st.Network("perona-malik", tau="1/2", h=(1, 1), scheme="fsi")
    with pytest.raises(st.NonlinearityError, match=r"symtrans.models"):
        st.Network("perona-malik", tau="1/2", h=(1, 1), scheme="implicit").compile("numpy")


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_sample_and_one_line_are_fixed_and_one_axis(scheme, target):
    network, parameters, *_ = setting("image", scheme=scheme)
    kernel = network.compile(target)
    assert kernel(np.full((1, 1), 3.0), **parameters) == 3
    random = np.random.default_rng(1).normal(size=9)
    rows, columns = kernel(random[np.newaxis], **parameters), kernel(random[:, np.newaxis], **parameters)
    np.testing.assert_allclose(rows[0], columns[:, 0], atol=1e-15)


def test_a_files_header_regenerates_it(tmp_path, capsys):
    from symtrans.cli.application import app

    network = st.Network("perona-malik", 2, h=(1, "1/2"), channels=True, scheme="fsi", cycle=6, boundary="periodic")
    ((_, text),) = network.source("numpy").items()
    command = next(line for line in text.splitlines() if line.strip().startswith("symtrans generate")).split()[1:]
    app(command, standalone_mode=False)
    assert capsys.readouterr().out.rstrip() == text.rstrip()


@pytest.mark.parametrize("name", ["soft", "perona-malik"])
def test_gradients_stay_in_float32(name):
    """A zero of another dtype beside a flow would make doubles of it, and a branch would not fit."""
    network = st.Network(st.catalogue[name], 3, h=(1, 1))
    u = np.random.default_rng(5).normal(size=(2, 6, 7))
    values = {"theta" if name == "soft" else "lam": 0.4}
    grad, by = network.compile("numpy", "float32").vjp(u.astype("float32"), u.astype("float32"), **values)
    wide, wide_by = network.compile("numpy").vjp(u, u, **values)
    np.testing.assert_allclose(grad, wide, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(list(by.values()), list(wide_by.values()), rtol=1e-3)
