"""Runs pdflatex (an external program) on LaTeX that symtrans wrote."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from symtrans.errors import CompilerError

_RUNS = 4  # a longtable settles its widths in three
_SECONDS = 120


def typeset(source: str) -> tuple[bytes, str]:
    """The PDF of a document, and the log of the last run of pdflatex.

    Raises
    ------
    CompilerError
        If pdflatex is not there, or refuses the document.
    """
    program = shutil.which("pdflatex")
    if program is None:
        raise CompilerError("no pdflatex was found; install TeX Live, or write the .tex file only")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "table.tex").write_text(source, encoding="utf-8")
        command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "table.tex"]
        for _ in range(_RUNS):
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                raise CompilerError(f"pdflatex was not done within {_SECONDS} s") from None
            log = (folder / "table.log").read_text(encoding="latin-1") if (folder / "table.log").is_file() else ""
            if done.returncode:
                faults = [line for line in log.splitlines() if line.startswith(("!", "l."))]
                raise CompilerError("pdflatex refuses the document: " + "; ".join(faults[:4]))
            if "Rerun" not in log:
                break
        return (folder / "table.pdf").read_bytes(), log
