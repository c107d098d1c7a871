"""Our quick ways beside SymPy's slow ones: the same answers on random formulas."""

import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled, square_free
from symtrans.calculus.algebra.parity import mirror_parity

X, A, K = sp.Symbol("x", real=True), sp.Symbol("a", positive=True), sp.Dummy("k", positive=True)
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

numbers = st.fractions(-5, 5, max_denominator=6).map(lambda q: sp.Rational(q.numerator, q.denominator))
leaves = numbers | st.sampled_from([X, A, K])


def joined(parts):
    pairs = st.tuples(parts, parts)
    return (
        pairs.map(lambda p: p[0] + p[1])
        | pairs.map(lambda p: p[0] * p[1])
        | st.tuples(parts, st.sampled_from([-2, -1, 2, 3])).map(lambda p: p[0] ** p[1] if p[0] else p[0])
    )


rational = st.recursive(leaves, joined, max_leaves=6).filter(lambda e: not e.has(sp.zoo, sp.nan))


@quick
@given(rational)
def test_a_quotient_is_cancelled_as_sympy_does(expr):
    assert cancelled(expr) == sp.cancel(expr)


@quick
@given(rational)
def test_a_polynomial_is_split_by_multiplicities(expr):
    polynomial = sp.expand(sp.fraction(sp.cancel(expr))[0])
    content, factors = square_free(polynomial)
    assert sp.expand(content * sp.Mul(*(base**n for base, n in factors)) - polynomial) == 0
    theirs = sp.sqf_list(polynomial)
    assert (content, set(factors)) == (theirs[0], set(theirs[1]))


@pytest.mark.parametrize("expr", [(1 + X) ** 400 / (1 + X) ** 399, sp.Mul(*((A + X**k) for k in range(1, 12)))])
def test_what_is_too_large_goes_to_sympy(expr):
    assert (cancelled(expr) - expr).subs({X: 2, A: 3}) == 0


functions = st.sampled_from([sp.exp, sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf, lambda u: sp.log(1 + u**2)])
smooth = st.tuples(rational, functions, rational).map(lambda p: p[1](p[0]) * p[2])


@quick
@given(smooth)
def test_derivatives_are_those_of_sympy(expr):
    assert differentiate(expr, X) == sp.diff(expr, X)


@quick
@given(smooth)
def test_a_parity_that_is_shown_holds(expr):
    mirrored = expr.subs(X, -X)
    for whole, parity in ((expr, None), (expr + mirrored, 1), (expr - mirrored, -1)):
        shown = mirror_parity(whole, X)
        assert parity is None or whole.is_number or shown in (0, parity)
        if shown and not whole.has(sp.zoo, sp.nan):
            at = {A: sp.Rational(7, 5), K: sp.Rational(3, 4)}
            there, here = (sp.N(whole.subs({**at, X: x}), 30) for x in (sp.Rational(-4, 7), sp.Rational(4, 7)))
            assert not here.is_finite or abs(there - shown * here) < 1e-20 * (1 + abs(here))


def test_the_parity_of_pairs_and_cases():
    bump = sp.exp(-((X - 1) ** 2))
    clip = sp.Piecewise((X, sp.Abs(X) <= 1), (sp.sign(X), True))
    uneven = sp.Piecewise((X, X <= 1), (1, True))
    expected = {bump - bump.subs(X, -X): -1, bump + bump.subs(X, -X): 1, bump: 0, clip: -1, clip**2: 1, uneven: 0}
    expected |= {sp.Max(X - 1, 0) - sp.Max(-X - 1, 0): -1, (1 - X) ** 3 - (1 + X) ** 3: -1}
    assert {expr: mirror_parity(expr, X) for expr in expected} == expected
