"""What a user waits for, each figure beside its goal; a ratio below one means that symtrans is the faster.

Nothing here is a test: the command always returns 0.

import
    Wall time of ``python -c "import symtrans"`` over that of ``python -c
    "import sympy"``: fresh processes in turn, median of the ratios of the pairs.
cold
    Seconds of ``symtrans translate perona-malik`` from start to end, each time in a
    fresh process: median of 9; the slowest stands in the remark.
command
    Seconds of ``symtrans --version``, of one Tab in a shell and of ``symtrans table --all`` where families
    are remembered from before, each in a fresh process: median of 9.
symbolic
    Seconds to derive the six families of Table 3 with all forms and
    certificates, in a fresh process and without the import: median of 5.
pieces
    Seconds to enter, translate and certify an activation of 200 linear pieces with rational knots, as text,
    to write its NumPy source, and to enter and certify a spline of 1,000 knots, in a fresh process and
    without the import: median of 5.
cached
    Seconds for a question that this process has answered before, over all
    families of the catalogue: to enter the formula, each of the four forms,
    `translate`, `certify`. The slowest family counts, each by its median of 9.
numpy
    The generated NumPy kernel over hand-written NumPy (`benchmarks/by_hand.py`), 32 blocks
    on 256 signals of 1024, both called on an array and returning a new one.
call
    Seconds that a call of a loaded C kernel takes in Python above the same call through ctypes
    alone, for one signal of eight samples and one block: new array, ``out=``, in place.

The rivals of one figure run in turn (A B A B ...) within one process; a ratio is
the median over the rounds of the ratio within a round, so that a load from
elsewhere meets both.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmarks import by_hand
from benchmarks.cases import CASES, LAM, THETA, Workload, network, signal
from benchmarks.clock import fresh, in_turn
from benchmarks.kernels import DTYPES, alone
from symtrans import Kind, Network, catalogue, certify, translate
from symtrans.catalogue import TABLE_3
from symtrans.language.symbols import keyword_of
from symtrans.nonlinearity.kinds import KINDS

GOALS = {"import": 1.15, "cold": 1.2, "symbolic": 0.3, "cached": 1e-3, "numpy": 1.1, "call": 5e-6}
COMMAND_GOALS = {"--version": 0.1, "a Tab": 0.1, "table --all": 2.0}
PIECES_GOALS = {"200 pieces": 1.5, "source of 200 pieces": 2.0, "1,000 knots": 0.5}
# more than the rounding of 32 blocks may make of one unit in the last place
TOLERANCE = {"float32": 1e-4, "float64": 1e-11}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    ours: float  # seconds
    rival: float | None
    figure: float  # what is held against the goal
    goal: float
    remark: str = ""

    def cells(self) -> list[str]:
        """The line as text."""
        written = "{:.2f}".format if self.rival else seconds
        return [
            self.what,
            seconds(self.ours),
            seconds(self.rival) if self.rival else "-",
            written(self.figure),
            f"<= {written(self.goal)}",
            "met" if self.figure <= self.goal else "MISSED",
            self.remark,
        ]


HEADINGS = ["what", "symtrans", "rival", "figure", "goal", "", "remark"]


def seconds(value: float) -> str:
    return f"{1e3 * value:.{1 if value > 1e-2 else 3}f} ms"


def show(rows: Sequence[Row]) -> None:
    """Print the table, columns aligned: words to the left, numbers to the right."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for line in lines:
        cells = [
            cell.rjust(width) if 0 < column < 5 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def measure_import(quick: bool) -> list[Row]:
    """`import symtrans` against `import sympy`."""
    ours, rival = in_turn(
        3 if quick else 15,
        lambda: fresh("-c", "import symtrans; symtrans.translate"),
        lambda: fresh("-c", "import sympy"),
    )
    return [Row("import", median(ours), median(rival), median(ours / rival), GOALS["import"], "against import sympy")]


SYMBOLIC = """
import json, time
from symtrans.catalogue import TABLE_3, catalogue
spent = {}
for name in TABLE_3:
    start = time.perf_counter()
    family = catalogue[name]
    forms = [str(form) for form in family.forms]
    certificate = repr(family.certificate)
    spent[name] = time.perf_counter() - start
print(json.dumps(spent))
"""


def measure_cold(quick: bool) -> list[Row]:
    """One family translated at the command line."""
    (spent,) = in_turn(3 if quick else 9, lambda: fresh("-m", "symtrans", "translate", "perona-malik"))
    remark = f"translate perona-malik; slowest {seconds(spent.max())}"
    return [Row("cold", median(spent), None, median(spent), GOALS["cold"], remark)]


TAB = """
import os, sys
os.environ.update(_SYMTRANS_COMPLETE="complete_bash", COMP_WORDS="symtrans translate garr", COMP_CWORD="2")
sys.argv = ["symtrans"]
from symtrans.cli import main
main()
"""


def measure_command(quick: bool) -> list[Row]:
    """What is typed most often at the command line."""
    ways: dict[str, Callable[[], Any]] = {
        "--version": lambda: fresh("-m", "symtrans", "--version"),
        "a Tab": lambda: fresh("-c", TAB),
        "table --all": lambda: fresh("-m", "symtrans", "table", "--all"),
    }
    times = in_turn(3 if quick else 9, *ways.values(), lambda: fresh("-c", ""))
    remark = f"Python alone {seconds(median(times[-1]))}"
    return [
        Row(f"command {what}", median(spent), None, median(spent), COMMAND_GOALS[what], remark)
        for what, spent in zip(ways, times, strict=False)
    ]


PIECES = """
import json, time
from fractions import Fraction
import symtrans as st
slopes = [Fraction(k % 7 + 1, k % 5 + 2) for k in range(200)]
pieces, value = [], Fraction(0)
for k, slope in enumerate(slopes):
    until = f"|r| <= {k + 1}/7" if k < 199 else "True"
    pieces.append(f"({slope}*r + {value - slope * Fraction(k, 7)}*sgn(r), {until})")
    value += slope / 7
text = "Piecewise(" + ", ".join(pieces) + ")"
spent, start = {}, time.perf_counter()
def note(what):
    global start
    now = time.perf_counter()
    spent[what], start = now - start, now
family = st.translate(st.Activation(text))
certificate = repr((family.forms, family.certificate))
note("200 pieces")
st.Network(family, 2).source("numpy")
note("source of 200 pieces")
knots = [Fraction(k, 100) for k in range(1000)]
spline = st.Activation.from_knots(knots, [k / (1 + k) for k in knots], tail="constant")
certificate = repr(st.certify(spline))
note("1,000 knots")
print(json.dumps(spent))
"""


def measure_pieces(quick: bool) -> list[Row]:
    """Formulas of many pieces, and splines of many knots."""
    runs = [json.loads(fresh("-c", PIECES)) for _ in range(1 if quick else 5)]
    return [
        Row(what, spent, None, spent, goal)
        for what, goal in PIECES_GOALS.items()
        for spent in [median(run[what] for run in runs)]
    ]


def measure_symbolic(quick: bool) -> list[Row]:
    """The six families, their forms and certificates."""
    runs = [json.loads(fresh("-c", SYMBOLIC)) for _ in range(1 if quick else 5)]
    total = median(sum(run.values()) for run in runs)
    each = {name: median(run[name] for run in runs) for name in runs[0]}
    slowest = max(each, key=lambda name: each[name])
    remark = f"six families; slowest {slowest}, {seconds(each[slowest])}"
    return [Row("symbolic", total, None, total, GOALS["symbolic"], remark)]


def measure_cached(quick: bool) -> list[Row]:
    """Every question about every family, asked again."""
    entries = [catalogue.entry(name) for name in catalogue]
    given = [(e, e.formula if isinstance(e.formula, str) else e.formula()) for e in entries]
    entered = {entry.name: entry.kind(formula) for entry, formula in given}
    formulas = {entry.name: (entry.kind, formula) for entry, formula in given}

    def to(kind: type[Kind]) -> Callable[[str], Any]:
        return lambda name: entered[name].to(kind)

    questions: dict[str, Callable[[str], Any]] = {
        "enter": lambda name: formulas[name][0](formulas[name][1]),
        **{kind.__name__.lower(): to(kind) for kind in KINDS},
        "translate": lambda name: translate(entered[name]),
        "certify": lambda name: certify(entered[name]),
    }
    rows = []
    for what, ask in questions.items():
        again = {
            name: float(median(in_turn(3 if quick else 9, lambda name=name, ask=ask: ask(name))[0])) for name in entered
        }
        slowest = max(again, key=lambda name: again[name])
        remark = f"{len(again)} families; median {seconds(median(again.values()))}, slowest {slowest}"
        rows.append(Row(f"cached {what}", again[slowest], None, again[slowest], GOALS["cached"], remark))
    return rows


def agreement(ours: np.ndarray, rival: np.ndarray) -> str:
    """The largest difference, and how many samples differ by more than rounding: next to a jump one rounding may."""
    difference = np.abs(ours.astype(float) - rival)
    beyond = np.mean(~(difference <= TOLERANCE[ours.dtype.name]))
    text = f"differ by {np.max(difference):.0e}"
    return text if not beyond else f"{text}, {100 * beyond:.2g} % of samples"


def measure_numpy(quick: bool) -> list[Row]:
    """The generated NumPy kernel against hand-written NumPy."""
    rows = []
    for dtype in DTYPES:
        f = signal((256, 1024), dtype)
        for name in TABLE_3:
            net = Network(catalogue[name], 32)
            kernel, tau, write = net.compile("numpy", dtype), float(net.tau), by_hand.BY_HAND[name]
            values = {key: {"lam": LAM, "theta": THETA}[key] for key in map(keyword_of, net.parameters)}
            actions: tuple[Callable[[], np.ndarray], ...] = (
                lambda kernel=kernel, f=f, values=values: kernel(f, **values),
                lambda write=write, f=f, tau=tau: by_hand.filtered(f, write, tau, 32),
            )
            ours, rival = in_turn(3 if quick else 9, *actions)
            remark = agreement(*(action() for action in actions))
            what = f"numpy {dtype} {name}"
            rows.append(Row(what, median(ours), median(rival), median(ours / rival), GOALS["numpy"], remark))
    return rows


CALLS = 2_000


def repeated(action: Callable[[], Any]) -> Callable[[], None]:
    """CALLS calls."""

    def run() -> None:
        for _ in range(CALLS):
            action()

    return run


def measure_call(quick: bool) -> list[Row]:
    """What Python adds to a call of a kernel, at a size where nothing else counts."""
    rows = []
    load = Workload("call", (1, 8), 1)
    for case in (case for case in CASES if case.name in ("perona-malik", "truncated-tv")):
        f, out = np.ones(load.shape, np.float32), np.empty(load.shape, np.float32)
        kernel, values = network(case, load.blocks).compile("c", "float32"), case.parameters
        ways: dict[str, Callable[[], Any]] = {
            "new": lambda kernel=kernel, f=f, values=values: kernel(f, **values),
            "out=": lambda kernel=kernel, f=f, out=out, values=values: kernel(f, out=out, **values),
            "in place": lambda kernel=kernel, f=f, values=values: kernel(f, out=f, **values),
        }
        direct = repeated(alone(case, load, f))
        times = in_turn(5 if quick else 15, direct, *map(repeated, ways.values())) / CALLS
        remark = f"ctypes alone {seconds(float(median(times[0])))}"
        for way, each in zip(ways, times[1:], strict=True):
            above = float(median(each - times[0]))
            rows.append(Row(f"call {case.name} {way}", float(median(each)), None, above, GOALS["call"], remark))
    return rows


MEASURES: dict[str, Callable[[bool], list[Row]]] = {
    "import": measure_import,
    "cold": measure_cold,
    "command": measure_command,
    "pieces": measure_pieces,
    "symbolic": measure_symbolic,
    "cached": measure_cached,
    "numpy": measure_numpy,
    "call": measure_call,
}


def main() -> int:
    """Measure what is asked for, all of it by default."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0], epilog="With no name, all are measured.")
    parser.add_argument("what", nargs="*", metavar="|".join(MEASURES), help="what to measure")
    parser.add_argument("--quick", action="store_true", help="three rounds instead of nine or more")
    chosen = parser.parse_args()
    unknown = set(chosen.what) - set(MEASURES)
    if unknown:
        parser.error(f"there is no measure {', '.join(sorted(unknown))}; take {', '.join(MEASURES)}")
    rows: list[Row] = []
    for name in chosen.what or MEASURES:
        rows += MEASURES[name](chosen.quick)
    show(rows)
    return 0
