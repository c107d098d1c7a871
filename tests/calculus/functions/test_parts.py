"""Sets of y > 0 and functions by their parts, held against a grid of points."""

from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from symtrans.calculus.algebra.laurent import ONE, ZERO, Y, constant
from symtrans.calculus.functions.parts import EVERYWHERE, Parts, Span, meet, part_after, rest, value_of

GRID = [fmpq(k, 2) for k in range(1, 16)]  # the whole numbers are ends, those between them lie inside


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Disjoint ascending spans with whole ends."""
    ends = sorted(draw(st.lists(st.integers(0, 7), max_size=6, unique=True)))
    found = []
    for lo, hi in zip(ends[::2], ends[1::2], strict=False):
        found.append(Span(fmpq(lo), lo > 0 and draw(st.booleans()), fmpq(hi), draw(st.booleans())))
    if len(ends) % 2 and ends[-1] > 0:
        end = fmpq(ends[-1])
        found.append(Span(end, True, end, True) if draw(st.booleans()) else Span(end, draw(st.booleans()), None, False))
    return found


def holds(given_: list[Span], y: fmpq) -> bool:
    return any(
        (span.lo < y or (span.lo == y and span.has_lo))
        and (span.hi is None or y < span.hi or (y == span.hi and span.has_hi))
        for span in given_
    )


@given(spans(), spans())
def test_both_and_neither(one: list[Span], two: list[Span]) -> None:
    for y in GRID:
        assert holds(meet(one, two), y) is (holds(one, y) and holds(two, y))
        assert holds(rest(one), y) is not holds(one, y)
        assert holds(rest(rest(one)), y) is holds(one, y)
    assert meet(one, [EVERYWHERE]) == one
    assert meet(one, rest(one)) == []


def test_a_function_by_its_parts() -> None:
    hat = Parts(0, (fmpq(1), fmpq(2)), (Y, None, ZERO), (fmpq(5), None))
    assert [value_of(hat, y) for y in (fmpq(1, 2), fmpq(1), fmpq(3, 2), fmpq(2), fmpq(3))] == [
        fmpq(1, 2),
        5,
        None,
        None,
        0,
    ]
    assert [part_after(hat, y) for y in (fmpq(0), fmpq(1), fmpq(2))] == [Y, None, ZERO]
    finer = hat.cut([fmpq(1, 2), fmpq(1), fmpq(4)])
    assert finer.knots == (fmpq(1, 2), 1, 2, 4)
    assert finer.values == (fmpq(1, 2), 5, None, 0)
    assert finer.parts == (Y, Y, None, ZERO, ZERO)
    doubled = hat.mapped(lambda part: part.by(fmpq(2)))
    assert doubled.values == (10, None)
    assert doubled.parts == (Y.by(fmpq(2)), None, ZERO)


def test_signs_change_at_breaks_only() -> None:
    line = Parts(0, (), (Y.plus(constant(fmpq(-3, 2))),), ()).at_its_zeros()
    assert line.knots == (fmpq(3, 2),)
    assert line.signs() == ([-1, 1], [0])
    assert Parts(1, (), (ZERO,), ()).is_nil()
    assert not Parts(0, (fmpq(1),), (ZERO, ZERO), (fmpq(1),)).is_nil()
    assert Parts(0, (), (ONE,), ()).at_its_zeros().knots == ()
