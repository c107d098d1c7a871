"""Activations that others have learned, from the arrays of their files: splines of raw coefficients, and Gaussians.

What a file holds is raw: libraries project it before it acts, and differ in how. So each step of a projection is an
argument, and a table of presets names what the papers do; what comes out is an odd spline, an `Activation` like others.
`symtrans.nonlinearity.checkpoints.read` finds the arrays in a state dict.
"""

from collections.abc import Mapping
from fractions import Fraction
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.language.arrays import reals_of
from symtrans.language.symbols import number_of
from symtrans.nonlinearity.kinds import Activation
from symtrans.runtime.public import public

_CENTRES = ("zero", "mean", "odd", "none")
_DIGITS = 12  # of knots, whose mirror images are no others
_LEAST = 1e-200  # of a reach
_ODD = 1e-6  # of the largest value: what may be missing to being odd


class Projection(NamedTuple):
    """How raw coefficients become the values of a spline at its knots.

    Attributes
    ----------
    least, most : float
        Slopes are clamped to these.
    flat_ends : bool
        The first and the last slope become 0.
    centre : {"zero", "mean", "odd", "none"}
        The sum of slopes is moved so that the value at 0 is 0, or that the mean is that of the coefficients; or its odd
        part is taken.
    """

    least: float = -np.inf
    most: float = np.inf
    flat_ends: bool = False
    centre: str = "zero"


PROJECTIONS: Mapping[str, Projection] = {
    "none": Projection(centre="none"),
    "convex-ridge": Projection(0.0, np.inf, True, "zero"),
    "weakly-convex-ridge": Projection(0.0, 1.0, True, "odd"),
    "deep-spline": Projection(-1.0, 1.0, False, "mean"),
}
"""By the family of papers: convex ridge regularisers, either part of weakly convex ones, Lipschitz networks."""


@public
@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what overflows is refused
def splines(
    coefficients: Any,
    low: float,
    high: float,
    *,
    projection: str | Projection = "none",
    scale: Any = 1.0,
    odd_part: bool = False,
) -> tuple[Activation, ...]:
    """The splines of a file, one for each row, continued linearly outside their knots.

    Parameters
    ----------
    coefficients : array_like, shape (knots,) or (activations, knots)
        At equidistant knots from `low` to `high`.
    low, high : float
    projection : str or Projection
        A name of `PROJECTIONS`, or its steps.
    scale : float or array_like of shape (activations,)
        The spline acts as f(scale x)/scale.
    odd_part : bool
        Whether (f(x) - f(-x))/2 is taken of one that is not odd.

    Raises
    ------
    NonlinearityError
        If a spline is not odd, saying by how much.

    Examples
    --------
    >>> (phi,) = splines([-9.0, -0.5, 0.0, 0.5, 9.0], -2, 2, projection=Projection(0, 1))
    >>> phi
    Activation.from_knots([0, 1, 2], [0, 0.5, 1.5], tail='linear')
    """
    rows, low, high = _rows(coefficients, "coefficients", "the knots", low, high)
    knots = np.linspace(low, high, rows.shape[1])
    scales = np.abs(reals_of(scale, "scale").astype(float))  # of an odd function the sign falls out
    if scales.shape not in ((), (1,), (len(rows),)) or not (np.isfinite(scales) & (scales > 0)).all():
        raise NonlinearityError(
            f"scale = {scale!r} is no number other than 0, nor {len(rows)}, one for each activation"
        )
    values = projected(rows, low, high, projection)
    return tuple(
        _odd(knots / factor, row / factor, odd_part, index)
        for index, (row, factor) in enumerate(zip(values, np.broadcast_to(scales, len(rows)), strict=True))
    )


@public
def projected(coefficients: Any, low: float, high: float, projection: str | Projection) -> np.ndarray:
    """What acts of raw coefficients: the values at the knots, of shape (activations, knots).

    Examples
    --------
    >>> projected([0.0, 0.5, 3.0, 3.0, 3.0], -2, 2, "weakly-convex-ridge")
    array([[-0.5, -0.5,  0. ,  0.5,  0.5]])
    """
    rows, low, high = _rows(coefficients, "coefficients", "the knots", low, high)
    steps = PROJECTIONS.get(projection) if isinstance(projection, str) else projection
    if not isinstance(steps, Projection):
        raise NonlinearityError(f"projection = {projection!r} is none of {', '.join(PROJECTIONS)}, nor a Projection")
    if steps.centre not in _CENTRES:
        raise NonlinearityError(f"centre = {steps.centre!r} is none of {', '.join(_CENTRES)}")
    return np.stack([_projected(row, np.linspace(low, high, rows.shape[1]), steps) for row in rows])


