"""Even and odd functions as smooth pieces on the half line r >= 0.

SymPy's calculus is unreliable on |r|, sgn, Max and cases, and reliable on
smooth pieces. So every nonlinearity is cut at its breaks once, when it is admitted,
and all calculus happens piece by piece; parity gives back r < 0.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero, put
from symtrans.calculus.algebra.comparisons import compare, insert, substituted, vanishes
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import without_signs
from symtrans.calculus.asymptotics.limits import is_plain, limit
from symtrans.calculus.functions.domain import is_smooth, scan
from symtrans.calculus.signs.regions import by_cases, united
from symtrans.calculus.undecided import Sentence, Undecided, decided, interval

_DEEPEST_CASES = 2  # parameters on which a value at 0 may depend


class Parity(Enum):
    """Symmetry about r = 0."""

    EVEN = 1
    ODD = -1


@dataclass(frozen=True)
class Piece:
    """A smooth expression in `X` on the open interval (lo, hi)."""

    lo: sp.Expr
    hi: sp.Expr
    expr: sp.Expr


@dataclass(frozen=True)
class HalfLine:
    """An even or odd function through its values on r >= 0.

    Attributes
    ----------
    parity : Parity
    origin : Expr
        The value at r = 0; may be oo for a singular diffusivity such as 1/|r|.
    pieces : tuple of Piece
        They cover (0, oo); piece k ends where piece k + 1 begins.
    values : tuple of Expr
        The value at each break, `values[k]` at `pieces[k].hi`.
    doubts : tuple of Sentence
        Questions of smoothness left open; nothing may be called proved if any.
    """

    parity: Parity
    origin: sp.Expr
    pieces: tuple[Piece, ...]
    values: tuple[sp.Expr, ...]
    doubts: tuple[Sentence, ...] = ()

    @property
    def breaks(self) -> tuple[sp.Expr, ...]:
        """The points r > 0 at which one piece ends and the next begins."""
        return tuple(piece.hi for piece in self.pieces[:-1])

    @property
    def parameters(self) -> frozenset[sp.Symbol]:
        """All symbols other than the variable."""
        parts = [p.expr for p in self.pieces] + [p.hi for p in self.pieces] + [*self.values, self.origin]
        return frozenset().union(*(part.free_symbols for part in parts)) - {X}

    def at(self, place: sp.Expr) -> sp.Expr:
        """The exact value at a point r >= 0 whose place among the breaks can be proved."""
        if place == 0:
            return self.origin
        for k, piece in enumerate(self.pieces):
            order = compare(place, piece.hi)
            if order < 0:
                return simplified(put(piece.expr, place))
            if order == 0:
                return self.values[k]
        raise Undecided(place, " lies on no piece")

    def on(self, lo: sp.Expr, hi: sp.Expr) -> sp.Expr:
        """The formula that holds on the whole of (lo, hi)."""
        for piece in self.pieces:
            if compare(piece.lo, lo) <= 0 and compare(hi, piece.hi) <= 0:
                return piece.expr
        raise Undecided("no single piece covers ", *interval(lo, hi))

    def before(self, k: int) -> sp.Expr:
        """Limit at break k from the left."""
        return limit(self.pieces[k].expr, self.pieces[k].hi, "-")

    def after(self, k: int) -> sp.Expr:
        """Limit at break k from the right; k = -1 is the limit at 0+."""
        return limit(self.pieces[k + 1].expr, self.pieces[k + 1].lo, "+")

    def may_jump(self) -> Iterable[int]:
        """The breaks, by number, at which limits and value are not known to agree."""
        return range(len(self.values))

    def map(
        self,
        change: Callable[[sp.Expr, sp.Expr], sp.Expr],
        parity: Parity,
        origin: sp.Expr | None = None,
    ) -> "HalfLine":
        """The function r -> change(f(r), r), piece by piece and at every break.

        `origin` is its value at 0; None takes the limit from the right for an
        even function (a removable point is filled) and 0 for an odd one.
        """
        pieces = tuple(Piece(p.lo, p.hi, simplified(change(p.expr, X))) for p in self.pieces)
        values = tuple(simplified(change(v, b)) for v, b in zip(self.values, self.breaks, strict=True))
        if origin is None:
            origin = sp.S.Zero if parity is Parity.ODD else value_at_zero(pieces[0].expr)
        return HalfLine(parity, origin, pieces, values, self.doubts).merged()

    def scaled(self, factor: sp.Expr) -> "HalfLine":
        """The function r -> f(factor * r) for a positive factor.

        Breaks that are numbers are multiplied out, as those of an entered formula are: what is printed is read back.
        """

        def place(end: sp.Expr) -> sp.Expr:
            moved = end / factor
            return end if end is sp.oo else simplified(moved if moved.free_symbols else sp.expand_mul(moved))

        pieces = tuple(Piece(place(p.lo), place(p.hi), p.expr.xreplace({X: factor * X})) for p in self.pieces)
        return HalfLine(self.parity, self.origin, pieces, self.values, self.doubts)

    def derivative(self) -> "HalfLine":
        """The derivative on each piece; at a break and at 0 its limit from the left (from the origin's side).

        Jumps of the function itself leave no trace here: ask `jumps` first.
        """
        parity = Parity(-self.parity.value)
        pieces = tuple(Piece(p.lo, p.hi, _slope(p.expr)) for p in self.pieces)
        values = tuple(limit(p.expr, p.hi, "-") for p in pieces[:-1])
        origin = sp.S.Zero if parity is Parity.ODD else value_at_zero(pieces[0].expr)
        return HalfLine(parity, origin, pieces, values, self.doubts).merged()

    def derivative_by(self, parameter: sp.Symbol) -> "HalfLine":
        """The derivative by a parameter at fixed r; at a break its limit from the side of 0."""
        pieces = tuple(Piece(p.lo, p.hi, simplified(differentiate(p.expr, parameter))) for p in self.pieces)
        values = tuple(limit(p.expr, p.hi, "-") for p in pieces[:-1])
        return HalfLine(self.parity, sp.S.Zero, pieces, values, self.doubts).merged()

    def merged(self) -> "HalfLine":
        """Drop every break across which the formula and the value carry on unchanged."""
        pieces, values = [self.pieces[0]], []
        for piece, value in zip(self.pieces[1:], self.values, strict=True):
            last = pieces[-1]
            if is_zero(last.expr - piece.expr) and self._regular(last.expr, piece.lo, value):
                pieces[-1] = Piece(last.lo, piece.hi, last.expr)
            else:
                pieces.append(piece)
                values.append(value)
        return HalfLine(self.parity, self.origin, tuple(pieces), tuple(values), self.doubts)

    @staticmethod
    def _regular(expr: sp.Expr, place: sp.Expr, value: sp.Expr) -> bool:
        there = put(expr, place)
        if not is_plain(there) or not is_zero(there - value):
            return False
        around = decided(scan, expr, place / 2, 2 * place)
        return around is not None and around.is_clear

    def subs(self, mapping: Mapping[sp.Symbol, sp.Expr]) -> "HalfLine":
        """Replace parameters by expressions that keep the order of the breaks; two that meet are one.

        A break as 1/k, where k becomes 0, is at infinity, and nothing lies beyond.

        Raises
        ------
        Undecided
            If different values are given for the place where breaks meet.
        """

        def put(e: sp.Expr) -> sp.Expr:
            there = substituted(e, dict(mapping), simultaneous=True)
            return there if there is e else simplified(there)

        pieces: list[Piece] = []
        values: list[sp.Expr] = []
        for p, value in zip(self.pieces, (*self.values, None), strict=True):
            lo, hi = put(p.lo), put(p.hi)
            if hi is sp.zoo:
                pieces.append(Piece(lo, sp.oo, put(p.expr)))
                break
            is_empty = hi == lo or (hi is not sp.oo and is_zero(hi - lo) is True)
            if not is_empty:
                pieces.append(Piece(lo, hi, put(p.expr)))
                values += [] if value is None else [put(value)]
            elif value is not None:
                before, there = values[-1] if values else put(self.origin), put(value)  # a break may also meet 0
                if before != there and is_zero(before - there) is not True:
                    raise Undecided("at ", hi, " breaks meet, and the values there differ: ", before, " and ", there)
        reduced = HalfLine(self.parity, put(self.origin), tuple(pieces), tuple(values), self.doubts)
        return reduced if len(pieces) == len(self.pieces) else reduced.merged()

    def agrees(self, other: "HalfLine", but_at_zero: bool = False) -> bool:
        """Whether the other is proved to be the same function, break by break."""
        mine = [part for p, v in zip(self.pieces, (*self.values, sp.S.Zero), strict=True) for part in (p.lo, p.expr, v)]
        its = [
            part for p, v in zip(other.pieces, (*other.values, sp.S.Zero), strict=True) for part in (p.lo, p.expr, v)
        ]
        pairs = [*zip(mine, its, strict=True)] if len(mine) == len(its) else None
        return pairs is not None and all(
            a == b or is_zero(a - b) is True
            for a, b in [*([] if but_at_zero else [(self.origin, other.origin)]), *pairs]
        )


def _slope(expr: sp.Expr) -> sp.Expr:
    slope = differentiate(expr, X)
    return simplified(without_signs(slope) if slope.has(sp.sign) else slope)


def smooth_between_breaks(function: HalfLine) -> HalfLine:
    """The function without its doubts where they are settled: in a part of the parameter space more is known.

    Raises
    ------
    Undecided
        If a sign of the parameters would settle one.
    """
    if not function.doubts or not all(is_smooth(piece.expr, piece.lo, piece.hi) for piece in function.pieces):
        return function
    return replace(function, doubts=())


def value_at_zero(expr: sp.Expr) -> sp.Expr:
    """The limit at 0+; where it depends on the parameters, its cases.

    Examples
    --------
    >>> q = sp.Symbol("q", positive=True)
    >>> value_at_zero(2 * X ** (q - 1))
    Piecewise((2, Eq(q, 1)), (oo, q < 1), (0, True))
    """
    cases = by_cases(lambda region: limit(simplified(region.inward(expr)), sp.S.Zero), _DEEPEST_CASES)
    return united(cases)


def first_difference(a: HalfLine, b: HalfLine, factor: int = 1) -> sp.Expr | None:
    """Some r >= 0 with a(r) != factor * b(r); None when they are proved equal everywhere.

    Raises
    ------
    Undecided
        If equality is neither proved nor disproved.
    """
    ends: list[sp.Expr] = []
    for end in (*a.breaks, *b.breaks):
        insert(ends, end)
    ends = [sp.S.Zero, *ends, sp.oo]
    for lo, hi in pairwise(ends):
        one, other = a.on(lo, hi), factor * b.on(lo, hi)
        equal = is_zero(one - other)
        if equal is None and not vanishes_by_slope(one - other, lo, hi):
            raise Undecided(
                "whether ", simplified(one), " = ", simplified(other), " on ", *interval(lo, hi), " is open"
            )
        if equal is False:
            return _point_of_difference(one - other, lo, hi)
    for place in ends[1:-1]:
        if not vanishes(a.at(place) - factor * b.at(place)):
            return place
    return None


def vanishes_by_slope(difference: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> bool:
    """Whether it is seen to be 0 on (lo, hi), since its derivative is, and its limit at an end: atan(u) + atan(1/u)."""
    with suppress(Undecided):
        is_constant = is_smooth(difference, lo, hi) and is_zero(differentiate(difference, X)) is True
        return is_constant and is_zero(limit(difference, lo, "+")) is True
    return False


def _point_of_difference(difference: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> sp.Expr:
    """A simple point of (lo, hi) at which `difference` is provably not zero."""
    if hi is sp.oo:
        places = [lo + 1, lo + 2, 2 * lo + sp.Rational(1, 2)]
    else:
        places = [(lo + hi) / 2, (lo + 2 * hi) / 3]
    return next((p for p in places if is_zero(difference.subs(X, p)) is False), places[0])
