"""Commands that write several families down: tables and curves."""

import math
import re
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symtrans.cli import completion, options
from symtrans.cli.options import each_with_values, name_for, named_reading_of, own_values, refuse_both, refuse_unknown
from symtrans.cli.output import (
    NO_TEXT,
    OutputOption,
    captured,
    echo,
    echo_fitted,
    echo_forms,
    echo_json,
    echo_table,
    echo_title,
    look,
    one_by_one,
    terminal_width,
    write,
)
from symtrans.errors import NonlinearityError
from symtrans.runtime.disk_cache import kept
from symtrans.runtime.whole_files import write_whole

if TYPE_CHECKING:
    from symtrans.catalogue.family import Family
    from symtrans.catalogue.reading import Reading
    from symtrans.present.tables import Layout


_PAGE = 80  # columns of a table that is written to a file


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
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="text, markdown or latex; unless told, as the suffix of -o and the other options ask for.",
            case_sensitive=False,
        ),
    ] = None,
    rules: Annotated[bool, typer.Option("--dictionary", help="Table 1: the twelve rules.")] = False,
    certificates: Annotated[bool, typer.Option("--certificates", help="What is proved of each family.")] = False,
    standalone: Annotated[bool, typer.Option("--standalone", help="LaTeX that compiles by itself.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All families of the catalogue.")] = False,
    curves: Annotated[bool, typer.Option("--curves", help="Table 2: the curves, as PGFPlots.")] = False,
    kind: options.Kind = None,
    variable: options.Variable = None,
    latex_in: options.LatexIn = False,
    assume: options.Assume = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Kinds, or columns of certificates, parted by commas.")
    ] = None,
    order: Annotated[str, typer.Option("--order", help="given, name or class.")] = "given",
    caption: Annotated[str, typer.Option("--caption", help="LaTeX for the caption.")] = "",
    label: Annotated[str, typer.Option("--label", help="The label of a table with a caption.")] = "",
    per_page: Annotated[
        int | None, typer.Option("--per-page", help="Families on a page of a longtable.", min=1)
    ] = None,
    width: Annotated[
        float | None,
        typer.Option("--width", help="About how wide LaTeX formulas may be together; 39 cm unless told.", min=1.0),
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option("--fit", metavar="WIDTH", help="LaTeX that fits textwidth, columnwidth or a length as 8.8cm."),
    ] = None,
    bibliography: Annotated[
        bool, typer.Option("--bibliography", help="BibTeX of the references of these families instead.")
    ] = False,
    assign: options.Set = None,
    plainly: options.Plain = False,
    as_json: options.Json = False,
    output: OutputOption = None,
) -> None:
    """Print a table: the forms of families (Table 3), the dictionary (Table 1), or certificates."""
    asked = dict(locals())
    asked.pop("output")
    asked["form"] = form or _format_of(output, as_json)
    asked["as_json"] = as_json or (form is None and output is not None and output.suffix.lower() == ".json")
    _refuse_conflicts(asked)
    here = look() if output is None else ()
    asked["wide"] = terminal_width() if output is None else _PAGE
    key = f"table {sorted(asked.items())} {here}"
    text = kept(key, lambda: captured(lambda: _table(SimpleNamespace(**asked)), bool(here)))
    write(text, output)


