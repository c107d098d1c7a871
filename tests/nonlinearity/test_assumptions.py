"""Assumptions on the parameters: where the order of breaks depends on them, and nowhere else."""

import pickle
import re

import numpy as np
import pytest
import sympy as sp

import symtrans
from symtrans import (
    Activation,
    Diffusivity,
    Network,
    NonlinearityError,
    Regulariser,
    Shrinkage,
    certify,
    r,
    translate,
)
from symtrans.language.symbols import F
from symtrans.language.text_parser import parse

a, b = sp.symbols("a b", positive=True)
HAT = sp.Piecewise((r, sp.Abs(r) <= a), (a * sp.sign(r), sp.Abs(r) <= b), (a * b / r, True))


def test_an_open_order_is_asked_for_by_name():
    hat = Activation(HAT)
    for use in (hat.to, translate, certify):
        with pytest.raises(NonlinearityError, match=r"is (a < b|b < a)\?.*assume="):
            use(Diffusivity) if use == hat.to else use(hat)


@pytest.mark.parametrize("assume", [[a < b], ["a < b"], "a < b", [b > a]])
def test_the_assumption_settles_it(assume):
    family = translate(Activation(HAT), assume=assume)
    assert family.diffusivity.expr.subs({a: 1, b: 2, r: 4}) == sp.Rational(1, 8)
    c = family.certificate
    assert (c.g_max.value, c.slope_max.value, c.continuous.value) == (1, 1, True)
    assert sp.simplify(c.slope_min.value + a / b) == 0
    assert family.regulariser(np.array([0.5, 1.5]), a=1.0, b=2.0).tolist() == [0.25, 2.0]


def test_values_against_the_assumption_are_refused():
    hat = Activation(HAT, assume=[a < b])
    assert hat(3.0, a=1.0, b=2.0) == pytest.approx(2 / 3)
    with pytest.raises(NonlinearityError, match="contradict the assumption a < b"):
        hat(3.0, a=2.0, b=1.0)
    with pytest.raises(NonlinearityError, match="contradict the assumption a < b"):
        hat.subs({a: 2, b: 1})
    assert hat.subs({a: 1, b: 2}).assumptions == ()


def test_it_is_kept_by_repr_pickle_and_equality():
    hat = Activation(HAT, assume=[a < b])
    assert eval(repr(hat), {"Activation": Activation}) == hat
    assert pickle.loads(pickle.dumps(hat)) == hat
    assert hat != Activation(HAT)


@pytest.mark.parametrize(
    "assume",
    [
        ["a"],
        ["a < q"],
        [sp.Eq(a, b)],
        ["a < 0"],
        ["a == b"],
        ["a < r"],
        ["a <"],
        [a],
        [3],
        "a < 1,",
        "a < 1 or a > 2",
        "a < 1 <",
    ],
)
def test_bad_assumptions_are_refused(assume):
    with pytest.raises(NonlinearityError, match="assume"):
        Activation(HAT, assume=assume)


def test_an_assumption_may_settle_a_sign():
    p = sp.Symbol("p", positive=True)
    family = translate(Diffusivity((1 + r**2) ** (-p)), assume=[p < sp.Rational(1, 2)])
    assert family.certificate.monotone.value is True
    assert certify(Diffusivity((1 + r**2) ** (-p))).monotone.value is None


def test_kernels_of_a_nonlinearity_under_an_assumption():
    kernel = Network(Activation(HAT, assume=[a < b]), blocks=2).compile("numpy")
    u = np.array([0.0, 3.0, 0.5, 0.25])
    plain = Network(Activation(HAT, assume=[a < b]).subs({a: 1, b: 2}), blocks=2).compile("numpy")
    np.testing.assert_allclose(kernel(u, a=1.0, b=2.0), plain(u), rtol=1e-14)


def test_assumptions_that_contradict_each_other_say_so():
    with pytest.raises(NonlinearityError, match=r"b < a contradicts a < b"):
        translate(Activation(HAT), assume=[a < b, b < a])


def test_lines_of_proof_name_the_places_that_the_user_gave():
    reason = translate(Activation(HAT), assume=[a < b]).certificate.g_min.reason
    assert "(a, b)" in reason
    assert "_d" not in reason


def test_a_tiny_budget_gives_unknowns_that_say_so():
    certificate = certify(
        Diffusivity("Piecewise((exp(-r^2/7), |r| < 1), (ln(1 + r^2)/(1 + r^2), otherwise))"), budget=1e-3
    )
    for bound in (certificate.g_max, certificate.slope_min, certificate.lipschitz):
        assert bound.value is None
        assert "budget" in bound.reason
    assert certificate.max_min_step() is None


