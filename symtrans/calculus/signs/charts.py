"""Sign charts: where on an open interval a smooth expression is positive, negative, zero.

Everything provable about a nonlinearity reduces to this one primitive: g >= 0
is the chart of the flux, monotonicity the chart of its derivative, a maximum
the chart of the derivative of what is maximised. The methods are exact; a
question they leave open raises `Undecided`.
"""

from collections.abc import Mapping, Sequence
from itertools import islice, pairwise
from math import gcd

import sympy as sp

from symtrans.calculus.algebra.canonical import X, canonical, is_zero, rational_form
from symtrans.calculus.algebra.changes_of_variable import by_power, in_old_variable
from symtrans.calculus.algebra.comparisons import compare, sign, sign_by_ranges
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.scales import nondimensional
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import is_rough
from symtrans.calculus.algebra.sympy_calls import guarded
from symtrans.calculus.algebra.terms import sign_of_terms
from symtrans.calculus.algebra.vocabulary import INCREASING
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.signs.monomials import by_monomials
from symtrans.calculus.signs.polynomials import positive_roots
from symtrans.calculus.signs.powers import in_one_power, logarithm_of_ratio
from symtrans.calculus.signs.root_isolation import crossings
from symtrans.calculus.signs.segments import Chart, Segment, one_sign, refined, times, to_power
from symtrans.calculus.undecided import Undecided, decided, decided_as_it_is, interval
from symtrans.runtime.caches import remembered

# How often a chart may fall back on the chart of the derivative (Rolle's theorem).
_ROLLE_DEPTH = 3
_TRANSCENDENTAL = (sp.exp, sp.log, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc)
_WITH_POLES = (sp.tan, sp.cot, sp.sec, sp.csc, sp.coth, sp.csch, sp.gamma, sp.Ei)
_MOST_OPERATIONS = 60  # beyond which numbers come before algebra
_SURELY_HEAVY = 600  # nodes of a formula with more operations than that


def sign_chart(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int = _ROLLE_DEPTH) -> Chart:
    """Chart of `expr` (smooth in X) on (lo, hi); neighbouring segments meet at its zeros.

    Raises
    ------
    Undecided
        If it is not found.

    Examples
    --------
    >>> lam = sp.Symbol("lambda", positive=True)
    >>> [(s.lo, s.hi, s.sign) for s in sign_chart(1 - X**2/lam**2, sp.S.Zero, sp.oo)]
    [(0, lambda, 1), (lambda, oo, -1)]
    """
    answer = _answer(expr, lo, hi, depth)
    if isinstance(answer, Undecided):
        raise Undecided(*answer.sentence, open=answer.open)
    return answer


@remembered(4096)
def _answer(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int) -> Chart | Undecided:
    """The chart, or the question that is open: it takes as long to find, and is asked again."""
    try:
        return _chart(expr, lo, hi, depth)
    except Undecided as question:
        return Undecided(*question.sentence, open=question.open)  # without what led to it


def _chart(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int) -> Chart:
    if X not in expr.free_symbols:
        return (Segment(lo, hi, sign(expr)),)
    if is_rough(expr):  # it is not smooth: whoever wants more cuts it first
        if expr.is_positive or expr.is_negative:
            return (Segment(lo, hi, 1 if expr.is_positive else -1),)
        raise Undecided("the sign of ", expr, ", which has breaks for ever, is open")
    if depth == _ROLLE_DEPTH and is_heavy(expr):
        isolated = decided(_isolated_chart, expr, lo, hi)
        if isolated is not None:
            return isolated
    if (changed := by_power(expr)) is not None:
        return _at_powers(changed[0], changed[1], lo, hi, depth)
    if (known := _plain_sign(expr)) is not None:
        return (Segment(lo, hi, known),)
    if is_zero(expr):
        return (Segment(lo, hi, 0),)
    form = rational_form(canonical(expr))
    chart: Chart = (Segment(lo, hi, 1),)
    for part in (form.numerator, form.denominator):
        content, factors = guarded(sp.factor_list, part)
        chart = times(chart, (Segment(lo, hi, sign(content)),))
        for factor, multiplicity in factors:
            chart = times(chart, to_power(_factor_chart(factor, form.meaning, lo, hi, depth), multiplicity))
    return chart


