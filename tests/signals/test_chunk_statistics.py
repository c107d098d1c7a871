"""Statistics of chunks, put together, are those of the array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from symtrans.signals.chunk_statistics import statistics_of, together
from symtrans.signals.measures import sign_changes


@given(some.lists(some.integers(-2, 2), min_size=1, max_size=24), some.integers(1, 5), some.integers(1, 3))
def test_of_signals(samples, length, rows):
    u = np.stack([np.roll(samples, k) for k in range(rows)]).astype(float)
    starts = range(0, u.shape[-1], length)
    chunks = {(r, k): u[r : r + 1, at : at + length] for r in range(rows) for k, at in enumerate(starts)}
    found = together({place: statistics_of(chunk, signs=True) for place, chunk in chunks.items()})
    assert found["sign_changes"] == sign_changes(u)
    assert (found["minimum"], found["maximum"]) == (u.min(), u.max())
    assert found["mean"] == pytest.approx(u.mean(), abs=1e-15)


def test_images_have_no_sign_changes():
    assert set(together({(0, 0): statistics_of(np.eye(3), signs=False)})) == {"minimum", "maximum", "mean"}
