"""Nothing but SymtransError leaves a public call, and a fault of ours says what it is."""

import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, InternalError, NonlinearityError, Shrinkage, SymtransError, certify, r
from symtrans.runtime.public import public

ASSUMPTIONS = (
    {},
    {"real": True},
    {"negative": True},
    {"integer": True},
    {"nonzero": True},
    {"even": True},
    {"extended_real": True},
    {"imaginary": True},
    {"infinite": True},
)
FORMULAS = (
    lambda a: 1 / (a + r**2),
    lambda a: sp.Piecewise((a, sp.Abs(r) <= abs(a)), (a / (1 + r**2), True)),
    lambda a: sp.Abs(r) ** a + sp.Max(a, 1 / (a - 1)),
    lambda a: (1 + (2 * a - 1) * r**2) / (1 + r**4),
    lambda a: sp.sqrt(a) * sp.tanh(abs(a) * sp.Abs(r)) / sp.Abs(r),
)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("assumptions", ASSUMPTIONS, ids=str)
def test_symbols_of_every_assumption(assumptions, formula):
    a = sp.Symbol("a", **assumptions)
    try:
        expr = formula(a)
    except (TypeError, ValueError):  # SymPy's Max refuses some symbols
        return
    try:
        kind = Diffusivity(expr)
        certify(kind, budget=2).steps()
        kind.to(Activation, budget=2)
    except NonlinearityError as refusal:
        assert "internal" not in str(refusal)


def test_a_coefficient_that_vanishes_in_a_case():
    found = certify(Activation("r*(c r^4 + (2a-1) r^2 + 1)/(1 + r^4)"))
    a, c = found.source.parameters
    assert found.g_max.value.subs({a: sp.Rational(1, 4), c: sp.Rational(1, 2)}) == 1
    assert found.g_max.value.subs({a: sp.Rational(1, 4), c: 2}) == 2


def test_a_minimum_of_numbers_that_sympy_does_not_compare():
    found = certify(Shrinkage("Piecewise((r, |r| <= 2), ((a-1) r/(r^2 + 1/a), True))"))
    a = sp.Symbol("a", positive=True)
    value = found.g_max.value
    assert value.subs(a, 3) == 1
    assert value.subs(a, sp.Rational(1, 2)) == sp.Rational(13, 12)


def test_a_fault_of_ours_says_so_and_is_chained(monkeypatch):
    from symtrans.stability import prover

    def fault(member):
        return 1 // 0

    monkeypatch.setattr(prover, "range_of_slope", fault)
    with pytest.raises(
        InternalError, match=r"certify\(Activation\('r/\(7 \+ r\^4\)'\).*ZeroDivisionError.*report"
    ) as caught:
        certify(Activation("r/(r^4 + 7)"))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert isinstance(caught.value, SymtransError)


def test_a_call_with_wrong_arguments_stays_a_type_error():
    with pytest.raises(TypeError, match="argument"):
        certify()
    with pytest.raises(TypeError, match="argument"):
        Diffusivity("1", wrong=3)


def test_a_refusal_passes_unchanged():
    refusal = st.NonlinearityError("no")

    @public
    def refused():
        raise refusal

    with pytest.raises(st.NonlinearityError) as caught:
        refused()
    assert caught.value is refusal
