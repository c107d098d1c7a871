"""Piecewise of many cases, made and changed without SymPy's question to each condition whether it always holds."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import sympy as sp
from sympy.core.relational import Relational

MANY_CASES = 12
MOST_COMPARED = 6
"""Arguments of a Max or Min: SymPy compares every pair; those of more are left to the calculus."""
MOST_SHOWN = 24
"""Cases that a reader is shown: the longest formula of the literature, a spline of 21 knots, is shown whole."""

_FEW_CASES = 4  # in one number

T = TypeVar("T")


def piecewise(cases: Sequence[tuple[sp.Expr, sp.Basic]]) -> sp.Expr:
    """A Piecewise; one of many cases is taken as it is written."""
    return sp.Piecewise(*cases, evaluate=len(cases) <= MANY_CASES)


def case_by_case(function: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Expr], sp.Expr]:
    """The same function of every number that a few cases have: SymPy takes atan(u) of a rational u for not 0.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> sp.sign(case_by_case(sp.atan)(sp.Piecewise((1, x < 2), (0, True)) / 2)).subs(x, 3)
    0
    """

    def build(u: sp.Expr) -> sp.Expr:
        cases = sp.piecewise_fold(u) if u.is_rational and len(u.atoms(sp.Piecewise)) <= _FEW_CASES else u
        if not isinstance(cases, sp.Piecewise):
            return function(u)
        return piecewise([(function(value), condition) for value, condition in cases.args])

    return build


def abridged(cases: Sequence[T]) -> tuple[Sequence[T], int, Sequence[T]]:
    """The first cases, how many a reader does without, and the last.

    Examples
    --------
    >>> abridged("abc"), abridged("abcdefghijklmnopqrstuvwxyz")
    (('abc', 0, ''), ('abc', 21, 'yz'))
    """
    if len(cases) <= MOST_SHOWN:
        return cases, 0, cases[:0]
    return cases[:3], len(cases) - 5, cases[-2:]


def replaced(expr: sp.Basic, changes: Mapping[sp.Basic, sp.Basic]) -> sp.Basic:
    """`xreplace`, quick in a Piecewise of many cases and in a Max or Min of many arguments too.

    Examples
    --------
    >>> x, y = sp.symbols("x y", real=True)
    >>> replaced(sp.Piecewise((x, x <= 1), (1, True)), {x: y})
    Piecewise((y, y <= 1), (1, True))
    """
    if not any(_is_long(node) for node in expr.atoms(sp.Piecewise, sp.Max, sp.Min)):
        return expr.xreplace(changes) if changes else expr
    return _replaced(expr, changes, False)


def _is_long(expr: sp.Basic) -> bool:
    most = MANY_CASES if isinstance(expr, sp.Piecewise) else MOST_COMPARED
    return isinstance(expr, sp.Piecewise | sp.Max | sp.Min) and len(expr.args) > most


def _replaced(expr: sp.Basic, changes: Mapping[sp.Basic, sp.Basic], is_case: bool) -> sp.Basic:
    if expr in changes:
        return changes[expr]
    is_long = _is_long(expr)
    is_case = is_case or (is_long and isinstance(expr, sp.Piecewise))
    args = [_replaced(arg, changes, is_case) for arg in expr.args]
    if all(new is old for new, old in zip(args, expr.args, strict=True)):
        return expr
    if is_long or (is_case and isinstance(expr, Relational)):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)
