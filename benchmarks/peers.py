"""The rivals: array libraries and numba; each function returns an action to be timed, or None where it cannot run.

Every peer runs on one thread. Buffers are made once, outside the clock, where the library lets one.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.cases import TAU, Case, Workload

Action = Callable[[], Any]

ALL = ("numpy", "numba", "jax", "torch")


def absent() -> list[str]:
    """Peers that are not installed."""
    return [name for name in ALL if find_spec(name) is None]


def by_numpy(case: Case, load: Workload, u: np.ndarray) -> Action | None:
    """As one writes it: np.diff and whole arrays; no gradient."""
    if load.gradient:
        return None
    tau, c, d = map(u.dtype.type, (TAU, *case.constants(case.parameter)))

    def run() -> np.ndarray:
        v = u
        with np.errstate(all="ignore"):
            for _ in range(load.blocks):
                flux = case.arrays(np, np.diff(v), c, d)
                v = v + tau * np.diff(flux, prepend=0, append=0).astype(v.dtype)
        return v

    return run


@lru_cache(maxsize=64)
def _loops(case: Case) -> dict[str, Any]:
    from numba import njit

    # Without error_model="numpy" each division is checked for zero, and no loop with one vectorises.
    options: dict[str, Any] = {"fastmath": True, "error_model": "numpy"}
    phi, slope = (njit(inline="always", **options)(f) for f in (case.scalar, case.slope))

    @njit(**options)
    def buffered(f, u, in_place, buffer, blocks, step, one, c, d):  # type: ignore[no-untyped-def]
        samples = f.shape[1]
        for k in range(f.shape[0]):
            row = u[k]
            if not in_place:
                row[:] = f[k]
            for _ in range(blocks):
                buffer[0] = 0
                for i in range(samples - 1):
                    buffer[i + 1] = phi(row[i + 1] - row[i], one, c, d)
                buffer[samples] = 0
                for i in range(samples):
                    row[i] += step * (buffer[i + 1] - buffer[i])

    @njit(**options)
    def carried(f, u, in_place, buffer, blocks, step, one, c, d):  # type: ignore[no-untyped-def]
        samples = f.shape[1]
        for k in range(f.shape[0]):
            row = u[k]
            if not in_place:
                row[:] = f[k]
            for _ in range(blocks):
                left = step - step
                for i in range(samples - 1):
                    right = phi(row[i + 1] - row[i], one, c, d)
                    row[i] += step * (right - left)
                    left = right
                row[samples - 1] -= step * left

    @njit(**options)
    def alternating(f, u, in_place, buffer, blocks, step, one, c, d):  # type: ignore[no-untyped-def]
        last = f.shape[1] - 1
        for k in range(f.shape[0]):
            here, there = u[k], buffer[:-1]
            if not in_place:
                here[:] = f[k]
            for _ in range(blocks):
                there[0] = here[0] + step * phi(here[1] - here[0], one, c, d)
                for i in range(1, last):
                    right, left = phi(here[i + 1] - here[i], one, c, d), phi(here[i] - here[i - 1], one, c, d)
                    there[i] = here[i] + step * (right - left)
                there[last] = here[last] - step * phi(here[last] - here[last - 1], one, c, d)
                here, there = there, here
            if blocks % 2:
                u[k, :] = here

    @njit(**options)
    def adjoint(f, w, states, v, blocks, step, one, c, d):  # type: ignore[no-untyped-def]
        samples = f.shape[1]
        for k in range(f.shape[0]):
            states[0, :] = f[k]
            for n in range(1, blocks):
                here, there = states[n - 1], states[n]
                v[0] = 0
                for i in range(samples - 1):
                    v[i + 1] = phi(here[i + 1] - here[i], one, c, d)
                v[samples] = 0
                for i in range(samples):
                    there[i] = here[i] + step * (v[i + 1] - v[i])
            row = w[k]
            for n in range(blocks - 1, -1, -1):
                here = states[n]
                for i in range(samples - 1):
                    v[i + 1] = slope(here[i + 1] - here[i], one, c, d) * (row[i + 1] - row[i])
                for i in range(samples):
                    row[i] += step * (v[i + 1] - v[i])

    return {"buffered": buffered, "carried": carried, "alternating": alternating, "adjoint": adjoint}


def by_numba(case: Case, load: Workload, u: np.ndarray) -> list[Action]:
    """Three fused loops (the fastest counts), or the adjoint by hand: states of one signal kept, no parameters."""
    loops = _loops(case)
    real = u.dtype.type
    constants = (load.blocks, *map(real, (TAU, 1, *case.constants(case.parameter))))
    buffer = np.zeros(u.shape[1] + 1, u.dtype)
    if load.gradient:
        states, weights = np.empty((load.blocks, u.shape[1]), u.dtype), np.ones_like(u)
        return [lambda: loops["adjoint"](u, weights, states, buffer, *constants)]
    out = u.copy()
    return [
        lambda loop=loops[name]: loop(u, out, load.in_place, buffer, *constants)
        for name in ("buffered", "carried", "alternating")
    ]


def by_jax(case: Case, load: Workload, u: np.ndarray) -> list[Action]:
    """One jit of the whole: a scan, with the parameter given or folded in, or its vjp by both arguments."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    tau = u.dtype.type(TAU)

    def forward(v: Any, s: Any) -> Any:
        c, d = case.constants(s)

        def step(v: Any, _: Any) -> tuple[Any, None]:
            flux = jnp.pad(case.arrays(jnp, v[:, 1:] - v[:, :-1], c, d), ((0, 0), (1, 1)))
            return v + tau * (flux[:, 1:] - flux[:, :-1]).astype(v.dtype), None

        return jax.lax.scan(step, v, length=load.blocks)[0]

    def gradient(v: Any, s: Any) -> Any:
        result, pull = jax.vjp(forward, v, s)
        return pull(jnp.ones_like(result))

    signals, value = jnp.asarray(u), u.dtype.type(case.parameter)
    parameter = jnp.asarray(value)
    given = jax.jit(gradient if load.gradient else forward)
    actions = [lambda: jax.block_until_ready(given(signals, parameter))]
    if not load.gradient:
        folded = jax.jit(lambda v: forward(v, value))
        actions.append(lambda: jax.block_until_ready(folded(signals)))
    return actions


def by_torch(case: Case, load: Workload, u: np.ndarray) -> list[Action]:
    """torch.compile of one step, called in a loop; gradients by the signals and the parameter by autograd."""
    import torch

    torch.set_num_threads(1)
    torch._dynamo.reset()  # it compiles one function a few times only

    @torch.compile(dynamic=False)
    def step(v: Any, c: Any, d: Any) -> Any:
        flux = torch.nn.functional.pad(case.arrays(torch, v[:, 1:] - v[:, :-1], c, d), (1, 1))
        return v + TAU * (flux[:, 1:] - flux[:, :-1])

    tensor = torch.from_numpy(u)
    parameter = torch.tensor(case.parameter, dtype=tensor.dtype)

    def forward(v: Any, s: Any) -> Any:
        c, d = (torch.as_tensor(x, dtype=v.dtype) for x in case.constants(s))
        for _ in range(load.blocks):
            v = step(v, c, d)
        return v

    def gradient() -> Any:
        leaf = tensor.clone().requires_grad_(True)
        value = parameter.clone().requires_grad_(True)
        forward(leaf, value).sum().backward()
        return leaf.grad, value.grad

    def plain() -> Any:
        with torch.no_grad():
            return forward(tensor, parameter)

    return [gradient if load.gradient else plain]
