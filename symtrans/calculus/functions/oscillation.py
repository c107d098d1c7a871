"""Extrema of functions that oscillate for ever: on one period or turn, within an envelope, or beyond all bounds."""

from collections.abc import Iterable, Iterator
from math import gcd, inf, lcm, prod

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X, put
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.algebra.parity import mirror_parity
from symtrans.calculus.algebra.scales import nondimensional
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import is_rough, switch_of
from symtrans.calculus.asymptotics.at_infinity import Tail
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import enclose
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.undecided import Sentence, Undecided, decided

_WAVES = (sp.sin, sp.cos)
_INFINITE = {sp.oo, -sp.oo}
_QUARTERS = range(0, 24, 3)  # of pi, and the others
_TWELFTHS = (*_QUARTERS, *range(1, 24, 3), *range(2, 24, 3))
_SMALLER = 0.95
_MOST_TURNS = 100  # of waves before a radius
_PLACES = 24  # in a common period, at which waves are looked at
_RADII = tuple(map(sp.Integer, (4, 8, 16, 32, 64)))


def oscillates(expr: sp.Expr) -> bool:
    """Whether a sine or cosine of a growing argument occurs (to be asked of an interval that reaches oo)."""
    return any(_grows(wave.args[0]) for wave in expr.atoms(*_WAVES))


def _grows(argument: sp.Expr) -> bool:
    return X in argument.free_symbols and decided(limit, argument, sp.oo) in (None, sp.oo, -sp.oo)


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


def mirrored_turn(expr: sp.Expr) -> sp.Expr | None:
    """The period of an even function of waves alone, its parameters scales: it is even about each half of it, too.

    Examples
    --------
    >>> mirrored_turn(5 * sp.sin(X) ** 2)
    pi
    """
    scale, _, scaled = nondimensional(expr)
    period = _period(scaled) if scaled.free_symbols == {X} and mirror_parity(scaled, X) == 1 else None
    return None if period is None else scale * period


class Beyond:
    """What is known of the values of a function on (lo, oo) far out.

    Attributes
    ----------
    infinite : frozenset of Expr
        Those of oo and -oo that are approached.
    asymptote : Expr or None
        A number, or a function of waves alone whose values it approaches again and again, if one is known.
    """

    def __init__(self, expr: sp.Expr, lo: sp.Expr) -> None:
        self.expr = expr
        self._lo = lo
        self.infinite = infinities(expr)
        tail = decided(Tail, expr)
        level = None if tail is None else decided(tail.limit)
        self.asymptote = level if level is not None and level.is_finite else _asymptote(expr)
        self._tails = (tail, None if self.asymptote is None else decided(Tail, self._distance(self.asymptote)))

    def _distance(self, level: sp.Expr) -> sp.Expr:
        return sp.factor_terms(simplified(self.expr - level))

    def keeps_to(self, level: sp.Expr, side: int) -> bool:
        """Whether no value is above (`side` 1) or below (-1) a level or another function, as the formula shows."""
        signs = [self._side(factor) for factor in sp.Mul.make_args(self._distance(level))]
        return None not in signs and prod(one for one in signs if one is not None) == -side

    def _side(self, factor: sp.Expr) -> int | None:
        """1 where a factor is never negative, -1 where it is never positive; None where neither is known."""
        if factor.is_nonnegative or factor.is_nonpositive:
            return 1 if factor.is_nonnegative else -1
        turn = whole_turn(factor, self._lo) if factor.has(*_WAVES) and not factor.free_symbols - {X} else None
        if is_rough(factor) or (factor.has(*_WAVES) and turn is None):
            return None
        chart = decided(sign_chart, factor, self._lo, sp.oo if turn is None else turn[0])
        signs = {1, -1} if chart is None else {segment.sign for segment in chart}
        return 1 if -1 not in signs else -1 if 1 not in signs else None

    def radii(self) -> Iterator[tuple[sp.Expr, arb | None, arb | None]]:
        """Radii, and balls that contain all values beyond each, and all distances; None where none is found.

        Where they get no smaller, values further out tell no more, and there are none.
        """
        before: list[float | None] = []  # None of what has no expansion, inf of a ball that is not found yet
        for radius in _RADII:
            if compare(self._lo, radius) >= 0:
                continue
            own, apart = (None if tail is None else tail.range(radius) for tail in self._tails)
            sizes = [
                None if tail is None else inf if ball is None else float(ball.rad())
                for tail, ball in zip(self._tails, (own, apart), strict=True)
            ]
            if before and not any(
                size is not None and old is not None and (old == inf or size < _SMALLER * old)
                for size, old in zip(sizes, before, strict=True)
            ):
                return
            if self._turns(self._lo, radius) > _MOST_TURNS:
                return
            yield radius, own, apart
            before = sizes

    def _turns(self, lo: sp.Expr, hi: sp.Expr) -> float:
        """How often the waves turn, about."""
        moved = [limit(a, hi, "-") - limit(a, lo, "+") for a in {wave.args[0] for wave in self.expr.atoms(*_WAVES)}]
        return sum(abs(float(enclose(one).mid())) for one in moved if one.is_finite) / 6


