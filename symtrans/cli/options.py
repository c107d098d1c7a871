"""What the words on the command line mean: options that several commands share, and how they become values."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from symtrans.cli import completion
from symtrans.errors import NonlinearityError
from symtrans.runtime.budgets import DEFAULT_BUDGET

if TYPE_CHECKING:
    from symtrans.catalogue.reading import Reading
    from symtrans.schemes.grid import Grid


class KindName(StrEnum):
    """The four kinds."""

    diffusivity = "diffusivity"
    regulariser = "regulariser"
    shrinkage = "shrinkage"
    activation = "activation"


Nonlinearity = Annotated[
    str,
    typer.Argument(metavar="NONLINEARITY", help="A family's name, or a formula.", autocompletion=completion.families),
]
Kind = Annotated[KindName | None, typer.Option("--kind", "-k", help="What the formula is.", case_sensitive=False)]
Variable = Annotated[str | None, typer.Option("--variable", help="The variable, if it is not called r.")]
Tau = Annotated[str | None, typer.Option("--tau", help="Time step: a number, a fraction or a name.")]
GridSize = Annotated[
    str, typer.Option("--h", help="Grid size: a number, a fraction or a name; of images and volumes one an axis: 1,1.")
]
Coupling = Annotated[
    str | None,
    typer.Option("--coupling", help="isotropic: cells share g(|grad u|); separable: edges do not."),
]
Channels = Annotated[
    bool, typer.Option("--channels", help="The axis before those of --h holds channels, which share g.")
]
Scheme = Annotated[
    str,
    typer.Option("--scheme", help="explicit, semi-implicit, fsi or implicit.", autocompletion=completion.schemes),
]
Cycle = Annotated[int | None, typer.Option("--cycle", help="Steps of a block of the scheme fsi.", min=1)]
Time = Annotated[
    str | None, typer.Option("--time", help="The diffusion time to stop at, instead of --blocks or --tau.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Give a parameter a value.", autocompletion=completion.assignments
    ),
]
Target = Annotated[str, typer.Option("--target", "-t", help="The language.", autocompletion=completion.targets)]
Dtype = Annotated[str, typer.Option("--dtype", help="float64 or float32.", autocompletion=completion.dtypes)]
Boundary = Annotated[
    str, typer.Option("--boundary", help="reflecting or periodic.", autocompletion=completion.boundaries)
]
Assume = Annotated[
    list[str] | None,
    typer.Option("--assume", metavar="INEQUALITY", help='What holds of the parameters, such as "a < b".'),
]
Unstable = Annotated[bool, typer.Option("--unstable", help="Accept a step that is not stable.")]
Plain = Annotated[bool, typer.Option("--plain", help="Formulas on one line, as they are entered, at a terminal too.")]
Name = Annotated[
    str | None, typer.Option("--name", help='What it is called; of several formulas each has its own: "mine = r/2".')
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LatexIn = Annotated[bool, typer.Option("--latex-in", help="The formula is LaTeX.")]
Budget = Annotated[float, typer.Option("--budget", help="Seconds to spend on proofs.", min=0.0)]


def reading_of(
    what: str,
    kind: KindName | None = None,
    variable: str | None = None,
    tau: str | None = None,
    latex_in: bool = False,
    name: str = "",
    budget: float = DEFAULT_BUDGET,
    assume: list[str] | None = None,
) -> "Reading":
    """What is meant by a name, or by a formula with its kind."""
    from symtrans.catalogue.reading import KindMissing, read

    try:
        return read(
            what, kind, variable=variable, tau=tau, latex=latex_in, assume=assume or (), name=name, budget=budget
        )
    except KindMissing as error:
        raise NonlinearityError(f"{error} with --kind diffusivity, regulariser, shrinkage or activation") from None


_NAMED = re.compile(r"\s*([^=<>!(|\\]+?)\s*=(?!=)(.*)", re.DOTALL)


def named_reading_of(
    what: str,
    kind: KindName | None,
    variable: str | None = None,
    tau: str | None = None,
    latex_in: bool = False,
    name: str = "",
    assume: list[str] | None = None,
) -> "Reading":
    """A family of the catalogue, or the user's own formula, which may have a name in front ("mine = r/(1 + r^2)")."""
    from symtrans.catalogue import catalogue

    if what in catalogue or (kind is None and not latex_in):
        return reading_of(what, tau=tau, name=name, assume=assume)
    match = _NAMED.fullmatch(what)
    own, formula = (match[1], match[2]) if match else ("", what)
    return reading_of(formula, kind, variable, tau, latex_in, name or own, assume=assume)


