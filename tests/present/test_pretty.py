"""Formulas in two dimensions; what a terminal shows of them is in tests/cli."""

import sympy as sp

import symtrans as st
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
