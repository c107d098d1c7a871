"""What is measured of signals, against the definitions."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from symtrans.signals.measures import sign_changes, signal_to_noise


@given(some.lists(some.lists(some.integers(-2, 2), min_size=5, max_size=5), min_size=1, max_size=3))
def test_sign_changes_are_counted_without_the_zeros(rows):
    expected = sum(a * b < 0 for row in rows for a, b in pairwise([value for value in row if value]))
    assert sign_changes(np.array(rows, dtype=float)) == expected


def test_the_signal_to_noise_ratio_in_decibel():
    clean = np.array([1.0, -1.0, 1.0, -1.0])  # of variance 1
    assert signal_to_noise(clean, clean + 0.1) == pytest.approx(20)
    assert signal_to_noise(clean, 2 * clean) == pytest.approx(0)
    assert signal_to_noise(clean, clean) == math.inf
