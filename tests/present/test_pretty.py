"""Formulas in two dimensions; what a terminal shows of them is in tests/cli."""

import pytest
import sympy as sp

import symtrans as st
from symtrans.language.text_parser import parse
from symtrans.language.vocabulary import FUNCTION_NAMES
from symtrans.present.pretty import pretty_forms, pretty_formula


def test_of_very_many_cases_the_first_and_the_last_are_shown():
    places = range(41)
    expr = st.Activation.from_knots(places, [k % 3 for k in places]).expr
    lines = pretty_formula(expr).splitlines()
    assert len(expr.args) > 20
    assert sum("if" in line or "otherwise" in line for line in lines) == 5
    assert f"{len(expr.args) - 5} more pieces" in "".join(lines)


def test_letters_of_the_kinds_stand_at_one_equals_sign():
    lines = [line for line in pretty_forms(st.catalogue["constant"], 80).splitlines() if "=" in line]
    assert [line.split()[:2] for line in lines] == [
        ["Diffusivity", "g(r)"],
        ["Regulariser", "Ψ(r)"],
        ["Shrinkage", "S(r)"],
        ["Activation", "Φ(r)"],
    ]
    assert len({line.index("=") for line in lines}) == 1


def test_relations_have_the_modulus_first():
    theta = sp.Symbol("theta", positive=True)
    assert pretty_formula(sp.Le(theta, sp.Abs(st.r))) == "│r│ ≥ θ"


_ARGUMENTS = {
    **dict.fromkeys(("Max", "Min", "max", "min", "lowergamma", "uppergamma"), "2 + r^2, 3 + r^4"),
    **dict.fromkeys(("repolylog", "impolylog"), "2, 1/(2 + r^2), |r|"),
    "polylog": "2, 1/(2 + r^2)",
    "Heaviside": "r^2 - 1, 1/2",
    "Piecewise": "(1, |r| <= 1), (2 + r^2, otherwise)",
}


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_powers_of_every_function_have_a_picture(name):
    inside = parse(f"{name}({_ARGUMENTS.get(name, '1/(2 + r^2)')})")
    for power in (2, sp.Rational(3, 2), -2, sp.Symbol("p", positive=True)):
        for formula in (inside**power, st.r * inside**power / 2, 1 + inside ** (2 * power)):
            assert pretty_formula(formula)


def test_a_power_stands_beside_the_name_of_a_logarithm():
    assert pretty_formula(sp.log(1 + sp.Abs(st.r)) ** 2).splitlines() == ["  2", "ln (1 + │r│)"]
    assert "ln (1 + │r│)" in sp.pretty(st.Regulariser("ln(1 + |r|)^2"))
