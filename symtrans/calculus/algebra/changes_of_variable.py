"""Changes of variable that make one power by a parameter, or one logarithm, the variable itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.undecided import Undecided
from symtrans.runtime.caches import remembered

_MOST_UNITS = 3  # that are tried

_Y: sp.Symbol = sp.Dummy("y", positive=True)
"""Stands for the old variable, beside powers of the new one."""


@remembered(2048)
def by_power(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(d, F) with expr(x) = F(x^d), d > 0, where F holds no power of the variable by a parameter but as a factor.

    x -> x^d maps (0, oo) onto itself and ascends: F has the range of `expr`, its limits at 0 and oo and the signs,
    in the same order. None where no such power occurs within `expr` other than as a factor, or others do, too.

    Each x^e with e = k d + m, for rational k and m, is written z^k y^m, with z = x^d and y = x. Where the whole is
    homogeneous of a degree j in y, as its sums, products and powers show, it is y^j times what it is at y = 1.

    Examples
    --------
    >>> p, q = sp.symbols("p q", positive=True)
    >>> by_power((1 - sp.exp(-(X**p))) / X)
    (p, (1 - exp(-_x))/_x**(1/p))
    >>> by_power(X**p * sp.exp(-X)), by_power(X**p + sp.exp(-(X**q)))
    (None, None)
    """
    inner = sp.Mul(*(factor for factor in sp.Mul.make_args(expr) if factor.as_base_exp()[0] != X))
    exponents = dict.fromkeys(power.as_base_exp()[1] for power in _powers(inner))
    units = [exponent for exponent in exponents if exponent.free_symbols]
    for unit in sorted(units, key=sp.count_ops)[:_MOST_UNITS]:
        if not unit.is_positive:
            continue
        parts = {power: _split(power.as_base_exp()[1], unit) for power in _powers(expr)}
        if None in parts.values():
            continue
        changed = expr.xreplace({power: X ** part[0] * _Y ** part[1] for power, part in parts.items() if part})
        degree = _degree(changed)
        if degree is not None:
            return unit, X ** sp.cancel(degree / unit) * changed.xreplace({_Y: sp.S.One})
    return None


class ByLogarithm(NamedTuple):
    """f(x) = F(L) with L = log(1 + c x^n), which maps (0, oo) onto itself and ascends.

    Examples
    --------
    >>> found = ByLogarithm.of(sp.cos(sp.log(1 + 4 * X**2)) / (1 + 4 * X**2))
    >>> found.function, found.logarithm, found.place(sp.log(5))
    (exp(-_x)*cos(_x), log(4*_x**2 + 1), 1)
    """

    function: sp.Expr
    logarithm: sp.Expr
    inverse: sp.Expr

    @classmethod
    def of(cls, expr: sp.Expr) -> "ByLogarithm | None":
        """The change, where one such logarithm occurs and no other; else None."""
        logs = {log for log in expr.atoms(sp.log) if X in log.free_symbols}
        if len(logs) != 1:
            return None
        (logarithm,) = logs
        c, power = (logarithm.args[0] - 1).as_independent(X, as_Add=False)
        base, n = power.as_base_exp()
        if base != X or not (c.is_positive and n.is_Rational and n.is_positive):
            return None
        y = sp.Dummy("y", positive=True)
        inverse = ((sp.exp(y) - 1) / c) ** (1 / n)
        function = expr.xreplace({logarithm: y}).subs(X, inverse)
        return cls(function.xreplace({y: X}), logarithm, inverse.xreplace({y: X}))

    def place(self, value: sp.Expr) -> sp.Expr:
        """The x at which the logarithm has a value."""
        return value if value in (0, sp.oo) else self.inverse.xreplace({X: value})


@contextmanager
def in_old_variable(new: sp.Expr) -> Iterator[None]:
    """What is left open of F, as a question about F(u) for the new variable u."""
    try:
        yield
    except Undecided as question:
        words = (word.xreplace({X: new}) if isinstance(word, sp.Basic) else word for word in question.sentence)
        raise Undecided(*words, open=question.open) from None


def _powers(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Every power of the variable, and the variable where it stands alone."""
    if expr == X or (isinstance(expr, sp.Pow) and expr.base == X and X not in expr.exp.free_symbols):
        yield expr
        return
    for arg in expr.args:
        yield from _powers(arg)


def _split(exponent: sp.Expr, unit: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(k, m), rational, with exponent = k unit + m."""
    symbol = min(unit.free_symbols, key=lambda s: s.name)
    k = sp.cancel(sp.diff(exponent, symbol) / sp.diff(unit, symbol))
    m = sp.cancel(exponent - k * unit) if isinstance(k, sp.Rational) else None
    return (k, m) if isinstance(m, sp.Rational) else None


def _degree(expr: sp.Expr) -> sp.Expr | None:
    """The j with expr(y) = y^j expr(1), as the formula shows; None where it shows none."""
    if _Y not in expr.free_symbols:
        return sp.S.Zero
    if expr == _Y:
        return sp.S.One
    if isinstance(expr, sp.Pow) and _Y not in expr.exp.free_symbols:
        inner = _degree(expr.base)
        return None if inner is None else inner * expr.exp
    if not isinstance(expr, sp.Add | sp.Mul):
        return None
    degrees = [degree for degree in map(_degree, expr.args) if degree is not None]
    if len(degrees) < len(expr.args):
        return None
    if isinstance(expr, sp.Mul):
        return sp.Add(*degrees)
    return degrees[0] if all(sp.cancel(degree - degrees[0]) == 0 for degree in degrees) else None
