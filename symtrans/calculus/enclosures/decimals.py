"""How an exact number without a closed form is shown: digits for reading, two rationals for trusting."""

from collections.abc import Callable

import sympy as sp

from symtrans.calculus.enclosures.balls import NamedNumber, enclose, rational_bounds
from symtrans.calculus.undecided import Undecided
from symtrans.language.polylogarithms import float_of

_DIGITS = 20
_DIGITS_IN_BITS = 80


def has_named_number(expr: sp.Expr) -> bool:
    """Whether some number in `expr` is known by its enclosure alone."""
    return bool(expr.has(NamedNumber))


def shown_numbers(expr: sp.Expr) -> sp.Expr:
    """Every number without a closed form as a decimal; the rest of the formula stays.

    Examples
    --------
    >>> from symtrans.calculus.algebra.canonical import X
    >>> from symtrans.calculus.signs.isolated_zeros import IsolatedRoot
    >>> root = IsolatedRoot(X - sp.cos(X), X, sp.Rational(1, 2), sp.Integer(1))
    >>> shown_numbers(sp.Symbol("a") * root**2)
    0.54624683413967175195*a
    """
    return _replaced(expr, _decimal)


def _decimal(number: sp.Expr) -> sp.Expr:
    """A number in digits, by a ball: SymPy would evaluate each of its parts many times."""
    for bits in (96, 256, 1024):
        ball = enclose(number, bits)
        if ball.is_finite() and ball.rel_accuracy_bits() >= _DIGITS_IN_BITS:
            return float_of(ball.mid(), _DIGITS_IN_BITS).n(_DIGITS)
    return number.evalf(_DIGITS)


def bounds_of(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Rational bounds of a number, times a positive factor in the parameters; None for any other form."""
    number, factor = expr.as_independent(*expr.free_symbols, as_Add=False) if expr.free_symbols else (expr, sp.S.One)
    if not (factor == 1 or factor.is_positive) or number in (sp.oo, -sp.oo):
        return None
    try:
        low, high = (number, number) if isinstance(number, sp.Rational) else rational_bounds(number)
    except Undecided:
        return None
    return low * factor, high * factor


def _replaced(expr: sp.Expr, form: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    if not has_named_number(expr):
        return expr
    if not expr.free_symbols:
        return form(expr)
    if isinstance(expr, sp.Add | sp.Mul):
        numbers = [arg for arg in expr.args if not arg.free_symbols]
        others = [_replaced(arg, form) for arg in expr.args if arg.free_symbols]
        if not numbers:
            return expr.func(*others)
        return expr.func(_replaced(expr.func(*numbers), form), *others)
    return expr.func(*(_replaced(arg, form) for arg in expr.args))
