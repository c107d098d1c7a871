"""Filtering signals, images and volumes: in one call, or timed, with a word on what happened to them."""

import time as clock
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from symtrans import models
from symtrans.catalogue.family import Family
from symtrans.catalogue.reading import KindMissing, read
from symtrans.codegen.network import Network
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import bind_parameters, keyword_of
from symtrans.nonlinearity.kind import Kind
from symtrans.runtime.lazy_arrays import is_lazy
from symtrans.runtime.public import public
from symtrans.schemes.grid import count_of
from symtrans.signals.arrays import given_back, relabelled, taken, unlabelled
from symtrans.signals.contrast import AUTO, settled_contrast
from symtrans.signals.images import Axes, as_floats, float_type
from symtrans.signals.measures import OF_SIGNALS, Measures

Run = Callable[[np.ndarray], np.ndarray]
"""Filters an array of whole signals."""

MODEL = "model"
"""The target that stands for the plain models of `symtrans.models`."""

_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("niter", "niters", "n_iter", "max_num_iter", "iterations"), "num_iter"),
    **dict.fromkeys(("voxelspacing", "h"), "spacing"),
    **{"gamma": "tau", "dt": "tau", "mode": "boundary", "multichannel": "channel_axis"},
}
"""What arguments of MedPy, OpenCV and scikit-image are called here."""

_LONG = 50_000_000  # sample-steps from which a run is cut into parts
_PARTS = 16


@public
def denoise(
    image: Any,
    nonlinearity: Family | Kind | str,
    *,
    num_iter: int | None = None,
    tau: Any = None,
    spacing: Any = None,
    channel_axis: int | None = None,
    scheme: str = "explicit",
    time: Any = None,
    boundary: str = "reflecting",
    coupling: str | None = None,
    cycle: int | None = None,
    target: str | None = None,
    unstable: str | None = None,
    **parameters: Any,
) -> Any:
    r"""Filter an image, a volume or a signal by nonlinear diffusion, in the conventions of scikit-image.

    Parameters
    ----------
    image : array_like, shape (N,), (N1, N2) or (N1, N2, N3), and one axis more for channels
        An array of NumPy, PyTorch, JAX, Dask, CuPy or of another library of the array API, or such with the labels of
        xarray or pandas, which the result has too; it is not changed. Integers
        of 8 and 16 bits are scaled as `skimage.img_as_float` does, to 0 ... 1, or -1 ... 1 if they have signs. One of
        Dask is filtered later and chunk by chunk, with the same bits (`symtrans.dask.filter`).
    nonlinearity : Family, Kind or str
        Any of the four kinds, or the name of a family.
    num_iter : int, optional
        The number of steps (of cycles, if the scheme is "fsi").
    tau : number, optional
        The time step; None takes the largest that is proved to keep the range, 1/4 for a diffusivity of at most 1 on
        two axes of spacing 1.
    spacing : number or tuple of numbers, optional
        How far samples lie apart along each spatial axis; 1 by default.
    channel_axis : int, optional
        The axis of colours or other channels, which share one gradient.
    scheme : {"explicit", "semi-implicit", "fsi", "implicit"}
    time : number, optional
        The diffusion time to stop at, instead of `num_iter` or of `tau`.
    boundary : {"reflecting", "periodic"}
    coupling : {"isotropic", "separable"}
        "separable" gives each difference a nonlinearity of its own.
    cycle : int, optional
        Steps of a cycle of the scheme "fsi".
    target : {"c", "numpy", "model"}, optional
        None takes C, and NumPy where C cannot be had, with a `FallbackWarning`; "model" is `symtrans.models`, which
        has the implicit scheme too.
    unstable : {None, "allow"}
        "allow" accepts a step that is not proved stable.
    **parameters : float, or "auto"
        The parameters of the nonlinearity by keyword. "auto" chooses a contrast parameter: Phi ceases to rise at the
        robust scale of \|∇u\| (`estimate_contrast`).

    Returns
    -------
    array
        Of the library, shape and order of axes of the image: float32 where that is float32 (or float16), else float64.

    Raises
    ------
    NonlinearityError
        If the image, its axes or a parameter do not fit.
    StabilityError
        If tau is above what is proved stable on so many axes.

    Examples
    --------
    >>> step = np.kron([[0.0, 1.0]], np.ones((4, 3))) + 0.05 * np.cos(7 * np.arange(24.0).reshape(4, 6))
    >>> filtered = denoise(step, "perona-malik", num_iter=20, lam=0.2, target="numpy")
    >>> filtered.round(1)[0]
    array([0., 0., 0., 1., 1., 1.])
    """
    if isinstance(nonlinearity, str):
        try:
            nonlinearity = read(nonlinearity).family
        except KindMissing as error:
            raise NonlinearityError(f"{error}, as in symtrans.Diffusivity({nonlinearity!r})") from None
    entered = nonlinearity.source if isinstance(nonlinearity, Family) else nonlinearity
    parameters = entered.names.own_values(parameters) if isinstance(entered, Kind) else parameters
    own = {*map(keyword_of, entered.parameters)} if isinstance(entered, Kind) else set[str]()
    for name in parameters:
        if name in _ELSEWHERE and name not in own:
            raise NonlinearityError(f"{name} is called {_ELSEWHERE[name]} here")
    if num_iter is None and time is None:
        raise NonlinearityError("say how much: num_iter, the number of steps, or time, the diffusion time to stop at")
    num_iter = None if num_iter is None else count_of(num_iter, "num_iter")
    if None not in (num_iter, time, tau):
        raise NonlinearityError(
            f"num_iter = {num_iter!r}, time = {time!r} and tau = {tau!r} are one too many: leave one out"
        )
    labelled, image = image, unlabelled(image)
    samples = image if is_lazy(image) else taken(image)
    as_floats(np.empty((0,), samples.dtype))  # of the types that are refused
    axes = Axes.of(samples.shape, spacing, channel_axis)
    estimated = [name for name, value in parameters.items() if isinstance(value, str) and value == AUTO]
    values = {name: value for name, value in parameters.items() if name not in estimated}
    if isinstance(nonlinearity, Kind) and not nonlinearity.is_settled:
        own = {keyword_of(symbol) for symbol in nonlinearity.parameters}
        nonlinearity = nonlinearity.subs({name: value for name, value in values.items() if name in own})
        values = {name: value for name, value in values.items() if name not in own}
    network = Network(
        nonlinearity,
        num_iter,
        tau,
        axes.grid(boundary, coupling),
        scheme=scheme,
        cycle=cycle,
        time=time,
        unstable=unstable,
    )
    precision = float_type(samples.dtype)
    chosen = target or (MODEL if network.scheme.name == "implicit" else None)

    if is_lazy(image):
        if estimated:
            raise NonlinearityError(
                f'{estimated[0]}="auto" looks at a whole image, and of an array of Dask each chunk is seen by itself: '
                "give a number; estimate_contrast tells one of a part that fits into memory, image[:1000].compute()"
            )
        return relabelled(_in_chunks(image, network, chosen, precision, values, axes), labelled)

    def run(block: np.ndarray) -> np.ndarray:
        floats = as_floats(block)
        known = dict(values)
        for name in estimated:
            known[name] = settled_contrast(network.activation, name, values, floats, axes)
        return axes.back(filter_of(network, chosen, precision, known)(axes.before(floats)))

    return relabelled(given_back(run(samples), image), labelled)


