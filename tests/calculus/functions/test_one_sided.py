"""One bound at a time: found where the zeros of the derivative have no name, and never where a value passes it."""

import pytest
import sympy as sp

from symtrans import Activation, certify, r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.one_sided import keeps_within, never_negative, one_bound
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

a, b = sp.symbols("a b", positive=True)
PLACES = [sp.Rational(k, 7) for k in (1, 3, 8, 20, 50)]
VALUES = [{"a": sp.Rational(1, 5), "b": sp.Integer(6)}, {"a": sp.Integer(9), "b": sp.Rational(1, 3)}]


def whole(expr):
    return HalfLine(Parity.EVEN, sp.S.Zero, (Piece(sp.S.Zero, sp.oo, expr),), ())


def values(expr):
    used = {str(s) for s in expr.free_symbols - {X}}
    return [number(expr, place, **{k: v for k, v in some.items() if k in used}) for place in PLACES for some in VALUES]


@pytest.mark.parametrize(
    ("expr", "low", "high"),
    [
        (sp.tanh(X) / X / (1 + a * X**2), 0, 1),
        (a * sp.tanh(X) / X + b / (1 + X**2), 0, a + b),
        (sp.atan(a * X) / (b * X) + sp.tanh(X) / X, 0, a / b + 1),
        ((1 - a * X * sp.tanh(X)) / sp.cosh(X) ** a, None, 1),
        ((1 + a * X * sp.tanh(X)) / sp.cosh(X) ** a, 0, None),  # it rises from 1 where a < 1
        (sp.exp(-a * X) * (1 + X), 0, None),
        (X**2 + a * sp.sin(X) ** 2 / X, 0, sp.oo),
        (X**2 - a * sp.sin(X) ** 2 / X, None, sp.oo),
        (sp.exp(-X / a) * sp.sin(X) / X, None, 1),
    ],
    ids=str,
)
def test_a_bound_is_the_limit_at_an_end(expr, low, high):
    for side, expected in ((1, high), (-1, low)):
        if expected is None:
            with pytest.raises(Undecided):
                one_bound(whole(expr), side)
            continue
        assert one_bound(whole(expr), side).value == expected
        if expected is not sp.oo:
            bounds = [number(expected + 0 * X, sp.S.One, **some) if expected != 0 else 0 for some in VALUES] * len(
                PLACES
            )
            assert all(side * (bound - value) > 0 for value, bound in zip(values(expr), bounds, strict=True))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ((1 - a * X * sp.tanh(X)) / sp.cosh(X) ** a, False),
        (a / (1 + X**2) - 2 * a * X**2 / (1 + X**2) ** 2 + b * sp.exp(-X), False),  # far out
        (sp.exp(-X) * sp.sin(a * X) / X, False),  # again and again
        ((a + b * X**2) * (1 - sp.tanh(a * X + b * X**3 / 3) ** 2), True),
        (a * sp.sin(X) ** 2 + b * X, True),
        (a * sp.sin(X) + b * X, None),  # negative just if a is much larger
        (a * sp.exp(-X) - b * sp.exp(-2 * X), None),  # negative just if b > a
        (sp.exp(-X / a) * sp.sin(b * X) ** 2, True),  # 0 again and again
        (sp.exp(-X / a) * sp.sin(b * X) ** 3, False),
    ],
    ids=str,
)
def test_whether_a_function_is_negative_somewhere(expr, expected):
    if expected is None:
        with pytest.raises(Undecided):
            never_negative(whole(expr))
    else:
        assert never_negative(whole(expr))[0] is expected


def test_a_value_at_a_break_counts():
    cases = HalfLine(Parity.EVEN, sp.S.One, (Piece(sp.S.Zero, a, sp.S.One), Piece(a, sp.oo, a / X)), (-b,))
    assert never_negative(cases, points=True)[0] is False
    assert never_negative(cases, points=False)[0] is True
    assert one_bound(cases, -1).value in (-b, sp.Min(0, -b))
    assert keeps_within(cases, sp.S.One, 1)
    assert not keeps_within(cases, sp.Rational(1, 2), 1)
    with pytest.raises(Undecided) as question:
        keeps_within(cases, b, 1)
    assert question.value.open.free_symbols == {b}


def test_one_part_open_leaves_the_bound_open_unless_another_is_infinite():
    hump = sp.exp(-a * X) * (1 + X)  # its maximum depends on a
    before = Piece(sp.S.Zero, sp.S.One, hump)
    assert (
        one_bound(HalfLine(Parity.EVEN, sp.S.One, (before, Piece(sp.S.One, sp.oo, X)), (sp.S.One,)), 1).value is sp.oo
    )
    with pytest.raises(Undecided):
        one_bound(HalfLine(Parity.EVEN, sp.S.One, (before, Piece(sp.S.One, sp.oo, 1 / X)), (sp.S.One,)), 1)


