"""Integrals from 0: verified by differentiation and quadrature, real, continuous, or said to diverge."""

import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, Regulariser, Shrinkage, certify, r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.antiderivatives import verification
from symtrans.calculus.antiderivatives.verification import Diverges, integral_from_zero, primitive_of
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splitting import half_line
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import integral, number

lam, theta, a, b = sp.symbols("lambda theta a b", positive=True)
A = sp.Abs(r)
VALUES = {name: sp.Rational(7, 5) for name in ("lambda", "theta", "a")}


@pytest.mark.parametrize(
    "expr",
    [X * sp.exp(-(X**2) / (2 * lam**2)), X / sp.sqrt(1 + X**2 / lam**2), X / (1 + X / lam), X / (1 + X**2) ** 2,
     sp.atan(X / lam), sp.tanh(X), X * (1 - sp.exp(-lam / X**4)), 2 * theta**2 / X, sp.sin(X / a),
     X * sp.tanh(a * X), X**2 / (1 + sp.exp(a * (X - lam))), X * (1 + X**2 / lam**2) ** -theta,
     X**2 * sp.cos(a * X),
     1 / (1 + sp.exp(X)) ** 3, X**3 * sp.exp(-((X - a) ** 2)), X * sp.atan(X / a), X**a, X * sp.sqrt(X + a),
     sp.sqrt(X**2 - X + 1), X / (1 + X**4) - a / (1 + (X - 3) ** 2), sp.log(X + 1) * X, X * sp.erf(X)],
    ids=str,
)  # fmt: skip
def test_verified_by_differentiation_and_quadrature(expr):
    primitive = primitive_of(expr)
    values = {s: VALUES[s.name] for s in expr.free_symbols - {X}}
    difference = sp.N(primitive.subs({**values, X: 3}) - primitive.subs({**values, X: 1}), 30)
    assert abs(difference - sp.Float(str(integral(expr, 1, 3, **VALUES)), 30)) < 1e-20


def test_logarithms_stay_real():
    psi = Activation(sp.Piecewise((r / (4 - r**2), A < 1), (r / 3, True))).to(Regulariser)
    assert not psi.expr.has(sp.I)
    assert psi(0.7) == pytest.approx(float(integral(2 * X / (4 - X**2), 0, sp.Rational(7, 10))))


def test_a_primitive_that_jumps_is_none(monkeypatch):
    """The derivative of 2 atan(tan(x/2)/sqrt(3))/sqrt(3) is right; at x = pi it falls by 2 pi/sqrt(3)."""
    expr = 1 / (2 + sp.cos(X))
    jumps = 2 * sp.atan(sp.tan(X / 2) / sp.sqrt(3)) / sp.sqrt(3)
    assert abs(number(sp.diff(jumps, X) - expr, sp.Rational(9, 7))) < 1e-40
    monkeypatch.setattr(verification, "_proposals", lambda _: iter([jumps]))
    assert primitive_of(expr, sp.S.Zero, sp.Integer(3)) is not None
    assert primitive_of(expr, sp.S.Zero, sp.Integer(4)) is None


@pytest.mark.parametrize(
    "flux",
    [sp.sign(r) * sp.Min(A, a), sp.Piecewise((r, a >= A), (a**2 / r, True)), sp.Piecewise((r, A < 1), (0, True)), r * A,
     sp.Piecewise((0, sp.Eq(r, 0)), (sp.sign(r) / sp.sqrt(A), True)), sp.Piecewise((sp.sin(r), A < 2),
     (r * sp.exp(-A), A < 3), (1 / r, True))],
    ids=str,
)  # fmt: skip
def test_over_breaks_it_is_continuous_and_starts_at_zero(flux):
    half = half_line(flux, r, Parity.ODD)
    found = integral_from_zero(half)
    assert (found.parity, found.origin) == (Parity.EVEN, 0)
    exact = {a: VALUES["a"]}
    for k in range(len(found.breaks)):
        assert sp.simplify(found.before(k) - found.after(k)) == 0
        assert sp.simplify(found.values[k] - found.before(k)) == 0
    for place in (sp.Rational(1, 2), sp.Rational(5, 2), sp.Integer(5)):
        ends = [0, *(e for e in (p.subs(exact) for p in half.breaks) if e < place), place]
        pieces = [p.expr.subs(exact) for p in half.pieces]
        wanted = sum(integral(f + 0 * X, lo, hi) for f, lo, hi in zip(pieces, ends, ends[1:], strict=False))
        assert abs(float(found.subs(exact).at(place)) - float(wanted)) < 1e-9