def _plain_sign(expr: sp.Expr) -> int | None:
    """The one sign that the factors show.

    Of a quotient in X alone SymPy's assumptions know nothing that its coefficients do not, and they take longer.
    """
    product = 1
    for factor in sp.Mul.make_args(expr):
        known = sign_of_terms(factor)
        if known is None and not (factor.free_symbols == {X} and factor.is_rational_function(X)):
            known = 1 if factor.is_positive else -1 if factor.is_negative else None
        if known is None:
            return None
        product *= known
    return product


# ---------------------------------------------------------------------------
# One irreducible factor


def _factor_chart(factor: sp.Expr, meaning: Mapping[sp.Symbol, sp.Expr], lo: sp.Expr, hi: sp.Expr, depth: int) -> Chart:
    expr = factor.xreplace(meaning)
    if X not in expr.free_symbols:
        return (Segment(lo, hi, sign(expr)),)
    moving = [s for s in factor.free_symbols if X in meaning.get(s, s).free_symbols]
    if expr.free_symbols == {X} and moving == [X] and factor.is_polynomial(X):
        return _polynomial_chart(factor, meaning, lo, hi)
    for value, known in ((1, expr.is_positive), (-1, expr.is_negative)):
        if known:
            return (Segment(lo, hi, value),)
    if (of_bounded := sign_by_ranges(expr)) is not None:
        return (Segment(lo, hi, of_bounded),)
    if (in_power := in_one_power(expr)) is not None:
        return _at_powers(*in_power, lo, hi, _ROLLE_DEPTH)
    if moving == [X] and factor.is_polynomial(X):
        return _polynomial_chart(factor, meaning, lo, hi)
    if (of_two := logarithm_of_ratio(expr)) is not None:
        return sign_chart(of_two, lo, hi, depth)
    algebraic = decided_as_it_is(_algebraic_chart, factor, moving, meaning, lo, hi, depth)
    if algebraic is not None:
        return algebraic
    try:
        return _isolated_chart(expr, lo, hi)
    except Undecided as question:
        if (of_one_sign := _sum_chart(expr, lo, hi, depth)) is not None:
            return of_one_sign
        try:
            return _rolle(expr, lo, hi, depth)
        except Undecided as second:
            raise second if second.open is not None else question from None


def _algebraic_chart(
    factor: sp.Expr,
    moving: Sequence[sp.Symbol],
    meaning: Mapping[sp.Symbol, sp.Expr],
    lo: sp.Expr,
    hi: sp.Expr,
    depth: int,
) -> Chart | None:
    """Chart of a polynomial in X and square roots, or in one generator; None for anything else."""
    roots = [s for s in moving if s != X and _is_square_root(meaning[s]) and sp.degree(factor, s) == 1]
    if roots and all(s == X or s in roots for s in moving):
        return _radical_chart(factor, roots[0], meaning, lo, hi, depth)
    if len(moving) == 1 and factor.is_polynomial(moving[0]):
        degree = sp.degree(factor, moving[0])
        generator = meaning[moving[0]]
        if degree == 1:
            slope, level = factor.coeff(moving[0], 1), factor.coeff(moving[0], 0)
            slope, level = slope.xreplace(meaning), level.xreplace(meaning)
            chart = _level_chart(generator, -level / slope, lo, hi, depth)
            return None if chart is None else times(chart, (Segment(lo, hi, sign(slope)),))
        return _in_one_generator(factor, moving[0], meaning, lo, hi, depth)
    return None


def _sum_chart(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int) -> Chart | None:
    """Chart of a sum of functions times positive monomials of the parameters that all have one sign; else None.

    Where none of them has the other sign, and one no zero either, the sum has that sign for all parameters.
    """
    found = by_monomials(expr, may_scale=(lo, hi) == (0, sp.oo))
    if found is None:
        return None
    charts: list[Chart] = []
    for function in found[1]:
        chart = decided(sign_chart, function, lo, hi, depth)
        if chart is None:
            return None
        charts.append(chart)
        if {-1, 1} <= {segment.sign for chart in charts for segment in chart}:
            return None
    value = next(filter(None, map(one_sign, charts)), None)
    isolated = any(segment.isolated for chart in charts for segment in chart)
    return None if value is None else (Segment(lo, hi, value, isolated),)


def _is_square_root(expr: sp.Expr) -> bool:
    return isinstance(expr, sp.Pow) and expr.exp == sp.Rational(1, 2)


