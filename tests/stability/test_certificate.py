"""Certificates: exact on the six families, and every claim attacked with numbers."""

from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

import symtrans as st
from symtrans import Activation, Diffusivity, Evidence, Shrinkage, certify, r
from symtrans.language.symbols import keyword_of
from symtrans.nonlinearity.kinds import KINDS
from symtrans.signals.files import sign_changes
from tests.reference import TABLE_3, lam, theta
from tests.strategies import diffusivities

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


def test_steps_scale_with_the_grid():
    h = sp.Symbol("h", positive=True)
    assert certify(Diffusivity("exp(-r^2)")).max_min_step(h) == h**2 / 2
    assert certify(Diffusivity("3")).sign_step("1/2") == sp.Rational(1, 48)


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
    # r cos(r^2)/(1 + r^2): its slope oscillates between limits that it may pass before
    assert certify(Activation("r cos(r^2)/(1 + r^2)"), budget=1).slope_max.evidence is Evidence.UNKNOWN


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
# Witnesses and counterexamples


def _step(flux, f, ratio):
    """One block in exact or floating arithmetic, written out again here."""
    p = [b - a for a, b in pairwise(f)]
    q = [0, *(flux(x) for x in p), 0]
    return [u + ratio * (q[i + 1] - q[i]) for i, u in enumerate(f)]


@pytest.mark.parametrize("name", TABLE_3)
@pytest.mark.parametrize("excess", [1e-9, 1e-3, 0.5])
@pytest.mark.parametrize("h", [1, "1/3"])
def test_a_witness_breaks_the_principle_just_above_the_bound(name, excess, h):
    family = st.catalogue[name]
    parameters = {keyword_of(s): 1.3 for s in family.parameters}
    c = family.certificate
    bound = c.max_min_step(h)
    assert c.witness(bound, h, **parameters) is None
    tau = float(bound) * (1 + excess)
    f = c.witness(tau, h, **parameters)
    u = st.models.diffusion_step(f, family, tau, float(sp.Rational(h)), **parameters)
    assert u.max() > f.max() or u.min() < f.min()


def test_a_witness_for_every_step_where_g_is_negative():
    c = certify(Activation("-r"))
    assert c.max_min_step() == 0
    f = c.witness(1e-6)
    u = _step(lambda p: -p, list(f), 1e-6)
    assert min(u) < min(f)


def test_theorem_2_needs_a_nonnegative_diffusivity():
    assert _step(lambda p: -p, [0, 1, 0], half) == [-half, 2, -half]


@pytest.mark.parametrize("samples", range(2, 7))
def test_the_sharp_sign_bound(samples):
    """g = 1: up to the bound all leading minors of order < N are >= 0, beyond it the last one is negative."""
    sharp = certify(Diffusivity("1")).sign_step(samples=samples)
    assert float(sharp) >= 0.25
    for tau, nonnegative in ((sp.N(sharp, 40), True), (sp.N(sharp, 40) * sp.Rational(101, 100), False)):
        columns = [_step(lambda p: p, list(sp.eye(samples)[:, k]), tau) for k in range(samples)]
        matrix = sp.Matrix(columns).T
        minors = [matrix[:k, :k].det() for k in range(1, samples)]
        assert all(minor > -1e-30 for minor in minors) is nonnegative
    rng = np.random.default_rng(samples)
    for f in rng.integers(-9, 10, (2000, samples)):
        u = _step(lambda p: p, list(f.astype(float)), float(sharp) * (1 - 1e-12))
        u = np.where(np.abs(u) < 1e-9, 0, u)  # a sample that is zero at the bound has no sign
        assert sign_changes(u) <= sign_changes(f.astype(float))


def test_the_exact_counterexample_to_sign_stability_above_the_bound():
    f = [4, -9, 6, 1]
    u = _step(lambda p: p, f, sp.Rational(1, 3))
    assert u == [-sp.Rational(1, 3), sp.Rational(1, 3), -sp.Rational(2, 3), sp.Rational(8, 3)]
    assert sign_changes(np.array(f, float)) == 2
    assert sign_changes(np.array(u, float)) == 3
    assert certify(Diffusivity("1")).sign_step(samples=4) < sp.Rational(1, 3)


