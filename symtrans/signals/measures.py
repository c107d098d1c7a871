"""What is measured of signals and images: sign changes, and how much noise is left."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

_WINDOW = 7  # samples a side within which structural similarity looks


@dataclass(frozen=True)
class Measures:
    """What is reported of a kind of signal.

    Attributes
    ----------
    alone, against : mapping
        Functions by name: of samples, and of clean samples and others.
    ratio : str
        The one of the latter, in decibel, whose gain is reported.
    """

    alone: Mapping[str, Callable[[np.ndarray], float]]
    against: Mapping[str, Callable[[np.ndarray, np.ndarray], float | None]]
    ratio: str


def sign_changes(u: np.ndarray) -> int:
    """Sign changes along the last axis, summed over all signals; zeros do not count, nor what lies across a gap (NaN).

    Examples
    --------
    >>> sign_changes(np.array([4.0, -9.0, 0.0, 6.0, 1.0]))
    2
    """
    total = 0
    for row in u.reshape(-1, u.shape[-1]):
        signs = np.sign(row)
        signs = signs[signs != 0]
        total += int(np.count_nonzero(signs[1:] * signs[:-1] < 0))
    return total


def _decibel(power: float, error: float) -> float | None:
    """10 log10 of their ratio: infinite without an error; None of what is constant, as no error is small beside it."""
    if power == 0:
        return None
    return np.inf if error == 0 else 10 * float(np.log10(power / error))


def signal_to_noise(clean: np.ndarray, noisy: np.ndarray) -> float | None:
    """Signal-to-noise ratio in decibel: 10 log10 of the variance of `clean` over the mean squared error."""
    spread = clean - np.nanmin(clean)  # exactly 0 of what is constant, whose mean may be rounded
    return _decibel(float(np.nanvar(spread)), float(np.nanmean((noisy - clean) ** 2)))


def peak_signal_to_noise(clean: np.ndarray, noisy: np.ndarray, span: float) -> float | None:
    """Peak signal-to-noise ratio in decibel: 10 log10 of `span`² over the mean squared error.

    Examples
    --------
    >>> round(peak_signal_to_noise(np.zeros(4), np.full(4, 0.1), 1.0), 9)
    20.0
    """
    return _decibel(span**2, float(np.mean((noisy.astype(np.float64) - clean) ** 2)))


def structural_similarity(clean: np.ndarray, noisy: np.ndarray, span: float, channels: bool) -> float | None:
    """That of Wang et al. (2004) as scikit-image has it, channels first; None without it, of small or flat images."""
    try:
        metrics = importlib.import_module("skimage.metrics")
    except ImportError:
        return None
    if min(clean.shape[channels:]) < _WINDOW or span == 0:
        return None
    options = {"channel_axis": 0} if channels else {}
    return float(metrics.structural_similarity(clean, noisy.astype(clean.dtype), data_range=span, **options))


OF_SIGNALS = Measures({"sign_changes": sign_changes}, {"snr_db": signal_to_noise}, "snr_db")


def of_images(span: float, channels: bool) -> Measures:
    """Those of images whose samples span so much, with channels first where they have any."""
    peak = partial(peak_signal_to_noise, span=span)
    similar = partial(structural_similarity, span=span, channels=channels)
    return Measures({}, {"psnr_db": peak, "ssim": similar}, "psnr_db")
