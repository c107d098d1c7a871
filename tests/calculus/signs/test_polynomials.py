"""Positive roots of polynomials: all of them, ascending, with their multiplicities."""

from itertools import pairwise

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.signs.polynomials import positive_roots
from symtrans.calculus.undecided import Undecided

a, b = sp.symbols("a b", positive=True)
small = st.integers(-6, 6)


def roots_of(polynomial):
    coefficients = {k: c for (k,), c in reversed(sp.Poly(polynomial, X).terms())}
    signs = [sign(c) for c in coefficients.values()]
    changes = sum(p != q for p, q in pairwise(signs))
    return positive_roots(coefficients, signs, changes) if changes else []  # Descartes


@settings(max_examples=40)
@given(st.lists(st.tuples(small.filter(bool), st.integers(1, 2)), min_size=1, max_size=3), st.sampled_from([1, -2]))
def test_roots_that_were_put_in_come_out(factors, leading):
    polynomial = sp.expand(leading * sp.Mul(*((2 * X - root) ** n for root, n in factors)))
    wanted = {}
    for root, n in factors:
        wanted[sp.Rational(root, 2)] = wanted.get(sp.Rational(root, 2), 0) + n
    assert roots_of(polynomial) == sorted((root, n) for root, n in wanted.items() if root > 0)


@settings(max_examples=30)
@given(st.lists(small, min_size=5, max_size=9), st.sampled_from([1, -3, 7]))
def test_their_number_is_that_of_sturm(middle, leading):
    """Irreducible factors of high degree are isolated by FLINT; Sturm's theorem counts independently."""
    poly = sp.Poly([leading, *middle, 5], X)
    found = roots_of(poly.as_expr())
    bound = 1 + max(abs(c) for c in poly.all_coeffs())
    assert len(found) == sp.Poly(sp.sqf_part(poly), X).count_roots(0, bound)
    numbers = [root.evalf(40) for root, _ in found]
    assert numbers == sorted(numbers)
    assert all(abs(poly.eval(value)) < 1e-25 * bound**9 for value in numbers)


@pytest.mark.parametrize(
    ("polynomial", "expected"),
    [
        (a * X - b, [(b / a, 1)]),
        (X**2 - a, [(sp.sqrt(a), 1)]),
        (1 - a**2 * X**2, [(1 / a, 1)]),
        (X**2 - 2 * a * X + a**2, [(a, 2)]),
        (X**2 - 3 * a * X + 2 * a**2, [(a, 1), (2 * a, 1)]),
        (-(X**2) + 3 * a * X - 2 * a**2, [(a, 1), (2 * a, 1)]),
        (X**2 - a * X + a**2, []),
        (X**3 - 6 * a * X**2 + 11 * a**2 * X - 6 * a**3, [(a, 1), (2 * a, 1), (3 * a, 1)]),
    ],
    ids=str,
)
def test_roots_in_the_parameters(polynomial, expected):
    assert roots_of(polynomial) == expected


def test_a_quadratic_in_two_parameters_has_its_one_positive_root():
    for polynomial in (a * X**2 - b * X - 1, 1 + b * X - a * X**2, a * X**2 + b * X - 1, 1 - b * X - a * X**2):
        ((root, multiplicity),) = roots_of(polynomial)
        assert multiplicity == 1
        values = {a: sp.Rational(3, 2), b: sp.Rational(7, 4)}
        assert root.subs(values) > 0
        assert sp.simplify(polynomial.subs(X, root)) == 0


def test_two_roots_in_the_parameters_ascend():
    for sign_ in (1, -1):
        (first, _), (second, _) = roots_of(sp.expand(sign_ * (X**2 - (2 + a) * X + 1)))
        assert 0 < first.subs(a, 3) < second.subs(a, 3)
        assert sp.simplify(first * second) == 1


def test_what_has_no_closed_form_or_no_order_is_a_question():
    for polynomial in (X**3 - a * X - b, X**2 - a * X + b):
        with pytest.raises(Undecided):
            roots_of(polynomial)


def test_one_term_that_two_others_outweigh_makes_no_root():
    """Here b² < 4 a c for all parameters; where it is not, or the others stand elsewhere, roots stay a question."""
    for polynomial in (a**2 * X**4 + b * X**3 - a * X**2 + X + 1, a**2 * X**8 + b * X**5 - a * X**4 + X**3 + 1):
        assert roots_of(polynomial) == roots_of(-polynomial) == []
    for polynomial in (a**2 * X**4 + b * X**3 - 3 * a * X**2 + X + 1, a**2 * X**5 + b * X**3 - a * X**2 + 1):
        with pytest.raises(Undecided):
            roots_of(polynomial)
