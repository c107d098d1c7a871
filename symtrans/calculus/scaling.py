"""Nondimensional form: most families hold their parameters as scales only, and one member stands for all."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy as sp

from symtrans.calculus.algebra import X
from symtrans.calculus.arb import enclose_with
from symtrans.calculus.tidy import tidy
from symtrans.calculus.undecided import Undecided

if TYPE_CHECKING:
    from symtrans.calculus.pieces import HalfLine  # which stands on the sign charts, and these on this room


@lru_cache(maxsize=2048)
def nondimensional(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(s, c, F) with expr(x) = c F(x/s) and as few parameters in F as one scale can leave.

    Examples
    --------
    >>> lam = sp.Symbol("lambda", positive=True)
    >>> nondimensional(X / (1 + X**2/lam**2))
    (lambda, lambda, _x/(_x**2 + 1))
    """
    for parameter, scale in _scales(expr.free_symbols - {X}):
        if not _may_scale(expr, parameter, scale):
            continue
        factor, scaled = tidy(expr.subs(X, scale * X)).as_independent(X, as_Add=False)
        if parameter not in scaled.free_symbols:
            inner, more, rest = nondimensional(scaled)
            return scale * inner, factor * more, rest
    return sp.S.One, sp.S.One, expr


def similar(function: "HalfLine") -> "tuple[sp.Expr, sp.Expr, HalfLine]":
    """(s, c, F) with function(x) = c F(x/s) for positive s and c, and as few parameters in F as scales can leave."""
    for parameter, scale in _scales(function.parameters):
        places = [tidy(place / scale) for place in function.breaks]
        if any(parameter in place.free_symbols for place in places):
            continue
        if not all(_may_scale(piece.expr, parameter, scale) for piece in function.pieces):
            continue
        found = _without(function.scaled(scale), parameter)
        if found is not None:
            inner, more, rest = similar(found[1])
            return scale * inner, found[0] * more, rest
    return sp.S.One, sp.S.One, function


def _without(function: "HalfLine", parameter: sp.Symbol) -> "tuple[sp.Expr, HalfLine] | None":
    """A positive factor without which the parameter no longer occurs in the function."""
    lead = next((piece.expr for piece in function.pieces if piece.expr != 0), sp.S.One)
    common = tidy(lead).as_independent(X, as_Add=False)[0] if X in lead.free_symbols else tidy(lead)
    factor = sp.Mul(*(part for part in sp.Mul.make_args(common) if parameter in part.free_symbols))
    if not factor.is_positive:
        return None
    origin = tidy(function.origin / factor)
    reduced = function.map(lambda value, _: value / factor, function.parity, origin)
    return None if parameter in reduced.parameters else (factor, reduced)


def _scales(parameters: frozenset[sp.Symbol]) -> Iterator[tuple[sp.Symbol, sp.Expr]]:
    for parameter in sorted(parameters, key=lambda s: s.name):
        if parameter.is_positive:
            for scale in (parameter, 1 / parameter, sp.sqrt(parameter), parameter ** sp.Rational(1, 4)):
                yield parameter, scale


def _may_scale(expr: sp.Expr, parameter: sp.Symbol, scale: sp.Expr) -> bool:
    """Whether balls at two places allow that the parameter is a scale: quicker than to try it in algebra."""
    others = sorted(expr.free_symbols - {X, parameter}, key=lambda s: s.name)
    point = {s: sp.Rational(5 + 2 * k, 4 + k) for k, s in enumerate(others)}
    ratios = []
    for place in (sp.Rational(3, 7), sp.Rational(11, 5)):
        values = []
        for number in (sp.Integer(2), sp.Integer(3)):
            at = {**point, parameter: number, X: place * scale.xreplace({parameter: number})}
            try:
                values.append(enclose_with(expr, {symbol: enclose_with(value, {}) for symbol, value in at.items()}))
            except Undecided:
                return True
        ratios.append(values[0] / values[1])
    return not all(ratio.is_finite() for ratio in ratios) or bool(ratios[0].overlaps(ratios[1]))
