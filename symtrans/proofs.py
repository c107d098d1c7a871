"""How a certificate is made: the questions about one nonlinearity, asked one by one against the clock."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import sympy as sp

from symtrans.calculus.algebra import X, compare, is_zero, largest, sign, vanishes
from symtrans.calculus.arb import rational_bounds
from symtrans.calculus.budget import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.calculus.cache import Cache
from symtrans.calculus.extrema import Extremum, candidates, supremum
from symtrans.calculus.limits import is_plain, limit
from symtrans.calculus.pieces import HalfLine
from symtrans.calculus.undecided import Undecided
from symtrans.calculus.writing import parity_in_x
from symtrans.certificate import Bound, Certificate, Evidence, Jump, Verdict
from symtrans.dictionary import convert
from symtrans.errors import NonlinearityError
from symtrans.kinds import Activation, Diffusivity, Kind

_HIGHEST_DERIVATIVE = 8  # how far smoothness at a break is followed

T = TypeVar("T")


def certify(nonlinearity: Kind, *, budget: float = DEFAULT_BUDGET) -> Certificate:
    """Prove what can be proved of a nonlinearity of any kind, within `budget` seconds.

    Statements for which the time does not suffice are UNKNOWN and say so.

    Examples
    --------
    >>> from symtrans.kinds import Shrinkage
    >>> hard = certify(Shrinkage("Piecewise((0, |r| <= theta), (r, otherwise))"))
    >>> hard.lipschitz.value, hard.g_max.value, hard.max_min_step()
    (oo, 1, 1/2)
    >>> hard.jumps
    (Jump(place=sqrt(2)*theta, height=-sqrt(2)*theta),)
    """
    return _certificates.get(nonlinearity.key, budget, lambda: _certify(nonlinearity, budget))


_certificates: Cache[Certificate] = Cache(512)


def _certify(nonlinearity: Kind, budget: float) -> Certificate:
    prover = _Prover(nonlinearity, budget)
    jumps = prover.tried(prover.find_jumps)
    g_max, g_min = prover.extremes(prover.diffusivity, points=True)
    smooth_max, smooth_min = prover.extremes(lambda: prover.flux().derivative(), points=False)
    slope_max, slope_min = prover.with_jumps(jumps, smooth_max, 1), prover.with_jumps(jumps, smooth_min, -1)
    monotone = prover.nonnegative(slope_min, "inf Phi'")
    proved = Evidence.PROVED
    return Certificate(
        activation=prover.activation,
        g_max=g_max,
        g_min=g_min,
        slope_max=slope_max,
        slope_min=slope_min,
        lipschitz=prover.lipschitz(slope_max, slope_min),
        odd=Verdict(True, proved, "checked piece by piece when it was entered"),
        nonnegative=prover.nonnegative(g_min, "inf g"),
        monotone=monotone,
        convex=replace(monotone, reason=f"Psi is convex just when Phi increases; {monotone.reason}"),
        continuous=_continuity(jumps),
        jumps=jumps if isinstance(jumps, tuple) else (),
        smoothness=prover.smoothness(jumps),
    )


def _continuity(jumps: tuple[Jump, ...] | str) -> Verdict:
    if isinstance(jumps, str):
        return Verdict(None, Evidence.UNKNOWN, jumps)
    if jumps:
        return Verdict(False, Evidence.PROVED, "jumps at r = " + ", ".join(str(j.place) for j in jumps))
    return Verdict(True, Evidence.PROVED, "the one-sided limits agree at every break and at 0")


class _Prover:
    """The questions about one nonlinearity, asked one by one against the clock."""

    def __init__(self, nonlinearity: Kind, budget: float) -> None:
        self._end = time.monotonic() + budget
        self._budget = budget
        self._source = nonlinearity
        self.activation = convert(nonlinearity, Activation, budget=budget)
        self._names = self.activation.names

    def flux(self) -> HalfLine:
        return self.activation.half

    def diffusivity(self) -> HalfLine:
        return convert(self._source, Diffusivity, budget=self._budget).half

    def tried(self, question: Callable[[], T]) -> T | str:
        """The answer, or the reason why there is none."""
        try:
            with time_limit(self._end - time.monotonic()):
                return question()
        except OutOfTime:
            return f"the budget of {self._budget:g} s was used up"
        except (Undecided, NonlinearityError) as reason:
            return self._show(str(reason))

    def _show(self, message: str) -> str:
        return message.replace("_x", str(self._names.variable))

    def _out(self, expr: sp.Expr) -> sp.Expr:
        return self._names.outward(expr)

    # -- jumps and smoothness --

    def find_jumps(self) -> tuple[Jump, ...]:
        flux = self.flux()
        if flux.doubts:
            raise Undecided(flux.doubts[0])
        found = []
        start = flux.after(-1)
        if not vanishes(start):
            found.append(Jump(sp.S.Zero, self._out(2 * start)))
        for k, place in enumerate(flux.breaks):
            before, after, value = flux.before(k), flux.after(k), flux.values[k]
            if sp.oo in (abs(before), abs(after)):
                infinite = after if abs(after) is sp.oo else -before
                found.append(Jump(self._out(place), infinite))
            elif not vanishes(after - before):
                found.append(Jump(self._out(place), self._out(after - before)))
            elif not vanishes(value - before):  # one isolated value
                found.append(Jump(self._out(place), self._out(value - before)))
        return tuple(found)

    def smoothness(self, jumps: tuple[Jump, ...] | str) -> sp.Expr | int | None:
        if isinstance(jumps, str):
            return None
        if jumps:
            return -1
        answer = self.tried(self._smoothness)
        return None if isinstance(answer, str) else answer

    def _smoothness(self) -> sp.Expr | int:
        flux = self.flux()
        first = flux.pieces[0].expr
        if not flux.breaks and parity_in_x(first) == -1 and _analytic_at_zero(first):
            return sp.oo
        derivative = flux
        for order in range(1, _HIGHEST_DERIVATIVE + 1):
            derivative = derivative.derivative()
            start = limit(derivative.pieces[0].expr, sp.S.Zero)
            if start in (sp.oo, -sp.oo) or (order % 2 == 0 and not vanishes(start)):
                return order - 1
            for k in range(len(derivative.breaks)):
                sides = derivative.after(k), derivative.before(k)
                if sp.oo in map(abs, sides) or not vanishes(sides[0] - sides[1]):
                    return order - 1
        raise Undecided(f"the first {_HIGHEST_DERIVATIVE} derivatives are continuous; more were not tried")

    # -- extremes --

    def extremes(self, function: Callable[[], HalfLine], points: bool) -> tuple[Bound, Bound]:
        def both() -> tuple[Extremum, Extremum]:
            half = function()
            found, argument = candidates(half, points)
            return supremum(found, argument), supremum(found, argument, -1)

        answer = self.tried(both)
        if isinstance(answer, str):
            unknown = Bound(None, Evidence.UNKNOWN, answer)
            return unknown, unknown
        # At r = 0 the limit is the value, for g by definition, for Phi' where Phi does not jump there.
        at_zero = points or is_zero(self.flux().after(-1)) is True
        return self._bound(answer[0], at_zero), self._bound(answer[1], at_zero)

    def _bound(self, found: Extremum, at_zero: bool) -> Bound:
        value = self._out(found.value)
        reason = self._show(found.argument)
        inner = found.value
        if not (inner in (sp.oo, -sp.oo) or is_plain(inner)):
            return Bound(None, Evidence.UNKNOWN, f"{inner} is no real number")
        attained = None
        if found.place is not None:
            place = self._out(found.place)
            if (found.attained and found.place != 0) or (
                found.place == 0 and at_zero and found.value not in (sp.oo, -sp.oo)
            ):
                attained = place
            else:
                reason += f"; approached as r -> {place}"
        return _enclosed(Bound(value, Evidence.PROVED, reason, attained))

    def with_jumps(self, jumps: tuple[Jump, ...] | str, smooth: Bound, side: int) -> Bound:
        """A jump in the direction of `side` makes the difference quotients unbounded there."""
        if isinstance(jumps, str):
            return Bound(None, Evidence.UNKNOWN, jumps)
        for jump in jumps:
            answer = self.tried(lambda height=jump.height: sign(self._names.inward(height)))  # type: ignore[misc]
            if isinstance(answer, str):
                return Bound(None, Evidence.UNKNOWN, answer)
            if answer == side or self._isolated(jump):
                return Bound(side * sp.oo, Evidence.PROVED, f"Phi jumps at r = {jump.place}")
        return smooth

    def _isolated(self, jump: Jump) -> bool:
        """Whether the value at the jump lies outside the interval of the one-sided limits."""
        flux = self.flux()
        for k, place in enumerate(flux.breaks):
            if self._out(place) == jump.place:
                ends = (flux.before(k), flux.after(k))
                try:
                    return compare(ends[0], flux.values[k]) * compare(flux.values[k], ends[1]) < 0 or (
                        is_zero(ends[0] - ends[1]) is True
                    )
                except Undecided:
                    return True  # unbounded difference quotients are the safe side
        return False

    def lipschitz(self, up: Bound, down: Bound) -> Bound:
        if up.value is None or down.value is None:
            unknown = up if up.value is None else down
            if sp.oo in (up.value, None if down.value is None else -down.value):
                return Bound(sp.oo, Evidence.PROVED, "Phi jumps")
            return Bound(None, Evidence.UNKNOWN, unknown.reason)
        inner_up, inner_down = self._names.inward(up.value), self._names.inward(down.value)
        value = self._out(largest([inner_up, -inner_down]))
        attained = up.attained if value == up.value else down.attained if value == -down.value else None
        reason = f"L = max(sup Phi', -inf Phi'); {up.reason if value == up.value else down.reason}"
        return _enclosed(Bound(value, Evidence.PROVED, reason, attained))

    def nonnegative(self, infimum: Bound, name: str) -> Verdict:
        if infimum.value is None:
            return Verdict(None, Evidence.UNKNOWN, infimum.reason)
        shown = f"{name} = {infimum.value}"
        if infimum.value is -sp.oo:
            return Verdict(False, Evidence.PROVED, f"{shown}: {infimum.reason}")
        try:
            value = sign(self._names.inward(infimum.value))
        except Undecided:
            condition = sp.Ge(infimum.value, 0)
            return Verdict(None, Evidence.PROVED, f"{shown}, whose sign depends on the parameters", condition)
        return Verdict(value >= 0, Evidence.PROVED, f"{shown}; {infimum.reason}")


def _analytic_at_zero(expr: sp.Expr) -> bool:
    """Whether every root, logarithm and quotient in the formula stays away from its singularity at 0."""
    delicate = [p.base for p in expr.atoms(sp.Pow) if not (isinstance(p.exp, sp.Integer) and p.exp > 0)]
    delicate += [call.args[0] for call in expr.atoms(sp.log)]
    delicate += [1 + side * call.args[0] for call in expr.atoms(sp.asin, sp.acos) for side in (1, -1)]
    try:
        return all(sign(base.subs(X, 0)) != 0 for base in delicate if X in base.free_symbols)
    except Undecided:
        return False


def _enclosed(bound: Bound) -> Bound:
    """Add a rational enclosure where the value is a number."""
    value = bound.value
    if value is None or value.free_symbols or value in (sp.oo, -sp.oo):
        return bound
    if isinstance(value, sp.Rational):
        return replace(bound, lower=value, upper=value)
    try:
        lower, upper = rational_bounds(value)
    except Undecided:
        return bound
    return replace(bound, lower=lower, upper=upper)
