"""All of these tests compute with sixty digits."""

import mpmath
import pytest


@pytest.fixture(scope="module", autouse=True)
def _sixty_digits():
    with mpmath.workdps(60):
        yield
