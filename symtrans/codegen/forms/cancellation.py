"""Sums that keep their digits: log(1 + t) and exp(y) - 1 as functions of their own, differences of roots by sums."""

from itertools import combinations, product

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.ends import horner
from symtrans.codegen.program.shared_parts import SIGN, A, moves

_FACTORED = 60  # operations of a sum that is brought over one denominator
_HIGHEST = 16  # power of an exponential


def without_cancellation(expr: sp.Expr) -> sp.Expr:
    """The formula with `expm1` and `log1p` where they belong.

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> without_cancellation(sp.log(1 + A) + 1 - sp.exp(-A))
    -expm1(-a) + log1p(a)
    """
    if not expr.args or not moves(expr):
        return expr
    args = tuple(map(without_cancellation, expr.args))
    if args != expr.args:  # a Max or a Min that is made anew is compared anew, term by term
        expr = expr.func(*args)
    if isinstance(expr, sp.Add):
        return _sum(expr)
    if isinstance(expr, sp.log) and (expr.args[0] - 1).is_nonnegative:
        return log1p(expr.args[0] - 1)
    return expr


def _sum(expr: sp.Add) -> sp.Expr:
    """Each pair c exp(y) - c is c expm1(y)."""
    terms = list(expr.args)
    for term in expr.args:
        factor, calls = term.as_independent(sp.exp, as_Add=False)
        if isinstance(calls, sp.exp) and not moves(factor.xreplace({SIGN: sp.S.One})) and -factor in terms:
            terms.remove(term)
            terms.remove(-factor)
            terms.append(factor * expm1(calls.exp))
    return sp.Add(*terms)


def without_differences_of_roots(expr: sp.Expr) -> sp.Expr:
    """Each p - q with a square root as (p² - q²)/(p + q), if no root is left above the line.

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> without_differences_of_roots(A - sp.sqrt(A**2 - 2))
    2/(a + sqrt(a**2 - 2))
    >>> b = sp.Symbol("b", real=True)
    >>> without_differences_of_roots(b + sp.sqrt(A**2 + b**2))
    a**2/(sqrt(a**2 + b**2) + Abs(b)) + b + Abs(b)
    """
    if not expr.args:
        return expr
    expr = expr.func(*map(without_differences_of_roots, expr.args))
    if not isinstance(expr, sp.Add):
        return expr
    for p, q in product(expr.args, repeat=2):
        if p.could_extract_minus_sign() or not q.could_extract_minus_sign() or not (_has_root(p) or _has_root(q)):
            continue
        above = sp.expand(p**2 - q**2)
        if not any(moves(power) and not power.exp.is_Integer for power in above.atoms(sp.Pow)):
            return expr - p - q + sp.factor_terms(sp.cancel(above)) / (p - q)
    for b in expr.args:
        if not moves(b) and b.is_real and b.is_positive is None and b.is_negative is None:
            below = expr - b - abs(b)
            if (quotient := without_differences_of_roots(below)) != below:
                return quotient + b + abs(b)
    return expr


def in_one_quotient(expr: sp.Expr) -> sp.Expr:
    """A sum over one denominator, in factors: what its terms have in common cancels exactly.

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> in_one_quotient(sp.erf(A) / (1 + A) - sp.erf(A) / (1 + A) ** 2)
    a*erf(a)/(a + 1)**2
    >>> in_one_quotient(1 - (1 - sp.exp(-A)) ** 2)
    -(-2 + exp(-a))*exp(-a)
    """
    if expr.count_ops() > _FACTORED or not any(map(moves, expr.atoms(sp.Add))):
        return expr
    names = _powers_of_exponentials(expr)
    return sp.factor(expr.xreplace(names)).xreplace({name: call for call, name in names.items()})


def in_one_quotient_of_powers(expr: sp.Expr) -> sp.Expr:
    """The same for a function of x in falling powers by a parameter, which stay as they are.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> in_one_quotient_of_powers(sp.log(X) - sp.log(X) / (1 + X**-p))
    log(_x)/(_x**p*(1 + _x**(-p)))
    """
    powers = {power for power in expr.atoms(sp.Pow) if power.base == X and power.exp.free_symbols}
    names = {power: sp.Dummy(positive=True) for power in sorted(powers, key=sp.default_sort_key)}
    if not names or expr.count_ops() > _FACTORED:
        return expr
    return sp.factor(expr.xreplace(names)).xreplace({name: power for power, name in names.items()})


def in_powers_of_exponentials(expr: sp.Expr) -> sp.Expr:
    """A polynomial in one exponential by its powers: 1 - (1 - y)^3 is y (3 - 3 y + y^2).

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> in_powers_of_exponentials(1 - A * (1 - sp.exp(-A)) ** 2 - (1 - sp.exp(-A)) ** 2)
    -a + (2*a + (-a - 1)*exp(-a) + 2)*exp(-a)
    """
    names = _powers_of_exponentials(expr)
    formula, symbols = expr.xreplace(names), [name for name in names.values() if name.is_Symbol]
    if expr.count_ops() > _FACTORED or len(symbols) != 1 or not formula.is_polynomial(*symbols):
        return expr
    polynomial = sp.Poly(formula, *symbols)
    if polynomial.degree() > _HIGHEST:
        return expr
    return horner(polynomial, *symbols).xreplace({symbols[0]: next(iter(names))})


