"""The examples of the room run where PyTorch is."""

import doctest
import importlib

import pytest

pytest.importorskip("torch")

MODULES = (
    "kernels",
    "layers",
    "learning",
    "ops",
    "parametrizations",
    "recipe",
    "splines",
    "standing",
    "stencils",
    "symmetric",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"symtrans.torch.{name}")
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).failed == 0
