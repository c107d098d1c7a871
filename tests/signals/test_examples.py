"""Test signals, against the formulas of Donoho and Johnstone (1994), Table 1."""

import numpy as np
import pytest
import pywt

from symtrans import NonlinearityError
from symtrans.signals.examples import DONOHO_JOHNSTONE, donoho_johnstone, electrocardiogram


def test_the_names_are_those_of_the_four_signals():
    assert DONOHO_JOHNSTONE == ("blocks", "bumps", "heavisine", "doppler")


@pytest.mark.parametrize("name", ["Blocks", "Bumps", "HeaviSine", "Doppler"])
def test_they_are_those_of_pywavelets(name):
    found = donoho_johnstone(name.lower(), 256)
    np.testing.assert_allclose(found, pywt.data.demo_signal(name, 256), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "samples", "words"), [("blok", 8, "none of"), ("blocks", 0, "at least 1")])
def test_wrong_input_is_explained(name, samples, words):
    with pytest.raises(NonlinearityError, match=words):
        donoho_johnstone(name, samples)


def test_the_electrocardiogram_is_that_of_pywavelets():
    np.testing.assert_array_equal(electrocardiogram(), pywt.data.ecg())
