"""Explicit kernels of images and volumes: right, in range to the last bit, the same bits however cut."""

import re
import shutil
import subprocess
from itertools import product

import numpy as np
import pytest

import symtrans as st
from benchmarks import stress
from symtrans import Activation, Network
from symtrans.language.symbols import keyword_of
from tests.codegen.test_c_source import COMPILERS, IN_TURN, run
from tests.codegen.test_c_tilings import assert_same_bits
from tests.turns import in_turns

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")

DTYPES = ("float64", "float32")
FAMILIES = ("perona-malik", "truncated-tv", "truncated-bfb", "hard", "charbonnier")
GRIDS = {
    "image": {"h": (1, 1)},
    "long pixels": {"h": (1, "1/2")},
    "torus": {"h": (1, 1), "boundary": "periodic"},
    "colours": {"h": (1, 1), "channels": True},
    "volume": {"h": (1, 1, 1)},
    "slices on a torus": {"h": (2, 1, 1), "boundary": "periodic", "channels": True},
    "channels": {"h": 1, "channels": True},
    "edges": {"h": (1, "1/2"), "coupling": "separable"},
    "edges on a torus": {"h": (1, 1, 1), "coupling": "separable", "boundary": "periodic"},
}
SPLINE = Activation.from_knots(range(11), [2 * k / (2 + k) for k in range(11)], tail="constant")
SHAPES = ((1, 1, 1), (1, 2, 5), (6, 1, 9), (4, 3, 1), (5, 7, 40), (2, 23, 70))


def shape_on(network, shape):
    """Two arrays with as many axes as the network takes, three channels."""
    return (2, *(3,) * network.grid.channels, *shape[-network.grid.dimensions :])


def values_of(network, value=0.75):
    return {keyword_of(symbol): value for symbol in network.parameters}


def by_cells(u, network, g):
    """One block in float64, written with padded arrays and means over neighbours along the other axes."""
    grid = network.grid
    axes = range(u.ndim - grid.dimensions, u.ndim)
    padding = [(1, 1) if axis in axes else (0, 0) for axis in range(u.ndim)]
    padded = np.pad(u, padding, mode="wrap" if grid.boundary == "periodic" else "symmetric")

    def mean_across(x, along):
        for axis in axes:
            if axis != along:
                count = x.shape[axis]
                x = (np.take(x, range(count - 1), axis) + np.take(x, range(1, count), axis)) / 2
        return x

    slopes = {axis: np.diff(padded, axis=axis) / float(h) for axis, h in zip(axes, grid.sizes, strict=True)}
    q = sum(mean_across(slope**2, axis) for axis, slope in slopes.items())
    if grid.channels:
        q = q.sum(axis=axes[0] - 1, keepdims=True)
    result = u.copy()
    for axis, h in zip(axes, grid.sizes, strict=True):
        inside = tuple(slice(None) if other == axis or other not in axes else slice(1, -1) for other in range(u.ndim))
        flux = (mean_across(g(q), axis) if grid.coupled else g(slopes[axis] ** 2)[inside]) * slopes[axis][inside]
        result += float(network.tau) / float(h) * np.diff(flux, axis=axis)
    return result


G = {
    "perona-malik": lambda q: np.exp(-q / (2 * 0.75**2)),
    "charbonnier": lambda q: 1 / np.sqrt(1 + q / 0.75**2),
    "truncated-bfb": lambda q: np.where(q <= 2 * 0.75**2, 1, 2 * 0.75**2 / np.maximum(q, 1e-300)),
}


@pytest.mark.parametrize(("key", "dtype"), in_turns(GRIDS, DTYPES))
def test_blocks_agree_with_an_independent_formulation(key, dtype):
    for name, blocks in zip(G, (1, 3, 20), strict=True):
        network = Network(st.catalogue[name], blocks, **GRIDS[key])
        kernel = network.compile("c", dtype)
        for shape in SHAPES:
            u = np.random.default_rng(7).normal(size=shape_on(network, shape)).astype(dtype)
            expected = u.astype(float)
            for _ in range(blocks):
                expected = by_cells(expected, network, G[name])
            found = kernel(u, **values_of(network))
            np.testing.assert_allclose(found, expected, rtol=0, atol=2000 * np.finfo(dtype).eps)
            own = u.copy()
            assert kernel(own, out=own, **values_of(network)) is own
            assert_same_bits(own, found)
            turned = np.asfortranarray(u)
            assert_same_bits(kernel(turned, **values_of(network)), found)


