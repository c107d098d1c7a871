"""One list of statements, and what each surface makes of it."""

import re

import pytest
import sympy as sp

import symtrans as st
from symtrans.calculus.undecided import text_of
from symtrans.language.latex_text import LatexText
from symtrans.language.notation import NONNEGATIVE_G
from symtrans.language.spelling import Spelt
from symtrans.language.text_printer import plain
from symtrans.present.data import certificate_data
from symtrans.present.html import statement_lines
from symtrans.present.latex import definitions
from symtrans.present.mathml import sentence
from symtrans.present.sentences import certificate_latex, in_formulas
from symtrans.present.statements import BOUNDS, COLUMNS, STEPS, VERDICTS, answers, brief, cells, in_full, statements
from symtrans.present.tables import certificates_table
from symtrans.present.text import aligned, certificate_rows, certificates_markdown, certificates_rows

SOFT = st.catalogue["soft"].certificate


@pytest.fixture(scope="module")
def general():
    return st.certify(st.Diffusivity("(1 + r^2/lambda^2)^(-p)"))


def test_every_statement_is_there_once_on_every_surface():
    names = [*BOUNDS, *STEPS, *VERDICTS]
    assert list(answers(SOFT)) == names
    assert [row[0] for row in certificate_rows(SOFT, sp.S.One)] == names
    data = certificate_data(SOFT, "1")
    assert {*BOUNDS, *VERDICTS} < set(data)
    assert list(data["steps"]) == list(STEPS)
    shown = [name for name in (*STEPS, *BOUNDS, *VERDICTS) if name != "odd"]  # every activation is
    assert [line.name for line in statements(SOFT)] == [line["name"] for line in statement_lines(SOFT)] == shown
    assert certificate_latex(SOFT).count("proved") == len(shown)
    assert set(COLUMNS) - {"class", "evidence"} < set(names)


def test_values_evidence_and_reasons_are_those_of_the_certificate(general):
    for name, value, evidence, reason in certificate_rows(general, sp.S.One):
        answer = answers(general)[name]
        assert (evidence, reason) == (answer.evidence.value, answer.reason)
        assert value
    data = certificate_data(general, "1")
    assert data["monotone"] == {
        "value": None,
        "when": "p <= 1/2",
        "evidence": "proved",
        "reason": general.monotone.reason,
    }
    assert data["g_max"]["value"] == "1"
    assert data["g_max"]["attained"] == "0"
    half = certificate_data(st.certify(st.Diffusivity("1/2 + 0*r")), "1")["g_max"]
    assert half["value"] == "1/2"


@pytest.mark.parametrize(
    ("formula", "name", "expected"),
    [
        ("exp(-r^2/2)", "max_min_step", "for tau <= 1/2"),
        ("1 - r^2", "max_min_step", "for no tau > 0"),
        ("0*r", "max_min_step", "for every tau"),
        ("exp(-r^2/2)", "g_max", "1 at r = 0"),
        ("exp(-r^2/2)", "slope_min", "-2*exp(-3/2) ≈ −0.4463 at r = sqrt(3)"),
        ("exp(-r^2/2)", "monotone", "no"),
        ("1/|r|", "lipschitz", "oo"),
    ],
)
def test_answers_in_full(formula, name, expected):
    certificate = st.certify(st.Diffusivity(formula))
    assert text_of(in_full(name, answers(certificate)[name], st.r), plain) == expected


def test_a_condition_is_an_answer(general):
    assert brief(general.monotone) == ("if ", sp.Le(sp.Symbol("p", positive=True), sp.Rational(1, 2)))


def test_a_row_has_the_columns_that_are_asked_for():
    assert cells(SOFT, ("class", "g_max", "evidence"), lambda bound: f"<{bound.value}>") == ["1", "<1>", "proved"]


def test_words_are_escaped_and_formulas_are_set():
    said = ("a < b, ", NONNEGATIVE_G, " & so on")
    assert str(sentence(said)) == "a &lt; b, <math><mrow><mi>g</mi><mo>≥</mo><mn>0</mn></mrow></math> &amp; so on"
    assert in_formulas(said) == r"\text{a < b, } g \geq 0 \text{ \& so on}"


@pytest.mark.parametrize("name", ["general", "weickert-8", "hard"])
def test_no_surface_shows_how_another_writes(general, name):
    """Powers, infinity and arrows are typeset where formulas are, and never as SymPy or Python writes them."""
    certificate = general if name == "general" else st.catalogue[name].certificate
    for line in statement_lines(certificate):
        page = re.sub(r"<[^>]*>", "", line["what"] + line["value"] + line["why"])
        assert not re.search(r"\*\*|\^|->|\boo\b|[<>]=|infty|Phi|lambda", page), page
        assert not re.search(r"\*\*|Piecewise\(\(.*True", line["hint"])
    text = certificate_latex(certificate)
    assert not re.search(r"\*\*|<=|>=|->|(?<![a-z\\\\])(oo|Phi|Psi|lambda|tau)\b", text), text
    assert "**" not in certificate.explain()


def test_the_words_for_time_steps_are_the_same_in_prose():
    assert "never grows, in the norms 1, 2 and oo, for every tau." in st.certify(st.Activation("0*r")).explain()
    assert " never grows for tau <= h^2/4." in SOFT.explain()


def test_the_argument_keeps_its_expressions():
    place = st.catalogue["perona-malik"].certificate.slope_min.argument
    assert sp.sqrt(3) * sp.Symbol("lambda", positive=True) in place
    assert text_of(place, plain) == st.catalogue["perona-malik"].certificate.slope_min.reason


def test_a_small_constant_is_written_with_a_power_of_ten():
    (line,) = definitions({sp.exp(-18): Spelt(sp.exp(-18), "C")})
    assert line == r"C = \exp\left(-18\right) \approx 1.523 \cdot 10^{-8}"
    assert st.Activation(LatexText(rf"\Phi(r) = C r, \quad {line}")) == st.Activation("exp(-18) r")


def test_a_long_number_is_its_first_digits_in_every_table():
    family = st.catalogue["weickert-8"]
    assert certificates_rows([family])[1][2:4] == ("2.33489...", "-2.33489...")
    assert max(map(len, aligned(certificates_rows([family])).splitlines())) <= 85
    assert "2.33489" in certificates_markdown([family])
    assert r"$\approx 2.3349$" in certificates_table([family])
    answer = next(line for line in statements(family.certificate) if line.name == "theorem2_step").answer
    assert text_of(answer, plain).startswith("for tau <= 0.2141")
    assert text_of(answer, plain).endswith("...")  # cut off, not rounded: a safe step
