"""What a mathematician decides in a minute by hand is decided."""

import mpmath
import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, Regulariser, Shrinkage, certify, r

a, b, p = sp.symbols("a b p", positive=True)
oo, q = sp.oo, sp.Rational


def parts(c):
    return [c.g_max.value, c.g_min.value, c.slope_max.value, c.slope_min.value, c.lipschitz.value]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("tanh(r)/(1 + a r^2)", [1, 0, 1, None, 1, True, False]),
        ("a tanh(r) + b atan(r)", [a + b, 0, a + b, 0, a + b, True, True]),
        ("sgn(r) (1 - 1/(1 + |r|)^p)", [p, 0, p, 0, p, True, True]),
        ("r/sqrt(1 + ln(1 + r^2))", [1, 0, 1, 0, 1, True, True]),
        ("sgn(r) ln(1 + ln(1 + |r|))", [1, 0, 1, 0, 1, True, True]),
        ("r atan(exp(|r|))", [sp.pi / 2, sp.pi / 4, None, sp.pi / 4, None, True, True]),
    ],
)
def test_of_an_activation(formula, expected):
    c = certify(Activation(formula))
    known = [*parts(c), c.nonnegative.value, c.monotone.value]
    assert [one for one, other in zip(known, expected, strict=True) if other is not None] == [
        other for other in expected if other is not None
    ]


def test_a_hump_that_is_not_found_exactly_lies_where_numbers_see_it():
    c = certify(Activation("r tanh(exp(|r|))"))  # TanhExp, made odd
    assert (c.g_max.value, c.g_min.value, c.monotone.value) == (1, sp.tanh(1), True)
    assert abs(c.slope_max.value - 1.0619753087179159) < 1e-12


@pytest.mark.parametrize(("formula", "steep"), [("tanh(sin(r))", 1), ("erf(sin(r))", 2 / sp.sqrt(sp.pi))])
def test_of_a_monotone_function_of_a_wave(formula, steep):
    c = certify(Activation(formula))
    assert [c.g_max.value, c.slope_max.value, c.slope_min.value] == [steep, steep, -steep]
    assert (c.nonnegative.value, c.monotone.value) == (False, False)
    function = mpmath.tanh if "tanh" in formula else mpmath.erf
    low = min(function(mpmath.sin(place)) / place for place in mpmath.linspace(4, 5, 20_001))
    assert abs(c.g_min.value - low) < 1e-8


def test_an_exponential_of_a_logarithm_is_a_power():
    one, other = certify(Diffusivity("exp(-a ln(1 + r^2))")), certify(Diffusivity("(1 + r^2)^(-a)"))
    assert one.monotone.when == other.monotone.when == (a <= q(1, 2))
    at = {a: sp.Integer(2)}
    assert abs((one.slope_min.value.subs(at) - other.slope_min.value.subs(at)).evalf(20)) < 1e-15


@pytest.mark.parametrize(
    ("formula", "steep"),
    [
        ("max(0, 1 - asinh(|r|))", -1 / sp.coth(1)),
        ("max(0, 1 - asinh(|r|)^2)", -2 / sp.coth(1)),
        ("max(0, 1/2 - tanh(|r|))", -3 * sp.log(3) / 8),
        ("max(0, 2 - cosh(r))", -sp.sqrt(3) * sp.acosh(2)),
        ("max(0, 1 - erf(|r|))", None),
        ("max(0, 1/2 - erf(|r|))", -2 * sp.erfinv(0.5) * sp.exp(-(sp.erfinv(0.5) ** 2)) / sp.sqrt(sp.pi)),
    ],
)
def test_a_hinge_of_a_function_with_an_inverse_falls_to_0(formula, steep):
    c = certify(Diffusivity(formula))
    assert (c.g_min.value, c.g_min.evidence.value, c.nonnegative.value) == (0, "proved", True)
    assert steep is None or abs((c.slope_min.value - steep).evalf(20)) < 1e-15


