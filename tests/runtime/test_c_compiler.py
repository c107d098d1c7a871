"""The compiler and its cache: errors in the compiler's words, one build for all, nothing half there."""

import os
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import symtrans as st
from symtrans import CompilerError, Diffusivity, FallbackWarning, Network, NonlinearityError
from symtrans.runtime import c_compiler
from tests.compiler import quick_compiler

COMPILER = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C compiler")
ROOT = Path(__file__).parents[2]
SOURCE = {"seven.c": "int seven(void) { return 7; }\n"}


def network(**options):
    return Network(Diffusivity("1/(1 + r^2)"), **options)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of compiled libraries."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SYMTRANS_CACHE", str(folder))
    return folder


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def counting(tmp_path):
    """A compiler that notes each compilation (asking for its version is none)."""
    log = tmp_path / "calls"
    words = f'case "$*" in *--version*) ;; *) echo "$*" >> {log} ;; esac\nexec {COMPILER} "$@"'
    wrapper = script(tmp_path / "counting-cc", words)
    return wrapper, lambda: len(log.read_text().splitlines()) if log.exists() else 0


def assert_complete(folder):
    """Libraries with content, and nothing else."""
    names = sorted(p.name for p in folder.iterdir())
    assert names
    assert all(name.endswith(".so") for name in names)
    assert all((folder / name).read_bytes()[:4] == b"\x7fELF" for name in names) or sys.platform != "linux"


def test_a_compiler_that_does_not_exist_is_named(cache, monkeypatch):
    for wanted in ("/nonexistent", "no-such-compiler -m64"):
        monkeypatch.setenv("CC", wanted)
        with pytest.raises(CompilerError, match=wanted.split()[0]):
            network().compile("c")


def test_no_compiler_at_all(cache, monkeypatch, tmp_path):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CompilerError, match="numpy"):
        network().compile("c")
    network().compile("numpy")
    network().source("c")


def test_without_a_compiler_numpy_takes_over_with_one_warning(cache, monkeypatch):
    for wanted, why in (("/nonexistent", "CC='/nonexistent' was not found"), ("false", "exit status 1")):
        monkeypatch.setenv("CC", wanted)
        with pytest.warns(FallbackWarning, match=f"(?s)more slowly than C would: .*{why}") as caught:
            kernel = network().compile(accuracy="strict", threads=2)  # of C alone
        assert [warning.filename for warning in caught] == [__file__]
        assert kernel.target == "numpy"
        np.testing.assert_array_equal(kernel([1.0, 5.0, 2.0]), network().compile("numpy")([1.0, 5.0, 2.0]))
        assert pickle.loads(pickle.dumps(kernel)).target == "numpy"
        with pytest.raises(NonlinearityError, match=r"accuracy = 'best' must be"):
            network().compile(accuracy="best")


def test_a_compiler_that_fails_is_quoted(cache, monkeypatch, tmp_path):
    monkeypatch.setenv("CC", "false")
    with pytest.raises(CompilerError, match=r"(?s)false .*exit status 1"):
        network().compile("c")
    monkeypatch.setenv(
        "CC", str(script(tmp_path / "cc-grumbles", 'echo "kernel.c:3: error: I do not like it" >&2; exit 4'))
    )
    with pytest.raises(CompilerError, match="I do not like it"):
        network().compile("c")
    not_a_program = tmp_path / "cc-text"
    not_a_program.write_bytes(b"\x00\x01")
    not_a_program.chmod(0o755)
    monkeypatch.setenv("CC", str(not_a_program))
    with pytest.raises(CompilerError, match="cc-text"):
        network().compile("c")
    assert not list(cache.iterdir())


def test_an_empty_cc_means_the_default(cache, monkeypatch):
    for value in (None, "", "  "):
        if value is None:
            monkeypatch.delenv("CC", raising=False)
        else:
            monkeypatch.setenv("CC", value)
        np.testing.assert_array_equal(network().compile()([1.0, 1.0]), [1.0, 1.0])


