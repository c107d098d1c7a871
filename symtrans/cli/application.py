"""The command with all its groups of commands; modules load SymPy only when a command runs."""

import os
import re
import shlex
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from symtrans._version import __version__
from symtrans.cli import browse, doctor, kernels, pages, signals, tables, translate
from symtrans.cli.commands import TITLES
from symtrans.cli.output import PipeClosed, echo, to_a_file
from symtrans.cli.slips import Command
from symtrans.errors import TRACEBACK, NonlinearityError
from symtrans.runtime.public import public


class _Commands(TyperGroup):
    """The commands; a nonlinearity in the place of one is told where it belongs."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, if there is one."""
        found = super().get_command(ctx, cmd_name)
        if found is None and not ctx.resilient_parsing:
            if cmd_name == "help":
                raise NonlinearityError("'help' is no command: symtrans --help, or symtrans COMMAND --help")
            from symtrans.catalogue import catalogue  # loads SymPy

            if cmd_name in catalogue or re.search(r"[()^*/|]", cmd_name):
                mend = f"symtrans translate {shlex.quote(cmd_name)}"
                raise NonlinearityError(f"{cmd_name!r} is a nonlinearity, and no command: {mend}")
        return found


app = typer.Typer(
    name="symtrans",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="One nonlinearity as diffusivity, regulariser, shrinkage function and activation: translated, "
    "certified, tabulated, and compiled.\n\n"
    "A NONLINEARITY is the name of a family (`perona-malik`, `soft`, `huber`, ...) or a formula in r, such as "
    '`"exp(-r^2/(2 lambda^2))"` with `--kind diffusivity`.\n\n'
    "Exit status: 0 done; 1 the answer is no or unknown (`--require`, `check`); 2 wrong input.",
    epilog="Examples: `symtrans translate soft`, "
    '`symtrans certify "r/(1 + r^2)" --kind activation`, '
    "`symtrans table --all --standalone -o families.tex`, "
    "`symtrans denoise ecg --set lam=15 --noise 15`. "
    "`symtrans COMMAND --help` shows the options of a command.",
)

_FUNCTIONS: dict[str, Callable[..., None]] = {
    "list": to_a_file(browse.list_families),
    "search": to_a_file(browse.search),
    "shell": browse.shell,
    "translate": to_a_file(translate.translate_command),
    "certify": to_a_file(translate.certify),
    "table": tables.table,
    "plot": tables.plot,
    "paper": tables.paper,
    "report": pages.report,
    "explore": pages.explore,
    "generate": kernels.generate,
    "denoise": signals.denoise,
    "check": kernels.check,
    "doctor": to_a_file(doctor.doctor),
}
COMMANDS = {title: {name: _FUNCTIONS[name] for name in names} for title, names in TITLES.items()}
for _title, _commands in COMMANDS.items():
    for _name, _command in _commands.items():
        _more: dict[str, Any] = {"cls": Command, **(kernels.TARGET_COMMAND if _name == "generate" else {})}
        app.command(_name, rich_help_panel=_title, **_more)(_command)


def _version(wanted: bool) -> None:
    if wanted:
        echo(f"symtrans {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if traceback:
        os.environ[TRACEBACK] = "1"


@public
def symtrans(*words: str) -> None:
    """The command with these words."""
    try:
        app(words, standalone_mode=True)
    except PipeClosed:  # `symtrans table | head` is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
