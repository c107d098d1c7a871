"""Antiderivatives on the half line, each verified by differentiating it back."""

import sympy as sp
from sympy.integrals.manualintegrate import manualintegrate

from symtrans.calculus.algebra import X, is_zero, tidy
from symtrans.calculus.budget import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.calculus.limits import limit
from symtrans.calculus.pieces import HalfLine, Parity, Piece

_Y = sp.Dummy("y", dummy_index=20_052_006, positive=True)


class Diverges(Exception):
    """The integral from 0 does not exist; the message says why."""


def integral_from_zero(function: HalfLine, budget: float = DEFAULT_BUDGET) -> HalfLine:
    """The even function F(r) = integral of an odd function from 0 to |r|; continuous, F(0) = 0.

    A piece whose closed form is not known, or not found in half of `budget`
    seconds, keeps an unevaluated `Integral`.

    Raises
    ------
    Diverges
        If the integral at 0 is infinite.
    """
    total: sp.Expr = sp.S.Zero  # the value at the left end of the piece
    pieces: list[Piece] = []
    values: list[sp.Expr] = []
    for piece in function.pieces:
        primitive, start = _from_left_end(piece, budget / 2 / len(function.pieces))
        whole = tidy(primitive - start + total)
        pieces.append(Piece(piece.lo, piece.hi, whole))
        if piece.hi is not sp.oo:
            total = limit(whole, piece.hi, "-")
            values.append(total)
    return HalfLine(Parity.EVEN, sp.S.Zero, tuple(pieces), tuple(values), function.doubts).merged()


def _from_left_end(piece: Piece, budget: float) -> tuple[sp.Expr, sp.Expr]:
    """A primitive on the piece and its limit at the left end."""
    try:
        with time_limit(budget):
            primitive = primitive_of(piece.expr)
    except OutOfTime:
        primitive = None
    if primitive is None:
        return sp.Integral(piece.expr.subs(X, _Y), (_Y, piece.lo, X)), sp.S.Zero
    start = limit(primitive, piece.lo, "+")
    if start in (sp.oo, -sp.oo):
        raise Diverges(f"the integral of {piece.expr} from {piece.lo} is infinite")
    return primitive, start


def primitive_of(expr: sp.Expr) -> sp.Expr | None:
    """A verified primitive of a smooth expression in `X`, or None where none is found.

    Examples
    --------
    >>> primitive_of(X * sp.exp(-X**2))
    -exp(-_x**2)/2
    """
    for method in (manualintegrate, _risch_free):
        try:
            primitive = method(expr, X)
        except Exception:
            # SymPy's integrators raise many kinds of exception on input they do not know.
            continue
        if primitive is None or primitive.has(sp.Integral, sp.Piecewise, sp.nan, sp.zoo):
            continue
        if is_zero(sp.diff(primitive, X) - expr):
            return tidy(primitive)
    return None


def _risch_free(expr: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    return sp.integrate(expr, variable, meijerg=False)


