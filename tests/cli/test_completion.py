"""What the shell completes."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

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
