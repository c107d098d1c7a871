"""Compare this checkout with another: ``python -m benchmarks against PATH``.

Each checkout answers in a process of its own, with the Python and the packages that run this command; the two
take turns (A B B A ...), and a figure is the median of the ratios within a round. So a load from elsewhere meets
both, and differences of a few per cent are seen on a busy machine. The command fails where a limit is missed.

import
    A fresh ``import symtrans`` over a fresh ``import sympy`` in the same round, for both checkouts.
six
    All forms and certificates of the six families of the paper, in a fresh process, without the import.
families
    Every family of both catalogues by itself; the median and the 95th percentile of the families count.
kernels
    C kernels of five activations on the workloads W1 to W5 of `benchmarks/cases.py`, in both dtypes. "same text" says
    that both checkouts emit the same C, so that a difference of the times is that of the machine.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.clock import ROOT, fresh, in_turn, surroundings

PARTS = ("import", "six", "families", "kernels")
ACTIVATIONS = ("perona-malik", "charbonnier", "truncated-tv", "truncated-bfb", "hard")
WORKLOADS = ("W1", "W2", "W3", "W4", "W5")
DTYPES = ("float32", "float64")

IMPORT_LIMIT = 1.15  # over import sympy
SIX_LIMIT = 0.3  # seconds
FAMILIES_LIMIT = 1.03  # "no worse", as far as it can be measured
KERNELS_LIMIT = 1.03
SIX = """
import time
import symtrans as st
st.translate, st.catalogue  # each name loads what it needs, and SymPy with it, when it is first used
start = time.process_time()
for name in ("constant", "charbonnier", "truncated-tv", "perona-malik", "truncated-bfb", "truncated-quadratic"):
    family = st.catalogue[name]
    [str(form) for form in (family.diffusivity, family.regulariser, family.shrinkage, family.activation)]
    repr(family.certificate)
print(time.process_time() - start)
"""
SHORTEST = 0.05  # seconds of one measurement of a kernel


@dataclass(frozen=True)
class Row:
    """One comparison: seconds here and there, the figure that counts and its limit."""

    what: str
    here: float
    there: float
    figure: float
    limit: float
    remark: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure is within its limit."""
        return self.figure <= self.limit

    def __str__(self) -> str:
        judged = "holds" if self.holds else "MISSED"
        figures = f"{1e3 * self.here:10.3f} {1e3 * self.there:10.3f} {self.figure:7.3f}  <= {self.limit:<5g} {judged:6}"
        return f"{self.what:34} {figures}  {self.remark}".rstrip()


HEAD = f"{'':34} {'here, ms':>10} {'there, ms':>10} {'figure':>7}"


class Checkout:
    """A process that answers with the symtrans of a checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("against_worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=surroundings(folder),
            cwd=folder,
        )
        found = Path(self.ask("where"))
        if not found.is_relative_to(folder):
            raise SystemExit(f"{folder} was to be measured, but Python takes symtrans from {found.parent}")

    def ask(self, question: str, *arguments: Any) -> Any:
        """The answer to one question (see `benchmarks/against_worker.py`)."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([question, *arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the process of {self.folder} ended at {question} {arguments}; its error stands above")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


def turns(rounds: int, checkouts: Sequence[Checkout], question: str, *arguments: Any) -> np.ndarray:
    """Answers of shape (checkouts, rounds); the round before them is not counted.

    The order is A B A B ..., so that each finds the cache as the other leaves it: with A B B A and an odd number of
    rounds, A would find it cold in most of them.
    """
    found = np.empty((len(checkouts), rounds))
    for number in range(-1, rounds):
        for index, checkout in enumerate(checkouts):
            answer = checkout.ask(question, *arguments)
            if number >= 0:
                found[index, number] = answer
    return found


def measure_import(here: Path, there: Path, rounds: int) -> list[Row]:
    """`import symtrans` in both, over `import sympy`."""
    words = [
        ("import symtrans; symtrans.translate", here),
        ("import symtrans; symtrans.translate", there),
        ("import sympy", here),
    ]
    a, b, sympy = in_turn(rounds, *(lambda t=text, c=folder: fresh("-c", t, checkout=c) for text, folder in words))
    remark = f"over import sympy; there {median(b / sympy):.3f}"
    return [Row("import", median(a), median(b), median(a / sympy), IMPORT_LIMIT, remark)]


