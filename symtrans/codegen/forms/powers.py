"""Powers by a parameter, whose overflow moves with it: one in each product, r held at a place made of the exponent."""

import math
from collections.abc import Iterator
from typing import TypeAlias

import sympy as sp
from sympy.codegen.cfunctions import log1p

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.ends import horner
from symtrans.codegen.forms.exponentials import in_order
from symtrans.codegen.forms.power_series import taylor
from symtrans.codegen.forms.units import Units
from symtrans.codegen.program.shared_parts import A, Scaled, moves

_LARGE, _SMALL = sp.Integer(7), sp.Integer(41)  # exp(-exp(7)) is 0 in either format, and 1 + exp(-41) is 1

_ORDERS, _LOGS = (5, 8, 12, 18, 26), (4, 2, 1)  # of polynomials in a power y, and -log(y) where they end

_Inside: TypeAlias = tuple[sp.Dummy, sp.Expr, sp.Expr, list[sp.Expr]]
"""A name y for a function of x, an expression in both, that function, and places where y is exp(-log) for these."""


def held_at_powers(units: Units, most: float) -> Iterator[sp.Expr]:
    """Held where such a power is so large that an exponential of it is 0, or so small that it is nothing beside 1.

    `most` is the largest number of the format.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> next(held_at_powers(Units(sp.exp(-(X**p)), False), 1e308))
    exp(-Min(a, exp(Min(707, 7/p)))**p)
    """
    ratio, front = units.ratio(A), units.front
    exponents = {abs(exponent) for exponent in exponents_of(units.bare)}
    for exponent in sorted((e for e in exponents if e.as_coeff_Mul()[1].is_Symbol), key=sp.default_sort_key):
        large, small = (sp.Min(log / exponent, _octaves(most)) for log in (_LARGE, _SMALL))
        yield in_order(front * units.bare.xreplace({X: sp.Min(sp.exp(large), ratio)}))
        for least in (sp.exp(-small), sp.exp(-large)):
            held = front * units.bare.xreplace({X: sp.Max(least, ratio)})
            yield from (held * sp.Min(1, ratio / least), held)