def _radical_chart(
    factor: sp.Expr, root: sp.Symbol, meaning: Mapping[sp.Symbol, sp.Expr], lo: sp.Expr, hi: sp.Expr, depth: int
) -> Chart:
    """Chart of P + Q sqrt(A): where P and Q differ in sign, that of P times that of P**2 - Q**2 A."""
    p, q = factor.coeff(root, 0).xreplace(meaning), factor.coeff(root, 1).xreplace(meaning)
    difference = sp.expand(p**2 - q**2 * meaning[root].base)
    chart: list[Segment] = []
    before = None
    for low, high, (one, other, square) in refined(*(sign_chart(e, lo, hi, depth) for e in (p, q, difference))):
        agree = one.sign * other.sign >= 0
        value = (one.sign or other.sign) if agree else one.sign * square.sign
        isolated = one.isolated or other.isolated or square.isolated
        # a zero is one of the difference, between P and Q of different sign or where both vanish
        is_zero_here = before is not None and before[2].hi == low and (not (agree and before[3]) or before[0].hi == low)
        if chart and chart[-1].sign == value and not is_zero_here:
            chart[-1] = chart[-1]._replace(hi=high, isolated=chart[-1].isolated or isolated)
        else:
            chart.append(Segment(low, high, value, isolated))
        before = one, other, square, agree
    return tuple(chart)


def is_heavy(expr: sp.Expr) -> bool:
    """Whether numbers find the zeros sooner than algebra would: no parameters, and much to multiply out."""
    if expr.free_symbols != {X} or not expr.has(*_TRANSCENDENTAL):
        return False
    nodes = sum(1 for _ in islice(sp.preorder_traversal(expr), _SURELY_HEAVY))  # SymPy's count takes longer
    return nodes == _SURELY_HEAVY or bool(sp.count_ops(expr) > _MOST_OPERATIONS)


