"""Similar functions: most families hold their parameters as scales only, and one member stands for all."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.scales import may_scale, scales
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.functions.splines import as_spline


def similar(function: HalfLine) -> tuple[sp.Expr, sp.Expr, HalfLine]:
    """(s, c, F) with function(x) = c F(x/s) for positive s and c, and as few parameters in F as scales can leave."""
    number = _number_in_powers(function)
    if number != 1:
        inner, more, rest = similar(function.scaled(1 / number))
        return inner / number, more, rest
    for parameter, scale in scales(function.parameters):
        places = [simplified(place / scale) for place in function.breaks]
        if any(parameter in place.free_symbols for place in places):
            continue
        if not all(may_scale(piece.expr, parameter, scale) for piece in function.pieces):
            continue
        found = _without(function.scaled(scale), parameter)
        if found is not None:
            inner, more, rest = similar(found[1])
            return scale * inner, found[0] * more, rest
    return sp.S.One, sp.S.One, as_spline(function)


def _number_in_powers(function: HalfLine) -> sp.Expr:
    """The one positive n of all powers (n x)**p by a parameter p; 1 where there is no such."""
    found = {
        sp.Mul(*(factor for factor in sp.Mul.make_args(power.base) if factor.is_number))
        for piece in function.pieces
        for power in piece.expr.atoms(sp.Pow)
        if power.exp.free_symbols and X in sp.Mul.make_args(power.base)
    }
    number = found.pop() if len(found) == 1 else sp.S.One
    return number if number.is_positive else sp.S.One


def _without(function: HalfLine, parameter: sp.Symbol) -> tuple[sp.Expr, HalfLine] | None:
    """A positive factor without which the parameter no longer occurs in the function."""
    lead = next((piece.expr for piece in function.pieces if piece.expr != 0), sp.S.One)
    common = simplified(lead).as_independent(X, as_Add=False)[0] if X in lead.free_symbols else simplified(lead)
    factor = sp.Mul(*(part for part in sp.Mul.make_args(common) if parameter in part.free_symbols))
    if not factor.is_positive:
        return None
    origin = simplified(function.origin / factor)
    reduced = function.map(lambda value, _: value / factor, function.parity, origin)
    return None if parameter in reduced.parameters else (factor, reduced)
