"""The command line: translate, certify, table, plot, generate, denoise, check."""

import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import sympy as sp
import typer

from symtrans._version import __version__
from symtrans.calculus.budget import DEFAULT_BUDGET
from symtrans.catalogue import TABLE_3, catalogue
from symtrans.certificate import Certificate
from symtrans.codegen.network import Network
from symtrans.denoising import report_on, run_kernel, run_model
from symtrans.errors import CatalogueError, NonlinearityError, SymtransError
from symtrans.families import Family, translate
from symtrans.formulas import plain
from symtrans.kinds import KINDS, Kind, Shrinkage
from symtrans.names import keyword_of, quantity, time_step
from symtrans.parsing import canonical_name
from symtrans.present import latex, text
from symtrans.present.data import certificate_data, family_data
from symtrans.signals import Signal, read_signal, write_signal
from symtrans.words import explain, plain_formula

app = typer.Typer(
    name="symtrans",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="One nonlinearity as diffusivity, regulariser, shrinkage function and activation: translated, "
    "certified, tabulated, and compiled.\n\n"
    "A NONLINEARITY is the name of a family (`perona-malik`, `soft`, `huber`, ...) or a formula in r, such as "
    '`"exp(-r^2/(2 lambda^2))"` with `--kind diffusivity`.\n\n'
    "Exit status: 0 done; 1 the answer is no or unknown (`--require`, `check`); 2 wrong input.",
)


class KindName(StrEnum):
    """The four kinds."""

    diffusivity = "diffusivity"
    regulariser = "regulariser"
    shrinkage = "shrinkage"
    activation = "activation"


class Format(StrEnum):
    """Output formats of tables."""

    text = "text"
    markdown = "markdown"
    latex = "latex"