def _isolated_chart(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> Chart:
    """The chart by proved numerics, of a function that holds its parameters as scales only."""
    scale, factor, scaled = nondimensional(expr) if expr.free_symbols != {X} else (sp.S.One, sp.S.One, expr)
    low, high = (end if end is sp.oo else simplified(end / scale) for end in (lo, hi))
    if (scaled.free_symbols | low.free_symbols | high.free_symbols) - {X}:
        raise Undecided("the sign of ", expr, " on ", *interval(lo, hi), " is open")
    outer = sign(factor)
    first, zeros = crossings(scaled, low, high)
    chart, start, value = [], lo, outer * first
    for zero in zeros:
        end = simplified(scale * zero.place)
        chart.append(Segment(start, end, value, isolated=True))
        start, value = end, outer * zero.after
    return (*chart, Segment(start, hi, value, isolated=True))


def _level_chart(generator: sp.Expr, level: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int) -> Chart | None:
    """Chart of F(u) - level for an increasing F, by comparing u with the inverse of the level."""
    if isinstance(generator, sp.Pow) and X not in generator.exp.free_symbols and generator.exp.is_positive:
        if sign(level) <= 0:
            return (Segment(lo, hi, 1),) if sign(level) < 0 else sign_chart(generator.base, lo, hi, depth)
        return sign_chart(generator.base - level ** (1 / generator.exp), lo, hi, depth)
    known = INCREASING.get(type(generator))
    if known is None or len(generator.args) > 1:  # the lower branch of LambertW falls
        return None
    if compare(level, known.low) <= 0:
        return (Segment(lo, hi, 1),)
    if compare(level, known.high) >= 0:
        return (Segment(lo, hi, -1),)
    argument = generator.args[0]
    if level == 0:  # the odd ones: exp was settled by its range
        return sign_chart(argument - (1 if isinstance(generator, sp.log) else 0), lo, hi, depth)
    return None if known.inverse is None else sign_chart(argument - known.inverse(level), lo, hi, depth)


def _in_one_generator(
    factor: sp.Expr, symbol: sp.Symbol, meaning: Mapping[sp.Symbol, sp.Expr], lo: sp.Expr, hi: sp.Expr, depth: int
) -> Chart | None:
    """A polynomial in one positive generator k: chart it in k, then each root as a level of k."""
    generator = meaning[symbol]
    if not (generator.is_positive or (isinstance(generator, sp.LambertW) and generator.args[0].is_positive)):
        return None
    in_k = _polynomial_chart(factor.xreplace({symbol: X}), meaning, sp.S.Zero, sp.oo)
    chart: Chart = (Segment(lo, hi, in_k[-1].sign),)
    for left, right in pairwise(in_k):
        level = _level_chart(generator, left.hi, lo, hi, depth)
        if level is None:
            return None
        if left.sign != right.sign:
            chart = times(chart, level)
        else:  # a double root: keep the point, not a change of sign
            chart = times(chart, to_power(level, 2))
    return chart


def _rolle(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int) -> Chart:
    """Between the zeros of the derivative the expression is monotone: its ends tell its sign."""
    if depth == 0 or _may_jump(expr, lo, hi, depth):
        raise Undecided("the sign of ", expr, " on ", *interval(lo, hi), " is open")
    slope = sign_chart(differentiate(expr, X), lo, hi, depth - 1)
    signs = []
    for segment in slope:
        ends = {_end_sign(expr, segment.lo, "+"), _end_sign(expr, segment.hi, "-")}
        if {-1, 1} <= ends:
            raise Undecided(expr, " has a zero in ", *interval(segment.lo, segment.hi), " without a closed form")
        ends.discard(0)
        if not ends:
            raise Undecided("the sign of ", expr, " on ", *interval(segment.lo, segment.hi), " is open")
        signs.append(ends.pop())
    merged = [Segment(lo, slope[0].hi, signs[0])]
    for segment, value in zip(slope[1:], signs[1:], strict=True):
        at_joint = _end_sign(expr, segment.lo, "+")
        if at_joint != 0:
            if merged[-1].sign != value:
                raise Undecided("the sign of ", expr, " at ", segment.lo, " is open")
            merged[-1] = Segment(merged[-1].lo, segment.hi, value)
        else:
            merged.append(Segment(segment.lo, segment.hi, value))
    return tuple(merged)


def _may_jump(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int) -> bool:
    """Whether a pole inside may hide from the derivative, as that of atan(1/(x - 1)) does; Rolle needs continuity."""
    below = {power.base for power in expr.atoms(sp.Pow) if X in power.free_symbols and not power.exp.is_nonnegative}
    return expr.has(*_WITH_POLES) or any(len(sign_chart(base, lo, hi, depth - 1)) > 1 for base in below)


def _end_sign(expr: sp.Expr, point: sp.Expr, side: str) -> int:
    value = limit(expr, point, side)
    if value in (sp.oo, -sp.oo):
        return 1 if value is sp.oo else -1
    return sign(value)


# ---------------------------------------------------------------------------
# Polynomials in X, or in a power of X, with coefficients in the parameters


def _at_powers(unit: sp.Expr, expr: sp.Expr, lo: sp.Expr, hi: sp.Expr, depth: int) -> Chart:
    """The chart of F(X^d) on (lo, hi) by that of F: X -> X^d ascends."""
    low, high = (end if end in (0, sp.oo) else end**unit for end in (lo, hi))
    places = {low: lo, high: hi}
    with in_old_variable(X**unit):
        chart = sign_chart(expr, low, high, depth)
    return tuple(
        s._replace(lo=places.get(s.lo, s.lo ** (1 / unit)), hi=places.get(s.hi, s.hi ** (1 / unit))) for s in chart
    )


def _polynomial_chart(factor: sp.Expr, meaning: Mapping[sp.Symbol, sp.Expr], lo: sp.Expr, hi: sp.Expr) -> Chart:
    terms = [(power, coefficient.xreplace(meaning)) for (power,), coefficient in reversed(sp.Poly(factor, X).terms())]
    lowest = terms[0][0]
    step = gcd(*(power - lowest for power, _ in terms)) or 1
    coefficients = {(power - lowest) // step: c for power, c in terms}
    signs = [sign(c) for c in coefficients.values()]
    changes = sum(a != b for a, b in pairwise(signs))
    if changes == 0:  # Descartes: no positive root
        return (Segment(lo, hi, signs[-1]),)
    with in_old_variable(X**step):
        found = positive_roots(coefficients, signs, changes)
    roots = [(root ** sp.Rational(1, step), n) for root, n in found]
    chart: list[Segment] = []
    end, value = hi, signs[-1]
    for root, multiplicity in reversed(roots):  # they are positive, and ascend
        if end is not hi or hi is sp.oo or compare(root, hi) < 0:
            if lo != 0 and compare(root, lo) <= 0:
                break
            chart.append(Segment(root, end, value))
            end = root
        value *= (-1) ** multiplicity
    chart.append(Segment(lo, end, value))
    return tuple(reversed(chart))
