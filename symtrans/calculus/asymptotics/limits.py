"""One-sided limits of smooth expressions at the ends of an interval of the half line.

Five ways, in order: substitution (an elementary function is continuous
wherever it is finite), the derivative of f for f/x at 0, composition of the
limits of the parts where no indeterminate form arises, our own expansion at
infinity (`tails`), and last SymPy's Gruntz algorithm, whose answer is held
against numbers before it is believed.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import sympy as sp
from flint import arb

from symtrans.calculus.algebra.canonical import X, example_values, is_zero, put
from symtrans.calculus.algebra.comparisons import sign, vanishes
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import tidy
from symtrans.calculus.asymptotics.at_infinity import end_limit
from symtrans.calculus.enclosures.balls import enclose_at
from symtrans.calculus.undecided import Undecided
from symtrans.language.polylogarithms import impolylog, repolylog
from symtrans.runtime.caches import remembered

_INFINITE = (sp.oo, -sp.oo)
_CLOSER = 0.75  # from one decade to the next: 1/log(x) falls by 1/2 and 2/3

# Limits of continuous functions at -oo and oo; elsewhere the function is applied to the limit.
_AT_INFINITY: Mapping[type[sp.Basic], tuple[sp.Expr | None, sp.Expr | None]] = {
    sp.exp: (sp.S.Zero, sp.oo),
    sp.log: (None, sp.oo),
    sp.atan: (-sp.pi / 2, sp.pi / 2),
    sp.tanh: (sp.S.NegativeOne, sp.S.One),
    sp.sinh: (-sp.oo, sp.oo),
    sp.cosh: (sp.oo, sp.oo),
    sp.asinh: (-sp.oo, sp.oo),
    sp.erf: (sp.S.NegativeOne, sp.S.One),
    sp.erfc: (sp.Integer(2), sp.S.Zero),
}
_CONTINUOUS = (*_AT_INFINITY, sp.sin, sp.cos, sp.asin, sp.acos)


def is_plain(value: sp.Expr) -> bool:
    """Whether a value that came from substitution is an ordinary finite real number.

    Substitution does not see that (sqrt(5) - 1)**2 - 6 + 2*sqrt(5) is zero: each
    denominator and argument of a logarithm is asked for it.
    """
    if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds, sp.I) or value.is_extended_real is False:
        return False
    if any(power.base == 0 for power in value.atoms(sp.Pow)):  # 0**(q - 1), whose value depends on q
        return False
    delicate = [p.base for p in value.atoms(sp.Pow) if p.exp.could_extract_minus_sign()]
    delicate += [call.args[0] for call in value.atoms(sp.log)]
    for part in delicate:
        if not (part.is_Symbol or part.is_Rational or part.is_positive or part.is_negative) and _is_hidden_zero(part):
            return False
    return True


def _is_hidden_zero(part: sp.Expr) -> bool:
    """Whether a constant is zero; a sum that cannot be told from zero raises `Undecided`."""
    zero = is_zero(part)
    if zero is None:
        raise Undecided("whether ", part, " = 0 is open")
    return zero


@remembered(4096)
def limit(expr: sp.Expr, point: sp.Expr, side: str = "+") -> sp.Expr:
    """Lim expr as X -> point from the right ("+") or the left ("-"); point may be oo.

    Raises
    ------
    Undecided
        If the limit does not exist or none of the methods proves it.

    Examples
    --------
    >>> limit(sp.sin(X)/X, sp.S.Zero)
    1
    """
    if X not in expr.free_symbols:
        return expr
    if isinstance(expr, sp.Piecewise) and X not in sp.Tuple(*(case.cond for case in expr.args)).free_symbols:
        return sp.Piecewise(*((limit(case.expr, point, side), case.cond) for case in expr.args))
    if point is not sp.oo and _is_regular(expr, point):
        value = put(expr, point)
        if is_plain(value):
            return tidy(value)
    if point == 0:
        slope = _slope_at_zero(expr * X)
        if slope is not None:
            return slope
    form = tidy(expr)
    composed = _compose(form, point)
    if composed is not None:
        return composed
    try:
        return _settled(end_limit(form, point, side), form, point)
    except Undecided as question:
        if question.open is not None:  # it depends on the parameters, and whoever asks may go through the cases
            raise
        return _gruntz(form, point, side)


def _is_regular(expr: sp.Expr, point: sp.Expr) -> bool:
    """Whether no power or logarithm is singular at the point: SymPy writes 0/(a - 1)**2 and 0*0**(q - 1) as 0.

    Raises
    ------
    Undecided
        If that depends on the parameters.
    """
    for base in _singular_at_zero(expr):
        if X not in base.free_symbols:
            continue
        there = put(base, point)
        if there == 0 or there.has(sp.zoo, sp.nan, sp.oo):
            return False
        if there.free_symbols and not (there.is_positive or there.is_negative) and vanishes(there):
            return False
    return True


def _singular_at_zero(expr: sp.Expr) -> Iterator[sp.Expr]:
    """What must not vanish: bases of powers, arguments of logarithms, 1 - z of polylogarithms up to order 1."""
    for node in expr.atoms(sp.Pow, sp.log, sp.polylog):
        if isinstance(node, sp.polylog):
            if not (node.args[0] - 1).is_positive:
                yield 1 - node.args[1]  # polylog(1/2, 1) is zeta(1/2) to SymPy
        elif not (isinstance(node, sp.Pow) and node.exp.is_nonnegative):
            yield node.args[0]


def _slope_at_zero(expr: sp.Expr) -> sp.Expr | None:
    """The limit of expr/X at 0+ as the derivative (mean value theorem), where substitution gives it."""
    if not (isinstance(expr, sp.Add | sp.Function) and expr.subs(X, 0) == 0):
        return None
    derivative = differentiate(expr, X)
    if not _is_regular(derivative, sp.S.Zero):
        return None
    slope = derivative.subs(X, 0)
    return tidy(slope) if is_plain(slope) else None


def _compose(expr: sp.Expr, point: sp.Expr) -> sp.Expr | None:
    """The limit from the limits of the parts; None at an indeterminate form."""
    if expr == X:
        return point
    if X not in expr.free_symbols:
        return expr
    rule = _RULES.get(type(expr))
    if rule is not None:
        return rule(expr, point)
    if isinstance(expr, sp.lowergamma | sp.uppergamma) and X not in expr.args[0].free_symbols:
        return _compose_gamma(expr, point)
    if isinstance(expr, repolylog | impolylog) and X not in expr.args[2].free_symbols:
        inner = _compose(expr.args[1], point)
        return None if inner is None or inner in _INFINITE else expr.func(expr.args[0], inner, expr.args[2])
    if isinstance(expr, _CONTINUOUS):
        inner = _compose(expr.args[0], point)
        if inner is None:
            return None
        if inner in _INFINITE:
            return _AT_INFINITY.get(type(expr), (None, None))[inner is sp.oo]
        value = expr.func(inner)
        return value if value.is_finite else None
    return None


def _compose_gamma(expr: sp.Expr, point: sp.Expr) -> sp.Expr | None:
    """An incomplete gamma function: the lower one is 0 at 0 (s > 0), the upper one 0 at infinity."""
    shape, inner = expr.args[0], _compose(expr.args[1], point)
    lower = isinstance(expr, sp.lowergamma)
    if inner is sp.oo:
        return sp.gamma(shape) if lower else sp.S.Zero
    if inner == 0:
        return sp.S.Zero if lower and shape.is_positive else None
    return expr.func(shape, inner) if inner is not None and inner.is_positive else None


def _compose_sum(expr: sp.Expr, point: sp.Expr) -> sp.Expr | None:
    parts = [_compose(arg, point) for arg in expr.args]
    if {sp.oo, -sp.oo} <= set(parts):  # -u/6 - W u: the sign of the common factor settles it
        product = sp.factor_terms(expr)
        return None if isinstance(product, sp.Add) else _compose(product, point)
    return None if None in parts else sp.Add(*parts)


def _compose_product(expr: sp.Expr, point: sp.Expr) -> sp.Expr | None:
    exponents = [factor.exp for factor in expr.args if isinstance(factor, sp.exp)]
    if len(exponents) > 1:  # as one exponential
        rest = [factor for factor in expr.args if not isinstance(factor, sp.exp)]
        joined = sp.exp(sp.factor_terms(sp.Add(*exponents)))
        expr = sp.Mul(*rest, joined)
        if not isinstance(expr, sp.Mul):
            return _compose(expr, point)
    power, rest = _power_and_rest(expr)
    parts = [_compose(arg, point) for arg in (power, *rest)]
    if any(part is None for part in parts[1:]):
        return None
    if parts[0] is None:
        if not any(part in _INFINITE or is_zero(part) is not False for part in parts[1:]):
            sign(power.as_base_exp()[1])  # the one open question
        return None
    if not any(part in _INFINITE for part in parts):
        return sp.Mul(*parts)
    try:
        signs = [sp.Integer(1 if part is sp.oo else -1 if part is -sp.oo else sign(part)) for part in parts]
    except Undecided:
        return None
    product = sp.Mul(*signs)
    return product * sp.oo if product != 0 else None


def _power_and_rest(product: sp.Expr) -> tuple[sp.Expr, list[sp.Expr]]:
    """x**a x**-1 f as x**(a - 1) and the factors of f."""
    exponents = {factor: factor.as_base_exp()[1] for factor in product.args if factor.as_base_exp()[0] == X}
    powers = {factor: exponent for factor, exponent in exponents.items() if X not in exponent.free_symbols}
    return X ** sp.Add(*powers.values()), [factor for factor in product.args if factor not in powers]


def _compose_power(expr: sp.Expr, point: sp.Expr) -> sp.Expr | None:
    if X in expr.exp.free_symbols:
        return None
    base = _compose(expr.base, point)
    if base is None:
        return None
    try:
        exponent_sign = sign(expr.exp)
    except Undecided:
        return None
    if exponent_sign == 0:
        return sp.S.One
    if base is sp.oo:
        return sp.oo if exponent_sign > 0 else sp.S.Zero
    if base is -sp.oo:
        if not isinstance(expr.exp, sp.Integer):
            return None
        return sp.S.Zero if exponent_sign < 0 else sp.oo * (-1) ** expr.exp
    try:
        base_sign = sign(base)
    except Undecided:
        return None
    if base_sign == 0:
        if exponent_sign > 0:
            return sp.S.Zero
        return sp.oo if expr.base.is_positive else None
    return base**expr.exp if base_sign > 0 or isinstance(expr.exp, sp.Integer) else None


_RULES: Mapping[type[sp.Basic], Callable[[sp.Expr, sp.Expr], sp.Expr | None]] = {
    sp.Add: _compose_sum,
    sp.Mul: _compose_product,
    sp.Pow: _compose_power,
}


def _gruntz(expr: sp.Expr, point: sp.Expr, side: str) -> sp.Expr:
    try:
        value = sp.limit(expr, X, point, side if point is not sp.oo else "-")
    except Exception as error:
        # SymPy raises a dozen kinds of exception here; whichever it is, the limit stays open.
        raise Undecided("the limit of ", expr, " at ", point, f" is open ({type(error).__name__})") from error
    if not isinstance(value, sp.Expr) or value.has(sp.Limit, sp.nan, sp.zoo, sp.AccumBounds, X):
        raise Undecided("the limit of ", expr, " at ", point, " is open")
    value = _settled(value, expr, point)
    _hold_against_numbers(expr, point, side, value)
    return value


def _settled(value: sp.Expr, expr: sp.Expr, point: sp.Expr) -> sp.Expr:
    """A limit in its written form, refused if it is no ordinary number."""
    if value in _INFINITE:
        return value
    if not is_plain(value):
        raise Undecided("the limit of ", expr, " at ", point, " is open")
    return tidy(value)


def _hold_against_numbers(expr: sp.Expr, point: sp.Expr, side: str, claimed: sp.Expr) -> None:
    """Refuse a claimed limit that numbers near the point do not approach, or that cannot be held against any."""
    values = example_values((expr.free_symbols | point.free_symbols | claimed.free_symbols) - {X})
    place, target = point.subs(values), claimed.subs(values)
    direction = 1 if side == "+" else -1
    # not farther: exp(10**9) has a billion digits
    steps = (
        sp.Integer(10) ** k if point is sp.oo else place + direction * sp.Integer(10) ** (-3 * k) for k in (1, 2, 3)
    )
    found = [_number(expr, {**values, X: near}) for near in steps]
    numbers = [number for number in found if number is not None]
    wanted = _number(target, {})
    if len(numbers) == len(found) and target in _INFINITE:
        first, second, third = (number if target is sp.oo else -number for number in numbers)
        if third - second > (second - first) / 2 > 0:
            return
    elif len(numbers) == len(found) and wanted is not None:
        distances = [abs(number - wanted) for number in numbers]
        if all(later < _CLOSER * earlier or later < 1e-40 for earlier, later in pairwise(distances)):
            return
    raise Undecided("numbers do not confirm the limit ", claimed, " of ", expr, " at ", point)


def _number(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> arb | None:
    """A value to 60 bits, by balls: they return at once, where mpmath would not on exp(exp(10**6))."""
    if expr in _INFINITE:
        return None
    for bits in (256, 4096):
        try:
            ball = enclose_at(expr, values, bits)
        except Undecided:
            return None
        if ball.is_finite() and (ball.rel_accuracy_bits() > 60 or ball.abs_upper() < 1e-60):
            return ball.mid()
    return None
