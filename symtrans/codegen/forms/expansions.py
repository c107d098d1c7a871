"""Expansions that a program may go by next to 0 and far out, the shortest first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.ends import expansion, horner, in_falling_powers
from symtrans.codegen.forms.exponentials import in_order
from symtrans.codegen.forms.power_series import taylor
from symtrans.codegen.forms.units import Units
from symtrans.codegen.program.shared_parts import A, R, Scaled
from symtrans.runtime.budgets import BUSY, time_limit

_SECONDS = 12  # of the processor, for one expansion all the same; those of the catalogue take a few at most
_ORDERS = (8, 12, 18, 26)
_FEW = (4, 8)  # where there are parameters: coefficients get long
_LONG_ORDERS = (40,)  # where none of these will do
_ORDERS_BY_GROWTH = (4, 8, 12)  # the last of formulas without parameters only: it takes seconds where there are some


@dataclass(frozen=True)
class Expansions:
    """Those of one formula.

    Attributes
    ----------
    units : Units
        The formula in r over its scale.
    most : float
        The largest number of the dtype.
    orders : tuple of int
        Of those at infinity.
    others : tuple of Expr
        Forms of it that may be better far out, and are tried before an expansion is.
    forms : tuple of Expr
        Those that are tried next to 0 before an expansion is.
    near : Expr
        The least length where r is over none: powers of r over that are numbers of the dtype.
    grows : bool
        Whether the largest value is the last.
    """

    units: Units
    most: float
    orders: tuple[int, ...] = _ORDERS_BY_GROWTH
    others: tuple[sp.Expr, ...] = ()
    forms: tuple[sp.Expr, ...] = ()
    near: sp.Expr = sp.S.One
    grows: bool = True

    def of(self, at_zero: bool, longer: bool = False) -> Iterator[tuple[sp.Expr, ...]]:
        """The shortest first, each in forms that differ where r over the scale overflows; or one longer than those."""
        bare = self.units.bare
        has_parameters = not bare.free_symbols <= {X}
        if at_zero:
            yield from ((form,) for form in self.forms)
            for order in _FEW if has_parameters else _LONG_ORDERS if longer else _ORDERS:
                polynomial = self._taylor(order)
                if polynomial is None:
                    break
                yield (polynomial,)
            else:
                return  # an expansion is the same polynomial
        else:
            falling = in_falling_powers(bare)
            yield self.scaled(falling) + self.apart(falling)
            yield from map(self.scaled, self.others)
        for order in (() if longer else self.orders)[: -1 if has_parameters else None]:
            with time_limit(_SECONDS * BUSY, processor=_SECONDS):
                terms = expansion(bare, at_zero, order)
            if not _exponentials_of_parameters(terms) <= _exponentials_of_parameters(bare):
                break  # it would be for few values of them that all constants are numbers of the format
            yield self.scaled(terms) + (() if at_zero else self.apart(terms))

    def _taylor(self, order: int) -> sp.Expr | None:
        """The polynomial in R where it is odd or even as its function, in A, or in a root of it."""
        bare = self.units.bare
        root = 2 if any(power.base == X and (2 * power.exp).is_odd for power in bare.atoms(sp.Pow)) else 1
        polynomial = taylor(bare.xreplace({X: X**root}), order)
        if polynomial is None:
            return None
        if root == 2 and all(power % 2 == 0 for (power,) in polynomial.monoms()):
            root, polynomial = 1, sp.Poly.from_dict({(p // 2,): c for (p,), c in polynomial.terms()}, X)
        ratios = {size: self.units.ratio(size) for size in (R, A)}
        if self.near != 1:
            polynomial = sp.Poly.from_dict(
                {(p,): c * self.near ** sp.Rational(p, root) for (p,), c in polynomial.terms()}, X
            )
            ratios = {size: Scaled(size, 1 / self.near) for size in ratios}
        if root == 1 and all(power % 2 == self.units.odd for (power,) in polynomial.monoms()):
            return self.units.factor * horner(polynomial, ratios[R])
        return self.units.front * horner(polynomial, sp.root(ratios[A], root))

    def scaled(self, bare: sp.Expr) -> tuple[sp.Expr, ...]:
        """In r over the scale; in no more than the largest power of 2; and with quotients first."""
        ratio, front = self.units.ratio(A), self.units.front
        largest = sp.Integer(2) ** round(math.log2(self.most) - 1)
        plain, held = (front * bare.xreplace({X: one}) for one in (ratio, sp.Min(largest, ratio)))
        return plain, held, in_order(plain)

    def apart(self, falling: sp.Expr) -> tuple[sp.Expr, ...]:
        """Without r over a scale, which may overflow: powers of the scale over r, and differences of logarithms.

        Examples
        --------
        >>> a = sp.Symbol("p_a", positive=True)
        >>> expansions = Expansions(Units(X * sp.log(1 + X**2 / a**2), True), 1e308)
        >>> expansions.apart(X * (2 * sp.log(X) + sp.log(1 + 1 / X**2)))
        (a*s*(2*log(a) - 2*log(p_a) + log(Scaled(p_a, 1/a)**2 + 1)),)
        """
        scale = self.units.scale
        if scale == 1 or not self.grows:  # of what falls nothing is left there
            return ()
        factors = [factor.as_base_exp() for factor in sp.Mul.make_args(falling)]
        power = sp.Add(*(exponent for base, exponent in factors if base == X))
        inside = sp.Mul(*(base**exponent for base, exponent in factors if base != X))
        ratios = {one: Scaled(scale, 1 / A) ** -one.exp for one in inside.atoms(sp.Pow) if one.base == X}
        named = ratios | {sp.log(X): sp.log(A) - sp.log(scale), X: self.units.ratio(A)}
        front = sp.powsimp(self.units.front / scale**power)
        if any(one.exp.free_symbols for one in front.atoms(sp.Pow)):  # no number of the format for many values
            return ()
        return (front * A**power * inside.xreplace(named),)


def _exponentials_of_parameters(expr: sp.Expr) -> set[sp.Expr]:
    return {call for call in expr.atoms(sp.exp) if call.free_symbols and X not in call.free_symbols}
