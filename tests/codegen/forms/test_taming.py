"""Kernels and their adjoints at 10^k over the whole range of a dtype, beside the breaks, against many digits."""

from functools import cache

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from benchmarks.floats import faults
from symtrans import Activation, Diffusivity, Network, catalogue
from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.cancellation import (
    in_one_quotient,
    in_powers_of_exponentials,
    with_differences_of_exponentials,
    with_logarithms_of_quotients,
    without_cancellation,
    without_differences_of_roots,
)
from symtrans.codegen.forms.exponentials import in_falling_exponentials
from symtrans.codegen.forms.form import Tamed, falling_bounds, layers
from symtrans.codegen.forms.powers import in_halves, with_powers_together
from symtrans.codegen.forms.running import run
from symtrans.codegen.forms.taming import tamed
from symtrans.codegen.forms.trials import Formula
from symtrans.codegen.formulas import formulas_of
from symtrans.codegen.program.shared_parts import A, R, Scaled
from symtrans.codegen.program.three_address import Operation
from tests.codegen.test_approximations import needs_compiler

TYPED = (
    "(exp(r)-exp(-r))/(exp(r)+exp(-r))",
    "r*cosh(r)/(1+cosh(r))",
    "exp(-r^2)*sinh(r)",
    "tanh(r)/cosh(r)",
    "atan(sinh(r))",
    "asinh(sinh(r)/2)",
    "r/(1+exp(|r|-5))",
    "r-tanh(r)",
    "r*exp(-a*|r|)*sinh(|r|)/cosh(r)",
    "r/(1+r^2)*cosh(r)/(1+cosh(r))",
    "r*exp(r^2)*erfc(|r|)",
    "r*(sqrt(1+r^2)-|r|)",
    "r*(pi/2-atan(|r|))",
    "r*log((2+r^2)/(1+r^2))",
    "r/(1+log(1+r^2/lambda^2))",
    "r*log(1+1/r^2)",
    "r/(1+(|r|/lambda)^(1/2))",
    "r/(1+(|r|/lambda)^p)",
    "r*|r|*exp(r^2)*erfc(|r|)",
    "r*exp(-r^2)/(exp(-r^2)+1/4)",
)
PARAMETRIC = (
    "r*|r|^(p-2)",
    "asinh(r/a)/(1+|r|/b)",
    "r*(exp(-r^2/a^2)+b*exp(-r^2/4))/(1+b)",
    "Piecewise((r*(1-|r/a|^p)^q, |r|<a), (0, True))",
    "r*|r|^k*exp(-|r|/a)",
    "sgn(r)*|r|^p*exp(-|r|^q)",
    "sgn(r)*ln(1+|r|^p)",
    "r*(a^2+r^2)^(p/2-1)",
    "r*ln(1+|r/a|^p)/|r/a|^p",
    "r/(1+ln(1+(r/a)^2))^b",
    "r*(1-(1-exp(-a^2/r^2))^3)",
    "r*(exp(-|r|/a)-exp(-|r|/b))",
)
QUICK = ("charbonnier", "perona-malik", "mish", "pade-tanh", "truncated-bfb", "hyperbolic", "weickert-4")
# the digits of sin(omega r) are lost with those that the argument has before its point
APART = {"sine", "x-plus-sine"}
FAMILIES = [name for name in catalogue if name not in APART]
DECADES = {"float32": range(-36, 39, 3), "float64": range(-300, 301, 15)}
_TOLERANCE, _BESIDE = 400, (-4, -2, -1, -0.5, 0.5, 1, 2, 4)


def values_of(half):
    """A number for each parameter, in an order that the catalogue's families allow."""
    return {symbol: sp.Rational(3 + k, 4) for k, symbol in enumerate(sorted(half.parameters, key=str))}


def judge(function, digits):
    """A formula by mpmath, with as many digits as may cancel where r is far from 1."""
    compiled = sp.lambdify(X, function, "mpmath")

    @cache
    def value(at):
        with mp.workdps(min(digits, 80 + 4 * abs(int(mp.log10(at))))):
            return mp.mpf(compiled(at).real)

    return value


