"""How often an odd function is continuously differentiable."""

from itertools import pairwise

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import sign, vanishes
from symtrans.calculus.algebra.switches import is_continuous, is_rough
from symtrans.calculus.asymptotics.at_infinity import Tail
from symtrans.calculus.asymptotics.growth import T
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.cutting import smooth_pieces
from symtrans.calculus.functions.domain import margins, unknown_parts
from symtrans.calculus.functions.expression import parity_in_x
from symtrans.calculus.functions.half_line import HalfLine, Piece
from symtrans.calculus.undecided import Undecided

_REACHES = tuple(map(sp.Integer, (2, 8, 32)))  # how far breaks are looked for
_HIGHEST_DERIVATIVE = 8  # how far smoothness at a break is followed


def smoothness_of(flux: HalfLine) -> sp.Expr | int:
    """The k with `flux` in C^k and not C^(k+1); oo if it is smooth. A flux with a jump is not asked.

    Raises
    ------
    Undecided
        If that is not found.
    """
    if not flux.breaks and not is_rough(flux.pieces[0].expr):
        first = flux.pieces[0].expr
        if (parity_in_x(first) == -1 and _analytic_at_zero(first)) or _flat_from_odd(first):
            return sp.oo
        power = _symbolic_power(first)
        if power is not None:  # sgn(x)*|x|**q: the derivative of order n tends to 0 just when n < q
            return sp.Piecewise((sp.oo, sp.Eq(sp.Mod(power, 2), 1)), (sp.ceiling(power) - 1, True))
    derivative = flux
    for order in range(1, _HIGHEST_DERIVATIVE + 1):
        derivative = derivative.derivative()
        start = derivative.after(-1)
        if start in (sp.oo, -sp.oo) or (order % 2 == 0 and not vanishes(start)):
            return order - 1
        for k in derivative.may_jump():
            sides = derivative.after(k), derivative.before(k)
            if sp.oo in map(abs, sides) or not vanishes(sides[0] - sides[1]):
                return order - 1
        if _jumps_for_ever(derivative.pieces[-1]):
            return order - 1
    raise Undecided(f"the first {_HIGHEST_DERIVATIVE} derivatives are continuous; more were not tried")


def _jumps_for_ever(piece: Piece) -> bool:
    """Whether the function on the last piece jumps at one of its first breaks.

    Raises
    ------
    Undecided
        If it may jump, and does not there.
    """
    if is_continuous(piece.expr):
        return False
    for reach in _REACHES:
        for left, right in pairwise(smooth_pieces(piece.expr, piece.lo, piece.lo + reach)):
            before, after = limit(left.expr, left.hi, "-"), limit(right.expr, right.lo, "+")
            if sp.oo in (abs(before), abs(after)) or not vanishes(after - before):
                return True
    raise Undecided("whether ", piece.expr, " jumps is open")


def _symbolic_power(expr: sp.Expr) -> sp.Expr | None:
    """The exponent q > 0, in the parameters, of a multiple of x**q."""
    base, exponent = sp.powsimp(expr.as_independent(X, as_Add=False)[1]).as_base_exp()
    return exponent if base == X and exponent.free_symbols and sign(exponent) > 0 else None


def _flat_from_odd(expr: sp.Expr) -> bool:
    """Whether the formula is an odd analytic function plus one that vanishes at 0 with all derivatives."""
    try:
        analytic = Tail(expr.xreplace({X: 1 / X})).smooth_part()
    except Undecided:
        return False
    return is_zero(analytic + analytic.xreplace({T: -T})) is True


def _analytic_at_zero(expr: sp.Expr) -> bool:
    """Whether every node of the formula stays away from its singularities at 0: roots, quotients, logarithms, ..."""
    if unknown_parts(expr) or expr.has(sp.Integral):
        return False
    try:
        return all(sign(margin.subs(X, 0)) != 0 for margin in margins(expr))
    except Undecided:
        return False
