"""The command line as a whole: answers on stdout, errors on stderr, status 0, 1 or 2."""

import os
import pty
import re
import subprocess
import sys

import pytest

from symtrans import __version__
from symtrans.cli.application import COMMANDS
from symtrans.errors import TRACEBACK, ParseError
from tests.cli.results import assert_refused, plainly, process, run


def test_the_process_obeys_too():
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    good = process("translate", "hard", stdout=slave, env=environment)  # what it prints is less than a terminal holds
    os.close(slave)
    assert (good.returncode, good.stderr) == (0, "")
    with open(master, "rb", buffering=0) as shown:
        assert "⎨r  otherwise" in shown.read(4096).decode()
    bad = process("translate", "exp(", "--kind", "diffusivity")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("error: ")
    assert "^" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_a_traceback_is_shown_where_it_is_asked_for(monkeypatch):
    monkeypatch.setenv(TRACEBACK, "")
    with pytest.raises(ParseError):
        run("--traceback", "translate", "exp(", "--kind", "diffusivity")


def test_help_and_version(symtrans):
    page = plainly(symtrans("--help").out)
    for command in ("translate", "certify", "table", "plot", "generate", "denoise", "check"):
        assert command in page
        own = symtrans(command, "--help")
        assert own.status == 0
        assert "--help" in plainly(own.out)
    assert "Exit status" in page
    assert symtrans("--version").out == f"symtrans {__version__}\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nonsense"], "No such command"),
        (["translate"], "Missing argument"),
        (["translate", "soft", "--wrong"], "No such option"),
        (["translate", "r", "--kind", "nonsense"], "nonsense"),
        (["generate", "soft", "--blocks", "0"], "blocks"),
        (["generate", "soft", "--blocks", "many"], "blocks"),
        (["certify", "soft", "--budget", "-1"], "budget"),
        (["plot", "soft"], "--output"),
    ],
)
def test_wrong_words_are_refused(symtrans, words, complaint):
    assert_refused(symtrans(*words), complaint)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["translate", "sofft"], "soft"),
        (["translate", "exp(-r^2)"], "--kind"),
        (["translate", "exp(-r^2", "--kind", "diffusivity"], r"\^"),
        (["translate", "__import__('os')", "--kind", "diffusivity"], "error"),
        (["translate", "r", "--kind", "diffusivity"], "even"),
        (["translate", "r^2", "--kind", "activation"], "odd"),
        (["translate", "1 + r^2", "--kind", "regulariser"], "Subtract it"),
        (["translate", "soft", "--tau", "-1"], "tau"),
        (["translate", "soft", "--tau", "1/0"], "tau|zero|finite"),
        (["translate", "1/r^2", "--kind", "diffusivity"], "."),
        (["certify", "soft", "--h", "0"], "h"),
        (["table", "nonsense"], "nonsense"),
        (["table", "--format", "html"], "html"),
        (["generate", "soft", "--target", "fortran"], "fortran"),
        (["generate", "soft", "--dtype", "int8"], "int8"),
        (["generate", "soft", "--tau", "3/4"], "stable"),
        (["generate", "soft", "--boundary", "mirror"], "mirror"),
        (["generate", "tv"], "stable"),
        (["check", "no/such/folder"], "folder"),
        (["denoise", "no-such-file.npy", "--set", "lam=1"], "no-such-file"),
        (["denoise", "signal.mp3", "--set", "lam=1"], "mp3"),
        (["denoise", "ecg"], "give a value to lam, for example --set lam=1"),
        (["denoise", "ecg", "--set", "lam=1", "--set", "lambda=2"], "--set lambda=2: lam has a value already"),
        (["denoise", "ecg", "--set", "lam"], "NAME=NUMBER"),
        (["denoise", "ecg", "--set", "lam=x"], "NAME=NUMBER"),
        (["denoise", "ecg", "--set", "lam=-1"], "positive"),
        (["denoise", "ecg", "--set", "lam=1", "--tau", "2"], "stable"),
    ],
)
def test_wrong_input_is_explained(symtrans, words, complaint):
    assert_refused(symtrans(*words), complaint)


def test_a_closed_pipe_is_no_error():
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "symtrans", "table", "--format", "latex"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
        run.stdout.close()
        assert "Traceback" not in run.stderr.read()
    assert run.returncode == 0


def test_the_help_page_has_all_commands():
    text = run("--help", terminal=())[2]
    for title, commands in COMMANDS.items():
        assert title in text
        for name in commands:
            assert re.search(rf"│ {name} ", text)
    assert "symtrans denoise ecg" in text


def test_a_fault_of_ours_is_one_line_and_status_2(symtrans, monkeypatch):
    from symtrans.cli import doctor

    monkeypatch.setattr(doctor.installation, "extras", lambda: 1 // 0)
    result = symtrans("doctor")
    assert result.status == 2
    assert "symtrans('doctor') failed with ZeroDivisionError" in result.err
    assert "Traceback" not in result.err


def test_a_closed_stdout_is_no_fault():
    done = subprocess.run(["sh", "-c", f'"{sys.executable}" -m symtrans list >&-'], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
