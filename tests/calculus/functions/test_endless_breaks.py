"""|sin r|, max(0, cos r) and what is made of them have breaks for ever: what is proved, against their values."""

import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, Evidence, Network, Regulariser, Shrinkage, certify, latex
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.candidates import supremum
from symtrans.calculus.functions.extrema import piece_candidates
from symtrans.calculus.functions.half_line import Piece
from symtrans.calculus.undecided import Undecided

oo = sp.oo
_PLACES = np.concatenate([np.linspace(1e-4, 60, 60_001), np.linspace(60.01, 3000, 20_001)])


@pytest.mark.parametrize(
    ("text", "g_max", "g_min", "slopes"),
    [
        ("1/(1 + |sin(r)|)", 1, "1/2", (oo, -oo)),
        ("|cos(r/lambda)|", 1, 0, (oo, -oo)),
        ("|sin(r)| + |cos(r)|", "sqrt(2)", 1, (oo, -oo)),
        ("|sin(r)| + |cos(2*r)|", 2, "sqrt(2)/2", (oo, -oo)),
        ("max(|sin(r)|, |cos(r)|)", 1, "sqrt(2)/2", (oo, -oo)),
        ("||sin(r)| - 1/2|", "1/2", 0, (oo, -oo)),
        ("1 - exp(-|r|)*|sin(r)|", 1, "1 - sqrt(2)*exp(-pi/4)/2", None),
        ("|r|*|cos(r)|", oo, 0, (oo, -oo)),
        ("Piecewise((1, |r| <= 1), (|cos(pi*r)|, otherwise))", 1, 0, (oo, -oo)),
    ],
)
def test_the_range_of_g_is_proved_on_one_period_or_within_an_envelope(text, g_max, g_min, slopes):
    c = certify(Diffusivity(text))
    for bound, wanted in ((c.g_max, g_max), (c.g_min, g_min)):
        assert bound.evidence is Evidence.PROVED
        assert bound.value == sp.sympify(wanted)
    assert (c.nonnegative.value, c.continuous.value, c.smoothness) == (True, True, 0)
    assert slopes is None or (c.slope_max.value, c.slope_min.value) == slopes


@pytest.mark.parametrize(
    "text",
    [
        "r*max(0, cos(r))/(1 + r^2)",
        "r*exp(-r^2)*|sin(r)|",
        "sin(r)*|cos(r)|",
        "sin(r)*|sin(r)|",
        "r*exp(-|r|)*max(1/2, cos(r))",
        "r*|cos(r)|",
        "r*max(0, cos(r))",
        "sin(r)*max(0, cos(2*r)) + r/2",
        "r*min(1/2, |cos(3*r)|)*exp(-|r|)",
        "sin(r)*max(|sin(r)|, |cos(r)|)",
    ],
)
def test_no_value_and_no_slope_is_beyond_its_bounds_and_some_come_near(text):
    phi = Activation(text)
    c = certify(phi)
    values = phi(_PLACES)
    slopes = np.diff(values) / np.diff(_PLACES)
    for low, high, seen in ((c.g_min, c.g_max, values / _PLACES), (c.slope_min, c.slope_max, slopes)):
        bottom, top = float(low.value), float(high.value)
        assert bottom - 1e-9 <= seen.min()
        assert seen.max() <= top + 1e-9
        assert seen.min() <= max(bottom, -100) + 1e-2
        assert seen.max() >= min(top, 100) - 1e-2
    assert c.lipschitz.value == sp.Max(c.slope_max.value, -c.slope_min.value)


@pytest.mark.parametrize(
    ("text", "order"), [("sin(r)*|sin(r)|", 1), ("r*|sin(r)|^3", 2), ("sin(r)^3*|sin(r)|", 3), ("r*|cos(r)|", 0)]
)
def test_how_often_it_is_differentiable(text, order):
    assert certify(Activation(text)).smoothness == order


def test_a_flux_that_jumps_for_ever_is_a_translation_of_which_nothing_is_claimed():
    phi = Regulariser("1 - |cos(r)|").to(Activation)
    assert repr(phi) == "Regulariser('1 - |cos(r)|').to(Activation)"
    assert phi(np.array([-1.0, 2.0])) == pytest.approx([-np.sin(1) / 2, -np.sin(2) / 2])
    c = certify(phi)
    assert c.continuous.value is None
    assert {c.g_max.value, c.slope_max.value, c.smoothness} == {None}
    assert "jumps for ever" in c.g_max.reason
    smooth = certify(Regulariser("1 - cos(r)*|cos(r)|"))
    assert (smooth.continuous.value, smooth.g_max.value, smooth.slope_max.value) == (True, 1, 1)


