"""Growth at infinity: orders as numbers show them, and bounds that hold on the whole tail."""

import mpmath
import pytest
import sympy as sp
from flint import ctx
from hypothesis import given
from hypothesis import strategies as st

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.asymptotics.growth import (
    ONE,
    Scale,
    T,
    Term,
    add_powers,
    at_infinity,
    collected,
    largest,
    multiplied,
)
from symtrans.calculus.undecided import Undecided

Q = sp.Rational
exponents = st.sampled_from([Q(1, 2), Q(1), Q(3, 2), Q(2)])
scales = st.builds(
    lambda phi, power, logs: Scale(add_powers((), tuple(sorted(phi.items(), reverse=True))), power, logs),
    st.dictionaries(exponents, st.integers(-3, 3).filter(bool).map(sp.Integer), max_size=2),
    st.integers(-6, 6).map(lambda n: Q(n, 2)),
    st.sampled_from([(), (1,), (-2,), ("1/2",), (0, 1), (1, -2), (-1, 3), (0, "-1/2")]).map(
        lambda logs: tuple(map(Q, logs))
    ),
)


def value(scale, x):
    """At x, by mpmath."""
    with mpmath.workdps(40):
        x = mpmath.mpf(x)
        real = [(mpmath.mpf(b.p) / b.q, int(c)) for b, c in scale.phi]
        power = mpmath.mpf(sp.Rational(scale.power).p) / sp.Rational(scale.power).q
        whole = mpmath.exp(mpmath.fsum(c * x**b for b, c in real)) * x**power
        for exponent in scale.logs:
            x = mpmath.log(x)
            whole *= x ** (mpmath.mpf(exponent.p) / exponent.q)
        return whole


@given(scales)
def test_the_order_is_that_of_its_values(scale):
    near, far = mpmath.log(value(scale, 10**12)), mpmath.log(value(scale, 10**24))
    assert scale.order() == int(far > near) - int(far < near)


@given(scales, scales)
def test_products_and_powers_multiply_values(one, other):
    product = one.times(other)
    assert mpmath.almosteq(value(product, 7), value(one, 7) * value(other, 7), 1e-12)
    assert mpmath.almosteq(value(one.to(sp.Integer(-2)), 7), value(one, 7) ** -2, 1e-12)
    assert one.times(one.to(sp.S.NegativeOne)) == ONE


@given(scales, st.sampled_from([3, 12, 100, 2**13]))
def test_a_bound_holds_from_its_radius_on(scale, radius):
    with ctx.workprec(128):
        bound = scale.bound(sp.Integer(radius))
    if bound is None:
        return
    top = mpmath.mpf(str(bound.upper().mid().str(20, radius=False))) * (1 + mpmath.mpf(10) ** -9)
    assert all(value(scale, radius * factor) <= top for factor in (1, 1.01, 1.3, 2, 5, 100, 10**6))


def test_a_logarithm_counts_where_all_else_is_constant():
    assert [Scale(logs=tuple(map(Q, logs))).order() for logs in ((-2,), (), (1,))] == [-1, 0, 1]
    assert [Scale(logs=tuple(map(Q, logs))).order() for logs in ((-1, 9), (0, 1), (1, -9))] == [-1, 1, 1]


def test_what_does_not_fall_has_no_bound():
    assert Scale(power=Q(1)).bound(sp.Integer(3)) is None
    assert Scale(logs=(Q(1),)).bound(sp.Integer(3)) is None
    assert Scale(((Q(1), Q(-1)),), Q(40)).bound(sp.Integer(12)) is None  # x**40 exp(-x) rises until 40
    assert Scale(((Q(1), Q(-1)),), Q(40)).bound(sp.Integer(64)) is not None
    assert Scale(power=Q(-1), logs=(Q(2),)).bound(sp.Integer(3)) is None  # log(x)**2/x rises until exp(2)
    assert Scale(power=Q(-1), logs=(Q(2),)).bound(sp.Integer(8)) is not None


@given(st.lists(st.tuples(scales, st.integers(-3, 3)), min_size=1, max_size=4))
def test_collecting_terms_changes_no_value(pairs):
    terms = [Term(scale, sp.Integer(c) + T) for scale, c in pairs]

    def total(of):
        return mpmath.fsum(value(t.scale, 5) * mpmath.mpf(str(sp.N(t.coefficient.subs(T, Q(1, 5)), 35))) for t in of)

    scale = mpmath.fsum(abs(value(t.scale, 5)) for t in terms) * 5 + 1
    assert abs(total(collected(terms)) - total(terms)) < scale * 1e-10
    assert abs(total(multiplied(terms, terms)) - total(terms) ** 2) < scale**2 * 1e-10


@given(st.lists(scales, min_size=1, max_size=5))
def test_the_largest_term_grows_fastest(some):
    best = largest([Term(scale, sp.S.One) for scale in some]).scale
    assert all(scale.times(best.to(sp.S.NegativeOne)).order() <= 0 for scale in some)


def test_what_is_open_is_a_question():
    a, b = sp.symbols("a b", positive=True)
    with pytest.raises(Undecided):
        Scale(power=a - b).order()
    with pytest.raises(Undecided):
        Scale(logs=(a - b,)).order()
    with pytest.raises(Undecided):
        at_infinity(1 / T)
    with pytest.raises(Undecided):
        multiplied(
            [Term(Scale(power=Q(k)), sp.S.One) for k in range(30)], [Term(Scale(power=Q(k)), X) for k in range(30)]
        )
    assert add_powers(((Q(2), a),), ((Q(2), -a), (Q(1), b))) == ((Q(1), b),)
