"""The command line: one module for each group of commands, put together in `application`."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from symtrans._version import __version__
from symtrans.errors import SymtransError
from symtrans.runtime.public import TRACEBACK


@contextmanager
def _warnings_of_one_line() -> Iterator[None]:
    """Warnings without the place in the code: who reads them typed a command."""
    usual = warnings.formatwarning
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = usual


def main() -> None:
    """Entry point: errors of symtrans become one message on stderr and exit status 2."""
    if sys.argv[1:] == ["--version"]:  # before anything else loads
        print(f"symtrans {__version__}")
        sys.exit(0)
    from symtrans.cli.application import symtrans

    try:
        with _warnings_of_one_line():
            symtrans(*sys.argv[1:])
    except (SymtransError, OSError) as error:
        if os.environ.get(TRACEBACK):
            raise
        print(f"error: {getattr(error, 'on_command_line', '') or error}", file=sys.stderr)
        sys.exit(2)
