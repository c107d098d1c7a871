"""How often an odd function is continuously differentiable."""

from itertools import pairwise

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import sign, vanishes
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import is_continuous, is_rough
from symtrans.calculus.asymptotics.at_infinity import Tail
from symtrans.calculus.asymptotics.growth import T
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.cutting import smooth_pieces
from symtrans.calculus.functions.domain import margins, unknown_parts
from symtrans.calculus.functions.expression import parity_in_x
from symtrans.calculus.functions.half_line import HalfLine, Piece, vanishes_by_slope
from symtrans.calculus.undecided import Undecided

_REACHES = tuple(map(sp.Integer, (2, 8, 32)))  # how far breaks are looked for
_HIGHEST_DERIVATIVE = 8  # how far smoothness at a break is followed


def smoothness_of(flux: HalfLine) -> sp.Expr | int:
    """The k with `flux` in C^k and not C^(k+1); oo if it is smooth. A flux with a jump is not asked.

    Raises
    ------
    Undecided
        If that is not found.
    """
    first = flux.pieces[0].expr
    if not any(is_rough(piece.expr) for piece in flux.pieces):
        is_smooth = (_meromorphic_at_zero(first) and _is_odd(first)) or _flat_from_odd(first)
        if is_smooth and all(_joins_smoothly(*sides) for sides in pairwise(flux.pieces)):
            return sp.oo
    if not flux.breaks and not is_rough(first):
        power = _symbolic_power(first)
        if power is not None:  # sgn(x)*|x|**q: the derivative of order n tends to 0 just when n < q
            return sp.Piecewise((sp.oo, sp.Eq(sp.Mod(power, 2), 1)), (sp.ceiling(power) - 1, True))
        if (of_powers := _of_power_series(first)) is not None:
            return of_powers
    derivative = flux
    for order in range(1, _HIGHEST_DERIVATIVE + 1):
        derivative = derivative.derivative()
        start = derivative.after(-1)
        if start in (sp.oo, -sp.oo) or (order % 2 == 0 and not vanishes(start)):
            return order - 1
        for k in derivative.may_jump():
            sides = derivative.after(k), derivative.before(k)
            if sp.oo in map(abs, sides) or not vanishes(sides[0] - sides[1]):
                return order - 1
        if _jumps_for_ever(derivative.pieces[-1]):
            return order - 1
    raise Undecided(f"the first {_HIGHEST_DERIVATIVE} derivatives are continuous; more were not tried")


def _is_odd(expr: sp.Expr) -> bool:
    """Whether a formula that is analytic at 0 is odd there."""
    return parity_in_x(expr) == -1 or vanishes_by_slope(expr + expr.xreplace({X: -X}), sp.S.Zero, sp.oo)


def _jumps_for_ever(piece: Piece) -> bool:
    """Whether the function on the last piece jumps at one of its first breaks.

    Raises
    ------
    Undecided
        If it may jump, and does not there.
    """
    if is_continuous(piece.expr):
        return False
    for reach in _REACHES:
        for left, right in pairwise(smooth_pieces(piece.expr, piece.lo, piece.lo + reach)):
            before, after = limit(left.expr, left.hi, "-"), limit(right.expr, right.lo, "+")
            if sp.oo in (abs(before), abs(after)) or not vanishes(after - before):
                return True
    raise Undecided("whether ", piece.expr, " jumps is open")


def _symbolic_power(expr: sp.Expr) -> sp.Expr | None:
    """The exponent q > 0, in the parameters, of a multiple of x**q."""
    base, exponent = sp.powsimp(expr.as_independent(X, as_Add=False)[1]).as_base_exp()
    return exponent if base == X and exponent.free_symbols and sign(exponent) > 0 else None


def _of_power_series(expr: sp.Expr) -> sp.Expr | None:
    """The smoothness of x**c B(x**a), B analytic at 0, from the exponents c, c + a, ... of its series there; else None.

    The coefficients b0 of x**c and b1 of x**(c + a) are not 0. If all exponents are odd integers, as they are for an
    odd c and an even a, it is smooth. Else the first that is not, e, decides: the derivative of order n of the odd
    function x**e is of the order x**(e - n), which tends to 0 for n < e only, and what follows is of a higher order.
    """
    series = _power_and_series(expr)
    if series is None:
        return None
    c, a = series
    if sign(c) <= 0:
        return None
    second = sp.ceiling(c + a) - 1
    if not c.free_symbols:
        is_odd = isinstance(c, sp.Integer) and c % 2 == 1
        return sp.Piecewise((sp.oo, sp.Eq(sp.Mod(a, 2), 0)), (second, True)) if is_odd else sp.ceiling(c) - 1
    ratio = sp.cancel(a.as_coeff_Add()[1] / c.as_coeff_Add()[1])
    rest = sp.expand(a - ratio * c)
    if not (isinstance(ratio, sp.Integer) and isinstance(rest, sp.Integer)):
        return None
    where_odd = sp.oo if (ratio + rest) % 2 == 0 else second  # there a = ratio c + rest is as odd as ratio + rest
    return sp.Piecewise((where_odd, sp.Eq(sp.Mod(c, 2), 1)), (sp.ceiling(c) - 1, True))


