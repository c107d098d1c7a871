"""Proximal maps, conjugates and derivatives against their definitions."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Regulariser, r, translate
from symtrans.language.symbols import F, keyword_of

theta, alpha = sp.symbols("theta alpha", positive=True)
CLOSED = [
    ("constant", "alpha"),
    ("soft", "alpha"),
    ("tv", "alpha"),
    ("fair", "alpha"),
    ("garrote", "1/4"),
]


def energy(family, f, step, values):
    """u -> (u - f)^2 + alpha Psi(u), in 20 digits."""
    psi = sp.lambdify(family.regulariser.variable, family.regulariser.expr.subs(values), "mpmath")

    def value(u):
        with mpmath.workdps(20):
            return float((mpmath.mpf(u) - f) ** 2 + step * psi(mpmath.mpf(u)))

    return value


@pytest.mark.parametrize(("name", "step"), CLOSED)
def test_closed_forms_solve_the_equation(name, step):
    family = st.catalogue[name]
    found = family.proximal(step)
    assert found.single_valued
    values = {s: sp.Rational(13, 10) for s in family.parameters} | {alpha: sp.Rational(3, 7)}
    size = sp.Rational(3, 7) if step == "alpha" else sp.Rational(step)
    for f in (sp.Rational(k, 7) for k in (-40, -11, 3, 9, 17, 60)):
        u = sp.N(found.expr.subs({**values, F: f}), 50)
        if u == 0:  # the solution stays in the kink of Psi at 0
            assert abs(f) <= size * family.certificate.jumps[0].height / 2
        else:
            flux = sp.N(family.activation.expr.subs(values).subs(r, u), 50)
            assert abs(u + size * flux - f) < 1e-40


@pytest.mark.parametrize(
    ("name", "step"),
    [*CLOSED, ("hard", "1/2"), ("garrote", "3"), ("charbonnier", "1/2"), ("perona-malik", "1/4")],
)
def test_no_point_has_less_energy(name, step):
    family = st.catalogue[name]
    found = family.proximal(step)
    numbers = {keyword_of(s): 1.3 for s in family.parameters} | ({"alpha": 0.4} if step == "alpha" else {})
    size = 0.4 if step == "alpha" else float(sp.Rational(step))
    values = {s: sp.Rational(13, 10) for s in family.parameters}
    f = np.array([-7.1, -1.0, 0.0, 0.3, 1.9, 2.2, 2.6, 3.5, 20.0])
    u = found(f, **numbers)
    assert found(f.reshape(3, 3), **numbers).shape == (3, 3)
    assert u == pytest.approx(-found(-f, **numbers), abs=1e-14)
    for target, place in zip(f, u, strict=True):
        value = energy(family, float(target), size, values)
        others = np.concatenate([np.linspace(-1, 1, 41) * (abs(target) + 1), place + np.array([-1e-4, 1e-4])])
        assert value(float(place)) <= min(value(float(v)) for v in others) + 1e-12
    assert np.isnan(found(np.array([np.nan]), **numbers))[0]


def test_the_branch_is_stated_where_the_solution_is_not_unique():
    hard = st.catalogue["hard"].proximal("1/2")
    assert hard.expr is None
    assert not hard.single_valued
    assert [u for _, u in hard.solutions] == [2 * F / 3, F]
    assert "least" in hard.choice
    # the energies of f/(1 + alpha) and f are equal at f = sqrt(2) theta sqrt(1 + alpha)
    place = np.sqrt(2 * 1.5)
    below, above = hard(np.array([place * (1 - 1e-9), place * (1 + 1e-9)]), theta=1.0)
    assert below == pytest.approx(place / 1.5)
    assert above == pytest.approx(place)


def test_a_solution_that_stays_in_a_jump():
    """Where Phi jumps up at r = 1, a whole interval of f has the solution 1."""
    for law in ("<", "<="):
        found = translate(Activation(f"Piecewise((r/10, |r| {law} 1), (100 sgn(r), otherwise))")).proximal(1)
        f = np.array([-50.0, 0.11, 1.2, 50.0, 101.5])
        assert found(f) == pytest.approx([-1, 0.1, 1, 1, 1.5])


def test_a_bracket_without_closed_form_is_as_sharp_as_doubles():
    f = np.array([1e-300, 1e-9, 0.5, 3.0, 1e9, 1e300])
    u = translate(Activation("r exp(-r^2)")).proximal(1)(f)
    with mpmath.workdps(60):
        for target, place in zip(f, u, strict=True):
            low, high = (mpmath.mpf(place) * (1 + s * mpmath.mpf("3e-16")) for s in (-1, 1))
            assert low + low * mpmath.exp(-(low**2)) <= target <= high + high * mpmath.exp(-(high**2))


def test_there_is_no_minimum_where_the_energy_falls_for_ever():
    with pytest.raises(st.NonlinearityError, match="no minimum"):
        translate(Activation("-2 r")).proximal(1)
    bounded = translate(Activation("tanh(r) - r")).proximal(1)  # u + Phi(u) = tanh(u)
    assert bounded([0.5, -0.9]) == pytest.approx([np.arctanh(0.5), -np.arctanh(0.9)])
    assert np.isnan(bounded([1.0, 2.0, -3.0])).all()
    assert bounded.choice.endswith("there is no minimum for |f| >= 1")


def test_a_point_of_inflection_is_no_gap():
    """At alpha mu = 1 the derivative of u + alpha Phi(u) vanishes inside, here at u = sqrt(3)."""
    edge = 1.5 * np.sqrt(3)
    found = translate(Activation("r exp(-r^2/2)")).proximal("exp(3/2)/2")
    f = edge + np.array([-1e-6, -1e-9, np.spacing(-edge), 0.0, np.spacing(edge), 1e-9])
    u, (lower, upper) = found(f), found.bracket(f)
    assert np.all((lower < upper) & (upper - lower <= 2 * np.spacing(lower)))
    assert np.all((lower <= u) & (u <= upper))
    with mpmath.workdps(60):
        for target, low, high in zip(f, map(mpmath.mpf, lower), map(mpmath.mpf, upper), strict=True):
            rising = [v + mpmath.exp(1.5) / 2 * v * mpmath.exp(-(v**2) / 2) for v in (low, high)]
            assert rising[0] < target < rising[1]


@pytest.mark.parametrize(
    ("phi", "alpha_", "given"),
    [
        ("r exp(-r^2)", 1, {}),
        ("r/sqrt(1 + r^2/lambda^2)", "1/2", {"lam": 1.3}),
        ("tanh(r) - r", 1, {}),
        ("r^3/(1 + r^2)^(1/3)", "a", {"a": 0.7}),
        ("sgn(r) (1 + |r|^p)", 2, {"p": 0.3}),
    ],
)
def test_brackets_hold_in_60_digits(phi, alpha_, given):
    activation = Activation(phi)
    found = translate(activation).proximal(alpha_)
    f = np.array([[1e-12, 0.3, 0.9], [-0.7, -1e-5, 0.999999]]) + (3.5 if "sgn" in phi else 0)
    lower, upper = found.bracket(f, **given)
    assert lower.shape == f.shape
    exact = {s: sp.Rational(given[keyword_of(s)]) for s in (*activation.parameters, *found.alpha.free_symbols)}
    flux = sp.lambdify(r, (r + found.alpha * activation.expr).subs(exact), "mpmath")
    with mpmath.workdps(60):
        for target, low, high in zip(f.flat, lower.flat, upper.flat, strict=True):
            assert flux(mpmath.mpf(low)) < target < flux(mpmath.mpf(high))
            assert 0 < high - low <= 4.5e-16 * max(abs(low), abs(high))


def test_brackets_at_kinks_and_without_a_minimum():
    soft = translate(Activation("Piecewise((r/10, |r| <= 1), (100 sgn(r), otherwise))")).proximal(1)
    lower, upper = soft.bracket([1.2, 50.0, -50.0])
    assert np.all(lower == [1, 1, -1])
    assert np.all(upper == [1, 1, -1])
    lower, upper = translate(Activation("tanh(r) - r")).proximal(1).bracket([2.0, np.nan])
    assert np.isnan(lower).all()
    assert np.isnan(upper).all()


def test_sizes_at_which_squares_overflow_or_digits_cancel():
    f = np.array([1e300, -1e200, 1e-9, 1e-200, np.inf, -np.inf])
    hard = translate(Activation("Piecewise((r, |r| <= 1), (0, otherwise))")).proximal(3)
    assert hard(f) == pytest.approx([1e300, -1e200, 2.5e-10, 2.5e-201, np.inf, -np.inf], rel=1e-14)
    gauss = translate(Activation("r exp(-r^2/2)")).proximal(10)
    assert gauss(f[2:4]) == pytest.approx(f[2:4] / 11, rel=1e-14)
    hyperbolic = translate(Activation("Piecewise((r, |r| <= 1), (r - sgn(r) sqrt(r^2 - 1), otherwise))")).proximal(1)
    assert hyperbolic(np.array([1.5, 16.0])) == pytest.approx([0.75, (32 + np.sqrt(256 - 3)) / 3])


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("sgn(r) log(1 + |r|)", "alpha"),
        ("sgn(r) sqrt(|r|)", "alpha"),
        ("r sqrt(1 + r^2) - r", "1"),
    ],
)
def test_closed_forms_behind_a_root_or_a_logarithm(text, step):
    family = translate(Activation(text))
    found = family.proximal(step)
    numbers = {"alpha": 0.7} if step == "alpha" else {}
    f = np.array([0.01, 0.5, 3.0, 40.0])
    closed = [float(found.expr.subs({alpha: sp.Rational(7, 10), F: sp.Rational(value)})) for value in f]
    assert found(f, **numbers) == pytest.approx(closed, rel=1e-12)


def test_a_parameter_called_like_the_variable_of_the_result():
    family = translate(Activation("r/(1 + f |r|)"))
    for derive in (lambda: family.proximal(1), family.conjugate):
        with pytest.raises(st.NonlinearityError, match="renames"):
            derive()
    assert family.subs({"f": "c"}).proximal(1).expr.has(F)


@pytest.mark.parametrize("step", [0, -1, "0"])
def test_alpha_is_positive(step):
    with pytest.raises(st.NonlinearityError, match="positive"):
        st.catalogue["soft"].proximal(step)


@pytest.mark.parametrize(
    "kind_and_text",
    [
        (Activation, "2 r"),
        (Regulariser, "r^2 + 2 |r|"),
        (Regulariser, "Piecewise((r^2, |r| <= 1), (2 |r| - 1, otherwise))"),
        (Activation, "r/(1 + |r|)"),
        (Activation, "r/sqrt(1 + r^2)"),
        (Activation, "Piecewise((r/2, |r| <= 1), (sgn(r), |r| <= 3), (r - 2 sgn(r), otherwise))"),
        (Activation, "Piecewise((sgn(r)/4, |r| <= 1), (sgn(r)/2, |r| <= 2), (sgn(r), otherwise))"),
        (Activation, "r^3"),
    ],
)
def test_the_conjugate_is_the_supremum(kind_and_text):
    kind, text = kind_and_text
    family = translate(kind(text))
    conjugate = family.conjugate()
    places = np.linspace(-60, 60, 240001)
    psi = family.regulariser(places)
    for p in (-1.5, -0.2, 0.0, 0.7, 1.9):
        value = float(conjugate.subs(F, sp.Rational(p)))
        assert np.max(p * places - psi) == pytest.approx(value, abs=1e-4)
    if conjugate.has(sp.oo):
        assert conjugate.subs(F, 5) is sp.oo


def test_conjugates_by_undoing_one_function_after_the_other():
    lam = sp.Symbol("lambda", positive=True)
    value = translate(Activation("lambda arctan(r/lambda)")).conjugate()
    difference = value.args[0].expr + 2 * lam**2 * sp.log(sp.cos(F / (2 * lam)))
    assert abs(difference.subs({lam: sp.Rational(4, 5), F: sp.Rational(7, 3)}).evalf(40)) < 1e-38
    assert value.subs({F: 4, lam: 1}) == sp.oo
    tanh = st.catalogue["scaled-tanh"].conjugate().subs(F, sp.Rational(3, 2))
    with mpmath.workdps(30):
        u = mpmath.atanh(mpmath.mpf("0.75") / mpmath.mpf("1.7159")) * 3 / 2
        psi = mpmath.mpf("1.7159") * 3 * mpmath.log(mpmath.cosh(2 * u / 3))
        assert abs(tanh.evalf(30) - (u * mpmath.mpf("1.5") - psi)) < 1e-25


def test_a_closed_form_is_analytic_on_the_whole_branch():
    """Cardano's formula where the cubic has one real root; where it has three its root is complex."""
    one = translate(Activation("r/(1 + r^2)")).proximal("1/2")
    assert one.expr is not None
    three = translate(Activation("r/(1 + r^2)")).proximal("10")
    assert three.expr is None
    f = np.linspace(0.1, 12, 60)
    for found, step in ((one, 0.5), (three, 10.0)):
        u = found(f)
        assert u + step * u / (1 + u**2) == pytest.approx(f, rel=1e-12)
    assert sp.lambdify(F, one.expr)(f) == pytest.approx(one(f), rel=1e-11)


