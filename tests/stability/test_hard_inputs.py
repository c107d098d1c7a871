"""Nothing stuck: where plain SymPy hangs, every call returns within its budget, with what it has."""

import contextlib
import os
import threading
import time
from pathlib import Path

import pytest
import sympy as sp

from symtrans import Activation, NonlinearityError, SymtransError, certify, translate
from symtrans.runtime.budgets import DEFAULT_BUDGET, MEMORY, resident
from symtrans.runtime.workers import call
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


def test_the_list_is_long():
    assert len(HARD) >= 43


def test_powers_of_numbers_are_not_multiplied_out():
    # 2**(-12345*10**6) has more digits than memory
    certificate = call(_certificate_of, "power of two", seconds=20)
    assert (certificate.g_max.value, certificate.monotone.value) == (1, False)
    with pytest.raises(NonlinearityError, match="too large an exponent") as refusal:
        Activation("Piecewise((r*2^(-r^2), |r| <= 100000), (r, otherwise))")
    assert "assum" not in str(refusal.value)


def _certificate_of(name):
    kind, expression = HARD[name]
    return certify(kind(expression()))


QUICK = ("weickert, constant exact to five digits", "exponential of an exponential", "hampel", "gaussian of a sine")


@pytest.mark.parametrize("way", ["threads", "fork"])
@pytest.mark.parametrize(
    "names",
    [QUICK[:2], *(pytest.param((n,), marks=pytest.mark.long) for n in HARD if n not in QUICK[:2])],
    ids="+".join,
)
def test_other_threads_and_forks_leave_nothing_behind(names, way):
    work = _in_threads if way == "threads" else _in_forks
    outcomes, left = call(work, names, seconds=len(names) * (DEFAULT_BUDGET + 2 * BUDGET + 20))
    assert all(outcomes)
    assert left == (0, 0)


def _is_in_time(name):
    times, growth = _timed(name)
    return all(taken < limit + 1 for limit, taken in times) and growth < MEMORY


def _left_over(threads):
    """How many threads and processes there are beyond those before; an alarm may take a moment to end."""
    end = time.monotonic() + 5
    while threading.active_count() > threads and time.monotonic() < end:
        time.sleep(0.01)
    pid = os.getpid()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return threading.active_count() - threads, len(children)


def _in_threads(names):
    before, outcomes = threading.active_count(), []
    for name in names:
        thread = threading.Thread(target=lambda name=name: outcomes.append(_is_in_time(name)))
        thread.start()
        thread.join()
    return outcomes, _left_over(before)


def _in_forks(names):
    before, outcomes = threading.active_count(), []
    for name in names:
        pid = os.fork()
        if pid == 0:
            os._exit(0 if _is_in_time(name) and _left_over(1)[0] == 0 else 1)
        outcomes.append(os.waitpid(pid, 0)[1] == 0)
    return outcomes, _left_over(before)


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


def test_a_formula_nested_too_deeply_is_refused():
    deep = sp.Symbol("r", real=True)
    for _ in range(200):
        deep = sp.tanh(deep)
    with pytest.raises(NonlinearityError, match="nested too deeply"):
        Activation(deep)
