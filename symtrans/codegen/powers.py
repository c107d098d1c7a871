"""Powers by a parameter, whose overflow moves with it: forms that hold r at a place made of the exponent."""

import math
from collections.abc import Iterator

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.exponentials import in_order
from symtrans.codegen.shared_parts import SIGN, A
from symtrans.codegen.units import Units

_LARGE, _SMALL = sp.Integer(7), sp.Integer(41)  # exp(-exp(7)) is 0 in either format, and 1 + exp(-41) is 1


def held_at_powers(units: Units, odd: bool, most: float) -> Iterator[sp.Expr]:
    """Held where such a power is so large that an exponential of it is 0, or so small that it is nothing beside 1.

    `most` is the largest number of the format.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> next(held_at_powers(Units(sp.exp(-(X**p)), False), False, 1e308))
    exp(-Min(a, exp(Min(709, 7/p)))**p)
    """
    ratio, front = units.ratio(A), units.factor * (SIGN if odd else 1)
    exponents = {abs(exponent) for exponent in exponents_of(units.bare)}
    for exponent in sorted((e for e in exponents if e.as_coeff_Mul()[1].is_Symbol), key=sp.default_sort_key):
        large, small = (sp.Min(log / exponent, int(math.log(most))) for log in (_LARGE, _SMALL))
        yield in_order(front * units.bare.xreplace({X: sp.Min(sp.exp(large), ratio)}))
        for least in (sp.exp(-small), sp.exp(-large)):
            held = front * units.bare.xreplace({X: sp.Max(least, ratio)})
            yield from (held * sp.Min(1, ratio / least), held)


def exponents_of(bare: sp.Expr) -> set[sp.Expr]:
    """The exponents of x that depend on parameters.

    Examples
    --------
    >>> exponents_of(X**2 + X ** sp.Symbol("p"))
    {p}
    """
    return {power.exp for power in bare.atoms(sp.Pow) if power.base == X and power.exp.free_symbols}