def test_an_activation_that_takes_too_long_gives_unknowns_that_say_so():
    root = "sqrt(1 + |r|^3/lambda)/(1 + k |r|^(5/7))"
    slow = Regulariser(f"r^2 ln(1 + {root} + sqrt(sqrt(1 + r^2) + sqrt(2 + |r|^3 k)))")
    certificate = certify(slow, budget=1e-3)
    assert certificate.lipschitz.value is certificate.monotone.value is certificate.max_min_step() is None
    assert "larger budget" in certificate.g_max.reason
    assert certificate.odd.value is True


def test_proximal_maps_and_conjugates_hold_under_the_assumption():
    steps = "Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (a sgn(r) + (r - b sgn(r))/2, otherwise))"
    family = translate(Activation(steps, assume=["a < b"]))
    proximal = family.proximal("alpha")
    f = np.array([-7.0, -0.5, 2.9, 3.1, 4.0, 9.0])
    u = proximal(f, a=1.0, b=2.0, alpha=1.5)
    np.testing.assert_allclose(u + 1.5 * family.activation(u, a=1.0, b=2.0), f, rtol=1e-14)
    alpha = sp.Symbol("alpha", positive=True)
    closed = proximal.expr.subs({a: 1, b: 2, alpha: 1.5})
    np.testing.assert_allclose([float(closed.subs(F, x)) for x in f], u, rtol=1e-14)
    with pytest.raises(NonlinearityError, match="contradict the assumption a < b"):
        proximal(f, a=2.0, b=1.0, alpha=1.5)
    conjugate = family.conjugate()  # Psi*(p) = p u - Psi(u) with Psi'(u) = 2 Phi(u) = p
    for place in (0.5, 2.5):
        slope = float(2 * family.activation(place, a=1.0, b=2.0))
        expected = slope * place - float(family.regulariser(place, a=1.0, b=2.0))
        assert float(conjugate.subs({a: 1, b: 2, F: slope})) == pytest.approx(expected)


def test_rho_keeps_the_assumptions():
    hat = Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))")
    rho = translate(hat, assume=["a < b"]).rho
    assert rho.assumptions == translate(hat, assume=["a < b"]).regulariser.assumptions != ()
    with pytest.raises(NonlinearityError, match="contradict"):
        rho([0.5], a=2.0, b=1.0)


CLIPPED = "Piecewise((r, |r| <= a), (a sgn(r), |r| <= 1), (a/r, otherwise))"
FIRM = "Piecewise((0, |r| <= a), (b*(r - a sgn(r))/(b - a), |r| <= b), (r, otherwise))"


@pytest.mark.parametrize(
    "assume",
    [
        ["a < 1", "a > 1/2"],
        ["1/2 < a", "a < 1"],
        "1/2 < a < 1",
        *("1/2 < a and a < 1", "1/2 < a & a ≤ 1", "a < 1, 1/2 < a"),
        ["a <= 1"],
        ["1/2 <= a", a <= 1],
        [(a > 0.5) & (a <= 1)],
    ],
)
def test_a_parameter_may_be_bounded_on_both_sides(assume):
    family = translate(Activation(CLIPPED), assume=assume)
    c = family.certificate
    assert (c.g_max.value, c.slope_max.value, c.slope_min.value, c.continuous.value) == (1, 1, -a, True)
    assert "under " in c.slope_min.reason
    assert "Under " in c.explain()
    at = family.subs({a: sp.Rational(3, 4)})
    assert at.certificate.slope_min.value == -sp.Rational(3, 4)
    np.testing.assert_allclose(family.regulariser([0.5, 0.9, 3.0], a=0.75), at.regulariser([0.5, 0.9, 3.0]), rtol=1e-13)


def test_breaks_that_may_meet_are_one_there():
    family = translate(Activation(HAT), assume=["a <= b"])
    c = family.certificate
    assert (c.g_max.value, c.slope_max.value, c.slope_min.value, c.jumps) == (1, 1, -a / b, ())
    met = Activation(HAT).subs({a: 2, b: 2})
    assert certify(met).slope_min.value == c.slope_min.value.subs({a: 2, b: 2}) == -1
    values = np.array([0.5, 2.0, 3.0, 7.0])
    for form in family.forms:
        np.testing.assert_allclose(form(values, a=2.0, b=2.0), met.to(type(form))(values), rtol=1e-14)
    u = np.array([0.0, 3.0, 0.5, 0.25, 7.0])
    kernel = Network(family.activation, blocks=2, tau="1/4").compile("numpy")
    np.testing.assert_allclose(
        kernel(u, a=2.0, b=2.0), Network(met, blocks=2, tau="1/4").compile("numpy")(u), rtol=1e-14
    )
    assert family.proximal("1/2").expr.subs({a: 2, b: 2, F: 4}) == 2 + sp.sqrt(2)
    with pytest.raises(NonlinearityError, match=r"contradict the assumption a <= b"):
        family.activation(1.0, a=3.0, b=2.0)