def check(nonlinearity, target, dtype):
    """Phi, Phi' and derivatives by parameters: errors are measured by the largest value so far.

    Where a function is steep, and beside its breaks, a value may be that of a number a few steps from r.
    """
    network = Network(nonlinearity, blocks=1, tau="1/8", unstable="allow")
    half = network.activation.half
    values = values_of(half)
    exact = [mp.mpf(sp.N(place.subs(values), 60)) for place in half.breaks]
    breaks = [np.dtype(dtype).type(float(place)) for place in exact]
    beside = [
        step
        for place in breaks
        for step in (np.nextafter(place, 0, dtype=dtype), np.nextafter(place, np.inf, dtype=dtype))
    ]
    eps, tiny, most = (float(x) for x in (np.finfo(dtype).eps, np.finfo(dtype).tiny, np.finfo(dtype).max))
    r = np.array(sorted({*(10.0**k for k in DECADES[dtype]), 0.3, 2.0, 30.0, 90.0, *map(float, beside)}), dtype=dtype)
    r = r[r < most]
    kernel = network.compile(target, dtype, clamp=False)
    named = {name: float(values[symbol]) for name, symbol in zip(kernel._keys, kernel._symbols, strict=True)}
    pairs = np.stack([0 * r, r], axis=1)
    found = {"flux": 8 * kernel(pairs, **named)[:, 0].astype(float)}
    rows = [kernel.vjp(pair, np.array([1, 0], dtype), **named) for pair in pairs]
    found["slope"] = np.array([8 * float(grad[1]) for grad, _ in rows])
    wanted = {"flux": lambda e: e, "slope": lambda e: e.diff(X)}
    for key, symbol in zip(kernel._keys, kernel._symbols, strict=True):
        found[key] = np.array([8 * by[key] for _, by in rows])
        wanted[key] = lambda e, symbol=symbol: e.diff(symbol)
    for output, derive in wanted.items():
        judges = [judge(derive(piece.expr).subs(values), 1000 if eps < 1e-10 else 200) for piece in half.pieces]

        def right(at, judges=judges):
            return judges[sum(at > place for place in exact)](at)

        reach = mp.mpf(0)
        for at, value in zip(map(mp.mpf, map(float, r)), found[output], strict=True):
            here = right(at)
            reach = max(reach, abs(here))
            if reach > most / 64:
                break
            allowed = _TOLERANCE * eps * reach + 64 * tiny
            if not abs(value - here) <= allowed:
                near = [here, *(right(at * (1 + k * eps)) for k in _BESIDE)]
                assert min(near) - allowed <= value <= max(near) + allowed, (output, at, value, here)


@needs_compiler
@pytest.mark.parametrize("name", [*QUICK[:2], pytest.param("mish", marks=pytest.mark.long)])
def test_families_in_c(name):
    check(catalogue[name], "c", "float32")


@pytest.mark.parametrize("name", QUICK)
def test_families_in_numpy(name):
    check(catalogue[name], "numpy", "float32")


@pytest.mark.parametrize("text", TYPED)
def test_what_people_type(text):
    check(Activation(text), "numpy", "float32")


@pytest.mark.parametrize("text", ["a*tanh(r/a)", "r*a^2/(a^2+r^2)"])
def test_formulas_with_parameters_over_the_whole_range(text):
    assert next(faults(text, "float32", "numpy", step=12), None) is None


def test_derivatives_by_parameters_keep_their_digits_next_to_zero():
    p, q = sp.symbols("p_p p_q", positive=True)
    y = X**p
    mixture = X * (sp.exp(-p * X) - sp.exp(-q * X)) * q
    for expr, parameter in ((X * (1 - y) ** q, q), (p * sp.asinh(X) / (p + X), p), (mixture, q)):
        slope, high = expr.diff(parameter), sp.S.One if expr.has((1 - y) ** q) else sp.oo
        tame, given = tamed(Formula(slope, True, sp.S.Zero, high, "float32")), {p: sp.Rational(5, 4), q: sp.Rational(3)}
        form = tame.form if tame.inner is None else tame.inner[1]
        for size in np.float32([1e-9, 1e-6, 1e-3]):
            exact = sp.N(slope.subs({**given, X: sp.Rational(float(size))}), 20, maxn=1000)
            assert run(without_cancellation(form), size[None], 1, given) == pytest.approx(float(exact), rel=1e-4, abs=0)


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", PARAMETRIC)
def test_more_that_people_type_with_parameters(text, dtype):
    check(Activation(text), "numpy", dtype)


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FAMILIES)
def test_every_family(name, dtype):
    check(catalogue[name], "numpy", dtype)


@needs_compiler
@pytest.mark.long
@pytest.mark.parametrize("name", FAMILIES[::4])
def test_every_fourth_family_in_c(name):
    check(catalogue[name], "c", "float64")


