"""Which of several places has the least energy (u - f)^2 + alpha Psi(u), for doubles of any size."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.balls import enclose_with
from symtrans.calculus.functions.evaluation import array_function
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.undecided import Undecided

_SMALL = 1e-290  # less may have lost digits by underflow
_TOLD = 1e-11  # of its terms: a smaller difference may be rounding
_MOST = 5_000  # comparisons by balls, about a tenth of a millisecond each
_BITS = (96, 512)


def least(psi: HalfLine | None, u: Any, f: Any, distance: Any, numbers: Mapping[sp.Symbol, float]) -> Any:
    """The index of the best row of u for each f: the nearest, and of those the one of least energy. Psi is alpha Psi.

    Two energies differ by (u - v) (u - f + v - f) + Psi(u) - Psi(v), in doubles if these tell its sign. Without a Psi
    the solution is unique, and nothing is compared. What is not known, NaN, does not lose to another.
    """
    best = np.argmin(distance, axis=0)  # 0, unless rounded ends leave a gap
    if psi is None:
        return best
    with np.errstate(over="ignore"):
        cost, size = array_function(psi)(u, numbers), np.where(f > 0, f, 1.0)
    columns = np.arange(f.size)
    for k in range(1, len(u)):
        rivals = (k != best) & (distance[k] == distance[best, columns])
        (at,) = np.nonzero(rivals & ~np.isnan(u[best, columns]))
        one, other = (k, at), (best[at], at)
        ahead = _difference(u[one], u[other], f[at], size[at], cost[one], cost[other])
        for j in np.flatnonzero(np.isnan(ahead))[:_MOST]:
            pair = (float(u[k, at[j]]), float(u[best[at[j]], at[j]]))
            ahead[j] = _by_balls(psi, *pair, float(f[at[j]]), numbers)
        best[at[(ahead < 0) | np.isnan(u[one])]] = k
    return best


def _difference(u: Any, v: Any, f: Any, size: Any, of_u: Any, of_v: Any) -> Any:
    """The energy at u less that at v, over size^2 lest it over- or underflow; NaN where rounding hides its sign."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        moved, near, far = (u - v) / size, (u - f) / size, (v - f) / size
        one, other = of_u / size / size, of_v / size / size
        difference = moved * (near + far) + (one - other)
        terms = np.abs(moved) * (np.abs(near) + np.abs(far)) + np.abs(one) + np.abs(other)
        known = np.abs(difference) > _TOLD * terms + _SMALL
        for place, value in ((u, of_u), (v, of_v)):
            known &= (place == 0) | (np.isfinite(value) & (np.abs(value) >= _SMALL))
        return np.where(known | (u == v), difference, np.nan)


def _by_balls(psi: HalfLine, u: float, v: float, f: float, numbers: Mapping[sp.Symbol, float]) -> float:
    """The sign of the energy at u less that at v; 0 where it is not told."""
    for bits in _BITS:
        with ctx.workprec(bits):
            known = {symbol: arb(value) for symbol, value in numbers.items()}
            try:
                cost = _enclosed(psi, u, known) - _enclosed(psi, v, known)
            except Undecided:
                return 0.0
            difference = (arb(u) - arb(v)) * (arb(u) + arb(v) - 2 * arb(f)) + cost
            if difference > 0 or difference < 0:
                return 1.0 if difference > 0 else -1.0
    return 0.0


def _enclosed(psi: HalfLine, u: float, known: Mapping[sp.Expr, arb]) -> arb:
    if u == 0:
        return arb(0)
    inside = [enclose_with(place, known) < u for place in psi.breaks]
    return enclose_with(psi.pieces[sum(inside)].expr, {**known, X: arb(u)})