def name_for(nonlinearities: Sequence[str], name: str | None) -> str:
    """The name given by ``--name``, which one nonlinearity can have."""
    if name and len(nonlinearities) > 1:
        raise NonlinearityError(
            f"--name {name} is the name of one nonlinearity, and here are {len(nonlinearities)}; "
            'write each name in front of its formula, as in "mine = r/(1 + r^2)"'
        )
    return name or ""


def grid_of(h: str, boundary: str | None = None, coupling: str | None = None, channels: bool = False) -> "Grid":
    """The grid of sizes as they were typed, with commas between those of several axes."""
    from symtrans.schemes.grid import Grid

    sizes = with_commas(h, "--h")
    if not all(size.strip() for size in sizes):
        raise NonlinearityError(f"--h {h!r} lacks a grid size: give one number an axis, as in --h 1,1")
    return coupled(Grid.of(sizes if len(sizes) > 1 else h, boundary, coupling, channels), coupling)


def coupled(grid: "Grid", coupling: str | None) -> "Grid":
    """The grid, unless a coupling was asked for and there is nothing to couple."""
    if coupling is not None and grid.dimensions == 1 and not grid.channels:
        raise NonlinearityError(f"--coupling {coupling} says how axes and channels are coupled, and here is one axis")
    return grid


def with_commas(text: str, option: str) -> tuple[str, ...]:
    """Numbers with commas between them; 1x1 and 1;1 are slips of typing, no products."""
    if re.fullmatch(r"\s*[\d.]+\s*[xX×;:]\s*[\d.].*", text):
        raise NonlinearityError(f"{option} {text!r}: numbers of several axes have commas between them, as in 1,1")
    return tuple(text.split(","))


def refuse_both(first: str, second: str, what: str) -> NoReturn:
    """Refuse two wishes of which one would be passed over in silence."""
    raise NonlinearityError(f"{first} and {second} ask for {what}; leave one of them out")


def refuse_unknown(values: Iterable[str], known: Iterable[str], others: Iterable[str] = ()) -> None:
    """Refuse a value for what is no parameter, with near names; `others` are names that the literature has for some."""
    from symtrans.language.symbols import no_parameter

    known = sorted(known)
    for name in values:
        if name not in known:
            raise no_parameter(f"--set {name}", known, others)


def with_values(reading: "Reading", pairs: list[str] | None, *, always: bool = False) -> "Reading":
    """The values of ``--set`` put in, exactly: always, or where the formula cannot be cut into pieces without."""
    (found,) = each_with_values([reading], pairs, always=always)
    return found


def each_with_values(
    readings: Sequence["Reading"], pairs: list[str] | None, *, always: bool = False
) -> list["Reading"]:
    """The values of ``--set`` put into each of several that has the parameter; `always` as in `with_values`."""
    from symtrans.language.symbols import keyword_of

    assignments(pairs)  # which refuses two values for one
    given = {name: pair.partition("=")[2].strip() for pair in pairs or () for name in assignments([pair])}
    found, unknown, known, others = [], set(given), set[str](), set[str]()
    for reading in readings:
        kind = reading.nonlinearity
        symbols = {keyword_of(symbol): symbol for symbol in kind.parameters}
        own = kind.names.own_values(given)
        put_in = {name: value for name, value in given.items() if name in symbols or name not in own}
        unknown &= own.keys() - symbols.keys()
        known |= symbols.keys()
        others |= kind.names.others
        changed = put_in and (always or not kind.is_settled)
        found.append(replace(reading, nonlinearity=kind.subs(put_in)) if changed else reading)
    if always:
        refuse_unknown(sorted(unknown), known, others)
    return found


def assignments(pairs: list[str] | None) -> dict[str, float]:
    """The values of ``--set NAME=VALUE``, by keyword."""
    values: dict[str, float] = {}
    for pair in pairs or []:
        name, equals, number = pair.partition("=")
        keyword = keyword_typed(name)
        if keyword in values:
            raise NonlinearityError(f"--set {pair}: {keyword} has a value already; give it one")
        try:
            values[keyword] = float(Fraction(number) if "/" in number else number)
        except (ValueError, ZeroDivisionError):
            equals = ""
        if not (equals and name.strip()):
            raise NonlinearityError(f"--set {pair} is not of the form NAME=NUMBER, such as --set lam=0.5")
    return values


def own_values(readings: Iterable["Reading"], pairs: list[str] | None) -> dict[str, float]:
    """The values of ``--set``, by the parameters' own names where some came by others of the literature."""
    given = assignments(pairs)
    return {key: float(value) for one in readings for key, value in one.nonlinearity.names.own_values(given).items()}


def keyword_typed(name: str) -> str:
    """The keyword of a parameter whose name was typed, such as lam for λ."""
    import sympy as sp

    from symtrans.language.symbols import keyword_of
    from symtrans.language.vocabulary import canonical_name

    return keyword_of(sp.Symbol(canonical_name(name.strip())))
