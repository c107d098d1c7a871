"""Sign charts: exact where a zero has a name, a question where it has none, and never wrong beside numbers."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans import Diffusivity, certify
from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.signs.charts import is_heavy, sign_chart
from symtrans.calculus.signs.segments import one_sign, zeros
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number
from tests.strategies import positive_rationals

lam, a, b, p = sp.symbols("lambda a b p", positive=True)
zero, oo, edge = sp.S.Zero, sp.oo, sp.Rational(1, 10**6)
VALUES = {"a": sp.Rational(7, 5), "b": sp.Rational(5, 3), "lambda": sp.Rational(4, 3)}


def chart(expr, lo=zero, hi=oo):
    return [(s.lo, s.hi, s.sign) for s in sign_chart(expr, lo, hi)]


def rational(end):
    return sp.Rational(str(end.subs({s: VALUES[s.name] for s in end.free_symbols}).evalf(25)))


def holds(expr, lo=zero, hi=oo):
    """Whether numbers confirm the chart, if one is found: between its zeros, beside each of them, and far out."""
    try:
        found = sign_chart(expr, lo, hi)
    except Undecided:
        return None
    assert (found[0].lo, found[-1].hi) == (lo, hi)
    for segment in found:
        low = rational(segment.lo)
        high = low + 60 if segment.hi is oo else rational(segment.hi)
        for share in (*(sp.Rational(k, 40) for k in (1, 2, 6, 20, 32)), edge, 1 - edge):
            value = number(expr, low + share * (high - low), **VALUES)
            assert value * segment.sign > 0 or segment.sign == value == 0, (expr, segment, share)
    return True


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (1 - X**2 / lam**2, [(0, lam, 1), (lam, oo, -1)]),
        ((X - 1) ** 2 * (X - 2), [(0, 1, -1), (1, 2, -1), (2, oo, 1)]),
        (sp.log(X / lam), [(0, lam, -1), (lam, oo, 1)]),
        (1 - 2 * sp.exp(-X / lam), [(0, lam * sp.log(2), -1), (lam * sp.log(2), oo, 1)]),
        (sp.exp(X) - 1 - X, [(0, oo, 1)]),
        (sp.atan(X) - X, [(0, oo, -1)]),
        (sp.sqrt(X) - a, [(0, a**2, -1), (a**2, oo, 1)]),
        (X**2 - 2 * a * X + a**2, [(0, a, 1), (a, oo, 1)]),
        (sp.Integer(0) * X, [(0, oo, 0)]),
        (1 / (X - 1), [(0, 1, -1), (1, oo, 1)]),
        ((X - 1) / (X - 2) ** 2, [(0, 1, -1), (1, 2, 1), (2, oo, 1)]),
        (sp.tanh(X) - sp.Rational(1, 2), [(0, sp.log(3) / 2, -1), (sp.log(3) / 2, oo, 1)]),
        (sp.erf(X) - 1, [(0, oo, -1)]),
        (X - sp.sqrt(1 + X**2), [(0, oo, -1)]),
        (2 * X - sp.sqrt(1 + X**2), [(0, sp.sqrt(3) / 3, -1), (sp.sqrt(3) / 3, oo, 1)]),
        (sp.LambertW(a * X**2) - 1, [(0, sp.sqrt(sp.E / a), -1), (sp.sqrt(sp.E / a), oo, 1)]),
        (sp.LambertW(a * X) + 1, [(0, oo, 1)]),
        (sp.exp(2 * X) - 3 * sp.exp(X) + 2, [(0, sp.log(2), -1), (sp.log(2), oo, 1)]),
    ],
    ids=str,
)  # fmt: skip
def test_exact(expr, expected):
    assert chart(expr) == expected
    assert chart(-expr) == [(lo, hi, -sign) for lo, hi, sign in expected]


@pytest.mark.parametrize("expr", [sp.sin(X) - X / 2, X - a, X**5 - X * a**2 - b, X**2 - (a + b) * X + a * b], ids=str)
def test_open_questions_stay_open_or_are_right(expr):
    """Either a reason, or a chart that numbers confirm."""
    holds(expr)


E2 = sp.exp(-X)
PARTS = st.sampled_from([X, X**2, sp.sqrt(X), E2, E2**2, sp.log(1 + X), sp.atan(X), sp.tanh(X), sp.S.One, 1 / (1 + X)])
COEFFICIENTS = st.integers(-4, 4).map(sp.Integer)


@settings(max_examples=10)
@given(
    st.lists(st.tuples(COEFFICIENTS, PARTS, PARTS), min_size=2, max_size=3),
    st.sampled_from([(zero, oo), (sp.S.One, sp.Integer(5))]),
)
def test_random_sums_have_the_signs_of_their_charts(terms, ends):
    holds(sp.Add(*(c * f * g for c, f, g in terms)), *ends)


@pytest.mark.parametrize("function", [sp.atan, sp.erf, lambda u: u / sp.sqrt(1 + u**2)], ids=lambda f: f.__name__)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_pole_inside_a_function_is_a_jump(function, sign):
    """Atan(1/(x - 1)) falls everywhere and jumps up at 1: from its ends Rolle's theorem says nothing."""
    for other in (X / 10, sp.sqrt(X) / 10):
        assert holds(function(sign / (X - 1)) - other) in (None, True)


