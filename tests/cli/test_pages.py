"""report (explore is tested in tests/explore)."""

import os
import re

import pytest

from tests.cli.results import GENERATED, assert_refused, process
from tests.distributions import install


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "name the families"),
        (("--all", "soft"), "--all and names of families ask for two reports"),
        (("soft", "hubber"), "did you mean huber"),
        (("soft", "r/(1 + r)"), "is a formula: say what it is with --kind"),
        (("soft", "bfb"), "unbounded"),
        (("soft", "-o", "page.pdf"), "does not end in .html"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_derived(symtrans, words, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(symtrans("report", *words), complaint)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_package_is_named_once(tmp_path):
    install(tmp_path, "bad", ["symtrans.families: broken = no_such_module:ENTRY"])
    path = os.pathsep.join(map(str, (tmp_path, GENERATED.parent)))
    run = process("report", "soft", "hubber", env={**os.environ, "PYTHONPATH": path})
    assert run.returncode == 2
    warning, error = run.stderr.splitlines()
    assert re.match(r"warning: skipped of bad 1\.0 \(entry point 'broken' of symtrans\.families\)", warning)
    assert "did you mean huber" in error
