"""The pages on other people's tools do what they say: their files are written, built and run."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "how-to.md").read_text(encoding="utf-8")
ENVIRONMENT = {**os.environ, "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)}")


posix = pytest.mark.skipif(os.name == "nt", reason="the page calls cc and ar")


def section(title):
    """The text below a heading, and the blocks of code in it, in order."""
    (text,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return text, re.findall(r"^```\w+\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def write(folder, *names_and_texts):
    for name, text in names_and_texts:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def run(command, folder):
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_lines(lines, folder):
    for line in lines.splitlines():
        run(line if os.name == "nt" else ["sh", "-c", line], folder)


@needs("cmake", "c++")
def test_cmake_builds_the_project(tmp_path):
    text, (cmake, cpp) = section(r"In a C\+\+ project with CMake")
    write(tmp_path, ("CMakeLists.txt", cmake), ("main.cpp", cpp))
    run(["cmake", "-B", "build"], tmp_path)
    run(["cmake", "--build", "build"], tmp_path)
    printed = run([tmp_path / "build" / "smooth"], tmp_path).strip()
    assert f"prints `{printed}`" in text


@posix
@needs("cc")
def test_cython_calls_a_kernel(tmp_path, monkeypatch):
    pytest.importorskip("Cython")
    text, (pyx, setup, commands) = section("From Cython")
    monkeypatch.setitem(ENVIRONMENT, "CFLAGS", "-O0")  # it takes the compiler a while to improve what Cython writes
    write(tmp_path, ("smoothing.pyx", pyx), ("setup.py", setup))
    run_lines(commands, tmp_path)
    program = (
        "import numpy, smoothing; u = numpy.array([[0, 9, 9.5, 9]]); smoothing.smooth(u, 0.25); print(*u[0].round(2))"
    )
    printed = run([sys.executable, "-c", program], tmp_path).strip()
    assert f"makes `{printed}`" in text


@posix
@needs("cargo", "cc", "ar")
def test_rust_calls_a_kernel(tmp_path):
    text, (manifest, build, main) = section("From Rust")
    write(tmp_path, ("Cargo.toml", manifest), ("build.rs", build), ("src/main.rs", main))
    printed = run(["cargo", "run", "--quiet", "--offline"], tmp_path).strip()
    assert f"prints `{printed}`" in text


@needs("pdflatex", "bibtex")
def test_the_paper_compiles(tmp_path):
    _, (commands, paper) = section("In LaTeX")
    run_lines(commands, tmp_path)
    assert (tmp_path / "curves.pdf").read_bytes().startswith(b"%PDF")
    write(tmp_path, ("paper.tex", paper))
    for command in (
        "pdflatex -interaction=batchmode paper",
        "bibtex paper",
        *["pdflatex -interaction=batchmode paper"] * 2,
    ):
        run(command.split(), tmp_path)
    log = (tmp_path / "paper.log").read_text(encoding="latin-1")
    assert not re.search(r"Overfull \\hbox|undefined", log)
