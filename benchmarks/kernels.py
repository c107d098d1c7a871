"""Measure the kernels against their peers and the machine: ``python -m benchmarks kernels [--quick] [--write]``.

Prints nanoseconds for one sample and step, and with ``--write`` puts them into
docs/performance.md. The rivals of one cell run in turn (A B C A B C ...) in
one process; a figure is the median of the rounds.
"""

import argparse
import ctypes
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import limits, peers
from benchmarks.cases import CASES, Case, Workload, network, signal, workloads
from benchmarks.images_page import HEADING
from benchmarks.kernels_page import Cell, Growth, page
from benchmarks.splines import splines, table
from symtrans.runtime.c_compiler import shared_library

ROUNDS = 7
PATIENCE = 10.0  # seconds for one call of a rival
DTYPES = ("float32", "float64")
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def timed(action: Callable[[], Any]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def ours(case: Case, load: Workload, u: np.ndarray, target: str) -> Callable[[], Any]:
    """The kernel of symtrans as a user calls it, with `out`; one step in place."""
    kernel = network(case, load.blocks).compile(target, u.dtype.name)
    out, ones = np.empty_like(u), np.ones_like(u)
    if load.in_place:
        u = out = u.copy()
    if load.gradient:
        return lambda: kernel.vjp(u, ones, **case.parameters)
    return lambda: kernel(u, out=out, **case.parameters)


def alone(case: Case, load: Workload, u: np.ndarray) -> Callable[[], Any]:
    """The function of the C kernel itself, called with addresses: what one signal costs a program in C."""
    files = network(case, load.blocks).source("c", u.dtype.name)
    function = getattr(
        shared_library(dict(files), defines=("WITHOUT_VJP",)), next(name for name in files if name.endswith(".c"))[:-2]
    )
    real = ctypes.c_float if u.dtype == np.float32 else ctypes.c_double
    function.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_size_t] * 2 + [real]
    out = np.empty_like(u)
    arguments = (u.ctypes.data, out.ctypes.data, *u.shape, case.parameter)
    return lambda kept=(u, out): function(*arguments)


def rivals(case: Case, load: Workload, u: np.ndarray, wanted: tuple[str, ...]) -> dict[str, list[Callable[[], Any]]]:
    """By name; of several forms of one rival the fastest counts."""
    found: dict[str, list[Callable[[], Any]]] = {"C": [ours(case, load, u, "c")]}
    if u.size < 2**16:  # where the call from Python counts
        found["C alone"] = [alone(case, load, u)]
    if "numpy" in wanted:
        found["NumPy, ours"] = [ours(case, load, u, "numpy")]
        plain = peers.by_numpy(case, load, u)
        found |= {"NumPy, plain": [plain]} if plain else {}
    for name, make in (("jax", peers.by_jax), ("torch", peers.by_torch)):
        if name in wanted:
            found[{"jax": "jax.jit", "torch": "torch.compile"}[name]] = make(case, load, u)
    if "numba" in wanted:
        found["numba"] = peers.by_numba(case, load, u)
    return found


def measure(case: Case, load: Workload, dtype: str, wanted: tuple[str, ...], rounds: int) -> Cell:
    """One cell of the table: all rivals in turn."""
    u = signal(load.shape, dtype)
    actions: dict[str, Callable[[], Any]] = {}
    repeats: dict[str, int] = {}
    for name, forms in rivals(case, load, u, wanted).items():
        for form in forms:
            form()  # compiles
        fastest = min(forms, key=timed)
        once = timed(fastest)
        if once > PATIENCE:
            continue
        actions[name] = fastest
        repeats[name] = max(1, int(2e-3 / max(once, 1e-7)))
    arithmetic, stream = limits.arithmetic(case, dtype), limits.bandwidth(dtype)
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    levels: list[float] = []
    streams: list[float] = []
    for _ in range(rounds):
        for name, action in actions.items():
            count = repeats[name]
            start = time.perf_counter()
            for _ in range(count):
                action()
            seconds[name].append((time.perf_counter() - start) / count)
        levels.append(arithmetic())
        streams.append(stream())
    figures = {name: 1e9 * median(values) / load.sample_steps for name, values in seconds.items()}
    limit = max(median(levels), median(streams) if load.in_place else 0.0)
    return Cell(case.name, load.name, dtype, figures, None if load.gradient else limit)


def growth(rounds: int, quick: bool) -> Iterator[Growth]:
    """Perona-Malik in float32: nanoseconds for one sample and step over m and over N."""
    case = CASES[0]
    for blocks in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        load = Workload("m", (1, 2**18 if quick else 2**22), blocks)
        action = ours(case, load, signal(load.shape, "float32"), "c")
        action()
        yield Growth("m", blocks, 1e9 * median(timed(action) for _ in range(rounds)) / load.sample_steps)
    for power in range(8, 23 if quick else 27, 2):
        load = Workload("N", (1, 2**power), 32)
        action = ours(case, load, signal(load.shape, "float32"), "c")
        action()
        yield Growth("N", 2**power, 1e9 * median(timed(action) for _ in range(rounds)) / load.sample_steps)


def main() -> int:
    """Measure what is asked for, print it, write the page if wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="smaller signals")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--peers", default=",".join(peers.ALL), help="which, separated by commas")
    parser.add_argument("--workloads", default="W1,W2,W3,W4,W5")
    parser.add_argument("--activations", default=",".join(case.name for case in CASES))
    parser.add_argument("--dtypes", default=",".join(DTYPES))
    parser.add_argument("--remark", default="", help="a sentence for the page")
    parser.add_argument("--no-growth", action="store_true", help="leave out the growth with m and N")
    parser.add_argument("--no-splines", action="store_true", help="leave out a spline of 101 knots")
    chosen = parser.parse_args()
    wanted = tuple(name for name in chosen.peers.split(",") if name not in peers.absent())
    loads = workloads(chosen.quick)
    cells = []
    for dtype in chosen.dtypes.split(","):
        for load in loads:
            if load.name not in chosen.workloads.split(","):
                continue
            for case in CASES:
                if case.name in chosen.activations.split(","):
                    cells.append(measure(case, load, dtype, wanted, ROUNDS))
                    print(cells[-1].line(), flush=True)
    rows = [] if chosen.no_growth else list(growth(ROUNDS, chosen.quick))
    for row in rows:
        print(f"{row.variable} = {row.size}: {row.nanoseconds:.3f} ns")
    long = [load for load in loads if load.name in ("W2", "W3", "W5") and not chosen.no_splines]
    looked_up = [splines(load, ROUNDS) for load in long]
    for spline in looked_up:
        print(spline.line(), flush=True)
    if chosen.write:
        left_out = [name for name in peers.ALL if name not in wanted]
        _, heading, images = PAGE.read_text(encoding="utf-8").partition(HEADING)  # another command's
        text = page(cells, rows, loads, left_out, chosen.remark) + table(looked_up)
        PAGE.write_text(text + heading + images, encoding="utf-8")
        print(f"wrote {PAGE}")
    return 0