def test_an_old_compiler_that_knows_no_tuning(cache, monkeypatch, tmp_path):
    words = f'case "$*" in *-march*|*-mprefer*) echo "unknown option" >&2; exit 1 ;; esac\nexec {COMPILER} "$@"'
    monkeypatch.setenv("CC", str(script(tmp_path / "old-cc", words)))
    np.testing.assert_array_equal(network().compile()([1.0, 1.0]), [1.0, 1.0])


def test_cc_may_have_options(cache, monkeypatch):
    monkeypatch.setenv("CC", f"{COMPILER} -DSOMETHING=1")
    np.testing.assert_array_equal(network().compile()([1.0, 1.0]), [1.0, 1.0])


def test_a_library_is_compiled_once(cache, monkeypatch, tmp_path):
    wrapper, calls = counting(tmp_path)
    monkeypatch.setenv("CC", str(wrapper))
    first = network().compile()
    once = calls()
    assert once >= 1
    u = np.random.default_rng(0).normal(size=30)
    np.testing.assert_array_equal(network().compile()(u), first(u))
    assert calls() == once
    network(blocks=2).compile()
    network().compile(dtype="float32")
    assert calls() > once + 1
    assert len(list(cache.iterdir())) == 3
    assert_complete(cache)


def test_a_damaged_library_is_built_again(cache, tmp_path):
    """In a process that has not loaded the library before, as the loader keeps what it has."""
    wrapper, calls = counting(tmp_path)
    environment = {**os.environ, "CC": str(wrapper)}
    command = [sys.executable, "-c", USE]
    first = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    (library,) = cache.iterdir()
    for garbage in (b"garbage", library.read_bytes()[:1000]):
        once = calls()
        library.write_bytes(garbage)
        again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert again.returncode == 0, again.stderr
        assert again.stdout == first.stdout == "7\n"
        assert calls() > once
        assert_complete(cache)


# a kernel is built and loaded by this function too; without SymPy a process starts at once
USE = f"""
from symtrans.runtime.c_compiler import shared_library
print(shared_library({SOURCE}).seven())
"""


def test_many_processes_at_once(cache, tmp_path):
    slow = script(tmp_path / "slow-cc", f'sleep 1; exec {COMPILER} "$@"')  # so long that all of them build
    options = {"env": {**os.environ, "CC": str(slow)}, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen([sys.executable, "-c", USE], text=True, **options) for _ in range(3)]
    outputs = [process.communicate(timeout=100) for process in running]
    assert {process.returncode for process in running} == {0}, outputs
    assert {out for out, _ in outputs} == {"7\n"}
    assert len(list(cache.iterdir())) == 1
    assert_complete(cache)


def test_a_killed_build_breaks_nothing(cache, monkeypatch, tmp_path):
    """The compiler is killed while it writes; the next build neither sees nor minds the remains."""
    slow = script(tmp_path / "slow-cc", 'case "$*" in *--version*) ;; *) echo half > kernel.so; sleep 60 ;; esac')
    process = subprocess.Popen(
        [sys.executable, "-c", USE], env={**os.environ, "CC": f"{slow}"}, start_new_session=True, stderr=subprocess.PIPE
    )
    try:
        for _ in range(600):
            if cache.exists() and list(cache.glob("build-*/kernel.so")):
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
    finally:
        os.killpg(process.pid, 9)  # the session of this process only
        process.communicate()
    assert list(cache.glob("build-*"))
    assert not list(cache.glob("*.so"))
    monkeypatch.setenv("CC", COMPILER)
    assert c_compiler.shared_library(SOURCE).seven() == 7


def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path / "file" / "below", tmp_path / "file", Path("/proc/symtrans")):
        monkeypatch.setenv("SYMTRANS_CACHE", str(place))
        with pytest.warns(RuntimeWarning, match="nothing is kept between runs"):
            np.testing.assert_array_equal(network().compile()([1.0, 1.0]), [1.0, 1.0])
    assert (tmp_path / "file").read_text() == "no folder"


