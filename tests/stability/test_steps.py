"""The rules of a scheme applied to a certificate: step sizes and the growth of distances, each with its evidence."""

import pickle
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Evidence, certify, r
from symtrans.language.symbols import keyword_of
from symtrans.schemes import EXPLICIT
from symtrans.schemes.grid import Grid
from symtrans.signals.measures import sign_changes
from symtrans.stability.guarantees import default_step, refuse_unstable
from tests.reference import explicit_step

LONG = 60.0  # seconds, where the answer is asked for and not the time
oo = sp.oo
half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)


def test_steps_scale_with_the_grid():
    h = sp.Symbol("h", positive=True)
    assert certify(Diffusivity("exp(-r^2)")).max_min_step(h) == h**2 / 2
    assert certify(Diffusivity("3")).sign_step("1/2") == sp.Rational(1, 48)


@pytest.mark.parametrize("samples", range(2, 7))
def test_the_sharp_sign_bound(samples):
    """g = 1: up to the bound all leading minors of order < N are >= 0, beyond it the last one is negative."""
    sharp = certify(Diffusivity("1")).sign_step(samples=samples)
    assert float(sharp) >= 0.25
    for tau, nonnegative in ((sp.N(sharp, 40), True), (sp.N(sharp, 40) * sp.Rational(101, 100), False)):
        columns = [explicit_step(lambda p: p, list(sp.eye(samples)[:, k]), tau) for k in range(samples)]
        matrix = sp.Matrix(columns).T
        minors = [matrix[:k, :k].det() for k in range(1, samples)]
        assert all(minor > -1e-30 for minor in minors) is nonnegative
    rng = np.random.default_rng(samples)
    for f in rng.integers(-9, 10, (2000, samples)):
        u = explicit_step(lambda p: p, list(f.astype(float)), float(sharp) * (1 - 1e-12))
        u = np.where(np.abs(u) < 1e-9, 0, u)  # a sample that is zero at the bound has no sign
        assert sign_changes(u) <= sign_changes(f.astype(float))


def test_the_exact_counterexample_to_sign_stability_above_the_bound():
    f = [4, -9, 6, 1]
    u = explicit_step(lambda p: p, f, sp.Rational(1, 3))
    assert u == [-sp.Rational(1, 3), sp.Rational(1, 3), -sp.Rational(2, 3), sp.Rational(8, 3)]
    assert sign_changes(np.array(f, float)) == 2
    assert sign_changes(np.array(u, float)) == 3
    assert certify(Diffusivity("1")).sign_step(samples=4) < sp.Rational(1, 3)


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
        one, other = explicit_step(tent, one, tau), explicit_step(tent, other, tau)
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


def test_cases_with_an_infinite_slope_keep_it():
    """SymPy's Max(1, 1 - Piecewise((-oo, a < 1), (1, True))) is 1."""
    certificate = certify(Activation("Piecewise((r, |r| <= 1), (a r, otherwise))"))
    (a,) = certificate.activation.parameters
    for value, expected in ((sp.Rational(1, 2), sp.oo), (sp.S.One, 1), (sp.Integer(2), sp.oo)):
        assert certificate.expansion("1/4", blocks=2).subs(a, value) == expected


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


def test_samples_sharpen_the_steps_that_depend_on_them_with_their_evidence():
    c = certify(Diffusivity("exp(-r^2)"))
    all_, four = c.steps(), c.steps(samples=4)
    assert {name for name in all_ if all_[name] != four[name]} == {"sign_step"}
    sharp = four["sign_step"]
    assert sharp.value == c.sign_step(samples=4) > quarter
    assert sharp.evidence is Evidence.PROVED
    assert sharp.reason == "g >= 0 and tau g_max/h^2 <= 1/(2 + 2*cos(2*pi/7))"
    alone = certify(Activation("-r")).steps(samples=1)
    assert {bound.value for bound in alone.values()} == {oo}  # nothing flows to where there is no neighbour
    assert c.steps(Grid.of(1, "periodic"), samples=4) == all_


def test_steps_are_derived_once_a_grid():
    c = certify(Diffusivity("exp(-r^2)"))
    assert c.steps() is c.steps(1) is c.steps("1", scheme="explicit")
    assert c.steps("1/2") is not c.steps()
    with pytest.raises(TypeError):
        c.steps()["sign_step"] = None
    with pytest.raises(st.NonlinearityError, match="scheme = 'leapfrog' is none of explicit"):
        c.steps(scheme="leapfrog")


def test_an_assumption_counts_though_the_bounds_are_the_same():
    """Phi = a r: its step is h²/(2 a) where a > 0, and any will do where a < 0."""
    a = sp.Symbol("a", real=True)
    certificates = [certify(Diffusivity(a, variable=r, assume=assume)) for assume in ([], [a > 0], [a < 0])]
    open_, positive, negative = (c.steps()["energy_step"].value for c in certificates)
    assert (positive, negative) == (1 / (2 * a), oo)
    assert (open_.subs(a, 2), open_.subs(a, -2)) == (quarter, oo)


