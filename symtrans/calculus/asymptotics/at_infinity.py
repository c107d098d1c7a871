"""Behaviour of a function at infinity, with proof: its sign, or its range, beyond an explicit radius; its limit.

From some radius on the leading term of the expansion exceeds the sum of all others;
that radius is found by trial and proved by ball arithmetic, with the growth of each
ratio bounded on the whole tail.
"""

from collections.abc import Callable
from typing import TypeVar

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.asymptotics.expansions import Expansion
from symtrans.calculus.asymptotics.growth import ONE, Scale, T, Term, at_infinity, largest, vanishes_identically
from symtrans.calculus.enclosures.balls import rational_bounds
from symtrans.calculus.undecided import Undecided

_TAYLOR = ((1, False), (3, False), (3, True))  # how far and how an expansion is made, tried in turn
_BITS = 128
_RADII = tuple(
    sp.Rational(r) for r in (3, 5, 8, 12, 18, 27, 40, 64, 100, 256, 2**10, 2**13, 2**17, 2**22, 2**30, 2**40)
)

T_ = TypeVar("T_")


class Tail(Expansion):
    """The expansion of one function at infinity.

    Examples
    --------
    >>> Tail(X * sp.exp(-X) - 1 / X**3).sign()
    (-1, 12)
    """

    # -- what is asked -----------------------------------------------------------

    def sign(self) -> tuple[int, sp.Rational]:
        """(s, R): the function has the sign s on all of [R, oo).

        Raises
        ------
        Undecided
            If no radius is found.
        """
        if not self.terms:
            return 0, _RADII[0]
        leading = largest(self.terms)
        with ctx.workprec(_BITS):
            for radius in _RADII:
                found = self._sign_beyond(leading, radius)
                if found is not None:
                    return found, radius
        raise Undecided("no radius is found beyond which the leading term prevails")

    def final_sign(self) -> int:
        """The sign from some radius on, which may depend on the parameters: that of the leading term.

        Raises
        ------
        Undecided
            If the leading term is not known exactly, or its sign depends on the parameters.

        Examples
        --------
        >>> a = sp.Symbol("a", positive=True)
        >>> Tail(1 / X - a / sp.sqrt(X)).final_sign()
        -1
        """
        if not self.terms:
            return 0
        leading = largest(self.terms)
        inverse = leading.scale.to(sp.S.NegativeOne)
        if self._marks(leading.coefficient) or any(
            term.scale.times(inverse).order() >= 0 for term in self.terms if term is not leading
        ):
            raise Undecided("the leading term at infinity is open")
        return sign(at_infinity(leading.coefficient))

    def limit(self) -> sp.Expr:
        """The limit at infinity, possibly infinite; parameters may occur.

        Raises
        ------
        Undecided
            If it does not exist, or the leading term is not known exactly.

        Examples
        --------
        >>> Tail(X * sp.log(1 + 1 / X)).limit()
        1
        """
        total = sp.S.Zero
        grows: list[Term] = []
        open_: list[Term] = []
        for term in self.terms:
            order = term.scale.order()
            if order < 0:
                continue
            value = at_infinity(term.coefficient)  # a remainder that is left is bounded, and times t tends to 0
            if self._marks(value) or (order > 0 and vanishes_identically(value)):
                open_.append(term)
            elif order > 0:
                grows.append(term)
            else:
                total += value
        if not grows:
            if open_:
                raise Undecided("the limit is open")
            return total
        leading = largest(grows)
        inverse = leading.scale.to(sp.S.NegativeOne)
        if any(term.scale.times(inverse).order() == 0 for term in grows if term is not leading):
            raise Undecided("two leading terms at infinity")
        if any(term.scale.times(inverse).order() >= 0 for term in open_):
            raise Undecided("the limit is open")
        return sign(at_infinity(leading.coefficient)) * sp.oo

    def smooth_part(self) -> sp.Expr:
        """The function of t = 1/x, analytic at t = 0, from which this one differs by a flat function.

        A function is flat if it tends to 0 with all its derivatives, as exp(-x) B(1/x) does.

        Raises
        ------
        Undecided
            If there is none of that form.
        """
        total = sp.S.Zero
        for term in self.given:
            used = self._marks(term.coefficient)
            if used & set(self._bounded) or not all(self._is_flat(self._small[s]) for s in used & set(self._small)):
                raise Undecided("the difference from an analytic function is open")
            if self._is_flat(term.scale):
                continue
            power = -term.scale.power
            if term.scale.phi or term.scale.logs or not isinstance(power, sp.Integer) or power < 0:
                raise Undecided("not analytic in 1/x at infinity")
            total += T**power * term.coefficient.xreplace(dict.fromkeys(used & set(self._small), sp.S.Zero))
        return total

    @staticmethod
    def _is_flat(scale: Scale) -> bool:
        return bool(scale.phi) and scale.order() < 0

    def _sign_beyond(self, leading: Term, radius: sp.Rational) -> int | None:
        own = self._enclosure(leading.coefficient, radius)
        if own is None or not (own > 0 or own < 0):
            return None
        others = arb(0)
        inverse = leading.scale.to(sp.S.NegativeOne)
        for term in self.terms:
            if term is leading:
                continue
            ratio = term.scale.times(inverse)
            size = self._enclosure(term.coefficient, radius)
            bound = arb(1) if ratio == ONE else ratio.bound(radius)
            if size is None or bound is None:
                return None
            others += bound * abs(size).upper()
            if not others < abs(own).lower():  # already: the terms that are left need not be enclosed
                return None
        return 1 if own > 0 else -1