@needs_compiler
def test_large_differences_make_no_nan():
    phi = Activation(TYPED[0])
    signal = np.array([0, 0, 0, 120, 121, 119, 0, 0, 0], np.float32)
    for target in ("c", "numpy"):
        kernel = Network(phi, blocks=4).compile(target, "float32")
        u = kernel(signal)
        assert signal.min() <= u.min() <= u.max() <= signal.max()
        grad, _ = kernel.vjp(signal, np.ones_like(signal))
        assert np.isfinite(grad).all()


@pytest.mark.parametrize("text", ["1/(1+(|r|/a)^b)", "exp(-(|r|/a)^b)"])
def test_slopes_are_numbers_whatever_the_power(text):
    kernel = Network(Diffusivity(text), blocks=1, tau="1/64", unstable="allow").compile("numpy", "float32")
    for power in (0.02, 1.7, 30.0, 704.0):
        for r in (0.05, 1.1, 2.0, 60.0, 1e30):
            grad, _ = kernel.vjp(np.array([0, r], np.float32), np.array([1, 0], np.float32), a=2.0, b=power)
            assert np.isfinite(grad).all()


def finite_rows(text, dtype, at, target="numpy", **parameters):
    """The slope, and the derivatives by parameters, at each place."""
    kernel = Network(Activation(text), blocks=1, tau="1/8", unstable="allow").compile(target, dtype)
    rows = [kernel.vjp(np.array([0, r], dtype), np.array([1, 0], dtype), **parameters) for r in at]
    found = np.array([[8 * float(grad[1]), *(8 * float(by[name]) for name in by)] for grad, by in rows])
    assert np.isfinite(found).all()
    return found


@pytest.mark.long
def test_gradients_vanish_where_a_power_by_a_parameter_overflows():
    found = finite_rows("r*exp(-|r/a|^b)", "float32", (20, 1e3, 1e37), a=2.0, b=40.0)
    assert (found == 0).all()


@pytest.mark.long
def test_slopes_next_to_zero_where_a_power_by_a_parameter_underflows_or_overflows():
    for text in ("r*log(1+|r/a|^p)/|r/a|^p", "r*(1-exp(-|r/a|^(-p)))"):
        assert finite_rows(text, "float32", (1e-41, 1e-20, 0.1), a=2.0, p=40.0)[:, 0] == pytest.approx(1)


def test_an_exponential_of_a_power_by_a_parameter_is_held_where_it_is_nothing():
    b = sp.Symbol("p_b", positive=True)
    form = tamed(Formula(X**b * sp.exp(-(X**b)), False, sp.S.Zero, sp.oo, "float32")).form
    assert run(form, np.float32([1, 20, 1e30]), 1, {b: sp.Integer(9)}) == pytest.approx([np.exp(-1), 0, 0])


def test_a_product_that_overflows_is_made_from_its_exponentials_on():
    found = finite_rows("r*|r|^(1/2)*exp(-|r|^3)*|r|^(5/2)", "float32", (1e10, 1e20, 1e37))
    assert (found == 0).all()


def test_what_parameters_make_large_or_small_goes_with_the_exponential():
    """The derivative by b of exp(-r^2/b^2) erf(r/c): neither r^2 nor 1/b^3 alone stays in the range of the format."""
    b, c = sp.symbols("p_b p_c", positive=True)
    gradient = 2 * X**2 * sp.erf(X / c) * sp.exp(-(X**2) / b**2) / b**3
    form = tamed(Formula(gradient, True, sp.S.Zero, sp.oo, "float32")).form
    assert run(form, np.float32([1e22, 1e37]), 1, {b: sp.S.One, c: sp.S.One}).tolist() == [0, 0]
    small = sp.Rational(1, 10**6)
    (found,) = run(form, np.float32([1e-16]), 1, {b: small, c: sp.S.One})
    assert found == pytest.approx(2e-32 * (2 / np.sqrt(np.pi) * 1e-16) * 1e18)


def test_a_form_next_to_zero_that_reaches_as_far_as_numbers_do_stands_alone():
    q = sp.Symbol("p_q", positive=True)
    tame = tamed(Formula(X**q * q * (q + 1) / (2 * X), False, sp.S.Zero, sp.oo, "float64"))
    largest = max(tame.form.atoms(sp.Integer), default=0) if tame.inner is None else tame.inner[0]
    assert largest <= np.finfo("float64").max


def test_slopes_at_the_least_numbers():
    assert finite_rows("r*atan(1/|r|)", "float32", (1e-44, 1e-41, 1e-38))[:, 0] == pytest.approx(np.pi / 2)


