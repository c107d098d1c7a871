"""Calls in a process that can be killed: for work in C code, which no exception interrupts.

The first call starts one server, a fresh interpreter that imports symtrans and then
forks a child for every call. Nothing is forked from the caller's own process, which may
hold threads and locks (Jupyter, a web server), and `__main__` is never imported again:
`multiprocessing` with "fork" fails at the first, with "spawn" and "forkserver" at the
second. A call costs a few milliseconds once the server is there.

No process is left behind. A child is killed as soon as its caller closes the line to it:
on return, on an exception, or when the caller dies. The server ends with its caller.
"""

import atexit
import contextlib
import math
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from symtrans.runtime.budgets import (
    DEFAULT_BUDGET,
    MEMORY,
    OutOfMemory,
    OutOfTime,
    charge,
    patience,
    remaining,
    time_limit,
)

T = TypeVar("T")

LENGTH = struct.Struct("!Q")
"""How many bytes a message has, before the message."""
_PATIENCE = 2.0  # seconds for the server to end after its line was closed
_PROGRAM = "from symtrans.runtime.worker_server import serve; serve({})"


class Stopped(Exception):
    """A call was ended from outside; its process is gone."""


class Stop:
    """Ends one call from another thread: ``stop()``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self.stopped = False

    def __call__(self) -> None:
        """End the call, or keep it from beginning."""
        with self._lock:
            self.stopped = True
            if self._line is not None:
                with contextlib.suppress(OSError):  # the call has ended by itself
                    self._line.shutdown(socket.SHUT_RDWR)

    def attach(self, line: socket.socket) -> None:
        """The line to the process that is to be ended."""
        with self._lock:
            if self.stopped:
                raise Stopped
            self._line = line


def call(
    function: Callable[..., T],
    *args: Any,
    seconds: float = DEFAULT_BUDGET,
    memory: int = MEMORY,
    stop: Stop | None = None,
    clock: float = math.inf,
) -> T:
    """Compute ``function(*args)`` in a process of its own, within `seconds` and `memory`.

    Parameters
    ----------
    function : callable
        A function of a module; it and its arguments travel by pickle.
    seconds : float
        Of work; by the clock it may take `BUSY` times as long. A `time_limit` around the call that ends earlier holds.
    memory : int
        Bytes that the process may allocate beyond what the modules take.
    stop : Stop, optional
        Lets another thread end the call.
    clock : float
        Seconds that the caller waits at most, however busy the machine is.

    Raises
    ------
    OutOfTime, OutOfMemory
        If a limit is reached; the process is then gone.
    Stopped
        If `stop` was called.
    BaseException
        Whatever `function` raises.

    Examples
    --------
    >>> import math
    >>> call(math.factorial, 20)
    2432902008176640000
    >>> try:
    ...     call(math.factorial, 10**9, seconds=0.5)
    ... except OutOfTime:
    ...     print("stopped")
    stopped
    """
    allowed, begun = max(0.0, min(seconds, remaining())), time.monotonic()
    end = begun + min(clock, patience(allowed))
    request = pickle.dumps((function, args, allowed, memory))
    line = _connect()
    if line is None:  # no fork on this system, or no interpreter to start
        with time_limit(min(allowed, clock), memory):
            return function(*args)
    with line:
        if stop is not None:
            stop.attach(line)
        try:
            outcome, value, work = pickle.loads(_exchange(line, request, end))
        except BaseException as error:
            charge(min(allowed, time.monotonic() - begun))
            if isinstance(error, OutOfMemory) and stop is not None and stop.stopped:
                raise Stopped from None
            raise
    charge(work)
    if outcome == "raised":
        raise value
    result: T = value
    return result


def each(
    function: Callable[[Any], T],
    items: Iterable[Any],
    seconds: float = DEFAULT_BUDGET,
    memory: int = MEMORY,
    done: Callable[[], None] = lambda: None,
) -> list[T]:
    """``function(item)`` of every item, in their order; as many processes at a time as there are cores.

    Parameters
    ----------
    function, seconds, memory
        As those of `call`.
    items : iterable
    done : callable
        Called after each item.

    Raises
    ------
    OutOfTime, OutOfMemory, BaseException
        What the first item raised that failed; the other processes are then gone.

    Examples
    --------
    >>> import math
    >>> each(math.factorial, [3, 4, 5])
    [6, 24, 120]
    """

    def one(item: Any, stop: Stop) -> T:
        result = call(function, item, seconds=seconds, memory=memory, stop=stop)
        done()
        return result

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        stops: list[Stop] = []
        futures: list[Future[T]] = []
        for item in items:
            stops.append(Stop())
            futures.append(pool.submit(one, item, stops[-1]))
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for stop in stops:  # also those that are about to begin
                stop()
            raise


def _exchange(line: socket.socket, request: bytes, end: float) -> bytes:
    try:
        _set_patience(line, end)
        line.sendall(LENGTH.pack(len(request)) + request)
        (length,) = LENGTH.unpack(receive(line, LENGTH.size, end))
        return receive(line, length, end)
    except TimeoutError:
        raise OutOfTime from None
    except (EOFError, ConnectionError):
        # It ended without an answer: FLINT and GMP abort where memory fails, or the system's own limit struck.
        raise OutOfMemory from None


def _set_patience(line: socket.socket, end: float) -> None:
    left = end - time.monotonic()
    if left <= 0:
        raise OutOfTime
    line.settimeout(left)


def receive(line: socket.socket, count: int, end: float | None = None) -> bytes:
    """So many bytes from a line, until a time of the monotonic clock."""
    parts = []
    while count:
        if end is not None:
            _set_patience(line, end)
        part = line.recv(min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


# ---------------------------------------------------------------------------
# The caller's side of the server


class _Line(socket.socket):
    """The caller's end of a line to a child; dropping it closes it, and that kills the child.

    The alarm of a `time_limit` may ring anywhere, even while a ``with`` is being left.
    """

    def __del__(self) -> None:
        self.close()


class _Server:
    """The line to the server, over which the ends of new lines are handed."""

    def __init__(self, control: socket.socket, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self.control = control
        self.process = process

    def connect(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        line = _Line(fileno=ours.detach())
        with theirs:
            socket.send_fds(self.control, [b"x"], [theirs.fileno()])  # one byte: whole, whoever else sends
        return line

    def end(self) -> None:
        self.control.close()
        if self.process is not None:
            try:
                self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


_server: _Server | None = None
_starting = threading.Lock()


def _connect() -> socket.socket | None:
    """A line to a new child, or None where there can be none."""
    global _server
    if not (hasattr(os, "fork") and hasattr(socket, "send_fds")):
        return None
    with _starting:
        for _ in range(2):  # the second time with a new server, if somebody killed the old one
            if _server is None:
                try:
                    _server = _start()
                except OSError:
                    return None
            try:
                return _server.connect()
            except OSError:
                _server.end()
                _server = None
    return None


def _start() -> _Server:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.format(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # an interrupt from the keyboard is the caller's
        )
    return _Server(ours, process)


def adopt(control: socket.socket) -> None:
    """In a child of the server: calls within a call go to the same server, over this line."""
    global _server
    _server = _Server(control)


@atexit.register
def end() -> None:
    """End the server and every call that is still running; the next call starts a new one."""
    global _server
    if _server is not None:
        _server.end()
        _server = None


def _forget() -> None:
    """A forked copy of the caller starts a server of its own; this one is not its child."""
    global _server, _starting
    _starting = threading.Lock()
    if _server is not None:
        _server.control.close()
        if _server.process is not None:
            _server.process.returncode = 0
        _server = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
