"""No name of a user meets one of ours, in any target: what is ours neither begins with p_ nor is the field's."""

import re
from functools import cache

import numpy as np
import pytest
import sympy as sp

from symtrans import Diffusivity, Network
from symtrans.codegen.formulas import OWN_NAMES, PREFIX
from symtrans.language.symbols import keyword_of
from symtrans.runtime.c_compiler import find_compiler
from symtrans.runtime.templates import folder

TARGETS = ("c", "numpy", "torch", "jax")
X = sp.Symbol("x", real=True)


def without_prose(text: str) -> str:
    """Source without comments, strings and the words of the template language."""
    return re.sub(
        r'/\*.*?\*/|//[^\n]*|\{#.*?#\}|""".*?"""|(?m:#(?!\s*(?:define|if|ifdef|undef)).*$)|"[^"\n]*"',
        " ",
        text,
        flags=re.DOTALL,
    )


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", without_prose(text)))


def network(names: list[str]) -> Network:
    """One that has all these parameters, in the flux, a break and the coefficients."""
    symbols = [sp.Symbol(name, positive=True) for name in names]
    g = sp.Piecewise(
        (1, abs(X) <= symbols[0]), (sp.exp(-((abs(X) - symbols[0]) ** 2) / sum(s**2 for s in symbols)), True)
    )
    return Network(Diffusivity(g, variable=X), 2, tau="1/8")


@cache
def every_word() -> tuple[str, ...]:
    found: set[str] = set()
    for target in TARGETS:
        for path in folder(target).iterdir():
            found |= words(path.read_text(encoding="utf-8"))
        for dtype in ("float64", "float32"):
            for text in network(["lambda", "theta"]).source(target, dtype).values():
                found |= words(text)
    return tuple(sorted(name for name in found if not re.fullmatch(r"_+|\d.*", name)))


def test_no_word_of_ours_is_a_parameters():
    used = {"lam", "theta"}  # the parameters of the programs that are looked at
    derived = {f"{stem}_{name}" for name in used for stem in ("by", "step_by", "inverse_h_by")}
    ours = set(every_word()) - used - derived
    assert not ours & OWN_NAMES
    assert not {word for word in ours if word.startswith(PREFIX)}
    assert len(ours) > 150


ARGUMENTS = ("w", "f", "grad", "samples")
PARTS = 24


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("target", TARGETS)
def test_every_word_of_ours_may_be_a_parameter(target, part):
    check_parameters(target, every_word()[part::PARTS])


@pytest.mark.parametrize("target", TARGETS)
def test_arguments_may_be_parameters(target):
    check_parameters(target, ARGUMENTS)


def check_parameters(target, chunk):
    if target == "c" and not find_compiler():
        pytest.skip("no C compiler")
    if target in ("torch", "jax"):
        module = pytest.importorskip(target)
        if target == "jax":
            module.config.update("jax_enable_x64", True)
    net, plain = network(chunk), network([f"z{k}" for k in range(len(chunk))])
    values = {symbol: 0.5 + k / 64 for k, symbol in enumerate(map(sp.Symbol, chunk))}
    given = {keyword_of(symbol): value for symbol, value in values.items()}
    usual = {f"z{k}": value for k, value in enumerate(values.values())}
    kernel, reference = net.compile(target), plain.compile("numpy")
    u = np.random.default_rng(7).normal(size=12)
    w = np.random.default_rng(8).normal(size=12)
    np.testing.assert_allclose(kernel(u, **given), reference(u, **usual), rtol=1e-13)
    grad, by = kernel.vjp(u, w, **given)
    usual_grad, usual_by = reference.vjp(u, w, **usual)
    np.testing.assert_allclose(grad, usual_grad, rtol=1e-11)
    for k, symbol in enumerate(values):
        np.testing.assert_allclose(by[keyword_of(symbol)], usual_by[f"z{k}"], rtol=1e-9, atol=1e-15)
