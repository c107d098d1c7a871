"""What is read off the terms of an expression."""

import sympy as sp

_LONG = 50  # operations


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


def is_long_sum_of_fractions(expr: sp.Expr) -> bool:
    """Whether SymPy's assumptions would take longer over it than to bring it over one denominator."""
    below = (factor for term in expr.args for factor in sp.Mul.make_args(term)) if isinstance(expr, sp.Add) else ()
    has_fractions = any(isinstance(f, sp.Pow) and f.exp == -1 and f.base.is_Add for f in below)
    return has_fractions and sp.count_ops(expr) > _LONG
