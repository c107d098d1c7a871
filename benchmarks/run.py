"""Measure symtrans: ``python benchmarks/run.py [import] [cold] [symbolic] [cached] [numpy] [c] [call] [--quick]``.

Every figure stands beside its goal; a ratio below one means that symtrans is
the faster. Nothing here is a test: the command always returns 0.

import
    Wall time of ``python -c "import symtrans"`` over that of ``python -c
    "import sympy"``: fresh processes in turn, median of the ratios of the pairs.
cold
    Seconds of ``symtrans translate perona-malik`` from start to end, each time in a
    fresh process: median of 9; the slowest stands in the remark.
symbolic
    Seconds to derive the six families of Table 3 with all forms and
    certificates, in a fresh process and without the import: median of 5.
cached
    Seconds for a question that this process has answered before, over all
    families of the catalogue: to enter the formula, each of the four forms,
    `translate`, `certify`. The slowest family counts, each by its median of 9.
numpy
    The generated NumPy kernel over hand-written NumPy (one function per family
    below: buffers made once, every operation in place), 32 blocks on 256
    signals of 1024, both called on an array and returning a new one.
c
    The C kernel, called as a user calls it with ``out=``, over the fastest of
    three fused numba loops (fastmath, buffers reused): the fluxes of a row in a
    buffer, the previous flux carried in a scalar, and two rows in turn with each
    flux computed twice. 32 blocks on 4096 signals of 1024.

call
    Seconds that a call of a loaded C kernel takes in Python above the same call through ctypes
    alone, for one signal of eight samples and one block: new array, ``out=``, in place.

The rivals of one figure run in turn (A B A B ...) within one process; a ratio is
the median over the rounds of the ratio within a round, so that a load from
elsewhere meets both. The last column is the largest difference of the results,
and how many samples differ by more than rounding: only the jump of the truncated
quadratic can turn one rounding into a different branch.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

BLOCKS = 32
SAMPLES = 1024
PARAMETERS = {"lam": 1.0, "theta": 0.5}
DTYPES = (np.float32, np.float64)
# More than the rounding of 32 blocks may make of one unit in the last place.
TOLERANCE = {"float32": 1e-4, "float64": 1e-11}

GOALS = {"import": 1.4, "cold": 1.2, "symbolic": 1.5, "cached": 1e-3, "numpy": 1.1, "c": 1.0, "call": 5e-6}


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


# --- the clock -------------------------------------------------------------------------------------------------------


def in_turn(rounds: int, *actions: Callable[[], Any]) -> np.ndarray:
    """Seconds of each action in each round, shape (actions, rounds); one round before them is not counted."""
    times = np.empty((len(actions), rounds))
    for number in range(-1, rounds):
        for index, action in enumerate(actions):
            start = time.perf_counter()
            action()
            if number >= 0:
                times[index, number] = time.perf_counter() - start
    return times


def fresh(*arguments: str) -> str:
    """Run a fresh interpreter, with bytecode as an installed package has it, and return what it prints."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings).stdout


# --- import, cold and symbolic ----------------------------------------------------------------------------------------


