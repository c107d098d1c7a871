"""The graph of a pass: each chunk is filtered with what its neighbours lend it.

Dask's own `map_overlap` makes four tasks of a chunk of a signal, and two arrays as large as it; here they are two, and
one: a long chunk is filtered by itself and then anew next to its borders, another one in place, put together with what
is lent. That is a copy, so that nothing holds the chunk longer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import dask.array as da
import numpy as np
from dask.base import tokenize
from dask.highlevelgraph import HighLevelGraph

Side = tuple[int, ...]
"""Where a neighbour lies: before a chunk (-1), beside it (0) or after it (1), along each axis."""
_LONG = 4
"""A chunk is long from so many squares of its depth m: then m steps of 4 m more samples take less than a copy of it."""


def passed(
    array: Any, task: Callable[..., np.ndarray], depth: Sequence[int], dtype: "np.dtype[Any]", *, ring: bool
) -> Any:
    """The array of ``task(chunk, region)``: the chunk reaches into its neighbours, the region of it is its own.

    Where the array ends, the chunk does; a ring goes on at its other end. Without depth it is ``task(chunk)``, and so
    it is within a long chunk, farther from its borders than the depth.

    Parameters
    ----------
    array : dask.array.Array
    task : callable
    depth : sequence of int
        Along each axis; no chunk is smaller.
    dtype : dtype
        Of the result.
    ring : bool

    Examples
    --------
    >>> def doubled(chunk, region):
    ...     return 2 * chunk[region]
    >>> passed(da.arange(7, chunks=3), doubled, (2,), np.dtype(int), ring=False).compute()
    array([ 0,  2,  4,  6,  8, 10, 12])
    """
    meta = np.empty((0,) * array.ndim, dtype)
    if not any(depth):
        return array.map_blocks(task, dtype=dtype, meta=meta)
    name = f"filter-{tokenize(array, task, depth, ring)}"
    lent = f"lent-{name}"
    sides = list(product(*((-1, 0, 1) if deep else (0,) for deep in depth)))
    beside = [side for side in sides if any(side)]
    # A neighbour on one axis takes both ends of a chunk with one task; of an image, who needs one corner gets one.
    parcels = [beside] if len(beside) == 2 else [[side] for side in beside]
    at = {side: (number, parcel.index(side)) for number, parcel in enumerate(parcels) for side in parcel}
    lenders = [_Lender([_end(side, depth) for side in parcel]) for parcel in parcels]
    graph: dict[Any, Any] = {}
    for place in np.ndindex(array.numblocks):
        for number, lender in enumerate(lenders):
            graph[lent, number, *place] = (lender, (array.name, *place))
        there = [
            [step for step in ((-1, 0, 1) if deep else (0,)) if ring or 0 <= k + step < count]
            for k, deep, count in zip(place, depth, array.numblocks, strict=True)
        ]
        region = tuple(
            slice(deep * (steps[0] < 0), deep * (steps[0] < 0) + sizes[k])
            for k, deep, steps, sizes in zip(place, depth, there, array.chunks, strict=True)
        )
        sources: list[tuple[Any, ...]] = []
        for side in product(*there):
            other = tuple((k + step) % count for k, step, count in zip(place, side, array.numblocks, strict=True))
            sources.append((lent, at[side][0], *other) if any(side) else (array.name, *place))
        positions = [at[side][1] if any(side) else None for side in product(*there)]
        filtered = _Filtered(task, tuple(map(len, there)), tuple(positions), region, tuple(depth))
        graph[name, *place] = (filtered, *sources)
    return da.Array(HighLevelGraph.from_collections(name, graph, dependencies=[array]), name, array.chunks, meta=meta)


def _end(side: Side, depth: Sequence[int]) -> tuple[slice, ...]:
    """What a chunk lends a neighbour, to which it lies on a side: its last samples, if it lies before."""
    ends = {-1: lambda deep: slice(-deep, None), 0: lambda deep: slice(None), 1: lambda deep: slice(deep)}
    return tuple(ends[step](deep) for step, deep in zip(side, depth, strict=True))


# What does not change from chunk to chunk lies in the callables, where Dask does not look for keys.


@dataclass(frozen=True)
class _Lender:
    """Copies what a chunk lends."""

    regions: Sequence[tuple[slice, ...]]

    def __call__(self, chunk: np.ndarray) -> list[np.ndarray]:
        return [chunk[region].copy() for region in self.regions]


@dataclass(frozen=True)
class _Filtered:
    """Filters a chunk with what it was lent.

    Attributes
    ----------
    task : callable
    shape : tuple of int
        How many pieces lie along each axis.
    positions : tuple of int or None
        Where each piece lies in what was lent, None for the chunk.
    region : tuple of slice
        Of the chunk within the pieces.
    depth : tuple of int
    """

    task: Callable[..., np.ndarray]
    shape: tuple[int, ...]
    positions: tuple[int | None, ...]
    region: tuple[slice, ...]
    depth: tuple[int, ...]

    def __call__(self, *sources: Any) -> np.ndarray:
        pieces = [
            source if position is None else source[position]
            for source, position in zip(sources, self.positions, strict=True)
        ]
        axis, *others = (axis for axis, deep in enumerate(self.depth) if deep)
        if not others and pieces[self.positions.index(None)].shape[axis] >= _LONG * self.depth[axis] ** 2:
            return _mended(self.task, pieces, axis, self.positions.index(None), self.depth[axis])
        for count in reversed(self.shape):
            pieces = [pieces[first : first + count] for first in range(0, len(pieces), count)]
        return self.task(np.block(*pieces), self.region)


def _mended(
    task: Callable[..., np.ndarray], pieces: Sequence[np.ndarray], axis: int, place: int, deep: int
) -> np.ndarray:
    """A chunk filtered as if the array ended with it, but for the samples next to its borders: those are filtered anew.

    They lie in the middle of a strip, as far from its ends as an error of these comes.

    Parameters
    ----------
    task : callable
    pieces : sequence of array
        Before the chunk, the chunk, after it; the first or the last may be missing.
    axis : int
    place : int
        Which of them is the chunk.
    deep : int
    """

    def along(start: int | None, stop: int | None) -> tuple[slice, ...]:
        return (*(slice(None),) * axis, slice(start, stop))

    chunk = pieces[place]
    result = task(chunk)
    middle = along(deep, 2 * deep)
    if place > 0:
        result[along(None, deep)] = task(np.concatenate([pieces[0], chunk[along(None, 2 * deep)]], axis), middle)
    if place + 1 < len(pieces):
        result[along(-deep, None)] = task(np.concatenate([chunk[along(-2 * deep, None)], pieces[-1]], axis), middle)
    return result
