"""Time budgets: stop a computation after so many seconds, in any thread.

Computer algebra may not return. SymPy is pure Python, so an exception set
asynchronously reaches it between two byte codes, whatever thread it runs in
(a signal would reach the main thread only). `OutOfTime` derives from
BaseException: SymPy's own ``except Exception`` must not swallow it.
"""

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

DEFAULT_BUDGET = 20.0


class OutOfTime(BaseException):
    """The budget of the innermost expired `time_limit` is used up."""


def _raise_in(thread_id: int, exception: type[BaseException] | None) -> None:
    pointer = ctypes.py_object(exception) if exception is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), pointer)


_RING_AGAIN = 0.1  # seconds


class _Alarm:
    """One pending alarm for one thread; `cancel` guarantees that it no longer fires.

    It rings until it is cancelled: an exception that lands in a ``__del__`` or a
    weak reference's callback is dropped by Python, and must come again.
    """

    def __init__(self, seconds: float) -> None:
        self._target = threading.get_ident()
        self._lock = threading.Lock()
        self._over = threading.Event()
        threading.Thread(target=self._run, args=(seconds,), daemon=True).start()

    def _run(self, seconds: float) -> None:
        while not self._over.wait(seconds):
            with self._lock:
                if not self._over.is_set():
                    _raise_in(self._target, OutOfTime)
            seconds = _RING_AGAIN

    def cancel(self) -> None:
        with self._lock:
            self._over.set()
        # An exception that was set but not yet delivered must not surface later.
        _raise_in(self._target, None)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in this thread once `seconds` have passed inside the block.

    Blocks nest: each has its own alarm, and an inner block that is left does
    not disturb the outer one.

    Examples
    --------
    >>> try:
    ...     with time_limit(0.01):
    ...         while True:
    ...             pass
    ... except OutOfTime:
    ...     print("stopped")
    stopped
    """
    outer = getattr(_current, "end", float("inf"))
    end = time.monotonic() + seconds
    if seconds <= 0 or time.monotonic() >= outer:
        raise OutOfTime
    if end >= outer:  # the outer alarm rings first: no need for one of our own
        yield
        return
    _current.end = end
    alarm = _Alarm(seconds)
    try:
        yield
    finally:
        _cancel(alarm)
        _current.end = outer
        if time.monotonic() >= outer:  # cancelling may have erased an outer alarm due just then
            raise OutOfTime


def _cancel(alarm: _Alarm) -> None:
    while True:
        try:
            return alarm.cancel()
        except OutOfTime:  # it rang in here: the block is over, so it no longer matters
            continue


_current = threading.local()