def _table(asked: SimpleNamespace) -> None:
    from symtrans.catalogue import TABLE_3, catalogue
    from symtrans.language.symbols import keyword_of
    from symtrans.present import text
    from symtrans.present.data import certificate_data, family_data
    from symtrans.present.tables import curves_table, families_table, ordered

    def given(*options: str) -> dict[str, Any]:
        return {option: value for option in options if (value := getattr(asked, option))}

    wishes = given("standalone", "caption", "label", "per_page", "width", "fit")
    if asked.as_json and (others := [*wishes, *(["format"] if asked.form else []), *given("bibliography")]):
        refuse_both("--json", f"--{others[0].replace('_', '-')}", "two formats")
    form = _format(asked.form, [*wishes, *given("columns", "curves")])
    layout = _layout(asked.columns, asked.certificates, wishes)
    if asked.rules:
        _print_rules(form, layout, asked.as_json)
        return
    names = catalogue.derivable() if asked.every else asked.families or TABLE_3
    if asked.bibliography:
        from symtrans.catalogue.references import bibliography as entries_of

        echo(entries_of(source for name in names for source in catalogue.entry(name).sources))
        return
    how = {"kind": asked.kind, "variable": asked.variable, "latex_in": asked.latex_in, "assume": asked.assume}
    readings = one_by_one(names, "reading", lambda name: named_reading_of(name, **how))
    once: dict[Any, Reading] = {}
    for reading in readings:
        once.setdefault((reading.name, reading.nonlinearity.key), reading)  # by the name that was asked for first
    readings = list(once.values())
    values = _values_of(readings, asked.assign) if asked.curves else {}
    readings = each_with_values(readings, asked.assign, always=not asked.curves)
    if asked.certificates and not (asked.as_json or asked.curves):
        one_by_one(readings, "proving", lambda reading: reading.certificate)  # each keeps its own
        _print_certificates(ordered(readings, asked.order), form, layout, asked.wide)
        return
    chosen = ordered(one_by_one(readings, "deriving", lambda reading: reading.family), asked.order)
    if asked.curves:
        left = {keyword_of(symbol) for family in chosen for symbol in family.parameters}
        values = {name: value for name, value in values.items() if name in left}
        echo(curves_table(chosen, layout, values).rstrip("\n"))
        return
    if asked.as_json:
        one_by_one(chosen, "proving", lambda family: family.certificate)
        echo_json([{**family_data(f), "certificate": certificate_data(f.certificate, "1")} for f in chosen])
    elif form is Format.latex:
        echo(families_table(chosen, layout).rstrip("\n"))
    elif form is Format.markdown:
        echo(text.families_markdown(chosen).rstrip("\n"))
    else:
        _print_families(chosen, asked.plainly)


_BY_SUFFIX = {".tex": Format.latex, ".md": Format.markdown}


def _format_of(output: Path | None, as_json: bool) -> Format | None:
    """The format that the name of a file tells."""
    suffix = "" if output is None else output.suffix.lower()
    if suffix in NO_TEXT:
        raise NonlinearityError(f"{output}: tables are written as text, in .txt, .tex, .md or .json, not in {suffix}")
    return None if as_json else _BY_SUFFIX.get(suffix)


def _refuse_conflicts(asked: dict[str, Any]) -> None:
    """Refuse options of which one would be passed over in silence."""
    for option, other in (("rules", "families"), ("rules", "every"), ("every", "families"), *combinations(_TABLES, 2)):
        if asked[option] and asked[other]:
            refuse_both(_SPELT[option], _SPELT.get(other, "names of families"), "two tables")
    if asked["label"] and not asked["caption"]:
        raise NonlinearityError(f"--label {asked['label']} is that of a table with a caption; give --caption too")
    bare = re.sub(r"\\.", "", asked["caption"])
    if any(char in bare for char in "%#&") or bare.count("{") != bare.count("}"):
        mend = r"write \% \# \& for % # &, and close every brace"
        raise NonlinearityError(f"--caption {asked['caption']!r} is no LaTeX of a caption: {mend}")


_TABLES = ("rules", "certificates", "curves", "bibliography")
_SPELT = {"rules": "--dictionary", "every": "--all", **{name: f"--{name}" for name in _TABLES[1:]}}


def _format(form: Format | None, wishes: list[str]) -> Format:
    """The format asked for; wishes that only LaTeX can fulfil ask for LaTeX."""
    if wishes and form in (Format.text, Format.markdown):
        option = wishes[0].replace("_", "-")
        raise NonlinearityError(f"--{option} is for LaTeX tables, not for --format {form.value}")
    return form or (Format.latex if wishes else Format.text)


def _layout(columns: str | None, certificates: bool, more: dict[str, Any]) -> "Layout":
    from symtrans.present.narrow_tables import Fit
    from symtrans.present.tables import Layout

    if "fit" in more:
        if "standalone" in more:
            raise NonlinearityError("--fit is for a table within a paper, --standalone for one by itself")
        for option in ("width", "per_page"):
            if option in more:
                refuse_both("--fit", f"--{option.replace('_', '-')}", "two layouts")
        more["fit"] = Fit.of(more["fit"])
    names = [name.strip().lower() for name in (columns or "").split(",") if name.strip()]
    if names and certificates:
        more["proved"] = tuple(names)
    elif names:
        from symtrans.catalogue.reading import KINDS_BY_NAME

        for name in names:
            if name not in KINDS_BY_NAME:
                raise NonlinearityError(f"--columns {name}: the columns are {', '.join(KINDS_BY_NAME)}")
        more["columns"] = tuple(KINDS_BY_NAME[name] for name in names)
    return Layout(**more)


