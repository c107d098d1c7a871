"""table, paper and plot."""

import json
import shutil

import pytest

import symtrans as st
from symtrans.catalogue import TABLE_3
from tests.cli.results import GENERATED, assert_done, assert_refused


def test_tables(symtrans):
    out = assert_done(symtrans("table"))
    assert all(name in out for name in TABLE_3)
    assert "tukey" not in out
    assert "tukey" in assert_done(symtrans("table", "tukey", "huber"))
    assert assert_done(symtrans("table", "soft", "hard")).count("S(r)") == 2
    assert assert_done(symtrans("table", "-f", "markdown")).startswith("| Family")
    assert r"\begin{tabular}" in assert_done(symtrans("table", "--format", "latex"))
    assert r"\documentclass" in assert_done(symtrans("table", "--standalone"))  # which asks for LaTeX
    assert "proved" in assert_done(symtrans("table", "--certificates"))
    assert len(assert_done(symtrans("table", "--dictionary")).splitlines()) == 12
    assert assert_done(symtrans("table", "--dictionary", "-f", "markdown")).count("\n|") == 5
    assert r"\begin{tabular}" in assert_done(symtrans("table", "--dictionary", "-f", "latex"))
    assert assert_done(symtrans("table", "soft", "--certificates", "-f", "markdown")).startswith("|")
    rules = json.loads(assert_done(symtrans("table", "--dictionary", "--json")))
    assert len({(rule["from"], rule["to"]) for rule in rules}) == 12
    data = json.loads(assert_done(symtrans("table", "--json")))
    assert [row["name"] for row in data] == list(TABLE_3)
    assert data[5]["certificate"]["lipschitz"]["value"] == "oo"


