"""What the machine allows on images: the arithmetic of one level, on rows that stay in the first cache.

The differences between the samples of a cell, their squares, the kernel's own g, the means of g over the cells of an
edge, what flows over it, and its sum: all on aligned vectors of independent samples, with no shifts, no dependences, no
ends, and no rows of cells or of fluxes that come and go.
"""

import ctypes
import time
from collections.abc import Callable

import numpy as np

from benchmarks.image_cases import Diffusivity, Images
from symtrans.runtime.c_compiler import shared_library

_SOURCE = """
#include "kernel.h"
void level(real *u, size_t count, size_t times, real v, real w, real parameter)
{{
    const struct given given = {{ &parameter, 0, 0, 1 }};
    const struct constants k = constants_of(&given, 0);
    const vec neighbour = splat(v), flow = splat(w);
    for (size_t t = 0; t < times; t++)
        for (size_t i = 0; i + ABREAST * LANES <= count; i += ABREAST * LANES) {{
            const int count = ABREAST;
            vec q[ABREAST], g[ABREAST];
            UNROLL
            for (int each = 0; each < ABREAST; each++) {{
                const real *const at = u + i + each * LANES;
                {corners}
                {squares}
                q[each] = k.inverse_square_0 * ({sum});
            }}
            diffusivity(ABREAST, q, g{constants});
            UNROLL
            for (int each = 0; each < ABREAST; each++) {{
                real *const at = u + i + each * LANES;
                const vec here = load(at);
                vec inflow = splat(0);
                {flows}
                store(at, fma_vec(k.step_0, inflow, here));
            }}
            (void)count;
        }}
}}
"""
_ROW = 1152


def _source(axes: int, takes_constants: bool) -> str:
    corners = range(2**axes)
    edges = [[(i, i + 2**a) for i in corners if not i >> a & 1] for a in range(axes)]
    more = {2: "neighbour", 3: "((neighbour + flow) + neighbour)"}[axes]  # means over 2 or 4 cells
    rows = [f"const vec c{i} = load(at + {i * _ROW});" for i in corners]
    squares = [f"vec along_{a} = splat(0);" for a in range(axes)]  # as in the kernel, none waits for the others
    squares += [f"along_{a} = fma_vec(c{j} - c{i}, c{j} - c{i}, along_{a});" for a in range(axes) for i, j in edges[a]]
    flows = [f"inflow = inflow + ((g[each] + {more}) * (load(at + {2**a * _ROW}) - here) - flow);" for a in range(axes)]
    return _SOURCE.format(
        corners=" ".join(rows),
        squares=" ".join(squares),
        sum=" + ".join(f"along_{a}" for a in range(axes)),
        flows=" ".join(flows),
        constants=", &k" * takes_constants,
    )


def arithmetic(given: Diffusivity, load: Images) -> Callable[[], float]:
    """An action that returns the nanoseconds for one sample and step, with as many vectors abreast as is best."""
    files = load.network(given.case).source("c", "float32")
    header, source = (next(name for name in files if name.endswith(end)) for end in (".h", ".c"))
    takes_constants = "vec *value, const struct constants *k)" in files[source]
    texts = {header: files[header], "kernel.h": files[source], "limit.c": _source(load.axes, takes_constants)}
    levels = [shared_library(texts, defines=("WITHOUT_VJP", f"ABREAST={abreast}")).level for abreast in (2, 3, 4)]
    for level in levels:
        level.argtypes = [ctypes.c_void_p, *[ctypes.c_size_t] * 2, *[ctypes.c_float] * 3]
    rows = np.random.default_rng(0).normal(size=(2**load.axes, _ROW)).astype(np.float32)
    times = 3000

    def run() -> float:
        seconds = []
        for level in levels:
            u = rows.copy()
            start = time.perf_counter()
            level(u.ctypes.data, _ROW, times, 0.5, 0.1, given.case.parameter)
            seconds.append(time.perf_counter() - start)
        return min(seconds) * 1e9 / _ROW / times

    return run
