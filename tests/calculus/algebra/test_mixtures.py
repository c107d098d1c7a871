"""When a sum has so many unlike terms that no common form is sought."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X, rational_form
from symtrans.calculus.algebra.mixtures import has_many_poles, is_mixture


def bumps(count):
    return sp.Add(*(sp.exp(-((X - k) ** 2)) / k for k in range(1, count + 1)))


def test_a_mixture_is_many_shifted_bumps():
    assert [is_mixture(bumps(n)) for n in (1, 8, 9, 30)] == [False, False, True, True]
    assert not is_mixture(sp.Add(*(sp.exp(-k * X**2) for k in range(1, 20))))  # powers of one exponential
    assert is_mixture(sp.Add(*(sp.erf(X - k) for k in range(1, 10))))


def test_each_bump_of_a_mixture_is_one_generator():
    assert len(rational_form(bumps(9)).meaning) == 9


def test_many_poles_are_counted_only_among_nested_roots():
    root = sp.sqrt(5 - sp.sqrt(5))
    logs = [sp.log(X + root - n) for n in range(7)]
    assert [has_many_poles(sp.Add(*logs[:n])) for n in (6, 7)] == [False, True]
    assert has_many_poles(sp.Add(*(1 / (X + root + n) for n in range(7))))
    assert not has_many_poles(sp.Add(*(sp.log(X + n) for n in range(7))))  # rational: one polynomial
