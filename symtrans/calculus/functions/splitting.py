"""From one expression to smooth pieces: find every break of |.|, sgn, Max, Min and cases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.comparisons import compare, sign, vanishes
from symtrans.calculus.algebra.parity import mirror_parity
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.asymptotics.limits import is_plain, limit
from symtrans.calculus.enclosures.balls import ball_of, enclose_with, sign_at
from symtrans.calculus.enclosures.decimals import has_named_number
from symtrans.calculus.functions.domain import Flaw, scan
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece, first_difference, value_at_zero
from symtrans.calculus.functions.oscillation import oscillates
from symtrans.calculus.signs.charts import Chart, sign_chart
from symtrans.calculus.undecided import Reasoned, Sentence, Undecided
from symtrans.language.cases import replaced

_SIGN_LIKE = (sp.Abs, sp.sign, sp.Heaviside)
_FEW = 4  # arguments of a Max or Min that are compared one by one
_APART = 10**8  # one over the width of an interval that holds a pole
_ROUGH = (*_SIGN_LIKE, sp.Max, sp.Min, Relational)


class NotTotal(Reasoned):
    """The expression has no finite real value at `place`."""

    def __init__(self, place: sp.Expr, *why: str | sp.Basic, until: sp.Expr | None = None) -> None:
        self.place = place
        self.until = until  # the place lies somewhere between the two
        super().__init__(*why)


def half_line(expr: sp.Expr, r: sp.Symbol, parity: Parity) -> HalfLine:
    """Cut `expr` (in the real symbol `r`) into smooth pieces on r >= 0.

    Only r >= 0 is read here; whether r < 0 agrees with `parity` is a question
    for `parity_violation`.

    Raises
    ------
    NotTotal
        If the function is not real and finite somewhere on r > 0.
    Undecided
        If the place or the order of the breaks cannot be proved.
    """
    on_right = replaced(expr, {r: X})
    pieces: list[Piece] = []
    doubts: list[Sentence] = []
    ruling: list[sp.Expr] = []  # for each break, the part of the formula that says its value
    for piece in _resolve(on_right, sp.S.Zero, sp.oo):
        if isinstance(piece, _Point):
            ruling.append(piece.expr)
            continue
        if piece.expr.has(sp.nan, sp.zoo, sp.oo):
            raise NotTotal(_inside(piece.lo, piece.hi), "no case covers it")
        domain = scan(piece.expr, piece.lo, piece.hi)
        _refuse(domain.flaws)
        doubts += domain.doubts
        pieces += [Piece(lo, hi, simplified(piece.expr)) for lo, hi in pairwise([piece.lo, *domain.cuts, piece.hi])]
        ruling += [piece.expr] * len(domain.cuts)
    values = []
    for (left, right), formula in zip(pairwise(pieces), ruling, strict=True):
        try:
            value = value_at(formula, X, left.hi)
        except Undecided:  # where two arguments of a Max meet either is its value, and both formulas are continuous
            if formula.has(sp.sign, sp.Heaviside, sp.Piecewise):
                raise
            value = put(left.expr, left.hi)
        if has_named_number(value):
            _refuse_pole(formula, left.hi)
        values.append(simplified(value) if is_plain(value) else _fill(left, right))
    half = HalfLine(parity, _origin(expr, r, parity, pieces[0]), tuple(pieces), tuple(values), tuple(doubts)).merged()
    written = (replace(p, lo=simplified(p.lo), hi=p.hi if p.hi is sp.oo else simplified(p.hi)) for p in half.pieces)
    return replace(half, pieces=tuple(written))


def parity_violation(expr: sp.Expr, r: sp.Symbol, right: HalfLine) -> sp.Expr | None:
    """Some r > 0 at which f(-r) is not the mirror image of f(r); None when symmetry is proved.

    Raises
    ------
    Undecided
        If the symmetry is neither proved nor disproved.
    NotTotal
        If the function has no value somewhere on r < 0; `place` is then -r.
    """
    factor = right.parity.value
    if mirror_parity(expr, r) == factor:
        return None
    mirrored = replaced(expr, {r: -r})
    if mirrored == factor * expr:
        return None
    return first_difference(half_line(mirrored, r, right.parity), right, factor)


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
        node = _innermost_rough(expr, variable)
        if node is None:
            expr = put(expr, place, variable)
            break
        switch = put(_switch(node, variable), place, variable).xreplace(zeros)
        if not is_plain(switch):
            return sp.nan
        side = sign(switch)
        try:
            if side == 0 and isinstance(node, sp.Abs | sp.sign):
                zeros[settled := sp.Dummy("zero", real=True)] = sp.S.Zero
            else:
                settled = _settled(node, side, variable)
            expr = replaced(expr, {node: settled})
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


def _refuse(flaws: tuple[Flaw, ...]) -> None:
    for flaw in flaws:
        if flaw.is_somewhere:
            raise NotTotal(flaw.lo, *flaw.why, until=flaw.hi)
        raise NotTotal(_inside(flaw.lo, flaw.hi), *flaw.why)


def _refuse_pole(formula: sp.Expr, place: sp.Expr) -> None:
    """Refuse a place without closed form around which a denominator changes its sign: it is 0 between the two."""
    lower = sp.Rational(sp.floor(place.evalf(20) * _APART), _APART)
    upper = lower + sp.Rational(1, _APART)
    for power in formula.atoms(sp.Pow):
        if power.exp.could_extract_minus_sign() and power.base.free_symbols == {X}:
            sides = {sign_at(power.base, {X: end}) for end in (lower, upper)}
            if sides == {1, -1} and enclose_with(power.base, {X: ball_of(lower, upper)}).is_finite():
                raise NotTotal(lower.n(9), power, " divides by zero", until=upper.n(9))


def _inside(lo: sp.Expr, hi: sp.Expr) -> sp.Expr:
    return 2 * lo + 1 if hi is sp.oo else (lo + hi) / 2


def _fill(left: Piece, right: Piece) -> sp.Expr:
    """The value at a removable point; anything else there is a hole."""
    try:
        before, after = limit(left.expr, left.hi, "-"), limit(right.expr, right.lo, "+")
    except Undecided:
        raise NotTotal(left.hi, "it has no value there") from None
    if before in (sp.oo, -sp.oo) or after in (sp.oo, -sp.oo):
        raise NotTotal(left.hi, "it is infinite there")
    if not vanishes(before - after):
        raise NotTotal(left.hi, "it has no value there (its limits are ", before, " and ", after, ")")
    return before


def _origin(expr: sp.Expr, r: sp.Symbol, parity: Parity, first: Piece) -> sp.Expr:
    """The value at 0 as entered; a removable point gets its limit, a singular even function oo."""
    value = value_at(expr, r, sp.S.Zero)
    if is_plain(value):
        return simplified(value)
    at_zero = value_at_zero(first.expr)
    if parity is Parity.ODD and at_zero != 0:
        raise NotTotal(sp.S.Zero, "it has no value there (its limit from the right is ", at_zero, ")")
    return at_zero


@dataclass(frozen=True)
class _Point:
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


def _resolve(expr: sp.Basic, lo: sp.Expr, hi: sp.Expr) -> Iterator[Piece | _Point]:
    """Split at the zeros of the innermost switch until the formula is smooth: pieces, and the points between them."""
    if _has_cases(expr, X):
        yield from _cases(expr.args, lo, hi)
        return
    node = _innermost_rough(expr, X)
    if node is None:
        yield Piece(lo, hi, expr)
        return
    if isinstance(node, sp.Max | sp.Min) and len(node.args) > _FEW:
        for piece in _envelope(node.func, sorted(node.args, key=sp.default_sort_key), lo, hi):
            best = replaced(expr, {node: piece.expr})
            if piece.lo != lo:  # where two of the functions meet, either is the value of the extremum
                yield _Point(piece.lo, best)
            yield from _resolve(best, piece.lo, piece.hi)
        return
    switch = _switch(node, X)
    _refuse_flaws(switch, lo, hi)
    for segment in _chart(switch, lo, hi):
        if segment.lo != lo:
            yield _Point(segment.lo, expr)
        yield from _resolve(replaced(expr, {node: _settled(node, segment.sign, X)}), segment.lo, segment.hi)


def _refuse_flaws(switch: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> None:
    if not switch.has(sp.nan, sp.zoo):
        _refuse(scan(switch, lo, hi).flaws)


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
        condition == sp.true or variable in condition.free_symbols for _, condition in expr.args
    )


def _cases(cases: Sequence[sp.Basic], lo: sp.Expr, hi: sp.Expr) -> Iterator[Piece | _Point]:
    """Each case where its condition holds and none before it does: of n cases each is looked at where it matters."""
    waiting: list[tuple[int, sp.Expr, sp.Expr] | Piece | _Point] = [(0, lo, hi)]
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
        found: list[tuple[int, sp.Expr, sp.Expr] | Piece | _Point] = []
        for part in _resolve(condition, lo, hi):
            if isinstance(part, _Point):  # no case before this one holds there
                found.append(_Point(part.place, _holding(cases[k:], X, part.place)))
            elif part.expr == sp.true:
                found += _resolve(value, part.lo, part.hi)
            else:
                found.append((k + 1, part.lo, part.hi))
        waiting += reversed(found)


def _innermost_rough(expr: sp.Basic, variable: sp.Symbol) -> sp.Basic | None:
    """A rough node that depends on `variable` and holds no rough node itself.

    Conditions come before what they guard: a branch that is not taken must
    not be asked for its value.
    """
    if variable not in expr.free_symbols:
        return None
    parts = expr.args
    if isinstance(expr, sp.Piecewise):
        parts = (*(case.cond for case in expr.args), *(case.expr for case in expr.args))
    for part in parts:
        inner = _innermost_rough(part, variable)
        if inner is not None:
            return inner
    return expr if isinstance(expr, _ROUGH) else None


def _chart(switch: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> Chart:
    try:
        return sign_chart(switch, lo, hi)
    except Undecided as question:
        if hi is not sp.oo or question.open is not None or not oscillates(switch):
            raise
        raise Undecided(switch, " changes its sign for ever: infinitely many pieces") from None


def _switch(node: sp.Basic, variable: sp.Symbol) -> sp.Expr:
    """The expression whose sign decides the node."""
    if isinstance(node, Relational):
        return node.lhs - node.rhs
    if isinstance(node, _SIGN_LIKE):
        return node.args[0]
    first, second = _pair(node, variable)
    return first - second


def _pair(node: sp.Basic, variable: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Two arguments of a Max or Min, at least one of which holds the variable."""
    arguments = sorted(node.args, key=sp.default_sort_key)
    first = next(a for a in arguments if variable in a.free_symbols)
    return first, next(a for a in arguments if a is not first)


def _settled(node: sp.Basic, sign_: int, variable: sp.Symbol) -> sp.Basic:
    """What a node amounts to, given the sign of its switch."""
    if isinstance(node, Relational):
        return sp.true if holds(node, sign_) else sp.false
    if isinstance(node, sp.Abs):
        return sign_ * node.args[0]
    if isinstance(node, sp.sign):
        return sp.Integer(sign_)
    if isinstance(node, sp.Heaviside):
        return sp.Integer(sign_ > 0) if sign_ else node.args[1]
    first, second = _pair(node, variable)
    keep_first = sign_ >= 0 if isinstance(node, sp.Max) else sign_ <= 0
    rest = [a for a in node.args if a is not (second if keep_first else first)]
    return node.func(*rest, evaluate=False) if len(rest) > 1 else rest[0]  # SymPy would compare each with each


def holds(relation: Relational, sign_: int) -> bool:
    """Whether a comparison holds, given the sign of left - right."""
    return {
        "<": sign_ < 0,
        "<=": sign_ <= 0,
        ">": sign_ > 0,
        ">=": sign_ >= 0,
        "==": sign_ == 0,
        "!=": sign_ != 0,
    }[relation.rel_op]
