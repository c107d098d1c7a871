"""Extrema of functions that oscillate for ever: on one period or turn, within an envelope, or beyond all bounds."""

from math import gcd, lcm

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.asymptotics.at_infinity import Tail
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import enclose
from symtrans.calculus.signs.root_isolation import crossings
from symtrans.calculus.undecided import Sentence, Undecided

_WAVES = (sp.sin, sp.cos)
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


def compact_part(expr: sp.Expr, lo: sp.Expr) -> tuple[sp.Expr, Sentence]:
    """(b, why): the supremum and infimum of `expr` on (lo, oo) are those on (lo, b].

    `expr` holds no parameters.

    Raises
    ------
    Undecided
        If it is neither a function of waves alone nor within a narrow enough envelope.

    Examples
    --------
    >>> compact_part(sp.cos(X) + 2, sp.S.Zero)
    (2*pi, ('of period ', 2*pi))
    """
    period = _period(expr)
    if period is not None:
        return lo + period, ("of period ", period)
    turn = _full_turn(expr, lo)
    if turn is not None:
        return turn, ("the argument of its waves passes a whole period before ", turn)
    tail = Tail(expr)
    for radius in _RADII:
        beyond = tail.range(radius)
        if beyond is None or compare(lo, radius) >= 0:
            continue
        values = [limit(expr, lo, "+"), *(expr.xreplace({X: zero}) for zero in _critical(expr, lo, radius))]
        balls = [enclose(value) for value in values if value not in (sp.oo, -sp.oo)]
        above = sp.oo in values or any(ball > beyond.upper() for ball in balls)
        below = -sp.oo in values or any(ball < beyond.lower() for ball in balls)
        if above and below:
            return radius, ("its values beyond ", radius, " lie between earlier ones")
    raise Undecided("the range of ", expr, ", which oscillates for ever, is open")


def infinities(expr: sp.Expr) -> frozenset[sp.Expr]:
    """Those of oo and -oo that values of `expr` approach along points that tend to oo; others may be left out.

    The waves have one argument, which tends to oo or -oo and so passes every multiple of pi/4 again
    and again: there each sine and cosine is a number.

    Examples
    --------
    >>> sorted(infinities(X * sp.cos(X**2)))
    [-oo, oo]
    """
    waves = expr.atoms(*_WAVES)
    arguments = {wave.args[0] for wave in waves if X in wave.free_symbols}
    if len(arguments) != 1:
        return frozenset()
    (argument,) = arguments
    try:
        if limit(argument, sp.oo) not in (sp.oo, -sp.oo):
            return frozenset()
    except Undecided:  # (a - b) r does not move where a = b
        return frozenset()
    found = set()
    for angle in (k * sp.pi / 4 for k in range(8)):
        there = expr.xreplace({wave(argument): wave(angle) for wave in _WAVES})
        try:
            found.add(limit(there, sp.oo))
        except Undecided:
            continue
    return frozenset(found & {sp.oo, -sp.oo})


def _critical(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> list[sp.Expr]:
    return [zero.place for zero in crossings(differentiate(expr, X), lo, hi)[1]]


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
    frequencies = [differentiate(wave.args[0], X) for wave in waves if X in wave.free_symbols]
    if any(X in frequency.free_symbols for frequency in frequencies):
        return None
    ratios = [cancelled(f / frequencies[0]) for f in frequencies]
    if not all(isinstance(ratio, sp.Rational) and ratio != 0 for ratio in ratios):
        return None
    numerator = gcd(*(abs(int(ratio.p)) for ratio in ratios))
    denominator = lcm(*(int(ratio.q) for ratio in ratios))
    return sp.Abs(2 * sp.pi / frequencies[0]) * denominator / numerator
