"""The generated C and its adjoint give the same bits however their work is cut: vectors, tiling, threads, compiler."""

import ctypes
import re
import shutil
import subprocess
from functools import cache

import numpy as np
import pytest

import symtrans as st
from symtrans import Activation, Network

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")

FLAGS = ("-std=c11", "-O1", "-fPIC", "-shared", "-ffp-contract=off", "-fno-math-errno")
TARGETS = {"float64": ctypes.c_double, "float32": ctypes.c_float}
NETWORKS = {  # name: (nonlinearity, settings)
    "perona-malik": ("perona-malik", {"blocks": 11}),
    "truncated-bfb": ("truncated-bfb", {"blocks": 70}),
    "clip, periodic": ("truncated-tv", {"blocks": 9, "boundary": "periodic", "name": "clip"}),
    "charbonnier, h": ("charbonnier", {"blocks": 7, "h": "1/3", "name": "fine"}),
    "charbonnier, one block": ("charbonnier", {"name": "single"}),
    "periodic, one block": ("truncated-tv", {"boundary": "periodic", "name": "one_clip"}),
    "sign": ("sgn(r) sqrt(|r|)", {"blocks": 6, "tau": "1/8", "unstable": "allow", "name": "root"}),
}
# The default on this machine comes first; each of the others is compared with it.
CUTS = {
    "float32": (
        "",
        "-DVECTOR_BYTES=0",
        "-DVECTOR_BYTES=16 -DDEPTH=1 -DCHUNK=16 -DABREAST=1",
        "-DVECTOR_BYTES=32 -DDEPTH=3 -DMOST_LEVELS=5 -DWOUND=1",
        "-DVECTOR_BYTES=64 -DDEPTH=8 -march=native",
        "-DSHORT=1000000 -O3 -march=native",
        "-fopenmp -march=native -DSTREAMED_BYTES=1 -DWOUND=16",
    ),
    "float64": (
        "",
        "-DVECTOR_BYTES=0 -DDEPTH=2 -DCHUNK=7",
        "-DVECTOR_BYTES=16 -DMOST_LEVELS=3 -march=native -DWOUND=1",
        "-DVECTOR_BYTES=32 -DDEPTH=5 -march=native -DABREAST=3",
        "-DVECTOR_BYTES=64 -DCHUNK=8",
        "-fopenmp -O2 -DABREAST=2 -march=native -DSTREAMED_BYTES=1",
    ),
}
SHAPES = ((1, 1), (1, 2), (3, 5), (9, 40), (1, 700), (3, 257), (17, 130), (2, 1500))


@cache
def network_of(name):
    nonlinearity, settings = NETWORKS[name]
    known = nonlinearity in st.catalogue
    return Network(st.catalogue[nonlinearity] if known else Activation(nonlinearity), **settings)


