"""A task in another process makes the same bits, or says that it cannot."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("dask")

from symtrans import CompilerError, Network
from symtrans.dask import travel
from symtrans.dask.travel import Task
from symtrans.runtime import c_compiler

SIGNAL = np.random.default_rng(0).normal(size=300)


@pytest.fixture(scope="module")
def kernel():
    return Network("perona-malik", 4).compile("c")


def test_a_process_makes_it_once(kernel):
    task = Task(kernel, {"lam": 1.0})
    sent = pickle.dumps(task)
    assert len(sent) < 30_000
    first, second = pickle.loads(sent), pickle.loads(sent)
    assert first is second
    assert first(SIGNAL).tobytes() == kernel(SIGNAL, lam=1.0).tobytes()


def test_what_kind_of_chunk_does_not_matter(kernel):
    task = Task(kernel, {"lam": 1.0})
    expected = kernel(SIGNAL[::2], lam=1.0)
    for chunk in (
        SIGNAL[::2],
        SIGNAL[::2].astype(">f8"),
        np.lib.stride_tricks.as_strided(SIGNAL[::2], writeable=False),
    ):
        assert np.array_equal(task(chunk), expected)
    assert task(np.empty((0, 3))).shape == (0, 3)


def test_a_machine_that_rounds_otherwise_is_found_out(kernel, monkeypatch):
    sent = pickle.dumps(Task(kernel, {"lam": 1.0 + 1e-9}))
    travel._made.cache_clear()
    usual = Task.__call__
    monkeypatch.setattr(Task, "__call__", lambda self, chunk: np.nextafter(usual(self, chunk), 9))
    with pytest.raises(CompilerError, match=r'other bits on .*accuracy="strict"'):
        pickle.loads(sent)


HERE = """
import pickle, sys
from symtrans.dask import travel
task = pickle.load(sys.stdin.buffer)
import numpy as np
sys.stdout.buffer.write(task(np.random.default_rng(0).normal(size=300)).tobytes())
"""


def elsewhere(sent, folder):
    """In a process without a compiler, where nothing has been compiled."""
    environment = os.environ | {"CC": "/no/such/compiler", "SYMTRANS_CACHE": str(folder)}
    return subprocess.run([sys.executable, "-c", HERE], input=sent, capture_output=True, env=environment, check=False)


def test_a_worker_without_a_compiler_gets_the_library(kernel, tmp_path):
    found = elsewhere(pickle.dumps(Task(kernel, {"lam": 1.0})), tmp_path)
    assert found.returncode == 0, found.stderr.decode()
    assert found.stdout == kernel(SIGNAL, lam=1.0).tobytes()


def test_of_another_processor_it_says_that_it_has_no_compiler(kernel, tmp_path, monkeypatch):
    monkeypatch.setattr(c_compiler, "_processor", lambda: "another")
    found = elsewhere(pickle.dumps(Task(kernel, {"lam": 1.0})), tmp_path)
    assert found.returncode != 0
    assert "the C compiler CC='/no/such/compiler' was not found" in found.stderr.decode()
