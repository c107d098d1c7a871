"""Admission: what is let in, what is refused and how, and how a kind behaves as a value."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import given

import symtrans as st
from symtrans import Activation, Diffusivity, NonlinearityError, Regulariser, Shrinkage, r
from tests.strategies import diffusivities

lam = sp.Symbol("lambda", positive=True)


@pytest.mark.parametrize(
    ("kind", "expr", "words"),
    [
        (Diffusivity, "r", "not even: at r = 1 it is 1, at r = -1 it is -1"),
        (Activation, "r^2", "not odd: at r = 1"),
        (Activation, "sin(r) + r^2/1000", "not odd: at r = 1"),
        (Shrinkage, "r + 1", "not odd: at r = 1"),
        (Diffusivity, sp.I * r**2, "imaginary"),
        (Diffusivity, "sqrt(1 - r^2)", "no finite real value"),
        (Activation, "log(r)", "no finite real value"),
        (Activation, "sqrt(r)", r"not real for r < 0: write it in \|r\|, as sqrt\(\|r\|\)\*sgn\(r\)"),
        (Diffusivity, "exp(-x^(1/3))", "not real for x < 0"),
        (Diffusivity, "1/(r^2 - 1)", r"\|r\| = 1: it is infinite there"),
        (Diffusivity, "Piecewise((1, |r| < 1))", "no case covers it"),
        (Activation, "1/r", "r\\| = 0"),
        (Diffusivity, "1/r^2", "unbounded at r = 0"),
        (Diffusivity, sp.nan, "not a number"),
        (Diffusivity, sp.oo, "infinite|no finite|case"),
        (Regulariser, "exp(-r^2)", r"Subtract it: Regulariser\('exp\(-r\^2\) - 1'\)"),
        (Regulariser, "Piecewise((r^2, |r| < 1), (2, True))", r"jumps at \|r\| = 1"),
        (Regulariser, "Piecewise((0, r == 0), (-1, True))", r"jumps at \|r\| = 0"),
        (Diffusivity, "exp(-x^2/a)", "more than one candidate for the variable: a, x"),
        (Diffusivity, sp.Function("f")(r), "f, of which symtrans knows no calculus"),
        (Activation, sp.Integral(r), "an integral without limits"),
        (Activation, sp.Integral(sp.exp(-(r**2)), (r, 1)), "an integral without limits"),
        (Diffusivity, [1], "is a list"),
        (Diffusivity, None, "is a NoneType"),
        (Diffusivity, True, "is a bool"),
        (Diffusivity, b"1", "is a bytes"),
        (Diffusivity, r < 1, "not a function"),
        (Diffusivity, sp.Symbol("a") * sp.Symbol("a", positive=True), "two different symbols named a"),
        (Diffusivity, r**2 + sp.Symbol("z", real=False, complex=True), "not declared real"),
    ],
)
def test_refuses(kind, expr, words):
    with pytest.raises(NonlinearityError, match=words):
        kind(expr)


x, y, f = sp.Symbol("x"), sp.Symbol("y"), sp.Function("f")


@pytest.mark.parametrize(
    "given",
    [
        sp.Lambda(x, sp.tanh(x)),
        sp.Eq(f(x), sp.tanh(x)),
        sp.Eq(y, sp.tanh(sp.re(x))),
        sp.Derivative(sp.log(sp.cosh(x)), x),
        sp.tanh(sp.UnevaluatedExpr(x)),
        sp.tanh(sp.Dummy("x")),
    ],
    ids=str,
)
def test_what_sympy_wraps_around_a_formula_is_taken_off(given):
    activation = Activation(given)
    assert activation.variable.name == "x"
    assert sp.simplify((activation.expr - sp.tanh(activation.variable)).rewrite(sp.exp)) == 0


def test_symbols_are_real_and_whole_numbers_are_no_variables():
    assert Activation(sp.real_root(x, 3)) == Activation("cbrt(x)")
    n = sp.Symbol("n", integer=True)
    assert Diffusivity(1 / (1 + n**2 * x**2)).variable.name == "x"
    with pytest.raises(NonlinearityError, match="uses Derivative"):
        Activation(sp.Derivative(f(x), x))


def test_a_formula_of_the_modulus_is_offered_as_one():
    with pytest.raises(NonlinearityError, match=r"at s = -1 it is e\. .* for s >= 0 is Diffusivity\('exp\(-\|s\|\)'\)"):
        Diffusivity("exp(-s)")


def test_the_inverse_of_the_hyperbolic_sine_written_out_is_odd_and_has_its_regulariser():
    activation = Activation("ln(x/a + sqrt(1 + x^2/a^2))", variable="x")
    assert "Integral" not in str(activation.to("regulariser"))


def test_errors_speak_of_the_users_variable():
    with pytest.raises(NonlinearityError, match="at w = 1"):
        Activation("w^2", variable="w")
    with pytest.raises(NonlinearityError) as caught:
        Diffusivity("1/(w^2 - 1)", variable="w")
    assert "_x" not in str(caught.value)


def test_removable_points_are_filled():
    sinc = Diffusivity("sin(r)/r")
    assert sinc(0.0) == 1.0
    assert Diffusivity("(r^2 - 1)/(|r| - 1)")(1.0) == 2.0


def test_a_singular_diffusivity_with_a_bounded_flux_is_welcome():
    tv = Diffusivity("1/|r|")
    assert tv.to(Activation).expr == sp.sign(r)
    assert tv.expr.subs(r, 2) == sp.Rational(1, 2)


def test_decimals_are_exact():
    assert Diffusivity(0.1).expr == sp.Rational(1, 10)
    assert Diffusivity(sp.Float("0.3") + r**2).expr == sp.Rational(3, 10) + r**2
    assert Diffusivity(np.float32(0.5)).expr == sp.Rational(1, 2)


@pytest.mark.parametrize("name", ["lambda", "x", "I", "E", "S", "N", "theta", "while"])
@pytest.mark.parametrize("assumptions", [{}, {"positive": True}, {"real": True, "positive": True}])
def test_the_users_parameter_comes_back(name, assumptions):
    p = sp.Symbol(name, **assumptions)
    family = st.translate(Diffusivity(sp.exp(-(r**2) / p**2)))
    for form in family.forms:
        assert form.parameters == (p,)
        assert form.expr.subs(p, 2).free_symbols <= {r}
    assert family.certificate.g_max.value == 1


@pytest.mark.parametrize(
    "v", [sp.Symbol("x"), sp.Symbol("I"), sp.Symbol("lambda"), sp.Symbol("r"), sp.Symbol("s", real=True)]
)
def test_the_users_variable_comes_back(v):
    a = sp.Symbol("a")
    g = Diffusivity(1 / (1 + v**2 / a**2), variable=v)
    assert g.variable == v
    assert g.parameters == (a,)
    assert g.to(Activation).expr.subs({v: 3, a: 1}) == sp.Rational(3, 10)
    assert st.certify(g).slope_min.attained == sp.sqrt(3) * a


def test_one_candidate_needs_no_naming():
    x = sp.Symbol("x")
    assert Diffusivity(sp.exp(-(x**2))).variable == x
    assert Diffusivity("exp(-x^2)").variable.name == "x"
    assert Diffusivity("theta").variable == r  # a Greek name is a parameter


def test_equality_is_that_of_functions_as_entered():
    assert Diffusivity("exp(-r^2/lambda^2)") == Diffusivity(sp.exp(-(r**2) / sp.Symbol("lambda") ** 2))
    assert Diffusivity("1") != Regulariser("0")
    assert Shrinkage("r/2") != Shrinkage("r/2", tau="1/8")
    assert len({Diffusivity("exp(-r^2/lam)"), Diffusivity("exp(-r^2/λ)")}) == 1
    assert Shrinkage("Max(|r| - theta, 0) sgn(r)") == Shrinkage(
        "Piecewise((0, |r| <= theta), (r - theta sgn(r), True))"
    )


@pytest.mark.parametrize(
    "kind",
    [
        Diffusivity("exp(-r^2/(2 lambda^2))"),
        Shrinkage("Max(|r| - theta, 0) sgn(r)", tau="1/8"),
        Shrinkage("0", tau=sp.Symbol("tau", positive=True)),
        Activation("x/(1 + |x|/a)", variable="x"),
        Regulariser("Min(r^2, 2 theta^2)"),
    ],
)
def test_repr_and_pickle_rebuild(kind):
    assert eval(repr(kind), vars(st)) == kind
    assert pickle.loads(pickle.dumps(kind)) == kind
    with pytest.raises(AttributeError):
        kind.inner = 1


def test_subs():
    g = Diffusivity("exp(-r^2/(2 lambda^2))")
    assert g.subs({"lam": 2}) == g.subs({lam: 2}) == g.subs({sp.Symbol("lambda"): 2}) == Diffusivity("exp(-r^2/8)")
    assert g.subs({"lam": "1/2"}).expr == sp.exp(-2 * r**2)
    with pytest.raises(NonlinearityError, match="mu is no parameter here; the parameters are lam"):
        g.subs({"mu": 1})
    with pytest.raises(NonlinearityError, match="takes keywords or a mapping, for example"):
        g.subs([("lam", 2)])


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("x*(abs(x) > t)", "x"),
        ("t*(abs(t) > x)", "t"),
        ("sign(y)*max(abs(y) - k, 0)", "y"),
        ("z*exp(-z^2/k^2)", "z"),
        ("x*exp(-a*x^2)", "x"),
    ],
)
def test_the_variable_is_the_only_symbol_in_which_the_formula_is_odd(text, variable):
    assert Activation(text).variable.name == variable


def test_where_it_is_odd_in_several_the_user_is_asked():
    with pytest.raises(NonlinearityError, match="more than one candidate for the variable: a, x"):
        Activation("a*x/(1 + x^2)")


class TestArrays:
    soft = Shrinkage("Max(|r| - theta, 0) sgn(r)")

    def test_shapes_and_dtypes(self):
        assert self.soft(np.zeros((2, 3, 0)), theta=1).shape == (2, 3, 0)
        assert self.soft(2.0, theta=1) == 1.0
        assert self.soft([3, -3], theta=1).tolist() == [2.0, -2.0]
        assert self.soft(np.float32([2, 1]), theta=1).dtype == np.float32
        assert self.soft(np.arange(6.0).reshape(2, 3)[:, ::-1], theta=1).tolist() == [[1, 0, 0], [4, 3, 2]]

    def test_constants_broadcast(self):
        assert Diffusivity("1")(np.zeros((2, 2))).tolist() == [[1, 1], [1, 1]]

    def test_nan_stays_and_untaken_branches_are_silent(self):
        garrote = st.catalogue["garrote"].activation
        with np.errstate(all="raise"):
            values = garrote(np.array([0.0, np.nan, 1e-300, -5.0, np.inf]), theta=1.0)
        assert np.isnan(values[1])
        assert values[[0, 2, 3, 4]] == pytest.approx([0, 1e-300, -0.4, 0])

    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({}, "give a value to theta"),
            ({"theta": 1, "lam": 2}, "lam is no parameter"),
            ({"theta": -1}, "finite positive"),
            ({"theta": np.nan}, "finite positive"),
            ({"theta": "a"}, "not a number"),
        ],
    )
    def test_bad_parameters(self, parameters, words):
        with pytest.raises(NonlinearityError, match=words):
            self.soft([1.0], **parameters)

    def test_complex_input_is_refused(self):
        with pytest.raises(NonlinearityError, match="real numbers"):
            self.soft([1j], theta=1)

    @given(diffusivities())
    def test_agrees_with_sympy(self, expr):
        places = [sp.Rational(k, 7) for k in range(-20, 21)]
        places += [s * b for b in Diffusivity(expr).half.breaks for s in (1, -1)]
        expected = [float(expr.subs(r, place)) for place in places]
        found = Diffusivity(expr)(np.array([float(p) for p in places]))
        # a break that is no binary fraction is rounded like the argument that equals it
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_subs_reaches_the_time_step_of_a_shrinkage():
    assert Shrinkage("r/2", tau="tau").subs({"tau": "1/8"}) == Shrinkage("r/2", tau="1/8")


def test_cases_in_a_parameter_are_evaluated_where_they_hold():
    charbonnier = st.catalogue["generalised-charbonnier"].regulariser  # ln(1 + r^2/lambda^2) for p = 1
    places = np.array([0.0, 1.0, -2.0])
    np.testing.assert_allclose(charbonnier(places, lam=1.0, p=1.0), np.log1p(places**2))
    np.testing.assert_allclose(charbonnier(places, lam=1.0, p=2.0), places**2 / (1 + places**2))
    garrote = st.catalogue["garrote-n"].regulariser
    np.testing.assert_allclose(garrote([5.0], theta=1.0, n=2), garrote([5.0], theta=1.0, n=2 + 1e-7), rtol=1e-6)


def test_what_is_no_kind_is_refused_by_name():
    soft = st.catalogue["soft"]
    for ask in (lambda: st.certify("sofft"), lambda: st.certify(soft), lambda: st.translate(3)):
        with pytest.raises(NonlinearityError, match=r'catalogue\["soft"\]'):
            ask()
    assert st.certify("soft") == soft.certificate
    assert st.translate("soft") == soft
    for ask in (lambda: soft.to("activaton"), lambda: soft.activation.to("activaton")):
        with pytest.raises(NonlinearityError, match="'activaton' is none of Diffusivity"):
            ask()


@pytest.mark.parametrize("text", ["Min(1, 1/|r|)", "3 + Max(-1/|r|, -2)", "Min(1, a/|r|) + b", "Min(1, 1/r^2, 2/|r|)"])
def test_a_minimum_with_what_is_infinite_at_0(text):
    """SymPy refuses Min(1, zoo)."""
    assert len(Diffusivity(text).half.pieces) == 2


def test_a_denominator_that_is_zero_in_disguise():
    with pytest.raises(NonlinearityError, match="divides by zero"):
        Activation("r/((a + b)^2 - a^2 - 2 a b - b^2)")
    unsure = st.certify(Activation("r/(sin(1)^2 + cos(1)^2 - 1)"))
    assert unsure.g_max.value is None
    assert "open" in unsure.g_max.reason


@pytest.mark.parametrize("name", ["hampel", "firm", "log-penalty", "silu"])
def test_what_was_derived_is_written_as_what_is_entered(name):
    family = st.catalogue[name]
    for kind in (family.diffusivity, family.regulariser, family.shrinkage, family.activation):
        entered = type(kind)(kind.expr, **kind._more())
        for again in (pickle.loads(pickle.dumps(kind)), eval(repr(kind), vars(st)), entered):
            assert again == kind
            assert hash(again) == hash(kind)
            assert repr(again) == repr(kind)
            assert sp.srepr(again.expr) == sp.srepr(kind.expr)


@pytest.mark.parametrize(
    "text",
    [
        "Piecewise((1, |r| <= p), ((p/|r|)^n, otherwise)) + (1 + r^2)^(-a)",
        "Piecewise((1, |r| <= p), ((p/|r|)^n, otherwise))*(1 + r^2)^(-1) + (1 + |r|)^(-a)",
        "Piecewise(((1 + r^2)^(-a), |r| <= p), ((p/|r|)^n, otherwise))",
        "Piecewise((exp(-sin(r)^2), |r| <= p), ((p/|r|)^n, otherwise)) + (1 + r^2)^(-a)",
        "Piecewise(((1 + r^2)^(-a), |r| <= p), ((1 + |r|)^(-b), |r| <= p + 1), ((p/|r|)^n, otherwise))",
        "Piecewise((1/((|r| + a) (|r| + b)), |r| <= p), (1/((|r| + 1) (|r| + b)), otherwise))",
    ],
)
def test_cases_of_several_parameters_are_read_back(text):
    psi = Diffusivity(text).to(Regulariser)
    for again in (pickle.loads(pickle.dumps(psi)), eval(repr(psi), vars(st))):
        assert again == psi
    if "to(Regulariser)" not in repr(psi):
        assert Regulariser(psi.expr) == psi


def test_a_whole_power_with_a_value_at_zero_is_read_back():
    n = sp.Symbol("n", integer=True, positive=True)
    phi = Diffusivity(1 - sp.exp(-1 / r ** (2 * n))).to(Activation)
    for again in (pickle.loads(pickle.dumps(phi)), eval(repr(phi), vars(st)), Activation(phi.expr)):
        assert again == phi


@pytest.mark.parametrize(
    ("kind", "text", "where"),
    [(Activation, "tan(r)", "at |r| = pi/2:"), (Diffusivity, "1/cos(r)^2", "at |r| = pi/2:"),
     (Activation, "sin(r)/(1/2 + cos(r))", "at |r| = 2*pi/3:"), (Activation, "tan(theta r)", "at |r| = pi/(2*theta):"),
     (Activation, "r tan(r^2)", "at |r| = sqrt(2)*sqrt(pi)/2:"), (Diffusivity, "1/sin(1 + |r|)", "at |r| = pi - 1:"),
     (Diffusivity, "1/(r sin(r) - 1)", "somewhere with |r| between 1 and 9/8:"),
     (Diffusivity, "1/(cos(r) - r^2)", "somewhere with |r| between 0.824132310 and 0.824132320:"),
     (Diffusivity, "1/(exp(-r^2) - |r|)^2", "somewhere with |r| between 0.652918640 and 0.652918650:"),
     (Activation, "r/(r tanh(r) - 1/2)", "somewhere with |r| between 0.771702310")],
)  # fmt: skip
def test_a_pole_is_said_exactly_or_with_an_interval(kind, text, where):
    with pytest.raises(NonlinearityError) as refused:
        kind(text)
    assert f"has no finite real value {where}" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "Max(exp(-r^2), 1/(3 + |r|))",
        "Max(0, exp(-|r|) - r^2)",
        "Min(exp(-|r|/7), exp(-2*|r|/7) + 1/9, exp(-3*|r|/7) + 2/9)",
    ],
)
def test_breaks_without_closed_form_are_written_as_they_were_entered(text):
    g = Diffusivity(text)
    for form in (g, g.to(Activation), g.to(Shrinkage)):
        assert eval(repr(form), vars(st)) == pickle.loads(pickle.dumps(form)) == form
    assert Diffusivity(str(g.expr)) == Diffusivity(sp.srepr(g.expr)) == g
    x = [0.1, 0.7, 1.3, 4.0]
    value = sp.lambdify(r, g.expr, "mpmath")
    assert g(x) == pytest.approx([float(value(v)) for v in x], rel=1e-12)
    assert g.to(Activation)(x) == pytest.approx([float(value(v)) * v for v in x], rel=1e-12)


@pytest.mark.parametrize(
    "enter",
    [
        lambda: st.Activation("Max(ln(r), r)"),
        lambda: st.Activation("r*Max(ln(-r^4), |r|)"),
        lambda: st.Activation("r*Max((-r^4)^(1/3), 1)"),
        lambda: st.Activation(latex=r"\max(\ln x, x)"),
        lambda: st.Activation(sp.Max(sp.log(st.r), st.r)),
        lambda: st.Activation.odd_part("Max(ln(-r^4), r)"),
        lambda: st.Shrinkage("r*Min(arcsin(2 + r^2), 1)"),
        lambda: st.Diffusivity("Max(sqrt(-1 - r^2), 1)"),
        lambda: st.Diffusivity("Min(ln(-a), r^2)"),
        lambda: st.Diffusivity("Piecewise((1, sqrt(r) < 2), (0, otherwise))"),
        lambda: st.Regulariser("Piecewise((r^2, ln(-1 - r^2) < 2), (0, otherwise))"),
        lambda: st.Diffusivity("exp(-r^2/a)", assume=["sqrt(-a) < 2"]),
    ],
)
def test_what_is_not_real_is_not_compared(enter):
    with pytest.raises(st.NonlinearityError, match="not real"):
        enter()


@pytest.mark.parametrize(
    "enter",
    [
        lambda: Diffusivity("sqrt(-r^2)"),
        lambda: Diffusivity("sqrt(-(r^2)) + cos(1 + r^4)"),
        lambda: Diffusivity("ln(-a)*exp(-r^2)"),
        lambda: Diffusivity("exp(-r^2)*arcsin(2 + a)"),
        lambda: Diffusivity("exp(-r^2)*arctanh(1 + a)"),
        lambda: Diffusivity("exp(-r^2)*arccosh(a/(1 + a))"),
        lambda: Diffusivity("(-a)^(1/3)*exp(-r^2)"),
        lambda: Diffusivity(latex=r"\ln(-a) e^{-r^2}"),
        lambda: Diffusivity("Piecewise((1, |r| <= 1), (ln(-a), otherwise))"),
        lambda: Activation("r*(ln(-lambda) + sqrt(|r|))"),
        lambda: Activation(sp.sqrt(-sp.Symbol("a", positive=True)) * r),
        lambda: Activation.odd_part("r*ln(-a)"),
        lambda: Regulariser("r^2*ln(-a)"),
        lambda: Shrinkage("r*sqrt(-a^2)"),
        lambda: Diffusivity("exp(-r^2)*LambertW(-1 - a)"),
        lambda: Diffusivity("exp(-r^2)*Ci(-a)"),
        lambda: Diffusivity((-1) ** sp.Symbol("a", positive=True) * sp.exp(-(r**2))),
        lambda: Diffusivity("sqrt(a - b)*exp(-r^2)", assume=["a < b"]),
        lambda: Activation("tanh(r)*arcsin(a)", assume=["a > 1"]),
    ],
)
def test_a_constant_that_is_not_real_is_refused(enter):
    with pytest.raises(NonlinearityError, match="is not real"):
        enter()


def test_constants_that_may_be_real_are_admitted():
    for formula in ("sqrt(1 - a)*exp(-r^2)", "ln(a)*exp(-r^2)", "sqrt(a - b)*exp(-r^2)", "a^b*exp(-r^2)"):
        assert Diffusivity(formula).parameters
    assert Diffusivity("sqrt(a - b)*exp(-r^2)", assume=["a > b"]).half.pieces
    assert Diffusivity((-1) ** sp.Symbol("n", integer=True) * sp.exp(-(r**2))).parameters


@pytest.mark.parametrize("kind", [Activation, Diffusivity, Regulariser])
@pytest.mark.parametrize("text", ["min(r^2, 1 + |r|/2, 3) sgn(r)", "min(|r|, r^2 sqrt(3), 2/3 + |r|/5) sgn(r)"])
def test_breaks_with_several_roots_of_numbers_are_read_back(kind, text):
    form = Shrinkage(text).to(kind)
    again = eval(repr(form), vars(st))
    assert again == form
    assert len(again.half.breaks) == len(form.half.breaks) == 2
    assert "==" not in repr(again)  # no break whose value would be a case of its own
