"""Images and volumes in the conventions of scikit-image: types, ranges, channels, spacing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symtrans.errors import NonlinearityError
from symtrans.language.symbols import number_of, quantity
from symtrans.schemes.grid import Grid

_COLOURS = (3, 4)
_MOST_AXES = 3
_KNOWN_RANGES = ("int8", "int16", "uint8", "uint16")
_HEADROOM = 2.0**8
"""Samples that much below the largest number have differences whose products with sums of g over cells are finite."""


def float_type(dtype: "np.dtype[Any]") -> str:
    """The floating-point type in which an image is filtered: float32 stays, float16 becomes it, all else is float64."""
    return "float32" if dtype.kind == "f" and dtype.itemsize <= 4 else "float64"


def as_floats(image: np.ndarray, origin: Sequence[int] | None = None) -> np.ndarray:
    """The samples in floating point; integers of 8 and 16 bits are scaled as `skimage.img_as_float` does.

    Parameters
    ----------
    image : ndarray
    origin : sequence of int, optional
        Where it stands in the image that it is a chunk of.

    Raises
    ------
    NonlinearityError
        If they are integers of more bits, whose range nobody knows, are no real numbers, not finite, or so large
        that differences overflow, as the least float32 is, which marks samples without data.

    Examples
    --------
    >>> as_floats(np.array([0, 51, 255], dtype=np.uint8))
    array([0. , 0.2, 1. ])
    """
    if image.dtype.kind == "f":
        floats = image.astype(float_type(image.dtype), copy=False)
        wild = np.argwhere(~(np.abs(floats) <= np.finfo(floats.dtype).max / _HEADROOM))
        if wild.size:
            place = ", ".join(map(str, wild[0] + (origin or [0] * image.ndim)))
            first = floats[tuple(wild[0])]
            are = "1 value that is" if len(wild) == 1 else f"{len(wild)} values that are"
            filled = "fill them first, for example with skimage.restoration.inpaint_biharmonic"
            what, remedy = "not finite", f"{filled}, or numpy.nan_to_num"
            if np.isfinite(first):
                what = f"too large for {floats.dtype}"
                remedy = f"if they mark samples without data, {filled}; if not, divide the image by its largest value"
            raise NonlinearityError(f"the image holds {are} {what}, first {first:g} at [{place}]; {remedy}")
        return floats
    if image.dtype.kind == "b":
        return image.astype(np.float64)
    if image.dtype.name in _KNOWN_RANGES:
        return np.maximum(image * (1 / np.iinfo(image.dtype).max), -1.0)
    if image.dtype.kind in "iu":
        raise NonlinearityError.told(
            lambda remedy: f"an image of {image.dtype} does not say which range its numbers span: {remedy}",
            "image.astype(float) keeps them as they are, (image/255).astype(float) brings 8 bits to 0 ... 1, and "
            "image.astype('uint8') is scaled here",
            "write it in floating point, whose numbers are kept as they are, or in 8 or 16 bits, which are scaled",
        )
    raise NonlinearityError(f"an image is an array of real numbers, not of {image.dtype}")


@dataclass(frozen=True)
class Axes:
    """Which axes of an image are spatial and which one holds channels, and how far its samples lie apart.

    Attributes
    ----------
    spacing : tuple of Expr
        One for each spatial axis, in their order.
    channel : int or None
        From 0.

    Examples
    --------
    >>> axes = Axes.of((480, 640, 3), channel_axis=-1)
    >>> axes, axes.before(np.zeros((480, 640, 3))).shape
    (Axes(spacing=(1, 1), channel=2), (3, 480, 640))
    """

    spacing: tuple[sp.Expr, ...]
    channel: int | None = None

    @classmethod
    def of(cls, shape: tuple[int, ...], spacing: Any = None, channel_axis: int | None = None) -> "Axes":
        """The axes of an image of this shape.

        Raises
        ------
        NonlinearityError
            If the shape has too many axes, or empty ones, or channels seem to stand elsewhere; a `spacing` with a
            number for each spatial axis says that the axes are meant as they are.
        """
        count = len(shape)
        if any(length != length for length in shape):  # Dask does not know before it has computed them
            raise NonlinearityError(f"an image of shape {shape}: call compute_chunk_sizes() on it first")
        if any(length < 1 for length in shape):
            raise NonlinearityError(f"an image of shape {shape} has an axis without samples")
        channel = None if channel_axis is None else _place(channel_axis, count)
        spatial = [axis for axis in range(count) if axis != channel]
        if not 1 <= len(spatial) <= _MOST_AXES:
            few = "no" if not spatial else str(len(spatial))
            raise NonlinearityError.told(
                lambda option: (
                    f"an image of shape {shape} has {few} spatial axes, and one to three are filtered: name "
                    f"the axis of channels with {option}, and filter a stack of images one by one"
                ),
                "channel_axis",
                "--channel-axis",
            )
        listed = spacing is not None and np.ndim(spacing) > 0
        if not listed:
            _refuse_misplaced(shape, channel, spatial)
        sizes = tuple(spacing) if listed else (1 if spacing is None else spacing,) * len(spatial)
        if len(sizes) != len(spatial):
            along = "" if channel is None else f" with channels along axis {channel}"
            raise NonlinearityError.told(
                lambda given: (
                    f"{given} has {len(sizes)} numbers, and an image of shape {shape}{along} has "
                    f"{len(spatial)} spatial axes: give one number for each, or one for all"
                ),
                f"spacing = {tuple(sizes)}",
                f"--spacing {','.join(map(str, sizes))}",
            )
        return cls(tuple(map(_size, sizes)), channel)

    def grid(self, boundary: str | None = None, coupling: str | None = None) -> Grid:
        """The grid that the spatial axes are; channels share the nonlinearity unless each edge has its own."""
        return Grid.of(self.spacing, boundary, coupling, self.channel is not None and coupling != "separable")

    def before(self, image: np.ndarray) -> np.ndarray:
        """The image as a kernel takes it: channels before the spatial axes."""
        return image if self.channel is None else np.moveaxis(image, self.channel, 0)

    def plane(self, image: np.ndarray) -> np.ndarray:
        """What is shown of an image in the order of a kernel: colours last, and of a volume the plane in the middle."""
        planes = np.moveaxis(image, 0, -1) if self.channel is not None else image
        for _ in range(len(self.spacing) - 2):
            planes = planes[len(planes) // 2]
        return planes if len(self.spacing) > 1 else planes[np.newaxis]

    def back(self, image: np.ndarray) -> np.ndarray:
        """The result of a kernel in the order of the image."""
        return image if self.channel is None else np.ascontiguousarray(np.moveaxis(image, 0, self.channel))


def _place(channel_axis: Any, count: int) -> int:
    whole = isinstance(channel_axis, int | np.integer) and not isinstance(channel_axis, bool)
    if not whole or not -count <= channel_axis < count:
        raise NonlinearityError.told(
            lambda given: (
                f"{given} is no axis of an image of {count} axes; take one of {-count} to {count - 1}, or none"
            ),
            f"channel_axis = {channel_axis!r}",
            f"--channel-axis {channel_axis}",
        )
    return int(channel_axis) % count


def _size(value: Any) -> sp.Expr:
    if not number_of(value, "spacing") > 0:
        raise NonlinearityError(f"spacing = {value} must be positive")
    return quantity(value, "spacing")


def _refuse_misplaced(shape: tuple[int, ...], channel: int | None, spatial: list[int]) -> None:
    """Refuse colours that are taken for space, or space for colours: an axis of 3 or 4 where all others are longer."""
    colours = [k for k in (spatial[-1], spatial[0]) if shape[k] in _COLOURS]
    if len(shape) <= 2 or not colours or any(shape[k] <= max(_COLOURS) for k in range(len(shape)) if k != colours[0]):
        return
    place, ones = colours[0] - len(shape), ["1"] * len(spatial)
    now = "no axis of channels" if channel is None else f"channels along axis {channel}"
    wrong = (
        f"an image of shape {shape} with {now} would be filtered along axis {colours[0]}, which has only "
        f"{shape[colours[0]]} samples: "
    )
    raise NonlinearityError.told(
        lambda remedy: f"{wrong}{remedy}, a number for each spatial axis",
        f"if they are colours, say channel_axis={place}; if not, say spacing=({', '.join(ones)})",
        f"if they are colours, say --channel-axis {place}; if not, say --spacing {','.join(ones)}",
    )
