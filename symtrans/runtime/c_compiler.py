"""Builds shared libraries from C source and keeps them, each under the hash of all that made it."""

import ctypes
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from symtrans.errors import CompilerError, reason
from symtrans.runtime.disk_cache import cache_folder, say_unwritable, trim
from symtrans.runtime.whole_files import write_whole

# -fno-math-errno and -fno-trapping-math let branches and square roots vectorise; the results stay
# IEEE results (-ffast-math would not). No contraction: every machine rounds alike.
_FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off")
_OPENMP = "-fopenmp"
_OWN_FLAGS = re.compile(r"-O[0-3gs]|-g[0-3]?")  # these change no result
# Tried in order; an older compiler or another architecture may refuse the first.
_TUNING = (("-march=native", "-mprefer-vector-width=512"), ("-march=native",), ())
_CANDIDATES = ("clang-cl", "cl", "gcc", "clang") if sys.platform == "win32" else ("cc", "gcc", "clang")
# those that take the words of Microsoft's compiler; the results of /fp:precise are IEEE results too
_MICROSOFT = ("cl", "clang-cl")
_WORDS = ("/nologo", "/std:c11", "/O2", "/fp:precise", "/LD")
_TIMEOUT = 120  # seconds for one compilation
MOST_BYTES = 256 * 2**20
"""What compiled libraries may take together; the oldest go."""


def find_compiler() -> tuple[str, ...]:
    """The C compiler as a command: the variable CC, else cc, gcc or clang on the path.

    Raises
    ------
    CompilerError
        If there is none.
    """
    wanted = os.environ.get("CC", "").strip()
    if wanted:
        try:
            command = shlex.split(wanted, posix=sys.platform != "win32")  # there a backslash parts folders
        except ValueError as error:
            raise CompilerError(f"CC={wanted!r} cannot be read as a command: {error}") from None
        if shutil.which(command[0]) is None:
            raise CompilerError(f"the C compiler CC={wanted!r} was not found; unset CC or set it to one that exists")
        return tuple(command)
    for name in _CANDIDATES:
        if shutil.which(name):
            return (name,)
    raise CompilerError(
        f"no C compiler was found (tried CC, {', '.join(_CANDIDATES)}); install gcc or clang, "
        'or use target="numpy", which needs none'
    )


def shared_library(files: Mapping[str, str], openmp: bool = False, defines: tuple[str, ...] = ()) -> ctypes.CDLL:
    """Compile C source (file name -> text), perhaps with OpenMP, and load it, or load what was compiled before.

    `defines` are macros to be defined. Without a compiler a library that is `carried` will do. The variable
    SYMTRANS_CFLAGS may ask for another level of optimisation, or for what a debugger needs.

    The library is built in a folder of its own and renamed into place, so any
    number of processes may ask at once and a killed build leaves no broken file.

    Raises
    ------
    CompilerError
        With the compiler's own words.
    """
    flags = (*_FLAGS, *_flags_of_the_user(), *(f"-D{name}" for name in defines), *[_OPENMP] * openmp)
    libraries = _carried.get()
    if libraries is None:
        return ctypes.CDLL(str(_built(files, find_compiler(), flags)))
    anywhere = _key(files, (), flags)
    try:
        path = _built(files, find_compiler(), flags)
    except CompilerError:
        if anywhere not in libraries:
            raise
        path = _written(libraries[anywhere], anywhere)
    else:
        libraries[anywhere] = path.read_bytes()
    return ctypes.CDLL(str(path))


def _flags_of_the_user() -> tuple[str, ...]:
    """What the variable SYMTRANS_CFLAGS adds; flags that may change results are refused."""
    words = os.environ.get("SYMTRANS_CFLAGS", "").split()
    for word in words:
        if not _OWN_FLAGS.fullmatch(word):
            raise CompilerError(
                f"SYMTRANS_CFLAGS={' '.join(words)!r}: {word} might change results; "
                "it may hold -O0 to -O3, -Og, -Os and -g"
            )
    return tuple(words)


_carried: ContextVar[dict[str, bytes] | None] = ContextVar("carried", default=None)


