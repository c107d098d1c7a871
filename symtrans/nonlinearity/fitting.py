"""Splines fitted to samples by least squares, within the constraints that keep a network stable.

All constraints are boxes, mathematics of learned nonlinearities (docs/torch.md): of Phi(r)/r at the knots, for the
max-min principle; of the slopes, for distances. The boxes hold exactly, since values are made of the fitted numbers by
exact arithmetic.
"""

from fractions import Fraction
from itertools import accumulate, pairwise
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from symtrans.errors import MissingPackageError, NonlinearityError
from symtrans.language.arrays import reals_of
from symtrans.nonlinearity.box_fits import Numbers, Rows, least_squares, reduced

_SMOOTH = 1e-16  # how little straightness counts beside the samples: it decides only what they leave open


class Box(NamedTuple):
    """What a constraint means for one kind: whether it is of slopes, and between what."""

    of_slopes: bool
    least: float
    most: float


def box_of(letter: str, constraint: str | None, largest: float, shown: str) -> Box | None:
    """What a constraint means for a kind; `largest` bounds g and Phi'."""
    if constraint is None:
        return None
    boxes = {
        "Phi": {"max-min": Box(False, 0.0, largest), "monotone": Box(True, 0.0, largest)},
        # -r <= S <= r for r > 0, and 0 <= S (eq. 17); Phi' = (1 - S')/(4 tau)
        "S": {"max-min": Box(False, -1.0, 1.0), "sign": Box(False, 0.0, 1.0), "monotone": Box(True, -1.0, 1.0)},
        "g": {"max-min": Box(False, 0.0, largest)},
    }.get(letter, {})
    if constraint not in boxes:
        there = ", ".join(map(repr, boxes)) or "none: fit an activation and translate it"
        raise NonlinearityError(f"{shown}: constraint = {constraint!r}; of this kind there is {there}")
    if not (isinstance(largest, Real) and largest > 0):
        raise NonlinearityError(f"{shown}: largest = {largest!r} must be positive")
    return boxes[constraint]


class Fitted(NamedTuple):
    """Knots from 0 on, and exact values."""

    places: list[float]
    values: list[Fraction]


def fitted(r: Any, values: Any, knots: Any, box: Box | None, letter: str, tail: str, shown: str) -> Fitted:
    """The spline of least squares through samples, extended by parity, with 0 and these knots.

    Parameters
    ----------
    r, values : array_like
        Samples; those at r < 0 count by parity.
    knots : int or array_like
        Places r > 0, or how many up to the largest.
    box : Box or None
    letter : str
        Of the kind.
    tail : {"linear", "constant"}
    shown : str
        What is called, for errors.
    """
    at, heights = (reals_of(x, shown).astype(float) for x in (r, values))
    if at.shape != heights.shape or not at.size:
        shapes = f" (of the shapes {at.shape} and {heights.shape})" * (at.size == heights.size > 0)
        raise NonlinearityError(
            f"{shown} has {at.size} places and {heights.size} values{shapes}; give one value for each, and some"
        )
    at, heights = at.reshape(-1), heights.reshape(-1)
    if not (np.isfinite(at).all() and np.isfinite(heights).all()):
        raise NonlinearityError(f"{shown} has samples that are not finite; leave them out")
    if letter in ("Phi", "S"):
        heights = np.where(at < 0, -heights, heights)
    at = np.abs(at)
    places = _places(knots, float(at.max()), shown)
    at_zero = letter != "g"  # all others are 0 there
    stiffness = _SMOOTH**0.5 * max(1.0, len(at)) ** 0.5
    rows = reduced(_samples(at, heights, places, at_zero, tail, stiffness), stiffness)
    numbers = _solved(rows, _numbers(places, box, at_zero, tail), box, shown)
    exact = [Fraction(0)] * at_zero + [Fraction(float(x)) for x in numbers]
    return Fitted(places.tolist(), _values(exact, [Fraction(p) for p in places.tolist()], box, at_zero, tail))