def test_a_jump_that_two_make_where_their_places_meet():
    steps = "Piecewise((r, |r| <= a), (r + sgn(r), |r| < b), (r + 3 sgn(r), otherwise))"
    with pytest.raises(NonlinearityError, match=r"a == b.*assume one of the two"):
        Activation(steps, assume=["a <= b"])  # at |r| = a = b it is r, and not r + 3 sgn(r)
    heights = [jump.height for jump in certify(Activation(steps, assume=["a < b"])).jumps]
    assert heights == [1, 2]


def test_an_exception_at_the_end_of_a_range_is_a_case():
    p = sp.Symbol("p", positive=True)
    family = translate(Diffusivity((1 + r**2) ** (-p)), assume="1/4 <= p <= 1")
    assert family.regulariser.expr.subs(p, 1) == sp.log(1 + r**2)
    c = family.certificate
    assert c.slope_min.value.subs(p, 1) == -sp.Rational(1, 8)
    assert c.slope_min.value.subs(p, sp.Rational(1, 4)) == 0
    assert c.monotone.when.subs(p, sp.Rational(1, 2)) == sp.true
    assert c.monotone.when.subs(p, sp.Rational(3, 4)) == sp.false


@pytest.mark.parametrize(
    ("assume", "says"),
    [
        (["a < 1", "a > 2"], "a > 2 contradicts a < 1"),
        (["a < b", "b < a"], "b < a contradicts a < b"),
        (["a < 1", "1 < a"], "contradicts"),
        (["a + exp(a) < 3"], "cannot be solved for one of its parameters"),
        (["a < 0"], "holds for no values"),
        (["a < c"], "c is no parameter of the activation; there are: a, b"),
        (["a == b"], "put one side in for the other"),
        (["a < r"], "r is no parameter"),
    ],
)
def test_what_is_not_supported_says_what_to_mend(assume, says):
    with pytest.raises(NonlinearityError, match=says):
        Activation(HAT, assume=assume)


def test_the_middle_formula_may_be_singular_where_its_ends_meet():
    firm = translate(Activation(FIRM), assume=["a < b"])
    assert sp.simplify(firm.certificate.slope_max.value - b / (b - a)) == 0
    with pytest.raises(NonlinearityError, match=r"where a == b"):  # hard thresholding, with a jump
        Activation(FIRM, assume=["a <= b"])


def test_a_chain_of_assumptions_over_several_parameters():
    c = sp.Symbol("c", positive=True)
    three = sp.Piecewise((r, sp.Abs(r) <= a), (a * sp.sign(r), sp.Abs(r) <= b), (a * b / r, sp.Abs(r) < c), (0, True))
    certificate = certify(Activation(three, assume=[a < b, b < c, c < 1]))
    assert [jump.height for jump in certificate.jumps] == [-a * b / c]
    assert sp.simplify(certificate.slope_max.value) == 1
    assert certificate.slope_min.value == -sp.oo
    assert certify(Activation(HAT, assume=["a + b < 1", "a < b"])).g_max.value == 1
    pair = certify(Activation(HAT, assume=["a <= b", "b <= 1"])).slope_min.value
    for one, other in (
        (sp.Rational(1, 3), sp.Rational(1, 2)),
        (1, 1),
        (sp.Rational(1, 2),) * 2,
        (sp.Rational(1, 2), 1),
    ):
        assert pair.subs({a: one, b: other}) == -sp.S(one) / other


@pytest.mark.parametrize(
    ("kind", "formula", "question", "examples"),
    [
        (Diffusivity, "max(b, 1 - |r|/a)", "the sign of (b - 1|1 - b) is open", ("b < 1", "b > 1")),
        (
            Activation,
            "Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))",
            r"is (a < b|b < a)\?",
            ("a < b", "a > b"),
        ),
        (
            Activation,
            "Piecewise((r, |r| <= k), (k sgn(r), |r| <= a k), (0, otherwise))",
            "is a < 1?",
            ("a < 1", "a > 1"),
        ),
        (Activation, "sgn(r) min(r^2/a, |r|, b)", r"is (a < b|b < a)\?", ("a < b", "a > b")),
    ],
)
def test_an_assumption_that_is_asked_for_is_shown_as_it_is_typed(kind, formula, question, examples):
    with pytest.raises(NonlinearityError) as refusal:
        translate(kind(formula))
    assert re.search(question, str(refusal.value))
    assert re.findall(r'assume=\["([^"]*)"\]', str(refusal.value)) == list(examples)
    for example in examples:
        assert translate(kind(formula), assume=[example]).certificate.g_min.value is not None


