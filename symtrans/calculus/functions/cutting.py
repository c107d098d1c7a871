"""Cut a formula with |.|, sgn, Max, Min and cases at the zeros of what decides them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.comparisons import compare, sign
from symtrans.calculus.algebra.switches import CONTINUOUS, innermost_rough, is_rough, settled, switch_of
from symtrans.calculus.asymptotics.at_infinity import end_sign
from symtrans.calculus.asymptotics.limits import is_plain
from symtrans.calculus.functions.domain import Flaw, scan
from symtrans.calculus.functions.half_line import Piece
from symtrans.calculus.functions.oscillation import oscillates
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.segments import Chart
from symtrans.calculus.undecided import Reasoned, Undecided, interval
from symtrans.language.cases import replaced

_MEND = (
    "; write sgn(u) as u/sqrt(u^2 + 1/100) and u > 0 as (1 + u/sqrt(u^2 + 1/100))/2, or end it at some |r|: "
    "Piecewise((..., |r| <= 10), (0, otherwise))",
)
_FEW = 4  # arguments of a Max or Min that are compared one by one


class NotTotal(Reasoned):
    """The expression has no finite real value at `place`."""

    def __init__(self, place: sp.Expr, *why: str | sp.Basic, until: sp.Expr | None = None) -> None:
        self.place = place
        self.until = until  # the place lies somewhere between the two
        super().__init__(*why)


@dataclass(frozen=True)
class Point:
    """A break, and the part of the formula that says the value there."""

    place: sp.Expr
    expr: sp.Expr


def _holding(cases: Sequence[sp.Basic], variable: sp.Symbol, place: sp.Expr) -> sp.Expr:
    """The value of the first case that holds at one point; nan if none does, or that is not known."""
    for value, condition in (case.args for case in cases):
        there = value_at(condition, variable, place)
        if there != sp.false:
            return value if there == sp.true else sp.nan
    return sp.nan


class _Endless(Undecided):
    """A switch changes its sign for ever."""


def cut(expr: sp.Basic, lo: sp.Expr, hi: sp.Expr, kept: frozenset[sp.Basic] = frozenset()) -> Iterator[Piece | Point]:
    """Split at the zeros of the innermost switch until the formula is smooth: pieces, and the points between them.

    A continuous node whose switch changes its sign for ever is `kept`: that piece reaches oo, and is not smooth.
    """
    if _has_cases(expr, X):
        yield from _cases(expr.args, lo, hi)
        return
    node = innermost_rough(expr, X, kept)
    if node is None:
        yield Piece(lo, hi, expr.xreplace({extremum: _without_poles(extremum) for extremum in kept}))
        return
    try:
        parts = _parts(expr, node, lo, hi)
    except _Endless:
        if not isinstance(node, CONTINUOUS):
            raise
        yield from cut(expr, lo, hi, kept | {node})
        return
    for part, point in parts:
        if point is not None:
            yield Point(part.lo, point)
        yield from cut(part.expr, part.lo, part.hi, kept if part.hi is sp.oo else frozenset())


def _without_poles(node: sp.Basic) -> sp.Basic:
    """The same for x > 0 with the powers by which it is divided outside: its arguments have values at 0.

    Examples
    --------
    >>> _without_poles(sp.Max(2, sp.sin(X) / X))
    Max(2*_x, sin(_x))/_x
    """
    if not isinstance(node, sp.Max | sp.Min):
        return node
    terms = (term for argument in node.args for term in sp.Add.make_args(argument))
    powers = [factor.as_base_exp() for term in terms for factor in sp.Mul.make_args(term)]
    pole = min((e for base, e in powers if base == X and e.is_negative and e.is_number), default=sp.S.Zero)
    return X**pole * node.func(*(sp.expand_mul(argument / X**pole) for argument in node.args)) if pole else node


def _parts(expr: sp.Basic, node: sp.Basic, lo: sp.Expr, hi: sp.Expr) -> list[tuple[Piece, sp.Basic | None]]:
    """The formula without the node, between the zeros of its switch; and what says the value where a part begins."""
    if isinstance(node, sp.Max | sp.Min) and len(node.args) > _FEW:
        pieces = _envelope(node.func, sorted(node.args, key=sp.default_sort_key), lo, hi)
        found = [Piece(piece.lo, piece.hi, replaced(expr, {node: piece.expr})) for piece in pieces]
        # where two of the functions meet, either is the value of the extremum
        return [(part, part.expr if part.lo != lo else None) for part in found]
    switch = switch_of(node, X)
    _refuse_flaws(switch, lo, hi)
    return [
        (Piece(s.lo, s.hi, replaced(expr, {node: settled(node, s.sign, X)})), expr if s.lo != lo else None)
        for s in _chart(switch, lo, hi, isinstance(node, CONTINUOUS))
    ]


def smooth_pieces(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> list[Piece]:
    """The smooth pieces of a function that is finite on (lo, hi), whatever their values at the breaks.

    Raises
    ------
    Undecided
        If some are not known.
    """
    if not is_rough(expr):
        return [Piece(lo, hi, expr)]
    found = []
    for piece in cut(expr, lo, hi):
        if isinstance(piece, Piece):
            domain = scan(piece.expr, piece.lo, piece.hi)
            if domain.doubts or domain.flaws or is_rough(piece.expr):
                raise Undecided("the pieces of ", expr, " on ", *interval(lo, hi), " are open")
            found += [Piece(a, b, piece.expr) for a, b in pairwise([piece.lo, *domain.cuts, piece.hi])]
    return found


def _refuse_flaws(switch: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> None:
    if not switch.has(sp.nan, sp.zoo):
        refuse(scan(switch, lo, hi).flaws)


def _envelope(extremum: type[sp.Expr], functions: Sequence[sp.Expr], lo: sp.Expr, hi: sp.Expr) -> list[Piece]:
    """The largest or smallest of smooth functions: of each half of them first, then of the two where they meet."""
    if len(functions) == 1:
        return [Piece(lo, hi, functions[0])]
    middle = len(functions) // 2
    halves = [_envelope(extremum, part, lo, hi) for part in (functions[:middle], functions[middle:])]
    found: list[Piece] = []
    while lo != hi:
        one, other = halves[0][0], halves[1][0]
        order = compare(one.hi, other.hi)
        end = one.hi if order <= 0 else other.hi
        switch = one.expr - other.expr
        _refuse_flaws(switch, lo, end)
        for segment in _chart(switch, lo, end):
            is_first = segment.sign >= 0 if extremum is sp.Max else segment.sign <= 0
            best = one.expr if is_first else other.expr
            if found and found[-1].expr == best:
                found[-1] = Piece(found[-1].lo, segment.hi, best)
            else:
                found.append(Piece(segment.lo, segment.hi, best))
        halves = [half[1:] if side * order >= 0 else half for half, side in zip(halves, (-1, 1), strict=True)]
        lo = end
    return found


def _has_cases(expr: sp.Basic, variable: sp.Symbol) -> bool:
    """Whether the variable alone says which case holds: cases in a parameter stay."""
    return isinstance(expr, sp.Piecewise) and all(
        variable in one.free_symbols for _, condition in expr.args for one in condition.atoms(sp.Rel)
    )


def _cases(cases: Sequence[sp.Basic], lo: sp.Expr, hi: sp.Expr) -> Iterator[Piece | Point]:
    """Each case where its condition holds and none before it does: of n cases each is looked at where it matters."""
    waiting: list[tuple[int, sp.Expr, sp.Expr] | Piece | Point] = [(0, lo, hi)]
    while waiting:
        here = waiting.pop()
        if not isinstance(here, tuple):
            yield here
            continue
        k, lo, hi = here
        if k == len(cases):
            yield Piece(lo, hi, sp.nan)
            continue
        value, condition = cases[k].args
        found: list[tuple[int, sp.Expr, sp.Expr] | Piece | Point] = []
        for part in cut(condition, lo, hi):
            if isinstance(part, Point):  # no case before this one holds there
                found.append(Point(part.place, _holding(cases[k:], X, part.place)))
            elif part.expr == sp.true:
                found += cut(value, part.lo, part.hi)
            else:
                found.append((k + 1, part.lo, part.hi))
        waiting += reversed(found)


def _chart(switch: sp.Expr, lo: sp.Expr, hi: sp.Expr, may_be_kept: bool = True) -> Chart:
    try:
        if may_be_kept and hi is sp.oo and switch.free_symbols == {X} and oscillates(switch):
            end_sign(switch, hi, "-")  # where this is open, so is the chart, which takes longer
        return sign_chart(switch, lo, hi)
    except Undecided as question:
        if hi is not sp.oo or question.open is not None or not oscillates(switch):
            raise
        raise _Endless(switch, " changes its sign for ever, and it jumps each time", *_MEND) from None


def value_at(expr: sp.Expr, variable: sp.Symbol, place: sp.Expr) -> sp.Expr:
    """The exact value at one point; each switch is decided by the sign of a constant.

    The result may be nan or infinite where the formula is.
    """
    # 0 itself would swallow its factors, and two of one name each other: sgn(x)/|x| has no value at 0
    zeros: dict[sp.Symbol, sp.Expr] = {}
    while variable in expr.free_symbols:
        if _has_cases(expr, variable):
            expr = _holding(expr.args, variable, place)
            continue
        node = innermost_rough(expr, variable)
        if node is None:
            expr = put(expr, place, variable)
            break
        switch = put(switch_of(node, variable), place, variable).xreplace(zeros)
        if not is_plain(switch):
            return sp.nan
        side = sign(switch)
        try:
            if side == 0 and isinstance(node, sp.Abs | sp.sign):
                zeros[value := sp.Dummy("zero", real=True)] = sp.S.Zero
            else:
                value = settled(node, side, variable)
            expr = replaced(expr, {node: value})
        except ValueError:  # Min(1, 1/|r|) at 0: SymPy does not compare with an infinity without direction
            return sp.nan
    if not expr.free_symbols & zeros.keys():
        return expr
    try:
        return sp.nan if expr.has(sp.zoo) or _divides_by_zero(expr, zeros) else expr.subs(zeros)
    except ValueError:  # the same
        return sp.nan


def _divides_by_zero(expr: sp.Expr, there: dict[sp.Symbol, sp.Expr]) -> bool:
    """Whether a denominator is 0 where symbols have these values."""
    quotients = (power.base for power in expr.atoms(sp.Pow) if power.exp.could_extract_minus_sign())
    return any(base.subs(there) == 0 for base in quotients)


def refuse(flaws: tuple[Flaw, ...]) -> None:
    """Refuse a formula that is not real and finite everywhere."""
    for flaw in flaws:
        if flaw.is_somewhere:
            raise NotTotal(flaw.lo, *flaw.why, until=flaw.hi)
        raise NotTotal(inside(flaw.lo, flaw.hi), *flaw.why)


def inside(lo: sp.Expr, hi: sp.Expr) -> sp.Expr:
    """Some point of an interval."""
    return 2 * lo + 1 if hi is sp.oo else (lo + hi) / 2
