"""One-sided limits of smooth expressions at the ends of an interval of the half line.

Four ways, in order: substitution (where every function of the expression is
proved to be smooth), the derivative of f for f/x at 0, composition of the
limits of the parts where no indeterminate form arises, and the expansion at
infinity (`at_infinity`). SymPy's own limits are not asked: those of special
functions are wrong too often.
"""

from collections.abc import Callable, Mapping

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero, put
from symtrans.calculus.algebra.changes_of_variable import by_power, in_old_variable
from symtrans.calculus.algebra.comparisons import sign, vanishes
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.switches import CONTINUOUS, innermost_rough, is_rough, settled, switch_of
from symtrans.calculus.algebra.vocabulary import ENTIRE, KNOWN, needed
from symtrans.calculus.asymptotics.at_infinity import end_limit, end_sign, final_sign
from symtrans.calculus.asymptotics.growth import vanishes_identically
from symtrans.calculus.asymptotics.special import MOVING
from symtrans.calculus.undecided import Undecided, decided
from symtrans.language.cases import replaced
from symtrans.runtime.caches import remembered

_INFINITE = (sp.oo, -sp.oo)

# Limits of continuous functions at -oo and oo; elsewhere the function is applied to the limit.
_AT_INFINITY: Mapping[type[sp.Basic], tuple[sp.Expr | None, sp.Expr | None]] = {
    **dict.fromkeys((sp.sinh, sp.asinh, sp.erfi, sp.Shi), (-sp.oo, sp.oo)),
    **dict.fromkeys((sp.exp, sp.Ei), (sp.S.Zero, sp.oo)),
    **dict.fromkeys((sp.log, sp.acosh, sp.gamma, sp.Chi, sp.LambertW), (None, sp.oo)),
    **dict.fromkeys((sp.tanh, sp.erf), (sp.S.NegativeOne, sp.S.One)),
    **dict.fromkeys((sp.atan, sp.Si), (-sp.pi / 2, sp.pi / 2)),
    **dict.fromkeys((sp.fresnels, sp.fresnelc), (-sp.S.Half, sp.S.Half)),
    **{sp.cosh: (sp.oo, sp.oo), sp.erfc: (sp.Integer(2), sp.S.Zero), sp.Ci: (None, sp.S.Zero)},
}


def _is_continuous_at_end(call: sp.Expr) -> bool:
    """Whether a function whose argument is an end of its domain tends to its value there."""
    if isinstance(call, sp.asin | sp.acos | sp.acosh):
        return True
    if isinstance(call, sp.LambertW):
        return bool(call.args[0] == -1 / sp.E)
    return isinstance(call, sp.polylog) and bool(call.args[1] == 1) and sign(call.args[0] - 1) > 0


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
        is_plainly_none = part.is_Symbol or part.is_Rational or part.is_positive or part.is_negative
        if not is_plainly_none and vanishes_identically(part):
            return False
    return True


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
    if point is not sp.oo and is_rough(expr):
        return limit(_beside(expr, point, side), point, side)
    if point is not sp.oo and _is_regular(expr, point):
        value = put(expr, point)
        if is_plain(value):
            return simplified(value)
    if point == 0:
        slope = _slope_at_zero(expr * X)
        if slope is not None:
            return slope
    form = simplified(expr)
    composed = _compose(form, point)
    if composed is not None:
        return composed
    if point in (0, sp.oo) and (changed := by_power(form)) is not None:
        with in_old_variable(X ** changed[0]):
            return limit(changed[1], point, side)
    return _settled(end_limit(form, point, side), form, point)


def _beside(expr: sp.Expr, point: sp.Expr, side: str) -> sp.Expr:
    """The formula that holds next to a point on one side: each |.|, sgn, Max, Min by the sign of its switch there."""
    while (node := innermost_rough(expr, X)) is not None:
        switch = switch_of(node, X)
        there = put(switch, point) if _is_regular(switch, point) else sp.nan
        at_point = sign(there) if is_plain(there) else 0
        expr = replaced(expr, {node: settled(node, at_point or _sign_beside(switch, point, side), X)})
    return expr