def test_a_function_that_jumps_at_a_pole_of_its_own_is_no_exception():
    for expr in (sp.coth(X - 1) - X / 10, sp.Ei(X - 1) - X, sp.gamma(X - 2) - X):
        assert holds(expr) in (None, True)


def test_a_scale_must_be_positive():
    """cos(2) < 0: taken for a positive scale it would hide the root."""
    (left, right) = chart(X**2 * sp.cos(2) ** 2 + X * sp.cos(2) - 1)
    assert (left[2], right[2]) == (-1, 1)
    assert float(left[1]) == pytest.approx(3.88818, abs=1e-4)


@settings(max_examples=10)
@given(positive_rationals, positive_rationals)
def test_scaling_moves_the_zeros(p, q):
    ((_, place, _), _) = chart(p - q * X**2)
    assert is_zero(place**2 - p / q)


def test_ends_are_left_out_and_zeros_named():
    found = sign_chart(X * (X - 1) * (X - 3), zero, sp.Integer(3))
    assert zeros(found) == (1,)
    assert {segment.sign for segment in found} == {1, -1}
    assert one_sign(found) is None
    assert zeros(sign_chart(X, zero, oo)) == ()


def test_numbers_come_first_where_there_is_much_to_multiply_out():
    heavy = sp.Add(*(sp.exp(-((X - k) ** 2)) for k in range(20)))
    assert is_heavy(heavy)
    assert not is_heavy(heavy + a)
    assert not is_heavy(sp.exp(-(X**2)))
    assert not is_heavy(sp.Add(*(X**k for k in range(100))))
    assert chart(heavy) == [(0, oo, 1)]


def test_a_zero_beside_a_steep_exponential_is_found():
    """The balls of exp(19683 r^2) over wide boxes hold 0: the sum is divided by it first."""
    text = "-2459/1000*(1 - 19683*r^2)*exp(-19683*r^2) - 1/(6*(19683*r^2 + 1)^(3/2))"
    certificate = certify(Diffusivity(text), budget=10)
    for bound in (certificate.g_max, certificate.g_min, certificate.slope_min):
        assert bound.value is not None


@pytest.mark.parametrize(
    ("expr", "place"),
    [
        (2 * X ** (p - 1) - a * X ** (2 * p - 1), (2 / a) ** (1 / p)),
        (X ** (1 - 2 * p) - 3 * X ** (1 - p), 3 ** (-1 / p)),
        (X**p * (1 + p) - X ** (p / 2) * (1 + X ** (p / 2)), p ** (-2 / p)),
        (X**p - a * X ** (p + 3), a ** sp.Rational(-1, 3)),
        (2 + X**p - X ** (2 * p), 2 ** (1 / p)),
    ],
    ids=str,
)
def test_a_polynomial_in_a_power_by_a_parameter_has_the_zeros_of_the_polynomial(expr, place):
    chart = sign_chart(expr, sp.S.Zero, sp.oo)
    (zero,) = zeros(chart)
    at = {a: sp.Rational(5, 3), p: sp.Rational(7, 4)}
    assert abs((zero - place).subs(at).evalf(30)) < 1e-25
    for segment, inside in zip(chart, (place / 2, 2 * place), strict=True):
        assert sp.sign(expr.subs(X, inside).subs(at).evalf(30)) == segment.sign


def test_zeros_of_powers_outside_the_interval_are_none():
    assert [s.sign for s in sign_chart(X**p - 2 * X ** (2 * p), 2 ** (-1 / p), sp.oo)] == [-1]


def test_what_is_open_of_a_polynomial_in_a_power_is_said_in_the_variable():
    polynomial = 3 * a + 6 * X**6 + a * X**8 - 10 * X**2 - 12 * a * X**4
    with pytest.raises(Undecided) as question:
        sign_chart(polynomial, sp.S.Zero, sp.oo)
    assert polynomial in question.value.sentence
