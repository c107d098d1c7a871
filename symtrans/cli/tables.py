"""Commands that write several families down: tables and curves."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from symtrans.calculus.budget import DEFAULT_BUDGET
from symtrans.catalogue import TABLE_3, catalogue
from symtrans.cli.options import JsonOption, KindOption, SetOption, VariableOption, assignments, family_of
from symtrans.cli.output import echo, echo_json
from symtrans.errors import NonlinearityError
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
        echo_json([{**family_data(f), "certificate": certificate_data(f.certificate, "1")} for f in chosen])
    elif certificates:
        printers: dict[Format, Callable[[], str]] = {
            Format.text: lambda: text.certificates_text(chosen),
            Format.markdown: lambda: text.certificates_markdown(chosen),
            Format.latex: lambda: latex.certificates_table(chosen, standalone),
        }
        echo(printers[form]().rstrip("\n"))
    else:
        printers = {
            Format.text: lambda: text.families_text(chosen),
            Format.markdown: lambda: text.families_markdown(chosen),
            Format.latex: lambda: latex.families_table(chosen, standalone),
        }
        echo(printers[form]().rstrip("\n"))


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
    else:
        echo((text.rules_markdown() if form is Format.markdown else text.rules_text()).rstrip("\n"))


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

    families = [family_of(name, kind, variable, None, DEFAULT_BUDGET) for name in nonlinearities]
    values = assignments(assign)
    known = {keyword_of(symbol) for family in families for symbol in family.parameters}
    for name in values.keys() - known:
        raise NonlinearityError(f"--set {name}: no such parameter; there are {', '.join(sorted(known)) or 'none'}")
    if not np.isfinite(extent):
        raise NonlinearityError(f"--extent {extent} must be finite")
    plots.save(plots.plot_families(families, values, extent), output)
    echo(f"wrote {output}")
