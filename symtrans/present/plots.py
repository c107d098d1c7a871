"""Pictures (extra "plot": matplotlib): curves of a family, and a filtered signal."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.families import Family
from symtrans.kinds import Kind
from symtrans.present.latex import latex

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 1201


def _figure(rows: int, columns: int, size: tuple[float, float]) -> "tuple[Figure, Any]":
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise NonlinearityError('plots need matplotlib; install it with: pip install "symtrans[plot]"') from None
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False)


def plot_families(families: Iterable[Family], parameters: Mapping[str, float], extent: float = 3.0) -> "Figure":
    """Table 2: the four curves of each family, a row a family.

    Parameters
    ----------
    families : iterable of Family
    parameters : mapping
        Values by keyword; any that is missing is 1.
    extent : float
        Curves are drawn for -extent <= r <= extent.
    """
    families = list(families)
    figure, axes = _figure(len(families), 4, (11, 2.4 * len(families)))
    for family, row in zip(families, axes, strict=True):
        for form, axis in zip(family.forms, row, strict=True):
            _draw(axis, form, parameters, extent)
            axis.set_title(f"{family.name}: {type(form).__name__}".removeprefix(": "), fontsize=9)
    return figure


def _draw(axis: "Axes", form: Kind, parameters: Mapping[str, float], extent: float) -> None:
    from symtrans.names import keyword_of

    values = {keyword_of(s): float(parameters.get(keyword_of(s), 1.0)) for s in form.parameters}
    numbers = form.bind(values)
    breaks = [0.0, *(float(b.subs(numbers)) for b in form.half.breaks)]
    sides = np.unique([side * b for b in breaks for side in (1, -1) if b < extent])
    gap = 1e-9 * extent
    places = np.union1d(np.linspace(-extent, extent, _POINTS), np.concatenate([sides - gap, sides, sides + gap]))
    heights = form(places, **values)
    heights[~np.isfinite(heights)] = np.nan
    before, after = form(sides - gap, **values), form(sides + gap, **values)
    # a jump is a gap in the curve, not a steep line
    heights[np.isin(places, sides[np.abs(after - before) > 1e-6])] = np.nan
    axis.axhline(0, color="0.8", linewidth=0.8)
    axis.axvline(0, color="0.8", linewidth=0.8)
    axis.plot(places, heights, color="tab:blue", linewidth=1.6)
    axis.set_xlabel(f"${latex(form.variable, form.variable)}$", fontsize=8)
    axis.tick_params(labelsize=7)


def plot_filtered(noisy: np.ndarray, filtered: np.ndarray, clean: np.ndarray | None, title: str) -> "Figure":
    """The signal before and after, one above the other; the clean one behind where it is known."""
    figure, axes = _figure(2, 1, (9, 5))
    for axis, signal, name, colour in (
        (axes[0, 0], noisy, "input", "tab:gray"),
        (axes[1, 0], filtered, "filtered", "tab:blue"),
    ):
        if clean is not None:
            axis.plot(clean, color="tab:orange", linewidth=1.0, label="without noise")
        axis.plot(signal, color=colour, linewidth=0.9, label=name)
        axis.legend(loc="upper right", fontsize=8, frameon=False)
        axis.set_xlim(0, max(1, len(signal) - 1))
        axis.tick_params(labelsize=8)
    axes[0, 0].set_title(title, fontsize=10)
    axes[1, 0].set_xlabel("sample", fontsize=9)
    return figure


def save(figure: "Figure", path: str | Path) -> None:
    """Write a picture; the format follows the suffix (png, pdf, svg)."""
    target = Path(path)
    if target.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise NonlinearityError(f"{target} does not end in .png, .pdf or .svg")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.stem}.part{target.suffix}")
    figure.savefig(aside, dpi=130)
    aside.replace(target)
