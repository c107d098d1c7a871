"""Splines through knots: all kinds, Table 1 and the certificate, against definitions of their own."""

import copy
import pickle
import time
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans import Activation, Diffusivity, NonlinearityError, Regulariser, Shrinkage, certify, translate
from symtrans.calculus.functions.splines import Spline
from symtrans.stability.evidence import Evidence

KINDS = (Diffusivity, Regulariser, Shrinkage, Activation)
TAILS = st.sampled_from(["linear", "constant"])
POSITIVE = st.fractions(min_value="1/16", max_value=4, max_denominator=16)
VALUES = st.fractions(min_value=-3, max_value=3, max_denominator=16)


@st.composite
def knots(draw: st.DrawFn) -> tuple[list[Fraction], list[Fraction], str]:
    """Knots from 0, with the value 0 there."""
    places = [Fraction(0)]
    for step in draw(st.lists(POSITIVE, min_size=1, max_size=8)):
        places.append(places[-1] + step)
    values = [Fraction(0), *(draw(VALUES) for _ in places[1:])]
    return places, values, draw(TAILS)


def interpolated(places: list[Fraction], values: list[Fraction], tail: str, r: Fraction) -> Fraction:
    """The definition: linear between the knots, for r >= 0."""
    for (a, fa), (b, fb) in pairwise(zip(places, values, strict=True)):
        if r <= b or (tail == "linear" and b == places[-1]):
            return fa + (fb - fa) * (r - a) / (b - a)
    return values[-1]


def slopes(places: list[Fraction], values: list[Fraction], tail: str) -> list[Fraction]:
    found = [(fb - fa) / (b - a) for (a, fa), (b, fb) in pairwise(zip(places, values, strict=True))]
    return found + ([Fraction(0)] if tail == "constant" else [])


def exact(q: Fraction) -> sp.Rational:
    return sp.Rational(q.numerator, q.denominator)


# ---------------------------------------------------------------------------
# The value


@given(knots(), st.sampled_from([Activation, Regulariser]), st.lists(VALUES, min_size=1, max_size=5))
def test_it_is_linear_between_its_knots_and_has_its_parity(given_, kind, places):
    r, values, tail = given_
    form = kind.from_knots(r, values, tail=tail)
    sign = form.parity.value
    for place in {*places, *r}:
        wanted = exact(interpolated(r, values, tail, abs(place))) * (sign if place < 0 else 1)
        assert form.half.at(exact(abs(place))) * (sign if place < 0 else 1) == wanted
        assert form.expr.subs(form.variable, exact(place)) == wanted
        assert form(float(place)) == pytest.approx(float(wanted), abs=1e-13)


@given(knots(), st.sampled_from([Activation, Regulariser, Shrinkage]))
def test_it_is_the_value_that_its_formula_enters(given_, kind):
    form = kind.from_knots(given_[0], given_[1], tail=given_[2])
    entered = kind(form.expr)
    assert form == entered
    assert hash(form) == hash(entered)
    assert kind(str(entered)[len(kind.__name__) + 2 : -2]) == form
    for other in KINDS:
        assert form.to(other) == entered.to(other)
        assert form.to(other).half == entered.to(other).half


@pytest.mark.parametrize("kind", KINDS)
def test_repr_pickle_and_copy_rebuild_it(kind):
    start = 1 if kind is Diffusivity else 0
    form = kind.from_knots([0, 0.1, "1/3", 2], [start, 0.25, Fraction(1, 7), 1e-9], tail="constant")
    for one in (form, *(form.to(other) for other in KINDS)):
        assert eval(repr(one)) == one
        assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
        assert repr(pickle.loads(pickle.dumps(one))) == repr(one)
        assert one.parameters == ()


