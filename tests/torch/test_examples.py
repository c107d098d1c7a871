"""The examples of the room run where PyTorch is."""

import doctest
import importlib
from pathlib import Path

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


OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def test_the_page():
    page = Path(__file__).parents[2] / "docs" / "torch.md"
    assert doctest.testfile(str(page), module_relative=False, optionflags=OPTIONS).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"symtrans.torch.{name}")
    assert doctest.testmod(module, optionflags=OPTIONS).failed == 0
