"""The questions of a certificate: jumps, the range of the diffusivity, the slopes, of one function on the half line."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import compare, largest, sign, vanishes
from symtrans.calculus.algebra.switches import is_continuous
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.candidates import Extremum, chart_of_slope, supremum
from symtrans.calculus.functions.extrema import candidates
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.functions.one_sided import keeps_within, never_negative, one_bound
from symtrans.calculus.functions.smoothness import smoothness_of
from symtrans.calculus.signs.regions import Region
from symtrans.calculus.undecided import Sentence, Undecided
from symtrans.language.notation import EQUALS, INF_G, INF_SLOPE, PHI, Notation
from symtrans.language.symbols import r
from symtrans.stability.evidence import Jump

_SLOPE_BY_G = Notation("Phi' = g + r g'", r"\Phi' = g + r g'")
_STEEPEST = Notation("L = max(sup Phi', -inf Phi')", r"L = \max\left(\sup \Phi', -\inf \Phi'\right)")


class Member(NamedTuple):
    """The nonlinearity, its parameters confined to a region."""

    flux: HalfLine
    diffusivity: Callable[[], HalfLine]


class Subject(NamedTuple):
    """What is asked of g or of the slopes of Phi: all at one go, or one by one."""

    extrema: Callable[[Member], tuple[Extremum, ...]]
    alone: tuple[Callable[[Member], Extremum], ...]
    """Each of these extrema; the second is the infimum."""
    holds: Callable[[Member], tuple[bool, Sentence]]
    """Whether the infimum is >= 0."""
    name: Notation


class Pole(NamedTuple):
    """A denominator without the variable, in the formula that holds on (lo, hi)."""

    lo: sp.Expr
    hi: sp.Expr
    base: sp.Expr

    def is_met(self, region: Region) -> bool:
        """Whether it is 0 in the region, where there is such a piece."""
        into = dict(region.into)
        if not is_zero(self.base.subs(into)) or self.lo.subs(into) is sp.zoo:
            return False
        return self.hi is sp.oo or is_zero((self.hi - self.lo).subs(into)) is not True


def poles_of(expr: sp.Expr) -> Iterator[Pole]:
    """The denominators that may be 0 for some values of the parameters; cases in these are there to avoid it."""
    pieces = expr.args if isinstance(expr, sp.Piecewise) and expr.args[0].cond.has(r) else ((expr, sp.true),)
    lo: sp.Expr = sp.S.Zero
    for formula, condition in pieces:  # as `writing` has them: |r| <= a, then |r| <= b
        if any(r not in one.free_symbols for one in condition.atoms(sp.Eq)):
            return  # what follows are cases in a parameter, too
        sides = condition.args if isinstance(condition, sp.Le | sp.Lt | sp.Ge | sp.Gt) else ()
        moving = next((side for side in sides if r in side.free_symbols), sp.S.One)  # |r|, or k |r|
        is_end = r not in (moving / sp.Abs(r)).free_symbols
        hi = next(side for side in sides if side != moving) * sp.Abs(r) / moving if is_end else sp.oo
        cases = {case: sp.S.Zero for case in formula.atoms(sp.Piecewise) if not case.args[0].cond.has(r)}
        for power in formula.xreplace(cases).atoms(sp.Pow):
            if power.exp.could_extract_minus_sign() and r not in power.base.free_symbols and not power.base.is_positive:
                yield Pole(lo, hi, power.base)
        lo = hi if is_end else lo


def jumps_of(member: Member) -> tuple[Jump, ...]:
    """Every place at which the limits of the flux, or its value, differ, and by how much."""
    flux = member.flux
    if flux.doubts:
        raise Undecided(*flux.doubts[0])
    for piece in flux.pieces:
        if not is_continuous(piece.expr):
            raise Undecided(PHI, " jumps for ever, as ", piece.expr, " does")
    found = []
    start = flux.after(-1)
    if start in (sp.oo, -sp.oo):
        found.append(Jump(sp.S.Zero, start))
    elif not vanishes(start):
        found.append(Jump(sp.S.Zero, 2 * start))
    for k in flux.may_jump():
        place, before, after, value = flux.breaks[k], flux.before(k), flux.after(k), flux.values[k]
        if sp.oo in (abs(before), abs(after)):
            found.append(Jump(place, after if abs(after) is sp.oo else -before))
        elif not vanishes(after - before):
            found.append(Jump(place, after - before))
        elif not vanishes(value - before):  # one isolated value
            found.append(Jump(place, value - before))
    return tuple(found)


def order_of_smoothness(member: Member) -> int | sp.Expr:
    """The k of C^k; -1 with a jump."""
    return -1 if jumps_of(member) else smoothness_of(member.flux)


def range_of_diffusivity(member: Member) -> tuple[Extremum, ...]:
    """Sup g and inf g over r != 0; at r = 0 the limit is the value, by definition."""
    found, argument = candidates(member.diffusivity(), points=True)
    return tuple(_at_zero(supremum(found, argument, side), True) for side in (1, -1))


def range_of_slope(member: Member) -> tuple[Extremum, ...]:
    """Supremum and infimum of the difference quotients of Phi, and its Lipschitz constant L."""
    flux = member.flux
    jumps = jumps_of(member)
    found, argument = candidates(flux.derivative(), points=False)
    up, down = (_by_jump(flux, jumps, side) or _as_slope(supremum(found, argument, side), flux) for side in (1, -1))
    value = largest([up.value, -down.value])
    from_up = value == up.value
    one = up if from_up else down
    place = one.place if from_up or value == -down.value else None
    return up, down, Extremum(value, place, one.attained, (_STEEPEST, "; ", *one.argument))


def bound_of_diffusivity(member: Member, side: int) -> Extremum:
    """Sup g (`side` 1) or inf g (-1) alone, where not both are found."""
    return _at_zero(one_bound(member.diffusivity(), side, points=True), True)


def bound_of_slope(member: Member, side: int) -> Extremum:
    """Supremum (`side` 1) or infimum (-1) of the difference quotients of Phi alone, where not both are found."""
    flux = member.flux
    if (unbounded := _by_jump(flux, jumps_of(member), side)) is not None:
        return unbounded
    try:
        smooth = one_bound(flux.derivative(), side, points=False)
    except Undecided:
        if (found := _by_diffusivity(member.diffusivity(), side)) is None:
            raise
        smooth = found
    return _as_slope(smooth, flux)


def _by_diffusivity(g: HalfLine, side: int) -> Extremum | None:
    """The limit g(0+) where g nowhere rises (`side` 1) or nowhere falls (-1); None where that is not seen.

    Phi' = g + r g' is on that side of g then, and g of g(0+), which the quotients Phi(r)/r tend to. A jump of g to the
    other side is one of Phi, which makes its slopes unbounded.
    """
    try:
        charts = [chart_of_slope(piece.expr, piece.lo, piece.hi) for piece in g.pieces if X in piece.expr.free_symbols]
        start = g.after(-1)
    except Undecided:
        return None
    if any(segment.sign == side for chart in charts for segment in chart):
        return None
    words = "is at most g, which nowhere rises" if side == 1 else "is at least g, which nowhere falls"
    return Extremum(start, sp.S.Zero, False, (_SLOPE_BY_G, f" {words}"))


def steepness(member: Member) -> Extremum:
    """The Lipschitz constant L of Phi, where one of its slopes is found and the other is seen not to be steeper."""
    if jumps_of(member):
        return Extremum(sp.oo, None, False, (PHI, " jumps"))
    derivative = member.flux.derivative()
    depends = None
    for side in (1, -1):
        try:
            one = bound_of_slope(member, side)
            if one.value == side * sp.oo or keeps_within(derivative, -one.value, -side):
                return one._replace(value=side * one.value, argument=(_STEEPEST, "; ", *one.argument))
        except Undecided as question:
            depends = depends or question.open
    raise Undecided("which slope of ", PHI, " is the steepest is open", open=depends)


def is_nonnegative(member: Member) -> tuple[bool, Sentence]:
    """Whether g >= 0, and why."""
    return never_negative(member.diffusivity(), points=True)


def is_monotone(member: Member) -> tuple[bool, Sentence]:
    """Whether Phi increases, and why."""
    for jump in jumps_of(member):
        if sign(jump.height) < 0 or _is_isolated(member.flux, jump):
            return False, (PHI, " jumps down at ", r, EQUALS, jump.place)
    if _returns_to_zero(member.flux):
        return False, (PHI, " is 0 at ", r, EQUALS, sp.S.Zero, " and tends to 0, and is not 0 in between")
    try:
        return never_negative(member.flux.derivative(), points=False)
    except Undecided:
        least = _by_diffusivity(member.diffusivity(), -1)
        if least is None or sign(least.value) < 0:
            raise
        return True, least.argument


def _returns_to_zero(flux: HalfLine) -> bool:
    """Whether Phi tends to 0 far out and is seen not to be 0 at some place, whatever the parameters are."""
    with suppress(Undecided):
        if limit(flux.pieces[-1].expr, sp.oo, "-") == 0:
            return any(sign(flux.at(place)) != 0 for place in (*flux.breaks, 1 + flux.pieces[-1].lo))
    return False


def _at_zero(extremum: Extremum, is_value: bool) -> Extremum:
    """At r = 0 a limit counts as a value of g, and of Phi' where Phi does not jump there."""
    if extremum.place == 0:
        return extremum._replace(attained=is_value and extremum.value not in (sp.oo, -sp.oo))
    return extremum


