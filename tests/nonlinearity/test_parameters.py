"""Values of the parameters at which a formula is another function: certificates are held against the numbers there."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

from symtrans import (
    Activation,
    Diffusivity,
    Evidence,
    Network,
    NonlinearityError,
    Regulariser,
    Shrinkage,
    catalogue,
    certify,
    r,
    translate,
)

a, b, q = sp.symbols("a b q", positive=True)


def at(certificate, values):
    """The bounds, the verdicts and the heights of the jumps, numbers put in."""
    names = ("g_max", "g_min", "slope_max", "slope_min", "lipschitz")
    found = {name: getattr(certificate, name).value.subs(values) for name in names}
    for field in dataclasses.fields(certificate):
        verdict = getattr(certificate, field.name)
        if hasattr(verdict, "when"):
            found[field.name] = verdict.value if verdict.when is None else bool(verdict.when.subs(values))
    jumps = [(j.place.subs(values), sp.S(j.height).subs(values)) for j in certificate.jumps]
    return {**found, "jumps": [jump for jump in jumps if jump[1] != 0]}


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        (Activation, "sgn(r) |r|/(|r| + (a - 1)^2)"),  # sgn(r) for a = 1: a jump that 0/(a - 1)^2 = 0 hides
        (Activation, "sgn(r) |r|/(|r| + |a - b|)"),
        (Diffusivity, "r^2/(r^2 + (a - 1)^2)"),
        (Activation, "sgn(r) (sqrt(r^2 + (a - 1)^2) - |a - 1|)"),
        (Diffusivity, "exp(-(a - b)^2 r^2)"),
        (Activation, "(a - b) sgn(r) + r"),
        (Diffusivity, "|a - b| exp(-r^2)"),
        (Diffusivity, "|r|^(a - 1)"),
        (Activation, "r |r|^(a - 1) + b r"),
    ],
)
def test_the_values_at_which_parameters_meet_are_cases(kind, formula):
    family = kind(formula)
    certificate = certify(family)
    for one, other in ((1, 1), (2, 1), (sp.Rational(1, 2), 1), (1, 2), (3, 3)):
        values = {a: one, b: other}
        given = kind(family.expr.subs(values))
        assert at(certificate, values) == at(certify(given), {}), values


@pytest.mark.parametrize("formula", ["1/(a - 1)", "exp(-r^2)/(a - 1)", "1/(a - 1)/(1 + r^2)"])
def test_a_pole_in_a_parameter_is_excluded_by_name(formula):
    family = Diffusivity(formula, variable="r")
    c = certify(family)
    assert "no value where a - 1 = 0" in c.g_max.reason
    assert c.g_max.evidence is c.g_min.evidence is c.slope_max.evidence is Evidence.PROVED
    assert c.nonnegative.when == (a > 1)
    assert c.g_max.value.subs(a, 3) == sp.Rational(1, 2)
    assert c.g_min.value.subs(a, sp.Rational(1, 2)) == -2
    assert c.max_min_step().subs(a, 3) == 1
    assert c.max_min_step().subs(a, sp.Rational(1, 2)) == 0
    assert certify(family.assuming("a > 1")).max_min_step() == (a - 1) / 2


def test_a_pole_of_a_scale_is_excluded():
    c = certify(Activation("atan(r/(a - 1)^2)"))
    assert (c.g_max.value, c.monotone.value, c.continuous.value) == ((a - 1) ** -2, True, True)
    assert "no value where a - 1 = 0" in c.monotone.reason
    assert certify(Diffusivity("1/(1 + r^2/(a - b)^2)")).max_min_step() == sp.Rational(1, 2)


def test_the_value_at_zero_of_a_power_is_cased_and_the_printed_form_is_read_back():
    family = translate(Activation("sgn(r) |r|^q"))
    printed = repr(family.diffusivity)
    read = eval(printed, {"Diffusivity": Diffusivity})
    assert read == family.diffusivity
    assert repr(eval(repr(catalogue["power"].diffusivity), {"Diffusivity": Diffusivity})) == repr(
        catalogue["power"].diffusivity
    )
    for exponent, expected in ((0.5, np.inf), (1.0, 1.0), (2.0, 0.0)):
        assert read(np.array([0.0, 4.0]), q=exponent).tolist() == [expected, 4.0 ** (exponent - 1)]
    assert read.to(Activation) == family.activation
    both = translate(Activation("(a - b exp(-|r|)) sgn(r)"))
    assert [both.diffusivity(0.0, a=one, b=2.0) for one in (1.0, 2.0, 3.0)] == [-np.inf, 2.0, np.inf]


def test_a_flux_that_is_unbounded_for_some_parameters_jumps_there():
    with pytest.raises(NonlinearityError, match=r"no finite real value at [|]r[|] = 0"):
        Activation("sgn(r)/|r|^q")
    for given in (Diffusivity("|r|^(q - 3)"), Diffusivity("|r|^(q - 3)", assume=["q >= 2"])):
        c = certify(given)
        (jump,) = c.jumps
        assert (jump.height.subs(q, 2), jump.height.subs(q, 3)) == (2, 0)
        assert [bool(c.continuous.when.subs(q, n)) for n in (2, 3)] == [False, True]
    assert certify(Diffusivity("|r|^(q - 3)")).jumps[0].height.subs(q, 1) == sp.oo
    assert translate(Regulariser("|r|^q + r^2")).certificate.jumps[0].height.subs(q, 1) == 1
    smooth = certify(Activation("sgn(r) |r|^(q - 1)", assume=["q > 1"])).smoothness
    assert [smooth.subs(q, n) for n in (sp.Rational(3, 2), 2, sp.Rational(7, 2), 4)] == [0, sp.oo, 2, sp.oo]


def test_an_integral_that_stays_one_needs_no_assumption():
    family = translate(Diffusivity("1/(1 + |r|^a)"), assume=["a <= 1"])
    assert family.regulariser.expr.has(sp.Integral)
    at_one = translate(Diffusivity("1/(1 + |r|)")).regulariser
    np.testing.assert_allclose(family.regulariser([0.5, 3.0], a=1.0), at_one([0.5, 3.0]), rtol=1e-12)


def test_a_closed_inverse_holds_for_all_parameters():
    """Cardano's formula takes another branch where its discriminant is negative, as for a = 3, b = 1/3."""
    cubic = translate(Activation("r^3 + a r |r| + b r"))
    proximal = cubic.proximal(1)
    f = np.linspace(0.1, 5, 7)
    u = proximal(f, a=3.0, b=0.25)
    np.testing.assert_allclose(u + cubic.activation(u, a=3.0, b=0.25), f, rtol=1e-13)
    for one, other in ((3.0, 0.25), (0.1, 3.0), (5.0, 0.01)):
        u = np.array([0.05, 0.5, 2.0])
        image = u + cubic.activation(u, a=one, b=other)
        for _, solution in proximal.solutions:
            if solution is not None:
                values = [solution.subs({a: one, b: other, "f": x}) for x in image]
                np.testing.assert_allclose(np.array(values, dtype=complex), u, rtol=1e-9)


