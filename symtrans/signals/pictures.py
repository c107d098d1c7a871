"""Images and volumes in files: read with a word on what was found, written in the depth that they had."""

import io
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symtrans.errors import NonlinearityError, reason
from symtrans.runtime.whole_files import write_whole
from symtrans.signals.containers import array_in, needed, understood
from symtrans.signals.files import check_output
from symtrans.signals.images import Axes, as_floats, float_type
from symtrans.signals.signal import counted

_TIFF, _JPEG = (".tif", ".tiff"), (".jpg", ".jpeg")
PICTURES = (".png", *_TIFF, *_JPEG)
"""The suffixes of files that hold nothing but images."""
WRITABLE = (*PICTURES, ".npy")

_STARTS = (
    *((b"\x89PNG", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"\x93NUMPY", ".npy")),
    *((start, ".tif") for start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
)
"""What a file begins with tells better than its name what it is."""
_ORIENTATION = 274  # tag of TIFF
_JPEG_IN_TIFF = (6, 7)  # compressions of TIFF, which are decoded to RGB
_COLOURS = "its colours are {}; turn them into RGB with the program that made it"
_HEAD = 4096  # bytes, in which a PNG says that it moves, and a JPEG that it has Exif data
_PREMULTIPLIED, _STRAIGHT = 1, 2  # kinds of alpha of TIFF
_NO_DATA = 42113  # tag of GDAL
_QUALITY = 95  # of JPEG, without coarser colours


@dataclass(frozen=True)
class Picture:
    """An image or a volume, and how it was stored.

    Attributes
    ----------
    samples : ndarray
        Floats, integers scaled as `st.denoise` does; without alpha.
    axes : Axes
    dtype : dtype
        In the file.
    alpha : ndarray or None
        As in the file, of the shape of the spatial axes.
    remarks : tuple of str
        What was read.
    """

    samples: np.ndarray
    axes: Axes
    dtype: "np.dtype[Any]"
    alpha: np.ndarray | None = None
    remarks: tuple[str, ...] = ()


def read_picture(source: str, spacing: Any = None, channel_axis: int | None = None) -> Picture:
    """Read an image or a volume from .png, .tif, .jpg or .npy.

    The alpha of PNG and TIFF is set aside. The pages of a .tif are the planes of a volume.

    Raises
    ------
    NonlinearityError
        If it cannot be read, or is no image (`Axes.of`, `as_floats`).
    """
    suffix = Path(source).suffix.lower()
    extra = False
    more: list[str] = []
    try:
        data = Path(source).read_bytes()
        suffix = next((told for start, told in _STARTS if data.startswith(start)), suffix)
        if suffix == ".npy":
            array = array_in(data)
        elif suffix in _TIFF:
            array, channel_axis, extra, more = _read_tiff(data, channel_axis)
        else:
            array = _decoded(data, suffix)
            channel_axis = -1 if channel_axis is None and array.ndim == 3 else channel_axis
            extra = array.ndim == 3 and array.shape[-1] in (2, 4)
            more = ["the first of its frames"] * (b"acTL" in data[:_HEAD])
    except (OSError, ValueError, EOFError) as error:
        raise NonlinearityError(f"{source} cannot be read as an image: {reason(error, named=True)}") from None
    found = f"shape {array.shape}, {array.dtype}"
    alpha = None
    if extra:  # channels are last
        alpha, array = array[..., -1], array[..., :-1]
        if array.shape[-1] == 1:
            array, channel_axis = array[..., 0], None
    axes = Axes.of(array.shape, spacing, channel_axis)
    what = {1: "a signal", 2: "an image", 3: "a volume"}[len(axes.spacing)]
    channels = "" if axes.channel is None else f" of {array.shape[axes.channel]} channels"
    aside = "" if alpha is None else ", with an alpha that is left alone"
    words = [f"{what}{channels}: {found}{aside}", *more]
    if (suffix in _JPEG and b"Exif\0\0" in data[:_HEAD]) or (
        suffix == ".png" and b"eXIf" in data.partition(b"IDAT")[0]
    ):
        words.append("its Exif data, where a camera says which side is up, are not kept")
    return Picture(as_floats(array), axes, array.dtype, alpha, tuple(words))


def check_picture(path: str, picture: Picture | None = None) -> None:
    """Refuse a name that no image, or not this one, can be written to."""
    if picture is None:
        if path == "-":
            raise NonlinearityError(f"an image is not written to stdout; name a file in {', '.join(WRITABLE)}")
        check_output(path, WRITABLE)
        return
    suffix = Path(path).suffix.lower()
    if suffix in (*_TIFF, ".npy"):
        return
    samples, axes = picture.samples, picture.axes
    if len(axes.spacing) != 2 or (axes.channel is not None and samples.shape[axes.channel] not in (1, 3)):
        raise NonlinearityError(
            f"{path} holds an image of one grey or three colours, not an array of shape {samples.shape}; name a "
            "file in .tif or .npy"
        )
    low, high = float(samples.min()), float(samples.max())
    if not 0 <= low <= high <= 1:
        raise NonlinearityError(
            f"{path} holds numbers from 0 to 1, and the image has some from {low:.4g} to {high:.4g}; name a file in "
            ".tif or .npy"
        )


def write_picture(path: str, picture: Picture) -> str:
    """Write an image in the format of the suffix; the file appears whole or not at all.

    Returns
    -------
    str
        What is to be said of it; empty if it was written as it is.
    """
    check_picture(path)
    suffix, samples, channel = Path(path).suffix.lower(), picture.samples, picture.axes.channel
    buffer = io.BytesIO()
    words = []
    if suffix == ".npy":
        np.save(buffer, samples)
        if picture.dtype.kind != "f":
            words.append(f"{samples.dtype}, 1 for what was {_full(picture.dtype)}")
    else:
        stored, cut = _stored(samples, _depth(picture.dtype, suffix))
        if cut:
            words.append(f"{counted(cut, 'sample')} beyond the range cut off")
        stored = stored if channel is None else np.moveaxis(stored, channel, -1)
        if picture.alpha is not None and suffix not in _JPEG:
            stored = stored if channel is not None else stored[..., np.newaxis]
            stored = np.concatenate(
                [stored, _stored(as_floats(picture.alpha), stored.dtype)[0][..., np.newaxis]], axis=-1
            )
        buffer.write(_encoded(np.ascontiguousarray(stored), suffix, picture))
    if picture.alpha is not None and suffix in (".npy", *_JPEG):
        words.append("without its alpha")
    write_whole(Path(path), buffer.getvalue())
    return "; ".join(words)


def _decoded(data: bytes, suffix: str) -> np.ndarray:
    codecs = needed("imagecodecs", f"a {suffix} file", "image")
    decode = codecs.jpeg_decode if suffix in _JPEG else codecs.png_decode
    array = np.asarray(understood(lambda: decode(data), "imagecodecs"))
    if suffix in _JPEG and array.shape[2:] == (4,):  # which knows no alpha
        raise ValueError(_COLOURS.format("CMYK"))
    if suffix in _JPEG and not _has_end(data):
        raise ValueError("the file ends before its image does; copy it anew")
    if suffix in _JPEG and array.dtype != np.uint8:
        raise ValueError("its samples have more than 8 bits; turn it into a TIFF or PNG with the program that made it")
    return array


def _has_end(data: bytes) -> bool:
    """Whether a JPEG goes on to its end, the marker EOI after its first scan: decoders fill up with grey."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:  # up to SOS
        place += 1 if data[place + 1] == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return data.find(b"\xff\xd9", place) >= 0


def _encoded(stored: np.ndarray, suffix: str, picture: Picture) -> bytes:
    """The text of a file, of samples with their channels last."""
    if suffix in _TIFF:
        tifffile = needed("tifffile", "a .tif file", "image")
        several = stored.ndim > len(picture.axes.spacing)
        options: dict[str, Any] = {"photometric": "minisblack"}
        if several:
            alpha = [] if picture.alpha is None else ["unassalpha"]
            colours = stored.shape[-1] - len(alpha)
            options = {"photometric": "rgb" if colours == 3 else "minisblack", "planarconfig": "contig"}
            options["extrasamples"] = [*["unspecified"] * (colours - (3 if colours == 3 else 1)), *alpha]
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, stored, **options)
        return buffer.getvalue()
    codecs = needed("imagecodecs", f"a {suffix} file", "image")
    flat = stored[..., 0] if stored.shape[-1] == 1 and stored.ndim == 3 else stored
    if suffix in _JPEG:
        return bytes(codecs.jpeg_encode(flat, level=_QUALITY, **({"subsampling": "444"} if flat.ndim == 3 else {})))
    return bytes(codecs.png_encode(flat))


def _read_tiff(data: bytes, channel_axis: int | None) -> tuple[np.ndarray, int | None, bool, list[str]]:
    """The first series of a TIFF, its axis of channels, whether the last channel is an alpha, and what is left out."""
    tifffile = needed("tifffile", "a .tif file", "image")

    def read() -> tuple[np.ndarray, str, bool, list[str], Any, Any, tuple[bool, str | None]]:
        logging.getLogger("tifffile").addHandler(logging.NullHandler())  # what is wrong is said once, by us
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            if not file.series:
                raise ValueError("it holds no image")
            series = file.series[0]
            page = series.keyframe
            alpha = next(iter(tuple(int(kind) for kind in page.extrasamples)[-1:]), 0)
            has_alpha = alpha in (_PREMULTIPLIED, _STRAIGHT)
            remarks = ["its axis of time is filtered like one of space"] * ("T" in series.axes)
            if (others := len(file.series) - 1) > 0:
                remarks.append(f"the first of its series; {counted(others, 'other')} of another shape or type left out")
            if page.tags.valueof(_ORIENTATION, 1) != 1:
                remarks.append("its orientation, where a camera says which side is up, is not kept")
            kind = getattr(page.photometric, "name", str(page.photometric))
            if kind == "YCBCR" and page.compression in _JPEG_IN_TIFF:
                kind = "RGB"
            marks = (alpha == _PREMULTIPLIED, page.tags.valueof(_NO_DATA))
            array = np.asarray(series.asarray())
            if kind != "PALETTE":
                array, said = _widened(array, page.bitspersample)
                remarks += said
            return array, series.axes, has_alpha, remarks, kind, page.colormap, marks

    array, letters, has_alpha, remarks, kind, palette, marks = understood(read, "tifffile")
    _refuse_meaning(array, *marks)
    if kind == "PALETTE" and palette is not None:
        array, letters = np.moveaxis((palette >> 8).astype(np.uint8)[:, array], 0, -1), f"{letters}S"
    elif kind == "MINISWHITE" and array.dtype.kind in "bu":
        array = ~array  # large is dark
    elif kind not in ("MINISBLACK", "RGB"):
        raise ValueError(_COLOURS.format("CMYK" if kind == "SEPARATED" else kind))
    channels = [k for k, letter in enumerate(letters) if letter in "SC"]
    if len(channels) > 1:
        raise ValueError(f"it has two axes of channels ({letters}); turn it into an array and save that with numpy")
    if channel_axis is None and channels:
        channel_axis = channels[0]
    if has_alpha and channel_axis is not None:
        array = np.moveaxis(array, channel_axis, -1)
        channel_axis = -1
    return array, channel_axis, has_alpha, remarks


def _widened(array: np.ndarray, bits: Any) -> tuple[np.ndarray, list[str]]:
    """Samples of fewer bits than the type that holds them, spread over its range, as a PNG is when it is read."""
    most = (1 << bits) - 1 if isinstance(bits, int) else 0
    if array.dtype.kind != "u" or not 0 < most < (full := _full(array.dtype)) or array.max(initial=0) > most:
        return array, []
    spread = (array.astype(np.uint64) * full + most // 2) // most
    return spread.astype(array.dtype), [f"its {bits} bits a sample become {8 * array.dtype.itemsize}"]


def _refuse_meaning(array: np.ndarray, is_premultiplied: bool, no_data: str | None) -> None:
    """Refuse numbers that are no intensities: colours times their alpha, and what marks a place without any."""
    if is_premultiplied and (array[..., -1] != array[..., -1].max()).any():
        raise ValueError("its colours are multiplied by its alpha; write it with a straight one")
    if no_data and (array == float(no_data.strip("\0 "))).any():
        raise ValueError(f"{no_data.strip()} marks samples without data; fill them first")


def _depth(dtype: "np.dtype[Any]", suffix: str) -> "np.dtype[Any]":
    """The type that is written for what was read as `dtype`."""
    if suffix in _JPEG or dtype.kind == "b":
        return np.dtype(np.uint8)
    if suffix in _TIFF:
        return np.dtype(float_type(dtype)) if dtype.kind == "f" else dtype
    return dtype if dtype == np.uint8 else np.dtype(np.uint16)


def _full(dtype: "np.dtype[Any]") -> int:
    """The integer that is scaled to 1."""
    return 1 if dtype.kind == "b" else int(np.iinfo(dtype).max)


def _stored(samples: np.ndarray, dtype: "np.dtype[Any]") -> tuple[np.ndarray, int]:
    """Floats in a type of a file, and how many of them lay beyond its range."""
    if dtype.kind == "f":
        return samples.astype(dtype), 0
    full = _full(dtype)
    scaled = np.rint(samples.astype(np.float64) * full)
    inside = np.clip(scaled, np.iinfo(dtype).min, full)
    return inside.astype(dtype), int(np.count_nonzero(inside != scaled))