def _as_slope(extremum: Extremum, flux: HalfLine) -> Extremum:
    """A limit of slopes is one at r = 0 where Phi starts there, and at a break where neither Phi nor Phi' jumps."""
    if extremum.attained or extremum.value in (sp.oo, -sp.oo) or extremum.place not in flux.breaks:
        return _at_zero(extremum, is_zero(flux.after(-1)) is True)
    k, slope = flux.breaks.index(extremum.place), flux.derivative()
    before, after = flux.before(k) - flux.values[k], flux.after(k) - flux.values[k]
    with suppress(Undecided):
        return extremum._replace(attained=all(map(vanishes, (before, after, slope.after(k) - slope.before(k)))))
    return extremum


def _by_jump(flux: HalfLine, jumps: Sequence[Jump], side: int) -> Extremum | None:
    """The bound that a jump in the direction of `side` decides: the difference quotients are unbounded there."""
    for jump in jumps:
        if sign(jump.height) == side or _is_isolated(flux, jump):
            return Extremum(side * sp.oo, None, False, (PHI, " jumps at ", r, EQUALS, jump.place))
    return None


def _is_isolated(flux: HalfLine, jump: Jump) -> bool:
    """Whether the value at the jump lies outside the interval of the one-sided limits."""
    for k, place in enumerate(flux.breaks):
        if place == jump.place:
            before, value, after = flux.before(k), flux.values[k], flux.after(k)
            return compare(before, value) * compare(value, after) < 0 or compare(before, after) == 0
    return False


DIFFUSIVITY = Subject(
    range_of_diffusivity,
    (partial(bound_of_diffusivity, side=1), partial(bound_of_diffusivity, side=-1)),
    is_nonnegative,
    INF_G,
)
SLOPE = Subject(
    range_of_slope,
    (partial(bound_of_slope, side=1), partial(bound_of_slope, side=-1), steepness),
    is_monotone,
    INF_SLOPE,
)
