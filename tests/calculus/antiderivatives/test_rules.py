"""The table of primitives: each line differentiated back by numbers and held against quadrature."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.antiderivatives.rules import by_rules, is_primitive, terms, verified
from tests.calculus.fifty_digits import TINY, integral, number

a, b, p = sp.symbols("a b p", positive=True)
Q = sp.Rational
TERMS = [
    X**3, 1 / X, X**a, sp.sqrt(X), sp.exp(-2 * X), X**2 * sp.exp(-X), X * sp.exp(-(X**2)), sp.exp(-(X**3)),
    sp.exp(-1 / X**2),
    X**2 * sp.exp(-((X - 1) ** 2)), sp.sqrt(1 + X**2), sp.sqrt(X**2 + 3 * X + 1), X**2 * (2 * X + 3) ** Q(1, 3),
    (1 + X) ** a * X, sp.tanh(2 * X + 1), sp.coth(X + 1), sp.atan(3 * X), sp.asinh(X / 2), sp.log(2 * X + 1),
    sp.log(X + sp.sqrt(X**2 + a)), sp.log((sp.sqrt(X**2 + 4) + X) / (sp.sqrt(X**2 + 4) - X)),
    X**3 * sp.log(X),
    sp.erf(X / 2 + 1), X * sp.erfc(X), X**3 * sp.sin(2 * X + 1), X**2 * sp.cos(X), X * sp.sinh(X), X * sp.cosh(3 * X),
    X * sp.atan(X**2), X * sp.log(1 + X**2), 1 / (1 + X**2), X / (X**2 + X + 1), 1 / (1 + sp.sqrt(X)),
    X**3 / (1 + X**4), X**3 * (X + 3) / ((2 * X + 1) * (X + a) * (X + b)),
    X / (1 + sp.exp(X)),
    sp.sin(X) ** 3, X * sp.sin(a * X) ** 2, sp.sin(X) ** 2 * sp.cos(X) ** 3, sp.sin(2 * X + 1) * sp.cos(X),
    X * sp.sqrt(1 + a / X**2), X * sp.sqrt(1 - 1 / (4 * X) ** 2), sp.sqrt(1 + a / X), X * sp.exp(-(X**a)),
    X**a * sp.exp(-X),
    X * sp.exp(-((X / 3) ** a)), sp.log(1 + X**2 / 9) / X, sp.log(1 + a * sp.sqrt(X)) / X,
    X * sp.log(1 + sp.exp(-X)), sp.log(2 + sp.exp(X / a)), sp.atan(sp.sinh(a * X)), X * sp.log(sp.cosh(X)),
]  # fmt: skip


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_each_line_of_the_table(term):
    found = verified(term)
    assert found is not None
    values = {"a": Q(4, 3), "b": Q(2, 9)}
    for place in (Q(3, 7), Q(5, 2)):
        assert abs(number(sp.diff(found, X) - term, place, **values)) < TINY * 10**5
    wanted = integral(term, 1, 2, **values)
    assert abs(number(found, sp.Integer(2), **values) - number(found, sp.Integer(1), **values) - wanted) < 1e-30


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(-5, 5).filter(bool), st.sampled_from(TERMS[:12])), min_size=1, max_size=3))
def test_sums_are_integrated_term_by_term(parts):
    expr = sp.Add(*(c * f for c, f in parts))
    found = by_rules(expr)
    assert abs(number(sp.diff(found, X) - expr, Q(4, 5), a=Q(4, 3))) < TINY * 10**6


def test_a_wrong_primitive_is_refused():
    for primitive, expr in ((X**2, X), (sp.log(X) + X, 1 / X), (sp.sin(X), -sp.cos(X)), (sp.exp(2 * X), sp.exp(2 * X))):
        assert not is_primitive(primitive, expr)
    assert is_primitive(sp.log(X) + a, 1 / X)


def test_no_rule_is_no_answer():
    for expr in (sp.sin(X) / X, sp.exp(sp.sin(X)), sp.log(X + sp.cosh(X)), X**X, sp.sqrt(1 + X**3)):
        assert by_rules(expr) is None


def test_summands():
    assert set(terms(X * (1 + X))) == {X, X**2}
    assert terms(sp.Mul(*(X + k for k in range(9))))
    many = sp.Mul(*((X + sp.Symbol(f"c{k}")) for k in range(7)))
    assert terms(many) == (many,)
