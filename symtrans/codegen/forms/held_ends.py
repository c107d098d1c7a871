"""Forms with r over the scale held off 0 and infinity, where they would be 0 times infinity at the end itself."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import sympy as sp
from flint import arb

from symtrans.codegen.forms.form import Tamed
from symtrans.codegen.forms.running import run
from symtrans.codegen.forms.trials import SIZES, Trial
from symtrans.codegen.program.shared_parts import SIGN, A, R, Scaled

_ALIKE, _NOTHING = 0.95, 2.0**14  # x^(1/10) falls by so much between the two; times the least normal number
_INSIDE = 16  # times the least normal number: products of its inverse with a number do not overflow


class HeldOffEnds(Trial):
    """A formula whose forms are tried at the very ends, too."""

    def held_off_ends(self, tame: Tamed) -> Tamed:
        """The same with r over the scale held off 0 and infinity where a form that reaches there is no number."""
        if self._at_zero and tame.inner is not None:
            tame = replace(tame, inner=(tame.inner[0], self._held_off(tame.inner[1], True)))
        elif self._at_zero:
            tame = replace(tame, form=self._held_off(tame.form, True))
        if self._at_infinity and tame.outer is not None:
            return replace(tame, outer=(tame.outer[0], self._held_off(tame.outer[1], False)))
        return replace(tame, form=self._held_off(tame.form, False)) if self._at_infinity else tame

    def _held_off(self, form: sp.Expr, at_zero: bool) -> sp.Expr:
        """Held next to the least normal number or at the largest power of 2 if an end makes no number of it.

        Where other parameters go with r, it is held where their product with r is no number either.
        """
        if all(trial._is_finite_at(at_zero, form) for trial in self._all):
            return form
        octaves = round(math.log2(_INSIDE * self._tiny if at_zero else self._most / 2))
        forms = [form]
        if at_zero and self._odd:  # what is 0 at 0 stays a factor, if that will do
            fronts = [f for f in sp.Mul.make_args(form) if f in (R, self._units.ratio(R))]
            rest = sp.Mul(*(f for f in sp.Mul.make_args(form) if f not in fronts))
            forms += [sp.Mul(*fronts) * rest.xreplace({R: A}), SIGN * form.xreplace({R: A, SIGN: sp.S.One})]
        for spare in (0, 2 * max(SIZES))[: len(self._all)]:
            end = sp.Integer(2) ** (octaves + (spare if at_zero else -spare))
            for one in dict.fromkeys(forms):
                for held in self._held_at(one, end, at_zero):
                    if all(trial._is_finite_at(at_zero, held) for trial in self._all) and self._is_no_worse(held, form):
                        return held
        return form

    def _goes_on_to_zero(self, form: sp.Expr) -> bool:
        """Whether its value at the least number is like that at the first place, no 0 times what is held."""
        (value,), exact = (
            run(form, np.array([np.finfo(self._dtype).smallest_subnormal]), 1, self._given),
            self._exact[0],
        )
        if exact is None or not math.isfinite(value):
            return False
        return bool(abs(arb(float(value)) - exact) <= _ALIKE * abs(exact) + _NOTHING * self._tiny)

    def _held_at(self, form: sp.Expr, end: sp.Expr, at_zero: bool) -> Iterator[sp.Expr]:
        """With r over the scale, which may be held elsewhere already, at a number at the most or at the least.

        Next to 0 only under what is infinite at 0, if that will do.
        """
        sizes = {one for one in form.atoms(Scaled) if one.args[1] == 1 / self._scale}
        if self._scale == 1:
            sizes = {R, A}
        if at_zero:
            least = {size: sp.Max(end, size) for size in sizes if R not in size.free_symbols}
            inside = form.replace(_may_be_infinite_at_zero, lambda part: part.xreplace(least))
            if all(trial._goes_on_to_zero(inside) for trial in self._all):
                yield inside
            yield form.xreplace(least)
        else:
            held = {size: sp.Max(-end, sp.Min(end, size)) for size in sizes if R in size.free_symbols}
            yield form.xreplace({size: sp.Min(end, size) for size in sizes} | held)


def _may_be_infinite_at_zero(part: sp.Basic) -> bool:
    return isinstance(part, sp.log) or (isinstance(part, sp.Pow) and not part.exp.is_nonnegative)
