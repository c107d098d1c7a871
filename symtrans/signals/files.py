"""Signals in files (.npy, .csv, .txt, .wav), and what is measured of them."""

import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symtrans.errors import NonlinearityError

_SUFFIXES = (".npy", ".csv", ".txt", ".wav")
ECG = "ecg"
"""The name that stands for the electrocardiogram shipped with PyWavelets."""


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
        return Signal(_electrocardiogram())
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


def _electrocardiogram() -> np.ndarray:
    try:
        from pywt import data
    except ImportError:
        raise NonlinearityError(
            'the electrocardiogram comes with PyWavelets; install it with: pip install "symtrans[demo]"'
        ) from None
    return np.asarray(data.ecg(), dtype=float)


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


# ---------------------------------------------------------------------------
# Test signals

_PLACES = np.array([0.1, 0.13, 0.15, 0.23, 0.25, 0.4, 0.44, 0.65, 0.76, 0.78, 0.81])
_STEPS = np.array([4, -5, 3, -4, 5, -4.2, 2.1, 4.3, -3.1, 2.1, -4.2])
_PEAKS = np.array([4, 5, 3, 4, 5, 4.2, 2.1, 4.3, 3.1, 5.1, 4.2])
_WIDTHS = np.array([0.005, 0.005, 0.006, 0.01, 0.01, 0.03, 0.01, 0.01, 0.005, 0.008, 0.005])
_SHAPES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "blocks": lambda t: ((1 + np.sign(t[:, None] - _PLACES)) / 2) @ _STEPS,
    "bumps": lambda t: (1 + np.abs((t[:, None] - _PLACES) / _WIDTHS)) ** -4.0 @ _PEAKS,
    "heavisine": lambda t: 4 * np.sin(4 * np.pi * t) - np.sign(t - 0.3) - np.sign(0.72 - t),
    "doppler": lambda t: np.sqrt(t * (1 - t)) * np.sin(2 * np.pi * 1.05 / (t + 0.05)),
}
DONOHO_JOHNSTONE = tuple(_SHAPES)
"""The names of the four test signals."""


def donoho_johnstone(name: str, samples: int = 1024) -> np.ndarray:
    """One of the test signals of D. L. Donoho and I. M. Johnstone (1994), Table 1, at t = 1/N, 2/N, ..., 1.

    Parameters
    ----------
    name : {"blocks", "bumps", "heavisine", "doppler"}
    samples : int
        N.

    Returns
    -------
    ndarray, shape (N,)

    Examples
    --------
    >>> donoho_johnstone("blocks", 8).round(1)
    array([4. , 0.5, 3. , 0.9, 0.9, 5.2, 0. , 0. ])
    """
    if name not in _SHAPES:
        raise NonlinearityError(f"{name!r} is none of the test signals {', '.join(_SHAPES)}")
    if samples < 1:
        raise NonlinearityError(f"samples = {samples} must be at least 1")
    return _SHAPES[name](np.arange(1, samples + 1) / samples)


# ---------------------------------------------------------------------------
# Measures


def sign_changes(u: np.ndarray) -> int:
    """Sign changes along the last axis, summed over all signals; zeros do not count.

    Examples
    --------
    >>> sign_changes(np.array([4.0, -9.0, 0.0, 6.0, 1.0]))
    2
    """
    total = 0
    for row in u.reshape(-1, u.shape[-1]):
        signs = np.sign(row)
        signs = signs[signs != 0]
        total += int(np.count_nonzero(signs[1:] != signs[:-1]))
    return total


def signal_to_noise(clean: np.ndarray, noisy: np.ndarray) -> float:
    """Signal-to-noise ratio in decibel: 10 log10 of the variance of `clean` over the mean squared error."""
    error = float(np.mean((noisy - clean) ** 2))
    power = float(np.var(clean))
    return np.inf if error == 0 else 10 * float(np.log10(power / error))
