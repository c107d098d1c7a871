"""The pages on other people's tools do what they say: their files are written, built and run."""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "how-to.md").read_text(encoding="utf-8")
ENVIRONMENT = {**os.environ, "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}


def block(language):
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return text


def run(command, folder):
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not (shutil.which("cmake") and shutil.which("c++")), reason="no CMake, or no C++ compiler")
def test_cmake_builds_the_project(tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(block("cmake"))
    (tmp_path / "main.cpp").write_text(block("cpp"))
    run(["cmake", "-B", "build"], tmp_path)
    run(["cmake", "--build", "build"], tmp_path)
    printed = run([tmp_path / "build" / "smooth"], tmp_path).strip()
    assert f"prints `{printed}`" in PAGE


@pytest.mark.skipif(not (shutil.which("pdflatex") and shutil.which("bibtex")), reason="no LaTeX")
def test_the_paper_compiles(tmp_path):
    for line in block("sh").splitlines():
        run(line if os.name == "nt" else ["sh", "-c", line], tmp_path)
    assert (tmp_path / "curves.pdf").read_bytes().startswith(b"%PDF")
    (tmp_path / "paper.tex").write_text(block("latex"))
    for command in (
        "pdflatex -interaction=batchmode paper",
        "bibtex paper",
        *["pdflatex -interaction=batchmode paper"] * 2,
    ):
        run(command.split(), tmp_path)
    log = (tmp_path / "paper.log").read_text(encoding="latin-1")
    assert not re.search(r"Overfull \\hbox|undefined", log)
