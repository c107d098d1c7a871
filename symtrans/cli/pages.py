"""Commands that show families in a browser: explore and report."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from socket import gaierror
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symtrans._version import __version__
from symtrans.cli import options
from symtrans.cli.options import name_for, named_reading_of, reading_of, refuse_both
from symtrans.cli.output import echo, working, write
from symtrans.errors import MissingPackageError, NonlinearityError, reason
from symtrans.runtime.budgets import count_expiry, expiries
from symtrans.runtime.disk_cache import kept

if TYPE_CHECKING:
    from symtrans.present.html import Panel


def explore(
    host: Annotated[str, typer.Option("--host", help="The address to listen on; others can reach only their own.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", help="The port; 0 takes a free one.", min=0, max=65535)] = 8421,
    seconds: Annotated[float, typer.Option("--seconds", help="The most that one formula may take.", min=0.1)] = 20.0,
) -> None:
    """Serve a page on this machine to explore nonlinearities in a browser."""
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise MissingPackageError.of("the page", "starlette uvicorn", "explore")
    from symtrans.explore import server

    try:
        listening = server.listen(host, port)
    except OSError as error:
        mend = (
            "give an address of this machine, as 127.0.0.1"
            if isinstance(error, gaierror) or not port
            else "try --port 0"
        )
        raise NonlinearityError(f"--host {host} --port {port}: {reason(error, named=True)}; {mend}") from None
    shown = f"[{host}]" if ":" in host else host
    echo(f"symtrans explore: http://{shown}:{listening.getsockname()[1]}/  (Ctrl-C stops it)")
    server.serve(listening, host, seconds)


_FEW = 4  # families that are derived sooner than processes are started
_SECONDS = 300.0  # for one family of a report, where other work may go on beside it
_PROOFS = 100.0  # of these, for its certificate


def _panel(task: tuple[str, str, dict[str, Any]]) -> "tuple[Panel, bool]":
    """One family of a report, and whether a budget cut it short."""
    from symtrans.explore.answers import report_panel

    before = expiries()
    ident, what, how = task
    family = named_reading_of(what, **how).family
    return report_panel(replace(family, budget=_PROOFS), ident), expiries() != before


def report(
    nonlinearities: Annotated[
        list[str] | None, typer.Argument(metavar="[NONLINEARITY]...", help="Names, or one formula with --kind.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The .html file to write.")] = Path("report.html"),
    kind: options.Kind = None,
    variable: options.Variable = None,
    tau: options.Tau = None,
    assume: options.Assume = None,
    name: options.Name = None,
    every: Annotated[bool, typer.Option("--all", help="All families of the catalogue.")] = False,
    title: Annotated[str, typer.Option("--title", help="The heading of the page.")] = "symtrans report",
) -> None:
    """Write a page that needs no server: forms, curves to move, proofs, a signal filtered, and sources."""
    asked = dict(locals())
    asked.pop("output")
    if output.suffix.lower() not in (".html", ".htm"):
        raise NonlinearityError(f"{output} does not end in .html")
    if every and nonlinearities:
        refuse_both("--all", "names of families", "two reports")
    write(kept(f"report {sorted(asked.items())}", lambda: _report(SimpleNamespace(**asked))), output)


def _report(asked: SimpleNamespace) -> str:
    from symtrans.catalogue import catalogue
    from symtrans.present import html
    from symtrans.runtime import workers

    names = catalogue.derivable() if asked.every else asked.nonlinearities
    if not names:
        raise NonlinearityError("name the families to report on, such as: symtrans report soft garrote; or take --all")
    how = {"kind": asked.kind, "variable": asked.variable, "tau": asked.tau, "assume": asked.assume}
    how["name"] = name_for(names, asked.name)
    for what in names:
        if asked.kind is None and what not in catalogue:
            reading_of(what)  # says what is wrong before anything is derived
    tasks = [(f"family-{k}", name, how) for k, name in enumerate(names, 1)]
    with working("deriving", len(tasks)) as step:
        found = workers.each(_panel, tasks, _SECONDS, done=step) if len(tasks) > _FEW else list(map(_panel, tasks))
    for _, cut_short in found:
        if cut_short:
            count_expiry()
    return html.report([panel for panel, _ in found], asked.title, __version__)
