"""What is kept between runs: keyed by what made it, trimmed, and said once where it cannot be."""

import os
import sys
from pathlib import Path

import pytest

from symtrans.runtime import disk_cache
from symtrans.runtime.budgets import count_expiry
from symtrans.runtime.disk_cache import cache_folder, kept, trim


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMTRANS_CACHE", str(tmp_path))


def never():
    raise AssertionError("it is kept")


def test_a_result_is_computed_once_and_anew_for_other_code(tmp_path, monkeypatch):
    assert kept("a", lambda: [1, "two"]) == [1, "two"] == kept("a", never)
    assert kept("b", lambda: 3) == 3
    monkeypatch.setattr(disk_cache, "__version__", "another")
    assert kept("a", lambda: "new") == "new"
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert kept("a", lambda: "newer") == "newer"
    (tmp_path / "report.html").write_text("")  # where modules lie people may work
    assert kept("a", never) == "newer"
    (tmp_path / "more-1.0.dist-info").mkdir()  # a package has been added
    assert kept("a", lambda: "newest") == "newest"


def test_what_a_budget_cut_short_and_what_is_torn_are_not_served(tmp_path):
    def short():
        count_expiry()
        return "half"

    assert kept("c", short) == "half"
    assert kept("c", lambda: "whole") == "whole" == kept("c", never)
    (file,) = (tmp_path / "results").iterdir()
    file.write_text('"who')
    assert kept("c", lambda: "again") == "again"


def test_the_oldest_go(tmp_path):
    for age in range(4):
        path = tmp_path / f"{age}.so"
        path.write_bytes(b"x" * 100)
        os.utime(path, (1000 - age, 1000 - age))
    trim(tmp_path, 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.so", "1.so"]


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYMTRANS_CACHE", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="set SYMTRANS_CACHE to another folder") as said:
        assert [kept(name, lambda: 5) for name in "de"] == [5, 5]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("system", "variables", "place"),
    [
        ("win32", {"LOCALAPPDATA": "local"}, ("local", "symtrans", "Cache")),
        ("darwin", {}, ("~", "Library", "Caches", "symtrans")),
        ("linux", {"XDG_CACHE_HOME": "xdg"}, ("xdg", "symtrans")),
        ("linux", {"XDG_CACHE_HOME": ""}, ("~", ".cache", "symtrans")),
    ],
)
def test_the_folder_is_where_the_system_keeps_caches(system, variables, place, monkeypatch):
    monkeypatch.delenv("SYMTRANS_CACHE")
    monkeypatch.setattr(sys, "platform", system)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(*place).expanduser()
