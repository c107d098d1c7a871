"""Antiderivatives on the half line, each verified by differentiating it back."""

from collections.abc import Iterator

import sympy as sp

from symtrans.calculus.algebra import X, is_zero
from symtrans.calculus.budget import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.calculus.domain import scan
from symtrans.calculus.guard import guarded
from symtrans.calculus.limits import limit
from symtrans.calculus.pieces import HalfLine, Parity, Piece
from symtrans.calculus.primitives import by_rules
from symtrans.calculus.scaling import nondimensional
from symtrans.calculus.signs import sign_chart
from symtrans.calculus.tidy import spread, tidy
from symtrans.calculus.undecided import Undecided

_LONGEST_SEARCH = 3.0  # seconds; a closed form that exists is found sooner
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
        primitive, start = _from_left_end(piece, min(budget / 2, _LONGEST_SEARCH) / len(function.pieces))
        whole = tidy(primitive - start + total)
        pieces.append(Piece(piece.lo, piece.hi, whole))
        if piece.hi is not sp.oo:
            total = limit(whole, piece.hi, "-")
            if total in (sp.oo, -sp.oo):
                raise Diverges(f"the integral of {piece.expr} up to {piece.hi} is infinite")
            values.append(total)
    return HalfLine(Parity.EVEN, sp.S.Zero, tuple(pieces), tuple(values), function.doubts).merged()


def _from_left_end(piece: Piece, budget: float) -> tuple[sp.Expr, sp.Expr]:
    """A primitive on the piece and its limit at the left end."""
    try:
        with time_limit(budget):
            primitive = primitive_of(piece.expr, piece.lo, piece.hi)
    except OutOfTime:
        primitive = None
    if primitive is None and (ruled := by_rules(piece.expr)) is not None:
        plain, special = ruled
        start = _finite(limit(plain, piece.lo, "+"), piece)
        return plain + special, start + (limit(special, piece.lo, "+") if piece.lo != 0 else sp.S.Zero)
    if primitive is None:
        return sp.Integral(piece.expr.subs(X, _Y), (_Y, piece.lo, X)), sp.S.Zero
    return primitive, _finite(limit(primitive, piece.lo, "+"), piece)


def _finite(start: sp.Expr, piece: Piece) -> sp.Expr:
    if start in (sp.oo, -sp.oo):
        raise Diverges(f"the integral of {piece.expr} from {piece.lo} is infinite")
    return start


def primitive_of(expr: sp.Expr, lo: sp.Expr = sp.S.Zero, hi: sp.Expr = sp.oo) -> sp.Expr | None:
    """A verified primitive, real on (lo, hi), of a smooth expression in `X`; None where none is found.

    Examples
    --------
    >>> primitive_of(X * sp.exp(-X**2))
    -exp(-_x**2)/2
    """
    scale, factor, scaled = nondimensional(expr)
    for found in _proposals(scaled):
        primitive = factor * scale * found.xreplace({X: X / scale})
        real = _real_on(primitive, lo, hi)
        if real is not None and is_zero(sp.diff(real, X) - expr):
            return tidy(real)
    return None


def _real_on(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> sp.Expr | None:
    """The primitive with log(-u) for log(u) where u is negative: differentiation cannot tell them apart."""
    flipped = {}
    try:
        for call in expr.atoms(sp.log):
            argument = call.args[0]
            chart = sign_chart(argument, lo, hi)
            if len(chart) != 1 or chart[0].sign == 0:
                return None
            if chart[0].sign < 0:
                flipped[call] = sp.log(-argument)
        real = expr.xreplace(flipped)
        return None if real.has(sp.I) or scan(real, lo, hi).flaws else real
    except Undecided:
        return None


def _proposals(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Primitives that SymPy proposes, the cheap methods first; none is believed unverified."""
    in_square = tidy(expr / X).subs(X, sp.sqrt(_Y))
    if not any(p.exp.is_Rational and p.exp.q == 2 and p.base == _Y for p in in_square.atoms(sp.Pow)):
        # x F(x**2) dx = F(u) du / 2
        yield from (p.xreplace({_Y: X**2}) / 2 for p in _integrals(in_square, _Y))
    yield from _integrals(expr, X)
    terms = spread(expr).as_ordered_terms()
    if len(terms) > 1:
        parts = [next(_integrals(term, X), None) for term in terms]
        if None not in parts:
            yield sp.Add(*parts)


def _integrals(expr: sp.Expr, variable: sp.Symbol) -> Iterator[sp.Expr]:
    # These two load slowly; `import symtrans` does not wait for them.
    from sympy.integrals.manualintegrate import manualintegrate
    from sympy.integrals.rationaltools import ratint

    rational = expr.is_rational_function(variable)
    for method in (ratint,) if rational else (manualintegrate, _without_meijer):
        try:
            found = guarded(method, expr, variable)
        except Exception:
            # SymPy's integrators raise many kinds of exception on input they do not know.
            continue
        if found is not None and not found.has(sp.Integral, sp.Piecewise, sp.nan, sp.zoo, sp.I):
            yield found


def _without_meijer(expr: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    return sp.integrate(expr, variable, meijerg=False)
