"""Least squares of a linear spline whose numbers lie in a box, in a time that grows with the knots, not their cube.

Rows of the problem have three values that are neighbours, so it stays a band however its numbers are held at an end
of the box: a held number makes its value a constant, or ties it to the value before. Which ones are held is found by
block principal pivoting (L. F. Portugal, J. J. Judice, L. N. Vicente, Math. Comput. 63, 1994): numbers that leave the
box are held, held ones that a gradient draws inside are let go, all of them at once while that gets on, the last alone
when it does not. It ends where the conditions for the least sum of squares hold (Karush, Kuhn, Tucker), for which
these suffice.
"""

from typing import NamedTuple

import numpy as np

_PATIENCE = 10  # exchanges of all that may fail to get on (measured)
_MOST = 300  # exchanges
_STEPS = 30  # of the interior point method
_EPS = 1e-12  # beyond an end of the box, of the largest number; of a gradient, of what it is the sum of
_WIDTH = 3


class Rows(NamedTuple):
    """Equations: row k is of the values k, k + 1, k + 2, what they add up to, and what they should; in this order."""

    factors: np.ndarray
    wanted: np.ndarray


class Numbers(NamedTuple):
    """How values are made of numbers: v_k = scale_k x_k, or, where tied, v_k = v_{k-1} + scale_k x_k."""

    scales: np.ndarray
    tied: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        """The numbers of values."""
        before = np.concatenate([[0.0], values[:-1]])
        return np.asarray((values - np.where(self.tied, before, 0.0)) / self.scales)

    def gradient(self, by_values: np.ndarray) -> np.ndarray:
        """By numbers, from that by values."""
        through = by_values.copy()
        for k in range(len(through) - 1, 0, -1):
            if self.tied[k]:
                through[k - 1] += through[k]
        return np.asarray(through * self.scales)


def reduced(samples: list[np.ndarray], stiffness: float) -> Rows:
    """One row for each value, of as small a sum of squares, from rows of each piece and those of straightness.

    Parameters
    ----------
    samples : list of ndarray, shape (any, 3)
        Of the piece from value k to the next: what they count for, and what is wanted; of the last value alone, too.
    stiffness : float
        The weight of second differences.
    """
    count = len(samples)
    straight = stiffness * np.array([[1.0, -2.0, 1.0, 0.0]])
    found, carried = np.zeros((count, _WIDTH + 1)), np.zeros((0, _WIDTH + 1))
    for k in range(count):
        rows = [carried, np.insert(samples[k], 2, 0.0, axis=1)]
        if k < count - 2:
            rows.append(straight)
        found[k], carried = _eliminated(np.concatenate(rows))
    return Rows(found[:, :_WIDTH], found[:, _WIDTH])