def test_no_conjugate_of_what_is_not_convex():
    with pytest.raises(st.NonlinearityError, match="convex"):
        st.catalogue["hard"].conjugate()


def test_derivatives_and_their_convention_at_breaks():
    soft = st.catalogue["soft"]
    (own,) = soft.parameters
    assert soft.derivative.subs({own: 1, r: sp.sqrt(2)}) == 1  # from the side of 0
    assert soft.derivative_by("theta").subs({own: 1, r: sp.sqrt(2)}) == 0
    assert soft.derivative_by(own).subs({own: 1, r: -3}) == -sp.sqrt(2)
    lam = sp.Symbol("lambda", positive=True)
    gauss = translate(Diffusivity("exp(-r^2/(2 lambda^2))"))
    assert sp.simplify(gauss.derivative - sp.diff(gauss.activation.expr, r)) == 0
    assert sp.simplify(gauss.derivative_by("lam") - sp.diff(gauss.activation.expr, lam)) == 0
    with pytest.raises(st.NonlinearityError, match="no parameter"):
        gauss.derivative_by("theta")


def test_assumptions_reach_the_proximal_map_and_the_conjugate():
    text = "Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (a sgn(r) + r - b sgn(r), otherwise))"
    family = translate(Activation(text), assume=["a < b"])
    found = family.proximal(1)
    assert found([1.0, 2.0, 3.0, 9.0], a=1.0, b=2.0) == pytest.approx([0.5, 1, 2, 5])
    lower, upper = found.bracket([1.0, 9.0], a=1.0, b=2.0)
    assert np.all((lower <= [0.5, 5]) & (upper >= [0.5, 5]))
    with pytest.raises(st.NonlinearityError, match="contradict"):
        found([1.0], a=2.0, b=1.0)
    a, b = family.parameters
    assert found.expr.subs({a: 1, b: 2, F: 9}) == 5
    assert family.conjugate().subs({a: 1, b: 2, F: 4}) == 6  # u = 3: 4 u - Psi(3), Psi(3) = 1 + 2 + 3

    firm = st.catalogue["firm"].proximal("alpha", assume=["alpha theta < d"])
    numbers = {"theta": 1.0, "d": 1.5, "alpha": 0.7}
    exact = {s: sp.Rational(str(numbers[keyword_of(s)])) for s in firm.expr.free_symbols - {F}}
    for f in (0.5, 2.2, 3.0, 7.0):
        assert float(firm.expr.subs({**exact, F: sp.Rational(f)})) == pytest.approx(firm([f], **numbers)[0])
    with pytest.raises(st.NonlinearityError, match="contradict"):
        firm([1.0], theta=1.0, d=1.5, alpha=2.0)
    with pytest.raises(st.NonlinearityError, match="assume"):
        st.catalogue["firm"].proximal("alpha")


