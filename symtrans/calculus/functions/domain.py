"""Which functions the calculus knows, and where they are smooth, singular or not real."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

import sympy as sp

from symtrans.calculus.algebra.canonical import X, example_values, is_zero
from symtrans.calculus.algebra.comparisons import insert, sign
from symtrans.calculus.algebra.vocabulary import KNOWN, needed
from symtrans.calculus.enclosures.balls import ball_of, enclose, enclose_with, sign_at
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.regions import Region
from symtrans.calculus.signs.segments import Chart, one_sign, zeros
from symtrans.calculus.undecided import Sentence, Undecided, decided

_SAMPLES = 240


class Flaw(NamedTuple):
    """An interval (or point, lo = hi) at which an expression is not a finite real number."""

    lo: sp.Expr
    hi: sp.Expr
    why: Sentence
    is_somewhere: bool = False
    """Whether it is only known that such a place lies between lo and hi."""


class Domain(NamedTuple):
    """What a scan found on an interval.

    Attributes
    ----------
    cuts : tuple of Expr
        Isolated points, ascending, at which the expression may fail to be smooth.
    flaws : tuple of Flaw
        Where it is not real and finite.
    doubts : tuple of Sentence
        What could not be decided; with any doubt nothing may be called proved.
    """

    cuts: tuple[sp.Expr, ...]
    flaws: tuple[Flaw, ...]
    doubts: tuple[Sentence, ...]

    @property
    def is_clear(self) -> bool:
        """Whether the expression is smooth and real on the whole interval."""
        return not (self.cuts or self.flaws or self.doubts)


class _Margin(NamedTuple):
    """An expression that must keep its sign (`any_sign`) or be positive for a node to be smooth."""

    expr: sp.Expr
    any_sign: bool
    why: Sentence


def scan(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, chart_of: Callable[..., Chart] = sign_chart) -> Domain:
    """Find where `expr`, free of |.|, sgn, Max, Min and cases, is not smooth on (lo, hi).

    `chart_of` may know the signs of what has them.
    """
    cuts: list[sp.Expr] = []
    flaws: list[Flaw] = []
    doubts: list[Sentence] = []
    for margin in _margins(expr):
        try:
            chart = chart_of(margin.expr, lo, hi)
            flaws += [
                Flaw(s.lo, s.hi, margin.why) for s in chart if s.sign == 0 or (s.sign < 0 and not margin.any_sign)
            ]
            for zero in zeros(chart):
                insert(cuts, zero)
        except Undecided as open_question:
            failure = _sampled_failure(margin, lo, hi)
            if failure is not None:
                flaws.append(failure)
            doubts.append(open_question.sentence)
    return Domain(tuple(cuts), tuple(flaws), tuple(doubts))


def is_smooth(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> bool:
    """Whether `expr` is proved to be real and smooth on (lo, hi).

    Raises
    ------
    Undecided
        If that is open; perhaps with the sign that would settle it.
    """
    signs = ((margin, one_sign(sign_chart(margin.expr, lo, hi))) for margin in _margins(expr))
    return all(side == 1 or (side == -1 and margin.any_sign) for margin, side in signs)


def margins(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Expressions of which none may vanish where `expr` is to be analytic."""
    return (margin.expr for margin in _margins(expr))


def _margins(expr: sp.Expr) -> Iterator[_Margin]:
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.exp) or (X not in node.free_symbols and not _may_vanish(node)):
            continue
        if isinstance(node, sp.Pow):
            if not isinstance(node.exp, sp.Integer):
                yield _Margin(node.base, False, (node.base, " is negative under a power"))
            elif node.exp < 0:
                yield _Margin(node.base, True, (node, " divides by zero"))
        else:
            for needs, is_above in needed(node):
                yield _Margin(needs, not is_above, (node, " is not real" if is_above else " has a pole"))


def _may_vanish(node: sp.Basic) -> bool:
    """Whether a denominator without the variable is 0 in disguise, as in 1/(sin(1)**2 + cos(1)**2 - 1)."""
    if not isinstance(node, sp.Pow) or not node.exp.could_extract_minus_sign() or node.base.is_Atom:
        return False
    zero = is_zero(node.base)
    return zero is True or (zero is None and not node.base.free_symbols)


