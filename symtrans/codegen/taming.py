"""Forms of a formula that stay accurate at both ends of the half line: arguments held, and expansions at the ends.

A formula may be tame as a function and yet be 0 times infinity, or inf/inf, or a difference of equal numbers as it is
written. It is run over the whole range and held against exact values: from where it is right and no more than a power
of r for all that a number can tell, its argument is held and the power goes in front. Next to 0 and far out an
expansion may stand instead. What is chosen so is proved, if at all, by what proves any other program.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import replace
from functools import lru_cache, partial
from itertools import accumulate
from typing import TypeAlias

import numpy as np
import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X, example_values
from symtrans.calculus.enclosures.balls import ball_function, enclose
from symtrans.calculus.functions.expression import parity_in_x
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.cancellation import without_cancellation, without_differences_of_roots
from symtrans.codegen.ends import in_falling_powers, power_between
from symtrans.codegen.expansions import Expansions
from symtrans.codegen.exponentials import in_falling_exponentials
from symtrans.codegen.forms import Tamed
from symtrans.codegen.running import run
from symtrans.codegen.shared_parts import A, R
from symtrans.codegen.units import Units
from symtrans.errors import NonlinearityError
from symtrans.runtime.budgets import OutOfTime, OutOfWork
from symtrans.runtime.caches import remembered

_TOLERANCE = 48  # in eps of the largest value so far: a form with smaller errors is right
_CLEARLY = 16  # times that tolerance a form must be off for other parameters to be refused
_BESIDE = 8  # eps that r itself may be off: where a function is steep, no form can do better
_BITS = (192, 1024, 8192)
_MOST_TERMS = 12  # of a sum that is looked at term by term, and pair by pair
_EXPANDED = 150  # operations of a formula that is expanded: what is chosen must not depend on the machine
_SIZES = (-10, 10)  # powers of 2 that a parameter is tried at beside its example
_SMALL = 6  # octaves of the scale below 1
_FAR = 40  # and so many more where r over it is to overflow
_NEAR = 20  # octaves beyond those that a held argument needs
_GAP = 3  # places, at most, at which neither the formula nor an expansion need be right
_HELD_POWER = sp.Integer(1024)  # exp(-1024) is 0 in either format
_MARGIN = 2  # places between where a formula goes wrong and where an expansion begins
_MANTISSA = float(np.float32(1.3))  # of places: powers of 2 would hide roundings

Form: TypeAlias = sp.Expr | Tamed


@remembered(1024)
def tamed(
    expr: sp.Expr, odd: bool, low: sp.Expr, high: sp.Expr, dtype: str, preferred: frozenset[int] = frozenset()
) -> Tamed:
    """The form of a piece on (low, high), changed only where it is not right as it stands.

    Only the ends 0 and oo are looked at. Parameters stand for examples. Arguments are held at preferred
    powers of 2 times the scale if these will do; those of exponentials that are right as they stand, too.
    """
    plain = Tamed(Units(expr, odd).form())
    if (low != 0 and high is not sp.oo) or expr.is_polynomial(X) or isinstance(expr, sp.Piecewise):
        return plain
    try:
        with ctx.workprec(_BITS[0]):
            return _Trial(expr, odd, low, high, dtype, preferred).best()
    except (Undecided, NonlinearityError, OutOfTime):
        return plain


class _Trial:
    """One formula at many places: what it should be, and what forms of it are."""

    def __init__(
        self, expr: sp.Expr, odd: bool, low: sp.Expr, high: sp.Expr, dtype: str, preferred: frozenset[int]
    ) -> None:
        self._preferred, self._used = preferred, set[int]()
        self._tolerance = _TOLERANCE
        self._expr, self._odd, self._dtype = expr, odd, dtype
        self._units = units = Units(expr, odd)
        self._scale, self._factor, self._bare = units.scale, units.factor, units.bare
        self._ends = low, high
        self._at_zero, self._at_infinity = low == 0, high is sp.oo
        format = np.finfo(dtype)
        self._eps, self._most, self._tiny = float(format.eps), float(format.max), float(format.tiny)
        self._expansions = Expansions(units, odd, self._most)
        self._take(example_values((expr.free_symbols | low.free_symbols | high.free_symbols) - {X}))

    def _take(self, given: Mapping[sp.Symbol, sp.Rational]) -> None:
        """Values of the parameters, and what follows; the scale is small, so that r over it overflows, too."""
        self._given = self._units.smaller({**given}, _SMALL)
        low, high = self._ends
        unit = self._number(self._scale)
        ends = [self._number(low), math.inf if high is sp.oo else self._number(high)]
        least, most = (round(math.log2(end)) for end in (self._tiny, self._most))
        exponents = [k for k in range(least, most) if abs(k) <= 16 or k % (4 if abs(k) < 64 else 16) == 0]
        exponents += [*range(least, least + 4), *range(most - 4, most + _SMALL + 1)]
        with np.errstate(over="ignore"):
            found = {k: float(np.ldexp(unit * _MANTISSA, k)) for k in sorted({*exponents})}
        kept = {k: x for k, x in found.items() if ends[0] < x < ends[1] and self._tiny < x < self._most}
        self._exponents = [*kept]
        # where r over the scale may overflow, or vanish, and r does not
        self._overflowing = {k for k, exponent in enumerate(kept) if abs(exponent) > most - 2}
        self._places = np.array([*kept.values()], dtype=self._dtype)
        self._beside: dict[int, arb | None] = {}
        self._exact = self._values(self._expr)
        self._reach = [*accumulate((arb(0) if value is None else abs(value) for value in self._exact), arb.max)]

    def best(self) -> Tamed:
        """The plain form if it is right, else the first change that is, else that which is right in most places."""
        expr, plain = self._bare, self._units.form()
        if (outer := self._from_the_scale_on()) is not None:
            tame = Tamed(plain, outer=outer)
            most = self._right(tame)
            middle = self._middle(most)
            if not all(most[:middle]):
                tame = self._if_no_worse(replace(tame, inner=self._expanded(most, middle, True)), tame)
            if self._is_no_worse(tame, plain, _SIZES):
                return tame
        right = self._right(plain)
        if all(right):
            return self._held_alike(plain) or Tamed(self._held_off(plain))
        best, most = plain, right
        for form in self._changed(expr, right):
            found = self._right(form)
            if sum(found) > sum(most) and self._is_no_worse(form, plain):
                best, most = form, found
            if all(most):
                break
        middle = self._middle(most)
        tame = Tamed(best, places=frozenset(self._used))
        if self._at_zero and not all(most[:middle]):
            tame = self._if_no_worse(replace(tame, inner=self._expanded(most, middle, True)), tame)
        if self._at_infinity and not all(most[k] for k in range(middle, len(most)) if k not in self._overflowing):
            tame = self._if_no_worse(replace(tame, outer=self._expanded(most, middle, False)), tame)
        if tame.outer is not None:
            place, form = tame.outer
            return replace(tame, outer=(place, self._held_off(form)))
        return replace(tame, form=self._held_off(tame.form))

    def _held_off(self, form: sp.Expr) -> sp.Expr:
        """The form with r over the scale held at the largest power of 2 if infinity makes no number of it."""
        if not self._at_infinity or self._is_finite_far_out(form):
            return form
        largest = sp.Integer(2) ** (round(math.log2(self._most)) - 1) * self._scale
        kept = {R: sp.Max(-largest, sp.Min(largest, R)), A: sp.Min(largest, A)}
        held = form.xreplace({self._units.ratio(size): self._units.ratio(end) for size, end in kept.items()})
        return held if self._is_finite_far_out(held) else form

    def _is_finite_far_out(self, form: sp.Expr) -> bool:
        """At the largest place, for a scale so small that r over it overflows."""
        tiny = self._units.smaller({**self._given}, _FAR)
        values = [run(without_cancellation(form.xreplace(tiny)), self._places[-1:], side) for side in (1, -1)]
        return self._scale == 1 or bool(np.isfinite(values).all())

    def _if_no_worse(self, more: Tamed, tame: Tamed) -> Tamed:
        return more if more == tame or self._is_no_worse(more, tame, _SIZES) else tame

    def _changed(self, expr: sp.Expr, right: list[bool]) -> Iterator[sp.Expr]:
        """Other forms of the same function, the cheapest first."""
        held = self._held(expr, right)
        if held is not None:
            yield held
        falling = in_falling_exponentials(expr)
        if falling != expr:
            form = self._units.form(falling, plain=False)
            yield form
            held = self._held(falling, self._right(form))
            if held is not None:
                yield held
        if max((len(sum.args) for sum in expr.atoms(sp.Add)), default=0) > _MOST_TERMS:
            return
        apart = without_differences_of_roots(expr.xreplace({X: A})).xreplace({A: X})
        if apart != expr:
            form = self._units.form(apart)
            yield form
            held = self._held(apart, self._right(form))
            if held is not None:
                yield held
        yield from self._in_parts(self._expr)
        if falling != expr:
            yield from self._in_parts(self._factor * falling.xreplace({X: X / self._scale}))

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

    def _is_no_worse(self, form: Form, plain: Form, sizes: tuple[int, ...] = ()) -> bool:
        """For other values of parameters that are no scales; perhaps for each of them times powers of 2."""
        free = self._bare.free_symbols - {X}
        if not free:
            return True
        given = [example_values(self._given, shift) for shift in (2, 11)]
        given += [{**self._given, s: self._given[s] * sp.Integer(2) ** k} for s in free for k in sizes]
        for values in given:
            other = copy(self)
            other._take(values)
            before = other._right(plain)
            other._tolerance *= _CLEARLY
            pairs = enumerate(zip(before, other._right(form), strict=True))
            if any(good and not after and not (sizes and k in other._overflowing) for k, (good, after) in pairs):
                return False
        return True

    # -- what is right -------------------------------------------------------------

    def _number(self, expr: sp.Expr) -> float:
        return float(sp.N(expr.xreplace(self._given), 20))

    def _values(self, expr: sp.Expr) -> list[arb | None]:
        """Exact values, to a hundred bits; None where they are not found."""
        self._functions = lru_cache(maxsize=None)(partial(ball_function, expr.xreplace(self._given), X))
        return [self._value(arb(float(place))) for place in self._places]

    def _value(self, place: arb) -> arb | None:
        for bits in _BITS:
            with ctx.workprec(bits):
                ball = self._functions(bits)(place)
                if ball.is_finite() and (ball.rel_accuracy_bits() > 100 or abs(ball) < arb(2) ** -1200):
                    return arb(ball.mid())
        return None

    def _right(self, form: Form) -> list[bool]:
        """Where a form is right: at each place."""
        sides = self._computed(form, 1), self._computed(form, -1) * (-1 if self._odd else 1)
        return [all(self._is_right(k, value) for value in both) for k, both in enumerate(zip(*sides, strict=True))]

    def _is_right(self, k: int, computed: float) -> bool:
        exact = self._exact[k]
        if exact is not None and abs(exact) > self._most / 4:
            return True
        if exact is None or not math.isfinite(computed):
            return exact is None and math.isfinite(computed)
        error = abs(arb(float(computed)) - exact) - self._tolerance * self._eps * self._reach[k]
        return bool(error <= 4 * self._tiny) or bool(error <= self._change(k, exact) + 4 * self._tiny)

    def _change(self, k: int, exact: arb) -> arb:
        """What the function changes by if r does by few eps."""
        if k not in self._beside:
            self._beside[k] = self._value(arb(float(self._places[k])) * (1 + arb(_BESIDE * self._eps)))
        beside = self._beside[k]
        return arb(0) if beside is None else abs(beside - exact)

    def _computed(self, form: Form, side: int) -> np.ndarray:
        if isinstance(form, Tamed):
            found = self._computed(form.form, side)
            for end, beyond in ((form.inner, np.less_equal), (form.outer, np.greater)):
                if end is not None:
                    found = np.where(beyond(self._places, self._number(end[0])), self._computed(end[1], side), found)
            return found
        return run(without_cancellation(form.xreplace(self._given)), self._places, side)

    # -- held arguments ------------------------------------------------------------

    def _held(self, expr: sp.Expr, right: list[bool]) -> sp.Expr | None:
        """With its argument held from where it is a power of r for all that a number can tell."""
        below, above = None, None
        middle, count = self._middle(right), len(right)
        if self._at_infinity and not all(right[middle:]):
            last = next(k for k in range(middle, count) if not right[k]) - 1
            above = self._power(range(middle, last + 1), range(last + 1, count), self._powers_beyond())
        if self._at_zero and not all(right[:middle]):
            first = next(k for k in range(middle, -1, -1) if not right[k]) + 1
            below = self._power(range(middle, first - 1, -1), range(first), (sp.S.Zero, sp.S.One))
        if below is None and above is None:
            return None
        return self._form(expr, below, above)

    def _held_alike(self, plain: sp.Expr) -> Tamed | None:
        """A right form held where others of its piece are, if it is constant from there on: they share exponentials."""
        for place in sorted(self._preferred) if self._at_infinity and self._bare.has(sp.exp) else ():
            first, *others = range(max(0, bisect_right(self._exponents, place) - 1), len(self._exponents))
            form = self._form(self._bare, None, (self._scale * sp.Integer(2) ** place, sp.S.Zero))
            if self._continues(first, others, arb(0)) and all(self._right(form)) and self._is_no_worse(form, plain):
                return Tamed(form, places=frozenset({place}))
        return None

    def _middle(self, right: list[bool]) -> int:
        """A place near the scale, where the form is right."""
        return min(range(len(right)), key=lambda k: (not right[k], abs(self._exponents[k])))

    def _powers_beyond(self) -> tuple[sp.Expr, ...]:
        """With what power of r the function may grow: 0 and 1 first, which cost least."""
        powers = [sp.S.Zero, sp.S.One]
        before, last = self._exact[-2:]
        if before is not None and last is not None and not any(p.exp.free_symbols for p in self._expr.atoms(sp.Pow)):
            powers += power_between(before, last, self._exponents[-1] - self._exponents[-2])
        return tuple(powers)

    def _power(self, here: range, others: range, powers: tuple[sp.Expr, ...]) -> tuple[sp.Expr, sp.Expr] | None:
        """(place, power): from a place on, out of those where the form is right, it is that power of r."""
        for power in powers:
            grown = enclose(power, _BITS[0])
            start = next((n for n, k in enumerate(here) if self._continues(k, [*here[n + 1 :], *others], grown)), None)
            if start is not None:
                places = [self._exponents[k] for k in here[start:]]
                halfway = places[len(places) // 2]  # to where it goes wrong
                if self._scale != 1:  # or nearer: what is made of it stays moderate
                    halfway = min(halfway, places[0] + _NEAR, key=abs)
                beyond = places[1:] if here.step > 0 else places  # the power of 2 lies below the place of that exponent
                place = next((k for k in sorted(self._preferred, key=abs) if k in beyond), halfway)
                self._used.add(place)
                return self._scale * sp.Integer(2) ** place, power
        return None

    def _continues(self, at: int, others: list[int], power: arb) -> bool:
        there = self._exact[at]
        if there is None:
            return False
        for k in others:
            exact = self._exact[k]
            expected = there * (arb(2) ** (self._exponents[k] - self._exponents[at])) ** power
            if exact is not None and not abs(expected - exact) <= 4 * self._eps * self._reach[k] + self._tiny:
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
        alike = expr is self._bare and parity_in_x(expr) == (-1 if self._odd else 1)
        if above is not None and below is None and front == 1 and alike:
            return self._units.form(expr, {R: sp.Max(-above[0], sp.Min(above[0], R))})
        return front * self._units.form(expr, {A: size}, plain=False)

    # -- expansions ----------------------------------------------------------------

    def _expanded(self, right: list[bool], middle: int, at_zero: bool) -> tuple[sp.Expr, sp.Expr] | None:
        """A place and the form beyond it, seen from the middle: the shortest that is right from there on."""
        step = -1 if at_zero else 1
        last = next(k for k in range(middle, -1 if at_zero else len(right), step) if not right[k]) - step
        if self._bare.count_ops() > _EXPANDED:
            return None
        found = self._shortest(self._expansions.of(at_zero), middle, last, step)
        if found is None and at_zero:  # roundings of one machine may ask for a step more than those of another
            found = self._shortest(self._expansions.of(at_zero, longer=True), middle, last, step)
        return found

    def _from_the_scale_on(self) -> tuple[sp.Expr, sp.Expr] | None:
        """Powers by a parameter: where r^p overflows moves with p, so that beyond the scale they fall or are held."""
        powers = [p for p in self._bare.atoms(sp.Pow) if p.base == X and p.exp.free_symbols]
        if not powers or not self._at_infinity or self._ends[0] != 0:
            return None
        beyond = [k for k, place in enumerate(self._exponents) if place >= 0 and k not in self._overflowing]
        held = self._bare.xreplace({power: sp.Min(power, _HELD_POWER) for power in powers})
        for bare in (in_falling_powers(self._bare), held):
            form, right = max(
                ((f, self._right(f)) for f in self._expansions.scaled(bare)), key=lambda pair: sum(pair[1])
            )
            if beyond and all(right[k] for k in beyond):
                return self._scale, form
        return None

    def _shortest(
        self, expansions: Iterator[tuple[sp.Expr, ...]], middle: int, last: int, step: int
    ) -> tuple[sp.Expr, sp.Expr] | None:
        best, most = None, (-_GAP - 1, 0)
        with suppress(Undecided, OutOfWork):
            for forms in expansions:
                for form in forms:
                    found = self._right(form)
                    wrong = [k for k, right in enumerate(found) if not right and (k - middle) * step >= 0]
                    inside = [k for k in wrong if k not in self._overflowing]
                    first = middle if not inside else (min(inside) - 1 if step < 0 else max(inside) + 1)
                    margin = min(_MARGIN, (last - first) * step)
                    if (margin, -len(wrong)) > most:
                        place = sp.Rational(13, 10) if margin == 0 else sp.S.One if step < 0 else sp.Integer(2)
                        if margin < 0:  # neither is right between the two
                            place = sp.Integer(2) if step < 0 else sp.S.One
                        nearest = first if margin < 0 else last - step * margin
                        place *= self._scale * sp.Integer(2) ** self._exponents[nearest]
                        best, most = (place, form), (margin, -len(wrong))
                if most[0] == _MARGIN:
                    break
        return best
