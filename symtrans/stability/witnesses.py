"""Signals that break the max-min principle: proposed in floating point, believed only when proved exactly."""

from collections.abc import Iterable, Iterator, Mapping

import sympy as sp

from symtrans.calculus.enclosures.balls import constant_sign
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.undecided import Undecided
from symtrans.schemes.grid import Grid
from symtrans.schemes.scheme import Nested, Spike

_MOST_PROPOSALS = 200  # signals that a search verifies exactly


def breaking_signal(
    spike: Spike,
    flux: HalfLine,
    tau: sp.Expr,
    grid: Grid,
    numbers: Mapping[sp.Symbol, float],
    suspects: Iterable[float],
) -> Nested | None:
    """A signal of doubles whose range one step provably leaves, if one is found.

    `flux` is Phi in inner symbols, `numbers` their values; `tau` and the grid are without symbols. `suspects` are
    slopes r > 0 near which Phi(r)/r is extreme, the likeliest first.
    """
    import numpy as np  # only a search needs it

    from symtrans.calculus.functions.evaluation import array_function

    places = np.fromiter(_around(suspects), dtype=float)
    places = places[np.isfinite(places) & (places > 0)]
    terms = spike.terms(tau, grid)
    # the slope of the first term is r0 exactly, as far as it can be
    heights = places / float(terms[0][1])
    with np.errstate(all="ignore"):
        phi = array_function(flux)
        middle = sum(float(weight) * phi(heights * float(slope), dict(numbers)) for weight, slope in terms)
        excess = np.maximum(middle - heights, -middle) / heights
    given = flux.subs({symbol: sp.Rational(value) for symbol, value in numbers.items()})
    for height in heights[np.isfinite(excess) & (excess > 0)][:_MOST_PROPOSALS]:
        if 0 < height < np.inf and _breaks(terms, given, sp.Rational(float(height))):
            return spike.signal(float(height), grid)
    return None


def _breaks(terms: Iterable[tuple[sp.Expr, sp.Expr]], flux: HalfLine, height: sp.Rational) -> bool:
    """Whether the middle sample provably leaves [0, height], with the difference quotients of these very doubles."""
    try:
        middle = sp.Add(*(weight * flux.at(slope * height) for weight, slope in terms))
        return constant_sign(middle) == -1 or constant_sign(middle - height) == 1
    except Undecided:
        return False


def _around(suspects: Iterable[float]) -> Iterator[float]:
    """The suspects and their neighbourhoods, simplest first, then a geometric sweep."""
    scales = [1.0, *suspects]
    yield from scales[1:]
    for scale in scales:
        for k in range(61):
            yield from (scale * 2.0**-k, scale * 2.0**k)
            yield from (scale * (1 - 2.0**-k), scale * (1 + 2.0**-k))
    yield from (10 ** (k / 1000 * 6) for k in range(-1000, 1001))
