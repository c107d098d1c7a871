"""Suprema and infima of piecewise smooth functions, exact and with their place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp
from flint import fmpq

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.comparisons import largest, sign
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.laurent import ZERO, Laurent
from symtrans.calculus.algebra.scales import nondimensional
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import NamedNumber
from symtrans.calculus.functions.half_line import HalfLine, Piece
from symtrans.calculus.functions.oscillation import compact_part, infinities, oscillates
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.signs.charts import is_heavy, sign_chart
from symtrans.calculus.signs.isolated_zeros import ValueAtRoot
from symtrans.calculus.undecided import Sentence, Undecided, interval, joined
from symtrans.language.notation import EQUALS, Notation
from symtrans.language.text_printer import R

_MOST_NAMED = 12  # zeros of a derivative that an argument lists


@dataclass(frozen=True)
class Candidate:
    """A value that a function takes at `place`, or approaches there (`attained` False)."""

    value: sp.Expr
    place: sp.Expr
    attained: bool


@dataclass(frozen=True)
class Extremum:
    """A supremum or infimum.

    Attributes
    ----------
    value : Expr
        Possibly oo, or a Max/Min where the order of the candidates depends on the parameters.
    place : Expr or None
        A point r >= 0 at which it is attained or approached; None for a Max/Min.
    attained : bool
    argument : Sentence
        The line of proof.
    """

    value: sp.Expr
    place: sp.Expr | None
    attained: bool
    argument: Sentence


def piece_candidates(piece: Piece) -> tuple[list[Candidate], Sentence]:
    """Every value among which the extrema of a smooth piece lie, and the argument for it."""
    if X not in piece.expr.free_symbols:
        inner = 2 * piece.lo if piece.hi is sp.oo or piece.lo == 0 else (piece.lo + piece.hi) / 2
        return [Candidate(piece.expr, inner, True)], ("constant",)
    if piece.hi is sp.oo and oscillates(piece.expr):
        return _oscillating_candidates(piece)
    found, argument = _between_ends(piece)
    found.append(Candidate(limit(piece.expr, piece.hi, "-"), piece.hi, False))
    return found, argument


def _between_ends(piece: Piece) -> tuple[list[Candidate], Sentence]:
    """The limit at the left end and the values at the zeros of the derivative."""
    chart = sign_chart(_slope(piece.expr), piece.lo, piece.hi)
    found = [Candidate(limit(piece.expr, piece.lo, "+"), piece.lo, False)]
    for segment in chart[:-1]:
        found.append(Candidate(_value(piece.expr, segment.hi), segment.hi, True))
    argument: Sentence
    if len(chart) == 1:
        argument = ({1: "increasing", -1: "decreasing", 0: "constant"}[chart[0].sign],)
    elif len(chart) - 1 <= _MOST_NAMED:
        argument = ("its derivative vanishes only at ", R, EQUALS, *joined(", ", [(s.hi,) for s in chart[:-1]]))
    else:
        ends = (chart[0].hi, " to ", chart[-2].hi)
        argument = (f"its derivative vanishes only at {len(chart) - 1} points, from ", R, EQUALS, *ends)
    if any(segment.isolated for segment in chart):
        argument += (" (zeros isolated by ball arithmetic)",)
    return found, argument


def _value(expr: sp.Expr, place: sp.Expr) -> sp.Expr:
    """The value at a zero of the derivative; a long formula is not written out at a number without closed form."""
    if isinstance(place, NamedNumber) and is_heavy(expr):
        return ValueAtRoot(expr, X, place)
    return simplified(put(expr, place))


def _slope(expr: sp.Expr) -> sp.Expr:
    slope = differentiate(expr, X)
    return slope if is_heavy(slope) else simplified(slope)


def _oscillating_candidates(piece: Piece) -> tuple[list[Candidate], Sentence]:
    if infinities(piece.expr) == {sp.oo, -sp.oo}:
        unbounded = [Candidate(value, sp.oo, False) for value in (sp.oo, -sp.oo)]
        return unbounded, (
            "where the argument of its waves is a multiple of ",
            Notation("pi/4", r"\pi/4"),
            " it takes values beyond all bounds",
        )
    scale, factor, scaled = nondimensional(piece.expr)
    lo = simplified(piece.lo / scale)
    if (scaled.free_symbols | lo.free_symbols) - {X}:
        raise Undecided("the range of ", piece.expr, ", which oscillates for ever, is open")
    end, why = compact_part(scaled, lo)
    found, argument = _between_ends(Piece(lo, end, scaled))
    found.append(Candidate(simplified(put(scaled, end)), end, True))
    found = [Candidate(simplified(factor * c.value), simplified(scale * c.place), c.attained) for c in found]
    words = (*why, "; there ", *argument)
    return found, stretched(words, scale)


def stretched(argument: Sentence, scale: sp.Expr) -> Sentence:
    """The argument for F(r/scale), of one for F: each place that it names is moved; r itself is no place."""
    return tuple(simplified(scale * word) if isinstance(word, sp.Basic) and word != R else word for word in argument)


def candidates(function: HalfLine, points: bool = True) -> tuple[list[Candidate], Sentence]:
    """Candidates over all r > 0: pieces, their ends, and (if `points`) the values at the breaks."""
    if function.doubts:
        raise Undecided(*function.doubts[0])
    if isinstance(function, Spline):
        return _spline_candidates(function, points)
    found: list[Candidate] = []
    arguments: list[Sentence] = []
    for piece in function.pieces:
        some, argument = piece_candidates(piece)
        found += some
        arguments.append((*argument, " on ", *interval(piece.lo, piece.hi)))
    if points:
        found += [Candidate(v, b, True) for v, b in zip(function.values, function.breaks, strict=True)]
    return found, joined("; ", arguments)


class _Exact(NamedTuple):
    """A candidate of a spline, on the way: a value of P and a place of P, None for infinity."""

    value: fmpq | float
    place: fmpq | None
    attained: bool

    def rank(self) -> tuple[float, fmpq | int]:
        return (self.value, 0) if isinstance(self.value, float) else (0.0, self.value)


def _spline_candidates(spline: Spline, points: bool) -> tuple[list[Candidate], Sentence]:
    """Of all candidates the first largest and the first smallest, attained if one of that value is."""
    exact: list[_Exact] = []
    others: list[Candidate] = []
    arguments: list[Sentence] = []
    kinds: Counter[str] = Counter()
    for k, (lo, hi, part) in enumerate(spline.intervals()):
        some, word, zeros = _exact_candidates(part, lo, hi)
        exact += some
        argument: Sentence = (word,)
        if zeros is None:
            more, argument = piece_candidates(spline.pieces[k])
            others += more
        elif zeros and not spline.is_long:
            places = joined(", ", [(spline.place(zero),) for zero in zeros])
            argument = ("its derivative vanishes only at ", R, " = ", *places)
        kinds[word] += 1
        if not spline.is_long:
            arguments.append((*argument, " on ", *interval(spline.place(lo), spline.place(hi))))
    if points:
        exact += [_Exact(value, knot, True) for knot, value in zip(spline.knots, spline.at_knots, strict=True)]
    argument = joined("; ", arguments)
    if not arguments:
        counted = ", ".join(f"{word} on {count}" for word, count in sorted(kinds.items()))
        argument = (f"of {len(spline.parts)} pieces: {counted}; compared at every break and zero of the derivative",)
    chosen = [
        min((one for one in exact if one.rank() == best.rank()), key=lambda one: not one.attained)
        for best in ((max(exact, key=_Exact.rank), min(exact, key=_Exact.rank)) if exact else ())
    ]
    return [Candidate(spline.value(c.value), spline.place(c.place), c.attained) for c in chosen] + others, argument


def _exact_candidates(part: Laurent, lo: fmpq, hi: fmpq | None) -> tuple[list[_Exact], str, list[fmpq] | None]:
    """The candidates on a piece, what it does, and the zeros of its derivative; None if one is not rational."""
    slope = part.derivative()
    if slope == ZERO:
        inner = 2 * lo if hi is None or not lo else (lo + hi) / 2
        return [_Exact(part.at_zero(), inner, True)], "constant", []
    try:
        zeros = slope.roots(lo, hi)
    except Undecided:
        return [], "neither", None
    found = [_Exact(part(lo) if lo else part.at_zero(), lo, False)]
    found += [_Exact(part(zero), zero, True) for zero in zeros]
    found.append(_Exact(part.at_infinity() if hi is None else part(hi), hi, False))
    inside = slope(lo + 1 if hi is None else (lo + hi) / 2)
    return found, "neither" if zeros else "increasing" if inside > 0 else "decreasing", zeros


def supremum(found: Iterable[Candidate], argument: Sentence, factor: int = 1) -> Extremum:
    """The largest candidate (`factor` 1), or the smallest (`factor` -1)."""
    found = [Candidate(factor * c.value, c.place, c.attained) for c in found]
    value = largest(c.value for c in found)
    best = [c for c in found if c.value == value or _equal(c.value, value)]
    best.sort(key=lambda c: not c.attained)
    result = factor * value
    if isinstance(value, sp.Max) and factor == -1:
        result = sp.Min(*(-v for v in value.args))
    if not best:
        return Extremum(result, None, False, argument)
    return Extremum(result, best[0].place, best[0].attained, argument)


def _equal(a: sp.Expr, b: sp.Expr) -> bool:
    if a in (sp.oo, -sp.oo) or b in (sp.oo, -sp.oo) or isinstance(b, sp.Max):
        return False
    try:
        return sign(a - b) == 0
    except Undecided:
        return False
