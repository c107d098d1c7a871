"""The samples of the last axes of an array: their differences, and the cells that share one |∇u| (docs/dimensions.md).

Beyond its ends a signal goes on as its mirror image or round a torus; continued `around` by one sample, N samples make
N + 1 cells an axis. A cell on the rim counts half for each axis in which it sticks out: there its mirror image, or on a
torus the cell on the other side, is the other half.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import add
from typing import Any

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.language.arrays import array_of
from symtrans.language.symbols import number_of
from symtrans.schemes.grid import COUPLINGS, known_boundary, sizes_of

ScalarFunction = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Lattice:
    """A grid in numbers.

    Attributes
    ----------
    sizes : tuple of float
        The grid size along each of the last axes.
    boundary : {"reflecting", "periodic"}
    coupled : bool
        Whether several differences share one g: those of a cell, and of all channels.
    channels : bool
        Whether the axis before these holds channels.
    """

    sizes: tuple[Any, ...]
    boundary: str = "reflecting"
    coupled: bool = False
    channels: bool = False

    @property
    def axes(self) -> tuple[tuple[int, Any], ...]:
        """Each axis, counted from the end, with its grid size."""
        return tuple(zip(range(-len(self.sizes), 0), self.sizes, strict=True))

    @property
    def periodic(self) -> bool:
        """Whether it is a ring or a torus."""
        return self.boundary == "periodic"

    @property
    def parallel_edges(self) -> int:
        """How many edges of a cell point along one axis."""
        return 1 << (len(self.sizes) - 1)

    def others(self, axis: int) -> list[int]:
        """The axes but one."""
        return [other for other, _ in self.axes if other != axis]


def on_lattice(u: Any, h: Any, boundary: str, coupling: str, channels: bool) -> tuple[np.ndarray, Lattice]:
    """A signal as a float array, or one of SymPy's numbers, and the lattice of its last axes."""
    signal = array_of(u, "a signal")
    if signal.dtype.kind not in "fiubO":
        raise NonlinearityError(f"a signal is an array of real numbers, not of {signal.dtype}")
    signal = signal.astype(signal.dtype.newbyteorder("="), copy=False)
    signal = signal.astype(np.result_type(signal.dtype, np.float32 if signal.dtype == np.float32 else np.float64))
    grid = lattice_of(h, boundary, coupling, channels, exact=signal.dtype == object)
    count = len(grid.sizes)
    if signal.ndim < count + grid.channels:
        words = "the last is the one that is filtered" if count == 1 else f"the last {count} are filtered"
        words += ", and the one before holds the channels" if grid.channels else ""
        least = "one axis" if count + grid.channels == 1 else f"{count + grid.channels} axes"
        raise NonlinearityError(f"a signal of shape {signal.shape} needs at least {least}; {words}")
    if (grid.coupled or count > 1) and 0 in signal.shape[-count:]:
        raise NonlinearityError(f"a signal of shape {signal.shape} has an axis without samples")
    return signal, grid


def lattice_of(h: Any, boundary: str, coupling: str, channels: bool, *, exact: bool = False) -> Lattice:
    """The lattice of one grid size, or of a tuple with one an axis."""
    sizes = tuple(in_numbers(size, "h", exact) for size in sizes_of(h))
    if not sizes or not all(size > 0 for size in sizes):
        raise NonlinearityError(f"the grid size h = {h!r} must be a positive number, or a tuple of them, one an axis")
    if coupling not in COUPLINGS:
        raise NonlinearityError(f"coupling = {coupling!r} is none of {', '.join(COUPLINGS)}")
    if not isinstance(channels, bool | np.bool_):
        raise NonlinearityError(f"channels = {channels!r} is neither True nor False")
    if channels and coupling == "separable":
        raise NonlinearityError("channels share one |∇u|, and a separable step has none: leave one of them out")
    coupled = coupling == "isotropic" and (bool(channels) or len(sizes) > 1)
    return Lattice(sizes, known_boundary(boundary), coupled, bool(channels))


def in_numbers(value: Any, what: str, exact: bool) -> Any:
    """A step or a grid size: as it is beside symbols, else a number of double precision."""
    return value if exact else float(number_of(value, what))  # of NumPy it would widen single precision


# ---------------------------------------------------------------------------
# Along one axis


def cut(x: np.ndarray, axis: int, start: int | None, stop: int | None) -> np.ndarray:
    """What lies between two places of an axis that is counted from the end."""
    return x[(..., slice(start, stop), *[slice(None)] * (-axis - 1))]


def forward_difference(u: np.ndarray, h: Any = 1.0, boundary: str = "reflecting", axis: int = -1) -> np.ndarray:
    """D⁺u: (u_{i+1} - u_i)/h over the edges; one more edge, from last to first, if periodic."""
    if known_boundary(boundary) == "periodic":
        around: np.ndarray = (np.roll(u, -1, axis=axis) - u) / h
        return around
    result: np.ndarray = (cut(u, axis, 1, None) - cut(u, axis, None, -1)) / h
    return result


def backward_difference(q: np.ndarray, h: Any = 1.0, boundary: str = "reflecting", axis: int = -1) -> np.ndarray:
    """D⁻q: (q_i - q_{i-1})/h over the samples; the flux over a reflecting end is zero."""
    if boundary == "periodic":
        around: np.ndarray = (q - np.roll(q, 1, axis=axis)) / h
        return around
    shape = list(q.shape)
    shape[axis] += 2
    closed = np.zeros(shape, dtype=q.dtype)
    cut(closed, axis, 1, -1)[...] = q
    result: np.ndarray = (cut(closed, axis, 1, None) - cut(closed, axis, None, -1)) / h
    return result


