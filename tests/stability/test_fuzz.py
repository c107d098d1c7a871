"""Random nonlinearities: no statement may be contradicted by 60 digits, and all must move as theory says."""

import pytest
import sympy as sp
from hypothesis import HealthCheck, Phase, example, given, settings

from symtrans import Activation, Diffusivity, Evidence, NonlinearityError, certify, r, translate
from tests.independent import STRICT, Judge, contradictions, form_contradictions, number
from tests.strategies import cheap_even, composed_even, members, odd_functions, pieces, smooth_even

BOUNDS = ("g_max", "g_min", "slope_max", "slope_min")
# Shrinking would ask for hundreds of certificates; a member is short enough to be read as it is.
quick = settings(phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True)


def in_time(question):
    """The answer, or None where not even a form was there in time."""
    try:
        return question()
    except NonlinearityError as late:
        assert "larger budget" in str(late)
        return None


def judged(member, seconds):
    kind, expr = member
    return contradictions(Judge(kind, expr), certify(kind(expr), budget=seconds))


def forms_judged(member, seconds):
    kind, expr = member
    nonlinearity = kind(expr)
    family = in_time(lambda: translate(nonlinearity, budget=seconds))
    return [] if family is None else form_contradictions(Judge(kind, expr), family)


# A jump of 10**-9457: it makes the slope unbounded, and no judge of 60 digits sees it.
FAINT_JUMP = Diffusivity, sp.Piecewise((0, sp.Abs(r) < sp.Rational(14, 3)), (sp.exp(-1000 * r**2), True))


@settings(quick, max_examples=40)  # benchmarks fuzz has thousands
@example(FAINT_JUMP)
@given(members())
def test_nothing_wrong(member):
    assert judged(member, 0.12) == []


@pytest.mark.long
@settings(quick, max_examples=2000, derandomize=False)
@given(members())
def test_nothing_wrong_at_length(member):
    assert judged(member, 2) == []


@settings(quick, max_examples=10)
@given(members())
def test_the_four_forms_agree(member):
    assert forms_judged(member, 2) == []


@pytest.mark.long
@settings(quick, max_examples=200, derandomize=False)
@given(members())
def test_the_four_forms_agree_at_length(member):
    assert forms_judged(member, 5) == []


# ---------------------------------------------------------------------------
# Metamorphic: what one certificate says determines what another must say

diffusivities = pieces(cheap_even() | smooth_even() | composed_even())


def moved(first, second, scale=1, shift=0, places=1):
    """Each bound of `second` is scale * (that of `first`) + shift, if both are known."""
    for name in BOUNDS:
        one, other = getattr(first, name), getattr(second, name)
        if one.value is None or other.value is None:
            continue
        expected = number(sp.sympify(scale)) * number(one.value) + number(sp.sympify(shift))
        found = number(other.value)
        # what is enclosed is shown with 20 digits
        slack = STRICT if one.evidence is other.evidence is Evidence.PROVED else 1e-18
        assert found == expected or abs(found - expected) <= slack * (1 + abs(expected)), (name, one, other)
    if shift == 0 and None not in (first.monotone.value, second.monotone.value):
        assert first.monotone.value is second.monotone.value
        assert first.smoothness == second.smoothness or None in (first.smoothness, second.smoothness)
    if None not in (first.continuous.value, second.continuous.value):
        assert [number(j.place) * number(sp.sympify(places)) for j in first.jumps] == pytest.approx(
            [number(j.place) for j in second.jumps], abs=1e-20
        )


def rewritten(expr):
    """Equal expressions that look different."""
    yield expr.subs(sp.Abs(r), sp.Max(r, -r))
    yield sp.expand(expr) if not expr.has(sp.Piecewise) else sp.Piecewise(*((sp.together(f), c) for f, c in expr.args))


@settings(quick, max_examples=3)
@given(diffusivities)
def test_scaling_lifting_and_rewriting(expr):
    first = in_time(lambda: certify(Diffusivity(expr), budget=1))
    sevenths = sp.Rational(2, 7)
    changes = [(expr.subs(r, r / 3), {"places": 3}), (expr * sevenths, {"scale": sevenths}), (expr + 5, {"shift": 5})]
    for changed, how in [*changes, *((other, {}) for other in rewritten(expr))]:
        second = in_time(lambda changed=changed: certify(Diffusivity(changed), budget=1))
        if None not in (first, second):
            moved(first, second, **how)


@pytest.mark.long
@settings(quick, max_examples=300, derandomize=False)
@given(diffusivities)
def test_scaling_lifting_and_rewriting_at_length(expr):
    test_scaling_lifting_and_rewriting.hypothesis.inner_test(expr)


@settings(quick, max_examples=8)
@given(odd_functions())
def test_lifting_an_activation(expr):
    first = certify(Activation(expr), budget=0.5)
    moved(first, certify(Activation(expr + 3 * r / 2), budget=0.5), shift=sp.Rational(3, 2))
    moved(first, certify(Activation(expr.subs(r, 2 * r) / 2), budget=0.5), places=sp.Rational(1, 2))


@settings(quick, max_examples=3)
@given(diffusivities)
def test_the_judge_sees_what_is_wrong(expr):
    """A certificate of one function is contradicted by the numbers of another."""
    certificate = certify(Diffusivity(expr + 1), budget=0.5)
    if certificate.g_max.value is not None:
        assert contradictions(Judge(Diffusivity, expr), certificate)
