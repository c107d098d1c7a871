"""What PyTorch adds to a kernel: a call of the op and of modules, forwards, over the call of the C function below.

Microseconds of the processor, the least of all rounds, on one signal so short that the kernel takes less than one.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from symtrans.torch import DiffusionNetwork
from symtrans.torch.kernels import compiled
from symtrans.torch.ops import applied, filtered

BLOCKS, SAMPLES = 8, 64
GOAL = 15.0  # microseconds of the op over the C call


def calls() -> dict[str, Callable[[], object]]:
    """What is called; the C function first."""
    made = {shared: DiffusionNetwork("perona-malik", BLOCKS, shared=shared, lam=0.5) for shared in (True, False)}
    u = torch.rand(1, SAMPLES)
    one, each = (made[shared]._packed().detach() for shared in (True, False))
    recipe = str(made[True]._recipe)
    run = compiled(recipe, u.dtype, 1).run
    signal, values = u.numpy(), tuple(float(value) for value in one[0, :, 0])
    out = np.empty_like(signal)
    return {
        "C function, from NumPy": lambda: run(signal, out, values),
        "op, as modules call it": lambda: applied(u, one, recipe),
        "op, by PyTorch's dispatcher": lambda: filtered(u, one, recipe, 1),
        "the same, parameters of each block": lambda: filtered(u, each, recipe, 1),
        "module": lambda: made[True](u),
        "module, parameters of each block": lambda: made[False](u),
    }


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--calls", type=int, default=500, help="of each in a round")
    given = options.parse_args()
    torch.set_num_threads(1)
    actions = calls()
    for grad in (False, True):
        best = dict.fromkeys(actions, float("inf"))
        with torch.set_grad_enabled(grad):
            for _ in range(given.rounds):
                for name, action in actions.items():
                    start = time.process_time()
                    for _ in range(given.calls):
                        action()
                    best[name] = min(best[name], 1e6 * (time.process_time() - start) / given.calls)
        print("with a graph for gradients" if grad else "without gradients")
        (_, least), *others = best.items()
        print(f"  {'C function, from NumPy':36}{least:6.1f} µs")
        for name, spent in others:
            goal = f"; goal {GOAL:.0f}" if name.startswith("op") else ""
            print(f"  {name:36}{spent:6.1f} µs, {spent - least:5.1f} more{goal}")
    return 0
