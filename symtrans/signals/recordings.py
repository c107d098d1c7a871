"""Recordings and volumes larger than memory: filtered from file to file in chunks, and gone on with after an end.

What is written lies aside, in a folder of its own, until all of it is there. Beside it lies a note on each chunk that
is finished, which holds its statistics; `resume` goes on with those that have none.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path
from typing import Any

import numpy as np

from symtrans.codegen.network import Network
from symtrans.errors import NonlinearityError, SymtransError, reason
from symtrans.runtime.whole_files import write_whole
from symtrans.signals.chunk_statistics import statistics_of, together
from symtrans.signals.chunk_workers import Workers, compute
from symtrans.signals.containers import needed
from symtrans.signals.images import as_floats
from symtrans.signals.stores import STORED, Store, created, is_url, opened

_DATA, _NOTES = "data", "notes"
_CHUNK = 2**22
"""Samples of a chunk, where nobody says how many."""
_LEAST = 2**21
"""Chunks of a file are taken together up to so many samples: smaller ones cost more to manage than to filter."""

_HERE = Workers()
Progress = Callable[[int], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True)
class _Write:
    """Writes a chunk and its note; travels to workers."""

    target: Store
    notes: str
    signs: bool
    name: str
    __name__ = "write"  # what Dask shows of it

    def __call__(self, before: np.ndarray, after: np.ndarray, block_info: Any = None) -> np.ndarray:
        place = block_info[None]["chunk-location"]
        region = tuple(slice(*ends) for ends in block_info[0]["array-location"])
        note = {"input": statistics_of(before, self.signs), "output": statistics_of(after, self.signs)}
        if not np.isfinite([note["input"]["minimum"], note["input"]["maximum"]]).all():
            first = np.argwhere(~np.isfinite(before))[0]
            index = tuple(int(k) + part.start for k, part in zip(first, region, strict=True))
            raise NonlinearityError(f"{self.name} holds a value that is not finite, first at index {index}")
        self.target.write(region, after)
        path = Path(self.notes, _name(place))
        write_whole(path, json.dumps(note))
        return np.ones((1,) * after.ndim, bool)


def _name(place: Sequence[int]) -> str:
    return ".".join(map(str, place)) + ".json"


def is_recording(source: str) -> bool:
    """Whether a name is that of an array stored in chunks, or of one elsewhere.

    Examples
    --------
    >>> [is_recording(name) for name in ("line.zarr", "line.zarr/pressure", "s3://bucket/line", "line.npy")]
    [True, True, True, False]
    """
    return is_url(source) or any(part.endswith(".zarr") for part in Path(source).parts)


def unfinished(output: str) -> Path:
    """Where an output lies until it is whole.

    Examples
    --------
    >>> unfinished("out.zarr").name
    '.out.zarr.part'
    """
    place = Path(output).absolute()
    return place.with_name(f".{place.name}.part")


def filter_recording(
    source: Store,
    output: str,
    network: Network,
    values: Mapping[str, Any],
    *,
    target: str | None = None,
    dtype: str | None = None,
    chunks: Sequence[int] = (),
    workers: Workers = _HERE,
    resume: bool = False,
    is_image: bool = False,
    progress: Progress = lambda chunks: nullcontext(lambda: None),
) -> tuple[str, dict[str, Any]]:
    """Filter an array in a file into another file, with the bits that a kernel has of it in one piece.

    Parameters
    ----------
    source : Store
    output : str
        A name in .npy or .zarr that is not taken; on a cluster, in a folder that all workers see.
    network : Network
    values : mapping
        The parameters by keyword.
    target, dtype : str, optional
        Of the kernel; None takes what `symtrans.dask.filter` does.
    chunks : sequence of int
        Samples of a chunk along each axis, or along the last alone; what is left out is chosen.
    workers : Workers
    resume : bool
        Whether to go on with a run that was ended.
    is_image : bool
        Whether integers are scaled as those of images are (`as_floats`).
    progress : callable, optional
        ``progress(chunks)``, a context manager, gives what is called after each chunk.

    Returns
    -------
    str
        The target of the kernel.
    dict
        The statistics of "input" and "output".

    Raises
    ------
    NonlinearityError
        If something does not fit.
    OSError
        If a file, the disk or the cluster fails; what is finished stays for `resume`.
    """
    da = needed("dask.array", "an array larger than memory", "dask")
    from symtrans.dask.filtering import filter

    if is_url(output):
        raise NonlinearityError(
            f"{output} is a URL, where nothing gets its name only when it is whole: write into a folder and copy that, "
            f"or in Python: symtrans.dask.filter(dask.array.from_zarr(...), network, ...).to_zarr({output!r})"
        )
    place = Path(output).absolute()
    aside = unfinished(output)
    _check_output(place, aside, resume)
    if is_image:
        as_floats(np.empty((0,), source.dtype))  # of the types that are refused
    precision = dtype or ("float32" if source.dtype.newbyteorder("=") == np.float32 else "float64")
    version = source.version()
    kernel = network.compile(target, precision)
    sizes = _sizes(source, chunks, network.grid.dimensions)
    array = da.from_array(source, chunks=sizes, asarray=False, fancy=False, meta=np.empty((0,) * source.ndim))
    if is_image and source.dtype.kind != "f":
        array = array.map_blocks(as_floats, dtype=np.float64, meta=np.empty((0,) * source.ndim))
    filtered = filter(array, kernel, **values)
    settings = {
        "source": f"{source.path} {version}",
        "kernel": f"{kernel!r} of {network!r}",
        "parameters": {name: np.asarray(value).tolist() for name, value in values.items()},
        "chunks": [list(map(int, axis)) for axis in filtered.chunks],
        "image": is_image,
    }
    chunked = tuple(map(int, array.chunksize))
    stored = _begun(aside, settings, lambda path: created(path, source.shape, filtered.dtype, chunked, source))
    chunks_there = source.count()
    write = _Write(stored, str(aside / _NOTES), network.grid.dimensions == 1, source.path)
    written = da.map_blocks(
        write,
        array.rechunk(filtered.chunks),
        filtered,
        dtype=bool,
        chunks=tuple((1,) * count for count in filtered.numblocks),
        meta=np.empty((0,) * source.ndim, bool),
    )
    delayed = written.to_delayed()
    places = list(np.ndindex(delayed.shape))
    left = [delayed[index] for index in places if not (aside / _NOTES / _name(index)).exists()]
    try:
        with progress(len(left)) as step:
            compute(left, workers, step)
        if source.count() != chunks_there:
            raise FileNotFoundError(f"chunks of {source.path} have gone while it was read")
        if source.version() != version:
            raise OSError(f"{source.path} was written to while it was read")
    except SymtransError:  # of the samples themselves: there is nothing to go on with
        shutil.rmtree(aside)
        raise
    except OSError as error:
        finished = len(list((aside / _NOTES).glob("*.json")))
        if not finished:
            shutil.rmtree(aside)
            raise
        why = reason(error)
        with suppress(OSError):
            if source.version() != version:  # then an error of its reader is no news
                why = f"{source.path} was written to while it was read"
        raise OSError(
            f"{why}. {finished} of {len(places)} chunks are finished and stay in {aside}; --resume goes on with them"
        ) from error
    notes = {index: json.loads((aside / _NOTES / _name(index)).read_text(encoding="utf-8")) for index in places}
    os.replace(stored.path, place)
    shutil.rmtree(aside)
    return kernel.target, {key: together({k: note[key] for k, note in notes.items()}) for key in ("input", "output")}


def _check_output(place: Path, aside: Path, resume: bool) -> None:
    if place.suffix.lower() not in STORED:
        raise NonlinearityError(f"{place.name} does not end in one of {', '.join(STORED)}, which are written in chunks")
    if place.exists():
        raise NonlinearityError(f"{place} exists; give another name, or delete it")
    if not (place.parent.is_dir() and os.access(place.parent, os.W_OK)):
        raise NonlinearityError(f"{place} cannot be written: {place.parent} is no folder that may be written to")
    if aside.exists() and not resume:
        raise NonlinearityError(f"{aside} holds an unfinished run: go on with --resume, or delete it")


def _sizes(source: Store, wanted: Sequence[int], axes: int) -> tuple[int, ...]:
    """Samples of a chunk along each axis: those that are wanted, of the last axes; the others are chosen.

    Those of a file are taken together along the last axis; of what has none, the filtered axes are left whole as long
    as a chunk is not too large, and then the last is cut last.
    """
    if len(wanted) > source.ndim or any(size < 1 for size in wanted):
        raise NonlinearityError(
            f"--chunks {','.join(map(str, wanted))}: give a positive whole number for each axis of {source.shape}, or "
            "for its last ones"
        )
    free = source.ndim - len(wanted)
    sizes = [*(source.chunks or (1,) * source.ndim)[:free], *wanted]
    if not wanted and source.chunks:
        sizes[-1] *= ceil(_LEAST / prod(sizes))
    elif not source.chunks:
        for axis in reversed(range(free)):
            share = 1 / min(axes, axis + 1) if axis >= source.ndim - axes else 1
            sizes[axis] = max(1, int((_CHUNK / prod(sizes)) ** share))
            sizes[axis] = min(sizes[axis], source.shape[axis])
    return tuple(min(size, length) for size, length in zip(sizes, source.shape, strict=True))


def _begun(aside: Path, settings: dict[str, Any], create: Callable[[Path], Store]) -> Store:
    """What is written aside: that of an ended run, if it had the same settings, or a new one."""
    noted = aside / "settings.json"
    if noted.exists():
        data = next(path for path in aside.iterdir() if path.stem == _DATA)
        different = [
            key for key, value in json.loads(noted.read_text(encoding="utf-8")).items() if value != settings[key]
        ]
        if different:
            raise NonlinearityError(
                f"the ended run in {aside} had other settings: {', '.join(different)}; give the same, or delete it"
            )
        return opened(str(data))
    shutil.rmtree(aside, ignore_errors=True)  # one that had not begun
    aside.mkdir()
    try:
        (aside / _NOTES).mkdir()
        stored = create(aside / (_DATA + Path(aside.stem).suffix.lower()))
        noted.write_text(json.dumps(settings), encoding="utf-8")
    except OSError:
        shutil.rmtree(aside)
        raise
    return stored