def test_a_shrinkage_keeps_its_time_step():
    s = Shrinkage.from_knots([0, 1, 2], [0, 0, 1], tau="1/8")
    assert repr(s) == "Shrinkage.from_knots([0, 1, 2], [0, 0, 1], tail='linear', tau='1/8')"
    assert s == Shrinkage("Max(|r| - 1, 0) sgn(r)", tau="1/8") != Shrinkage.from_knots([0, 1, 2], [0, 0, 1])
    tau = sp.Symbol("tau", positive=True)
    symbolic = Shrinkage.from_knots([0, 1, 2], [0, 0, 1], tau=tau)
    assert symbolic.subs({tau: sp.Rational(1, 8)}) == s
    assert eval(repr(symbolic)) == symbolic
    flux = symbolic.to(Activation)
    assert flux.parameters == (tau,)
    assert flux.subs({"tau": "1/8"}) == s.to(Activation)
    moved = s.to(Activation).to(Shrinkage, tau="1/4")
    assert eval(repr(moved)) == moved
    assert moved.subs({}) == moved


def test_floats_are_exact_and_arrays_lists_and_fractions_are_taken():
    a = Activation.from_knots(np.array([0.1, 0.5]), np.array([0.3, 1.0], dtype=np.float32))
    assert a.half.breaks == (sp.Rational(0.1),)
    assert a.half.values == (sp.Rational(float(np.float32(0.3))),)
    assert Activation.from_knots((sp.Rational(1, 2), 2), [Fraction(1, 3), "2/3"]) == Activation.from_knots(
        ["1/2", 2.0], ["1/3", sp.Rational(2, 3)]
    )
    assert Activation.from_knots([np.int64(1), 2], [1, np.float64(0.5)]).half.breaks == (1,)


def test_below_the_first_knot_it_joins_its_mirror_image():
    assert Activation.from_knots([1, 2], [3, 4]) == Activation.from_knots([0, 1, 2], [0, 3, 4])
    assert Diffusivity.from_knots([1, 2], [3, 4]) == Diffusivity.from_knots([0, 1, 2], [3, 3, 4])


def test_a_spline_without_breaks_is_the_formula():
    assert Activation.from_knots([0, 1, 2], [0, 1, 2]) == Activation("r")
    assert Diffusivity.from_knots([0, 1], [2, 2], tail="constant").to(Activation) == Activation("2 r")
    assert Activation.from_knots([0, 1], [0, 0]).expr == 0


def test_other_ways_to_the_same_pieces_give_the_same_value():
    # the regulariser has a logarithm, its flux has not
    psi = Regulariser("Piecewise((r^2, |r| <= 1), (2 ln(|r|) + 1, otherwise))")
    assert psi.to(Activation) == Activation("Piecewise((r, |r| <= 1), (1/r, otherwise))")
    assert isinstance(psi.to(Activation).half, Spline)


# ---------------------------------------------------------------------------
# Arrays


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_any_shape_with_every_special_value(dtype):
    phi = Activation.from_knots([0, 1, 2], [0, 1, "1/2"], tail="constant")
    x = np.array([[np.nan, np.inf, -np.inf], [0.0, -0.0, -1.5], [2.0, 1e-300, 7.0]]).astype(dtype)
    wanted = [[np.nan, 0.5, -0.5], [0.0, 0.0, -0.75], [0.5, x[2, 1], 0.5]]
    found = phi(x)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.array(wanted, dtype=dtype))
    assert phi(3) == 0.5
    assert phi(np.zeros((0, 4))).shape == (0, 4)
    g = phi.to(Diffusivity)
    np.testing.assert_allclose(g(np.array([0.0, 0.5, -2.0, np.inf], dtype=dtype)), [1, 1, 0.25, 0])
    tv = Activation("Piecewise((sgn(r), |r| <= 2), (sgn(r)/2, otherwise))").to(Diffusivity)
    np.testing.assert_array_equal(tv(np.array([0.0, 1.0, 4.0])), [np.inf, 1.0, 0.125])