def test_a_parameter_at_which_the_formula_divides_by_zero_is_a_case():
    found = integral_from_zero(half_line(r / ((a + A) * (b + A)), r, Parity.ODD))
    at_equal = found.subs({a: sp.Integer(2), b: sp.Integer(2)}).at(sp.Integer(1))
    assert abs(float(at_equal) - float(integral(X / (2 + X) ** 2, 0, 1))) < 1e-12


def test_two_parameters_of_which_each_may_vanish():
    c, d = sp.symbols("c d", real=True)
    for flux in (sp.atan(c * r) + sp.atan(d * r), sp.sign(r) * (sp.exp(c * A) + sp.exp(d * A) - 2)):
        found = integral_from_zero(half_line(flux, r, Parity.ODD))
        for values in ({c: 0, d: 0}, {c: 0, d: 2}, {c: -3, d: 0}, {c: -1, d: 2}):
            exact = {symbol: sp.Integer(value) for symbol, value in values.items()}
            wanted = integral(flux.subs(exact).subs(r, X), 0, 1)
            assert abs(float(found.subs(exact).at(sp.Integer(1))) - float(wanted)) < 1e-12


@pytest.mark.parametrize("flux", [r * (1 + A / a) ** (-b), r * A * (1 + A / a) ** (-b)], ids=str)
def test_a_power_that_is_a_logarithm_for_several_exponents(flux):
    found = integral_from_zero(half_line(flux, r, Parity.ODD))
    assert not found.pieces[0].expr.has(sp.Integral)
    for power in (1, 2, 3, sp.Rational(1, 2)):
        exact = {a: VALUES["a"], b: sp.sympify(power)}
        wanted = integral(flux.subs(exact).subs(A, X).subs(r, X), 0, 1)
        assert abs(float(found.subs(exact).at(sp.Integer(1))) - float(wanted)) < 1e-12


@pytest.mark.parametrize("power", [-(a + 1) / 2, -a / 2 - sp.Rational(3, 2), (1 - a) / 3, b - a / 2], ids=str)
def test_a_power_whose_exponent_is_a_parameter_and_a_fraction(power):
    """Student's t with a degrees of freedom among them."""
    flux = r * (1 + r**2 / a) ** power
    found = integral_from_zero(half_line(flux, r, Parity.ODD))
    exact = {a: VALUES["a"], b: sp.Rational(5, 4)}
    assert not found.pieces[0].expr.has(sp.Integral)
    wanted = integral(flux.subs(exact).subs(r, X), 0, 1)
    assert abs(float(found.subs(exact).at(sp.Integer(1))) - float(wanted)) < 1e-12


def test_divergence_is_said():
    for flux in (1 / r, 1 / r**2, sp.Piecewise((1 / r, A < 1), (r, True))):
        with pytest.raises(Diverges):
            integral_from_zero(half_line(flux, r, Parity.EVEN))


def test_no_closed_form_is_an_integral_that_can_be_evaluated():
    found = integral_from_zero(half_line(r * sp.exp(-(sp.sin(r) ** 2)), r, Parity.ODD), budget=1)
    assert found.pieces[0].expr.has(sp.Integral)


@pytest.mark.parametrize(
    "flux",
    [
        lambda c, d: r**3 / (c + r**2),
        lambda c, d: r**3 / (c**2 + r**2),
        lambda c, d: r * A / (c + A),
        lambda c, d: r**3 / (c + d + 1 + r**2),
        lambda c, d: c * r / (1 + c),
        lambda c, d: d * r**3 / (c + r**2) + r / (1 + d * r**2),
        lambda c, d: c * r / (c + r**2) + r / (1 + d * r**2),
        lambda c, d: r**3 / (c + r**2) + r * sp.exp(-d * r**2),
    ],
)
def test_a_sign_that_is_open_but_for_one_value(flux):
    c, d = sp.symbols("c d", nonnegative=True)
    flux = flux(c, d)
    found = integral_from_zero(half_line(flux, r, Parity.ODD))
    for exact in (
        {c: sp.Integer(0), d: sp.Integer(0)},
        {c: sp.Integer(0), d: sp.Integer(2)},
        {c: sp.Integer(3), d: sp.Integer(0)},
        {c: sp.Integer(3), d: sp.Integer(1)},
    ):
        wanted = integral(flux.subs(exact).subs(A, X).subs(r, X), 0, 1)
        assert abs(float(found.subs(exact).at(sp.Integer(1))) - float(wanted)) < 1e-12


