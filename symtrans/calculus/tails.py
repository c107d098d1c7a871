"""Behaviour of a function at infinity, with proof: its sign, or its range, beyond an explicit radius.

A function without parameters is written as a sum of terms

    exp(phi(x)) x**a log(x)**l B(1/x),      phi a sum of powers of x without constant term,

with B analytic at 0. What is exponentially or algebraically smaller than the
leading term *inside* a function (log(1 + exp(-x)), erf(x) = 1 - ...) is named by a
symbol that stands for a small quantity, and taken out by the mean value theorem.
From some radius on the leading term exceeds the sum of all others; that radius is
found by trial and proved by ball arithmetic, with the growth of each ratio bounded
on the whole tail.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra import X, is_zero, sign
from symtrans.calculus.arb import enclose_with
from symtrans.calculus.undecided import Undecided

T: sp.Symbol = sp.Dummy("t", dummy_index=20_052_007, real=True)
"""Stands for 1/x in coefficients."""

_MOST_TERMS = 600
_HIGHEST_ORDER = 12  # of a zero at infinity, in 1/x
_TAYLOR = (1, 3)  # orders of the expansion in a small quantity, tried in turn
_LARGEST_POWER = 24
_BITS = 128
_RADII = tuple(
    sp.Rational(r) for r in (3, 5, 8, 12, 18, 27, 40, 64, 100, 256, 2**10, 2**13, 2**17, 2**22, 2**30, 2**40)
)

T_ = TypeVar("T_")
Powers = tuple[tuple[sp.Rational, sp.Expr], ...]  # (exponent > 0, coefficient), highest first


@dataclass(frozen=True)
class Scale:
    """The growth exp(sum c x**b) * x**power * log(x)**logs; `phi` lists the (b, c)."""

    phi: Powers = ()
    power: sp.Expr = sp.S.Zero  # a number, or in the parameters
    logs: int = 0

    def times(self, other: "Scale") -> "Scale":
        """The growth of the product."""
        return Scale(_add(self.phi, other.phi), self.power + other.power, self.logs + other.logs)

    def to(self, exponent: sp.Expr) -> "Scale":
        """The growth of a power."""
        logs = self.logs * exponent
        if not isinstance(logs, sp.Integer):
            raise Undecided("a root of a logarithm at infinity")
        phi = tuple((b, c * exponent) for b, c in self.phi)
        return Scale(phi, self.power * exponent, int(logs))

    def order(self) -> int:
        """1 if it grows, -1 if it tends to 0, 0 if it is constant."""
        if self.phi:
            return sign(self.phi[0][1])
        return sign(self.power) or (self.logs > 0) - (self.logs < 0)

    def bound(self, radius: sp.Rational) -> arb | None:
        """Its value at `radius` if it is proved to decrease from there on, else None (`radius` >= 3)."""
        at, log = enclose_with(radius, {}), enclose_with(sp.log(radius), {})
        slope = enclose_with(self.power, {}) + max(self.logs, 0) / log
        if self.phi:  # x d/dx of the exponent is at most lead * x**top, falling if lead < 0
            top = self.phi[0][0]
            lead = arb(0)
            for b, c in self.phi:
                part = enclose_with(b * c, {}) * at ** enclose_with(b - top, {})
                lead += part if b == top or part > 0 else 0
            if not lead < 0:
                return None
            slope = slope + lead * at ** enclose_with(top, {})
        if not (slope < 0 or (slope == 0 and self.logs <= 0)):
            return None
        exponent = arb(0)
        for b, c in self.phi:
            exponent += enclose_with(c, {}) * at ** enclose_with(b, {})
        return exponent.exp() * at ** enclose_with(self.power, {}) * log**self.logs


ONE = Scale()

# Functions analytic on the whole real line, and what some of them are made of where the argument grows.
_SMOOTH = (sp.sin, sp.cos, sp.atan, sp.erf, sp.erfc, sp.sinh, sp.cosh, sp.tanh, sp.asinh)
_ELEMENTARY: Mapping[type[sp.Function], Callable[[sp.Expr], sp.Expr]] = {
    sp.sinh: lambda u: (sp.exp(u) - sp.exp(-u)) / 2,
    sp.cosh: lambda u: (sp.exp(u) + sp.exp(-u)) / 2,
    sp.tanh: lambda u: (sp.exp(u) - sp.exp(-u)) / (sp.exp(u) + sp.exp(-u)),
    sp.asinh: lambda u: sp.log(u + sp.sqrt(u**2 + 1)),
}


@dataclass(frozen=True)
class Term:
    """`scale` times a coefficient in `T` and in symbols for small or bounded quantities."""

    scale: Scale
    coefficient: sp.Expr


def _add(a: Powers, b: Powers) -> Powers:
    total: dict[sp.Rational, sp.Expr] = dict(a)
    for exponent, c in b:
        total[exponent] = total.get(exponent, sp.S.Zero) + c
    kept = [(e, sp.expand(c)) for e, c in total.items() if not _vanishes(c)]
    return tuple(sorted(kept, key=lambda pair: -pair[0]))


def _vanishes(constant: sp.Expr) -> bool:
    zero = is_zero(constant)
    if zero is None:
        raise Undecided(f"whether {constant} = 0 is open")
    return zero


class Tail:
    """The expansion of one function at infinity.

    Examples
    --------
    >>> Tail(X * sp.exp(-X) - 1 / X**3).sign()
    (-1, 12)
    """

    def __init__(self, function: sp.Expr, order: int = _TAYLOR[-1]) -> None:
        self._order = order  # of the expansion in small quantities
        self._small: dict[sp.Symbol, Scale] = {}
        self._bounded: dict[sp.Symbol, Callable[[sp.Rational], arb | None]] = {}
        self._read_terms = self._read(function)
        self._terms = self._normal(self._read_terms)

    # -- what is asked -----------------------------------------------------------

    def sign(self) -> tuple[int, sp.Rational]:
        """(s, R): the function has the sign s on all of [R, oo).

        Raises
        ------
        Undecided
            If no radius is found.
        """
        if not self._terms:
            return 0, _RADII[0]
        leading = self._largest(self._terms)
        with ctx.workprec(_BITS):
            for radius in _RADII:
                found = self._sign_beyond(leading, radius)
                if found is not None:
                    return found, radius
        raise Undecided("no radius is found beyond which the leading term prevails")

    def limit(self) -> sp.Expr:
        """The limit at infinity, possibly infinite; parameters may occur.

        Raises
        ------
        Undecided
            If it does not exist, or the leading term is not known exactly.

        Examples
        --------
        >>> Tail(X * sp.log(1 + 1 / X)).limit()
        1
        """
        total = sp.S.Zero
        grows: list[Term] = []
        for term in self._terms:
            order = term.scale.order()
            if order < 0:
                continue
            if self._marks(term.coefficient):
                raise Undecided("the limit is open")
            if order > 0:
                grows.append(term)
            else:
                total += _at_infinity(term.coefficient)
        if grows:
            return sign(_at_infinity(self._largest(grows).coefficient)) * sp.oo
        return total

    def smooth_part(self) -> sp.Expr:
        """The function of t = 1/x, analytic at t = 0, from which this one differs by a flat function.

        A function is flat if it tends to 0 with all its derivatives, as exp(-x) B(1/x) does.

        Raises
        ------
        Undecided
            If there is none of that form.
        """
        total = sp.S.Zero
        for term in self._read_terms:
            used = self._marks(term.coefficient)
            if used & set(self._bounded) or not all(self._is_flat(self._small[s]) for s in used & set(self._small)):
                raise Undecided("the difference from an analytic function is open")
            if self._is_flat(term.scale):
                continue
            power = -term.scale.power
            if term.scale.phi or term.scale.logs or not isinstance(power, sp.Integer) or power < 0:
                raise Undecided("not analytic in 1/x at infinity")
            total += T**power * term.coefficient.xreplace(dict.fromkeys(used & set(self._small), sp.S.Zero))
        return total

    @staticmethod
    def _is_flat(scale: Scale) -> bool:
        return bool(scale.phi) and scale.order() < 0

    def _sign_beyond(self, leading: Term, radius: sp.Rational) -> int | None:
        own = self._enclosure(leading.coefficient, radius)
        if own is None or not (own > 0 or own < 0):
            return None
        others = arb(0)
        inverse = leading.scale.to(sp.S.NegativeOne)
        for term in self._terms:
            if term is leading:
                continue
            ratio = term.scale.times(inverse)
            size = self._enclosure(term.coefficient, radius)
            bound = arb(1) if ratio == ONE else ratio.bound(radius)
            if size is None or bound is None:
                return None
            others += bound * abs(size).upper()
        if not others < abs(own).lower():
            return None
        return 1 if own > 0 else -1

    def range(self, radius: sp.Rational) -> arb | None:
        """A ball that contains all values on [radius, oo); None where none is found."""
        with ctx.workprec(_BITS):
            total = arb(0)
            for term in self._terms:
                size = self._enclosure(term.coefficient, radius)
                bound = arb(1) if term.scale == ONE else term.scale.bound(radius)
                if size is None or bound is None:
                    return None
                total += size if term.scale == ONE else size * arb(0).union(bound)
            return total

    # -- enclosing coefficients ---------------------------------------------------

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
        symbol = sp.Dummy("w", real=True)
        self._bounded[symbol] = enclosure
        return symbol

    # -- normal form --------------------------------------------------------------

    def _normal(self, terms: Iterable[Term]) -> list[Term]:
        """Exact coefficients free of small symbols and not 0 at infinity, and remainders that are only enclosed."""
        split: list[Term] = []
        for term in terms:
            split += self._without_small(term)
        exact = [t for t in split if not self._marks(t.coefficient)]
        rest = [t for t in split if self._marks(t.coefficient)]
        normal = [_lowered(term) for term in _collected(exact)]
        return [term for term in normal if term is not None] + _collected(rest)

    def _without_small(self, term: Term) -> list[Term]:
        """Taylor's formula in one small symbol e after the other, with Lagrange's remainder.

        B(t, e) = sum of e**k/k! d^kB/de^k(t, 0) + e**n/n! d^nB/de^n(t, w) with w between 0 and e.
        """
        symbol = min(term.coefficient.free_symbols & set(self._small), key=lambda s: s.dummy_index, default=None)
        if symbol is None:
            return [term]
        scale, derivative = term.scale, term.coefficient
        parts: list[Term] = []
        for order in range(self._order):
            factor = derivative.xreplace({symbol: sp.S.Zero}) / sp.factorial(order)
            if factor != 0:
                parts += self._without_small(Term(scale, factor))
            scale, derivative = scale.times(self._small[symbol]), sp.diff(derivative, symbol)
        if derivative != 0:
            bounded = {s: self._between(s) for s in derivative.free_symbols & set(self._small)}
            parts.append(Term(scale, derivative.xreplace(bounded) / sp.factorial(self._order)))
        return parts

    def _between(self, symbol: sp.Symbol) -> sp.Symbol:
        """A quantity between 0 and the small one."""
        return self._new_bounded(lambda radius: self._enclosure(symbol, radius))

    def _largest(self, terms: list[Term]) -> Term:
        best = terms[0]
        for term in terms[1:]:
            if term.scale.times(best.scale.to(sp.S.NegativeOne)).order() > 0:
                best = term
        return best

    # -- reading ------------------------------------------------------------------

    def _read(self, expr: sp.Expr) -> list[Term]:
        if X not in expr.free_symbols:
            return [] if expr == 0 else [Term(ONE, expr)]
        if expr == X:
            return [Term(Scale(power=sp.S.One), sp.S.One)]
        if isinstance(expr, sp.Add):
            return _collected([term for arg in expr.args for term in self._read(arg)])
        if isinstance(expr, sp.Mul):
            total = [Term(ONE, sp.S.One)]
            for arg in expr.args:
                total = _multiplied(total, self._read(arg))
            return total
        if isinstance(expr, sp.exp):
            return self._read_exp(expr.exp)
        if isinstance(expr, sp.Pow) and X not in expr.exp.free_symbols:
            return self._read_power(expr.base, expr.exp)
        if isinstance(expr, sp.log):
            return self._read_log(expr.args[0])
        if isinstance(expr, _SMOOTH):
            return self._read_function(expr.func, expr.args[0])
        raise Undecided(f"the behaviour of {type(expr).__name__} at infinity is open")

    def _read_power(self, base: sp.Expr, exponent: sp.Expr) -> list[Term]:
        terms = self._read(base)
        whole = isinstance(exponent, sp.Integer)
        if whole and 0 <= exponent <= _LARGEST_POWER and len(terms) > 1:
            total = [Term(ONE, sp.S.One)]
            for _ in range(int(exponent)):
                total = _multiplied(total, terms)
            return total
        leading, ratio = self._leading(terms)
        if not whole and sign(_at_infinity(leading.coefficient)) < 0:
            raise Undecided("a root of a negative quantity at infinity")
        return [Term(leading.scale.to(exponent), leading.coefficient**exponent * (1 + ratio) ** exponent)]

    def _leading(self, terms: list[Term]) -> tuple[Term, sp.Expr]:
        """The sum as D (1 + ratio): the leading term, and the rest over it in small symbols."""
        normal = self._normal(terms)
        if not normal:
            raise Undecided("zero at infinity under a power or logarithm")
        leading = self._largest(normal)
        if self._marks(leading.coefficient) or _vanishes(_at_infinity(leading.coefficient)):
            raise Undecided("the leading term at infinity is open")
        inverse = leading.scale.to(sp.S.NegativeOne)
        ratio = sp.S.Zero
        for term in normal:
            if term is not leading:
                scale = term.scale.times(inverse)
                if scale == ONE:
                    raise Undecided("two leading terms at infinity")
                ratio += self._named(Term(scale, term.coefficient / leading.coefficient))
        return leading, ratio

    def _named(self, term: Term) -> sp.Expr:
        """A term that tends to a constant, as an expression in T and small symbols."""
        scale = term.scale
        if scale == ONE:
            return term.coefficient
        if scale.order() >= 0:
            raise Undecided("growth at infinity inside a function")
        if not scale.phi and scale.logs == 0 and isinstance(scale.power, sp.Integer):
            return T ** (-scale.power) * term.coefficient
        return self._new_small(scale) * term.coefficient

    def _tame(self, terms: Iterable[Term]) -> sp.Expr:
        return sp.Add(*(self._named(term) for term in terms))

    def _read_exp(self, exponent: sp.Expr) -> list[Term]:
        phi: Powers = ()
        tame: list[Term] = []
        for term in self._read(exponent):
            scale = term.scale
            if scale.order() <= 0:
                tame.append(term)
                continue
            if scale.phi or scale.logs or self._marks(term.coefficient):
                raise Undecided("an exponential of an exponential or logarithm at infinity")
            powers, rest = self._polynomial_part(scale.power, term.coefficient)
            phi = _add(phi, powers)
            tame += rest
        return [Term(Scale(phi), sp.exp(self._tame(tame)))]

    def _polynomial_part(self, power: sp.Rational, coefficient: sp.Expr) -> tuple[Powers, list[Term]]:
        """x**power B(1/x) as growing powers of x, and what stays bounded."""
        powers: list[tuple[sp.Rational, sp.Expr]] = []
        derivative = coefficient
        order = 0
        while power - order > 0:
            value = _at_infinity(derivative) / sp.factorial(order)
            if not _vanishes(value):
                powers.append((power - order, value))
            derivative = sp.diff(derivative, T)
            order += 1
            if order > _HIGHEST_ORDER:
                raise Undecided("too high a power at infinity")
        if derivative == 0:
            return tuple(powers), []
        # Lagrange: the remainder is x**(power - order) B^(order)(t)/order! for some t in between
        rest = derivative / sp.factorial(order)
        between = self._new_bounded(lambda radius: self._enclosure(rest, radius))
        return tuple(powers), [Term(Scale(power=power - order), between)]

    def _read_log(self, argument: sp.Expr) -> list[Term]:
        leading, ratio = self._leading(self._read(argument))
        if leading.scale.logs or sign(_at_infinity(leading.coefficient)) < 0:
            raise Undecided("a logarithm at infinity is open")
        terms = [Term(Scale(power=b), c) for b, c in leading.scale.phi]
        if leading.scale.power != 0:
            terms.append(Term(Scale(logs=1), leading.scale.power))
        return _collected([*terms, Term(ONE, sp.log(leading.coefficient) + sp.log(1 + ratio))])

    def _read_function(self, function: type[sp.Function], argument: sp.Expr) -> list[Term]:
        terms = self._read(argument)
        try:
            return [Term(ONE, function(self._tame(terms)))]
        except Undecided:
            pass
        if function in _ELEMENTARY:
            return self._read(_ELEMENTARY[function](argument))
        if function in (sp.sin, sp.cos):
            return [Term(ONE, self._new_bounded(lambda radius: arb(0, 1)))]
        leading, ratio = self._leading(terms)
        side = sign(_at_infinity(leading.coefficient))
        if function is sp.atan:  # atan u = +-pi/2 - atan(1/u)
            inverse = Term(leading.scale.to(sp.S.NegativeOne), 1 / (leading.coefficient * (1 + ratio)))
            return [Term(ONE, side * sp.pi / 2 - sp.atan(self._named(inverse)))]
        if side < 0:
            mirrored = self._read_function(function, -argument)
            if function is sp.erf:
                return [Term(t.scale, -t.coefficient) for t in mirrored]
            return _collected([Term(ONE, sp.Integer(2)), *(Term(t.scale, -t.coefficient) for t in mirrored)])
        beyond = self._read_erfc(argument, leading, ratio)
        if function is sp.erfc:
            return beyond
        return _collected([Term(ONE, sp.S.One), *(Term(t.scale, -t.coefficient) for t in beyond)])

    def _read_erfc(self, argument: sp.Expr, leading: Term, ratio: sp.Expr) -> list[Term]:
        """Erfc(u) = exp(-u**2)/(u sqrt(pi)) w with 1 - 1/(2 u**2) < w < 1 for u > 0."""
        inverse = leading.scale.to(sp.S.NegativeOne)

        def enclosure(radius: sp.Rational) -> arb | None:
            size = self._enclosure(1 / (leading.coefficient * (1 + ratio)), radius)
            bound = inverse.bound(radius)
            if size is None or bound is None:
                return None
            return (1 - (size * bound) ** 2 / 2).union(arb(1))

        w = self._new_bounded(enclosure)
        factor = Term(inverse, w / (leading.coefficient * (1 + ratio) * sp.sqrt(sp.pi)))
        return _multiplied(self._read_exp(sp.expand(-(argument**2))), [factor])


def _at_infinity(coefficient: sp.Expr) -> sp.Expr:
    value = coefficient.xreplace({T: sp.S.Zero})
    if value.has(sp.nan, sp.zoo, sp.oo):
        raise Undecided("a coefficient is singular at infinity")
    return value


def _collected(terms: Iterable[Term]) -> list[Term]:
    """One term for each exponential, logarithm and fractional part of the power."""
    groups: dict[tuple[Powers, sp.Expr, int], Term] = {}
    for term in terms:
        scale = term.scale
        number, symbolic = sp.expand(scale.power).as_coeff_Add()
        key = (scale.phi, symbolic + number - sp.floor(number), scale.logs)
        other = groups.get(key)
        if other is None:
            groups[key] = term
            continue
        above = sp.expand(scale.power - other.scale.power)  # a whole number
        high = scale.power if above > 0 else other.scale.power
        coefficient = sp.Add(*(t.coefficient * T ** sp.expand(high - t.scale.power) for t in (term, other)))
        groups[key] = Term(Scale(scale.phi, high, scale.logs), coefficient)
    return [term for term in groups.values() if term.coefficient != 0]


def _multiplied(first: list[Term], second: list[Term]) -> list[Term]:
    if len(first) * len(second) > _MOST_TERMS:
        raise Undecided("too many terms at infinity")
    return _collected(Term(a.scale.times(b.scale), a.coefficient * b.coefficient) for a, b in product(first, second))


def _lowered(term: Term) -> Term | None:
    """A zero of the coefficient at t = 0 moved into the power of x; None if it vanishes altogether."""
    coefficient, scale = term.coefficient, term.scale
    if not _vanishes(_at_infinity(coefficient)):
        return term
    if is_zero(coefficient):
        return None
    if coefficient.is_rational_function(T):
        numerator, denominator = sp.fraction(sp.cancel(coefficient))
        lowest = min(power for (power,) in sp.Poly(numerator, T).monoms())
        lowered = sp.cancel(numerator / T**lowest) / denominator
        return Term(Scale(scale.phi, scale.power - lowest, scale.logs), lowered)
    derivative = coefficient
    for order in range(1, _HIGHEST_ORDER + 1):
        derivative = sp.diff(derivative, T)
        if not _vanishes(_at_infinity(derivative)):
            # B(t)/t**order lies among the values of B^(order)/order! on [0, t] (Lagrange)
            return Term(Scale(scale.phi, scale.power - order, scale.logs), derivative / sp.factorial(order))
    raise Undecided("a coefficient that vanishes to high order at infinity")


def end_sign(function: sp.Expr, place: sp.Expr, side: str) -> tuple[int, sp.Rational]:
    """(s, d): `function` has the sign s on (place, place + d] ("+"), [place - d, place) ("-"), or beyond d if oo."""
    if place is sp.oo:
        return _first_answer(function, Tail.sign)
    value, radius = _first_answer(_moved(function, place, side), Tail.sign)
    return value, 1 / radius


def end_limit(function: sp.Expr, place: sp.Expr, side: str) -> sp.Expr:
    """The limit of `function` at `place` from the right ("+") or left ("-"), or at oo."""
    return _first_answer(function if place is sp.oo else _moved(function, place, side), Tail.limit)


def _moved(function: sp.Expr, place: sp.Expr, side: str) -> sp.Expr:
    """The function of y = 1/(distance from `place`)."""
    return function.xreplace({X: place + 1 / X if side == "+" else place - 1 / X})


def _first_answer(function: sp.Expr, ask: Callable[[Tail], T_]) -> T_:
    """The answer of the shortest expansion that gives one."""
    for order in _TAYLOR[:-1]:
        try:
            return ask(Tail(function, order))
        except Undecided as question:
            if question.open is not None:
                raise
    return ask(Tail(function))
