"""Tables that TeX and Markdown can set, and curves that show a jump as a jump."""

import re
import shutil
import subprocess

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, NonlinearityError
from symtrans.catalogue import TABLE_3
from symtrans.present import latex, text

SIX = [st.catalogue[name] for name in TABLE_3]
_OTHERS = ("perona-malik-rational", "tv", "tukey", "geman-mcclure", "fair", "log-cosh", "mid")
EVERY = [st.catalogue[name] for name in (*TABLE_3, *_OTHERS)]
needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")


def typeset(source, folder):
    """Run pdflatex and return its log."""
    (folder / "table.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    log = (folder / "table.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-3000:]
    assert (folder / "table.pdf").read_bytes().startswith(b"%PDF")
    return log


# ---------------------------------------------------------------------------
# LaTeX


@needs_tex
@pytest.mark.parametrize(
    "make",
    [
        latex.rules_table,
        lambda standalone: latex.families_table(SIX, standalone),
        lambda standalone: latex.families_table(EVERY, standalone),
        lambda standalone: latex.families_table(SIX, standalone, titles=False),
        lambda standalone: latex.certificates_table(EVERY, standalone),
    ],
    ids=["rules", "six families", "all families", "no titles", "certificates"],
)
def test_tables_compile(make, tmp_path):
    log = typeset(make(standalone=True), tmp_path)
    assert "Overfull" not in log
    assert "Warning" not in log
    assert make(standalone=True).count(r"\begin{document}") == 1
    assert r"\documentclass" not in make(standalone=False)


@needs_tex
def test_odd_names_and_formulas_compile(tmp_path):
    """Names of the user's own, conditions, integrals, infinity and question marks."""
    mu_0, f_max = sp.Symbol("mu_0", positive=True), sp.Symbol("f_max", positive=True)
    families = [
        st.translate(Diffusivity(1 / (1 + (st.r / mu_0) ** 2) + f_max), name="a_b & c%d#e$f^g{h}~i\\j"),
        st.translate(Diffusivity("a - exp(-r^2)"), tau="tau"),
        st.translate(Activation("sin(r) + r/3")),
        st.translate(Diffusivity("alpha_12 exp(-r^4)")),
    ]
    assert families[0].name
    body = latex.families_table(families) + "\n\n\\bigskip\n" + latex.certificates_table(families)
    pictures = [f._repr_latex_() for f in families] + [f.certificate._repr_latex_() for f in families]
    pictures += [form._repr_latex_() for f in families for form in f.forms]
    document = "\n\n".join([body, *pictures])
    preamble = r"\documentclass{article}\usepackage{amsmath,booktabs}\begin{document}"
    log = typeset(f"{preamble}\n{document}\n\\end{{document}}\n", tmp_path)
    assert "Warning: Reference" not in log


def test_table_3_is_printed_as_in_the_paper():
    table = latex.families_table(SIX)
    rows = [line for line in table.splitlines() if line.startswith(r"$\displaystyle")]
    assert len(rows) == 6
    for row in (2, 4, 5):
        cells = rows[row].split(" & $\\displaystyle")
        assert len(cells) == 4
        for cell in cells:
            place = r"\theta" if "S(r)" in cell else r"\sqrt{2} \theta"
            assert rf"& |r| \leq {place} " in cell
            assert rf"& |r| > {place} " in cell
    assert rows[2].count(r"\operatorname{sgn}(r)") == 2
    assert r"\ln\left(\frac{r^{2}}{2 \theta^{2}}\right) + 1" in rows[4]
    assert r"\exp\left(- \frac{r^{2}}{2 \lambda^{2}}\right)" in rows[3]
    assert r"\log" not in table
    assert "Abs" not in table
    assert "sign" not in table
    for title in (r"\textbf{Perona--Malik}", "Whittaker--Tikhonov", r"\textbf{Garrote}", "Huber"):
        assert title in table


