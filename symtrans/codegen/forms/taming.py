"""Forms of a formula that stay accurate at both ends of the half line: arguments held, and expansions at the ends.

A formula may be tame as a function and yet be 0 times infinity, or inf/inf, or a difference of equal numbers as it is
written. It is run over the whole range and held against exact values: from where it is right and no more than a power
of r for all that a number can tell, its argument is held and the power goes in front. Next to 0 and far out an
expansion may stand instead, and a difference that falls is written as what is left of it, so that it keeps its digits.
What is chosen so is proved, if at all, by what proves any other program.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import product

import sympy as sp
from flint import ctx
from sympy.utilities.iterables import sift

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.scales import lengths
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.forms.cancellation import (
    in_one_quotient,
    in_one_quotient_of_powers,
    in_powers_of_exponentials,
    with_bells,
    with_differences_of_exponentials,
    with_logarithms_of_quotients,
    with_powers_as_exponentials,
    without_differences_of_roots,
)
from symtrans.codegen.forms.ends import in_falling_powers
from symtrans.codegen.forms.expansions import Expansions
from symtrans.codegen.forms.exponentials import in_falling_exponentials, in_order
from symtrans.codegen.forms.form import Tamed, held_off_breaks, together
from symtrans.codegen.forms.held import Held
from symtrans.codegen.forms.powers import exponents_of, held_at_powers, in_halves, next_to_zero, with_powers_together
from symtrans.codegen.forms.tails import in_what_is_left
from symtrans.codegen.forms.trials import BITS, SIZES, Form, Formula
from symtrans.codegen.forms.units import Units
from symtrans.codegen.program.shared_parts import SIGN, A, R, Scaled
from symtrans.errors import NonlinearityError
from symtrans.runtime.budgets import OutOfTime, OutOfWork
from symtrans.runtime.caches import remembered

_MOST_TERMS = 12  # of a sum that is looked at term by term, and pair by pair
_EXPANDED = 150  # operations of a formula that is expanded: what is chosen must not depend on the machine
_GAP = 3  # places, at most, at which neither the formula nor an expansion need be right
_HELD_POWER = sp.Integer(1024)  # exp(-1024) is 0 in either format
_INSIDE = 4  # octaves from the least normal number on products of its inverse with a number do not overflow
_REWRITINGS = (
    without_differences_of_roots,
    with_logarithms_of_quotients,
    in_powers_of_exponentials,
    with_powers_as_exponentials,
    in_one_quotient,
    with_differences_of_exponentials,
    lambda expr: with_differences_of_exponentials(in_one_quotient(expr)),
    with_bells,
)
_SHORT, _SHORT_FORMULA = (4, 8), 60  # orders of expansions for small values, and operations of what is tried more ways
_MARGIN = 2  # places between where a formula goes wrong and where an expansion begins


@remembered(1024)
def tamed(what: Formula, tails: bool = True, length: sp.Expr | None = None) -> Tamed:
    """The form of a piece, changed only where it is not right as it stands.

    The ends 0 and oo are looked at, and one step beside the others. Parameters stand for examples. Without `tails`
    small values have the digits of the largest so far only. Of several scales one may be given.
    """
    plain = Tamed(Units(what.expr, what.odd).form())
    if what.expr.is_polynomial(X) or isinstance(what.expr, sp.Piecewise):
        return plain
    try:
        with ctx.workprec(BITS[0]):
            reaches_an_end = what.at_zero or what.at_infinity
            tame = _Choice(what).best_of_all(tails, length) if reaches_an_end else plain
            return held_off_breaks(tame, what.low, what.high, what.dtype)
    except (Undecided, NonlinearityError, OutOfTime):
        return plain


class _Choice(Held):
    """Forms of one formula, and the first that is right where it was tried."""

    @property
    def _expansions(self) -> Expansions:
        sizes = [abs(value) for value in self._exact if value is not None]
        grows = bool(sizes) and all(size <= sizes[-1] for size in sizes)
        return Expansions(self._units, self._most, near=self._near / self._scale, grows=grows)

    def best_of_all(self, tails: bool, length: sp.Expr | None) -> Tamed:
        """In units of its scale; of several that which is right in most places, if it does not hold far out without."""
        expr = self._expr
        best, plain = self.best(tails), Tamed(self._units.form())
        if length is None:
            scales = lengths(expr) if expr.count_ops() <= _SHORT_FORMULA else []
        else:
            scales = [length] if length.free_symbols and length.free_symbols <= expr.free_symbols else []
        for scale in scales if self._scale == 1 else ():
            if all(trial._holds_far_out(best) for trial in self._all):
                break
            scaled = _Choice(self._what, scale)
            more = scaled.best(tails)
            if scaled._count(more) > scaled._count(best) and scaled._is_no_worse(more, plain):
                best = more
        if self._what.preferred and any(trial._is_wrong_for(best) for trial in self._all):
            more = tamed(replace(self._what, preferred=frozenset()), tails, length)
            return max(best, more, key=self._count)
        return best

    def best(self, tails: bool) -> Tamed:
        """The plain form if it is right, else the first change that is, else that which is right in most places.

        Of these the one whose values are right relative to themselves, too, where there is one.
        """
        right = self._right_in_size()
        return self._held_off_ends(self._keeping_tails(right) if tails else right)

    def _right_in_size(self) -> Tamed:
        """A form whose errors are small against the largest value so far."""
        plain = self._units.form()
        wrong: _Choice | None = next((trial for trial in self._all if not all(trial._right(plain))), None)
        if wrong is None:
            return self._held_alike(plain) or Tamed(plain)
        self._write_powers_together(plain)
        mended = self._next_to_zero(wrong._mended(plain), plain)
        worst = min(self._all, key=lambda trial: sum(trial._right(mended)))
        if worst is not wrong and worst._is_wrong_for(mended):
            mended = max(mended, self._next_to_zero(worst._mended(plain), plain), key=self._count)
        return self._fewer_wrong(mended, plain)

    def _keeping_tails(self, tame: Tamed) -> Tamed:
        """With another form, or an expansion beyond a place, where values that count have lost digits of their own."""
        with self._by_themselves():
            lost, found = self._lost(tame), list[tuple[int, int, Tamed]]()
            for more in self._with_what_is_left(tame) if lost else ():
                found.append((self._lost(more), -self._count(more), more))
                if all(all(trial._right(more)) for trial in self._all):
                    break
        for fewer, _, more in sorted(found, key=lambda one: one[:2]):
            if 2 * fewer <= lost and self._count(more) >= self._count(tame) and self._is_no_worse(more, tame):
                return more
        return tame

    def _with_what_is_left(self, tame: Tamed) -> Iterator[Tamed]:
        for expr in in_what_is_left(self._bare):
            form = self._units.form(expr)
            forms = [form, in_order(form)]
            if tame.form in self._shared:  # the same for all outputs of a piece
                forms.insert(0, self._form(expr, *self._shared[tame.form]))
            right = self._right(form)
            if not all(right) and (held := self._held(expr, right)) is not None:
                forms += [held, in_order(held)]
            for one in dict.fromkeys(forms):
                more = replace(tame, form=one, places=frozenset(self._used if one.has(sp.Min) else ()))
                yield from dict.fromkeys((replace(more, inner=None, outer=None), replace(more, outer=None), more))
        is_short = self._bare.free_symbols <= {X} and self._bare.count_ops() <= _SHORT_FORMULA
        others = tuple(in_what_is_left(self._bare))
        short = replace(self._expansions, orders=_SHORT if is_short else (), others=others)
        for trial in dict.fromkeys((self, min(self._all, key=lambda trial: sum(trial._right(tame))))):
            right = trial._right(tame)
            middle = trial._middle(right)
            if self._at_infinity and not all(right[middle:]):
                yield replace(tame, outer=trial._expanded(right, middle, False, short))

    def _is_wrong_for(self, form: Tamed) -> bool:
        return not all(right or k in self._overflowing for k, right in enumerate(self._right(form)))

    def _next_to_zero(self, tame: Tamed, plain: sp.Expr) -> Tamed:
        """With a polynomial in a power by a parameter next to 0, where that is right in more places."""
        if not (self._at_zero and any(trial._is_wrong_for(tame) for trial in self._all)):
            return tame
        best, most = tame, self._count(tame)
        for inner in next_to_zero(self._units, self._most):
            if not any(trial._is_wrong_for(best) for trial in self._all):
                break
            more = replace(tame, inner=inner)
            found = self._count(more)
            if found > most and self._is_no_worse(more, plain):
                best, most = more, found
        return best

    def _write_powers_together(self, plain: sp.Expr) -> None:
        """One power of r in each product, where that is right in more places; what is changed next is that form."""
        units = self._units.rewritten(with_powers_together)
        form = units.form()
        if form != plain and self._count(form) > self._count(plain) and self._is_no_worse(form, plain):
            for trial in self._all:
                trial._units, trial._bare = units, units.bare
                trial._expr = with_powers_together(trial._expr)

    def _fewer_wrong(self, mended: Tamed, plain: sp.Expr) -> Tamed:
        """With another form from the scale on, where that is right in more places."""
        if (outer := self._from_the_scale_on()) is None:
            return mended
        best, most = mended, self._count(mended)
        for form in dict.fromkeys((plain, mended.form)):
            tame = Tamed(form, outer=outer)
            right = self._right(tame)
            middle = self._middle(right)
            if not all(right[:middle]):
                tame = self._if_no_worse(self._with_inner(tame, self._expanded(right, middle, True)), tame)
            if self._is_no_worse(tame, plain) and self._count(tame) > most:
                best, most = tame, self._count(tame)
        return best

    def _mended(self, plain: sp.Expr) -> Tamed:
        """Of a form that is wrong for these parameters."""
        expr, right = self._bare, self._right(plain)
        best: Form = plain
        most, count = right, self._count(plain)
        elsewhere: list[sp.Expr] = []
        for form in self._changed(expr, right):
            here = self._right(form)
            if sum(here) < sum(most):
                continue
            found = self._count(form)
            if found > count and self._is_no_worse(form, plain):
                best, most, count = form, here, found
            elif found > count and isinstance(form, sp.Expr):  # where it is no worse, as next to 0, it may stand
                elsewhere.append(form)
            if self._is_right_inside(best):  # beyond, arguments are held in the end
                break
        middle = self._middle(most)
        tame = best if isinstance(best, Tamed) else Tamed(best, places=frozenset(self._used))
        if self._at_zero and not all(most[:middle]):
            here = self._right(replace(tame, inner=None))  # what a part has there is replaced
            forms = replace(self._expansions, forms=tuple(elsewhere))
            inner = self._expanded(here, self._middle(here), True, forms)
            tame = self._if_no_worse(self._with_inner(tame, inner), tame)
        if self._at_infinity and not all(most[k] for k in range(middle, len(most)) if k not in self._overflowing):
            tame = self._if_no_worse(replace(tame, outer=self._expanded(most, middle, False)), tame)
        return tame

    def _held_off_ends(self, tame: Tamed) -> Tamed:
        """The same with r over the scale held off 0 and infinity where a form that reaches there is no number."""
        if self._at_zero and tame.inner is not None:
            tame = replace(tame, inner=(tame.inner[0], self._held_off(tame.inner[1], True)))
        elif self._at_zero:
            tame = replace(tame, form=self._held_off(tame.form, True))
        if self._at_infinity and tame.outer is not None:
            return replace(tame, outer=(tame.outer[0], self._held_off(tame.outer[1], False)))
        return replace(tame, form=self._held_off(tame.form, False)) if self._at_infinity else tame

    def _held_off(self, form: sp.Expr, at_zero: bool) -> sp.Expr:
        """Held at or next to the least normal number or at the largest power of 2 if an end makes no number of it.

        Where other parameters go with r, it is held where their product with r is no number either.
        """
        best, most = form, self._count_finite_at(at_zero, form)
        octaves = round(math.log2(self._tiny if at_zero else self._most / 2))
        # an odd form keeps its factor r, 0 at 0, if that will do
        sized = (SIGN if self._what.odd else 1) * form.xreplace({R: A, SIGN: sp.S.One})
        spares = [0, 2 * max(SIZES)][: len(self._all)]
        ends = [0, *(_INSIDE + spare for spare in spares)] if at_zero else [-spare for spare in spares]
        for spare, one in product(ends, (form, sized) if at_zero else (form,)):
            end = sp.Integer(2) ** (octaves + spare)
            calls = {call: self._held_at(call, end, at_zero) for call in one.atoms(sp.log) if at_zero}
            for held in (one.xreplace(calls), self._held_at(one, end, at_zero)):  # powers may vanish, logarithms not
                if most == len(self._all):
                    break
                found = self._count_finite_at(at_zero, held)
                if found > most and self._is_no_worse(held, form):
                    best, most = held, found
        return best

    def _held_at(self, form: sp.Expr, end: sp.Expr, at_zero: bool) -> sp.Expr:
        """With r over the scale, which may be held elsewhere already, at a number at the most or at the least."""
        sizes = {one for one in form.atoms(Scaled) if one.args[1] == 1 / self._scale}
        if self._scale == 1:
            sizes = {R, A}
        if at_zero:
            return form.xreplace({size: sp.Max(end, size) for size in sizes if R not in size.free_symbols})
        held = {size: sp.Max(-end, sp.Min(end, size)) for size in sizes if R in size.free_symbols}
        return form.xreplace({size: sp.Min(end, size) for size in sizes} | held)

    def _with_inner(self, tame: Tamed, inner: tuple[sp.Expr, sp.Expr] | None) -> Tamed:
        """With another form next to 0, or instead where that reaches as far as numbers do."""
        if inner is not None and inner[0] / self._near > self._most:
            return replace(tame, form=inner[1])
        return replace(tame, inner=inner)

    def _if_no_worse(self, more: Tamed, tame: Tamed) -> Tamed:
        return more if more == tame or self._is_no_worse(more, tame) else tame

    def _changed(self, expr: sp.Expr, right: list[bool]) -> Iterator[Form]:
        """Other forms of the same function, the cheapest first."""
        held = self._held(expr, right)
        if held is not None:
            yield held
        yield from held_at_powers(self._units, self._most)
        falling = in_falling_exponentials(expr)
        if falling == expr:
            yield in_order(self._units.form())
            yield in_halves(self._units.form(plain=False), self._most)
        else:
            form = self._units.form(falling, plain=False)
            yield form
            yield in_order(form)
            held = self._held(falling, self._right(form))
            if held is not None:
                yield held
        if max((len(sum.args) for sum in expr.atoms(sp.Add)), default=0) > _MOST_TERMS:
            return
        for change in _REWRITINGS:
            apart = change(expr.xreplace({X: A})).xreplace({A: X})
            if apart != expr:
                form = self._units.form(apart)
                yield from dict.fromkeys((form, in_order(form)))
                held = self._held(apart, self._right(form))
                if held is not None:
                    yield from dict.fromkeys((held, in_order(held)))
        yield from self._in_parts(self._expr)
        if falling != expr:
            yield from self._in_parts(self._factor * falling.xreplace({X: X / self._scale}))

    def _in_parts(self, expr: sp.Expr) -> Iterator[Tamed]:
        """Each term of a sum by itself, or what its terms have in common, or the exponentials of a product."""
        what, ends = self._what, (sp.S.Zero if self._at_zero else sp.S.One, sp.oo if self._at_infinity else sp.S.One)
        operations = self._expr.count_ops()

        def smaller(part: sp.Expr, odd: bool, preferred: frozenset[int] = frozenset(), weight: float = 0.0) -> Tamed:
            if part.count_ops() >= operations:  # parts of parts come to an end
                raise Undecided("a part is no simpler than the whole")
            return tamed(Formula(part, odd, *ends, self._what.dtype, preferred, weight), length=self._scale)

        def factors(product: sp.Expr, apart: Callable[[sp.Expr], bool]) -> Iterator[Tamed]:
            some, others = (sp.Mul(*part) for part in sift(sp.Mul.make_args(product), apart, binary=True))
            if X in some.free_symbols and X in others.free_symbols:
                yield together(sp.Mul, smaller(others, what.odd), smaller(some, False))

        with suppress(Undecided):
            if isinstance(expr, sp.Add):
                terms = (smaller(term, what.odd, what.preferred, what.weight) for term in expr.args)
                yield together(sp.Add, *terms)
                if operations <= _SHORT_FORMULA:
                    yield from factors(sp.factor_terms(expr), lambda factor: not factor.is_Add)
            elif isinstance(expr, sp.Mul):
                yield from factors(expr, lambda factor: factor.has(sp.Function) and X in factor.free_symbols)

    # -- expansions ----------------------------------------------------------------

    def _expanded(
        self, right: list[bool], middle: int, at_zero: bool, given: Expansions | None = None
    ) -> tuple[sp.Expr, sp.Expr] | None:
        """A place and the form beyond it, seen from the middle: the shortest that is right from there on."""
        step = -1 if at_zero else 1
        wrong = [k for k in range(middle, -1 if at_zero else len(right), step) if not right[k]]
        if not wrong or (self._bare.count_ops() > _EXPANDED and not (at_zero and self._bare.free_symbols <= {X})):
            return None
        last = wrong[0] - step
        found = self._shortest((given or self._expansions).of(at_zero), middle, last, step)
        if found is None and at_zero:  # roundings of one machine may ask for a step more than those of another
            found = self._shortest(self._expansions.of(at_zero, longer=True), middle, last, step)
        return found

    def _from_the_scale_on(self) -> tuple[sp.Expr, sp.Expr] | None:
        """Powers by a parameter, or of one scale of several: where they overflow moves, so that beyond they fall."""
        powers = [X**exponent for exponent in exponents_of(self._bare)]
        if not (powers or self._is_one_of_several) or not self._at_infinity or not self._at_zero:
            return None
        beyond = [k for k, place in enumerate(self._exponents) if place >= 0 and k not in self._overflowing]
        falling = in_falling_powers(self._bare)
        held = self._bare.xreplace({power: sp.Min(power, _HELD_POWER) for power in powers})
        for bare in dict.fromkeys((falling, in_one_quotient_of_powers(falling), held)):
            form, right = max(
                ((f, self._right(f)) for f in self._expansions.scaled(bare)), key=lambda pair: sum(pair[1])
            )
            if beyond and all(right[k] for k in beyond):
                return self._far, form
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
                    better = (margin, -len(wrong)) > most
                    if best is not None and (margin, -len(wrong)) == most and len(self._all) > 1:
                        better = self._count(form) > self._count(best[1])
                    if better:
                        place = sp.Rational(13, 10) if margin == 0 else sp.S.One if step < 0 else sp.Integer(2)
                        if margin < 0:  # neither is right between the two
                            place = sp.Integer(2) if step < 0 else sp.S.One
                        nearest = first if margin < 0 else last - step * margin
                        place *= (self._near if step < 0 else self._far) * sp.Integer(2) ** self._exponents[nearest]
                        best, most = (place, form), (margin, -len(wrong))
                if most[0] == _MARGIN:
                    break
        return best
