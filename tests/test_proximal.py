"""Proximal maps, conjugates and derivatives against their definitions."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Regulariser, r, translate
from symtrans.names import keyword_of
from symtrans.proximal import F

theta, alpha = sp.symbols("theta alpha", positive=True)
CLOSED = [
    ("constant", "alpha"),
    ("soft", "alpha"),
    ("tv", "alpha"),
    ("fair", "alpha"),
    ("garrote", "1/4"),
]


def energy(family, u, f, step, values):
    psi = float(sp.N(family.regulariser.expr.subs({**values, family.regulariser.variable: sp.Rational(u)}), 20))
    return (u - f) ** 2 + step * psi


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
        least = energy(family, float(place), target, size, values)
        others = np.concatenate([np.linspace(-1, 1, 41) * (abs(target) + 1), place + np.array([-1e-4, 1e-4])])
        assert least <= min(energy(family, float(v), target, size, values) for v in others) + 1e-12
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