@pytest.mark.parametrize(("psi", "degree"), [("sqrt(|r|)", 0.5), ("Piecewise((0, Eq(r, 0)), (1, True))", 0)])
@pytest.mark.parametrize("half", [-340, -200, 200, 340])
def test_energies_that_no_double_holds_are_compared(psi, degree, half):
    """u(s f) = s u(f) where alpha is scaled with it, though f^2 and alpha Psi over- or underflow."""
    found = st.translate(st.Regulariser(psi)).proximal("alpha")
    f, s = np.array([0.1, 0.5, 0.9, 1.1, 2.0, 7.0]), 2.0 ** (2 * half if degree else 1.5 * half)
    moved = found(s * f, alpha=s ** (2 - degree)) / s
    assert np.any(moved == 0)
    np.testing.assert_allclose(moved, found(f, alpha=1.0), rtol=1e-14)


@pytest.mark.parametrize(("phi", "slope"), [("a tanh(r/a)", 1), ("a^2 r/(a + |r|)", 1e6)])
def test_the_smallest_doubles_are_no_exception(phi, slope):
    """There u = f/(1 + alpha g(0)), though r/a is no number."""
    found = st.translate(Activation(phi)).proximal("1/3")
    f = np.array([4e-323, 1e-320, 1e-310, 3e-308])
    assert np.abs(found(f, a=1e6) - f / (1 + slope / 3)).max() <= 1e-323