def _values_of(readings: "list[Reading]", assign: list[str] | None) -> dict[str, float]:
    """The values of ``--set`` by keyword, each for a parameter that one of them has."""
    from symtrans.language.symbols import keyword_of

    values = own_values(readings, assign)
    known = {keyword_of(symbol) for reading in readings for symbol in reading.nonlinearity.parameters}
    others = frozenset[str]().union(*(reading.nonlinearity.names.others for reading in readings))
    refuse_unknown(values, known, others)
    return values


def paper(
    output: Annotated[Path, typer.Option("--output", "-o", help="A .pdf (its .tex comes beside it) or a .tex file.")],
) -> None:
    """Write the paper's Tables 1, 2 and 3 as one document."""
    from symtrans.present.tables import paper as document
    from symtrans.present.typeset import typeset

    if output.suffix.lower() not in (".pdf", ".tex"):
        raise NonlinearityError(f"{output} does not end in .pdf or .tex")
    source = document()
    pdf = typeset(source)[0] if output.suffix.lower() == ".pdf" else b""
    tex = output.with_suffix(".tex")
    write_whole(tex, source)
    if pdf:
        write_whole(output, pdf)
        echo(f"wrote {output}")
    echo(f"wrote {tex}")


def _print_certificates(readings: "list[Reading]", form: Format, layout: "Layout", wide: int) -> None:
    from symtrans.present import text

    if form is Format.latex:
        from symtrans.present.tables import certificates_table

        echo(certificates_table(readings, layout).rstrip("\n"))
    elif form is Format.markdown:
        echo(text.certificates_markdown(readings).rstrip("\n"))
    else:
        echo_fitted(text.certificates_rows(readings), wide)


def _print_families(families: "list[Family]", plainly: bool) -> None:
    from symtrans.present import text

    for k, family in enumerate(families):
        if k:
            echo("")
        echo_title(text.heading(family))
        echo_forms(family, plainly)


def _print_rules(form: Format, layout: "Layout", as_json: bool) -> None:
    from symtrans.language.text_printer import plain
    from symtrans.present import text

    if as_json:
        from symtrans.nonlinearity.dictionary import dictionary

        rules = [
            {"from": s.__name__.lower(), "to": t.__name__.lower(), "text": plain(rule.formula), "latex": rule.latex}
            for (s, t), rule in dictionary.items()
        ]
        echo_json(rules)
    elif form is Format.latex:
        from symtrans.present.tables import rules_table

        echo(rules_table(layout).rstrip("\n"))
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
    kind: options.Kind = None,
    variable: options.Variable = None,
    latex_in: options.LatexIn = False,
    assume: options.Assume = None,
    assign: options.Set = None,
    name: options.Name = None,
    extent: Annotated[
        float | None, typer.Option("--extent", help="Draw for |r| up to this, not as each formula asks.", min=1e-9)
    ] = None,
) -> None:
    """Draw the curves of the four forms (Table 2); parameters that are not set are 1."""
    from symtrans.language.symbols import keyword_of
    from symtrans.present import plots

    called = name_for(nonlinearities, name)
    how: dict[str, Any] = {"kind": kind, "variable": variable, "latex_in": latex_in, "assume": assume}
    readings = [named_reading_of(what, **how, name=called) for what in nonlinearities]
    values = _values_of(readings, assign)
    known = {keyword_of(symbol) for reading in readings for symbol in reading.nonlinearity.parameters}
    families = [reading.family for reading in each_with_values(readings, assign)]
    left = {keyword_of(symbol) for family in families for symbol in family.parameters}
    if extent is not None and not math.isfinite(extent):
        raise NonlinearityError(f"--extent {extent} must be finite")
    plots.save(plots.plot_families(families, {k: v for k, v in values.items() if k in left}, extent), output)
    drawn = ", ".join(f"{name} = {values.get(name, 1.0):g}" for name in sorted(known))
    echo(f"wrote {output}{f' ({drawn})' if drawn else ''}")