def test_the_cache_is_in_the_home_unless_told(monkeypatch, tmp_path):
    monkeypatch.delenv("SYMTRANS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    network().compile()
    assert_complete(tmp_path / "xdg" / "symtrans")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    network().compile()
    assert_complete(tmp_path / "home" / ".cache" / "symtrans")


FROM_ZIP = """
import symtrans as st
assert ".zip" in st.__file__, st.__file__
network = st.Network(st.catalogue["soft"], blocks=2)
print(*network.source("numpy").values())
print(*network.source("c").values())
print(st.catalogue["soft"]._repr_latex_())
from symtrans.present.tables import Layout, families_table
print(families_table([st.catalogue["soft"]], Layout(standalone=True)))
"""


def test_templates_are_found_in_a_zip_file(tmp_path):
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as package:
        for path in sorted((ROOT / "symtrans").rglob("*")):
            if path.suffix in (".py", ".bib"):
                package.write(path, path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*")):
            if path.is_file():
                package.write(path, Path("symtrans") / path.relative_to(ROOT))
    done = subprocess.run(
        [sys.executable, "-c", FROM_ZIP],
        env={**os.environ, "PYTHONPATH": str(archive)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    here = Network(st.catalogue["soft"], blocks=2)
    for target in ("numpy", "c"):
        assert " ".join(here.source(target).values()) in done.stdout
    assert r"\documentclass" in done.stdout


@pytest.mark.parametrize("command", [("cl",), ("C:\\LLVM\\bin\\clang-cl.exe",), ("clang-cl", "-m64")])
def test_compilers_of_windows_are_called_in_their_words(command):
    source = st.Network("soft", blocks=2).source("c")
    flags = (*c_compiler._FLAGS, "-O1", "-g", "-DWITHOUT_VJP", "-fopenmp")
    (words,) = c_compiler.command_lines(command, flags, source)
    assert tuple(words[: len(command)]) == command
    assert {"/std:c11", "/fp:precise", "/LD", "/DWITHOUT_VJP", "/openmp", "/Fe:kernel.so"} <= {*words}
    assert not [word for word in words[len(command) :] if word.startswith("-")]
    exported = {word.removeprefix("/EXPORT:") for word in words if word.startswith("/EXPORT:")}
    (header,) = (text for name, text in source.items() if name.endswith(".h"))
    assert exported == {*re.findall(r"^(?:void|int) (\w+)\(", header, re.MULTILINE)}


def test_flags_that_change_no_result_may_be_added(monkeypatch, tmp_path):
    monkeypatch.setenv("SYMTRANS_CACHE", str(tmp_path))
    source = {"a.c": "int optimised(void) {\n#ifdef __OPTIMIZE__\n    return 1;\n#else\n    return 0;\n#endif\n}\n"}
    found = {}
    for words in ("", "-O0 -g", "-O1"):
        monkeypatch.setenv("SYMTRANS_CFLAGS", words)
        found[words] = c_compiler.shared_library(source).optimised()
    assert found == {"": 1, "-O0 -g": 0, "-O1": 1}
    monkeypatch.setenv("SYMTRANS_CFLAGS", "-g -ffast-math")
    with pytest.raises(CompilerError, match=r"SYMTRANS_CFLAGS='-g -ffast-math': -ffast-math might .* -O0 to -O3"):
        c_compiler.shared_library(source)


def test_other_compilers_are_called_as_gcc_with_a_fallback():
    first, *_, last = c_compiler.command_lines(("gcc",), ("-O3",), {"a.c": "", "a.h": ""})
    assert last == ["gcc", "-O3", "a.c", "-o", "kernel.so", "-lm"]
    assert "-march=native" in first


def test_what_the_tests_compile_with_builds_the_same_library(tmp_path, monkeypatch):
    """A header that was read before changes no byte."""
    monkeypatch.setenv("CC", COMPILER)
    monkeypatch.setenv("SYMTRANS_CFLAGS", "-O1")
    script = quick_compiler(tmp_path / "quick")
    if script is None:
        pytest.skip("kernels are not compiled by GCC")
    built = []
    for name, cache in ((COMPILER, "plain"), (script, "quick-cache")):
        monkeypatch.setenv("CC", str(name))
        monkeypatch.setenv("SYMTRANS_CACHE", str(tmp_path / cache))
        network(name="same").compile("c")
        (library,) = (tmp_path / cache).iterdir()
        built.append(library.read_bytes())
    assert (script.parent / "-O1" / "vectors.h.gch").is_file()
    assert built[0] == built[1]
