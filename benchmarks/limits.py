"""What the machine allows: reading and writing a signal in place, and the arithmetic of one time level.

The second runs over rows that stay in the first cache, with nothing but the
arithmetic of a step (a difference, the flux, a difference, one product, one
sum) on independent samples, vectorised by the compiler: no shifts, no
dependences. exp is a polynomial of degree 5 (float). No limit
is measured for log, tanh, erf, and exp in double.
"""

import ctypes
import time
from collections.abc import Callable

import numpy as np

from benchmarks.cases import ROOT2, THETA
from symtrans.codegen.compiler import shared_library

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
void level(real *restrict u, const real *restrict v, const real *restrict w, size_t count, size_t times)
{{
    const real bound = (real){bound};
    for (size_t t = 0; t < times; t++)
        for (size_t i = 0; i < count; i++) {{
            const real r = v[i] - u[i];
            u[i] += (real)0.25 * (({phi}) - w[i]);
        }}
}}
void stream(real *u, size_t count)
{{
    for (size_t i = 0; i < count; i++)
        u[i] = u[i] * (real)0.999 + (real)0.001;
}}
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


def arithmetic(name: str, dtype: str) -> Callable[[], float] | None:
    """An action that returns the nanoseconds for one sample and step, or None."""
    if name not in PHI or (name, dtype) == ("perona-malik", "float64"):
        return None  # gcc does not vectorise the 64-bit exp below for AVX2, which would be no limit
    library = _library(PHI[name], dtype)
    random = np.random.default_rng(0)
    u, v, w = (random.normal(size=512).astype(dtype) for _ in range(3))
    times = 20_000

    def run() -> float:
        start = time.perf_counter()
        pointers = (ctypes.c_void_p(x.ctypes.data) for x in (u, v, w))
        library.level(*pointers, ctypes.c_size_t(u.size), ctypes.c_size_t(times))
        return (time.perf_counter() - start) * 1e9 / u.size / times

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
