"""Settings shared by all tests."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.compiler import shared_compiler

settings.register_profile(
    "default",
    deadline=None,
    max_examples=int(os.environ.get("SYMTRANS_EXAMPLES", "15")),
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")


def pytest_collection_finish():
    """What is collected stays: looking for garbage in it took a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _library_cache(tmp_path_factory):
    """Compiled libraries of the tests go into a folder of their own, one for all workers of a run.

    They are compiled with -O1, in half the time and with the same results, but in tests marked `long` or `as_shipped`.
    GCC reads the header of vector instructions once for all of them.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMTRANS_CACHE", str(shared / "libraries"))
        patch.setenv("SYMTRANS_CFLAGS", os.environ.get("SYMTRANS_CFLAGS", "-O1"))
        compiler = shared_compiler(shared)
        if compiler is not None:
            patch.setenv("CC", str(compiler))
        yield


@pytest.fixture(autouse=True)
def _as_shipped(request, monkeypatch):
    """Long tests, and those marked so, run kernels that are optimised as those of users are."""
    if request.node.get_closest_marker("long") or request.node.get_closest_marker("as_shipped"):
        monkeypatch.delenv("SYMTRANS_CFLAGS", raising=False)
