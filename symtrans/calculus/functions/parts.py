"""Functions of y > 0 by their parts, which may be missing, and sets of y: what a formula is while it is read."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp
from flint import fmpq

from symtrans.calculus.algebra.laurent import ZERO, Laurent, constant
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splines import Spline

_NIL = fmpq(0)


class NoSpline(Exception):
    """The formula is no spline, or that is not found out here."""


@dataclass(frozen=True)
class Parts:
    """root**order * P(y) on y > 0; a part or a value is None where there is none, as 1/y at 0 or beside the cases."""

    order: int
    knots: tuple[fmpq, ...]
    parts: tuple[Laurent | None, ...]
    values: tuple[fmpq | None, ...]

    def cells(self) -> Iterator[tuple[fmpq, fmpq | None, Laurent | None]]:
        """Each (lo, hi, part); the last hi is None."""
        yield from zip((_NIL, *self.knots), (*self.knots, None), self.parts, strict=True)

    def mapped(self, change: Callable[[Laurent], Laurent | None]) -> "Parts":
        """`change` of each part, and of each value as a constant."""
        parts = tuple(None if part is None else change(part) for part in self.parts)
        values = []
        for knot, value in zip(self.knots, self.values, strict=True):
            changed = None if value is None else change(constant(value))
            values.append(None if changed is None else changed(knot))
        return Parts(self.order, self.knots, parts, tuple(values))

    def is_nil(self) -> bool:
        """Whether it is 0 everywhere: then it has any power of the root."""
        return all(part == ZERO for part in self.parts) and not any(value != 0 for value in self.values)

    def cut(self, places: Sequence[fmpq]) -> "Parts":
        """The same function with more breaks, given in ascending order."""
        if tuple(places) == self.knots:
            return self
        knots, parts, values, n = [], [self.parts[0]], [], 0
        for place in _merged(self.knots, places):
            knots.append(place)
            if n < len(self.knots) and self.knots[n] == place:
                values.append(self.values[n])
                n += 1
            else:
                part = self.parts[n]
                values.append(None if part is None else part(place))
            parts.append(self.parts[n])
        return Parts(self.order, tuple(knots), tuple(parts), tuple(values))

    def at_its_zeros(self) -> "Parts":
        """The same function cut where it vanishes, so that each part has one sign."""
        zeros = [
            root for lo, hi, part in self.cells() if part is not None and part != ZERO for root in part.roots(lo, hi)
        ]
        return self.cut(zeros)

    def signs(self) -> tuple[list[int | None], list[int | None]]:
        """The sign of each part and of each value; the zeros are breaks."""
        parts = []
        for lo, hi, part in self.cells():
            inside = lo + 1 if hi is None else (lo + hi) / 2
            parts.append(None if part is None else _sign(part(inside)))
        return parts, [None if value is None else _sign(value) for value in self.values]

    def as_spline(self, parity: Parity, side: int, scale: sp.Expr, root: sp.Expr) -> Spline:
        """Side times the function, its removable points filled, as a spline that is 0 at 0."""
        parts = [part.by(fmpq(side)) for part in self.parts if part is not None]
        if len(parts) < len(self.parts):
            raise NoSpline
        values = []
        for k, (knot, value) in enumerate(zip(self.knots, self.values, strict=True)):
            values.append(parts[k](knot) if value is None else side * value)
            if value is None and values[-1] != parts[k + 1](knot):
                raise NoSpline
        factor = root if self.order and not self.is_nil() else sp.S.One
        return Spline(parity, sp.S.Zero, self.knots, parts, values, scale, factor)


def _merged(one: Sequence[fmpq], two: Sequence[fmpq]) -> list[fmpq]:
    return list(dict.fromkeys(sorted([*one, *two])))


def _sign(number: fmpq) -> int:
    return int(number > 0) - int(number < 0)


class Span(NamedTuple):
    """The y between lo and hi (None: infinity), with the ends or without."""

    lo: fmpq
    has_lo: bool
    hi: fmpq | None
    has_hi: bool


EVERYWHERE = Span(_NIL, False, None, False)


def meet(one: Sequence[Span], two: Sequence[Span]) -> list[Span]:
    """Where both hold; the spans of each are disjoint and ascend."""
    found, k, n = [], 0, 0
    while k < len(one) and n < len(two):
        a, b = one[k], two[n]
        lo, has_lo = max((a.lo, not a.has_lo), (b.lo, not b.has_lo))
        if a.hi is None or (b.hi is not None and (b.hi, b.has_hi) < (a.hi, a.has_hi)):
            hi, has_hi = b.hi, b.has_hi
            n += 1
        else:
            hi, has_hi = a.hi, a.has_hi
            k += 1
        if hi is None or lo < hi or (lo == hi and has_hi and not has_lo):
            found.append(Span(lo, not has_lo, hi, has_hi))
    return found


def rest(spans: Sequence[Span]) -> list[Span]:
    """Where none of them holds."""
    found, lo, has_lo = [], _NIL, False
    for span in spans:
        if lo < span.lo or (lo == span.lo and has_lo and not span.has_lo):
            found.append(Span(lo, has_lo, span.lo, not span.has_lo))
        if span.hi is None:
            return found
        lo, has_lo = span.hi, not span.has_hi
    return [*found, Span(lo, has_lo, None, False)]


def value_of(function: Parts, place: fmpq | None) -> fmpq | None:
    """The value at a place."""
    assert place is not None
    k = bisect_left(function.knots, place)
    if k < len(function.knots) and function.knots[k] == place:
        return function.values[k]
    part = function.parts[k]
    return None if part is None else part(place)


def part_after(function: Parts, lo: fmpq) -> Laurent | None:
    """The part to the right of a place."""
    return function.parts[bisect_right(function.knots, lo)]
