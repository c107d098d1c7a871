"""Penalties whose flux is unbounded at 0, or a measure there, have what exists of them, and reasons for the rest."""

import pickle

import mpmath
import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Evidence, NonlinearityError, Regulariser, Shrinkage, translate
from symtrans.language.symbols import F
from symtrans.nonlinearity.missing import Missing

STEEP = ("sqrt(|r|)", "|r|^(2/3)", "ln(1 + sqrt(|r|))", "1 - exp(-sqrt(|r|))", "sqrt(|r|) + r^2", "|r|^(1/4)")
COUNTING = (
    "Piecewise((0, r == 0), (1, otherwise))",
    "Piecewise((1, r != 0), (0, otherwise))",
    "sgn(r)^2",
    "|sgn(r)|",
    "(1 + r^2) sgn(r)^2",
)


def least(psi, step, f):
    """The minimum of (u - f)² + alpha Psi(u) over a fine grid, 0 included."""
    u = np.concatenate([[0.0], np.geomspace(1e-6, 2 * abs(f) + 1, 4_001)])
    values = np.array([mpmath.mpf(v) for v in psi(u)], dtype=float)
    return float(np.min((u - abs(f)) ** 2 + step * values))


@pytest.mark.parametrize("text", [*STEEP, *COUNTING])
def test_the_proximal_map_is_the_minimiser(text):
    family = translate(Regulariser(text))
    found = family.proximal(2)
    f = np.array([-3.1, -1.0, 0.0, 0.2, 1.4, 1.6, 2.0, 2.9, 5.0])
    u = found(f)
    energy = (u - f) ** 2 + 2 * family.regulariser(u)
    assert all(e <= least(family.regulariser, 2, y) + 1e-9 for e, y in zip(energy, f, strict=True))
    if found.expr is not None:
        exact = [float(found.expr.subs(F, sp.Rational(float(y))).evalf(30)) for y in f]
        assert np.allclose(u, exact, rtol=1e-14, atol=0)


def test_the_closed_form_of_the_root():
    found = translate(Regulariser("sqrt(|r|)")).proximal("alpha")
    alpha = sp.Symbol("alpha", positive=True)
    assert found.expr.args[0].cond.rhs == 3 * 2 ** sp.Rational(1, 3) * alpha ** sp.Rational(2, 3) / 4
    u = found.expr.subs({alpha: 2, F: 2}).evalf(30)
    assert abs(u + 1 / (2 * sp.sqrt(u)) - 2) < 1e-28
    assert abs(u - 1.60538) < 1e-5
    assert found([2.0, -2.0, 1.4], alpha=2.0).round(5).tolist() == [1.60538, -1.60538, 0.0]


def test_the_closed_form_of_counting_is_hard_thresholding():
    a = sp.Symbol("a", positive=True)
    found = translate(Regulariser(a**2 * sp.sign(st.r) ** 2)).proximal("alpha").expr
    assert found.args[0].expr == 0
    assert found.args[0].cond.rhs == a * sp.sqrt(sp.Symbol("alpha", positive=True))
    assert found.args[1].expr == F


def test_a_concave_penalty_of_slope_below_minus_one_is_hard_thresholding_too():
    mcp = Regulariser("Piecewise((2 |r| - 2 r^2, |r| <= 1/2), (1/2, otherwise))")  # gamma = 1/2
    assert translate(mcp).proximal(1).expr == sp.Piecewise((0, sp.Abs(F) <= sp.sqrt(2) / 2), (F, True))


