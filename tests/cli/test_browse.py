"""list, search, and a session."""

import json
import subprocess
import sys

from tests.cli.results import assert_done, assert_refused


def test_families_are_listed_and_found(symtrans):
    assert "perona-malik" in assert_done(symtrans("list"))
    found, *_ = json.loads(assert_done(symtrans("search", "firm", "--json")))
    assert found["name"] == "firm"
    assert found["reference"]
    assert_refused(symtrans("search", "zebra"), "symtrans list", status=1)


def test_a_plain_session_shows_formulas():
    typed = 'catalogue.soft\n1 + 1\nNone\nlatex(translate("soft").shrinkage)[:7]\n'
    words = [sys.executable, "-m", "symtrans", "shell", "--plain"]
    run = subprocess.run(words, input=typed, capture_output=True, text=True, check=True, encoding="utf-8")
    assert "Shrinkage    S(r) = ⎨" in run.stdout
    assert "2\n" in run.stdout
    assert "'S(r) = '" in run.stdout
    assert "At hand: st (symtrans)" in run.stderr
