"""What people see at a terminal, and what programs see in a pipe."""

import json
import re
import time

import pytest
import sympy as sp

from symtrans import catalogue, r
from symtrans.cli import output
from symtrans.language.text_printer import plain
from symtrans.present.pretty import pretty_forms, pretty_formula
from tests.cli.results import run

ESCAPE = "\x1b"


def test_formulas_in_two_dimensions():
    lines = pretty_formula(catalogue["soft"].shrinkage.expr).splitlines()
    assert lines[0] == "⎧0             if │r│ ≤ θ"
    assert lines[1] == "⎨r - θ⋅sgn(r)  otherwise"
    assert pretty_formula(1 + sp.log(1 + r**2)).splitlines() == ["  ⎛     2⎞", "ln⎝1 + r ⎠ + 1"]
    product = pretty_formula(sp.Mul(2, sp.Piecewise((1, sp.Abs(r) < 1), (2, True)), evaluate=False))
    assert "otherwise" in product


@pytest.mark.parametrize("name", ["charbonnier", "soft", "garrote", "tukey"])
def test_all_families_are_printed_within_their_width(name):
    family = catalogue[name]
    for width in (200, 72):
        text = pretty_forms(family, width)
        assert all(head in text for head in ("g(r) = ", "Ψ(r) = ", "S(r) = ", "Φ(r) = "))
        plain_lines = {plain(form.expr) for form in family.forms}
        for line in text.splitlines():
            assert line == line.rstrip()
            assert len(line) <= width or any(formula in line for formula in plain_lines)


# ---------------------------------------------------------------------------
# Terminal and pipe


def test_a_terminal_gets_pictures_and_a_pipe_plain_text():
    status, shown, _, _ = run("translate", "soft")
    assert status == 0
    assert "Φ(r)" in shown
    assert "⎧" in shown
    assert ESCAPE in shown  # a bold title
    status, _, out, _ = run("translate", "soft", terminal=())
    assert status == 0
    assert "Phi(r) = Piecewise((r, |r| <= sqrt(2)*theta)" in out
    assert out.isascii()


@pytest.mark.parametrize("words", [("table", "soft"), ("table", "soft", "--certificates")])
def test_no_color(words):
    assert ESCAPE not in run(*words, NO_COLOR="1")[1]


def test_a_dumb_terminal_gets_plain_text():
    shown = run("translate", "soft", TERM="dumb")[1]
    assert "Phi(r) = Piecewise" in shown
    assert ESCAPE not in shown
    assert "Phi(r) = Piecewise" in run("translate", "soft", "--plain")[1]


def test_tables_at_a_terminal():
    shown = run("table", "soft", "hard", "--certificates")[1]
    plainly = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert re.search(r"soft +1 +1 +0 +1/2 +1/4 +1/2 +1 +proved", plainly)
    assert "\x1b[32mproved" in shown
    details = re.sub(r"\x1b\[[0-9;]*m", "", run("certify", "soft", "--details", COLUMNS="60")[1])
    assert all(len(line) <= 60 for line in details.splitlines())


@pytest.mark.parametrize("words", [("table", "soft", "--json")])
def test_json_is_clean_at_a_terminal(words):
    status, shown, _, err = run(*words, FORCE_COLOR="1")
    assert (status, err) == (0, "")
    assert ESCAPE not in shown
    json.loads(shown)


def test_a_pipe_stays_clean_where_colours_are_forced():
    assert ESCAPE not in run("certify", "soft", "--details", terminal=("stderr",), FORCE_COLOR="1")[2]


def count():
    with output.working("counting", 2) as step:
        step()
        time.sleep(0.4)
    print("done")


def test_long_work_shows_a_bar_on_stderr_only(monkeypatch):
    monkeypatch.setattr(output, "PATIENCE", 0.1)
    status, shown, out, _ = run(does=count, terminal=("stderr",))
    assert (status, out) == (0, "done\n")
    assert "counting" in shown
    assert "1/2" in shown
    assert run(does=count, terminal=("stdout",)) == (0, "done\n", "", "")
    monkeypatch.setattr(output, "PATIENCE", 30)
    assert "counting" not in run(does=count, terminal=("stderr",))[1]


@pytest.mark.parametrize("words", [["translate", "soft"], ["table", "soft"], ["certify", "soft"], ["list"]])
def test_the_suffix_of_a_file_asks_for_its_format(symtrans, words, tmp_path):
    symtrans(*words, "-o", str(tmp_path / "a.json"))
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))


def test_a_file_of_latex_holds_the_row_of_the_table(symtrans, tmp_path):
    symtrans("translate", "soft", "-o", str(tmp_path / "a.tex"))
    assert (tmp_path / "a.tex").read_text(encoding="utf-8").startswith("$g(r) = ")