def _in_chunks(
    image: Any, network: Network, target: str | None, dtype: str, values: Mapping[str, Any], axes: Axes
) -> Any:
    """An array of Dask, filtered later with the bits that it has in one piece."""
    from symtrans.dask.filtering import checked, filter

    if target == MODEL and any(count > 1 for count in checked(image).numblocks):
        raise NonlinearityError(
            f"the {network.scheme.name} scheme runs as a plain model here, which needs the image in one piece: "
            "image.rechunk(-1), or another scheme or target"
        )
    samples: Any = axes.before(checked(image).map_blocks(_floats, dtype=dtype, meta=np.empty((0,) * image.ndim, dtype)))
    if target == MODEL:
        filtered = samples.map_blocks(filter_of(network, target, dtype, values), dtype=dtype, meta=samples._meta)
    else:
        filtered = filter(samples, network.compile(target, dtype), **values)
    return filtered if axes.channel is None else np.moveaxis(filtered, 0, axes.channel)


def _floats(block: np.ndarray, block_info: Any = None) -> np.ndarray:
    return as_floats(block, [start for start, _ in block_info[0]["array-location"]])


# ---------------------------------------------------------------------------
# What runs a network


def best_target(network: Network, dtype: str) -> str:
    """What runs a network if nothing is asked for: what `Network.compile` takes; the model if it is implicit."""
    return MODEL if network.scheme.name == "implicit" else network.compile(dtype=dtype).target


