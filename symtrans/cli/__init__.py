"""The command line: one module for each group of commands, put together in `application`."""

import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from symtrans._version import __version__
from symtrans.cli.commands import TITLES
from symtrans.errors import TRACEBACK, SymtransError, reason
from symtrans.runtime.disk_cache import kept


@contextmanager
def _warnings_of_one_line() -> Iterator[None]:
    """Warnings without the place in the code: who reads them typed a command."""
    usual = warnings.formatwarning
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = usual


# what a shell says at a tab: what the answer depends on
_TAB = ("_SYMTRANS_COMPLETE", "COMP_WORDS", "COMP_CWORD", "_TYPER_COMPLETE_ARGS", "_TYPER_COMPLETE_FISH_ACTION")


def _completion() -> tuple[str, int]:
    """What Typer answers a shell, and the exit status; no file is looked for, so the answer stays the same.

    Which commands there are is told bash without Typer, which takes a while to load.
    """
    if os.environ["_SYMTRANS_COMPLETE"] == "complete_bash" and os.environ.get("COMP_WORDS", "").split()[1:] == []:
        return "".join(f"{name}\n" for names in TITLES.values() for name in names), 0
    from symtrans.cli.application import symtrans

    with redirect_stdout(io.StringIO()) as page:
        try:
            symtrans()
        except SystemExit as stop:
            return page.getvalue(), int(stop.code or 0)
    return page.getvalue(), 0


def _begun() -> str:
    """The word begun at a tab in bash, taken out of the question: its next letters ask for the same answer."""
    words, place = os.environ.get("COMP_WORDS", ""), os.environ.get("COMP_CWORD", "")
    is_plain = place.isdecimal() and not set(words) & set("'\"\\=$")
    if os.environ["_SYMTRANS_COMPLETE"] != "complete_bash" or not is_plain:
        return ""
    before, here = words.split()[: int(place)], words.split()[int(place) :]
    begun = here[0] if here else ""
    os.environ["COMP_WORDS"] = " ".join([*before, "-" * begun.startswith("-")])
    return begun


def main() -> None:
    """Entry point: errors of symtrans become one message on stderr and exit status 2."""
    if sys.argv[1:] == ["--version"]:  # before anything else loads
        print(f"symtrans {__version__}")
        sys.exit(0)
    if "_SYMTRANS_COMPLETE" in os.environ:
        warnings.simplefilter("ignore")  # nobody asked for them at a tab
        begun = _begun().lower()
        text, status = kept(f"completion {[os.environ.get(name) for name in _TAB]}", _completion)
        sys.stdout.write("".join(line for line in text.splitlines(True) if line.lower().startswith(begun)))
        sys.exit(status)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who called, as by >&-
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the end
    from symtrans.cli.application import symtrans

    try:
        with _warnings_of_one_line():
            symtrans(*sys.argv[1:])
    except (SymtransError, OSError) as error:
        if os.environ.get(TRACEBACK):
            raise
        print(f"error: {getattr(error, 'on_command_line', '') or reason(error)}", file=sys.stderr)
        sys.exit(2)