@pytest.mark.parametrize("text", STEEP)
def test_a_steep_penalty_has_all_forms_away_from_0(text):
    family = translate(Regulariser(text))
    x = sp.Rational(7, 5)
    psi, phi = family.regulariser.expr, family.activation.expr
    positive = sp.Symbol("x", positive=True)
    slope = sp.diff(psi.subs(st.r, positive), positive).subs(positive, x)
    assert abs(sp.N(phi.subs(st.r, x) - slope / 2, 30)) < 1e-28
    assert abs(sp.N(family.diffusivity.expr.subs(st.r, x) - slope / 2 / x, 30)) < 1e-28
    assert family.activation(0.0) == 0
    certificate = family.certificate
    assert (certificate.g_max.value, certificate.g_max.evidence) == (sp.oo, Evidence.PROVED)
    assert certificate.lipschitz.value is sp.oo
    assert certificate.continuous.value is False
    assert certificate.max_min_step() == 0
    with pytest.raises(st.StabilityError):
        st.Network(family, tau="1/4")
    for form in family.forms:
        assert eval(repr(form), vars(st)) == form
        assert pickle.loads(pickle.dumps(form)) == form
    assert translate(family.activation).regulariser.expr == psi


def test_a_steep_flux_takes_values_and_assumptions():
    family = translate(Regulariser("mu sqrt(|r|)"))
    assert family.activation.subs({"mu": 4}).expr == translate(Regulariser("4 sqrt(|r|)")).activation.expr
    assert family.shrinkage.assuming("mu < 1").assumed == (sp.Symbol("mu", positive=True) < 1,)
    assert family.to(Shrinkage).subs({"mu": 4}).tau == sp.Rational(1, 4)


@pytest.mark.parametrize("text", COUNTING)
def test_a_penalty_that_jumps_at_0_has_no_flux_there(text):
    family = translate(Regulariser(text))
    assert family.forms == (family.regulariser,)
    assert [one.kind for one in family.missing] == [Diffusivity, Shrinkage, Activation]
    for missing in family.missing:
        assert isinstance(missing, Missing)
        assert not missing
        assert "jumps at r = 0" in missing.reason
        assert repr(missing) == f"<{missing.reason}>"
        assert {missing} == {pickle.loads(pickle.dumps(missing))}
        with pytest.raises(NonlinearityError, match="measure"):
            _ = missing.expr
        with pytest.raises(NonlinearityError, match="measure"):
            missing(1.0)
        with pytest.raises(NonlinearityError, match="measure"):
            family.to(missing.kind)
    certificate = family.certificate
    assert certificate.g_max.evidence is certificate.monotone.evidence is Evidence.UNKNOWN
    assert "measure" in certificate.g_max.reason
    assert "measure" in certificate.explain()
    with pytest.raises(NonlinearityError, match="measure"):
        st.Network(family)
    assert pickle.loads(pickle.dumps(family)) == family
    assert "measure" not in family._repr_html_()[:50]
    assert "Psi" in family._repr_latex_()


def test_other_jumps_stay_refused():
    for text in (
        "Piecewise((0, r == 0), (-1, otherwise))",
        "Piecewise((0, |r| <= 1), (1, otherwise))",
        "Piecewise((0, r == 0), (1/|r|, otherwise))",
        "Piecewise((0, r == 0), (ln(|r|), otherwise))",
    ):
        with pytest.raises(NonlinearityError, match=r"jumps|unbounded"):
            Regulariser(text)
    for kind, text in ((Activation, "sgn(r)/sqrt(|r|)"), (Diffusivity, "1/r^2"), (Shrinkage, "sgn(r)/|r|")):
        with pytest.raises(NonlinearityError, match=r"unbounded|no finite real value"):
            kind(text)


def test_what_a_jump_costs_is_a_parameter_of_the_proximal_map():
    found = translate(Regulariser("w sgn(r)^2 + r^2")).proximal("alpha")
    values = {"w": 2.0, "alpha": 0.5}
    exact = found.expr.subs({sp.Symbol(name, positive=True): sp.Rational(v) for name, v in values.items()})
    f = [-3.0, 0.4, 1.2, 1.3, 5.0]
    assert found(f, **values).tolist() == pytest.approx([float(exact.subs(F, v)) for v in f])
    with pytest.raises(NonlinearityError, match="give a value to w"):
        found(f, alpha=0.5)


def test_a_steep_shrinkage_takes_its_step():
    family = translate(Regulariser("mu sqrt(|r|)"), tau="tau")
    step = family.shrinkage.subs({"tau": "1/8", "mu": 3})
    assert step.expr == translate(Regulariser("3 sqrt(|r|)"), tau="1/8").shrinkage.expr
