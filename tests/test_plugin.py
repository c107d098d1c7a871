"""The package of docs/plugin, installed by pip into a fresh environment beside one that is broken."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.distributions import install

ROOT = Path(__file__).parents[1]
NUMBA = """
def njit(function=None, **options):
    return (lambda function: function) if function is None else function

prange = range
"""
BROKEN = """
from symtrans.codegen.targets import Target
from symtrans.catalogue import Entry

FORMULA = "r/(1 + r^2"
SECOND_C = Target("c", lambda specification, gradients=True: {})
"""
POINTS = [
    "symtrans.targets: c = broken_plugin:SECOND_C",
    "symtrans.targets: text = broken_plugin:FORMULA",
    "symtrans.targets: gone = no_such_module:TARGET",
    "symtrans.families: lost = broken_plugin:MISSING",
]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Run Python in an environment that has what this one has, and the two packages."""
    pytest.importorskip("pip")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "venv", symlinks=os.name != "nt")
    paths = sysconfig.get_paths(vars={"base": str(folder / "venv"), "platbase": str(folder / "venv")}, scheme="venv")
    python, packages = Path(paths["scripts"]) / Path(sys.executable).name, Path(paths["purelib"])
    # what is installed here stays where it is
    (packages / "here.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    shutil.copytree(ROOT / "docs" / "plugin", folder / "plugin")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--no-index", "--no-deps", "--no-build-isolation", str(folder / "plugin")]
    subprocess.run(pip, check=True, timeout=120, env=environment)
    install(packages, "broken", POINTS, broken_plugin=BROKEN)
    if find_spec("numba") is None:  # the same loops, not compiled
        (packages / "numba.py").write_text(NUMBA)

    def run(*words):
        command = [str(python), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)

    return run


def symtrans(fresh, *words):
    return fresh("-m", "symtrans", *words)


FAMILY = """
import warnings
import symtrans as st
warnings.simplefilter("error")
assert st.catalogue["hard"].name == "truncated-quadratic"  # ours: nobody else is asked
warnings.simplefilter("ignore")
family = st.catalogue["Half_Loss"]
assert family.name == "barron-half" and "barron-half" in list(st.catalogue)
assert family.regulariser == st.Regulariser("4 lambda^2 ((1 + r^2/lambda^2)^(1/4) - 1)")
assert family.certificate.monotone.value is False
assert st.translate(family).diffusivity == family.diffusivity
"""


def test_the_family_is_in_the_catalogue(fresh):
    run = fresh("-c", FAMILY)
    assert run.returncode == 0, run.stderr


KERNELS = """
import itertools, warnings
import numpy as np
import symtrans as st
warnings.simplefilter("ignore")
rng = np.random.default_rng(3)
u = rng.normal(size=(3, 40)) * 3
networks = [
    (st.Network(st.catalogue["barron-half"], 5), {"lam": 0.7}),
    (st.Network(st.catalogue["barron-half"], 3, boundary="periodic", h="1/2"), {"lam": [0.5, 1.0, 2.0]}),
    (st.Network(st.catalogue["soft"], 4, tau="tau"), {"theta": 0.4, "tau": 0.2}),
    (st.Network(st.catalogue["hard"], 4, boundary="periodic"), {"theta": 1.5}),
    (st.Network(st.catalogue["tukey"], 2), {"lam": 4.0}),
    (st.Network(st.Activation("lambda erf(r/lambda)"), 2), {"lam": 0.8}),
]
both = [(networks[0], clamp, parallel) for clamp in (None, True) for parallel in (False, True)]
for (network, values), clamp, parallel in [*both, *((each, None, False) for each in networks[1:])]:
    text = network.source("numba", clamp=clamp, parallel=parallel)
    (name,) = text
    assert name.endswith("_f64.py") and ("prange" in text[name]) is parallel
    wanted = network.compile("numpy", clamp=clamp)(u, **values)
    kernel = network.compile("numba", clamp=clamp, parallel=parallel)
    np.testing.assert_allclose(kernel(u, **values), wanted, rtol=0, atol=1e-13)
    np.testing.assert_allclose(kernel(u[0, :1], **values), u[0, :1], rtol=0, atol=0)
    single = network.compile("numba", "float32", clamp=clamp)(u.astype("float32"), **values)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, wanted, rtol=0, atol=1e-4)
try:
    networks[0][0].source("numba", parallel="yes")
except st.NonlinearityError as error:
    assert "parallel = 'yes' must be False or True for target 'numba'" in str(error)
else:
    raise AssertionError
"""


def test_the_target_generates_what_it_should(fresh):
    run = fresh("-c", KERNELS)
    assert run.returncode == 0, run.stderr


def test_the_command_line_knows_both(fresh):
    page = re.sub(r"[\s│]+", " ", symtrans(fresh, "generate", "--help").stdout)
    assert "c, numpy, torch, jax, numba." in page
    assert "--parallel of numba: False or True" in page
    words = ("generate", "half-loss", "--blocks", "3", "--target", "numba", "--parallel", "true")
    run = symtrans(fresh, *words, "--json")
    assert run.returncode == 0, run.stderr
    ((name, text),) = json.loads(run.stdout).items()
    assert name == "half_loss_f64.py"
    assert "@njit(parallel=True)" in text
    (command,) = re.findall(r"symtrans (generate .*)", text)
    again = symtrans(fresh, *shlex.split(command), "--json")
    assert json.loads(again.stdout) == {name: text}
    refused = symtrans(fresh, "generate", "soft", "--target", "cuda")
    assert refused.returncode == 2
    assert "none of c, numpy, torch, jax, numba" in refused.stderr


SKIPPED = [
    r"skipped of broken 1.0 \(entry point 'lost' of symtrans.families\): broken_plugin:MISSING cannot be loaded \(Attr",
    r"skipped of broken 1.0 \(entry point 'c' of symtrans.targets\): c: the name 'c' is taken by 'c'",
    r"skipped of broken 1.0 \(entry point 'gone' of symtrans.targets\): no_such_module:TARGET cannot be loaded \(Mod",
    r"skipped of broken 1.0 \(entry point 'text' of symtrans.targets\): an object of type str is no Target",
]


def test_doctor_lists_what_is_added_and_what_is_skipped(fresh):
    run = symtrans(fresh, "doctor")
    assert run.returncode == 0
    assert re.search(r"own +symtrans-numba 1\.0 +families: barron-half", run.stdout)
    assert re.search(r"numba +symtrans-numba 1\.0 +targets: numba", run.stdout)
    for fault in SKIPPED:
        assert re.search(f"^warning: {fault}", run.stderr, re.MULTILINE), run.stderr
    assert run.stderr.count("\n") == len(SKIPPED)
    parts = json.loads(symtrans(fresh, "doctor", "--json").stdout)["plugins"]
    assert [part["name"] for part in parts] == ["lost", "own", "c", "gone", "text", "numba"]
    assert [part["found"] for part in parts] == [None, "symtrans-numba 1.0", None, None, None, "symtrans-numba 1.0"]
    assert all(bool(part["remedy"]) is (part["found"] is None) for part in parts)


def test_all_families_are_tabled_with_those_of_the_package(fresh):
    run = symtrans(fresh, "table", "barron-half", "soft", "--certificates")
    assert run.returncode == 0, run.stderr
    assert re.search(r"^barron-half +1 +1 ", run.stdout, re.MULTILINE)
