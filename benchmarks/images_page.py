"""The part of docs/performance.md on images and volumes, from figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.image_cases import Images

HEADING = "\n# Images and volumes\n"
_OURS = ("C", "C, adjoint")
_TOOLS = ("MedPy", "ITK", "OpenCV")  # which do something else


@dataclass(frozen=True)
class Row:
    """One diffusivity and workload: nanoseconds for one sample and step, by rival, and of the machine."""

    name: str
    workload: str
    figures: dict[str, float]
    arithmetic: float | None
    stream: float | None
    threads: float | None

    @property
    def best_peer(self) -> tuple[str, float] | None:
        """The fastest that does the same and is not symtrans."""
        others = {name: value for name, value in self.figures.items() if name not in (*_OURS, *_TOOLS)}
        return min(others.items(), key=lambda item: item[1]) if others else None

    @property
    def ours(self) -> float:
        """What the peers are held against: with gradients the adjoint."""
        return self.figures.get("C, adjoint", self.figures["C"])

    @property
    def ratios(self) -> dict[str, str]:
        """By the head of a column."""
        c, best = self.figures["C"], self.best_peer
        found = {}
        if self.arithmetic is not None:
            found["C / arithmetic"] = f"{c / self.arithmetic:.2f}"
        if self.stream is not None:
            found["C / pass in place"] = f"{c / self.stream:.2f}"
        if "C, adjoint" in self.figures:
            found["adjoint / C"] = f"{self.figures['C, adjoint'] / c:.2f}"
        if best is not None:
            found["best peer / C"] = f"{best[1] / self.ours:.2f} ({best[0]})"
        if self.threads is not None:
            found["one thread / two"] = f"{self.threads:.2f}"
        return found

    def line(self) -> str:
        """For the terminal."""
        figures = ", ".join(f"{name} {value:.3g}" for name, value in self.figures.items())
        limits = "".join(
            f", {name} {value:.3g}" for name, value in (("arithmetic", self.arithmetic), ("pass", self.stream)) if value
        )
        ratios = "; ".join(f"{name} {value}" for name, value in self.ratios.items())
        return f"{self.workload} {self.name}: {figures}{limits} ns; {ratios}"


def part(rows: Sequence[Row], loads: Sequence[Images], rounds: int, missing: Sequence[str], remark: str) -> str:
    """Markdown."""
    lines = [HEADING, _INTRODUCTION.format(rounds=rounds)]
    lines += [f"- **{load.name}**: {load.words()}" for load in loads]
    if remark:
        lines.append(f"\n{remark}")
    if missing:
        lines.append(f"\nNot installed or not asked for in this run: {', '.join(missing)}.")
    for load in loads:
        chosen = [row for row in rows if row.workload == load.name]
        if chosen:
            lines += [f"\n## {load.name}\n", *_table(chosen)]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[Row]) -> list[str]:
    figures = list(dict.fromkeys(name for row in rows for name in row.figures))
    ratios = list(dict.fromkeys(name for row in rows for name in row.ratios))
    lines = ["| " + " | ".join(["diffusivity", *figures, "arithmetic", "pass", *ratios]) + " |"]
    lines.append("|---" * (len(figures) + len(ratios) + 3) + "|")
    for row in rows:
        values = [row.figures.get(name) for name in figures] + [row.arithmetic, row.stream]
        texts = ["-" if value is None else f"{value:.3g}" for value in values]
        lines.append("| " + " | ".join([row.name, *texts, *(row.ratios.get(name, "-") for name in ratios)]) + " |")
    return lines


_INTRODUCTION = """Written by `python -m benchmarks images --write`; edit `benchmarks/images_page.py`, not this part.
Coupled, float32, spacing 1, reflecting ends; nanoseconds for one sample and step, one thread unless a column says two.
All rivals of a row ran in turn in one process, {rounds} rounds (what takes over 4 seconds once, before them), and each
figure is the least: judge by ratios.

"C" is the kernel of symtrans called from Python with `out`, in I1 in place. "C, adjoint" is its vector-Jacobian
product, which runs the blocks forwards, too, with the gradient by the parameter. "numba" is a fused loop (fastmath,
buffers reused, g of a cell shared by its edges), in I5 an adjoint by hand with all states kept and no gradient by the
parameter; jax.jit, torch.compile and "NumPy, plain" take whole arrays. These do the same as symtrans and are checked
against it. The field's tools do other things: MedPy takes a g for each edge alone, ITK |grad u| at each edge with a
contrast relative to the mean slope, OpenCV (contrib) eight neighbours on 8 bits and three channels, of which each
counts as a sample. They run on the first image, two steps where others run more.

"arithmetic" is that of one level on aligned rows in the first cache: differences of a cell, squares, the kernel's own
g, means, flows and their sum (`benchmarks/image_limits.py`). "pass" is one pass over memory in place.
"""
