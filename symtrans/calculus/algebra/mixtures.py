"""Sums of so many unlike terms that no common form is worth its price."""

import sympy as sp

# Exponentials of sums up to which the relations among them are worth their price.
_MOST_SHIFTED = 8
_MOST_POLES = 6


def is_mixture(expr: sp.Expr) -> bool:
    """Whether `expr` holds many shifted Gaussians or their integrals: each is then one generator.

    As products of common units they would be polynomials of high degree in many generators.
    """
    return sum(bool(call.args[0].has(sp.Add)) for call in expr.atoms(sp.exp, sp.erf)) > _MOST_SHIFTED


def has_many_poles(expr: sp.Expr) -> bool:
    """Whether logarithms, angles or fractions of many poles stand side by side, among nested roots of numbers.

    The common denominator of all would be a polynomial of high degree in numbers whose relations are not seen.

    Examples
    --------
    >>> x, root = sp.Symbol("x"), sp.sqrt(5 - sp.sqrt(5))
    >>> has_many_poles(sum(sp.log(x + root - n) for n in range(7)))
    True
    """
    powers = [power for power in expr.atoms(sp.Pow) if power.base.is_Add]
    if not any(isinstance(p.exp, sp.Rational) and p.exp.q != 1 and p.base.is_number for p in powers):
        return False
    calls = {call for call in expr.atoms(sp.log, sp.atan) if not call.args[0].is_Rational}
    below = {power.base for power in powers if power.exp == -1}
    return max(len(calls), len(below)) > _MOST_POLES