@pytest.mark.parametrize("formula", ["min(1, exp(a - |r|))", "Piecewise((1, |r| <= a), (exp(a - |r|), True))"])
def test_a_decay_from_a_threshold(formula):
    """Phi' = (1 - r) exp(a - r) for r > a has its least value at r = 2, if 2 > a."""
    c = certify(Diffusivity(formula))
    for place, steep in ((q(1, 2), -sp.exp(-q(3, 2))), (q(3, 2), -sp.exp(-q(1, 2))), (sp.Integer(3), -2)):
        assert abs((c.slope_min.value.subs(a, place) - steep).evalf(20)) < 1e-15


def test_a_base_above_1_falls():
    c = certify(Diffusivity("(1 + 1/a)^(-r^2)"))
    assert abs((c.slope_min.value.subs(a, 3) + 2 * sp.exp(-q(3, 2))).evalf(20)) < 1e-15


def test_a_threshold_of_a_parameter_may_hold_pi():
    """Phi' = 2/sqrt(pi) exp(-r^2) - a (1 - 2 r^2) exp(-r^2) has a hump where 3 sqrt(pi) a > 2."""
    c = certify(Activation("erf(r) - a r exp(-r^2)"))
    assert c.slope_max.value.args[0] == (2 / sp.sqrt(sp.pi) - a, a <= 2 / (3 * sp.sqrt(sp.pi)))
    hump = max(
        2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x) - (1 - 2 * x * x) * mpmath.exp(-x * x)
        for x in mpmath.linspace(0, 3, 3001)
    )
    assert abs(c.slope_max.value.subs(a, 1).evalf(20) - hump) < 1e-6


def test_a_least_slope_among_several_is_short():
    c = certify(Diffusivity("Piecewise((1, |r| <= a), (exp((a - |r|)/b), True))"))
    assert c.slope_min.value == sp.Piecewise((sp.Min(1 - a / b, -sp.exp(a / b - 2)), a < 2 * b), (1 - a / b, True))


@pytest.mark.long
def test_extrema_of_long_formulas_in_the_parameters_are_known_in_time():
    for formula, place in (("|r|^(p - 1) sgn(r) exp(-|r|^p)", {p: 3}), ("sgn(r) |r|^p/(1 + |r|^(2 p))", {p: 3})):
        c = certify(Activation(formula))
        flux = sp.lambdify(sp.Symbol("x"), sp.sympify(str(c.source.expr.subs(place)).replace("r", "x")), "mpmath")
        slopes = [mpmath.diff(flux, mpmath.mpf(k) / 500) for k in range(1, 2000)]
        for bound, most in ((c.slope_max, max(slopes)), (c.slope_min, min(slopes))):
            assert abs(bound.value.subs(place).evalf(20) - most) < 1e-4
    c = certify(Shrinkage("Piecewise((r, |r| <= 2), ((a - 1) r/(r^2 + 1/a), True))"))
    assert c.slope_min.value.subs(a, 2) == 0
    assert c.slope_min.value.subs(a, 6) == -oo


def test_lambertw_of_a_scaled_argument():
    c = certify(Diffusivity("exp(-LambertW(a r^2))"))
    assert (c.g_max.value, c.g_min.value, c.slope_max.value, c.monotone.value) == (1, 0, 1, False)
    root = sp.sqrt(3)
    assert sp.simplify(c.slope_min.value - (1 - root) / (1 + root) * sp.exp(-root)) == 0


def test_a_shrinkage_of_powers_by_a_parameter():
    c = certify(Shrinkage("r |r|^p/(t^p + |r|^p)"))
    assert [c.g_max.value, c.g_min.value, c.slope_max.value] == [1, 0, 1]
    for value, low in (("1/2", 0), ("1", 0), ("2", "-1/8"), ("3", "-1/3")):
        assert c.slope_min.value.subs(p, q(value)) == q(low)
    assert c.monotone.when == (p <= 1)


@pytest.mark.parametrize("formula", ["sgn(r) ((1 + |r|)^p - 1)/p", "sgn(r) ((1 + |r|/a)^p - 1) a/p"])
def test_a_quotient_of_what_is_concave_falls(formula):
    """Box and Cox: g' has no closed zeros, and Phi'' has the sign of p - 1."""
    c = certify(Activation(formula))
    (power,) = (symbol for symbol in c.source.parameters if symbol.name == "p")
    for value, (low, high) in ((q(1, 2), (0, 1)), (q(1), (1, 1)), (q(3), (1, oo))):
        assert (c.g_min.value.subs(power, value), c.g_max.value.subs(power, value)) == (low, high)


