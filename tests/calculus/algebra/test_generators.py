"""Generators: what is read is a rational function of plain symbols, and back again the expression itself."""

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.generators import LARGEST_POWER, Reader
from symtrans.calculus.algebra.simplification import simplified
from tests.calculus.fifty_digits import TINY, number

a, p = sp.symbols("a p", positive=True)
READ = (
    X / sp.sqrt(1 + X**2) + (1 + X**2) ** sp.Rational(-3, 2),
    sp.exp(-X / 2) + sp.exp(-X / 3) * sp.exp(a * X),
    sp.sinh(X) / sp.cosh(X) ** 2 + sp.log(1 + X),
    X ** (p + sp.Rational(5, 2)) + X**p,
    (1 + X) ** sp.Rational(100_001, 100_000),
)


@pytest.mark.parametrize("expr", READ, ids=str)
def test_what_is_read_comes_back(expr):
    reader = Reader(expr, X)
    read = reader.read(expr)
    assert read.is_rational_function(*read.free_symbols)
    back = read.xreplace(reader.meaning)
    values = {"a": sp.Rational(3, 7), "p": sp.Rational(9, 5)}
    assert abs(number(back, sp.Rational(5, 3), **values) - number(expr, sp.Rational(5, 3), **values)) < TINY


def test_powers_of_one_root_and_of_one_exponential_have_one_generator():
    reader = Reader(READ[0], X)
    reader.read(READ[0])
    ((root, order, base),) = reader.relations
    assert (reader.meaning[root] ** order, base) == (1 + X**2, 1 + X**2)
    alike = sp.exp(-X / 2) + sp.exp(-X / 3)
    reader = Reader(alike, X)
    reader.read(alike)
    assert list(reader.meaning.values()) == [sp.exp(X / 6)]


def test_no_polynomial_has_the_degree_of_a_decimal():
    read = Reader(READ[-1], X).read(READ[-1])
    assert max(sp.Poly(read).degree_list()) <= LARGEST_POWER


def test_a_form_that_is_read_again_has_new_generators():
    first = Reader(sp.exp(X), X)
    inner = first.read(sp.exp(X))
    whole = inner + sp.exp(a * X)
    second = Reader(whole, X)
    assert second.read(whole).free_symbols > {inner}
    assert inner not in second.meaning


def test_a_parameter_is_a_power_of_its_root():
    b = sp.Symbol("b", positive=True)
    assert simplified((a - b) / (sp.sqrt(a) + sp.sqrt(b))) == sp.sqrt(a) - sp.sqrt(b)
    assert simplified((a ** sp.Rational(3, 2) - a) / (sp.sqrt(a) - 1)) == a
    assert is_zero(a ** sp.Rational(1, 3) * b - a**p * sp.cbrt(a) * a**-p * b) is True
    assert is_zero((a - 1) / (sp.sqrt(a) + 1) - sp.sqrt(a) - 1) is False


def test_powers_by_multiples_of_a_parameter_are_powers_of_one_another():
    n, p = sp.symbols("n p", positive=True)
    base = X / p
    equal = {base ** (2 * n) * base ** (-n): base**n, base ** (n + p) / base**p: base**n}
    equal |= {(1 + X) ** (n + sp.Rational(1, 2)) / sp.sqrt(1 + X): (1 + X) ** n}
    equal |= {(base**n - 1) * (base**n + 1): base ** (2 * n) - 1}
    for one, other in equal.items():
        assert is_zero(one - other) is True
    assert is_zero(base ** (2 * n) - base**n) is False
    assert is_zero(base ** (n / 100) - base ** (n * 100)) is not True
