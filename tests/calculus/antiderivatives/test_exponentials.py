"""Psi by rule, rational functions of exp(k r) above all, beside quadrature in 50 digits and by differentiation."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.antiderivatives.exponentials import NoClosedForm, rational_in_exponential
from symtrans.calculus.antiderivatives.verification import primitive_of
from symtrans.present.latex_printer import latex

E = sp.exp(X)
RATIONAL = {
    "real poles": (E - 1) / (E + 3),
    "a conjugate pair": (E - 1) / (E**2 + 3 * E + 7),
    "a pair at positive cosine": X / (E**2 - E + 1),
    "its square": X**2 / (E**2 - E + 1),
    "roots of unity": X / sp.cosh(X),
    "cube roots": (E - 1) / ((E**3 + 7) * (E + 2)),
    "the seventh roots of 1": (E - 1) / (E**7 - 1),
    "a factor that divides E^10 + 1": E / (E**8 - E**6 + E**4 - E**2 + 1),
    "irrational real poles": X / (E**2 + 3 * E + 1),
    "a pole at 0": sp.exp(-2 * X) / (E**2 + 1),
    "a negative rate": X * sp.exp(-X) / (sp.exp(-2 * X) + 5),
    "a polynomial part": (E**4 + 1) / (E**2 + E + 1),
    "two rates": sp.tanh(X) * sp.tanh(2 * X + 1),
    "logistic": X / (1 + sp.exp(-X)),
    "mish": X * sp.tanh(sp.log(1 + E)),
    "a rate": X / sp.cosh(3 * X / 2),
    "a multiple pair": X**2 / sp.cosh(X) ** 3,
    "a multiple pair and others": 1 / ((E**2 + E + 1) ** 3 * (E + 1)),
    "a multiple pair below the numerator": X * E**7 / (E**2 + 1) ** 2,
    "multiple cube roots": X / ((E**3 + 2) ** 2 * (E + 5)),
}
OTHERS = {
    "by parts, arctan": sp.atan(X**3),
    "by parts, ln": X * sp.log(1 + X + X**2),
    "a common power": X**3 / (1 + X**6),
    "flat at 0": sp.exp(-1 / X),
    "flat at 0, times x": X * sp.exp(-2 / X),
}


@pytest.mark.parametrize("name", [*RATIONAL, *OTHERS])
def test_primitives_by_rule(name):
    expr = (RATIONAL | OTHERS)[name]
    found = primitive_of(expr) if name in OTHERS or name == "logistic" else rational_in_exponential(expr)
    assert not found.has(sp.Integral, sp.I)
    integrand, primitive = (sp.lambdify(X, e, "mpmath") for e in (expr, found))
    with mpmath.workdps(60):
        for start, end in ((mpmath.mpf(1) / 9, mpmath.mpf(7) / 5), (mpmath.mpf(2), mpmath.mpf(31) / 4)):
            wanted = mpmath.quad(integrand, mpmath.linspace(start, end, 8))
            assert abs(primitive(end) - primitive(start) - wanted) < mpmath.mpf(10) ** -50
    difference = sp.diff(found, X) - expr
    assert all(abs(sp.N(difference.subs(X, place), 30)) < 1e-50 for place in (sp.Rational(2, 7), sp.Rational(9, 2)))


@pytest.mark.parametrize(
    "phi",
    [
        "r/cosh(r)",
        "r/(2 cosh(r) + 1)",
        "sgn(r) (exp(|r|) - 1)/(exp(|r|) + 3)",
        "r/(1 + exp((2 - |r|)/3))",
        "r*tanh(r)^2",
        "r/cosh(r)^3",
        "(r*tanh(ln(1 + exp(r/lambda))) + r*tanh(ln(1 + exp(-r/lambda))))/2",
    ],
)
def test_a_users_own_activation_has_a_psi_that_is_read_back(phi):
    activation = st.Activation(phi)
    psi = activation.to(st.Regulariser)
    assert not psi.expr.has(sp.Integral)
    assert st.Regulariser(str(psi.expr).replace("Abs(r)", "|r|")) == psi
    assert st.Regulariser(latex=latex(psi.expr))(
        1.5, **(given := {p.name.replace("lambda", "lam"): 0.7 for p in psi.parameters})
    ) == pytest.approx(psi(1.5, **given), rel=1e-13)
    values = {p: sp.Rational(7, 10) for p in psi.parameters}
    flux, energy = (sp.lambdify(st.r, kind.expr.subs(values), "mpmath") for kind in (activation, psi))
    with mpmath.workdps(55):
        assert energy(mpmath.mpf(0)) == pytest.approx(0, abs=1e-50)
        for place in (mpmath.mpf(1) / 50, mpmath.mpf(3) / 2, mpmath.mpf(12)):
            wanted = 2 * mpmath.quad(flux, mpmath.linspace(0, place, 9))
            assert abs(energy(place) - wanted) < mpmath.mpf(10) ** -48
            assert float(psi(-float(place), **given)) == pytest.approx(float(wanted), rel=1e-9, abs=1e-14)
    assert np.isfinite(psi(1e4, **given))


def test_unknown_poles_end_the_search():
    with pytest.raises(NoClosedForm, match="not known"):
        rational_in_exponential(X / (E**3 + E + 7))
    assert rational_in_exponential(1 / (E**3 + E + 7)) is None
