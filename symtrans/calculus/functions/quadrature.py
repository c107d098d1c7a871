"""Integrals without a closed form, element by element by Gauss-Legendre quadrature in 30 digits."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symtrans.calculus.algebra.switches import is_rough, switches_of

_DIGITS = 30
_LEAST, _MOST = 4, 20_000  # steps in which the changes of a sign are looked for
_STEPS_OF_A_WAVE = 2  # as its argument grows by 1


def quadrature(node: sp.Integral, variable: sp.Symbol, arguments: Sequence[sp.Symbol]) -> Callable[..., np.ndarray]:
    """The values of an integral as a function of arrays."""
    integrand, (inner, _, hi) = node.args
    if hi == variable and is_rough(integrand.xreplace({inner: variable})):
        return _over_breaks(node, variable, arguments)
    function = sp.lambdify([inner, *arguments], integrand, modules="mpmath")
    ends = sp.lambdify(arguments, node.limits[0][1:], modules="mpmath")

    def value(*numbers: float) -> float:
        with mpmath.workdps(_DIGITS):
            exact = [mpmath.mpf(float(number)) for number in numbers]
            low, high = ends(*exact)
            places = [low + (high - low) * mpmath.mpf(k) / 4 for k in range(5)]
            return float(mpmath.quad(lambda y: function(y, *exact), places))

    return np.vectorize(value, otypes=[float])


def _over_breaks(node: sp.Integral, variable: sp.Symbol, arguments: Sequence[sp.Symbol]) -> Callable[..., np.ndarray]:
    """An integral up to x, break by break and from each x to the next larger one."""
    integrand, (inner, lo, _) = node.args
    others = [symbol for symbol in arguments if symbol != variable]
    at_variable = integrand.xreplace({inner: variable})
    parts = [variable, *others]
    function, start = sp.lambdify(parts, at_variable, modules="mpmath"), sp.lambdify(others, lo, modules="mpmath")
    switches = [sp.lambdify(parts, switch, modules="mpmath") for switch in switches_of(at_variable)]
    waves = [sp.lambdify(parts, wave.args[0], modules="mpmath") for wave in at_variable.atoms(sp.sin, sp.cos)]

    def values(*numbers: Any) -> np.ndarray:
        given = dict(zip(arguments, numbers, strict=True))
        x = np.asarray(given[variable], dtype=float)
        with mpmath.workdps(_DIGITS):
            exact = [mpmath.mpf(float(given[symbol])) for symbol in others]
            place, total, sums = mpmath.mpf(start(*exact)), mpmath.mpf(0), {}
            for end in map(mpmath.mpf, np.unique(x[~np.isnan(x)]).tolist()):
                turns = sum(abs(wave(end, *exact) - wave(place, *exact)) for wave in waves)
                count = int(min(_MOST, _LEAST + _STEPS_OF_A_WAVE * turns))
                breaks = sorted(b for switch in switches for b in _changes(switch, exact, place, end, count))
                total += mpmath.quad(lambda y: function(y, *exact), [place, *breaks, end])
                place, sums[float(end)] = end, float(total)
        return np.array([sums.get(float(one), np.nan) for one in x.ravel()]).reshape(x.shape)

    return values


def _changes(switch: Callable[..., Any], exact: Sequence[Any], lo: Any, hi: Any, count: int) -> list[Any]:
    """Where a function changes its sign, by bisection of each of so many steps at whose ends the signs differ."""
    places = [lo + (hi - lo) * k / count for k in range(count + 1)]
    found = []
    for (low, a), (high, b) in pairwise((place, switch(place, *exact)) for place in places):
        if a * b < 0:
            for _ in range(4 * _DIGITS):
                middle = (low + high) / 2
                low, high = (middle, high) if switch(middle, *exact) * a > 0 else (low, middle)
            found.append(low)
    return found