def test_a_table_is_laid_out_as_asked(symtrans):
    own = "mine = r/(1 + r^4)"
    words = ("--kind", "activation", "--columns", "activation,shrinkage", "--caption", "Two", "--label", "tab:two")
    table = assert_done(symtrans("table", "soft", own, "-f", "latex", *words))
    assert r"\textbf{Activation Function} & \textbf{Shrinkage Function} \\" in table
    assert r"\caption{Two}\label{tab:two}" in table
    assert r"\textbf{mine}" in table
    assert r"\Psi" not in table
    by_page = assert_done(symtrans("table", "-f", "latex", "--per-page", "2"))
    assert by_page.count(r"\pagebreak") == 2
    assert r"\begin{longtable}" in by_page
    by_name = assert_done(symtrans("table", "soft", "garrote", "charbonnier", "--order", "name"))
    assert [block.split(" ")[0] for block in by_name.split("\n\n")] == ["charbonnier", "garrote", "soft"]
    curves = assert_done(symtrans("table", "soft", "--curves", "--columns", "shrinkage", "--set", "theta=2"))
    assert r"\addplot" in curves
    assert r"xtick={2}" in curves
    narrow = assert_done(symtrans("table", "soft", "--columns", "regulariser", "--width", "5"))
    assert "see (1) below" in narrow
    proved = ("--certificates", "--columns", "class,g_max", "-f", "latex")
    assert r"family & class & $\sup g$ \\" in assert_done(symtrans("table", "soft", *proved))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("table", "--columns", "phi"), "the columns are diffusivity, regulariser"),
        (("table", "--certificates", "--columns", "size"), "no column of certificates"),
        (("table", "--order", "size"), "none of given, name, class"),
        (("table", "--per-page", "0"), "per-page"),
        (("table", "--curves", "--set", "theta"), "NAME=NUMBER"),
        (("table", "-f", "text", "--columns", "shrinkage"), "--columns is for LaTeX tables, not for --format text"),
        (("table", "-f", "markdown", "--per-page", "3"), "--per-page is for LaTeX"),
        (("table", "--width", "nan"), "width"),
        (("paper", "-o", "tables.txt"), r"\.pdf or \.tex"),
        (("paper",), "--output"),
    ],
)
def test_a_wrong_layout_is_refused(symtrans, words, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(symtrans(*words), complaint)
    assert list(tmp_path.iterdir()) == []


def test_the_paper_is_written(symtrans, tmp_path):
    tex = tmp_path / "new" / "tables.tex"
    assert assert_done(symtrans("paper", "-o", tex)) == f"wrote {tex}\n"
    assert tex.read_text(encoding="utf-8") == (GENERATED / "tables" / "paper.tex").read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
def test_values_are_put_in_where_a_family_has_them(symtrans):
    out = assert_done(symtrans("table", "huber", "tukey", "--set", "c=1.345"))
    assert "|r| <= 1.345" in out
    assert "lambda" not in out
    out = assert_done(symtrans("table", "soft", "tukey", "--set", "theta=2"))
    assert "(0, |r| <= 2)" in out
    assert "|r| <= lambda" in out
    assert_refused(symtrans("table", "soft", "tukey", "--set", "thta=2"), "did you mean theta")
    for given in (("k=1",), ("c=1", "theta=2")):  # another name, and one parameter by both of its names
        pairs = [word for one in given for word in ("--set", one)]
        assert_refused(symtrans("denoise", "ecg", "--with", "huber", *pairs), "the parameters are theta, or c instead")


def test_the_paper_is_set(symtrans, tmp_path):
    pdf = tmp_path / "tables.pdf"
    out = assert_done(symtrans("paper", "-o", pdf))
    assert out == f"wrote {pdf}\nwrote {pdf.with_suffix('.tex')}\n"
    assert pdf.read_bytes().startswith(b"%PDF")


def test_without_tex_the_paper_says_so_and_leaves_nothing(symtrans, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert_refused(symtrans("paper", "-o", tmp_path / "new" / "tables.pdf"), r"install TeX Live.*\.tex file only")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_the_whole_catalogue_in_a_table(symtrans):
    out = assert_done(symtrans("table", "--all"))
    assert all(name in out for name in st.catalogue)


def test_plot(symtrans, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "curves.png"
    out = assert_done(symtrans("plot", "soft", "hard", "-o", path, "--set", "theta=0.5"))
    assert str(path) in out
    assert path.read_bytes().startswith(b"\x89PNG")
    assert_refused(symtrans("plot", "soft", "-o", tmp_path / "curves.bmp"), r"\.png")


def test_a_table_is_derived_once(symtrans, tmp_path, monkeypatch):
    monkeypatch.setenv("SYMTRANS_CACHE", str(tmp_path / "cache"))
    words = ("table", "soft", "--format", "markdown")
    once = assert_done(symtrans(*words))
    monkeypatch.setattr("symtrans.cli.tables._table", None)  # a call would fail
    assert assert_done(symtrans(*words)) == once
    assert (
        assert_done(symtrans(*words, "-o", tmp_path / "folder" / "table.md")) == f"wrote {tmp_path}/folder/table.md\n"
    )
    assert (tmp_path / "folder" / "table.md").read_text(encoding="utf-8") == once


def test_a_bibliography_and_no_family_twice(symtrans):
    found = assert_done(symtrans("table", "soft", "huber", "garrote", "--bibliography"))
    assert found.count("@misc{") == 5
    assert "@misc{rudin1992,\n  author = " in found
    assert assert_done(symtrans("table", "huber", "soft")).count("huber (Soft, Truncated TV)\n") == 1


def test_rows_plots_and_files_have_the_name_that_was_typed(symtrans, tmp_path):
    rows = assert_done(symtrans("table", "Soft", "leclerc", "--certificates")).splitlines()
    assert [row.split()[0] for row in rows] == ["family", "soft", "leclerc"]
    titles = assert_done(symtrans("table", "leclerc", "huber", "-f", "latex"))
    assert r" & \textbf{leclerc} &  &  \\*" in titles  # which no title of the literature spells
    assert r"Truncated TV & \textbf{Huber} & Soft &  \\*" in titles
    assert "wrote" in assert_done(symtrans("generate", "soft", "-o", tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["soft_f64.c", "soft_f64.h"]
    assert "symtrans generate soft --blocks 1" in (tmp_path / "soft_f64.c").read_text(encoding="utf-8")
    data = json.loads(assert_done(symtrans("table", "soft", "--json")))
    assert (data[0]["name"], data[0]["called"]) == ("truncated-tv", "soft")


def test_a_formula_has_the_name_that_is_given_to_it(symtrans, tmp_path):
    formula, kind = "r/(1 + r^2)", ("--kind", "activation")
    for name, words in (("my flux", (formula, "--name", "my flux")), ("own", (f"own = {formula}",))):
        assert_done(symtrans("report", *words, *kind, "-o", tmp_path / "page.html"))
        assert f">{name}</h2>" in (tmp_path / "page.html").read_text(encoding="utf-8")
        assert_done(symtrans("plot", *words, *kind, "-o", tmp_path / "curves.svg"))
        assert f"{name}: Diffusivity" in (tmp_path / "curves.svg").read_text(encoding="utf-8")
    for command in ("plot", "report"):
        words = (command, "soft", "hard", "--name", "two", "-o", tmp_path / "two.html")
        assert_refused(symtrans(*words), r"--name two is the name of one nonlinearity")


def test_answers_go_to_files(symtrans, tmp_path):
    path = tmp_path / "new" / "answer.txt"
    printed = assert_done(symtrans("translate", "soft"))
    assert assert_done(symtrans("translate", "soft", "-o", path)) == f"wrote {path}\n"
    assert path.read_text(encoding="utf-8") == printed
    refused = symtrans("certify", "soft", "--require", "convex", "--require", "max-min", "--tau", "3", "-o", path)
    assert refused.status == 1
    assert "odd and continuous" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("soft", "--curves", "--set", "lam=3"), "--set lam is no parameter here"),
        (("soft", "--dictionary"), "--dictionary and names of families ask for two tables"),
        (("--all", "soft"), "--all and names of families"),
        (("--dictionary", "--certificates"), "--dictionary and --certificates"),
        (("soft", "--json", "--format", "latex"), "--json and --format ask for two formats"),
        (("soft", "--json", "--caption", "Soft."), "--json and --caption ask for two formats"),
        (("soft", "--json", "--bibliography"), "--json and --bibliography ask for two formats"),
        (("soft", "--fit", "columnwidth", "--per-page", "3"), "--fit and --per-page ask for two layouts"),
        (("soft", "--curves", "--certificates"), "--certificates and --curves ask for two tables"),
        (("soft", "--bibliography", "--curves"), "--curves and --bibliography ask for two tables"),
        (("soft", "--label", "x"), "--label x .* give --caption too"),
        (("soft", "--caption", "50% noise"), "is no LaTeX of a caption"),
        (("soft", "--caption", r"\textbf{soft"), "close every brace"),
        (("soft", "-o", "table.pdf"), "table.pdf: tables are written as text"),
    ],
)
def test_what_would_be_passed_over_is_refused(symtrans, words, said):
    assert_refused(symtrans("table", *words), said)


def test_a_suffix_tells_the_format(symtrans, tmp_path):
    for name, words, begin in (
        ("a.tex", (), "% The forms"),
        ("a.md", (), "| "),
        ("b.tex", ("-f", "text"), "soft ("),
        ("a.txt", ("-f", "LaTeX", "--caption", r"50\% \& more"), "% The forms"),
    ):
        assert symtrans("table", "soft", *words, "-o", tmp_path / name).status == 0
        assert (tmp_path / name).read_text().startswith(begin)
