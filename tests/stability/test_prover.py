"""A certificate derives what its statements need, once, and says why where it has no answer."""

import time

import numpy as np
import pytest
import sympy as sp
from typer.testing import CliRunner

import symtrans.nonlinearity.kind as kind
from symtrans import Activation, Diffusivity, Evidence, Network, Regulariser, Shrinkage, certify, r
from symtrans.calculus.antiderivatives import verification
from symtrans.calculus.functions import inverses
from symtrans.calculus.undecided import Undecided, Unknown
from symtrans.cli.application import app
from symtrans.stability import prover, questions

LONG = 60.0  # seconds, where the answer is asked for and not the time
HARD = "tanh(r) exp(-r^2)/(1+r^2)"
SLOW = "r^2 ln(1 + sqrt(1 + |r|^3/lambda)/(1 + k |r|^(5/7)) + sqrt(sqrt(1 + r^2) + sqrt(2 + |r|^3 k)))"


@pytest.fixture
def conversions(monkeypatch):
    """The rules of Table 1 that are carried out, and no integral among them."""
    asked = []

    def counted(rule, *arguments):
        asked.append(rule)
        return carry_out(rule, *arguments)

    def never(*arguments):
        raise AssertionError("nobody asked for an integral")

    carry_out = kind.carried_out
    monkeypatch.setattr(kind, "carried_out", counted)
    monkeypatch.setattr(verification, "integral_from_zero", never)
    return asked


def test_the_command_derives_no_integral(conversions):
    result = CliRunner().invoke(app, ["certify", f"{HARD} + 0 r", "--kind", "activation"])
    assert result.exit_code == 0, result.output
    assert "proved" in result.output
    assert conversions == []


@pytest.mark.parametrize(
    ("nonlinearity", "letter"),
    [
        (Diffusivity("exp(-r^2/11)"), "g"),
        (Shrinkage("Piecewise((0, |r| <= 11), (r, otherwise))"), "S"),
        (Regulariser("ln(1 + r^2/11)"), "Psi"),
    ],
)
def test_phi_is_derived_once(conversions, nonlinearity, letter):
    certificate = certify(nonlinearity)
    assert certificate.g_max.evidence is Evidence.PROVED
    certificate.explain()
    certificate.steps("1/2")
    certificate.witness(0.6)
    Network(nonlinearity).source("numpy")
    assert conversions == [(letter, "Phi")]


def test_a_budget_too_small_for_the_integral_gives_a_full_certificate():
    certificate = certify(Activation("r exp(-r^2)/(1 + r^4)"), budget=15)
    assert certificate.lipschitz.value == 1
    assert certificate.smoothness is sp.oo


def test_what_was_not_derived_in_time_is_not_derived_again_to_say_so():
    certificate = certify(Regulariser(SLOW), budget=1e-3)
    assert certificate.g_max.value is None
    start = time.monotonic()
    said = certificate.explain()
    assert time.monotonic() - start < 5
    assert "larger budget" in said


def test_a_reason_is_typed_and_a_fault_of_ours_is_none(monkeypatch):
    asked = prover._Prover(Activation("r/(1 + r^2)"), 20)

    def open_question(member):
        raise Undecided("the sign of ", sp.Symbol("a_x"), " is open")

    def fault(member):
        return 1 // 0

    assert asked.tried(open_question) == Unknown(("the sign of ", sp.Symbol("a_x"), " is open"))
    assert asked.unknown(asked.tried(open_question)).reason == "the sign of a_x is open"
    with pytest.raises(ZeroDivisionError):
        asked.tried(fault)


def test_a_fault_in_the_confirmation_of_an_inverse_is_not_hidden(monkeypatch):
    def fault(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(inverses, "_is_solution", fault)
    with pytest.raises(ZeroDivisionError):
        inverses.branches(Activation(r + r**3 / 19).half, 20)


def test_several_parameters_that_are_no_scales_do_not_take_the_whole_budget():
    """Their cases multiply: what stays open does so in a part of the budget, here of work and not by the clock."""
    asked = prover._Prover(Activation("asinh(a r) - b asinh(r)"), 2)
    begun = time.thread_time()
    answer = asked.tried(questions.range_of_diffusivity)
    assert answer == Unknown(("the part for several parameters of the budget of 2 s was used up",))
    assert time.thread_time() - begun < 1
    assert isinstance(asked.tried(questions.range_of_diffusivity), Unknown)  # nothing of it is left
    assert not isinstance(prover._Prover(Activation("a tanh(b r)"), 2).tried(questions.range_of_slope), Unknown)


def test_an_answer_may_depend_on_several_signs():
    """Of exp(-a²r²)(1 + b r²): the sign of a, and that b is below 0, 2a²/7 or a²."""
    a, b = sp.symbols("a b", real=True)
    certificate = certify(Diffusivity(sp.exp(-(a**2) * r**2) * (1 + b * r**2)), budget=LONG)
    x = np.linspace(0, 12, 120001)
    for first, second in [(1, -3), (-1, sp.Rational(1, 5)), (2, sp.Rational(9, 7)), (-2, 9), (sp.Rational(1, 2), 0)]:
        p, q = float(first), float(second)
        slopes = (1 + 3 * q * x**2 - 2 * p**2 * x**2 * (1 + q * x**2)) * np.exp(-((p * x) ** 2))
        found = {"slope_max": slopes.max(), "slope_min": slopes.min(), "lipschitz": abs(slopes).max()}
        for name, number in found.items():
            bound = getattr(certificate, name)
            assert bound.evidence is Evidence.PROVED
            assert float(bound.value.subs({a: first, b: second})) == pytest.approx(number, abs=1e-6)


def test_a_jump_decides_the_bound_whatever_the_slopes_are():
    a, b = sp.symbols("a b", positive=True)
    x = sp.Abs(r)
    found = certify(Activation(sp.sign(r) * (1 + sp.exp(-a * x) * sp.erf(b * x) / (1 + x**3))))
    assert (found.slope_max.value, found.lipschitz.value) == (sp.oo, sp.oo)
    assert found.slope_min.value is None


@pytest.mark.parametrize(
    ("flux", "when"),
    [
        (lambda a, b, c: 1 / sp.cosh(a * r) + 1 / sp.cosh(b * r), False),
        (lambda a, b, c: c * (1 / sp.cosh(b * r) + sp.exp(-a * sp.Abs(r)) + sp.exp(-(r**2))), "c = 0"),
        (lambda a, b, c: sp.exp(-a * r**2) / (1 + r**2) - sp.exp(-b * r**2) / (1 + r**2), "a = b"),
        (lambda a, b, c: 1 / (1 + a * sp.Abs(r)) + b * r**2 / (1 + r**2), None),
    ],
)
def test_what_returns_to_zero_does_not_increase(flux, when):
    a, b, c = *sp.symbols("a b", positive=True), sp.Symbol("c", real=True)
    monotone = certify(Activation(r * flux(a, b, c))).monotone
    if isinstance(when, bool):
        assert monotone.value is when
    elif when is None:
        assert monotone.value is not False
    else:  # there Phi is 0 everywhere
        there = {c: 0} if when == "c = 0" else {a: b}
        assert monotone.value is None
        assert monotone.when is None or monotone.when.subs(there) == sp.true
