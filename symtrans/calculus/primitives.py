"""Primitives of single terms by rule: powers, powers times exponentials of powers, roots of quadratics.

Integrators search; these few rules answer at once, with the special function a person would
name. Each rule is written for positive constants and differentiated back in those.
"""

from functools import lru_cache

import sympy as sp

from symtrans.calculus.algebra import X, is_zero, sign
from symtrans.calculus.undecided import Undecided

_B = sp.Dummy("b", dummy_index=20_052_011, positive=True)
_C = sp.Dummy("c", dummy_index=20_052_012, positive=True)


def by_rules(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """A primitive of a sum of such terms; None if a term has no rule.

    Returns
    -------
    plain, special : Expr
        Their sum is the primitive; `special` vanishes at 0, by the rule.

    Examples
    --------
    >>> by_rules(X - X * sp.exp(-1 / X**6))
    (_x**2/2, -uppergamma(-1/3, _x**(-6))/6)
    """
    plain: list[sp.Expr] = []
    special: list[sp.Expr] = []
    for term in sp.Add.make_args(sp.expand_mul(expr)):
        constant, rest = term.as_independent(X, as_Add=False)
        found = _primitive(rest)
        if found is None:
            return None
        primitive, vanishes_at_zero = found
        (special if vanishes_at_zero else plain).append(constant * primitive)
    return sp.Add(*plain), sp.Add(*special)


def _primitive(term: sp.Expr) -> tuple[sp.Expr, bool] | None:
    if isinstance(term, sp.Pow) and term.exp == sp.Rational(1, 2) and term.base.is_polynomial(X):
        root = _root_of_quadratic(sp.Poly(term.base, X))
        return None if root is None else (root, False)
    power, exponent = sp.S.Zero, sp.S.Zero
    for factor in sp.Mul.make_args(term):
        if isinstance(factor, sp.exp):
            exponent += factor.exp
            continue
        base, order = factor.as_base_exp()
        if factor == 1:
            continue
        if base != X or not order.is_Rational:
            return None
        power += order
    if exponent == 0:
        return (sp.log(X) if power == -1 else X ** (power + 1) / (power + 1)), False
    rate, order = sp.expand(exponent).as_coeff_exponent(X)
    if X in rate.free_symbols or not order.is_Rational or order == 0:
        return None
    if isinstance(sp.expand(rate), sp.Add):  # written as a product of exponentials, it has no plain limits
        return None
    return _power_times_exponential(power, rate, order)


def _power_times_exponential(power: sp.Rational, rate: sp.Expr, order: sp.Rational) -> tuple[sp.Expr, bool] | None:
    """Of x**power exp(rate x**order): elementary, or an incomplete gamma function of u = -rate x**order."""
    shape = (power + 1) / order
    if shape == 1:
        return sp.exp(rate * X**order) / (rate * order), False
    try:
        if sign(rate) >= 0 or (order > 0 and shape <= 0):
            return None
    except Undecided:
        return None
    gamma = sp.lowergamma if order > 0 else sp.uppergamma
    template = _B ** (-shape) / abs(order) * gamma(shape, _B * X**order)
    if not _is_primitive(template, X**power * sp.exp(-_B * X**order)):
        return None
    return template.xreplace({_B: -rate}), True


def _root_of_quadratic(quadratic: sp.Poly) -> sp.Expr | None:
    """Of sqrt(a x**2 + b x + c) with a > 0, through y = x + b/(2a) and d = c - b**2/(4a)."""
    if quadratic.degree() != 2:
        return None
    a, b, c = quadratic.all_coeffs()
    shift, rest = b / (2 * a), sp.expand(c - b**2 / (4 * a))
    try:
        kind = sign(rest)
        if sign(a) <= 0 or kind == 0 or (kind < 0 and sign(b) < 0):  # the logarithm needs y > 0
            return None
    except Undecided:
        return None
    root = sp.sqrt(_B * X**2 + kind * _C)
    inner = sp.asinh(sp.sqrt(_B / _C) * X) if kind > 0 else sp.log((sp.sqrt(_B) * X + root) / sp.sqrt(_C))
    template = X * root / 2 + kind * _C * inner / (2 * sp.sqrt(_B))
    if not _is_primitive(template, root):
        return None
    return template.subs({_B: a, _C: kind * rest, X: X + shift}, simultaneous=True)


@lru_cache(maxsize=256)
def _is_primitive(primitive: sp.Expr, expr: sp.Expr) -> bool:
    return is_zero(sp.diff(primitive, X) - expr) is True
