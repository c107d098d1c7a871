"""How a certificate is made: the questions about one nonlinearity, asked one by one against the clock."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, TypeVar

import sympy as sp

from symtrans.calculus.algebra.canonical import is_zero
from symtrans.calculus.algebra.comparisons import compare, largest, sign, vanishes
from symtrans.calculus.algebra.simplification import tidy
from symtrans.calculus.asymptotics.limits import is_plain
from symtrans.calculus.enclosures.decimals import bounds_of, has_named_number, shown_numbers
from symtrans.calculus.functions.assumptions import confined
from symtrans.calculus.functions.extrema import Extremum, candidates, supremum
from symtrans.calculus.functions.half_line import HalfLine, Parity, smooth_between_breaks
from symtrans.calculus.functions.similarity import similar
from symtrans.calculus.functions.smoothness import smoothness_of
from symtrans.calculus.signs.regions import Region, assumed, by_cases, sign_under, union_of, united
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import r, seconds
from symtrans.nonlinearity.kind import Kind, NotInTime
from symtrans.nonlinearity.kinds import Activation, Diffusivity
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.runtime.caches import Cache
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Evidence, Jump, Verdict

_LEAST_BUDGET = 0.8  # seconds for the activation
_DEEPEST_CASES = 3  # parameters that one answer may depend on

T = TypeVar("T")
Cases = list[tuple[Region, T]]


def certify(nonlinearity: Kind, *, budget: float = DEFAULT_BUDGET) -> Certificate:
    """Prove what can be proved of a nonlinearity of any kind, within `budget` seconds.

    Statements for which the time does not suffice are UNKNOWN and say so.

    Examples
    --------
    >>> from symtrans.nonlinearity.kinds import Shrinkage
    >>> hard = certify(Shrinkage("Piecewise((0, |r| <= theta), (r, otherwise))"))
    >>> hard.lipschitz.value, hard.g_max.value, hard.max_min_step()
    (oo, 1, 1/2)
    >>> hard.jumps
    (Jump(place=sqrt(2)*theta, height=-sqrt(2)*theta),)
    """
    if not isinstance(nonlinearity, Kind):
        raise NonlinearityError(
            f"{nonlinearity!r} is a {type(nonlinearity).__name__}; certify takes one of the four kinds, for example "
            'Diffusivity("exp(-r^2)"); a family has its certificate, as in catalogue["soft"].certificate'
        )
    budget = seconds(budget)
    return _certificates.get(nonlinearity.key, budget, lambda: _certify(nonlinearity, budget))


_certificates: Cache[Certificate] = Cache(512)


def _certify(nonlinearity: Kind, budget: float) -> Certificate:
    prover = _Prover(nonlinearity, budget)
    jumps = prover.tried(_jumps_of)
    (g_max, g_min), nonnegative = prover.statements(_range_of_diffusivity, 2, "inf g")
    (slope_max, slope_min, lipschitz), monotone = prover.statements(_range_of_slope, 3, "inf Phi'")
    return Certificate(
        source=nonlinearity,
        g_max=g_max,
        g_min=g_min,
        slope_max=slope_max,
        slope_min=slope_min,
        lipschitz=lipschitz,
        odd=Verdict(True, Evidence.PROVED, "checked piece by piece when it was entered"),
        nonnegative=nonnegative,
        monotone=monotone,
        convex=replace(monotone, reason=f"Psi is convex just when Phi increases; {monotone.reason}"),
        continuous=prover.continuity(jumps),
        jumps=prover.jumps(jumps),
        smoothness=prover.smoothness(),
    )


# ---------------------------------------------------------------------------
# The questions, asked of the half lines in one region of the parameters


class _Member(NamedTuple):
    """The nonlinearity, its parameters confined to a region."""

    flux: HalfLine
    diffusivity: Callable[[], HalfLine]


class _Pole(NamedTuple):
    """A denominator without the variable, in the formula that holds on (lo, hi)."""

    lo: sp.Expr
    hi: sp.Expr
    base: sp.Expr

    def is_met(self, region: Region) -> bool:
        """Whether it is 0 in the region, where there is such a piece."""
        into = dict(region.into)
        if not is_zero(self.base.subs(into)):
            return False
        return self.hi is sp.oo or is_zero((self.hi - self.lo).subs(into)) is not True


def _poles(expr: sp.Expr) -> Iterator[_Pole]:
    """The denominators that may be 0 for some values of the parameters; cases in these are there to avoid it."""
    pieces = expr.args if isinstance(expr, sp.Piecewise) and expr.args[0].cond.has(r) else ((expr, sp.true),)
    lo: sp.Expr = sp.S.Zero
    for formula, condition in pieces:  # as `writing` has them: |r| <= a, then |r| <= b
        is_end = isinstance(condition, sp.Le | sp.Lt | sp.Ge | sp.Gt) and sp.Abs(r) in condition.args
        hi = next(side for side in condition.args if side != sp.Abs(r)) if is_end else sp.oo
        cases = {case: sp.S.Zero for case in formula.atoms(sp.Piecewise) if not case.args[0].cond.has(r)}
        for power in formula.xreplace(cases).atoms(sp.Pow):
            if power.exp.could_extract_minus_sign() and r not in power.base.free_symbols and not power.base.is_positive:
                yield _Pole(lo, hi, power.base)
        lo = hi if is_end else lo


def _jumps_of(member: _Member) -> tuple[Jump, ...]:
    flux = member.flux
    if flux.doubts:
        raise Undecided(flux.doubts[0])
    found = []
    start = flux.after(-1)
    if start in (sp.oo, -sp.oo):
        found.append(Jump(sp.S.Zero, start))
    elif not vanishes(start):
        found.append(Jump(sp.S.Zero, 2 * start))
    for k, place in enumerate(flux.breaks):
        before, after, value = flux.before(k), flux.after(k), flux.values[k]
        if sp.oo in (abs(before), abs(after)):
            found.append(Jump(place, after if abs(after) is sp.oo else -before))
        elif not vanishes(after - before):
            found.append(Jump(place, after - before))
        elif not vanishes(value - before):  # one isolated value
            found.append(Jump(place, value - before))
    return tuple(found)


def _range_of_diffusivity(member: _Member) -> tuple[Extremum, ...]:
    """Sup g and inf g over r != 0; at r = 0 the limit is the value, by definition."""
    found, argument = candidates(member.diffusivity(), points=True)
    return tuple(_at_zero(supremum(found, argument, side), True) for side in (1, -1))


def _range_of_slope(member: _Member) -> tuple[Extremum, ...]:
    """Supremum and infimum of the difference quotients of Phi, and its Lipschitz constant L."""
    flux = member.flux
    jumps = _jumps_of(member)
    found, argument = candidates(flux.derivative(), points=False)
    starts_at_zero = is_zero(flux.after(-1)) is True
    up, down = (
        _with_jumps(flux, jumps, _at_zero(supremum(found, argument, side), starts_at_zero), side) for side in (1, -1)
    )
    value = largest([up.value, -down.value])
    from_up = value == up.value
    one = up if from_up else down
    place = one.place if from_up or value == -down.value else None
    return up, down, Extremum(value, place, one.attained, ("L = max(sup Phi', -inf Phi'); ", *one.argument))


def _at_zero(extremum: Extremum, is_value: bool) -> Extremum:
    """At r = 0 a limit counts as a value of g, and of Phi' where Phi does not jump there."""
    if extremum.place == 0:
        return replace(extremum, attained=is_value and extremum.value not in (sp.oo, -sp.oo))
    return extremum


