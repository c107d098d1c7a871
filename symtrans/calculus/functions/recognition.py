"""Which formulas are splines? Arithmetic of piecewise polynomials reads cases, |.|, sgn, Max and Min node by node.

A formula of n pieces costs n steps: each node is one function on the half line, and a case of a Piecewise is
looked at only where those before it do not hold. What is no spline, or meets an irrational zero, is left to
`splitting`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp
from flint import fmpq
from sympy.core.relational import Relational

from symtrans.calculus.algebra.laurent import ONE, ZERO, Laurent, Y, constant
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splines import Spline, rational, split_root
from symtrans.calculus.functions.splitting import holds
from symtrans.calculus.undecided import Undecided

_ROUGH = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
_LANGUAGE = (
    *_ROUGH,
    *(sp.Rational, sp.Add, sp.Mul, sp.Pow, Relational, sp.And, sp.Or, sp.Not, sp.logic.boolalg.BooleanAtom),
    sp.functions.elementary.piecewise.ExprCondPair,
)
_HIGHEST_POWER = 64
_NIL = fmpq(0)


class _NoSpline(Exception):
    """The formula is no spline, or that is not found out here."""


def spline_of(expr: sp.Expr, r: sp.Symbol, parity: Parity) -> Spline | None:
    """The formula as a spline with breaks, if it is one of that parity for all real r; else None.

    Examples
    --------
    >>> r = sp.Symbol("r", real=True)
    >>> clip = spline_of(sp.Max(sp.Min(r, 2), -2), r, Parity.ODD)
    >>> clip.breaks, [piece.expr for piece in clip.pieces]
    ((2,), [_x, 2])
    """
    nodes = set(sp.preorder_traversal(expr))
    if not all(node == r or isinstance(node, _LANGUAGE) for node in nodes):
        return None
    if not any(isinstance(node, _ROUGH) for node in nodes):
        return None
    roots = {node for node in nodes if isinstance(node, sp.Pow) and not isinstance(node.exp, sp.Integer)}
    if len(roots) > 1 or any(split_root(root) is None for root in roots):
        return None
    root = roots.pop() if roots else sp.S.One
    for scale in dict.fromkeys((root, sp.S.One)):
        try:
            return _spline(expr, r, parity, scale, root)
        except (_NoSpline, Undecided):
            continue
    return None


def _spline(expr: sp.Expr, r: sp.Symbol, parity: Parity, scale: sp.Expr, root: sp.Expr) -> Spline | None:
    """The formula in y = |r|/scale."""
    right, left, origin = (_Reader(r, side, scale, root).read(expr) for side in (1, -1, 0))
    spline = right.as_spline(parity, 1, scale, root)
    if not spline.knots or spline != left.as_spline(parity, parity.value, scale, root):
        return None
    at_zero = origin.parts[0]
    if at_zero is None:  # a removable point gets its limit, a singular even function oo
        value = spline.after(-1)
    else:
        value = rational(at_zero(fmpq(1))) * (root if origin.order else 1)
    if parity is Parity.ODD and value != 0:
        return None
    return Spline(parity, value, spline.knots, spline.parts, spline.at_knots, scale, spline.factor)


@dataclass(frozen=True)
class _Function:
    """root**order * P(y) on y > 0; a part or a value is None where there is none, as 1/y at 0 or beside the cases."""

    order: int
    knots: tuple[fmpq, ...]
    parts: tuple[Laurent | None, ...]
    values: tuple[fmpq | None, ...]

    def cells(self) -> Iterator[tuple[fmpq, fmpq | None, Laurent | None]]:
        yield from zip((_NIL, *self.knots), (*self.knots, None), self.parts, strict=True)

    def mapped(self, change: Callable[[Laurent], Laurent | None], order: int | None = None) -> "_Function":
        """`change` of each part, and of each value as a constant."""
        parts = tuple(None if part is None else change(part) for part in self.parts)
        values = []
        for knot, value in zip(self.knots, self.values, strict=True):
            changed = None if value is None else change(constant(value))
            values.append(None if changed is None else changed(knot))
        return _Function(self.order if order is None else order, self.knots, parts, tuple(values))

    def is_nil(self) -> bool:
        return all(part == ZERO for part in self.parts) and not any(value != 0 for value in self.values)

    def cut(self, places: Sequence[fmpq]) -> "_Function":
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
        return _Function(self.order, tuple(knots), tuple(parts), tuple(values))

    def at_its_zeros(self) -> "_Function":
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
            raise _NoSpline
        values = []
        for k, (knot, value) in enumerate(zip(self.knots, self.values, strict=True)):
            values.append(parts[k](knot) if value is None else side * value)
            if value is None and values[-1] != parts[k + 1](knot):
                raise _NoSpline
        factor = root if self.order and not self.is_nil() else sp.S.One
        return Spline(parity, sp.S.Zero, self.knots, parts, values, scale, factor)


def _merged(one: Sequence[fmpq], two: Sequence[fmpq]) -> list[fmpq]:
    return list(dict.fromkeys(sorted([*one, *two])))


def _sign(number: fmpq) -> int:
    return int(number > 0) - int(number < 0)


@dataclass(frozen=True)
class _Span:
    """The y between lo and hi (None: infinity), with the ends or without."""

    lo: fmpq
    has_lo: bool
    hi: fmpq | None
    has_hi: bool


_EVERYWHERE = _Span(_NIL, False, None, False)


def _meet(one: Sequence[_Span], two: Sequence[_Span]) -> list[_Span]:
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
            found.append(_Span(lo, not has_lo, hi, has_hi))
    return found


def _rest(spans: Sequence[_Span]) -> list[_Span]:
    """Where none of them holds."""
    found, lo, has_lo = [], _NIL, False
    for span in spans:
        if lo < span.lo or (lo == span.lo and has_lo and not span.has_lo):
            found.append(_Span(lo, has_lo, span.lo, not span.has_lo))
        if span.hi is None:
            return found
        lo, has_lo = span.hi, not span.has_hi
    return [*found, _Span(lo, has_lo, None, False)]


class _Reader:
    """A formula as a function of y > 0, where r = side * scale * y."""

    def __init__(self, r: sp.Symbol, side: int, scale: sp.Expr, root: sp.Expr) -> None:
        self._square = fmpq(int(root**2))
        self._root = root
        first = Y.by(fmpq(side))
        self._known: dict[sp.Basic, _Function] = {r: _Function(int(scale != 1), (), (first,), ())}
        self._where: dict[sp.Basic, list[_Span]] = {}

    def read(self, node: sp.Basic) -> _Function:
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._read(node)
        return found

    def _read(self, node: sp.Basic) -> _Function:
        if isinstance(node, sp.Rational):
            return self._constant(node)
        if isinstance(node, sp.Add):
            return self._folded(node.args, self._sum)
        if isinstance(node, sp.Mul):
            return self._folded(node.args, self._product)
        if isinstance(node, sp.Pow):
            return self._power(node)
        if isinstance(node, sp.Abs):
            return self._by_sign(node.args[0], lambda part, sign: part.by(fmpq(sign)), True)
        if isinstance(node, sp.sign):
            return self._by_sign(node.args[0], lambda _, sign: constant(fmpq(sign)), False)
        if isinstance(node, sp.Heaviside):
            at_zero = self._at_zero(node)
            return self._by_sign(node.args[0], lambda _, sign: constant(fmpq(sign > 0) if sign else at_zero), False)
        if isinstance(node, sp.Max | sp.Min):
            side = 1 if isinstance(node, sp.Max) else -1
            return self._folded(node.args, lambda one, two: self._extremum(one, two, side))
        if isinstance(node, sp.Piecewise):
            return self._cases(node)
        raise _NoSpline

    def _constant(self, number: sp.Rational) -> _Function:
        return _Function(0, (), (constant(fmpq(int(number.p), int(number.q))),), ())

    def _folded(self, parts: Sequence[sp.Basic], join: Callable[[_Function, _Function], _Function]) -> _Function:
        """The parts joined two by two, so that n hinges cost n log n."""
        found = [self.read(part) for part in sorted(parts, key=sp.default_sort_key)]
        while len(found) > 1:
            pairs = [join(one, two) for one, two in zip(found[::2], found[1::2], strict=False)]
            found = pairs + (found[-1:] if len(found) % 2 else [])
        return found[0]

    @staticmethod
    def _alike(one: _Function, two: _Function) -> tuple[_Function, _Function, int]:
        """Both with the same breaks, and the power of the root that both share."""
        if one.order != two.order and not (one.is_nil() or two.is_nil()):
            raise _NoSpline
        return one.cut(two.knots), two.cut(one.knots), two.order if one.is_nil() else one.order

    def _sum(self, one: _Function, two: _Function) -> _Function:
        one, two, order = self._alike(one, two)
        parts = (None if a is None or b is None else a.plus(b) for a, b in zip(one.parts, two.parts, strict=True))
        values = (None if a is None or b is None else a + b for a, b in zip(one.values, two.values, strict=True))
        return _Function(order, one.knots, tuple(parts), tuple(values))

    def _product(self, one: _Function, two: _Function) -> _Function:
        one, two = one.cut(two.knots), two.cut(one.knots)
        square = self._square if one.order + two.order == 2 else fmpq(1)

        def times(a: Laurent | None, b: Laurent | None) -> Laurent | None:
            if a is None or b is None:
                return None
            if max(abs(a.low), abs(a.high)) + max(abs(b.low), abs(b.high)) > _HIGHEST_POWER:
                raise _NoSpline
            return a.times(b).by(square)

        parts = (times(a, b) for a, b in zip(one.parts, two.parts, strict=True))
        values = (
            None if a is None or b is None else a * b * square for a, b in zip(one.values, two.values, strict=True)
        )
        return _Function((one.order + two.order) % 2, one.knots, tuple(parts), tuple(values))

    def _power(self, node: sp.Pow) -> _Function:
        if node == self._root:
            return _Function(1, (), (ONE,), ())
        if not isinstance(node.exp, sp.Integer) or abs(node.exp) > _HIGHEST_POWER:
            raise _NoSpline
        base = self.read(node.base)
        if node.exp < 0:

            def inverse(part: Laurent) -> Laurent | None:
                if len(part.coefficients) > 1:
                    raise _NoSpline
                return part.inverse() if part.coefficients else None

            base = base.mapped(inverse)
            # 1/(root * P) = root * (1/P) / root**2
            base = base.mapped(lambda part: part.by(1 / self._square)) if base.order else base
        found = base
        for _ in range(abs(int(node.exp)) - 1):
            found = self._product(found, base)
        return found

    def _by_sign(self, node: sp.Basic, change: Callable[[Laurent, int], Laurent], keeps_order: bool) -> _Function:
        given = self.read(node).at_its_zeros()
        signs, at_knots = given.signs()
        parts = tuple(None if p is None or s is None else change(p, s) for p, s in zip(given.parts, signs, strict=True))
        values = tuple(
            None if v is None or s is None else change(constant(v), s)(knot)
            for knot, v, s in zip(given.knots, given.values, at_knots, strict=True)
        )
        return _Function(given.order if keeps_order else 0, given.knots, parts, values)

    def _at_zero(self, node: sp.Heaviside) -> fmpq:
        if not isinstance(node.args[1], sp.Rational):
            raise _NoSpline
        return fmpq(*(int(part) for part in (node.args[1].p, node.args[1].q)))

    def _extremum(self, one: _Function, two: _Function, side: int) -> _Function:
        """The larger (side 1) or the smaller of two functions."""
        difference = self._difference(one, two).at_its_zeros()
        one, two, order = self._alike(one.cut(difference.knots), two.cut(difference.knots))
        signs, at_knots = difference.signs()
        parts = (
            None if s is None else a if s * side >= 0 else b
            for a, b, s in zip(one.parts, two.parts, signs, strict=True)
        )
        values = (
            None if s is None else a if s * side >= 0 else b
            for a, b, s in zip(one.values, two.values, at_knots, strict=True)
        )
        return _Function(order, one.knots, tuple(parts), tuple(values))

    def _difference(self, one: _Function, two: _Function) -> _Function:
        return self._sum(one, two.mapped(lambda part: part.by(fmpq(-1))))

    # -- cases --

    def _cases(self, node: sp.Piecewise) -> _Function:
        """Each case where its condition holds and none before it does."""
        left = [_EVERYWHERE]
        taken: list[tuple[_Span, sp.Basic]] = []
        for value, condition in node.args:
            holds = self._spans(condition)
            here = _meet(left, holds)
            taken += [(span, value) for span in here]
            if here:
                left = _meet(left, _rest(holds))
            if not left:
                break
        return self._joined(taken)

    def _joined(self, taken: list[tuple[_Span, sp.Basic]]) -> _Function:
        cells: list[tuple[fmpq, fmpq | None, Laurent | None]] = []
        at: dict[fmpq, fmpq | None] = {}
        orders = set()
        for span, value in taken:
            given = self.read(value)
            if not given.is_nil():
                orders.add(given.order)
            at |= {
                place: _value(given, place) for place, has in ((span.lo, span.has_lo), (span.hi, span.has_hi)) if has
            }
            if span.lo == span.hi:
                continue
            end = len(given.knots) if span.hi is None else bisect_left(given.knots, span.hi)
            inner = given.knots[bisect_right(given.knots, span.lo) : end]
            at |= {knot: _value(given, knot) for knot in inner}
            for lo, hi in pairwise([span.lo, *inner, span.hi]):
                cells.append((lo, hi, _part(given, lo)))
        if len(orders) > 1:
            raise _NoSpline
        cells.sort(key=lambda cell: cell[0])
        if not cells or cells[0][0] != 0 or any(a[1] != b[0] for a, b in pairwise(cells)) or cells[-1][1] is not None:
            raise _NoSpline  # there are places that no case covers
        knots = tuple(lo for lo, _, _ in cells[1:])
        values = tuple(at.get(knot) for knot in knots)
        return _Function(orders.pop() if orders else 0, knots, tuple(part for _, _, part in cells), values)

    def _spans(self, condition: sp.Basic) -> list[_Span]:
        """Where a condition holds."""
        found = self._where.get(condition)
        if found is None:
            found = self._where[condition] = self._spans_of(condition)
        return found

    def _spans_of(self, condition: sp.Basic) -> list[_Span]:
        if condition == sp.true or condition == sp.false:
            return [_EVERYWHERE] if condition == sp.true else []
        if isinstance(condition, sp.Not):
            return _rest(self._spans(condition.args[0]))
        if isinstance(condition, sp.And | sp.Or):
            given = [self._spans(part) for part in sorted(condition.args, key=sp.default_sort_key)]
            if isinstance(condition, sp.Or):  # by De Morgan
                given = [_rest(spans) for spans in given]
            found = [_EVERYWHERE]
            for spans in given:
                found = _meet(found, spans)
            return _rest(found) if isinstance(condition, sp.Or) else found
        if not isinstance(condition, Relational):
            raise _NoSpline
        return _where_itholds(condition, self._difference(self.read(condition.lhs), self.read(condition.rhs)))


def _where_itholds(relation: Relational, difference: _Function) -> list[_Span]:
    given = difference.at_its_zeros()
    parts, values = given.signs()
    if None in parts or None in values:
        raise _NoSpline
    found: list[_Span] = []
    for k, (lo, hi, _) in enumerate(given.cells()):
        spans = [_Span(lo, True, lo, True)] if k and holds(relation, values[k - 1] or 0) else []
        spans += [_Span(lo, False, hi, False)] if holds(relation, parts[k] or 0) else []
        for span in spans:
            last = found[-1] if found else None
            if last is not None and last.hi == span.lo and (last.has_hi or span.has_lo):
                found[-1] = _Span(last.lo, last.has_lo, span.hi, span.has_hi)
            else:
                found.append(span)
    return found


def _value(function: _Function, place: fmpq | None) -> fmpq | None:
    assert place is not None
    k = bisect_left(function.knots, place)
    if k < len(function.knots) and function.knots[k] == place:
        return function.values[k]
    part = function.parts[k]
    return None if part is None else part(place)


def _part(function: _Function, lo: fmpq) -> Laurent | None:
    """The part to the right of a place."""
    return function.parts[bisect_right(function.knots, lo)]
