"""Waves that never end: one period or turn is enough, or an envelope, or they pass all bounds."""

import pytest
import sympy as sp

from symtrans import Diffusivity, Evidence, certify
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.candidates import supremum
from symtrans.calculus.functions.extrema import piece_candidates
from symtrans.calculus.functions.half_line import Piece
from symtrans.calculus.functions.oscillation import infinities, oscillates, whole_turn
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

Q, oo, zero = sp.Rational, sp.oo, sp.S.Zero
a, b = sp.symbols("a b", positive=True)


@pytest.mark.parametrize(
    ("expr", "period"),
    [
        (sp.cos(X) + 2, 2 * sp.pi),
        (sp.sin(2 * X) + sp.cos(3 * X), 2 * sp.pi),
        (sp.sin(X / 2) * sp.cos(X / 3), 12 * sp.pi),
        (sp.exp(sp.sin(4 * X)), sp.pi / 2),
        (1 / (3 + sp.cos(-Q(6, 5) * X + 1) + sp.sin(Q(9, 10) * X)), 20 * sp.pi / 3),
    ],
    ids=str,
)
def test_a_period_is_one(expr, period):
    end, _ = whole_turn(expr, sp.Integer(1))
    assert end == 1 + period
    for place in (Q(1, 3), Q(22, 7)):
        moved = Q(str((place + period).evalf(40)))
        assert abs(number(expr, place) - number(expr, moved)) < 1e-35


@pytest.mark.parametrize(
    "expr",
    [sp.cos(X**2), sp.sin(X) ** 3, sp.exp(-X) * sp.cos(5 * X), sp.sin(X) / X, sp.sin(3 * X) / (1 + X)],
    ids=str,
)
def test_the_range_of_a_wave_is_that_of_its_values(expr):
    found, _ = piece_candidates(Piece(zero, oo, expr))
    top, bottom = (float(supremum(found, (), side).value) for side in (1, -1))
    values = [number(expr, Q(k, 160)) for k in range(1, 1501)]
    slack = (top - bottom) * 1e-2
    assert bottom <= min(values) <= bottom + slack
    assert top - slack <= max(values) <= top


@pytest.mark.parametrize("expr", [sp.sin(X) + sp.sin(sp.sqrt(2) * X), sp.log(1 + X) + sp.cos(X)], ids=str)
def test_what_has_neither_is_a_question(expr):
    with pytest.raises(Undecided):
        piece_candidates(Piece(zero, oo, expr))


def test_unbounded_waves_reach_both_infinities():
    assert infinities(X * sp.sin(X)) == {oo, -oo}
    assert infinities(X * (2 + sp.sin(X))) == {oo}
    assert infinities(-(X**2) * sp.cos(X**2) ** 2) == {-oo}
    assert infinities(sp.sin(X) / X) == frozenset()
    assert infinities(X * sp.sin((a - b) * X)) == frozenset()  # where a = b it does not move


def test_what_oscillates():
    assert oscillates(sp.sin(X) * sp.exp(-X))
    assert not oscillates(sp.sin(1 / (1 + X)))
    assert oscillates(sp.cos((a - b) * X))  # perhaps
    assert not oscillates(sp.tanh(X))


@pytest.mark.parametrize("text", ["cos(r^2)", "2 + sin(r^2)", "cos(r^2) + cos(2*r^2)"])
def test_a_wave_of_changing_frequency_has_no_period(text):
    certificate = certify(Diffusivity(text), budget=1)
    for bound in (certificate.g_max, certificate.g_min):
        assert bound.evidence is Evidence.UNKNOWN or bound.value in (1, -1, 2, 3)


@pytest.mark.parametrize(
    ("expr", "top", "bottom"),
    [
        (a + b * sp.cos(3 * X), a + b, a - b),
        ((a + sp.cos(X)) / (1 + a), sp.S.One, (a - 1) / (a + 1)),
        (a * sp.sin(b * X) / X + 1, 1 + a * b, None),
        (a - b * X * sp.sin(X) ** 2, a, -oo),
        ((a * (1 + X**2) + sp.cos(X) ** 2) / (1 + X**2), 1 + a, a),
    ],
    ids=str,
)
def test_a_wave_moved_by_parameters_has_the_range_of_the_wave_moved(expr, top, bottom):
    found, argument = piece_candidates(Piece(zero, oo, expr))
    values = [supremum(found, argument, side).value for side in (1, -1)]
    assert sp.simplify(values[0] - top) == 0
    if bottom is not None:
        assert values[1] == bottom or sp.simplify(values[1] - bottom) == 0
    for k in range(1, 40):
        at = {a: Q(2, 3), b: Q(5, 4), X: Q(k, 3)}
        assert values[1].subs(at) - 1e-12 <= expr.subs(at).evalf(20) <= values[0].subs(at) + 1e-12


def test_a_wave_whose_amplitude_may_have_either_sign_has_an_answer_for_each():
    certificate = certify(Diffusivity("1 + (a - 1) |r| sin(r)^2"))
    assert certificate.g_max.value.subs(a, 2) == oo
    assert certificate.g_max.value.subs(a, Q(1, 2)) == 1
    assert certificate.g_max.evidence is Evidence.PROVED
