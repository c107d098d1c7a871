"""What is read off the terms of an expression."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.enclosures.balls import constant_sign

_LONG = 50  # operations
_MOST_OPERATIONS = 75  # of what is differentiated
_ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf)
_LONGEST_CHAIN = 3  # derivatives


def sign_of_terms(expr: sp.Expr) -> int | None:
    """Of sums, products and powers of positive symbols and rationals whose terms have one sign: SymPy is slow at those.

    Examples
    --------
    >>> a = sp.Symbol("a", positive=True)
    >>> sign_of_terms(-2 * a - sp.sqrt(3) * a**2), sign_of_terms(2 * a - 1)
    (-1, None)
    """
    if isinstance(expr, sp.Rational):
        return int(sp.sign(expr))
    if isinstance(expr, sp.Pow):
        return 1 if expr.exp.is_Rational and sign_of_terms(expr.base) == 1 else None
    if not isinstance(expr, sp.Add | sp.Mul):
        return 1 if isinstance(expr, sp.Symbol) and expr.is_positive else None
    product, first = 1, None
    for part in expr.args:
        value = sign_of_terms(part)
        if value is None or (isinstance(expr, sp.Add) and value != (first or value)):
            return None
        product, first = product * value, value
    return first if isinstance(expr, sp.Add) else product


def assumed_sign(expr: sp.Expr) -> int | None:
    """What its terms or SymPy's assumptions say."""
    known = sign_of_terms(expr)
    if known is not None:
        return known
    if expr.is_zero:
        return 0
    if expr.is_positive:
        return 1
    if expr.is_negative:
        return -1
    return None


def sign_of_coefficients(expr: sp.Expr) -> int | None:
    """Of a sum whose terms have one sign once the numbers before each monomial are added up.

    Examples
    --------
    >>> a = sp.Symbol("a", positive=True)
    >>> sign_of_coefficients(20 * sp.sqrt(2) * a - 21 * a + 3), sign_of_coefficients(a - 2)
    (1, None)
    """
    terms = sp.Add.make_args(expr)
    coefficients: dict[sp.Expr, sp.Expr] = {}
    for term in terms:
        number, monomial = term.as_independent(*expr.free_symbols, as_Add=False)
        coefficients[monomial] = coefficients.get(monomial, sp.S.Zero) + number
    if len(coefficients) == len(terms):
        return None
    found = set()
    for monomial, number in coefficients.items():
        one, other = assumed_sign(monomial), constant_sign(number)
        found.add(None if one is None or other is None else one * other)
    found.discard(0)
    return found.pop() if len(found) == 1 else None


def sign_from_zero(factor: sp.Expr) -> int | None:
    """Of f(p) for a positive parameter p, smooth up to 0: that of a derivative, where the ones before start with it.

    Examples
    --------
    >>> a = sp.Symbol("a", positive=True)
    >>> sign_from_zero(1 + a * sp.exp(a) - sp.exp(a))
    1
    """
    if X in factor.free_symbols or sp.count_ops(factor) > _MOST_OPERATIONS:
        return None
    for p in sorted((s for s in factor.free_symbols if s.is_positive), key=lambda s: s.name):
        calls = {call for call in factor.atoms(sp.Function) if p in call.free_symbols}
        powers = (e for e in factor.atoms(sp.Pow) if p in e.free_symbols and not isinstance(e, sp.exp))
        if not calls or not all(isinstance(call, _ENTIRE) for call in calls):
            continue
        if not all(e.exp.is_Integer and e.exp.is_positive for e in powers):
            continue
        starts, slope = set(), factor
        for _ in range(_LONGEST_CHAIN):
            starts.add(assumed_sign(slope.subs(p, 0)))
            slope = _without_growth(sp.expand(differentiate(slope, p)), p)
            known = assumed_sign(slope)
            if known and starts <= {0, known}:
                return known
    return None


def _without_growth(expr: sp.Expr, p: sp.Symbol) -> sp.Expr:
    """The terms without the exponential of p that all of them have, which is positive: fewer derivatives are left."""
    rates = []
    for term in sp.Add.make_args(expr):
        powers = [factor.exp for factor in sp.Mul.make_args(term) if isinstance(factor, sp.exp)]
        rates.append(sp.expand(sp.Add(*powers)).coeff(p))
    return sp.expand(expr * sp.exp(-min(rates) * p)) if all(rate.is_Rational for rate in rates) else expr


def is_long_sum_of_fractions(expr: sp.Expr) -> bool:
    """Whether SymPy's assumptions would take longer over it than to bring it over one denominator."""
    below = (factor for term in expr.args for factor in sp.Mul.make_args(term)) if isinstance(expr, sp.Add) else ()
    has_fractions = any(isinstance(f, sp.Pow) and f.exp == -1 and f.base.is_Add for f in below)
    return has_fractions and sp.count_ops(expr) > _LONG
