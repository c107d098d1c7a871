"""Tables that TeX and Markdown can set, and curves that show a jump as a jump."""

import re
import shutil
import subprocess
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some

import symtrans as st
from symtrans import Activation, Diffusivity, NonlinearityError, Shrinkage
from symtrans.catalogue import TABLE_3
from symtrans.language.symbols import keyword_of
from symtrans.present import latex, pgfplots, tables, text
from symtrans.present.breaking import fitted
from symtrans.present.curves import curve_of
from symtrans.present.narrow_tables import Fit
from symtrans.present.statements import class_of
from symtrans.present.tables import Layout
from symtrans.present.typeset import typeset
from symtrans.present.widths import width
from tests import strategies

UNKNOWN = Activation("r*(1 + cos(r) + sin(exp(|r|)))")  # whose bounds are not found
_OTHERS = ("perona-malik-rational", "tv", "tukey", "geman-mcclure", "fair", "log-cosh", "mid")


def six():
    return [st.catalogue[name] for name in TABLE_3]


def every():
    return [st.catalogue[name] for name in (*TABLE_3, *_OTHERS)]


@cache
def many_terms():
    return st.translate(Activation(" + ".join(f"r exp(-{k} r^2)/{k}" for k in range(1, 21))), name="Twenty terms")


def wide():
    return [many_terms(), *(st.catalogue[name] for name in ("hampel", "smooth-soft", "weickert-4", "mid"))]


needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")


