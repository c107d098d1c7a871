"""What was assumed of parameters holds in every call of a kernel, or the call is refused."""

import numpy as np
import pytest

import symtrans as st
from symtrans import NonlinearityError

HAT = st.Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (a b/r, otherwise))", assume=["a < b"])
SIGNAL = np.array([0, 1.5, 0, 5])


def test_values_as_assumed_are_taken():
    kernel = st.Network(HAT, blocks=2).compile("numpy")
    found = kernel(SIGNAL, a=1.0, b=2.0)
    np.testing.assert_array_equal(kernel(SIGNAL, a=np.array([1.0, 1.0]), b=2.0), found)
    exact = st.denoise(SIGNAL, HAT, num_iter=2, tau="1/2", a=1.0, b=2.0, target="model")
    np.testing.assert_allclose(st.Network(HAT, blocks=2, tau="1/2").compile("numpy")(SIGNAL, a=1.0, b=2.0), exact)


@pytest.mark.parametrize(
    ("nonlinearity", "values", "words"),
    [
        (HAT, {"a": 2.0, "b": 1.0}, "a = 2, b = 1 contradict the assumption a < b"),
        (HAT, {"a": 2, "b": 2}, "a = 2, b = 2 contradict"),
        (HAT, {"a": np.array([1.0, 3.0]), "b": np.array([2.0, 2.0])}, r"a = 3, b = 2 \(block 1\) contradict"),
        (st.catalogue.soft.activation.assuming("theta > 2"), {"theta": 1.0}, "theta = 1 contradict"),
    ],
)
def test_values_that_contradict_an_assumption_are_refused(nonlinearity, values, words):
    kernel = st.Network(nonlinearity, blocks=2).compile("numpy")
    for _ in range(2):
        with pytest.raises(NonlinearityError, match=words):
            kernel(SIGNAL, **values)
    with pytest.raises(NonlinearityError, match=words):
        kernel.vjp(SIGNAL, SIGNAL, **values)


def test_the_command_in_the_head_of_a_file_tells_what_was_assumed():
    head = st.Network(HAT, blocks=2).source("c")["network_f64.h"]
    assert '--kind activation --assume "a < b" --blocks 2' in head
