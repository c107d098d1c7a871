"""The same question twice costs nothing the second time; an answer short of time serves nobody with more."""

import cProfile

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Evidence, Shrinkage, certify, r, translate
from symtrans.runtime.budgets import OutOfTime
from symtrans.runtime.caches import Cache

EXPR = 1 / (1 + 3 * r**2 / sp.Symbol("lambda", positive=True) ** 2)


def work(question):
    """How many Python functions run for the answer once it is there (a time would depend on the machine's load)."""
    question()
    profile = cProfile.Profile()
    profile.runcall(question)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize(
    "question",
    [
        lambda: Diffusivity("1/(1 + 3 r^2/lambda^2)"),
        lambda: Diffusivity(EXPR),
        lambda: Shrinkage("Max(|r| - theta, 0) sgn(r)", tau="1/8"),
        lambda: Diffusivity(EXPR).to(Activation),
        lambda: translate(Diffusivity(EXPR)),
        lambda: translate(Diffusivity(EXPR), tau="1/8"),
        lambda: translate(Diffusivity(EXPR)).certificate,
        lambda: certify(Diffusivity(EXPR)),
        lambda: st.catalogue["soft"].certificate,
    ],
)
def test_the_second_time_costs_next_to_nothing(question):
    assert work(question) < 2000  # well under a millisecond
    assert question() == question()


def test_the_users_own_symbols_come_back_each_time():
    found = []
    for width in (sp.Symbol("w"), sp.Symbol("w", positive=True), sp.Symbol("w")):
        c = certify(Diffusivity(sp.exp(-(r**2) / width**2)))
        found.append(c.slope_min.attained.free_symbols == {width})
    assert found == [True, True, True]


def test_equal_keys_of_different_type_are_told_apart():
    assert Activation(sp.Integer(1) * r).expr == r
    assert Diffusivity(1).expr == 1
    with pytest.raises(st.NonlinearityError):
        Diffusivity(True)
    assert Diffusivity(1.0).expr == 1
    with pytest.raises(st.NonlinearityError):
        Diffusivity(np.array([1.0]))


def test_an_answer_short_of_time_is_not_kept_for_a_larger_budget():
    nonlinearity = Activation("r exp(-r^2/7) + r exp(-r^2/14)/5")
    short = certify(nonlinearity, budget=1e-6)
    assert short.g_max.evidence is Evidence.UNKNOWN
    assert "budget" in short.g_max.reason
    assert certify(nonlinearity, budget=1e-6) is short
    longer = certify(nonlinearity, budget=60)
    assert longer.g_max.value == sp.Rational(6, 5)
    assert certify(nonlinearity, budget=1e-6) is longer  # a complete answer serves everybody


def test_a_cache_is_bounded_and_remembers_no_exception():
    asked = []

    def compute(k):
        asked.append(k)
        return k

    cache = Cache(2)
    for k in (1, 2, 3, 1):
        cache.get(k, 1.0, lambda k=k: compute(k))
    assert asked == [1, 2, 3, 1]
    with pytest.raises(OutOfTime):
        cache.get(9, 1.0, lambda: (_ for _ in ()).throw(OutOfTime()))
    assert cache.get(9, 1.0, lambda: 5) == 5
