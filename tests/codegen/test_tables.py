"""Kernels that look splines up: their values and gradients, the range that they keep, and the bits of every build."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

import symtrans as st
from symtrans import Activation, Network
from symtrans.codegen.floating_point.range_proof import keeps_range
from symtrans.codegen.tables import no_steeper, table_of
from tests.codegen.test_c_tilings import FLAGS, assert_same_bits, signal

STEP, LAST, BLOCKS = 0.25, 12, 5
KNOTS = STEP * np.arange(LAST + 1)
SPLINE = Activation.from_knots(KNOTS, 2 * KNOTS / (1 + KNOTS**2), tail="constant")
REALS = {"float64": ctypes.c_double, "float32": ctypes.c_float}
CUTS = (
    "-march=native -fopenmp",
    "-DVECTOR_BYTES=0 -DDEPTH=2 -DMOST_LEVELS=2",
    pytest.param("-DVECTOR_BYTES=16 -DABREAST=3 -DCHUNK=16", marks=pytest.mark.long),
    pytest.param("-DVECTOR_BYTES=32 -DADJOINT_DEPTH=1", marks=pytest.mark.long),
    pytest.param("-DVECTOR_BYTES=64 -DDEPTH=4 -fopenmp", marks=pytest.mark.long),
)
pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")


def network(**options):
    """At the largest step, where rounding has the least room."""
    return Network(SPLINE, BLOCKS, st.certify(SPLINE).max_min_step(), **options)


class Build:
    """A kernel compiled with some flags, as a program in C calls it."""

    def __init__(self, dtype, cut, folder):
        source = network().source("c", dtype)
        source.write(folder)
        (name,) = (name for name in source if name.endswith(".c"))
        library = folder / "kernel.so"
        subprocess.run(
            ["gcc", *FLAGS, "-Wall", "-Werror", *cut.split(), name, "-o", library, "-lm"], cwd=folder, check=True
        )
        self.dtype, self._library, self._name = dtype, ctypes.CDLL(str(library)), name[:-2]

    def __call__(self, f, tables, threads=1):
        u, (suffix, values) = np.full_like(f, 7), self._values(tables)
        function = getattr(self._library, self._name + suffix)
        arrays, sizes = [ctypes.c_void_p] * 2, [ctypes.c_size_t] * 2
        function.argtypes = [*arrays, *sizes, ctypes.c_void_p, ctypes.c_int]
        function(f.ctypes.data, u.ctypes.data, *f.shape, values.ctypes.data, threads)
        return u

    def vjp(self, f, w, tables, threads=1):
        grad, by = np.full_like(f, 7), np.full((LAST + 2, BLOCKS), 7.0)
        suffix, values = self._values(tables)
        function = getattr(self._library, self._name + ("_vjp_layers" if suffix == "_layers" else "_vjp"))
        function.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_size_t] * 2 + [ctypes.c_void_p, ctypes.c_int]
        arrays = (array.ctypes.data for array in (f, w, grad, by))
        assert function(*arrays, *f.shape, values.ctypes.data, threads) == 0
        return grad, by

    def _values(self, tables):
        return "_layers" if np.ndim(tables) == 2 else "_threads", np.ascontiguousarray(tables, self.dtype)


@pytest.fixture(scope="module", params=REALS)
def usual(request, tmp_path_factory):
    return Build(request.param, CUTS[0], tmp_path_factory.mktemp("table"))


def box(tables, dtype):
    """Tables from numbers between 0 and 1: those, times what they may be; the last is the rise of the tail."""
    steepest = float(table_of(SPLINE.half, st.certify(SPLINE).g_max.value).steepest)
    values = np.array(tables) * steepest * np.arange(LAST + 2)
    values[..., -1] = values[..., -2] + np.array(tables)[..., -1] * steepest
    return no_steeper(values.astype(dtype), steepest)


def by_definition(u, tables):
    """The blocks in double, Phi by NumPy's interpolation."""
    tau, u = float(st.certify(SPLINE).max_min_step()), u.astype(float)
    places = STEP * np.arange(LAST + 2)
    for table in np.broadcast_to(tables, (BLOCKS, LAST + 2)).astype(float):
        r = np.diff(u)
        beyond = np.maximum(np.abs(r) - places[-1], 0) * (table[-1] - table[-2]) / STEP
        flux = np.sign(r) * (np.interp(np.abs(r), places, table) + beyond)
        u = u + tau * np.diff(flux, prepend=0, append=0)
    return u


@pytest.mark.parametrize("cut", CUTS[1:])
def test_every_build_gives_the_same_bits(usual, cut, tmp_path):
    other, tables = (
        Build(usual.dtype, cut, tmp_path),
        box(np.random.default_rng(1).random((BLOCKS, LAST + 2)), usual.dtype),
    )
    for shape in ((1, 1), (3, 5), (9, 40), (1, 700), (17, 130)):
        for special in (False, True):
            f = signal(shape, usual.dtype, special)
            for given in (tables, tables[0]):
                assert_same_bits(other(f, given), usual(f, given))
            assert_same_bits(usual(f, tables, 3), usual(f, tables))
        w = signal(shape[::-1], usual.dtype, False).reshape(shape)
        expected = usual.vjp(f, w, tables)
        for found in (other.vjp(f, w, tables), usual.vjp(f, w, tables, 3)):
            for one, wanted in zip(found, expected, strict=True):
                assert_same_bits(one, wanted)