def test_a_gaussian_with_a_floor():
    c = certify(Diffusivity("max(exp(-r^2/a^2), b)", assume=["b < 1"]))
    b = next(symbol for symbol in c.source.parameters if symbol.name == "b")
    assert c.monotone.when == (b >= sp.exp(-sp.Rational(1, 2)))
    assert c.slope_min.value.subs(b, sp.exp(-1)) == -sp.exp(-1)
    assert c.slope_min.value.subs(b, sp.exp(-4)) == -2 * sp.exp(-sp.Rational(3, 2))


def test_a_value_that_is_compared_with_a_slope_of_a_parameter():
    c = certify(Activation("sgn(r) (exp(min(|r|, a)) - 1)"))
    (a,) = c.source.parameters
    assert (c.g_max.value, c.g_min.value) == ((sp.exp(a) - 1) / a, 0)


@pytest.mark.parametrize(
    ("kind", "formula", "numbers"),
    [
        (Activation, "sgn(r) (1 - exp(-|r|^p))", {"p": q(7, 3)}),
        pytest.param(Diffusivity, "(1 - exp(-|r|^p))/|r|^p", {"p": q(1, 2)}, marks=pytest.mark.long),
        (Diffusivity, "|r|^p exp(-|r|^p)", {"p": q(3)}),
        (Activation, "exp(-|r|/a) sin(b r)", {"a": q(1, 2), "b": q(3)}),
        (Activation, "exp(-|r|/a) sin(b r)", {"a": q(5), "b": q(2)}),
        (Diffusivity, "exp(-|r|/a) cos(b r)", {"a": q(2), "b": q(1)}),
        (Diffusivity, "1/(1 + a sin(b r)^2)", {"a": q(4), "b": q(2, 3)}),
        (Activation, "sin(r)^3", {}),
        (Diffusivity, "exp(-ln(1 + |r|)^2)", {}),
        (Diffusivity, "cos(ln(1 + r^2))", {}),
        (Activation, "sin(r) + a sin(r)^3", {"a": q(1, 9)}),
        (Activation, "sin(r) + a sin(r)^3", {"a": q(2)}),
        (Diffusivity, "sqrt(1 + a cos(r)^2)", {"a": q(2)}),
    ],
)
def test_of_powers_by_a_parameter_and_of_waves(kind, formula, numbers):
    """No sample passes a bound that is stated, and one comes near it unless it is infinite."""
    c = certify(kind(formula))
    at = {symbol: numbers[symbol.name] for symbol in c.source.expr.free_symbols if symbol.name in numbers}
    x = sp.Symbol("x", positive=True)
    phi = c.activation.expr.subs(at).subs(c.activation.variable, x)
    places = [mpmath.mpf(2) ** (mpmath.mpf(k) / 32) for k in range(-32 * 14, 32 * 14)]
    stated = 0
    for names, function in ((("g_max", "g_min"), phi / x), (("slope_max", "slope_min"), sp.diff(phi, x))):
        value_of = sp.lambdify(x, function, "mpmath")
        with mpmath.workdps(40):
            values = [value_of(place) for place in places]
        for name, best, side in zip(names, (max(values), min(values)), (1, -1), strict=True):
            bound = getattr(c, name).value
            if bound is None:
                continue
            there = bound.subs(at)
            stated += 1
            if there not in (oo, -oo):
                gap = side * (mpmath.mpf(there.evalf(40)) - best)
                assert -mpmath.mpf("1e-15") < gap < mpmath.mpf("0.02")
    assert stated >= 2


