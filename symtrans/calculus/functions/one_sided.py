"""What holds of a function where the zeros of its derivative are open: one bound at a time, and whether it is negative.

The zeros of a derivative that holds two parameters have seldom a name, and the bound is mostly the limit at an end:
that the function stays on one side of that limit is a question about one sign.
"""

from contextlib import suppress
from dataclasses import replace
from math import prod

import sympy as sp

from symtrans.calculus.algebra.canonical import X, example_values, put
from symtrans.calculus.algebra.changes_of_variable import by_power
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import is_continuous, is_rough
from symtrans.calculus.asymptotics.at_infinity import final_sign
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import sign_at
from symtrans.calculus.functions.candidates import Candidate, Extremum, supremum
from symtrans.calculus.functions.extrema import piece_candidates
from symtrans.calculus.functions.half_line import HalfLine, Piece
from symtrans.calculus.functions.oscillation import at_recurring_waves, infinities, oscillates
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.segments import Chart
from symtrans.calculus.undecided import Sentence, Undecided, decided, decided_as_it_is, interval, joined
from symtrans.language.notation import EQUALS, TENDS_TO
from symtrans.language.text_printer import R

_PLACES = tuple(map(sp.Rational, (1, 2, "1/2", 4, "1/4", 8, "1/8")))  # at which a value is looked at
_MOST_OPERATIONS = 40  # of a limit in the parameters that a function is compared with
_INFINITE = (sp.oo, -sp.oo)


def one_bound(function: HalfLine, side: int, points: bool = True) -> Extremum:
    """The supremum (`side` 1) or infimum (-1) over all r > 0 alone, whether or not the other can be found.

    Raises
    ------
    Undecided
        If it is not an end of a piece, and no chart gives the rest.

    Examples
    --------
    >>> from symtrans.calculus.functions.half_line import Parity
    >>> a = sp.Symbol("a", positive=True)
    >>> f = HalfLine(Parity.EVEN, 1, (Piece(sp.S.Zero, sp.oo, sp.tanh(X) / X / (1 + a * X**2)),), ())
    >>> one_bound(f, 1).value, one_bound(f, -1).value
    (1, 0)
    """
    _refuse_doubts(function, points)
    found: list[Candidate] = []
    arguments: list[Sentence] = []
    question: Undecided | None = None
    for piece in function.pieces:
        try:
            some, argument = _candidates(piece, side, is_alone=len(function.pieces) == 1)
        except Undecided as open_:
            if open_.open is not None:
                raise
            question = open_
            continue
        found += some
        arguments.append((*argument, " on ", *interval(piece.lo, piece.hi)))
    if points:
        found += [Candidate(v, b, True) for v, b in zip(function.values, function.breaks, strict=True)]
    if question is not None:
        found = [one for one in found if one.value == side * sp.oo]
        if not found:
            raise question
    return supremum(found, joined("; ", arguments), side)


def _refuse_doubts(function: HalfLine, points: bool) -> None:
    if function.doubts:
        raise Undecided(*function.doubts[0])
    for piece in function.pieces if points else ():
        if not is_continuous(piece.expr):
            raise Undecided(piece.expr, " jumps for ever")


def _candidates(piece: Piece, side: int, is_alone: bool) -> tuple[list[Candidate], Sentence]:
    """All candidates of a piece, if they are found; else the limit at an end that no value passes on this side."""
    if not is_alone:
        with suppress(Undecided):
            return piece_candidates(piece)
    if piece.hi is sp.oo and oscillates(piece.expr) and side * sp.oo in infinities(piece.expr):
        return [Candidate(side * sp.oo, sp.oo, False)], ("unbounded where its waves are again what they were",)
    if is_rough(piece.expr) and _returns_to_zero(piece, side):
        word = "negative" if side == -1 else "positive"
        return [Candidate(sp.S.Zero, sp.oo, False)], (
            f"nowhere {word}, and 0 where its waves are again what they were",
        )
    return _at_an_end(piece, side)