@pytest.mark.long
def test_a_hold_that_is_right_for_the_example_alone_does_not_end_the_search():
    found = finite_rows("tanh(a*r)/cosh(b*r)", "float32", (90, 1e37), a=3.0, b=0.1)
    assert found[:, 0] == pytest.approx([-2.4682e-05, 0], rel=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("size", [sp.Rational(1, 2**18), sp.Integer(2) ** 18])
def test_no_argument_is_held_where_another_parameter_moves_the_place(size):
    """The slope of r/(1 + exp(b (|r| - c))), next to |r| = 1/b and beyond."""
    b, c = sp.symbols("p_b p_c", positive=True)
    slope = (X / (1 + sp.exp(b * (X - c)))).diff(X)
    form = tamed(Formula(slope, False, sp.S.Zero, sp.oo, "float32")).form
    places = np.float32([0.5 / size, 3 / size, 1e4, 1e30])
    found = run(form, places, 1, {b: size, c: sp.S.One})
    exact = [sp.N(slope.xreplace({b: size, c: sp.S.One, X: sp.Rational(float(r))}), 20) for r in places]
    assert found == pytest.approx(np.array(exact, float), abs=1e-4)


def test_what_is_right_stays_as_it_is():
    assert tamed(Formula(X * sp.exp(-(X**2)), True, sp.S.Zero, sp.oo, "float32")).places == frozenset()


@pytest.mark.parametrize("dtype", DECADES)
def test_derivatives_share_the_exponential_of_their_function(dtype):
    stages = Network(catalogue["perona-malik"], tau="1/8").lowered("c", dtype)
    for program in (stages.gradients, stages.diffusivity_gradients):
        assert [one.operation for one in program.instructions].count(Operation.EXP2_NEGATIVE) == 1
    gaussian, held = sp.exp(-X), frozenset({25})
    assert tamed(Formula(gaussian, False, sp.S.Zero, sp.oo, "float32", held)).places == held
    far = tamed(Formula(sp.exp(-X / 2**30), False, sp.S.Zero, sp.oo, "float32", frozenset({-30})))
    assert far.places == frozenset()  # it still falls there
    assert tamed(Formula(1 / sp.sqrt(1 + X), False, sp.S.Zero, sp.oo, "float32", held)).places == frozenset()


@pytest.mark.long
def test_an_expansion_is_refused_where_its_bound_does_not_move_with_the_parameters():
    a, b = sp.symbols("a b", positive=True)
    expr = X - sp.log(1 + a * X + b * X**2) / a
    assert tamed(Formula(expr, True, sp.S.Zero, sp.oo, "float32")).inner is None
    assert tamed(Formula(expr.subs({a: 1, b: 0}), True, sp.S.Zero, sp.oo, "float32")).inner is not None


def test_each_output_has_its_own_bounds():
    lam = sp.Symbol("lambda", positive=True)
    block = Network(Activation(X - lam * sp.tanh(X / lam), variable=X), tau="1/8", unstable="allow")._block("float32")
    cases = formulas_of(block, R, (), gradients=True).cases
    bounds = {one for case in cases for one in [case.bound] if one is not None}
    assert len(cases) == len(bounds) + 1


def test_differences_of_roots_keep_their_value():
    for expr in (
        A - sp.sqrt(A**2 - 2),
        sp.sqrt(3 + (A + 1) ** 2) - sp.sqrt(3 + (A - 1) ** 2),
        1 - 1 / sp.sqrt(1 + A**2),
    ):
        form = without_differences_of_roots(expr)
        assert form != expr
        assert abs(sp.N((form - expr).subs(A, sp.Rational(9, 4)), 30)) < 1e-25


def test_other_forms_keep_the_value():
    b = sp.Symbol("p_b", positive=True)
    changes = {
        in_one_quotient: (sp.asinh(A) / (A + b) - b * sp.asinh(A) / (A + b) ** 2, 1 - (1 - sp.exp(-2 * A)) ** 3 / A),
        in_powers_of_exponentials: (1 - (1 - sp.exp(-A)) ** 3 + A * sp.exp(-2 * A), (1 + b * sp.exp(-(A**2))) ** 2 - 1),
        with_differences_of_exponentials: (
            sp.exp(-A) - sp.exp(-b * A),
            2 - 3 * sp.exp(-b * A**2) + 3 * sp.exp(-(A**2)),
        ),
        with_logarithms_of_quotients: (A * sp.log(b**2 + A), sp.Piecewise((sp.log(1 - A**b / 3**b), A < 3), (0, True))),
        lambda form: in_halves(form, 1e300): (
            A**b * sp.exp(-A) * (1 + A),
            A ** (b + 1) * sp.exp(-A / b) * sp.log(A) / b,
        ),
    }
    for change, examples in changes.items():
        for form in examples:
            changed = change(form)
            assert changed != form
            for size in (sp.Rational(1, 7), sp.Rational(9, 4)):
                given = {A: size, b: sp.Rational(5, 3)}
                before, after = (one.replace(Scaled, sp.Mul).subs(given) for one in (form, changed))
                assert abs(sp.N(before - after, 30)) < 1e-25


def test_places_next_to_zero_that_move_with_an_exponent_are_in_order():
    a, p = sp.symbols("p_a p_p", positive=True)
    near, far = (a * sp.exp(-sp.Min(707, k / p)) for k in (4, 2))
    forms = tuple(Tamed(X, inner=(place, X), outer=(131072 * a, X)) for place in (near, far))
    assert falling_bounds(forms) == [131072 * a, far, near]


def test_bounds_in_no_order_are_told_apart_whichever_is_larger():
    a, b = sp.symbols("p_a p_b", positive=True)
    forms = Tamed(A, outer=(a, A)), Tamed(A, inner=(a / 4, A), outer=(b, A)), Tamed(A, outer=(4 * a, A))
    found = layers(forms)
    for values in ({a: 1, b: sp.Rational(1, 8)}, {a: 1, b: sp.Rational(1, 2)}, {a: 1, b: 2}, {a: 1, b: 32}):
        for r in (sp.Rational(1, 16), sp.Rational(3, 16), sp.Rational(3, 8), sp.Rational(3, 2), 3, 5, 64):
            held = next((held for place, held in found if r > place.subs(values)), frozenset())
            assert held == {bound for one in forms for bound in one.bounds if r > bound.subs(values)}


@pytest.mark.long
@pytest.mark.parametrize("text", ["r/(1+(r^2/a^2)^p)+b*tanh(r/a)", "r*(1+b*r^2/a^2)/(1+r^2/a^2)^2"])
def test_several_parameters_over_the_whole_range(text):
    assert next(faults(text, "float32", "numpy", step=3), None) is None


def test_powers_of_one_product_are_one_power():
    p = sp.Symbol("p_p", positive=True)
    expr = p * X**p / X**2 - X**p / X**2
    assert with_powers_together(expr) == (p - 1) * X ** (p - 2)
    form = tamed(Formula(X**p / X, True, sp.S.Zero, sp.oo, "float32")).form
    assert run(form, np.float32([1e-24, 1e24]), -1, {p: sp.Rational(5, 2)}) == pytest.approx(
        [-1e-36, -1e36], rel=1e-6, abs=0
    )


@pytest.mark.parametrize("text", ["r*acos(|r|/a)", "r*exp(1-1/(1-r^2/a^2))", "r*sqrt(1-|r/a|^3)"])
def test_one_step_beside_a_break_all_is_a_number(text):
    kernel = Network(Activation(f"Piecewise(({text}, |r|<a), (0, True))"), blocks=1, tau="1/8", unstable="allow")
    run_it = kernel.compile("numpy", "float32")
    for a in np.float32([1000, 0.3, 7, 49]):
        grad, by = run_it.vjp(np.array([0, np.nextafter(a, np.float32(0))]), np.float32([1, 0]), a=float(a))
        assert np.isfinite([*grad, by["a"]]).all()


@pytest.mark.parametrize("text", ["tanh(r^3)", "r^3*exp(-r^2)*12", "tanh(r^3)/cosh(r)"])
def test_a_number_goes_not_with_what_grows_where_an_exponential_is_0(text):
    """12 r is infinite at 1e38, and 0 times that no number: the slope of tanh(r^3) is 12 exp(-2 r^3) r r/(...)."""
    assert (abs(finite_rows(text, "float32", (1e30, 1e38))) < 1e-12).all()


@pytest.mark.parametrize(
    "text",
    [
        "erf((r+a)/b)+erf((r-a)/b)",
        pytest.param("r*(exp(-(|r|-a)^2/b^2)-exp(-(|r|+a)^2/b^2))", marks=pytest.mark.long),
    ],
)
def test_bells_on_either_side_of_0(text):
    """Exponents differ by 4 a r/b^2, which their squares have lost."""
    places = (1e-15, 1e-9, 1e-4, 0.1)
    found = finite_rows(text, "float32", places, a=1.0, b=1.25)
    r, a, b = sp.symbols("r a b", positive=True)
    by_a = sp.sympify(text.replace("|r|", "r").replace("^", "**"), locals={"r": r, "a": a, "b": b}).diff(a)
    exact = [float(by_a.subs({r: sp.Rational(at), a: 1, b: sp.Rational(5, 4)}).evalf(20, maxn=400)) for at in places]
    assert found[:, 1] == pytest.approx(np.array(exact), rel=1e-5, abs=0)


def assert_own_digits(expr, given, places, rel):
    """Of the form in float32: relative to each value."""
    tame = tamed(Formula(expr, True, sp.S.Zero, sp.oo, "float32"))
    for size in np.float32(places):
        at = sp.Rational(float(size))
        form = tame.beyond(lambda bound, at=at: bool(at > bound.subs(given)))
        exact = float(sp.N(expr.subs({**given, X: at}), 20, maxn=1000))
        assert run(form, size[None], 1, given) == pytest.approx(exact, rel=rel, abs=0)


@pytest.mark.parametrize("function", [sp.tanh, *(pytest.param(f, marks=pytest.mark.long) for f in (sp.atan, sp.asinh))])
def test_differences_of_what_saturates_at_any_size(function):
    """Where a and b are small a polynomial in r ends where they are, and next to 0 no digits are lost."""
    a, b = sp.symbols("p_a p_b", positive=True)
    expr = function((X + a) / b) + function((X - a) / b)
    for size in (sp.Rational(1, 1024), sp.Integer(1024)):
        given, places = {a: sp.Rational(5, 4) * size, b: sp.Rational(3, 2) * size}, [1e-9, 1e-5, 1e-3, 1, 60]
        assert_own_digits(expr, given, [place * float(size) for place in places], 1e-4)


@pytest.mark.long
def test_powers_by_a_parameter_next_to_1():
    """((1 + y)^p - 1)/p and its derivative by p, which is about y^2/2, for small and large p."""
    p = sp.Symbol("p_p", positive=True)
    expr = ((1 + X) ** p - 1) / p
    for power in (sp.Rational(1, 30), sp.Rational(5, 4), sp.Integer(30)):
        for one in (expr, expr.diff(p)):
            assert_own_digits(one, {p: power}, [1e-17, 1e-9, 1e-4, 0.02, 1.3], 1e-4)


@pytest.mark.long
def test_logarithms_of_1_and_what_is_next_to_0():
    """The derivative by p of r (a^2 + r^2)^(p/2 - 1), with a = 1."""
    a, p = sp.symbols("p_a p_p", positive=True)
    slope = (X * (a**2 + X**2) ** (p / 2 - 1)).diff(p)
    assert_own_digits(slope, {a: sp.S.One, p: sp.Rational(5, 4)}, [1e-9, 1e-4, 0.2, 3, 1e15], 1e-4)


def test_bells_of_tanh_keep_their_digits_on_either_side():
    """The derivative by a of r (1 - tanh(r - a)^2) at r = 1000, a = 1024 is 8 r exp(-48)."""
    a = sp.Symbol("p_a", positive=True)
    for expr in ((X * (1 - sp.tanh(X - a) ** 2)).diff(a), X * (3 - 3 * sp.tanh(2 * X - a) ** 2)):
        for size, places in ((1, [0.01, 1, 3, 20]), (1024, [480, 500, 505, 520, 999, 1020, 1030])):
            assert_own_digits(expr, {a: sp.Integer(size)}, places, 1e-3)


def test_what_a_product_is_next_to_0_need_not_be_a_product():
    """The slope of 1 - r/sinh(r) is r/3; r^2 over sinh(r) is 0 where r^2 is."""
    even = X * sp.cosh(X) / sp.sinh(X) ** 2 - 1 / sp.sinh(X)
    form = tamed(Formula(even, False, sp.S.Zero, sp.oo, "float32")).inner[1]
    assert run(form, np.float32([1e-33, 1e-20, 1e-3]), 1, {}) == pytest.approx(np.array([1e-33, 1e-20, 1e-3]) / 3)


def test_functions_that_grow_where_r_over_the_scale_overflows():
    a, p = sp.symbols("p_a p_p", positive=True)
    given, places = {a: sp.Rational(1, 1024), p: sp.Rational(5, 4)}, [1e-3, 1e5, 1e20, 1e36, 1e38]
    for expr in (X / (1 + sp.log(1 + X**2 / a**2)), X * (a**2 + X**2) ** (p / 2 - 1), a * sp.log(sp.cosh(X / a))):
        assert_own_digits(expr, given, places, 1e-5)


def test_powers_of_1_and_r_as_one():
    """The derivative by a of ((1 + r/a)^p - 1)/p: (1 + r/a)^p is infinite where the product is a number."""
    a, p = sp.symbols("p_a p_p", positive=True)
    by_a = (((1 + X / a) ** p - 1) / p).diff(a)
    assert_own_digits(by_a, {a: sp.Integer(1024), p: sp.Rational(5, 4)}, [1, 1e10, 1e34], 1e-4)


def test_a_logarithm_is_held_and_not_the_power_before_it():
    p = sp.Symbol("p_p", positive=True)
    form = tamed(Formula(X**p * sp.log(X), True, sp.S.Zero, sp.oo, "float32")).form
    found = run(form, np.float32([0, 1e-43, 1e-38]), 1, {p: sp.S.One})
    assert found == pytest.approx([0, -1e-41, -1e-38 * np.log(1e38)], rel=0.15, abs=0)


def test_places_move_with_what_is_added_to_r():
    a = sp.Symbol("p_a", positive=True)
    bump, falling = X * (1 - sp.tanh(X - a) ** 2) + sp.tanh(X), X * (sp.pi / 2 - sp.atan(X**2 - a**2))
    assert_own_digits(bump, {a: sp.Integer(1024)}, [1e-3, 1024, 1e4, 1e6], 1e-3)
    assert_own_digits(falling, {a: sp.S.One}, [1e-3, 1, 100, 1e4], 1e-3)


def test_falling_exponentials_keep_the_value():
    for text in (
        "sinh(x)/cosh(x)^3",
        "log(1+exp(x))*x/(1+exp(x^2-x))",
        "x*cosh(3*x)/(exp(x)+exp(4*x))",
    ):
        expr = sp.sympify(text, locals={"x": X})
        form = in_falling_exponentials(expr)
        assert form != expr
        for place in (sp.Rational(1, 7), sp.Rational(9, 4)):
            assert abs(sp.N((form - expr).subs(X, place), 30)) < 1e-25


def test_a_sum_of_many_peaks_is_left_as_it_is():
    peaks = sp.Add(*(sp.exp(-((X - k) ** 2)) for k in range(9)))
    assert in_falling_exponentials(peaks) == peaks


def test_a_derivative_about_r_cubed_does_not_vanish_where_r_squared_does():
    kernel = Network(catalogue["arsinh"], blocks=1, tau="1/8", unstable="allow").compile("numpy")
    _, by = kernel.vjp(np.array([0.0, 1e-90]), np.array([1.0, 0.0]), lam=0.75)
    assert 8 * by["lam"] == pytest.approx(1e-270 / 3 / 0.75**3, rel=1e-14)


# -- several scales, orders of sums, subnormal numbers ---------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "far"),
    [
        ("r*(1-b*r^2)/(1+r^4/a^4)", lambda r, a, b: (b * a**4 / r**2, -4 * a**3 * b / r, -(a**4) / r)),
        ("a*tanh(r/a)/(1+r^2/b^2)", lambda r, a, b: (-2 * a * b**2 / r**3, b**2 / r**2, 2 * a * b / r**2)),
        ("r/(1+exp((r^2-a^2)/b^2))", lambda r, a, b: (0, 0, 0)),
        ("r/(1+b*|r|+a*r^2)", lambda r, a, b: (-1 / (a * r**2), -1 / (a**2 * r), -1 / (a**2 * r**2))),
    ],
)
def test_formulas_of_several_scales_far_out(text, far):
    """No place at which an argument is held suits all values of two lengths, but a multiple of one of them does."""
    a, b, at = 2.0, 1.25, [1e8, 1e13, 1e22, 1e37]
    found = finite_rows(text, "float32", at, a=a, b=b)
    exact = np.array([far(r, a, b) for r in at])
    assert found == pytest.approx(exact, rel=2e-3, abs=1e-24)


