"""The expansion of one function at infinity, as a sum of terms that are exact or enclosed.

A function is written as a sum of terms

    exp(phi(x)) x**a log(x)**l B(1/x),      phi a sum of powers of x without constant term,

with B analytic at 0. What is exponentially or algebraically smaller than the
leading term *inside* a function (log(1 + exp(-x)), erf(x) = 1 - ...) is named by a
symbol that stands for a small quantity, and taken out by Taylor's formula. A
remainder is named by a symbol that stands for a bounded quantity: it has an
enclosure beyond each radius and is never taken for a number.
"""

from collections.abc import Callable, Iterable
from functools import partial

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import sign, vanishes
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.algebra.vocabulary import needed
from symtrans.calculus.asymptotics import special
from symtrans.calculus.asymptotics.growth import (
    ONE,
    Powers,
    Scale,
    T,
    Term,
    add_powers,
    at_infinity,
    collected,
    largest,
    multiplied,
    rational_lowered,
    taylor_quotients,
    vanishes_identically,
)
from symtrans.calculus.asymptotics.marks import Marks
from symtrans.calculus.enclosures.balls import enclose_with
from symtrans.calculus.undecided import Undecided, decided

_HIGHEST_ORDER = 12  # of a zero at infinity, in 1/x
_LARGEST_POWER = 24
_FAR = sp.Integer(2) ** 40


