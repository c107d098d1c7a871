"""Extrema of functions of one wave: over its values, within its first period where it is damped, or far out."""

from collections.abc import Callable
from math import gcd, lcm

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import is_rough
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import NamedNumber
from symtrans.calculus.functions.candidates import Candidate
from symtrans.calculus.functions.half_line import Piece
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.segments import one_sign
from symtrans.calculus.undecided import Sentence, Undecided, decided_as_it_is

_INFINITE = (sp.oo, -sp.oo)
_MOST_MULTIPLE = 6  # of an argument of waves that are written in those of it
OfPiece = Callable[[Piece], tuple[list[Candidate], Sentence]]


def of_one_wave(piece: Piece, candidates: OfPiece) -> tuple[list[Candidate], Sentence] | None:
    """The candidates of F(w) on (0, oo), w = sin(k r) or cos(k r), by those of F; None for another function.

    w takes each value of [-1, 1] on (0, oo), so the range is that of F over [-1, 1]: over (0, 1) those of F(x) and
    F(-x), the values at both ends, and that at 0.

    Examples
    --------
    >>> from symtrans.calculus.functions.extrema import piece_candidates
    >>> a = sp.Symbol("a", positive=True)
    >>> wave = Piece(sp.S.Zero, sp.oo, 1 / (1 + a * sp.sin(X) ** 2))
    >>> [(c.value, c.place) for c in of_one_wave(wave, piece_candidates)[0]]
    [(1, 0), (1/(a + 1), pi/2)]
    """
    if piece.lo != 0 or piece.hi is not sp.oo or is_rough(piece.expr):
        return None
    found = in_one_wave(piece.expr)
    if found is None:
        return None
    wave, function = found
    frequency = sp.cancel(wave.args[0] / X)
    if X in frequency.free_symbols or not frequency.is_positive:
        return None
    values: dict[Candidate, None] = {}
    parts = {side: simplified(function.xreplace({X: side * X})) for side in (1, -1)}
    for side in (1,) if parts[1] == parts[-1] else (1, -1):
        part = Piece(sp.S.Zero, sp.S.One, parts[side])
        there = decided_as_it_is(candidates, part)
        if there is None or any(one.place.has(NamedNumber) for one in there[0]):
            return None
        values.update(dict.fromkeys(_placed(one, side, wave, frequency) for one in there[0]))
    return [*values], ("compared over all values of its wave, from -1 to 1",)


