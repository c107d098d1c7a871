"""Suprema and infima of piecewise smooth functions, exact and with their place."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import sympy as sp
from flint import arb, fmpq

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.changes_of_variable import ByLogarithm, by_power, in_old_variable
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.algebra.laurent import ZERO, Laurent
from symtrans.calculus.algebra.scales import nondimensional
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import is_continuous, is_rough
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import NamedNumber, enclose
from symtrans.calculus.functions.candidates import Candidate, chart_of_slope, stretched, supremum, with_places
from symtrans.calculus.functions.cutting import smooth_pieces
from symtrans.calculus.functions.half_line import HalfLine, Piece
from symtrans.calculus.functions.one_wave import OfPiece, of_damped_wave, of_one_wave, of_swelling_wave
from symtrans.calculus.functions.oscillation import Beyond, infinities, oscillates, whole_turn
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.signs.charts import is_heavy, sign_chart
from symtrans.calculus.signs.isolated_zeros import ValueAtRoot
from symtrans.calculus.signs.segments import Chart, Segment
from symtrans.calculus.undecided import Sentence, Undecided, interval, joined
from symtrans.language.notation import EQUALS, Notation
from symtrans.language.text_printer import R

_MOST_NAMED = 12  # zeros of a derivative that an argument lists
_BY_BALLS = " (zeros isolated by ball arithmetic)"
_MOST_PIECES = 6  # whose arguments are given one by one


def piece_candidates(piece: Piece) -> tuple[list[Candidate], Sentence]:
    """Every value among which the extrema of a smooth piece lie, and the argument for it."""
    if X not in piece.expr.free_symbols:
        return _constant(piece)
    if (changed := by_power(piece.expr)) is not None:
        return _of_power(piece, *changed)
    by_logarithm = ByLogarithm.of(piece.expr)
    if by_logarithm is None:
        return _in_its_variable(piece)
    ways: list[OfPiece] = [_in_its_variable, partial(_of_logarithm, by_logarithm=by_logarithm)]
    if piece.hi is sp.oo and oscillates(piece.expr):
        ways.reverse()
    try:
        return ways[0](piece)
    except Undecided as question:
        if question.open is not None:
            raise
        try:
            return ways[1](piece)
        except Undecided:
            raise question from None


def _in_its_variable(piece: Piece) -> tuple[list[Candidate], Sentence]:
    if piece.hi is sp.oo and oscillates(piece.expr):
        of_wave = of_damped_wave(piece) or of_one_wave(piece, piece_candidates) or of_swelling_wave(piece)
        return _oscillating_candidates(piece) if of_wave is None else of_wave
    found, argument = _between_ends(piece)
    found.append(Candidate(limit(piece.expr, piece.hi, "-"), piece.hi, False))
    return found, argument


def _of_power(piece: Piece, unit: sp.Expr, expr: sp.Expr) -> tuple[list[Candidate], Sentence]:
    """The candidates of F(x^d), by those of F: x -> x^d ascends."""
    found, argument = _in_new_variable(piece, X**unit, expr, lambda place: place ** (1 / unit))
    written = [
        c._replace(value=_value(piece.expr, c.place)) if c.attained and not c.place.has(NamedNumber) else c
        for c in found
    ]
    return written, argument


def _of_logarithm(piece: Piece, by_logarithm: ByLogarithm) -> tuple[list[Candidate], Sentence]:
    """The candidates of F(L), by those of F: the logarithm L ascends."""
    function, logarithm = by_logarithm.function, by_logarithm.logarithm
    return _in_new_variable(piece, logarithm, function, lambda place: simplified(by_logarithm.place(place)))


def _in_new_variable(
    piece: Piece, new: sp.Expr, function: sp.Expr, old: Callable[[sp.Expr], sp.Expr]
) -> tuple[list[Candidate], Sentence]:
    """The candidates of F(u) by those of F, for a u that maps (0, oo) onto itself and ascends; `old` is its inverse."""
    lo, hi = (end if end in (0, sp.oo) else put(new, end) for end in (piece.lo, piece.hi))
    with in_old_variable(new):
        found, argument = piece_candidates(Piece(lo, hi, simplified(function)))
    ends = {lo: piece.lo, hi: piece.hi}

    def back(place: sp.Expr) -> sp.Expr:
        return ends[place] if place in ends else old(place)

    return [candidate._replace(place=back(candidate.place)) for candidate in found], with_places(argument, back, new)


def _constant(piece: Piece) -> tuple[list[Candidate], Sentence]:
    inner = 2 * piece.lo if piece.hi is sp.oo or piece.lo == 0 else (piece.lo + piece.hi) / 2
    return [Candidate(piece.expr, inner, True)], ("constant",)


def _between_ends(piece: Piece) -> tuple[list[Candidate], Sentence]:
    """The limit at the left end and the values at the zeros of the derivative."""
    chart = chart_of_slope(piece.expr, piece.lo, piece.hi)
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
        argument += (_BY_BALLS,)
    return found, argument


def _value(expr: sp.Expr, place: sp.Expr) -> sp.Expr:
    """The value at a zero of the derivative; a long formula is not written out at a number without closed form."""
    if isinstance(place, NamedNumber) and is_heavy(expr):
        return ValueAtRoot(expr, X, place)
    if isinstance(place, sp.Pow) and place.exp.free_symbols:
        return simplified(_at_power(expr, place.base, place.exp))
    return simplified(put(expr, place))


def _at_power(expr: sp.Expr, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """An expression at base^exponent, of which powers are joined: X X^(p - 1) at b^(1/p) is b."""
    if X not in expr.free_symbols:
        return expr
    powers = {factor: factor.as_base_exp() for factor in sp.Mul.make_args(expr)}
    of_x = [e for b, e in powers.values() if b == X and X not in e.free_symbols]
    rest = [factor for factor, (b, e) in powers.items() if b != X or X in e.free_symbols]
    if not of_x:
        return expr.func(*(_at_power(arg, base, exponent) for arg in expr.args))
    return base ** sp.cancel(sp.Add(*of_x) * exponent) * sp.Mul(*(_at_power(one, base, exponent) for one in rest))


def _oscillating_candidates(piece: Piece) -> tuple[list[Candidate], Sentence]:
    if infinities(piece.expr) == {sp.oo, -sp.oo}:
        unbounded = [Candidate(value, sp.oo, False) for value in (sp.oo, -sp.oo)]
        return unbounded, _passing_bounds(piece.expr)
    scale, factor, scaled = nondimensional(piece.expr)
    lo = simplified(piece.lo / scale)
    if (scaled.free_symbols | lo.free_symbols) - {X}:
        return _moved_candidates(piece)
    turn = whole_turn(scaled, lo)
    if turn is None:
        found, words = _within_envelope(scaled, lo)
    else:
        end, why = turn
        found, argument = _up_to(scaled, lo, end)
        words = (*why, "; there ", *argument)
    found = [Candidate(_stretched(c.value, factor), _stretched(c.place, scale), c.attained) for c in found]
    return found, stretched(words, scale)


def _moved_candidates(piece: Piece) -> tuple[list[Candidate], Sentence]:
    """The extrema of C + A w(r), whatever the sign of A, from those of w, whose only parameters are scales."""
    parts = _collected(sp.expand(piece.expr), by_parameters=True)
    whole = sp.Add(*(c * simplified(varying) for c, varying in parts.items()))
    terms = _collected(sp.expand(whole))
    constant = terms.pop(sp.S.One, sp.S.Zero)
    if not terms:
        return _constant(replace(piece, expr=constant))
    if constant == 0 and sp.S.One in terms.values():
        raise _open(piece.expr)
    factor = next(iter(terms.values()))
    wave = sp.Add(*(cancelled(c / factor) * varying for varying, c in terms.items()))
    found, argument = piece_candidates(replace(piece, expr=sp.factor_terms(wave)))
    ends = [supremum(found, argument, side) for side in (1, -1)]
    values = {sp.oo, -sp.oo}.intersection(end.value for end in ends)
    towards = sign(factor) if values else 1
    if towards == 0:
        return _constant(replace(piece, expr=constant))
    moved = [end.value * towards if end.value in values else simplified(constant + factor * end.value) for end in ends]
    return [Candidate(v, end.place, end.attained) for v, end in zip(moved, ends, strict=True)], argument


def _collected(expr: sp.Expr, by_parameters: bool = False) -> dict[sp.Expr, sp.Expr]:
    """The terms of an expanded sum: the factor of each function of r, or the function of r of each factor."""
    found: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(expr):
        factor, varying = term.as_independent(X, as_Add=False)
        key, value = (factor, varying) if by_parameters else (varying, factor)
        found[key] = found.get(key, sp.S.Zero) + value
    return found


def _passing_bounds(expr: sp.Expr) -> Sentence:
    """Where a function is seen to be unbounded."""
    if len({wave.args[0] for wave in expr.atoms(sp.sin, sp.cos) if X in wave.free_symbols}) > 1:
        return (
            "where its waves are again what they are at some place of their period it takes values beyond all bounds",
        )
    angle = Notation("pi/12", r"\pi/12") if is_rough(expr) else Notation("pi/4", r"\pi/4")
    return "where the argument of its waves is a multiple of ", angle, " it takes values beyond all bounds"


def _stretched(value: sp.Expr, factor: sp.Expr) -> sp.Expr:
    return value if value in (sp.oo, -sp.oo) else simplified(factor * value)


def _open(expr: sp.Expr) -> Undecided:
    return Undecided("the range of ", expr, ", which oscillates for ever, is open")


def _within_envelope(expr: sp.Expr, lo: sp.Expr) -> tuple[list[Candidate], Sentence]:
    """The candidates up to a radius beyond which no value is above or below all of them, and those at infinity."""
    beyond = Beyond(expr, lo)
    far = _far(beyond.asymptote)
    for radius, own, apart in beyond.radii():
        found, argument = _up_to(expr, lo, radius)
        ends = []
        for side in (1, -1):
            most = [(side * own).upper()] if own is not None else []
            if far is not None and apart is not None:
                most.append((side * (enclose(far[side]) + apart)).upper())
            ends.append(_beyond(beyond, most, far, found, side))
        if None not in ends:
            more, reasons = zip(*(end for end in ends if end is not None), strict=True)
            found += [candidate for some in more for candidate in some]
            why = joined(" and ", dict.fromkeys(reasons))
            return found, ("beyond ", R, EQUALS, radius, " ", *why, "; before ", *argument)
    raise _open(expr)


def _far(asymptote: sp.Expr | None) -> dict[int, sp.Expr] | None:
    """The supremum (1) and infimum (-1) of an asymptote, if they are known."""
    if asymptote is None or (X in asymptote.free_symbols and whole_turn(asymptote, sp.S.Zero) is None):
        return None
    try:
        found, _ = piece_candidates(Piece(sp.S.Zero, sp.oo, asymptote))
        return {side: supremum(found, (), side).value for side in (1, -1)}
    except Undecided:
        return None


def _beyond(
    beyond: Beyond, most: list[arb], far: dict[int, sp.Expr] | None, found: list[Candidate], side: int
) -> tuple[list[Candidate], Sentence] | None:
    """Why no value beyond a radius is above (`side` 1) or below (-1) all that are found, and what is approached there.

    None where that is not known. No value there, times the side, is above any of `most`.
    """
    if side * sp.oo in beyond.infinite:
        return [Candidate(side * sp.oo, sp.oo, False)], _passing_bounds(beyond.expr)
    word = "above" if side == 1 else "below"
    for value in (c.value for c in found):
        if value == side * sp.oo or (value.is_finite and any(side * enclose(value) > bound for bound in most)):
            return [], (f"no value is {word} all earlier ones",)
    level = beyond.asymptote
    if level is not None and far is not None and beyond.keeps_to(level, side):
        what: Sentence = ("that of ", level) if X in level.free_symbols else ("the limit",)
        return [Candidate(far[side], sp.oo, False)], (f"no value is {word} ", *what)
    if any(c.value == 0 for c in found) and beyond.keeps_to(sp.S.Zero, side):
        return [], (f"no value is {word} 0",)
    return None


def _up_to(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> tuple[list[Candidate], Sentence]:
    """The candidates on (lo, hi], between any breaks and at them."""
    pieces = smooth_pieces(expr, lo, hi)
    has_values = is_continuous(expr)
    found: list[Candidate] = []
    arguments: list[Sentence] = []
    for piece in pieces:
        some, argument = _between_ends(piece) if X in piece.expr.free_symbols else _constant(piece)
        end = limit(piece.expr, piece.hi, "-")
        found += [*some, Candidate(end, piece.hi, has_values and end not in (sp.oo, -sp.oo))]
        arguments.append(argument)
    if len(pieces) == 1:
        return found, arguments[0]
    by_balls: Sentence = (_BY_BALLS,) if any(_BY_BALLS in argument for argument in arguments) else ()
    if len(pieces) > _MOST_PIECES:
        return found, (f"compared at the ends of {len(pieces)} pieces and where its derivative vanishes", *by_balls)
    each = [
        (*(word for word in argument if word != _BY_BALLS), " on ", *interval(piece.lo, piece.hi))
        for argument, piece in zip(arguments, pieces, strict=True)
    ]
    return found, (*joined("; ", each), *by_balls)


def endless_chart(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> Chart:
    """The sign chart also of a function with breaks for ever, where it keeps clear of zero.

    Raises
    ------
    Undecided
        If it may have zeros.
    """
    try:
        return sign_chart(expr, lo, hi)
    except Undecided:
        if hi is not sp.oo or not is_rough(expr):
            raise
    found, _ = _oscillating_candidates(Piece(lo, hi, expr))
    for side in (1, -1):
        value = supremum(found, (), side).value
        if value not in (sp.oo, -sp.oo) and sign(value) == -side:
            return (Segment(lo, hi, -side),)
    raise Undecided(expr, " may be 0 again and again; where it has |u|, write sqrt(u^2 + 1/100)")


def candidates(function: HalfLine, points: bool = True) -> tuple[list[Candidate], Sentence]:
    """Candidates over all r > 0: pieces, their ends, and (if `points`) the values at the breaks."""
    if function.doubts:
        raise Undecided(*function.doubts[0])
    if isinstance(function, Spline):
        return _spline_candidates(function, points)
    found: list[Candidate] = []
    arguments: list[Sentence] = []
    for piece in function.pieces:
        if points and not is_continuous(piece.expr):
            raise Undecided(piece.expr, " jumps for ever")
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
