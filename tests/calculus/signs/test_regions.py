"""Regions cover the parameter space, one sign in each; what is put in comes out again."""

import itertools

import pytest
import sympy as sp

from symtrans import Activation, certify, r
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.signs.regions import (
    EVERYWHERE,
    Region,
    assumed,
    by_cases,
    regions,
    sign_under,
    united,
)
from symtrans.calculus.undecided import Undecided

p, q, a, b, c = sp.symbols("p q a b c", positive=True)
k = sp.Symbol("k", real=True)
GRID = [sp.Rational(n, 4) for n in (1, 2, 3, 4, 6, 8, 13)]
OPEN = [
    2 * p - 1, p + q - 1, p - q, q - 2 * p, (p - 1) * (p - 3), p**2 - 2, 1 - p * q, p * q - q**2, a * b - c,
    p**3 - 6 * p**2 + 11 * p - 6, a + 2 * b - 3, p * (q - 1), k - 1, k**2 - 1, k * p - 1,
]  # fmt: skip


def points(symbols):
    ordered = sorted(symbols, key=str)
    for values in itertools.product(
        *([*GRID, -sp.Rational(1, 2), -sp.Integer(2)] if s == k else GRID for s in ordered)
    ):
        yield dict(zip(ordered, values, strict=True))


@pytest.mark.parametrize("expr", OPEN, ids=str)
def test_each_point_lies_in_one_region_and_has_its_sign(expr):
    try:
        parts = regions(expr)
    except Undecided:
        assert expr == k * p - 1  # the sign of the slope in p is that of k
        return
    for point in points(expr.free_symbols):
        holding = [part for part in parts if part.condition.subs(point) == True]  # noqa: E712 - SymPy's true
        assert len(holding) == 1, point
        (part,) = holding
        inner = expr.subs(dict(part.into))
        assert sign(sp.expand(inner)) == sp.sign(expr.subs(point)), (point, part)
        new = {d: meaning.subs(point) for d, meaning in part.back}
        assert all(value > 0 for value in new.values())
        for symbol, meaning in part.into:
            assert sp.simplify(meaning.subs(new).subs(point) - point[symbol]) == 0
        assert sp.simplify(part.outward(inner).subs(point) - expr.subs(point)) == 0


@pytest.mark.parametrize("depth", [1, 2])
def test_nested_regions_keep_their_meaning(depth):
    outer = regions(p - 1)
    for part in outer[: depth * 2]:
        inner = [sub.within(part) for sub in regions(sp.expand((q - p).subs(dict(part.into))))]
        for point in points({p, q}):
            if part.condition.subs(point) != True:  # noqa: E712
                continue
            holding = [sub for sub in inner if sub.condition.subs(point) == True]  # noqa: E712
            assert len(holding) == 1
            new = {d: meaning.subs(point) for d, meaning in holding[0].back}
            for symbol, meaning in holding[0].into:
                assert sp.simplify(meaning.subs(new).subs(point) - point[symbol]) == 0


def test_cases_joined_are_right_at_every_point():
    def ask(region):
        expr = sp.expand((p + q - 2).subs(dict(region.into)))
        return sp.Abs(p + q - 2).subs(dict(region.into)) if sign(expr) == 0 else sign(expr) * expr

    whole = united(by_cases(ask, 3))
    for point in points({p, q}):
        assert whole.subs(point) == abs(point[p] + point[q] - 2)


def test_too_few_splits_are_a_question():
    with pytest.raises(Undecided):
        by_cases(lambda region: sign((p - q).subs(dict(region.into))), 0)


def test_assumptions_go_without_saying():
    (region,) = assumed([a < b, b < c])
    for expr, expected in ((b - a, 1), (a - c, -1), (c - b, 1)):
        assert sign(expr.subs(dict(region.into))) == expected
    assert region.condition is sp.true
    assert len(assumed([a <= b])) == 2
    assert assumed([]) == (EVERYWHERE,)
    assert sign_under([a > 1, b > 1], a * b - 1) == 1
    assert sign_under([a > 1], a - 2) is None