def _asymptote(expr: sp.Expr) -> sp.Expr | None:
    """The limit for each of the values that the waves take together again and again."""
    waves = {wave: sp.Dummy("w", real=True) for wave in expr.atoms(*_WAVES) if X in wave.free_symbols}
    arguments = {wave.args[0] for wave in waves}
    try:
        is_one = len(arguments) == 1 and limit(next(iter(arguments)), sp.oo) in _INFINITE
        if not is_one and _common_period(arguments) is None:
            return None
        found = limit(expr.xreplace(waves), sp.oo)
    except Undecided:
        return None
    return None if found.has(*_INFINITE) else found.xreplace({value: wave for wave, value in waves.items()})


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
    for there in at_recurring_waves(expr):
        found.add(decided(limit, there, sp.oo))
        if found >= _INFINITE:
            break
    return frozenset(found & _INFINITE)


def at_recurring_waves(expr: sp.Expr) -> Iterator[sp.Expr]:
    """What the formula is at points that tend to oo, at which its waves take some values together.

    Examples
    --------
    >>> next(at_recurring_waves(X * sp.cos(X**2)))
    _x
    """
    waves = frozenset(wave for wave in expr.atoms(*_WAVES) if X in wave.free_symbols)
    for values in _recurring(waves, _TWELFTHS if is_rough(expr) else _QUARTERS):
        # a derivative has no value where a switch is 0
        if not any(switch_of(node, X).xreplace(values) == 0 for node in expr.atoms(sp.sign)):
            yield expr.xreplace(values)


def _recurring(waves: frozenset[sp.Expr], twelfths: Iterable[int]) -> Iterator[dict[sp.Expr, sp.Expr]]:
    """Values that the waves take together at points that tend to oo."""
    arguments = {wave.args[0] for wave in waves}
    if len(arguments) == 1:
        (argument,) = arguments
        if decided(limit, argument, sp.oo) not in _INFINITE:  # (a - b) r does not move where a = b
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
    waves = {wave for wave in expr.atoms(*_WAVES) if not wave.args[0].has(*_WAVES)}  # those within others
    if X in expr.xreplace({wave: sp.Dummy() for wave in waves}).free_symbols:
        return None
    period = _common_period({wave.args[0] for wave in waves if X in wave.free_symbols})
    while period is not None and _recurs(expr, period / 2):
        period = period / 2
    return period


def _recurs(expr: sp.Expr, period: sp.Expr) -> bool:
    """Whether SymPy's own identities, as sin(x + pi) = -sin(x), show that this is a period."""
    waves = (wave for wave in expr.atoms(*_WAVES) if X in wave.free_symbols and not wave.args[0].has(*_WAVES))
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