WELL = "Piecewise((0, |r| < 10^8), (0.3 (r - 10^8 sgn(r)), |r| <= 10^8 + 1), (0, otherwise))"


@pytest.mark.parametrize(
    ("phi", "f", "u"),
    [
        # u - 20 u^(3/4) = f has the solution 20^4 next to which the energy is least, however small f is
        ("Piecewise((0, |r| <= 1), (-2 sgn(r) |r|^(3/4), otherwise))", [1e-320, 1e-200, 1e-3], 160000),
        # the energies of f/4 and f, counted from 10^8 on, differ by less than f^2 is rounded by
        (WELL, [1e8 + 2.0625], 1e8 + 2.0625),
        (WELL, [1e8 + 1.9375], 1e8 + 1.9375 / 4),
    ],
)
def test_the_least_energy_wins_whatever_its_size(phi, f, u):
    found = translate(Activation(phi)).proximal(10)(f)
    assert found == pytest.approx(np.full(len(f), u), rel=1e-7 if u < 1e6 else 1e-15)


def test_parameters_of_which_no_double_holds_the_square():
    """Hard shrinkage with Psi = t^2 beyond t: f/4 up to f = 2 t, then f."""
    found = translate(Activation("Piecewise((r, |r| <= t), (0, otherwise))")).proximal("alpha")
    for t in (1e300, 1e-300):
        f = np.array([0.1, 1.9, 2.1, 1e5]) * t
        assert found(f, alpha=3.0, t=t) / t == pytest.approx([0.025, 0.475, 2.1, 1e5])


