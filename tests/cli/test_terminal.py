"""What people see at a terminal, and what programs see in a pipe."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest
import sympy as sp

from symtrans import catalogue, cli, installation, r
from symtrans.cli import COMMANDS
from symtrans.language.text_printer import plain
from symtrans.present.pretty import pretty_forms, pretty_formula

BIN = Path(sysconfig.get_path("scripts"))
ESCAPE = "\x1b"


def run(*words, terminal=("stdout",), code=None, **environment):
    """Run the command with the named streams at a terminal; return status, and what each stream got."""
    master, slave = pty.openpty()
    streams = {name: slave if name in terminal else subprocess.PIPE for name in ("stdout", "stderr")}
    settings = {"TERM": "xterm-256color", "COLUMNS": "100", "LANG": "C.UTF-8", **environment}
    variables = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "CI")} | settings
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "symtrans.cli", *words]
    with subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, **streams) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                chunk = os.read(master, 4096)
            except OSError:  # the other end is closed: all is read
                break
            if not chunk:
                break
            shown += chunk
        out, err = process.communicate(timeout=60)
    os.close(master)
    terminal_text = shown.decode().replace("\r\n", "\n")
    return process.returncode, terminal_text, (out or b"").decode(), (err or b"").decode()


# ---------------------------------------------------------------------------
# Formulas


def test_formulas_in_two_dimensions():
    lines = pretty_formula(catalogue["soft"].shrinkage.expr).splitlines()
    assert lines[0] == "⎧0             if │r│ ≤ θ"
    assert lines[1] == "⎨r - θ⋅sgn(r)  otherwise"
    assert pretty_formula(1 + sp.log(1 + r**2)).splitlines() == ["  ⎛     2⎞", "ln⎝1 + r ⎠ + 1"]
    product = pretty_formula(sp.Mul(2, sp.Piecewise((1, sp.Abs(r) < 1), (2, True)), evaluate=False))
    assert "otherwise" in product


@pytest.mark.parametrize("name", ["charbonnier", "soft", "garrote", "tukey"])
def test_all_families_are_printed_within_their_width(name):
    family = catalogue[name]
    for width in (200, 72):
        text = pretty_forms(family, width)
        assert all(head in text for head in ("g(r) = ", "Ψ(r) = ", "S(r) = ", "Φ(r) = "))
        plain_lines = {plain(form.expr) for form in family.forms}
        for line in text.splitlines():
            assert line == line.rstrip()
            assert len(line) <= width or any(formula in line for formula in plain_lines)


# ---------------------------------------------------------------------------
# Terminal and pipe


def test_a_terminal_gets_pictures_and_a_pipe_plain_text():
    status, shown, _, _ = run("translate", "soft")
    assert status == 0
    assert "Φ(r)" in shown
    assert "⎧" in shown
    assert ESCAPE in shown  # a bold title
    status, _, out, _ = run("translate", "soft", terminal=())
    assert status == 0
    assert "Phi(r) = Piecewise((r, |r| <= sqrt(2)*theta)" in out
    assert out.isascii()


@pytest.mark.parametrize("words", [("table", "soft"), ("table", "soft", "--certificates")])
def test_no_color(words):
    assert ESCAPE not in run(*words, NO_COLOR="1")[1]


def test_a_dumb_terminal_gets_plain_text():
    shown = run("translate", "soft", TERM="dumb")[1]
    assert "Phi(r) = Piecewise" in shown
    assert ESCAPE not in shown
    assert "Phi(r) = Piecewise" in run("translate", "soft", "--plain")[1]


def test_tables_at_a_terminal():
    shown = run("table", "soft", "hard", "--certificates")[1]
    plainly = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert re.search(r"truncated-tv +1 +1 +0 +1/2 +1/4 +1/2 +1 +proved", plainly)
    assert "\x1b[32mproved" in shown
    details = re.sub(r"\x1b\[[0-9;]*m", "", run("certify", "soft", "--details", COLUMNS="60")[1])
    assert all(len(line) <= 60 for line in details.splitlines())


@pytest.mark.parametrize("words", [("table", "soft", "--json")])
def test_json_is_clean_at_a_terminal(words):
    status, shown, _, err = run(*words, FORCE_COLOR="1")
    assert (status, err) == (0, "")
    assert ESCAPE not in shown
    json.loads(shown)


def test_a_pipe_stays_clean_where_colours_are_forced():
    assert ESCAPE not in run("certify", "soft", "--details", terminal=("stderr",), FORCE_COLOR="1")[2]


COUNT = """
import sys, time
import symtrans.cli.output as output
output.PATIENCE = {patience}
with output.working("counting", 2) as step:
    step()
    time.sleep(0.4)
print("done")
"""


def test_long_work_shows_a_bar_on_stderr_only():
    status, shown, out, _ = run(code=COUNT.format(patience=0.1), terminal=("stderr",))
    assert (status, out) == (0, "done\n")
    assert "counting" in shown
    assert "1/2" in shown
    assert "counting" not in run(code=COUNT.format(patience=30), terminal=("stderr",))[1]
    status, shown, _, err = run(code=COUNT.format(patience=0.1), terminal=("stdout",))
    assert (shown, err) == ("done\n", "")


# ---------------------------------------------------------------------------
# Completion

BASH = """
eval "$(_SYMTRANS_COMPLETE=source_bash symtrans)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_symtrans_completion symtrans
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tr"], ["translate"]),
        (["translate", "garr"], ["garrote", "garrote-n"]),
        (["certify", "soft", "--require", "mon"], ["monotone"]),
        (["denoise", "ecg", "--with", "soft", "--set", ""], ["theta="]),
        (["generate", "soft", "--dtype", "float3"], ["float32"]),
        (["generate", "soft", "--target", "n"], ["numpy"]),
    ],
)
def test_bash_completes(words, expected):
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, "bash", "symtrans", *words],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == expected
    assert done.stderr == ""


# ---------------------------------------------------------------------------
# doctor


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
    for section in ("required", "compiler", "extras", "programs", "development"):
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


def test_doctor_knows_every_extra():
    extras = set(metadata.metadata("symtrans").get_all("Provides-Extra"))
    assert extras == {*installation.PURPOSES, *installation.FOR_DEVELOPERS}


def test_the_help_page_has_all_commands():
    text = run("--help", terminal=())[2]
    for title, commands in COMMANDS.items():
        assert title in text
        for name in commands:
            assert re.search(rf"│ {name} ", text)
    assert "symtrans denoise ecg" in text
