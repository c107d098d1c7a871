"""The server of `symtrans.runtime.workers`: a fresh interpreter that forks a child for every call, and kills it."""

import contextlib
import gc
import os
import pickle
import select
import signal
import socket
import time
from typing import Any, NoReturn

from symtrans.runtime.budgets import OutOfMemory
from symtrans.runtime.workers import LENGTH, adopt, receive


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
    line.sendall(LENGTH.pack(len(reply)) + reply)


def _restrict(seconds: float, memory: int) -> None:
    """Limits that the system itself keeps, should nobody be left to kill this process."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as statm:
            size = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
        cpu = int(time.process_time() + min(seconds, 1e6)) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
