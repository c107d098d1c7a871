"""Which formulas are splines? Arithmetic of piecewise polynomials reads cases, |.|, sgn, Max and Min node by node.

A formula of n pieces costs n steps: each node is one function on the half line, and a case of a Piecewise is
looked at only where those before it do not hold. What is no spline, or meets an irrational zero, is left to
`splitting`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

import sympy as sp
from flint import fmpq
from sympy.core.relational import Relational

from symtrans.calculus.algebra.laurent import ONE, Laurent, Y, constant
from symtrans.calculus.algebra.switches import holds
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.parts import EVERYWHERE, NoSpline, Parts, Span, meet, part_after, rest, value_of
from symtrans.calculus.functions.splines import Spline, rational, split_root
from symtrans.calculus.undecided import Undecided

_ROUGH = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
_LANGUAGE = (
    *_ROUGH,
    *(sp.Rational, sp.Add, sp.Mul, sp.Pow, Relational, sp.And, sp.Or, sp.Not, sp.logic.boolalg.BooleanAtom),
    sp.functions.elementary.piecewise.ExprCondPair,
)
_HIGHEST_POWER = 64
_NIL = fmpq(0)


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
        except (NoSpline, Undecided):
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


class _Reader:
    """A formula as a function of y > 0, where r = side * scale * y."""

    def __init__(self, r: sp.Symbol, side: int, scale: sp.Expr, root: sp.Expr) -> None:
        self._square = fmpq(int(root**2))
        self._root = root
        first = Y.by(fmpq(side))
        self._known: dict[sp.Basic, Parts] = {r: Parts(int(scale != 1), (), (first,), ())}
        self._where: dict[sp.Basic, list[Span]] = {}

    def read(self, node: sp.Basic) -> Parts:
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._read(node)
        return found

    def _read(self, node: sp.Basic) -> Parts:
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
        raise NoSpline

    def _constant(self, number: sp.Rational) -> Parts:
        return Parts(0, (), (constant(fmpq(int(number.p), int(number.q))),), ())

    def _folded(self, parts: Sequence[sp.Basic], join: Callable[[Parts, Parts], Parts]) -> Parts:
        """The parts joined two by two, so that n hinges cost n log n."""
        found = [self.read(part) for part in sorted(parts, key=sp.default_sort_key)]
        while len(found) > 1:
            pairs = [join(one, two) for one, two in zip(found[::2], found[1::2], strict=False)]
            found = pairs + (found[-1:] if len(found) % 2 else [])
        return found[0]

    @staticmethod
    def _alike(one: Parts, two: Parts) -> tuple[Parts, Parts, int]:
        """Both with the same breaks, and the power of the root that both share."""
        if one.order != two.order and not (one.is_nil() or two.is_nil()):
            raise NoSpline
        return one.cut(two.knots), two.cut(one.knots), two.order if one.is_nil() else one.order

    def _sum(self, one: Parts, two: Parts) -> Parts:
        one, two, order = self._alike(one, two)
        parts = (None if a is None or b is None else a.plus(b) for a, b in zip(one.parts, two.parts, strict=True))
        values = (None if a is None or b is None else a + b for a, b in zip(one.values, two.values, strict=True))
        return Parts(order, one.knots, tuple(parts), tuple(values))

    def _product(self, one: Parts, two: Parts) -> Parts:
        one, two = one.cut(two.knots), two.cut(one.knots)
        square = self._square if one.order + two.order == 2 else fmpq(1)

        def times(a: Laurent | None, b: Laurent | None) -> Laurent | None:
            if a is None or b is None:
                return None
            if max(abs(a.low), abs(a.high)) + max(abs(b.low), abs(b.high)) > _HIGHEST_POWER:
                raise NoSpline
            return a.times(b).by(square)

        parts = (times(a, b) for a, b in zip(one.parts, two.parts, strict=True))
        values = (
            None if a is None or b is None else a * b * square for a, b in zip(one.values, two.values, strict=True)
        )
        return Parts((one.order + two.order) % 2, one.knots, tuple(parts), tuple(values))

    def _power(self, node: sp.Pow) -> Parts:
        if node == self._root:
            return Parts(1, (), (ONE,), ())
        if not isinstance(node.exp, sp.Integer) or abs(node.exp) > _HIGHEST_POWER:
            raise NoSpline
        base = self.read(node.base)
        if node.exp < 0:

            def inverse(part: Laurent) -> Laurent | None:
                if len(part.coefficients) > 1:
                    raise NoSpline
                return part.inverse() if part.coefficients else None

            base = base.mapped(inverse)
            # 1/(root * P) = root * (1/P) / root**2
            base = base.mapped(lambda part: part.by(1 / self._square)) if base.order else base
        found = base
        for _ in range(abs(int(node.exp)) - 1):
            found = self._product(found, base)
        return found

    def _by_sign(self, node: sp.Basic, change: Callable[[Laurent, int], Laurent], keeps_order: bool) -> Parts:
        given = self.read(node).at_its_zeros()
        signs, at_knots = given.signs()
        parts = tuple(None if p is None or s is None else change(p, s) for p, s in zip(given.parts, signs, strict=True))
        values = tuple(
            None if v is None or s is None else change(constant(v), s)(knot)
            for knot, v, s in zip(given.knots, given.values, at_knots, strict=True)
        )
        return Parts(given.order if keeps_order else 0, given.knots, parts, values)

    def _at_zero(self, node: sp.Heaviside) -> fmpq:
        if not isinstance(node.args[1], sp.Rational):
            raise NoSpline
        return fmpq(*(int(part) for part in (node.args[1].p, node.args[1].q)))

    def _extremum(self, one: Parts, two: Parts, side: int) -> Parts:
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
        return Parts(order, one.knots, tuple(parts), tuple(values))

    def _difference(self, one: Parts, two: Parts) -> Parts:
        return self._sum(one, two.mapped(lambda part: part.by(fmpq(-1))))

    # -- cases --

    def _cases(self, node: sp.Piecewise) -> Parts:
        """Each case where its condition holds and none before it does."""
        left = [EVERYWHERE]
        taken: list[tuple[Span, sp.Basic]] = []
        for value, condition in node.args:
            holds = self._spans(condition)
            here = meet(left, holds)
            taken += [(span, value) for span in here]
            if here:
                left = meet(left, rest(holds))
            if not left:
                break
        return self._joined(taken)

    def _joined(self, taken: list[tuple[Span, sp.Basic]]) -> Parts:
        cells: list[tuple[fmpq, fmpq | None, Laurent | None]] = []
        at: dict[fmpq, fmpq | None] = {}
        orders = set()
        for span, value in taken:
            given = self.read(value)
            if not given.is_nil():
                orders.add(given.order)
            at |= {
                place: value_of(given, place) for place, has in ((span.lo, span.has_lo), (span.hi, span.has_hi)) if has
            }
            if span.lo == span.hi:
                continue
            end = len(given.knots) if span.hi is None else bisect_left(given.knots, span.hi)
            inner = given.knots[bisect_right(given.knots, span.lo) : end]
            at |= {knot: value_of(given, knot) for knot in inner}
            for lo, hi in pairwise([span.lo, *inner, span.hi]):
                cells.append((lo, hi, part_after(given, lo)))
        if len(orders) > 1:
            raise NoSpline
        cells.sort(key=lambda cell: cell[0])
        if not cells or cells[0][0] != 0 or any(a[1] != b[0] for a, b in pairwise(cells)) or cells[-1][1] is not None:
            raise NoSpline  # there are places that no case covers
        knots = tuple(lo for lo, _, _ in cells[1:])
        values = tuple(at.get(knot) for knot in knots)
        return Parts(orders.pop() if orders else 0, knots, tuple(part for _, _, part in cells), values)

    def _spans(self, condition: sp.Basic) -> list[Span]:
        """Where a condition holds."""
        found = self._where.get(condition)
        if found is None:
            found = self._where[condition] = self._spans_of(condition)
        return found

    def _spans_of(self, condition: sp.Basic) -> list[Span]:
        if condition == sp.true or condition == sp.false:
            return [EVERYWHERE] if condition == sp.true else []
        if isinstance(condition, sp.Not):
            return rest(self._spans(condition.args[0]))
        if isinstance(condition, sp.And | sp.Or):
            given = [self._spans(part) for part in sorted(condition.args, key=sp.default_sort_key)]
            if isinstance(condition, sp.Or):  # by De Morgan
                given = [rest(spans) for spans in given]
            found = [EVERYWHERE]
            for spans in given:
                found = meet(found, spans)
            return rest(found) if isinstance(condition, sp.Or) else found
        if not isinstance(condition, Relational):
            raise NoSpline
        return _where_itholds(condition, self._difference(self.read(condition.lhs), self.read(condition.rhs)))


def _where_itholds(relation: Relational, difference: Parts) -> list[Span]:
    given = difference.at_its_zeros()
    parts, values = given.signs()
    if None in parts or None in values:
        raise NoSpline
    found: list[Span] = []
    for k, (lo, hi, _) in enumerate(given.cells()):
        spans = [Span(lo, True, lo, True)] if k and holds(relation, values[k - 1] or 0) else []
        spans += [Span(lo, False, hi, False)] if holds(relation, parts[k] or 0) else []
        for span in spans:
            last = found[-1] if found else None
            if last is not None and last.hi == span.lo and (last.has_hi or span.has_lo):
                found[-1] = Span(last.lo, last.has_lo, span.hi, span.has_hi)
            else:
                found.append(span)
    return found
