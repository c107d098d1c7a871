"""Sums of powers of r whose exponents hold parameters, as polynomials in one power of r."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero


def power_sum(expr: sp.Expr) -> tuple[sp.Expr, dict[int, sp.Expr]] | None:
    """(d, c) with expr = r**e (c_0 + c_1 r**d + c_2 r**(2 d) + ...) for some e, on r > 0; None for anything else.

    Polynomials are left to those who know more of them.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> power_sum(X**b * (1 + b) + X ** (2 * b) * (1 - b) / a)
    (b, {0: b + 1, 1: -b/a + 1/a})
    >>> power_sum(X**b + X**2 + 1), power_sum(1 + X**2)
    (None, None)
    """
    terms: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand(expr)):
        exponent, coefficient = sp.S.Zero, sp.S.One
        for factor in sp.Mul.make_args(term):
            base, power = factor.as_base_exp()
            if X not in factor.free_symbols:
                coefficient *= factor
            elif base == X and X not in power.free_symbols:
                exponent += power
            else:
                return None
        exponent = sp.expand(exponent)
        terms[exponent] = terms.get(exponent, sp.S.Zero) + coefficient
    terms = {exponent: coefficient for exponent, coefficient in terms.items() if not is_zero(coefficient)}
    first, *others = terms
    if not any(exponent.free_symbols for exponent in terms) or not others:
        return None
    ratios = {exponent: sp.cancel((exponent - first) / (others[0] - first)) for exponent in terms}
    if not all(isinstance(ratio, sp.Rational) for ratio in ratios.values()):
        return None
    step = (others[0] - first) / sp.ilcm(1, *(ratio.q for ratio in ratios.values()))
    if step.could_extract_minus_sign():
        step = -step
    counts = {exponent: int(sp.cancel((exponent - first) / step)) for exponent in terms}
    least = min(counts.values())
    return step, {counts[exponent] - least: coefficient for exponent, coefficient in terms.items()}
