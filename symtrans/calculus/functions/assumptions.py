"""A function under assumptions: found in each part of the parameter space, and one formula for all of it."""

from collections.abc import Callable, Iterable

import sympy as sp

from symtrans.calculus.algebra.canonical import is_zero
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.signs.regions import EVERYWHERE, Region, assumed, said_in_parameters
from symtrans.calculus.undecided import Undecided, decided


def restricted(half: HalfLine, region: Region) -> HalfLine:
    """The pieces in the symbols of a region, in which its inequalities go without saying."""
    return half.subs(dict(region.into)) if region.into else half


def released(half: HalfLine, region: Region) -> HalfLine:
    """The pieces in the parameters again."""
    return half.subs(dict(region.back)) if region.back else half


def in_every_region(assumptions: Iterable[sp.Basic], find: Callable[[Region], HalfLine]) -> HalfLine:
    """What `find` gives in the part where the assumptions hold; in several parts it must be one formula.

    Raises
    ------
    Undecided
        If it is not.

    Examples
    --------
    >>> from symtrans.calculus.functions.splitting import half_line
    >>> from symtrans.calculus.functions.half_line import Parity
    >>> a, b, r = *sp.symbols("a b", positive=True), sp.Symbol("r", real=True)
    >>> hat = sp.Piecewise((r, sp.Abs(r) <= a), (a * sp.sign(r), sp.Abs(r) <= b), (a * b / r, True))
    >>> in_every_region([a <= b], lambda region: half_line(hat.subs(dict(region.into)), r, Parity.ODD)).breaks
    (a, b)
    """

    def found(region: Region) -> HalfLine:
        with said_in_parameters(region):
            return find(region)

    parts = assumed(assumptions)
    # mostly they are not needed, and the formula is the simpler for it
    everywhere = decided(found, EVERYWHERE) if parts[0].into else None
    if everywhere is not None and not _is_open(everywhere):
        whole = everywhere
    else:
        whole = released(found(parts[0]), parts[0])
        if everywhere is not None and _is_open(whole):
            whole = everywhere
    for part in parts[1:]:
        if not (whole is everywhere and _is_open(whole) and _is_defined(whole, part)) and not is_included(
            whole, found(part), part
        ):
            raise Undecided(
                *("where ", part.condition, " the formula is not that of ", parts[0].condition),
                "; assume one of the two, or put in what is known of the parameters",
            )
    return whole


def _is_open(half: HalfLine) -> bool:
    """Whether an integral is left, which means the same for all values of the parameters."""
    return any(piece.expr.has(sp.Integral) for piece in half.pieces)


def _is_defined(half: HalfLine, part: Region) -> bool:
    there = decided(restricted, half, part)
    return there is not None and not any(
        value.has(sp.nan, sp.zoo) for value in (*there.values, *(piece.expr for piece in there.pieces))
    )


def is_included(whole: HalfLine, found: HalfLine, part: Region) -> bool:
    """Whether `whole`, in the parameters, is what was found in a part of the parameter space.

    Where its first break is at 0, the value there is that of `whole`: |r| <= k holds at r = 0 for k = 0 too.
    """
    try:
        is_at_zero = bool(whole.breaks) and is_zero(part.inward(whole.breaks[0])) is True
        return restricted(whole, part).agrees(found, but_at_zero=is_at_zero)
    except Undecided:
        return False