@pytest.mark.parametrize(
    ("expr", "side", "expected"),
    [
        (sp.cos(a * X) * sp.exp(-X), 1, 1),
        (sp.cos(a * X) * sp.exp(-X), -1, None),
        (-2 * sp.cos(a * X) * sp.exp(-X), -1, -2),
        (sp.cos(X) * sp.cos(a * X) * sp.exp(-X), 1, 1),
        (sp.cos(a * X) ** 2 * sp.exp(-X), 1, 1),
        (sp.cos(X) * sp.cos(a * X) * (1 - X) * sp.exp(-X), 1, None),  # two waves may turn it round
        (sp.cos(a * X) * (1 + X**2), 1, sp.oo),
        (sp.cos(a * X) - X / (1 + X), 1, 1),
        (2 - sp.exp(-X) - sp.cos(a * X), -1, 0),
        (sp.cos(a * X) - X**2 / (1 + X**4), -1, None),
        (sp.Max(sp.cos(X), a * sp.sin(X)) * sp.exp(-X), 1, None),  # the other wave may be larger
        (sp.Max(sp.cos(X), a * sp.Abs(sp.sin(X))) / (1 + X**2), 1, None),
        (sp.Min(-sp.cos(X), -a * sp.sin(X)) * sp.exp(-X), -1, None),
        (sp.Max(sp.cos(X), a * sp.sin(X)) + sp.exp(-X), 1, None),
    ],
    ids=str,
)
def test_a_wave_that_starts_at_its_crest(expr, side, expected):
    function = HalfLine(Parity.EVEN, sp.S.Zero, (Piece(sp.S.Zero, sp.oo, expr),), ())
    if expected is None:
        with pytest.raises(Undecided):
            one_bound(function, side)
        return
    found = one_bound(function, side)
    assert found.value == expected
    values = [side * number(expr, sp.Rational(k, 50), a=sp.Rational(7, 3)) for k in range(1, 500)]
    assert expected is sp.oo or max(values) <= side * expected


@pytest.mark.parametrize("wave", [sp.Abs(sp.cos(a * X)), sp.Max(0, sp.cos(a * X)), sp.Max(0, sp.cos(a * X)) ** 2])
def test_a_wave_with_breaks_for_ever_is_0_again_and_again(wave):
    for envelope in (1 / (1 + b * X**2), sp.exp(-(X**2)), 2 / sp.cosh(X)):
        function = whole(wave * envelope)
        top = sp.limit(envelope, X, 0)
        assert (one_bound(function, 1).value, one_bound(function, -1).value) == (top, 0)
        assert (one_bound(whole(-wave * envelope), 1).value, one_bound(whole(-wave * envelope), -1).value) == (0, -top)
    with pytest.raises(Undecided):
        one_bound(whole(wave * (1 + X) / (1 + X**2)), 1)
    with pytest.raises(Undecided):
        one_bound(whole(sp.Max(sp.S.Half, sp.sin(a * X)) / (1 + X**2)), 1)


@pytest.mark.parametrize(
    ("expr", "side", "expected"),
    [
        (sp.Abs(sp.sin(a * X)) / X / (1 + X**2), 1, a),
        (sp.Abs(sp.sin(a * X)) / X / (1 + X), 1, a),
        (sp.Max(0, sp.sin(a * X)) / X / (1 + X**2), 1, a),
        (-sp.Abs(sp.sin(a * X)) / X * sp.exp(-(X**2)), -1, -a),
        (sp.Min(0, sp.sin(a * X)) / X / (1 + X**2), 1, 0),
        (sp.Max(sp.S.Half, sp.cos(a * X)) / (1 + X**2), 1, 1),
        (sp.Abs(sp.sin(a * X)) / X + X / (1 + X**2), 1, None),  # rises from a for some a
        (sp.cos(a * X) + b * sp.cos(b * X), 1, 1 + b),  # of waves alone
        (-sp.cos(a * X) - b * sp.cos(b * X), -1, -1 - b),
        (sp.cos(a * X) - b * sp.cos(b * X), 1, None),  # 1 + b, or less if b = 3 a
    ],
    ids=str,
)
def test_the_larger_of_two_passes_no_level_that_neither_passes(expr, side, expected):
    function = whole(expr)
    if expected is None:
        with pytest.raises(Undecided):
            one_bound(function, side)
        return
    assert one_bound(function, side).value == expected
    at = {"a": sp.Rational(7, 3), "b": sp.Rational(5, 4)}
    top = number(expected + 0 * X, sp.S.One, **at)
    assert max(side * number(expr, sp.Rational(k, 50), **at) for k in range(1, 500)) <= side * top


def test_a_sum_of_waves_is_no_steeper_than_its_amplitudes():
    c = certify(Activation(sp.sin(a * r) + sp.sin(b * r)))
    assert c.slope_max.value == c.lipschitz.value == a + b
    assert c.slope_min.value is None
    assert keeps_within(whole(a * sp.cos(X) - b * sp.sin(X)), -a - b, -1)
    assert not keeps_within(whole(a * sp.cos(X) - b * sp.sin(X)), a, 1)
