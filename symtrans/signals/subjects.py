"""What a command filters: a signal, an image or a volume, from reading it to writing it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.signals.files import check_output, check_source, read_signal, write_signal
from symtrans.signals.images import Axes
from symtrans.signals.measures import OF_SIGNALS, Measures, of_images
from symtrans.signals.pictures import PICTURES, Picture, check_picture, read_picture, write_picture
from symtrans.signals.signal import Layout


@dataclass(frozen=True)
class Subject:
    """Samples in the order of a kernel, and what depends on whether they are signals or an image.

    Attributes
    ----------
    samples : ndarray, shape (..., N), or (N1, N2), (C, N1, N2), (N1, N2, N3), ...
    axes : Axes
        The spatial axes; channels, where there are any, stand first.
    remarks : tuple of str
        What was read.
    measures : Measures
        What is reported of it.
    write : callable
        ``write(path, samples)`` writes others in its place, and says what is to be said of that.
    is_picture : bool
    """

    samples: np.ndarray
    axes: Axes
    remarks: tuple[str, ...]
    measures: Measures
    write: Callable[[str, np.ndarray], str]
    is_picture: bool


def is_picture(source: str, wanted: bool = False) -> bool:
    """Whether a file holds an image by its name, or is one of arrays, of which that was said.

    Examples
    --------
    >>> is_picture("photo.PNG"), is_picture("rows.npy"), is_picture("volume.npy", wanted=True)
    (True, False, True)
    """
    suffix = Path(source).suffix.lower()
    if wanted and suffix not in (*PICTURES, ".npy"):
        raise NonlinearityError(f"{source} is not read as an image; images end in {', '.join((*PICTURES, '.npy'))}")
    return wanted or suffix in PICTURES


def read_subject(
    source: str, layout: Layout, wanted: bool, spacing: Any, channel_axis: int | None, output: str | None
) -> Subject:
    """Read what is to be filtered, and refuse an output that it cannot be written to, if possible before.

    Raises
    ------
    NonlinearityError
    """
    if not is_picture(source, wanted or spacing is not None or channel_axis is not None):
        check_source(source, (*PICTURES, ".zarr"))
        if output is not None:
            check_output(output)
        return _of_signal(source, layout)
    if layout != Layout():
        raise NonlinearityError("--column, --axis, --delimiter, --decimal, --gaps, --missing say nothing about images")
    if output is not None:
        check_picture(output)
    picture = read_picture(source, spacing, channel_axis)
    if output is not None:
        check_picture(output, picture)
    return _of_picture(picture)


def _of_signal(source: str, layout: Layout) -> Subject:
    signal = read_signal(source, layout)
    return Subject(
        signal.samples,
        Axes.of((1,)),
        signal.remarks,
        OF_SIGNALS,
        lambda path, samples: write_signal(path, replace(signal, samples=samples)),
        is_picture=False,
    )


def _of_picture(picture: Picture) -> Subject:
    axes, samples = picture.axes, picture.samples
    span = float(np.ptp(samples)) if picture.dtype.kind == "f" else 1.0 + (picture.dtype.kind == "i")
    return Subject(
        np.ascontiguousarray(axes.before(samples)),
        replace(axes, channel=None if axes.channel is None else 0),
        picture.remarks,
        of_images(span, axes.channel is not None),
        lambda path, filtered: write_picture(path, replace(picture, samples=axes.back(filtered))),
        is_picture=True,
    )
