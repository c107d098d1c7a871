"""Commands on generated source: kernels, and the files of generated/."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from symtrans.cli.options import (
    BoundaryOption,
    DtypeOption,
    GridOption,
    JsonOption,
    KindOption,
    LatexInOption,
    NonlinearityArgument,
    TargetOption,
    TauOption,
    VariableOption,
    reading_of,
)
from symtrans.cli.output import echo, echo_json, working
from symtrans.errors import NonlinearityError


def generate(
    nonlinearity: NonlinearityArgument,
    kind: KindOption = None,
    blocks: Annotated[int, typer.Option("--blocks", help="Residual blocks.", min=1)] = 1,
    tau: TauOption = None,
    h: GridOption = "1",
    variable: VariableOption = None,
    latex_in: LatexInOption = False,
    boundary: BoundaryOption = "reflecting",
    target: TargetOption = "c",
    dtype: DtypeOption = "float64",
    unstable: Annotated[bool, typer.Option("--unstable", help="Accept a step that is not stable.")] = False,
    clamp: Annotated[
        bool | None, typer.Option("--clamp/--no-clamp", help="Clamp each sample to the range of its neighbours.")
    ] = None,
    accuracy: Annotated[
        str | None, typer.Option(help="C: fast (polynomials with proved bounds) or strict (the C library's functions).")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What files and functions are called.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A folder; else print the source.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Generate the source of a kernel: C or NumPy."""
    from symtrans.codegen.network import Network

    with working("generating"):
        asked = reading_of(nonlinearity, kind, variable, tau, latex_in)
        name = name or asked.identifier
        network = Network(
            asked.nonlinearity, blocks, tau, h, boundary, unstable="allow" if unstable else None, name=name
        )
        options = {} if accuracy is None else {"accuracy": accuracy}
        source = network.source(target, dtype, clamp=clamp, **options)
    if as_json:
        echo_json(dict(source))
    elif output is None:
        echo("\n".join(source.values()).rstrip("\n"))
    else:
        for path in source.write(output):
            echo(f"wrote {path}")


def check(
    folder: Annotated[Path, typer.Argument(help="The folder of generated files.")] = Path("generated"),
    update: Annotated[bool, typer.Option("--update", help="Write the files anew.")] = False,
) -> None:
    """Compare generated files with what symtrans generates now; exit with 1 on any difference."""
    from symtrans.cli import golden

    if update:
        with working("generating"):
            number = golden.write(folder)
        echo(f"wrote {number} files to {folder}")
        return
    if not folder.is_dir():
        raise NonlinearityError(f"{folder} is not a folder; give the one with generated files")
    with working("generating"):
        found = list(golden.differences(folder))
    for difference in found:
        echo(difference, nl=False)
    if found:
        print(f"{len(found)} files differ; symtrans check {folder} --update writes them anew", file=sys.stderr)
        raise typer.Exit(1)
    echo(f"{folder}: all generated files are as symtrans emits them")
