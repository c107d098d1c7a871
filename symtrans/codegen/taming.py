"""Forms of a formula that stay accurate at both ends of the half line: arguments held, and polynomials next to 0.

A formula may be tame as a function and yet be 0 times infinity, or inf/inf, or a difference of equal numbers as it is
written. It is run, as it stands, at powers of 2 times its scale, and held against exact values: from where it is right
and no more than a power of r for all that a number can tell, its argument is held and the power goes in front. Next to
0 a polynomial may stand instead. What is chosen so is proved, if at all, by what proves any other program.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X, example_values
from symtrans.calculus.algebra.scales import nondimensional
from symtrans.calculus.enclosures.balls import ball_function, enclose
from symtrans.calculus.functions.expression import parity_in_x
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.cancellation import without_cancellation
from symtrans.codegen.exponentials import in_falling_exponentials
from symtrans.codegen.lowering import cut
from symtrans.codegen.program import SIGN as SIGN_NAME
from symtrans.codegen.program import SIZE, SLOPE, Instruction, Operation, follow
from symtrans.codegen.shared_parts import SIGN, A, Q, R
from symtrans.errors import NonlinearityError
from symtrans.runtime.budgets import OutOfTime, time_limit
from symtrans.runtime.caches import remembered

_TOLERANCE = 48  # in eps of the largest value so far: a form with smaller errors is right
_BITS = (192, 1024, 8192)
_SERIES_SECONDS = 4.0
_ORDERS = (8, 12, 18, 26)
_DENOMINATORS = 10  # of the power that a function grows with


@dataclass(frozen=True)
class Tamed:
    """A form in R, A and SIGN, and below a bound another one; `places` are those at which arguments are held."""

    form: sp.Expr
    bound: sp.Expr | None = None
    inner: sp.Expr | None = None
    places: frozenset[int] = frozenset()


def odd_form(expr: sp.Expr) -> sp.Expr:
    """The odd extension of a formula in |r|, in terms of `R`, or of `A` and `SIGN`."""
    if parity_in_x(expr) == -1:
        return expr.xreplace({X: R})
    if isinstance(expr, sp.Add):
        return sp.Add(*map(odd_form, expr.args))
    if X not in expr.free_symbols:
        return SIGN * expr
    factors = sp.Mul.make_args(expr)
    if X in factors:
        rest = sp.Mul(*(f for f in factors if f != X))
        return R * rest.xreplace({X: A})
    return SIGN * expr.xreplace({X: A})


def even_form(expr: sp.Expr) -> sp.Expr:
    """The even extension of a formula in |r|, in terms of `R` if it is one, else of `A`."""
    return expr.xreplace({X: R}) if parity_in_x(expr) == 1 else expr.xreplace({X: A})


@remembered(1024)
def tamed(
    expr: sp.Expr, odd: bool, low: sp.Expr, high: sp.Expr, dtype: str, preferred: frozenset[int] = frozenset()
) -> Tamed:
    """The form of a piece on (low, high), changed only where it is not right as it stands.

    Only the ends 0 and oo are looked at. Parameters stand for examples. Arguments are held at preferred
    powers of 2 times the scale if these will do.
    """
    plain = Tamed(odd_form(expr) if odd else even_form(expr))
    if (low != 0 and high is not sp.oo) or expr.is_polynomial(X) or isinstance(expr, sp.Piecewise):
        return plain
    try:
        with ctx.workprec(_BITS[0]):
            return _Trial(expr, odd, low, high, dtype, preferred).best()
    except (Undecided, NonlinearityError, OutOfTime):
        return plain


def held_at_ends(forms: tuple[Tamed, ...], low: sp.Expr, high: sp.Expr, dtype: str) -> tuple[Tamed, ...]:
    """Forms in `Q` for a piece on (low, high), with q held off 0 or infinity where one of them is no number there.

    It is held at the least normal or at the largest number.

    Examples
    --------
    >>> [one.form for one in held_at_ends((Tamed(sp.log(1 + A) / A),), sp.S.Zero, sp.S.One, "float32")]
    [log(Max(1/85070591730234615865843651857942052864, q) + 1)/Max(1/85070591730234615865843651857942052864, q)]
    """
    format = np.finfo(dtype)
    size: sp.Expr = Q
    # at 0 it is the inner form that counts, next to a polynomial: it is a number there
    parameters = frozenset[sp.Symbol]().union(*(one.form.free_symbols for one in forms)) - {R, A}
    examples = [one.form.xreplace({**example_values(parameters), R: A}) for one in forms]
    ends = (low == 0, 0.0, sp.Max, format.tiny), (high is sp.oo, math.inf, sp.Min, format.max)
    for is_end, end, hold, number in ends:
        there = np.dtype(dtype).type(end)
        values = [_followed(form, {SLOPE: there, SIZE: there}, dtype) for form in examples] if is_end else []
        if not all(map(np.isfinite, values)):
            size = hold(sp.Rational(float(number)), size)
    held = {R: size, A: size}
    return tuple(
        replace(
            one, form=one.form.xreplace(held), inner=None if one.inner is None else one.inner.xreplace({R: Q, A: Q})
        )
        for one in forms
    )


class _Trial:
    """One formula at many places: what it should be, and what forms of it are."""

    def __init__(
        self, expr: sp.Expr, odd: bool, low: sp.Expr, high: sp.Expr, dtype: str, preferred: frozenset[int]
    ) -> None:
        self._preferred, self._used = preferred, set[int]()
        self._expr, self._odd, self._dtype = expr, odd, dtype
        self._scale, self._factor, self._bare = nondimensional(expr)
        self._ends = low, high
        self._at_zero, self._at_infinity = low == 0, high is sp.oo
        format = np.finfo(dtype)
        self._eps, self._most, self._tiny = float(format.eps), float(format.max), float(format.tiny)
        self._take(example_values((expr.free_symbols | low.free_symbols | high.free_symbols) - {X}))

    def _take(self, given: Mapping[sp.Symbol, sp.Rational]) -> None:
        """Values of the parameters, and what follows."""
        self._given = given
        low, high = self._ends
        unit = self._number(self._scale)
        ends = [self._number(low), math.inf if high is sp.oo else self._number(high)]
        reach = int(-math.log2(self._tiny)) - 2
        exponents = [k for k in range(-reach, reach + 1) if abs(k) <= 16 or k % (4 if abs(k) < 64 else 16) == 0]
        self._exponents = [k for k in exponents if ends[0] < unit * 2.0**k < ends[1]]
        self._places = np.array([unit * 2.0**k for k in self._exponents], dtype=self._dtype)
        self._exact = self._values(self._expr)
        self._reach = [*accumulate((arb(0) if value is None else abs(value) for value in self._exact), arb.max)]

    def best(self) -> Tamed:
        """The plain form if it is right, else the first change that is, else that which is right in most places."""
        expr = self._expr
        plain = odd_form(expr) if self._odd else even_form(expr)
        right = self._right(plain)
        if all(right):
            return Tamed(plain)
        best, most = plain, right
        for form in self._changed(expr, right):
            found = self._right(form)
            if sum(found) > sum(most) and self._is_no_worse(form, plain):
                best, most = form, found
            if all(most):
                return Tamed(best, places=frozenset(self._used))
        wrong = [k for k in range(self._middle(most)) if not most[k]]
        if self._at_zero and wrong:
            return self._with_polynomial(best, wrong[-1] + 1)
        return Tamed(best, places=frozenset(self._used))

    def _changed(self, expr: sp.Expr, right: list[bool]) -> Iterator[sp.Expr]:
        """Other forms of the same function, the cheapest first."""
        held = self._held(expr, right)
        if held is not None:
            yield held
        falling = in_falling_exponentials(expr)
        if falling != expr:
            form = (SIGN if self._odd else 1) * falling.xreplace({X: A})
            yield form
            held = self._held(falling, self._right(form))
            if held is not None:
                yield held
        yield from self._in_parts(expr)
        if falling != expr:
            yield from self._in_parts(falling)

    def _in_parts(self, expr: sp.Expr) -> Iterator[sp.Expr]:
        """Each term of a sum by itself, or the exponentials of a product apart from all else."""
        ends = sp.S.Zero if self._at_zero else sp.S.One, sp.oo if self._at_infinity else sp.S.One
        if isinstance(expr, sp.Add):
            yield sp.Add(*(tamed(term, self._odd, *ends, self._dtype, self._preferred).form for term in expr.args))
        elif isinstance(expr, sp.Mul):
            calls = [f for f in expr.args if f.has(sp.Function) and X in f.free_symbols]
            others = sp.Mul(*(f for f in expr.args if f not in calls))
            if calls and X in others.free_symbols:
                part = tamed(sp.Mul(*calls), False, *ends, self._dtype).form
                yield tamed(others, self._odd, *ends, self._dtype).form * part

    def _is_no_worse(self, form: sp.Expr, plain: sp.Expr) -> bool:
        """For other values of parameters that are no scales."""
        if not self._bare.free_symbols - {X}:
            return True
        for shift in (2, 11):
            other = copy(self)
            other._take(example_values(self._given, shift))
            if any(before and not after for before, after in zip(other._right(plain), other._right(form), strict=True)):
                return False
        return True

    # -- what is right -------------------------------------------------------------

    def _number(self, expr: sp.Expr) -> float:
        return float(sp.N(expr.xreplace(self._given), 20))

    def _values(self, expr: sp.Expr) -> list[arb | None]:
        """Exact values, to a hundred bits; None where they are not found."""
        numbers = expr.xreplace(self._given)
        functions = {bits: ball_function(numbers, X, bits) for bits in _BITS[:1]}
        found: list[arb | None] = []
        for place in self._places:
            for bits in _BITS:
                with ctx.workprec(bits):
                    if bits not in functions:
                        functions[bits] = ball_function(numbers, X, bits)
                    ball = functions[bits](arb(float(place)))
                    if ball.is_finite() and (ball.rel_accuracy_bits() > 100 or abs(ball) < arb(2) ** -1200):
                        break
            else:
                found.append(None)
                continue
            found.append(arb(ball.mid()))
        return found

    def _right(self, form: sp.Expr) -> list[bool]:
        """Where a form is right: at each place."""
        sides = self._computed(form, 1), self._computed(form, -1) * (-1 if self._odd else 1)
        found = zip(*sides, self._exact, self._reach, strict=True)
        return [all(self._is_right(value, exact, reach) for value in both) for *both, exact, reach in found]

    def _is_right(self, computed: float, exact: arb | None, reach: arb) -> bool:
        if exact is not None and abs(exact) > self._most / 4:
            return True
        if exact is None or not math.isfinite(computed):
            return exact is None and math.isfinite(computed)
        return bool(abs(arb(float(computed)) - exact) <= _TOLERANCE * self._eps * reach + 4 * self._tiny)

    def _computed(self, form: sp.Expr, side: int) -> np.ndarray:
        kind = np.dtype(self._dtype).type
        values = {SLOPE: side * self._places, SIZE: self._places, SIGN_NAME: kind(side)}
        return np.broadcast_to(_followed(form.xreplace(self._given), values, self._dtype), self._places.shape)

    # -- held arguments ------------------------------------------------------------

    def _held(self, expr: sp.Expr, right: list[bool]) -> sp.Expr | None:
        """With its argument held from where it is a power of r for all that a number can tell."""
        below, above = None, None
        middle, count = self._middle(right), len(right)
        if self._at_infinity and not all(right[middle:]):
            last = next(k for k in range(middle, count) if not right[k]) - 1
            above = self._power(range(middle, last + 1), range(last + 1, count), self._powers_beyond())
            if above is None:
                return None
        if self._at_zero and not all(right[:middle]):
            first = next(k for k in range(middle, -1, -1) if not right[k]) + 1
            below = self._power(range(middle, first - 1, -1), range(first), (sp.S.Zero, sp.S.One))
        if below is None and above is None:
            return None
        return self._form(expr, below, above)

    def _middle(self, right: list[bool]) -> int:
        """A place near the scale, where the form is right."""
        return min(range(len(right)), key=lambda k: (not right[k], abs(self._exponents[k])))

    def _powers_beyond(self) -> tuple[sp.Expr, ...]:
        """With what power of r the function may grow: 0 and 1 first, which cost least."""
        powers = [sp.S.Zero, sp.S.One]
        if not any(power.exp.free_symbols for power in self._expr.atoms(sp.Pow)):
            before, last = self._exact[-2:]
            if before is not None and last is not None and before * last > 0:
                steps = self._exponents[-1] - self._exponents[-2]
                slope = float((last / before).log() / arb(2).log()) / steps
                near = sp.Rational(slope).limit_denominator(_DENOMINATORS)
                if abs(float(near) - slope) < 1e-6:
                    powers.append(near)
        return tuple(powers)

    def _power(self, here: range, others: range, powers: tuple[sp.Expr, ...]) -> tuple[sp.Expr, sp.Expr] | None:
        """(place, power): from a place on, out of those where the form is right, it is that power of r."""
        for power in powers:
            grown = enclose(power, _BITS[0])
            start = next((n for n, k in enumerate(here) if self._continues(k, [*here[n + 1 :], *others], grown)), None)
            if start is not None:
                places = [self._exponents[k] for k in here[start:]]
                halfway = places[len(places) // 2]  # to where it goes wrong
                place = next((k for k in sorted(self._preferred, key=abs) if k in places), halfway)
                self._used.add(place)
                return self._scale * sp.Integer(2) ** place, power
        return None

    def _continues(self, at: int, others: list[int], power: arb) -> bool:
        there = self._exact[at]
        if there is None:
            return False
        for k in others:
            exact, reach = self._exact[k], self._reach[max(k, at)]
            if exact is None:
                continue
            expected = there * (arb(2) ** (self._exponents[k] - self._exponents[at])) ** power
            if not abs(expected - exact) <= 4 * self._eps * (reach if k > at else self._reach[k]) + self._tiny:
                return False
        return True

    def _form(
        self, expr: sp.Expr, below: tuple[sp.Expr, sp.Expr] | None, above: tuple[sp.Expr, sp.Expr] | None
    ) -> sp.Expr:
        size, front = A, sp.S.One
        if below is not None:
            size = sp.Max(below[0], size)
            front *= sp.Min(A / below[0], 1) ** below[1]
        if above is not None:
            size = sp.Min(above[0], size)
            front *= sp.Min(above[0] / A, 1) ** -above[1]  # below the line, where nothing overflows
        alike = expr is self._expr and parity_in_x(expr) == (-1 if self._odd else 1)
        if above is not None and below is None and front == 1 and alike:
            return expr.xreplace({X: sp.Max(-above[0], sp.Min(above[0], R))})
        return front * (SIGN if self._odd else 1) * expr.xreplace({X: size})

    # -- next to 0 -----------------------------------------------------------------

    def _with_polynomial(self, form: sp.Expr, first: int) -> Tamed:
        """The polynomial of least degree that is right below the first place from which the form is."""
        bound = self._scale * sp.Integer(2) ** self._exponents[first]
        # what depends on a root of x may be smooth in it alone
        root = 2 if any(2 * power.exp == 1 and power.base == X for power in self._bare.atoms(sp.Pow)) else 1
        for order in _ORDERS:
            try:
                with time_limit(_SERIES_SECONDS):
                    terms = sp.series(self._bare.xreplace({X: X**root}), X, 0, order).removeO()
            except sp.PoleError:
                break
            if not terms.is_polynomial(X):
                break
            inner = self._polynomial(sp.Poly(terms, X), root)
            if all(self._right(inner)[: first + 1]):
                return Tamed(form, bound, inner)
        return Tamed(form)

    def _polynomial(self, terms: sp.Poly, root: int) -> sp.Expr:
        """By Horner's rule, in R where it is odd or even as its function; or in a root of A."""
        powers = [(power, coefficient) for (power,), coefficient in reversed(terms.terms())]
        if root == 2 and all(power % 2 == 0 for power, _ in powers):
            root, powers = 1, [(power // 2, coefficient) for power, coefficient in powers]
        alike = root == 1 and all(power % 2 == self._odd for power, _ in powers)
        y = (sp.root(A, root) if not alike else R) / sp.root(self._scale, root)
        total, above = sp.S.Zero, None
        for power, coefficient in reversed(powers):
            total = coefficient + (sp.S.Zero if above is None else y ** (above - power) * total)
            above = power
        front = self._factor * y ** (above or 0)
        return front * total * (SIGN if self._odd and not alike else 1)


def _followed(form: sp.Expr, values: dict[Any, Any], dtype: str) -> np.ndarray:
    """What a form without parameters comes to, each step in the dtype."""
    instructions, value = cut(without_cancellation(form))

    def number(exact: sp.Expr) -> Any:
        return np.dtype(dtype).type(float(sp.N(exact, 20)))

    def rule(one: Instruction) -> Callable[..., Any]:
        function = _RUN[one.operation]
        return lambda *given: np.asarray(function(*given), dtype=dtype)

    with np.errstate(all="ignore"):
        follow(instructions, values, number, rule)
    return np.asarray(values[value] if isinstance(value, str) else number(value))


def _by_number(function: Callable[[float], float]) -> Callable[..., np.ndarray]:
    return np.vectorize(function, otypes=[float])


_RUN: Mapping[Operation, Callable[..., Any]] = {
    Operation.COPY: np.positive,
    Operation.NEGATIVE: np.negative,
    Operation.ADD: np.add,
    Operation.SUBTRACT: np.subtract,
    Operation.MULTIPLY: np.multiply,
    Operation.DIVIDE: np.divide,
    Operation.MODULUS: np.abs,
    Operation.MINIMUM: np.minimum,
    Operation.MAXIMUM: np.maximum,
    Operation.SQRT: np.sqrt,
    Operation.POWER: np.power,
    Operation.EXP2_NEGATIVE: np.exp2,
    Operation.EXPM1_NEGATIVE: np.expm1,
    Operation.ATAN: np.arctan,
    Operation.ASIN: np.arcsin,
    Operation.ACOS: np.arccos,
    Operation.ASINH: np.arcsinh,
    Operation.ERF: _by_number(math.erf),
    Operation.ERFC: _by_number(math.erfc),
    **{
        operation: getattr(np, operation.value)
        for operation in map(Operation, ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh"))
    },
}
