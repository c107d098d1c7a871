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

_LARGEST = float(np.finfo(float).max)
_TINY = float(np.finfo(float).tiny)
_MOST = 5_000  # values by balls, some dozen microseconds each
_BITS = 96


def energies(psi: HalfLine | None, u: Any, f: Any, numbers: Mapping[sp.Symbol, float]) -> Any:
    """The energy less f^2, over f^2: neither over- nor underflows where the energy does. Psi is alpha Psi.

    0 without a Psi: where the solution is unique nothing is compared.
    """
    if psi is None:
        return np.zeros_like(u)
    size = np.broadcast_to(np.where(f > 0, f, 1.0), u.shape)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        cost = array_function(psi)(u, numbers)
        share, ratio = u / size, cost / size / size
        beyond = np.argwhere((u > 0) & np.isfinite(u) & ((cost == np.inf) | (abs(cost) < _TINY)))
        for place in map(tuple, beyond[:_MOST]):
            ratio[place] = _ratio(psi, float(u[place]), float(size[place]), numbers)
        energy = share * share - 2 * share * (f / size) + ratio
    # a place that is not known must not lose to another
    return np.where(np.isnan(u), -np.inf, np.where(np.isnan(energy), _LARGEST, energy))


def _ratio(psi: HalfLine, u: float, size: float, numbers: Mapping[sp.Symbol, float]) -> float:
    """Psi(u)/size^2 with exponents of any size."""
    with ctx.workprec(_BITS):
        known = {symbol: arb(value) for symbol, value in numbers.items()}
        try:
            inside = [enclose_with(place, known) < u for place in psi.breaks]
            cost = enclose_with(psi.pieces[sum(inside)].expr, {**known, X: arb(u)})
        except Undecided:
            return float("nan")
        return float((cost / arb(size) ** 2).mid())