def test_a_wave_of_any_frequency():
    """A parameter without a sign is a scale once its sign is known."""
    a = sp.Symbol("a", real=True)
    c = certify(Activation(sp.sin(a * r)))
    for value in (-3, 0, 2):
        bounds = [bound.value.subs(a, value) for bound in (c.slope_max, c.slope_min, c.lipschitz)]
        assert bounds == [abs(value), -abs(value), abs(value)]
        top, low = (bound.value.subs(a, value) for bound in (c.g_max, c.g_min))
        assert (top if value >= 0 else low) == value
    assert c.monotone.when == sp.Eq(a, 0)
    k = sp.Symbol("k", nonnegative=True)
    c = certify(Activation(r * sp.cos(k * r)))
    assert [c.g_min.value.subs(k, value) for value in (0, 5)] == [1, -1]
    assert [c.slope_max.value.subs(k, value) for value in (0, 5)] == [1, oo]


def seen(flux, values, name):
    """The extremum of a slope or of g that 40 digits see on a grid, the parameters given numbers."""
    slope = sp.lambdify(r, sp.diff(flux.subs(values), r) if "slope" in name else flux.subs(values) / r, "mpmath")
    with mpmath.workdps(40):
        places = [mpmath.mpf(10) ** (mpmath.mpf(k) / 150) for k in range(-900, 600)]
        places += [mpmath.mpf(k) / 200 for k in range(1, 4000)]
        return (max if "max" in name else min)(slope(place) for place in places)


def agrees(flux, name, bound, values, slack=1e-3):
    value, best = mpmath.mpf(bound.value.subs(values).evalf(30)), seen(flux, values, name)
    gap = value - best if "max" in name else best - value
    return -1e-15 < gap < slack


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("exp(-a ln(1 + r^2)^2)", (1, False)),
        ("Piecewise((1, |r| <= a), (exp(-(|r| - a)^2/b), True))", (1, False)),
        ("Piecewise((1, |r| <= a), (exp(-(|r| - a)^2/b)/2, True))", (1, False)),  # it jumps down
        ("Piecewise((1, |r| <= a), (2 exp(-(|r| - a)^2/b), True))", (oo, False)),  # and up
    ],
)
def test_where_g_falls_no_slope_is_above_its_limit_at_zero(formula, expected):
    c = certify(Diffusivity(formula))
    assert (c.slope_max.value, c.monotone.value) == expected


@pytest.mark.parametrize(
    ("formula", "least"),
    [
        ("1 - exp(-a ln(1 + r^2)^2)", 0),
        ("2 - exp(-a ln(1 + r^2)^2)", 1),
        ("Piecewise((0, |r| <= a), (1 - exp(-(|r| - a)^2/b), True))", 0),
    ],
)
def test_where_g_rises_no_slope_is_below_its_limit_at_zero(formula, least):
    c = certify(Diffusivity(formula))
    assert (c.slope_min.value, c.monotone.value) == (least, True)
    assert certify(Diffusivity("-exp(-a ln(1 + r^2)^2)")).monotone.value is not True


@pytest.mark.parametrize("name", ["slope_max", "slope_min"])
@pytest.mark.parametrize(
    "flux",
    [a * sp.sin(r) + b * sp.sin(2 * r), a * sp.sin(r) + b * sp.sin(3 * r), sp.sin(a * r) - b * sp.sin(2 * a * r)],
    ids=str,
)
def test_waves_of_multiples_of_one_frequency(flux, name):
    bound = getattr(certify(Activation(flux)), name)
    for values in ({a: q(1, 2), b: q(1)}, {a: q(9), b: q(1)}, {a: q(3), b: q(1, 4)}, {a: q(2), b: q(2, 9)}):
        assert agrees(flux, name, bound, values)


@pytest.mark.parametrize("name", ["slope_max", "slope_min"])
@pytest.mark.parametrize(
    ("flux", "most"),
    [
        (r * sp.cos(sp.log(1 + r**2)), sp.sqrt(5)),
        (r * sp.cos(a * sp.log(1 + r**2)), sp.sqrt(1 + 4 * a**2)),
        (r * sp.sin(sp.log(1 + sp.Abs(r))), sp.sqrt(2)),
    ],
    ids=str,
)
def test_a_wave_whose_amplitude_stays_below_its_limit(flux, most, name):
    c = certify(Activation(flux))
    bound = getattr(c, name)
    assert sp.simplify(bound.value - (most if "max" in name else -most)) == 0
    assert (bound.is_attained, c.monotone.value) == (False, False)
    if not most.free_symbols:
        assert agrees(flux, name, bound, {}, 0.1)