def signal(shape, dtype, special):
    """Steps and noise, on both sides of every threshold; some samples that are not finite, or extreme."""
    random = np.random.default_rng(shape)
    u = np.round(random.normal(size=shape) * 2, 2)
    if special:
        places = random.integers(0, u.size, max(1, u.size // 90))
        u.flat[places] = random.choice([np.nan, np.inf, -np.inf, -0.0, 1e-42, 3e38, -3e38], places.size)
    return u.astype(dtype)


def build(network, dtype, cut, folder, compiler="gcc", clamp=None):
    """The threaded function of a kernel compiled with the flags of `cut`."""
    source = network.source("c", dtype, clamp=clamp)
    source.write(folder)
    (name,) = (name for name in source if name.endswith(".c"))
    for macro, value in re.findall(r"-D(SHORT)=(\d+)", cut):  # which is no question of flags elsewhere
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(re.sub(rf"#define {macro} .*", f"#define {macro} {value}", text), encoding="utf-8")
    library = folder / f"{len(list(folder.iterdir()))}.so"
    subprocess.run(
        [compiler, *FLAGS, "-pedantic-errors", *cut.split(), name, "-o", library, "-lm"],
        cwd=folder,
        check=True,
        timeout=100,
        capture_output=True,
    )
    function = getattr(ctypes.CDLL(str(library)), f"{name[:-2]}_threads")
    real = TARGETS[dtype]
    function.argtypes = (
        [ctypes.c_void_p] * 2 + [ctypes.c_size_t] * 2 + [real] * len(network.parameters) + [ctypes.c_int]
    )
    function.restype = None
    adjoint = getattr(ctypes.CDLL(str(library)), f"{name[:-2]}_vjp")
    adjoint.argtypes = [ctypes.c_void_p, *[ctypes.c_void_p] * bool(network.parameters), *function.argtypes]

    def vjp(f, w, threads=1):
        """The gradients by the signal, and by the parameters in each block."""
        grad, by = np.full_like(f, 7), np.full((len(network.parameters), network.blocks), 7.0)
        arrays = (f, w, grad, *[by] * bool(network.parameters))
        values = [0.75] * len(network.parameters)
        assert adjoint(*(array.ctypes.data for array in arrays), *f.shape, *values, threads) == 0
        return grad, by

    def call(f, threads=1, out=None):
        u = np.full_like(f, 7) if out is None else out
        values = [0.75] * len(network.parameters)
        function(f.ctypes.data, u.ctypes.data, *f.shape, *values, threads)
        return u

    call.vjp = vjp
    return call


def assert_same_bits(found, expected):
    """NaN at the same places, and elsewhere bit for bit."""
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    there = ~np.isnan(expected)
    assert found[there].tobytes() == expected[there].tobytes()


def cuts_of(name, dtype, every):
    """All cuts, or the first, the last, and one of the others, so that each meets a network or two."""
    first, *others, last = CUTS[dtype]
    turn = list(NETWORKS).index(name)
    return CUTS[dtype] if every else (first, others[turn % len(others)], last)


# one template makes them all, so the types take turns
TURNS = [pytest.param(name, list(TARGETS)[k % 2], False) for k, name in enumerate(NETWORKS)]
ALL = [pytest.param(name, dtype, True, marks=pytest.mark.long) for name in NETWORKS for dtype in TARGETS]


@pytest.mark.parametrize(("name", "dtype", "every"), TURNS + ALL)
def test_every_cut_gives_the_same_bits(name, dtype, every, tmp_path):
    network, clamp = network_of(name), True if name.startswith("c") else None
    first, *others = (build(network, dtype, cut, tmp_path, clamp=clamp) for cut in cuts_of(name, dtype, every))
    for shape in SHAPES:
        for special in (False, True):
            f = signal(shape, dtype, special)
            expected = first(f)
            for other in others:
                assert_same_bits(other(f), expected)
            assert_same_bits(others[-1](f, threads=3), expected)
            own = f.copy()
            others[-1](own, threads=2, out=own)  # in place
            assert_same_bits(own, expected)
        w = signal(shape[::-1], dtype, False).reshape(shape)
        expected = first.vjp(f, w)
        for other in others:
            for found, wanted in zip(other.vjp(f, w), expected, strict=True):
                assert_same_bits(found, wanted)
        for found, wanted in zip(others[-1].vjp(f, w, 3), expected, strict=True):
            assert_same_bits(found, wanted)


@pytest.mark.parametrize("dtype", TARGETS)
def test_two_compilers_give_the_same_bits(dtype, tmp_path):
    if shutil.which("clang") is None:
        pytest.skip("no clang")
    network = network_of("truncated-bfb")
    one, other = (build(network, dtype, "-O2 -march=native", tmp_path, compiler) for compiler in ("gcc", "clang"))
    for shape in SHAPES:
        f = signal(shape, dtype, special=True)
        assert_same_bits(one(f), other(f))
        for found, expected in zip(one.vjp(f, f), other.vjp(f, f), strict=True):
            assert_same_bits(found, expected)


def test_threads_share_a_few_long_signals(tmp_path):
    """Fewer signals than threads: the pieces of one signal go to several threads, with halos between them."""
    network = network_of("truncated-bfb")
    kernel = build(network, "float32", "-fopenmp -O2 -march=native", tmp_path)
    f = signal((3, 20_011), "float32", special=True)
    expected = kernel(f)
    for threads, times in ((2, 3), (4, 3), (7, 3), (1000, 1)):  # to start a thousand takes long
        for _ in range(times):
            own = f.copy()
            assert_same_bits(kernel(f, threads), expected)
            assert_same_bits(kernel(own, threads, own), expected)


PROGRAM = """\
#include <stdio.h>
#include "{name}.h"

/* filters the samples that come in, as bits, and writes them out, with the gradients of half their square */
int main(void)
{{
    static {real} f[9 * 40], u[9 * 40], grad[9 * 40];
    static double by[{count}];
    if (fread(f, sizeof *f, 360, stdin) != 360) return 1;
    {name}(f, u, 9, 40, 0.75);
    if ({name}_vjp(f, u, grad, by, 9, 40, 0.75, 1)) return 2;
    if (fwrite(u, sizeof *u, 360, stdout) != 360 || fwrite(grad, sizeof *grad, 360, stdout) != 360) return 3;
    return fwrite(by, sizeof *by, {count}, stdout) != {count};
}}
"""


@pytest.mark.parametrize("dtype", TARGETS)
def test_another_architecture_gives_the_same_bits(dtype, tmp_path):
    compiler, machine = "aarch64-linux-gnu-gcc", "qemu-aarch64"
    if not (shutil.which(compiler) and shutil.which(machine)):
        pytest.skip(f"no {compiler}, or no {machine}")
    network = network_of("truncated-bfb")
    f = signal((9, 40), dtype, special=True)
    kernel = build(network, dtype, "-march=native", tmp_path)
    expected = kernel(f)
    name = {"float64": "truncated_bfb_f64", "float32": "truncated_bfb_f32"}[dtype]
    real = {"float64": "double", "float32": "float"}[dtype]
    (tmp_path / "main.c").write_text(PROGRAM.format(name=name, real=real, count=network.blocks))
    command = [compiler, "-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-ffp-contract=off"]
    subprocess.run(
        [*command, "-static", "main.c", f"{name}.c", "-o", "program", "-lm"], cwd=tmp_path, check=True, timeout=100
    )
    done = subprocess.run(
        [machine, "./program"], input=f.tobytes(), cwd=tmp_path, capture_output=True, timeout=100, check=True
    )
    u, grad = (np.frombuffer(done.stdout, dtype, f.size, k * f.nbytes).reshape(f.shape) for k in (0, 1))
    assert_same_bits(u, expected)
    expected_grad, expected_by = kernel.vjp(f, expected)
    assert_same_bits(grad, expected_grad)
    assert_same_bits(np.frombuffer(done.stdout, float, offset=2 * f.nbytes), expected_by.ravel())
