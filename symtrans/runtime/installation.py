"""What is installed beside symtrans, what each part enables, and how to get what is missing."""

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from symtrans.errors import CompilerError, reason
from symtrans.runtime.c_compiler import find_compiler
from symtrans.runtime.disk_cache import cache_folder

PURPOSES = {
    "plot": "curves and pictures: `plot`, `denoise --picture`, `family.plot()`",
    "explore": "a page in the browser: `explore`",
    "signals": "files of sound in floating point, of MATLAB, HDF5 and EDF: `denoise`",
    "image": "files of images and volumes, PNG, TIFF and JPEG: `denoise`",
    "demo": "the electrocardiogram `ecg`, and its picture",
    "torch": "modules that learn in PyTorch: `symtrans.torch`, `generate --target torch`",
    "jax": "functions of JAX: `generate --target jax`",
    "dask": "arrays larger than memory, or than a machine: `symtrans.dask`",
}
"""What each extra for users enables."""

_PACKAGES = {
    "apt-get": {"compiler": "gcc libc6-dev", "pdflatex": "texlive-latex-extra texlive-pictures"},
    "dnf": {"compiler": "gcc", "pdflatex": "texlive-scheme-basic texlive-pgfplots"},
    "pacman": {"compiler": "gcc", "pdflatex": "texlive-latexextra texlive-pictures"},
    "brew": {"compiler": "gcc", "pdflatex": "--cask mactex-no-gui"},
}

_TIMEOUT = 60  # seconds for one call of a program


@dataclass(frozen=True)
class Part:
    """One thing that may be installed.

    Attributes
    ----------
    name : str
    found : str or None
        Its version or what else is known of it; None if it is missing.
    enables : str
        What it is good for.
    remedy : str
        How to get it; empty if it is there.
    """

    name: str
    found: str | None
    enables: str
    remedy: str = ""


def required() -> tuple[Part, ...]:
    """Python and the packages that symtrans always needs."""
    parts = [Part("Python", f"{platform.python_version()} ({sys.executable})", "")]
    for requirement, extra in _requirements():
        if extra is None:
            parts.append(_package(requirement, "", f"python -m pip install {requirement}"))
    return tuple(parts)


def extras() -> tuple[Part, ...]:
    """The optional packages for users: one part an extra, with the versions found."""
    parts = []
    for extra, purpose in PURPOSES.items():
        packages = [_package(name, purpose, "") for name, wanted_by in _requirements() if wanted_by == extra]
        missing = [part.name for part in packages if part.found is None]
        found = None if missing else ", ".join(f"{part.name} {part.found}" for part in packages)
        parts.append(Part(extra, found, purpose, f"python -m pip install {' '.join(missing)}" if missing else ""))
    return tuple(parts)


def programs() -> tuple[Part, ...]:
    """Programs that symtrans or its user may call by name."""
    name, enables, path = "pdflatex", "compiles what `table --standalone` prints, and `paper`", shutil.which("pdflatex")
    if path is None:
        return (Part(name, None, enables, remedy_for(name)),)
    return (Part(name, _first_line([path, "--version"]) or path, enables),)


def _requirements() -> list[tuple[str, str | None]]:
    """Name of each package that symtrans asks for, and the extra that asks for it (None: always)."""
    found = []
    for line in metadata.requires("symtrans") or []:
        name, extra = re.match(r"[\w.-]+", line), re.search(r"extra\s*==\s*['\"]([\w-]+)", line)
        if name:
            found.append((name[0], extra[1] if extra else None))
    return found


def _package(name: str, enables: str, remedy: str) -> Part:
    try:
        return Part(name, metadata.version(name), enables)
    except metadata.PackageNotFoundError:
        return Part(name, None, enables, remedy)


def remedy_for(what: str) -> str:
    """The command that installs a program on this system, as far as symtrans knows its package manager."""
    for manager, packages in _PACKAGES.items():
        if shutil.which(manager):
            return f"{manager} {'-S' if manager == 'pacman' else 'install'} {packages[what]}"
    return f"install {'gcc or clang' if what == 'compiler' else what}"


