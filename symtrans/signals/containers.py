"""Signals in files that hold arrays or channels with names: .npy, .npz, .mat, .h5, .edf."""

import importlib
import io
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from symtrans.errors import MissingPackageError
from symtrans.signals.packing import PACKING, unpacked
from symtrans.signals.signal import EXACT, Layout, Signal, places_of, shape_in_words

Found = TypeVar("Found")
NOT_PACKED: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
NOTHING_UNUSED: Mapping[str, str] = MappingProxyType({})
_EDF_HEAD = 256  # bytes
_SCALES = re.compile("scal|offset|gain|conversion|resolution|no_?data|missing|fill", re.IGNORECASE)


def needed(module: str, what: str, extra: str = "signals") -> Any:
    """A module of another package, or a refusal that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise MissingPackageError.of(f"reading {what}", package, extra) from None


def understood(read: Callable[[], Found], package: str) -> Found:
    """What another package reads; on a broken file it may raise anything."""
    try:
        return read()
    except Exception as error:
        raise ValueError(f"{package} says: {error or type(error).__name__}") from None


def read_npy(data: bytes, layout: Layout) -> Signal:
    """An array; its last axis is time unless the layout names another."""
    return _signal(array_in(data), layout)


def array_in(data: bytes) -> np.ndarray:
    """The array in a file of NumPy."""
    if data.startswith(b"PK"):
        raise ValueError("it is an archive of several arrays; call it .npz")
    if not data.startswith(b"\x93NUMPY"):
        raise ValueError("it is no array that numpy.save wrote, of numbers")
    try:
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
    except ValueError as error:
        if "Object arrays" not in str(error):
            raise
        raise ValueError("it is an array of objects; save it anew as array.astype(float)") from None


def read_npz(data: bytes, layout: Layout) -> Signal:
    """One of the arrays in an archive of NumPy."""

    def read() -> dict[str, Any]:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}

    if not data.startswith(b"PK"):
        raise ValueError("it is no archive that numpy.savez wrote")
    return _only(understood(read, "NumPy"), layout)


def read_matlab(data: bytes, layout: Layout) -> Signal:
    """A variable of MATLAB; since its version 7.3 the file is one of HDF5."""
    if data[512:520] == b"\x89HDF\r\n\x1a\n":
        return read_hdf5(data, layout)
    matlab = needed("scipy.io", "a .mat file")
    found = understood(lambda: matlab.loadmat(io.BytesIO(data)), "SciPy")
    return _only({name: array for name, array in found.items() if not name.startswith("__")}, layout)


def read_hdf5(data: bytes, layout: Layout) -> Signal:
    """A data set of HDF5; those of MATLAB are turned, as it stores columns."""
    h5py = needed("h5py", "a file of HDF5")
    arrays: dict[str, np.ndarray] = {}
    packing: dict[str, dict[str, Any]] = {}
    unused: dict[str, str] = {}

    def add(name: str, item: Any) -> None:
        if not isinstance(item, h5py.Dataset) or item.dtype.kind not in "fiub" or not item.shape:
            return
        of_matlab = item.attrs.get("MATLAB_class")
        if item.attrs.get("MATLAB_empty"):
            arrays[name] = np.empty(tuple(map(int, item[()])))  # its numbers are its shape
        elif of_matlab is None:
            arrays[name], packing[name] = item[()], {key: item.attrs[key] for key in PACKING if key in item.attrs}
            if left := [key for key in item.attrs if key not in PACKING and _SCALES.search(key)]:
                unused[name] = f"its attributes {', '.join(left)} are not applied"
        elif of_matlab != b"char":
            arrays[name] = item[()].T

    def read() -> None:
        with h5py.File(io.BytesIO(data), "r") as file:
            file.visititems(add)

    understood(read, "h5py")
    return _only(arrays, layout, packing, unused)


def read_edf(data: bytes, layout: Layout) -> Signal:
    """The channels of a recording (EDF or EDF+) in their physical units, all of one rate."""
    edfio = needed("edfio", "an .edf file")
    if data.startswith(b"\xff"):
        raise ValueError("it is BDF, of 24 bits a sample; write it as .edf, .csv or .npy")

    def read() -> tuple[bool, list[tuple[str, float, str, np.ndarray]]]:
        recording = edfio.read_edf(io.BytesIO(data))
        return recording.is_continuous, [
            (channel.label, channel.sampling_frequency, channel.physical_dimension, channel.data)
            for channel in recording.signals
        ]

    if len(data) < _EDF_HEAD:
        raise EOFError
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        is_continuous, found = understood(read, "edfio")
    if not is_continuous:
        raise ValueError(
            "it is discontinuous (EDF+D): time passes between its records; write each part as its own file"
        )
    labels = [label for label, *_ in found]
    if layout.columns:
        found = [found[k] for k in places_of(layout.columns, labels, "channel")]
    units = (f"{label} ({unit})" if unit else label for label, _, unit, _ in found)
    listed = ", ".join(f"{label}, {rate:g} samples a second" for label, (_, rate, *_) in zip(units, found, strict=True))
    if len({rate for _, rate, *_ in found}) != 1:
        no_one = f"differ in rate; name those of one rate with --column: {listed}" if found else "are none but remarks"
        raise ValueError(f"its channels {no_one}")
    samples = np.stack([data for *_, data in found]).astype(float)
    samples = samples[0] if len(found) == 1 else samples
    words = (f"{shape_in_words(samples)}: {listed}", *(f"edfio says: {warning.message}" for warning in said))
    return Signal(samples, found[0][1], remarks=words)


def _only(
    arrays: dict[str, Any],
    layout: Layout,
    packing: Mapping[str, Mapping[str, Any]] = NOT_PACKED,
    unused: Mapping[str, str] = NOTHING_UNUSED,
) -> Signal:
    """The array that is meant: the one named, or the only one of numbers."""
    others = ", ".join(name for name, array in arrays.items() if not _is_real(array))
    arrays = {name: array for name, array in arrays.items() if _is_real(array)}
    if not arrays:
        raise ValueError(f"it holds no array of real numbers{others and f', only {others}'}; write one by itself")
    listed = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
    if len(layout.columns) > 1 or (len(arrays) != 1 and not layout.columns):
        raise ValueError(f"it holds {listed}; name one with --column")
    name = list(arrays)[places_of(layout.columns, list(arrays), "array")[0] if layout.columns else 0]
    signal, (samples, words) = _signal(arrays[name], layout, name), unpacked(arrays[name], packing.get(name, {}))
    more = (f"unpacked by its attributes: {words}" if words else "", unused.get(name, ""))
    signal = replace(_signal(samples, layout, name), remarks=signal.remarks) if words else signal
    return replace(signal, remarks=(*signal.remarks, *filter(None, more)))


def _is_real(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.dtype.kind in "fiub" and array.ndim > 0


def _signal(array: np.ndarray, layout: Layout, name: str = "") -> Signal:
    if array.shape == ():
        raise ValueError(f"it is one number or object of {array.dtype}, and no array")
    if not _is_real(array):
        remedy = "; save the field that is the signal by itself" if array.dtype.names else ""
        raise ValueError(f"it is an array of {array.dtype} and shape {array.shape}, not of real numbers{remedy}")
    words = f"{name} of shape {array.shape}, {array.dtype}".removeprefix(" of ")
    with np.errstate(over="ignore"):  # what is too large is refused with its place
        samples = array.astype(float)
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and np.abs(samples).max(initial=0) >= EXACT:
        words += ", rounded to double precision"
    if layout.axis is not None:
        try:
            samples = np.ascontiguousarray(np.moveaxis(samples, int(layout.axis), -1))
        except ValueError:
            raise ValueError(
                f"--axis {layout.axis} is no axis of an array of shape {array.shape}; say 0 to {array.ndim - 1}"
            ) from None
        words += f", time along axis {layout.axis}"
    elif samples.ndim == 2 and (samples.shape[1] == 1 or (name and samples.shape[0] == 1)):
        samples = samples.ravel()  # a vector of MATLAB, or a column
    elif samples.ndim > 1:
        words += ", time along the last axis"
        if samples.shape[-1] < max(samples.shape):
            words += " (--axis 0: along the first)"
    return Signal(samples, remarks=(f"{shape_in_words(samples)}: {words}",))
