"""One explicit step on a grid with any diffusivity: what generated source does for a formula, for a module."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from symtrans.schemes.grid import Grid

Diffusivity = Callable[[Tensor], Tensor]


class Stencil(NamedTuple):
    """A grid in numbers."""

    sizes: tuple[float, ...]
    periodic: bool
    coupled: bool
    channels: bool

    @classmethod
    def of(cls, grid: Grid) -> "Stencil":
        """That of a grid whose sizes are numbers."""
        return cls(tuple(map(float, grid.sizes)), grid.boundary == "periodic", grid.coupled, grid.channels)


def step(u: Tensor, g: Diffusivity, tau: Tensor, grid: Stencil) -> Tensor:
    """One step u + tau sum_a D_a^-(gbar D_a^+ u), eq. (6); `g` takes the sizes of slopes, of edges or of cells."""
    sizes = grid.sizes
    axes = range(-len(sizes), 0)
    flows = [_differences(u, axis, grid) for axis in axes]
    if grid.coupled:
        around = u
        for axis in axes:
            around = _continued(around, axis, grid)
        share = 0.5 ** (len(sizes) - 1)
        squares = [
            _summed(torch.diff(around, dim=axis).square(), axis, axes) * (share / h**2)
            for axis, h in zip(axes, sizes, strict=True)
        ]
        q = torch.stack(squares).sum(0)
        if grid.channels:
            q = q.sum(-1 - len(sizes), keepdim=True)
        steep = q > 0  # the root has no slope at 0
        of_cells = g(torch.where(steep, q, 1.0).sqrt() * steep)
        conductances = [share * _summed(of_cells, axis, axes) for axis in axes]
    else:
        conductances = [g(flow.abs() / h) for flow, h in zip(flows, sizes, strict=True)]
    changes = [
        torch.diff(c * flow, dim=axis) / h**2 for c, flow, axis, h in zip(conductances, flows, axes, sizes, strict=True)
    ]
    return u + tau * torch.stack(changes).sum(0)


def _differences(u: Tensor, axis: int, grid: Stencil) -> Tensor:
    """Over all edges along an axis, those at both ends too."""
    return torch.diff(_continued(u, axis, grid), dim=axis)


def _continued(u: Tensor, axis: int, grid: Stencil) -> Tensor:
    first, last = u.narrow(axis, 0, 1), u.narrow(axis, u.shape[axis] - 1, 1)
    return torch.cat([last, u, first] if grid.periodic else [first, u, last], axis)


def _summed(x: Tensor, axis: int, axes: Sequence[int]) -> Tensor:
    """Sums of neighbours along all axes but one."""
    for other in axes:
        if other != axis:
            count = x.shape[other] - 1
            x = x.narrow(other, 0, count) + x.narrow(other, 1, count)
    return x
