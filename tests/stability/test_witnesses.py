"""Whether a step keeps the range: proved, refuted by a signal, or neither; signals are checked exactly."""

import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Evidence, certify
from symtrans.language.symbols import keyword_of
from symtrans.schemes.grid import Grid
from tests.reference import TABLE_3, explicit_step

half = sp.Rational(1, 2)


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
    u = explicit_step(lambda p: -p, list(f), 1e-6)
    assert min(u) < min(f)


def test_theorem_2_needs_a_nonnegative_diffusivity():
    assert explicit_step(lambda p: -p, [0, 1, 0], half) == [-half, 2, -half]


def test_a_witness_respects_the_assumptions():
    certificate = certify(Diffusivity("Piecewise((1, |r| < a), (5, |r| < b), (2, otherwise))", assume=["a < b"]))
    assert certificate.witness(0.2, a=1.0, b=2.0) is not None
    with pytest.raises(st.NonlinearityError, match="contradict"):
        certificate.witness(0.2, a=2.0, b=1.0)


def test_a_witness_counts_the_rounding_of_its_samples():
    """G is 3 at r = 1 alone, and no double is exactly 1/10 of it."""
    certificate = certify(Diffusivity("Piecewise((3, |r| == 1), (1, otherwise))"))
    assert certificate.witness(0.2).tolist() == [1, 0, 1]
    assert certificate.witness("0.002", h="1/10") is None
    assert certificate.witness("0.006", h="1/10") is not None


@pytest.mark.parametrize("name", TABLE_3)
def test_a_step_is_judged_with_its_evidence(name):
    """At the bound it is proved to be kept, just above refuted by a signal; both in exact arithmetic."""
    family = st.catalogue[name]
    numbers = {keyword_of(s): 1.5 for s in family.parameters}
    kept = family.certificate.keeps_range("1/2", **numbers)
    assert (kept.value, kept.evidence, kept.witness) == (True, Evidence.PROVED, None)
    broken = family.certificate.keeps_range(0.5625, **numbers)
    assert (broken.value, broken.evidence) == (False, Evidence.PROVED)
    assert str(broken.witness) in broken.reason
    exact = {s: sp.Rational(3, 2) for s in family.parameters}

    def flux(p):
        return family.activation.expr.subs(family.activation.variable, p).subs(exact)

    f = [sp.Rational(v) for v in broken.witness]
    u = explicit_step(flux, f, sp.Rational(9, 16))
    assert bool(max(u) > max(f)) or bool(min(u) < min(f))


def test_the_step_of_a_verdict_may_depend_on_what_is_given_for_the_parameters():
    c = certify(Diffusivity("a exp(-r^2)"))
    assert [c.keeps_range(tau, a=2.0).value for tau in ("1/(2 a)", "1/a", 0)] == [True, False, True]
    with pytest.raises(st.NonlinearityError, match="give a value to b"):
        c.keeps_range("b", a=2.0)
    with pytest.raises(st.NonlinearityError, match="tau = -1 must not be negative"):
        c.keeps_range(-1, a=2.0)
    with pytest.raises(st.NonlinearityError, match="scheme = 'leapfrog' is none of explicit"):
        c.keeps_range(1, scheme="leapfrog", a=2.0)


def test_a_slope_that_no_double_has_breaks_the_principle_without_a_witness():
    verdict = certify(Diffusivity("Piecewise((3, |r| == 1), (1, otherwise))")).keeps_range("0.002", h="1/10")
    assert (verdict.value, verdict.evidence, verdict.witness) == (False, Evidence.PROVED, None)
    assert "breaks it otherwise" in verdict.reason


def test_an_enclosed_bound_decides_on_either_side_of_it():
    c = certify(Activation("5 r/4 - sin(r)"))
    bound = c.steps()["max_min_step"]
    assert bound.evidence is Evidence.ENCLOSED
    assert bound.lower <= bound.upper
    below, above = c.keeps_range(bound.lower), c.keeps_range(bound.upper * sp.Rational(1001, 1000))
    assert (below.value, below.evidence) == (True, Evidence.ENCLOSED)
    assert (above.value, above.evidence) == (False, Evidence.PROVED)
    assert above.witness is not None


def test_what_is_not_known_is_not_judged():
    c = certify(Activation("r*(2 + cos(r^2)*cos(r))"), budget=1)
    assert c.g_max.evidence is Evidence.UNKNOWN
    verdict = c.keeps_range(0.01)
    assert (verdict.value, verdict.evidence, verdict.witness) == (None, Evidence.UNKNOWN, None)
    assert verdict.reason == c.g_max.reason
    assert c.keeps_range(1).value is False  # a signal shows it all the same


def test_a_ring_breaks_where_a_line_does():
    c = certify(Diffusivity("exp(-r^2)"))
    assert c.keeps_range("1/2", Grid.of(1, "periodic")).value is True
    assert c.keeps_range("0.6", Grid.of(1, "periodic")).witness == c.keeps_range("0.6").witness
