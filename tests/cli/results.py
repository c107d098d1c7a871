"""What a command answered, and what is asked of an answer."""

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

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
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def run(*words, terminal=("stdout",), code=None, **environment):
    """Run the command with the named streams at a terminal; return status, and what each stream got."""
    master, slave = pty.openpty()
    streams = {name: slave if name in terminal else subprocess.PIPE for name in ("stdout", "stderr")}
    settings = {"TERM": "xterm-256color", "COLUMNS": "100", "LANG": "C.UTF-8", **environment}
    variables = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "CI")} | settings
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "symtrans", *words]
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
