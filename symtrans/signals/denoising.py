"""Running a network on a signal, timed, and what happened to the signal."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from symtrans import models
from symtrans.codegen.network import Network
from symtrans.language.symbols import keyword_of
from symtrans.signals.measures import sign_changes, signal_to_noise

_LONG = 50_000_000  # sample-steps from which a run is cut into parts
_PARTS = 16


def parts(network: Network, samples: int) -> int:
    """Into how many parts of equally many blocks a run is cut, so that its progress can be shown."""
    return _PARTS if samples * network.blocks > _LONG and network.blocks % _PARTS == 0 else 1


def pieces(samples: np.ndarray) -> Iterator[np.ndarray]:
    """Views of what is filtered by itself: all at once, or what lies between the gaps (NaN) of each signal.

    Examples
    --------
    >>> [piece.tolist() for piece in pieces(np.array([1.0, 2.0, np.nan, 3.0]))]
    [[1.0, 2.0], [3.0]]
    """
    if not np.isnan(samples).any():
        yield samples
        return
    for row in samples.reshape(-1, samples.shape[-1]):
        edges = np.flatnonzero(np.diff(np.isnan(row), prepend=True, append=True))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            yield row[start:end]


def run_kernel(
    network: Network,
    target: str,
    dtype: str,
    noisy: np.ndarray,
    values: dict[str, float],
    advance: Callable[[], None] = lambda: None,
) -> tuple[np.ndarray, float]:
    """What a kernel makes of a signal, and in how many seconds; `advance` is called after each of the `parts`."""
    count = parts(network, noisy.size)
    kernel = network.with_blocks(network.blocks // count).compile(target, dtype)
    result = noisy.astype(dtype, order="C")
    started = time.perf_counter()
    for _ in range(count):
        for piece in pieces(result):
            kernel(piece, out=piece, **values)
        advance()
    return result, time.perf_counter() - started


def run_model(
    network: Network, noisy: np.ndarray, values: dict[str, float], advance: Callable[[], None] = lambda: None
) -> tuple[np.ndarray, float]:
    """The plain model: one `diffusion_step` after the other, in float64."""
    tau = float(network.tau.subs({s: values[keyword_of(s)] for s in network.tau.free_symbols}))
    own = {keyword_of(s): values[keyword_of(s)] for s in network.activation.parameters}

    def phi(p: np.ndarray) -> np.ndarray:
        flux: np.ndarray = network.activation(p, **own)
        return flux

    phi(noisy[..., :2])  # compiled before the clock starts
    count = parts(network, noisy.size)
    result = noisy.copy(order="C")
    started = time.perf_counter()
    for _ in range(count):
        for piece in pieces(result):
            for _ in range(network.blocks // count):
                piece[...] = models.diffusion_step(piece, phi, tau, boundary=network.boundary)
        advance()
    return result, time.perf_counter() - started


def report_on(clean: np.ndarray | None, noisy: np.ndarray, runs: dict[str, tuple[np.ndarray, float]]) -> dict[str, Any]:
    """Numbers about input and results, ready for JSON."""
    first = next(iter(runs.values()))[0]
    columns: dict[str, Any] = {}
    for name, samples in [("input", noisy), *((name, result) for name, (result, _) in runs.items())]:
        column: dict[str, Any] = {
            "minimum": float(np.nanmin(samples)),
            "maximum": float(np.nanmax(samples)),
            "sign_changes": sign_changes(samples),
            "mean": float(np.nanmean(samples)),
        }
        if clean is not None:
            column["snr_db"] = signal_to_noise(clean, samples)
        if name != "input":
            column["snr_gain_db"] = column["snr_db"] - columns["input"]["snr_db"] if clean is not None else None
            column["milliseconds"] = 1000 * runs[name][1]
            column["largest_difference"] = float(np.nanmax(np.abs(samples - first)))
        columns[name] = column
    return columns
