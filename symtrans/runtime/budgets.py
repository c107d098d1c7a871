"""Budgets: stop a computation after so many seconds or so many bytes, in any thread.

Computer algebra may not return. SymPy is pure Python, so an exception set
asynchronously reaches it between two byte codes, whatever thread it runs in
(a signal would reach the main thread only). `OutOfTime` derives from
BaseException: SymPy's own ``except Exception`` must not swallow it. What runs
in C code for long hears nothing; it belongs into `symtrans.runtime.workers`.
"""

import ctypes
import math
import os
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

DEFAULT_BUDGET = 20.0
BUSY = 6.0
"""So much longer may a limit of work take by the clock: what is proved must not depend on what else runs."""
MEMORY = 2**30
"""Bytes by which one computation may grow the process."""

_LOOK = 0.1  # seconds between two looks at the clock and the memory
_LEAST_LOOK = 0.001  # the alarm itself must not be what keeps the processor busy
_HEADROOM = 0.75  # of the memory: it may grow further until the next look


class OutOfTime(BaseException):
    """The budget of the innermost expired `time_limit` is used up."""

    def __init__(self, *args: object) -> None:
        count_expiry()  # made in the thread that it stops
        super().__init__(*args)


class OutOfWork(BaseException):
    """A search has had the processor's time that it was given: more budget would change nothing."""


class OutOfMemory(OutOfTime):
    """The budget of memory is used up; whoever copes with `OutOfTime` copes with it."""


def remaining() -> float:
    """Seconds that the limits around the caller leave; inf without any."""
    limit: time_limit | None = getattr(_innermost, "limit", None)
    left = math.inf
    here = sys._getframe(1)
    while limit is not None:
        if limit._is_active(here):
            left = min(left, limit._left())
        limit = limit._outer
    return left


def charge(seconds: float) -> None:
    """Count what another process has computed for this thread, which waited meanwhile."""
    _elsewhere()[0] += seconds


def expiries() -> int:
    """How often a budget has run out in this thread: a result is complete if that did not happen meanwhile."""
    count: int = getattr(_innermost, "expiries", 0)
    return count


def count_expiry() -> None:
    """A budget has run out, now or when a remembered result that is used now was computed."""
    _innermost.expiries = expiries() + 1


def resident() -> int:
    """Bytes of memory that this process holds now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _work_clock() -> Callable[[], float]:
    """The processor's time of the calling thread, to be read from any thread."""
    try:
        clock = time.pthread_getcpuclockid(threading.get_ident())
        time.clock_gettime(clock)
    except (AttributeError, OSError):
        return time.monotonic
    return lambda: time.clock_gettime(clock)


def _elsewhere() -> list[float]:
    """The seconds that other processes have worked for the calling thread, to be read from any thread."""
    if not hasattr(_innermost, "elsewhere"):
        _innermost.elsewhere = [0.0]
    seconds: list[float] = _innermost.elsewhere
    return seconds


def _raise_in(thread_id: int, exception: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(exception))


def _is_below(frame: FrameType, top: FrameType | None) -> bool:
    """Whether `frame` is still being executed by the thread whose innermost frame is `top`."""
    while top is not None:
        if top is frame:
            return True
        top = top.f_back
    return False


class time_limit:  # noqa: N801 - used like a function
    """Raise `OutOfTime` in this thread once it has worked for `seconds` inside the block.

    What it waits for the processor does not count, unless it waits `BUSY` times as long.
    `OutOfMemory` is raised where the process has grown by `memory` bytes, and
    `OutOfWork` where this thread has used the processor for `processor` seconds
    (of the clock, where the system cannot tell).

    Blocks nest: each has its own alarm, and an inner block that is left does
    not disturb the outer one. The alarm rings until the block is left: an
    exception that lands in a ``__del__`` is dropped by Python and must come
    again. It also stops when the function that holds the block has returned,
    so an exception that lands while the block is being left rings no more.

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

    def __init__(self, seconds: float, memory: int = MEMORY, processor: float = math.inf) -> None:
        self._seconds = seconds
        self._largest = resident() + int(_HEADROOM * memory)
        self._end = time.monotonic() + BUSY * seconds
        self._work, self._elsewhere = _work_clock(), _elsewhere()
        self._begun = self._work() + self._elsewhere[0]
        self._work_end = self._work() + processor
        self._outer: time_limit | None = None
        self._frame: FrameType | None = None
        self._thread = threading.get_ident()
        self._rang: type[BaseException] | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        here = sys._getframe(1)
        outer: time_limit | None = getattr(_innermost, "limit", None)
        while outer is not None and not outer._is_active(here):
            outer = outer._outer  # left by an exception that landed at the wrong moment
        if self._seconds <= 0 or (outer is not None and outer._left() <= 0):
            raise OutOfTime
        self._outer, self._frame = outer, here
        _innermost.limit = self
        if outer is None or self._left() < outer._left() or self._work_end < math.inf:  # else the outer one rings first
            threading.Thread(target=self._ring, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while True:
            try:
                self._cancel()
                break
            except (OutOfTime, OutOfWork):  # it rang in here: the block is over, so it no longer matters
                continue
        if self._outer is not None and self._outer._left() <= 0:
            raise OutOfTime  # cancelling may have erased an outer alarm due just then

    def _is_active(self, top: FrameType | None) -> bool:
        frame = self._frame
        return not self._over.is_set() and frame is not None and _is_below(frame, top)

    def _left(self) -> float:
        """Seconds of work until it ends, or less if the clock says so."""
        worked = self._work() + self._elsewhere[0] - self._begun
        return min(self._seconds - worked, self._end - time.monotonic())

    def _ring(self) -> None:
        while not self._over.wait(max(_LEAST_LOOK, min(_LOOK, self._left()))):
            spent = self._spent()
            if spent is None:
                continue
            with self._lock:
                if not self._is_active(sys._current_frames().get(self._thread)):
                    return
                self._rang = spent
                _raise_in(self._thread, spent)
            if self._over.wait(_LOOK):
                return

    def _spent(self) -> type[BaseException] | None:
        if self._work() >= self._work_end:
            return OutOfWork
        if self._left() <= 0:
            return OutOfTime
        return OutOfMemory if resident() > self._largest else None

    def _cancel(self) -> None:
        with self._lock:
            self._over.set()
        _innermost.limit = self._outer
        self._frame = None
        if self._rang is not None:
            rang, self._rang = self._rang, None
            self._absorb(rang)

    def _absorb(self, exception: type[BaseException]) -> None:
        """Take delivery of an exception that was set and may still be on its way: it must not surface later.

        Erasing it instead would leave the interpreter's flag for it raised for good: each later
        call would be slowed down, and a profiler or debugger would not get past the first one.
        """
        try:
            _raise_in(self._thread, exception)
            while True:
                time.sleep(0)
        except exception:
            pass


_innermost = threading.local()
