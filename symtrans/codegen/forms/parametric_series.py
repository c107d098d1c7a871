"""Power series whose coefficients are rational functions of parameters, and of values of functions of these.

What makes coefficients long is work that is counted, so that no clock decides.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import add
from typing import Any

import sympy as sp
from flint import ctx
from sympy.polys.fields import FracElement, field

from symtrans.calculus.undecided import Undecided

_MOST_NAMES = 10  # parameters, and functions of them, that coefficients are made of
_MOST_TERMS = 120  # of a coefficient, above and below the line


class Coefficients:
    """The field of rational functions of what is named; a name is given where something is met first."""

    def __init__(self) -> None:
        self._field, *names = field([f"c{k}" for k in range(_MOST_NAMES)], sp.QQ)
        self._free: list[FracElement] = names
        self._named: dict[sp.Expr, FracElement] = {}
        self._relations: list[Any] = []

    def number(self, expr: sp.Expr) -> FracElement:
        """The element that is an expression in parameters."""
        if expr.is_Rational:
            return self._field.ground_new(sp.QQ(expr.p, expr.q))
        if isinstance(expr, sp.Add | sp.Mul):
            return reduce(add if expr.is_Add else lambda a, b: a * b, map(self.number, expr.args))
        base, exponent = (expr, sp.S.One) if isinstance(expr, sp.exp) else expr.as_base_exp()
        if exponent.is_Integer and exponent != 1:
            return self.number(base) ** int(exponent)
        if exponent.is_Rational and exponent != 1:  # a power of a root
            return self._name(sp.root(base, exponent.q)) ** int(exponent.p)
        if isinstance(expr, sp.exp) and expr.exp.could_extract_minus_sign():
            return 1 / self._name(sp.exp(-expr.exp))
        return self._name(expr)

    def expression(self, element: FracElement) -> sp.Expr:
        """What an element stands for; powers of roots are reduced, so that what is 0 is 0."""
        above = element.numer.rem(self._relations) if self._relations else element.numer
        names = {name.as_expr(): expr for expr, name in self._named.items()}
        return (above.as_expr() / element.denom.as_expr()).xreplace(names)

    def _name(self, expr: sp.Expr) -> FracElement:
        if expr not in self._named:
            if expr.is_Pow and expr.exp.is_Rational:
                inside = self.number(expr.base)
            if len(self._free) < 2:
                raise Undecided(f"coefficients with {expr} have too many parts")
            name = self._named[expr] = self._free.pop()  # the last first: a root goes before what it is made of
            if expr.is_Pow and expr.exp.is_Rational:
                self._relations.append(name.numer ** int(expr.exp.q) * inside.denom - inside.numer)
        return self._named[expr]


class Series:
    """c0 + c1 x + ..., as many terms as `ctx.cap` says."""

    def __init__(self, coefficients: Iterable[Any], kept: Coefficients) -> None:
        self.kept = kept
        given = [c if isinstance(c, FracElement) else kept.number(sp.Integer(c)) for c in coefficients]
        self._c = (given + [kept.number(sp.S.Zero)] * ctx.cap)[: ctx.cap]
        if any(len(c.numer) + len(c.denom) > _MOST_TERMS for c in self._c):
            raise Undecided("coefficients of a series are too long")

    def coeffs(self) -> list[FracElement]:
        """All that are known."""
        return self._c

    def __getitem__(self, k: int) -> FracElement:
        return self._c[k]

    def _made(self, coefficients: Iterable[Any]) -> "Series":
        return Series(coefficients, self.kept)

    def __add__(self, other: "Series | int") -> "Series":
        if isinstance(other, int):
            return self._made([self._c[0] + other, *self._c[1:]])
        return self._made(map(add, self._c, other._c))

    __radd__ = __add__

    def __mul__(self, other: Any) -> "Series":
        if not isinstance(other, Series):
            return self._made(c * other for c in self._c)
        return self._made(_convolved(self._c, other._c, n) for n in range(ctx.cap))

    def __neg__(self) -> "Series":
        return self * -1

    def __truediv__(self, other: Any) -> "Series":
        return self * (other**-1 if isinstance(other, Series) else self.kept.number(sp.S.One) / other)

    def __rtruediv__(self, other: int) -> "Series":
        return self**-1 * other

    def __pow__(self, exponent: int) -> "Series":
        return self.raised(exponent)

    def raised(self, exponent: Any) -> "Series":
        """By n c0 p_n = the sum of (e k - (n - k)) c_k p_(n-k), Euler's recurrence; c0 is 1 unless e is an integer."""
        if exponent == 0:
            return self._made([1])
        first = self._c[0]
        powers: list[Any] = [first**exponent if isinstance(exponent, int) else first]
        for n in range(1, ctx.cap):
            total = sum(
                ((exponent * k - (n - k)) * self._c[k] * powers[n - k] for k in range(1, n + 1) if self._c[k]),
                first * 0,
            )
            powers.append(total / (n * first))
        return self._made(powers)

    def sqrt(self) -> "Series":
        """Of a series that begins with 1."""
        return self.raised(self.kept.number(sp.S.Half))

    def _integral(self, first: Any) -> "Series":
        return self._made([first, *(c / (n + 1) for n, c in enumerate(self._c[:-1]))])

    def _derivative(self) -> "Series":
        return self._made(n * c for n, c in enumerate(self._c[1:], 1))

    def value(self, function: Callable[[sp.Expr], sp.Expr]) -> FracElement:
        """Of a function at the first coefficient."""
        return self.kept.number(function(self.kept.expression(self._c[0])))

    def exp(self) -> "Series":
        """By e' = c' e."""
        found = [self.value(sp.exp)]
        for n in range(1, ctx.cap):
            found.append(self._next(found, n))
        return self._made(found)

    def sin_cos(self) -> tuple["Series", "Series"]:
        """By s' = c' cos and cos' = -c' s."""
        sine, cosine = [self.value(sp.sin)], [self.value(sp.cos)]
        for n in range(1, ctx.cap):
            more = self._next(cosine, n), -self._next(sine, n)
            sine.append(more[0])
            cosine.append(more[1])
        return self._made(sine), self._made(cosine)

    def _next(self, other: list[FracElement], n: int) -> FracElement:
        """Coefficient n of the integral of c' times another series: the sum of k c_k o_(n-k), over n."""
        terms = (k * self._c[k] * other[n - k] for k in range(1, n + 1) if self._c[k])
        return sum(terms, self._c[0] * 0) / n

    def tanh(self) -> "Series":
        """By the theorem of addition: exponentials of parameters overflow where it does not."""
        first, rest = self.value(sp.tanh), (self._made([0, *self._c[1:]]) * 2).exp()
        inner = (rest + -1) / (rest + 1)
        below: Series = inner * first + 1
        return (inner + self._made([first])) / below

    def primitive(self, function: Callable[[sp.Expr], sp.Expr], slope: "Series") -> "Series":
        """A function of the series by what its derivative is there."""
        return (slope * self._derivative())._integral(self.value(function))

    def root(self, exponent: sp.Expr) -> "Series":
        """A power of a series by any exponent."""
        first = self.value(lambda c: c**exponent)
        found: Series = (self / self._c[0]).raised(self.kept.number(exponent)) * first
        return found