@pytest.mark.parametrize(
    "relations", [[a < b, b < a], [a < b, b <= a], [a < 0], [sp.Ne(a, b)], [sp.sin(a) > 0]], ids=str
)
def test_assumptions_that_cannot_be_or_cannot_be_used_are_refused(relations):
    with pytest.raises(Undecided):
        assumed(relations)


def test_the_step_where_the_slope_may_have_either_sign():
    step = certify(Activation((a - b) * r)).energy_step()
    assert step.subs({a: 1, b: 2}) is sp.oo
    assert step.subs({a: 2, b: 1}) == sp.Rational(1, 2)


def test_an_answer_without_new_symbols_is_left_alone():
    assert Region(p > 1).outward(q + 1) == q + 1


def test_a_formula_that_divides_by_zero_at_a_point_of_a_region_does_not_hold_there():
    a, b = sp.symbols("a b", real=True)
    below, at, above = regions(a + b)
    with_a_gap = (a + b) * sp.sqrt(b) / b  # 0 wherever a = -b, but for a = b = 0
    whole = united([(below, with_a_gap), (at, sp.S.Zero), (above, sp.S.One)])
    assert whole.subs({a: 0, b: 0}, simultaneous=True) == 0
    assert whole.subs({a: -3, b: 3}, simultaneous=True) == 0
    everywhere = united([(below, (a + b) / (1 + b**2)), (at, sp.S.Zero), (above, sp.S.One)])
    assert everywhere == sp.Piecewise(((a + b) / (1 + b**2), a <= -b), (1, True))


def test_signs_that_are_known_in_a_region_shorten_its_answers():
    a, b = sp.symbols("a b", real=True)
    negative = regions(a)[0]
    part = regions(b)[2].within(negative)  # a < 0 < b
    root, other = (sp.sqrt(s * part.inward(p)) for s, p in ((-1, a), (1, b)))
    assert part.outward((root**2 - other**2) / (root + other)) == sp.sqrt(-a) - sp.sqrt(b)


@pytest.mark.parametrize("root", [sp.sqrt(2), sp.sqrt(5) - sp.sqrt(3), -sp.sqrt(2)], ids=str)
def test_where_a_parameter_is_counted_from_a_root_its_roots_are_found(root):
    d = sp.Symbol("d", positive=True)
    shifted = sp.expand(((p**2 - 4) * (p**2 - 1)).subs(p, root + d))
    ends = [sp.simplify(part.condition.rhs) for part in regions(shifted) if isinstance(part.condition, sp.Eq)]
    assert ends == [sp.simplify(end - root) for end in (-2, -1, 1, 2) if end > root]


@pytest.mark.parametrize(
    "expr", [p**2 + sp.sqrt(2) * p - sp.pi, p**3 - p - sp.sqrt(2), p**2 - sp.cbrt(2) * p - 1], ids=str
)
def test_a_polynomial_that_does_not_split_is_a_question(expr):
    with pytest.raises(Undecided):
        regions(expr)


def test_answers_for_either_sign_of_a_parameter_are_one_of_its_modulus():
    b = sp.Symbol("b", real=True)
    below, at, above = regions(b)

    def answers(negative, zero, positive):
        return united([(below, below.inward(negative)), (at, zero), (above, above.inward(positive))])

    assert answers(-b, sp.S.Zero, b) == sp.Abs(b)
    assert answers(sp.sqrt(1 - b), sp.S.One, sp.sqrt(1 + b)) == sp.sqrt(1 + sp.Abs(b))
    assert answers(b, sp.S.Zero, b) == b
    assert answers(-b, sp.S.One, b).has(sp.Piecewise)
    assert answers(-b, sp.S.Zero, 2 * b) == sp.Piecewise((-b, b <= 0), (2 * b, True))


def test_a_single_point_has_the_shorter_formula_of_its_neighbours():
    b = sp.Symbol("b", real=True)
    below, at, above = regions(b)
    found = united([(below, below.inward((1 - b) ** (b - 1))), (at, sp.S.One), (above, sp.S.One)])
    assert found == sp.Piecewise(((1 - b) ** (b - 1), b < 0), (1, True))
