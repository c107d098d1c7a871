"""The same question twice costs nothing the second time; an answer short of time serves nobody with more."""

import cProfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Evidence, NonlinearityError, Regulariser, Shrinkage, certify, r, translate
from symtrans.calculus.algebra import sympy_calls
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.antiderivatives import verification
from symtrans.calculus.antiderivatives.rules import is_primitive, verified
from symtrans.runtime import workers
from symtrans.runtime.budgets import OutOfTime, expiries, remaining, time_limit
from symtrans.runtime.caches import Cache, remembered

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


def test_threads_share_a_cache_that_is_too_small_for_them():
    cache, double = Cache(3), remembered(3)(lambda k: 2 * k)

    def ask(first):
        keys = [(first + step) % 10 for step in range(2000)]
        return all(cache.get(k, 1.0, lambda k=k: 3 * k) == 3 * k and double(k) == 2 * k for k in keys)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))


# A result that a budget cut short, of whatever cache: a small budget first, then a large one


def in_its_share(found, needed=0.3):
    """What a search finds in half of the time that is left; None where that does not suffice."""
    try:
        with time_limit(min(remaining(), 20) / 2):
            time.sleep(0.05)
            with time_limit(needed) if remaining() < needed else nullcontext():
                while remaining() < needed:  # too little is left: it ends in vain
                    pass
            return found
    except OutOfTime:
        return None


def test_a_search_cut_short_is_no_answer_for_a_larger_budget():
    search = remembered(8)(in_its_share)
    with time_limit(0.4):
        assert search("found") is None
        before = expiries()
        assert search("found") is None  # served, and what is made of it is cut short too
        assert expiries() > before
    assert search("found") == "found"
    with time_limit(0.4):
        assert search("found") == "found"  # a complete answer serves everybody


def test_what_is_made_of_a_result_cut_short_is_not_complete():
    inner, outer = Cache(8), Cache(8)

    def whole(budget):
        return outer.get("key", budget, lambda: inner.get("key", budget, lambda: in_its_share("found")))

    with time_limit(0.4):
        inner.get("key", 0.4, lambda: in_its_share("found"))
        assert whole(0.4) is None
    assert whole(20) == "found"


class TestSmallThenLarge:
    """The closed form, or the proof, is that of the large budget alone, whatever was asked before."""

    @pytest.fixture(autouse=True)
    def _slow(self, monkeypatch):
        """Every search for a primitive takes half a second."""
        search = verification.primitive_of

        def slow(*arguments):
            time.sleep(0.05)
            with time_limit(0.6) if remaining() < 0.5 else nullcontext():
                while remaining() < 0.5:
                    pass
            return search(*arguments)

        monkeypatch.setattr(verification, "primitive_of", slow)

    def small(self, ask, outside):
        try:
            if outside:
                with time_limit(0.8):
                    ask(20)
            else:
                ask(0.8)
        except (OutOfTime, NonlinearityError):
            pass

    @pytest.mark.parametrize("outside", [False, True])
    def test_of_a_translation_and_of_the_family_made_of_it(self, outside):
        given = Activation(f"tanh(r/{7 + outside}) + r/13")
        self.small(lambda budget: given.to(Regulariser, budget=budget), outside)
        self.small(lambda budget: translate(given, budget=budget), outside)
        family = translate(given, budget=60)
        assert not family.regulariser.expr.has(sp.Integral)
        assert family.regulariser == given.to(Regulariser, budget=60)


def test_a_rule_that_was_stopped_is_asked_again(monkeypatch):
    """SymPy works in a process of its own, and is stopped there when its share of the time is over."""

    def stopped(*arguments, **options):
        raise OutOfTime

    term = X**3 / (1 + X**2 / 3) ** 5
    with monkeypatch.context() as patch, time_limit(60):
        patch.setattr(sympy_calls, "is_heavy", lambda expr: True)
        patch.setattr(workers, "call", stopped)
        assert verified(term) is None
    found = verified(term)
    assert found is not None
    assert is_primitive(found, term)
