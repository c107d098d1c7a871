"""Where an energy (u - f)² + alpha Psi(u) is least: bisection between the proved ends of branches, in doubles."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from symtrans.calculus.enclosures.balls import constant_sign
from symtrans.calculus.functions.brackets import bracket, outward
from symtrans.calculus.functions.evaluation import array_function
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.functions.inverses import Branch
from symtrans.nonlinearity.energies import least

_TINY = float(np.finfo(float).smallest_subnormal)
_BLUR = 4  # units in the last place, within which F should cross f
_MOST_REFINED = 5_000  # values, about a millisecond each
_LARGEST = float(np.finfo(float).max)


class Kink(NamedTuple):
    """A place u at which F may jump, and the limits of F on both sides: between these u minimises."""

    place: sp.Expr
    before: sp.Expr
    after: sp.Expr


@dataclass(frozen=True)
class Minimisers:
    """What numbers the minimiser is found from.

    Attributes
    ----------
    flux : HalfLine
        F(u) = u + alpha Phi(u).
    psi : HalfLine or None
        alpha Psi(u), by which energies are compared; None where the solution is unique.
    branches : tuple of Branch
        Where F is monotone.
    kinks : tuple of Kink
        0 and the breaks of F; where Psi jumps up at 0, F comes there from 0 to oo.
    top : Expr
        The limit of F at infinity: beyond it the energy falls for ever.
    reached : bool
        Whether f = top still has a minimiser.
    turn : Expr or None
        The period T of Psi, if the branches are those on [0, T/2], for f there: u(f + T) = u(f) + T.
    """

    flux: HalfLine
    psi: HalfLine | None
    branches: tuple[Branch, ...]
    kinks: tuple[Kink, ...]
    top: sp.Expr
    reached: bool
    turn: sp.Expr | None = None

    @property
    def parameters(self) -> frozenset[sp.Symbol]:
        """What needs numbers; the height of a jump of Psi at 0 is no part of the flux."""
        return self.flux.parameters | (frozenset() if self.psi is None else self.psi.parameters)

    def of(self, f: np.ndarray, numbers: Mapping[sp.Symbol, float]) -> tuple[Any, Any, tuple[Any, ...]]:
        """The minimisers, and for each the index of the branch or kink that it comes from, and these."""
        size = np.minimum(np.abs(f), _LARGEST)
        turns, rest = self._turned(size, numbers)
        sources, places, distances = zip(*self._local_minima(np.abs(rest), numbers), strict=True)
        stacked, distance = np.stack(places), np.stack(distances)
        which = least(self.psi, stacked, np.abs(rest), distance, numbers)
        chosen = turns + np.copysign(np.take_along_axis(stacked, which[None], axis=0)[0], rest)
        top = _double(self.top, numbers)
        unbounded = size > top if self.reached else size >= top
        result = np.where(np.isinf(f) & (top == np.inf), np.inf, np.where(unbounded, np.nan, chosen))
        return np.where(np.isnan(f), np.nan, np.copysign(result, f)), which, sources

    def _turned(self, f: np.ndarray, numbers: Mapping[sp.Symbol, float]) -> tuple[Any, Any]:
        """The nearest multiple of the period, and f less that; 0 and f without a period."""
        if self.turn is None:
            return np.zeros_like(f), f
        turn = _double(self.turn, numbers)
        turns = np.rint(f / turn) * turn
        return turns, f - turns

    def bracket(
        self, source: Branch | Kink, f: float, guess: float, numbers: Mapping[sp.Symbol, float]
    ) -> tuple[float, float]:
        """Doubles around the solution on a branch, or around a kink."""
        exact = _exact(numbers)
        near, side = sp.S.Zero, 1
        if self.turn is not None:
            turns, rest = self._turned(np.array(f), numbers)
            near, side = round(turns / _double(self.turn, numbers)) * self.turn.subs(exact), -1 if rest < 0 else 1
        if isinstance(source, Kink):
            place = near + side * source.place.subs(exact)
            return outward(place, -1), outward(place, 1)
        lo, hi = (near + side * end.subs(exact) for end in (source.lo, source.hi)[::side])
        return self._between(lo, hi, f, guess, exact)

    def _between(
        self, lo: sp.Expr, hi: sp.Expr, f: float, guess: float, exact: Mapping[sp.Symbol, sp.Rational]
    ) -> tuple[float, float]:
        flux = self.flux.subs(exact) if exact else self.flux  # whose breaks are ordered by numbers, not by assumptions
        return bracket(flux.on(lo, hi), f, guess, lo, hi)

    def _local_minima(self, f: np.ndarray, numbers: Mapping[sp.Symbol, float]) -> Iterator[tuple[Any, Any, Any]]:
        """The kinks and rising branches, each with its place u and the distance of f from the values of F there."""
        for kink in self.kinks:
            place, start, end = (_double(part, numbers) for part in kink)
            distance = np.maximum(0, np.maximum(start - f, f - end)) if start <= end else np.full_like(f, np.inf)
            yield kink, np.full_like(f, place), distance
        evaluate = array_function(self.flux)
        for branch in self.branches:
            start, end = _double(branch.start, numbers), _double(branch.end, numbers)
            if start < end:
                distance = np.maximum(0, np.maximum(start - f, f - end))
                inside = (start < f) & (f < end)
                for value in (start, end):  # the exact ends are only near these doubles
                    if np.any(at := f == value):
                        inside[at] = self._is_between(branch, value, numbers)
                        distance[at & ~inside] = _TINY
                yield branch, self._on(branch, np.clip(f, start, end), inside, numbers, evaluate), distance

    def _is_between(self, branch: Branch, f: float, numbers: Mapping[sp.Symbol, float]) -> bool:
        """Whether f is proved to lie strictly between the exact values of F at the ends of a branch."""
        exact = _exact(numbers)
        above, below = branch.end.subs(exact) - sp.Rational(f), sp.Rational(f) - branch.start.subs(exact)
        return all(side is sp.oo or constant_sign(side) == 1 for side in (above, below))

    def _on(
        self,
        branch: Branch,
        f: np.ndarray,
        inside: np.ndarray,
        numbers: Mapping[sp.Symbol, float],
        flux: Callable[..., Any],
    ) -> Any:
        """The solution on a branch on which F rises, by bisection; `inside` says where it is no end of the branch."""
        lo, hi, end = (_double(part, numbers) for part in (branch.lo, branch.hi, branch.end))
        lower = np.where(inside | (f < end), lo, hi)
        upper = np.where(inside, hi, lower)
        unknown = np.isnan(f)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if branch.hi is sp.oo:  # step out: far beyond the solution F may overflow
                upper = np.where(inside, np.maximum(np.maximum(f, 1.0), 2 * lower), lower)
                while np.any(short := inside & ~(flux(upper, numbers) >= f) & (upper < _LARGEST)):
                    upper = np.where(short, np.minimum(4 * upper, _LARGEST), upper)
                unknown |= inside & ~(flux(upper, numbers) >= f)
            while np.any((middle := _middle(lower, upper)) > lower):
                value = flux(middle, numbers)
                below = value < f
                unknown |= np.isnan(value)
                lower, upper = np.where(below, middle, lower), np.where(below, upper, middle)
            near = _BLUR * np.spacing(lower)
            told = (flux(lower - near, numbers) < f) & (f < flux(lower + near, numbers))
        blurred = np.flatnonzero(inside & ~told & ~unknown)
        exact = _exact(numbers)
        ends = (branch.lo.subs(exact), branch.hi.subs(exact))
        for k in blurred if blurred.size <= _MOST_REFINED else ():
            lower[k] = self._between(*ends, float(f[k]), float(lower[k]), exact)[0]
        return np.where(unknown, np.nan, lower)


def _middle(lower: np.ndarray, upper: np.ndarray) -> Any:
    """The double half-way in the order of all doubles that are not negative, which is that of their bits."""
    low = lower.view(np.int64)
    return (low + (upper.view(np.int64) - low) // 2).view(np.float64)


def _exact(numbers: Mapping[sp.Symbol, float]) -> dict[sp.Symbol, sp.Rational]:
    return {symbol: sp.Rational(number) for symbol, number in numbers.items()}


def _double(expr: sp.Expr, numbers: Mapping[sp.Symbol, float]) -> float:
    return float(expr.subs(_exact(numbers)).evalf(20))
