"""A computed flux that is proved to be a number is one, and a file promises nothing of a flux that is not."""

import numpy as np
import pytest

from symtrans import Activation, Network, catalogue
from symtrans.codegen.finiteness import is_finite

FAMILIES = ("charbonnier", "perona-malik", "weickert-8", "truncated-bfb", "log-cosh", "garrote-n", "hampel", "scad")


def network(phi):
    return Network(phi, blocks=1, tau="1/1000", unstable="allow")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("name", FAMILIES)
def test_families_are_finite(name, target, dtype):
    assert is_finite(network(catalogue[name]).lowered(target, dtype).program, dtype)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_proved_is_so(name):
    kernel = network(catalogue[name]).compile("numpy", "float32")
    r = np.float32(10.0) ** np.arange(-37, 27, 0.25, dtype=np.float32)
    u = kernel(np.stack([0 * r, r], axis=1), **dict.fromkeys(kernel._keys, 1.0))
    assert np.isfinite(u).all()


def test_the_head_of_a_file_is_honest():
    text = Network(Activation("r*|r|^q*exp(-|r|)"), unstable="allow", tau="1/9").source("numpy", clamp=True)
    assert "holds exactly" not in "".join(text.values())
    text = Network(catalogue["charbonnier"], blocks=2, tau="1/2").source("numpy", clamp=True)
    assert "holds exactly" in "".join(text.values())