def _rows(numbers: Any, what: str, where: str, low: Any, high: Any) -> tuple[np.ndarray, float, float]:
    """The numbers as finite rows, and the ends of the equidistant places at which they lie."""
    low, high = number_of(low, "low"), number_of(high, "high")
    rows = np.atleast_2d(reals_of(numbers, what).astype(float))
    if rows.ndim != 2 or rows.shape[1] < 2 or not np.isfinite(rows).all():
        raise NonlinearityError(
            f"{what} of shape {np.shape(numbers)} are not finite rows of two or more: one row for each activation"
        )
    if not low < high:
        raise NonlinearityError(f"{where} go from low = {low!r} to high = {high!r}; low must be less")
    return rows, low, high


@public
@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what overflows is refused
def gaussians(
    weights: Any, low: float, high: float, gamma: float, *, knots: int = 200, odd_part: bool = False
) -> tuple[tuple[Activation, float], ...]:
    """Splines through mixtures of Gaussians exp(-(x - mu)^2/(2 gamma^2)), mu equidistant, each with its error.

    As trained reaction diffusion and variational networks hold them. The bound is that of interpolation between knots d
    apart, max of the second derivative times d^2/8; it holds up to the last knot, five gammas beyond the means.

    Parameters
    ----------
    weights : array_like, shape (means,) or (activations, means)
    low, high, gamma : float
    knots : int
        Of the spline, on r > 0.
    odd_part : bool

    Examples
    --------
    >>> ((phi, error),) = gaussians([-1.0, 0.0, 1.0], -1, 1, 0.5)
    >>> abs(phi(1.0) - (1 - np.exp(-8))) <= error < 1e-3
    True
    """
    rows, low, high = _rows(weights, "weights", "the means", low, high)
    gamma = number_of(gamma, "gamma")
    if not (gamma > 0 and isinstance(knots, Integral) and knots >= 1):
        raise NonlinearityError(f"gamma = {gamma!r} and knots = {knots!r}: give a positive width and one knot or more")
    means = np.linspace(low, high, rows.shape[1])
    reach = max(abs(low), abs(high)) + 5 * gamma
    places = np.linspace(-reach, reach, 2 * knots + 1)
    bumps = np.exp(-((places[:, None] - means) ** 2) / (2 * gamma**2))
    # the second derivative of one is at most 1/gamma^2
    errors = np.abs(rows).sum(1) / gamma**2 * (reach / knots) ** 2 / 8
    return tuple(
        (_odd(places, bumps @ row, odd_part, index, tail="constant"), float(error))
        for index, (row, error) in enumerate(zip(rows, errors, strict=True))
    )


def _projected(coefficients: np.ndarray, knots: np.ndarray, steps: Projection) -> np.ndarray:
    """The values at the knots."""
    if steps.centre == "none" and not steps.flat_ends and (steps.least, steps.most) == (-np.inf, np.inf):
        return coefficients
    slopes = np.clip(np.diff(coefficients) / np.diff(knots), steps.least, steps.most)
    if steps.flat_ends:
        slopes[[0, -1]] = 0
    values = np.concatenate([[0.0], np.cumsum(slopes * np.diff(knots))])
    if steps.centre == "odd":
        return np.asarray((values - values[::-1]) / 2)
    moves = {
        "zero": -np.interp(0.0, knots, values),
        "mean": np.mean(coefficients) - np.mean(values),
        "none": coefficients[0],
    }
    return np.asarray(values + moves[steps.centre])


def _odd(knots: np.ndarray, values: np.ndarray, odd_part: bool, index: int, tail: str = "linear") -> Activation:
    """The spline, or its odd part, through its knots and their mirror images."""

    def at(x: np.ndarray) -> np.ndarray:
        inside = np.interp(x, knots, values)
        first, last = (np.diff(values) / np.diff(knots))[[0, -1]]
        outside = np.minimum(x - knots[0], 0) * first + np.maximum(x - knots[-1], 0) * last
        return np.asarray(inside + (outside if tail == "linear" else 0))

    reach = float(np.abs(knots).max())
    beyond = f"activation {index} goes beyond what doubles hold; scale its knots and coefficients"
    if not _LEAST <= reach <= 1 / _LEAST:
        raise NonlinearityError(beyond)
    places = np.unique(np.abs(np.round(knots, _DIGITS - min(0, int(np.log10(reach))))))
    places = places[places > 0]
    odd, even = (at(places) - at(-places)) / 2, (at(places) + at(-places)) / 2
    if not np.isfinite(odd).all():
        raise NonlinearityError(beyond)
    off = max(float(np.abs(even).max()), abs(float(at(np.zeros(1))[0])))
    if off > _ODD * max(float(np.abs(odd).max()), 1e-300) and not odd_part:
        sizes = f"its even part is up to {off:.3g}, its odd part up to {np.abs(odd).max():.3g}"
        raise NonlinearityError(f"activation {index} is not odd: {sizes}; odd_part=True takes that")
    return Activation.from_knots([0.0, *places.tolist()], [Fraction(0), *map(Fraction, odd.tolist())], tail=tail)
