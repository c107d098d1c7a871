"""Parameters over the whole range of a dtype: kernels are right, or refuse them and say which they take."""

import re

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Network, NonlinearityError, catalogue
from symtrans.calculus.algebra.canonical import X
from tests.codegen.forms.test_taming import APART, values_of
from tests.codegen.test_approximations import needs_compiler

QUICK = ("charbonnier", "perona-malik", "truncated-bfb", "tukey", "arsinh", "weickert-4")
FAMILIES = [name for name in catalogue if name not in APART]
POWERS = {
    "float32": (-44, -38, -30, -20, -12, -3, 3, 12, 20, 30, 36, 39),
    "float64": (-320, -250, -160, -60, 60, 160, 300),
}
_TOLERANCE = 400


def cases(half, dtype):
    """Values of all parameters: each at powers of 10, the others as they are."""
    usual = {symbol: float(value) for symbol, value in values_of(half).items()}
    for symbol in usual:
        for k in POWERS[dtype]:
            yield {**usual, symbol: float(f"1e{k}")}


def places(values, breaks, dtype):
    """Beside the scales, and far from them; not at breaks."""
    format = np.finfo(dtype)
    with np.errstate(all="ignore"):
        sizes = [factor * size for size in values for factor in (1e-3, 0.3, 1.1, 30)]
        r = np.array(sorted({*sizes, 1e-20, 0.3, 7.0, 1e15}), dtype)
    apart = [all(abs(float(x) - b) > 64 * float(format.eps) * b for b in breaks) for x in r]
    return r[apart & (r > format.tiny) & (r < format.max / 4)]


def check(name, target, dtype):
    """Phi and its adjoint: right, to the roundings of the largest value so far, or one refusal."""
    network = Network(catalogue[name], blocks=1, tau="1/8", unstable="allow")
    half, kernel = network.activation.half, network.compile(target, dtype, clamp=False)
    most, tiny, eps = (float(getattr(np.finfo(dtype), word)) for word in ("max", "tiny", "eps"))
    right_for, refused = 0, 0
    for values in cases(half, dtype):
        named = {key: values[symbol] for key, symbol in zip(kernel._keys, kernel._symbols, strict=True)}
        exact = {symbol: sp.Rational(value) for symbol, value in values.items()}
        breaks = [float(sp.N(place.xreplace(exact), 30)) for place in half.breaks]
        r = places(values.values(), breaks, dtype)
        pairs = np.stack([0 * r, r], axis=1)
        try:
            found = 8 * kernel(pairs, **named)[:, 0].astype(float)
        except NonlinearityError as refusal:
            assert "must lie between" in str(refusal) or "too far" in str(refusal)
            refused += 1
            continue
        right_for += 1
        functions = [sp.lambdify(X, piece.expr.xreplace(exact), "mpmath") for piece in half.pieces]
        reach = mp.mpf(0)
        for at, value in zip(map(float, r), found, strict=True):
            with mp.workdps(120):
                here = mp.mpf(functions[sum(at > place for place in breaks)](mp.mpf(at)).real)
            reach = max(reach, abs(here))
            if reach > most / 64 or at / min(map(abs, values.values())) > most / 4:
                break
            largest = max(1.0, *map(abs, values.values()))
            assert abs(value - here) <= _TOLERANCE * eps * reach + 64 * tiny * largest, (named, at, value, here)
    return right_for, refused


@pytest.mark.parametrize("name", QUICK)
def test_kernels_are_right_or_refuse(name):
    right_for, refused = check(name, "numpy", "float32")
    assert right_for >= 9  # lambda is as good as any from 1e-38 to 1e36
    assert refused >= 2


def test_double_precision_too():
    for name in QUICK[:2]:
        assert check(name, "numpy", "float64")[0] == len(POWERS["float64"]) - 1


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FAMILIES)
def test_every_family(name, dtype):
    check(name, "numpy", dtype)


@needs_compiler
@pytest.mark.long
@pytest.mark.parametrize("name", FAMILIES[1::8])
def test_every_eighth_family_in_c(name):
    check(name, "c", "float32")


@pytest.mark.parametrize(("text", "wrong"), [("exp(-r^2/lambda^2)", 1e39), ("a/(a + r^2)", 1e-90)])
def test_a_refusal_names_a_range_that_is_taken(text, wrong):
    kernel = Network(Activation(f"r*{text}"), tau="1/8", unstable="allow").compile("numpy", "float32")
    (key,) = kernel._keys
    signal = np.array([0, 1e-3, 7], np.float32)
    with pytest.raises(NonlinearityError, match=f"{key} = .*must lie between") as caught:
        kernel(signal, **{key: wrong})
    for end in map(float, re.findall(r"between (\S+) and (\S+),", str(caught.value))[0]):
        assert np.isfinite(kernel(signal, **{key: end})).all()
    with pytest.raises(NonlinearityError, match="must lie between"):
        kernel(signal, **{key: [wrong]})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_images_have_no_nan_either(dtype):
    image = np.zeros((6, 7), dtype)
    image[2, 3], image[4, 4] = 1, 1e-3
    for name in ("charbonnier", "arsinh", "truncated-bfb"):
        kernel = Network(catalogue[name], blocks=2, tau="1/16", h=(1, 1), unstable="allow").compile("numpy", dtype)
        (key,) = kernel._keys
        taken = []
        for k in range(*((-44, 39, 6) if dtype == "float32" else (-320, 308, 40))):
            try:
                u = kernel(image, **{key: float(f"1e{k}")})
                grad, by = kernel.vjp(image, np.ones_like(image), **{key: float(f"1e{k}")})
            except NonlinearityError:
                continue
            taken.append(k)
            assert all(np.isfinite(found).all() for found in (u, grad, by[key]))
        assert min(taken) < -10
        assert max(taken) > 10


def test_the_head_of_a_file_names_the_range():
    (text,) = Network(catalogue["charbonnier"]).source("numpy", "float32").values()
    assert re.search(r"constants are normal numbers for 5\.88e-39 <= lam <= 8\.\d+e\+37", text)


@pytest.mark.parametrize(
    ("h", "dtype", "more"),
    [
        ((1e150, 1e150), "float32", {}),
        (1e-40, "float32", {}),
        (1e150, "float32", {}),
        ((1, 1e-30), "float32", {}),
        ((1e-160, 1), "float64", {}),
        (1, "float32", {"scheme": "semi-implicit", "tau": 1e50}),
    ],
)
def test_a_grid_that_makes_infinity_is_refused(h, dtype, more):
    network = Network("charbonnier", h=h, **more)
    for target in ("numpy", "c"):
        with pytest.raises(NonlinearityError, match=f"too far from 1: .* no normal number of {dtype}"):
            network.source(target, dtype)


def test_a_grid_of_large_or_small_cells_is_taken():
    signal = np.where(np.arange(12) % 3, 1e10, -1e10).astype(np.float32)
    for h in (1e-30, 1e-15, 1e15, 1e30):
        found = Network("charbonnier", h=h, blocks=3).compile("numpy", "float32")(signal, lam=1.0)
        assert found.min() >= signal.min()
        assert found.max() <= signal.max()
