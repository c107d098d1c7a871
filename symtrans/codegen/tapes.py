"""Formulas as tapes of floating-point operations, which carry a bound of the error with each value.

One operation adds at most u times its result, u = eps/2 the unit roundoff,
whatever the binade (N. J. Higham, Accuracy and Stability of Numerical
Algorithms, 2002, sections 2.2 and 3.1). A fused operation rounds once where
two roundings are counted; a product with a power of two rounds not at all.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import sympy as sp
from flint import arb, fmpq

from symtrans.calculus.enclosures.balls import enclose_with
from symtrans.codegen.approximations.formats import FORMATS, Format, two_to
from symtrans.codegen.approximations.rounding import proof
from symtrans.codegen.common import SIGN, A, Named, R, moves
from symtrans.codegen.printers import VectorPrinter, is_product, two_factors


class Open(Exception):
    """A formula of which no bound is known."""


class Value(NamedTuple):
    """A ball that holds the exact value, and bounds of the error relative to it and as it is."""

    ball: arb
    relative: arb
    absolute: arb

    @property
    def reach(self) -> arb:
        """A ball that holds the computed value too."""
        return self.ball + arb(0, self.absolute.abs_upper())


_Rule = Callable[..., Value]


class Tape:
    """The operations of one branch in order; built once, run on each box."""

    def __init__(
        self, parameters: Iterable[str], constants: Iterable[Named], printer: VectorPrinter, format: Format
    ) -> None:
        self.format, self.printer = format, printer
        self.unit = two_to(-format.precision)
        one = _exact(arb(1))
        self.start: list[Value] = [one]  # the box itself comes first
        self.work: list[tuple[int, _Rule, tuple[int, ...]]] = []
        self.slots: dict[sp.Expr, int] = {R: 0, A: 0}
        self._known(SIGN, one)
        for name in parameters:
            self._known(sp.Symbol(name, positive=True), one)
        double = self if format is FORMATS["float64"] else Tape(parameters, constants, printer, FORMATS["float64"])
        for constant in constants:
            if double is self:
                self.slots[constant.symbol] = self.add(constant.expr)
            else:  # computed in double, then rounded
                self._known(constant.symbol, self._rounded(*double.start[double.slots[constant.symbol]]))

    def value_at(self, box: arb, slot: int) -> Value:
        """The value in one slot where |r| is in the box."""
        values = self.start.copy()
        values[0] = _exact(box)
        for target, rule, arguments in self.work:
            values[target] = rule(*[values[k] for k in arguments])
        return values[slot]

    def _known(self, symbol: sp.Symbol, value: Value) -> None:
        self.slots[symbol] = len(self.start)
        self.start.append(value)

    def _step(self, rule: _Rule, *arguments: int) -> int:
        """A new value; at once if it depends on no box."""
        self.start.append(_exact(arb(0)))
        slot = len(self.start) - 1
        changing = {0, *(target for target, _, _ in self.work)}
        if changing.isdisjoint(arguments):
            self.start[slot] = rule(*[self.start[k] for k in arguments])
        else:
            self.work.append((slot, rule, arguments))
        return slot

    def add(self, expr: sp.Expr) -> int:
        """The slot of a formula, as the printer writes it."""
        if expr not in self.slots:
            self.slots[expr] = self._added(expr)
        return self.slots[expr]

    def _added(self, expr: sp.Expr) -> int:
        call = self.printer.call_of(expr)
        if call is not None:
            return self._step(self._function(call[0]), self.add(call[1]))
        if expr.is_number:
            return self._number(expr)
        if isinstance(expr, sp.Add):
            return self._sum_of(expr)
        if isinstance(expr, sp.Mul):
            return self._product(expr)
        if isinstance(expr, sp.Pow):
            return self._product(expr) if expr.exp.could_extract_minus_sign() else self._power(expr.base, expr.exp)
        if isinstance(expr, sp.Abs):
            return self._step(_modulus, self.add(expr.args[0]))
        if isinstance(expr, sp.Max | sp.Min):
            return self._step(_larger if isinstance(expr, sp.Max) else _smaller, *map(self.add, expr.args))
        raise Open

    def _number(self, number: sp.Expr) -> int:
        ball = enclose_with(number, {})
        stored = arb(self.format.round(ball))
        error = abs(stored - ball).abs_upper()
        self.start.append(_settled(ball, error / ball.abs_lower() if error != 0 else arb(0), error))
        return len(self.start) - 1

    def _sum_of(self, expr: sp.Add) -> int:
        """Of a product and another term, as one operation that rounds once; see `VectorPrinter`."""
        if len(expr.args) == 2 and moves(expr):
            for product, rest in (expr.args, expr.args[::-1]):
                factors = two_factors(product)
                if factors is not None:
                    return self._step(self._fused, *map(self.add, factors), self.add(rest))
        return self._step(self._sum, *map(self.add, expr.args))

    def _product(self, expr: sp.Expr) -> int:
        above: list[int] = []
        below: list[int] = []
        scale = sp.S.One
        for factor in sp.Mul.make_args(expr):
            if factor == SIGN:  # 1 or -1
                continue
            if factor.is_number and _is_power_of_two(factor):
                scale = factor
            elif isinstance(factor, sp.Pow) and factor.exp.could_extract_minus_sign() and not self._is_call(factor):
                below.append(self._power(factor.base, -factor.exp))
            else:
                above.append(self.add(factor))
        result = self._all(above) if above else None if below else self.add(sp.S.One)
        if below:
            divisor = self._all(below)
            result = self._step(self._quotient, self.add(sp.S.One) if result is None else result, divisor)
        assert result is not None
        return result if scale == 1 else self._step(_scaled(enclose_with(scale, {})), result)

    def _is_call(self, factor: sp.Expr) -> bool:
        return self.printer.call_of(factor) is not None

    def _all(self, slots: list[int]) -> int:
        result, *others = slots
        for other in others:
            result = self._step(self._times, result, other)
        return result

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> int:
        """A product of factors and perhaps a square root."""
        slot, doubled = self.add(base), 2 * exponent
        if exponent == 1:
            return slot
        if not is_product(base, exponent):
            raise Open  # pow of the C library
        factors = [slot] * (int(doubled) // 2)
        if doubled % 2:
            factors.append(self._step(self._root, slot))
        return self._all(factors)

    # what one operation does to errors -----------------------------------------------------------

    def _rounded(self, ball: arb, relative: arb, absolute: arb) -> Value:
        """One rounding more."""
        u = self.unit
        return _settled(ball, relative + u + relative * u, absolute + u * (abs(ball) + absolute))

    def _times(self, a: Value, b: Value) -> Value:
        return self._rounded(*_product_of(a, b))

    def _fused(self, a: Value, b: Value, c: Value) -> Value:
        """The sum a b + c, rounded once."""
        return self._sum(Value(*_product_of(a, b)), c)

    def _quotient(self, a: Value, b: Value) -> Value:
        """|a~/b~ - a/b| <= (e_a + |a/b| e_b)/|b~|."""
        ball = _wide_product(a.ball, 1 / b.ball)
        absolute = (a.absolute + abs(ball) * b.absolute) / b.reach.abs_lower()
        return self._rounded(ball, _less(a.relative, b.relative), absolute)

    def _sum(self, *terms: Value) -> Value:
        """Each of the n - 1 partial sums is at most the sum of the moduli."""
        ball, absolute, size = arb(0), arb(0), arb(0)
        for term in terms:
            ball, absolute, size = ball + term.ball, absolute + term.absolute, size + abs(term.ball) + term.absolute
        relative = arb.pos_inf()
        if all(term.ball >= 0 for term in terms):  # an average of the terms' errors
            relative = largest(term.relative for term in terms)
            for _ in terms[1:]:
                relative += self.unit * (1 + relative)
        rounding = self.unit * ((abs(ball) + absolute) if len(terms) == 2 else (len(terms) - 1) * size)
        for _ in terms[2:]:
            rounding = rounding * (1 + self.unit)
        return _settled(ball, relative, absolute + rounding)

    def _root(self, a: Value) -> Value:
        ball = a.ball.sqrt()
        return self._rounded(ball, 1 - (1 - a.relative).sqrt(), arb.pos_inf())

    def _function(self, name: str) -> _Rule:
        """An inlined function: what the error of its argument does, and its own proved error."""
        own = arb(proof(name, self.format.name).relative)

        def rule(a: Value) -> Value:
            ball, relative, absolute = _RULES[name](a)
            size = abs(ball) + absolute
            value = _settled(ball, relative + own + relative * own, absolute + own * size)
            if name == "exp":
                return self._underflow(a.ball, a.reach, value)
            if name == "exp2_negative":
                return self._underflow(a.ball * arb(2).log(), a.reach * arb(2).log(), value)
            return value

        return rule

    def _underflow(self, t: arb, reach: arb, value: Value) -> Value:
        """Of exp(t): below 2^-bias the computed value is 0; a little above, it may be. Next to 0 it is 1."""
        ln2, bias = arb(2).log(), self.format.bias
        if abs(reach) < self.unit / 4:
            return _settled(value.ball, arb.pos_inf(), smallest(value.absolute, abs(t.expm1())))
        if reach > -(bias - 4) * ln2:
            return value
        least = arb(0) if reach < -bias * ln2 else two_to(4 - bias)
        return _settled(value.ball, arb.pos_inf(), value.ball.abs_upper().max(least))


def _exact(ball: arb) -> Value:
    return Value(ball, arb(0), arb(0))


def _settled(ball: arb, relative: arb, absolute: arb) -> Value:
    """Each bound follows from the other, too."""
    size = abs(ball)
    other, ratio = relative * size.abs_upper(), absolute / size.abs_lower()
    return Value(ball, smallest(relative, ratio), smallest(absolute, other))


def _product_of(a: Value, b: Value) -> tuple[arb, arb, arb]:
    """The exact product of two computed values."""
    absolute = abs(a.ball) * b.absolute + abs(b.ball) * a.absolute + a.absolute * b.absolute
    return _wide_product(a.ball, b.ball), (1 + a.relative) * (1 + b.relative) - 1, absolute


def _wide_product(a: arb, b: arb) -> arb:
    """Of two balls of one sign each, by their ends: wide balls keep their sign."""
    sign = (1 if a >= 0 else -1 if a <= 0 else 0) * (1 if b >= 0 else -1 if b <= 0 else 0)
    if sign == 0 or not (a.is_finite() and b.is_finite()):
        return a * b
    return sign * (a.abs_lower() * b.abs_lower()).union(a.abs_upper() * b.abs_upper())


def smallest(a: arb, b: arb) -> arb:
    """The smaller of two bounds; a bound that is no number is none."""
    a, b = (x.abs_upper() if x.is_finite() else arb.pos_inf() for x in (a, b))
    return a if a < b else b


def largest(bounds: Iterable[arb]) -> arb:
    """The largest of several bounds; infinite if one is none."""
    worst = arb(0)
    for bound in bounds:
        worst = worst.max(bound.abs_upper()) if bound.is_finite() else arb.pos_inf()
    return worst


def _less(a: arb, b: arb) -> arb:
    """The relative error of a quotient."""
    return (1 + a) / (1 - b) - 1 if b < fmpq(1, 2) else arb.pos_inf()


def _is_power_of_two(number: sp.Expr) -> bool:
    if not isinstance(number, sp.Rational) or number == 0:
        return False
    p, q = abs(int(number.p)), int(number.q)
    return p & (p - 1) == 0 and q & (q - 1) == 0


def _scaled(factor: arb) -> _Rule:
    return lambda a: Value(a.ball * factor, a.relative, a.absolute * abs(factor))


def _modulus(a: Value) -> Value:
    return Value(abs(a.ball), a.relative, a.absolute)


def _larger(*values: Value) -> Value:
    return _extreme(arb.max, values)


def _smaller(*values: Value) -> Value:
    return _extreme(arb.min, values)


def _extreme(choose: Callable[[arb, arb], arb], values: tuple[Value, ...]) -> Value:
    ball = values[0].ball
    for value in values[1:]:
        ball = choose(ball, value.ball)
    positive = all(value.ball >= 0 for value in values)
    relative = largest(value.relative for value in values) if positive else arb.pos_inf()
    return _settled(ball, relative, largest(value.absolute for value in values))


# What an error of the argument does to the exact function: (ball, relative, absolute).
def _exponential(a: Value) -> tuple[arb, arb, arb]:
    ball = a.ball.exp()
    relative = a.absolute.expm1()
    return ball, relative, (a.ball + a.absolute).exp() * relative


def _power_of_two(a: Value) -> tuple[arb, arb, arb]:
    return _exponential(Value(a.ball * arb(2).log(), a.relative, a.absolute * arb(2).log()))


def _exponential_less_one(a: Value) -> tuple[arb, arb, arb]:
    """For t <= 0 and c <= 1, exp(c t) - 1 lies between c (exp(t) - 1) and exp(t) - 1."""
    if not a.ball <= 0:
        raise Open
    return a.ball.expm1(), a.relative * (1 + a.relative), (a.ball + a.absolute).exp() * a.absolute.expm1()


def _logarithm(a: Value) -> tuple[arb, arb, arb]:
    return a.ball.log(), arb.pos_inf(), -(1 - a.relative).log()


def _concave(function: Callable[[arb], arb], slope: Callable[[arb], arb]) -> Callable[[Value], tuple[arb, arb, arb]]:
    """With f(0) = 0 and f concave from there on, f(c t) lies between c f(t) and f(t)."""

    def through(a: Value) -> tuple[arb, arb, arb]:
        if not a.ball >= 0:
            raise Open
        steepest = slope(a.reach.abs_lower().lower() if a.reach > 0 else arb(0))
        return function(a.ball), a.relative, abs(steepest) * a.absolute

    return through


def _reciprocal_root(a: Value) -> tuple[arb, arb, arb]:
    return a.ball.rsqrt(), (1 - a.relative).rsqrt() - 1, arb.pos_inf()


_RULES: Mapping[str, Callable[[Value], tuple[arb, arb, arb]]] = {
    "exp": _exponential,
    "exp2_negative": _power_of_two,
    "expm1_negative": _exponential_less_one,
    "log": _logarithm,
    "log1p": _concave(arb.log1p, lambda t: 1 / (1 + t)),
    "tanh": _concave(arb.tanh, lambda t: t.sech() ** 2),
    "atan": _concave(arb.atan, lambda t: 1 / (1 + t * t)),
    "erf": _concave(arb.erf, lambda t: 2 / arb.pi().sqrt() * (-t * t).exp()),
    "rsqrt": _reciprocal_root,
}
