"""min f <= u <= max f exactly, with tau at the bound itself."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as hs

import symtrans as st
from benchmarks import stress
from symtrans import Activation, Diffusivity, Network
from symtrans.catalogue import TABLE_3
from symtrans.codegen.floating_point.range_proof import keeps_range
from symtrans.language.symbols import keyword_of
from tests.codegen.test_kernels import DTYPES, TARGETS

FAST = {"accuracy": "fast"}
TINY = hs.integers(-8, 8)


def test_plain_rounding_breaks_the_principle():
    """The example of docs/floating-point.md: what the cut of the step is for."""
    top = np.float32(1 + 3 * 2.0**-23)
    signal = np.array([top, -1, top], dtype=np.float32)
    unguarded = Network(st.catalogue["constant"], tau="1/2", unstable="allow").compile("numpy", "float32")
    assert unguarded(signal)[1] == np.nextafter(top, np.float32(2))
    assert Network(st.catalogue["constant"], tau="1/2").compile("numpy", "float32")(signal)[1] <= top


@pytest.mark.parametrize("target", TARGETS)
def test_a_stress_run(target):
    assert stress.run(2e5, (target,), ("h",)) == 0


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_a_long_stress_run(target):
    assert stress.run(1e8, (target,)) == 0


_kernels = {}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TABLE_3)
@given(top=TINY, middle=TINY, other=TINY, scale=hs.sampled_from([1.0, -1.0, 0.75, 3.0]), exponent=hs.integers(-1, 1))
def test_three_samples_with_all_last_digits(name, dtype, top, middle, other, scale, exponent):
    if (name, dtype) not in _kernels:
        _kernels[name, dtype] = Network(st.catalogue[name], tau="1/2").compile("numpy", dtype)
    kernel = _kernels[name, dtype]
    eps = float(np.finfo(dtype).eps)
    f = np.array([1 + top * eps, -scale * 2.0**exponent * (1 + middle * eps), 1 + other * eps]).astype(dtype)
    values = {keyword_of(symbol): 2.5 for symbol in kernel.network.parameters}
    found = kernel(f, **values)
    assert f.min() <= found.min()
    assert found.max() <= f.max()


PROVED = [
    *(st.catalogue[name] for name in TABLE_3),
    Diffusivity("a exp(-|r|/b)"),
    Diffusivity("1/(1 + |r|/lambda)"),
    Activation("lambda tanh(r/lambda)"),
    Activation("lambda atan(r/lambda)"),
    Activation("sgn(r) lambda ln(1 + |r|/lambda)"),
    Diffusivity("1 - exp(-1/r^8)"),
    Activation("sgn(r) lambda*(sqrt(1 + 2 |r|/lambda) - 1)"),
]
OPEN = [
    st.catalogue["firm"],
]


def proved(nonlinearity, **options):
    network = Network(nonlinearity, **options)
    g_max = network._names().inward(network.certificate.g_max.value)
    codes = (network._specification("numpy", "float32", None, {}), network._specification("c", "float32", None, FAST))
    return all(keeps_range(specification.program, g_max) for specification in codes)


@pytest.mark.parametrize("nonlinearity", PROVED, ids=str)
def test_what_is_proved_is_not_clamped(nonlinearity):
    for options in ({}, {"tau": "tau"}, {"tau": "tau", "h": "h"}):
        assert proved(nonlinearity, **options)
    (text,) = Network(nonlinearity).source("numpy", "float32").values()
    overflows = "a*exp(-|r|/b)" in str(nonlinearity)  # a r does before it meets what falls, for a = 2^20
    assert ("that no step of Phi overflows is not proved" if overflows else "holds exactly, since tau stays") in text
    assert "np.clip(signal" not in text


@pytest.mark.parametrize("nonlinearity", OPEN, ids=str)
def test_what_is_not_proved_is_clamped(nonlinearity):
    assert not proved(nonlinearity)
    network = Network(nonlinearity)
    (text,) = network.source("numpy", "float32").values()
    assert "clamped to its neighbours" in text
    assert "np.clip(signal" in text
    (text,) = network.source("numpy", "float32", clamp=False).values()
    assert "is not guaranteed" in text
    _, text = sorted(network.source("c", "float32").values(), key=len)
    assert "clamped to its neighbours" in text
    assert "no sample leaves the range" in text


def test_no_digits_cancel_next_to_zero():
    """sqrt(1 + 2r) - 1 as it stands would overshoot by a third."""
    network = Network(Activation("sgn(r) lambda*(sqrt(1 + 2 |r|/lambda) - 1)"), tau="1/2")
    small = np.float32(1.5 * 2.0**-24)
    found = network.compile("numpy", "float32", clamp=False)(np.array([0, small], np.float32), lam=1.0)
    assert found[0] == pytest.approx(small / 2, rel=1e-6)
    clamped = network.compile("numpy", "float32")(np.array([0, small, 0], np.float32), lam=1.0)
    assert clamped.min() >= 0


def test_the_step_is_cut_off_only_near_its_bound():
    for tau, expected in (("1/4", sp.Rational(1, 4)), ("1/2", (1 - 64 * sp.Rational(1, 2**24)) / 2)):
        assert (
            Network(st.catalogue["constant"], tau=tau).lowered("numpy", "float32").program.coefficient("step")
            == expected
        )