NonlinearityArgument = Annotated[str, typer.Argument(metavar="NONLINEARITY", help="A family's name, or a formula.")]
KindOption = Annotated[KindName | None, typer.Option("--kind", "-k", help="What the formula is.")]
VariableOption = Annotated[str | None, typer.Option("--variable", help="The variable, if it is not called r.")]
TauOption = Annotated[str | None, typer.Option("--tau", help="Time step: a number, a fraction or a name.")]
GridOption = Annotated[str, typer.Option("--h", help="Grid size: a number, a fraction or a name.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Give a parameter a value.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BudgetOption = Annotated[float, typer.Option("--budget", help="Seconds to spend on proofs.", min=0.0)]


_show_traceback = False


class _PipeClosed(Exception):
    """The reader of our output has gone."""


def _echo(text: str, nl: bool = True) -> None:
    try:
        typer.echo(text, nl=nl)
        sys.stdout.flush()
    except BrokenPipeError:
        raise _PipeClosed from None


def _version(wanted: bool) -> None:
    if wanted:
        _echo(f"symtrans {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    global _show_traceback
    _show_traceback = traceback


def main() -> None:
    """Entry point: errors of symtrans become one message on stderr and exit status 2."""
    try:
        app(standalone_mode=True)
    except SymtransError as error:
        if _show_traceback:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except _PipeClosed:  # `symtrans table | head` is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if _show_traceback:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


# ---------------------------------------------------------------------------
# Input


def _family(what: str, kind: KindName | None, variable: str | None, tau: str | None, budget: float) -> Family:
    if kind is None:
        try:
            family = catalogue[what]
        except CatalogueError as error:
            looks_like_formula = any(c in what for c in "()^*/|+") or what.strip() in ("r", "1")
            if looks_like_formula:
                raise NonlinearityError(
                    f"{what!r} is a formula: say what it is with --kind "
                    "diffusivity, regulariser, shrinkage or activation"
                ) from None
            raise error
        return family if tau is None else translate(family, tau, budget=budget, name=family.name)
    cls: type[Kind] = KINDS[[k.__name__.lower() for k in KINDS].index(kind.value)]
    if issubclass(cls, Shrinkage):
        nonlinearity: Kind = cls(what, variable=variable, **({"tau": tau} if tau is not None else {}))
    else:
        nonlinearity = cls(what, variable=variable)
    return translate(nonlinearity, tau, budget=budget)


def _assignments(pairs: list[str] | None) -> dict[str, float]:
    values: dict[str, float] = {}
    for pair in pairs or []:
        name, equals, number = pair.partition("=")
        try:
            values[keyword_of(sp.Symbol(canonical_name(name.strip())))] = float(number)
        except ValueError:
            equals = ""
        if not equals:
            raise NonlinearityError(f"--set {pair} is not of the form NAME=NUMBER, such as --set lam=0.5")
    return values


def _echo_json(data: Any) -> None:
    _echo(json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False))


def _finite(data: Any) -> Any:
    """JSON has no NaN and no infinity: they become null."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not np.isfinite(data) else data


# ---------------------------------------------------------------------------
# Commands


@app.command("translate")
def translate_command(
    nonlinearity: NonlinearityArgument,
    kind: KindOption = None,
    tau: TauOption = None,
    variable: VariableOption = None,
    as_latex: Annotated[bool, typer.Option("--latex", help="Print the row of the LaTeX table.")] = False,
    as_json: JsonOption = False,
    budget: BudgetOption = DEFAULT_BUDGET,
) -> None:
    """Print the four forms of a nonlinearity."""
    family = _family(nonlinearity, kind, variable, tau, budget)
    if as_json:
        _echo_json(family_data(family))
    elif as_latex:
        _echo(" & ".join(f"${latex.formula_latex(form)}$" for form in family.forms) + r" \\")
    else:
        _echo(f"{text.heading(family) if family.name else nonlinearity}, tau = {plain(family.tau)}")
        _echo(text.form_lines(family))


@app.command()
def certify(
    nonlinearity: NonlinearityArgument,
    kind: KindOption = None,
    variable: VariableOption = None,
    tau: TauOption = None,
    h: GridOption = "1",
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require",
            metavar="CLAIM",
            help="Exit with 1 unless this is proved: nonnegative, monotone, convex, continuous, "
            "or with --tau: max-min, sign, nonexpansive, energy.",
        ),
    ] = None,
    details: Annotated[bool, typer.Option("--details", help="Every statement with its evidence.")] = False,
    as_json: JsonOption = False,
    budget: BudgetOption = DEFAULT_BUDGET,
) -> None:
    """Say what is proved of a nonlinearity: bounds, verdicts, stable time steps."""
    if kind is KindName.shrinkage:
        family = _family(nonlinearity, kind, variable, tau, budget)
    else:
        family = _family(nonlinearity, kind, variable, None, budget)
    _check_claims(require or [], tau)
    certificate = family.certificate
    certificate.steps(h)  # a wrong grid size is an error whether or not it is used below
    if tau is not None:
        time_step(tau)
    if as_json:
        _echo_json(certificate_data(certificate, h))
    elif details:
        _echo(text.certificate_lines(certificate, quantity(h, "h")))
    else:
        _echo(explain(certificate))
    failed = [claim for claim in require or [] if not _holds(certificate, claim, tau, h)]
    for claim in failed:
        print(f"not proved: {claim}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


_STEPS = {
    "max-min": "max_min_step",
    "sign": "sign_step",
    "nonexpansive": "nonexpansive_step",
    "energy": "energy_step",
}


def _check_claims(claims: list[str], tau: str | None) -> None:
    """Refuse what cannot be asked before anything is printed."""
    for claim in claims:
        if claim not in (*text.VERDICTS, *_STEPS):
            raise NonlinearityError(f"--require {claim} is none of {', '.join((*text.VERDICTS, *_STEPS))}")
        if claim in _STEPS and tau is None:
            raise NonlinearityError(f"--require {claim} needs the time step: --tau 1/4")


def _holds(certificate: Certificate, claim: str, tau: str | None, h: str) -> bool:
    """Whether a claim is proved; anything short of that is False."""
    if claim in text.VERDICTS:
        return getattr(certificate, claim).value is True
    bound = certificate.steps(h)[_STEPS[claim]].value
    if bound is None:
        return False
    difference = bound - time_step(tau)
    return bool(difference.is_nonnegative)


@app.command()
def table(
    families: Annotated[
        list[str] | None, typer.Argument(metavar="[FAMILY]...", help="Names; none means the six of the paper.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="Output format.")] = Format.text,
    rules: Annotated[bool, typer.Option("--dictionary", help="Table 1: the twelve rules.")] = False,
    certificates: Annotated[bool, typer.Option("--certificates", help="What is proved of each family.")] = False,
    standalone: Annotated[bool, typer.Option("--standalone", help="LaTeX that compiles by itself.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All families of the catalogue.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print a table: the forms of families (Table 3), the dictionary (Table 1), or certificates."""
    if rules:
        _print_rules(form, standalone, as_json)
        return
    names = list(catalogue) if every else families or list(TABLE_3)
    chosen = [catalogue[name] for name in names]
    if as_json:
        _echo_json([{**family_data(f), "certificate": certificate_data(f.certificate, "1")} for f in chosen])
    elif certificates:
        printers: dict[Format, Callable[[], str]] = {
            Format.text: lambda: text.certificates_text(chosen),
            Format.markdown: lambda: text.certificates_markdown(chosen),
            Format.latex: lambda: latex.certificates_table(chosen, standalone),
        }
        _echo(printers[form]().rstrip("\n"))
    else:
        printers = {
            Format.text: lambda: text.families_text(chosen),
            Format.markdown: lambda: text.families_markdown(chosen),
            Format.latex: lambda: latex.families_table(chosen, standalone),
        }
        _echo(printers[form]().rstrip("\n"))


def _print_rules(form: Format, standalone: bool, as_json: bool) -> None:
    if as_json:
        from symtrans.dictionary import dictionary

        rules = [
            {"from": s.__name__.lower(), "to": t.__name__.lower(), "text": plain(rule.formula), "latex": rule.latex}
            for (s, t), rule in dictionary.items()
        ]
        _echo_json(rules)
    elif form is Format.latex:
        _echo(latex.rules_table(standalone).rstrip("\n"))
    else:
        _echo((text.rules_markdown() if form is Format.markdown else text.rules_text()).rstrip("\n"))


@app.command()
def plot(
    nonlinearities: Annotated[list[str], typer.Argument(metavar="NONLINEARITY...", help="Names, or one formula.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .png, .pdf or .svg file.")],
    kind: KindOption = None,
    variable: VariableOption = None,
    assign: SetOption = None,
    extent: Annotated[float, typer.Option("--extent", help="Draw for |r| up to this.", min=1e-9)] = 3.0,
) -> None:
    """Draw the curves of the four forms (Table 2); parameters that are not set are 1."""
    from symtrans.present import plots

    families = [_family(name, kind, variable, None, DEFAULT_BUDGET) for name in nonlinearities]
    values = _assignments(assign)
    known = {keyword_of(symbol) for family in families for symbol in family.parameters}
    for name in values.keys() - known:
        raise NonlinearityError(f"--set {name}: no such parameter; there are {', '.join(sorted(known)) or 'none'}")
    if not np.isfinite(extent):
        raise NonlinearityError(f"--extent {extent} must be finite")
    plots.save(plots.plot_families(families, values, extent), output)
    _echo(f"wrote {output}")


@app.command()
def generate(
    nonlinearity: NonlinearityArgument,
    kind: KindOption = None,
    blocks: Annotated[int, typer.Option("--blocks", help="Residual blocks.", min=1)] = 1,
    tau: TauOption = None,
    h: GridOption = "1",
    variable: VariableOption = None,
    boundary: Annotated[str, typer.Option("--boundary", help="reflecting or periodic.")] = "reflecting",
    target: Annotated[str, typer.Option("--target", "-t", help="c or numpy.")] = "c",
    dtype: Annotated[str, typer.Option("--dtype", help="float64 or float32.")] = "float64",
    unstable: Annotated[bool, typer.Option("--unstable", help="Accept a step that is not stable.")] = False,
    name: Annotated[str | None, typer.Option("--name", help="What files and functions are called.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A folder; else print the source.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Generate the source of a kernel: C or NumPy."""
    shrinkage = kind is KindName.shrinkage
    family = _family(nonlinearity, kind, variable, tau if shrinkage else None, DEFAULT_BUDGET)
    network = Network(family, blocks, tau, h, boundary, unstable="allow" if unstable else None, name=name)
    source = network.source(target, dtype)
    if as_json:
        _echo_json(dict(source))
    elif output is None:
        _echo("\n".join(source.values()).rstrip("\n"))
    else:
        for path in source.write(output):
            _echo(f"wrote {path}")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The folder of generated files.")] = Path("generated"),
    update: Annotated[bool, typer.Option("--update", help="Write the files anew.")] = False,
) -> None:
    """Compare generated files with what symtrans generates now; exit with 1 on any difference."""
    from symtrans import golden

    if update:
        _echo(f"wrote {golden.write(folder)} files to {folder}")
        return
    if not folder.is_dir():
        raise NonlinearityError(f"{folder} is not a folder; give the one with generated files")
    found = list(golden.differences(folder))
    for difference in found:
        _echo(difference, nl=False)
    if found:
        print(f"{len(found)} files differ; symtrans check {folder} --update writes them anew", file=sys.stderr)
        raise typer.Exit(1)
    _echo(f"{folder}: all generated files are as symtrans emits them")


@app.command()
def denoise(
    signal: Annotated[str, typer.Argument(metavar="SIGNAL", help="A .npy, .csv, .txt or .wav file, or: ecg")],
    nonlinearity: Annotated[str, typer.Option("--with", "-w", help="A family's name, or a formula.")] = "perona-malik",
    kind: KindOption = None,
    variable: VariableOption = None,
    blocks: Annotated[int, typer.Option("--blocks", help="Residual blocks.", min=1)] = 32,
    tau: TauOption = None,
    assign: SetOption = None,
    boundary: Annotated[str, typer.Option("--boundary", help="reflecting or periodic.")] = "reflecting",
    target: Annotated[str, typer.Option("--target", "-t", help="c or numpy.")] = "c",
    dtype: Annotated[str, typer.Option("--dtype", help="float64 or float32.")] = "float64",
    noise: Annotated[float, typer.Option("--noise", help="Add Gaussian noise of this deviation first.", min=0)] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the noise.", min=0)] = 0,
    compare: Annotated[bool, typer.Option("--compare", help="C, NumPy and plain model side by side.")] = False,
    output: Annotated[str | None, typer.Option("--output", "-o", help="Write the result to this file.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw input and result to this file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Filter a signal with a residual network, and say what happened to it."""
    family = _family(nonlinearity, kind, variable, None, DEFAULT_BUDGET)
    if not np.isfinite(noise):
        raise NonlinearityError(f"--noise {noise} must be finite")
    clean = read_signal(signal)
    rng = np.random.default_rng(seed)
    noisy = clean.samples + noise * rng.standard_normal(clean.samples.shape) if noise else clean.samples
    network = Network(family, blocks, tau, boundary=boundary)
    values = _assignments(assign)
    targets = ("c", "numpy") if compare else (target,)
    runs = {name: run_kernel(network, name, dtype, noisy, values) for name in targets}
    if compare:
        runs["model"] = run_model(network, noisy, values)
    filtered = runs[targets[0]][0]
    report = report_on(clean.samples if noise else None, noisy, runs)
    if as_json:
        _echo_json(report)
    else:
        _print_report(network, report)
    if output is not None:
        write_signal(output, Signal(filtered, clean.rate))
        _say(f"wrote {output}", as_json)
    if picture is not None:
        _draw(clean.samples if noise else None, noisy, filtered, picture, family)
        _say(f"wrote {picture}", as_json)


def _say(message: str, quiet: bool) -> None:
    print(message, file=sys.stderr if quiet else sys.stdout)


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


def _print_report(network: Network, report: dict[str, Any]) -> None:
    tau, flux = plain(network.tau), plain_formula(network.activation)
    _echo(f"{network.blocks} blocks, tau = {tau}, {network.boundary}, Phi(r) = {flux}")
    rows = [["", *report]]
    for title, key, form in _LINES:
        cells = [format(c[key], form) if c.get(key) is not None else "" for c in report.values()]
        if any(cells):
            rows.append([title, *cells])
    _echo(text.aligned(rows, gap=3))


def _draw(clean: np.ndarray | None, noisy: np.ndarray, filtered: np.ndarray, path: Path, family: Family) -> None:
    from symtrans.present import plots

    def first(samples: np.ndarray) -> np.ndarray:
        row: np.ndarray = samples.reshape(-1, samples.shape[-1])[0]
        return row

    title = f"Filtered with {family.name or 'a network of diffusion blocks'}"
    figure = plots.plot_filtered(first(noisy), first(filtered), None if clean is None else first(clean), title)
    plots.save(figure, path)


if __name__ == "__main__":
    main()