def test_layers_have_parameters_of_their_own():
    network = Network(st.catalogue["perona-malik"], 3, h=(1, 1))
    kernel, one = network.compile("c"), network.with_blocks(1).compile("c")
    u = np.random.default_rng(0).normal(size=(20, 30))
    expected = u
    for lam in (0.5, 1.0, 2.0):
        expected = one(expected, lam=lam)
    assert_same_bits(kernel(u, lam=[0.5, 1.0, 2.0]), expected)


DIFFERENTIATED = {
    "image": ("perona-malik", 5, {"h": (1, 1)}),
    "sizes as parameters": ("truncated-tv", 2, {"h": ("h", 1), "tau": "tau", "unstable": "allow"}),
    "volume": ("perona-malik", 2, {"h": (1, 1, 1)}),
    "colours on a torus": ("charbonnier", 3, {"h": (1, "1/2"), "boundary": "periodic", "channels": True}),
    "everything": (
        "charbonnier",
        2,
        {"h": (1, 2, "h"), "tau": "tau", "unstable": "allow", "boundary": "periodic", "channels": True},
    ),
    "channels": ("perona-malik", 4, {"h": 1, "channels": True}),
    "edges": ("charbonnier", 3, {"h": (2, "h", 1), "coupling": "separable", "tau": "tau", "unstable": "allow"}),
    "edges on a torus": ("perona-malik", 2, {"h": ("h", "h"), "coupling": "separable", "boundary": "periodic"}),
}


@pytest.mark.parametrize("key", DIFFERENTIATED)
def test_gradients_are_those_of_differences(key):
    name, blocks, options = DIFFERENTIATED[key]
    network = Network(st.catalogue[name], blocks, **options)
    kernel = network.compile("c")
    values = {word: {"tau": 0.1, "h": 0.9}.get(word, 0.7) for word in map(keyword_of, network.parameters)}
    for shape in ((1, 1, 1), (5, 5, 5), (7, 13, 40)):
        u, weights, way = np.random.default_rng(3).normal(size=(3, *shape_on(network, shape)))
        grad, by = kernel.vjp(u, weights, **values)
        ends = [np.sum(weights * kernel(u + step * way, **values)) for step in (1e-5, -1e-5)]
        assert np.sum(grad * way) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-6)
        for word, value in values.items():
            ends = [np.sum(weights * kernel(u, **{**values, word: value + step})) for step in (1e-5, -1e-5)]
            assert by[word] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-6)


def test_gradients_of_layers():
    network = Network(st.catalogue["charbonnier"], 11, h=(1, 1))
    kernel = network.compile("c")
    u, weights = np.random.default_rng(0).normal(size=(2, 3, 20, 30))
    grad, by = kernel.vjp(u, weights, lam=np.full(11, 0.7))
    whole, total = kernel.vjp(u, weights, lam=0.7)
    assert_same_bits(grad, whole)
    assert by["lam"].shape == (11,)
    assert by["lam"].sum() == pytest.approx(total["lam"])
    wanted, _ = kernel.vjp(u[1], weights[1], lam=0.7)
    assert_same_bits(wanted, grad[1])


def test_an_empty_array_stays_empty():
    kernel = Network(st.catalogue["perona-malik"], 2, h=(1, 1)).compile("c")
    assert kernel(np.zeros((0, 3)), lam=1.0).shape == (0, 3)
    assert kernel(np.zeros((2, 0, 4, 3)), lam=1.0).shape == (2, 0, 4, 3)


# ---- the range, and what is no number ---------------------------------------------------------------


@pytest.mark.parametrize("coupling", ["isotropic", "separable"])
@pytest.mark.parametrize("name", ["constant", "perona-malik"])
def test_the_range_is_kept_at_the_bound(name, coupling):
    family, h = st.catalogue[name], ("1/3", "7/5")
    network = Network(family, stress.BLOCKS, family.certificate.max_min_step(h), h, coupling=coupling)
    kernel, random = network.compile("c", "float32"), np.random.default_rng(0)
    for _ in range(20):
        assert stress.violations(kernel, stress.provocations(random, "float32"), values_of(network)) == 0


@pytest.mark.long
def test_a_long_stress_run_at_the_bound():
    assert stress.run(1e9, ("c",), stress.GRIDS) == 0


