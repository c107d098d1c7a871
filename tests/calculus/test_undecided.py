"""An open question carries the sign that would settle it."""

import pickle

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import compare, sign
from symtrans.calculus.undecided import Undecided, decided, decided_as_it_is

a, b = sp.symbols("a b", positive=True)


def test_the_question_is_an_expression_in_the_parameters():
    with pytest.raises(Undecided) as caught:
        compare(a, b)
    question = caught.value.open
    assert question.free_symbols == {a, b}
    signs = [sp.sign(question.subs({a: one, b: other})) for one, other in ((1, 2), (2, 1))]
    assert sorted(signs) == [-1, 1]
    assert question.subs({a: 3, b: 3}) == 0


def test_no_sign_of_the_parameters_settles_what_depends_on_the_variable():
    with pytest.raises(Undecided) as caught:
        sign(X - a)
    assert caught.value.open is None


def test_it_says_something_and_survives_a_process():
    with pytest.raises(Undecided) as caught:
        sign(a - b)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) != ""


def test_who_can_do_without_an_answer_gets_none():
    assert decided(sign, sp.Integer(-3)) == -1
    assert decided(sign, X - a) is None
    assert decided(sign, a - b) is None


def test_what_a_parameter_settles_goes_on_to_who_may_ask():
    assert decided_as_it_is(sign, X - a) is None
    with pytest.raises(Undecided) as caught:
        decided_as_it_is(sign, a - b)
    assert caught.value.open is not None
