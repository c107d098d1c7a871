"""Exact numbers without a closed form: the one zero of a function in a rational interval, and values there."""

from typing import Any, Self

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.enclosures.balls import NamedNumber, ball_function, ball_of
from symtrans.calculus.undecided import Undecided

_MOST_STEPS = 60
_SIGN_BITS = 128


class IsolatedRoot(NamedNumber):
    """The zero of `function` in the interval (lo, hi), on which it is strictly monotone.

    It is exact: it encloses itself to any precision. Whoever builds one has proved
    that the function changes sign there and that its derivative does not.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> root = IsolatedRoot(x - sp.cos(x), x, sp.Rational(1, 2), sp.Integer(1))
    >>> root.evalf(20)
    0.73908513321516064166
    """

    function: sp.Expr
    variable: sp.Symbol
    lo: sp.Rational
    hi: sp.Rational

    def __new__(cls, function: sp.Expr, variable: sp.Symbol, lo: sp.Rational, hi: sp.Rational) -> Self:
        """The zero of `function` (in `variable`) between `lo` and `hi`."""
        new: Self = super().__new__(cls)
        new.function, new.variable, new.lo, new.hi = function, variable, lo, hi
        new._known = {}
        return new

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.function, self.variable, self.lo, self.hi

    def _eval_is_positive(self) -> bool | None:
        return True if self.lo >= 0 else False if self.hi <= 0 else None

    def _eval_is_negative(self) -> bool | None:
        return True if self.hi <= 0 else False if self.lo >= 0 else None

    def _eval_is_zero(self) -> bool | None:
        return False if self.lo >= 0 or self.hi <= 0 else None

    def sort_key(self, order: Any = None) -> Any:
        """By the function and the interval: SymPy orders the arguments of sums and products by it."""
        return self.class_key(), (1, (str(self.function), self.lo, self.hi)), sp.S.One.sort_key(), sp.S.One

    def ball(self) -> arb:
        """Interval Newton steps from the isolating interval, as sharp as the working precision."""
        bits = ctx.prec
        if bits not in self._known:
            start = min((k for k in self._known if k > bits), default=None)
            self._known[bits] = self._refined(bits) if start is None else self._known[start]
        return self._known[bits]

    def _refined(self, bits: int) -> arb:
        with ctx.workprec(bits + 32):
            f = ball_function(self.function, self.variable, bits + 32)
            slope = ball_function(differentiate(self.function, self.variable), self.variable, bits + 32)
            box = ball_of(self.lo, self.hi)
            rising = f(ball_of(self.hi, self.hi)) > 0
            for _ in range(_MOST_STEPS + bits):
                if _sharp(box, bits):
                    return box
                box = _newton(f, slope, box) or _halved(f, box, rising)
            raise Undecided(f"the root near {box.mid()} could not be refined to {bits} bits")


class ValueAtRoot(NamedNumber):
    """The value of `expr`, whose only symbol is `variable`, at an isolated root: written out it would not be read.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> root = IsolatedRoot(x - sp.cos(x), x, sp.Rational(1, 2), sp.Integer(1))
    >>> ValueAtRoot(x**2, x, root).evalf(20)
    0.54624683413967175195
    """

    expr: sp.Expr
    variable: sp.Symbol
    root: NamedNumber

    def __new__(cls, expr: sp.Expr, variable: sp.Symbol, root: NamedNumber) -> Self:
        """The value of `expr` (in `variable`) at `root`."""
        new: Self = super().__new__(cls)
        new.expr, new.variable, new.root = expr, variable, root
        return new

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.expr, self.variable, self.root

    def _eval_is_positive(self) -> bool | None:
        with ctx.workprec(_SIGN_BITS):
            ball = self.ball()
        return True if ball > 0 else False if ball < 0 else None

    def _eval_is_negative(self) -> bool | None:
        is_positive = self._eval_is_positive()
        return None if is_positive is None else not is_positive

    def sort_key(self, order: Any = None) -> Any:
        """By the expression and the root."""
        return self.class_key(), (1, (str(self.expr), self.root.sort_key())), sp.S.One.sort_key(), sp.S.One

    def ball(self) -> arb:
        """The function on the ball of the root."""
        return ball_function(self.expr, self.variable, ctx.prec)(self.root.ball())


def _sharp(box: arb, bits: int) -> bool:
    middle = abs(box.mid())
    scale = middle if middle > 1 else arb(1)
    return bool(box.rad() < scale * arb(2) ** (-bits))


def _newton(f: Any, slope: Any, box: arb) -> arb | None:
    """The interval Newton step; None where it does not at least halve the interval."""
    middle = box.mid()
    step = f(middle) / slope(box)
    if not step.is_finite():
        return None
    new = middle - step
    if not new.overlaps(box):
        return None
    new = new.intersection(box)
    return new if new.rad() * 2 < box.rad() else None


def _halved(f: Any, box: arb, rising: bool) -> arb:
    """The half in which the sign changes; where the middle is too close to tell, a middle third remains."""
    low, high = box.lower(), box.upper()
    for part in (arb(1) / 2, arb(3) / 8, arb(5) / 8):
        cut = (low + (high - low) * part).mid()
        value = f(cut)
        if value > 0:
            return low.union(cut) if rising else cut.union(high)
        if value < 0:
            return cut.union(high) if rising else low.union(cut)
    raise Undecided("the sign beside a root is open")
