"""Arguments held from where a function is a power of r, for all that a number can tell, with the power in front."""

from bisect import bisect_right

import sympy as sp
from flint import arb

from symtrans.calculus.enclosures.balls import enclose
from symtrans.calculus.functions.expression import parity_in_x
from symtrans.codegen.forms.ends import power_between
from symtrans.codegen.forms.form import Tamed
from symtrans.codegen.forms.trials import BITS, Hold, Trial
from symtrans.codegen.program.shared_parts import A, R

_NEAR = 20  # octaves beyond those that a held argument needs


class Held(Trial):
    """Forms of one formula whose argument is held; places that others of its piece are held at are preferred."""

    def _held(self, expr: sp.Expr, right: list[bool]) -> sp.Expr | None:
        """With its argument held from where it is a power of r for all that a number can tell."""
        held = self._held_as(expr, right, self._powers_beyond())
        if self._what.weight and (held is None or not all(self._right(held))):
            # a constant that is nothing but a rounding grows with the weight; it is to fall instead
            falling = self._held_as(expr, right, (-sp.Rational(self._what.weight),))
            if falling is not None and (held is None or sum(self._right(falling)) > sum(self._right(held))):
                return falling
        return held

    def _held_as(self, expr: sp.Expr, right: list[bool], powers: tuple[sp.Expr, ...]) -> sp.Expr | None:
        """The same with one of these powers of r far out."""
        below, above = None, None
        middle, count = self._middle(right), len(right)
        if self._at_infinity and not all(right[middle:]):
            last = next(k for k in range(middle, count) if not right[k]) - 1
            above = self._power(range(middle, last + 1), range(last + 1, count), powers)
        if self._at_zero and not all(right[:middle]):
            first = next(k for k in range(middle, -1, -1) if not right[k]) + 1
            below = self._power(range(middle, first - 1, -1), range(first), (sp.S.Zero, sp.S.One))
        if below is None and above is None:
            return None
        if below and above and not self._number(above[0] / below[0]) > 1:  # no room between the two
            return None
        return self._form(expr, below, above)

    def _held_alike(self, plain: sp.Expr) -> Tamed | None:
        """A right form held where others of its piece are, if it is constant from there on: they share exponentials."""
        for place in sorted(self._what.preferred) if self._at_infinity and self._bare.has(sp.exp) else ():
            first, *others = range(max(0, bisect_right(self._exponents, place) - 1), len(self._exponents))
            form = self._form(self._bare, None, (self._far * sp.Integer(2) ** place, sp.S.Zero))
            if self._continues(first, others, arb(0)) and all(self._right(form)) and self._is_no_worse(form, plain):
                return Tamed(form, places=frozenset({place}))
        return None

    def _powers_beyond(self) -> tuple[sp.Expr, ...]:
        """With what power of r the function may grow: 0 and 1 first, which cost least.

        Of several lengths that which is seen far out: a constant held at a multiple of the largest of them may be large
        beside what is left there for others.
        """
        powers, found = [sp.S.Zero, sp.S.One], list[sp.Expr]()
        before, last = self._exact[-2:]
        if before is not None and last is not None and not any(p.exp.free_symbols for p in self._expr.atoms(sp.Pow)):
            found = power_between(before, last, self._exponents[-1] - self._exponents[-2])
        return tuple(powers + found if self._near == self._far else found + powers)

    def _power(self, here: range, others: range, powers: tuple[sp.Expr, ...]) -> tuple[sp.Expr, sp.Expr] | None:
        """(place, power): from a place on, out of those where the form is right, it is that power of r."""
        for power in powers:
            grown = enclose(power, BITS[0])
            start = next((n for n, k in enumerate(here) if self._continues(k, [*here[n + 1 :], *others], grown)), None)
            if start is not None:
                places = [self._exponents[k] for k in here[start:]]
                halfway = places[len(places) // 2]  # to where it goes wrong
                if self._is_one_of_several:  # others may be far from it
                    middle = (places[0] + places[-1]) / 2
                    halfway = min(places, key=lambda place: abs(place - middle))
                elif self._scale != 1:  # or nearer: what is made of it stays moderate
                    halfway = min(halfway, places[0] + _NEAR, key=abs)
                beyond = places[1:] if here.step > 0 else places  # the power of 2 lies below the place of that exponent
                place = next((k for k in sorted(self._what.preferred, key=abs) if k in beyond), halfway)
                self._used.add(place)
                return (self._far if here.step > 0 else self._near) * sp.Integer(2) ** place, power
        return None

    def _continues(self, at: int, others: list[int], power: arb) -> bool:
        there = self._exact[at]
        if there is None:
            return False
        for k in others:
            exact = self._exact[k]
            expected = there * (arb(2) ** (self._exponents[k] - self._exponents[at])) ** power
            if exact is not None and not abs(expected - exact) <= 4 * self._eps * self._size(k) + self._tiny:
                return False
        return True

    def _form(self, expr: sp.Expr, below: Hold, above: Hold) -> sp.Expr:
        size, front = A, sp.S.One
        if below is not None:
            size = sp.Max(below[0], size)
            front *= sp.Min(A / below[0], 1) ** below[1]
        if above is not None:
            size = sp.Min(above[0], size)
            fall = -above[1]
            if 0 < fall < 1:  # roots of large constants are moderate
                front *= sp.Min(above[0] ** fall / A**fall, 1)
            elif fall >= self._what.weight > 0:  # where r over the scale overflows nothing is left
                front *= sp.Min(above[0] / self._scale / self._units.ratio(A), 1) ** fall
            else:
                front *= sp.Min(above[0] / A, 1) ** fall  # below the line, where nothing overflows
        alike = parity_in_x(expr) == (-1 if self._what.odd else 1)
        if above is not None and below is None and front == 1 and alike:
            form = self._units.form(expr, {R: sp.Max(-above[0], sp.Min(above[0], R))})
        else:
            form = front * self._units.form(expr, {A: size}, plain=False)
        if above is not None and above[0] in {self._far * sp.Integer(2) ** place for place in self._what.preferred}:
            self._shared[form] = below, above
        return form
