"""A budget stops what it should, in any thread, and leaves nothing behind in the interpreter."""

import cProfile
import os
import subprocess
import sys
import threading
import time

import pytest

from symtrans.runtime.budgets import OutOfTime, OutOfWork, expiries, time_limit
from symtrans.runtime.workers import call


def test_code_after_a_budget_can_be_profiled() -> None:
    def small() -> int:
        return 1

    for seconds in (10.0, 0.01):
        try:
            with time_limit(seconds):
                while seconds < 1:
                    pass
        except OutOfTime:
            pass
    profile = cProfile.Profile()
    assert profile.runcall(small) == 1


def test_stops_in_any_thread():
    stopped = []

    def work():
        try:
            with time_limit(0.05):
                while True:
                    pass
        except OutOfTime:
            stopped.append(True)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert stopped == [True] * 3


def test_one_thread_looks_after_all_limits():
    def watchers():
        return [thread for thread in threading.enumerate() if thread.name == "symtrans-budgets"]

    for _ in range(50):
        with time_limit(20), time_limit(10):
            assert len(watchers()) == 1
    deadline = time.monotonic() + 30
    while watchers() and time.monotonic() < deadline:  # it ends where nothing is limited
        time.sleep(0.1)
    assert not watchers()
    with pytest.raises(OutOfTime), time_limit(0.3):
        while True:
            pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_its_own():
    script = """if True:
        import os, sys
        from symtrans.runtime.budgets import OutOfTime, time_limit
        with time_limit(60):
            child = os.fork()
            if child == 0:
                try:
                    with time_limit(0.05):
                        while True:
                            pass
                except OutOfTime:
                    os._exit(7)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], timeout=60)
    assert done.returncode == 7


def test_nested_limits():
    with pytest.raises(OutOfTime), time_limit(0.2):
        with pytest.raises(OutOfTime), time_limit(0.02):
            while True:
                pass
        while True:
            pass


def test_work_is_counted_and_waiting_is_not():
    """A busy machine lets a thread wait; only what it computes itself uses up its processor's time."""
    with time_limit(60, processor=0.2):
        time.sleep(0.5)
    before = expiries()
    with pytest.raises(OutOfWork), time_limit(60, processor=0.1):
        while True:
            pass
    assert expiries() == before  # the answer is complete: a larger budget would not change it


def test_what_else_runs_uses_up_no_budget():
    """A thread that waits for the processor does not work; it does its work all the same."""
    with time_limit(0.3):
        time.sleep(0.5)
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass


def test_waiting_for_ever_is_no_work_but_ends():
    started = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(0.05):
        while time.monotonic() < started + 10:
            time.sleep(0.01)
    assert time.monotonic() > started + 0.25


def busy(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_what_another_process_worked_counts():
    with pytest.raises(OutOfTime), time_limit(0.3):
        call(busy, 0.2)
        call(busy, 0.2)


def test_leaves_nothing_behind():
    with time_limit(0.05):
        pass
    time.sleep(0.1)  # an alarm that was not cancelled would ring here


def test_a_dropped_alarm_rings_again(monkeypatch):
    """Python drops an exception that lands in __del__; the next ring must stop the loop."""
    dropped = set()
    # in place of pytest's own hook, which takes long enough to hear the next ring
    monkeypatch.setattr(sys, "unraisablehook", lambda told: dropped.add(told.exc_type))

    class Swallows:
        def __del__(self):
            end = time.monotonic() + 0.06  # the first ring falls in here
            while time.monotonic() < end:
                pass

    started = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(0.03):
        Swallows()
        while time.monotonic() < started + 10:
            pass
    assert dropped <= {OutOfTime}  # on a busy machine the first ring may come late


def test_an_import_is_not_interrupted(tmp_path, monkeypatch):
    """A module that is half loaded is none, and its file stayed open."""
    (tmp_path / "slow_to_load.py").write_text(
        "import time\nend = time.thread_time() + 0.3\nwhile time.thread_time() < end:\n    pass\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(OutOfTime), time_limit(0.05):
        import slow_to_load

        while True:
            pass
    assert slow_to_load.whole
    assert sys.modules.pop("slow_to_load") is slow_to_load


def test_a_limit_within_an_import_holds(tmp_path, monkeypatch):
    (tmp_path / "has_a_limit.py").write_text(
        "from symtrans.runtime.budgets import OutOfTime, time_limit\n"
        "try:\n    with time_limit(0.05):\n        while True:\n            pass\nexcept OutOfTime:\n    rang = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import has_a_limit

    assert has_a_limit.rang
    del sys.modules["has_a_limit"]
