"""Cuts: every break is found, exact and in order, and the values between and at the breaks are those entered."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

from symtrans import Diffusivity, NonlinearityError, certify, r
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splitting import NotTotal, half_line, parity_violation, value_at
from tests.strategies import diffusivities

theta = sp.Symbol("theta", positive=True)
A = sp.Abs(r)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Max(|r| - theta, 0)", (theta,)),
        ("Min(r^2, 2 theta^2)", (sp.sqrt(2) * theta,)),
        ("||r| - 1|", (1,)),
        ("Piecewise((1, |r| < 1), (1, otherwise))", ()),
        ("Piecewise((r^2, |r| <= 2), (2|r|, otherwise))", (2,)),
        ("Max(1 - |r|, |r| - 3, 0)", (1, 3)),
        ("Piecewise((1, 1 < |r| <= 2), (0, otherwise))", (1, 2)),
        ("Heaviside(|r| - 1, 1/3)", (1,)),
        ("sqrt((|r| - 2)^2)", (2,)),
    ],
)
def test_breaks_are_exact(text, places):
    assert Diffusivity(text).half.breaks == places


@settings(max_examples=20)
@given(diffusivities())
def test_pieces_hold_the_values_entered(expr):
    half = half_line(expr, r, Parity.EVEN)
    assert parity_violation(expr, r, half) is None
    ends = [sp.S.Zero, *half.breaks, (half.breaks or (sp.S.Zero,))[-1] + 4]
    for piece, lo, hi in zip(half.pieces, ends, ends[1:], strict=False):
        place = (2 * lo + hi) / 3
        assert abs(sp.N(half.at(place) - expr.subs(r, place), 30)) < 1e-25
        assert piece.lo == lo
    for place, value in zip(half.breaks, half.values, strict=True):
        assert abs(sp.N(value - expr.subs(r, place), 30)) < 1e-25


def test_values_at_breaks_follow_the_condition():
    assert Diffusivity("Piecewise((1, |r| < 1), (0, otherwise))")(1.0) == 0
    assert Diffusivity("Piecewise((1, |r| <= 1), (0, otherwise))")(1.0) == 1
    assert Diffusivity("Heaviside(|r| - 1, 1/3)")(1.0) == pytest.approx(1 / 3)
    assert value_at(sp.Max(A - 1, 2 - A), r, sp.Integer(-3)) == 2
    assert value_at(sp.sign(r) * sp.Min(A, 1), r, sp.Integer(-3)) == -1
    assert value_at(1 / r, r, sp.S.Zero) is sp.zoo
    assert value_at(sp.sign(r) / A, r, sp.S.Zero) is sp.nan
    assert value_at(A * sp.sign(r), r, sp.S.Zero) == 0


def test_an_untaken_branch_is_not_asked():
    assert Diffusivity("Piecewise((|1/r|, r != 0), (5, otherwise))").half.origin == 5


@pytest.mark.parametrize(
    ("expr", "place"),
    [(1 / (A - 2), 2), (sp.log(A - 1), None), (sp.sqrt(1 - A), None), (sp.Piecewise((1, A < 1), (2, A > 1)), 1),
     (sp.Piecewise((1, A < 1)), None), (sp.sign(A - 3) / (A - 3), 3)],
    ids=str,
)  # fmt: skip
def test_a_hole_is_named(expr, place):
    with pytest.raises(NotTotal) as caught:
        half_line(expr, r, Parity.EVEN)
    assert place is None or caught.value.place == place
    assert str(caught.value)


def test_a_removable_point_is_filled():
    half = half_line((A**2 - 4) / (A - 2), r, Parity.EVEN)
    assert half.at(sp.Integer(2)) == 4
    assert half_line(sp.sin(r) / r, r, Parity.EVEN).origin == 1


def test_an_unsymmetric_function_is_told_where_it_differs():
    for expr in (r**2 + r, sp.Max(r, 0), sp.exp(r), sp.Piecewise((1, r < 3), (2, True))):
        place = parity_violation(expr, r, half_line(expr, r, Parity.EVEN))
        assert value_at(expr, r, place) != value_at(expr, r, -place)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sgn(cos(r))", r"cos\(\|r\|\) changes its sign for ever, and it jumps each time; write sgn\(u\) as u/sqrt"),
        ("Piecewise((1, cos(r) > 0), (2, otherwise))", "for ever, and it jumps each time; write sgn"),
        ("1/|sin(r)|", r"\|sin\(\|r\|\)\| may be 0 again and again; where it has \|u\|, write sqrt\(u\^2 \+ 1/100\)"),
        ("sqrt(|cos(r)|)", "may be 0 again and again"),
        ("ln(max(0, sin(r)))", "may be 0 again and again"),
    ],
)
def test_infinitely_many_jumps_and_poles_are_refused_for_what_they_are(text, why):
    with pytest.raises(NonlinearityError, match=why):
        Diffusivity(text)


@pytest.mark.parametrize(
    "text", ["|cos(r)|", "max(0, cos(r))/(1 + r^2)", "Piecewise((1 - |r|/4, |r| <= 2), (|cos(r)|, otherwise))"]
)
def test_what_has_breaks_for_ever_keeps_its_formula(text):
    g = Diffusivity(text)
    assert eval(repr(g), {"Diffusivity": Diffusivity}) == g
    assert g.half.pieces[-1].hi is sp.oo
    assert len(g.half.breaks) == ("Piecewise" in text)
    assert float(g(30.0)) == pytest.approx(float(g.expr.subs(r, 30)), rel=1e-14)


def _envelope_case(build, terms):
    """A Max or Min that SymPy does not sort, and the same from the values of its terms."""
    best = max if build is sp.Max else min
    return build(*terms, evaluate=False), lambda x: best(float(t.subs(r, x).evalf(30)) for t in terms)


@pytest.mark.parametrize(
    ("build", "terms"),
    [
        (sp.Max, [sp.Rational(k * k, 60) + A * sp.Rational(12 - k, 20) for k in range(12)]),
        (sp.Min, [3 + (A - k) ** 2 / (k + 1) - sp.Rational(k, 3) for k in range(6)]),
        (sp.Min, [sp.exp(-sp.Rational(k + 1, 7) * A) + sp.Rational(k, 9) for k in range(6)]),
        (sp.Max, [sp.exp(-A / 3), 1 / (2 + r**2), sp.Rational(1, 5), sp.exp(-(r**2)), 2 / (3 + A) - A / 9]),
    ],
)
def test_the_envelope_of_many_functions(build, terms):
    expr, value = _envelope_case(build, terms)
    form = Diffusivity(expr)
    places = [sp.Rational(k, 7) for k in range(1, 90, 4)]
    assert form([float(x) for x in places]) == pytest.approx([value(x) for x in places], rel=1e-12)
    for place, at in zip(form.half.breaks, form.half.values, strict=True):
        assert float(at.evalf(30)) == pytest.approx(value(place), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "g_max"),
    [
        ("Max(1/(2 + r^2), |r| exp(-r^2/3))", sp.sqrt(6) * sp.exp(-sp.Rational(1, 2)) / 2),
        ("Max(exp(-r^2), 1/(3 + |r|))", 1),
        ("Max(0, exp(-|r|) - r^2)", 1),
        ("Min(1, |cos(r) - |r||)", 1),
    ],
)
def test_where_two_arguments_meet_without_closed_form_it_is_continuous(text, g_max):
    g = Diffusivity(text)
    found = certify(g)
    assert found.continuous.value is True
    assert found.g_max.value == g_max
    assert found.smoothness == 0
    x = np.linspace(1e-3, 8, 40_001)
    steepest = np.max(np.abs(np.diff(g(x) * x) / np.diff(x)))
    assert steepest <= float(found.lipschitz.value) * (1 + 1e-9)
    assert steepest >= float(found.lipschitz.value) * (1 - 1e-3)


def test_a_jump_at_a_place_without_closed_form_stays_one():
    found = certify(Diffusivity("Piecewise((exp(-r^2), exp(-r^2) > |r|), (|r| exp(-|r|), otherwise))"))
    assert found.continuous.value is False
    assert abs(float(found.jumps[0].place) - 0.652918640419) < 1e-11


@pytest.mark.parametrize("count", [12, pytest.param(64, marks=pytest.mark.long)])
@pytest.mark.parametrize("power", [1, 2])
def test_many_functions_within_another_are_cut_where_they_meet(count, power):
    # k s - k^2 and (k + 1) s - (k + 1)^2 meet at s = 2 k + 1, where s = |r|^power
    terms = [k * sp.Abs(r) ** power - k**2 for k in range(1, count + 1)]
    found = half_line(sp.exp(-sp.Max(*terms, evaluate=False)), r, Parity.EVEN)
    assert found.breaks == tuple(sp.Integer(2 * k + 1) ** sp.Rational(1, power) for k in range(1, count))
    assert found.values == tuple(sp.exp(-k * (k + 1)) for k in range(1, count))


def test_a_largest_value_at_0_where_one_of_them_is_a_limit():
    a = sp.Symbol("a", positive=True)
    for expr, origin in (
        (sp.Max(sp.sin(r) ** 2, sp.tanh(a * r) / r), a),
        (sp.Min(sp.cos(r) + 1, sp.sin(r) / r), 1),
        (sp.Max(sp.sin(a * sp.Abs(r)) / sp.Abs(r), sp.sin(r) ** 2), a),
    ):
        half = half_line(expr, r, Parity.EVEN)
        assert half.origin == origin
        written = expression(half, r)
        assert written.subs(r, 0) == origin
        assert float(written.subs({r: -2, a: 3})) == pytest.approx(float(expr.subs({r: -2, a: 3})), rel=1e-14)


def test_a_break_without_closed_form_may_move_with_a_parameter():
    a = sp.Symbol("a", positive=True)
    half = half_line(sp.exp(-(sp.Max(sp.tanh(a * sp.Abs(r)), 1 / (1 + a * sp.Abs(r))) ** 2)), r, Parity.EVEN)
    (place,) = half.breaks
    at = place.subs(a, 3).evalf(30)
    assert abs(sp.tanh(3 * at) - 1 / (1 + 3 * at)) < 1e-25