def _with_jumps(flux: HalfLine, jumps: Sequence[Jump], smooth: Extremum, side: int) -> Extremum:
    """A jump in the direction of `side` makes the difference quotients unbounded there."""
    for jump in jumps:
        if sign(jump.height) == side or _is_isolated(flux, jump):
            return Extremum(side * sp.oo, None, False, ("Phi jumps at r = ", jump.place))
    return smooth


def _is_isolated(flux: HalfLine, jump: Jump) -> bool:
    """Whether the value at the jump lies outside the interval of the one-sided limits."""
    for k, place in enumerate(flux.breaks):
        if place == jump.place:
            before, value, after = flux.before(k), flux.values[k], flux.after(k)
            return compare(before, value) * compare(value, after) < 0 or compare(before, after) == 0
    return False


# ---------------------------------------------------------------------------
# From answers to statements


def _times(factor: sp.Expr, value: sp.Expr) -> sp.Expr:
    """A positive multiple of a value, which may be infinite or open among several."""
    if factor == 1 or value in (sp.oo, -sp.oo):
        return value
    if isinstance(value, sp.Max | sp.Min):
        return value.func(*(_times(factor, part) for part in value.args))
    return tidy(factor * value)


class _Prover:
    """The questions about one nonlinearity, asked one by one against the clock."""

    def __init__(self, nonlinearity: Kind, budget: float) -> None:
        self._end = time.monotonic() + budget
        self._budget = budget
        self._source = nonlinearity
        self._names = nonlinearity.names
        self._late = ""
        self._poles = list(_poles(nonlinearity.inner))
        try:  # with some budget always: most activations take no time
            self._activation = nonlinearity.to(Activation, budget=max(budget, _LEAST_BUDGET))
            self._names = self._activation.names
        except NotInTime as late:
            self._late = str(late)

    @cached_property
    def _similar(self) -> tuple[sp.Expr, sp.Expr, HalfLine]:
        """(s, c, F): g(r) = c F(r/s) of a diffusivity, else Phi(r) = c s F(r/s)."""
        if isinstance(self._source, Diffusivity):
            return similar(self._source.half)
        scale, factor, shape = similar(self._activation.half)
        return scale, tidy(factor / scale), shape

    def tried(self, question: Callable[[_Member], T]) -> Cases[T] | str:
        """The answers by regions of the parameters, or the reason why there is none."""
        if self._late:
            return self._late
        try:
            with time_limit(self._end - time.monotonic()):
                found = [
                    pair
                    for part in assumed(self._source.assumptions)
                    for pair in by_cases(lambda region: self._asked(question, region), _DEEPEST_CASES, part)
                ]
        except OutOfTime:
            return f"the budget of {self._budget:g} s was used up"
        except (Undecided, NonlinearityError) as reason:
            return self._show(str(reason))
        except RecursionError:
            return "a formula on the way is nested too deeply"
        answers = [(region, answer[0]) for region, answer in found if answer]
        return answers or "the formula has no value for any parameters"

    def _asked(self, question: Callable[[_Member], T], region: Region) -> tuple[T, ...]:
        """The answer in a region; none where the formula divides by zero, as 1/(a - 1) for a = 1."""
        if any(pole.is_met(region) for pole in self._poles):
            return ()
        return (question(self._member(region)),)

    def _member(self, region: Region) -> _Member:
        """The member that stands for all that differ by scales alone."""
        shape = smooth_between_breaks(confined(self._similar[2], region))
        if isinstance(self._source, Diffusivity):
            return _Member(shape.map(lambda value, place: value * place, Parity.ODD), lambda: shape)
        # Table 1: g = Phi(r)/r
        return _Member(shape, lambda: shape.map(lambda value, place: value / place, Parity.EVEN))

    def _scaled(self, found: Extremum, region: Region) -> Extremum:
        """What was found of that member, for the one that was asked for."""
        scale, factor = (part.subs(dict(region.into)) for part in self._similar[:2])
        place = None if found.place is None else _times(scale, found.place)
        argument = tuple(word if isinstance(word, str) else _times(scale, word) for word in found.argument)
        return Extremum(_times(factor, found.value), place, found.attained, argument)

    @cached_property
    def _gaps(self) -> list[sp.Expr]:
        """What may be 0 under the assumptions, and must not be for the formula to have a value."""
        found: dict[sp.Expr, None] = {}
        for pole in self._poles:
            try:
                if sign_under(self._source.assumptions, pole.base) is not None:
                    continue
            except Undecided:
                pass
            zeros = [part for part in assumed(self._source.assumptions) if is_zero(pole.base.subs(dict(part.into)))]
            if not zeros or any(pole.is_met(part) for part in zeros):
                found.setdefault(pole.base)
        return list(found)

    def _show(self, message: str) -> str:
        return message.replace("_x", str(self._names.variable))

    def _out(self, expr: sp.Expr) -> sp.Expr:
        return self._names.outward(expr)

    def _condition(self, condition: sp.Basic) -> sp.Basic:
        return self._names.outward(condition)

    def statements(
        self, question: Callable[[_Member], tuple[Extremum, ...]], count: int, name: str
    ) -> tuple[list[Bound], Verdict]:
        """The `count` extrema that `question` finds, and whether the second of them, the infimum, is >= 0."""
        answer = self.tried(question)
        if not isinstance(answer, str):
            try:
                with time_limit(max(_LEAST_BUDGET, self._end - time.monotonic())):
                    return self._stated(answer, count, name)
            except OutOfTime:
                answer = f"the budget of {self._budget:g} s was used up"
            except Undecided as reason:
                answer = self._show(str(reason))
        return [Bound(None, Evidence.UNKNOWN, answer)] * count, Verdict(None, Evidence.UNKNOWN, answer)

    def _stated(self, answer: Cases[tuple[Extremum, ...]], count: int, name: str) -> tuple[list[Bound], Verdict]:
        scaled = [(region, [self._scaled(one, region) for one in found]) for region, found in answer]
        bounds = [self._bound([(region, found[k]) for region, found in scaled]) for k in range(count)]
        # the sign is that of the member without scales, and often that of a number
        return bounds, self._nonnegative([(region, found[1]) for region, found in answer], bounds[1], name)

    # -- bounds --

    def _bound(self, cases: Cases[Extremum]) -> Bound:
        for _, found in cases:
            value = found.value
            if not (value in (sp.oo, -sp.oo) or is_plain(value)):
                return Bound(None, Evidence.UNKNOWN, f"{value} is no real number")
        exact = united([(region, found.value) for region, found in cases])
        evidence = Evidence.ENCLOSED if has_named_number(exact) else Evidence.PROVED
        lower, upper = bounds_of(exact) or (None, None)
        attained, reason = self._place(cases)
        known = {None if isinstance(found.value, sp.Max | sp.Min) else found.attained for _, found in cases}
        is_attained = known.pop() if len(known) == 1 else None
        shown = {"lower": lower, "upper": upper} if not exact.free_symbols else {}
        if evidence is Evidence.ENCLOSED:
            shown = {"lower": lower, "upper": upper}
        outward = {key: None if value is None else self._out(value) for key, value in shown.items()}
        return Bound(self._out(shown_numbers(exact)), evidence, reason, attained, **outward, is_attained=is_attained)

    def _place(self, cases: Cases[Extremum]) -> tuple[sp.Expr | None, str]:
        """Where it is attained (by all members alike), and the argument."""
        places, reasons = [], []
        for region, found in cases:
            place = None if found.place is None else region.outward(found.place)
            places.append(place if found.attained else None)
            words = found.argument
            if place is not None and not found.attained:
                words += ("; approached as r -> ", found.place)
            reason = "".join(w if isinstance(w, str) else str(self._out(region.outward(w))) for w in words)
            condition = self._condition(region.condition)
            reasons.append(reason if region.condition is sp.true else f"{condition}: {reason}")
        same = all(place == places[0] for place in places)
        attained = None if not same or places[0] is None else self._out(shown_numbers(places[0]))
        return attained, self._under(self._show("; ".join(dict.fromkeys(reasons))))

    def _under(self, reason: str) -> str:
        """A line of proof with the assumptions that it rests on."""
        given = ", ".join(str(self._names.outward(relation)) for relation in self._source.assumptions)
        gaps = " or ".join(f"{self._out(gap)} = 0" for gap in self._gaps)
        reason = f"{reason}; the formula has no value where {gaps}" if gaps else reason
        return f"under {given}: {reason}" if given else reason

    # -- verdicts --

    def _nonnegative(self, cases: Cases[Extremum], bound: Bound, name: str) -> Verdict:
        if bound.value is None:
            return Verdict(None, Evidence.UNKNOWN, bound.reason)
        shown = f"{name} = {bound.value}"
        try:
            signs = [(region, self._sign(found.value)) for region, found in cases]
        except Undecided:
            # region by region: SymPy's >= misreads a Piecewise with an infinite case
            parts = [sp.And(region.condition, self._condition_of_sign(region, found.value)) for region, found in cases]
            reason = f"{shown}, whose sign depends on the parameters"
            return Verdict(None, Evidence.PROVED, reason, self._condition(sp.Or(*parts)))
        return self._verdict([(region, value >= 0) for region, value in signs], f"{shown}; {bound.reason}")

    def _condition_of_sign(self, region: Region, value: sp.Expr) -> sp.Basic:
        """When the value found in a region is not negative, in the shorter of two forms."""
        as_it_is = sp.Ge(region.outward(value), 0)
        try:
            parts = by_cases(lambda part: self._sign(value.subs(dict(part.into))), 1)
        except Undecided:
            return as_it_is
        kept = [part.within(region).condition for part, value_sign in parts if value_sign >= 0]
        solved = union_of(kept) if kept else sp.false
        return min(solved, as_it_is, key=sp.count_ops)

    def _sign(self, value: sp.Expr) -> int:
        if value in (sp.oo, -sp.oo):
            return 1 if value is sp.oo else -1
        if value.has(sp.zoo, sp.nan):  # where the formula has no value
            return -1
        if isinstance(value, sp.Min):
            return min(self._sign(arg) for arg in value.args)
        return sign(value)

    def _verdict(self, cases: Cases[bool], reason: str) -> Verdict:
        answers = {answer for _, answer in cases}
        if len(answers) == 1:
            return Verdict(answers.pop(), Evidence.PROVED, reason)
        holds = union_of([region.condition for region, answer in cases if answer])
        return Verdict(None, Evidence.PROVED, reason, self._condition(holds))

    # -- jumps and smoothness --

    def jumps(self, answer: Cases[tuple[Jump, ...]] | str) -> tuple[Jump, ...]:
        """All jumps; one that some members have and others have not carries its condition in its height."""
        if isinstance(answer, str):
            return ()
        heights: dict[sp.Expr, list[tuple[Region, sp.Expr]]] = {}
        for region, jumps in answer:
            scale, factor = (part.subs(dict(region.into)) for part in self._similar[:2])
            for jump in jumps:
                place = region.outward(_times(scale, jump.place))
                heights.setdefault(place, []).append((region, _times(factor * scale, jump.height)))
        found = []
        for place, cases in heights.items():
            held = {region for region, _ in cases}
            rest = [(region, sp.S.Zero) for region, _ in answer if region not in held]
            found.append(Jump(self._out(place), self._out(united([*cases, *rest]))))
        return tuple(found)

    def continuity(self, answer: Cases[tuple[Jump, ...]] | str) -> Verdict:
        if isinstance(answer, str):
            return Verdict(None, Evidence.UNKNOWN, answer)
        places = [jump.place for jump in self.jumps(answer)]
        reason = "the one-sided limits agree at every break and at 0"
        if places:
            reason = "jumps at r = " + ", ".join(map(str, places))
        return self._verdict([(region, not jumps) for region, jumps in answer], self._under(reason))

    def smoothness(self) -> sp.Expr | int | None:
        answer = self.tried(lambda member: -1 if _jumps_of(member) else smoothness_of(member.flux))
        if isinstance(answer, str):
            return None
        if len(answer) == 1:
            region, k = answer[0]
            return self._out(region.outward(k)) if isinstance(k, sp.Expr) else k
        return self._out(united([(region, sp.S.Zero + k) for region, k in answer]))
