"""Formulas as MathML."""

import re
import xml.etree.ElementTree as ET

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as some

import symtrans as st
from symtrans.language.text_parser import parse
from symtrans.language.vocabulary import CAPITALS, FUNCTION_NAMES, GREEK
from symtrans.present.mathml import equation, from_latex, inline

CORE = {
    *("math", "mi", "mn", "mo", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot"),
    *("msub", "msup", "msubsup", "mtable", "mtr", "mtd"),
}
CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2, "mroot": 2, "msubsup": 3}
GREEK_NAMES = {*GREEK.values(), *CAPITALS.values()}
lam, theta = sp.symbols("lambda theta", positive=True)


def well_formed(text):
    root = ET.fromstring(text)
    for element in root.iter():
        assert element.tag in CORE
        if element.tag in CHILDREN:
            assert len(element) == CHILDREN[element.tag], ET.tostring(element)
        if element.tag in ("mi", "mn", "mo"):
            assert element.text
    return root


def words(text):
    """What is read from left to right."""
    return "".join(well_formed(text).itertext()).replace("\u2061", "").replace("\u2062", "")


@pytest.mark.parametrize("name", ["charbonnier", "soft", "perona-malik", "garrote", "hard", "tv", "tukey", "firm"])
def test_forms_of_the_catalogue_are_mathml_core(name):
    for form in st.catalogue[name].forms:
        text = words(equation(form))
        assert text.startswith({"Psi": "Ψ", "Phi": "Φ"}.get(form.letter, form.letter) + "(r)=")


def test_cases_say_what_is_left():
    root = well_formed(equation(st.catalogue["soft"].shrinkage))
    rows = ["".join(row.itertext()).replace("\u2062", "").replace("\u2061", "") for row in root.iter("mtr")]
    assert rows == ["0,|r|≤θ", "r−θsgn(r),|r|>θ"]


def test_habits_of_the_paper():
    assert words(inline(1 + st.r**2 / lam**2)) == "1+r2λ2"
    assert words(inline(-2 * sp.exp(sp.Rational(-3, 2)))) == "−2exp(−32)"
    root = well_formed(inline(sp.sqrt(2) * st.r / 2))  # r over the root of 2
    assert [child.tag for child in root.find("mfrac")] == ["mi", "msqrt"]
    assert words(inline(4 * sp.Symbol("tau") * st.r)) == "4τr"
    assert words(inline(sp.cosh(st.r) ** 2)) == "cosh2(r)"
    assert words(inline((1 + st.r) ** 2)) == "(1+r)2"
    assert words(inline(-sp.oo)) == "−∞"
    assert words(inline(sp.log(st.r) * sp.Rational(3, 2))) == "32ln(r)"


def test_a_product_of_numbers_has_a_dot():
    assert words(inline(sp.Mul(3, sp.Pow(2, sp.Symbol("p")), evaluate=False))) == "3⋅2p"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("theta", "θ"), ("theta_1", "θ1"), ("theta2", "θ2"), ("width", "width"), ("a_max", "amax"), ("lambda", "λ")],
)
def test_names(name, shown):
    assert words(inline(sp.Symbol(name))) == shown


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a&b", '"><img src=x>', "_", "x_<b>", "1"])
def test_no_name_becomes_markup(name):
    text = inline(sp.Symbol(name))
    well_formed(text)
    assert "<script" not in text
    assert "<img" not in text
    assert "<b>" not in text


@given(some.text(some.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=4))
def test_any_name_is_shown_with_all_its_letters(name):
    shown = words(inline(sp.Symbol(name) + 1)).replace(" ", "")
    kept = [c for c in name if c.isalnum()]
    if not any(word in name for word in GREEK_NAMES):
        assert [c for c in shown.removeprefix("1+") if c.isalnum()] == kept


def test_brackets_grow_as_in_tex_and_bars_round_what_is_tall():
    assert 'stretchy="false"' not in inline(sp.exp(st.r / 2))
    assert 'stretchy="false"' not in inline(sp.Abs(st.r**2 / 2 - sp.Rational(1, 2)))
    assert inline(sp.exp(st.r)).count('stretchy="false"') == 2
    assert from_latex(r"\Psi(D^{+} u)").count('stretchy="false"') == 2


def test_an_integral_keeps_its_bounds():
    psi = st.translate(st.Diffusivity("exp(-abs(r)^p)/(1 + r^2)"), budget=2).regulariser
    assert words(equation(psi)) == "Ψ(r)=2∫0|r|y1+y2exp(−yp)dy"


@pytest.mark.parametrize("name", [n for n in FUNCTION_NAMES if n not in ("Piecewise", "Heaviside")])
def test_every_function_of_the_grammar_is_set(name):
    argument = "r/2" if "os" in name or "sin" in name else "1 + r^2"
    order = "1/3, " if name in ("lowergamma", "uppergamma") or "polylog" in name else ""
    angle = ", pi/3" if name in ("repolylog", "impolylog") else ""
    well_formed(inline(parse(f"{name}({order}{argument}{angle})")))


_leaves = some.sampled_from([st.r, sp.Abs(st.r), lam, theta, sp.Integer(2), sp.Rational(-3, 4), sp.sqrt(2), sp.pi])
_grown = some.recursive(
    _leaves,
    lambda inner: some.one_of(
        some.builds(lambda a, b: a + b, inner, inner),
        some.builds(lambda a, b: a * b, inner, inner),
        some.builds(lambda a, b: a / (1 + b**2), inner, inner),
        some.builds(lambda a: a ** sp.Rational(2, 3), inner),
        some.builds(sp.exp, inner),
        some.builds(lambda a: sp.tanh(a) ** 2, inner),
        some.builds(lambda a, b: sp.Piecewise((a, sp.Abs(st.r) <= theta), (b, True)), inner, inner),
    ),
    max_leaves=6,
)


@given(_grown)
def test_whatever_is_written_is_well_formed_and_balanced(expr):
    text = inline(expr)
    well_formed(text)
    assert len(re.findall(r">\(<", text)) == len(re.findall(r">\)<", text))


def test_the_head_of_broken_lines_stands_before_the_first_of_them():
    table = from_latex(r"\Phi(r) = \begin{aligned}[t] & a \\ & + b \end{aligned}")
    first, second = re.findall("<mtr>(.*?)</mtr>", table)
    assert re.sub("<[^>]*>", "", first) == "Φ\u2061(r)=a"
    assert second.startswith("<mtd><mrow></mrow></mtd>")
