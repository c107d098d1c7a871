"""Where a formula is smooth, singular or not real: cuts and flaws are true, and open questions are doubts."""

import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, NonlinearityError
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.domain import is_smooth, margins, scan, unknown_parts
from symtrans.calculus.undecided import Undecided

a, b = sp.symbols("a b", positive=True)
zero, oo = sp.S.Zero, sp.oo


@pytest.mark.parametrize(
    ("expr", "cuts"),
    [
        (1 / (X - 1), (1,)),
        (sp.sqrt(X**2 - 4 * X + 4), (2,)),
        (1 / ((X - 3) * (X - 1) ** 2), (1, 3)),
        (sp.log(1 + X), ()),
        (sp.exp(-1 / X), ()),
        (sp.atan(1 / (X - a)), (a,)),
        (sp.Ei(X - 1), (1,)),
        (sp.acos((1 - X**2) / (1 + X**2)), ()),
        (X**a, ()),
        (sp.Abs(1) / sp.cosh(X), ()),
    ],
    ids=str,
)
def test_cuts_are_exact(expr, cuts):
    found = scan(expr, zero, oo)
    assert found.cuts == cuts
    assert not found.flaws
    assert not found.doubts
    assert is_smooth(expr, zero, oo) == (not cuts)


@pytest.mark.parametrize(
    "expr",
    [sp.sqrt(1 - X), sp.log(X - 1), sp.asin(X), sp.acosh(X), sp.atanh(X / 2), (1 - X**2) ** sp.Rational(1, 3),
     sp.tan(X),
     sp.polylog(2, X), sp.LambertW(-X), 1 / sp.sin(X), sp.log(sp.cos(X)), sp.sqrt(sp.Rational(1,
     2) - sp.sin(X) ** 2)],
    ids=str,
)  # fmt: skip
def test_a_flaw_is_a_place_without_a_finite_real_value(expr):
    """Or, for a pole between two points, an interval over which the sign changes."""
    (flaw, *_) = scan(expr, zero, oo).flaws
    place = flaw.lo if flaw.lo == flaw.hi else 2 * flaw.lo + 1 if flaw.hi is oo else (flaw.lo + flaw.hi) / 2
    value = sp.N(expr.subs(X, place), 30)
    below = sp.fraction(sp.together(expr.rewrite(sp.cos)))[1]
    assert not value.is_real or below.subs(X, flaw.lo).evalf() * below.subs(X, flaw.hi).evalf() < 0


def test_a_jump_over_zero_is_no_pole():
    """1/(atan(1/(r - 1)) + ...)^2 is finite everywhere, though the base changes its sign at 1."""
    g = Diffusivity("1/(atan(1/(|r| - 1)) + (|r| - 1)/100)^2")
    assert g.half.at(sp.S.One) == 4 / sp.pi**2


def test_a_parameter_below_zero_is_tried_at_values_below_zero():
    """At k = 1 the root is not real; k is negative, and there it is."""
    k = sp.Symbol("k", negative=True)
    for margin in (2 + sp.sin(X) - sp.exp(k), sp.exp(-k) * (2 + sp.sin(k * X)) - 1):
        assert not scan(sp.sqrt(margin), zero, oo).flaws
    assert scan(sp.sqrt(1 + sp.sin(X) + sp.exp(-X) * k * 5), zero, oo).flaws


def test_what_is_open_is_a_doubt():
    touched = sp.sqrt(1 + sp.cos(X))
    found = scan(touched, zero, oo)
    assert found.doubts
    assert not found.flaws
    with pytest.raises(Undecided):
        is_smooth(touched, zero, oo)
    assert scan(sp.sqrt(X - a + b), zero, oo).doubts or scan(sp.sqrt(X - a + b), zero, oo).flaws


@pytest.mark.parametrize("text", ["tan(r)", "r/cos(r)", "r*sqrt(cos(r))", "r*(-8)^(1/3)", "r*asin(2)"])
def test_a_hole_is_refused_even_where_it_cannot_be_named(text):
    with pytest.raises(NonlinearityError):
        Activation(text)


def test_every_node_with_a_singularity_has_a_margin():
    assert list(margins(sp.log(X) + sp.sqrt(X - 1) + 1 / X)) != []
    assert set(margins(sp.log(1 + X) / (2 + X))) == {1 + X, 2 + X}
    assert list(margins(sp.exp(sp.sin(X)) * sp.erf(X) + X**3)) == []


def test_functions_that_nothing_is_known_of_are_named():
    assert unknown_parts(sp.zeta(X) + sp.besselj(0, X) + sp.exp(X)) == ("besselj", "zeta")
    assert unknown_parts(sp.Piecewise((sp.Max(X, 1), X < 2), (sp.Abs(X), True))) == ()
