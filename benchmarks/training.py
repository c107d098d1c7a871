"""A training step, forwards and backwards, in PyTorch: `symtrans.torch` beside the same block written by hand."""

import argparse
import math
import time
from collections.abc import Callable

import torch

from symtrans.torch import DiffusionNetwork

BLOCKS = 16
SHAPES = {"signals": ((256, 4096), 1), "images": ((16, 256, 256), (1, 1))}
FAMILIES = ("perona-malik", "charbonnier", "soft")


def _g(name: str, q: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The diffusivity of |r|^2, as a user of PyTorch writes it."""
    if name == "perona-malik":
        return torch.exp(-q / (2 * scale**2))
    if name == "charbonnier":
        return torch.rsqrt(1 + q / scale**2)
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
    return rivals


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
                    start = time.perf_counter()
                    step()
                    best[rival] = min(best[rival], time.perf_counter() - start)
            own = best["symtrans.torch"]
            others = ", ".join(f"{rival} {seconds / own:.1f}" for rival, seconds in best.items())
            print(f"{shape:8} {name:14} {1e3 * own:8.1f} ms; times it: {others}", flush=True)
    return 0