def _sign_beside(expr: sp.Expr, point: sp.Expr, side: str) -> int:
    """The sign next to a point, how near may depend on the parameters: sin(a x) > 0 beside 0."""
    try:
        return end_sign(expr, point, side)[0]
    except Undecided:
        return final_sign(expr, point, side)


def _is_regular(expr: sp.Expr, point: sp.Expr) -> bool:
    """Whether no power or logarithm is singular at the point: SymPy writes 0/(a - 1)**2 and 0*0**(q - 1) as 0.

    Raises
    ------
    Undecided
        If that depends on the parameters.
    """
    for node in expr.atoms(sp.Pow, sp.Function):
        base = node.args[0]
        if X not in node.free_symbols or isinstance(node, ENTIRE):
            continue
        if isinstance(node, sp.Pow):
            is_tame = X not in base.free_symbols or (node.exp.is_nonnegative and X not in node.exp.free_symbols)
            tests = [] if is_tame else [(base, False)]
        else:
            tests = [(base, False)] if isinstance(node, sp.log) else [*needed(node)]
        for test, is_above in tests:
            there = put(test, point)
            if there == 0 or there.has(sp.zoo, sp.nan, sp.oo):
                return False
            if is_above and sign(there) <= 0:
                return False
            if there.free_symbols and not (there.is_positive or there.is_negative) and vanishes(there):
                return False
    return True


def _slope_at_zero(expr: sp.Expr) -> sp.Expr | None:
    """The limit of expr/X at 0+ as the derivative (mean value theorem), where substitution gives it."""
    if not (isinstance(expr, sp.Add | sp.Function) and put(expr, sp.S.Zero) == 0):
        return None
    derivative = differentiate(expr, X)
    if not _is_regular(derivative, sp.S.Zero):
        return None
    slope = derivative.subs(X, 0)
    return simplified(slope) if is_plain(slope) else None


def _compose(expr: sp.Expr, point: sp.Expr) -> sp.Expr | None:
    """The limit from the limits of the parts; None at an indeterminate form."""
    if expr == X:
        return point
    if X not in expr.free_symbols:
        return expr
    rule = _RULES.get(type(expr))
    if rule is not None:
        return rule(expr, point)
    if isinstance(expr, CONTINUOUS):
        parts = [_compose(arg, point) for arg in expr.args]
        return None if None in parts else expr.func(*parts)
    if isinstance(expr, sp.lowergamma | sp.uppergamma) and X not in expr.args[0].free_symbols:
        return _compose_gamma(expr, point)
    return _compose_function(expr, point)


def _compose_function(expr: sp.Expr, point: sp.Expr) -> sp.Expr | None:
    """A known function is continuous where it is smooth, and at some ends of its domain; others have limits."""
    place = MOVING.get(type(expr), 0)
    if not isinstance(expr, KNOWN) or any(X in a.free_symbols for k, a in enumerate(expr.args) if k != place):
        return None
    inner = _compose(expr.args[place], point)
    if inner is None:
        return None
    if inner in _INFINITE:
        return _AT_INFINITY.get(type(expr), (None, None))[inner is sp.oo] if len(expr.args) == 1 else None
    there = (*expr.args[:place], inner, *expr.args[place + 1 :])
    call = expr.func(*there, evaluate=False)
    at_end = any(sign(test) <= 0 if is_above else vanishes(test) for test, is_above in needed(call))
    if at_end and not _is_continuous_at_end(call):
        return None
    value = expr.func(*there)
    return value if value.is_finite is not False and is_plain(value) else None


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
    exponent_sign = decided(sign, expr.exp)
    if exponent_sign is None:
        return None
    if exponent_sign == 0:
        return sp.S.One
    if base is sp.oo:
        return sp.oo if exponent_sign > 0 else sp.S.Zero
    if base is -sp.oo:
        if not isinstance(expr.exp, sp.Integer):
            return None
        return sp.S.Zero if exponent_sign < 0 else sp.oo * (-1) ** expr.exp
    base_sign = decided(sign, base)
    if base_sign is None:
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


def _settled(value: sp.Expr, expr: sp.Expr, point: sp.Expr) -> sp.Expr:
    """A limit in its written form, refused if it is no ordinary number."""
    if value in _INFINITE:
        return value
    if not is_plain(value):
        raise Undecided("the limit of ", expr, " at ", point, " is open")
    return simplified(value)