def _eliminated(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The equation that the first value is found by, and what is left for those after it."""
    upper = np.linalg.qr(rows, mode="r")
    full = np.zeros((_WIDTH + 1, _WIDTH + 1))
    full[: len(upper)] = upper
    rest = np.zeros((_WIDTH - 1, _WIDTH + 1))
    rest[:, : _WIDTH - 1], rest[:, -1] = full[1:_WIDTH, 1:_WIDTH], full[1:_WIDTH, -1]
    return full[0], rest


def least_squares(rows: Rows, numbers: Numbers, low: float, high: float) -> np.ndarray | None:
    """The numbers in the box; None where this way does not find them.

    Examples
    --------
    >>> rows = reduced([np.array([[1.0, 0.0, 3.0]]), np.array([[1.0, 0.0, 0.5]])], 0.0)
    >>> least_squares(rows, Numbers(np.ones(2), np.zeros(2, bool)), 0.0, 1.0).tolist()
    [1.0, 0.5]
    """
    side = np.zeros(len(numbers.scales), int)  # -1 held at the lower end, 1 at the upper
    if numbers.tied.all() and low < high and low > -np.inf:  # they hang together: many exchanges without a guess
        side = _guessed(rows, numbers, low, high)
    least, patience = len(side) + 1, _PATIENCE
    for _ in range(_MOST):
        values = _solved(rows, numbers, side, low, high)
        x, by, size = numbers.of(values), *_gradients(rows, numbers, values)
        margin = _EPS * min(high - low, np.abs(x).max())
        leaves = np.where(side == 0, np.where(x < low - margin, -1, np.where(x > high + margin, 1, 0)), 0)
        is_drawn = side * by > _EPS * size
        wrong = np.flatnonzero((leaves != 0) | is_drawn)
        if not len(wrong):
            return np.asarray(np.clip(np.where(side < 0, low, np.where(side > 0, high, x)), low, high))
        if len(wrong) < least:
            least, patience = len(wrong), _PATIENCE
        elif patience:
            patience -= 1
        else:
            wrong = wrong[-1:]
        side[wrong] = leaves[wrong]
    return None


def _gradients(rows: Rows, numbers: Numbers, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of half the sum of squares, and of what sizes it is the sum."""
    padded = np.concatenate([values, np.zeros(_WIDTH - 1)])
    around = np.lib.stride_tricks.sliding_window_view(padded, _WIDTH)
    misses = (rows.factors * around).sum(1) - rows.wanted
    sizes = (np.abs(rows.factors) * np.abs(around)).sum(1) + np.abs(rows.wanted)
    by, size = np.zeros(len(padded)), np.zeros(len(padded))
    for k in range(_WIDTH):
        by[k : k + len(values)] += rows.factors[:, k] * misses
        size[k : k + len(values)] += np.abs(rows.factors[:, k]) * sizes
    count = len(values)
    return numbers.gradient(by[:count]), Numbers(np.abs(numbers.scales), numbers.tied).gradient(size[:count])


def _solved(rows: Rows, numbers: Numbers, side: np.ndarray, low: float, high: float) -> np.ndarray:
    """The values of least squares where some numbers are held: each is one of those that are free, and a constant."""
    count = len(side)
    place, constant = np.full(count + _WIDTH - 1, -1), np.zeros(count + _WIDTH - 1)
    free = 0
    for k in range(count):
        if side[k] == 0:
            place[k], free = free, free + 1
        else:
            constant[k] = numbers.scales[k] * (low if side[k] < 0 else high)
            if numbers.tied[k] and k:
                place[k], constant[k] = place[k - 1], constant[k] + constant[k - 1]
    waiting: list[list[np.ndarray]] = [[] for _ in range(free)]
    for k in range(count):
        equation = np.zeros(_WIDTH + 1)
        equation[-1] = rows.wanted[k] - rows.factors[k] @ constant[k : k + _WIDTH]
        first = next((p for p in place[k : k + _WIDTH] if p >= 0), -1)
        if first >= 0:
            for factor, p in zip(rows.factors[k], place[k : k + _WIDTH], strict=True):
                if p >= 0:
                    equation[p - first] += factor
            waiting[first].append(equation)
    values = _of_band(waiting)
    return np.asarray(np.where(place >= 0, values[place], 0.0) + constant)[:count]


def _of_band(waiting: list[list[np.ndarray]]) -> np.ndarray:
    """The unknowns of least squares, and some zeros; each has the equations that it is the first of."""
    free = len(waiting)
    found, carried = np.zeros((free, _WIDTH + 1)), np.zeros((0, _WIDTH + 1))
    for k in range(free):
        found[k], carried = _eliminated(np.concatenate([carried, np.array(waiting[k]).reshape(-1, _WIDTH + 1)]))
    values = np.zeros(free + _WIDTH)
    tiny = 1e-14 * np.abs(found[:, 0]).max(initial=0.0)
    for k in range(free - 1, -1, -1):
        if abs(found[k, 0]) > tiny:  # else any will do
            rest = found[k, 1:_WIDTH] @ values[k + 1 : k + _WIDTH]
            values[k] = (found[k, -1] - rest) / found[k, 0]
    return values


def _guessed(rows: Rows, numbers: Numbers, low: float, high: float) -> np.ndarray:
    """Which numbers are held, where all are tied, as an interior point method sees it.

    S. J. Wright, Primal-dual interior-point methods, SIAM 1997: each step is one more fit in the same band.
    """
    count, width = len(numbers.scales), min(high - low, 1.0)
    x = np.full(count, low + width / 2)
    force = np.abs(_gradients(rows, numbers, np.cumsum(numbers.scales * x))[0]).mean() + 1e-300
    below, above = np.full(count, force), np.full(count, force if high < np.inf else 0.0)
    for _ in range(_STEPS):
        room, left = x - low, np.where(high < np.inf, high - x, 1.0)
        pressure = 0.1 * (below @ room + above @ left) / (2 * count)
        if not pressure > _EPS * force * width:
            break
        at_low, at_high = pressure / room, np.where(high < np.inf, pressure / left, 0.0)
        weights = np.sqrt(below / room + above / left)
        wanted = weights * x + (at_low - at_high) / weights
        waiting = [[np.append(rows.factors[k], rows.wanted[k])] for k in range(count)]
        for k, factor in enumerate(weights / numbers.scales):
            row = [-factor, factor, 0.0, wanted[k]] if k else [factor, 0.0, 0.0, wanted[k]]
            waiting[max(k - 1, 0)].append(np.array(row))
        change = numbers.of(_of_band(waiting)[:count]) - x
        more_below, more_above = at_low - below - below * change / room, at_high - above + above * change / left
        pairs = (
            (room, change),
            (left, np.where(high < np.inf, -change, 0.0)),
            (below, more_below),
            (above, more_above),
        )
        step = min(1.0, *(0.99 * float(np.min(a[d < 0] / -d[d < 0], initial=np.inf)) for a, d in pairs))
        x, below, above = x + step * change, below + step * more_below, above + step * more_above
    is_low, is_high = below / force > (x - low) / width, above / force > (high - x) / width
    return np.asarray(np.where(is_low, -1, np.where(is_high, 1, 0)))
