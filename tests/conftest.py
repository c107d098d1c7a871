"""Settings shared by all tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    deadline=None,
    max_examples=int(os.environ.get("SYMTRANS_EXAMPLES", "30")),
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")


@pytest.fixture(scope="session", autouse=True)
def _library_cache(tmp_path_factory):
    """Compiled libraries of the tests go into a folder of their own."""
    before = os.environ.get("SYMTRANS_CACHE")
    os.environ["SYMTRANS_CACHE"] = str(tmp_path_factory.mktemp("libraries"))
    yield
    if before is None:
        del os.environ["SYMTRANS_CACHE"]
    else:
        os.environ["SYMTRANS_CACHE"] = before
