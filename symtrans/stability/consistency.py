"""A certificate held against itself and against values of the function, before it is given out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X, example_values
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.enclosures.balls import enclose_with
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.undecided import Undecided
from symtrans.errors import ContradictionWarning
from symtrans.language.symbols import short
from symtrans.runtime.budgets import OutOfTime, time_limit
from symtrans.runtime.public import warn
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Evidence, Verdict

_BITS = 256
_SECONDS = 1.0
_MOST_SETS = 5  # of values for the parameters
_MOST_BREAKS = 4
_BOUNDS = ("g_min", "g_max", "slope_min", "slope_max", "lipschitz")
_FREE = tuple(sp.Rational(*pair) for pair in ((1, 2**20), (1, 97), (17, 41), (71, 53), (311, 71), (10**4, 3)))
_BESIDE = sp.Rational(1, 2**16)

Contradiction = tuple[tuple[str, ...], str]
"""The fields of which one must be wrong, and why."""


def consistent(found: Certificate) -> Certificate:
    """The certificate, or, where its statements contradict each other or a value, one in which they are UNKNOWN.

    That they do is a fault of symtrans, and a warning says so.
    """
    contradictions = _contradictions(found)
    if not contradictions:
        return found
    reason = "symtrans contradicts itself here (an internal error): " + contradictions[0][1]
    warn(
        f"{reason}; the statements are UNKNOWN now. Please report it, with the input {short(found.source)}",
        ContradictionWarning,
    )
    doubtful = {name for names, _ in contradictions for name in names}
    if "g_min" in doubtful:
        doubtful.add("nonnegative")
    if doubtful & {"slope_min", "slope_max"}:
        doubtful |= {"monotone", "convex", "lipschitz"}
    unknown: dict[str, Any] = {}
    for name in doubtful:
        make = Bound if isinstance(getattr(found, name), Bound) else Verdict
        unknown[name] = make(None, Evidence.UNKNOWN, (reason,))
    return replace(found, **unknown)


def _contradictions(found: Certificate) -> list[Contradiction]:
    """What some sets of values for the parameters, and the certificate alone, show to be wrong."""
    contradictions: list[Contradiction] = []
    if found.continuous.value is not None and found.continuous.value == bool(found.jumps):
        what = f"continuous is {found.continuous.value}, and the jumps are {found.jumps}"
        contradictions.append((("continuous",), what))
    if found.converted is None or found.converted.half.doubts:
        return contradictions
    try:
        with time_limit(_SECONDS), ctx.workprec(_BITS):
            for numbers in islice(_numbers(found), _MOST_SETS):
                ranges = {name: _ends(found, getattr(found, name), numbers) for name in _BOUNDS}
                contradictions += _between_statements(found, ranges)
                contradictions += _with_values(found.converted.half, ranges, numbers)
    except (OutOfTime, Undecided):
        pass
    return contradictions


def _numbers(found: Certificate) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    """Some sets of values for the parameters, as the assumptions have them, in ascending and descending order."""
    assert found.converted is not None
    names = found.converted.names
    symbols = {names.outward(symbol): symbol for symbol in found.converted.half.parameters}  # of which more may be said
    for shift in (5, 1, 12) if symbols else (5,):
        ascending = {symbols[user]: number for user, number in example_values(symbols, shift).items()}
        for numbers in (ascending, _reversed(ascending)) if len(symbols) > 1 else (ascending,):
            if all(relation.subs(numbers) == sp.true for relation in found.source.assumptions):
                yield numbers


def _reversed(numbers: dict[sp.Symbol, sp.Rational]) -> dict[sp.Symbol, sp.Rational]:
    """The values in the other order, where each symbol admits the new one."""
    turned = dict(zip(numbers, reversed(numbers.values()), strict=True))
    return turned if all(symbol.is_positive for symbol in numbers) else numbers


def _ends(found: Certificate, bound: Bound, numbers: Mapping[sp.Symbol, sp.Rational]) -> tuple[arb, arb] | None:
    """Two numbers between which a bound lies, for these parameters; None if it is unknown."""
    ends = (bound.lower, bound.upper) if bound.evidence is Evidence.ENCLOSED else (bound.value, bound.value)
    if None in ends:
        return None
    below, above = (_ball(found.source.names.inward(end), numbers) for end in ends)
    return below.lower(), above.upper()


def _ball(value: sp.Expr, numbers: Mapping[sp.Symbol, sp.Rational]) -> arb:
    there = _chosen(value, numbers)
    if there in (sp.oo, -sp.oo):
        return arb.pos_inf() if there is sp.oo else arb.neg_inf()
    return enclose_with(there, {symbol: enclose_with(number, {}) for symbol, number in numbers.items()})


def _chosen(value: sp.Expr, numbers: Mapping[sp.Symbol, sp.Rational]) -> sp.Expr:
    """Of each case distinction the case that holds."""
    if not value.has(sp.Piecewise):
        return value
    if isinstance(value, sp.Piecewise):
        held = (case for case, condition in value.args if condition.subs(numbers) == sp.true)
        return _chosen(next(held, sp.nan), numbers)
    return value.func(*(_chosen(arg, numbers) for arg in value.args))


Ranges = Mapping[str, tuple[arb, arb] | None]


def _between_statements(found: Certificate, ranges: Ranges) -> Iterator[Contradiction]:
    order = [("g_min", "g_max"), ("slope_min", "slope_max"), ("slope_max", "lipschitz")]
    if found.continuous.value:
        order += [("g_max", "slope_max"), ("slope_min", "g_min")]
    for low, high in order:
        first, second = ranges[low], ranges[high]
        if first is not None and second is not None and first[0] > second[1]:
            yield (low, high), f"{low} = {getattr(found, low).value} > {high} = {getattr(found, high).value}"
    for verdict, bound in (("nonnegative", "g_min"), ("monotone", "slope_min"), ("convex", "slope_min")):
        said, ends = getattr(found, verdict).value, ranges[bound]
        if ends is not None and ((said is True and ends[1] < 0) or (said is False and ends[0] >= 0)):
            yield (verdict, bound), f"{verdict} is {said}, and {bound} = {getattr(found, bound).value}"


def _with_values(flux: HalfLine, ranges: Ranges, numbers: Mapping[sp.Symbol, sp.Rational]) -> Iterator[Contradiction]:
    """Values of g, and of Phi' between the breaks, that lie outside the ranges."""
    for name, place, ball in _samples(flux, {s: enclose_with(number, {}) for s, number in numbers.items()}):
        low, high = ranges[f"{name}_min"], ranges[f"{name}_max"]
        at = f"{name} = {_short(ball)} at r = {_short(place)}"
        if low is not None and ball < low[0]:
            yield (f"{name}_min",), f"{at}, below its infimum {_short(low[0])}"
        if high is not None and ball > high[1]:
            yield (f"{name}_max",), f"{at}, above its supremum {_short(high[1])}"


def _samples(flux: HalfLine, values: Mapping[sp.Symbol, arb]) -> Iterator[tuple[str, arb, arb]]:
    """What, where and how much: at breaks, beside them, near 0, far out and at some rationals between."""
    step = max(1, len(flux.breaks) // _MOST_BREAKS)
    places = [enclose_with(place, values) for place in flux.breaks]
    for k in range(0, len(places), step):
        yield "g", places[k], enclose_with(flux.values[k], values) / places[k]
    beside = [place * (1 + enclose_with(side * _BESIDE, {})) for place in places[::step] for side in (1, -1)]
    ends = [arb(0), *places, arb.pos_inf()]
    for place in [*(enclose_with(number, {}) for number in _FREE), *beside]:
        k = sum(1 for end in ends[1:] if end < place)
        if not ends[k] < place < ends[k + 1]:
            continue
        formula = flux.pieces[k].expr
        at = {**values, X: place}
        yield "g", place, enclose_with(formula, at) / place
        yield "slope", place, enclose_with(differentiate(formula, X), at)


def _short(ball: arb) -> str:
    return str(ball.str(8, radius=False))
