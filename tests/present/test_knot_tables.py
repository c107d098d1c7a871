"""Splines as tables of their knots: in LaTeX, on pages, and as dots in pictures."""

import re
import shutil

import numpy as np
import pytest

import symtrans as st
from symtrans import Activation
from symtrans.nonlinearity.knot_table import knot_table
from symtrans.present.mathml import equation
from symtrans.present.narrow_tables import Fit
from symtrans.present.notebook import curve_svg
from symtrans.present.pgfplots import picture
from symtrans.present.tables import Layout, families_table
from symtrans.present.typeset import typeset

PLACES = np.linspace(0, 3, 14)
LEARNED = Activation.from_knots(PLACES, PLACES * np.exp(-(PLACES**2)), tail="constant")
WIGGLY = Activation.from_knots(np.arange(41) / 7, np.sin(np.arange(41)))


def rows(latex):
    """The rows of the table, joined: places and values as numbers."""
    lines = re.search(r"\\begin\{array\}\{.*?\}(.*)\\end\{array\}", latex)[1].split(r"\\")
    cells = [[cell.strip() for cell in line.split("&")[1:]] for line in lines]
    return [[cell for line in cells[k::2] for cell in line if cell] for k in (0, 1)]


@pytest.mark.parametrize("form", st.translate(LEARNED, tau="1/8").forms, ids=lambda form: type(form).__name__)
def test_the_table_is_the_function(form):
    latex = st.latex(form)
    places, values = (np.array(row, float) for row in rows(latex))
    np.testing.assert_allclose(form(places), values, rtol=1e-3, atol=1e-6)  # the places are rounded too
    assert len(places) == 14
    letter = form.latex_letter
    assert latex.startswith(rf"{letter}(r) \approx \begin{{cases}}")
    assert r"\frac{4" not in latex
    table = knot_table(form)
    beyond = float(table.beyond.subs(form.variable, 5))
    assert beyond == pytest.approx(float(form(5.0)), rel=1e-3)


def test_between_knots_the_words_tell_which_function():
    """Rebuilt from the table alone, the pieces are those of the form."""
    family = st.translate(LEARNED)
    for form, kind in zip(family.forms, ("reciprocal", "quadratic", "linear", "linear"), strict=True):
        table = knot_table(form)
        assert table.between == kind
        x, y = np.array(table.places, float), np.array(table.values, float)
        middle = (x[1:] + x[:-1]) / 2
        if kind == "linear":
            found = np.interp(middle, x, y)
        elif kind == "reciprocal":  # linear after multiplication by r
            found = np.interp(middle, x, x * y) / middle
        else:  # the slope at the left end follows from knot to knot
            slope, found = 0.0, []
            for k, h in enumerate(np.diff(x)):
                found.append(y[k] + slope * h / 2 + ((y[k + 1] - y[k]) / h - slope) * h / 4)
                slope = 2 * (y[k + 1] - y[k]) / h - slope
        np.testing.assert_allclose(found, form(middle), rtol=2e-3, atol=2e-4)


def test_what_is_read_as_a_formula_stays_one():
    for kind in (st.catalogue["spline-21"].activation, st.catalogue["soft"].shrinkage, Activation("tanh(r)")):
        assert knot_table(kind) is None
        assert r"\approx" not in st.latex(kind)
    jumps = Activation("Piecewise((0.123456789 r, |r| <= 1), (0, otherwise))")
    assert knot_table(jumps) is None


def test_of_many_knots_the_first_and_the_last():
    places, values = rows(st.latex(WIGGLY))
    assert places == ["0", "0.14286", "0.28571", r"\ldots", "5.4286", "5.5714"]
    assert values[3] == r"\text{35 more}"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex")
@pytest.mark.parametrize("fit", [None, "columnwidth"])
def test_pdflatex_sets_a_learned_family_beside_a_known_one(fit):
    families = [st.catalogue["soft"], st.translate(LEARNED), st.translate(WIGGLY)]
    if fit is None:
        document = families_table(families, Layout(standalone=True))
    else:
        body = families_table(families, Layout(fit=Fit.of(fit)))
        packages = r"\usepackage{amsmath,booktabs,graphicx}"
        document = rf"\documentclass[twocolumn]{{article}}{packages}\begin{{document}}{body}\end{{document}}"
    pdf, log = typeset(document)
    assert pdf.startswith(b"%PDF")
    assert "Overfull \\hbox" not in log


def test_pages_and_pictures_mark_the_knots():
    html = equation(LEARNED)
    assert html.count("<mtable") == 2
    assert "<mo>≈</mo>" in html
    assert "<mn>0.23077</mn>" in html
    assert curve_svg(LEARNED).count("<circle") == 26  # on both sides
    assert curve_svg(st.catalogue["soft"].shrinkage).count("<circle") == 0
    drawn = re.search(r"symtrans knots\] coordinates \{(.*?)\}", picture(LEARNED, {}))[1]
    assert len(drawn.split()) == 26
    plotted = st.translate(LEARNED).plot()
    try:
        for axis, form in zip(plotted, st.translate(LEARNED).forms, strict=True):
            x, y = axis.lines[-1].get_data()
            assert len(x) == 26
            np.testing.assert_allclose(form(np.asarray(x)), y, atol=1e-12)
    finally:
        from matplotlib import pyplot

        pyplot.close(plotted[0].figure)


def test_as_text_a_learned_spline_is_its_knots_and_its_numbers_are_short():
    """Nobody reads a fraction of two numbers of thirty digits: not in a sentence, an error, or the head of a kernel."""
    family = st.translate(WIGGLY)
    shown = {
        "family": str(family),
        "certificate": str(family.certificate),
        "network": str(st.Network(LEARNED, 3)),
        "kernel": next(text for name, text in st.Network(LEARNED, 3).source().items() if name.endswith(".h")),
    }
    with pytest.raises(st.StabilityError) as refused:
        st.Network(WIGGLY)
    shown["error"] = str(refused.value)
    for what, text in shown.items():
        head = text.partition("#ifndef")[0]
        assert not re.search(r"\d{13}", re.sub("tau *= ?'?[0-9/]*", "", head)), (what, head)  # which is exact
        assert "more pieces" not in head
    assert "linear between (0, 0), (0.14286, 0.84147), (0.28571, 0.9093), ... (35 more), " in shown["family"]
    assert "a + b/|r| between (0, 5.8903), (0.14286, 5.8903)" in shown["family"]
    assert "then 9.4924*sgn(r) - 1.5308*r, to 5 digits" in shown["family"]


def test_the_head_of_a_learned_kernel_says_the_call_in_python():
    text = st.Network(WIGGLY, 3, tau="1/100", unstable="allow").source(dtype="float32")["network_f32.h"]
    call = "Network(Activation.from_knots(<41 knots>), blocks=3, tau='1/100', unstable='allow').source('c', 'float32')"
    assert call in text
    assert "symtrans generate" not in text
