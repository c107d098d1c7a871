"""The graph of a pass: each chunk is filtered with what its neighbours lend it.

Dask's own `map_overlap` makes four tasks of a chunk of a signal, and two arrays as large as it; here they are two, and
one: the kernel filters in place what was put together. What is lent is a copy, so that nothing holds the chunk longer.
"""

from collections.abc import Callable, Sequence
from itertools import product
from operator import getitem
from typing import Any

import dask.array as da
import numpy as np
from dask.base import tokenize
from dask.highlevelgraph import HighLevelGraph

Side = tuple[int, ...]
"""Where a neighbour lies: before a chunk (-1), beside it (0) or after it (1), along each axis."""


def passed(
    array: Any, task: Callable[..., np.ndarray], depth: Sequence[int], dtype: "np.dtype[Any]", *, ring: bool
) -> Any:
    """The array of ``task(chunk, region)``: the chunk reaches into its neighbours, the region of it is its own.

    Where the array ends, the chunk does; a ring goes on at its other end. Without depth it is ``task(chunk)``.

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
    graph: dict[Any, Any] = {}
    for place in np.ndindex(array.numblocks):
        for number, parcel in enumerate(parcels):
            graph[lent, number, *place] = (_lent, (array.name, *place), [_end(side, depth) for side in parcel])

        def piece(side: Side, place: Side = place) -> Any:
            if not any(side):
                return (array.name, *place)
            number, position = at[side]
            other = tuple((k + step) % count for k, step, count in zip(place, side, array.numblocks, strict=True))
            return (getitem, (lent, number, *other), position)

        there = [
            [step for step in ((-1, 0, 1) if deep else (0,)) if ring or 0 <= k + step < count]
            for k, deep, count in zip(place, depth, array.numblocks, strict=True)
        ]
        region = tuple(
            slice(deep * (steps[0] < 0), deep * (steps[0] < 0) + sizes[k])
            for k, deep, steps, sizes in zip(place, depth, there, array.chunks, strict=True)
        )
        graph[name, *place] = (_filtered, task, _nested(there, piece), region)
    return da.Array(HighLevelGraph.from_collections(name, graph, dependencies=[array]), name, array.chunks, meta=meta)


def _end(side: Side, depth: Sequence[int]) -> tuple[slice, ...]:
    """What a chunk lends a neighbour, to which it lies on a side: its last samples, if it lies before."""
    ends = {-1: lambda deep: slice(-deep, None), 0: lambda deep: slice(None), 1: lambda deep: slice(deep)}
    return tuple(ends[step](deep) for step, deep in zip(side, depth, strict=True))


def _nested(there: Sequence[Sequence[int]], piece: Callable[[Side], Any], side: Side = ()) -> Any:
    """The pieces that are there, as `np.block` takes them."""
    if not there:
        return piece(side)
    return [_nested(there[1:], piece, (*side, step)) for step in there[0]]


def _lent(chunk: np.ndarray, regions: Sequence[tuple[slice, ...]]) -> list[np.ndarray]:
    return [chunk[region].copy() for region in regions]


def _filtered(task: Callable[..., np.ndarray], pieces: Any, region: tuple[slice, ...]) -> np.ndarray:
    return task(np.block(pieces), region)
