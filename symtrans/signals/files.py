"""Signals in files and pipes: read with a word on what was found, written whole or not at all."""

import csv
import io
import os
import sys
import wave
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from symtrans.errors import NonlinearityError, reason
from symtrans.runtime.whole_files import refuse_url, write_whole
from symtrans.signals.containers import read_edf, read_hdf5, read_matlab, read_npy, read_npz
from symtrans.signals.examples import ECG, electrocardiogram
from symtrans.signals.gaps import with_gaps
from symtrans.signals.signal import Layout, Signal, shape_in_words
from symtrans.signals.sound import read_sound, write_sound
from symtrans.signals.text import USUAL_DELIMITERS, read_text, write_text

PIPE = "-"
"""The name that stands for stdin or stdout."""

_READERS: Mapping[str, Callable[[bytes, Layout], Signal]] = {
    ".npy": read_npy,
    ".npz": read_npz,
    ".mat": read_matlab,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".edf": read_edf,
    ".wav": read_sound,
}
_OPTIONS = {"columns": "--column", "axis": "--axis", "delimiter": "--delimiter", "decimal": "--decimal"}
_APPLY = {
    ECG: "",
    ".npy": "axis",
    ".npz": "columns, axis",
    ".mat": "columns, axis",
    ".h5": "columns, axis",
    ".hdf5": "columns, axis",
    ".edf": "columns",
    ".wav": "columns",
}
WRITABLE = (".npy", ".csv", ".txt", ".wav", ".tsv", ".dat")
READABLE = (*WRITABLE, ".npz", ".mat", ".h5", ".hdf5", ".edf")
_STARTS = {
    b"\x93NUMPY": ".npy",
    b"PK\x03\x04": ".npz",
    b"RIFF": ".wav",
    b"RIFX": ".wav",
    b"MATLAB ": ".mat",
    b"\x89HDF\r\n\x1a\n": ".h5",
}
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_EDF = b"0       "  # and 248 more characters in one line; a column of text may begin like that, too


def read_signal(source: str, layout: Layout | None = None) -> Signal:
    """Read a signal from a file, from stdin ("-"), or the named one "ecg".

    In text each column is a signal, but for one of time or index; one row alone is a signal too. In .wav and .edf it
    is each channel; in .npy, .npz, .mat and .h5 the last axis is time. What was found is said in the signal's remarks.

    Parameters
    ----------
    source : str
    layout : Layout, optional
        What is known of the file beforehand.

    Raises
    ------
    NonlinearityError
        If the file cannot be read, is empty, holds infinite values, or gaps that `layout` says nothing about.
    """
    layout = layout or Layout()
    if layout.gaps not in (None, "fill", "split"):
        raise NonlinearityError(f"--gaps {layout.gaps} is neither fill nor split")
    if layout.decimal not in (None, ".", ","):
        raise NonlinearityError(f"--decimal {layout.decimal} is neither . nor ,")
    if source == ECG:
        _check_options(ECG, layout)
        if any(layout.marks):
            raise NonlinearityError(f"--missing {layout.missing} says nothing about {ECG}, which has all its samples")
        samples = electrocardiogram()
        return Signal(samples, remarks=(f"{shape_in_words(samples)}: the electrocardiogram of PyWavelets",))
    suffix = Path(source).suffix.lower()
    check_source(source)
    try:
        data = sys.stdin.buffer.read() if source == PIPE else Path(source).read_bytes()
        suffix = _suffix_of(data) if source == PIPE else suffix
        _check_options(suffix, layout)
        signal = read_text(data, suffix, layout) if suffix in USUAL_DELIMITERS else _READERS[suffix](data, layout)
    except EOFError:
        raise NonlinearityError(f"{_name(source)} cannot be read as a signal: it ends before its samples") from None
    except (OSError, ValueError, NotImplementedError, wave.Error, csv.Error) as error:
        raise NonlinearityError(f"{_name(source)} cannot be read as a signal: {reason(error, named=True)}") from None
    if signal.samples.size == 0:
        raise NonlinearityError(f"{_name(source)} holds no samples")
    return with_gaps(signal, layout, _name(source))


_CONTAINERS = (
    *(".json", ".jsonl", ".parquet", ".feather", ".arrow", ".pkl", ".pickle", ".pt", ".xls", ".xlsx", ".ods", ".fif"),
    *(".mp3", ".flac", ".ogg", ".m4a", ".mp4", ".webp", ".gif", ".bmp", ".nii", ".gz", ".zip", ".dcm", ".pdf"),
)
_SAVED = "save its numbers as .csv or .npy"


def check_source(source: str, also: Sequence[str] = ()) -> None:
    """Refuse a name that tells no way to read it; `also` are suffixes that others read."""
    if source not in (PIPE, ECG) and Path(source).suffix.lower() not in READABLE:
        is_text = Path(source).suffix.lower() not in _CONTAINERS
        piped = "what has another name is read from stdin: -, and < before the file" if is_text else _SAVED
        piped = f"; {piped}" if Path(source).is_file() else ""
        raise NonlinearityError(
            f"{source or repr(source)} is neither {ECG!r} nor a file ending in {', '.join((*READABLE, *also))}{piped}"
        )


def check_output(path: str, writable: Sequence[str] = WRITABLE) -> None:
    """Refuse, before any work is done, a name that no signal can be written to."""
    target = Path(path)
    refuse_url(target)
    if path != PIPE and target.suffix.lower() not in writable:
        raise NonlinearityError(f"{path} does not end in one of {', '.join(writable)}, which are written")
    if target.is_dir():
        raise NonlinearityError(f"{path} is a folder; name a file in it")
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    if path != PIPE and not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise NonlinearityError(f"{path} cannot be written: {folder} is no folder that may be written to")


def write_signal(path: str, signal: Signal) -> str:
    """Write a signal in the format of the suffix, or to stdout ("-") as text; a file appears whole or not at all.

    Returns
    -------
    str
        What is to be said of it; empty if the samples and all that stood beside them were written as they are.
    """
    check_output(path)
    target = Path(path)
    suffix = target.suffix.lower()
    if path == PIPE:
        suffix = signal.table.suffix if signal.table else ".txt"
    words = ""
    if suffix in USUAL_DELIMITERS:
        data = write_text(signal, suffix)
    else:
        if suffix == ".npy":
            buffer = io.BytesIO()
            np.save(buffer, signal.samples)
            data = buffer.getvalue()
        else:
            data, words = write_sound(signal)
        if signal.table and (signal.table.titles or len(signal.table.rows[0][1]) > len(signal.table.signals)):
            words += f"{'; ' if words else ''}titles and other columns are kept in text only"
    if path == PIPE:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return words
    write_whole(target, data)
    return words


def _name(source: str) -> str:
    return "stdin" if source == PIPE else source


def _check_options(suffix: str, layout: Layout) -> None:
    for name, option in _OPTIONS.items():
        if getattr(layout, name) and name not in _APPLY.get(suffix, _OPTIONS):
            raise NonlinearityError(f"{option} says nothing about {suffix}; leave it out")


def _suffix_of(data: bytes) -> str:
    """The format of what comes without a name."""
    if data.startswith(_IMAGES):
        raise ValueError("it is an image, which is read from a file that has a name")
    if data.startswith(_EDF) and len(data) > 256 and b"\n" not in data[:256]:
        return ".edf"
    return next((suffix for start, suffix in _STARTS.items() if data.startswith(start)), ".txt")
