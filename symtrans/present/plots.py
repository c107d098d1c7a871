"""Pictures (extra "plot": matplotlib): curves of a family, and a filtered signal."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from symtrans.catalogue.family import Family
from symtrans.errors import MissingPackageError, NonlinearityError
from symtrans.language.symbols import keyword_of, no_parameter
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS
from symtrans.present.curves import Curve, curve_of, named_breaks
from symtrans.present.latex_printer import latex
from symtrans.runtime.public import public
from symtrans.runtime.whole_files import write_whole
from symtrans.schemes import EXPLICIT
from symtrans.schemes.grid import Grid
from symtrans.stability.evidence import Bound
from symtrans.stability.prose import short_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from symtrans.codegen.network import Network

_POINTS = 1201
# of M. Okabe and K. Ito: told apart by the colour-blind; the styles tell five and four apart in print without colour
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000")
_STYLES = ("solid", "dashed", "dashdot", "dotted")
_MOST_TICKS = 60
_MOST_ROWS = 256  # of the picture of a scale space
_ABOVE_BREAKS: Mapping[str, float] = MappingProxyType({"y": 1.0, "pad": 18.0})
"""Where a title stands: all of a row at one height, whether or not breaks have names above their curves."""

_MAX_MIN = EXPLICIT.rule(EXPLICIT.required)
_NONE: Mapping[str, float] = MappingProxyType({})


def _subplots(rows: int, columns: int, size: tuple[float, float], listed: bool = True) -> np.ndarray:
    """Axes of a new figure; one that pyplot has `listed` is shown by a notebook, and by plt.show()."""
    try:
        if listed:
            from matplotlib import pyplot

            figure = pyplot.figure(figsize=size, layout="constrained")
        else:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure

            figure = Figure(figsize=size, layout="constrained")
            FigureCanvasAgg(figure)
    except ImportError:
        raise MissingPackageError.of("a picture", "matplotlib", "plot") from None
    axes: np.ndarray = figure.subplots(rows, columns, squeeze=False)
    return axes


def _given(ax: Any, rows: int, columns: int, size: tuple[float, float]) -> np.ndarray:
    """The axes that were given, or those of a new figure, in one row."""
    axes = np.ravel(np.asarray(_subplots(rows, columns, size) if ax is None else ax))
    if len(axes) != rows * columns:
        raise NonlinearityError(f"{len(axes)} axes were given; {rows * columns} axes are needed")
    return axes


def _title(kind: type[Kind]) -> str:
    return f"{kind.__name__.lower()} ${kind.latex_letter}$"


def plot_families(families: Iterable[Family], parameters: Mapping[str, float], extent: float | None = None) -> "Figure":
    """Table 2: the four curves of each family, a row a family.

    Parameters
    ----------
    families : iterable of Family
    parameters : mapping
        Values by keyword; any that is missing is 1.
    extent : float, optional
        Curves are drawn for -extent <= r <= extent; without it each is scaled by itself.
    """
    families = list(families)
    axes = _subplots(len(families), 4, (11, 2.4 * len(families)), listed=False)
    for family, row in zip(families, axes, strict=True):
        for axis in row[len(family.forms) :]:
            axis.set_axis_off()
        for form, axis in zip(family.forms, row, strict=False):
            _draw(axis, form, parameters, extent)
            axis.set_title(f"{family.called}: {type(form).__name__}".removeprefix(": "), fontsize=9, **_ABOVE_BREAKS)
    return axes[0, 0].figure  # type: ignore[no-any-return]


def plot_family(
    family: Family,
    ax: Any = None,
    columns: Sequence[type[Kind]] = KINDS,
    extent: float | None = None,
    parameters: Mapping[str, float] = _NONE,
) -> np.ndarray:
    """The curves of one family side by side; see `Family.plot`."""
    _known([family], parameters)
    if not columns or any(kind not in KINDS for kind in columns):
        raise NonlinearityError(f"columns = {columns!r} must list some of {', '.join(kind.__name__ for kind in KINDS)}")
    axes = _given(ax, 1, len(columns), (2.8 * len(columns), 2.5))
    for kind, axis in zip(columns, axes, strict=True):
        _draw(axis, family.to(kind), parameters, extent)
        axis.set_title(_title(kind), fontsize=10, **_ABOVE_BREAKS)
    return axes


def compare(
    family: Family,
    others: Sequence[Family],
    kind: type[Kind],
    ax: "Axes | None" = None,
    extent: float | None = None,
    parameters: Mapping[str, float] = _NONE,
) -> "Axes":
    """One form of several families in one picture; see `Family.compare`."""
    families = (family, *others)
    _known(families, parameters)
    if kind not in KINDS:
        raise NonlinearityError(f"kind = {kind!r} is none of {', '.join(kind.__name__ for kind in KINDS)}")
    axis: Axes = _given(ax, 1, 1, (5.5, 3.5))[0]
    forms = [family.to(kind) for family in families]
    if extent is None:
        extent = max(curve_of(form, parameters).extent for form in forms)
    _draw_zero(axis)
    for k, (family, form) in enumerate(zip(families, forms, strict=True)):
        colour, style = _COLOURS[k % len(_COLOURS)], _STYLES[k % len(_STYLES)]
        _trace(axis, curve_of(form, parameters, extent), colour, family.called or short_formula(form), style)
    axis.set_xlabel(f"${latex(forms[0].variable, forms[0].variable)}$")
    axis.set_title(_title(kind), fontsize=10)
    _legend_beside(axis)
    return axis


def _known(families: Sequence[Family], parameters: Mapping[str, float]) -> None:
    known = {keyword_of(symbol) for family in families for symbol in (*family.parameters, *family.tau.free_symbols)}
    for name in parameters.keys() - known:
        others = frozenset[str]().union(*(family.source.names.others for family in families))
        raise no_parameter(name, sorted(known), others)


def _draw(axis: "Axes", form: Kind, parameters: Mapping[str, float], extent: float | None) -> None:
    curve = curve_of(form, parameters, extent)
    _draw_zero(axis)
    _trace(axis, curve, "tab:blue")
    axis.set_xlabel(f"${latex(form.variable, form.variable)}$", fontsize=8)
    axis.tick_params(labelsize=7)
    _mark_breaks(axis, curve)


def _legend_beside(axis: "Axes") -> None:
    """A legend beside the picture: it covers no curve, wherever that runs."""
    axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)


def _legend_above(axis: "Axes") -> None:
    """A legend in a line above a wide picture: it covers no curve either."""
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.2}
    axis.legend(fontsize=8, frameon=False, ncols=len(axis.lines), **place)


def _draw_zero(axis: "Axes") -> None:
    for line in (axis.axhline, axis.axvline):
        line(0, color="0.8", linewidth=0.8)


def _trace(axis: "Axes", curve: Curve, colour: str, label: str | None = None, style: str = "solid") -> None:
    """The lines, and the dots at jumps: filled where the value is taken, open where it is not."""
    places, heights = curve.joined().T
    axis.plot(places, heights, color=colour, linewidth=1.6, label=label, linestyle=style)
    for dots, face in ((curve.open, "white"), (curve.filled, colour)):
        if dots:
            places, heights = np.array(dots).T
            axis.scatter(places, heights, s=20, facecolors=face, edgecolors=colour, zorder=3)


def _mark_breaks(axis: "Axes", curve: Curve) -> None:
    """Small ticks above, with the names of the breaks at r > 0; of a spline, dots at its knots."""
    if curve.knots:
        axis.plot(*np.transpose(curve.knots), ".", color="tab:blue", markersize=4)
    if curve.knots or len(curve.breaks) > _MOST_TICKS:
        return
    places = [side * place for place, _ in curve.breaks for side in (-1, 1)]
    names = {place: f"${name}$" for place, name in named_breaks(curve)}
    axis.xaxis.remove_overlapping_locs = False  # a break may lie on a tick of the scale
    axis.set_xticks(places, [names.get(place, "") for place in places], minor=True)
    axis.tick_params("x", which="minor", bottom=False, labelbottom=False, top=True, labeltop=True, labelsize=7)


def plot_filtered(noisy: np.ndarray, filtered: np.ndarray, clean: np.ndarray | None, title: str) -> "Figure":
    """The signal before and after, one above the other; the clean one behind where it is known."""
    above, below = np.ravel(_subplots(2, 1, (9, 5), listed=False))
    for axis, signal, name, colour in ((above, noisy, "input", "tab:gray"), (below, filtered, "filtered", "tab:blue")):
        if clean is not None:
            axis.plot(clean, color="tab:orange", linewidth=1.0, label="without noise")
        axis.plot(signal, color=colour, linewidth=0.9, label=name)
        _legend_above(axis)
        axis.set_xlim(0, max(1, len(signal) - 1))
        axis.tick_params(labelsize=8)
    above.figure.suptitle(title, fontsize=10)
    below.set_xlabel("sample", fontsize=9)
    return above.figure  # type: ignore[no-any-return]


def plot_pictures(images: Mapping[str, np.ndarray], title: str) -> "Figure":
    """Images side by side, on one scale of grey unless they have three colours."""
    axes = np.ravel(_subplots(1, len(images), (4.2 * len(images), 4.4), listed=False))
    first = next(iter(images.values()))
    low, high = float(first.min()), float(first.max())
    for axis, (name, image) in zip(axes, images.items(), strict=True):
        if image.shape[2:] == (3,):
            axis.imshow(np.clip((image - low) / (high - low or 1), 0, 1), interpolation="nearest")
        else:
            grey = image if image.ndim == 2 else image.mean(axis=-1)
            axis.imshow(grey, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        axis.set_title(name, fontsize=9)
        axis.set_axis_off()
    figure: Figure = axes[0].figure
    figure.suptitle(title, fontsize=10)
    return figure


@public
def plot_filter(signal: Any, network: "Network", ax: Any = None, **parameters: float) -> np.ndarray:
    """Draw a signal before and after a network, and below it the scale space: the signal after every block.

    Parameters
    ----------
    signal : array_like, shape (N,)
    network : Network
    ax : two Axes, optional
        For the signals and for the scale space; else a new figure of pyplot.
    **parameters : float
        What the kernel of the network is given.

    Returns
    -------
    ndarray of Axes, shape (2,)

    Examples
    --------
    >>> from symtrans import Network, catalogue
    >>> axes = plot_filter([0.0, 1.0, 0.0, 2.0], Network(catalogue["perona-malik"], 50), lam=1.0)  # doctest: +SKIP
    """
    given = np.asarray(signal, dtype=float)
    if given.ndim != 1 or not given.size or not np.all(np.isfinite(given)):
        raise NonlinearityError(f"a signal of shape {given.shape} is not drawn; give finite samples in one dimension")
    rows = _scale_space(given, network, parameters)
    axes = _given(ax, 2, 1, (8, 5))
    above, below = axes
    above.plot(given, color="tab:gray", linewidth=0.9, label="input")
    above.plot(rows[-1], color="tab:blue", linewidth=1.3, label=f"after {network.blocks} blocks")
    above.set_xlim(-0.5, len(given) - 0.5)
    _legend_above(above)
    image = below.imshow(
        rows,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        extent=(-0.5, len(given) - 0.5, 0, network.blocks),
    )
    below.set_xlabel("sample")
    below.set_ylabel("blocks")
    below.figure.colorbar(image, ax=below, label="u")
    return axes


def _scale_space(signal: np.ndarray, network: "Network", parameters: Mapping[str, Any]) -> np.ndarray:
    """The signal after 0, ..., all blocks, at most `_MOST_ROWS` of them evenly apart."""
    depths = np.linspace(0, network.blocks, min(network.blocks, _MOST_ROWS - 1) + 1).round().astype(int)
    kernels = {int(n): network.with_blocks(int(n)).compile("numpy") for n in np.unique(np.diff(depths))}
    rows = [signal]
    for count in np.diff(depths):
        rows.append(kernels[int(count)](rows[-1], **parameters))
    return np.array(rows)


@public
def plot_stability(
    family: Family,
    ax: "Axes | None" = None,
    tau: float | None = None,
    h: float = 1.0,
    extent: float | None = None,
    **parameters: float,
) -> "Axes":
    """Draw where the max-min principle holds: for which time steps tau, and slopes r of the signal.

    The signal (r h, 0, r h) keeps its range in one step just when 0 <= tau g(r)/h² <= 1/2; the
    coloured region is where it does. Up to the dashed line, the certificate's bound, it holds for all signals.
    The cross is a witness: a signal that breaks the principle, verified exactly.

    Parameters
    ----------
    family : Family
    ax : Axes, optional
        Else a new figure of pyplot.
    tau : float, optional
        The time step of the witness; else a quarter above the bound.
    h : float
        The grid size.
    extent : float, optional
        Draw for 0 < r <= extent; else chosen by the breaks and the witness.
    **parameters : float
        By keyword; any that is missing is 1.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from symtrans import catalogue
    >>> axis = plot_stability(catalogue["perona-malik"], tau=0.8, lam=2.0)  # doctest: +SKIP
    """
    _known([family], parameters)
    form = family.diffusivity
    values = {keyword_of(s): float(parameters.get(keyword_of(s), 1.0)) for s in family.parameters}
    bound = family.certificate.steps(h)["max_min_step"]
    step = _number(bound, form, values)
    usual = step if step is not None and 0 < step < np.inf else float(_MAX_MIN.limit(Grid.of(h)))
    tau = (1.25 * usual if step != 0 else usual) if tau is None else float(tau)
    witness = family.certificate.witness(tau, h, **values)
    place = None if witness is None else float(witness[0]) / h
    if extent is None:
        extent = max(curve_of(form, values).extent, 1.2 * place if place else 0.0)
    shown = 1.25 * max(2 * usual, tau)
    v = latex(form.variable, form.variable)
    places, largest = _largest_steps(form, values, h, extent)
    axis: Axes = _given(ax, 1, 1, (5.5, 3.8))[0]
    region = axis.fill_betweenx(places, 0, np.minimum(largest, shown), color="tab:blue", alpha=0.25, linewidth=0)
    region.set_label(f"(${v} h$, 0, ${v} h$) keeps its range")
    if step is not None and 0 < step < np.inf:
        equals = "=" if float(f"{step:.4g}") == step else "≈"
        words = rf"$\tau$ {equals} {step:.4g}: the bound for all signals ({bound.evidence.value})"
        axis.axvline(step, color="tab:blue", linestyle="dashed", linewidth=1.2, label=words)
    if place is not None:
        axis.plot([tau], [place], "x", color="tab:red", markersize=8, label=rf"witness at $\tau$ = {tau:.4g}")
    axis.set(xlim=(0, shown), ylim=(0, extent), xlabel=r"time step $\tau$")
    axis.set_ylabel(f"${v}$")
    _legend_beside(axis)
    return axis


def _number(bound: Bound, form: Kind, values: Mapping[str, float]) -> float | None:
    """The value of a bound for these parameters; None if it is unknown."""
    if bound.value is None:
        return None
    numbers = {symbol: sp.Rational(value) for symbol, value in form.bind(values).items()}
    inner = form.names.inward(bound.value)
    return float(inner.subs(numbers))


def _largest_steps(form: Kind, values: Mapping[str, float], h: float, extent: float) -> tuple[np.ndarray, np.ndarray]:
    """Places r > 0 and, at each, the largest tau for which (r h, 0, r h) keeps its range."""
    numbers = form.bind(values)
    breaks = np.array([float(b.subs(numbers)) for b in form.half.breaks])
    beside = np.concatenate([breaks * (1 - 1e-9), breaks * (1 + 1e-9)])  # a jump is an edge, not a slope
    places = np.union1d(np.linspace(extent / _POINTS, extent, _POINTS), beside[beside < extent])
    with np.errstate(all="ignore"):
        g = form(places, **values)
        limit = float(_MAX_MIN.limit(Grid.of(h)))
        return places, np.where(g > 0, limit / g, np.where(g == 0, np.inf, 0.0))


def check_name(path: str | Path) -> None:
    """Refuse a name that no picture can be written to."""
    if Path(path).suffix.lower() not in (".png", ".pdf", ".svg"):
        raise NonlinearityError(f"{path} does not end in .png, .pdf or .svg")


def save(figure: "Figure", path: str | Path) -> None:
    """Write a picture; the format follows the suffix (png, pdf, svg)."""
    import matplotlib

    check_name(path)
    data = io.BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42, "ps.fonttype": 42}):  # publishers refuse fonts of Type 3
        figure.savefig(data, format=Path(path).suffix[1:].lower(), dpi=130)
    write_whole(Path(path), data.getvalue())
