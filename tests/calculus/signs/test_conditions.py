"""Conditions on the parameters written in short mean what they meant."""

import itertools

import pytest
import sympy as sp

from symtrans.calculus.signs.conditions import flat, union_of

p, a, b, c = sp.symbols("p a b c", positive=True)
GRID = [sp.Rational(n, 4) for n in (1, 2, 3, 4, 6, 8, 13)]


def test_a_disjunction_is_written_as_one_relation():
    assert union_of([p < 1, sp.Eq(p, 1)]) == (p <= 1)
    assert union_of([p < 2, p > 2]) == sp.Ne(p, 2)
    assert union_of([a < b + c, sp.Eq(b + c, a)]) == (a <= b + c)
    assert union_of([a > b, a < b]) == sp.Ne(a, b)
    assert union_of([a > b, a <= b]) == sp.true
    assert union_of([a > b, a < b**2]) == (a > b) | (a < b**2)
    assert set(GRID) & {v for v in GRID if union_of([p < 1, p > 2]).subs(p, v)} == {v for v in GRID if v < 1 or v > 2}


CONDITIONS = [a < b, sp.Eq(a, b), a > b, sp.Le(a, b), sp.Ge(a, b), (a < b) & (b < 1), (a > b) | sp.Eq(b, 1), b > 1]


@pytest.mark.parametrize("holds", [sp.true, *CONDITIONS], ids=str)
def test_flat_cases_are_the_same_function(holds):
    for some in itertools.permutations(CONDITIONS, 2):
        cases = [
            *([] if holds is sp.true else [(sp.S.Zero, sp.Not(holds))]),
            *zip((1, 2), some, strict=True),
            (3, True),
        ]
        cases = [(sp.sympify(value), sp.sympify(when)) for value, when in cases]
        found = flat(cases, holds)
        assert len(sp.Piecewise(*cases).args if found.is_Piecewise else ()) >= len(found.args) * found.is_Piecewise
        for values in itertools.product(GRID[2:5], repeat=2):
            at = dict(zip((a, b), values, strict=True))
            expected = next(value for value, when in cases if when.subs(at) == sp.true)
            assert found.subs(at) == expected


def test_cases_that_cannot_be_met_are_left_out():
    assert flat([(1, a < b), (2, sp.Ge(a, b)), (3, sp.true)]) == sp.Piecewise((1, a < b), (2, True))
    assert flat([(1, sp.Ne(a, b)), (2, a < b), (3, sp.true)]) == sp.Piecewise((1, sp.Ne(a, b)), (3, True))
    kept = [(1, (a < b) & (b < 1)), (2, a < b), (3, sp.true)]
    assert flat(kept) == sp.Piecewise(*kept)
    assert flat([(0, sp.Not((a < b) & (b < 1))), (2, b > 1), (3, sp.true)], (a < b) & (b < 1)).args[1] == (3, True)


REAL_B, REAL_C, WHOLE = sp.Symbol("b", real=True), sp.Symbol("c", real=True), sp.Symbol("k", nonnegative=True)


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        (
            [sp.Eq(x, 0) & sp.Eq(y, 0), sp.Eq(x, 0) & (y < 0), sp.Eq(y, 0) & (x < 0), (x < 0) & (y < 0)],
            (x <= 0) & (y <= 0),
        )
        for x, y in [(REAL_B, REAL_C)]
    ]
    + [
        ([p < 1, (p > 1) & (p > a + 1)], (p < 1) | (p > a + 1)),
        ([sp.Eq(p, 1), (p > 1) & (p < a + 1)], (p >= 1) & (p < a + 1)),
        ([(REAL_B < 0) & sp.Eq(a, b), (REAL_B < 0) & (a < b), (REAL_B < 0) & (a > b)], REAL_B < 0),
        ([(WHOLE > 0) & (a > b), sp.Eq(WHOLE, 0) & (a > b)], a > b),
        ([(a < b) & (b < 1), (a < b) & (b > 2)], ((a < b) & (b < 1)) | ((a < b) & (b > 2))),
        ([sp.Eq(p, 1), (p > 1) & (p < a)], sp.Eq(p, 1) | ((p > 1) & (p < a))),
        ([(a < b) & (p < 1), (a > b) & (p > 1)], ((a < b) & (p < 1)) | ((a > b) & (p > 1))),
    ],
)
def test_conjunctions_that_differ_in_one_relation_are_one(conditions, wanted):
    found = union_of(conditions)
    assert found == wanted
    for order in (conditions[::-1], [*conditions[1:], conditions[0]]):
        assert union_of(order) == wanted
    values = {p: GRID[:6], a: GRID[:6], b: GRID[1:4], REAL_B: [-1, 0, 1], REAL_C: [-1, 0, 1], WHOLE: [0, 1]}
    symbols = sorted(sp.Tuple(*conditions).free_symbols, key=lambda s: (s.name, s.is_positive is None))
    for point in itertools.product(*(values[s] for s in symbols)):
        at = dict(zip(symbols, point, strict=True))
        assert bool(found.subs(at)) == any(bool(one.subs(at)) for one in conditions)
