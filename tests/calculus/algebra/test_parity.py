"""A parity that is read off a formula holds, and the usual pairs and cases are seen."""

import sympy as sp
from hypothesis import given

from symtrans.calculus.algebra.parity import mirror_parity
from tests.calculus.formulas import A, K, X, quick, smooth


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
    filled = sp.Piecewise((0, sp.Eq(X, 0)), (sp.sin(X) / X**2, True))
    expected |= {
        filled: -1,
        sp.Piecewise((1, sp.Ne(X**3, X)), (0, True)): 1,
        sp.Piecewise((1, sp.Eq(X, 1)), (0, True)): 0,
    }
    assert {expr: mirror_parity(expr, X) for expr in expected} == expected


def test_no_parity_is_seen_where_there_is_none():
    for expr in (X + 1, X**2 + X, sp.exp(X), sp.log(X), X**3 - 1, sp.Max(X, 0), sp.cos(X) + sp.sin(X), sp.acos(X)):
        assert mirror_parity(expr, X) == 0


def test_an_odd_number_of_odd_factors_is_odd():
    odd = (X, X**3, sp.sin(X), sp.sign(X), sp.atan(X), 1 / X)
    for count in range(1, len(odd) + 1):
        assert mirror_parity(sp.Mul(*odd[:count], sp.cos(X), evaluate=False), X) == (-1) ** count