def next_to_zero(units: Units, most: float) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Places, and forms up to them, of a product of a function of y and others: Taylor polynomials in y.

    It is y = x^p, or y = p log(1 + x^m), where (1 + x^m)^p is exp(y).

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> next(next_to_zero(Units(X * (sp.log(1 + X**p) - X**p), False), 1e308))
    (exp(-Min(707, 4/p)), a*a**(2*p)*(a**p*(1/3 - a**p/4) - 1/2))
    >>> next(next_to_zero(Units((1 + X) ** p * (p * sp.log(1 + X) - 1) + 1, False), 1e308))
    (exp(Min(353, exp(-4)/p)) - 1, p**2*(p*(p*log1p(a)/8 + 1/3)*log1p(a) + 1/2)*log1p(a)**2)
    """
    ratio = units.ratio(A)
    for y, bare, written, places in (*_in_powers(units.bare, most), *_in_logarithms(units.bare, most)):
        others, inside = sp.factor_terms(bare).as_independent(y, as_Add=False)
        cancels = inside.free_symbols == {y} and inside.has(sp.Add)
        for order in _ORDERS if cancels else ():
            polynomial = taylor(inside.xreplace({y: X}), order)
            if polynomial is None:
                break
            form = units.front * others.xreplace({X: ratio}) * horner(polynomial, written.xreplace({X: ratio}))
            for place in places:
                yield units.scale * place, form


def _in_powers(bare: sp.Expr, most: float) -> Iterator[_Inside]:
    y = sp.Dummy(positive=True)
    exponents = exponents_of(bare)
    for exponent in sorted((one for one in exponents if one.is_Symbol), key=sp.default_sort_key):
        multiples = {one: sp.expand(one).coeff(exponent) for one in exponents}
        powers = {X**one: X ** sp.expand(one - k * exponent) * y**k for one, k in multiples.items() if k.is_Integer}
        yield y, bare.xreplace(powers), X**exponent, [sp.exp(-sp.Min(log / exponent, _octaves(most))) for log in _LOGS]


def _in_logarithms(bare: sp.Expr, most: float) -> Iterator[_Inside]:
    y = sp.Dummy(real=True)
    powers = [power for power in bare.atoms(sp.Pow) if power.base.is_Add and power.exp.free_symbols]
    for base, exponent in sorted((power.args for power in powers), key=sp.default_sort_key):
        (factor, symbol), (root, m) = exponent.as_coeff_Mul(), (base - 1).as_base_exp()
        if not symbol.is_Symbol or root != X or not m.is_Rational:
            continue
        multiples = {one: sp.expand(one.exp).coeff(symbol) / factor for one in powers if one.base == base}
        inside = {one: base ** sp.expand(one.exp - k * exponent) * sp.exp(k * y) for one, k in multiples.items()}
        inside[sp.log(base)] = y / exponent

        ends = [sp.exp(sp.Min(sp.exp(-log) / abs(exponent), _octaves(most) // 2)) - 1 for log in _LOGS]
        yield y, bare.xreplace(inside), exponent * log1p(base - 1), [end ** (1 / m) for end in ends]


def _octaves(most: float) -> int:
    """The logarithm of the largest number of a format, less so much that 1 over it is normal."""
    return int(math.log(most)) - 2


def with_powers_together(expr: sp.Expr) -> sp.Expr:
    """The powers of x in each product as one, those of 1 + x, too, equal terms as one: x^p/x is infinite where x^p is.

    Examples
    --------
    >>> p = sp.Symbol("p")
    >>> with_powers_together(p * X**p / X**2 - X**p / X**2), with_powers_together((1 + X) ** p / (1 + X))
    (_x**(p - 2)*(p - 1), (_x + 1)**(p - 1))
    """
    if X not in expr.free_symbols or not expr.args:
        return expr
    expr = expr.func(*map(with_powers_together, expr.args))
    if isinstance(expr, sp.Mul):
        exponents: dict[sp.Expr, sp.Expr] = {}
        for base, exponent in (factor.as_base_exp() for factor in expr.args):
            exponents[base] = exponents.get(base, sp.S.Zero) + exponent
        return sp.Mul(*(base**exponent for base, exponent in exponents.items()))
    if isinstance(expr, sp.Add):
        coefficients: dict[sp.Expr, list[sp.Expr]] = {}
        for term in expr.args:
            coefficient, rest = term.as_independent(X, as_Add=False)
            coefficients.setdefault(rest, []).append(coefficient)
        return sp.Add(*(rest * sp.Add(*found) for rest, found in coefficients.items()))
    return expr


def in_halves(form: sp.Expr, most: float) -> sp.Expr:
    """A product with exponentials whose powers by a parameter are made of two factors, each no more than `most`.

    Where the exponential is 0 so is the product, and what overflows as a power need not as its root.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> in_halves(A**p * sp.exp(-A), 4)
    Scaled(Scaled(exp(-a), Min(4, a**(p/2))), Min(4, a**(p/2)))
    """
    factors = sp.Mul.make_args(form)
    powers = [f for f in factors if f.is_Pow and moves(f.base) and f.exp.free_symbols and not f.base.is_Add]
    if not powers or not any(moves(call) for f in factors for call in f.atoms(sp.exp)):
        return form
    result = in_order(sp.Mul(*(f for f in factors if f not in powers)))
    for power in powers:
        half = sp.Min(sp.Integer(int(most)), power.base ** (power.exp / 2))
        result = Scaled(Scaled(result, half), half)
    return result


def exponents_of(bare: sp.Expr) -> set[sp.Expr]:
    """The exponents of x that depend on parameters.

    Examples
    --------
    >>> exponents_of(X**2 + X ** sp.Symbol("p"))
    {p}
    """
    return {power.exp for power in bare.atoms(sp.Pow) if power.base == X and power.exp.free_symbols}