def test_forms_are_translated_written_and_read_back():
    g = Diffusivity("max(0, cos(r))/(1 + r^2)")
    phi, shrinkage = g.to(Activation), g.to(Shrinkage)
    assert phi == Activation("r*max(0, cos(r))/(1 + r^2)")
    assert shrinkage == Shrinkage("r*(1 - max(0, cos(sqrt(2)*r))/(1 + 2*r^2))")
    assert shrinkage.to(Diffusivity) == g
    assert latex(phi) == r"\Phi(r) = \frac{r \max\left(0, \cos\left(r\right)\right)}{1 + r^{2}}"
    assert certify(shrinkage).g_max.value == 1


@pytest.mark.parametrize("text", ["r*max(|sin(r)|, cos(r/lambda))/(1 + r^2)", "r*min(1/2, |cos(r/lambda)|)"])
def test_a_kernel_computes_it_and_its_adjoint_is_the_slope_between_the_breaks(text):
    rng = np.random.default_rng(5)
    kernel = Network(Activation(text), blocks=2, tau="1/4", unstable="allow").compile("numpy")
    u, direction, cotangent = 4 * rng.normal(size=(3, 50))
    grad, by = kernel.vjp(u, cotangent, lam=0.7)
    step = 1e-6
    along = (kernel(u + step * direction, lam=0.7) - kernel(u - step * direction, lam=0.7)) / (2 * step)
    by_lam = (kernel(u, lam=0.7 + step) - kernel(u, lam=0.7 - step)) / (2 * step)
    assert grad @ direction == pytest.approx(cotangent @ along, rel=1e-6)
    assert by["lam"] == pytest.approx(cotangent @ by_lam, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    "expr", [sp.Abs(sp.sin(X)) + sp.cos(sp.sqrt(2) * X), X * (sp.Abs(sp.cos(X)) - sp.Abs(sp.sin(X))) / (1 + X)], ids=str
)
def test_what_neither_recurs_nor_is_confined_stays_open(expr):
    with pytest.raises(Undecided):
        found, _ = piece_candidates(Piece(sp.S.Zero, oo, expr))
        supremum(found, ())


@pytest.mark.parametrize(
    ("text", "g_max", "g_min"),
    [
        ("(2 - exp(-|r|))*|cos(2*r)|", (2, False), (0, True)),  # its amplitude rises to 2
        ("(1 + exp(-|r|))/(2 + |sin(r)|)", (1, True), ("1/3", False)),
        ("(1 + 1/(1 + r^2))*(|sin(r/2)| - |cos(r)|)", ("sqrt(2)*(4 + pi^2/2)/(4 + pi^2)", True), (-2, True)),
        ("r^2*|cos(r^2)|/(1 + r^2)", (1, False), (0, True)),
        ("(cos(r)^2 + 1/(1/2 + |cos(r)|))/(1 + r^2)", ("5/3", True), (0, False)),
    ],
)
def test_far_out_it_is_compared_with_what_it_approaches(text, g_max, g_min):
    c = certify(Diffusivity(text))
    for bound, (value, is_attained) in ((c.g_max, g_max), (c.g_min, g_min)):
        assert bound.evidence is Evidence.PROVED
        assert sp.simplify(bound.value - sp.sympify(value)) == 0
        assert bound.is_attained is is_attained


def test_parameters_that_are_no_scales_leave_bounds_open_with_the_reason():
    c = certify(Activation("sin(r)*|cos(r/lambda)|"))
    assert c.g_max.value == 1  # both factors begin at their crest
    assert (c.g_min.value, c.slope_max.value) == (None, None)
    assert "oscillates for ever, is open" in c.g_min.reason
    assert c.continuous.value


def test_what_is_divided_by_r_within_a_maximum_has_bounds_a_kernel_and_values_of_its_regulariser():
    a = sp.Symbol("a", positive=True)
    g = Diffusivity("max(0, sin(a r)/r)")
    c = certify(g)
    assert [b.value for b in (c.g_max, c.g_min, c.slope_max, c.slope_min)] == [a, 0, a, -a]
    assert (c.smoothness, c.monotone.value) == (0, False)
    assert "network_f64.c" in Network(g, tau="1/100", unstable="allow").source("c")
    psi = g.to(Regulariser)(np.array([0.0, 1.0, 4.0]), a=2.0)
    assert psi == pytest.approx([0, 1 - np.cos(2), 3 - np.cos(8)], rel=1e-14)  # 2 sin(2 r) up to pi/2, and from pi on
    assert certify(Diffusivity("min(1/10, sin(r)/r)")).g_max.value == sp.Rational(1, 10)
