"""What the words on the command line mean: options that several commands share, and how they become values."""

from enum import StrEnum
from typing import Annotated

import sympy as sp
import typer

from symtrans.catalogue.reading import KindMissing, Reading, read
from symtrans.cli import completion
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import keyword_of
from symtrans.language.vocabulary import canonical_name
from symtrans.runtime.budgets import DEFAULT_BUDGET


class KindName(StrEnum):
    """The four kinds."""

    diffusivity = "diffusivity"
    regulariser = "regulariser"
    shrinkage = "shrinkage"
    activation = "activation"


NonlinearityArgument = Annotated[
    str,
    typer.Argument(metavar="NONLINEARITY", help="A family's name, or a formula.", autocompletion=completion.families),
]
KindOption = Annotated[KindName | None, typer.Option("--kind", "-k", help="What the formula is.")]
VariableOption = Annotated[str | None, typer.Option("--variable", help="The variable, if it is not called r.")]
TauOption = Annotated[str | None, typer.Option("--tau", help="Time step: a number, a fraction or a name.")]
GridOption = Annotated[str, typer.Option("--h", help="Grid size: a number, a fraction or a name.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Give a parameter a value.", autocompletion=completion.assignments
    ),
]
TargetOption = Annotated[str, typer.Option("--target", "-t", help="The language.", autocompletion=completion.targets)]
DtypeOption = Annotated[str, typer.Option("--dtype", help="float64 or float32.", autocompletion=completion.dtypes)]
BoundaryOption = Annotated[
    str, typer.Option("--boundary", help="reflecting or periodic.", autocompletion=completion.boundaries)
]
PlainOption = Annotated[
    bool, typer.Option("--plain", help="Formulas on one line, as they are entered, at a terminal too.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LatexInOption = Annotated[bool, typer.Option("--latex-in", help="The formula is LaTeX.")]
BudgetOption = Annotated[float, typer.Option("--budget", help="Seconds to spend on proofs.", min=0.0)]


def reading_of(
    what: str,
    kind: KindName | None = None,
    variable: str | None = None,
    tau: str | None = None,
    latex_in: bool = False,
    name: str = "",
    budget: float = DEFAULT_BUDGET,
) -> Reading:
    """What is meant by a name, or by a formula with its kind."""
    try:
        return read(what, kind, variable=variable, tau=tau, latex=latex_in, name=name, budget=budget)
    except KindMissing as error:
        raise NonlinearityError(f"{error} with --kind diffusivity, regulariser, shrinkage or activation") from None


def assignments(pairs: list[str] | None) -> dict[str, float]:
    """The values of ``--set NAME=VALUE``, by keyword."""
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
