"""Nothing stuck: where plain SymPy hangs, every call returns within its budget, with what it has."""

import contextlib
import time

import pytest

from symtrans import SymtransError, certify, translate
from symtrans.calculus.budget import DEFAULT_BUDGET, MEMORY, resident
from symtrans.isolation import call
from tests.hard_inputs import HARD

BUDGET = 3.0


@pytest.mark.long
@pytest.mark.parametrize("name", HARD)
def test_every_call_returns_in_time(name):
    # in a process that can be killed: a call that hangs fails here and stops nothing else
    times, growth = call(_timed, name, seconds=DEFAULT_BUDGET + 2 * BUDGET + 20)
    for limit, taken in times:
        assert taken < limit + 1
    assert growth < MEMORY


def _timed(name):
    kind, build = HARD[name]
    before, times = resident(), []
    expr = build()
    found = []
    for limit, question in (
        (DEFAULT_BUDGET, lambda: found.append(kind(expr))),
        (BUDGET, lambda: certify(found[0], budget=BUDGET)),
        (BUDGET, lambda: translate(found[0], budget=BUDGET)),
    ):
        start = time.process_time()
        with contextlib.suppress(SymtransError):
            question()
        times.append((limit, time.process_time() - start))
        if not found:
            break
    return times, resident() - before
