"""Expressions read into generators: roots, exponentials and other functions, each a plain symbol with its relation."""

from functools import lru_cache
from math import gcd, lcm

import sympy as sp

from symtrans.calculus.algebra.mixtures import is_mixture

_GENERATORS = 20_060_000  # the index of the first generator, above those of all other symbols that are fixed
# Powers of one generator up to which polynomial algebra stays quick.
LARGEST_POWER = 24


class Reader:
    """Reads one expression into generators; used once, then dropped."""

    def __init__(self, expr: sp.Expr, variable: sp.Symbol) -> None:
        self._variable = variable
        self.meaning: dict[sp.Symbol, sp.Expr] = {}
        self.relations: list[tuple[sp.Symbol, int, sp.Expr]] = []  # generator ** order = base
        self._by_expr: dict[tuple[sp.Expr, int], sp.Symbol] = {}
        # parts of a form are read again, and hold generators of their own
        found = (1 + symbol.dummy_index for symbol in expr.free_symbols if isinstance(symbol, sp.Dummy))
        self._first = max([_GENERATORS, *found])
        self._whole = expr
        self._orders = _root_orders(expr)
        self._exp_units = _exponential_units(expr)
        self._power_units = _power_units(expr)
        self._is_mixture = is_mixture(expr)

    def generator(self, expr: sp.Expr, order: int = 1) -> sp.Symbol:
        """The symbol that stands for expr ** (1/order)."""
        key = (expr, order)
        if key not in self._by_expr:
            symbol = _generator(len(self._by_expr), self._first, _root(expr, order).is_positive)
            self._by_expr[key] = symbol
            self.meaning[symbol] = _root(expr, order)
        return self._by_expr[key]

    def read(self, expr: sp.Expr) -> sp.Expr:
        """The expression as a rational function of the generators."""
        if isinstance(expr, sp.Symbol | sp.Rational):
            order = self._orders.get(expr, 1) if expr.is_Symbol and expr != self._variable else 1
            return expr if order == 1 or order > LARGEST_POWER else self.generator(expr, order) ** order
        if isinstance(expr, sp.Add | sp.Mul):
            return expr.func(*map(self.read, expr.args))
        if isinstance(expr, sp.exp) or (isinstance(expr, sp.Pow) and expr.base is sp.E):
            return self._exponential(expr.exp)
        if isinstance(expr, sp.Pow):
            return self._power(expr.base, expr.exp)
        if isinstance(expr, sp.sinh) and self._whole.has(sp.cosh(expr.args[0])):
            # sinh = tanh*cosh, so that sinh/cosh comes out as tanh
            return self.generator(sp.tanh(expr.args[0])) * self.generator(sp.cosh(expr.args[0]))
        return self.generator(expr)

    def _exponential(self, exponent: sp.Expr) -> sp.Expr:
        if self._is_mixture:
            return self.generator(sp.exp(exponent))
        factors = []
        for term in sp.Add.make_args(exponent):
            coefficient, rest = term.as_coeff_Mul()
            unit = self._exp_units[rest]
            if unit is None:  # the coefficients have no useful common unit: unrelated generators
                factors.append(self.generator(sp.exp(term)))
            else:
                factors.append(self.generator(sp.exp(unit * rest)) ** (coefficient / unit))
        return sp.Mul(*factors)

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        whole, rest = exponent.as_coeff_Add()
        if rest != 0:  # symbolic exponent: base**(p + 5/2) is base**(p + 1/2) * base**2
            whole = sp.floor(whole)
            units = self._power_units[base]
            terms = sp.Add.make_args(exponent - whole) if units else [exponent - whole]
            factors = []
            for term in terms:  # base**(2 p) is the square of base**p
                if term.is_Rational and self._orders.get(base, 1) % term.q == 0:
                    factors.append(self._power(base, term))
                    continue
                coefficient, core = term.as_coeff_Mul()
                unit = units.get(core, coefficient)
                factors.append(self.generator(base ** (unit * core)) ** (coefficient / unit))
            return sp.Mul(*factors) * self.read(base) ** whole
        if isinstance(exponent, sp.Integer):
            return self.read(base) ** exponent
        order = self._orders[base]
        if order > LARGEST_POWER:  # x**1.00001 as a root of order 10**5 would be a polynomial of that degree
            whole = sp.floor(exponent)
            return self.generator(base ** (exponent - whole)) * self.read(base) ** whole
        new = (base, order) not in self._by_expr and not (base.is_Symbol and base != self._variable)
        root = self.generator(base, order)
        if new:
            self.relations.append((root, order, self.read(base)))
        return root ** (exponent * order)


@lru_cache(maxsize=1024)
def _generator(number: int, first: int, is_positive: bool | None) -> sp.Symbol:
    """The same for all expressions: SymPy takes long to make a symbol, and remembers what it finds of one."""
    return sp.Dummy(f"k{number}", dummy_index=first + number, positive=is_positive)


def _root(expr: sp.Expr, order: int) -> sp.Expr:
    return expr if order == 1 else expr ** sp.Rational(1, order)


def _root_orders(expr: sp.Expr) -> dict[sp.Expr, int]:
    orders: dict[sp.Expr, int] = {}
    for power in expr.atoms(sp.Pow):
        if isinstance(power.exp, sp.Rational):
            orders[power.base] = lcm(orders.get(power.base, 1), int(power.exp.q))
    return orders


def _exponential_units(expr: sp.Expr) -> dict[sp.Expr, sp.Rational | None]:
    """For exp(c1 t), exp(c2 t), ... the u with every c a small multiple of u; None if there is none."""
    coefficients: dict[sp.Expr, list[sp.Rational]] = {}
    for exponential in expr.atoms(sp.exp):
        for term in sp.Add.make_args(exponential.exp):
            coefficient, rest = term.as_coeff_Mul()
            coefficients.setdefault(rest, []).append(coefficient)
    return {rest: _unit(found) for rest, found in coefficients.items()}


def _power_units(expr: sp.Expr) -> dict[sp.Expr, dict[sp.Expr, sp.Rational]]:
    """For each base, the same for its powers by sums of c t; none of a base with one such exponent, but for numbers."""
    exponents: dict[sp.Expr, set[sp.Expr]] = {}
    for power in expr.atoms(sp.Pow):
        if not power.exp.is_Rational:
            number, rest = power.exp.as_coeff_Add()
            exponents.setdefault(power.base, set()).add(rest + number - sp.floor(number))
    found: dict[sp.Expr, dict[sp.Expr, sp.Rational]] = {}
    for base, several in exponents.items():
        coefficients: dict[sp.Expr, list[sp.Rational]] = {}
        for term in (term for each in several if len(several) > 1 for term in sp.Add.make_args(each)):
            coefficient, core = term.as_coeff_Mul()
            coefficients.setdefault(core, []).append(coefficient)
        units = ((core, _unit(some)) for core, some in coefficients.items() if core != 1)
        found[base] = {core: unit for core, unit in units if unit is not None}
    return found


def _unit(coefficients: list[sp.Rational]) -> sp.Rational | None:
    """The largest number of which all are small multiples; None if there is none."""
    unit = sp.Rational(gcd(*(int(abs(c.p)) for c in coefficients)), lcm(*(int(c.q) for c in coefficients)))
    return unit if all(abs(c) <= LARGEST_POWER * unit for c in coefficients) else None
