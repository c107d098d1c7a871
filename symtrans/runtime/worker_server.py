"""The server of `symtrans.runtime.workers`: a fresh interpreter that forks a child for every call, and kills it."""

import contextlib
import gc
import os
import pickle
import select
import signal
import socket
from typing import Any, NoReturn

from symtrans.runtime.budgets import OutOfMemory, OutOfTime, time_limit, worked
from symtrans.runtime.workers import LENGTH, adopt, receive

_GRACE = 0.1  # seconds for an exception to be heard before the process is ended


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
            ended, status, used = os.wait4(pid, os.WNOHANG)
            if ended == pid:
                if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
                    with contextlib.suppress(OSError):  # the caller has given up
                        line.sendall(_message("raised", OutOfTime(), used.ru_utime + used.ru_stime))
                del self.children[fileno]
                self.poll.unregister(fileno)
                line.close()

    def become_child(self, line: socket.socket) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (self.control, self.inner, *(entry[0] for entry in self.children.values())):
                other.close()
            os.close(self.ended)
            adopt(self.for_children)
            _answer(line)
        finally:
            os._exit(0)


def _answer(line: socket.socket) -> None:
    (length,) = LENGTH.unpack(receive(line, LENGTH.size))
    try:
        function, args, seconds, memory = pickle.loads(receive(line, length))
        _restrict(seconds, memory)
        with time_limit(seconds, memory):
            value = function(*args)
        message = _message("returned", value, worked())
    except MemoryError:
        message = _message("raised", OutOfMemory(), worked())
    except BaseException as error:
        try:
            message = _message("raised", error, worked())
            pickle.loads(message[LENGTH.size :])
        except Exception:  # an error of the user's that does not travel
            message = _message("raised", RuntimeError(f"{type(error).__name__}: {error}"), worked())
    signal.setitimer(signal.ITIMER_PROF, 0)  # none may end it halfway through its answer
    line.sendall(message)


def _message(outcome: str, value: Any, work: float) -> bytes:
    """What came of a call, and how many seconds the processor has worked for it."""
    reply = pickle.dumps((outcome, value, work))
    return LENGTH.pack(len(reply)) + reply


def _restrict(seconds: float, memory: int) -> None:
    """Limits that the system itself keeps: C code hears no exception, and nobody may be left to kill this process."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as statm:
            size = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
    signal.setitimer(signal.ITIMER_PROF, min(seconds, 1e6) + _GRACE)
