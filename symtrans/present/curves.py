"""The curve of a nonlinearity as data: lines, open and filled dots at jumps, places of breaks, a fitting frame."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import sympy as sp

from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splines import Spline
from symtrans.language.symbols import keyword_of
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation
from symtrans.present.latex_printer import latex

_POINTS = 1201
_GAP = 1e-9  # of the extent: how near to a break its limits are taken
_MARKED = range(4, 129)  # so many knots are marked: of fewer the breaks tell, more would be one black line
_TALL = 4.0  # a curve that rises above this multiple of its 90 % quantile is cut off


@dataclass(frozen=True)
class Curve:
    """What a picture of one nonlinearity shows.

    Attributes
    ----------
    lines : tuple of ndarray, shape (n, 2)
        Connected parts, from left to right; none leads through a jump.
    filled, open : tuple of (float, float)
        At each jump: the value taken, and the limits that are not taken.
    breaks : tuple of (float, Expr)
        The places r > 0 at which the formula changes, with their exact value.
    knots : tuple of (float, float)
        Where the curve of a spline is marked; none of one that has few or very many knots.
    extent : float
        The curve is shown for -extent <= r <= extent.
    low, high : float
        The range of values to show.
    """

    lines: tuple[np.ndarray, ...]
    filled: tuple[tuple[float, float], ...]
    open: tuple[tuple[float, float], ...]
    breaks: tuple[tuple[float, sp.Expr], ...]
    knots: tuple[tuple[float, float], ...]
    extent: float
    low: float
    high: float

    def simplified(self, tolerance: float = 0.002) -> tuple[np.ndarray, ...]:
        """The lines with as few points as stay within `tolerance` of the picture's height."""
        scale = np.array([2 * self.extent, self.high - self.low])
        return tuple(line[_kept(line / scale, tolerance)] for line in self.lines)

    def joined(self) -> np.ndarray:
        """All lines as one array, parted by rows with NaN."""
        parts: list[np.ndarray] = []
        for line in self.lines:
            if parts:
                parts.append(np.array([[(parts[-1][-1, 0] + line[0, 0]) / 2, np.nan]]))
            parts.append(line)
        return np.concatenate(parts)


def curve_of(form: Kind, parameters: Mapping[str, float], extent: float | None = None) -> Curve:
    """Sample a nonlinearity; parameters by keyword, any that is missing is 1.

    Without an `extent` the last break lies at 45 % of it; a formula without breaks is shown up to r = 3.

    Examples
    --------
    >>> from symtrans.nonlinearity.kinds import Shrinkage
    >>> hard = curve_of(Shrinkage("Piecewise((0, |r| <= theta), (r, otherwise))"), {"theta": 2})
    >>> len(hard.lines), hard.filled, hard.open
    (3, ((-2.0, 0.0), (2.0, 0.0)), ((-2.0, -2.0), (2.0, 2.0)))
    """
    value = _integrated(form) if form.expr.has(sp.Integral) else form
    values = {keyword_of(s): float(parameters.get(keyword_of(s), 1.0)) for s in form.parameters}
    numbers = form.bind(values)
    breaks = [(float(b.subs(numbers)), form.names.outward(b)) for b in form.half.breaks]
    if extent is None:
        extent = 2.2 * max(b for b, _ in breaks) if breaks else 3.0
    inside = [(b, exact) for b, exact in breaks if b < extent]
    gap = _GAP * extent
    ends = [0.0, *(b for b, _ in inside), extent]
    right = [_piece(value, values, lo + gap, hi - gap, extent) for lo, hi in pairwise(ends)]
    places = np.array(ends[:-1])
    at = value(places, **values)
    jumps = [_is_jump(form, right, at, k) for k in range(len(places))]
    mirror = np.array([-1.0, 1.0 if form.parity is Parity.EVEN else -1.0])
    lines = _joined([*([(line * mirror)[::-1] for line in right][::-1]), *right], [*jumps[:0:-1], *jumps])
    cap = _cap(np.concatenate(lines)[:, 1])
    shown = tuple(part for line in lines for part in _below(line, cap))
    filled, opened = _dots(form, right, at, jumps, places, mirror)
    heights = np.concatenate([*(line[:, 1] for line in shown), [y for _, y in (*filled, *opened)], [0.0]])
    low, high = float(heights.min()), float(heights.max())
    if high - low < 1e-9 * max(1.0, abs(high)):
        high, low = high + 1, low - 1
    marked = isinstance(form.half, Spline) and len(inside) in _MARKED and not any(jumps)
    knots = [(float(x), float(y)) for x, y in zip(places[1:], at[1:], strict=True)] if marked else []
    mirrored = [(-x, float(mirror[1]) * y) for x, y in knots[::-1]]
    return Curve(shown, filled, opened, tuple(inside), (*mirrored, *knots), extent, low, high)