def test_assumptions_reach_kinks_and_brackets():
    """Of |r|^p the slope at 0 is known from p < 1 only."""
    found = translate(Regulariser("|r|^p")).proximal("alpha", assume=["p < 1"])
    f = np.array([0.1, 1.0, -2.0])
    assert found(f, p=0.5, alpha=0.5) == pytest.approx(
        translate(Regulariser("sqrt(|r|)")).proximal("1/2")(f), rel=1e-15
    )
    lower, upper = found.bracket(f, p=0.5, alpha=0.5)
    for target, low, high in zip(f[1:], lower[1:], upper[1:], strict=True):
        rising = [v + np.sign(v) / (8 * mpmath.sqrt(abs(v))) for v in (mpmath.mpf(low), mpmath.mpf(high))]
        assert rising[0] <= target <= rising[1]
        assert high - low < 1e-15


@pytest.mark.parametrize("text", ["|r|^(2/3)", "|r|^(1/3)"])
def test_alpha_of_a_fractional_power_may_be_a_symbol(text):
    family = st.translate(st.Regulariser(text))
    of_alpha, power = family.proximal("alpha"), float(sp.Rational(text[5:8]))
    for alpha in (0.3, 2.5):
        u = of_alpha([0.3, 0.8, 1.2, 2.0, -3.0], alpha=alpha)
        for f, v in zip([0.3, 0.8, 1.2, 2.0, -3.0], u, strict=True):
            grid = np.linspace(0, abs(f), 10_001)
            least = ((grid - abs(f)) ** 2 + alpha * grid**power).min()
            assert (v - f) ** 2 + alpha * abs(v) ** power <= least + 1e-12


