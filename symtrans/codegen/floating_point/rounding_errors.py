"""What each operation of a program does to the errors of its arguments: a bound of the error goes with each value.

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
from symtrans.codegen.approximations.formats import Format, two_to
from symtrans.codegen.approximations.rounding import proof
from symtrans.codegen.program.three_address import SIGN, SLOPE, Instruction, Operation


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


Rule = Callable[..., Value]


class Errors:
    """What each operation of a program does to errors in one format.

    Parameters
    ----------
    format : Format
    """

    def __init__(self, format: Format) -> None:
        self.format = format
        self.unit = two_to(-format.precision)
        self._rules: Mapping[Operation, Rule] = {
            Operation.COPY: lambda a: a,
            Operation.NEGATIVE: lambda a: Value(-a.ball, a.relative, a.absolute),
            Operation.ADD: self._sum,
            Operation.SUBTRACT: lambda a, b: self._sum(a, Value(-b.ball, b.relative, b.absolute)),
            Operation.MULTIPLY: self._times,
            Operation.DIVIDE: self._quotient,
            Operation.FUSED: lambda a, b, c: self._sum(Value(*_product_of(a, b)), c),
            Operation.MODULUS: lambda a: Value(abs(a.ball), a.relative, a.absolute),
            Operation.SIGN: lambda a: exact(arb(1)),  # for r >= 0
            Operation.COPYSIGN: lambda a, b: a,
            Operation.MAXIMUM: lambda *values: _extreme(arb.max, values, lambda a, b: bool(a.reach > b.reach)),
            Operation.MINIMUM: lambda *values: _extreme(arb.min, values, lambda a, b: bool(a.reach < b.reach)),
            Operation.SQRT: self._root,
        }

    def rule(self, one: Instruction) -> Rule:
        """What one instruction does; there is none for the functions of a library."""
        if one.inlined:
            return self._function(one.operation)
        if one.operation is Operation.COPYSIGN and one.arguments[1] != SLOPE:
            raise Open
        if one.operation is Operation.MULTIPLY and SIGN in one.arguments:
            return lambda a, b: b if one.arguments[0] == SIGN else a
        if one.operation is Operation.MULTIPLY:
            number, scaled = one.arguments[0], one.arguments[-1]
            if isinstance(number, sp.Expr) and isinstance(scaled, str) and _is_power_of_two(number):
                factor = enclose_with(number, {})
                return lambda _, b: Value(b.ball * factor, b.relative, b.absolute * abs(factor))
        if one.operation not in self._rules:
            raise Open
        return self._rules[one.operation]

    def number(self, number: sp.Expr) -> Value:
        """An exact number, rounded to the format."""
        ball = enclose_with(number, {})
        error = abs(arb(self.format.round(ball)) - ball).abs_upper()
        return _settled(ball, error / ball.abs_lower() if error != 0 else arb(0), error)

    def rounded(self, value: Value) -> Value:
        """A value of a wider format, rounded to this one."""
        return self._rounded(*value)

    # what one operation does to errors -----------------------------------------------------------

    def _rounded(self, ball: arb, relative: arb, absolute: arb) -> Value:
        """One rounding more."""
        u = self.unit
        return _settled(ball, relative + u + relative * u, absolute + u * (abs(ball) + absolute))

    def _times(self, a: Value, b: Value) -> Value:
        return self._rounded(*_product_of(a, b))

    def _quotient(self, a: Value, b: Value) -> Value:
        """|a~/b~ - a/b| <= (e_a + |a/b| e_b)/|b~|."""
        ball = _wide_product(a.ball, 1 / b.ball)
        absolute = (a.absolute + abs(ball) * b.absolute) / b.reach.abs_lower()
        return self._rounded(ball, _less(a.relative, b.relative), absolute)

    def _sum(self, a: Value, b: Value) -> Value:
        """Of two terms; without a minus sign, the relative error is at most the larger of theirs, and a rounding."""
        ball, absolute = a.ball + b.ball, a.absolute + b.absolute
        relative = arb.pos_inf()
        if a.ball >= 0 and b.ball >= 0:
            relative = largest((a.relative, b.relative))
            relative += self.unit * (1 + relative)
        return _settled(ball, relative, absolute + self.unit * (abs(ball) + absolute))

    def _root(self, a: Value) -> Value:
        ball = a.ball.sqrt()
        return self._rounded(ball, 1 - (1 - a.relative).sqrt(), arb.pos_inf())

    def _function(self, operation: Operation) -> Rule:
        """An inlined function: what the error of its argument does, and its own proved error."""
        name = operation.value
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


def exact(ball: arb) -> Value:
    """A value without error."""
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


def _extreme(
    choose: Callable[[arb, arb], arb], values: tuple[Value, ...], beats: Callable[[Value, Value], bool]
) -> Value:
    """Only those that no other surely beats count."""
    values = tuple(value for value in values if not any(beats(other, value) for other in values))
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
    "rsqrt_held": _reciprocal_root,
}
