"""Which slopes of an image are edges? Estimates from its gradient, and the contrast parameter that they ask for."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.functions.similarity import similar
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import keyword_of, no_parameter, number_of
from symtrans.models.lattice import gradient_magnitude, lattice_of
from symtrans.nonlinearity.kinds import Activation
from symtrans.runtime.public import public
from symtrans.signals.arrays import taken
from symtrans.signals.images import Axes, as_floats

AUTO = "auto"
"""What stands for a contrast parameter that is to be estimated."""

METHODS = ("mad", "differences", "percentile", "rms")
_NORMAL = 1.4826  # 1/Phi^-1(3/4): the deviation of a normal variable over the median of its modulus


def slopes(image: np.ndarray, axes: Axes) -> np.ndarray:
    r"""\|∇u\| of the cells within an image: what the nonlinearity is applied to (docs/dimensions.md)."""
    u = axes.before(image).astype(np.float64)
    count = len(axes.spacing)
    if max(u.shape[-count:]) == 1:
        raise NonlinearityError(f"an image of shape {image.shape} has no slopes to estimate a contrast from")
    sizes = tuple(map(float, axes.spacing))
    on_cells = gradient_magnitude(u, lattice_of(sizes, "reflecting", "isotropic", axes.channel is not None))
    # cells that stick out are left out, but of an axis of one sample there are no others
    within = [slice(1, -1) if length > 1 else slice(1) for length in u.shape[-count:]]
    return on_cells[(..., *within)]


@public
def estimate_contrast(
    image: Any,
    method: str = "mad",
    *,
    percentile: float = 90,
    spacing: Any = None,
    channel_axis: int | None = None,
) -> float:
    r"""A slope \|∇u\| that parts noise from edges, estimated from those that an image has.

    Parameters
    ----------
    image : array_like
        As of `symtrans.denoise`, and in the same units: integers are scaled.
    method : {"mad", "differences", "percentile", "rms"}
        "mad": 1.4826 median \| \|∇u\| - median \|∇u\| \|, the robust scale of Black et al. "differences": the same of
        the differences along each axis, in each channel, as the root of the sum of their squares: the slope that noise
        alone makes; larger, and better where noise is heavy. "percentile": the slope that so many per cent of all stay
        below, 90 with Perona and Malik. "rms": the root of the mean of \|∇u\|², which ITK's conductance multiplies.
    percentile : float
        Of the method of that name, above 0 and below 100.
    spacing, channel_axis
        As of `symtrans.denoise`.

    Returns
    -------
    float

    References
    ----------
    M. J. Black, G. Sapiro, D. H. Marimont, D. Heeger, "Robust anisotropic diffusion", IEEE Transactions on Image
    Processing 7(3), 1998.
    P. Perona, J. Malik, "Scale-space and edge detection using anisotropic diffusion", IEEE Transactions on Pattern
    Analysis and Machine Intelligence 12(7), 1990.

    Examples
    --------
    >>> ramp = np.tile(np.arange(5.0) ** 2, (4, 1))  # slopes 1, 3, 5, 7
    >>> estimate_contrast(ramp), estimate_contrast(ramp, "percentile", percentile=50)
    (2.9652, 4.0)
    """
    if method not in METHODS:
        raise NonlinearityError(f"method = {method!r} is none of {', '.join(METHODS)}")
    if not 0 < number_of(percentile, "percentile") < 100:
        raise NonlinearityError(f"percentile = {percentile!r} must be above 0 and below 100")
    samples = taken(image)
    axes = Axes.of(samples.shape, spacing, channel_axis)
    unit, floats = _in_units(as_floats(samples))
    found = slopes(floats, axes)
    return unit * (
        _of_differences(floats, axes) if method == "differences" else _estimate(found, method, float(percentile))
    )


def _in_units(image: np.ndarray) -> tuple[float, np.ndarray]:
    """A power of 2 and the image over it, whose slopes have squares: each estimate is as many times as large."""
    largest = float(np.nanmax(np.abs(image), initial=0.0))
    unit = math.ldexp(1.0, math.frexp(largest)[1] - 1) if largest > 0 else 1.0
    return unit, image.astype(np.float64) / unit


def _estimate(found: np.ndarray, method: str, percentile: float) -> float:
    if method == "percentile":
        return float(np.nanpercentile(found, percentile))
    if method == "rms":
        return float(np.sqrt(np.nanmean(found**2)))
    return float(_NORMAL * np.nanmedian(np.abs(found - np.nanmedian(found))))


def _of_differences(image: np.ndarray, axes: Axes) -> float:
    u = axes.before(image).astype(np.float64)
    count = len(axes.spacing)
    squares = []
    for axis, size in zip(range(-count, 0), axes.spacing, strict=True):
        quotients = np.diff(u, axis=axis) / float(size)
        for channel in quotients if axes.channel is not None else [quotients]:
            squares.append(_estimate(channel, "mad", 0.0) ** 2 if channel.size else 0.0)
    return float(np.sqrt(np.sum(squares)))


def settled_contrast(
    activation: Activation, keyword: str, values: Mapping[str, Any], image: np.ndarray, axes: Axes
) -> float:
    """The value of a contrast parameter for which Phi ceases to rise at the robust scale of the slopes of an image.

    `values` are those of the other parameters.

    So Black et al. choose theirs: what is steeper than the scale is an edge, smoothed the less the steeper it is.
    Where Phi rises for ever, the parameter itself is that scale.

    Raises
    ------
    NonlinearityError
        If r is not measured against this parameter, or the scale is 0.
    """
    turning = _turning_slope(activation, keyword, values)
    unit, floats = _in_units(image)
    found = slopes(floats, axes)
    scale = unit * _estimate(found, "mad", 0.0)
    if scale == 0:
        raise NonlinearityError(
            f'{keyword} = "auto": at least half of the slopes between samples are the same, so that their '
            f"deviation is 0; give {keyword} a number, for example {unit * float(np.nanmax(found)) / 10 or 1:.2g}"
        )
    return scale / turning


def _turning_slope(activation: Activation, keyword: str, values: Mapping[str, Any]) -> float:
    """Where Phi ceases to rise if the parameter is 1; 1 where it never does."""
    own = {keyword_of(symbol): symbol for symbol in activation.parameters}
    symbol = own.get(keyword)
    if symbol is None:
        raise no_parameter(keyword, own, activation.names.others)
    activation = activation.subs({name: value for name, value in values.items() if name in own})
    inner = activation.names.inward(symbol)
    scale, _, shape = similar(activation.half)
    per_parameter = sp.simplify(scale / inner)
    if inner in shape.parameters or per_parameter.free_symbols or not per_parameter.is_positive:
        raise NonlinearityError(
            f'{keyword} = "auto" is for a parameter that slopes are measured against, as lambda in '
            f"exp(-r^2/lambda^2), and {activation!r} has no such {keyword}; give it a number"
        )
    try:
        turning = _first_not_rising(shape) or 1
    except Undecided:
        turning = 1
    return float(per_parameter * turning)


def _first_not_rising(function: HalfLine) -> sp.Expr | None:
    """The smallest r > 0 beyond which a function does not rise at once; None where there is none."""
    for k, piece in enumerate(function.pieces):
        if k and compare(function.after(k - 1), function.before(k - 1)) < 0:
            return piece.lo
        for segment in sign_chart(differentiate(piece.expr, X), piece.lo, piece.hi):
            if segment.sign <= 0:
                return segment.lo
    return None