def _places(knots: Any, largest: float, shown: str) -> np.ndarray:
    if isinstance(knots, Integral) and not isinstance(knots, bool) and int(knots) > 0:
        if largest == 0:
            raise NonlinearityError(
                f"{shown}: all places are r = 0, where knots up to the largest cannot be; give others"
            )
        return np.linspace(0, largest, int(knots) + 1)
    places = reals_of(knots, shown).astype(float)
    places = places[1:] if places.ndim == 1 and places.size and places[0] == 0 else places
    if places.ndim != 1 or not places.size or not (np.diff(places, prepend=0) > 0).all():
        raise NonlinearityError(f"{shown}: knots = {knots!r} are not ascending places r > 0, nor a number of them")
    return np.concatenate([[0.0], places])


def _samples(
    at: np.ndarray, heights: np.ndarray, places: np.ndarray, at_zero: bool, tail: str, stiffness: float
) -> list[np.ndarray]:
    """The samples of each piece: what its two values count for, and the height; none of a value that is 0."""
    piece = np.clip(np.searchsorted(places, at, side="right") - 1, 0, len(places) - 2)
    share = (at - places[piece]) / np.diff(places)[piece]
    if tail == "constant":
        share = np.minimum(share, 1)
    order = np.argsort(piece, kind="stable")
    rows = np.column_stack([1 - share, share, heights])[order]
    pieces = [*np.split(rows, np.searchsorted(piece[order], range(1, len(places) - 1))), np.zeros((0, 3))]
    if not at_zero:
        return pieces
    first, *others = pieces
    from_first = np.column_stack([first[:, 1], np.zeros(len(first)), first[:, 2]])
    straight = stiffness * np.array([[-2.0, 1.0, 0.0]])[: len(others) - 1]
    return [np.concatenate([from_first, straight, others[0]]), *others[1:]]


def _numbers(places: np.ndarray, box: Box | None, at_zero: bool, tail: str) -> Numbers:
    """How the values at the knots, and at 0 where they are not 0 there, are made of what the box holds."""
    count = len(places) - at_zero
    if box is None or not at_zero:
        return Numbers(np.ones(count), np.zeros(count, bool))
    widths, tied = np.diff(places), np.full(count, box.of_slopes)
    if tail == "linear":  # the last number is the slope that goes on, so that it is in the box too
        tied[-1] = True
    return Numbers(np.where(tied, widths, places[1:]), tied)


def _values(numbers: Any, places: Any, box: Box | None, at_zero: bool, tail: str) -> list[Any]:
    """The values at 0 and the knots, of fractions; where 0 has the value 0, the first number is of no use."""
    if box is None or not at_zero:
        return [0 * numbers[0], *numbers[1:]] if at_zero else list(numbers)
    widths = [b - a for a, b in pairwise(places)]
    if box.of_slopes:
        return [0 * numbers[0], *accumulate(s * w for s, w in zip(numbers[1:], widths, strict=True))]
    values = [x * p for x, p in zip(numbers, places, strict=True)]
    if tail == "linear":  # the last number is the slope that goes on, so that it is in the box too
        values[-1] = values[-2] + numbers[-1] * widths[-1]
    return values


def _solved(rows: Rows, numbers: Numbers, box: Box | None, shown: str) -> np.ndarray:
    low, high = (-np.inf, np.inf) if box is None else (box.least, box.most)
    found = least_squares(rows, numbers, low, high)
    if found is not None:
        return found
    try:
        from scipy.optimize import lsq_linear
    except ImportError:
        raise MissingPackageError.of(f"{shown} under a constraint", "scipy", "signals") from None
    count = len(rows.wanted)
    matrix = sum(np.diag(rows.factors[: count - k, k], k) for k in range(min(count, rows.factors.shape[1])))
    mixed = np.array([numbers.gradient(row) for row in np.asarray(matrix)])
    return np.asarray(np.clip(lsq_linear(mixed, rows.wanted, (low, high), tol=1e-12).x, low, high))