def test_table_1_has_the_twelve_rules():
    table = latex.rules_table()
    rows = [line for line in table.splitlines() if line.startswith(r"\textbf")]
    assert len(rows) == 4
    assert [row.count(" & ") for row in rows] == [4, 4, 4, 4]
    for k, letter in enumerate(("g(r)", r"\Psi(r)", "S(r)", r"\Phi(r)")):
        assert rf"$\displaystyle {letter}$" in rows[k].split(" & ")[k + 1]
    assert r"\int_{0}^{r}" in rows[0]
    assert r"\Psi'\left(\sqrt{2} r\right)" in rows[1] or r"\Psi'(\sqrt{2} r)" in rows[1]
    assert r"\frac{\sqrt{2}}{r}" in rows[2]


@pytest.mark.parametrize("standalone", [True, False])
def test_rows_of_latex_tables_have_as_many_cells_as_columns(standalone):
    for table in (latex.families_table(EVERY, standalone), latex.rules_table(standalone)):
        columns = len(re.search(r"\\begin\{tabular\}\{(\w+)\}", table).group(1))
        body = table[table.index(r"\midrule") : table.index(r"\bottomrule")]
        body = re.sub(r"\\begin\{cases\}.*?\\end\{cases\}", "", body)
        lines = [line for line in body.splitlines() if line.endswith((r"\\", r"\\[2ex]"))]
        assert lines
        assert {line.count(" & ") for line in lines} == {columns - 1}


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        ("Perona-Malik", "Perona--Malik"),
        ("truncated-tv", "truncated-tv"),
        ("a & b", r"a \& b"),
        ("100% #1 $2", r"100\% \#1 \$2"),
        ("a_b{c}", r"a\_b\{c\}"),
        ("", ""),
    ],
)
def test_escape(plain, escaped):
    assert latex.escape(plain) == escaped


@needs_tex
def test_escaped_text_always_compiles(tmp_path):
    names = ["\\", "~^", "\\relax", "{", "}", "$", "%", "&&", "_", "#", "\\\\", "a\\{b"]
    body = "\n\n".join(f"x{latex.escape(name)}x" for name in names)
    typeset(rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}", tmp_path)


def test_formulas_of_the_users_own_variable():
    x = sp.Symbol("x")
    g = Diffusivity(sp.exp(-(x**2)), variable=x)
    assert latex.formula_latex(g) == r"g(x) = \exp\left(- x^{2}\right)"
    assert latex.formula_latex(Activation("r |r|/(1 + |r|)")).startswith(r"\Phi(r) = ")


# ---------------------------------------------------------------------------
# Markdown and text


@pytest.mark.parametrize(
    "table",
    [
        text.families_markdown(EVERY),
        text.rules_markdown(),
        text.certificates_markdown(EVERY),
        text.certificates_markdown([st.translate(Activation("sin(r) + r/3"))]),
        text.families_markdown([st.translate(Diffusivity("exp(-|r| |r|)/(1 + | |r| - 1 |)"), name="bars")]),
    ],
    ids=["families", "rules", "certificates", "unknown", "bars"],
)
def test_markdown_tables_have_equal_rows(table):
    lines = table.splitlines()
    assert table.endswith("\n")
    assert len(lines) >= 3
    assert len({line.count("|") for line in lines}) == 1
    assert set(lines[1]) == {"|", "-"}
    for line in lines[2:]:
        assert line.count("$") % 2 == 0
        assert line.count(r"\lvert") == line.count(r"\rvert")


def test_nested_bars_are_paired():
    """| |r| - 1 | in a Markdown cell, where no bar may stand."""
    table = text.families_markdown([st.translate(Diffusivity("1/(1 + ||r| - 1|)"))])
    formula = re.search(r"\$g\(r\) = (.*?)\$", table).group(1)
    assert not re.search(r"\\lvert\s*\\rvert", formula)  # nothing between two bars
    depths = np.cumsum([1 if side == "l" else -1 for side in re.findall(r"\\([lr])vert(?![a-z])", formula)])
    assert depths.tolist() == [1, 2, 1, 0]


