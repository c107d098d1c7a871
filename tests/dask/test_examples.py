"""The examples of the room run where Dask is."""

import doctest
import importlib

import pytest

pytest.importorskip("dask")

MODULES = ("filtering", "plan", "travel")


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"symtrans.dask.{name}")
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).failed == 0
