"""Symbols in an expansion that stand for small or bounded quantities, and what is known of these beyond a radius."""

from collections.abc import Callable

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.asymptotics.growth import ONE, Remainder, Scale, T, Term
from symtrans.calculus.enclosures.balls import enclose_with

BITS = 128


class Marks:
    """A sum of terms at infinity whose coefficients hold such symbols."""

    terms: list[Term]

    def __init__(self) -> None:
        self._small: dict[sp.Symbol, Scale] = {}
        self._bounded: dict[sp.Symbol, Callable[[sp.Rational], arb | None]] = {}

    def _enclosure(self, coefficient: sp.Expr, radius: sp.Rational) -> arb | None:
        known: dict[sp.Expr, arb] = {T: arb(0).union(enclose_with(1 / radius, {}))}
        for symbol in coefficient.free_symbols - {T}:
            if symbol in self._small:
                bound = self._small[symbol].bound(radius)
                value = None if bound is None else arb(0).union(bound)
            else:  # a parameter has no enclosure
                value = self._bounded[symbol](radius) if symbol in self._bounded else None
            if value is None:
                return None
            known[symbol] = value
        ball = enclose_with(coefficient, known)
        return ball if ball.is_finite() else None

    def _marks(self, coefficient: sp.Expr) -> set[sp.Symbol]:
        """The symbols in it that stand for small or bounded quantities."""
        return {s for s in coefficient.free_symbols if s in self._small or s in self._bounded}

    def _new_small(self, scale: Scale) -> sp.Expr:
        for symbol, other in self._small.items():
            for power in range(1, 5):
                if other.to(sp.Integer(power)) == scale:
                    return symbol**power
        symbol = sp.Dummy("e", nonnegative=True)
        self._small[symbol] = scale
        return symbol

    def _new_bounded(self, enclosure: Callable[[sp.Rational], arb | None]) -> sp.Symbol:
        symbol = Remainder("w", real=True)
        self._bounded[symbol] = enclosure
        return symbol

    def is_open(self, term: Term) -> bool:
        """Whether no more is known of a coefficient than an enclosure."""
        return bool(self._marks(term.coefficient))

    def range(self, radius: sp.Rational) -> arb | None:
        """A ball that contains all values on [radius, oo); None where none is found."""
        with ctx.workprec(BITS):
            total = arb(0)
            for term in self.terms:
                size = self._enclosure(term.coefficient, radius)
                bound = arb(1) if term.scale == ONE else term.scale.bound(radius)
                if size is None or bound is None:
                    return None
                total += size if term.scale == ONE else size * arb(0).union(bound)
            return total