def filter_of(network: Network, target: str | None, dtype: str, values: Mapping[str, Any]) -> Run:
    """A network as a function of arrays: a kernel, or the plain model."""
    if target == MODEL:
        return model_of(network, values)
    kernel = network.compile(target, dtype)
    return lambda u: kernel(u, **values)


def model_of(network: Network, values: Mapping[str, Any]) -> Run:
    """The plain models, one step after the other."""
    bind_parameters(network.parameters, values, others=network.activation.names.others)
    tau = float(network.tau.subs({s: values[keyword_of(s)] for s in network.tau.free_symbols}))
    own = {keyword_of(s): values[keyword_of(s)] for s in network.activation.parameters}
    grid = network.grid
    sizes = tuple(map(float, grid.sizes)) if grid.dimensions > 1 else float(grid.sizes[0])
    on: dict[str, Any] = {"boundary": grid.boundary, "coupling": grid.coupling, "channels": grid.channels, **own}
    steps: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
        "explicit": lambda u: models.diffusion_step(u, network.activation, tau, sizes, **on),
        "semi-implicit": lambda u: models.semi_implicit_step(u, network.activation, tau, sizes, **on),
        "fsi": lambda u: models.fsi_cycle(u, network.activation, tau, network.cycle, sizes, **on),
        "implicit": lambda u: models.implicit_step(u, network.activation, tau, sizes, **on),
    }
    step = steps[network.scheme.name]

    def run(u: np.ndarray) -> np.ndarray:
        for _ in range(network.blocks):
            u = step(u)
        return u

    return run


# ---------------------------------------------------------------------------
# Timed runs


def parts(network: Network, samples: int) -> int:
    """Into how many parts of equally many blocks a run is cut, so that its progress can be shown."""
    if samples * network.blocks <= _LONG:
        return 1
    return max(count for count in range(1, _PARTS + 1) if network.blocks % count == 0)


def pieces(samples: np.ndarray) -> Iterator[np.ndarray]:
    """Views of what is filtered by itself: all at once, or what lies between the gaps (NaN) of each signal.

    Examples
    --------
    >>> [piece.tolist() for piece in pieces(np.array([1.0, 2.0, np.nan, 3.0]))]
    [[1.0, 2.0], [3.0]]
    """
    if not np.isnan(samples).any():
        yield samples
        return
    for row in samples.reshape(-1, samples.shape[-1]):
        edges = np.flatnonzero(np.diff(np.isnan(row), prepend=True, append=True))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            yield row[start:end]


def run_network(
    network: Network,
    target: str,
    dtype: str,
    noisy: np.ndarray,
    values: Mapping[str, float],
    advance: Callable[[], None] = lambda: None,
) -> tuple[np.ndarray, float]:
    """What a target makes of a signal, and in how many seconds; `advance` is called after each of the `parts`."""
    count = parts(network, noisy.size)
    run = filter_of(network.with_blocks(network.blocks // count), target, dtype, values)
    samples = noisy.astype(dtype, order="C")
    run(samples[tuple(slice(2) for _ in samples.shape)])  # compiled before the clock starts
    started = clock.perf_counter()
    for _ in range(count):
        for piece in pieces(samples):
            piece[...] = run(piece)
        advance()
    return samples, clock.perf_counter() - started


def report_on(
    clean: np.ndarray | None,
    noisy: np.ndarray,
    runs: Mapping[str, tuple[np.ndarray, float]],
    measures: Measures = OF_SIGNALS,
) -> dict[str, Any]:
    """Numbers about input and results, ready for JSON."""
    first = next(iter(runs.values()))[0]
    columns: dict[str, Any] = {}
    for name, samples in [("input", noisy), *((name, result) for name, (result, _) in runs.items())]:
        column: dict[str, Any] = {
            "minimum": float(np.nanmin(samples)),
            "maximum": float(np.nanmax(samples)),
            **{key: measure(samples) for key, measure in measures.alone.items()},
            "mean": float(np.nanmean(samples)),
        }
        if clean is not None:
            column |= {key: measure(clean, samples) for key, measure in measures.against.items()}
        if name != "input":
            gain = measures.ratio.replace("_db", "_gain_db")
            before, after = columns["input"].get(measures.ratio), column.get(measures.ratio)
            column[gain] = None if before is None or after is None else after - before
            column["milliseconds"] = 1000 * runs[name][1]
            column["largest_difference"] = float(np.nanmax(np.abs(samples - first)))
        columns[name] = column
    return columns
