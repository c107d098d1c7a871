"""Laurent polynomials over Q, held against SymPy and mpmath."""

import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from symtrans.calculus.algebra.laurent import ZERO, Laurent, constant, laurent
from symtrans.calculus.undecided import Undecided

Y = sp.Symbol("y", positive=True)
NUMBERS = st.fractions(min_value=-9, max_value=9, max_denominator=9).map(lambda q: fmpq(q.numerator, q.denominator))
PLACES = NUMBERS.map(abs).filter(bool)
POLYNOMIALS = st.builds(laurent, st.integers(-3, 3), st.lists(NUMBERS, max_size=4))


def as_sympy(p: Laurent) -> sp.Expr:
    return sp.Add(*(sp.Rational(int(c.p), int(c.q)) * Y**k for k, c in enumerate(p.coefficients, p.low)))


@given(POLYNOMIALS, POLYNOMIALS, NUMBERS, PLACES)
def test_arithmetic_is_that_of_functions(p: Laurent, q: Laurent, number: fmpq, place: fmpq) -> None:
    assert p.plus(q)(place) == p(place) + q(place)
    assert p.times(q)(place) == p(place) * q(place)
    assert p.by(number)(place) == p(place) * number
    assert p.dilated(place)(place) == p(place * place)
    assert sum((c * (place - 2) ** k for k, c in enumerate(p.shifted(fmpq(2)))), fmpq(0)) * place**p.low == p(place)


@given(POLYNOMIALS)
def test_derivative_and_integral_are_those_of_sympy(p: Laurent) -> None:
    assert sp.expand(as_sympy(p.derivative()) - sp.diff(as_sympy(p), Y)) == 0
    primitive = p.integral()
    if primitive is None:
        assert sp.integrate(as_sympy(p), Y).has(sp.log)
    else:
        assert primitive.derivative() == p


@given(POLYNOMIALS)
def test_limits_are_those_of_sympy(p: Laurent) -> None:
    for found, end in ((p.at_zero(), sp.S.Zero), (p.at_infinity(), sp.oo)):
        value = sp.limit(as_sympy(p), Y, end)
        assert sp.sympify(found) == value if isinstance(found, float) else fmpq(int(value.p), int(value.q)) == found


@given(st.lists(PLACES, min_size=1, max_size=2), PLACES)
def test_rational_roots_are_found(roots: list[fmpq], end: fmpq) -> None:
    p = constant(fmpq(-3, 2))
    for root in roots:
        p = p.times(laurent(0, [-root, fmpq(1)]))
    assert p.roots(fmpq(0), None) == sorted(set(roots))
    assert p.roots(fmpq(0), end) == sorted({root for root in roots if root < end})
    assert p.roots(end, None) == sorted({root for root in roots if root > end})


def test_an_irrational_root_is_refused_only_where_it_lies() -> None:
    p = laurent(-1, [fmpq(-2), fmpq(0), fmpq(1)])  # y - 2/y
    assert p.roots(fmpq(0), fmpq(1)) == p.roots(fmpq(3, 2), None) == []
    with pytest.raises(Undecided):
        p.roots(fmpq(1), fmpq(2))
    q = laurent(0, [fmpq(1), fmpq(-4), fmpq(2)])  # 1 +- 1/sqrt(2)
    assert q.roots(fmpq(1, 2), fmpq(3, 2)) == q.roots(fmpq(2), None) == q.roots(fmpq(0), fmpq(1, 4)) == []
    for lo, hi in ((0, 1), (1, 2), (0, None)):
        with pytest.raises(Undecided):
            q.roots(fmpq(lo), None if hi is None else fmpq(hi))
    cube = laurent(0, [fmpq(-27, 8), fmpq(0), fmpq(0), fmpq(1)])
    assert cube.roots(fmpq(0), None) == [fmpq(3, 2)]


def test_inverse() -> None:
    assert laurent(2, [fmpq(4)]).inverse() == laurent(-2, [fmpq(1, 4)])
    assert laurent(0, [fmpq(1), fmpq(1)]).inverse() is None
    assert laurent(5, [fmpq(0), fmpq(0)]) == ZERO