def _powers_of_exponentials(expr: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    """A name for each exponential, its powers for multiples of the exponent: SymPy would write exp(y) for exp(-y)."""
    names: dict[sp.Expr, sp.Expr] = {}
    for call in sorted(
        filter(moves, expr.atoms(sp.exp)), key=lambda call: (abs(call.exp.as_coeff_Mul()[0]), str(call))
    ):
        near = ((call.exp / other.exp, name) for other, name in names.items() if name.is_Symbol)
        names[call] = next((name**k for k, name in near if k.is_Integer and k > 0), sp.Dummy(positive=True))
    return names


def with_differences_of_exponentials(expr: sp.Expr) -> sp.Expr:
    """Each c exp(y) - c exp(z) by the exponential of the larger: what is left is 1 - exp(-|y - z|).

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> with_differences_of_exponentials(sp.exp(-A) - sp.exp(-3 * A))
    -exp(-a)*expm1(-2*a)
    """
    if not expr.args:
        return expr
    expr = expr.func(*map(with_differences_of_exponentials, expr.args))
    if not isinstance(expr, sp.Add):
        return expr
    parts = [(term, *term.as_independent(sp.exp, as_Add=False)) for term in expr.args]
    falling = [part for part in parts if isinstance(part[2], sp.exp) and moves(part[2])]
    for (p, c, first), (q, d, second) in combinations(falling, 2):
        if c + d == 0:
            rise = sp.factor_terms(sp.expand(second.exp - first.exp))
            peak = (
                first
                if rise.is_nonpositive
                else second
                if rise.is_nonnegative
                else sp.exp(sp.Max(first.exp, second.exp))
            )
            return expr - p - q + c * sp.sign(rise) * peak * expm1(-abs(rise))
    return expr


def with_logarithms_of_quotients(expr: sp.Expr) -> sp.Expr:
    """log(1 - y) is -log(1 + y/(1 - y)) for 0 <= y < 1, log(c + y) is log(c) + log(1 + y/c).

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> b = sp.Symbol("b", positive=True)
    >>> with_logarithms_of_quotients(sp.log(1 - A**2)), with_logarithms_of_quotients(sp.log(b + A))
    (-log1p(a**2/(1 - a**2)), log(b) + log1p(a/b))
    """
    return expr.replace(lambda node: isinstance(node, sp.log) and moves(node), _logarithm)


def with_powers_as_exponentials(expr: sp.Expr) -> sp.Expr:
    """Each c (1 + y)^p - c by the logarithm of 1 + y: expm1 is made of that.

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import A
    >>> p = sp.Symbol("p", positive=True)
    >>> without_cancellation(with_powers_as_exponentials((1 + A) ** p - 1))
    expm1(p*log1p(a))
    """
    return expr.replace(lambda node: node.is_Add and moves(node), _without_powers)


def _without_powers(sum_: sp.Add) -> sp.Expr:
    for term in sum_.args:
        factor, power = term.as_independent(A, as_Add=False)
        if power.is_Pow and power.exp.free_symbols and (power.base - 1).is_nonnegative and -factor in sum_.args:
            return sum_ - term + factor * sp.exp(power.exp * log1p(power.base - 1))
    return sum_


def with_bells(expr: sp.Expr) -> sp.Expr:
    """Each c - c tanh(y)^2 by exp(-2 |y|), for y of either sign.

    Examples
    --------
    >>> with_bells(A * (2 - 2 * sp.tanh(A - 3) ** 2))
    8*a*exp(-2*Abs(a - 3))/(1 + exp(-2*Abs(a - 3)))**2
    """
    return expr.replace(lambda node: node.is_Add and moves(node) and node.has(sp.tanh), _without_squares)


def _without_squares(sum_: sp.Add) -> sp.Expr:
    for term in sum_.args:
        factor, square = term.as_independent(sp.tanh, as_Add=False)
        base, exponent = square.as_base_exp()
        if isinstance(base, sp.tanh) and exponent == 2 and -factor in sum_.args and base.args[0].is_nonnegative is None:
            falling = sp.exp(-2 * abs(base.args[0]))
            return sum_ - term + factor - 4 * factor * falling / (1 + falling) ** 2
    return sum_


def _logarithm(call: sp.log) -> sp.Expr:
    fixed, size = sp.Add(*(t for t in sp.Add.make_args(call.args[0]) if not moves(t))), call.args[0]
    if (size - 1).is_nonpositive:
        return -log1p((1 - size) / size)
    is_mixed = fixed.is_positive and fixed != 1 and (size - fixed).is_nonnegative
    return sp.log(fixed) + log1p((size - fixed) / fixed) if is_mixed else call


def _has_root(term: sp.Expr) -> bool:
    return any(moves(f) and abs(f.as_base_exp()[1]) == sp.S.Half for f in sp.Mul.make_args(term))
