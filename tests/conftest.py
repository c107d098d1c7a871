"""Settings shared by all tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    deadline=None,
    max_examples=int(os.environ.get("SYMTRANS_EXAMPLES", "15")),
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")


@pytest.fixture(scope="session", autouse=True)
def _library_cache(tmp_path_factory):
    """Compiled libraries of the tests go into a folder of their own, one for all workers of a run."""
    before = os.environ.get("SYMTRANS_CACHE")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["SYMTRANS_CACHE"] = str(shared / "libraries")
    yield
    if before is None:
        del os.environ["SYMTRANS_CACHE"]
    else:
        os.environ["SYMTRANS_CACHE"] = before