def _returns_to_zero(piece: Piece, side: int) -> bool:
    """Whether it has no value beyond 0 on this side, by its factors, and is 0 again and again, as max(0, cos(a x))."""
    keeps = piece.expr.is_nonpositive if side == 1 else piece.expr.is_nonnegative
    return bool(keeps) and piece.hi is sp.oo and any(form == 0 for form in at_recurring_waves(piece.expr))


def _at_an_end(piece: Piece, side: int) -> tuple[list[Candidate], Sentence]:
    """The limit at an end, which all values of the piece are at most (`side` 1) or at least (-1)."""
    ends = []
    for place in (piece.lo, piece.hi):
        value = decided_as_it_is(limit, piece.expr, place, "+" if place == piece.lo else "-")
        ends += [] if value is None else [(value, place)]
    for value, place in ends:
        if value == side * sp.oo:
            return [Candidate(value, place, False)], ("unbounded",)
    for value, place in ends:
        if sp.count_ops(value) > _MOST_OPERATIONS:
            continue
        if value not in _INFINITE and (touched := _passed_nowhere(piece, value, place, side)) is not None:
            word = "at most" if side == 1 else "at least"
            return [Candidate(value, place, False), *touched], (f"{word} its limit as ", R, TENDS_TO, place)
    raise Undecided("the range of ", piece.expr, " on ", *interval(piece.lo, piece.hi), " is open")


def _passed_nowhere(piece: Piece, level: sp.Expr, place: sp.Expr, side: int) -> list[Candidate] | None:
    """The points at which the limit at an end is attained, if no value passes it; None where that is not proved.

    Of a sum each term stays on its side of its own limit there. Of a product of factors f1, ..., fn >= 0 and one q,
    which may have any sign: where each f is at most its limit F > 0 there, and q at most its limit Q > 0, f1 ... fn q
    is at most F1 ... Fn max(q, 0), which is at most F1 ... Fn Q. The same below, with Q < 0, or without q. Powers of
    sin(u) and cos(u) that tend to 1 or -1 there may stand for q. Where one part never is what it tends to, neither is
    the whole. Where it is the largest of some functions, as |u| is of u and -u, none passes it if all do not.
    """
    if _is_passed(piece, level, side):
        return None
    if _parts_stay(piece, place, side):
        return []
    if several := _compared(piece.expr, side):
        found = [_passed_nowhere(replace(piece, expr=one), level, place, side) for one in several]
        return None if None in found else [touched for some in found for touched in some or ()]
    chart = decided(sign_chart, simplified(piece.expr - level), piece.lo, piece.hi)
    if chart is None or any(segment.sign * side > 0 for segment in chart):
        return None
    return [Candidate(level, segment.hi, True) for segment in chart[:-1]]


def _compared(expr: sp.Expr, side: int) -> list[sp.Expr]:
    """Functions of which it is the largest (`side` 1) or smallest (-1): a multiple of |u|, Max or Min; else none.

    Examples
    --------
    >>> _compared(sp.Abs(sp.sin(X)) / X, 1), _compared(sp.Abs(sp.sin(X)) / X, -1)
    ([sin(_x)/_x, -sin(_x)/_x], [])
    """
    for node in sp.Mul.make_args(expr):
        if isinstance(node, sp.Abs | sp.Max | sp.Min) and X in node.free_symbols:
            rest = expr / node
            towards = 1 if rest.is_nonnegative else -1 if rest.is_nonpositive else 0
            if side * towards == (-1 if isinstance(node, sp.Min) else 1):
                several = (node.args[0], -node.args[0]) if isinstance(node, sp.Abs) else node.args
                return [rest * one for one in several]
    return []