@pytest.mark.parametrize(
    "flux",
    [
        lambda c, d: r * (1 + c * r**2) ** (-d),
        lambda c, d: r * (1 + c * A) ** (-a),
        lambda c, d: r * sp.Piecewise((1, a >= A), (sp.exp(-c * (A - a)), True)),
        lambda c, d: r * sp.Piecewise((1, a >= A), (sp.exp(-c * (A - a)), 2 * a >= A), (sp.exp(-c * a - d * A), True)),
        lambda c, d: r * (1 + c * A) ** (-a) + r * sp.exp(-d * A),
    ],
)
def test_a_parameter_that_may_be_zero_beside_an_exponent_or_behind_a_break(flux):
    c, d = sp.symbols("c d", nonnegative=True)
    flux = flux(c, d)
    found = integral_from_zero(half_line(flux, r, Parity.ODD))
    for exact in ({c: 0, d: 0}, {c: 0, d: 2}, {c: 3, d: 0}, {c: 3, d: 1}, {c: 2, d: 3}):
        for exponent in ("1/3", 1, 2):
            values = {**exact, a: sp.Rational(exponent)}
            formula = flux.subs(values).subs(A, X).subs(r, X)
            wanted = sum(integral(formula, sp.Rational(k, 3), sp.Rational(k + 1, 3)) for k in range(3))
            assert abs(float(found.subs(values).at(sp.Integer(1))) - float(wanted)) < 1e-12


def test_two_powers_are_logarithms_each_for_its_own_exponent():
    flux = r * (1 + r**2) ** (-a) + r * (1 + 2 * r**2) ** (-b)
    found = integral_from_zero(half_line(flux, r, Parity.ODD))
    for one, other in ((1, 1), (1, 2), (2, 1), (2, 3)):
        values = {a: sp.Integer(one), b: sp.Integer(other)}
        wanted = integral(flux.subs(values).subs(r, X), 0, 1)
        assert abs(float(found.subs(values).at(sp.Integer(1))) - float(wanted)) < 1e-12


def test_each_piece_has_the_cases_that_it_needs():
    c, d = sp.symbols("c d", nonnegative=True)
    power = sp.Piecewise((1, a >= A), ((A / a) ** (-b), 2 * a >= A), (0, True))
    found = Diffusivity(d * power + sp.log(1 + c * A)).to(Regulariser)
    near = found([0.5, 1.5, 3.0], a=1.0, b=2.0, c=0.0, d=1.0)
    assert near == pytest.approx(found([0.5, 1.5, 3.0], a=1.0, b=2.0 + 1e-6, c=1e-5, d=1.0), rel=1e-4)


def test_a_case_in_a_parameter_may_join_one_in_the_variable():
    c = sp.Symbol("c", nonnegative=True)
    diffusivity = Diffusivity(sp.Piecewise((1, a >= A), (sp.exp(-c * (A - a)), True)))
    written = diffusivity.to(Regulariser)
    assert sp.Eq(c, 0) in written.expr.atoms(sp.Eq)
    again = Regulariser(written.expr)
    assert again == written
    assert again([0.5, 2.0], a=1.0, c=0.0).tolist() == [0.25, 4.0]
    assert "no value" not in certify(again).g_max.reason


def test_a_sign_on_which_the_formula_depends_stays_open():
    c = sp.Symbol("c", nonnegative=True)
    with pytest.raises(Undecided):  # it diverges for c = 0
        integral_from_zero(half_line(r / (c + r**2), r, Parity.ODD))


def test_where_the_formula_itself_divides_by_zero_there_is_no_case():
    c = sp.Symbol("c", real=True)
    shrinkage = Shrinkage(c * r / (1 + c))
    assert shrinkage.to(Regulariser).expr == r**2 / (1 + c)


@pytest.mark.parametrize("exponents", [(1, 1, 2), (2, 1, 2), (3, 2, 1), (3, 1, 3), (2, 2, 2)], ids=str)
def test_each_piece_has_the_special_values_of_those_before_it(exponents):
    """The sum over earlier pieces divides by one parameter where another one is special."""
    c = sp.Symbol("c", positive=True)
    far = sp.Piecewise(((1 + A) ** (-b), theta + 1 >= A), ((theta / A) ** c, True))
    found = integral_from_zero(
        half_line(r * sp.Piecewise(((1 + r**2) ** (-a), theta >= A), (far, True)), r, Parity.ODD)
    )
    exact = dict(zip((a, b, c, theta), map(sp.Integer, (*exponents, 1)), strict=True))
    ends = [(0, 1, X * (1 + X**2) ** -exact[a]), (1, 2, X * (1 + X) ** -exact[b]), (2, 3, X ** (1 - exact[c]))]
    wanted = sum(integral(formula, lo, hi) for lo, hi, formula in ends)
    assert abs(float(found.subs(exact).at(sp.Integer(3))) - float(wanted)) < 1e-12
