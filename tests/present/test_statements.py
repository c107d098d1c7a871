"""One list of statements, and what each surface makes of it."""

import pytest
import sympy as sp

import symtrans as st
from symtrans.present.data import certificate_data
from symtrans.present.html import statements
from symtrans.present.mathml import with_formulas
from symtrans.present.statements import BOUNDS, COLUMNS, STEPS, VERDICTS, answers, brief, cells, in_full
from symtrans.present.text import certificate_rows

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
    assert len(statements(SOFT)) == len(names) - 1  # every activation is odd
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
        ("exp(-r^2/2)", "g_max", "1 at Eq(r, 0)"),
        ("exp(-r^2/2)", "slope_min", "-2*exp(-3/2) ≈ −0.4463 at Eq(r, sqrt(3))"),
        ("exp(-r^2/2)", "monotone", "no"),
        ("1/|r|", "lipschitz", "oo"),
    ],
)
def test_answers_in_full(formula, name, expected):
    certificate = st.certify(st.Diffusivity(formula))
    assert "".join(map(str, in_full(name, answers(certificate)[name], st.r))) == expected


def test_a_condition_is_an_answer(general):
    assert brief(general.monotone) == ("if ", sp.Le(sp.Symbol("p", positive=True), sp.Rational(1, 2)))


def test_a_row_has_the_columns_that_are_asked_for():
    assert cells(SOFT, ("class", "g_max", "evidence"), lambda bound: f"<{bound.value}>") == ["1", "<1>", "proved"]


def test_words_are_escaped_and_formulas_are_set():
    assert str(with_formulas("a < b, $g \\geq 0$ & so on")) == (
        "a &lt; b, <math><mrow><mi>g</mi><mo>≥</mo><mn>0</mn></mrow></math> &amp; so on"
    )