@pytest.mark.parametrize(
    ("psi", "step", "turn"),
    [
        ("5 sin(r)^2", 1, sp.pi),
        ("3 (1 - cos(r))", 5, 2 * sp.pi),
        ("2 sin(r)^2 + sin(2 r)^2", 1, sp.pi),
        ("1 - cos(2 pi r)", 3, sp.S.One),
        ("exp(-cos(r)) - exp(-1)", 4, 2 * sp.pi),
    ],
)
def test_a_periodic_penalty_is_mapped_period_by_period(psi, step, turn):
    """One period holds all branches; no place of a fine grid has less energy, at whatever multiple of the period."""
    family = translate(Regulariser(psi))
    found = family.proximal(step)
    assert not found.single_valued
    assert found.solutions[-1][0].end == turn / 2
    period = float(turn)
    f = np.concatenate([np.linspace(-2, 2, 40) * period, [25.3, -333.3, 1e4 + 0.3]])
    u = found(f)
    cost = sp.lambdify(r, family.regulariser.expr, "numpy")
    places = f[:, None] + np.linspace(-1, 1, 20_001) * period
    assert np.all(
        (u - f) ** 2 + step * cost(u) <= np.min((places - f[:, None]) ** 2 + step * cost(places), axis=1) + 1e-9
    )
    np.testing.assert_allclose(found(f + 7 * period), u + 7 * period, rtol=1e-13)
    flux = sp.lambdify(r, family.activation.expr, "mpmath")
    lower, upper = found.bracket(f)
    with mpmath.workdps(40):
        for value, low, high in zip(f, lower, upper, strict=True):
            ends = [mpmath.mpf(one) + step * flux(mpmath.mpf(one)) - mpmath.mpf(value) for one in (low, high)]
            assert ends[0] < 1e-35
            assert ends[1] > -1e-35
            assert high - low <= 3 * np.spacing(max(abs(low), abs(high)))


def test_what_is_periodic_but_for_its_growth_is_left_open():
    with pytest.raises(st.NonlinearityError, match="was not found"):
        translate(Regulariser("sin(r)^2 + |r|")).proximal(4)
    assert translate(Regulariser("1 - cos(r)")).proximal("1/2").single_valued


def test_branches_without_a_formula_are_shown_as_such():
    family = translate(Regulariser("ln(cosh(r))"))
    assert st.latex(family.proximal("alpha")).startswith(r"u(f) = \begin{cases} \text{by bisection}, & u \in")


def test_what_is_not_found_in_time_or_at_all_says_so():
    family = translate(Regulariser("ln(cosh(r)) + r^4/(1 + r^2)"))
    for ask in (lambda: family.proximal(1, budget=1e-4), lambda: family.conjugate(budget=1e-4)):
        with pytest.raises(st.NonlinearityError, match="was not found within"):
            ask()
    with pytest.raises(st.NonlinearityError, match="has no closed form on"):
        translate(Regulariser("ln(cosh(r)) + r^4/12")).conjugate()