def _convolved(one: list[Any], other: list[Any], n: int) -> Any:
    return sum((a * other[n - k] for k, a in enumerate(one[: n + 1]) if a and other[n - k]), one[0] * 0)


_TWO_OVER_ROOT_PI = 2 / sp.sqrt(sp.pi)

FUNCTIONS: Mapping[type[sp.Basic], Callable[[Series], Series]] = {
    sp.exp: Series.exp,
    sp.sin: lambda f: f.sin_cos()[0],
    sp.cos: lambda f: f.sin_cos()[1],
    sp.tanh: Series.tanh,
    sp.sinh: lambda f: (f.exp() + -((-f).exp())) / 2,
    sp.cosh: lambda f: (f.exp() + (-f).exp()) / 2,
    sp.log: lambda f: f.primitive(sp.log, f**-1),
    sp.atan: lambda f: f.primitive(sp.atan, (f * f + 1) ** -1),
    sp.atanh: lambda f: f.primitive(sp.atanh, (-(f * f) + 1) ** -1),
    sp.asinh: lambda f: f.primitive(sp.asinh, (f * f + 1).root(-sp.S.Half)),
    sp.asin: lambda f: f.primitive(sp.asin, (-(f * f) + 1).root(-sp.S.Half)),
    sp.erf: lambda f: f.primitive(sp.erf, (-(f * f)).exp() * f.kept.number(_TWO_OVER_ROOT_PI)),
    sp.erfc: lambda f: f.primitive(sp.erfc, (-(f * f)).exp() * f.kept.number(-_TWO_OVER_ROOT_PI)),
}
