"""Calls that can be killed, from wherever they come; and the alarm that watches time and memory."""

import math
import os
import subprocess
import sys
import threading
import time

import pytest

from symtrans.runtime.budgets import OutOfMemory, OutOfTime, remaining, time_limit, worked
from symtrans.runtime.workers import Stop, Stopped, call, each


def power(base, exponent):  # C code: no exception reaches it
    return (base**exponent).bit_length()


@pytest.fixture(scope="module", autouse=True)
def server():
    call(math.factorial, 1, seconds=60)  # the start of the server is not what the tests time


def test_results_and_errors_come_back():
    assert call(math.factorial, 20) == math.factorial(20)
    with pytest.raises(ZeroDivisionError):
        call(divmod, 1, 0)


def test_c_code_is_stopped_in_time():
    begun = worked()
    with pytest.raises(OutOfTime):
        call(power, 3, 10**10, seconds=0.3)
    assert worked() - begun < 0.8


def busy(seconds):
    """Works so long, in C code and between its calls."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pow(3, 20_000)


def test_what_counts_is_work_and_not_the_clock():
    begun = worked()
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3 * os.cpu_count())]
    try:
        started = time.monotonic()
        call(busy, 0.4, seconds=0.8)
        assert time.monotonic() - started > 0.8  # it waited longer for the processor than it may work
        assert 0.4 <= worked() - begun < 0.8
        with pytest.raises(OutOfTime):
            call(busy, 5, seconds=0.2)
        with pytest.raises(OutOfTime):
            call(power, 3, 10**10, seconds=0.2)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert 0.8 <= worked() - begun < 1.8


def test_who_waits_may_wait_by_the_clock():
    started = time.monotonic()
    with pytest.raises(OutOfTime):
        call(time.sleep, 60, seconds=60, clock=0.2)
    assert time.monotonic() - started < 20


def test_an_outer_limit_holds():
    begun = worked()
    with pytest.raises(OutOfTime), time_limit(0.3):
        assert remaining() <= 0.3
        call(power, 3, 10**10, seconds=60)
    assert worked() - begun < 0.8
    assert remaining() == math.inf


@pytest.mark.parametrize("work", [(bytes, 2 * 10**9), (os.abort,)], ids=["memory", "abort"])
def test_a_process_that_dies_is_out_of_memory(work):
    with pytest.raises(OutOfMemory):
        call(*work, seconds=20)


def test_calls_nest_and_the_inner_one_is_stopped_alone():
    assert call(_inner_is_stopped, seconds=30) == "stopped"


def _inner_is_stopped():
    try:
        return call(power, 3, 10**10, seconds=0.3)
    except OutOfTime:
        return "stopped"


def test_from_many_threads_at_once():
    found = {}

    def work(k):
        try:
            found[k] = call(power, 3, 10**10 if k % 2 else k, seconds=0.5 if k % 2 else 30)
        except OutOfTime:
            found[k] = "stopped"

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: "stopped" if k % 2 else (3**k).bit_length() for k in range(8)}


_SCRIPT = """
import os, threading, time
from symtrans.runtime.workers import OutOfTime, call
# no guard for __main__: nothing imports this script again
def work():
    try:
        return call(pow, 3, 10**10, seconds=0.3)
    except OutOfTime:
        return call(pow, 3, 4, seconds=60)
print(work())
child = os.fork()
print(f"{work()}\\n", end="", flush=True)  # in one piece, of two processes
if child:
    assert os.waitpid(child, 0)[1] == 0
    os.kill(os.getpid(), 9)
"""


def test_a_script_that_forks_and_is_killed_leaves_no_process():
    marker = f"SYMTRANS_TEST={os.getpid()}"
    name, value = marker.split("=")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SCRIPT],
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.stdout.split()[-2:] == ["81", "81"]
    deadline = time.monotonic() + 5
    while _processes_with(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _processes_with(marker) == []


def _processes_with(marker):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ") as environment:
                if marker in environment.read():
                    found.append(pid)
        except (OSError, UnicodeDecodeError):
            continue
    return found


def test_the_alarm_watches_memory():
    kept = []
    with pytest.raises(OutOfMemory), time_limit(30, memory=2**27):
        while True:
            kept.append(bytearray(os.urandom(2**20)))
    assert len(kept) < 400


def test_another_thread_ends_a_call():
    stop = Stop()
    threading.Timer(0.3, stop).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        call(time.sleep, 60, stop=stop)
    assert time.monotonic() - started < 20
    with pytest.raises(Stopped):  # it does not begin again
        call(time.sleep, 60, stop=stop)


def test_one_that_fails_ends_the_others():
    started = time.monotonic()
    with pytest.raises(ValueError, match="non-negative"):
        each(time.sleep, [-1, 30, 30, 30])
    assert time.monotonic() - started < 20
