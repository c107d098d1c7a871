"""From one expression to smooth pieces: find every break of |.|, sgn, Max, Min and cases."""

from dataclasses import replace
from itertools import pairwise

import sympy as sp

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.comparisons import vanishes
from symtrans.calculus.algebra.parity import mirror_parity
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import is_rough
from symtrans.calculus.asymptotics.limits import is_plain, limit
from symtrans.calculus.enclosures.balls import ball_of, enclose_with, sign_at
from symtrans.calculus.enclosures.decimals import has_named_number
from symtrans.calculus.functions.cutting import NotTotal, Point, cut, inside, refuse, value_at
from symtrans.calculus.functions.domain import scan
from symtrans.calculus.functions.extrema import endless_chart
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece, first_difference, value_at_zero
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.undecided import Sentence, Undecided
from symtrans.language.cases import replaced

_APART = 10**8  # one over the width of an interval that holds a pole


def half_line(expr: sp.Expr, r: sp.Symbol, parity: Parity) -> HalfLine:
    """Cut `expr` (in the real symbol `r`) into smooth pieces on r >= 0; the last may have breaks for ever.

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
    for piece in cut(on_right, sp.S.Zero, sp.oo):
        if isinstance(piece, Point):
            ruling.append(piece.expr)
            continue
        if piece.expr.has(sp.nan, sp.zoo, sp.oo):
            raise NotTotal(inside(piece.lo, piece.hi), "no case covers it")
        domain = scan(piece.expr, piece.lo, piece.hi, endless_chart if is_rough(piece.expr) else sign_chart)
        refuse(domain.flaws)
        if domain.doubts and is_rough(piece.expr):
            raise Undecided(*domain.doubts[0])
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


def _refuse_pole(formula: sp.Expr, place: sp.Expr) -> None:
    """Refuse a place without closed form around which a denominator changes its sign: it is 0 between the two."""
    if place.free_symbols:  # it moves with a parameter, and a pole of X alone does not
        return
    lower = sp.Rational(sp.floor(place.evalf(20) * _APART), _APART)
    upper = lower + sp.Rational(1, _APART)
    for power in formula.atoms(sp.Pow):
        if power.exp.could_extract_minus_sign() and power.base.free_symbols == {X}:
            sides = {sign_at(power.base, {X: end}) for end in (lower, upper)}
            if sides == {1, -1} and enclose_with(power.base, {X: ball_of(lower, upper)}).is_finite():
                raise NotTotal(lower.n(9), power, " divides by zero", until=upper.n(9))


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
