"""What is measured on images and volumes: g of five families as a function of q = |grad u|^2, and five workloads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import symtrans as st
from benchmarks.cases import CASES, Case

TAU = {2: "1/8", 3: "1/12"}  # half the bound of the max-min principle, by the number of axes


@dataclass(frozen=True, eq=False)
class Diffusivity:
    """g(q) of a case: for array libraries, as a scalar for numba, its slope dg/dq, and in C for the limit.

    `c` and `d` are the constants that the case makes of its parameter, `one` is a number of the dtype.
    """

    case: Case
    arrays: Callable[[Any, Any, Any, Any], Any]
    scalar: Callable[..., float]
    slope: Callable[..., float]


_BY_NAME = {case.name: case for case in CASES}
DIFFUSIVITIES = (
    Diffusivity(
        _BY_NAME["perona-malik"],
        lambda xp, q, c, d: xp.exp(-c * q),
        lambda q, one, c, d: np.exp(-c * q),
        lambda q, one, c, d: -c * np.exp(-c * q),
    ),
    Diffusivity(
        _BY_NAME["charbonnier"],
        lambda xp, q, c, d: 1 / xp.sqrt(1 + c * q),
        lambda q, one, c, d: one / np.sqrt(one + c * q),
        lambda q, one, c, d: -c / (one + one) / ((one + c * q) * np.sqrt(one + c * q)),
    ),
    Diffusivity(
        _BY_NAME["truncated-tv"],
        lambda xp, q, c, d: xp.where(q <= c * c, xp.ones_like(q), c / xp.sqrt(xp.where(q == 0, xp.ones_like(q), q))),
        lambda q, one, c, d: one if q <= c * c else c / np.sqrt(q),
        lambda q, one, c, d: one - one if q <= c * c else -c / (one + one) / (q * np.sqrt(q)),
    ),
    Diffusivity(
        _BY_NAME["truncated-bfb"],
        lambda xp, q, c, d: xp.where(q <= c * c, xp.ones_like(q), d / xp.where(q == 0, xp.ones_like(q), q)),
        lambda q, one, c, d: one if q <= c * c else d / q,
        lambda q, one, c, d: one - one if q <= c * c else -d / (q * q),
    ),
    Diffusivity(
        _BY_NAME["hard"],
        lambda xp, q, c, d: xp.where(q <= c * c, xp.ones_like(q), xp.zeros_like(q)),
        lambda q, one, c, d: one if q <= c * c else one - one,
        lambda q, one, c, d: one - one,
    ),
)


@dataclass(frozen=True)
class Images:
    """So many steps on arrays of images or volumes; with gradients or without."""

    name: str
    shape: tuple[int, ...]  # the first: how many
    blocks: int
    gradient: bool = False

    @property
    def axes(self) -> int:
        """2 for images, 3 for volumes."""
        return len(self.shape) - 1

    @property
    def in_place(self) -> bool:
        """Whether the result overwrites the array, as one step may."""
        return self.blocks == 1

    @property
    def sample_steps(self) -> int:
        """Samples times steps."""
        return int(np.prod(self.shape)) * self.blocks

    def network(self, case: Case) -> st.Network:
        """The coupled network of symtrans."""
        return st.Network(case.nonlinearity, self.blocks, tau=TAU[self.axes], h=(1,) * self.axes)

    def words(self) -> str:
        """For the page."""
        count, *size = self.shape
        kind = ("volume" if self.axes == 3 else "image") + ("s" if count > 1 else "")
        steps = f"{self.blocks} step{'s' if self.blocks > 1 else ''} on {count} {kind} of {' x '.join(map(str, size))}"
        return f"{steps}, {'forward, and beside it the adjoint' if self.gradient else 'forward'}"


def workloads(quick: bool) -> tuple[Images, ...]:
    """One step, many steps on one image and on many, a volume, an adjoint; with fewer samples for a quick run."""
    shapes: list[tuple[int, ...]]
    if quick:
        shapes = [(1, 2048, 2048), (1, 1024, 1024), (4, 512, 512), (1, 96, 96, 96), (2, 512, 512)]
    else:
        shapes = [(1, 8192, 8192), (1, 4096, 4096), (64, 512, 512), (1, 256, 256, 256), (16, 512, 512)]
    return tuple(
        Images(name, shape, blocks, name == "I5")
        for name, shape, blocks in zip(("I1", "I2", "I3", "I4", "I5"), shapes, (1, 32, 32, 8, 16), strict=True)
    )


def picture(shape: tuple[int, ...]) -> np.ndarray:
    """Blocks of 16 samples a side with noise: slopes on both sides of every threshold."""
    random = np.random.default_rng(0)
    levels = random.integers(-3, 4, (shape[0], *(-(-size // 16) for size in shape[1:]))).astype(np.float32)
    for axis in range(1, len(shape)):
        levels = np.repeat(levels, 16, axis=axis)
    u = levels[tuple(slice(size) for size in shape)]
    u += random.normal(0, 0.7, shape).astype(np.float32)
    return u