def _run(words: list[str], folder: str | None = None) -> "subprocess.CompletedProcess[str] | str":
    """What a program prints, or why it could not be run."""
    try:
        return subprocess.run(
            words, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        return str(error)


def _first_line(command: list[str]) -> str:
    run = _run(command)
    return "" if isinstance(run, str) else run.stdout.strip().partition("\n")[0]


# ---------------------------------------------------------------------------
# The compiler

# Flags worth knowing about: each with what it is good for.
_FLAGS = {
    "-O3": "optimised kernels",
    "-march=native": "the instructions of this processor",
    "-mprefer-vector-width=512": "the widest vectors of this processor",
    "-ffp-contract=off": "the same rounding on every machine",
    "-fno-math-errno": "square roots in vectors",
    "-fno-trapping-math": "branches in vectors",
    "-fopenmp": "several threads (OpenMP)",
}

# Macros that compilers define for the vector units they may use, the widest first.
_VECTORS = {
    "__AVX512F__": "512 bits (AVX-512)",
    "__ARM_FEATURE_SVE": "scalable (SVE)",
    "__AVX2__": "256 bits (AVX2)",
    "__AVX__": "256 bits (AVX)",
    "__ARM_NEON": "128 bits (NEON)",
    "__SSE2__": "128 bits (SSE2)",
    "__ALTIVEC__": "128 bits (AltiVec)",
}


def compiler_parts() -> tuple[Part, ...]:
    """The C compiler, the flags that it takes, OpenMP, the vector width and the folder of built kernels."""
    purpose = "kernels that run in compiled code: `compile()`, `denoise`"
    try:
        command = find_compiler()
    except CompilerError as error:
        return (Part("C compiler", None, purpose, f"{error}: {remedy_for('compiler')}"),)
    path = shutil.which(command[0]) or command[0]
    version = _first_line([*command, "--version"]) or "of unknown version"
    words = _refusal(command, ())
    if words:
        return (Part("C compiler", None, purpose, f"{shlex.join(command)} ({path}) does not compile: {words}"),)
    parts = [Part("C compiler", f"{version} ({path})", purpose)]
    works = {flag: not _refusal(command, (flag,)) for flag in _FLAGS}
    for flag, enables in _FLAGS.items():
        parts.append(Part(flag, "works" if works[flag] else None, enables, "" if works[flag] else "another compiler"))
    native = ("-march=native",) if works["-march=native"] else ()
    parts.append(Part("vector width", _vector_width(command, native), "several samples at once"))
    parts.append(_cache_part())
    return tuple(parts)


_PROGRAM = "#include <math.h>\ndouble f(double x) { return sqrt(x); }\n"


def _refusal(command: tuple[str, ...], flags: tuple[str, ...]) -> str:
    """Why the compiler does not build a shared library with these flags; empty if it does."""
    with tempfile.TemporaryDirectory(prefix="symtrans-") as folder:
        Path(folder, "probe.c").write_text(_PROGRAM, encoding="utf-8")
        words = [*command, "-std=c11", "-Werror", *flags, "-fPIC", "-shared", "probe.c", "-o", "probe.so", "-lm"]
        run = _run(words, folder)
        if isinstance(run, str):
            return run
        if run.returncode == 0 and Path(folder, "probe.so").is_file():
            return ""
        return (run.stderr or run.stdout).strip().partition("\n")[0] or f"exit status {run.returncode}"


def _vector_width(command: tuple[str, ...], flags: tuple[str, ...]) -> str | None:
    run = _run([*command, *flags, "-dM", "-E", "-x", "c", os.devnull])
    if isinstance(run, str):
        return None
    macros = {words[1] for words in map(str.split, run.stdout.splitlines()) if len(words) > 1}
    return next((width for macro, width in _VECTORS.items() if macro in macros), None)


def _cache_part() -> Part:
    folder = cache_folder()
    enables = "kernels are compiled once and kept"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            kept = len(list(folder.glob("*.so")))
    except OSError as error:
        remedy = f"{folder}: {reason(error, named=True)}; set SYMTRANS_CACHE to another folder"
        return Part("kernel cache", None, enables, remedy)
    return Part("kernel cache", f"{folder} ({kept} kernels)", enables)