def test_a_step_of_an_enclosed_slope_is_enclosed_and_safe():
    c = certify(Activation("sin(r) exp(-r^2) + r/4"))
    assert c.slope_min.evidence is Evidence.ENCLOSED
    tilted = certify(Activation("r/4 - sin(r) exp(-r^2)"))
    bound = tilted.steps()["energy_step"]
    assert bound.evidence is tilted.slope_max.evidence is Evidence.ENCLOSED
    assert bound.value == bound.lower == 1 / (2 * tilted.slope_max.upper)
    assert bound.upper == 1 / (2 * tilted.slope_max.lower)
    sharp = certify(Activation("5 r/4 - sin(r)")).steps(samples=5)["sign_step"]
    exact = certify(Activation("tanh(r)")).steps(samples=5)["sign_step"]
    for bound in (sharp, exact):
        assert all(isinstance(end, sp.Rational) for end in (bound.lower, bound.upper))
        assert bound.lower <= bound.value <= bound.upper
    assert exact.upper - exact.lower < sp.Rational(1, 10**15)


def test_growth_says_how_it_is_known():
    proved = certify(Diffusivity("exp(-r^2/2)")).growth(quarter, blocks=2, norm=2, samples=7)
    assert proved.evidence is Evidence.PROVED
    assert proved.value == certify(Diffusivity("exp(-r^2/2)")).expansion(quarter, blocks=2, norm=2, samples=7)
    assert "mu = max(0, -inf Phi')" in proved.reason
    enclosed = certify(Activation("sin(r) exp(-r^2)")).growth("1/10", blocks=3, norm=2, samples=4)
    assert enclosed.evidence is Evidence.ENCLOSED
    assert all(isinstance(end, sp.Rational) for end in (enclosed.lower, enclosed.upper))
    assert 1 < enclosed.lower <= enclosed.value <= enclosed.upper
    assert enclosed.upper - enclosed.lower < sp.Rational(1, 10**9)
    jump = st.catalogue["hard"].certificate
    assert (jump.growth(quarter).value, jump.growth(quarter).evidence) == (oo, Evidence.PROVED)
    assert jump.growth(0).value == 1
    lost = certify(Activation("r*(2 + cos(r^2)*cos(r))"), budget=1)
    unknown = lost.growth(quarter)
    assert (unknown.value, unknown.evidence, unknown.reason) == (None, Evidence.UNKNOWN, lost.slope_max.reason)


def test_growth_of_distances_on_a_ring():
    """An even number of samples holds a full zigzag, an odd one does not."""
    c = certify(Activation("sin(r)"))
    even, odd = (c.growth(quarter, Grid.of(1, "periodic"), samples=n).value for n in (4, 5))
    assert (even, odd) == (2, 1 + sp.cos(sp.pi / 10) ** 2)
    assert c.growth(quarter, Grid.of(1, "periodic"), samples=5, norm=oo).value == 2


@pytest.fixture
def unconditional(monkeypatch):
    """A scheme that keeps the range for every step where g >= 0, and of which else nothing is known."""
    rule = replace(EXPLICIT.rule("max_min_step"), ratio=oo)
    kept = {"required": rule.name, "defaults": (rule.name,), "growth": None, "spike": None}
    scheme = replace(EXPLICIT, name="unconditional", rules=(rule,), **kept)
    monkeypatch.setattr("symtrans.schemes.SCHEMES", {"explicit": EXPLICIT, "unconditional": scheme})
    return scheme


@pytest.mark.parametrize(
    ("text", "step"), [("a r", oo), ("tanh(r/a)", oo), ("Piecewise((r, |r| <= 1), (a r, otherwise))", oo), ("-r", 0)]
)
def test_another_scheme_is_another_value(unconditional, text, step):
    c = certify(Activation(text))
    bound = c.steps(scheme="unconditional")["max_min_step"]
    assert (bound.value, bound.evidence) == (step, Evidence.PROVED)
    assert len(c.steps()) == len(EXPLICIT.rules)
    numbers = {keyword_of(s): 2.0 for s in c.activation.parameters}
    kept = c.keeps_range(100, scheme="unconditional", **numbers)
    assert (kept.value, kept.evidence) == (step is oo, Evidence.PROVED)
    growth = c.growth(1, scheme="unconditional")
    assert (growth.value, growth.evidence) == (None, Evidence.UNKNOWN)
    with pytest.raises(st.StabilityError, match="give tau" if step is oo else "no proved stable"):
        default_step(c, Grid.of(), unconditional)
    if step is oo:
        refuse_unstable(c, sp.Integer(100), Grid.of(), unconditional)


def test_all_steps_travel():
    steps = certify(Activation("tanh(r/a)")).steps()
    assert pickle.loads(pickle.dumps(steps)) == steps


