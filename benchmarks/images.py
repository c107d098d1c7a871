"""Measure kernels of images and volumes: ``python -m benchmarks images [--quick] [--write]``.

Prints nanoseconds for one sample and step and the ratios that count, and with ``--write`` puts them into
docs/performance.md. The rivals of a row run in turn (A B C A B C ...) in one process; a figure is the least of the
rounds. With ``--rows FILE`` a long run may be made in parts: rows are kept there, and a row measured again is replaced.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import image_limits, image_peers, limits
from benchmarks.clock import in_turn
from benchmarks.image_cases import DIFFUSIVITIES, Diffusivity, Images, picture, workloads
from benchmarks.images_page import HEADING, Row, part
from benchmarks.kernels import PAGE

ROUNDS = 5
PATIENCE = 4.0  # seconds: rivals that take longer run once, before the rounds
_TOOL_STEPS = 2
_NAMES = {"numpy": "NumPy, plain", "jax": "jax.jit", "torch": "torch.compile", "numba": "numba"}
_MAKERS = {
    "numpy": image_peers.by_numpy,
    "numba": image_peers.by_numba,
    "jax": image_peers.by_jax,
    "torch": image_peers.by_torch,
}

Action = Callable[[], Any]


def ours(given: Diffusivity, load: Images, u: np.ndarray, threads: int = 1) -> dict[str, Action]:
    """The kernel as a user calls it, with `out`, one step in place; and its adjoint."""
    kernel = load.network(given.case).compile("c", "float32", threads=threads)
    own = u.copy() if load.in_place else u
    out, ones = own if load.in_place else np.empty_like(u), np.ones_like(u)
    found: dict[str, Action] = {"C": lambda: kernel(own, out=out, **given.case.parameters)}
    if load.gradient:
        found["C, adjoint"] = lambda: kernel.vjp(u, ones, **given.case.parameters)[0]
    return found


def agrees(name: str, value: Any, expected: np.ndarray) -> bool:
    """Whether a rival found the same; but for few samples, where a jump of g makes more of a rounding."""
    array = np.asarray(value[0] if isinstance(value, tuple) else value)
    return bool(np.quantile(np.abs(array - expected), 0.9) <= 1e-4 * np.abs(expected).max())


def measure(given: Diffusivity, load: Images, wanted: tuple[str, ...], rounds: int, clock: Callable[[], float]) -> Row:
    """One row of the table: all rivals in turn, then two threads and one."""
    u = picture(load.shape)
    actions, slow = ours(given, load, u), dict[str, float]()
    expected = np.copy(list(ours(given, load, u).values())[-1]())
    for name in (name for name in _MAKERS if name in wanted):
        for action in _MAKERS[name](given, load, u):
            if not agrees(name, action(), expected):  # which compiles, too
                raise SystemExit(f"{_NAMES[name]} does not do the same as symtrans in {load.name}, {given.case.name}")
            start = clock()
            action()
            seconds = clock() - start
            if seconds < PATIENCE:
                actions[_NAMES[name]] = action
            else:
                slow[_NAMES[name]] = 1e9 * seconds / load.sample_steps
    samples = dict.fromkeys(actions, load.sample_steps)
    if given is DIFFUSIVITIES[0] and not load.gradient:
        steps = min(load.blocks, _TOOL_STEPS)
        for name, action in image_peers.by_tools(wanted, load, u, steps).items():
            actions[name] = action
            samples[name] = u[0].size * steps * (3 if name == "OpenCV" else 1)
    levels: list[float] = []
    streams: list[float] = []
    arithmetic, stream = image_limits.arithmetic(given, load), limits.bandwidth("float32")
    machine = (lambda: levels.append(arithmetic()), lambda: streams.append(stream()))
    found = in_turn(rounds, *actions.values(), *machine, clock=clock)
    figures = {name: 1e9 * times.min() / samples[name] for name, times in zip(actions, found, strict=False)}
    figures |= slow
    passed = min(streams) if load.in_place else None
    return Row(given.case.name, load.name, figures, min(levels), passed, threads_of(given, load, u, rounds))


def threads_of(given: Diffusivity, load: Images, u: np.ndarray, rounds: int) -> float | None:
    """How many times faster two threads are than one: the adjoint where there is one."""
    if len(os.sched_getaffinity(0)) < 2:
        return None
    one, two = (list(ours(given, load, u, threads).values())[-1] for threads in (1, 2))
    times = in_turn(rounds, one, two).min(axis=1)
    return float(times[0] / times[1])


def kept(path: Path, rows: Sequence[Row]) -> list[Row]:
    """The rows of a file, of an earlier part of a run, and these."""
    earlier = [Row(**values) for values in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
    found = {(row.workload, row.name): row for row in (*earlier, *rows)}
    path.write_text(json.dumps([asdict(row) for row in found.values()]), encoding="utf-8")
    order = [given.case.name for given in DIFFUSIVITIES]
    return sorted(found.values(), key=lambda row: order.index(row.name))


def main() -> int:
    """Measure what is asked for, print it, write the part of the page if wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="smaller arrays")
    parser.add_argument("--write", action="store_true", help="write the part of docs/performance.md")
    parser.add_argument("--peers", default=",".join(image_peers.PACKAGES), help="which, separated by commas; or none")
    parser.add_argument("--workloads", default="I1,I2,I3,I4,I5", help="which, separated by commas; or none")
    parser.add_argument("--rows", type=Path, help="a file where rows are kept, for a run in parts")
    parser.add_argument("--diffusivities", default=",".join(given.case.name for given in DIFFUSIVITIES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--processor", action="store_true", help="time of the processor, where others use it, too")
    parser.add_argument("--remark", default="", help="a sentence for the page")
    chosen = parser.parse_args()
    # one thread for JAX, which asks when it is imported
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    wanted = tuple(name for name in chosen.peers.split(",") if name and name not in image_peers.absent())
    loads = [load for load in workloads(chosen.quick) if load.name in chosen.workloads.split(",")]
    clock = time.process_time if chosen.processor else time.perf_counter
    rows = []
    for load in loads:
        for given in DIFFUSIVITIES:
            if given.case.name in chosen.diffusivities.split(","):
                rows.append(measure(given, load, wanted, chosen.rounds, clock))
                print(rows[-1].line(), flush=True)
    if chosen.rows:
        rows = kept(chosen.rows, rows)
    if chosen.write:
        missing = [name for name in image_peers.PACKAGES if name not in wanted]
        before = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
        after = part(rows, workloads(chosen.quick), chosen.rounds, missing, chosen.remark)
        PAGE.write_text(before + after, encoding="utf-8")
        print(f"wrote {PAGE}")
    return 0
