"""What is left far out of a difference that falls: its digits are its own, not those of what it is a difference of."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from flint import ctx

from benchmarks.floats import faults
from symtrans import Activation, Network
from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.running import run
from symtrans.codegen.forms.tails import in_what_is_left, with_complements
from symtrans.codegen.forms.taming import tamed
from symtrans.codegen.forms.trials import Formula, Trial
from symtrans.codegen.program.shared_parts import A, R

FALLING = (
    "charbonnier",
    "log-cosh",
    "hyperbolic",
    "r*(1-erf(|r|))",
    "r*(1-tanh(|r|)^2)",
    "r*(1-|r|/sqrt(1+r^2))",
)
MORE = (
    "tanh(r)+a*tanh(r/a)",
    "monteil-beghdadi",
    "hyperbolic-tangent-shrinkage",
    "sigmoid-shrinkage",
    "morita",
    "fab",
    "fair",
    "r*(1-tanh(|r|/a))",
    "r*(1-tanh(r^2-1))",
    "r/(1+r^2)-r/(2+r^2)",
    "tanh(r)/cosh(r)",
    "2/pi*atan(sinh(r))",
    "sin(atan(r))",
)


@pytest.mark.parametrize("text", FALLING)
def test_small_values_have_digits_of_their_own(text):
    assert next(faults(text, "float32", "numpy", sizes=(0,), step=6, own_digits=True), None) is None


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", FALLING + MORE)
def test_more_small_values(text, dtype):
    assert next(faults(text, dtype, "numpy", step=3, own_digits=True), None) is None


def test_a_flux_that_falls_to_nothing():
    block = Network(Activation("r*(1-tanh(|r|))"), blocks=1, tau="1/8", unstable="allow")
    for dtype, places in (("float32", [4, 10, 30]), ("float64", [4, 10, 30, 300])):
        kernel, eps = block.compile("numpy", dtype, clamp=False), np.finfo(dtype).eps
        for r in places:
            exact = r * 2 / (mp.exp(2 * mp.mpf(r)) + 1)
            found = 8 * float(kernel(np.array([0, r], dtype))[0])
            assert found == pytest.approx(float(exact), rel=float(100 * r * eps), abs=0)


@pytest.mark.parametrize(
    "expr", [1 - sp.tanh(A - 2), sp.erf(A) ** 2 - 1, sp.pi - 2 * sp.atan(A**2), sp.tanh(A) - sp.erf(A)]
)
def test_complements_keep_the_value(expr):
    other = with_complements(expr)
    assert other != expr
    for at in (sp.Rational(1, 3), sp.Rational(5, 2), sp.Integer(9)):
        assert sp.N(other.subs(A, at), 30) == pytest.approx(sp.N(expr.subs(A, at), 30, maxn=400), rel=1e-25)


def test_other_forms_keep_the_value():
    theta = sp.Symbol("theta", positive=True)
    for expr in (
        (1 - X**2 / (1 + X**2)) / sp.sqrt(1 + X**2),
        1 - sp.tanh(X / theta) ** 2 - X * (1 - sp.tanh(2 * X - 2)),
        1 - X / sp.sqrt(X**2 + theta),
        1 - 1 / (1 + sp.exp(4 - 2 * X)),
    ):
        forms = [*in_what_is_left(expr)]
        assert forms
        for at in (sp.Rational(1, 3), sp.Rational(9, 4), sp.Integer(8)):
            given = {X: at, theta: sp.Rational(3, 2)}
            exact = sp.N(expr.xreplace(given), 30, maxn=400)
            assert all(abs(sp.N(form.xreplace(given), 30, maxn=400) / exact - 1) < 1e-25 for form in forms)


def test_terms_that_fall_are_differences_each_by_itself():
    p = sp.Symbol("p_p", positive=True)
    slope = (sp.tanh(X) + sp.tanh(p * X)).diff(X)
    form = tamed(Formula(slope, False, sp.S.Zero, sp.oo, "float32")).form
    for at in np.float32([0.25, 4, 9, 30]):
        for value in (sp.Rational(1, 3), sp.Rational(5, 2)):
            exact = sp.N(slope.subs({p: value, X: sp.Rational(float(at))}), 20, maxn=400)
            found = run(form, at[None], 1, {p: value})
            assert found == pytest.approx(float(exact), rel=float(100 * max(at, 1) * 2.0**-23), abs=0)


@pytest.mark.parametrize("text", ["r*(1/2-atan((|r|-a)/b)/pi)"])
def test_what_an_arcus_tangent_lacks_counts_where_r_is_large(text):
    assert next(faults(text, "float32", "numpy", sizes=(0,), step=6), None) is None


def test_no_form_is_worse_where_the_plain_one_is_right():
    """Without parameters, too: what is right in more places may be wrong in others."""
    trial = Trial(Formula(X / (1 + X**2), True, sp.S.Zero, sp.oo, "float32"))
    with ctx.workprec(192):
        assert trial._is_no_worse(R / (1 + R**2), R / (1 + R**2))
        assert not trial._is_no_worse(1 / R, R / (1 + R**2))


def test_a_difference_that_has_a_simpler_form_is_written_so():
    form = tamed(Formula((1 - X**2 / (1 + X**2)) / sp.sqrt(1 + X**2), False, sp.S.Zero, sp.oo, "float32")).form
    assert form == (1 + R**2) ** sp.Rational(-3, 2)


def test_what_is_right_to_its_own_digits_stays_as_it_is():
    for expr, odd in ((X / (1 + X**2), True), (sp.tanh(X), True), (X * sp.exp(-X), True)):
        assert tamed(Formula(expr, odd, sp.S.Zero, sp.oo, "float64")).outer is None
    assert tamed(Formula(X / (1 + X**2), True, sp.S.Zero, sp.oo, "float64")).form == R / (1 + R**2)
