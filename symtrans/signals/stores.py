"""Arrays in files that are read and written a region at a time: .npy and .zarr, from any process that sees them.

Those of Zarr are also read where a URL says, from object storage, as far as fsspec knows the way there.
"""

import errno
import math
import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from symtrans.errors import NonlinearityError, reason
from symtrans.signals.containers import needed
from symtrans.signals.examples import ECG
from symtrans.signals.packing import unpacked

STORED = (".npy", ".zarr")
"""The suffixes of what is read and written so."""
_READ = "an array in a file"
_WHOLE = (
    *(".csv", ".tsv", ".txt", ".dat", ".wav", ".npz", ".mat", ".h5", ".hdf5", ".edf"),
    *(".png", ".jpg", ".jpeg", ".tif", ".tiff"),
)


@dataclass(frozen=True)
class Store:
    """An array in a file or folder, or at a URL; what is not there any more is an OSError.

    Attributes
    ----------
    path : str
        Absolute: workers may stand elsewhere.
    zarr : bool
    shape : tuple of int
    dtype : dtype
    chunks : tuple of int or None
        Of what is stored in chunks.
    """

    path: str
    zarr: bool
    shape: tuple[int, ...]
    dtype: "np.dtype[Any]"
    chunks: tuple[int, ...] | None = None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __getitem__(self, region: tuple[slice, ...]) -> np.ndarray:
        """A copy of a region."""
        if not self.zarr:
            return self._read(region)
        try:
            found = np.asarray(self._zarr("r")[region])
        except FileNotFoundError:
            raise
        except Exception as error:  # of a codec, of the file system, of a server
            raise OSError(f"{self.path} cannot be read: {reason(error, named=True)}") from None
        self.version()  # where a chunk has gone, zarr fills in zeros: the store must still be there
        return found

    def write(self, region: tuple[slice, ...], samples: np.ndarray) -> None:
        """Write a region."""
        if self.zarr:
            self._zarr("r+")[region] = samples
            return
        mapped = _npy(self.path, "r+")
        place = _stretch(mapped, region)
        if place is None:
            mapped[region] = samples
            return
        with open(self.path, "r+b") as file:
            file.seek(place)
            file.write(np.ascontiguousarray(samples, self.dtype).data)

    def _read(self, region: tuple[slice, ...]) -> np.ndarray:
        """Of a file that is not compressed; a stretch of it is read rather than mapped, which takes half the time."""
        mapped = _npy(self.path, "r")
        place = _stretch(mapped, region)
        if place is None:
            return np.array(mapped[region])
        shape = mapped[region].shape
        found = np.fromfile(self.path, self.dtype, math.prod(shape), offset=place)
        if found.size < math.prod(shape):
            raise OSError(f"{self.path} ends before its last sample")
        return found.reshape(shape)

    def version(self) -> str:
        """What changes when another array is written in its place."""
        if is_url(self.path):
            return _version_at(self.path)
        place = Path(self.path)
        for name in ("zarr.json", ".zarray", "") if self.zarr else ("",):
            try:
                found = (place / name).stat()
            except FileNotFoundError:
                continue
            if name or not self.zarr:
                return f"{found.st_size} {found.st_mtime_ns}"
        raise FileNotFoundError(f"{self.path} is not there any more")

    def count(self) -> int:
        """How many chunks are stored; those of zeros need not be."""
        return int(self._zarr("r").nchunks_initialized) if self.zarr else 1

    def codecs(self) -> Any:
        """How chunks of zarr are compressed, as far as a new array can be told."""
        array = self._zarr("r") if self.zarr else None
        return "auto" if array is not None and array.metadata.zarr_format != 3 else getattr(array, "compressors", None)

    def _zarr(self, mode: str) -> Any:
        return _zarr(self.path, mode, self.version())


