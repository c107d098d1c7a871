"""The examples of the room run where Dask is."""

import doctest
import importlib
from pathlib import Path

import pytest

pytest.importorskip("dask")

MODULES = ("filtering", "halos", "plan", "travel")


OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def test_the_page():
    pytest.importorskip("xarray")
    page = Path(__file__).parents[2] / "docs" / "scale.md"
    assert doctest.testfile(str(page), module_relative=False, optionflags=OPTIONS).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"symtrans.dask.{name}")
    assert doctest.testmod(module, optionflags=OPTIONS).failed == 0
