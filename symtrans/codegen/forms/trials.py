"""A formula at many places of the half line: exact values, and where forms of it come near enough to them.

It is tried for several values of its parameters that are no scales; where r over its scale over- or underflows, too.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate
from typing import Any, Self, TypeAlias

import numpy as np
import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X, example_values
from symtrans.calculus.algebra.scales import lengths
from symtrans.calculus.enclosures.balls import ball_function
from symtrans.codegen.forms.form import Tamed, examples_of
from symtrans.codegen.forms.running import run
from symtrans.codegen.forms.units import Units, stretched

BITS = (192, 1024, 8192)
_TOLERANCE = 48  # in eps of the largest value so far: a form with smaller errors is right
_CLEARLY = 16  # times that tolerance a form must be off for other parameters to be refused
_BESIDE = 8  # eps that r itself may be off: where a function is steep, no form can do better
SIZES = (-20, 20)  # powers of 2 that a parameter is tried at beside its example
_POWERS = (-5, 5)  # the same for exponents
_BESIDE_R = (5,)  # also for what is added to r: a function of the difference is nothing but where that is moderate
_APART = (-4, 4)  # the same where there are several scales
_INFINITE = 2**10  # times its value halfway to the scale a function is next to 0 if it is infinite; a logarithm is not
_SMALL = 6  # octaves of the scale below 1
_FAR = 40  # and so many more where r over it is to overflow
_MANTISSA = float(np.float32(1.3))  # of places: powers of 2 would hide roundings

Form: TypeAlias = sp.Expr | Tamed
Hold: TypeAlias = tuple[sp.Expr, sp.Expr] | None
"""A place from which an argument is held, and the power of r that the function is beyond."""


@dataclass(frozen=True)
class Formula:
    """A function of x on a piece (low, high) of the half line, and what is asked of its forms.

    Attributes
    ----------
    expr : Expr
    odd : bool
        Whether the function is odd; else it is even.
    low, high : Expr
    dtype : {"float64", "float32"}
    preferred : frozenset of int
        Powers of 2 times the scale at which arguments are held if these will do; those of exponentials that are
        right, too.
    weight : float
        Errors are small against the largest value so far, each times |r| to this power: what is multiplied by that must
        not fall more slowly than it should.
    """

    expr: sp.Expr
    odd: bool
    low: sp.Expr
    high: sp.Expr
    dtype: str
    preferred: frozenset[int] = frozenset()
    weight: float = 0.0

    @property
    def at_zero(self) -> bool:
        """Whether the piece begins at 0."""
        return bool(self.low == 0)

    @property
    def at_infinity(self) -> bool:
        """Whether the piece has no end."""
        return self.high is sp.oo


class Trial:
    """One formula at many places, for given parameters; beside it the same for others.

    Of several scales one may be given.
    """

    def __init__(self, what: Formula, scale: sp.Expr | None = None) -> None:
        self._what, self._expr, self._is_one_of_several = what, what.expr, scale is not None
        self._at_zero, self._at_infinity = what.at_zero, what.at_infinity
        self._to_themselves, self._used = False, set[int]()
        self._shared: dict[sp.Expr, tuple[Hold, Hold]] = {}
        self._units = units = Units(what.expr, what.odd, scale)
        self._scale, self._factor, self._bare = units.scale, units.factor, units.bare
        format = np.finfo(what.dtype)
        self._eps, self._most, self._tiny = float(format.eps), float(format.max), float(format.tiny)
        expr = what.expr
        signs = examples_of((expr.free_symbols | what.low.free_symbols | what.high.free_symbols) - {X})
        examples = signs[0]
        several = lengths(expr)
        # where r is over no scale, places move with all lengths, or with what is added to powers of r, beside 1
        sums = [part for part in expr.atoms(sp.Add) if not part.has(sp.Function)]
        beside = sorted({length for part in sums for length in lengths(part)}, key=sp.default_sort_key)
        moving = several or [sp.S.One, *beside]
        self._near, self._far = (end(*moving) if self._scale == 1 else self._scale for end in (sp.Min, sp.Max))
        self._take(examples)
        self._all: list[Any] = [self]
        if free := units.bare.free_symbols - {X}:
            given = [*(example_values(examples, shift) for shift in (2, 11)), *signs[1:]]
            powers = {s for power in expr.atoms(sp.Pow) for s in power.exp.free_symbols}
            shifts = {s for one in beside for s in one.free_symbols} if not several else {}
            for s in sorted(free, key=str):
                octaves = (_POWERS if s in powers else SIZES) + (_BESIDE_R if s in shifts else ())
                sizes = [sp.Integer(2) ** k for k in octaves]
                given += [{**signed, s: signed[s] * size} for signed in signs for size in sizes]
            if self._scale == 1:
                given += [stretched(examples, sp.Mul(*several), k) for k in SIZES if several]
            self._all += [self._for(values) for values in given]
        for k in _APART if len(several) > 1 else ():  # what is nothing but at one length is seen there
            (first,) = several[0].free_symbols
            values = {**examples, first: examples[first] * sp.Integer(2) ** k}
            self._all += [self._for(values, length) for length in several if length != self._scale]

    def _for(self, given: Mapping[sp.Symbol, sp.Rational], length: sp.Expr | None = None) -> Self:
        """The same formula for other parameters."""
        other = copy(self)
        other._take(given, length)
        return other

    def _take(self, given: Mapping[sp.Symbol, sp.Rational], length: sp.Expr | None = None) -> None:
        """Values of the parameters, and what follows; the scale is small, so that r over it overflows, too.

        One of the places is a length if that is given.
        """
        self._given = self._units.smaller(given, _SMALL)
        low, high = self._what.low, self._what.high
        unit = self._number(self._near)
        mantissa = _MANTISSA if length is None else 2 * math.frexp(self._number(length) / unit)[0]
        ends = [self._number(low), math.inf if high is sp.oo else self._number(high)]
        least, most = (round(math.log2(end)) for end in (self._tiny, self._most))
        exponents = [k for k in range(least, most) if abs(k) <= 16 or k % (4 if abs(k) < 64 else 16) == 0]
        exponents += [*range(least, least + 4), *range(most - 4, most + _SMALL + 1)]
        with np.errstate(over="ignore"):
            found = {k: float(np.ldexp(unit * mantissa, k)) for k in sorted({*exponents})}
        kept = {k: x for k, x in found.items() if ends[0] < x < ends[1] and self._tiny < x < self._most}
        self._exponents = [*kept]
        # where r over the scale may overflow, or vanish, and r does not
        self._overflowing = {k for k, exponent in enumerate(kept) if abs(exponent) > most - 2}
        self._places = np.array([*kept.values()], dtype=self._what.dtype)
        self._beside: dict[int, arb | None] = {}
        self._found: dict[tuple[sp.Expr, int, int], np.ndarray] = {}
        self._where_right: dict[tuple[Form, int, bool], list[bool]] = {}
        self._exact = self._values(self._expr)
        self._reach = self._largest_so_far([arb(0) if value is None else abs(value) for value in self._exact])
        # the same as sums of two doubles, 0 where it is not known or beyond what kernels hold
        self._is_beyond = np.array(
            [value is not None and bool(abs(value) > self._most / 4) for value in self._exact], bool
        )
        self._is_within = ~self._is_beyond & np.array([value is not None for value in self._exact], bool)
        known = [arb(0) if value is None or abs(value) > self._most / 4 else value for value in self._exact]
        self._nearest = np.array([float(value) for value in known])
        self._rest = np.array([float(value - float(value)) for value in known])
        self._reaches = np.array([float(value) for value in self._reach])

    def _largest_so_far(self, sizes: list[arb]) -> list[arb]:
        """The largest value on [0, |r|]; of what is infinite at 0 that between |r| and the scale.

        With a weight it is the sum of all values so far, each times |r| to that power, over that: for dg/dq about the
        change of g, to which q times dg/dq is added.
        """
        if not sizes:
            return sizes
        weights = [arb(float(place)) ** arb(self._what.weight) for place in self._places]
        weighted = [size * weight for size, weight in zip(sizes, weights, strict=True)]
        so_far = partial(accumulate, func=arb.__add__ if self._what.weight else arb.max)
        middle, halfway = (
            min(range(len(sizes)), key=lambda k: abs(self._exponents[k] - place))
            for place in (0, self._exponents[0] // 2)
        )
        if self._at_zero and weighted[0] > _INFINITE * weighted[halfway] > 0:
            inside = [*so_far(weighted[middle::-1])]  # else all but what is next to 0 would count for nothing
            found = [*inside[:0:-1], *so_far(weighted[middle:])]
        else:
            found = [*so_far(weighted)]
        return [size / weight for size, weight in zip(found, weights, strict=True)]

    def _count(self, form: Form) -> int:
        """At how many places it is right, for any of the parameters."""
        return sum(sum(trial._right(form)) for trial in self._all)

    @contextmanager
    def _by_themselves(self) -> Iterator[None]:
        """Within it errors are measured by each value itself."""
        for trial in self._all:
            trial._to_themselves = True
        try:
            yield
        finally:
            for trial in self._all:
                trial._to_themselves = False

    def _lost(self, form: Form) -> int:
        """At how many places a value has lost its digits, though it is not small beside the largest one, squared."""

        def counts(trial: Self, k: int, computed: float) -> bool:
            exact = trial._exact[k]
            least = trial._eps**2 * trial._reach[k]
            return exact is not None and (abs(exact) > least or not abs(arb(float(computed))) < least)

        return sum(
            not right and k not in trial._overflowing and counts(trial, k, computed)
            for trial in self._all
            for k, (right, computed) in enumerate(zip(trial._right(form), trial._computed(form, 1), strict=True))
        )

    def _size(self, k: int, is_held: bool = False) -> arb:
        """What errors at a place are measured by: the value itself, or roundings of the largest one beyond a hold."""
        exact = self._exact[k]
        if not self._to_themselves or exact is None:
            return self._reach[k]
        return arb.max(abs(exact), self._reach[k] * self._eps) if is_held else abs(exact)

    def _is_right_inside(self, form: Form) -> bool:
        """But where r times other parameters may over- or underflow, for any of them."""
        most = round(math.log2(self._most)) - 2 - 2 * max(SIZES)
        return all(
            right or abs(exponent) > most
            for one in self._all
            for exponent, right in zip(one._exponents, one._right(form), strict=True)
        )

    def _is_no_worse(self, form: Form, plain: Form) -> bool:
        """For other values of parameters that are no scales; where r over the scale overflows, that of two may be.

        Without such parameters for what there is; else forms are counted there.
        """
        for other in [one for one in self._all if one is not self] or [self]:
            pairs = enumerate(zip(other._right(plain), other._right(form, _CLEARLY), strict=True))
            if any(good and not right and k not in other._overflowing for k, (good, right) in pairs):
                return False
        return True

    def _count_finite_at(self, at_zero: bool, form: sp.Expr) -> int:
        """For how many of the parameters."""
        return sum(trial._is_finite_at(at_zero, form) for trial in self._all)

    def _is_finite_at(self, at_zero: bool, form: sp.Expr) -> bool:
        """At 0, or at the largest place for a scale so small that r over it overflows."""
        if not at_zero and len(self._all) == 1 == self._scale:
            return True
        # r over the scale may vanish, powers of 1/r may be shared, and of subnormal numbers kernels take no logarithm
        place = np.array([0], self._what.dtype) if at_zero else self._places[-1:]
        given = self._given if at_zero or self._scale == 1 else self._units.smaller(self._given, _FAR)
        return all(np.isfinite(run(form, place, side, given)).all() for side in (1, -1))

    def _holds_far_out(self, form: Form) -> bool:
        """Whether it is a number, and right at the last place, but where r over the scale may overflow, or vanish."""
        right, computed = self._right(form), self._computed(form, 1)
        inside = [k for k in range(len(right)) if k not in self._overflowing]
        return not inside or (right[inside[-1]] and bool(np.isfinite(computed[inside]).all()))

    def _middle(self, right: list[bool]) -> int:
        """A place near the scale, where the form is right."""
        return min(range(len(right)), key=lambda k: (not right[k], abs(self._exponents[k])))

    def _number(self, expr: sp.Expr) -> float:
        return float(sp.N(expr.xreplace(self._given), 20))

    def _values(self, expr: sp.Expr) -> list[arb | None]:
        """Exact values, to a hundred bits; None where they are not found."""
        self._functions = lru_cache(maxsize=None)(partial(ball_function, expr.xreplace(self._given), X))
        return [self._value(arb(float(place))) for place in self._places]

    def _value(self, place: arb) -> arb | None:
        for bits in BITS:
            with ctx.workprec(bits):
                ball = self._functions(bits)(place)
                if ball.is_finite() and (ball.rel_accuracy_bits() > 100 or abs(ball) < arb(2) ** -1200):
                    return arb(ball.mid())
        return None

    def _right(self, form: Form, times: int = 1) -> list[bool]:
        """Where a form is right, to so many times the tolerance: at each place."""
        key = form, times, self._to_themselves
        if key not in self._where_right:
            _, above = self._shared.get(form.form if isinstance(form, Tamed) else form, (None, None))
            held_from = math.inf if above is None else self._number(above[0])
            sides = self._computed(form, 1), self._computed(form, -1) * (-1 if self._what.odd else 1)
            turned = [self._computed(form, 1, turn) for turn in (1, 2) if has_long_sums(form)]

            is_held = self._places.astype(float) >= held_from
            found = [self._is_right(values, is_held, times) for values in sides]
            found += [self._is_right(values, is_held, times * _CLEARLY) for values in turned]
            self._where_right[key] = np.logical_and.reduce(found).tolist()
        return self._where_right[key]

    def _is_right(self, computed: np.ndarray, is_held: np.ndarray, times: int) -> np.ndarray:
        """Where computed values are near enough to the exact ones; what doubles do not tell is asked of balls."""
        computed = computed.astype(float)
        right = np.isfinite(computed) | self._is_beyond
        with np.errstate(over="ignore", invalid="ignore"):
            error = abs((computed - self._nearest) - self._rest)
            allowed = times * _TOLERANCE * self._eps * self._sizes(is_held) + 4 * self._tiny
            near = (error <= (1 - 2.0**-40) * allowed) & np.isfinite(allowed)
        for k in map(int, np.flatnonzero(right & self._is_within & ~near)):
            right[k] = self._is_right_at(k, float(computed[k]), bool(is_held[k]), times)
        return np.asarray(right)

    def _sizes(self, is_held: np.ndarray) -> np.ndarray:
        """Those of `_size`, as doubles."""
        if not self._to_themselves:
            return self._reaches
        own = abs(self._nearest)
        return np.where(is_held, np.maximum(own, self._reaches * self._eps), own)

    def _is_right_at(self, k: int, computed: float, is_held: bool, times: int) -> bool:
        exact = self._exact[k]
        assert exact is not None
        error = abs(arb(computed) - exact) - times * _TOLERANCE * self._eps * self._size(k, is_held)
        return bool(error <= 4 * self._tiny) or bool(error <= self._change(k, exact) + 4 * self._tiny)

    def _change(self, k: int, exact: arb) -> arb:
        """What the function changes by if r does by few eps."""
        if k not in self._beside:
            self._beside[k] = self._value(arb(float(self._places[k])) * (1 + arb(_BESIDE * self._eps)))
        beside = self._beside[k]
        return arb(0) if beside is None else abs(beside - exact)

    def _computed(self, form: Form, side: int, turn: int = 0) -> np.ndarray:
        if isinstance(form, Tamed):
            found = self._computed(form.form, side, turn)
            for end, beyond in ((form.inner, np.less_equal), (form.outer, np.greater)):
                if end is not None:
                    is_beyond = beyond(self._places.astype(float), self._number(end[0]))
                    found = np.where(is_beyond, self._computed(end[1], side, turn), found)
            return found
        if (form, side, turn) not in self._found:
            self._found[form, side, turn] = run(form, self._places, side, self._given, turn)
        return self._found[form, side, turn]


@lru_cache(maxsize=1024)
def has_long_sums(form: Form) -> bool:
    """Whether there are sums of more than two terms, whose order is that of the names of their parts in a program."""
    parts = (form.form, *(end[1] for end in (form.inner, form.outer) if end)) if isinstance(form, Tamed) else (form,)
    return any(len(one.args) > 2 for part in parts for one in part.atoms(sp.Add))
