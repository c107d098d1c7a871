"""The parts of a sign chart, and how charts of factors make that of their product."""

from collections.abc import Iterator
from typing import NamedTuple

import sympy as sp

from symtrans.calculus.algebra.comparisons import compare


class Segment(NamedTuple):
    """An open interval on which an expression keeps one sign."""

    lo: sp.Expr
    hi: sp.Expr
    sign: int
    isolated: bool = False  # by ball arithmetic, not by algebra


Chart = tuple[Segment, ...]


def one_sign(chart: Chart) -> int | None:
    """The sign that a function has all over its interval, where it is 0 nowhere or everywhere; else None."""
    return chart[0].sign if len(chart) == 1 else None


def zeros(chart: Chart) -> tuple[sp.Expr, ...]:
    """The isolated zeros: the points where two segments meet."""
    return tuple(segment.hi for segment in chart[:-1])


def to_power(chart: Chart, exponent: int) -> Chart:
    """Chart of a power of a function, by that of the function."""
    return tuple(s._replace(sign=s.sign**exponent) for s in chart)


def times(a: Chart, b: Chart) -> Chart:
    """Chart of the product: the union of the zeros, the product of the signs."""
    if len(b) == 1:
        return tuple(s._replace(sign=s.sign * b[0].sign, isolated=s.isolated or b[0].isolated) for s in a)
    if len(a) == 1:
        return times(b, a)
    return tuple(Segment(lo, hi, x.sign * y.sign, x.isolated or y.isolated) for lo, hi, (x, y) in refined(a, b))


def refined(*charts: Chart) -> Iterator[tuple[sp.Expr, sp.Expr, list[Segment]]]:
    """The intervals between the zeros of all charts, and the segment of each chart that holds them."""
    at = [0] * len(charts)
    lo = charts[0][0].lo
    while True:
        here = [chart[k] for chart, k in zip(charts, at, strict=True)]
        hi = here[0].hi
        for segment in here[1:]:
            hi = segment.hi if compare(segment.hi, hi) < 0 else hi
        yield lo, hi, here
        at = [k + (compare(segment.hi, hi) == 0) for k, segment in zip(at, here, strict=True)]
        if any(k == len(chart) for chart, k in zip(charts, at, strict=True)):
            return
        lo = hi