def test_text_tables_say_the_same():
    words = text.families_text(SIX)
    for name in TABLE_3:
        assert words.count(f"{name} (") == 1
    assert "soft" in words.lower()
    assert words.count("S(r)") == 6
    assert "Phi(r) = " in re.sub(" +", " ", words)
    table = text.certificates_text(SIX)
    assert len(table.splitlines()) == 7
    assert re.search(r"^truncated-quadratic +1 +oo", table, re.MULTILINE)
    assert len(text.rules_text().splitlines()) == 12
    for made in (words, table, text.rules_text()):
        assert not any(line != line.rstrip() for line in made.splitlines())


# ---------------------------------------------------------------------------
# Pictures

plots = pytest.importorskip("symtrans.present.plots")


def curve(axis):
    """The one curve of an axis that is not a zero line."""
    (line,) = (line for line in axis.lines if len(line.get_xdata()) > 2)
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def figure_of(*families, **parameters):
    pytest.importorskip("matplotlib")
    return plots.plot_families(families, parameters)


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg", "PNG"])
def test_pictures_are_written(tmp_path, suffix):
    path = tmp_path / "new folder" / f"curves.{suffix}"
    plots.save(figure_of(*SIX[:2]), path)
    start = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[suffix.lower()]
    assert path.read_bytes().startswith(start)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["curves", "curves.jpg", "curves.txt"])
def test_other_formats_are_refused(tmp_path, name):
    with pytest.raises(NonlinearityError, match=r"\.png"):
        plots.save(figure_of(SIX[0]), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_curves_are_those_of_the_forms():
    figure = figure_of(*SIX, lam=0.5, theta=0.8)
    assert len(figure.axes) == 24
    for family, row in zip(SIX, np.array(figure.axes).reshape(6, 4), strict=True):
        for form, axis in zip(family.forms, row, strict=True):
            x, y = curve(axis)
            values = {s: 0.5 for s in form.parameters if s.name == "lambda"}
            values |= {s: 0.8 for s in form.parameters if s.name == "theta"}
            number = form.subs(values)
            drawn = np.isfinite(y)
            assert drawn.sum() > 1000
            np.testing.assert_allclose(y[drawn], number(x)[drawn], rtol=1e-12, atol=1e-14)


def test_a_jump_is_a_gap():
    """Hard shrinkage and its flux jump at 1 and sqrt(2); its regulariser only bends."""
    g, psi, shrinkage, phi = figure_of(st.catalogue["hard"], theta=1.0).axes
    for axis, place in ((g, np.sqrt(2)), (shrinkage, 1), (phi, np.sqrt(2))):
        x, y = curve(axis)
        gaps = x[np.isnan(y)]
        np.testing.assert_allclose(np.unique(np.round(gaps, 1)), [-np.round(place, 1), np.round(place, 1)])
        # no line leads from one side of the jump to the other
        steps = np.abs(np.diff(y))
        assert np.nanmax(steps) < 0.02
    assert np.all(np.isfinite(curve(psi)[1]))


def test_a_jump_or_a_pole_at_zero_is_a_gap():
    g, _, _, phi = figure_of(st.catalogue["tv"]).axes
    for axis in (g, phi):
        x, y = curve(axis)
        assert np.isnan(y[np.argmin(np.abs(x))])
    x, y = curve(phi)
    np.testing.assert_array_equal(np.unique(y[np.isfinite(y)]), [-1, 1])


def test_a_jump_of_any_parameter_is_a_gap():
    for theta in (0.1, 0.333, 1.0, 1.7, 2.1):
        _, y = curve(figure_of(st.catalogue["hard"], theta=theta).axes[2])
        assert np.nanmax(np.abs(np.diff(y))) < 0.02, theta


def test_a_filtered_signal_is_drawn():
    pytest.importorskip("matplotlib")
    noisy, filtered = np.arange(5.0), np.ones(5)
    figure = plots.plot_filtered(noisy, filtered, np.zeros(5), "title")
    drawn = [np.asarray(line.get_ydata()) for axis in figure.axes for line in axis.lines]
    assert any(np.array_equal(line, noisy) for line in drawn)
    assert any(np.array_equal(line, filtered) for line in drawn)
    assert len(drawn) == 4
    assert len([line for axis in plots.plot_filtered(noisy, filtered, None, "").axes for line in axis.lines]) == 2