def test_the_header_says_what_keeps_the_range():
    safe = Network(st.catalogue["perona-malik"], h=(1, 1)).source("c")["perona_malik_f64.h"]
    assert "holds exactly, since tau stays 64 roundings below its bound" in safe
    assert "g as a whole: error at most" in safe
    clamped = Network(st.catalogue["tukey"], h=(1, 1, 1)).source("c")["tukey_f64.h"]
    assert "holds exactly, since each sample is clamped to its neighbours" in clamped


@pytest.mark.parametrize("key", GRIDS)
def test_a_clamped_kernel_keeps_each_sample_among_its_neighbours(key):
    network = Network(st.catalogue["constant"], 1, tau=2, unstable="allow", **GRIDS[key])
    for shape in SHAPES:
        u = np.random.default_rng(3).normal(size=shape_on(network, shape))
        found = network.compile("c", clamp=True)(u)
        axes = range(u.ndim - network.grid.dimensions, u.ndim)
        mode = "wrap" if network.grid.boundary == "periodic" else "edge"
        low, high = u, u
        for axis, side in product(axes, (0, 2)):
            padded = np.pad(u, [(1, 1) if a == axis else (0, 0) for a in range(u.ndim)], mode=mode)
            beside = np.take(padded, range(side, side + u.shape[axis]), axis)
            low, high = np.minimum(low, beside), np.maximum(high, beside)
        free = network.compile("c", clamp=False)(u)
        assert_same_bits(found, np.clip(free, low, high))


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_no_number_stays_within_reach(name):
    for grid in (GRIDS["image"], GRIDS["volume"]):
        network = Network(st.catalogue[name], 3, **grid)
        shape = (9, 12, 20)[-network.grid.dimensions :]
        u = np.random.default_rng(1).normal(size=shape)
        middle = tuple(n // 2 for n in shape)
        kernel, values = network.compile("c"), values_of(network)
        clean = kernel(u, **values)
        for bad in (np.nan, np.inf):
            u[middle] = bad
            found = kernel(u, **values)
            assert not np.isfinite(found[middle])
            distance = np.max(np.abs(np.indices(shape) - np.reshape(middle, (-1, *[1] * len(shape)))), axis=0)
            assert_same_bits(found[distance > 3], clean[distance > 3])


# ---- the text ----------------------------------------------------------------------------------------


def spline_on(key, blocks):
    """A network whose nonlinearity is looked up."""
    return Network(SPLINE, blocks, name=f"spline_{key}".replace(" ", "_"), **GRIDS[key])


def networks():
    """One of every form that the templates have."""
    for key in ("image", "edges on a torus", "colours"):
        yield spline_on(key, 3), None
    for k, (key, grid) in enumerate(GRIDS.items()):
        for clamp in (None, True):
            name = FAMILIES[(2 * k + bool(clamp)) % len(FAMILIES)]
            title = f"{name}_{key}{'_clamped' if clamp else ''}".replace("-", "_").replace(" ", "_")
            yield Network(st.catalogue[name], 3, name=title, **grid), clamp


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("compiler", IN_TURN)
def test_compiles_without_a_warning(compiler, every, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    turn = list(COMPILERS).index(compiler)
    for k, (network, clamp) in enumerate(networks()):
        if (k + k // 4) % 4 == turn or (every and k % 2 == (k // 2) % 2):
            network.source("c", DTYPES[k % 2], clamp=clamp).write(tmp_path)
    symbolic = Network(Activation("sgn(r) sqrt(|r|)"), tau="tau", h=("h", 1), unstable="allow", name="root")
    symbolic.source("c", "float32").write(tmp_path)
    sources = sorted(tmp_path.glob("*.c"))
    assert len(sources) > 4
    kind = "-c" if compiler == "gcc" else "-fsyntax-only"
    run([*COMPILERS[compiler], kind, *sources], tmp_path)


def test_one_diffusivity_a_cell_or_one_flux_an_edge():
    for network, _ in networks():
        functions = ("diffusivity", "cells") if network.grid.coupled else ("flux", "step_row")
        (text,) = (text for name, text in network.source("c").items() if name.endswith(".c"))
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        # its definition, and the one use; without channels samples take g of the cells after them on the way, too
        uses = {"diffusivity": 1 + ("step_together(" in code)}
        for name in functions:
            assert len(re.findall(rf"\b{name}\(", code)) == 1 + uses.get(name, 1)


MAIN = """\
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
{includes}
/* filters what comes in by the kernel whose number is given; the arrays on the heap are exactly as long */
int main(int argc, char **argv)
{{
    size_t n[5] = {{ 1, 1, 1, 1, 1 }}, all = 1;
    for (int i = 3; i < argc; i++)
        all *= n[i - 3] = strtoul(argv[i], NULL, 10);
    const int threads = atoi(argv[2]);
    void *f = malloc(8 * all), *u = malloc(8 * all), *grad = malloc(8 * all);
    double by[1024];
    size_t size = 0, count = 0;
    int failed = 1;
    switch (atoi(argv[1])) {{
{cases}
    }}
    failed |= fwrite(u, size, all, stdout) != all || fwrite(grad, size, all, stdout) != all;
    failed |= fwrite(by, sizeof *by, count, stdout) != count;
    free(f);
    free(u);
    free(grad);
    return failed;
}}
"""
CASE = """\
    case {index}:
        size = sizeof({real});
        count = {count};
        failed = fread(f, size, all, stdin) != all || {call} || {back};
        failed |= {again} || memcmp(f, u, size * all); /* in place */
        break;
"""


def program(folder, made, command, *, last=("-lm",)):
    """A program of several kernels, by their number."""
    includes, cases = "", ""
    for index, (network, dtype, clamp) in enumerate(made):
        stem = network.name + {"float64": "_f64", "float32": "_f32"}[dtype]
        source = network.source("c", dtype, clamp=clamp)
        source.write(folder)
        includes += f'#include "{stem}.h"\n'
        counts = ", ".join(f"n[{k}]" for k in range(1 + network.grid.axes))
        values = "".join(", (float)0.75" for _ in network.parameters)
        table = network.lowered("c", dtype).block.table
        real = {"float64": "double", "float32": "float"}[dtype]
        if table is not None:
            numbers = ", ".join(map(repr, table.numbers(dtype).tolist()))
            includes += f"static const {real} values_{index}[] = {{ {numbers} }};\n"
            values += f", values_{index}"
        call, again = (f"{stem}_threads(f, {to}, {counts}{values}, threads)" for to in ("u", "f"))
        by = "by, " if network.parameters or table else ""
        back = f"{stem}_vjp(f, u, grad, {by}{counts}{values}, threads)"
        count = (len(network.parameters) + (table.size if table else 0)) * network.blocks
        if f"{stem}_vjp" not in source[f"{stem}.h"]:
            back, count = "0", 0
        cases += CASE.format(index=index, real=real, call=call, back=back, again=again, count=count)
    (folder / "main.c").write_text(MAIN.format(includes=includes, cases=cases))
    run([*command, *sorted(folder.glob("*.c")), "-o", "program", *last], folder)


def filtered(folder, index, u, threads=1, before=()):
    done = subprocess.run(
        [*before, "./program", str(index), str(threads), *map(str, u.shape)],
        input=u.tobytes(),
        cwd=folder,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    both = np.frombuffer(done.stdout, u.dtype, 2 * u.size).reshape(2, *u.shape)
    return *both, np.frombuffer(done.stdout, float, offset=2 * u.nbytes)


def assert_agree(found, kernel, u):
    """The filtered array, and the gradients of half its square."""
    values = values_of(kernel.network)
    expected = kernel(u, **values)
    layers = {word: np.full(kernel.network.blocks, value) for word, value in values.items()}
    grad, by = kernel.vjp(u, expected, **layers)
    by = np.array([*by.values()])
    if kernel.network.origin == SPLINE:
        by = kernel._load_adjoint()(u, expected, ())[1] if u.size else np.zeros_like(found[2])  # by all values
    for one, other in zip(found, (expected, grad, by.ravel()), strict=True):
        assert_same_bits(one, other)


def trials(network, dtype):
    random = np.random.default_rng(5)
    for k, shape in enumerate(SHAPES):
        u = np.round(random.normal(size=shape_on(network, shape)) * 2, 2)
        if k % 2:
            places = random.integers(0, u.size, max(1, u.size // 90))
            u.flat[places] = random.choice([np.nan, np.inf, -np.inf, -0.0, 1e-42, 3e38, -3e38], places.size)
        yield u.astype(dtype)


@pytest.mark.long
def test_clean_under_the_sanitizers(tmp_path):
    made = [(network, DTYPES[k % 2], clamp) for k, (network, clamp) in enumerate(networks()) if k % 5 == 0]
    program(
        tmp_path,
        made,
        [
            "gcc",
            "-std=c11",
            "-O0",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=all",
            "-DROOM=3000",
            "-DKEPT=1",
            "-DBACK_ROOM=9000",
        ],
    )
    for index, (network, dtype, clamp) in enumerate(made):
        kernel = network.compile("c", dtype, clamp=clamp)
        for u in (*trials(network, dtype), np.zeros((0, *shape_on(network, SHAPES[1])[1:]), dtype)):
            assert_agree(filtered(tmp_path, index, u), kernel, u)


CUTS = (
    "-DVECTOR_BYTES=0 -DMOST_LEVELS=1 -DROOM=1 -DBAND=3 -DKEPT=1 -DMOST_BACK=3",
    "-DVECTOR_BYTES=16 -DMOST_LEVELS=2 -DBAND=1 -DTOGETHER=1 -DBACK_ROOM=1 -DROOM=20000",
    "-DVECTOR_BYTES=32 -DROOM=6000 -march=native -fopenmp -DNARROW(l)=5 -DBACK_ROOM=20000",
    "-DVECTOR_BYTES=64 -DBAND=7 -O2 -DABREAST=3 -fopenmp -DMOST_LEVELS=5 -march=native -DSTREAMED_BYTES=1",
)


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(CUTS[0], id="scalar", marks=pytest.mark.long),
        pytest.param(CUTS[1], id="narrow", marks=pytest.mark.long),
        pytest.param(CUTS[2], id="tiles"),
        pytest.param(CUTS[3], id="wide", marks=pytest.mark.long),
    ],
)
def test_every_cut_gives_the_same_bits(cut, every, tmp_path):
    made = [
        (Network(st.catalogue[FAMILIES[k % 5]], 11, name=key.replace(" ", "_"), **grid), DTYPES[k % 2], k == 3 or None)
        for k, (key, grid) in enumerate(GRIDS.items())
        if every or k % 4 == CUTS.index(cut)
    ]
    made += [(spline_on("image" if CUTS.index(cut) % 2 else "edges on a torus", 5), DTYPES[CUTS.index(cut) % 2], None)]
    flags = ["-std=c11", "-O1", "-ffp-contract=off", "-fno-math-errno", *cut.split()]
    program(tmp_path, made, ["gcc", *flags])
    for index, (network, dtype, clamp) in enumerate(made):
        kernel = network.compile("c", dtype, clamp=clamp, threads=2)
        for u in trials(network, dtype):
            for threads in (1, 3):
                assert_agree(filtered(tmp_path, index, u, threads), kernel, u)


def test_one_block_along_the_rows_has_the_bits_of_tiles(tmp_path):
    made = [
        (Network(st.catalogue["charbonnier"], 1, name="once", h=(1, 1)), "float32", None),
        (Network(st.catalogue["truncated-bfb"], 1, name="clamped", h=(1, "1/2")), "float64", True),
    ]
    cuts = {
        "tiles": ("-DROOM=1",),
        "rows": (
            "-march=native",
            "-DLONG_ROW=1",
            "-DSTREAMED_BYTES=1",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=all",
        ),
    }
    for cut, flags in cuts.items():
        (tmp_path / cut).mkdir()
        command = ["gcc", "-std=c11", "-O0", "-fopenmp", "-ffp-contract=off", "-fno-math-errno", *flags]
        program(tmp_path / cut, made, command)
    for index, (network, dtype, _) in enumerate(made):
        rows_on_lines = np.random.default_rng(6).normal(size=(2, 7, 64)).astype(dtype)
        for u in (*trials(network, dtype), rows_on_lines):
            expected, *_ = filtered(tmp_path / "tiles", index, u)
            for threads in (1, 3):
                assert_same_bits(filtered(tmp_path / "rows", index, u, threads)[0], expected)


def test_another_architecture_gives_the_same_bits(tmp_path):
    compiler, machine = "aarch64-linux-gnu-gcc", "qemu-aarch64"
    if not (shutil.which(compiler) and shutil.which(machine)):
        pytest.skip(f"no {compiler}, or no {machine}")
    made = [
        (Network(st.catalogue["truncated-bfb"], 3, name=key.replace(" ", "_"), **grid), DTYPES[k % 2], None)
        for k, (key, grid) in enumerate(GRIDS.items())
        if k % 4 == 1
    ]
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-ffp-contract=off", "-static"]
    program(tmp_path, made, [compiler, *flags])
    for index, (network, dtype, _) in enumerate(made):
        kernel = network.compile("c", dtype)
        for u in trials(network, dtype):
            assert_agree(filtered(tmp_path, index, u, before=[machine]), kernel, u)
