"""A kernel goes to other processes, and a copy of it is a kernel: both make it anew from network and options."""

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from symtrans import Diffusivity, Network, catalogue
from tests.codegen.test_approximations import needs_compiler
from tests.codegen.test_kernels import TARGETS

SIGNALS = np.random.default_rng(0).normal(size=(4, 50))


def kernel_of(target):
    options = {"threads": 2, "accuracy": "strict"} if target == "c" else {}
    network = Network(catalogue["charbonnier"], blocks=3, tau="tau", boundary="periodic")
    return network.compile(target, "float32", clamp=True, **options)


def filtered(kernel, signal):
    return kernel(signal, lam=0.7, tau=0.2)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "twin",
    [copy.copy, copy.deepcopy, lambda kernel: pickle.loads(pickle.dumps(kernel))],
    ids=["copy", "deep", "pickle"],
)
def test_a_copy_does_the_same(twin, target):
    kernel = kernel_of(target)
    other = twin(kernel)
    assert repr(other) == repr(kernel)
    assert other.network == kernel.network
    np.testing.assert_array_equal(filtered(other, SIGNALS), filtered(kernel, SIGNALS))
    values = {"lam": 0.7, "tau": 0.2}
    for own, theirs in zip(kernel.vjp(SIGNALS, SIGNALS, **values), other.vjp(SIGNALS, SIGNALS, **values), strict=True):
        np.testing.assert_equal(own, theirs)


@pytest.mark.parametrize(
    ("target", "method"),
    [
        *(pytest.param("c", method, marks=needs_compiler) for method in ("spawn", "fork")),
        ("numpy", "forkserver"),
    ],
)
def test_two_workers_filter(target, method):
    kernel = kernel_of(target)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        found = list(pool.map(filtered, [kernel] * len(SIGNALS), SIGNALS))
    np.testing.assert_array_equal(np.array(found), filtered(kernel, SIGNALS))


def test_the_network_of_a_kind_travels_without_what_was_derived():
    network = Network(Diffusivity("exp(-x^2/w^2)", variable="x"), blocks=2, unstable="allow", tau=1, name="mine")
    assert network.source("numpy")
    other = pickle.loads(pickle.dumps(network))
    assert other == network
    assert not {"_derived", "code"} & set(vars(other))
    assert dict(other.source("numpy")) == dict(network.source("numpy"))


@pytest.mark.parametrize("options", [{}, {"scheme": "fsi", "cycle": 4}, {"scheme": "semi-implicit", "tau": 2}])
def test_a_scheme_travels_by_its_name(options):
    network = Network("perona-malik", 2, **options)
    assert pickle.loads(pickle.dumps(network)) == network
    assert pickle.loads(pickle.dumps(network)).scheme is network.scheme
