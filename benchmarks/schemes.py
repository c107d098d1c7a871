"""Explicit, semi-implicit (AOS) and FSI steps to one stopping time: error over time spent.

The error is that against explicit steps of an eighth of the largest. Where Phi is not increasing, edges sharpen at
times that no scheme agrees on, and errors there stay large.
"""

import argparse
import time

import numpy as np

import symtrans as st
from symtrans.codegen.targets import target_of

_STEPS = {
    "explicit": [{}],
    "semi-implicit": [{"blocks": n} for n in (10, 20, 40, 80, 160)],
    "fsi": [{"blocks": n} for n in (2, 4, 8, 16, 32, 64, 128)],
}


def picture(size: int) -> np.ndarray:
    """The camera man as often as needed, with noise, in [0, 1]."""
    from skimage.data import camera

    part = camera()[:: max(1, 512 // size), :: max(1, 512 // size)] / 255.0
    repeats = -(-size // part.shape[0])
    clean = np.tile(part, (repeats, repeats))[:size, :size]
    noisy: np.ndarray = clean + np.random.default_rng(1).normal(scale=0.05, size=clean.shape)
    return noisy


def main() -> int:
    """Print a table: scheme, blocks, steps in all, seconds, errors, how many times faster than explicit."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=512)
    options.add_argument("--time", type=float, default=200)
    options.add_argument("--family", default="perona-malik")
    options.add_argument("--target", default=None, help="default: c where it covers a scheme, else numpy")
    chosen = options.parse_args()
    u, values = picture(chosen.size), {"lam": 0.05}
    fine = st.Network(chosen.family, tau="1/32", time=chosen.time, h=(1, 1))
    reference = _filtered(fine, u, values, chosen.target)[1]
    explicit = 0.0
    print("scheme         blocks  steps  seconds  mean error  largest  explicit/this")
    for scheme, settings in _STEPS.items():
        for setting in settings:
            network = st.Network(chosen.family, time=chosen.time, h=(1, 1), scheme=scheme, **setting)
            seconds, found = _filtered(network, u, values, chosen.target)
            explicit = explicit or seconds
            error = np.abs(found - reference)
            steps = network.blocks * network.cycle
            print(
                f"{scheme:14} {network.blocks:6} {steps:6} {seconds:8.2f} {error.mean():11.2e} {error.max():8.2e} "
                f"{explicit / seconds:14.1f}",
                flush=True,
            )
    return 0


def _filtered(
    network: st.Network, u: np.ndarray, values: dict[str, float], target: str | None
) -> tuple[float, np.ndarray]:
    name = target or ("c" if target_of("c").covers(network.scheme.name, network.grid) else "numpy")
    kernel = network.compile(name)
    start = time.perf_counter()
    found = kernel(u, **values)
    return time.perf_counter() - start, found
