"""What a command answered, and what is asked of an answer."""

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import threading
import tty
from pathlib import Path

import pytest

from symtrans import cli

COMPILER = any(map(shutil.which, ("cc", "gcc", "clang")))
GENERATED = Path(__file__).parents[2] / "generated"
TARGET = [] if COMPILER else ["--target", "numpy"]


def plainly(text):
    """Text without the frames and colours of rich."""
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m|[│╭╮╰╯─]", " ", text))


def assert_done(result):
    assert result.status == 0, result.err
    assert result.err == ""
    assert result.out.endswith("\n")
    return result.out


def assert_refused(result, words, status=2):
    assert result.status == status, result.out + result.err
    assert re.search(words, plainly(result.err)), result.err
    assert "Traceback" not in result.err
    assert result.out == ""


def process(*words, **options):
    command = [sys.executable, "-m", "symtrans", *words]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(command, text=True, timeout=60, check=False, **options)


def run(*words, terminal=("stdout",), does=None, **environment):
    """Run the command, or what `does` it, in this process, with the named streams at a terminal.

    Returns the status, what the terminal got, and what the other streams got.
    """
    master, slave = pty.openpty()
    tty.setraw(slave)
    shown = []
    reader = threading.Thread(target=lambda: shown.extend(iter(lambda: _read(master), b"")))
    reader.start()
    others = {name: io.StringIO() for name in ("stdout", "stderr")}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_COLOR", "FORCE_COLOR", "CI"):
            patch.delenv(name, raising=False)
        for name, value in {"TERM": "xterm-256color", "COLUMNS": "100", "LANG": "C.UTF-8", **environment}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["symtrans", *words])
        with open(slave, "w", encoding="utf-8") as there:
            for name, page in others.items():
                patch.setattr(sys, name, there if name in terminal else page)
            try:
                status = (does or cli.main)() or 0
            except SystemExit as stop:
                status = stop.code or 0
    reader.join()
    os.close(master)
    return status, b"".join(shown).decode(), *(page.getvalue() for page in others.values())


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other end is closed: all is read
        return b""