def test_one_of_several_scales_is_taken_out():
    """The slope of x (1 - b x^2)/(1 + x^4/a^4): no place to hold x at suits all a, one over a does."""
    a, b = sp.symbols("p_a p_b", positive=True)
    slope = (X * (1 - b * X**2) / (1 + X**4 / a**4)).diff(X)
    form = tamed(Formula(slope, False, sp.S.Zero, sp.oo, "float32")).form
    for size in (sp.Rational(1, 2**18), sp.Integer(2) ** 18):
        found = run(form, np.float32([size / 2, size * 2**10, 1e36]), 1, {a: size, b: sp.S.One})
        exact = [float(slope.subs({X: x, a: size, b: 1})) for x in (size / 2, size * 2**10)]
        assert found == pytest.approx([*exact, 0], rel=1e-5, abs=1e-6 * abs(exact[0]))


@pytest.mark.long
@pytest.mark.parametrize("ratio", [5.0, 14.0])
def test_what_is_nothing_but_at_one_of_two_lengths_is_not_held_before_it(ratio):
    """The derivative by a of r/(1 + exp((r^2 - a^2)/b^2)) is 2 r a/(4 b^2) at r = a."""
    found = finite_rows("r/(1+exp((r^2-a^2)/b^2))", "float32", (ratio, 10 * ratio, 1e30), a=ratio, b=1.0)
    assert found[:, 1] == pytest.approx([ratio**2 / 2, 0, 0], rel=1e-4)


