"""Splines fitted to samples by least squares, within the constraints that keep a network stable.

All constraints are boxes, mathematics of learned nonlinearities (docs/torch.md): of Phi(r)/r at the knots, for the
max-min principle; of the slopes, for distances. The boxes hold exactly, since values are made of the fitted numbers by
exact arithmetic.
"""

from fractions import Fraction
from itertools import accumulate, pairwise
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from symtrans.errors import MissingPackageError, NonlinearityError
from symtrans.language.symbols import reals_of

_FEW = 100  # unknowns
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
    if not largest > 0:
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
    at, heights = (reals_of(x, shown).astype(float).reshape(-1) for x in (r, values))
    if at.shape != heights.shape or not at.size:
        raise NonlinearityError(
            f"{shown} has {at.size} places and {heights.size} values; give one value for each, and some"
        )
    if not (np.isfinite(at).all() and np.isfinite(heights).all()):
        raise NonlinearityError(f"{shown} has samples that are not finite; leave them out")
    if letter in ("Phi", "S"):
        heights = np.where(at < 0, -heights, heights)
    at = np.abs(at)
    places = _places(knots, float(at.max()), shown)
    basis = _basis(at, places, tail)
    at_zero = letter != "g"  # all others are 0 there
    # the columns of `mix` are what one unknown adds to the values at 0 and the knots
    mix = np.array(_values(np.eye(len(places)), places, box, at_zero, tail))
    straight = np.diff(np.eye(len(places)), 2, axis=0) * _SMOOTH**0.5 * max(1.0, len(at)) ** 0.5
    matrix = np.concatenate([basis, straight]) @ mix
    numbers = _solved(matrix, np.concatenate([heights, np.zeros(len(straight))]), box, shown)
    exact = [Fraction(float(x)) for x in numbers]
    return Fitted(places.tolist(), _values(exact, [Fraction(p) for p in places.tolist()], box, at_zero, tail))


def _places(knots: Any, largest: float, shown: str) -> np.ndarray:
    if isinstance(knots, Integral) and not isinstance(knots, bool) and int(knots) > 0 and largest > 0:
        return np.linspace(0, largest, int(knots) + 1)
    places = reals_of(knots, shown).astype(float).reshape(-1)
    places = places[1:] if places.size and places[0] == 0 else places
    if not places.size or not (np.diff(places, prepend=0) > 0).all():
        raise NonlinearityError(f"{shown}: knots = {knots!r} are not ascending places r > 0, nor a number of them")
    return np.concatenate([[0.0], places])


def _basis(at: np.ndarray, places: np.ndarray, tail: str) -> np.ndarray:
    """Rows: what the values at the places contribute to a sample."""
    piece = np.clip(np.searchsorted(places, at, side="right") - 1, 0, len(places) - 2)
    left, width = places[piece], np.diff(places)[piece]
    share = (at - left) / width
    if tail == "constant":
        share = np.minimum(share, 1)
    basis = np.zeros((len(at), len(places)))
    rows = np.arange(len(at))
    basis[rows, piece], basis[rows, piece + 1] = 1 - share, share
    return basis


def _values(numbers: Any, places: Any, box: Box | None, at_zero: bool, tail: str) -> list[Any]:
    """The values at 0 and the knots, of fractions or rows; where 0 has the value 0, the first number is of no use."""
    if box is None or not at_zero:
        return [0 * numbers[0], *numbers[1:]] if at_zero else list(numbers)
    widths = [b - a for a, b in pairwise(places)]
    if box.of_slopes:
        return [0 * numbers[0], *accumulate(s * w for s, w in zip(numbers[1:], widths, strict=True))]
    values = [x * p for x, p in zip(numbers, places, strict=True)]
    if tail == "linear":  # the last number is the slope that goes on, so that it is in the box too
        values[-1] = values[-2] + numbers[-1] * widths[-1]
    return values


def _solved(matrix: np.ndarray, heights: np.ndarray, box: Box | None, shown: str) -> np.ndarray:
    # as many rows as unknowns have the same solution, whatever the number of samples
    reduced = np.asarray(np.linalg.qr(np.column_stack([matrix, heights]), mode="r"))
    upper, weights = reduced[:, :-1], reduced[:, -1]
    if box is None:
        return np.asarray(np.linalg.lstsq(upper, weights, rcond=None)[0])
    try:
        from scipy.optimize import lsq_linear
    except ImportError:
        raise MissingPackageError.of(f"{shown} under a constraint", "scipy", "signals") from None
    # one goes from face to face of the box, and is exact; the other, for many unknowns, through its inside
    method = "bvls" if matrix.shape[1] <= _FEW else "trf"
    found = lsq_linear(upper, weights, (box.least, box.most), method=method, tol=1e-12)
    return np.asarray(np.clip(found.x, box.least, box.most))
