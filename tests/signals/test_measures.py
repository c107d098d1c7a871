"""What is measured of signals, against the definitions."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from symtrans.signals.denoising import report_on
from symtrans.signals.measures import OF_SIGNALS, of_images, sign_changes, signal_to_noise


@given(some.lists(some.lists(some.integers(-2, 2), min_size=5, max_size=5), min_size=1, max_size=3))
def test_sign_changes_are_counted_without_the_zeros(rows):
    expected = sum(a * b < 0 for row in rows for a, b in pairwise([value for value in row if value]))
    assert sign_changes(np.array(rows, dtype=float)) == expected


def test_the_signal_to_noise_ratio_in_decibel():
    clean = np.array([1.0, -1.0, 1.0, -1.0])  # of variance 1
    assert signal_to_noise(clean, clean + 0.1) == pytest.approx(20)
    assert signal_to_noise(clean, 2 * clean) == pytest.approx(0)
    assert signal_to_noise(clean, clean) == math.inf


@pytest.mark.parametrize("level", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("measures", [OF_SIGNALS, of_images(0.0, False)], ids=["signals", "images"])
def test_of_what_is_constant_there_is_no_ratio_and_no_gain(measures, level):
    clean, noisy = np.full((9, 9), level), np.full((9, 9), level) + 0.1 * np.eye(9)
    report = report_on(clean, noisy, {"c": (noisy / 2, 0.0)}, measures)
    for name, one in product(report, measures.against):
        assert report[name][one] is None
    assert report["c"][measures.ratio.replace("_db", "_gain_db")] is None


def test_a_gain_is_that_of_the_ratio():
    clean = np.array([[1.0, -1.0, 1.0, -1.0]])
    report = report_on(clean, clean + 0.1, {"c": (clean + 0.01, 0.0)})
    assert report["c"]["snr_gain_db"] == pytest.approx(20)
