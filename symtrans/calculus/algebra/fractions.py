"""Quotients of polynomials, by FLINT: cancel one, or split a polynomial by multiplicities.

The answers are those of SymPy's `cancel` and `sqf_list`, which spend ten times as long on
writing an expression as a fraction as FLINT on the polynomials. FLINT is C code that no
exception interrupts: what is large goes to `guarded`.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import comb
from typing import Any

import sympy as sp
from flint import Ordering, fmpz_mpoly, fmpz_mpoly_ctx

from symtrans.calculus.algebra.sympy_calls import guarded, is_heavy
from symtrans.calculus.undecided import Undecided

# Up to here FLINT's greatest common divisors take less than a second.
_MOST_TERMS = 300
_HIGHEST_DEGREE = 100
_MOST_BITS = 2_000

Fraction = tuple[fmpz_mpoly, fmpz_mpoly]


class _Unfit(Exception):
    """No quotient of polynomials in symbols, or one with too many terms."""


def cancelled(expr: sp.Expr) -> sp.Expr:
    """A rational function of symbols as P/Q without common factors, Q starting with a positive number.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> cancelled(1 / (x - 1) - 1 / (x + 1))
    2/(x**2 - 1)
    """
    if not is_heavy(expr, _HIGHEST_DEGREE, _MOST_BITS):
        try:
            return _Polynomials(expr).cancelled(expr)
        except _Unfit:
            pass
    result: sp.Expr = guarded(sp.cancel, expr)
    return result


def square_free(expr: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Expr, int]]]:
    """(c, [(p, 1), (q, 2), ...]) with expr = c p q**2 ... for a polynomial with rational coefficients.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> square_free(2*x**3 - 4*x**2 + 2*x)
    (2, [(x, 1), (x - 1, 2)])
    """
    if not is_heavy(expr, _HIGHEST_DEGREE, _MOST_BITS):
        try:
            return _Polynomials(expr).square_free(expr)
        except _Unfit:
            pass
    result: tuple[sp.Expr, list[tuple[sp.Expr, int]]] = guarded(sp.sqf_list, expr)
    return result


class _Polynomials:
    """The ring of polynomials in the symbols of one expression."""

    def __init__(self, expr: sp.Expr) -> None:
        self._symbols = _ordered(expr.free_symbols)
        if not self._symbols:
            raise _Unfit
        self._ring = _ring(len(self._symbols))
        self._one = self._ring.constant(1)
        self._known: Mapping[sp.Symbol, fmpz_mpoly] = dict(zip(self._symbols, self._ring.gens(), strict=True))

    def cancelled(self, expr: sp.Expr) -> sp.Expr:
        above, below = self._read(expr)
        common = above.gcd(below)
        if common.leading_coefficient() * below.leading_coefficient() < 0:
            common = -common
        return self._written(above / common) / self._written(below / common)

    def square_free(self, expr: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Expr, int]]]:
        above, below = self._read(expr)
        if not below.is_constant():
            raise _Unfit
        content, found = above.factor_squarefree()
        content = sp.Rational(int(content), int(below.leading_coefficient()))
        parts: dict[int, fmpz_mpoly] = {}
        for base, multiplicity in found:
            if base.leading_coefficient() < 0:
                base, content = -base, content * (-1) ** int(multiplicity)
            parts[int(multiplicity)] = parts.get(int(multiplicity), self._one) * base
        return content, [(self._written(part), multiplicity) for multiplicity, part in sorted(parts.items())]

    def _read(self, expr: sp.Expr) -> Fraction:
        if isinstance(expr, sp.Symbol):
            return self._known[expr], self._one
        if isinstance(expr, sp.Rational):
            return self._ring.constant(int(expr.p)), self._ring.constant(int(expr.q))
        if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Integer):
            above, below = self._read(expr.base)
            order = abs(int(expr.exp))
            if expr.exp < 0 and above == 0:
                raise Undecided(expr, " divides by zero")
            if max(comb(len(part) + order - 1, order) for part in (above, below)) > _MOST_TERMS:
                raise _Unfit
            return (above**order, below**order) if expr.exp > 0 else (below**order, above**order)
        if isinstance(expr, sp.Add | sp.Mul):
            joined = _sum if isinstance(expr, sp.Add) else _product
            total = self._read(expr.args[0])
            for arg in expr.args[1:]:
                total = joined(total, self._read(arg))
            return total
        raise _Unfit

    def _written(self, polynomial: fmpz_mpoly) -> sp.Expr:
        return sp.Add(*(self._monomial(powers, number) for powers, number in polynomial.to_dict().items()))

    def _monomial(self, powers: tuple[int, ...], number: Any) -> sp.Expr:
        symbols = (s ** int(n) for s, n in zip(self._symbols, powers, strict=True) if n)
        return sp.Mul(sp.Integer(int(number)), *symbols)


def _ordered(symbols: frozenset[sp.Symbol]) -> tuple[sp.Symbol, ...]:
    """In SymPy's order, so that the same number starts a polynomial."""
    ranks = _ranks(frozenset(map(str, symbols)))
    return tuple(sorted(symbols, key=lambda s: (ranks[str(s)], getattr(s, "dummy_index", 0))))


@lru_cache(maxsize=1024)
def _ranks(names: frozenset[str]) -> Mapping[str, int]:
    generators = sp.Poly(sp.Add(*map(sp.Symbol, names))).gens if names else ()
    return {symbol.name: rank for rank, symbol in enumerate(generators)}


@lru_cache(maxsize=64)
def _ring(count: int) -> fmpz_mpoly_ctx:
    return fmpz_mpoly_ctx.get([f"x{k}" for k in range(count)], Ordering.lex)


def _product(a: Fraction, b: Fraction) -> Fraction:
    return _times(a[0], b[0]), _times(a[1], b[1])


def _sum(a: Fraction, b: Fraction) -> Fraction:
    common = a[1].gcd(b[1])
    left, right = b[1] / common, a[1] / common
    return _times(a[0], left) + _times(b[0], right), _times(a[1], left)


def _times(a: fmpz_mpoly, b: fmpz_mpoly) -> fmpz_mpoly:
    if len(a) * len(b) > _MOST_TERMS:
        raise _Unfit
    return a * b
