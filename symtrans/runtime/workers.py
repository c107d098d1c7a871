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
import gc
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

from symtrans.runtime.budgets import DEFAULT_BUDGET, MEMORY, OutOfMemory, OutOfTime, remaining, time_limit

T = TypeVar("T")

_LENGTH = struct.Struct("!Q")
_PATIENCE = 2.0  # seconds for the server to end after its line was closed
_PROGRAM = "from symtrans.runtime.workers import serve; serve({})"


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
) -> T:
    """Compute ``function(*args)`` in a process of its own, within `seconds` and `memory`.

    Parameters
    ----------
    function : callable
        A function of a module; it and its arguments travel by pickle.
    seconds : float
        Wall-clock time; a `time_limit` around the call that ends earlier holds.
    memory : int
        Bytes that the process may allocate beyond what the modules take.
    stop : Stop, optional
        Lets another thread end the call.

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
    end = time.monotonic() + min(seconds, remaining())
    request = pickle.dumps((function, args, max(0.0, seconds), memory))
    line = _connect()
    if line is None:  # no fork on this system, or no interpreter to start
        with time_limit(end - time.monotonic(), memory):
            return function(*args)
    with line:
        if stop is not None:
            stop.attach(line)
        try:
            reply = _exchange(line, request, end)
        except OutOfMemory:
            if stop is not None and stop.stopped:
                raise Stopped from None
            raise
    outcome, value = pickle.loads(reply)
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
        line.sendall(_LENGTH.pack(len(request)) + request)
        (length,) = _LENGTH.unpack(_receive(line, _LENGTH.size, end))
        return _receive(line, length, end)
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


def _receive(line: socket.socket, count: int, end: float | None = None) -> bytes:
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


# ---------------------------------------------------------------------------
# The server's side


def serve(descriptor: int) -> None:
    """Fork a child for every line that is handed over, until the caller is gone."""
    gc.freeze()  # what was imported is shared with the children
    server = _Forker(socket.socket(fileno=descriptor))
    server.run()


class _Forker:
    """The server: its lines, and which child answers on which."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.inner, self.for_children = socket.socketpair()  # a call within a call comes here
        self.children: dict[int, tuple[socket.socket, int]] = {}
        self.ended, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.poll = select.poll()
        for source in (self.control.fileno(), self.inner.fileno(), self.ended):
            self.poll.register(source, select.POLLIN)

    def run(self) -> None:
        while True:
            for source, _ in self.poll.poll():
                if source == self.control.fileno():
                    if not self.accept(self.control):
                        for fileno in list(self.children):
                            self.dismiss(fileno)
                        return
                elif source == self.inner.fileno():
                    self.accept(self.inner)
                elif source == self.ended:
                    os.read(self.ended, 4096)
                    self.reap()
                else:
                    self.dismiss(source)

    def accept(self, source: socket.socket) -> bool:
        message, descriptors, _, _ = socket.recv_fds(source, 1, 1)
        for descriptor in descriptors:
            line = socket.socket(fileno=descriptor)
            pid = os.fork()
            if pid == 0:
                self.become_child(line)
            self.children[line.fileno()] = line, pid
            self.poll.register(line.fileno(), 0)  # tells when the caller has closed its end
        return bool(message)

    def dismiss(self, fileno: int) -> None:
        """The caller has closed its end: it has its answer, or has given up."""
        if fileno in self.children:
            line, pid = self.children.pop(fileno)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self.poll.unregister(fileno)
            line.close()

    def reap(self) -> None:
        """Close the lines of children that have ended, so that their callers know."""
        for fileno, (line, pid) in list(self.children.items()):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                del self.children[fileno]
                self.poll.unregister(fileno)
                line.close()

    def become_child(self, line: socket.socket) -> NoReturn:
        global _server
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (self.control, self.inner, *(entry[0] for entry in self.children.values())):
                other.close()
            os.close(self.ended)
            _server = _Server(self.for_children)
            _answer(line)
        finally:
            os._exit(0)


def _answer(line: socket.socket) -> None:
    (length,) = _LENGTH.unpack(_receive(line, _LENGTH.size))
    try:
        function, args, seconds, memory = pickle.loads(_receive(line, length))
        _restrict(seconds, memory)
        outcome: tuple[str, Any] = "returned", function(*args)
        reply = pickle.dumps(outcome)
    except MemoryError:
        reply = pickle.dumps(("raised", OutOfMemory()))
    except BaseException as error:
        try:
            reply = pickle.dumps(("raised", error))
            pickle.loads(reply)
        except Exception:  # an error of the user's that does not travel
            reply = pickle.dumps(("raised", RuntimeError(f"{type(error).__name__}: {error}")))
    line.sendall(_LENGTH.pack(len(reply)) + reply)


def _restrict(seconds: float, memory: int) -> None:
    """Limits that the system itself keeps, should nobody be left to kill this process."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as statm:
            size = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
        cpu = int(time.process_time() + min(seconds, 1e6)) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