def measure_six(here_at: Path, there_at: Path, rounds: int) -> list[Row]:
    """The six families of the paper, one after the other, each time in fresh processes."""
    answers = [[float(fresh("-c", SIX, checkout=c)) for c in (here_at, there_at)] for _ in range(rounds + 1)]
    here, there = np.array(answers[1:]).T
    remark = f"seconds; here over there {median(here / there):.3f}"
    return [Row("six families", median(here), median(there), median(here), SIX_LIMIT, remark)]


def measure_families(pair: Sequence[Checkout], rounds: int) -> list[Row]:
    """Every family that both know, each by itself."""
    others = set(pair[1].ask("names"))
    names = [name for name in pair[0].ask("names") if name in others]
    times = np.array([np.median(turns(rounds, pair, "derive", name), axis=1) for name in names])
    worse = max(range(len(names)), key=lambda k: times[k, 0] / times[k, 1])
    rows = []
    for what, share in (("median", 50), ("95th percentile", 95)):
        here, there = np.percentile(times, share, axis=0)
        remark = f"most grown: {names[worse]}, {times[worse, 0] / times[worse, 1]:.2f}"
        rows.append(Row(f"{len(names)} families, {what}", here, there, here / there, FAMILIES_LIMIT, remark))
    return rows


def measure_kernel(pair: Sequence[Checkout], cell: tuple[str, str, str], rounds: int, quick: bool) -> Row:
    """One activation on one workload."""
    dtype, workload, activation = cell
    texts = [checkout.ask("prepare", activation, workload, dtype, quick) for checkout in pair]
    calls = max(1, round(SHORTEST / max(pair[0].ask("run", 1), 1e-7)))
    here, there = turns(rounds, pair, "run", calls)
    remark = "same text" if texts[0] == texts[1] else "other text"
    what = f"{workload} {dtype} {activation}"
    return Row(what, median(here), median(there), median(here / there), KERNELS_LIMIT, remark)


def listed(choices: Sequence[str]) -> Any:
    """The type of an argument: some of the choices with commas between them."""

    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        for word in chosen:
            if word not in choices:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(choices)}")
        return chosen

    return parse


def main() -> int:
    """Compare what is asked for; 1 where a limit is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n\n")[0], epilog="Lists have commas between their words, and no spaces."
    )
    parser.add_argument("path", type=Path, help="the other checkout, for example made by `git worktree add`")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="smaller signals, one round for a family")
    for name, choices in (
        ("parts", PARTS),
        ("workloads", WORKLOADS),
        ("activations", ACTIVATIONS),
        ("dtypes", DTYPES),
    ):
        words = ",".join(choices)
        parser.add_argument(f"--{name}", type=listed(choices), default=list(choices), metavar="LIST", help=words)
    chosen = parser.parse_args()
    there = chosen.path.resolve()
    if not (there / "symtrans" / "__init__.py").is_file():
        parser.error(f"{chosen.path} is no checkout of symtrans: it has no symtrans/__init__.py")
    if chosen.rounds < 1:
        parser.error("--rounds must be 1 or more")
    rows: list[Row] = []

    def show(*more: Row) -> None:
        rows.extend(more)
        print(*more, sep="\n", flush=True)

    print(HEAD)
    if "import" in chosen.parts:
        show(*measure_import(ROOT, there, chosen.rounds))
    if "six" in chosen.parts:
        show(*measure_six(ROOT, there, chosen.rounds))
    if {"families", "kernels"} & set(chosen.parts):
        pair = [Checkout(ROOT), Checkout(there)]
        if "families" in chosen.parts:
            show(*measure_families(pair, 1 if chosen.quick else 3))
        if "kernels" in chosen.parts:
            cells = product(chosen.dtypes, chosen.workloads, chosen.activations)
            kernels = [(show(row := measure_kernel(pair, cell, chosen.rounds, chosen.quick)), row)[1] for cell in cells]
            middle = median(row.figure for row in kernels)
            print(f"kernels: median {middle:.3f}, largest {max(row.figure for row in kernels):.3f}")
        for checkout in pair:
            checkout.close()
    missed = [row.what for row in rows if not row.holds]
    print(f"missed: {', '.join(missed)}" if missed else "all limits hold")
    return 1 if missed else 0
