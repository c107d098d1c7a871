"""Coefficients that came as floats: pieces that miss each other at a break by less than their rounding meet there."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.undecided import Undecided

_ROUNDING = sp.Rational(1, 2**44)
"""Of the largest term of a piece: some hundred roundings of a double."""


def mended(half: HalfLine) -> tuple[HalfLine, sp.Expr]:
    """Pieces whose values have been moved by so little that they meet, and the largest such move; 0 if none was.

    Slopes that miss each other by no more meet too. A bounded piece moves to the one on its left by a
    polynomial; the last piece stays, with all that holds at infinity, and the one before it moves.

    Examples
    --------
    >>> from symtrans.calculus.functions.splitting import half_line
    >>> r = sp.Symbol("r", real=True)
    >>> third = sp.Rational(0.1) / sp.Rational(0.3)
    >>> psi = sp.Piecewise((r**2, sp.Abs(r) <= third), (2 * sp.Abs(r) / 3 - sp.Rational(1, 9), True))
    >>> joined, moved = mended(half_line(psi, r, Parity.EVEN))
    >>> joined.before(0) == joined.after(0), 0 < moved < 1e-16
    (True, True)
    """
    pieces, values, largest = list(half.pieces), list(half.values), sp.S.Zero
    for k, place in enumerate(half.breaks):
        left, right = pieces[k], pieces[k + 1]
        gap = _gap(left.expr, right.expr, place)
        slope = sp.S.Zero if gap is None else _gap(sp.diff(left.expr, X), sp.diff(right.expr, X), place) or sp.S.Zero
        if gap is None or gap == slope == 0:
            continue
        if right.hi is sp.oo:
            pieces[k] = Piece(left.lo, left.hi, left.expr + _ramp(left, gap, slope, half.parity))
        else:
            pieces[k + 1] = Piece(right.lo, right.hi, right.expr - gap - slope * (X - place))
        values[k] = pieces[k].expr.subs(X, place)
        largest = max(largest, sp.Abs(gap.evalf(30)), sp.Abs(slope.evalf(30)))
    if not largest:
        return half, largest
    return HalfLine(half.parity, half.origin, tuple(pieces), tuple(values), half.doubts), largest


def _gap(left: sp.Expr, right: sp.Expr, place: sp.Expr) -> sp.Expr | None:
    """By how much two formulas miss each other at a place, 0 if they meet; None for a jump, or if it is open."""
    try:
        gap = limit(right, place, "+") - limit(left, place, "-")
        if is_zero(gap):
            return sp.S.Zero
        known = not gap.free_symbols and gap.is_finite
    except Undecided:
        return None
    return gap if known and sp.Abs(gap.evalf(30)) <= _ROUNDING * max(_size(left, place), _size(right, place)) else None


def _size(expr: sp.Expr, place: sp.Expr) -> sp.Expr:
    """The largest term of a formula at a place, or how much it changes with the place."""
    terms = [*sp.Add.make_args(sp.expand(expr)), X * sp.diff(expr, X)]
    sizes = (sp.Abs(term.subs(X, place).evalf(30)) for term in terms)
    return max((size for size in sizes if size.is_comparable), default=sp.S.Zero)


def _ramp(piece: Piece, value: sp.Expr, slope: sp.Expr, parity: Parity) -> sp.Expr:
    """A polynomial of this value and slope at the right end of a piece; at its left end it is 0, or of the parity."""
    width = piece.hi - piece.lo
    s = (X - piece.lo) / width
    if piece.lo != 0:
        return value * s**2 * (3 - 2 * s) + slope * width * s**2 * (s - 1)
    if parity is Parity.EVEN:
        return value * s**2 * (2 - s**2) + slope * width * s**2 * (s**2 - 1) / 2
    return value * s * (3 - s**2) / 2 + slope * width * s * (s**2 - 1) / 2
