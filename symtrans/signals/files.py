"""Signals in files: .npy, .csv, .txt and .wav."""

import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.signals.examples import ECG, electrocardiogram

_SUFFIXES = (".npy", ".csv", ".txt", ".wav")


@dataclass(frozen=True)
class Signal:
    """Samples and how they were stored.

    Attributes
    ----------
    samples : ndarray, shape (..., N)
        float64; the last axis is time.
    rate : int
        Samples per second of a .wav, else 0.
    """

    samples: np.ndarray
    rate: int = 0


def read_signal(source: str) -> Signal:
    """Read a signal, or the named one "ecg".

    In .csv and .txt each column is a signal (a first line of titles is
    skipped); in .wav each channel; in .npy the last axis is time.

    Raises
    ------
    NonlinearityError
        If the file cannot be read, is empty, or holds NaN or infinite values.
    """
    if source == ECG:
        return Signal(electrocardiogram())
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise NonlinearityError(f"{source} is neither {ECG!r} nor a file ending in {', '.join(_SUFFIXES)}")
    try:
        signal = _READERS[suffix](path)
    except (OSError, ValueError, EOFError, wave.Error, UnicodeError) as error:
        raise NonlinearityError(f"{source} cannot be read as a signal: {error}") from None
    if signal.samples.size == 0:
        raise NonlinearityError(f"{source} holds no samples")
    bad = np.argwhere(~np.isfinite(signal.samples))
    if bad.size:
        raise NonlinearityError(f"{source} holds a value that is not finite, first at index {tuple(map(int, bad[0]))}")
    return signal


def write_signal(path: str, signal: Signal) -> None:
    """Write a signal in the format of the suffix; the file appears whole or not at all."""
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _SUFFIXES:
        raise NonlinearityError(f"{path} does not end in one of {', '.join(_SUFFIXES)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        _WRITERS[suffix](aside, signal)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _read_npy(path: Path) -> Signal:
    samples = np.load(path, allow_pickle=False)
    if not isinstance(samples, np.ndarray):
        raise ValueError("it is an archive of several arrays")
    if samples.dtype.kind not in "fiub" or samples.ndim == 0:
        raise ValueError(f"it is an array of {samples.dtype} and shape {samples.shape}, not of real numbers")
    return Signal(samples.astype(float))


def _read_text(path: Path) -> Signal:
    delimiter = "," if path.suffix.lower() == ".csv" else None
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    if lines and not any(_is_number(cell) for cell in lines[0].split(delimiter)):
        lines = lines[1:]  # titles
    if not any(line.strip() for line in lines):
        return Signal(np.empty(0))
    columns = np.loadtxt(lines, delimiter=delimiter, ndmin=2)
    return Signal(columns.T[0] if columns.shape[1] == 1 else columns.T)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_wav(path: Path) -> Signal:
    with wave.open(str(path), "rb") as file:
        width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
        raw = file.readframes(file.getnframes())
    if width == 1:
        samples = np.frombuffer(raw, np.uint8).astype(float) / 128 - 1
    elif width in (2, 4):
        samples = np.frombuffer(raw, f"<i{width}") / 2.0 ** (8 * width - 1)
    else:
        raise ValueError(f"samples of {8 * width} bits are not supported; convert to 16 bits")
    samples = samples.reshape(-1, channels).T
    return Signal(samples[0] if channels == 1 else samples, rate)


def _write_npy(path: Path, signal: Signal) -> None:
    with path.open("wb") as file:
        np.save(file, signal.samples)


def _write_text(path: Path, signal: Signal) -> None:
    delimiter = "," if path.suffix.lower() == ".csv" else " "
    np.savetxt(path, np.atleast_2d(signal.samples).reshape(-1, signal.samples.shape[-1]).T, "%.17g", delimiter)


def _write_wav(path: Path, signal: Signal) -> None:
    channels = np.atleast_2d(signal.samples)
    data = np.round(np.clip(channels, -1, 1 - 2.0**-15) * 2**15).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels.shape[0])
        file.setsampwidth(2)
        file.setframerate(signal.rate or 44100)
        file.writeframes(data.T.tobytes())


_READERS: Mapping[str, Callable[[Path], Signal]] = {
    ".npy": _read_npy,
    ".csv": _read_text,
    ".txt": _read_text,
    ".wav": _read_wav,
}
_WRITERS: Mapping[str, Callable[[Path, Signal], None]] = {
    ".npy": _write_npy,
    ".csv": _write_text,
    ".txt": _write_text,
    ".wav": _write_wav,
}