def _power_and_series(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(c, a), where `expr` is x**c B(x**a) with B analytic at 0, B(0) and B'(0) not 0, and a > 0 holds parameters."""
    powers = {power: power.exp for power in expr.atoms(sp.Pow) if power.base == X and power.exp.free_symbols}
    for unit in dict.fromkeys(part for e in powers.values() for part in (e.as_coeff_Add()[1].as_coeff_Mul()[1], e)):
        ratios = {power: sp.cancel(e.as_coeff_Add()[1] / unit.as_coeff_Add()[1]) for power, e in powers.items()}
        if not unit.is_positive or not all(ratio.is_Rational and ratio > 0 for ratio in ratios.values()):
            continue
        share = sp.gcd_list(list(ratios.values()))
        y = sp.Dummy("y", positive=True)
        form = expr.xreplace(
            {
                power: y ** (ratios[power] / share) * X ** sp.expand(e - ratios[power] * unit)
                for power, e in powers.items()
            }
        )
        c = simplified(X * differentiate(form, X) / form)
        if not c.free_symbols & {X, y}:
            first = _first_coefficient(form.xreplace({X: sp.S.One, y: X}))
            return None if first is None else (sp.expand(c + first * share * unit), share * unit)
    return _power_times_series(expr)


def _power_times_series(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """The same (c, a) where the only power by a parameter is a factor: a is 2, or 1."""
    factors = {factor: factor.as_base_exp() for factor in sp.Mul.make_args(expr)}
    series = sp.Mul(*(factor for factor, (base, _) in factors.items() if base != X))
    exponent = sp.Add(*(e for base, e in factors.values() if base == X))
    if not exponent.free_symbols:
        return None
    for form, a in ((series.xreplace({X: sp.sqrt(X)}), sp.Integer(2)), (series, sp.S.One)):
        first = _first_coefficient(form)
        if first is not None:
            return sp.expand(exponent + first * a), a
    return None


def _first_coefficient(series: sp.Expr) -> int | None:
    """The n of the first b_n of b_0 + b_1 x + ... that is not 0, where b_(n + 1) is not 0 either; else None."""
    if not _analytic_at_zero(series):
        return None
    for n in range(_HIGHEST_DERIVATIVE):
        if not vanishes(series.subs(X, 0)):
            return None if vanishes(differentiate(series, X).subs(X, 0)) else n
        series = differentiate(series, X)
    return None


def _joins_smoothly(left: Piece, right: Piece) -> bool:
    """Whether both formulas differ from one analytic at the break by what vanishes there with all derivatives."""
    try:
        before = Tail(left.expr.xreplace({X: left.hi - 1 / X})).smooth_part()
        after = Tail(right.expr.xreplace({X: left.hi + 1 / X})).smooth_part()
    except Undecided:
        return False
    return is_zero(after - before.xreplace({T: -T})) is True


def _flat_from_odd(expr: sp.Expr) -> bool:
    """Whether the formula is an odd analytic function plus one that vanishes at 0 with all derivatives."""
    try:
        analytic = Tail(expr.xreplace({X: 1 / X})).smooth_part()
    except Undecided:
        return False
    return is_zero(analytic + analytic.xreplace({T: -T})) is True


def _analytic_at_zero(expr: sp.Expr) -> bool:
    """Whether every node of the formula stays away from its singularities at 0: roots, quotients, logarithms, ..."""
    if unknown_parts(expr) or expr.has(sp.Integral):
        return False
    try:
        return all(sign(margin.subs(X, 0)) != 0 for margin in margins(expr))
    except Undecided:
        return False


def _meromorphic_at_zero(expr: sp.Expr) -> bool:
    """Whether sums, products and whole powers of functions analytic at 0 make the formula.

    It is then a quotient of two such functions: where it is bounded next to 0, it is analytic there (Riemann).
    """
    if isinstance(expr, sp.Add | sp.Mul):
        return all(map(_meromorphic_at_zero, expr.args))
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Integer):
        return _meromorphic_at_zero(expr.base)
    return _analytic_at_zero(expr)
