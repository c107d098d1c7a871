"""doctor."""

import json
import os
import re
import sys
from importlib import metadata

import pytest

from symtrans import cli
from symtrans.runtime import installation
from tests.cli.results import GENERATED, process
from tests.distributions import install


@pytest.fixture
def doctor(capfd, monkeypatch):
    """Run the command in this process with other variables of the environment."""

    def ask(*words, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["symtrans", "doctor", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capfd.readouterr()
        assert (stop.value.code or 0, err) == (0, "")
        return json.loads(out) if "--json" in words else out

    return ask


def test_doctor_tells_what_is_there(doctor):
    found = doctor("--json")
    versions = {part["name"]: part["found"] for part in found["required"]}
    assert versions["sympy"] == metadata.version("sympy")
    assert {part["name"] for part in found["extras"]} == set(installation.PURPOSES)
    for section in ("required", "compiler", "extras", "programs", "plugins"):
        for part in found[section]:
            assert (part["found"] is None) == bool(part["remedy"]) or part["name"] == "vector width"


def test_doctor_tells_how_to_get_what_is_missing(doctor, tmp_path):
    found = doctor("--json", PATH=str(tmp_path), CC="")
    (compiler,) = found["compiler"]
    assert compiler["found"] is None
    assert "install" in compiler["remedy"]
    assert all(part["found"] is None for part in found["programs"])
    text = doctor()
    assert re.search(r"pdflatex +missing", text)
    assert "To get what is missing" in text


def test_doctor_sees_a_compiler_that_does_not_work(doctor, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no licence >&2\nexit 1\n")
    broken.chmod(0o755)
    (compiler,) = doctor("--json", CC=str(broken))["compiler"]
    assert compiler["found"] is None
    assert "no licence" in compiler["remedy"]


def test_doctor_knows_the_extras_for_users_and_contributing_all():
    extras = set(metadata.metadata("symtrans").get_all("Provides-Extra"))
    page = (GENERATED.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(installation.PURPOSES) < extras
    assert all(f"`{extra}`" in page for extra in extras)


BROKEN = """
def entry():
    raise OSError("no such device")
ENTRY = entry()
"""


def test_doctor_names_what_other_packages_add_and_what_of_it_is_broken(tmp_path):
    install(tmp_path, "bad", ["symtrans.families: broken = broken_families:ENTRY"], broken_families=BROKEN)
    page = process("doctor", env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (tmp_path, GENERATED.parent)))})
    assert page.returncode == 0
    assert re.search(r"broken +missing +families of bad 1\.0", page.stdout)
    assert re.search(r"broken +broken_families:ENTRY cannot be loaded \(OSError: no such device\)", page.stdout)
    assert page.stderr.startswith("warning: skipped of bad 1.0 (entry point 'broken' of symtrans.families)")
    assert page.stderr.count("\n") == 1
