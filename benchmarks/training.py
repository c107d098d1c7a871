"""A training step, forwards and backwards: `symtrans.torch` beside the same block by hand in PyTorch and in JAX.

A spline has 101 uniform knots, of which each block learns the values.
"""

import argparse
import math
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch

from symtrans.torch import DiffusionNetwork, SplineActivation

BLOCKS = 16
PAUSE = 0.3  # seconds before each step: JAX frees its arrays after it has answered, for 50 ms, at the cost of the next
KNOTS, REACH = 101, 1.0
SHAPES = {"signals": ((256, 4096), 1), "images": ((16, 256, 256), (1, 1))}
FAMILIES = ("perona-malik", "charbonnier", "soft", "spline")


def _g(name: str, q: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The diffusivity of |r|^2, as a user of PyTorch writes it."""
    if name == "perona-malik":
        return torch.exp(-q / (2 * scale**2))
    if name == "charbonnier":
        return torch.rsqrt(1 + q / scale**2)
    if name == "spline":  # `scale` holds g at the knots; Phi is linear between them
        place = torch.sqrt(torch.clamp(q, min=1e-12)) * (KNOTS / REACH)
        k = place.detach().long().clamp(max=KNOTS - 1)
        begin, end = scale[k] * k, scale[k + 1] * (k + 1)
        return (begin + (place - k) * (end - begin)) / place
    bound = math.sqrt(2) * scale
    return torch.where(q > bound**2, bound * torch.rsqrt(torch.clamp(q, min=1e-12)), 1.0)


def _by_hand(name: str, u: torch.Tensor, scales: torch.Tensor, images: bool) -> torch.Tensor:
    for k in range(BLOCKS):
        if not images:
            r = torch.diff(u)
            u = u + 0.25 * torch.diff(torch.nn.functional.pad(_g(name, r * r, scales[k]) * r, (1, 1)))
            continue
        x = torch.nn.functional.pad(u[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
        dx, dy = torch.diff(x, dim=2), torch.diff(x, dim=1)
        q = ((dx * dx)[:, :-1] + (dx * dx)[:, 1:] + (dy * dy)[:, :, :-1] + (dy * dy)[:, :, 1:]) / 2
        g = _g(name, q, scales[k])
        flow_x, flow_y = (g[:, :-1] + g[:, 1:]) * dx[:, 1:-1] / 2, (g[:, :, :-1] + g[:, :, 1:]) * dy[:, :, 1:-1] / 2
        u = u + 0.125 * (torch.diff(flow_x, dim=2) + torch.diff(flow_y, dim=1))
    return u


def _steps(name: str, images: bool, compiled: bool) -> dict[str, Callable[[], object]]:
    shape, h = SHAPES["images" if images else "signals"]
    u = torch.rand(shape)
    key = "theta" if name == "soft" else "lam"
    if name == "spline":
        made = DiffusionNetwork(SplineActivation(KNOTS, reach=REACH), BLOCKS, h=h)
        scales = torch.full((BLOCKS, KNOTS + 1), 0.5, requires_grad=True)
    else:
        made = DiffusionNetwork(name, BLOCKS, h=h, learnable=key, **{key: 0.1})
        scales = torch.full((BLOCKS,), 0.1, requires_grad=True)

    def ours() -> None:
        made(u).square().sum().backward()

    def eager() -> None:
        _by_hand(name, u, scales, images).square().sum().backward()

    rivals: dict[str, Callable[[], object]] = {"symtrans.torch": ours, "eager": eager}
    if compiled:
        whole = torch.compile(lambda: _by_hand(name, u, scales, images).square().sum())
        rivals["torch.compile"] = lambda: whole().backward()
    if find_spec("jax"):
        rivals["JAX jit"] = _in_jax(name, u.numpy(), scales.detach().numpy(), images)
    return rivals


def _in_jax(name: str, u: Any, scales: Any, images: bool) -> Callable[[], object]:
    """The same, with the gradient by the parameters."""
    import jax
    from jax import numpy as jnp

    def g(q: Any, scale: Any) -> Any:
        if name == "perona-malik":
            return jnp.exp(-q / (2 * scale**2))
        if name == "charbonnier":
            return jax.lax.rsqrt(1 + q / scale**2)
        if name == "soft":
            bound = math.sqrt(2) * scale
            return jnp.where(q > bound**2, bound * jax.lax.rsqrt(jnp.maximum(q, 1e-12)), 1.0)
        place = jnp.sqrt(jnp.maximum(q, 1e-12)) * (KNOTS / REACH)
        k = jnp.minimum(place.astype(int), KNOTS - 1)
        begin, end = scale[k] * k, scale[k + 1] * (k + 1)
        return (begin + (place - k) * (end - begin)) / place

    def loss(scales: Any, u: Any) -> Any:
        def block(u: Any, scale: Any) -> tuple[Any, None]:
            if not images:
                r = jnp.diff(u)
                return u + 0.25 * jnp.diff(jnp.pad(g(r * r, scale) * r, ((0, 0), (1, 1)))), None
            x = jnp.pad(u, ((0, 0), (1, 1), (1, 1)), mode="edge")
            dx, dy = jnp.diff(x, axis=2), jnp.diff(x, axis=1)
            q = ((dx * dx)[:, :-1] + (dx * dx)[:, 1:] + (dy * dy)[:, :, :-1] + (dy * dy)[:, :, 1:]) / 2
            of = g(q, scale)
            flow_x = (of[:, :-1] + of[:, 1:]) * dx[:, 1:-1] / 2
            flow_y = (of[:, :, :-1] + of[:, :, 1:]) * dy[:, :, 1:-1] / 2
            return u + 0.125 * (jnp.diff(flow_x, axis=2) + jnp.diff(flow_y, axis=1)), None

        return jnp.square(jax.lax.scan(block, u, scales)[0]).sum()

    step, given = jax.jit(jax.grad(loss)), (jnp.asarray(scales), jnp.asarray(u))
    return lambda: step(*given).block_until_ready()


def main() -> int:
    """Print each time over that of `symtrans.torch`, the rivals in turn within one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--families", nargs="+", default=FAMILIES, choices=FAMILIES)
    parser.add_argument("--shapes", nargs="+", default=tuple(SHAPES), choices=tuple(SHAPES))
    parser.add_argument("--compile", action="store_true", help="torch.compile too, which takes minutes")
    given = parser.parse_args()
    for shape in given.shapes:
        for name in given.families:
            rivals = _steps(name, shape == "images", given.compile)
            best = dict.fromkeys(rivals, math.inf)
            for step in rivals.values():
                step()
            for _ in range(given.rounds):
                for rival, step in rivals.items():
                    time.sleep(PAUSE)
                    start = time.perf_counter()
                    step()
                    best[rival] = min(best[rival], time.perf_counter() - start)
            own = best["symtrans.torch"]
            others = ", ".join(f"{rival} {seconds / own:.1f}" for rival, seconds in best.items())
            print(f"{shape:8} {name:14} {1e3 * own:8.1f} ms; times it: {others}", flush=True)
    return 0
