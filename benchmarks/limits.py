"""What the machine allows: reading and writing a signal in place, and the arithmetic of one time level.

The second runs over a row that stays in the first cache, with nothing but the
arithmetic of a step (a difference, the flux, a difference, one product, one
sum) on independent samples: no shifts, no dependences, no ends. It is measured
in two forms, of which the faster counts: plain C, vectorised by the compiler,
where the flux is one that it can vectorise (exp a polynomial of degree 5 or
11), and the flux of the kernel itself, three or four vectors abreast.
"""

import ctypes
import time
from collections.abc import Callable

import numpy as np

from benchmarks.cases import ROOT2, THETA, Case, network
from symtrans.runtime.c_compiler import shared_library

PHI = {
    "perona-malik": "r * exponential(-(real)0.5 * r * r)",
    "charbonnier": "r / square_root((real)1 + r * r)",
    "truncated-tv": "r < -bound ? -bound : r > bound ? bound : r",
    "truncated-bfb": "absolute(r) > bound ? (real)0.5 / r : r",
    "hard": "absolute(r) > bound ? (real)0 : r",
}

SOURCE = """
#include <math.h>
#include <stddef.h>
#include <stdint.h>
typedef {real} real;
typedef {integer} integer;
#define square_root {sqrt}
#define absolute {fabs}
static inline real exponential(real x)
{{
    const real shifted = x * (real)1.4426950408889634 + (real){magic};
    const real n = shifted - (real){magic};
    const real y = x - n * (real)0.6931471805599453;
    real p = {leading};
    {horner}
    /* the last bits of `shifted` are n: no conversion to integers, which AVX2 lacks for 64 bits */
    union {{ integer i; real r; }} scale = {{ .r = shifted }};
    scale.i = (scale.i + {bias}) << {shift};
    return p * scale.r;
}}
void level(real *u, size_t count, size_t times, real v, real w, real parameter)
{{
    const real bound = (real){bound};
    (void)parameter;
    for (size_t t = 0; t < times; t++)
        for (size_t i = 0; i < count; i++) {{
            const real r = v - u[i];
            u[i] += (real)0.25 * (({phi}) - w);
        }}
}}
void stream(real *u, size_t count)
{{
    for (size_t i = 0; i < count; i++)
        u[i] = u[i] * (real)0.999 + (real)0.001;
}}
"""

# The kernel's own flux in the same loop.
OWN = """
#include "kernel.h"
void level(real *u, size_t count, size_t times, real v, real w, real parameter)
{
    const struct given given = { &parameter, 0, 0, 1 };
    const struct constants k = constants_of(&given, 0);
    const vec neighbour = splat(v), before = splat(w);
    for (size_t t = 0; t < times; t++)
        for (size_t i = 0; i + ABREAST * LANES <= count; i += ABREAST * LANES) {
            vec left[ABREAST], right[ABREAST], over[ABREAST];
            UNROLL
            for (int each = 0; each < ABREAST; each++) {
                left[each] = load(u + i + each * LANES);
                right[each] = neighbour;
            }
            fluxes(ABREAST, left, right, over, &k);
            UNROLL
            for (int each = 0; each < ABREAST; each++)
                store(u + i + each * LANES, fma_vec(k.step, over[each] - before, left[each]));
        }
}
"""


def _library(phi: str, dtype: str) -> ctypes.CDLL:
    single = dtype == "float32"
    degree = 5 if single else 11
    factorials = [1 / float(np.prod(np.arange(1, k + 1))) for k in range(degree + 1)]
    words = {
        "real": "float" if single else "double",
        "integer": "uint32_t" if single else "uint64_t",
        "sqrt": "sqrtf" if single else "sqrt",
        "fabs": "fabsf" if single else "fabs",
        "magic": "12582912.0" if single else "6755399441055744.0",
        "bias": 127 if single else 1023,
        "shift": 23 if single else 52,
        "leading": f"(real){factorials[-1]!r}",
        "horner": " ".join(f"p = p * y + (real){c!r};" for c in reversed(factorials[:-1])),
        "bound": repr(ROOT2 * THETA),
        "phi": phi,
    }
    return shared_library({"limit.c": SOURCE.format(**words)})


def _own(case: Case, dtype: str, abreast: int) -> ctypes.CDLL:
    files = network(case, 2).source("c", dtype)
    header, source = (next(name for name in files if name.endswith(end)) for end in (".h", ".c"))
    return shared_library(
        {header: files[header], "kernel.h": files[source], "limit.c": OWN},
        defines=("WITHOUT_VJP", f"ABREAST={abreast}"),
    )


def arithmetic(case: Case, dtype: str) -> Callable[[], float]:
    """An action that returns the nanoseconds for one sample and step."""
    real = ctypes.c_float if dtype == "float32" else ctypes.c_double
    levels = [_own(case, dtype, abreast).level for abreast in (3, 4)]
    if case.name in PHI:
        levels.append(_library(PHI[case.name], dtype).level)
    for level in levels:
        level.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, real, real, real]
    start_values = np.random.default_rng(0).normal(size=1152).astype(dtype)
    times = 10_000

    def run() -> float:
        seconds = []
        for level in levels:
            u = start_values.copy()
            start = time.perf_counter()
            level(u.ctypes.data, u.size, times, 0.5, 0.1, case.parameter)
            seconds.append(time.perf_counter() - start)
        return min(seconds) * 1e9 / u.size / times

    return run


def bandwidth(dtype: str) -> Callable[[], float]:
    """An action that returns the nanoseconds for one sample, read and written in place, far beyond the caches."""
    library = _library(PHI["hard"], dtype)
    u = np.ones(2**24, dtype)

    def run() -> float:
        start = time.perf_counter()
        library.stream(ctypes.c_void_p(u.ctypes.data), ctypes.c_size_t(u.size))
        return (time.perf_counter() - start) * 1e9 / u.size

    return run
