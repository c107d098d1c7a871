"""Commands on signals: filter one, and say what happened to it."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symtrans.cli import completion, options
from symtrans.cli.options import (
    coupled,
    keyword_typed,
    own_values,
    reading_of,
    refuse_unknown,
    with_commas,
    with_values,
)
from symtrans.cli.output import PipeClosed, echo, echo_json, echo_table, notice, working
from symtrans.cli.recordings import (
    ChunksOption,
    InChunks,
    ResumeOption,
    SchedulerOption,
    WorkersOption,
    denoise_in_chunks,
)
from symtrans.errors import NonlinearityError, RowsWarning

if TYPE_CHECKING:
    import numpy as np

    from symtrans.catalogue.reading import Reading
    from symtrans.codegen.network import Network
    from symtrans.schemes.grid import Grid
    from symtrans.signals.images import Axes


def denoise(
    signal: Annotated[
        str,
        typer.Argument(
            metavar="SIGNAL",
            help="An image in .png, .tif or .jpg; a signal in .npy, .npz, .csv, .tsv, .txt, .dat, .wav, .mat, .h5 or "
            ".edf, an array in .zarr, also at a URL, - for stdin, or: ecg",
            autocompletion=completion.signals,
        ),
    ],
    nonlinearity: Annotated[
        str,
        typer.Option("--with", "-w", help="A family's name, or a formula.", autocompletion=completion.families),
    ] = "perona-malik",
    kind: options.Kind = None,
    variable: options.Variable = None,
    latex_in: options.LatexIn = False,
    assume: options.Assume = None,
    blocks: Annotated[int | None, typer.Option("--blocks", help="Residual blocks; 32 without --time.", min=1)] = None,
    tau: options.Tau = None,
    scheme: options.Scheme = "explicit",
    cycle: options.Cycle = None,
    time: options.Time = None,
    as_image: Annotated[bool, typer.Option("--image", help="A .npy holds an image or a volume, not signals.")] = False,
    spacing: Annotated[
        str | None, typer.Option("--spacing", help="Of the samples of an image: a number, or one an axis, as in 2,1,1.")
    ] = None,
    channel_axis: Annotated[
        int | None, typer.Option("--channel-axis", help="The axis of an array that holds colours: -1 is the last.")
    ] = None,
    coupling: options.Coupling = None,
    unstable: options.Unstable = False,
    assign: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Give a parameter a value; auto estimates a contrast parameter.",
            autocompletion=completion.assignments,
        ),
    ] = None,
    boundary: options.Boundary = "reflecting",
    target: Annotated[
        str | None,
        typer.Option(
            "--target", "-t", help="c, numpy or model; c where it can be had.", autocompletion=completion.targets
        ),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(
            "--dtype",
            help="float64 or float32; float64, or in chunks that of the file.",
            autocompletion=completion.dtypes,
        ),
    ] = None,
    noise: Annotated[float, typer.Option("--noise", help="Add Gaussian noise of this deviation first.", min=0)] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the noise.", min=0)] = 0,
    compare: Annotated[bool, typer.Option("--compare", help="C, NumPy and plain model side by side.")] = False,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the result to this file, - for stdout.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw input and result to this file.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="A column that is a signal, by number or title; a name in .npz, .mat."),
    ] = None,
    axis: Annotated[
        str | None,
        typer.Option("--axis", help="The column of time: number, title or none; row: along rows. Of arrays: the axis."),
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="What parts the columns of text: a character, tab or blank.")
    ] = None,
    decimal: Annotated[str | None, typer.Option("--decimal", help="The decimal sign of text: . or ,")] = None,
    gaps: Annotated[
        str | None, typer.Option("--gaps", help="Missing samples: fill draws lines across, split filters the parts.")
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option("--missing", help="Numbers or words that mark missing samples, as in -9999,ND; or: none."),
    ] = None,
    chunks: ChunksOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    resume: ResumeOption = False,
    as_json: options.Json = False,
) -> None:
    """Filter a signal, an image or a volume with a residual network, and say what happened to it.

    Files in .png, .tif and .jpg are images, those in .npy are with --image. Integers of images are scaled to 0 ... 1,
    and the values of --set and --noise are so, too. Arrays in .zarr are filtered from file to file, in chunks, and so
    are those in .npy with --chunks, --workers or --scheduler.
    """
    import numpy as np  # not before a signal is there: it takes a tenth of a second

    from symtrans.codegen.network import Network
    from symtrans.codegen.resemblance import misread
    from symtrans.codegen.targets import target_of
    from symtrans.signals.denoising import MODEL, best_target, parts, report_on, run_network
    from symtrans.signals.files import PIPE
    from symtrans.signals.signal import Layout
    from symtrans.signals.subjects import read_subject

    piped = output == PIPE  # the samples have stdout to themselves
    if piped and as_json:
        raise NonlinearityError("--json and --output - both ask for stdout; write one of them to a file")
    for written in (output, picture):
        if written and Path(written).is_file() and Path(signal).is_file() and Path(signal).samefile(written):
            raise NonlinearityError(
                f"{written} is the signal itself, which would be lost: give the result another name"
            )
    if picture is not None:
        from symtrans.present import plots

        plots.check_name(picture)
    if not np.isfinite(noise):
        raise NonlinearityError(f"--noise {noise} must be finite")
    asked = reading_of(nonlinearity, kind, variable, None, latex_in, assume=assume)
    estimated, assign = _estimated(assign)
    settled = with_values(asked, assign).nonlinearity
    layout = Layout(tuple(column or ()), axis, delimiter, decimal, gaps, missing)
    numbers = () if spacing is None else with_commas(spacing, "--spacing")
    sizes = numbers if len(numbers) > 1 else spacing

    def network_on(grid: "Grid") -> Network:
        return Network(
            settled,
            _BLOCKS if blocks is None and time is None else blocks,
            tau,
            grid,
            scheme=scheme,
            cycle=cycle,
            time=time,
            unstable="allow" if unstable else None,
            name=asked.identifier,
        )

    in_chunks = InChunks(chunks, workers, scheduler, resume)
    if in_chunks.is_asked(signal):
        whole = {"--noise": noise, "--compare": compare, "--picture": picture, "--set ...=auto": estimated}
        whole |= {"--column, --axis, --delimiter, --decimal, --gaps and --missing": layout != Layout()}
        network, report, words = denoise_in_chunks(
            signal,
            output,
            in_chunks,
            grid_of=lambda shape: _grid_in_chunks(shape, as_image, sizes, channel_axis, boundary, coupling),
            network_on=network_on,
            values_of=lambda network: _values(network, asked, assign, [])[0],
            target=target,
            dtype=dtype,
            is_image=as_image or sizes is not None or channel_axis is not None,
            refused=whole,
        )
        notice(words, as_json)
        _say(network, report, as_json)
        notice(f"wrote {output}", as_json)
        return
    if target == MODEL and dtype not in (None, "float64"):
        raise NonlinearityError(f"--dtype {dtype}: the model computes in float64")
    dtype = dtype or "float64"
    clean = read_subject(signal, layout, as_image, sizes, channel_axis, output)
    grid = coupled(clean.axes.grid(boundary, coupling), coupling)
    network = network_on(grid)
    rng = np.random.default_rng(seed)
    noisy = clean.samples + noise * rng.standard_normal(clean.samples.shape) if noise else clean.samples
    values, remarks = _values(network, asked, assign, estimated, noisy, clean.axes)
    targets: tuple[str, ...] = (target or best_target(network, dtype),)
    if compare:
        peers = ["numpy"] * target_of("numpy").covers(network.scheme.name, grid) + [MODEL]
        targets = tuple(dict.fromkeys((best_target(network, dtype), *peers)))
    for name in targets:  # what is wrong with them is found before anything is said
        run_network(network, name, dtype, noisy[tuple(slice(1) for _ in noisy.shape)], values)
    if not clean.is_picture and misread(noisy, grid):
        remarks.append("it looks like an image whose rows are filtered one by one; --image filters it as one")
    for remark in (*clean.remarks, *remarks):
        notice(remark, as_json or piped)
    with warnings.catch_warnings(), working("filtering", parts(network, noisy.size) * len(targets)) as step:
        warnings.simplefilter("ignore", RowsWarning)
        runs = {
            name: run_network(network, name, "float64" if name == MODEL else dtype, noisy, values, step)
            for name in targets
        }
    filtered = runs[targets[0]][0]
    report = report_on(clean.samples if noise else None, noisy, runs, clean.measures)
    words = ""
    if output is not None:  # before anything is said: whoever reads that may stop early, as head does
        try:
            words = clean.write(output, filtered)
        except BrokenPipeError:
            raise PipeClosed from None
    if not piped:
        _say(network, report, as_json)
    if output is not None:
        notice(f"wrote {'to stdout' if piped else output}{words and ': '}{words}", as_json or piped)
    if picture is not None:
        shown = {"without noise": clean.samples} if noise else {}
        _draw(clean.axes, {**shown, "input": noisy, "filtered": filtered}, clean.is_picture, picture, asked.called)
        notice(f"wrote {picture}", as_json or piped)


_BLOCKS = 32


def _estimated(assign: list[str] | None) -> tuple[list[str], list[str]]:
    """The keywords of parameters that are to be estimated, and what else was assigned."""
    pairs = [(pair, *pair.partition("=")[::2]) for pair in assign or ()]
    automatic = [name for _, name, value in pairs if value.strip() == "auto"]
    for name in automatic:
        if [keyword_typed(other) for _, other, _ in pairs].count(keyword_typed(name)) > 1:
            raise NonlinearityError(f"--set {name}=auto: {keyword_typed(name)} has a value already; give it one")
    return [keyword_typed(name) for name in automatic], [pair for pair, name, _ in pairs if name not in automatic]


def _grid_in_chunks(
    shape: tuple[int, ...], as_image: bool, spacing: Any, channel_axis: int | None, boundary: str, coupling: str | None
) -> "Grid":
    """That of signals along the last axis, or of an image or a volume."""
    from symtrans.signals.images import Axes

    if not (as_image or spacing is not None or channel_axis is not None):
        return coupled(Axes.of((1,)).grid(boundary, coupling), coupling)
    axes = Axes.of(shape, spacing, channel_axis)
    if axes.channel not in (None, 0):
        raise NonlinearityError(f"--channel-axis {channel_axis}: in chunks, channels stand on axis 0")
    return axes.grid(boundary, coupling)


def _values(
    network: "Network",
    asked: "Reading",
    assign: list[str],
    estimated: list[str],
    noisy: Any = None,
    axes: Any = None,
) -> tuple[dict[str, float], list[str]]:
    """The values of all parameters, and what is to be said of those that are estimated."""
    from symtrans.language.symbols import keyword_of
    from symtrans.signals.contrast import settled_contrast

    values = own_values([asked], assign)
    left = {keyword_of(symbol) for symbol in network.parameters}
    own = {keyword_of(symbol) for symbol in asked.nonlinearity.parameters}
    refuse_unknown([*values, *estimated], left | own, asked.nonlinearity.names.others)
    values = {name: value for name, value in values.items() if name in left}
    remarks = []
    for name in estimated:
        values[name] = settled_contrast(network.activation, name, values, noisy, axes)
        remarks.append(f"{name} = {values[name]:.4g}: Phi ceases to rise at the robust scale of the slopes")
    for name in (keyword_of(symbol) for symbol in network.activation.parameters):
        if name not in values:
            raise NonlinearityError(
                f"give a value to {name}, for example --set {name}=1; --set {name}=auto estimates a contrast parameter"
            )
    return values, remarks


_LINES = (
    ("minimum", "minimum", ".6g"),
    ("maximum", "maximum", ".6g"),
    ("sign changes", "sign_changes", "d"),
    ("mean", "mean", ".12g"),
    ("signal-to-noise (dB)", "snr_db", ".2f"),
    ("gain (dB)", "snr_gain_db", "+.2f"),
    ("peak signal-to-noise (dB)", "psnr_db", ".2f"),
    ("gain (dB)", "psnr_gain_db", "+.2f"),
    ("structural similarity", "ssim", ".4f"),
    ("time (ms)", "milliseconds", ".2f"),
    ("largest difference", "largest_difference", ".2g"),
)


def _say(network: "Network", report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        echo_json(report)
        return
    from symtrans.signals.signal import counted
    from symtrans.stability.prose import plain_formula

    tau, flux = network.written(network.tau), plain_formula(network.activation)
    scheme = "" if network.scheme.name == "explicit" else f"{network.scheme.name}, "
    phi = f"Phi({network.activation.variable}) = {flux}"
    echo(f"{counted(network.blocks, 'block')}, tau = {tau}, {scheme}{network.boundary}, {phi}")
    rows = [["", *report]]
    for title, key, form in _LINES:
        cells = [format(c[key], form) if c.get(key) is not None else "" for c in report.values()]
        if any(cells):
            rows.append([title, *cells])
    echo_table(rows, gap=3)


def _draw(axes: "Axes", shown: "dict[str, np.ndarray]", is_picture: bool, path: Path, name: str) -> None:
    from symtrans.present import plots  # not before a picture is asked for: it takes half a second

    title = f"Filtered with {name or 'a network of diffusion blocks'}"
    if is_picture:
        figure = plots.plot_pictures({word: axes.plane(samples) for word, samples in shown.items()}, title)
    else:
        rows = {word: samples.reshape(-1, samples.shape[-1])[0] for word, samples in shown.items()}
        figure = plots.plot_filtered(rows["input"], rows["filtered"], rows.get("without noise"), title)
    plots.save(figure, path)