def opened(path: str) -> Store:
    """The array in a file.

    Raises
    ------
    NonlinearityError
        If there is no array of real numbers.
    """
    place = path if is_url(path) else str(Path(path).absolute())
    if is_url(path) and Path(path).suffix.lower() in (".npy", *_WHOLE):
        raise NonlinearityError(f"{path}: at a URL only arrays of Zarr are read; copy the file here first")
    if Path(path).suffix.lower() in _WHOLE or path in (ECG, "-"):
        raise NonlinearityError(
            f"{path} is not read in chunks, which {', '.join(STORED)} are: leave out --chunks and the like"
        )
    zarr = Path(path).suffix.lower() != ".npy"
    module = needed("zarr", _READ, "dask") if zarr else None
    try:
        found = module.open(place, mode="r") if module else _npy(place, "r")
    except Exception as error:  # of zarr, of fsspec and of what it needs to get there: whatever they raise
        raise NonlinearityError(f"{path} cannot be read as an array: {reason(error, named=True)}") from None
    if not hasattr(found, "shape"):
        raise NonlinearityError(f"{path} is a group; name one of its arrays: {', '.join(found.array_keys()) or 'none'}")
    if found.dtype.kind not in "fiub":
        raise NonlinearityError(f"{path} is an array of {found.dtype}, not of real numbers")
    if found.ndim == 0 or 0 in found.shape:
        raise NonlinearityError(f"{path} holds no samples: its shape is {found.shape}")
    if zarr:
        _refuse_packed(path, found)
    return Store(place, zarr, found.shape, found.dtype, tuple(found.chunks) if zarr else None)


def _refuse_packed(path: str, array: Any) -> None:
    """What is stored otherwise than it is meant: chunks are filtered as they stand."""
    try:
        _, words = unpacked(np.zeros(1, array.dtype), dict(array.attrs))
    except ValueError as error:
        raise NonlinearityError(f"{path}: {error}") from None
    if words and not all(part.endswith(" nan") for part in words.split(", ")):  # NaN is seen without being told
        raise NonlinearityError(
            f"{path} holds packed numbers ({words}), and what is stored is not what they mean; write them unpacked "
            "first, as xarray.open_zarr(...) reads them"
        )


def created(path: Path, shape: tuple[int, ...], dtype: Any, chunks: tuple[int, ...], like: Store) -> Store:
    """A new array, for which there is room; one of zarr is compressed as that which it is made of.

    Raises
    ------
    OSError
    """
    zarr = path.suffix.lower() == ".zarr"
    wanted, free = math.prod(shape) * np.dtype(dtype).itemsize, shutil.disk_usage(path.parent).free
    if not zarr and wanted > free:
        raise OSError(f"{path.parent} has {free / 1e9:.3g} GB free, and {wanted / 1e9:.3g} GB are to be written")
    if zarr:
        module = needed("zarr", _READ, "dask")
        module.create_array(
            str(path), shape=shape, chunks=chunks, dtype=dtype, compressors=like.codecs() or None, fill_value=0
        )
    else:
        try:
            np.lib.format.open_memmap(path, "w+", dtype, shape)
            with open(path, "r+b") as file:
                size = os.fstat(file.fileno()).st_size
                if hasattr(os, "posix_fallocate"):  # a page of a mapping that finds no room would end the process
                    os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            raise OSError(
                f"{path.parent} takes no file of {wanted / 1e9:.3g} GB; a .zarr has a smaller one for each chunk"
            ) from None
    return Store(str(path), zarr, shape, np.dtype(dtype), chunks if zarr else None)


def _stretch(mapped: Any, region: tuple[slice, ...]) -> int | None:
    """Where a region begins in a file, if it is one piece of it: of rows, a part of one."""
    part = mapped[region]
    if not (mapped.flags.c_contiguous and part.size and part.shape[-1] == part.size):
        return None
    start: int = part.__array_interface__["data"][0] - mapped.__array_interface__["data"][0]
    return int(mapped.offset) + start


def is_url(path: str) -> bool:
    """Whether a name is a URL, as s3://bucket/line.zarr is."""
    return "://" in path


def _version_at(url: str) -> str:
    """What changes at a URL when another array is written there."""
    files, root = needed("fsspec.core", "an array at a URL", "dask").url_to_fs(url)
    files.invalidate_cache()
    for name in ("zarr.json", ".zarray"):
        try:
            return str(files.ukey(f"{root}/{name}"))
        except FileNotFoundError:
            continue
    raise FileNotFoundError(f"{url} is not there any more")


def _npy(path: str, mode: Any) -> Any:
    """The file mapped: it counts as memory only while it is held."""
    try:
        found = np.load(path, mmap_mode=mode, allow_pickle=False)
    except (ValueError, EOFError) as error:  # it was cut short, or is no such file
        raise OSError(f"{path} cannot be read: {error}") from None
    if not isinstance(found, np.ndarray):
        raise ValueError("it is an archive of several arrays")
    return found


@lru_cache(maxsize=8)
def _zarr(path: str, mode: str, version: str) -> Any:
    """Opened once in a process, unless it is another."""
    return needed("zarr", _READ, "dask").open(path, mode=mode)
