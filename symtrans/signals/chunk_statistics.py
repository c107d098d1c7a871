"""Range, mean and sign changes of an array that is seen chunk by chunk, in any order."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

Statistics = dict[str, Any]
"""Of a chunk, ready for JSON: minimum, maximum, sum, count; and of signals sign_changes, first and last signs."""
_PIECE = 2**15
"""So many samples are looked at at once: what is made of them stays in the cache."""


def statistics_of(chunk: np.ndarray, signs: bool) -> Statistics:
    """What is to be known of a chunk; with `signs`, of signals along the last axis.

    Examples
    --------
    >>> statistics_of(np.array([0.0, 2.0, 0.0, -1.0]), signs=True)
    {'minimum': -1.0, 'maximum': 2.0, 'sum': 1.0, 'count': 4, 'sign_changes': 1, 'first': [1], 'last': [-1]}
    """
    rows = chunk.reshape(-1, chunk.shape[-1] if signs else chunk.size)
    extremes, total, changes = [], 0.0, 0
    first, last = [0] * len(rows), [0] * len(rows)
    for number, row in enumerate(rows):
        for start in range(0, row.size, _PIECE):
            piece = row[start : start + _PIECE]
            extremes += [piece.min(), piece.max()]
            total += float(piece.sum(dtype=np.float64))
            if signs:
                more, begin, end = _signs(piece)
                changes += more + (last[number] * begin < 0)
                first[number], last[number] = first[number] or begin, end or last[number]
    found: Statistics = {
        "minimum": float(np.min(extremes)),
        "maximum": float(np.max(extremes)),
        "sum": total,
        "count": chunk.size,
    }
    return found | {"sign_changes": changes, "first": first, "last": last} if signs else found


def _signs(piece: np.ndarray) -> tuple[int, int, int]:
    """Changes, and the sign that comes first and last, 0 where there is none; zeros do not count."""
    if (piece == 0).any():
        piece = piece[piece != 0]
        if not piece.size:
            return 0, 0, 0
    negative = piece < 0
    changes = int(np.count_nonzero(negative[1:] != negative[:-1]))
    return changes, 1 - 2 * int(negative[0]), 1 - 2 * int(negative[-1])


def together(chunks: Mapping[tuple[int, ...], Statistics]) -> dict[str, Any]:
    """The statistics of all chunks, by their places in the grid of chunks.

    Examples
    --------
    >>> u = np.array([[1.0, 0.0, 2.0, 3.0, -4.0, 0.0, 0.0, 5.0]])
    >>> together({(0, k): statistics_of(u[:, 2 * k : 2 * k + 2], signs=True) for k in (3, 1, 0, 2)})
    {'minimum': -4.0, 'maximum': 5.0, 'mean': 0.875, 'sign_changes': 2}
    """
    ordered = [chunks[place] for place in sorted(chunks)]
    result: dict[str, Any] = {
        "minimum": min(one["minimum"] for one in ordered),
        "maximum": max(one["maximum"] for one in ordered),
        "mean": sum(one["sum"] for one in ordered) / sum(one["count"] for one in ordered),
    }
    if "sign_changes" in ordered[0]:
        result["sign_changes"] = sum(one["sign_changes"] for one in ordered) + _across(chunks)
    return result


def _across(chunks: Mapping[tuple[int, ...], Statistics]) -> int:
    """Sign changes from chunk to chunk along the last axis."""
    total = 0
    before: dict[tuple[int, ...], Iterable[int]] = {}
    for place in sorted(chunks):
        one = chunks[place]
        last = np.array(before.get(place[:-1], [0] * len(one["first"])))
        total += int(np.count_nonzero(last * one["first"] < 0))
        before[place[:-1]] = np.where(one["last"], one["last"], last)
    return total