@given(knots())
def test_arrays_agree_with_the_exact_values(given_):
    family = translate(Activation.from_knots(given_[0], given_[1], tail=given_[2]))
    places = [Fraction(k, 5) for k in range(1, 60)]
    for form in family.forms:
        wanted = [float(form.half.at(exact(place))) for place in places]
        np.testing.assert_allclose(form([float(p) for p in places]), wanted, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------------------
# Table 1, by definitions of its own


@given(knots(), st.sampled_from(["1/4", "1/8", "2"]))
def test_table_1(given_, tau):
    r, values, tail = given_
    family = translate(Activation.from_knots(r, values, tail=tail), tau=tau)
    step = sp.Rational(tau)

    def phi(x: Fraction) -> sp.Rational:
        return exact(interpolated(r, values, tail, x))

    for place in (Fraction(1, 3), Fraction(2), Fraction(17, 2)):
        x = exact(place)
        assert family.diffusivity.half.at(x) == phi(place) / x
        # S(r) = r - 2 sqrt(2) tau Phi(sqrt(2) r) at r = x/sqrt(2)
        shrunk = family.shrinkage.half.at(x / sp.sqrt(2))
        assert sp.expand(shrunk - (x / sp.sqrt(2) - 2 * sp.sqrt(2) * step * phi(place))) == 0
        # twice the integral, exact by trapezia
        ends = sorted({Fraction(0), place, *(b for b in r if b < place)})
        area = sum((b - a) * (phi(a) + phi(b)) for a, b in pairwise(ends))
        assert family.regulariser.half.at(x) == area
    for form in family.forms:
        for other in (Diffusivity, Regulariser, Activation):
            assert form.to(other) == family.to(other)
        assert form.to(Shrinkage, tau=None if form is family.shrinkage else tau) == family.shrinkage


def test_the_fast_way_is_the_general_way_on_every_kind():
    """One symbol that stands for 1 keeps a formula from being read as a spline."""
    one = sp.Symbol("a", positive=True)
    text = "Piecewise((r, |r| <= a), (3 sgn(r)/2 - r/2, |r| <= 2), (r/8 + sgn(r)/4, otherwise))"
    general = Activation(text, assume=["a < 2"])
    fast = Activation.from_knots([0, 1, 2, 4], [0, 1, "1/2", "3/4"])
    for kind in KINDS:
        slow = general.to(kind).subs({one: 1})
        assert slow == fast.to(kind)
        assert slow.expr == fast.to(kind).expr


# ---------------------------------------------------------------------------
# The certificate


@settings(max_examples=40)
@given(knots())
def test_the_certificate_is_exact_and_proved(given_):
    r, values, tail = given_
    c = certify(Activation.from_knots(r, values, tail=tail))
    m = slopes(r, values, tail)
    end = m[-1] if tail == "linear" else Fraction(0)
    ratios = [m[0], end, *(v / b for b, v in zip(r[1:], values[1:], strict=True))]
    wanted = {
        "g_max": max(ratios),
        "g_min": min(ratios),
        "slope_max": max(m),
        "slope_min": min(m),
        "lipschitz": max(max(m), -min(m)),
    }
    for name, value in wanted.items():
        bound = getattr(c, name)
        assert (bound.value, bound.evidence) == (exact(value), Evidence.PROVED), name
    for name, side in (("g_max", 1), ("g_min", 1)):
        bound = getattr(c, name)
        if bound.attained is not None and bound.attained != 0:
            place = Fraction(int(bound.attained.p), int(bound.attained.q))
            assert exact(interpolated(r, values, tail, place) / place) * side == bound.value
        if bound.is_attained is False:
            assert bound.value == exact(end)
            assert bound.value not in [exact(q) for q in ratios[2:]]
    assert c.nonnegative.value is (min(ratios) >= 0)
    assert c.monotone.value is c.convex.value is (min(m) >= 0)
    assert c.continuous.value is True
    assert c.jumps == ()
    assert c.smoothness == (sp.oo if len(set(m)) == 1 else 0)


@given(knots())
def test_the_certificate_of_every_kind_is_that_of_the_flux(given_):
    r, values, tail = given_
    phi = Activation.from_knots(r, values, tail=tail)
    for kind in KINDS:
        one, other = certify(phi.to(kind)), certify(phi)
        for name in ("g_max", "g_min", "slope_max", "slope_min", "lipschitz"):
            assert getattr(one, name).value == getattr(other, name).value
            assert getattr(one, name).is_attained == getattr(other, name).is_attained
        assert one.smoothness == other.smoothness


def test_a_regulariser_of_linear_pieces_has_a_flux_with_jumps():
    c = certify(Regulariser.from_knots([0, 1, 3], [0, 2, 3], tail="constant"))
    assert [tuple(jump) for jump in c.jumps] == [(0, 2), (1, -sp.Rational(3, 4)), (3, -sp.Rational(1, 4))]
    assert c.continuous.value is False
    assert c.lipschitz.value is c.g_max.value is sp.oo
    assert c.smoothness == -1
    assert c.slope_min.value is -sp.oo


def test_a_diffusivity_of_linear_pieces_has_a_flux_of_quadratic_ones():
    c = certify(Diffusivity.from_knots([0, 1, 3], [1, "1/2", 0], tail="constant"))
    assert (c.g_max.value, c.g_max.attained, c.g_min.value, c.g_min.attained) == (1, 0, 0, 6)
    # Phi' = 1 - r on (0, 1) and 3/4 - r/2 on (1, 3)
    assert (c.slope_max.value, c.slope_max.attained) == (1, 0)
    assert (c.slope_min.value, c.slope_min.is_attained) == (-sp.Rational(3, 4), False)


def test_a_smooth_join_counts_its_derivatives():
    # |r| <= 1: r - r^3/3, beyond: 2/3: the first derivative is continuous
    assert certify(Activation("Piecewise((r - r^3/3, |r| <= 1), (2 sgn(r)/3, otherwise))")).smoothness == 1
    bicubic = certify(Activation("Piecewise((r*(1 - r^2)^2, |r| <= 1), (0, otherwise))"))
    assert bicubic.smoothness == 1
    assert bicubic.slope_min.value == -sp.Rational(4, 5)
    assert bicubic.slope_min.attained == sp.sqrt(15) / 5


# ---------------------------------------------------------------------------
# What is refused


@pytest.mark.parametrize(
    ("r", "values", "more", "words"),
    [
        ([0, 2, 1], [0, 1, 2], {}, "the knot r = 1 after 2; give the knots in ascending order"),
        ([0, 1, 1], [0, 1, 2], {}, "the knot r = 1 twice"),
        ([0, 1, float("nan")], [0, 1, 2], {}, "r[2] = nan is no finite rational number"),
        ([0, 1, 2], [0, float("inf"), 2], {}, "values[1] = inf is no finite rational number"),
        ([0, 1, 2], [0, "pi", 2], {}, "values[1] = 'pi' is no finite rational number"),
        ([0, 1, 2], [0, True, 2], {}, "values[1] = True is no finite rational number"),
        ([0, 1, 2], [0, 1j, 2], {}, "values[1] = 1j is no finite rational number"),
        ([-1, 1], [0, 1], {}, "the knot r = -1; give those with r >= 0, the others follow by symmetry"),
        ([0, 1, 2], [0, 1], {}, "3 knots and 2 values; give one value for each knot"),
        ([0], [0], {}, "no knot r > 0; give at least one"),
        ([], [], {}, "no knot r > 0; give at least one"),
        (3, [0], {}, "r = 3 is no list of numbers"),
        ("12", [0, 1], {}, "is no list of numbers"),
        ([[0, 1]], [0], {}, "r[0] = [0, 1] is no finite rational number"),
        ([[0, 1], [2]], [0], {}, "r[0] = [0, 1] is no finite rational number"),
        ([0, 1], [0, 1], {"tail": "cubic"}, 'tail=\'cubic\'): the tail is "linear" or "constant"'),
        ([0, 1], [1, 1], {}, "the value at r = 0 is 1, and an odd function is 0 there"),
    ],
)
def test_hostile_knots(r, values, more, words):
    with pytest.raises(NonlinearityError) as error:
        Activation.from_knots(r, values, **more)
    assert words in str(error.value)
    assert len(str(error.value)) < 300


def test_a_regulariser_is_zero_at_zero():
    with pytest.raises(NonlinearityError, match=r"Regulariser.* is 1 at r = 0, and a regulariser is 0 there"):
        Regulariser.from_knots([0, 1], [1, 2])
    with pytest.raises(NonlinearityError, match="a regulariser is 0 there"):
        Regulariser.from_knots([1, 2], [1, 2])


def test_a_spline_does_not_change():
    phi = Activation.from_knots([0, 1], [0, 1], tail="constant")
    with pytest.raises(AttributeError):
        phi.half.knots = ()
    with pytest.raises(NonlinearityError, match="no parameter here"):
        phi.subs({"a": 1})
    with pytest.raises(NonlinearityError, match="no parameter here"):
        phi([1.0], a=1.0)


# ---------------------------------------------------------------------------
# Many knots


def many(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    return np.cumsum(random.random(count) + 0.01), random.normal(size=count)


def test_the_work_grows_with_the_number_of_knots():
    """Measured in the processor's time, and in numbers of calls rather than against a clock where it can be."""

    def spent(count: int) -> float:
        r, values = many(count)
        start = time.process_time()
        phi = Activation.from_knots(r, values)
        translate(phi)
        certify(phi)
        return time.process_time() - start

    spent(10)
    few, most = spent(125), spent(1000)
    assert most < 3
    assert most < 24 * max(few, 0.02)  # 8 times the knots


def text_of_pieces(count: int) -> str:
    """Linear pieces with rational knots, each with a slope of its own."""
    values = [Fraction(k * 37 % 11, 5) for k in range(count + 1)]
    cases = []
    for k in range(count):
        slope = (values[k + 1] - values[k]) * 7
        cases.append(f"(({values[k] - slope * Fraction(k, 7)}) sgn(r) + ({slope}) r, |r| <= {Fraction(k + 1, 7)})")
    return f"Piecewise({', '.join(cases)}, (({values[-1]}) sgn(r), otherwise))"


def test_text_of_many_pieces_is_a_spline():
    start = time.process_time()
    phi = Activation(text_of_pieces(200))
    family = translate(phi)
    assert family.certificate.slope_max.evidence is Evidence.PROVED
    assert time.process_time() - start < 3  # 0.3 s on an idle machine
    places = [Fraction(k, 7) for k in range(201)]
    assert phi == Activation.from_knots(places, [Fraction(k * 37 % 11, 5) for k in range(201)], tail="constant")
    r = phi.variable
    numbers = [(k, k * 37 % 11) for k in range(201)]
    bounded = [
        (sp.Rational(v, 5) + sp.Rational(7 * (w - v), 5) * (r - sp.Rational(k, 7)), r <= sp.Rational(k + 1, 7))
        for (k, v), (_, w) in pairwise(numbers)
    ]
    right = sp.Piecewise(*bounded, (sp.Rational(numbers[-1][1], 5), True))
    odd = sp.Piecewise((right, r >= 0), (-right.subs(r, -r), True))
    assert Activation(odd) == phi


def test_sums_of_hinges_and_towers_of_maxima_are_splines():
    phi = Activation("+".join(f"({(-1) ** k}) Max(|r| - {k}, 0) sgn(r)" for k in range(1, 30)))
    assert phi([2.0, 2.5, 40.0]).tolist() == [-1.0, -1.0, -25.0]
    assert len(phi.half.breaks) == 29
    tower = sp.Abs(phi.variable)
    for k in range(1, 12):
        tower = sp.Max(tower, k * sp.Abs(phi.variable) - k * k + k)
    psi = Regulariser(tower)
    assert certify(psi).monotone.value is True
    assert len(psi.half.breaks) > 8


def test_people_read_the_first_and_the_last_pieces():
    phi = Activation.from_knots(*many(1000))
    latex = phi._repr_latex_()
    assert len(latex) < 2000
    assert r"\text{995 more}" in latex
    words = certify(phi).explain()
    assert len(words) < 4000
    assert "... (995 more)" in words
    assert "of 1000 pieces: " in words
    assert str(phi) == "Activation.from_knots(<1000 knots>)"
    assert str(phi.to(Diffusivity)) == "Activation.from_knots(<1000 knots>).to(Diffusivity)"
    assert eval(repr(phi)) == phi
    assert fmpq(1) not in phi.half.knots