def pages_of(source, folder):
    """Compile until it settles, check that nothing is too wide, and turn the pages into pictures."""
    pdf, log = typeset(source)
    for word in ("Overfull", "Warning: Reference", "Float too large", "Rerun"):
        assert word not in log, "\n".join(line for line in log.splitlines() if word in line)
    (folder / "table.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "40", "-gray", "table.pdf", "page"], cwd=folder, check=True, timeout=60)
    return sorted(folder.glob("page*.pgm"))


def ink(page):
    """The dark pixels of a page, and whether any touches its edge."""
    header = re.match(rb"P5\s(\d+)\s(\d+)\s255\s", page.read_bytes())
    width, height = map(int, header.groups())
    pixels = np.frombuffer(page.read_bytes()[header.end() :], np.uint8).reshape(height, width) < 128
    inner = pixels[2:-2, 2:-2]
    return int(pixels.sum()), int(pixels.sum() - inner.sum())


def paper_of(folder):
    """Width and height of the page, in cm."""
    found = subprocess.run(["pdfinfo", "table.pdf"], cwd=folder, check=True, capture_output=True, text=True).stdout
    width, height = re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", found).groups()
    return float(width) * 2.54 / 72, float(height) * 2.54 / 72


ALONE = Layout(standalone=True)
DOCUMENTS = {
    "rules": lambda: tables.rules_table(ALONE),
    "two rules": lambda: tables.rules_table(Layout(standalone=True, columns=(Shrinkage, Activation), caption="Two")),
    "six families": lambda: tables.families_table(six(), ALONE),
    "all families": lambda: tables.families_table(every(), Layout(standalone=True, caption="All", label="all")),
    "wide formulas": lambda: tables.families_table(wide(), ALONE),
    "wide formulas on narrow paper": lambda: tables.families_table(wide(), Layout(standalone=True, width=26.7)),
    "no titles": lambda: tables.families_table(six(), Layout(standalone=True, titles=False, per_page=2)),
    "certificates": lambda: tables.certificates_table(every(), ALONE),
    "certificates by page": lambda: tables.certificates_table(
        every(), Layout(standalone=True, caption="Proved.", per_page=8)
    ),
    "curves": lambda: tables.curves_table(six(), ALONE),
    "curves by page": lambda: tables.curves_table(every()[:9], Layout(standalone=True, caption="Curves", per_page=4)),
    "paper": tables.paper,
}


# ---------------------------------------------------------------------------
# LaTeX


@needs_tex
@pytest.mark.parametrize("name", DOCUMENTS)
def test_tables_compile(name, tmp_path):
    source = DOCUMENTS[name]()
    pages = pages_of(source, tmp_path)
    assert source.count(r"\begin{document}") == 1
    wanted = {"paper": 3, "curves by page": 3, "no titles": 3, "certificates by page": 2}
    assert len(pages) >= wanted.get(name, 1)
    for page in pages:
        dark, at_the_edge = ink(page)
        assert dark > (20 if name.startswith("wide") else 300)
        assert at_the_edge == 0
    if name.startswith("wide"):
        assert max(paper_of(tmp_path)) < (30 if "narrow" in name else 42.1)


@needs_tex
@pytest.mark.long
@pytest.mark.parametrize("write", [tables.families_table, tables.certificates_table, tables.curves_table])
def test_the_whole_catalogue_compiles(write, tmp_path):
    families = list(st.catalogue.values())
    pages = pages_of(write(families, Layout(standalone=True, caption="All families.")), tmp_path)
    assert len(pages) > 1
    assert not any(ink(page)[1] for page in pages)
    assert max(paper_of(tmp_path)) < 42.1  # A3


@needs_tex
def test_widths_are_near_what_tex_sets(tmp_path):
    formulas = [latex.formula_latex(form) for family in (*every(), *wide()) for form in family.forms]
    lines = [rf"\setbox0\hbox{{$\displaystyle {formula}$}}\typeout{{wide \the\wd0}}" for formula in formulas]
    head = r"\documentclass{article}\usepackage{amsmath}\begin{document}"
    _, log = typeset("\n".join([head, *lines, r"x\end{document}"]))
    set_by_tex = [float(points) / 10 for points in re.findall(r"wide ([\d.]+)pt", log)]
    ratios = [width(formula) / em for formula, em in zip(formulas, set_by_tex, strict=True)]
    assert min(ratios) > 0.97
    assert max(ratios) < 1.25


def test_a_wide_sum_goes_on_in_the_next_line_and_is_read_back():
    for room in (26.0, 105.0):
        text = fitted(many_terms().activation, room)
        assert width(text) <= room
        assert text.count(r" \\ & + ") == (9 if room < 30 else 1)
        assert Activation(latex=text) == many_terms().activation
    table = tables.families_table([many_terms()])
    assert r"\Phi(r)" not in table.split(r"\end{tabular}")[0]
    assert "(4) Twenty terms, activation function:" in table


_FACTORS = ["(1 + a)", "(a + exp(-r^2))^2", "r^2", "exp(-a |r|)", "1/(1 + r^2)", "2/3", "sqrt(2)", "cosh(r)", "(-1)"]
_SUMS = [
    "(exp(-r^2) + exp(-2 r^2)/2 - exp(-3 r^2)/3 + a exp(-4 r^2))",
    "Piecewise((a + r^2/2 - r^4/24 + r^6/720, |r| <= 1), (1/a + 1/r^2 - a/r^4 + 1/(1 + r^2), otherwise))",
]


@settings(max_examples=12)
@given(
    some.lists(some.sampled_from(_FACTORS), max_size=3), some.lists(some.sampled_from(_SUMS), min_size=1, max_size=2)
)
def test_broken_formulas_keep_their_value(factors, sums):
    form = Diffusivity(" * ".join([*factors, *sums]), variable="r")
    read = Diffusivity(latex=fitted(form, 13.0), variable="r")
    places = np.array([0.3, 0.9, 1.7])
    np.testing.assert_allclose(read(places, **keywords(read)), form(places, **keywords(form)), rtol=1e-9)


def keywords(form):
    return dict.fromkeys((keyword_of(symbol) for symbol in form.parameters), 0.7)


def test_long_numbers_are_given_to_five_digits():
    table = tables.certificates_table([st.catalogue["weickert-4"]], Layout(proved=("slope_min", "g_max")))
    assert r"$\approx -0.88947" in table
    assert "LambertW" not in table


@needs_tex
def test_a_snippet_says_what_it_needs_and_needs_no_more(tmp_path):
    snippets = [
        tables.rules_table(Layout(columns=(Diffusivity, Activation))),
        tables.families_table(six(), Layout(columns=(Diffusivity, Activation), caption="Six", label="tab:six")),
        tables.curves_table(six()[2:4], Layout(columns=(Shrinkage, Activation))),
        tables.families_table(six(), Layout(columns=(Activation, Shrinkage), per_page=4)),
    ]
    needs = [snippet.splitlines()[0] for snippet in snippets]
    assert [("pgfplots" in n, "longtable" in n) for n in needs] == [(0, 0), (0, 0), (1, 0), (0, 1)]
    for k, snippet in enumerate(snippets):
        assert r"\documentclass" not in snippet
        packages = re.search(r"Needs (.*)\.", needs[k]).group(1).replace(" and ", ",").replace(" ", "")
        folder = tmp_path / str(k)
        folder.mkdir()
        head = rf"\documentclass{{article}}\usepackage{{{packages}}}\begin{{document}}\thispagestyle{{empty}}"
        pages_of(f"{head}\n{snippet}\n\\end{{document}}\n", folder)


def test_the_layout_is_obeyed():
    table = tables.families_table(six(), Layout(columns=(Activation, Diffusivity), caption="My $x$", label="tab:me"))
    assert r"\textbf{Activation Function} & \textbf{Diffusivity} \\" in table
    assert r"\caption{My $x$}\label{tab:me}" in table
    assert "S(r)" not in table
    proved = tables.certificates_table(six(), Layout(proved=("class", "g_max")))
    assert r"family & class & $\sup g$ \\" in proved
    long = tables.families_table(every(), Layout(per_page=5))
    assert long.count(r"\pagebreak") == (len(every()) - 1) // 5
    assert [f.name for f in tables.ordered(six(), "name")] == sorted(TABLE_3)
    classes = [class_of(f.certificate.monotone) for f in tables.ordered(six(), "class")]
    assert classes == sorted(classes)
    with pytest.raises(NonlinearityError, match="order = 'size'"):
        tables.ordered(six(), "size")
    for wrong in ({"columns": ()}, {"proved": ("foo",)}, {"per_page": 0}):
        with pytest.raises(NonlinearityError):
            Layout(**wrong)


def test_families_of_ones_own_stand_beside_the_catalogue():
    mine = st.translate(Activation("r/(1 + r^4)"), name="Mine_1")
    table = tables.families_table([six()[2], mine])
    assert r" &  &  & \textbf{Mine\_1} \\*" in table
    assert r"\frac{r}{1 + r^{4}}" in table


def test_curves_in_pgfplots_break_at_jumps():
    hard = st.catalogue["hard"]
    picture = pgfplots.picture(hard.shrinkage, {"theta": 2.0})
    assert picture.count(r"\addplot[symtrans line]") == 3
    assert r"\addplot[symtrans filled] coordinates {(-2,0) (2,0)}" in picture
    assert r"\addplot[symtrans open] coordinates {(-2,-2) (2,2)}" in picture
    assert r"xtick={2}, xticklabels={{$\theta$}}" in picture
    smooth = pgfplots.picture(st.catalogue["perona-malik"].activation, {})
    assert smooth.count(r"\addplot") == 1
    assert len(smooth) < 2000


@given(strategies.diffusivities())
@settings(max_examples=10)
def test_simplified_curves_stay_near_the_function(expr):
    form = Diffusivity(expr)
    curve = curve_of(form, {})
    for line, few in zip(curve.lines, curve.simplified(0.002), strict=True):
        assert len(few) <= len(line)
        off = np.abs(np.interp(line[:, 0], few[:, 0], few[:, 1]) - line[:, 1])
        slope = np.abs(np.gradient(line[:, 1], line[:, 0]))
        assert np.all(off <= 0.0025 * (curve.high - curve.low) + 0.0045 * curve.extent * slope.max())


@needs_tex
def test_odd_names_and_formulas_compile():
    """Names of the user's own, conditions, integrals, infinity and question marks."""
    mu_0, f_max = sp.Symbol("mu_0", positive=True), sp.Symbol("f_max", positive=True)
    families = [
        st.translate(Diffusivity(1 / (1 + (st.r / mu_0) ** 2) + f_max), name="a_b & c%d#e$f^g{h}~i\\j"),
        st.translate(Diffusivity("a - exp(-r^2)"), tau="tau"),
        st.translate(UNKNOWN),
        st.translate(Diffusivity("alpha_12 exp(-r^4)")),
    ]
    assert families[0].name
    body = tables.families_table(families) + "\n\n\\bigskip\n" + tables.certificates_table(families)
    pictures = [f._repr_latex_() for f in families] + [f.certificate._repr_latex_() for f in families]
    pictures += [form._repr_latex_() for f in families for form in f.forms]
    document = "\n\n".join([body, *pictures])
    preamble = r"\documentclass{article}\usepackage{amsmath,booktabs}\begin{document}"
    pdf, _ = typeset(f"{preamble}\n{document}\n\\end{{document}}\n")
    assert pdf.startswith(b"%PDF")


def test_table_3_is_printed_as_in_the_paper():
    table = tables.families_table(six())
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
    table = tables.rules_table()
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
    layout = Layout(standalone=standalone, per_page=len(every()))
    for table in (tables.families_table(every(), layout), tables.rules_table(layout)):
        columns = len(re.search(r"\\begin\{tabular\}\{(\w+)\}", table).group(1))
        body = table[table.index(r"\midrule") : table.index(r"\bottomrule")]
        body = re.sub(r"\\begin\{cases\}.*?\\end\{cases\}", "", body)
        lines = [line for line in body.splitlines() if line.endswith((r"\\", r"\\*", r"\\[2ex]"))]
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
def test_escaped_text_always_compiles():
    names = ["\\", "~^", "\\relax", "{", "}", "$", "%", "&&", "_", "#", "\\\\", "a\\{b"]
    body = "\n\n".join(f"x{latex.escape(name)}x" for name in names)
    typeset(rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}")


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
        lambda: text.families_markdown(every()),
        text.rules_markdown,
        lambda: text.certificates_markdown(every()),
        lambda: text.certificates_markdown(
            [SimpleNamespace(called="", nonlinearity=UNKNOWN, certificate=st.certify(UNKNOWN))]
        ),
        lambda: text.families_markdown([st.translate(Diffusivity("exp(-|r| |r|)/(1 + | |r| - 1 |)"), name="bars")]),
    ],
    ids=["families", "rules", "certificates", "unknown", "bars"],
)
def test_markdown_tables_have_equal_rows(table):
    table = table()
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
    words = "\n\n".join(f"{text.heading(family)}\n{text.form_lines(family)}" for family in six())
    for name in TABLE_3:
        assert words.count(f"{name} (") == 1
    assert "soft" in words.lower()
    assert words.count("S(r)") == 6
    assert "Phi(r) = " in re.sub(" +", " ", words)
    table, rules = text.aligned(text.certificates_rows(six())), text.aligned(text.rules_rows())
    assert len(table.splitlines()) == 7
    assert re.search(r"^truncated-quadratic +1 +oo", table, re.MULTILINE)
    assert len(rules.splitlines()) == 12
    for made in (words, table, rules):
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
    plots.save(figure_of(*six()[:2]), path)
    start = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[suffix.lower()]
    assert path.read_bytes().startswith(start)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["curves", "curves.jpg", "curves.txt"])
def test_other_formats_are_refused(tmp_path, name):
    with pytest.raises(NonlinearityError, match=r"\.png"):
        plots.save(figure_of(six()[0]), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_curves_are_those_of_the_forms():
    figure = figure_of(*six(), lam=0.5, theta=0.8)
    assert len(figure.axes) == 24
    for family, row in zip(six(), np.array(figure.axes).reshape(6, 4), strict=True):
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


def test_what_has_no_name_is_called_by_its_formula():
    mine = st.translate(st.Activation("r/(1 + r^2/a^2)"))
    assert text.heading(mine) == "Phi(r) = r/(1 + r^2/a^2)"
    assert text.certificates_rows([mine])[1][0] == text.heading(mine)
    shown = r"$\Phi(r) = \frac{r}{1 + \frac{r^{2}}{a^{2}}}$"
    assert shown + " &" in tables.certificates_table([mine])
    assert f"| {shown} |" in text.certificates_markdown([mine])
    assert "unnamed" not in tables.families_table([mine], Layout(fit=Fit.of("textwidth")))
