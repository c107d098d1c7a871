"""Certificates: exact on the six families, and every claim attacked with numbers."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

import symtrans as st
from symtrans import Activation, Bound, Diffusivity, Evidence, Shrinkage, certify, r
from symtrans.nonlinearity.kinds import KINDS
from symtrans.runtime.budgets import time_limit
from tests.reference import TABLE_3, lam, theta
from tests.strategies import diffusivities

BOUNDS = ("g_max", "g_min", "slope_max", "slope_min", "lipschitz")
oo, e = sp.oo, sp.E
half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)
EXPECTED = {  # g_min, slope_min, lipschitz, monotone, smoothness, jumps
    "constant": (1, 1, 1, True, oo, ()),
    "charbonnier": (0, 0, 1, True, oo, ()),
    "truncated-tv": (0, 0, 1, True, 0, ()),
    "perona-malik": (0, -2 * sp.exp(-sp.Rational(3, 2)), 1, False, oo, ()),
    "truncated-bfb": (0, -1, 1, False, 0, ()),
    "truncated-quadratic": (0, -oo, oo, False, -1, ((sp.sqrt(2) * theta, -sp.sqrt(2) * theta),)),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("name", TABLE_3)
def test_the_six_families_are_proved_from_every_column(name, kind):
    g_min, slope_min, lipschitz, monotone, smoothness, jumps = EXPECTED[name]
    c = certify(kind(TABLE_3[name][kind]))
    bounds = (c.g_max, c.g_min, c.slope_max, c.slope_min, c.lipschitz)
    assert [b.value for b in bounds] == [1, g_min, 1, slope_min, lipschitz]
    assert {b.evidence for b in bounds} == {Evidence.PROVED}
    assert all(b.reason for b in bounds)
    assert (c.odd.value, c.nonnegative.value, c.monotone.value, c.convex.value) == (True, True, monotone, monotone)
    assert c.continuous.value is (jumps == ())
    assert c.jumps == jumps
    assert c.smoothness == smoothness
    assert c.max_min_step() == half
    assert c.sign_step() == quarter
    assert c.nonexpansive_step() == (half if monotone else 0)
    assert c.theorem2_step() == (0 if lipschitz is oo else half)
    assert c.energy_step() == half
    assert {b.evidence for b in c.steps().values()} == {Evidence.PROVED}


@pytest.mark.parametrize(
    ("kind", "expr", "field", "value"),
    [
        (Diffusivity, "Piecewise((3, |r| == 1), (1, otherwise))", "g_max", 3),
        (Diffusivity, "Piecewise((3, |r| == 1), (1, otherwise))", "lipschitz", oo),
        (Diffusivity, "1/|r|", "g_max", oo),
        (Shrinkage, "Piecewise((0, |r| <= theta), (sgn(r) sqrt(r^2 - theta^2), otherwise))", "lipschitz", oo),
        (Diffusivity, "1 - exp(-1/r^4)", "slope_min", 1 - 4 * sp.exp(-sp.Rational(3, 4))),
        (Diffusivity, "1/(1 + r^2/lambda^2)", "slope_min", -sp.Rational(1, 8)),
        (Diffusivity, "2 exp(-r^2) - exp(-r^2/4)", "g_min", -sp.Rational(3, 8)),
        (Activation, "a r", "g_max", sp.Symbol("a", positive=True)),
        (Diffusivity, "a + 1/sqrt(1 + r^2)", "g_max", 1 + sp.Symbol("a", positive=True)),
        (Activation, "r^3", "g_max", oo),
        (Activation, "0", "g_max", 0),
        (Activation, "-r", "slope_max", -1),
        (Diffusivity, "exp(-|r|)", "slope_min", -sp.exp(-2)),
    ],
)
def test_other_exact_values(kind, expr, field, value):
    bound = getattr(certify(kind(expr)), field)
    assert bound.evidence is Evidence.PROVED
    assert sp.simplify(bound.value - value) == 0 if value is not oo else bound.value is oo


def test_conditions_in_the_parameters():
    a = sp.Symbol("a", positive=True)
    c = certify(Diffusivity("a - exp(-r^2)"))
    assert c.nonnegative.value is None
    assert c.nonnegative.when == sp.Ge(a, 1)
    step = c.max_min_step()
    assert step.subs(a, 2) == quarter
    assert step.subs(a, half) == 0
    assert c.lipschitz.value.subs(a, sp.Rational(1, 100)) == sp.Rational(99, 100)


def test_unknown_is_said_with_a_reason():
    c = certify(Activation("r*(2 + cos(r^2)*cos(r))"), budget=2)
    assert c.g_max.evidence is Evidence.UNKNOWN
    assert c.g_max.value is None
    assert c.g_max.reason
    assert c.max_min_step() is None
    assert c.explain()
    assert certify(Activation("r exp(-r^2)"), budget=1e-6).g_max.evidence is Evidence.UNKNOWN


@pytest.mark.parametrize("text", ["sin(r |r|)", "sin(r |r|/lambda^2)", "r sin(r/a)^2", "r |r| cos(r)"])
def test_growing_oscillation_has_unbounded_slopes(text):
    c = certify(Activation(text))
    assert (c.slope_max.value, c.slope_min.value, c.lipschitz.value) == (sp.oo, -sp.oo, sp.oo)
    assert (c.monotone.value, c.nonexpansive_step()) == (False, 0)
    assert "multiple of pi/4" in c.lipschitz.reason


def test_bounded_oscillation_of_any_frequency_is_decided_on_one_turn():
    c = certify(Activation("r*(2 + cos(r^2/lambda^2))"))
    assert (c.g_max.value, c.g_min.value) == (3, 1)
    assert c.g_min.attained == sp.sqrt(sp.pi) * sp.Symbol("lambda", positive=True)
    assert (c.g_min.evidence, c.slope_min.value) == (Evidence.PROVED, -sp.oo)


def test_a_frequency_that_may_be_zero_leaves_growth_open():
    """With a = b this is 0."""
    assert certify(Activation("r^2 sin((a - b) r)")).slope_max.evidence is Evidence.UNKNOWN


def test_oscillation_that_may_or_may_not_grow_stays_open():
    # its slope oscillates between the limits 2 a and -2 a, which it passes before for a < 1/2
    assert certify(Activation("r cos(a r^2)/(1 + r^2)"), budget=1).slope_max.evidence is Evidence.UNKNOWN
    assert certify(Activation("r cos(r^2)/(1 + r^2)"), budget=1).slope_max.value == 2


def test_bounded_oscillation_is_decided_on_one_period():
    c = certify(Activation("5 r/4 + sin(r)"))
    assert (c.g_max.value, c.slope_max.value, c.slope_min.value) == (sp.Rational(9, 4), sp.Rational(9, 4), quarter)
    assert c.g_max.evidence is c.slope_min.evidence is Evidence.PROVED
    assert c.g_min.evidence is Evidence.ENCLOSED
    assert c.g_min.lower <= sp.Rational(5, 4) + sp.sin(c.g_min.attained) / c.g_min.attained + sp.Rational(1, 10**15)
    assert (c.g_min.upper - c.g_min.lower) / c.g_min.upper < sp.Rational(1, 10**9)


def test_a_symbolic_exponent_is_settled_by_cases():
    c = certify(Diffusivity("(1 + r^2/lambda^2)^(-p)"))
    p = sp.Symbol("p", positive=True)
    assert c.monotone.when == sp.Le(p, half)
    assert c.slope_min.value.subs(p, quarter) == 0
    at_one = c.slope_min.value.subs(p, 1)
    assert sp.simplify(at_one + sp.Rational(1, 8)) == 0
    assert [c.nonexpansive_step().subs(p, value) for value in (quarter, half, 1)] == [half, half, 0]


def test_slopes_of_powers_with_a_symbolic_exponent():
    """With b > 0 any number, the derivatives are polynomials in r^b times powers of r."""
    b = sp.Symbol("b", positive=True)
    bell = certify(Activation("r exp(-|r/lambda|^b)"))
    assert sp.simplify(bell.slope_min.value + b * sp.exp(-1 - 1 / b)) == 0
    assert bell.monotone.value is False
    hill = certify(Activation("r/(1 + |r|^b)"))
    assert hill.monotone.when == sp.Le(b, 1)
    assert sp.simplify(hill.slope_min.value.subs(b, 3) + sp.Rational(1, 3)) == 0
    rising = certify(Activation("r |r|^b/(1 + |r|^b)"))
    assert rising.monotone.value is True
    assert sp.simplify(rising.slope_max.value.subs(b, 3) - sp.Rational(4, 3)) == 0


def test_a_transcendental_extremum_is_enclosed_and_its_step_is_safe():
    c = certify(Diffusivity("2 exp(-r^2/lambda^2) - exp(-r^2/(4 lambda^2))"))
    assert c.slope_min.evidence is Evidence.ENCLOSED
    assert c.slope_min.lower <= c.slope_min.value <= c.slope_min.upper
    assert abs(c.slope_min.value + sp.Float("1.142107278906171")) < 1e-14
    theorem = certify(Activation("r/(1 + exp(-4 (|r| - 2)))"))
    assert theorem.energy_step() * 2 * theorem.slope_max.upper <= 1


def test_enclosures_hold_the_value():
    bound = certify(Diffusivity("exp(-r^2/2)")).slope_min
    assert bound.lower < bound.upper
    assert bound.lower <= sp.N(bound.value, 40) <= bound.upper
    assert bound.upper - bound.lower < sp.Rational(1, 10**15)
    exact = certify(Diffusivity("1/3")).g_max
    assert exact.lower == exact.upper == exact.value == sp.Rational(1, 3)


# ---------------------------------------------------------------------------
# Random nonlinearities: no proved statement may be contradicted by a number


@settings(max_examples=25)
@given(diffusivities())
def test_no_number_contradicts_a_proof(expr):
    g = Diffusivity(expr)
    c = certify(g)
    grid = [sp.Rational(k, 16) for k in range(1, 400)] + [sp.Rational(2**k) for k in range(5, 14)]
    grid += [sp.Rational(1, 2**k) for k in range(5, 30)] + list(g.half.breaks)
    near = [b * (1 + s * sp.Rational(1, 10**9)) for b in g.half.breaks for s in (1, -1)]
    places = np.array([float(p) for p in [*grid, *near]])
    values = sp.lambdify(r, expr, "numpy")(places) * np.ones_like(places)
    tolerance = 1e-9 * max(1.0, np.max(np.abs(values)))
    if c.g_max.evidence is Evidence.PROVED:
        assert values.max() <= float(c.g_max.value) + tolerance
        if c.g_max.attained not in (None, 0):
            assert sp.simplify(g.expr.subs(r, c.g_max.attained) - c.g_max.value) == 0
    if c.g_min.evidence is Evidence.PROVED:
        assert values.min() >= float(c.g_min.value) - tolerance
    order = np.argsort(places)
    widths = np.diff(places[order])
    apart = widths > 1e-8  # between nearer points there is only rounding
    quotients = np.diff((places * values)[order])[apart] / widths[apart]
    steep = 1e-5 * max(1.0, np.max(np.abs(quotients)))
    if c.slope_max.evidence is Evidence.PROVED:
        assert quotients.max() <= float(c.slope_max.value) + steep
    if c.slope_min.evidence is Evidence.PROVED:
        assert quotients.min() >= float(c.slope_min.value) - steep
    if c.nonnegative.value is True:
        assert values.min() >= -tolerance
    # a negative value at one point only, which no double is, has no witness among doubles
    only_there = c.g_min.attained in g.half.breaks
    if c.nonnegative.value is False and c.g_min.value is not None and not only_there:
        witness = c.witness(1e-3)
        assert witness is not None


@settings(max_examples=3)  # the grammar of tests/test_fuzz.py has more
@given(diffusivities())
def test_metamorphic(expr):
    """Scaling r, scaling g and adding c r to Phi move the bounds as theory says."""
    first = certify(Diffusivity(expr))
    wide = certify(Diffusivity(expr.subs(r, r / 3)))
    tall = certify(Diffusivity(2 * expr))
    lifted = certify(Diffusivity(expr + 5))
    for name in ("g_max", "g_min", "slope_max", "slope_min"):
        value = getattr(first, name).value
        if value is None:
            continue
        for other, expected in ((wide, value), (tall, 2 * value), (lifted, value + 5)):
            found = getattr(other, name).value
            if found is not None:
                assert found == expected or abs(sp.N(found - expected, 30)) < 1e-20


@pytest.mark.parametrize("name", TABLE_3)
def test_explanations_read_and_say_the_numbers(name):
    text = st.catalogue[name].certificate.explain()
    assert text.startswith("The activation Phi(r) = ")
    assert "h^2/2" in text
    assert ("class 1" in text) is EXPECTED[name][3]
    assert st.catalogue[name].certificate._repr_latex_().startswith("$")


def test_an_enclosed_bound_is_not_called_exact():
    """Its step is safe by less than is known of sup g: a slightly larger one keeps the range too."""
    c = certify(Activation("5 r/4 - sin(r)"))
    assert c.g_max.evidence is Evidence.ENCLOSED
    assert "just when" not in c.explain()
    assert "sharp but for the width of the enclosure" in c.explain()
    assert "just when" in certify(Activation("tanh(r)")).explain()


@pytest.mark.parametrize("open_", [one for n in (1, 2, 3) for one in combinations(BOUNDS, n)], ids=" ".join)
def test_an_explanation_says_what_is_known_beside_what_is_open(open_):
    """Each known bound with its value; of an open one why, and not how another one was proved."""
    c = st.catalogue["perona-malik"].certificate
    unknown = {name: Bound(None, Evidence.UNKNOWN, (f"{name} is open",)) for name in open_}
    text = replace(c, **unknown).explain()
    slopes_told = not {"slope_max", "slope_min"} <= set(open_)
    for name in BOUNDS:
        if name not in open_ and (slopes_told or name in ("g_max", "g_min")):
            assert f"{float(getattr(c, name).value):.4g}" in text or str(getattr(c, name).value) in text
    for side, other in (("g_max", "g_min"), ("slope_max", "slope_min")):
        assert (f"not known ({getattr(c, side).reason})" in text) is False
        assert (f"not known ({getattr(c, other).reason})" in text) is False
        assert any(f"{name} is open" in text for name in (side, other)) is bool({side, other} & set(open_))
    assert ("lipschitz is open" in text) is ("lipschitz" in open_ and slopes_told)


def test_symbols_of_the_user_come_back():
    width = sp.Symbol("w")
    c = certify(Diffusivity(sp.exp(-(r**2) / width**2)))
    assert c.slope_min.attained.free_symbols == {width}
    assert lam not in c.slope_min.attained.free_symbols


def test_what_is_said_of_a_supremum_holds_for_all_parameters():
    """Max(1, a) is attained for a <= 1, and L = Max(1, a/s) is sup g = 1 for a <= s."""
    certificate = certify(Activation("Piecewise((r, |r| <= 1), (a r, otherwise))"))
    assert certificate.g_max.attained is None
    assert certificate.g_max.is_attained is None
    assert "not attained" not in certificate.explain()
    hampel = st.catalogue["hampel"].certificate
    assert hampel.g_max.is_attained
    assert "not sharp" not in hampel.explain()
    assert "safe but not sharp" in st.catalogue["yohai-zamar"].certificate.explain()
    assert certify(Diffusivity("1/(1 + r^2)")).g_min.is_attained is False


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("sgn(r) |r|^0.500000001", "slope_max", sp.oo),
        ("r/(1 + r^2)^12.345", "slope_min", -2 * (1 + sp.Rational(300, 2369)) ** -sp.Rational(13345, 1000)),
        ("r/(1 + |r|^1.0001)", "slope_min", -sp.Rational(1, 10**8) / sp.Rational(40004, 10**4)),
        ("r exp(-|r|^0.54321)", "g_max", 1),
    ],
)
def test_exponents_with_a_large_denominator(text, field, value):
    """As roots of order 10**9 they would be polynomials of that degree."""
    bound = getattr(certify(Activation(text), budget=5), field)
    assert bound.value == value or abs(sp.N(bound.value / value, 30) - 1) < 1e-15


def test_an_isolated_value_with_a_parameter_is_settled_by_cases():
    """Between the one-sided limits the value a at r = 1 adds nothing to a jump; outside it does."""
    certificate = certify(Activation("Piecewise((r, |r| < 1), (a sgn(r), |r| == 1), (b sgn(r), otherwise))"))
    a, b = certificate.activation.parameters
    half, third, three = sp.Rational(1, 2), sp.Rational(1, 3), sp.Integer(3)
    for values, up, down in [
        ({a: half, b: third}, 1, -sp.oo),
        ({a: third, b: half}, sp.oo, -sp.oo),
        ({a: three, b: three}, sp.oo, 0),
        ({a: 4, b: three}, sp.oo, -sp.oo),
        ({a: 1, b: 1}, 1, 0),
    ]:
        assert certificate.slope_max.value.subs(values) == up
        assert certificate.slope_min.value.subs(values) == down
        assert bool(certificate.monotone.when.subs(values)) is (down == 0)


@pytest.mark.parametrize(
    ("text", "name", "value", "is_attained"),
    [
        ("Piecewise((1 - |r|, |r| <= 1), ((1 - |r|) exp(1 - |r|), True))", "slope_min", -1, True),
        ("Piecewise((1 - |r|, |r| <= 1), ((1 - |r|) exp(2 - 2|r|), True))", "lipschitz", 1, True),
        ("Piecewise((1 - |r|/a, |r| <= a), ((1 - |r|/a) exp(1 - |r|/a), True))", "slope_min", -1, True),
        (
            "Piecewise((2 - |r|, |r| <= 1), ((3 - |r|)/2, |r| <= 3), (0, True))",
            "slope_min",
            sp.Rational(-3, 2),
            False,
        ),  # a kink
    ],
)
def test_a_slope_at_a_break_is_attained_where_phi_has_no_kink(text, name, value, is_attained):
    bound = getattr(certify(Diffusivity(text)), name)
    assert bound.value == value
    assert bound.is_attained is is_attained


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("r lowergamma(1/3, r^2)", 1),  # like r^(5/3)
        ("r^3 Ei(-r^2)", 2),  # like r^3 ln(r^2)
        ("r acosh(1 + r^2)", 1),  # like r |r|
        ("r acosh(2 + r^2)", sp.oo),
        ("r Gamma(1 + r^2)", sp.oo),
    ],
)
def test_special_functions_are_smooth_only_away_from_their_singularities(text, order):
    assert certify(Activation(text)).smoothness == order


def test_no_witness_below_the_bound():
    """Cancellation in (1 - exp(-r²))/r² made floating point see one."""
    assert certify(Diffusivity("(1 - exp(-r^2))/r^2")).witness(0.49) is None


def test_how_smooth_a_power_by_a_parameter_is_is_told_in_words():
    told = certify(Activation("r/(1 + |r|^b)")).explain()
    assert "infinitely often differentiable if b is an even integer, else ceiling(b) times continuously" in told


def test_a_verdict_is_a_condition_where_it_is_known_and_a_bound_is_none():
    known = st.catalogue["perona-malik"].certificate
    assert not known.monotone
    assert known.nonnegative
    depends = st.certify(st.Diffusivity("(1 + r^2/lambda^2)^(-p)")).monotone
    with pytest.raises(st.NonlinearityError, match=r"neither yes nor no: ask for its \.value, or \.when"):
        bool(depends)
    with pytest.raises(st.NonlinearityError, match=r"compare its \.value"):
        bool(known.g_max)


@pytest.mark.parametrize("text", ["1/(1 + a r^2 + b r^4)", "1/(1 + a |r| + b |r|^3)", "1/(1 + a r^2 + b r^4)^2"])
def test_the_steepest_slope_may_be_known_by_cases_where_the_least_is_not(text):
    """L = 1, that of r = 0: for a² > b and a² <= b in turn no slope is below -1, whatever the least is."""
    certificate = certify(Diffusivity(text))
    assert (certificate.lipschitz.value, certificate.lipschitz.evidence) == (1, Evidence.PROVED)
    assert certificate.slope_min.value is None
    assert certificate.theorem2_step() == sp.Rational(1, 2)


def test_steps_are_told_at_once_where_slopes_are_long_roots_with_exponents():
    certificate = certify(Diffusivity("|r|/(1 + |r|^p)"))
    with time_limit(10):  # the sign of a slope was multiplied out first: half a minute, in no budget
        text = str(certificate)
    assert "keeps the range of its input" in text