def _is_passed(piece: Piece, level: sp.Expr, side: int) -> bool:
    """Whether balls see a value beyond the level for some parameters: no proof need be tried then."""
    difference = piece.expr - level
    values = decided(example_values, sp.Tuple(difference, piece.lo, piece.hi).free_symbols - {X})
    if values is None:
        return False
    lo, hi = (end.xreplace(values) for end in (piece.lo, piece.hi))
    for step in _PLACES[:3]:
        place = lo + step if hi is sp.oo else lo + (hi - lo) / (1 + 2 * step)
        if decided(sign_at, difference, {**values, X: place}, quick=True) == side:
            return True
    return False


def _parts_stay(piece: Piece, place: sp.Expr, side: int) -> bool:
    """Whether the terms or factors show that the limit at an end is passed nowhere."""
    if isinstance(piece.expr, sp.Mul):
        expanded = sp.expand_mul(piece.expr, deep=False)
        if isinstance(expanded, sp.Add) and _parts_stay(replace(piece, expr=expanded), place, side):
            return True
    is_sum = isinstance(piece.expr, sp.Add)
    if not (is_sum or isinstance(piece.expr, sp.Mul)):
        return False
    constant, varying = piece.expr.as_independent(X, as_Add=is_sum)
    if not is_sum and not (constant.is_positive or constant.is_negative):
        return False
    side = side if is_sum or constant.is_positive else -side
    parts = [replace(piece, expr=part) for part in sp.Add.make_args(varying)] if is_sum else _factors(piece, varying)
    if len(parts) < 2:
        return False
    sides, signed = [side] * len(parts), []
    try:
        levels = [limit(part.expr, place, "+" if place == piece.lo else "-") for part in parts]
        if any(level in _INFINITE for level in levels):
            return False
        if not is_sum:
            signed = [k for k, part in enumerate(parts) if not _is_nonnegative(part)]
            loose = [k for k in signed if not _is_crest(parts[k].expr, levels[k])]
            signs = [sign(level) for level in levels]
            if 0 in signs or (loose and len(signed) > 1) or (signed and prod(signs) != side):
                return False
            sides = [side if k in loose or not signed else 1 for k in range(len(parts))]
    except Undecided:
        return False
    is_strict = False
    for part, level, one in zip(parts, levels, sides, strict=True):
        if _is_crest(part.expr, level) and (signed or sign(level) == one):
            continue
        touched = _passed_nowhere(part, level, place, one)
        if touched is None:
            return False
        is_strict = is_strict or not touched
    return is_strict or place == 0  # a limit at 0 counts as a value there, whether or not it is taken again


def _is_crest(expr: sp.Expr, level: sp.Expr) -> bool:
    """Whether it is c w^n of a wave w = sin(u) or cos(u), and the level c or -c, which its modulus does not pass.

    So is it of |w| and max(0, w).
    """
    factor = _factor_of_wave(expr)
    return factor is not None and level**2 == factor**2


def _factor_of_wave(expr: sp.Expr) -> sp.Expr | None:
    """The factor of such a power, |w| or max(0, w): the expression is nowhere larger in size; else None.

    Examples
    --------
    >>> _factor_of_wave(3 * sp.Max(0, sp.sin(X))), _factor_of_wave(sp.Max(sp.cos(X), 5 * sp.sin(X)))
    (3, None)
    """
    factor, power = expr.as_independent(X, as_Add=False)
    wave, n = power.as_base_exp()
    if isinstance(wave, sp.Abs | sp.Max):
        wave, *others = (part for part in wave.args if part != 0)
        if others:
            return None
    is_wave = isinstance(wave, sp.sin | sp.cos) and isinstance(n, sp.Integer) and n > 0
    return factor if is_wave else None


def _factors(piece: Piece, product: sp.Expr) -> list[Piece]:
    """The factors, powers of r joined with the first of the others that is 0 at 0: sin(r)/r has a limit there."""
    powers = [part for part in sp.Mul.make_args(product) if part.as_base_exp()[0] == X]
    others = [part for part in sp.Mul.make_args(product) if part not in powers]
    if others and powers:
        first = next((k for k, part in enumerate(others) if put(part, sp.S.Zero) == 0), 0)
        others[first] *= sp.Mul(*powers)
    return [replace(piece, expr=part) for part in others]


