"""Commands on generated source: kernels, and the files of generated/."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from symtrans.cli import options
from symtrans.cli.options import grid_of, reading_of, with_values
from symtrans.cli.output import echo, echo_json, working
from symtrans.cli.slips import Command, remedy
from symtrans.errors import NonlinearityError


class TargetCommand(Command):
    """A command that takes the options of its target; its help lists the targets, those of other packages too."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page of help."""
        from symtrans.codegen.targets import TARGETS

        lines = []
        for name, target in TARGETS.items():
            for option, choice in target.options.items():
                if not choice.running:
                    purpose = f" ({choice.purpose})" if choice.purpose else ""
                    lines.append(f"`--{option}` of {name}: {choice}{purpose}; default {choice.default!r}.")
        self.epilog = "Options of a target: " + " ".join(lines) if lines else None
        for parameter in self.params:
            if parameter.name == "target":
                parameter.help = f"{', '.join(TARGETS)}."  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)


TARGET_COMMAND: Mapping[str, Any] = {
    "cls": TargetCommand,
    "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
}


def _options_of(target: str, context: typer.Context) -> dict[str, Any]:
    """The options of a target as they were typed: ``--name value`` or ``--name=value``."""
    from symtrans.codegen.targets import target_of

    offered, chosen, words = target_of(target).options, {}, iter(context.args)
    for word in words:
        name, equals, value = word.partition("=")
        key = name.removeprefix("--").replace("-", "_")
        if not name.startswith("--") or key not in offered or offered[key].running:
            there = ", ".join(f"--{key}" for key, option in offered.items() if not option.running) or "none"
            mend = remedy(context, context.args, word)
            what = f"No such option: {word}; of target {target} there are {there}"
            if not word.startswith("-"):
                what = f"{word} is one word too many" + (
                    "" if mend else "; call this command once for each nonlinearity"
                )
            raise NonlinearityError(f"{what}{'; ' * bool(mend)}{mend}")
        if not equals and (value := next(words, "")) == "":
            raise NonlinearityError(f"{word} needs a value: {offered[key]}")
        chosen[key] = offered[key].read(value)
    return chosen


_OF_FILES = (".c", ".h", ".py", ".cpp", ".txt", ".zip")


def generate(
    context: typer.Context,
    nonlinearity: options.Nonlinearity,
    kind: options.Kind = None,
    blocks: Annotated[int | None, typer.Option("--blocks", help="Residual blocks; default 1.", min=1)] = None,
    tau: options.Tau = None,
    h: options.GridSize = "1",
    variable: options.Variable = None,
    latex_in: options.LatexIn = False,
    assume: options.Assume = None,
    assign: options.Set = None,
    boundary: options.Boundary = "reflecting",
    coupling: options.Coupling = None,
    channels: options.Channels = False,
    scheme: options.Scheme = "explicit",
    cycle: options.Cycle = None,
    time: options.Time = None,
    target: options.Target = "c",
    dtype: options.Dtype = "float64",
    unstable: options.Unstable = False,
    clamp: Annotated[
        bool | None, typer.Option("--clamp/--no-clamp", help="Clamp each sample to the range of its neighbours.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What files and functions are called.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A folder; else print the source.")] = None,
    as_json: options.Json = False,
) -> None:
    """Generate the source of a kernel: C, NumPy, PyTorch, JAX, or what other packages add."""
    from symtrans.codegen.network import Network

    chosen = _options_of(target, context)
    if output is not None and as_json:
        raise NonlinearityError(f"--json prints the sources, and --output {output} writes them: leave one of them out")
    if output is not None and output.is_file():
        raise NonlinearityError(f"--output {output} is a file, and the sources are written into a folder")
    if output is not None and output.suffix in _OF_FILES and not output.is_dir():
        raise NonlinearityError(
            f"--output {output} is the name of a file, and the sources are written into a folder under names of their "
            "own: name one, and the files by --name; without --output the source is printed"
        )
    with working("generating"):
        asked = with_values(reading_of(nonlinearity, kind, variable, tau, latex_in, assume=assume), assign, always=True)
        name = name or asked.identifier
        grid, allowed = grid_of(h, boundary, coupling, channels), "allow" if unstable else None
        pace: dict[str, Any] = {"scheme": scheme, "cycle": cycle, "time": time}
        network = Network(asked.nonlinearity, blocks, tau, grid, **pace, unstable=allowed, name=name)
        source = network.source(target, dtype, clamp=clamp, **chosen)
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