@pytest.mark.parametrize("samples", range(3, 6))
def test_integers_break_sign_stability_just_above_the_sharp_bound(samples):
    """g = 1 in exact arithmetic: q u = (q I + p L) f with integers, tau = p/q on either side of the bound."""
    sharp = certify(Diffusivity("1")).sign_step(samples=samples)
    plus, minus = st.models.difference_matrices(samples)
    laplace = np.rint(minus @ plus).astype(np.int64)
    f = np.random.default_rng(1).integers(-30, 31, (60_000, samples))
    zigzag = f * (-1) ** np.arange(samples)  # signals that change their sign often break first
    f = np.concatenate([f, np.abs(zigzag) * (-1) ** np.arange(samples)])
    f = f[np.all(f != 0, axis=1)]
    for factor, breaks in ((sp.Rational(21, 20), True), (sp.Rational(999, 1000), False)):
        tau = sp.Rational(int(sp.floor(sharp * factor * 1000)), 1000)
        assert (tau > sharp) is sp.true if breaks else (tau < sharp) is sp.true
        u = int(tau.q) * f + int(tau.p) * f @ laplace.T
        grown = np.array(_changes(u) > _changes(f))
        assert grown.any() == breaks


def _changes(signals):
    """Sign changes of each row; a zero takes the sign before it."""
    signs = np.sign(signals)
    for k in range(1, signs.shape[1]):
        signs[:, k] = np.where(signs[:, k] == 0, signs[:, k - 1], signs[:, k])
    return np.sum(signs[:, 1:] * signs[:, :-1] < 0, axis=1)


TENT = "Piecewise((r, |r| <= 2), (4 sgn(r) - r, |r| <= 4), (0, otherwise))"  # slopes 1, -1 and 0


@pytest.mark.parametrize("blocks", [1, 2, 3])
@pytest.mark.parametrize("tau", [sp.Rational(1, 4), sp.Rational(2, 3)])
def test_a_ramp_with_a_zigzag_reaches_the_expansion_exactly(tau, blocks):
    """In rational numbers, in the maximum norm: on the falling branch a zigzag d grows (1 + 4 tau)-fold a block."""

    def tent(p):
        size = abs(p)
        return p if size <= 2 else (4 * sp.sign(p) - p if size <= 4 else 0)

    claimed = certify(Activation(TENT)).expansion(tau, blocks=blocks, norm=oo)
    assert claimed == (1 + 4 * tau) ** blocks
    count = 4 * blocks + 3
    one = [sp.Integer(3 * k) for k in range(count)]
    other = [v + sp.Rational((-1) ** k, 1000) for k, v in enumerate(one)]
    for _ in range(blocks):
        one, other = _step(tent, one, tau), _step(tent, other, tau)
    middle = count // 2
    assert abs(one[middle] - other[middle]) == claimed / 1000


@pytest.mark.parametrize("norm", [1, 2, oo])
@pytest.mark.parametrize("name", ["garrote", "sine", "mcp", "tukey"])
def test_no_two_signals_part_faster_than_the_expansion(name, norm):
    """Hill climbing among pairs of signals, whole network against the stated constant."""
    family = st.catalogue[name]
    numbers = {keyword_of(s): 1.0 for s in family.parameters}
    values = dict.fromkeys(family.parameters, 1)
    network = st.Network(family, 2, tau="1/3", unstable="allow")
    claimed = float(network_expansion(family, norm).subs(values))
    kernel = network.compile("numpy")
    random = np.random.default_rng(3)
    order = np.inf if norm is oo else norm
    slopes = random.choice([0.3, 1.1, 1.6, 2.2, 3.0], (4000, 1))
    f = slopes * np.arange(12) + random.normal(0, 0.05, (4000, 12))
    d = 1e-6 * (-1) ** np.arange(12) * random.choice([0, 1, 1], (4000, 12))
    before = np.linalg.norm(d, order, axis=1)
    after = np.linalg.norm(kernel(f + d, **numbers) - kernel(f, **numbers), order, axis=1)
    growth = (after / np.where(before == 0, np.inf, before)).max()
    assert growth <= claimed * (1 + 1e-6)
    assert growth >= 1 - 1e-6


def network_expansion(family, norm):
    return sp.sympify(family.certificate.expansion(sp.Rational(1, 3), blocks=2, norm=norm))