@contextmanager
def carried(libraries: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Add to `libraries` each one that is loaded; a process without a compiler takes those that are in it.

    They are found by their source, flags and processor, so none is run on another.
    """
    token = _carried.set(libraries)
    try:
        yield libraries
    finally:
        _carried.reset(token)


def _written(library: bytes, key: str) -> Path:
    """A library in a file under its content."""
    folder = _usable_folder()
    path = folder / f"{key}-{hashlib.sha256(library).hexdigest()[:16]}.so"
    if not (path.exists() and _is_whole(path)):
        write_whole(path, library)
    return path


def _built(files: Mapping[str, str], compiler: tuple[str, ...], flags: tuple[str, ...]) -> Path:
    """The file of a library, compiled now or before."""
    key = _key(files, compiler, flags)
    folder = _usable_folder()
    for path in folder.glob(f"{key}-*.so"):
        if _is_whole(path):
            return path
        path.unlink(missing_ok=True)  # damaged from outside: build it again
    with tempfile.TemporaryDirectory(dir=folder, prefix="build-") as build:
        for name, text in files.items():
            Path(build, name).write_text(text, encoding="utf-8")
        built = Path(build, "kernel.so")
        _compile(compiler, flags, files, build)
        if not built.is_file():
            raise CompilerError(f"{shlex.join(compiler)} reported success but wrote no library; is it a C compiler?")
        path = folder / f"{key}-{_digest(built)}.so"
        os.replace(built, path)
        trim(folder, MOST_BYTES)
    return path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _is_whole(path: Path) -> bool:
    """Whether a kept library still has the content that its name says: loading a torn one would crash Python."""
    try:
        return path.name.endswith(f"-{_digest(path)}.so")
    except OSError:
        return False


def _usable_folder() -> Path:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        say_unwritable(folder, error)
        return _private_folder()  # for this process only


@lru_cache(maxsize=1)
def _private_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="symtrans-"))


def command_lines(compiler: tuple[str, ...], flags: tuple[str, ...], files: Mapping[str, str]) -> list[list[str]]:
    """The commands that may build the library ``kernel.so``, the best first; flags are those of gcc.

    Examples
    --------
    >>> for words in command_lines(("clang-cl",), ("-fopenmp", "-DWIDE"), {"a.c": "int f(void) { return 1; }"}):
    ...     print(*words)
    clang-cl /nologo /std:c11 /O2 /fp:precise /LD /openmp /DWIDE a.c /Fe:kernel.so /link /EXPORT:f
    """
    sources = sorted(name for name in files if name.endswith(".c"))
    if Path(compiler[0].replace("\\", "/")).name.lower().removesuffix(".exe") not in _MICROSOFT:
        return [[*compiler, *flags, *tuning, *sources, "-o", "kernel.so", "-lm"] for tuning in _TUNING]
    own = [flag for flag in flags if flag not in _FLAGS and not _OWN_FLAGS.fullmatch(flag)]
    own = ["/openmp" if flag == _OPENMP else f"/{flag[1:]}" for flag in own]
    exported = [f"/EXPORT:{name}" for source in sources for name in _DEFINED.findall(files[source])]
    return [[*compiler, *_WORDS, *own, *sources, "/Fe:kernel.so", "/link", *exported]]


# a function at the beginning of a line that is not static, and no mere declaration
_DEFINED = re.compile(r"^(?:void|int|double|float|size_t) (\w+)\([^;{]*\)\s*\{", re.MULTILINE)


def _compile(compiler: tuple[str, ...], flags: tuple[str, ...], files: Mapping[str, str], folder: str) -> None:
    words = ""
    for command in command_lines(compiler, flags, files):
        try:
            run = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CompilerError(f"{shlex.join(command)} could not be run: {reason(error, named=True)}") from error
        if run.returncode == 0:
            return
        words = run.stderr.strip() or run.stdout.strip() or f"exit status {run.returncode}, no message"
    hint = " (several threads need OpenMP; with threads=1 the kernel does without)" if _OPENMP in flags else ""
    raise CompilerError(f"{shlex.join(command)} failed{hint}:\n{words}")


def _key(files: Mapping[str, str], compiler: tuple[str, ...], flags: tuple[str, ...]) -> str:
    """Hash of source, flags, compiler and processor (machine code for one may not run on another)."""
    digest = hashlib.sha256()
    machine = _identity(compiler) if compiler else (platform.machine(), _processor())
    for part in (*sorted(f"{n}\0{t}" for n, t in files.items()), *flags, repr(_TUNING), *machine):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:32]


@lru_cache(maxsize=8)
def _identity(compiler: tuple[str, ...]) -> tuple[str, ...]:
    where = shutil.which(compiler[0]) or compiler[0]
    try:
        version = subprocess.run([*compiler, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        version = ""
    return (*compiler, where, version, platform.machine(), _processor())


def _processor() -> str:
    """The instruction sets of this processor, where the system tells them."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next((line for line in lines if line.startswith(("flags", "Features"))), "")
    except OSError:
        return platform.processor()
