"""What may be long goes to a process that can be killed; what is light stays here."""

import os

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symtrans.calculus.algebra.sympy_calls import guarded, is_heavy
from symtrans.calculus.undecided import Undecided
from symtrans.runtime.budgets import remaining, time_limit

x = sp.Symbol("x")
HEAVY = (1 + x**2) ** 1000


def process(expr):
    return os.getpid()


def works(expr):
    while True:
        pass


@given(st.integers(1, 150), st.integers(1, 20))
def test_the_degree_of_a_power_is_what_counts(n, m):
    assert is_heavy((1 + x**m) ** n) == (m * n > 300 or is_heavy((1 + x**m) ** n, 10**9))


def test_heavy_are_high_degrees_long_numbers_and_unlike_exponents():
    assert not is_heavy(x**10_000)  # a monomial
    assert is_heavy(1 + x * sp.Integer(3) ** 20_000)
    assert is_heavy(sp.exp(-sp.Rational(116833, 50000) * x**2))
    assert not is_heavy(sp.exp(-sp.Rational(3, 2) * x**2) + x**3)


def test_light_work_stays_and_heavy_work_leaves():
    assert guarded(process, x**2 - 1) == os.getpid()
    assert guarded(process, HEAVY) != os.getpid()
    assert guarded(sp.degree, HEAVY, x) == 2000


def test_no_answer_in_time_is_an_open_question():
    """The call gets a share of what is left, so that there is time to go on without it."""
    with time_limit(4):
        with pytest.raises(Undecided):
            guarded(works, HEAVY)
        assert 1 < remaining() < 3.5  # part of it goes into loading this file there