@pytest.mark.parametrize("norm", [1, 2, oo])
@pytest.mark.parametrize("tau", [sp.Rational(1, 4), sp.Rational(2, 3)])
def test_expansion_is_reached_by_an_extremal_jacobian(norm, tau):
    """Perona-Malik: the Jacobian at a ramp of the steepest descent of Phi has the stated norm."""
    c = certify(Diffusivity("exp(-r^2/2)"))
    samples = 60
    claimed = float(c.expansion(tau, norm=norm, samples=samples if norm == 2 else None))
    plus, minus = st.models.difference_matrices(samples)
    norms = []
    for slope in (float(c.slope_min.value), float(c.slope_max.value)):
        jacobian = np.eye(samples) + float(tau) * minus @ (slope * plus)
        norms.append(np.linalg.norm(jacobian, np.inf if norm is oo else norm))
    assert max(1, *norms) == pytest.approx(claimed, rel=1e-12)


def test_expansion_over_blocks_and_jumps():
    c = certify(Diffusivity("exp(-r^2/2)"))
    assert c.expansion(quarter, blocks=3) == c.expansion(quarter) ** 3
    assert certify(Activation("r")).expansion(half) == 1
    assert st.catalogue["hard"].certificate.expansion(quarter) is oo
    with pytest.raises(st.NonlinearityError, match="norm"):
        c.expansion(quarter, norm=3)


# ---------------------------------------------------------------------------
# Random nonlinearities: no proved statement may be contradicted by a number


@settings(max_examples=60)
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


def test_symbols_of_the_user_come_back():
    width = sp.Symbol("w")
    c = certify(Diffusivity(sp.exp(-(r**2) / width**2)))
    assert c.slope_min.attained.free_symbols == {width}
    assert lam not in c.slope_min.attained.free_symbols


def test_cases_with_an_infinite_slope_keep_it():
    """SymPy's Max(1, 1 - Piecewise((-oo, a < 1), (1, True))) is 1."""
    certificate = certify(Activation("Piecewise((r, |r| <= 1), (a r, otherwise))"))
    (a,) = certificate.activation.parameters
    for value, expected in ((sp.Rational(1, 2), sp.oo), (sp.S.One, 1), (sp.Integer(2), sp.oo)):
        assert certificate.expansion("1/4", blocks=2).subs(a, value) == expected


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


def test_expansion_of_enclosed_slopes_is_no_less_than_the_truth():
    certificate = certify(Activation("sin(r) exp(-r^2)"))
    assert certificate.slope_min.evidence is Evidence.ENCLOSED
    flux = sp.lambdify(r, sp.diff(sp.sin(r) * sp.exp(-(r**2)), r), "mpmath")
    with mpmath.workdps(40):
        place = mpmath.findroot(lambda x: mpmath.diff(flux, x), 1.2)
        least = flux(place)
        found = certificate.expansion("1/10")
        assert mpmath.mpf(found.p) / found.q >= 1 - 2 * least / 5
        assert mpmath.mpf(found.p) / found.q - (1 - 2 * least / 5) < 1e-13


@pytest.mark.parametrize(
    "wrong",
    [
        {"tau": -1},
        {"tau": 1, "samples": 0},
        {"tau": 1, "samples": 2.5},
        {"tau": 1, "samples": "N"},
        {"tau": 1, "blocks": True},
        {"tau": 1, "norm": 3},
    ],
)
def test_expansion_refuses_what_makes_no_sense(wrong):
    certificate = certify(Diffusivity("exp(-r^2)"))
    with pytest.raises(st.NonlinearityError):
        certificate.expansion(**wrong)
    assert certificate.expansion(1, samples=np.int64(5)) == certificate.expansion(1, samples=5)
    assert certificate.sign_step(samples=np.int64(5)) == certificate.sign_step(samples=5)


def test_a_witness_respects_the_assumptions():
    certificate = certify(Diffusivity("Piecewise((1, |r| < a), (5, |r| < b), (2, otherwise))", assume=["a < b"]))
    assert certificate.witness(0.2, a=1.0, b=2.0) is not None
    with pytest.raises(st.NonlinearityError, match="contradict"):
        certificate.witness(0.2, a=2.0, b=1.0)


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


def test_a_witness_counts_the_rounding_of_its_samples():
    """G is 3 at r = 1 alone, and no double is exactly 1/10 of it."""
    certificate = certify(Diffusivity("Piecewise((3, |r| == 1), (1, otherwise))"))
    assert certificate.witness(0.2).tolist() == [1, 0, 1]
    assert certificate.witness("0.002", h="1/10") is None
    assert certificate.witness("0.006", h="1/10") is not None


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