def _sampled_failure(margin: _Margin, lo: sp.Expr, hi: sp.Expr) -> Flaw | None:
    """A proved failure where the chart is open: a negative value, or a continuous change of sign between two points.

    It refutes totality; finding none proves nothing, and the doubt stays.
    """
    values = decided(example_values, (margin.expr.free_symbols | lo.free_symbols | hi.free_symbols) - {X})
    if values is None:
        return None
    start, end = lo.subs(values), hi.subs(values)
    width = sp.Rational(1, 8) if end is sp.oo else (end - start) / (_SAMPLES + 1)
    places = [start + width * k for k in range(1, _SAMPLES + 1)]
    try:
        signs = [(p, sign_at(margin.expr, {**values, X: p})) for p in places]
    except Undecided:
        return None
    known = [(p, s) for p, s in signs if s is not None]
    if not margin.any_sign:
        return next((Flaw(p, p, margin.why) for p, s in known if s < 0), None)
    balls = {symbol: enclose(value) for symbol, value in values.items()}
    for (p, s), (q, t) in pairwise(known):
        if s != t and enclose_with(margin.expr, {**balls, X: ball_of(p, q)}).is_finite():  # no jump over zero
            exact = next(_exact_zeros(margin.expr, p, q, values), None)
            return Flaw(p, q, margin.why, True) if exact is None else Flaw(exact, exact, margin.why)
    return None


def _exact_zeros(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> Iterator[sp.Expr]:
    """Zeros between two places at which the angle of a sine or cosine is a multiple of pi/12."""
    for call in sorted(expr.atoms(sp.sin, sp.cos), key=sp.default_sort_key):
        rest, moving = call.args[0].as_independent(X, as_Add=True)
        factor, power = moving.as_coeff_exponent(X)
        if X in factor.free_symbols or not power.is_positive:
            continue
        ends = sorted(float(call.args[0].subs({**values, X: end})) * 12 / math.pi for end in (lo, hi))
        for k in range(math.ceil(ends[0]), math.floor(ends[1]) + 1):
            place = ((k * sp.pi / 12 - rest) / factor) ** (1 / power)
            if is_zero(expr.subs(X, place)) is True:
                yield place


def unreal_part(expr: sp.Expr, variable: sp.Symbol, region: Region) -> sp.Expr | None:
    """A part without the variable that is nowhere real in a region, as ln(-a) for a > 0; None where none is seen.

    Cases in the parameters are passed over: they are there to avoid it.
    """
    walk = sp.preorder_traversal(expr)
    for node in walk:
        if isinstance(node, sp.Piecewise) and not any(variable in case.cond.free_symbols for case in node.args):
            walk.skip()
        if variable in node.free_symbols or not isinstance(node, sp.Function | sp.Pow | type(sp.I)):
            continue
        with suppress(Undecided):
            if node.is_extended_real is False or any(sign(region.inward(least)) < 0 for least in _floors(node)):
                return node
    return None


def _floors(node: sp.Expr) -> Iterator[sp.Expr]:
    """What must not be negative for a call or power to be real."""
    if isinstance(node, sp.Pow):
        if not node.exp.is_integer:
            yield node.base
    elif not isinstance(node, sp.gamma):
        yield from (least for least, is_above in needed(node) if is_above)


def unknown_parts(expr: sp.Expr) -> tuple[str, ...]:
    """Names of the nodes of `expr` of which the calculus knows nothing."""
    parts = (n for n in sp.preorder_traversal(expr) if not isinstance(n, _LANGUAGE) and not _is_zeta(n))
    return tuple(sorted({type(n).__name__ for n in parts}))


def _is_zeta(node: sp.Basic) -> bool:
    """Whether it is one of the numbers that polylog(n, 1) and polylog(n, -1) are."""
    return isinstance(node, sp.zeta | sp.dirichlet_eta) and node.is_number


_LANGUAGE = (
    *KNOWN,
    *(sp.Symbol, sp.Number, sp.NumberSymbol, sp.Add, sp.Mul, sp.Pow, sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min),
    *(sp.Piecewise, sp.functions.elementary.piecewise.ExprCondPair, sp.core.relational.Relational),
    *(sp.And, sp.Or, sp.Not, sp.ITE, sp.logic.boolalg.BooleanAtom, sp.Integral, sp.Tuple),
    sp.polys.rootoftools.ComplexRootOf,
    sp.polys.polytools.PurePoly,
)
