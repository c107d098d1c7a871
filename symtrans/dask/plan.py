"""In how many passes over which chunks: the cheapest by a stated model.

m blocks that each look `reach` samples far need a halo of m reach samples around every chunk, which is filtered too and
thrown away. p passes of m/p blocks need less of it, but go over all samples p times:

    seconds = sum over the passes of (1 + halo) N (m_p reach step + move) + chunks task.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from symtrans.runtime.frozen import FrozenMapping

Chunks = tuple[int, ...]

STEP: Mapping[str, float] = FrozenMapping({"c": 0.3e-9, "numpy": 20e-9})
"""Seconds that a step of a sample takes on a core, by target; measured (docs/scale.md)."""
MOVE = 2e-9
"""Seconds to copy a sample into a chunk with its halo, and back."""
TASK = 2e-3
"""Seconds that Dask needs for a chunk and its neighbours."""

_WIDE, _SMALL = 20, 2**20  # halos to a chunk that is made anew: it costs a tenth; and samples of one, at most
_EACH = 64  # every number of passes up to here is looked at, then powers of two


@dataclass(frozen=True)
class Plan:
    """How an array is gone over.

    Attributes
    ----------
    passes : tuple of int
        The blocks of each pass.
    chunks : tuple of tuple of int
        Of each filtered axis.
    seconds : float
        What the model says it takes on one core.
    """

    passes: tuple[int, ...]
    chunks: tuple[Chunks, ...]
    seconds: float


def plan(
    chunks: Sequence[Chunks], blocks: int, reach: int, *, ring: bool = False, rows: int = 1, step: float = STEP["c"]
) -> Plan:
    """The cheapest plan for the chunks of the filtered axes.

    Chunks smaller than a halo are joined with their neighbours; if most are, until they are 20 halos wide.

    Parameters
    ----------
    chunks : sequence of tuple of int
    blocks, reach : int
    ring : bool
        Whether the first and the last chunk are neighbours.
    rows : int
        How many arrays of these chunks there are.
    step : float
        Seconds of a step of a sample.

    Examples
    --------
    >>> plan([(1_000_000,) * 10], 32, 1).passes
    (32,)
    >>> far = plan([(1_000_000,) * 10], 100_000, 1)
    >>> len(far.passes), max(far.passes)
    (37, 2703)
    >>> plan([(1000, 1000, 5)], 32, 1).chunks
    ((1000, 1005),)
    >>> plan([(8,) * 1000], 32, 1).chunks[0][:2]
    (640, 640)
    """
    plans = (_plan(chunks, blocks, count, reach, ring, rows, step) for count in _counts(blocks))
    return min(plans, key=lambda found: found.seconds)


def _counts(blocks: int) -> Iterable[int]:
    yield from range(1, min(blocks, _EACH) + 1)
    count = 2 * _EACH
    while count <= blocks:
        yield count
        count *= 2


def _plan(chunks: Sequence[Chunks], blocks: int, count: int, reach: int, ring: bool, rows: int, step: float) -> Plan:
    least, more = divmod(blocks, count)
    passes = (least + 1,) * more + (least,) * (count - more)
    halo = passes[0] * reach
    joined_chunks = tuple(joined(sizes, _WIDE * halo if sum(sizes) < halo * len(sizes) else halo) for sizes in chunks)
    if prod(map(max, joined_chunks)) > _SMALL:
        joined_chunks = tuple(joined(sizes, halo) for sizes in chunks)
    seconds = 0.0
    if joined_chunks != tuple(chunks):
        seconds += rows * prod(map(sum, chunks)) * MOVE
    for size, number in ((least + 1, more), (least, count - more)):
        with_halo = rows * prod(extended(sizes, size * reach, ring) for sizes in joined_chunks)
        seconds += number * (with_halo * (size * reach * step + MOVE) + prod(map(len, joined_chunks)) * TASK)
    return Plan(passes, joined_chunks, seconds)


def joined(sizes: Chunks, least: int) -> Chunks:
    """Chunks joined with those after them until none is smaller than `least`, or empty; the last with that before.

    Examples
    --------
    >>> joined((4, 1, 0, 2, 5, 1), 3), joined((1, 1), 3)
    ((4, 3, 6), (2,))
    """
    found: list[int] = []
    open_chunk = 0
    for size in sizes:
        open_chunk += size
        if open_chunk >= max(1, least):
            found.append(open_chunk)
            open_chunk = 0
    if open_chunk or not found:
        found[-1:] = [sum(found[-1:]) + open_chunk]
    return tuple(found)


def extended(sizes: Chunks, depth: int, ring: bool = False) -> int:
    """The samples along an axis together with the halos of all its chunks.

    Examples
    --------
    >>> extended((10, 10, 10), 2), extended((10, 10, 10), 2, ring=True), extended((30,), 2)
    (38, 42, 30)
    """
    borders = len(sizes) - (0 if ring else 1) if len(sizes) > 1 else 0
    return sum(sizes) + 2 * depth * borders
