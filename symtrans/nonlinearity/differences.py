"""Losses as they are documented: of an estimate x and a measurement y, in whose difference alone they are written."""

from collections.abc import Sequence

import sympy as sp

from symtrans.language.symbols import r

_MEASURED = frozenset("fuvwxyz")  # t, k and c rather are parameters


def of_a_difference(expr: sp.Expr, letters: Sequence[sp.Symbol]) -> sp.Expr | None:
    """The same as a function of r = x - y, where these two are its only letters and occur only so; else None.

    Whether r is x - y or y - x makes no difference to an even function, and only such may be given here.

    Examples
    --------
    >>> x, y, beta = sp.symbols("x y beta")
    >>> of_a_difference(sp.Abs(x - y) - beta / 2, (x, y)), of_a_difference(x * y, (x, y))
    (-beta/2 + Abs(r), None)
    """
    are_measured = {symbol.name.partition("_")[0] for symbol in letters} <= _MEASURED
    if len(letters) != 2 or not are_measured or r.name in map(str, expr.free_symbols):
        return None
    one, other = letters
    moved = expr.subs(one, r + other)
    return None if other in moved.free_symbols or r not in moved.free_symbols else moved