def test_a_denominator_of_an_inverse_does_not_vanish():
    """(a sqrt(f^2 + b - a^2 b) - f)/(a^2 - 1) is no closed form for a = 1."""
    family = translate(Activation("a*(sqrt(1 + r^2) - 1) sgn(r) + r"))
    for _, solution in family.proximal(1).solutions:
        assert solution is None or solution.subs(a, 2).subs("f", 3).is_finite


def test_a_formula_with_a_hidden_exponent_zero():
    c = certify(Regulariser("r^2 (1 + r^2)^((a - b) (a + b) - a^2 + b^2)"))
    assert (c.g_max.value, c.g_min.value) == (1, 1)


def test_the_budget_is_a_number():
    for budget in ("x", None, True, float("nan"), [1]):
        with pytest.raises(NonlinearityError, match="budget"):
            certify(Diffusivity(sp.exp(-(r**2))), budget=budget)
        with pytest.raises(NonlinearityError, match="budget"):
            translate(Diffusivity(sp.exp(-(r**2))), budget=budget)
        with pytest.raises(NonlinearityError, match="budget"):
            translate(Diffusivity(sp.exp(-(r**2)))).proximal(1, budget=budget)


@pytest.mark.parametrize(
    "formula",
    [
        "r/((r^2 + a) (r^2 + b))",
        "r/((a + |r|) (b + |r|))",
        "Piecewise((r^3/((r^2 + a) (r^2 + b)), |r| < 2), (0, otherwise))",
    ],
)
def test_an_integral_by_partial_fractions_keeps_the_case_of_a_double_pole(formula):
    family = translate(Activation(formula))
    places = np.array([0.5, 1.0, 7.0])
    double = family.regulariser(places, a=2.0, b=2.0)
    np.testing.assert_allclose(double, translate(family.activation.subs({a: 2, b: 2})).regulariser(places), rtol=1e-13)
    np.testing.assert_allclose(double, family.regulariser(places, a=2.0, b=2.0 + 1e-6), rtol=1e-5)
    read = eval(repr(family.regulariser), {"Regulariser": Regulariser})
    assert read == family.regulariser
    assert certify(read).slope_max.evidence is certify(family.activation).slope_max.evidence
    assert certify(read).g_max.value == certify(family.activation).g_max.value


def test_a_pole_on_a_piece_that_is_empty_there_is_none():
    arc = "a sgn(r) + sgn(r) (|r| - a) (b - |r|)/(b - a)"
    c = certify(Activation(f"Piecewise((r, |r| <= a), ({arc}, |r| <= b), (a sgn(r), otherwise))", assume=["a <= b"]))
    assert "no value" not in c.continuous.reason
    assert c.continuous.value is True
    assert [sp.S(c.slope_min.value).subs({a: one, b: other}) for one, other in ((1, 3), (2, 2))] == [-1, 0]


def test_a_parameter_keeps_its_assumptions():
    k = sp.Symbol("k", negative=True)
    with pytest.raises(NonlinearityError, match="must be"):
        Diffusivity(sp.exp(k * r**2))(1.0, k=3.0)
    with pytest.raises(NonlinearityError, match="must be"):
        Shrinkage("Max(|r| - theta, 0) sgn(r)").subs({"theta": -1})


def test_an_angle_of_a_whole_number_may_be_0():
    """SymPy takes it for irrational, and so for no zero."""
    n = sp.Symbol("n", integer=True, nonnegative=True)
    step = Activation(sp.atan(n) * sp.sign(r))
    assert certify(step).continuous.when == sp.Eq(n, 0)
    assert step(3.0, n=1) == pytest.approx(np.pi / 4)
    kernel = Network(Activation(sp.atan(n) * sp.tanh(r) / 2), blocks=2).compile("numpy")
    for use in (lambda: step.subs({n: sp.Rational(1, 2)}), lambda: step(1.0, n=0.5), lambda: kernel(np.ones(3), n=0.5)):
        with pytest.raises(NonlinearityError, match=r"n = .* must be a finite integer number"):
            use()
