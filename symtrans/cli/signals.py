"""Commands on signals: filter one, and say what happened to it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symtrans.cli import completion
from symtrans.cli.options import (
    AssumeOption,
    BoundaryOption,
    DtypeOption,
    JsonOption,
    KindOption,
    LatexInOption,
    SetOption,
    TargetOption,
    TauOption,
    UnstableOption,
    VariableOption,
    assignments,
    reading_of,
    refuse_unknown,
    with_values,
)
from symtrans.cli.output import PipeClosed, echo, echo_json, echo_table, notice, working
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import keyword_of
from symtrans.language.text_printer import plain
from symtrans.stability.prose import plain_formula

if TYPE_CHECKING:
    import numpy as np

    from symtrans.codegen.network import Network


def denoise(
    signal: Annotated[
        str,
        typer.Argument(
            metavar="SIGNAL",
            help="A .npy, .csv, .tsv, .txt, .dat, .wav, .mat, .h5 or .edf file, - for stdin, or: ecg",
            autocompletion=completion.signals,
        ),
    ],
    nonlinearity: Annotated[
        str,
        typer.Option("--with", "-w", help="A family's name, or a formula.", autocompletion=completion.families),
    ] = "perona-malik",
    kind: KindOption = None,
    variable: VariableOption = None,
    latex_in: LatexInOption = False,
    assume: AssumeOption = None,
    blocks: Annotated[int, typer.Option("--blocks", help="Residual blocks.", min=1)] = 32,
    tau: TauOption = None,
    unstable: UnstableOption = False,
    assign: SetOption = None,
    boundary: BoundaryOption = "reflecting",
    target: TargetOption = "c",
    dtype: DtypeOption = "float64",
    noise: Annotated[float, typer.Option("--noise", help="Add Gaussian noise of this deviation first.", min=0)] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the noise.", min=0)] = 0,
    compare: Annotated[bool, typer.Option("--compare", help="C, NumPy and plain model side by side.")] = False,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the result to this file, - for stdout.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw input and result to this file.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="A column that is a signal, by number or title; a name in .mat."),
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
    as_json: JsonOption = False,
) -> None:
    """Filter a signal with a residual network, and say what happened to it."""
    import numpy as np  # not before a signal is there: it takes a tenth of a second

    from symtrans.codegen.network import Network
    from symtrans.signals.denoising import parts, report_on, run_kernel, run_model
    from symtrans.signals.files import PIPE, check_output, read_signal, write_signal
    from symtrans.signals.signal import Layout

    piped = output == PIPE  # the samples have stdout to themselves
    if piped and as_json:
        raise NonlinearityError("--json and --output - both ask for stdout; write one of them to a file")
    if output is not None:
        check_output(output)
    if picture is not None:
        from symtrans.present import plots

        plots.check_name(picture)
    asked = reading_of(nonlinearity, kind, variable, None, latex_in, assume=assume)
    if not np.isfinite(noise):
        raise NonlinearityError(f"--noise {noise} must be finite")
    settled = with_values(asked, assign).nonlinearity
    allow = "allow" if unstable else None
    network = Network(settled, blocks, tau, boundary=boundary, unstable=allow, name=asked.identifier)
    values = assignments(assign)
    left = {keyword_of(symbol) for symbol in network.parameters}
    refuse_unknown(values, left | {keyword_of(symbol) for symbol in asked.nonlinearity.parameters})
    values = {name: value for name, value in values.items() if name in left}
    for name in (keyword_of(symbol) for symbol in network.activation.parameters):
        if name not in values:
            raise NonlinearityError(f"give a value to {name}, for example --set {name}=1")
    targets = ("c", "numpy") if compare else (target,)
    for name in targets:  # what is wrong with them is found before anything is said or done
        run_kernel(network, name, dtype, np.zeros(1), values)
    clean = read_signal(signal, Layout(tuple(column or ()), axis, delimiter, decimal, gaps))
    for remark in clean.remarks:
        notice(remark, as_json or piped)
    rng = np.random.default_rng(seed)
    noisy = clean.samples + noise * rng.standard_normal(clean.samples.shape) if noise else clean.samples
    with working("filtering", parts(network, noisy.size) * (len(targets) + compare)) as step:
        runs = {name: run_kernel(network, name, dtype, noisy, values, step) for name in targets}
        if compare:
            runs["model"] = run_model(network, noisy, values, step)
    filtered = runs[targets[0]][0]
    report = report_on(clean.samples if noise else None, noisy, runs)
    if as_json:
        echo_json(report)
    elif not piped:
        _print_report(network, report)
    if output is not None:
        try:
            words = write_signal(output, replace(clean, samples=filtered))
        except BrokenPipeError:
            raise PipeClosed from None
        notice(f"wrote {'to stdout' if piped else output}{words and ': '}{words}", as_json or piped)
    if picture is not None:
        _draw(clean.samples if noise else None, noisy, filtered, picture, asked.name)
        notice(f"wrote {picture}", as_json or piped)


_LINES = (
    ("minimum", "minimum", ".6g"),
    ("maximum", "maximum", ".6g"),
    ("sign changes", "sign_changes", "d"),
    ("mean", "mean", ".12g"),
    ("signal-to-noise (dB)", "snr_db", ".2f"),
    ("gain (dB)", "snr_gain_db", "+.2f"),
    ("time (ms)", "milliseconds", ".2f"),
    ("largest difference", "largest_difference", ".2g"),
)


def _print_report(network: "Network", report: dict[str, Any]) -> None:
    tau, flux = plain(network.tau), plain_formula(network.activation)
    echo(f"{network.blocks} blocks, tau = {tau}, {network.boundary}, Phi(r) = {flux}")
    rows = [["", *report]]
    for title, key, form in _LINES:
        cells = [format(c[key], form) if c.get(key) is not None else "" for c in report.values()]
        if any(cells):
            rows.append([title, *cells])
    echo_table(rows, gap=3)


def _draw(clean: "np.ndarray | None", noisy: "np.ndarray", filtered: "np.ndarray", path: Path, name: str) -> None:
    from symtrans.present import plots  # not before a picture is asked for: it takes half a second

    def first(samples: "np.ndarray") -> "np.ndarray":
        row: np.ndarray = samples.reshape(-1, samples.shape[-1])[0]
        return row

    title = f"Filtered with {name or 'a network of diffusion blocks'}"
    figure = plots.plot_filtered(first(noisy), first(filtered), None if clean is None else first(clean), title)
    plots.save(figure, path)
