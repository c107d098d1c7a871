"""A prover that is wrong on purpose: its certificate is found out, reported, and says UNKNOWN."""

from dataclasses import replace

import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, ContradictionWarning, Evidence, certify
from symtrans.calculus.functions.candidates import Extremum
from symtrans.stability import prover
from symtrans.stability.consistency import consistent

EXPRESSIONS = (
    "r/(1 + r^2)",
    "r/(1 + r^2/lambda^2)",
    "Piecewise((r, |r| <= 1), (sgn(r), otherwise))",
    "r*exp(-|r|)",
    "Piecewise((r, |r| <= a), (a*sgn(r), otherwise))",
)


@pytest.fixture
def broken(monkeypatch):
    """Certificates by a prover whose answer to one question is changed; none is remembered."""

    def broken(question, change, expression):
        subject = getattr(prover, question)
        wrong = subject._replace(extrema=lambda member: change(subject.extrema(member)))
        monkeypatch.setattr(prover, question, wrong)
        return prover._certify(Activation(expression), 20)

    return broken


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize(
    ("question", "which", "value"),
    [
        ("DIFFUSIVITY", 0, sp.Rational(1, 10**6)),
        ("DIFFUSIVITY", 0, -sp.oo),
        ("DIFFUSIVITY", 1, sp.Integer(1000)),
        ("DIFFUSIVITY", 1, sp.oo),
        ("SLOPE", 0, sp.Rational(1, 10)),
        ("SLOPE", 1, sp.Integer(3)),
        ("SLOPE", 2, sp.Rational(1, 3)),
    ],
)
def test_a_wrong_bound_is_found_out(broken, expression, question, which, value):
    def change(found):
        wrong = Extremum(value, None, False, ("a wrong argument",))
        return tuple(wrong if k == which else one for k, one in enumerate(found))

    with pytest.warns(ContradictionWarning, match=r"(?s)contradicts itself.*report.*Activation\("):
        found = broken(question, change, expression)
    name = (("g_max", "g_min") if question == "DIFFUSIVITY" else ("slope_max", "slope_min", "lipschitz"))[which]
    bound = getattr(found, name)
    assert (bound.value, bound.evidence) == (None, Evidence.UNKNOWN)
    assert "internal error" in bound.reason


def test_a_jump_that_is_not_seen_is_found_out(broken):
    """Hard thresholding, called continuous: g is 1 from the threshold on, and inf g = 0 is right."""
    right = certify(Activation("Piecewise((0, |r| <= 1), (r, otherwise))"))
    with pytest.warns(ContradictionWarning):
        found = consistent(replace(right, jumps=()))
    assert found.continuous.value is None


@pytest.mark.parametrize(("verdict", "said"), [("monotone", True), ("nonnegative", False), ("convex", True)])
def test_a_wrong_verdict_is_found_out(verdict, said):
    right = certify(Activation("r/(1 + r^2)"))
    with pytest.warns(ContradictionWarning):
        found = consistent(replace(right, **{verdict: replace(getattr(right, verdict), value=said)}))
    assert getattr(found, verdict).evidence is Evidence.UNKNOWN


def test_a_right_certificate_passes_unchanged():
    for name in ("perona-malik", "truncated-bfb", "hard", "tv", "charbonnier", "garrote", "hampel", "mcp"):
        if name in st.catalogue:
            right = st.catalogue[name].certificate
            assert consistent(right) is right


@pytest.mark.parametrize("wrong_where", [sp.Symbol("a", positive=True) < 1, sp.Symbol("a", positive=True) > 2])
def test_a_bound_that_is_wrong_for_some_parameters_only_is_found_out(wrong_where):
    a = sp.Symbol("a", positive=True)
    right = certify(Activation("a*r/(1 + r^2)"))
    value = sp.Piecewise((a / 10**3, wrong_where), (a, True))
    with pytest.warns(ContradictionWarning, match="contradicts itself"):
        found = consistent(replace(right, g_max=replace(right.g_max, value=value)))
    assert found.g_max.evidence is Evidence.UNKNOWN
