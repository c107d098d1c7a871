"""What the words on the command line mean: options that several commands share, and how they become values."""

from enum import StrEnum
from typing import Annotated

import sympy as sp
import typer

from symtrans.catalogue import catalogue
from symtrans.catalogue.family import Family, translate
from symtrans.cli import completion
from symtrans.errors import CatalogueError, NonlinearityError
from symtrans.language.latex_lexer import LatexText, head_of
from symtrans.language.symbols import keyword_of
from symtrans.language.text_parser import canonical_name
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS, Shrinkage


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
TargetOption = Annotated[str, typer.Option("--target", "-t", help="c or numpy.", autocompletion=completion.targets)]
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


def family_of(
    what: str, kind: KindName | None, variable: str | None, tau: str | None, budget: float, latex_in: bool = False
) -> Family:
    """The family that a name, or a formula with its kind, stands for."""
    if latex_in and kind is None:
        kind = _kind_of_head(what)
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
    formula = LatexText(what) if latex_in else what
    if issubclass(cls, Shrinkage):
        nonlinearity: Kind = cls(formula, variable=variable, **({"tau": tau} if tau is not None else {}))
    else:
        nonlinearity = cls(formula, variable=variable)
    return translate(nonlinearity, tau, budget=budget)


def _kind_of_head(latex: str) -> KindName:
    r"""The kind that a head such as ``\Phi(r) =`` tells."""
    head = head_of(latex)
    letters = {kind.letter: KindName(kind.__name__.lower()) for kind in KINDS}
    if head is None or head.function not in letters:
        raise NonlinearityError(
            f"'{latex}': say what it is with --kind, or begin with its letter, such as "
            r"'\Phi(r) = \tanh(r)' (g, \Psi, S or \Phi)"
        )
    return letters[head.function]


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
