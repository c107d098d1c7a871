"""A computed flux that is proved to be a number is one, and a file promises nothing of a flux that is not."""

import re

import numpy as np
import pytest

from symtrans import Activation, Diffusivity, Network, catalogue
from symtrans.codegen.floating_point.finiteness import is_finite

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


@pytest.mark.parametrize(
    ("g", "h"), [("1", 1), ("3/2", 1), ("100", 1), ("3/2", (1, 1)), ("1", (1, 1, 1)), ("exp(-r^2) + 5", (1, 1))]
)
def test_signals_as_large_as_the_head_says_meet_no_infinity(g, h):
    """Sums of fluxes overflow before a flux does: of g = 3/2 at differences of 2^1022.8."""
    network = Network(Diffusivity(g), h=h)
    network = Network(Diffusivity(g), tau=network.certificate.max_min_step(h), h=h)
    (text,) = network.source("numpy").values()
    (power,) = re.findall(r"holds exactly.*\n.*up to 2\^(\d+)", text)
    shape = (4,) * network.grid.dimensions
    signs = (-1.0) ** np.indices(shape).sum(axis=0)
    u = np.stack([signs, np.where(signs > 0, signs, 0.5)]) * 2.0 ** (int(power) - 1)
    found = network.compile("numpy")(u)
    assert np.abs(found).max() <= np.abs(u).max()
