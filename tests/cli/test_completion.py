"""What the shell completes."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from symtrans import __version__
from symtrans.cli import completion
from symtrans.cli.application import app

BIN = Path(sysconfig.get_path("scripts"))


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


def test_a_tab_and_the_version_do_not_wait_for_sympy(tmp_path):
    """What loads is counted, not timed: a busy machine is slow at everything."""
    code = (
        "import os, sys\n"
        "from symtrans.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted({'sympy', 'numpy', 'flint', 'jinja2', 'typer'} & {*sys.modules}), file=sys.stderr)"
    )
    complete = {"_SYMTRANS_COMPLETE": "complete_bash", "COMP_WORDS": "symtrans translate garr", "COMP_CWORD": "2"}
    environment = {**os.environ, "SYMTRANS_CACHE": str(tmp_path)}

    def run(*words, **variables):
        start = f"import sys; sys.argv = {['symtrans', *words]!r}\n"
        command = [sys.executable, "-c", start + code]
        done = subprocess.run(command, capture_output=True, text=True, env=environment | variables, check=True)
        return done.stdout.split(), done.stderr.split()

    assert run("--version") == (["symtrans", __version__], [])
    commands = [command.name for command in app.registered_commands if not command.hidden]
    assert run(**complete | {"COMP_WORDS": "symtrans ", "COMP_CWORD": "1"}) == (commands, [])
    first, second = run(**complete), run(**complete)
    assert first[0] == second[0] == ["garrote", "garrote-n"]
    assert "sympy" in first[1]  # the names are looked up once
    assert second[1] == []  # and the same question is answered by a file
    longer = run(**complete | {"COMP_WORDS": "symtrans translate softs"})
    assert longer == (["softsign", "softshrink"], [])  # as is the same place with other letters
    elsewhere = run(**complete | {"COMP_WORDS": "symtrans certify Softs"})
    assert elsewhere == (["softsign", "softshrink"], ["typer"])
    assert "--kind" in run(**complete | {"COMP_WORDS": "symtrans translate --k"})[0]


def test_values_of_options_are_offered():
    assert completion.boundaries("per") == ["periodic"]
    assert completion.schemes("semi") == ["semi-implicit"]
    assert completion.signals("") == ["ecg"]