def measure_import(quick: bool) -> list[Row]:
    """`import symtrans` against `import sympy`."""
    ours, rival = in_turn(
        3 if quick else 15, lambda: fresh("-c", "import symtrans"), lambda: fresh("-c", "import sympy")
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
    (spent,) = in_turn(3 if quick else 9, lambda: fresh("-m", "symtrans.cli", "translate", "perona-malik"))
    remark = f"translate perona-malik; slowest {seconds(spent.max())}"
    return [Row("cold", median(spent), None, median(spent), GOALS["cold"], remark)]


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
    from symtrans import Kind, catalogue, certify, translate
    from symtrans.nonlinearity.kinds import KINDS

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


# --- signals and agreement -------------------------------------------------------------------------------------------


def signals(count: int, dtype: type) -> np.ndarray:
    """Steps with noise: differences on both sides of every threshold."""
    random = np.random.default_rng(0)
    levels = np.repeat(random.integers(-3, 4, (count, SAMPLES // 64)), 64, axis=1)
    return (levels + random.normal(0, 0.7, (count, SAMPLES))).astype(dtype)


def agreement(ours: np.ndarray, rival: np.ndarray) -> str:
    """How far two results are apart, in words."""
    difference = np.abs(ours.astype(float) - rival)
    beyond = np.mean(~(difference <= TOLERANCE[ours.dtype.name]))
    text = f"differ by {np.max(difference):.0e}"
    return text if not beyond else f"{text}, {100 * beyond:.2g} % of samples"


def compiled(name: str, target: str, dtype: type) -> tuple[Callable[..., np.ndarray], dict[str, float], float]:
    """The kernel of symtrans, its parameters and its time step."""
    from symtrans.catalogue import catalogue
    from symtrans.codegen.network import Network

    network = Network(catalogue[name], BLOCKS)
    kernel = network.compile(target, np.dtype(dtype).name)
    keys = [key for _, key, _ in network.code.parameters]
    return kernel, {key: PARAMETERS[key] for key in keys}, float(network.tau)


def table_3() -> tuple[str, ...]:
    from symtrans.catalogue import TABLE_3

    return TABLE_3


# --- hand-written NumPy ----------------------------------------------------------------------------------------------
# Each computes Phi(r) into `flux`; `r` may be overwritten, `spare` is scratch and `mask` is scratch of booleans.


def constant(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    flux[...] = r


def charbonnier(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.multiply(r, r, out=spare)
    spare *= 1 / PARAMETERS["lam"] ** 2
    spare += 1
    np.sqrt(spare, out=spare)
    np.divide(r, spare, out=flux)


def truncated_tv(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    bound = r.dtype.type(2**0.5 * PARAMETERS["theta"])
    np.clip(r, -bound, bound, out=flux)


def perona_malik(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.multiply(r, r, out=spare)
    spare *= -0.5 / PARAMETERS["lam"] ** 2
    np.exp(spare, out=spare)
    np.multiply(r, spare, out=flux)


def truncated_bfb(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.abs(r, out=spare)
    np.greater(spare, 2**0.5 * PARAMETERS["theta"], out=mask)
    flux[...] = r
    np.divide(2 * PARAMETERS["theta"] ** 2, r, out=flux, where=mask)


def truncated_quadratic(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.abs(r, out=spare)
    np.less_equal(spare, 2**0.5 * PARAMETERS["theta"], out=mask)
    # not r * mask, which is faster and makes NaN of an infinite difference
    flux.fill(0)
    np.copyto(flux, r, where=mask)


BY_HAND: dict[str, Callable[..., None]] = {
    function.__name__.replace("_", "-"): function
    for function in (constant, charbonnier, truncated_tv, perona_malik, truncated_bfb, truncated_quadratic)
}


def by_hand(f: np.ndarray, activation: Callable[..., None], tau: float) -> np.ndarray:
    """The same network as a good NumPy programmer writes it."""
    u = f.copy()
    r, spare = np.empty_like(u[:, 1:]), np.empty_like(u[:, 1:])
    mask = np.empty(r.shape, dtype=bool)
    flux = np.zeros((u.shape[0], u.shape[1] + 1), dtype=u.dtype)
    d = np.empty_like(u)
    for _ in range(BLOCKS):
        np.subtract(u[:, 1:], u[:, :-1], out=r)
        activation(r, flux[:, 1:-1], spare, mask)
        np.subtract(flux[:, 1:], flux[:, :-1], out=d)
        d *= tau
        u += d
    return u


def measure_numpy(quick: bool) -> list[Row]:
    """The generated NumPy kernel against hand-written NumPy."""
    rows = []
    for dtype in DTYPES:
        f = signals(256, dtype)
        for name in table_3():
            kernel, values, tau = compiled(name, "numpy", dtype)
            ours, rival = in_turn(
                3 if quick else 9,
                lambda kernel=kernel, f=f, values=values: kernel(f, **values),
                lambda name=name, f=f, tau=tau: by_hand(f, BY_HAND[name], tau),
            )
            remark = agreement(kernel(f, **values), by_hand(f, BY_HAND[name], tau))
            what = f"numpy {f.dtype.name} {name}"
            rows.append(Row(what, median(ours), median(rival), median(ours / rival), GOALS["numpy"], remark))
    return rows


# --- numba -----------------------------------------------------------------------------------------------------------

# Phi(r) as one expression; a and b are constants of the kernel's dtype, so that nothing is widened.
ACTIVATIONS: dict[str, tuple[Callable[..., Any], float, float]] = {
    "constant": (lambda r, a, b: r, 0.0, 0.0),
    "charbonnier": (lambda r, a, b: r / np.sqrt(b + a * r * r), 1 / PARAMETERS["lam"] ** 2, 1.0),
    "truncated-tv": (lambda r, a, b: min(max(r, b), a), 2**0.5 * PARAMETERS["theta"], -(2**0.5) * PARAMETERS["theta"]),
    "perona-malik": (lambda r, a, b: r * np.exp(a * r * r), -0.5 / PARAMETERS["lam"] ** 2, 0.0),
    "truncated-bfb": (
        lambda r, a, b: r if abs(r) <= a else b / r,
        2**0.5 * PARAMETERS["theta"],
        2 * PARAMETERS["theta"] ** 2,
    ),
    "truncated-quadratic": (lambda r, a, b: r if abs(r) <= a else b, 2**0.5 * PARAMETERS["theta"], 0.0),
}


def numba_loops(activation: Callable[..., Any]) -> dict[str, Callable[..., None]]:
    """Three fused loops, each (f, u, buffer, step, a, b): filters the rows of f into u."""
    from numba import njit

    # Without error_model="numpy" each division is checked for zero, and no loop with one vectorises.
    options: dict[str, Any] = {"fastmath": True, "error_model": "numpy"}
    phi = njit(inline="always", **options)(activation)

    @njit(**options)
    def buffered(f, u, buffer, step, a, b):  # type: ignore[no-untyped-def]
        samples = f.shape[1]
        for k in range(f.shape[0]):
            row = u[k]
            row[:] = f[k]
            for _ in range(BLOCKS):
                buffer[0] = 0
                for i in range(samples - 1):
                    buffer[i + 1] = phi(row[i + 1] - row[i], a, b)
                buffer[samples] = 0
                for i in range(samples):
                    row[i] += step * (buffer[i + 1] - buffer[i])

    @njit(**options)
    def carried(f, u, buffer, step, a, b):  # type: ignore[no-untyped-def]
        samples = f.shape[1]
        for k in range(f.shape[0]):
            row = u[k]
            row[:] = f[k]
            for _ in range(BLOCKS):
                left = step - step
                for i in range(samples - 1):
                    right = phi(row[i + 1] - row[i], a, b)
                    row[i] += step * (right - left)
                    left = right
                row[samples - 1] -= step * left

    @njit(**options)
    def alternating(f, u, buffer, step, a, b):  # type: ignore[no-untyped-def]
        samples = f.shape[1]
        for k in range(f.shape[0]):
            here, there = u[k], buffer
            here[:] = f[k]
            for _ in range(BLOCKS):
                there[0] = here[0] + step * phi(here[1] - here[0], a, b)
                for i in range(1, samples - 1):
                    right, left = phi(here[i + 1] - here[i], a, b), phi(here[i] - here[i - 1], a, b)
                    there[i] = here[i] + step * (right - left)
                there[samples - 1] = here[samples - 1] - step * phi(here[samples - 1] - here[samples - 2], a, b)
                here, there = there, here  # BLOCKS is even: the result ends in u

    return {"buffered": buffered, "carried": carried, "alternating": alternating}


def measure_c(quick: bool) -> list[Row]:
    """The C kernel against the fastest fused numba loop."""
    try:
        import numba
    except ImportError:
        print('c: skipped, numba is missing (pip install "symtrans[bench]")')
        return []
    del numba
    rows = []
    for dtype in DTYPES:
        f = signals(4096, dtype)
        out, other, buffer = np.empty_like(f), np.empty_like(f), np.empty(SAMPLES + 1, dtype)
        for name in table_3():
            kernel, values, tau = compiled(name, "c", dtype)
            activation, a, b = ACTIVATIONS[name]
            arguments = (f, other, buffer, dtype(tau), dtype(a), dtype(b))
            loops = numba_loops(activation)
            runs = [lambda loop=loop, arguments=arguments: loop(*arguments) for loop in loops.values()]
            times = in_turn(2, *runs)  # the round before them compiles
            best = list(loops)[int(np.argmin(np.min(times, axis=1)))]
            ours, rival = in_turn(
                3 if quick else 9,
                lambda kernel=kernel, f=f, out=out, values=values: kernel(f, out=out, **values),
                lambda loop=loops[best], arguments=arguments: loop(*arguments),
            )
            remark = f"numba {best}; {agreement(out, other)}"
            what = f"c {f.dtype.name} {name}"
            rows.append(Row(what, median(ours), median(rival), median(ours / rival), GOALS["c"], remark))
    return rows


# --- calls from Python ------------------------------------------------------------------------------------------------


CALLS = 2_000


def repeated(action: Callable[[], Any]) -> Callable[[], None]:
    """CALLS calls."""

    def run() -> None:
        for _ in range(CALLS):
            action()

    return run


def measure_call(quick: bool) -> list[Row]:
    """What Python adds to a call of a kernel, at a size where nothing else counts."""
    import ctypes

    from symtrans.catalogue import catalogue
    from symtrans.codegen.network import Network
    from symtrans.runtime.c_compiler import shared_library

    rows = []
    for name in ("constant", "perona-malik"):
        network = Network(catalogue[name], 1)
        kernel, source = network.compile("c", "float32"), network.source("c", "float32")
        values = {key: PARAMETERS[key] for _, key, _ in network.code.parameters}
        f, out = np.ones((1, 8), np.float32), np.empty((1, 8), np.float32)
        library = shared_library(dict(source), defines=("WITHOUT_VJP",))
        alone = getattr(library, next(file for file in source if file.endswith(".c"))[:-2])
        alone.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_size_t] * 2 + [ctypes.c_float] * len(values)
        alone.restype = None
        addresses = (f.ctypes.data, out.ctypes.data, 1, 8, *values.values())
        ways: dict[str, Callable[[], Any]] = {
            "new": lambda kernel=kernel, f=f, values=values: kernel(f, **values),
            "out=": lambda kernel=kernel, f=f, out=out, values=values: kernel(f, out=out, **values),
            "in place": lambda kernel=kernel, f=f, values=values: kernel(f, out=f, **values),
        }
        direct = repeated(lambda alone=alone, addresses=addresses: alone(*addresses))
        times = in_turn(5 if quick else 15, direct, *map(repeated, ways.values())) / CALLS
        for way, each in zip(ways, times[1:], strict=True):
            above = float(median(each - times[0]))
            rows.append(
                Row(
                    f"call {name} {way}",
                    float(median(each)),
                    None,
                    above,
                    GOALS["call"],
                    f"ctypes alone {seconds(float(median(times[0])))}",
                )
            )
    return rows


MEASURES: dict[str, Callable[[bool], list[Row]]] = {
    "import": measure_import,
    "cold": measure_cold,
    "symbolic": measure_symbolic,
    "cached": measure_cached,
    "numpy": measure_numpy,
    "c": measure_c,
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


if __name__ == "__main__":
    sys.exit(main())
