"""What is measured of signals: sign changes, and how much noise is left."""

import numpy as np


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


def signal_to_noise(clean: np.ndarray, noisy: np.ndarray) -> float:
    """Signal-to-noise ratio in decibel: 10 log10 of the variance of `clean` over the mean squared error."""
    error = float(np.nanmean((noisy - clean) ** 2))
    power = float(np.nanvar(clean))
    return np.inf if error == 0 else 10 * float(np.log10(power / error))
