"""Commands that write several families down: tables and curves."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from symtrans.calculus.budget import DEFAULT_BUDGET
from symtrans.catalogue import TABLE_3, catalogue
from symtrans.cli import completion
from symtrans.cli.options import (
    JsonOption,
    KindOption,
    LatexInOption,
    PlainOption,
    SetOption,
    VariableOption,
    assignments,
    family_of,
)
from symtrans.cli.output import echo, echo_forms, echo_json, echo_table, echo_title, one_by_one
from symtrans.errors import NonlinearityError
from symtrans.families import Family
from symtrans.formulas import plain
from symtrans.names import keyword_of
from symtrans.present import latex, text
from symtrans.present.data import certificate_data, family_data


class Format(StrEnum):
    """Output formats of tables."""

    text = "text"
    markdown = "markdown"
    latex = "latex"


def table(
    families: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FAMILY]...",
            help="Names; none means the six of the paper.",
            autocompletion=completion.families,
        ),
    ] = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="Output format.")] = Format.text,
    rules: Annotated[bool, typer.Option("--dictionary", help="Table 1: the twelve rules.")] = False,
    certificates: Annotated[bool, typer.Option("--certificates", help="What is proved of each family.")] = False,
    standalone: Annotated[bool, typer.Option("--standalone", help="LaTeX that compiles by itself.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All families of the catalogue.")] = False,
    plainly: PlainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print a table: the forms of families (Table 3), the dictionary (Table 1), or certificates."""
    if rules:
        _print_rules(form, standalone, as_json)
        return
    names = list(catalogue) if every else families or list(TABLE_3)
    chosen = one_by_one(names, "deriving", catalogue.__getitem__)
    if as_json or certificates:
        one_by_one(chosen, "proving", lambda family: family.certificate)  # each family keeps its own
    if as_json:
        echo_json([{**family_data(f), "certificate": certificate_data(f.certificate, "1")} for f in chosen])
    elif form is Format.latex:
        write = latex.certificates_table if certificates else latex.families_table
        echo(write(chosen, standalone).rstrip("\n"))
    elif form is Format.markdown:
        echo((text.certificates_markdown(chosen) if certificates else text.families_markdown(chosen)).rstrip("\n"))
    elif certificates:
        echo_table(text.certificates_rows(chosen))
    else:
        _print_families(chosen, plainly)


def _print_families(families: list[Family], plainly: bool) -> None:
    for k, family in enumerate(families):
        if k:
            echo("")
        echo_title(text.heading(family))
        echo_forms(family, plainly)


def _print_rules(form: Format, standalone: bool, as_json: bool) -> None:
    if as_json:
        from symtrans.dictionary import dictionary

        rules = [
            {"from": s.__name__.lower(), "to": t.__name__.lower(), "text": plain(rule.formula), "latex": rule.latex}
            for (s, t), rule in dictionary.items()
        ]
        echo_json(rules)
    elif form is Format.latex:
        echo(latex.rules_table(standalone).rstrip("\n"))
    elif form is Format.markdown:
        echo(text.rules_markdown().rstrip("\n"))
    else:
        echo_table(text.rules_rows(), header=False)


def plot(
    nonlinearities: Annotated[
        list[str],
        typer.Argument(metavar="NONLINEARITY...", help="Names, or one formula.", autocompletion=completion.families),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .png, .pdf or .svg file.")],
    kind: KindOption = None,
    variable: VariableOption = None,
    latex_in: LatexInOption = False,
    assign: SetOption = None,
    extent: Annotated[float, typer.Option("--extent", help="Draw for |r| up to this.", min=1e-9)] = 3.0,
) -> None:
    """Draw the curves of the four forms (Table 2); parameters that are not set are 1."""
    from symtrans.present import plots

    families = [family_of(name, kind, variable, None, DEFAULT_BUDGET, latex_in) for name in nonlinearities]
    values = assignments(assign)
    known = {keyword_of(symbol) for family in families for symbol in family.parameters}
    for name in values.keys() - known:
        raise NonlinearityError(f"--set {name}: no such parameter; there are {', '.join(sorted(known)) or 'none'}")
    if not np.isfinite(extent):
        raise NonlinearityError(f"--extent {extent} must be finite")
    plots.save(plots.plot_families(families, values, extent), output)
    echo(f"wrote {output}")