def test_steps_of_slopes_of_either_sign_are_cases_side_by_side():
    """One Piecewise without a case that an earlier one covers; where nothing moves, any step will do."""
    a, b = sp.symbols("a b", positive=True)
    steps = {name: step.value for name, step in certify(Activation((a - b) * r / (1 + r**2))).steps().items()}
    assert steps["max_min_step"] == sp.Piecewise((0, a < b), (oo, a <= b), (half / (a - b), True))
    assert steps["nonexpansive_step"] == sp.Piecewise((0, sp.Ne(a, b)), (oo, True))
    assert steps["energy_step"] == sp.Piecewise((oo, sp.Eq(a, b)), (4 / (b - a), a < b), (half / (a - b), True))


@pytest.mark.parametrize("shape", [sp.atan, sp.tanh, sp.sin])
def test_steps_take_any_values_of_their_parameters(shape):
    """Also those at which a formula of another case is 0/0, put in one by one."""
    a, b = sp.symbols("a b", real=True)
    certificate = certify(Activation(shape(a * r) + (shape(b * r) if shape is sp.atan else b * r)), budget=LONG)
    values = [step.value for step in certificate.steps().values() if step.value is not None]
    assert values
    x = np.linspace(0, 30, 30001)
    for first, second in [(0, 1), (0, -1), (1, 0), (-1, 0), (0, 0), (1, -1), (2, 1), (-2, 1), (-1, -2)]:
        for value in values:
            assert value.subs(a, first).subs(b, second) == value.subs({b: second, a: first})
        outer = second / (1 + (second * x) ** 2) if shape is sp.atan else second
        inner = {sp.atan: 1 / (1 + (first * x) ** 2), sp.tanh: 1 / np.cosh(first * x) ** 2, sp.sin: np.cos(first * x)}
        steepest = np.max(first * inner[shape] + outer)
        energy = certificate.energy_step().subs({a: first, b: second})
        assert energy == oo if steepest <= 1e-2 else float(energy) == pytest.approx(1 / (2 * steepest), rel=1e-4)


PLACES = [(0, 0), (0, 1), (1, 0), (-1, 0), (0, -2), (1, -1), (2, -1), (-3, 1), (1, 2)]


@pytest.mark.parametrize("places", PLACES, ids=str)
def test_cases_in_real_parameters_have_values_where_one_of_these_is_zero(places):
    a, b = sp.symbols("a b", real=True)
    found = certify(Activation(sp.atan(a * r) + sp.atan(b * r)), budget=LONG)
    rates = [float(one) for one in places]
    x = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 20_001)])
    slopes = sum(rate / (1 + (rate * x) ** 2) for rate in rates)
    up, down = max(slopes.max(), 0), max(-slopes.min(), 0)
    wanted = {"slope_max": slopes.max(), "slope_min": slopes.min(), "lipschitz": abs(slopes).max()}
    for bound, value in [
        (found.growth(1), max(1, 1 + 4 * down, 4 * up - 1)),
        *((getattr(found, name), value) for name, value in wanted.items()),
    ]:
        first, second = zip((a, b), places, strict=True)
        assert float(bound.value.subs(*first).subs(*second)) == pytest.approx(value, abs=1e-5)
        assert float(bound.value.subs(*second).subs(*first)) == pytest.approx(value, abs=1e-5)


def test_growth_in_cases_of_which_two_have_one_value():
    a = sp.Symbol("a", real=True)
    c = certify(Activation("r"))
    up = replace(c.slope_max, value=sp.Piecewise((1, a < 0), (2, a < 1), (1, a < 2), (3, True)))
    down = replace(c.slope_min, value=sp.Piecewise((0, a < -1), (-1, a < 3), (0, True)))
    found = replace(c, slope_max=up, slope_min=down).growth(1).value
    for place in (-2, -half, half, sp.Rational(3, 2), sp.Rational(5, 2), 4):
        high, low = up.value.subs(a, place), down.value.subs(a, place)
        assert found.subs(a, place) == max(1, 1 - 4 * low, 4 * high - 1)


def test_constants_and_steps_of_a_modulus():
    b, c = sp.symbols("b c", real=True)
    certificate = certify(Activation(r * sp.Abs(b) / (1 + r**2)))
    assert (certificate.g_max.value, certificate.slope_min.value) == (sp.Abs(b), -sp.Abs(b) / 8)
    steps = {name: step.value for name, step in certificate.steps().items()}
    assert steps["max_min_step"] == sp.Piecewise((oo, sp.Eq(b, 0)), (half / sp.Abs(b), True))
    assert steps["nonexpansive_step"] == sp.Piecewise((0, sp.Ne(b, 0)), (oo, True))
    cubic = certify(Activation(b * r + c * r**3))
    assert cubic.monotone.when == sp.And(b >= 0, c >= 0)
    assert cubic.max_min_step() == sp.Piecewise(
        (0, (b < 0) | (c < 0)), (oo, (b <= 0) & (c <= 0)), (half / b, c <= 0), (0, True)
    )