def in_one_wave(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(w, F) with expr = F(w), F written in X, for a sine or cosine w; of the other only even powers occur.

    Examples
    --------
    >>> in_one_wave(sp.sin(2 * X) ** 2 * sp.cos(2 * X))
    (cos(2*_x), _x*(1 - _x**2))
    >>> in_one_wave(sp.cos(X) + sp.cos(2 * X))
    (cos(_x), 2*_x**2 + _x - 1)
    """
    expr = _of_one_argument(expr)
    waves = {wave for wave in expr.atoms(sp.sin, sp.cos) if X in wave.free_symbols}
    arguments = {wave.args[0] for wave in waves}
    if len(arguments) != 1:
        return None
    (argument,) = arguments
    sine, cosine = sp.sin(argument), sp.cos(argument)
    for wave, other in ((sine, cosine), (cosine, sine)):
        squares = {
            power: (1 - wave**2) ** (power.exp / 2)
            for power in expr.atoms(sp.Pow)
            if power.base == other and isinstance(power.exp, sp.Integer) and power.exp % 2 == 0
        }
        w = sp.Dummy("w")
        function = expr.xreplace(squares).xreplace({wave: w})
        if not function.free_symbols & {X} and not function.has(other):
            return wave, function.xreplace({w: X})
    return None


def _of_one_argument(expr: sp.Expr) -> sp.Expr:
    """Waves of n u for a few whole n by those of u: cos(n u) = T_n(cos u), sin(n u) = sin(u) U_(n-1)(cos u)."""
    waves = {wave for wave in expr.atoms(sp.sin, sp.cos) if X in wave.free_symbols}
    first = min((wave.args[0] for wave in waves), key=sp.default_sort_key, default=X)
    ratios = {wave: sp.cancel(wave.args[0] / first) for wave in waves}
    if len({*ratios.values()}) < 2 or not all(ratio.is_Rational for ratio in ratios.values()):
        return expr
    unit = sp.Rational(gcd(*(int(q.p) for q in ratios.values())), lcm(*(int(q.q) for q in ratios.values())))
    if any(abs(ratio / unit) > _MOST_MULTIPLE for ratio in ratios.values()):
        return expr
    u, written = first * unit, {}
    for wave, ratio in ratios.items():
        n = int(abs(ratio / unit))
        written[wave] = sp.chebyshevt(n, sp.cos(u))
        if isinstance(wave, sp.sin):
            written[wave] = sp.sign(ratio) * sp.sin(u) * sp.chebyshevu(n - 1, sp.cos(u))
    return sp.expand(expr.xreplace(written))


def _placed(found: Candidate, side: int, wave: sp.Expr, frequency: sp.Expr) -> Candidate:
    """The value at the first r > 0 at which the wave is `side` times the place; at r = 0 it is a limit."""
    if isinstance(wave, sp.cos):
        angle = sp.acos(side * found.place)
    else:
        angle = sp.asin(found.place) if side == 1 else sp.pi + sp.asin(found.place)
        angle = sp.S.Zero if found.place == 0 else angle
    is_value = angle != 0 and found.value not in (sp.oo, -sp.oo)
    return Candidate(found.value, simplified(angle / frequency), is_value)


def of_damped_wave(piece: Piece) -> tuple[list[Candidate], Sentence] | None:
    """The candidates of f(r) = exp(-k r) (A cos(w r) + B sin(w r)) on (0, oo), k and w > 0; None for another function.

    f' is exp(-k r) (A' cos(w r) + B' sin(w r)) with A' = w B - k A and B' = -w A - k B. It vanishes first at
    w r = t = pi/2 + atan(B'/A') in (0, pi), at pi where A' = 0, and then after each pi/w. From one zero to the next f
    is multiplied by -exp(-k pi/w): of each sign the first value is the largest, and 0, which f tends to, lies between.
    As B A' - A B' = w (A^2 + B^2) and A'^2 + B'^2 = (A^2 + B^2) (w^2 + k^2), the first value is the sign of A' times
    exp(-k t/w) w sqrt((A^2 + B^2)/(w^2 + k^2)); where A' = 0 it is -A exp(-k pi/w).

    Examples
    --------
    >>> of_damped_wave(Piece(sp.S.Zero, sp.oo, sp.exp(-X) * sp.sin(X)))[0][1]
    Candidate(value=sqrt(2)*exp(-pi/4)/2, place=pi/4, attained=True)
    """
    found = _damped(piece.expr) if piece.lo == 0 and piece.hi is sp.oo else None
    if found is None:
        return None
    k, w, a, b = found
    rise, turn = simplified(w * b - k * a), simplified(-w * a - k * b)
    side = sign(rise)
    if side == 0:
        angle: sp.Expr = sp.pi
        first = -a * sp.exp(-k * sp.pi / w)
    else:
        angle = sp.pi / 2 + sp.atan(simplified(turn / rise))
        first = side * w * sp.sqrt(simplified((a**2 + b**2) / (w**2 + k**2))) * sp.exp(-k * angle / w)
    values = [
        Candidate(a, sp.S.Zero, False),
        Candidate(simplified(first), simplified(angle / w), True),
        Candidate(simplified(-first * sp.exp(-k * sp.pi / w)), simplified((angle + sp.pi) / w), True),
    ]
    return values, ("a damped wave: its first maximum and its first minimum are the largest",)


def _damped(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr] | None:
    """(k, w, A, B) of exp(-k X) (A cos(w X) + B sin(w X)); None where it is no such function."""
    rates, frequencies, factors = set(), set(), {sp.sin: sp.S.Zero, sp.cos: sp.S.Zero}
    for term in sp.Add.make_args(sp.expand(expr)):
        factor, varying = term.as_independent(X, as_Add=False)
        decay, wave = sp.S.Zero, None
        for part in sp.Mul.make_args(varying):
            if isinstance(part, sp.exp):
                decay -= part.exp
            elif isinstance(part, sp.sin | sp.cos) and wave is None:
                wave = part
            else:
                return None
        if wave is None:
            return None
        rates.add(sp.cancel(decay / X))
        frequencies.add(sp.cancel(wave.args[0] / X))
        factors[wave.func] += factor
    if len(rates) != 1 or len(frequencies) != 1:
        return None
    (k,), (w,) = rates, frequencies
    if X in (k * w).free_symbols or not (k.is_positive and w.is_positive):
        return None
    return k, w, factors[sp.cos], factors[sp.sin]


def of_swelling_wave(piece: Piece) -> tuple[list[Candidate], Sentence] | None:
    """The candidates of f = C + A(r) cos(u) + B(r) sin(u), where u tends to oo and A^2 + B^2 stays below its limit P.

    |f - C| <= sqrt(A^2 + B^2) < sqrt(P). A and B tend to limits of which P is the sum of squares, while u takes all
    values from some on: f comes as near to C + sqrt(P) and C - sqrt(P) as one likes. None for another function.

    Examples
    --------
    >>> [c.value for c in of_swelling_wave(Piece(sp.S.Zero, sp.oo, sp.sin(X) * X / (1 + X)))[0]]
    [1, -1]
    """
    waves = {wave for wave in piece.expr.atoms(sp.sin, sp.cos) if X in wave.free_symbols}
    arguments = {wave.args[0] for wave in waves}
    if piece.hi is not sp.oo or is_rough(piece.expr) or len(arguments) != 1:
        return None
    symbols = {wave: sp.Dummy() for wave in waves}
    expr = sp.expand(piece.expr).xreplace(symbols)
    if not expr.is_polynomial(*symbols.values()):
        return None
    terms = sp.Poly(expr, *symbols.values()).terms()
    if any(sum(powers) > 1 for powers, _ in terms):
        return None
    parts = [simplified(factor) for powers, factor in terms if any(powers)]
    level = sp.Add(*(factor for powers, factor in terms if not any(powers)))
    power = simplified(sp.Add(*(part**2 for part in parts)))
    if X in level.free_symbols or X not in power.free_symbols:
        return None
    try:
        if limit(arguments.pop(), sp.oo) is not sp.oo or any(limit(part, sp.oo) in _INFINITE for part in parts):
            return None
        most = limit(power, sp.oo)
        chart = sign_chart(simplified(power - most), piece.lo, piece.hi)
    except Undecided as question:
        if question.open is not None:
            raise
        return None
    if one_sign(chart) != -1:
        return None
    ends = [Candidate(simplified(level + side * sp.sqrt(most)), sp.oo, False) for side in (1, -1)]
    return ends, ("the amplitude of its wave stays below its limit",)