def test_quotients_of_hyperbolic_functions():
    c = certify(Activation("sinh(r)/(a + cosh(r))"))
    assert (c.slope_min.value, c.monotone.value) == (0, True)
    assert c.slope_max.value == sp.Piecewise((1 / (1 + a), a <= 2), (a**2 / (4 * a**2 - 4), True))
    for value in (q(1, 2), q(7, 5), q(9, 5), q(2), q(5)):
        assert agrees(sp.sinh(r) / (a + sp.cosh(r)), "slope_max", c.slope_max, {a: value})


@pytest.mark.parametrize(
    ("formula", "most"),
    [
        ("exp(-b r^2) cos(a r)", 1),
        ("cos(a r)/(1 + b r^2)", 1),
        ("cos(r) cos(a r) exp(-|r|)", 1),
        ("2 exp(-|r|) cos(a r^2)^2", 2),
    ],
)
def test_a_wave_is_nowhere_above_its_crest(formula, most):
    assert certify(Diffusivity(formula)).g_max.value == most


@pytest.mark.parametrize("scale", [(q(1, 2), q(3)), (q(3), q(1, 2)), (q(2), q(2))], ids=str)
def test_a_difference_of_two_exponentials(scale):
    """It is extreme where a exp(-a r^2) = b exp(-b r^2)."""
    c = certify(Diffusivity("exp(-a r^2) - exp(-b r^2)"))
    values = dict(zip((a, b), scale, strict=True))
    for name in ("g_max", "g_min"):
        assert agrees(r * (sp.exp(-a * r**2) - sp.exp(-b * r**2)), name, getattr(c, name), values)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("atan(a r) + atan(b r) + tanh(r)", [1 + a + b, 0, 1 + a + b, 0, 1 + a + b]),
        ("r*(sech(a r) + sech(b r))", [2, 0, 2, None, None]),
        ("r sech(a r) + 2 r sech(b r)", [3, 0, 3, None, None]),
    ],
)
def test_what_stays_open_takes_no_time_from_what_is_known(formula, expected):
    c = certify(Activation(formula), budget=12)
    known = [value for value, other in zip(parts(c), expected, strict=True) if other is not None]
    assert known == [other for other in expected if other is not None]


def test_an_inverse_of_cosh_where_it_is_real():
    c = certify(Diffusivity(sp.acosh(a) * sp.exp(-(r**2)), assume=[a >= 1]))
    assert (c.g_max.value, c.g_min.value, c.slope_max.value) == (sp.acosh(a), 0, sp.acosh(a))
    other = certify(Diffusivity(sp.exp(-(r**2)) * (sp.acosh(a) - 1), assume=[a >= 1]))  # acosh(a) = 1 at cosh(1)
    for value in (1, q(5, 4), q(3, 2), q(8, 5), 4):
        height = mpmath.acosh(mpmath.mpf(sp.Rational(value).p) / sp.Rational(value).q) - 1
        for bound, level in ((other.g_max, max(height, 0)), (other.g_min, min(height, 0))):
            assert abs(bound.value.subs(a, value).evalf(20) - level) < 1e-14


def test_a_wave_without_its_sign_is_steepest_where_it_starts():
    for formula in ("sgn(r) |sin(a r)|/(1 + r^2)", "sgn(r) max(0, sin(a |r|))/(1 + |r|)"):
        c = certify(Activation(formula))
        assert (c.g_max.value, c.g_min.value, c.g_max.evidence.value) == (a, 0, "proved")


def test_the_flux_of_a_wave_over_a_sum_has_a_value_at_each_crest():
    """(sin(r)^2/(1 + r^2))'/2, written without 1/cos(r)."""
    flux = Regulariser("sin(r)^2/(1 + r^2)").to(Activation)
    assert eval(repr(flux), {"Activation": Activation}) == flux
    at = sp.pi / 2
    assert sp.simplify(flux.expr.subs(r, at) + at / (1 + at**2) ** 2) == 0
