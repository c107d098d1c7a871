"""`import symtrans` stays light: what is slow to load waits until it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = ("numpy", "jinja2", "matplotlib", "importlib.metadata", "typer", "rich", "symtrans.present", "symtrans.codegen")


@pytest.mark.parametrize("use", ["", "symtrans.catalogue['soft'].certificate.max_min_step()"])
def test_nothing_slow_is_loaded(use):
    code = f"import sys, symtrans; {use}\nprint([name for name in {SLOW} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert run.stdout == "[]\n"
