"""Commands run in this process."""

import sys
from types import SimpleNamespace

import pytest

from symtrans import cli
from symtrans.cli import golden


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


@pytest.fixture(scope="session")
def wanted():
    """The files of generated/, made once."""
    return golden.generated_files()


@pytest.fixture
def folder(tmp_path, wanted, monkeypatch):
    """A folder with these files."""
    monkeypatch.setattr(golden, "generated_files", lambda: wanted)
    assert golden.write(tmp_path / "generated") == len(wanted)
    return tmp_path / "generated"