@pytest.mark.parametrize(
    "form",
    [
        lambda k: Activation(sp.sign(r) * sp.Max(sp.Abs(r) - k, 0)),
        lambda k: Activation(sp.sign(r) * sp.Min(sp.Abs(r), k)),
        lambda k: Diffusivity(sp.Piecewise((1, sp.Abs(r) <= k), (k / sp.Abs(r), True))),
        lambda k: Regulariser(sp.Min(r**2, k)),
        lambda k: Diffusivity(sp.Piecewise((1, sp.Abs(r) <= k), (sp.exp(k - sp.Abs(r)), True))),
        lambda k: Shrinkage(sp.sign(r) * (sp.Max(sp.Abs(r) - k, 0) + sp.Max(sp.Abs(r) - k - 1, 0))),
    ],
)
def test_a_break_at_a_parameter_that_may_be_zero(form):
    """Where it is 0 the first piece is none; each form and each constant is that of the formula at k = 0."""
    k = sp.Symbol("k", nonnegative=True)
    family = translate(form(k))
    c, places = family.certificate, np.array([-3.0, -0.5, 0.25, 2.0])
    for each in (family.diffusivity, family.regulariser, family.shrinkage, family.activation):
        assert eval(repr(each), vars(symtrans)) == pickle.loads(pickle.dumps(each)) == each
        assert "assume" not in repr(each)
        for number in (0, 1):
            alone = type(each)(each.expr.subs(k, number))
            assert each(places, k=float(number)) == pytest.approx(alone(places))
    for number in (0, 2):
        alone = certify(form(sp.Integer(number)))
        for name in ("g_max", "g_min", "slope_max", "slope_min"):
            assert sp.S(getattr(c, name).value).subs(k, number) == getattr(alone, name).value


def test_a_sign_that_a_declaration_leaves_open_is_asked_for():
    k, m = sp.Symbol("k", nonnegative=True), sp.Symbol("m", nonpositive=True)
    with pytest.raises(NonlinearityError, match="the sign of k - 1 is open"):
        certify(Diffusivity(sp.Max(1 - sp.Abs(r), k)))
    assert certify(Activation(sp.sign(r) * sp.Max(sp.Abs(r) + m, 0))).slope_min.value == sp.Piecewise(
        (1, sp.Eq(m, 0)), (0, True)
    )


def test_a_kernel_of_a_break_that_may_be_at_zero():
    k = sp.Symbol("k", nonnegative=True)
    kernel = Network(Activation(sp.sign(r) * sp.Min(sp.Abs(r), k)), tau=sp.Rational(1, 4)).compile("numpy")
    signal = np.array([0.0, 1.0, 0.0, 5.0])
    assert kernel(signal, k=0.0).tolist() == signal.tolist()
    assert kernel(signal, k=1.0).tolist() == [0.25, 0.5, 0.5, 4.75]


@pytest.mark.parametrize("grows", ["cosh(r^2)", "exp(r^4)", "exp(exp(|r|))", "exp(r^2)^3"])
def test_what_grows_beyond_all_doubles_is_asked_about_as_all_else(grows):
    asked = symtrans.Regulariser(f"Max(a*b, {grows})")
    assert not asked.is_settled
    with pytest.raises(symtrans.NonlinearityError, match="assum"):
        asked.to(symtrans.Activation)


@pytest.mark.parametrize(
    "formula",
    ["max(1 - k |r|, 0)", "max(1 - k r^2, 0)^2", "Piecewise((1 - k^2 r^2, k |r| < 1), (0, True))"],
)
def test_a_break_may_go_to_infinity(formula):
    """Where k = 0 there is none, and g is 1."""
    k = sp.Symbol("k", nonnegative=True)
    formula = parse(formula).subs({sp.Symbol("k"): k, sp.Symbol("r"): r})
    for g in (Diffusivity(formula), Diffusivity(formula.subs(k, sp.Symbol("k", real=True)), assume=["k >= 0"])):
        c, (number,) = certify(g), g.parameters
        assert [c.g_max.value, c.g_min.value.subs(number, 3), c.g_min.value.subs(number, 0)] == [1, 0, 1]
        assert (g(5.0, k=0.0), g.subs(k=0), certify(g.to(Regulariser)).g_max.value) == (1, Diffusivity(1), 1)


@pytest.mark.parametrize("side", [1, -1])
def test_a_regulariser_behind_such_a_break_is_one_formula(side):
    k = sp.Symbol("k", real=True)
    clip = Activation(sp.Max(-1, sp.Min(1, k * r)), assume=[sp.Ge(side * k, 0)])
    psi = clip.to(Regulariser)
    assert len(psi.expr.args) == 2
    assert [psi(2.0, k=side * number) for number in (0.0, 0.25, 1.0)] == [0, side, side * 3]
    assert eval(repr(psi), {"Activation": Activation, "Regulariser": Regulariser}) == psi
