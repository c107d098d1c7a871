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


TEXT = (
    "numpy",
    "jinja2",
    "markupsafe",
    "matplotlib",
    "symtrans.codegen",
    "symtrans.signals",
    "symtrans.nonlinearity.proximal",
)


@pytest.mark.parametrize(
    "use",
    [
        "typed('translate', 'perona-malik')",
        "typed('translate', 'r/(1 + r^2)', '--kind', 'activation', '--latex')",
        "typed('certify', 'soft', '--tau', '0.4', '--details')",
        "typed('table', 'soft', 'garrote')",
        "print(symtrans.catalogue['soft'].certificate, symtrans.latex(symtrans.catalogue['soft']))",
    ],
)
def test_text_waits_for_nothing_that_computes_with_arrays_or_emits_code(use):
    code = f"""
import sys, symtrans
from symtrans.cli import main
def typed(*words):
    sys.argv = ["symtrans", *words]
    try:
        main()
    except SystemExit:
        pass
{use}
print([name for name in {TEXT} if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert run.stdout.splitlines()[-1] == "[]"


ELSEWHERE = """
import os, pathlib, socket, sys, time
for module, names in {
    os: ("fork", "register_at_fork", "posix_fallocate", "getuid", "geteuid", "killpg", "setsid"),
    socket: ("send_fds", "recv_fds"),
    time: ("pthread_getcpuclockid", "clock_gettime"),
}.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
for name in ("fcntl", "resource", "pwd", "grp"):
    sys.modules[name] = None
import symtrans
root = pathlib.Path(symtrans.__file__).parent
for path in sorted(root.rglob("*.py")):
    module = path.relative_to(root.parent).with_suffix("").as_posix().replace("/", ".")
    if not module.startswith(("symtrans.torch", "symtrans.dask", "symtrans.explore")):  # of other packages
        __import__(module.removesuffix(".__init__"))
family = symtrans.translate(symtrans.Diffusivity("exp(-r^2/lambda^2)"))
print(family.certificate.max_min_step(), *symtrans.Network(family).compile("numpy")([1.0, 1.0], lam=1.0))
"""


def test_nothing_that_only_posix_has_is_needed():
    run = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert (run.stdout, run.stderr) == ("1/2 1.0 1.0\n", "")