@pytest.mark.parametrize("text", ["r*sech((|r|-a)/b)", "r*sinh((|r|-a)/b)/(1+cosh((|r|-a)/b))"])
def test_hyperbolic_functions_of_either_sign(text):
    """Beyond some 90 both are infinite, and their quotient is a number."""
    found = finite_rows(text, "float32", (4.5, 5.5, 200, 1e10, 1e37), a=5.0, b=1.0)
    at, height = 5.5, np.tanh(0.25) if "sinh" in text else 1 / np.cosh(0.5)
    slope = at / (2 * np.cosh(0.25) ** 2) if "sinh" in text else -at * np.tanh(0.5) / np.cosh(0.5)
    assert found[1] == pytest.approx([height + slope, -slope, -slope / 2], rel=1e-5)
    assert found[2:] == pytest.approx(np.tile([float("sinh" in text), 0, 0], (3, 1)), abs=1e-30)


def test_what_terms_have_in_common_is_a_factor():
    """tanh(y) - y sech(y)^2 is 2/3 y^3 next to 0, whatever it is multiplied by."""
    found = finite_rows("a*tanh(r/a)/(1+r^2/b^2)", "float32", (1e-9, 1e-4, 0.01), a=2.0, b=1.25)
    assert found[:, 1] == pytest.approx([2 / 3 * (r / 2) ** 3 for r in (1e-9, 1e-4, 0.01)], rel=1e-4, abs=0)


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("dtype", DECADES)
def test_sums_are_held_where_their_order_does_not_count(target, dtype):
    """y - tanh(y) - y tanh(y)^2 is -1 beyond some hundreds, also where -tanh(y) is nothing beside y."""
    found = finite_rows("r-a*tanh(r/a)", dtype, (1e3, 1e8, 1e17, 1e30), target, a=1.0)
    assert found[:, 1] == pytest.approx(-1)