class Expansion(Marks):
    """The terms of a function at infinity; `order` counts those of each expansion in a small quantity.

    If `factored`, what cancels in a factor is taken out before the factors are multiplied: longer, and sharper where a
    denominator is only enclosed.

    Attributes
    ----------
    given : list of Term
        As they were read, with the symbols for small quantities in their coefficients.
    terms : list of Term
        Exact terms whose coefficients do not vanish at infinity, and remainders that are only enclosed.
    """

    def __init__(self, function: sp.Expr, order: int = 3, factored: bool = False) -> None:
        super().__init__()
        self._order = order
        self._factored = factored
        self.given = self._read(function)
        self.terms = self._normal(self.given)

    # -- normal form --------------------------------------------------------------

    def _normal(self, terms: Iterable[Term]) -> list[Term]:
        """Exact coefficients free of small symbols and not 0 at infinity, and remainders that are only enclosed."""
        split: list[Term] = []
        for term in terms:
            split += self._without_small(term)
        exact = [t for t in split if not self._marks(t.coefficient)]
        rest = [t for t in split if self._marks(t.coefficient)]
        lowered = [part for term in collected(exact) for part in self._lowered(term)]
        return [t for t in lowered if not self._marks(t.coefficient)] + collected(
            [t for t in lowered if self._marks(t.coefficient)] + rest
        )

    def _lowered(self, term: Term) -> list[Term]:
        """A zero of the coefficient at t = 0 moved into the power of x: Taylor's formula, the remainder only enclosed.

        With b_k = B^(k)(0)/k! and b_n the first that is not 0, it is
        B(t) = b_n t**n + ... + b_(m-1) t**(m-1) + t**m B^(m)(w)/m! with w between 0 and t.
        """
        scale = term.scale
        if not vanishes_identically(at_infinity(term.coefficient)):
            return [term]
        if is_zero(term.coefficient):
            return []
        if term.coefficient.is_rational_function(T):
            return [rational_lowered(term)]
        kept: list[sp.Expr] = []
        for power, quotient in enumerate(taylor_quotients(term.coefficient)):
            if len(kept) == self._order:
                break
            value = at_infinity(quotient)
            if kept or not vanishes_identically(value):
                kept.append(value)
            elif power == _HIGHEST_ORDER:
                raise Undecided("a coefficient that vanishes to high order at infinity")
        first = power - self._order
        polynomial = sp.Add(*(value * T**k for k, value in enumerate(kept)))
        between = self._new_bounded(lambda radius: self._enclosure(quotient, radius))
        return [
            Term(Scale(scale.phi, scale.power - first, scale.logs), polynomial),
            Term(Scale(scale.phi, scale.power - power, scale.logs), between),
        ]

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
            scale, derivative = scale.times(self._small[symbol]), differentiate(derivative, symbol)
        if derivative != 0:
            # each stands for a quantity between 0 and the small one
            small = derivative.free_symbols & set(self._small)
            bounded = {s: self._new_bounded(partial(self._enclosure, s)) for s in small}
            parts.append(Term(scale, derivative.xreplace(bounded) / sp.factorial(self._order)))
        return parts

    # -- reading ------------------------------------------------------------------

    def _read(self, expr: sp.Expr) -> list[Term]:
        if X not in expr.free_symbols:
            return [] if expr == 0 else [Term(ONE, expr)]
        if expr == X:
            return [Term(Scale(power=sp.S.One), sp.S.One)]
        if isinstance(expr, sp.Add):
            return collected([term for arg in expr.args for term in self._read(arg)])
        if isinstance(expr, sp.Mul):
            total = [Term(ONE, sp.S.One)]
            for arg in expr.args:
                factor = self._read(arg)
                total = multiplied(total, self._normal(factor) if self._factored else factor)
            return total
        if isinstance(expr, sp.exp):
            return self._read_exp(expr.exp)
        if isinstance(expr, sp.Pow) and X not in expr.exp.free_symbols:
            return self._read_power(expr.base, expr.exp)
        if isinstance(expr, sp.Pow) and X not in expr.base.free_symbols and expr.base.is_positive:
            return self._read_exp(sp.expand(expr.exp * sp.log(expr.base)))
        if isinstance(expr, sp.log):
            return self._read_log(expr.args[0])
        if isinstance(expr, special.SMOOTH):
            return self._read_function(expr.func, expr.args[0])
        if type(expr) in special.MOVING:
            return self._read_special(expr)
        if isinstance(expr, sp.Abs | sp.Max | sp.Min | sp.sign):
            return [self._enclosed_call(expr)]
        raise Undecided(f"the behaviour of {type(expr).__name__} at infinity is open")

    def _read_power(self, base: sp.Expr, exponent: sp.Expr) -> list[Term]:
        terms = self._read(base)
        whole = isinstance(exponent, sp.Integer)
        if whole and 0 <= exponent <= _LARGEST_POWER:
            total = [Term(ONE, sp.S.One)]
            for _ in range(int(exponent)):
                total = multiplied(total, terms)
            return total
        try:
            leading, ratio = self._leading(terms)
        except Undecided as question:
            if question.open is None and any(self._marks(term.coefficient) for term in terms):
                return [self._enclosed_call(base**exponent)]
            raise
        if not whole and sign(at_infinity(leading.coefficient)) < 0:
            raise Undecided("a root of a negative quantity at infinity")
        return [Term(leading.scale.to(exponent), leading.coefficient**exponent * (1 + ratio) ** exponent)]

    def _enclosed_call(self, node: sp.Expr) -> Term:
        """Of |u|, max(u, v), sgn(u), and of a function or power of what is only enclosed, no more than an enclosure."""
        known = {arg: Expansion(arg, self._order) for arg in node.args if X in arg.free_symbols}

        def enclosure(radius: sp.Rational) -> arb | None:
            balls = {arg: one.range(radius) for arg, one in known.items()}
            if None in balls.values():
                return arb(0, 1) if isinstance(node, sp.sign) else None
            return enclose_with(node, balls)

        return self._bounded_term(enclosure)

    def _bounded_term(self, enclosure: Callable[[sp.Rational], arb | None]) -> Term:
        """A term that is bounded from some radius on: more is taken for granted of what is only enclosed."""
        far = enclosure(_FAR)
        if far is None or not far.is_finite():
            raise Undecided("a quantity that may not be bounded at infinity")
        return Term(ONE, self._new_bounded(enclosure))

    def _leading(self, terms: list[Term]) -> tuple[Term, sp.Expr]:
        """The sum as D (1 + ratio): the leading term, and the rest over it in small symbols."""
        normal = self._normal(terms)
        if not normal:
            raise Undecided("zero at infinity under a power or logarithm")
        leading = largest(normal)
        # the terms are divided by it: it must not vanish for any values of the parameters either
        if self._marks(leading.coefficient) or vanishes(at_infinity(leading.coefficient)):
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
        is_whole = not scale.phi and not scale.logs and isinstance(scale.power, sp.Integer)
        if is_whole and not self._marks(term.coefficient):
            return T ** (-scale.power) * term.coefficient
        return self._new_small(scale) * term.coefficient

    def _tame(self, terms: Iterable[Term]) -> sp.Expr:
        return sp.Add(*(self._named(term) for term in terms))

    def _read_exp(self, exponent: sp.Expr) -> list[Term]:
        phi: Powers = ()
        front = ONE
        tame: list[Term] = []
        terms = self._read(exponent)
        if any(term.scale.phi and term.scale.order() > 0 for term in terms):
            return [self._flat(terms)]
        for term in terms:
            scale = term.scale
            if scale.order() <= 0:
                tame.append(term)
                continue
            if scale.is_logarithm() and not self._marks(term.coefficient):
                value = at_infinity(term.coefficient)
                front = front.times(scale.of_logarithm(value))
                tame += self._lowered(Term(scale, term.coefficient - value))
                continue
            if scale.logs or self._marks(term.coefficient):
                raise Undecided("an exponential of a logarithm or of a remainder that grows, at infinity")
            powers, rest = self._polynomial_part(scale.power, term.coefficient)
            phi = add_powers(phi, powers)
            tame += rest
        return [Term(front.times(Scale(phi)), sp.exp(self._tame(tame)))]

    def _flat(self, exponent: list[Term]) -> Term:
        """Exp(-E) as exp(-x**n) w for an E that grows like an exponential, with 0 <= w <= 1 where x**n <= E."""
        leading, ratio = self._leading(exponent)
        if not leading.scale.phi or sign(at_infinity(leading.coefficient)) > 0:
            raise Undecided("an exponential of an exponential or logarithm at infinity")
        power = sp.Integer(2) + 2 * sp.ceiling(leading.scale.phi[0][0])
        share = Scale(power=power).times(leading.scale.to(sp.S.NegativeOne))

        def enclosure(radius: sp.Rational) -> arb | None:
            size, bound = self._enclosure(-leading.coefficient * (1 + ratio), radius), share.bound(radius)
            return arb(0).union(arb(1)) if size is not None and bound is not None and bound < size else None

        return Term(Scale(((power, sp.S.NegativeOne),)), self._new_bounded(enclosure))

    def _polynomial_part(self, power: sp.Expr, coefficient: sp.Expr) -> tuple[Powers, list[Term]]:
        """x**power B(1/x) as growing powers of x, and what stays bounded."""
        if T not in coefficient.free_symbols:  # whatever parameters the power holds
            return ((power, at_infinity(coefficient)),), []
        powers: list[tuple[sp.Expr, sp.Expr]] = []
        derivative = coefficient
        order = 0
        while sign(power - order) > 0:
            value = at_infinity(derivative) / sp.factorial(order)
            if not vanishes_identically(value):
                powers.append((power - order, value))
            derivative = differentiate(derivative, T)
            order += 1
            if order > _HIGHEST_ORDER:
                raise Undecided("too high a power at infinity")
        if derivative == 0:
            return tuple(powers), []
        if coefficient.is_polynomial(T):
            left = coefficient - sp.Add(*(c * T ** (power - b) for b, c in powers))
            return tuple(powers), [Term(Scale(power=power - order), cancelled(left / T**order))]
        # Lagrange: the remainder is x**(power - order) B^(order)(t)/order! for some t in between
        rest = derivative / sp.factorial(order)
        between = self._new_bounded(lambda radius: self._enclosure(rest, radius))
        return tuple(powers), [Term(Scale(power=power - order), between)]

    def _read_log(self, argument: sp.Expr) -> list[Term]:
        leading, ratio = self._leading(self._read(argument))
        if sign(at_infinity(leading.coefficient)) < 0:
            raise Undecided("a logarithm at infinity is open")
        terms = [Term(Scale(power=b), c) for b, c in leading.scale.phi]
        for k, exponent in enumerate((leading.scale.power, *leading.scale.logs)):
            if exponent != 0:
                terms.append(Term(Scale(logs=(*[sp.S.Zero] * k, sp.S.One)), exponent))
        return collected([*terms, Term(ONE, sp.log(leading.coefficient) + sp.log(1 + ratio))])

    def _read_function(self, function: type[sp.Function], argument: sp.Expr) -> list[Term]:
        terms = self._read(argument)
        tame = decided(self._tame, terms)
        if tame is not None:
            return [Term(ONE, function(tame))]
        if function in special.ELEMENTARY:
            return self._read(special.ELEMENTARY[function](argument))
        if function in (sp.sin, sp.cos):
            return [Term(ONE, self._new_bounded(lambda radius: arb(0, 1)))]
        leading, ratio = self._leading(terms)
        side = sign(at_infinity(leading.coefficient))
        if function in special.ODD:
            return self._read(side * special.ODD[function](sp.expand(side * argument)))
        # atan u = +-pi/2 - atan(1/u)
        inverse = Term(leading.scale.to(sp.S.NegativeOne), 1 / (leading.coefficient * (1 + ratio)))
        return [Term(ONE, side * sp.pi / 2 - sp.atan(self._named(inverse)))]

    def _read_special(self, call: sp.Expr) -> list[Term]:
        """By the expansions of `special` where the argument grows or vanishes; else the function is analytic there."""
        place = special.MOVING[type(call)]
        argument = call.args[place]
        if any(X in arg.free_symbols for k, arg in enumerate(call.args) if k != place):
            raise Undecided(f"the behaviour of {type(call).__name__} at infinity is open")
        terms = self._read(argument)
        try:
            tame = self._tame(terms)
        except Undecided:
            leading, ratio = self._leading(terms)
            if leading.scale.order() <= 0:
                raise
            side = sign(at_infinity(leading.coefficient))
            formula = special.growing(call, argument, side, 2 * self._order)
            inverse = leading.scale.to(sp.S.NegativeOne)
            return self._read_formula(
                formula, lambda radius: self._size(inverse, leading.coefficient * (1 + ratio), radius)
            )
        arguments = list(call.args)
        arguments[place] = at_infinity(tame.xreplace(dict.fromkeys(self._marks(tame) & set(self._small), sp.S.Zero)))
        if self._marks(arguments[place]):
            return [self._enclosed_call(call)]
        if vanishes(arguments[place]):
            found = special.vanishing(
                call, argument, lambda: sign(at_infinity(self._leading(terms)[0].coefficient)), 4 * self._order
            )
            if found is not None:
                return self._read_formula(found, lambda radius: self._enclosure(tame, radius))
        for value, is_above in needed(call.func(*arguments, evaluate=False)):
            if sign(value) <= 0 if is_above else vanishes(value):
                return self._read(special.at_end(call, arguments[place]))
        arguments[place] = tame
        return [Term(ONE, call.func(*arguments))]

    def _read_formula(self, formula: special.Formula, known: Callable[[sp.Rational], arb | None]) -> list[Term]:
        """A formula in X whose remainders have their enclosures by what is `known` beyond a radius."""
        for symbol, enclosure in formula.remainders.items():
            self._bounded[symbol] = partial(_enclosed, enclosure, known)
        return self._read(formula.expr)

    def _size(self, inverse: Scale, coefficient: sp.Expr, radius: sp.Rational) -> arb | None:
        """A ball whose lower end is at most |u| beyond the radius, for u = coefficient/inverse."""
        size, bound = self._enclosure(1 / coefficient, radius), inverse.bound(radius)
        if size is None or bound is None:
            return None
        least = 1 / (abs(size) * bound).upper()
        return least if least.is_finite() else None


def _enclosed(
    enclosure: special.Enclosure, known: Callable[[sp.Rational], arb | None], radius: sp.Rational
) -> arb | None:
    ball = known(radius)
    return None if ball is None else enclosure(ball)
