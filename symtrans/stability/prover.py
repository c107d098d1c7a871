"""How a certificate is made: the questions about one nonlinearity, asked in each region and against the clock."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import TypeVar

import sympy as sp

from symtrans.calculus.algebra.canonical import is_zero
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.asymptotics.limits import is_plain
from symtrans.calculus.enclosures.decimals import bounds_of, has_named_number, shown_numbers
from symtrans.calculus.functions.assumptions import restricted
from symtrans.calculus.functions.candidates import Extremum, multiple, sign_of_extremum, stretched, takes_either_sign
from symtrans.calculus.functions.half_line import HalfLine, Parity, smooth_between_breaks
from symtrans.calculus.functions.similarity import similar
from symtrans.calculus.signs.conditions import union_of
from symtrans.calculus.signs.regions import Region, assumed, by_cases, sign_under, united
from symtrans.calculus.undecided import Sentence, Undecided, Unknown, decided, joined
from symtrans.errors import NonlinearityError, NoSuchForm, NotInTime, with_article
from symtrans.language.notation import EQUALS, PHI, PSI, TENDS_TO
from symtrans.language.symbols import by_name, r
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation, Diffusivity
from symtrans.nonlinearity.named import entry_named
from symtrans.nonlinearity.wording import in_short, outward
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, seconds, time_limit, worked
from symtrans.runtime.caches import Cache
from symtrans.runtime.public import public
from symtrans.stability.certificate import Certificate
from symtrans.stability.consistency import consistent
from symtrans.stability.evidence import Bound, Evidence, Jump, Verdict
from symtrans.stability.questions import DIFFUSIVITY, SLOPE, Member, Subject, jumps_of, order_of_smoothness, poles_of

_LEAST_BUDGET = 0.8  # seconds for the activation
_DEEPEST_CASES = 5  # signs of parameters that one answer may depend on
_SHARE = 0.35  # of the budget, for what stays open of g or of the slopes, where several parameters multiply the cases
_TOGETHER = 0.75  # of what is left, for both extrema at one go: each alone may be known from less

T = TypeVar("T")
U = TypeVar("U")
Cases = list[tuple[Region, T]]


@public
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
    if isinstance(nonlinearity, str) and (entry := entry_named(nonlinearity)) is not None:
        nonlinearity = entry.nonlinearity
    if not isinstance(nonlinearity, Kind):
        raise NonlinearityError(
            f"{nonlinearity!r} is {with_article(type(nonlinearity).__name__)}; certify takes one of the four kinds, "
            'for example Diffusivity("exp(-r^2)"); a family has its certificate, as in catalogue["soft"].certificate'
        )
    budget = seconds(budget)
    return _certificates.get(nonlinearity.key, budget, lambda: _certify(nonlinearity, budget))


_certificates: Cache[Certificate] = Cache(512)


def _certify(nonlinearity: Kind, budget: float) -> Certificate:
    prover = _Prover(nonlinearity, budget)
    jumps = prover.tried(jumps_of)
    (g_max, g_min), nonnegative = prover.statements(DIFFUSIVITY)
    (slope_max, slope_min, lipschitz), monotone = prover.statements(SLOPE)
    found = Certificate(
        source=nonlinearity,
        g_max=g_max,
        g_min=g_min,
        slope_max=slope_max,
        slope_min=slope_min,
        lipschitz=lipschitz,
        odd=Verdict(True, Evidence.PROVED, ("checked piece by piece when it was entered",)),
        nonnegative=nonnegative,
        monotone=monotone,
        convex=replace(monotone, argument=(PSI, " is convex just when ", PHI, " increases; ", *monotone.argument)),
        continuous=prover.continuity(jumps),
        jumps=prover.jumps(jumps),
        smoothness=prover.smoothness(),
        converted=None if isinstance(prover.activation, Unknown) else prover.activation,
    )
    return consistent(found)


# ---------------------------------------------------------------------------
# From answers to statements


class _Prover:
    """The questions about one nonlinearity, asked one by one against the clock."""

    def __init__(self, nonlinearity: Kind, budget: float) -> None:
        self._budget = self._share = budget
        self._end = worked() + budget
        self._source = nonlinearity
        self._names = nonlinearity.names
        self._poles = list(poles_of(nonlinearity.inner)) if nonlinearity.parameters else []
        self.activation = self._converted()
        several = len(nonlinearity.parameters) > 1 and not isinstance(self.activation, Unknown)
        shape = self._within(budget, lambda: self._similar[2]) if several else None
        if isinstance(shape, HalfLine) and len(shape.parameters) > 1:  # also when one of them is the scale
            self._share = _SHARE * budget
        self._patience = self._share

    def _converted(self) -> Activation | Unknown:
        """Phi; with some budget always, as most activations take no time."""
        try:
            return self._source.to(Activation, budget=max(self._budget, _LEAST_BUDGET))
        except (NotInTime, NoSuchForm) as reason:
            return Unknown((str(reason),))

    @cached_property
    def _similar(self) -> tuple[sp.Expr, sp.Expr, HalfLine]:
        """(s, c, F): g(r) = c F(r/s) of a diffusivity, else Phi(r) = c s F(r/s)."""
        if isinstance(self._source, Diffusivity):
            return similar(self._source.half)
        assert isinstance(self.activation, Activation)  # nothing is asked without one
        scale, factor, shape = similar(self.activation.half)
        return scale, simplified(factor / scale), shape

    def tried(self, question: Callable[[Member], T], part: float = 1) -> Cases[T] | Unknown:
        """The answers by regions of the parameters, sought for a part of the time that is left."""
        if isinstance(self.activation, Unknown):
            return self.activation
        begun = worked()
        answer = self._within(part * min(self._patience, self._end - begun), lambda: self._by_regions(question))
        if isinstance(answer, Unknown):
            self._patience -= worked() - begun
        return answer

    def _within(self, limit: float, find: Callable[[], U]) -> U | Unknown:
        """What is found in so many seconds."""
        try:
            with time_limit(limit):
                return find()
        except OutOfTime:
            part = "" if self._share == self._budget else "the part for several parameters of "
            return Unknown((f"{part}the budget of {self._budget:g} s was used up",))
        except Undecided as question:
            return Unknown(question.sentence)
        except NonlinearityError as refusal:
            return Unknown((str(refusal),))
        except RecursionError:
            return Unknown(("a formula on the way is nested too deeply",))

    def _by_regions(self, question: Callable[[Member], T]) -> Cases[T] | Unknown:
        found = [
            pair
            for part in assumed(self._source.assumptions)
            for pair in by_cases(lambda region: self._asked(question, region), _DEEPEST_CASES, part)
        ]
        answers = [(region, answer[0]) for region, answer in found if answer]
        return answers or Unknown(("the formula has no value for any parameters",))

    def _asked(self, question: Callable[[Member], T], region: Region) -> tuple[T, ...]:
        """The answer in a region; none where the formula divides by zero, as 1/(a - 1) for a = 1."""
        if any(pole.is_met(region) for pole in self._poles):
            return ()
        member = self._member(region)
        try:
            return (question(member),)
        except Undecided as open_:  # with its sign a parameter is a scale, as a is in sin(a r)
            signless = min((p for p in member.flux.parameters if p.is_positive is None), key=by_name, default=None)
            raise open_ if open_.open is not None else Undecided(*open_.sentence, open=signless) from None

    def _up_to_scales(self, region: Region) -> tuple[sp.Expr, sp.Expr, HalfLine]:
        """What `_similar` says, in the symbols of a region."""
        scale, factor = (region.inward(part) for part in self._similar[:2])
        shape = smooth_between_breaks(restricted(self._similar[2], region))
        if all(p.is_positive is not None for p, _ in region.into):
            return scale, factor, shape
        inner, more, shape = similar(shape)
        return scale * inner, factor * (more if isinstance(self._source, Diffusivity) else more / inner), shape

    def _member(self, region: Region) -> Member:
        """The member that stands for all that differ by scales alone."""
        shape = self._up_to_scales(region)[2]
        if isinstance(self._source, Diffusivity):
            return Member(shape.map(lambda value, place: value * place, Parity.ODD), lambda: shape)
        # Table 1: g = Phi(r)/r
        return Member(shape, lambda: shape.map(lambda value, place: value / place, Parity.EVEN))

    def _scaled(self, found: Extremum, region: Region) -> Extremum:
        """What was found of that member, for the one that was asked for."""
        scale, factor, _ = self._up_to_scales(region)
        place = None if found.place is None else multiple(scale, found.place)
        return Extremum(multiple(factor, found.value), place, found.attained, stretched(found.argument, scale))

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
            zeros = [part for part in assumed(self._source.assumptions) if is_zero(part.inward(pole.base))]
            if not zeros or any(pole.is_met(part) for part in zeros):
                found.setdefault(pole.base)
        return list(found)

    def _out(self, expr: sp.Basic) -> sp.Basic:
        return self._names.outward(expr)

    def unknown(self, answer: Unknown) -> Verdict:
        """The verdict that says why there is no answer."""
        return Verdict(None, Evidence.UNKNOWN, outward(answer.reason, self._names))

    def statements(self, about: Subject) -> tuple[list[Bound], Verdict]:
        """The extrema of g or of the slopes, and whether the infimum is >= 0: at one go, or one by one."""
        if about is SLOPE:  # with what g has left over
            self._patience += self._share
        answer = self.tried(about.extrema, _TOGETHER)
        if not isinstance(answer, Unknown):
            stated = self._in_what_is_left(partial(self._stated, answer, about))
            if not isinstance(stated, Unknown):
                return stated
            answer = stated
        return self._one_by_one(about, answer)

    def _in_what_is_left(self, find: Callable[[], U]) -> U | Unknown:
        return self._within(max(_LEAST_BUDGET, self._end - worked()), find)

    def _one_by_one(self, about: Subject, together: Unknown) -> tuple[list[Bound], Verdict]:
        """Each statement alone; what stays open has the reason why not all are known."""
        verdict = self.unknown(together)
        bounds = [Bound(None, Evidence.UNKNOWN, verdict.argument) for _ in about.alone]
        for k, question in enumerate(about.alone):
            found = self.tried(question, 1 / (1 + len(about.alone) - k))  # none takes the time of those after it
            if not isinstance(found, Unknown):
                cases = [(region, self._scaled(one, region)) for region, one in found]
                bound = self._in_what_is_left(partial(self._bound, cases))
                bounds[k] = bounds[k] if isinstance(bound, Unknown) else bound
        alone = self._sign_alone(about)
        return bounds, verdict if alone is None else alone

    def _sign_alone(self, about: Subject) -> Verdict | None:
        """Whether the infimum is >= 0, without the infimum; None where that is open."""
        signs = self.tried(about.holds)
        if isinstance(signs, Unknown):
            return None
        reasons = [
            self._under(region.said(stretched(why, self._up_to_scales(region)[0]))) for region, (_, why) in signs
        ]
        argument = joined("; ", dict.fromkeys(reasons))
        return self._verdict([(region, holds) for region, (holds, _) in signs], argument)

    def _stated(self, answer: Cases[tuple[Extremum, ...]], about: Subject) -> tuple[list[Bound], Verdict]:
        scaled = [(region, [self._scaled(one, region) for one in found]) for region, found in answer]
        bounds = [self._bound([(region, found[k]) for region, found in scaled]) for k in range(len(about.alone))]
        # the sign is that of the member without scales, and often that of a number
        return bounds, self._nonnegative([(region, found[1]) for region, found in answer], bounds[1], about)

    # -- bounds --

    def _bound(self, cases: Cases[Extremum]) -> Bound:
        for _, found in cases:
            value = found.value
            if not (value in (sp.oo, -sp.oo) or is_plain(value)):
                return Bound(None, Evidence.UNKNOWN, outward((value, " is no real number"), self._names))
        exact = united([(region, found.value) for region, found in cases])
        evidence = Evidence.ENCLOSED if has_named_number(exact) else Evidence.PROVED
        lower, upper = bounds_of(exact) or (None, None)
        attained, argument = self._place(cases)
        known = {None if isinstance(found.value, sp.Max | sp.Min) else found.attained for _, found in cases}
        is_attained = known.pop() if len(known) == 1 else None
        shown = {"lower": lower, "upper": upper} if not exact.free_symbols else {}
        if evidence is Evidence.ENCLOSED:
            shown = {"lower": lower, "upper": upper}
        ends = {key: None if value is None else self._out(value) for key, value in shown.items()}
        value, falls = self._out(shown_numbers(exact)), self._not_positive(cases)
        return Bound(value, evidence, argument, attained, **ends, is_attained=is_attained, not_positive=falls)

    def _not_positive(self, cases: Cases[Extremum]) -> sp.Basic | None:
        """The cases in which the value is not positive: in a region its sign is a shorter question than outside."""
        if len(cases) == 1:
            return None
        try:
            where = [region.condition for region, found in cases if sign_of_extremum(found.value) <= 0]
        except Undecided:
            return None
        return self._out(union_of(where)) if where else sp.false

    def _place(self, cases: Cases[Extremum]) -> tuple[sp.Expr | None, Sentence]:
        """Where it is attained (by all members alike), and the argument."""
        places, reasons = [], []
        for region, found in cases:
            place = None if found.place is None else region.outward(found.place)
            places.append(place if found.attained else None)
            reason = tuple(region.outward(word) if isinstance(word, sp.Basic) else word for word in found.argument)
            if place is not None and not found.attained:
                reason += ("; approached as ", r, TENDS_TO, place)
            reasons.append(reason if region.condition is sp.true else (region.condition, ": ", *reason))
        same = all(place == places[0] for place in places)
        attained = None if not same or places[0] is None else self._out(shown_numbers(places[0]))
        return attained, self._under(joined("; ", dict.fromkeys(reasons)))

    def _under(self, reason: Sentence) -> Sentence:
        """A line of proof with the assumptions that it rests on."""
        if self._gaps:
            reason += ("; the formula has no value where ", *joined(" or ", [(gap, " = 0") for gap in self._gaps]))
        if self._source.assumptions:
            reason = ("under ", *joined(", ", [(one,) for one in self._source.assumptions]), ": ", *reason)
        return outward(reason, self._names)

    # -- verdicts --

    def _nonnegative(self, cases: Cases[Extremum], bound: Bound, about: Subject) -> Verdict:
        if bound.value is None:
            return Verdict(None, Evidence.UNKNOWN, bound.argument)
        shown: Sentence = (about.name, EQUALS, in_short(bound.value, self._names))
        try:
            signs = [(region, sign_of_extremum(found.value)) for region, found in cases]
        except Undecided:
            is_condition = len(cases) == 1 and takes_either_sign(cases[0][1].value)
            if not is_condition and (alone := self._sign_alone(about)) is not None:
                return alone
            # region by region: SymPy's >= misreads a Piecewise with an infinite case
            parts = [sp.And(region.condition, self._condition_of_sign(region, found.value)) for region, found in cases]
            when = sp.Or(*parts)
            if when in (sp.true, sp.false):
                return Verdict(bool(when), Evidence.PROVED, (*shown, "; ", *bound.argument))
            return Verdict(None, Evidence.PROVED, (*shown, ", whose sign depends on the parameters"), self._out(when))
        return self._verdict([(region, value >= 0) for region, value in signs], (*shown, "; ", *bound.argument))

    def _condition_of_sign(self, region: Region, value: sp.Expr) -> sp.Basic:
        """When the value found in a region is not negative, in the shorter of two forms."""
        as_it_is = sp.Ge(region.outward(value), 0)
        parts = decided(by_cases, lambda part: sign_of_extremum(part.inward(value)), 1)
        if parts is None:
            return as_it_is
        kept = [part.within(region).condition for part, value_sign in parts if value_sign >= 0]
        solved = union_of(kept) if kept else sp.false
        return min(solved, as_it_is, key=sp.count_ops)

    def _verdict(self, cases: Cases[bool], argument: Sentence) -> Verdict:
        answers = {answer for _, answer in cases}
        if len(answers) == 1:
            return Verdict(answers.pop(), Evidence.PROVED, argument)
        holds = union_of([region.condition for region, answer in cases if answer])
        return Verdict(None, Evidence.PROVED, argument, self._out(holds))

    # -- jumps and smoothness --

    def jumps(self, answer: Cases[tuple[Jump, ...]] | Unknown) -> tuple[Jump, ...]:
        """All jumps; one that some members have and others have not carries its condition in its height."""
        return tuple(Jump(self._out(place), self._out(height)) for place, height in self._jumps(answer))

    def _jumps(self, answer: Cases[tuple[Jump, ...]] | Unknown) -> list[Jump]:
        if isinstance(answer, Unknown):
            return []
        heights: dict[sp.Expr, list[tuple[Region, sp.Expr]]] = {}
        for region, jumps in answer:
            scale, factor, _ = self._up_to_scales(region)
            for jump in jumps:
                place = region.outward(multiple(scale, jump.place))
                heights.setdefault(place, []).append((region, multiple(factor * scale, jump.height)))
        found = []
        for place, cases in heights.items():
            held = {region for region, _ in cases}
            rest = [(region, sp.S.Zero) for region, _ in answer if region not in held]
            found.append(Jump(place, united([*cases, *rest])))
        return found

    def continuity(self, answer: Cases[tuple[Jump, ...]] | Unknown) -> Verdict:
        """Whether Phi is continuous, given its jumps."""
        if isinstance(answer, Unknown):
            return self.unknown(answer)
        places = [(jump.place,) for jump in self._jumps(answer)]
        reason: Sentence = ("the one-sided limits agree at every break and at 0",)
        if places:
            reason = ("jumps at ", r, EQUALS, *joined(", ", places))
        return self._verdict([(region, not jumps) for region, jumps in answer], self._under(reason))

    def smoothness(self) -> sp.Expr | int | None:
        """The k of C^k."""
        answer = self.tried(order_of_smoothness)
        if isinstance(answer, Unknown):
            return None
        if len(answer) == 1:
            region, k = answer[0]
            return self._out(region.outward(k)) if isinstance(k, sp.Expr) else k
        return self._out(united([(region, sp.S.Zero + k) for region, k in answer]))
