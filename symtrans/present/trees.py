"""Functions as data: nested lists that a page evaluates without running any code.

A page that computed with source text would have to run what a user typed. So
a formula travels as a tree of listed operations; the reader of the trees
(``formula.js`` in templates/html) knows these and no others.

    tree := number | name | [operation, tree, ...]

A name is the keyword of a parameter, ``["x"]`` is |r|, ``["t"]`` the variable of an
integral ``["int", integrand, lower, upper]``, ``["oo"]`` is infinity.
"""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.language.symbols import keyword_of

Tree = float | int | str | list[Any]

_OPERATIONS: Mapping[type[sp.Basic], str] = {
    **{sp.Add: "+", sp.Mul: "*", sp.Pow: "^"},
    **{f: f.__name__ for f in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh)},
    **{f: f.__name__ for f in (sp.atan, sp.asin, sp.acos, sp.asinh, sp.erf, sp.erfc)},
    **{sp.Abs: "abs", sp.sign: "sign", sp.Max: "max", sp.Min: "min"},
    **{relation: relation.rel_op for relation in (sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.Eq, sp.Ne)},
    **{sp.And: "and", sp.Or: "or"},
}
OPERATIONS = frozenset({"x", "t", "oo", "int", "sqrt", "cases", *_OPERATIONS.values()})
"""Every operation that a tree may hold."""


class NoTree(Exception):
    """A formula holds something of which there is no tree; the message names it."""


def tree(expr: sp.Basic, running: sp.Symbol | None = None) -> Tree:
    """An expression in `X` and parameters as a tree; `running` is the variable of an integral around it.

    Examples
    --------
    >>> tree(X**2 * sp.exp(-sp.Symbol("lambda", positive=True)))
    ['*', ['^', ['x'], 2], ['exp', ['*', -1, 'lam']]]
    """
    if isinstance(expr, sp.Symbol):
        return ["x"] if expr == X else ["t"] if expr == running else keyword_of(expr)
    if expr is -sp.oo:
        return ["*", -1, ["oo"]]
    if expr is sp.oo:
        return ["oo"]
    if expr is sp.true or expr is sp.false:
        return int(expr is sp.true)
    if isinstance(expr, sp.Integer) and abs(expr) < 2**53:
        return int(expr)
    if isinstance(expr, sp.Expr) and expr.is_number and expr.is_finite and expr.is_extended_real:
        return float(expr.evalf(20))
    if isinstance(expr, sp.Integral):
        ((variable, low, high),) = expr.limits
        return ["int", tree(expr.function, variable), tree(low, running), tree(high, running)]
    if isinstance(expr, sp.Piecewise):
        return ["cases", *(tree(part, running) for case in expr.args for part in case)]
    if isinstance(expr, sp.Pow) and expr.exp == sp.S.Half:
        return ["sqrt", tree(expr.base, running)]
    if type(expr) not in _OPERATIONS:
        raise NoTree(f"this page does not compute {type(expr).__name__}; symtrans plot does")
    arguments = sorted(expr.args, key=sp.default_sort_key) if isinstance(expr, sp.Add | sp.Mul) else expr.args
    return [_OPERATIONS[type(expr)], *(tree(part, running) for part in arguments)]


_Y = sp.Dummy("y", positive=True)


def integrated(flux: HalfLine) -> HalfLine:
    """Psi as the integral of 2 Phi from 0 (Table 1), piece by piece, left to be computed with numbers."""
    start: sp.Expr = sp.S.Zero
    pieces, levels = [], []
    for piece in flux.pieces:
        integrand = 2 * piece.expr.xreplace({X: _Y})
        pieces.append(Piece(piece.lo, piece.hi, start + sp.Integral(integrand, (_Y, piece.lo, X))))
        start += sp.Integral(integrand, (_Y, piece.lo, piece.hi))
        levels.append(start)
    return HalfLine(Parity.EVEN, sp.S.Zero, tuple(pieces), tuple(levels[:-1]))


def is_drawable(function: HalfLine) -> bool:
    """Whether there is a tree of all its parts."""
    try:
        function_data(function)
    except NoTree:
        return False
    return True


def function_data(function: HalfLine) -> dict[str, Any]:
    """An even or odd function: its pieces on r > 0, the breaks between them, and its values there and at 0.

    Raises
    ------
    NoTree
    """
    return {
        "odd": function.parity is Parity.ODD,
        "origin": tree(function.origin),
        "pieces": [tree(piece.expr) for piece in function.pieces],
        "breaks": [tree(place) for place in function.breaks],
        "values": [tree(value) for value in function.values],
    }
