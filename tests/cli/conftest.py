"""Commands run in this process."""

import sys
from types import SimpleNamespace

import pytest

from symtrans import cli


@pytest.fixture
def symtrans(capfd, monkeypatch):
    """Run the command in this process, as the entry point does."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["symtrans", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capfd.readouterr()
        # sys.exit() and a return from main both mean 0
        return SimpleNamespace(status=stop.value.code or 0, out=out, err=err)

    return run
