"""Tables within somebody's paper: they fit the column, and TeX says so."""

import re
import shutil
import subprocess

import pytest

import symtrans as st
from symtrans.errors import NonlinearityError
from symtrans.present import tables
from symtrans.present.narrow_tables import Fit
from symtrans.present.tables import Layout
from symtrans.present.typeset import typeset

PAPERS = {
    "article": r"\documentclass{article}",
    "article-in-columns": r"\documentclass[twocolumn,11pt]{article}",
    "ieee": r"\documentclass[journal]{IEEEtran}",
}
PACKAGES = r"\usepackage{amsmath,booktabs,graphicx,pgfplots}\pgfplotsset{compat=1.16}"


@pytest.fixture(scope="module")
def wide():
    """A family whose formulas can nowhere be parted."""
    total = " + ".join(f"a_{k}" for k in range(24))
    return st.translate(st.Activation(f"r/(1 + ({total})*r^2)"), name="wide")


def has(name):
    program = shutil.which("kpsewhich")
    return program is not None and subprocess.run([program, name], capture_output=True).returncode == 0


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
@pytest.mark.parametrize("paper", PAPERS)
def test_tables_fit_a_paper(paper, wide):
    if paper == "ieee" and not (has("IEEEtran.cls") and has("ptmr7t.tfm")):
        pytest.skip("no IEEEtran, or no Times for it (texlive-publishers, texlive-fonts-recommended)")
    chosen = [st.catalogue[name] for name in ("weickert-8", "soft", "perona-malik", "hampel")]
    column, text = (Layout(fit=Fit.of(name), caption=f"Fits {name}.") for name in ("columnwidth", "textwidth"))
    within, narrow = Layout(fit=Fit.of("columnwidth")), Layout(fit=Fit.of("6cm"), columns=(st.Shrinkage, st.Activation))
    body = [
        *(tables.families_table(chosen, layout) for layout in (column, text, narrow)),
        *(tables.certificates_table(chosen, layout) for layout in (within, text)),
        tables.rules_table(within),
        tables.families_table(chosen[1:2], Layout(fit=Fit.of("textwidth"))),  # as wide as both columns
        *(tables.families_table([wide], layout) for layout in (column, text, narrow)),
        *(tables.curves_table(chosen[1:3], layout) for layout in (column, text, narrow)),
    ]
    source = "\n".join([PAPERS[paper], PACKAGES, r"\begin{document}", "Text.", *body, r"\end{document}"])
    _, log = typeset(source)
    assert not re.findall(r"Overfull \\hbox.*", log)
    assert "Too large" not in log  # a float taller than the page is said so


def test_columns_go_on_in_parts_and_every_family_is_there_once():
    chosen = [st.catalogue[name] for name in ("soft", "hard", "garrote", "perona-malik")]
    text = tables.certificates_table(chosen, Layout(fit=Fit.of("columnwidth")))
    assert text.count(r"\begin{tabular}") == text.count("perona-malik &") > 1
    forms = tables.families_table(chosen, Layout(fit=Fit.of("columnwidth"), caption="C", label="tab:c"))
    assert forms.count(r"\textbf{Soft") == forms.count(r"\label") == 1
    assert forms.count("(continued)") == forms.count(r"\begin{table}") - 1


def test_curves_go_on_below_their_heads():
    chosen = [st.catalogue[name] for name in ("soft", "hard", "garrote", "perona-malik", "tukey", "scad", "fair")]
    text = tables.curves_table(chosen, Layout(fit=Fit.of("textwidth"), caption="C", label="tab:c"))
    parts = text.split(r"\begin{table*}")[1:]
    assert [part.count(r"\begin{tikzpicture}") % 4 for part in parts] == [0] * len(parts)
    assert text.count(r"\begin{tikzpicture}") == 4 * len(chosen)
    assert text.count(r"\textbf{Activation} \\") == len(parts) == text.count("(continued)") + 1 > 1


def test_narrow_formulas_stand_beside_each_other():
    chosen = [st.catalogue[name] for name in ("constant", "hampel", "soft")]
    text = tables.families_table(chosen, Layout(fit=Fit.of("textwidth")))
    assert r"$\displaystyle g(r) = 1$ & $\displaystyle \Psi(r) = r^{2}$ \\" in text
    hampel = text[text.index("Hampel") : text.index("Soft")]
    assert hampel.count(r"\multicolumn{2}") == 5  # the title of the next is one
    assert " & $" not in hampel
    spec = r"\begin{tabular}{@{}p{0.48\textwidth}@{\hspace{0.04\textwidth}}p{0.48\textwidth}@{}}"
    assert text.count(spec) == 3  # between them TeX may end a page
    assert (text.count(r"\toprule"), text.count(r"\midrule"), text.count(r"\bottomrule")) == (1, 2, 1)
    floating = tables.families_table(chosen[:1] + chosen[2:], Layout(fit=Fit.of("9cm"), caption="Two."))
    assert floating.count(r"\begin{tabular}{@{}p{4.320cm}@{\hspace{0.360cm}}p{4.320cm}@{}}") == 1
    whole = tables.families_table(chosen[1:2], Layout(fit=Fit.of("columnwidth")))
    assert r"\begin{tabular}{@{}p{\columnwidth}@{}}" in whole


def test_what_can_neither_be_broken_nor_split_is_turned(wide):
    layout = Layout(fit=Fit.of("columnwidth"), caption="C", label="tab:c")
    text = tables.families_table([st.catalogue["soft"], wide, st.catalogue["hard"]], layout)
    first, turned, last = text.split(r"\begin{table}")[1:]
    assert [r"\rotatebox{90}" in part for part in (first, turned, last)] == [False, True, False]
    assert turned.startswith("[p]")
    assert r"\textbf{wide}" in turned
    assert text.count(r"\caption") == text.count(r"\end{table}") == 3


def test_a_sum_taller_than_its_part_of_a_page_goes_on_in_the_next():
    morita = st.catalogue["morita"]
    text = tables.families_table([morita], Layout(fit=Fit.of("columnwidth"), columns=(st.Regulariser,)))
    parts = [part for part in text.split(r"\begin{tabular}") if r"\begin{aligned}" in part]
    assert len(parts) > 2
    assert max(part.count(r"\\ &") for part in parts) < 7  # a column is 8 cm wide, and a fraction 1.1 cm tall
    assert r"\quad \begin{aligned}[t] & " in parts[1]


def test_rows_go_on_in_parts_that_a_page_holds():
    text = tables.certificates_table([st.catalogue["soft"]] * 70, Layout(fit=Fit.of("textwidth")))
    parts = [part.count("soft &") for part in text.split(r"\begin{tabular}")[1:]]
    assert max(parts) <= 26
    assert sum(parts) == 70


@pytest.mark.parametrize("wish", ["", "wide", "0cm", "12", "-3cm"])
def test_a_width_that_is_none_is_refused(wish):
    with pytest.raises(NonlinearityError, match="textwidth, columnwidth or a length such as"):
        Fit.of(wish)


def test_a_long_constant_has_a_name():
    text = tables.families_table([st.catalogue["weickert-8"]], Layout(fit=Fit.of("columnwidth")))
    assert text.count("LambertW") == 1
    assert r"\approx 3.31488" in text
    assert r"\exp\left(- \frac{C \lambda^{8}}{r^{8}}\right)" in text