def test_values_and_gradients_are_those_of_the_definition(usual):
    random = np.random.default_rng(2)
    tables = box(0.4 + 0.05 * random.random((BLOCKS, LAST + 2)), usual.dtype)  # nothing grows
    eps = float(np.finfo(usual.dtype).eps)
    f, w = (signal((7, 60), usual.dtype, False) + random.random((7, 60)).astype(usual.dtype) for _ in range(2))
    np.testing.assert_allclose(usual(f, tables), by_definition(f, tables), atol=300 * eps)
    grad, by = usual.vjp(f, w, tables)
    for direction, found in ((random.normal(size=f.shape), grad), (random.normal(size=(BLOCKS, LAST + 2)), by.T)):
        h = 1e-7
        moved = (direction, 0) if direction.shape == f.shape else (0, direction)
        ends = [(w * by_definition(f + s * h * moved[0], tables + s * h * moved[1])).sum() for s in (1, -1)]
        assert (direction * found).sum() == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5 + 1e4 * eps)
    assert usual.vjp(f, w, tables[0])[1].shape == by.shape


def test_no_table_of_the_box_leaves_the_range(usual):
    """At the largest step, with values at the ends of the box, where g jumps between 0 and its largest value."""
    random = np.random.default_rng(3)
    for _ in range(200):
        tables = box(random.choice([0, 0.5, 1], (BLOCKS, LAST + 2)), usual.dtype)
        f = (random.choice([STEP, 1.0, 1e-3, 1e6]) * random.normal(size=(4, 50))).astype(usual.dtype)
        f = random.choice([f, np.round(f / STEP) * STEP]).astype(usual.dtype)
        u = usual(f, tables)
        assert (u.min(1) >= f.min(1)).all()
        assert (u.max(1) <= f.max(1)).all()
    broken = f.copy()
    broken[1, 20] = np.nan
    assert np.isnan(usual(broken, tables)[1, 20 - BLOCKS : 21 + BLOCKS]).all()


@pytest.mark.parametrize(
    "grid",
    [{"h": (1, "7/5")}, pytest.param({"h": (1, 2, 1), "coupling": "separable"}, marks=pytest.mark.long)],
)
def test_no_table_of_the_box_leaves_the_range_of_an_image(grid):
    step = st.certify(SPLINE).max_min_step(grid["h"])
    run, random = Network(SPLINE, BLOCKS, step, **grid).compile("c", "float32")._run, np.random.default_rng(3)
    for _ in range(200):
        tables = box(random.choice([0, 0.5, 1], (BLOCKS, LAST + 2)), "float32")
        f = random.choice([STEP, 1.0, 1e-3, 1e6]) * random.normal(size=(2, 6, 9, 14)[: 1 + len(grid["h"])])
        f = random.choice([f, np.round(f / STEP) * STEP]).astype("float32")
        u = np.empty_like(f)
        run(f, u, (tables,))
        assert f.min() <= u.min() <= u.max() <= f.max()


def test_the_header_says_what_is_proved():
    made = network()
    program = made.lowered("c", "float32").program
    g_max = made.certificate.g_max.value
    assert keeps_range(program, g_max)
    assert not keeps_range(program, g_max * 999 / 1000)
    header = made.source("c", "float32")["network_f32.h"]
    assert "holds exactly, since tau stays 64 roundings below its bound" in header
    assert f"0 <= v_{LAST + 1} - v_{LAST} <= S" in header


def test_which_splines_are_tables():
    def table(knots, values, kind=Activation, **options):
        phi = kind.from_knots(knots, values, **options).to(Activation)
        return table_of(phi.half, st.certify(phi).g_max.value)

    tenths = np.linspace(0, 3, 31)  # in double, as everyone makes them
    found = table(tenths, np.tanh(tenths))
    assert found.size == 31 or found.size == 32  # beyond the last knot it goes on
    np.testing.assert_allclose(found.numbers("float64")[:30], np.tanh(tenths)[:30], rtol=1e-15)
    assert table(np.delete(tenths, [4, 7]), np.tanh(np.delete(tenths, [4, 7]))).size == found.size
    assert table(tenths, tenths / 2 - np.tanh(tenths) / 4, st.Shrinkage) is not None
    assert table(np.geomspace(0.1, 3, 31), np.tanh(tenths)) is None  # unevenly spaced
    assert table(tenths, np.sin(tenths * 2)) is None  # g is negative somewhere
    assert table(tenths[:5], np.tanh(tenths[:5])) is None  # as quickly compared with its few breaks


def test_a_network_of_a_spline_has_its_own_values():
    u = np.random.default_rng(4).normal(size=(3, 40))  # apart from knots, whose slope is that beyond
    made = network()
    np.testing.assert_allclose(made.compile("c")(u), made.compile("numpy")(u), atol=1e-13)
    grad, by = made.compile("c").vjp(u, u)
    assert by == {}
    np.testing.assert_allclose(grad, made.compile("numpy").vjp(u, u)[0], atol=1e-12)
