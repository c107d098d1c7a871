"""Try to break the max-min principle: ``python -m benchmarks stress [--sample-steps 1e9]``.

Every kernel runs with its time step at the bound of the max-min principle
itself, on signals that are made to provoke rounding. Exits with 1 if a sample
leaves the range of its signal by anything at all.
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

import symtrans as st
from symtrans.language.symbols import keyword_of
from symtrans.schemes.grid import COUPLINGS

FAMILIES = ("constant", "charbonnier", "truncated-tv", "perona-malik", "truncated-bfb", "truncated-quadratic")
OTHERS = ("lambda*tanh(r/lambda)", "sgn(r)*lambda*ln(1 + |r|/lambda)", "a*r*exp(-r^2)")
GRID_SIZES = ("1", "1/3", "7/5", "h")  # h: given at the call
GRIDS = ((1, 1), ("1/3", "7/5"), (1, 1, 1), (2, "h", "1/3"))  # of images and volumes
BLOCKS = 4
SHAPE = (256, 64)


Sizes = str | tuple[object, ...]


def kernels(target: str, dtype: str, grid_sizes: Sequence[Sizes]) -> Iterator[tuple[str, st.Network, object]]:
    """Each activation with tau at its bound."""
    nonlinearities = [(name, st.catalogue[name]) for name in FAMILIES]
    nonlinearities += [(text, st.translate(st.Activation(text))) for text in OTHERS]
    for name, family in nonlinearities:
        for h in grid_sizes:
            tau = family.certificate.max_min_step(h)
            for coupling in COUPLINGS if isinstance(h, tuple) else ("isotropic",):
                network = st.Network(family, BLOCKS, tau, h, coupling=coupling)
                yield f"{target} {dtype} {name} h={h} {coupling}", network, network.compile(target, dtype)


def provocations(random: np.random.Generator, dtype: str) -> np.ndarray:
    """Signals of few values of mixed sign with random last digits, of powers of two, and of spikes."""
    values = random.uniform(1, 2, (SHAPE[0], 4)) * random.choice([-1, 1], (SHAPE[0], 4))
    values *= 2.0 ** random.integers(-3, 4, (SHAPE[0], 4))
    signals = np.take_along_axis(values, random.integers(0, 4, SHAPE), axis=1)
    signals[::3] *= 1 + random.integers(0, 4, SHAPE)[::3] * float(np.finfo(dtype).eps)
    spikes = random.random(SHAPE) < 0.1
    return np.where(spikes, -8 * signals, signals).astype(dtype)


def violations(kernel: object, signals: np.ndarray, values: dict[str, float]) -> int:
    """How many samples leave the range of their signal, image or volume."""
    dimensions = kernel.network.grid.dimensions  # type: ignore[attr-defined]
    signals = signals.reshape({1: (-1, 64), 2: (-1, 16, 64), 3: (-1, 8, 16, 32)}[dimensions])
    found = kernel(signals, **values)  # type: ignore[operator]
    axes = tuple(range(1, signals.ndim))
    low, high = signals.min(axis=axes, keepdims=True), signals.max(axis=axes, keepdims=True)
    return int(np.count_nonzero(~((low <= found) & (found <= high))))


def run(sample_steps: float, targets: Sequence[str], grid_sizes: Sequence[Sizes] = (*GRID_SIZES, *GRIDS)) -> int:
    """All kernels in turn until so many sample-steps are done; returns the number of violations."""
    kinds = product(targets, ("float32", "float64"))
    everything = [k for target, dtype in kinds for k in kernels(target, dtype, grid_sizes)]
    random = np.random.default_rng(0)
    each = SHAPE[0] * SHAPE[1] * BLOCKS
    done, broken = 0, 0
    while done < sample_steps:
        for name, network, kernel in everything:
            signals = provocations(random, kernel.dtype.name)  # type: ignore[attr-defined]
            values = {keyword_of(symbol): float(2.0 ** random.uniform(-3, 3)) for symbol in network.parameters}
            count = violations(kernel, signals, values)
            if count:
                print(f"{name}, {values}: {count} samples left the range", flush=True)
            broken += count
            done += each
    print(f"{done:.3g} sample-steps of {len(everything)} kernels, {broken} violations")
    return broken


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--sample-steps", type=float, default=1e9)
    parser.add_argument("--target", choices=("c", "numpy"), action="append", help="default: both")
    chosen = parser.parse_args()
    return 1 if run(chosen.sample_steps, tuple(chosen.target or ("c", "numpy"))) else 0
