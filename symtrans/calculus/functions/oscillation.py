"""Extrema of functions that oscillate for ever: on one period or turn, within an envelope, or beyond all bounds."""

from collections.abc import Iterable, Iterator
from math import gcd, lcm

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.algebra.parity import mirror_parity
from symtrans.calculus.algebra.switches import is_rough, switch_of
from symtrans.calculus.asymptotics.at_infinity import Tail
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import enclose
from symtrans.calculus.undecided import Sentence, Undecided

_WAVES = (sp.sin, sp.cos)
_INFINITE = {sp.oo, -sp.oo}
_QUARTERS = range(0, 24, 3)  # of pi, and the others
_TWELFTHS = (*_QUARTERS, *range(1, 24, 3), *range(2, 24, 3))
_PLACES = 24  # in a common period, at which waves are looked at
_RADII = tuple(map(sp.Integer, (4, 8, 16, 32, 64)))


def oscillates(expr: sp.Expr) -> bool:
    """Whether a sine or cosine of a growing argument occurs (to be asked of an interval that reaches oo)."""
    return any(_grows(wave.args[0]) for wave in expr.atoms(*_WAVES))


def _grows(argument: sp.Expr) -> bool:
    if X not in argument.free_symbols:
        return False
    try:
        return limit(argument, sp.oo) in (sp.oo, -sp.oo)
    except Undecided:
        return True


def whole_turn(expr: sp.Expr, lo: sp.Expr) -> tuple[sp.Expr, Sentence] | None:
    """(b, why): each value on (lo, oo) of a function of waves alone is one on (lo, b]; None where that is not known.

    `expr` holds no parameters.

    Examples
    --------
    >>> whole_turn(sp.cos(X) + sp.sin(X), sp.S.Zero)
    (2*pi, ('of period ', 2*pi))
    """
    period = _period(expr)
    if period is not None:
        if lo == 0 and mirror_parity(expr, X) == 1:
            return period / 2, ("even and of period ", period, ", of which half decides")
        return lo + period, ("of period ", period)
    turn = _full_turn(expr, lo)
    if turn is not None:
        return turn, ("the argument of its waves passes a whole period before ", turn)
    return None


class Beyond:
    """What is known of the values of a function beyond each of some radii.

    Attributes
    ----------
    infinite : frozenset of Expr
        Those of oo and -oo that are approached.
    limit : Expr or None
        Where it tends to, if that is known.
    """

    def __init__(self, expr: sp.Expr) -> None:
        self.expr = expr
        self.infinite = infinities(expr)
        self.limit: sp.Expr | None = None
        self._tail: Tail | None = None
        try:
            self._tail = Tail(expr)
            self.limit = self._tail.limit()
        except Undecided:
            pass

    def level(self, side: int) -> sp.Expr | None:
        """The limit, or else 0, where no value is above it (`side` 1) or below it (`side` -1)."""
        for level in (self.limit, sp.S.Zero):
            if level is not None and level.is_finite:
                distance = sp.factor_terms(sp.together(self.expr - level))
                if distance.is_nonpositive if side == 1 else distance.is_nonnegative:
                    return level
        return None

    def radii(self) -> Iterator[tuple[sp.Expr, arb | None]]:
        """Radii, and a ball that contains all values beyond each; None where none is found."""
        for radius in _RADII:
            yield radius, None if self._tail is None else self._tail.range(radius)


def infinities(expr: sp.Expr) -> frozenset[sp.Expr]:
    """Those of oo and -oo that values of `expr` approach along points that tend to oo; others may be left out.

    The waves have one argument, which tends to oo or -oo and so passes every multiple of pi/4 (and pi/12) again
    and again: there each sine and cosine is a number. Or they have a common period, and are again and again what they
    are at some place in it.

    Examples
    --------
    >>> sorted(infinities(X * sp.cos(X**2)))
    [-oo, oo]
    """
    found = set()
    waves = frozenset(wave for wave in expr.atoms(*_WAVES) if X in wave.free_symbols)
    for values in _recurring(waves, _TWELFTHS if is_rough(expr) else _QUARTERS):
        there = expr.xreplace(values)
        # a derivative has no value where a switch is 0
        if any(switch_of(node, X).xreplace(values) == 0 for node in expr.atoms(sp.sign)):
            continue
        try:
            found.add(limit(there, sp.oo))
        except Undecided:
            continue
        if found >= _INFINITE:
            break
    return frozenset(found & _INFINITE)


def _recurring(waves: frozenset[sp.Expr], twelfths: Iterable[int]) -> Iterator[dict[sp.Expr, sp.Expr]]:
    """Values that the waves take together at points that tend to oo."""
    arguments = {wave.args[0] for wave in waves}
    if len(arguments) == 1:
        (argument,) = arguments
        try:
            if limit(argument, sp.oo) not in (sp.oo, -sp.oo):
                return
        except Undecided:  # (a - b) r does not move where a = b
            return
        for k in twelfths:
            yield {wave: wave.func(k * sp.pi / 12) for wave in waves}
    elif (period := _common_period(arguments)) is not None:
        for k in range(_PLACES):
            yield {wave: wave.xreplace({X: period * k / _PLACES}) for wave in waves}


def _full_turn(expr: sp.Expr, lo: sp.Expr) -> sp.Expr | None:
    """A radius up to which the one argument of all waves passes a whole period: later values are earlier ones."""
    waves = {wave: sp.Dummy() for wave in expr.atoms(*_WAVES) if X in wave.free_symbols}
    arguments = {wave.args[0] for wave in waves}
    if len(arguments) != 1 or X in expr.xreplace(waves).free_symbols:
        return None
    (argument,) = arguments
    start = limit(argument, lo, "+")
    for radius in _RADII:
        if compare(lo, radius) < 0 and start not in (sp.oo, -sp.oo):
            passed = enclose(put(argument, radius) - start)
            if passed.is_finite() and abs(passed) > 2 * arb.pi():
                return radius
    return None


def _period(expr: sp.Expr) -> sp.Expr | None:
    """A period of an expression in sines and cosines of commensurable multiples of the variable."""
    waves = expr.atoms(*_WAVES)
    if X in expr.xreplace({wave: sp.Dummy() for wave in waves}).free_symbols:
        return None
    period = _common_period({wave.args[0] for wave in waves if X in wave.free_symbols})
    while period is not None and _recurs(expr, period / 2):
        period = period / 2
    return period


def _recurs(expr: sp.Expr, period: sp.Expr) -> bool:
    """Whether SymPy's own identities, as sin(x + pi) = -sin(x), show that this is a period."""
    waves = (wave for wave in expr.atoms(*_WAVES) if X in wave.free_symbols)
    moved = {wave: wave.func(sp.expand(wave.args[0].xreplace({X: X + period}))) for wave in waves}
    return bool(expr.xreplace(moved) == expr)


def _common_period(arguments: Iterable[sp.Expr]) -> sp.Expr | None:
    """A period of the sines and cosines of some arguments; None where one is not linear, or none is known."""
    frequencies = [differentiate(argument, X) for argument in arguments]
    if not frequencies or any(X in frequency.free_symbols for frequency in frequencies):
        return None
    ratios = [cancelled(f / frequencies[0]) for f in frequencies]
    if not all(isinstance(ratio, sp.Rational) and ratio != 0 for ratio in ratios):
        return None
    numerator = gcd(*(abs(int(ratio.p)) for ratio in ratios))
    denominator = lcm(*(int(ratio.q) for ratio in ratios))
    return sp.Abs(2 * sp.pi / frequencies[0]) * denominator / numerator