def named_breaks(curve: Curve) -> list[tuple[float, str]]:
    """The breaks whose names in LaTeX do not run into each other."""
    found: list[tuple[float, str]] = []
    for place, exact in curve.breaks:
        name = latex(exact)
        if (not found or place - found[-1][0] > 0.35 * curve.extent) and len(name) <= 24:
            found.append((place, name))
    return found


def _integrated(form: Kind) -> Callable[..., np.ndarray]:
    """A regulariser without a closed form on arrays, as 2 times the integral of Phi, panel by panel (Gauss)."""
    slope = form.to(Activation)
    nodes, weights = np.polynomial.legendre.leggauss(8)

    def value(places: np.ndarray, **values: float) -> np.ndarray:
        far = np.abs(places)
        ends = np.unique(np.concatenate([far, np.linspace(0, far.max(), 257)]))
        half = np.diff(ends) / 2
        panels = half * (slope((ends[:-1] + half)[:, None] + half[:, None] * nodes, **values) @ weights)
        total: np.ndarray = np.interp(far, ends, 2 * np.concatenate([[0.0], np.cumsum(panels)]))
        return total

    return value


def _piece(
    form: Callable[..., np.ndarray], values: Mapping[str, float], lo: float, hi: float, extent: float
) -> np.ndarray:
    count = max(32, int(_POINTS * (hi - lo) / extent / 2) + 64)
    x = np.linspace(lo, hi, count)
    with np.errstate(all="ignore"):
        return np.column_stack([x, form(x, **values)])


def _is_jump(form: Kind, right: list[np.ndarray], at: np.ndarray, k: int) -> bool:
    """Whether the curve is broken at the k-th place: its limits and its value are not all the same."""
    after = right[k][0, 1]
    before = right[k - 1][-1, 1] if k else after * form.parity.value
    return not (np.isfinite(at[k]) and max(abs(after - at[k]), abs(before - at[k])) <= 1e-6 * max(1.0, abs(at[k])))


def _joined(lines: list[np.ndarray], jumps: list[bool]) -> list[np.ndarray]:
    whole = [lines[0]]
    for line, jump in zip(lines[1:], jumps, strict=True):
        if jump:
            whole.append(line)
        else:
            whole[-1] = np.concatenate([whole[-1], line])
    return whole


def _cap(heights: np.ndarray) -> float:
    """How high a curve with a pole is drawn."""
    sizes = np.abs(heights[np.isfinite(heights)])
    usual = float(np.quantile(sizes, 0.9))
    return 1.5 * usual if float(sizes.max()) > _TALL * usual > 0 else np.inf


def _below(line: np.ndarray, cap: float) -> Iterator[np.ndarray]:
    drawn = np.isfinite(line[:, 1]) & (np.abs(line[:, 1]) <= cap)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], drawn.astype(int), [0]])))
    for start, stop in edges.reshape(-1, 2):
        if stop - start > 1:
            yield line[start:stop]


def _dots(
    form: Kind,
    right: list[np.ndarray],
    at: np.ndarray,
    jumps: list[bool],
    places: np.ndarray,
    mirror: np.ndarray,
) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    filled, opened = set(), set()
    for k in np.flatnonzero(jumps):
        after = right[k][0, 1]
        limits = [after, right[k - 1][-1, 1] if k else after * form.parity.value]
        if not np.all(np.isfinite([*limits, at[k]])):
            continue  # a pole has no dots
        place, value = float(places[k]), float(at[k])
        filled |= {(place, value), (-place + 0.0, float(value * mirror[1]) + 0.0)}
        for limit in limits:
            if abs(limit - value) > 1e-6 * max(1.0, abs(value)):
                dot = (place, round(float(limit), 7) + 0.0)
                opened |= {dot, (-place + 0.0, float(dot[1] * mirror[1]) + 0.0)}
    return tuple(sorted(filled)), tuple(sorted(opened))


def _kept(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Which points of a line are needed (Ramer, Douglas, Peucker)."""
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        offset = points[first + 1 : last] - points[first]
        distance = np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0]) / max(float(np.hypot(*chord)), 1e-30)
        # the first of equals: which of two mirrored points lies further by a rounding differs between processors
        worst = int(np.argmax(distance >= distance.max() - 1e-9))
        if distance[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            parts += [(first, middle), (middle, last)]
    return keep
