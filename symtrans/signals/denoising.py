"""Running a network on a signal, timed, with a progress bar when it takes long; and what happened to the signal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import sympy as sp

from symtrans import models
from symtrans.codegen.network import Network
from symtrans.language.symbols import keyword_of
from symtrans.signals.files import sign_changes, signal_to_noise

_LONG = 50_000_000  # sample-steps from which a progress bar is shown


def run_kernel(
    network: Network, target: str, dtype: str, noisy: np.ndarray, values: dict[str, float]
) -> tuple[np.ndarray, float]:
    """Run a kernel; a long run goes in portions of blocks, with a progress bar."""
    portions = 16 if noisy.size * network.blocks > _LONG and network.blocks % 16 == 0 else 1
    part = network.with_blocks(network.blocks // portions)
    kernel = part.compile(target, dtype)
    result = noisy.astype(dtype)
    started = time.perf_counter()
    for _ in _progress(portions, f"{target} kernel"):
        kernel(result, out=result, **values)
    return result, time.perf_counter() - started


def run_model(network: Network, noisy: np.ndarray, values: dict[str, float]) -> tuple[np.ndarray, float]:
    """The plain model: one `diffusion_step` after the other, in float64."""
    tau = float(network.tau.subs(_symbols(network, values)))
    keys = [keyword_of(symbol) for symbol in network.activation.parameters]
    own = {key: value for key, value in values.items() if key in keys}

    def phi(p: np.ndarray) -> np.ndarray:
        flux: np.ndarray = network.activation(p, **own)
        return flux

    phi(noisy[..., :2])  # compiled before the clock starts
    result = noisy
    started = time.perf_counter()
    for _ in _progress(network.blocks if noisy.size * network.blocks > _LONG else 1, "model"):
        steps = 1 if noisy.size * network.blocks > _LONG else network.blocks
        for _ in range(steps):
            result = models.diffusion_step(result, phi, tau, boundary=network.boundary)
    return result, time.perf_counter() - started


def _symbols(network: Network, values: dict[str, float]) -> dict[sp.Symbol, float]:
    return {s: values[keyword_of(s)] for s in network.tau.free_symbols if keyword_of(s) in values}


@contextmanager
def _bar(count: int, what: str) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=count)
        yield lambda: progress.advance(task)


def _progress(count: int, what: str) -> Iterator[int]:
    if count == 1:
        yield 0
        return
    with _bar(count, what) as advance:
        for k in range(count):
            yield k
            advance()


def report_on(clean: np.ndarray | None, noisy: np.ndarray, runs: dict[str, tuple[np.ndarray, float]]) -> dict[str, Any]:
    """Numbers about input and results, ready for JSON."""
    first = next(iter(runs.values()))[0]
    columns: dict[str, Any] = {}
    for name, samples in [("input", noisy), *((name, result) for name, (result, _) in runs.items())]:
        column: dict[str, Any] = {
            "minimum": float(samples.min()),
            "maximum": float(samples.max()),
            "sign_changes": sign_changes(samples),
            "mean": float(samples.mean()),
        }
        if clean is not None:
            column["snr_db"] = signal_to_noise(clean, samples)
        if name != "input":
            column["snr_gain_db"] = column["snr_db"] - columns["input"]["snr_db"] if clean is not None else None
            column["milliseconds"] = 1000 * runs[name][1]
            column["largest_difference"] = float(np.max(np.abs(samples - first)))
        columns[name] = column
    return columns