@pytest.mark.long
@pytest.mark.parametrize("text", ["sgn(r)*|r|^p/(1+|r|^p)", "sgn(r)*|r|^(p-1)*exp(-|r|^p)", "r*|r|^p*exp(-|r|)"])
def test_logarithms_of_subnormal_numbers(text):
    """The kernels in C, which take none."""
    finite_rows(text, "float32", (1e-45, 1e-41, 1e-38), "c", p=1.25)
    finite_rows(text, "float64", (5e-324, 1e-310), "c", p=1.25)


@pytest.mark.long
def test_a_power_less_a_number_has_its_scale():
    """(x/a)^(p-1) exp(-(x/a)^p)/a: the slope, and the derivatives by both parameters, far out and next to 0."""
    found = finite_rows("sgn(r)*|r|^(p-1)*exp(-|r/a|^p)", "float32", (1e2, 1e31, 1e37), "c", a=2.0, p=2.5)
    assert (found == 0).all()


@pytest.mark.long
def test_derivatives_by_an_exponent_keep_what_cancels_far_out():
    """x/(1+x^p)^(1/p) by p: log(x) (1 - 1/(1 + x^-p)) is log(x) x^-p/(1 + x^-p)."""
    places = (50.0, 1e4, 1e8, 1e37)
    found = finite_rows("r/(1+|r|^p)^(1/p)", "float32", places, p=1.25)
    p = mp.mpf("1.25")
    exact = [mp.diff(lambda q, r=r: r * (1 + mp.mpf(r) ** q) ** (-1 / q), p) for r in places]
    assert found[:, 1] == pytest.approx(np.array(exact, float), abs=1e-6)
