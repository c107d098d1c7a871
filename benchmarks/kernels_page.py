"""The page docs/performance.md, from figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.cases import Workload

_OURS = ("C", "C alone", "NumPy, ours")
_FEATURES = ("avx512f", "avx2", "fma", "asimd", "sse4_2")


@dataclass(frozen=True)
class Cell:
    """One activation, workload and dtype: nanoseconds for one sample and step, by rival."""

    activation: str
    workload: str
    dtype: str
    figures: dict[str, float]
    limit: float | None

    @property
    def best_peer(self) -> tuple[str, float] | None:
        """The fastest that is not symtrans."""
        others = {name: value for name, value in self.figures.items() if name not in _OURS}
        return min(others.items(), key=lambda item: item[1]) if others else None

    def line(self) -> str:
        """For the terminal."""
        figures = ", ".join(f"{name} {value:.3g}" for name, value in self.figures.items())
        limit = f", limit {self.limit:.3g}" if self.limit else ""
        return f"{self.dtype} {self.workload} {self.activation}: {figures}{limit} ns"


@dataclass(frozen=True)
class Growth:
    """A figure over the number of blocks m or samples N."""

    variable: str
    size: int
    nanoseconds: float


def machine() -> str:
    """The processor by its instruction sets."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            flags = next((line for line in lines if line.startswith(("flags", "Features"))), "").split()
    except OSError:
        flags = []
    return ", ".join(name.upper() for name in _FEATURES if name in flags) or "unknown instruction sets"


def page(
    cells: Sequence[Cell],
    growth: Sequence[Growth],
    loads: Sequence[Workload],
    missing: Sequence[str],
    remark: str = "",
) -> str:
    """Markdown."""
    names = list(dict.fromkeys(name for cell in cells for name in cell.figures))
    parts = [_INTRODUCTION.format(machine=machine(), numpy=np.__version__)]
    parts += [
        f"- **{load.name}**: {load.blocks} step{'s' if load.blocks > 1 else ''} on {load.shape[0]} signal"
        f"{'s' if load.shape[0] > 1 else ''} of {load.shape[1]} samples"
        + (", forward and vector-Jacobian product, counted as one step together" if load.gradient else "")
        for load in loads
    ]
    if remark:
        parts.append(f"\n{remark}")
    if missing:
        parts.append(f"\nNot installed or not asked for in this run: {', '.join(missing)}.")
    for dtype in dict.fromkeys(cell.dtype for cell in cells):
        for load in loads:
            chosen = [cell for cell in cells if (cell.dtype, cell.workload) == (dtype, load.name)]
            if chosen:
                parts += [f"\n## {load.name}, {dtype}\n", *_table(chosen, names)]
    parts += _doubles(cells)
    for variable, title in (("m", "Growth with the number of blocks m"), ("N", "Growth with the number of samples N")):
        rows = [row for row in growth if row.variable == variable]
        if rows:
            parts += [f"\n## {title}\n", "Perona-Malik, float32, C kernel: nanoseconds for one sample and step.\n"]
            parts += [f"| {variable} | " + " | ".join(str(row.size) for row in rows) + " |"]
            parts += ["|---" * (len(rows) + 1) + "|"]
            parts += ["| ns | " + " | ".join(f"{row.nanoseconds:.3f}" for row in rows) + " |"]
    return "\n".join(parts) + "\n"


def _doubles(cells: Sequence[Cell]) -> list[str]:
    """How much longer the C kernels take for doubles, which are twice as large, than for floats."""
    times = {(cell.activation, cell.workload, cell.dtype): cell.figures["C"] for cell in cells}
    names, loads = (list(dict.fromkeys(key[k] for key in times)) for k in (0, 1))
    if not {"float32", "float64"} <= {key[2] for key in times}:
        return []
    lines = [
        "\n## float64 over float32, C kernels\n",
        f"| activation | {' | '.join(loads)} |",
        "|---" * (len(loads) + 1) + "|",
    ]
    for name in names:
        ratios = (times[name, load, "float64"] / times[name, load, "float32"] for load in loads)
        lines.append(f"| {name} | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |")
    return lines


_INTRODUCTION = """# Performance

Written by `make bench` (`python -m benchmarks kernels --write`); edit `benchmarks/kernels_page.py`, not this page.
Nanoseconds for one sample and step, one thread, {machine}; NumPy {numpy}. All rivals of a row ran in turn in one
process, and each figure is the median of 7 rounds. Judge by ratios, which move less than the figures when the machine
is busy.

"C" and "NumPy, ours" are kernels of symtrans, called from Python. "NumPy, plain" is what one writes with `np.diff`;
"numba" the fastest of three fused loops (fastmath, buffers reused), in W5 an adjoint by hand; the others are compiled
by their library. All take lambda or theta when they run, JAX also folded in, if that is faster; "-" where a call takes
over ten seconds. "C alone" is the same kernel called without Python's part. W1 works in place with C, numba and our
NumPy. In W5 all but numba give the gradient by the parameter too. The limit is the arithmetic of one time level on
independent samples in the first cache, as the compiler vectorises it or with the kernel's own flux, whichever is faster
(`benchmarks/limits.py`), and in W1 at least the in-place bandwidth.
"""


def _table(cells: Sequence[Cell], names: Sequence[str]) -> list[str]:
    used = [name for name in names if any(name in cell.figures for cell in cells)]
    head = ["activation", *used, "limit", "C / limit", "best peer / C"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for cell in cells:
        c, best = cell.figures["C"], cell.best_peer
        values = [f"{cell.figures[name]:.3g}" if name in cell.figures else "-" for name in used]
        limit = [f"{cell.limit:.3g}", f"{c / cell.limit:.2f}"] if cell.limit else ["-", "-"]
        peer = f"{best[1] / c:.2f} ({best[0]})" if best else "-"
        lines.append("| " + " | ".join([cell.activation, *values, *limit, peer]) + " |")
    return lines
