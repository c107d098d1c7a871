"""Which symbol is the variable, and formulas that no values of their parameters make odd or even."""

import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, NonlinearityError, certify

X, A, XI, T = sp.Symbol("x", positive=True), sp.Symbol("a"), sp.Symbol("xi"), sp.Symbol("t")


@pytest.mark.parametrize("text", ["a/(1 + x)", "xy/(1 + |x|)", "a/cosh(x)"])
def test_a_parameter_is_not_taken_for_the_variable_because_the_formula_is_odd_in_it(text):
    with pytest.raises(NonlinearityError, match="more than one candidate"):
        Activation(text)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"expr": "x + T if x < -T else (x - T if x > T else 0)"}, "softshrink(x, T)"),
        ({"expr": "clip(s, -a - b, a + b)"}, "sgn(s) min(|s|, a + b)"),
        ({"latex": r"x\,\mathbf{1}_{[-c,c]}(x)"}, "x*(|x| <= c)"),
        ({"expr": sp.Piecewise((T, (-A < T) & (T < A)), (0, True))}, "t*(|t| < a)"),
    ],
)
def test_the_only_symbol_in_which_values_do_not_refute_that_it_is_odd_is_the_variable(given, meant):
    found = Activation(**given)
    assert found == Activation(meant, variable=found.variable.name)


def test_the_variable_that_is_offered_fits():
    with pytest.raises(NonlinearityError, match=r"candidate for the variable: d, t\. Say which: variable='d'"):
        Activation("where(d > t, d - t, where(d < -t, d + t, 0))")


@pytest.mark.parametrize("expr", [1 / (1 + X**2 / A**2), sp.exp(-(X**2) / A**2), sp.exp(-(XI**2) / T**2)])
def test_a_variable_that_was_declared_positive_is_asked_about(expr):
    with pytest.raises(NonlinearityError, match="more than one candidate"):
        Diffusivity(expr)


def test_the_only_letter_in_which_it_is_odd_is_the_variable():
    assert Activation("x*(|x| > t)").variable.name == "x"
    assert Activation("Min(|u|, b) sgn(u)").variable.name == "u"


BOUNDS = "Piecewise((max_val, r > max_val), (min_val, r < min_val), (r, otherwise))"
HAMPEL = "Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (a sgn(r)*(c - |r|)/(c - b), |r| <= c), (0, otherwise))"


@pytest.mark.parametrize(("kind", "text"), [(Activation, BOUNDS), (Diffusivity, BOUNDS), (Diffusivity, HAMPEL)])
def test_what_no_order_of_the_parameters_makes_odd_is_refused(kind, text):
    with pytest.raises(NonlinearityError, match="all other values of its parameters that were tried"):
        kind(text)


def test_what_some_order_admits_asks_for_it_as_before():
    assert not Activation(HAMPEL).is_settled
    assert Activation(HAMPEL, assume=["a < b", "b < c"]).is_settled
    assert not Activation("Piecewise((r, |r| <= a), (0, |r| <= b), (r + (a - b)*0, otherwise))").is_settled


def test_parameters_that_may_be_negative_are_not_tried():
    low, high, x = *sp.symbols("low high", real=True), sp.Symbol("x", real=True)
    bounds = Activation(sp.Piecewise((high, x > high), (low, x < low), (x, True)), variable=x)
    assert not bounds.is_settled
    assert bounds.subs(low=-1, high=1) == Activation("clip(x, -1, 1)", variable="x")


def test_decimals_in_refusals_are_written_as_they_came():
    with pytest.raises(NonlinearityError, match=r"Activation\(0\.1\) is not odd: at r = 1 it is 0\.1"):
        Activation("0.1")


def test_differentiability_is_told_in_words():
    assert "once continuously differentiable" in certify(Activation("r |r|")).explain()
    assert "twice continuously differentiable" in certify(Activation("r + sgn(r) Max(|r| - 1, 0)^3")).explain()


def test_the_variable_is_real():
    for declared in ({"imaginary": True}, {"real": False, "complex": True}):
        with pytest.raises(NonlinearityError, match="x is declared not real"):
            Diffusivity(sp.exp(sp.Symbol("x", **declared) ** 2))


def test_which_symbol_is_the_variable_is_asked_at_every_door():
    with pytest.raises(NonlinearityError) as refused:
        Activation("tanh(a x)")
    assert str(refused.value).endswith("Say which: variable='x', or a head, Phi(x) =")
    assert refused.value.on_command_line.endswith("Say which: --variable x, or a head, Phi(x) =")
    assert refused.value.on_page.endswith("Say which: write a head, Phi(x) =")
    assert Activation("Phi(x) = tanh(a x)") == Activation("tanh(a x)", variable="x")


@pytest.mark.parametrize(
    ("cases", "whole"),
    [
        (
            "Piecewise((1, s == 0), (1 - exp(-C/(s/lambda)^8), s > 0))",
            "Piecewise((1, s == 0), (1 - exp(-C/(s/lambda)^8), True))",
        ),
        ("Piecewise((1, (0 <= s) & (s <= a)), (a/s, s > a))", "Piecewise((1, |s| <= a), (a/|s|, True))"),
        ("Piecewise((1 - s, (0 <= s) & (s <= 1)), (0, s > 1))", "max(1 - |s|, 0)"),
    ],
)
def test_cases_that_hold_for_positive_values_only_are_those_of_the_modulus(cases, whole):
    assert Diffusivity(cases, variable="s") == Diffusivity(whole, variable="s")


def test_of_an_odd_kind_what_holds_elsewhere_is_asked():
    with pytest.raises(NonlinearityError, match="does not say what holds for x < 0"):
        Activation("Piecewise((x, (0 <= x) & (x <= 1)), (1, x > 1))")


@pytest.mark.parametrize(
    "cases", ["Piecewise((1, r < 0))", "Piecewise((1, r > 1), (2, r < -1))", "Piecewise((1, |r| < 1))"]
)
def test_what_no_case_covers_is_still_refused(cases):
    with pytest.raises(NonlinearityError, match="no case covers it"):
        Diffusivity(cases)
