"""Signals to try a filter on: those of Donoho and Johnstone, and an electrocardiogram."""

from collections.abc import Callable, Mapping

import numpy as np

from symtrans.errors import MissingPackageError, NonlinearityError

ECG = "ecg"
"""The name that stands for the electrocardiogram shipped with PyWavelets."""

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


def electrocardiogram() -> np.ndarray:
    """The electrocardiogram that PyWavelets ships."""
    try:
        from pywt import data
    except ImportError:
        raise MissingPackageError.of("the electrocardiogram", "PyWavelets", "demo") from None
    return np.asarray(data.ecg(), dtype=float)