def _is_nonnegative(piece: Piece) -> bool:
    if piece.expr.is_nonnegative:
        return True
    chart = decided(sign_chart, piece.expr, piece.lo, piece.hi)
    return chart is not None and all(segment.sign >= 0 for segment in chart)


def keeps_within(function: HalfLine, level: sp.Expr, side: int) -> bool:
    """Whether no value between the breaks is above (`side` 1) or below (-1) a level; False also where that is open.

    Raises
    ------
    Undecided
        If it depends on the sign of a constant.
    """
    if all(_is_sum_within(piece.expr, side * level) for piece in function.pieces):
        return True
    try:
        charts = [sign_chart(simplified(piece.expr - level), piece.lo, piece.hi) for piece in function.pieces]
    except Undecided as question:
        if question.open is not None:
            raise
        return False
    return all(segment.sign * side <= 0 for chart in charts for segment in chart)


def _is_sum_within(expr: sp.Expr, size: sp.Expr) -> bool:
    """Whether it is a sum of waves whose amplitudes, as a sin(u) has |a|, add up to a number or parameter."""
    factors = [_factor_of_wave(term) for term in sp.Add.make_args(expr)]
    return None not in factors and sp.expand(size - sp.Add(*map(sp.Abs, factors))) == 0


def never_negative(function: HalfLine, points: bool = True) -> tuple[bool, Sentence]:
    """Whether a function takes no negative value on r > 0, for all values of the parameters, and why.

    Raises
    ------
    Undecided
        If that is open, or depends on the parameters.

    Examples
    --------
    >>> from symtrans.calculus.functions.half_line import Parity
    >>> a = sp.Symbol("a", positive=True)
    >>> f = HalfLine(Parity.EVEN, 1, (Piece(sp.S.Zero, sp.oo, (1 - a * X * sp.tanh(X)) / sp.cosh(X) ** a),), ())
    >>> never_negative(f)[0]
    False
    """
    _refuse_doubts(function, points)
    for value, place in zip(function.values, function.breaks, strict=True) if points else ():
        if sign(value) < 0:
            return False, ("negative at ", R, EQUALS, place)
    question: Undecided | None = None
    for piece in function.pieces:
        if piece.expr.is_nonnegative:
            continue
        chart: Chart = ()
        try:
            chart = sign_chart(piece.expr, piece.lo, piece.hi)
        except Undecided as open_:
            question = open_
        below: Sentence | None = next((interval(s.lo, s.hi) for s in chart if s.sign < 0), None)
        below = ("negative on ", *below) if below is not None else None if chart else _negative_somewhere(piece)
        if below is not None:
            return False, below
    if question is not None:
        raise question
    return True, ("nowhere negative",)


def _negative_somewhere(piece: Piece) -> Sentence | None:
    """Where a piece is negative, for all values of the parameters; None where that is not seen."""
    ends = [(form, piece.hi, "-", " again and again") for form in _far_forms(piece)]
    if not is_rough(piece.expr):
        ends.append((piece.expr, piece.lo, "+", ""))
    for form, place, towards, how in ends:
        changed = by_power(form) if place in (0, sp.oo) else None
        try:
            if final_sign(form if changed is None else changed[1], place, towards) < 0:
                return ("negative", how if form != piece.expr else "", " as ", R, TENDS_TO, place)
        except Undecided:
            continue
    for place in _PLACES:
        try:
            inside = place > piece.lo if piece.lo.is_number and piece.hi is sp.oo else sp.false
            if inside == sp.true and sign(put(piece.expr, place)) < 0:
                return ("negative at ", R, EQUALS, place)
        except Undecided:
            continue
    return None


def _far_forms(piece: Piece) -> list[sp.Expr]:
    """The formula next to its right end; of one that oscillates there the formulas for some values of its waves."""
    if piece.hi is sp.oo and oscillates(piece.expr):
        return [*at_recurring_waves(piece.expr)]
    return [] if is_rough(piece.expr) else [piece.expr]
