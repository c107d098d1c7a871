"""Functions that are sums over monomials of the parameters: where all summands have one sign, so has the sum."""

from collections.abc import Sequence

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.scales import scales

_MOST_TERMS = 200  # of the sum when it is multiplied out
_MOST_MONOMIALS = 8


def by_monomials(expr: sp.Expr, may_scale: bool = True) -> tuple[sp.Expr, Sequence[sp.Expr]] | None:
    """(s, (f1, f2, ...)): at s X the expression is the sum of the f, each times another positive monomial.

    The monomials are of positive parameters, and the f hold none of them. The scale s is 1 unless `may_scale`. None
    where there is no such sum of two monomials or more.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> by_monomials(a * X - b * sp.exp(X) + 2 * a)
    (1, [_x + 2, -exp(_x)])
    >>> by_monomials(sp.exp(a * X) - b * X)
    (1/a, [exp(_x), -_x])
    """
    parameters = expr.free_symbols - {X}
    tried = [sp.S.One, *(scale for _, scale in scales(parameters) if may_scale)]
    for scale in tried:
        moved = expr if scale == 1 else expr.xreplace({X: scale * X})
        terms = sp.Add.make_args(sp.expand(moved))
        if len(terms) > _MOST_TERMS:
            return None
        groups: dict[sp.Expr, sp.Expr] = {}
        for term in terms:
            number, rest = term.as_coeff_Mul()
            monomial, function = rest.as_independent(*parameters, as_Add=False)[::-1]
            if X in monomial.free_symbols or not monomial.is_positive:
                break
            groups[monomial] = groups.get(monomial, sp.S.Zero) + number * function
        else:
            ordered = [groups[monomial] for monomial in sorted(groups, key=sp.default_sort_key)]
            return (scale, ordered) if 2 <= len(groups) <= _MOST_MONOMIALS else None
    return None
