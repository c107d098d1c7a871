"""A spline of 101 uniform knots, looked up, beside Perona-Malik's formula: forward, and the gradient by all knots."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import symtrans as st
from benchmarks.cases import CASES, Workload, signal
from benchmarks.clock import in_turn

_KNOTS, _LAST = 101, 5.0


@dataclass(frozen=True)
class Spline:
    """Nanoseconds for one sample and step in float32: formula, table, and its gradient by all knots."""

    workload: str
    formula: float
    table: float
    gradient: float

    def line(self) -> str:
        """For the terminal."""
        return (
            f"spline of {_KNOTS} knots, {self.workload}: {self.table:.3g} ns, {self.table / self.formula:.2f} "
            f"times Perona-Malik; gradient by all knots {self.gradient:.3g} ns, {self.gradient / self.table:.2f} times "
            "forward"
        )


def splines(load: Workload, rounds: int) -> Spline:
    """The least of the rounds, in which the three run in turn."""
    knots = np.linspace(0, _LAST, _KNOTS)
    found = st.Activation.from_knots(knots, knots * np.exp(-(knots**2) / 2), tail="constant")
    formula, looked_up = (
        st.Network(given, load.blocks, tau="1/4").compile("c", "float32") for given in (CASES[0].nonlinearity, found)
    )
    u = signal(load.shape, "float32")
    out, ones = np.empty_like(u), np.ones_like(u)
    times = in_turn(
        rounds,
        lambda: formula(u, out=out, **CASES[0].parameters),
        lambda: looked_up(u, out=out),
        lambda: looked_up.vjp(u, ones),
    )
    return Spline(load.name, *(1e9 * times.min(axis=1) / load.sample_steps))


def table(rows: Sequence[Spline]) -> str:
    """Markdown."""
    if not rows:
        return ""
    lines = [
        f"\n## A spline of {_KNOTS} uniform knots, float32\n",
        "Looked up in C, beside the formula of Perona-Malik, and the gradient by all knots and the signal, which runs",
        "forwards, too; the least of the rounds.\n",
        "| | Perona-Malik | spline | spline / Perona-Malik | gradient | gradient / spline |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        figures = f"{row.formula:.3g} | {row.table:.3g} | {row.table / row.formula:.2f} | {row.gradient:.3g}"
        lines.append(f"| {row.workload} | {figures} | {row.gradient / row.table:.2f} |")
    return "\n".join(lines) + "\n"