def end_sign(function: sp.Expr, place: sp.Expr, side: str) -> tuple[int, sp.Rational]:
    """(s, d): `function` has the sign s on (place, place + d] ("+"), [place - d, place) ("-"), or beyond d if oo."""
    function, start = _without_lambertw(function if place is sp.oo else _moved(function, place, side))
    value, radius = _first_answer(function, Tail.sign)
    if start != X:
        radius = sp.Max(rational_bounds(start.xreplace({X: radius}))[1], _RADII[0])
    return value, radius if place is sp.oo else 1 / radius


def end_limit(function: sp.Expr, place: sp.Expr, side: str) -> sp.Expr:
    """The limit of `function` at `place` from the right ("+") or left ("-"), or at oo."""
    function, _ = _without_lambertw(function if place is sp.oo else _moved(function, place, side))
    return _first_answer(function, Tail.limit)


def final_sign(function: sp.Expr, place: sp.Expr, side: str) -> int:
    """The sign of `function` next to `place`, on its right ("+") or left ("-"), or far out if that is oo.

    It is one sign for all values of the parameters; how near or far may depend on them. Positive factors do not count.
    """
    factors = sp.Mul.make_args(sp.factor_terms(function))
    function = sp.Mul(*(factor for factor in factors if not factor.is_positive))
    function, _ = _without_lambertw(function if place is sp.oo else _moved(function, place, side))
    return _first_answer(function, Tail.final_sign)


def _without_lambertw(function: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The function of y = |W(u)|, and x as a function of y, where W(u) grows; both unchanged where none does.

    For u = c x**p + s or c exp(a x) it is W(u) exp(W(u)) = u, solved for x. For y > 1 it increases with y, where it is
    real: s is 0 for the lower branch.
    """
    for call in sorted(function.atoms(sp.LambertW), key=sp.default_sort_key):
        is_lower = len(call.args) == 2 and call.args[1] == -1
        side = -1 if is_lower else 1
        shift, moving = (side * call.args[0]).as_independent(X, as_Add=True)
        c, moving = moving.as_independent(X, as_Add=False)
        if not c.is_positive or (len(call.args) == 2 and not is_lower):
            continue
        if shift != 0 and (is_lower or isinstance(moving, sp.exp)):
            continue
        if isinstance(moving, sp.exp):
            rate = (moving.exp / X).expand()
            if X in rate.free_symbols or not (side * rate).is_positive:
                continue
            start = (sp.log(X) + side * X - sp.log(c)) / rate
        else:
            base, power = moving.as_base_exp()
            if base != X or not (side * power).is_positive:
                continue
            start = (X ** (1 / power) * sp.exp(side * X / power)) * c ** (-1 / power)
            if shift != 0:
                start = ((X * sp.exp(X) - shift) / c) ** (1 / power)
        value = sp.Dummy("y", positive=True)
        changed = function.xreplace({call: side * value}).xreplace({X: start.xreplace({X: value})})
        return changed.xreplace({value: X}), start
    return function, X


def _moved(function: sp.Expr, place: sp.Expr, side: str) -> sp.Expr:
    """The function of y = 1/(distance from `place`)."""
    return function.xreplace({X: place + 1 / X if side == "+" else place - 1 / X})


def _first_answer(function: sp.Expr, ask: Callable[[Tail], T_]) -> T_:
    """The answer of the shortest expansion that gives one."""
    for way in _TAYLOR[:-1]:
        try:
            return ask(Tail(function, *way))
        except Undecided as question:
            if question.open is not None:
                raise
    return ask(Tail(function, *_TAYLOR[-1]))
