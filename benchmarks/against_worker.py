"""The part of `benchmarks.against` that runs in a checkout: answers one question a line, with the symtrans found there.

Only public names of symtrans are used, so that a checkout of any age can answer. A family is derived
in a fork, in which nothing of it is known yet; times are of the processor.
"""

import hashlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import symtrans as st


def cases_beside_this_file() -> ModuleType:
    """The cases of this checkout's benchmarks, not of the one that is measured."""
    spec = importlib.util.spec_from_file_location("benchmark_cases", Path(__file__).with_name("cases.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def forked(work: Callable[[], float]) -> float:
    """What `work` returns in a fork."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(pid, 0)
    if not answer:
        raise RuntimeError("a derivation ended without an answer; its error stands above")
    return float(json.loads(answer))


def derive(name: str) -> float:
    """Seconds for all forms and the certificate of a family."""

    def work() -> float:
        start = time.process_time()
        family = st.catalogue[name]
        [str(form) for form in (family.diffusivity, family.regulariser, family.shrinkage, family.activation)]
        repr(family.certificate)
        return time.process_time() - start

    return forked(work)


class Kernels:
    """One kernel with its signals at a time."""

    def __init__(self) -> None:
        self.cases = cases_beside_this_file()

    def prepare(self, activation: str, workload: str, dtype: str, quick: bool) -> str:
        """Compile a kernel and make its signal; returns a digest of the C text."""
        case = next(case for case in self.cases.CASES if case.name == activation)
        load = next(load for load in self.cases.workloads(quick) if load.name == workload)
        network = self.cases.network(case, load.blocks)
        kernel, u = network.compile("c", dtype), self.cases.signal(load.shape, dtype)
        if load.gradient:
            ones = np.ones_like(u)
            self.action: Callable[[], Any] = lambda: kernel.vjp(u, ones, **case.parameters)
        else:
            out = u if load.in_place else np.empty_like(u)
            self.action = lambda: kernel(u, out=out, **case.parameters)
        self.action()
        texts = [text for name, text in network.source("c", dtype).items() if name.endswith(".c")]
        body = "".join(texts).partition("*/")[2]  # without the comment at the head
        return hashlib.sha256(body.encode()).hexdigest()

    def run(self, calls: int) -> float:
        """Seconds for one call, on average."""
        start = time.process_time()
        for _ in range(calls):
            self.action()
        return (time.process_time() - start) / calls


def main() -> None:
    """Answer until the input ends."""
    kernels = Kernels()
    st.translate(st.Activation("r/(1 + r^6)")).certificate  # noqa: B018 - what Python loads on first use is loaded
    answers: dict[str, Callable[..., Any]] = {
        "where": lambda: st.__file__,
        "names": lambda: list(st.catalogue),
        "derive": derive,
        "prepare": kernels.prepare,
        "run": kernels.run,
    }
    for line in sys.stdin:
        question, *arguments = json.loads(line)
        print(json.dumps(answers[question](*arguments)), flush=True)


if __name__ == "__main__":
    main()
