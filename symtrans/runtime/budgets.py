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
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Self

from symtrans.errors import NonlinearityError

DEFAULT_BUDGET = 20.0
BUSY = 6.0
"""So much longer may a limit of work take by the clock: what is proved must not depend on what else runs."""
MEMORY = 2**30
"""Bytes by which one computation may grow the process."""

_LOOK = 0.1  # seconds between two looks at the clock and the memory
_LEAST_LOOK = 0.001  # the alarm itself must not be what keeps the processor busy
_HEADROOM = 0.75  # of the memory: it may grow further until the next look
_IDLE = 20  # looks with nothing to watch, after which the thread that looks ends


def seconds(budget: Any) -> float:
    """A budget: a number of seconds that is not negative; inf is none."""
    try:
        number = math.nan if isinstance(budget, bool | str) else float(budget)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not number >= 0:
        raise NonlinearityError(f"budget = {budget!r} is no number of seconds; write for example budget=20")
    return number


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
    """Seconds of work that the limits around the caller leave; inf without any."""
    return min((limit._left() for limit in _around(sys._getframe(1))), default=math.inf)


def patience(seconds: float) -> float:
    """Seconds of the clock that work of so many seconds may take within the limits around the caller."""
    now = time.monotonic()
    return min(BUSY * seconds, *(limit._end - now for limit in _around(sys._getframe(1))), math.inf)


def _around(here: FrameType) -> Iterator["time_limit"]:
    """The limits whose blocks are being executed, the innermost first."""
    limit: time_limit | None = getattr(_innermost, "limit", None)
    while limit is not None:
        if limit._is_active(here):
            yield limit
        limit = limit._outer


def charge(seconds: float) -> None:
    """Count what another process has computed for this thread, which waited meanwhile."""
    _elsewhere()[0] += seconds


def worked() -> float:
    """Seconds that this thread has worked, and others for it."""
    return time.thread_time() + _elsewhere()[0]


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


def _is_importing(top: FrameType | None, block: FrameType | None) -> bool:
    """Whether a module is being loaded within the block of a limit: stopped, it would leave its file open."""
    while top is not None and top is not block:
        if top.f_code.co_filename.startswith("<frozen importlib"):
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
        self._memory, self._largest = memory, math.inf  # of the process, known when it is first looked at
        self._end = time.monotonic() + BUSY * seconds
        self._work, self._elsewhere = _work_clock(), _elsewhere()
        self._begun = self._work() + self._elsewhere[0]
        self._work_end = self._work() + processor
        self._outer: time_limit | None = None
        self._frame: FrameType | None = None
        self._thread = threading.get_ident()
        self._rang: type[BaseException] | None = None
        self._quiet = 0.0  # until when it need not ring again
        self._lock = threading.Lock()
        self._over = False

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
            _watch(self)
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
        return not self._over and frame is not None and _is_below(frame, top)

    def _left(self) -> float:
        """Seconds of work until it ends, or less if the clock says so."""
        worked = self._work() + self._elsewhere[0] - self._begun
        return min(self._seconds - worked, self._end - time.monotonic())

    def _look(self) -> float:
        """Ring if it is spent; the seconds until the next look."""
        if self._largest == math.inf:
            self._largest = resident() + int(_HEADROOM * self._memory)
        spent = self._spent()
        if spent is None:
            return self._left()
        if time.monotonic() >= self._quiet:
            with self._lock:
                top = sys._current_frames().get(self._thread)
                if not self._is_active(top):
                    _watched.discard(self)
                    return _LOOK
                if _is_importing(top, self._frame):
                    return _LEAST_LOOK
                self._rang = spent
                _raise_in(self._thread, spent)
            self._quiet = time.monotonic() + _LOOK
        return self._quiet - time.monotonic()

    def _spent(self) -> type[BaseException] | None:
        if self._work() >= self._work_end:
            return OutOfWork
        if self._left() <= 0:
            return OutOfTime
        return OutOfMemory if resident() > self._largest else None

    def _cancel(self) -> None:
        _watched.discard(self)
        with self._lock:
            self._over = True
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

# One thread looks at the limits of all: to start one for each takes longer than most of what is limited. An exception
# may land between any two lines of who enters or leaves a limit, so that the set is not behind a lock:
# to add to it, to take from it and to copy it are one step each.
_watched: set[time_limit] = set()
_watcher: threading.Thread | None = None
_bell, _starting = threading.Lock(), threading.Lock()


def _watch(limit: time_limit) -> None:
    global _watcher
    _watched.add(limit)
    if _watcher is None or not _watcher.is_alive():
        with _starting:
            if _watcher is None or not _watcher.is_alive():
                _watcher = threading.Thread(target=_look_after_all, name="symtrans-budgets", daemon=True)
                _watcher.start()
    elif limit._left() < _LOOK:
        with suppress(RuntimeError):  # it rings already
            _bell.release()


def _look_after_all() -> None:
    global _watcher
    idle = 0
    while True:
        pause = _LOOK
        limits = tuple(_watched)
        for limit in limits:
            try:
                pause = min(pause, limit._look())
            except OSError:  # its thread has ended
                _watched.discard(limit)
        idle = 0 if limits else idle + 1
        if idle > _IDLE:
            _watcher = None
            if not _watched:
                return
            with _starting:  # one was added just now, by a thread that may have met this one
                if _watcher is not None:
                    return
                _watcher = threading.current_thread()
            idle = 0
        _bell.acquire(timeout=max(_LEAST_LOOK, pause))


def _forget() -> None:
    """In a forked process no other thread goes on, nor do the clocks of those limits that were set."""
    global _watcher, _bell, _starting
    _watcher, _bell, _starting = None, threading.Lock(), threading.Lock()
    _watched.clear()
    _innermost.limit = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