def mean_of_neighbours(x: np.ndarray, axis: int) -> np.ndarray:
    """(x_i + x_{i+1})/2."""
    result: np.ndarray = (cut(x, axis, 1, None) + cut(x, axis, None, -1)) / 2
    return result


# ---------------------------------------------------------------------------
# Fluxes on edges


def divergence(u: np.ndarray, weights: list[np.ndarray], grid: Lattice) -> np.ndarray:
    """A u = Σ_a D_a⁻(w_a D_a⁺u), for weights on the edges along each axis."""
    return divergence_of(
        [w * forward_difference(u, h, grid.boundary, a) for w, (a, h) in zip(weights, grid.axes, strict=True)], grid
    )


def divergence_of(fluxes: list[np.ndarray], grid: Lattice) -> np.ndarray:
    """Σ_a D_a⁻q_a, for fluxes on the edges along each axis."""
    return reduce(
        add, (backward_difference(q, h, grid.boundary, a) for q, (a, h) in zip(fluxes, grid.axes, strict=True))
    )


def edge_diffusivities(u: np.ndarray, g: ScalarFunction, grid: Lattice) -> list[np.ndarray]:
    """ḡ on the edges along each axis: the mean of g(|∇u|) over the cells that share it, or each edge its own."""
    if not grid.coupled:
        return [g(forward_difference(u, h, grid.boundary, axis)) for axis, h in grid.axes]
    on_cells = g(gradient_magnitude(u, grid))
    first, last = (1, None) if grid.periodic else (1, -1)  # over the rim of a mirrored signal nothing flows
    return [cut(reduce(mean_of_neighbours, grid.others(axis), on_cells), axis, first, last) for axis, _ in grid.axes]


def gradient_magnitude(u: np.ndarray, grid: Lattice) -> np.ndarray:
    """|∇u| of each cell: its square is the sum over the axes of the mean over parallel edges of (difference/h)²."""
    v = around(u, grid)
    with np.errstate(over="ignore"):  # then it is infinite
        squares = [
            reduce(mean_of_neighbours, grid.others(a), forward_difference(v, h, axis=a) ** 2) for a, h in grid.axes
        ]
        magnitude: np.ndarray = np.sqrt(over_channels(reduce(add, squares), grid))
    return magnitude


def over_channels(squares: np.ndarray, grid: Lattice) -> np.ndarray:
    """The sum over the channels, which share one |∇u|."""
    return squares.sum(axis=-len(grid.sizes) - 1, keepdims=True) if grid.channels else squares


# ---------------------------------------------------------------------------
# All edges of all cells


def around(u: np.ndarray, grid: Lattice) -> np.ndarray:
    """The signal continued by one sample on each side."""
    count = len(grid.sizes)
    beside = [(0, 0)] * (u.ndim - count) + [(1, 1)] * count
    return np.pad(u, beside, mode="wrap" if grid.periodic else "symmetric")


def cell_differences(u: np.ndarray, grid: Lattice) -> np.ndarray:
    """W u without its factor: the differences along the edges of each cell, shape (edges of a cell, ..., cells)."""
    v = around(u, grid)
    return np.stack([corner(forward_difference(v, h, axis=axis), places) for axis, h, places in _cell_edges(grid)])


def cell_adjoint(q: np.ndarray, grid: Lattice) -> np.ndarray:
    """The adjoint of `cell_differences`: cells weigh as the rim has it, parallel edges share the weight of a cell."""
    cells = q.shape[-len(grid.sizes) :]
    q = weighted(q, grid)
    q /= grid.parallel_edges
    continued = np.zeros((*q.shape[1 : q.ndim - len(cells)], *(count + 1 for count in cells)), dtype=q.dtype)
    for part, (axis, h, places) in zip(q, _cell_edges(grid), strict=True):
        corner(continued, {**places, axis: 1})[...] += part / h
        corner(continued, {**places, axis: 0})[...] -= part / h
    for axis, _ in grid.axes:  # what stands beyond an end is a sample seen again
        before, after = cut(continued, axis, None, 1), cut(continued, axis, -1, None)
        continued = cut(continued, axis, 1, -1).copy()
        first, last = cut(continued, axis, None, 1), cut(continued, axis, -1, None)
        first += after if grid.periodic else before
        last += before if grid.periodic else after
    return continued


def weighted(x: np.ndarray, grid: Lattice) -> np.ndarray:
    """Values on cells, halved for each axis in which a cell sticks out."""
    x = x.copy()
    for axis, _ in grid.axes:
        cut(x, axis, None, 1)[...] /= 2
        cut(x, axis, -1, None)[...] /= 2
    return x


def _cell_edges(grid: Lattice) -> list[tuple[int, Any, dict[int, int]]]:
    """The edges of a cell: their axis, grid size, and at which side of the cell they lie along the other axes."""
    return [
        (axis, h, dict(zip(grid.others(axis), sides, strict=True)))
        for axis, h in grid.axes
        for sides in product((0, 1), repeat=len(grid.sizes) - 1)
    ]


def corner(x: np.ndarray, sides: dict[int, int]) -> np.ndarray:
    """Of values on samples, those at one side of each cell along each of the axes named."""
    for axis, side in sides.items():
        x = cut(x, axis, side, -1 + side or None)
    return x
