"""Proved signs of expressions and the order of constants, for all admissible values of their symbols.

A sign is read off SymPy's assumptions, a ball of a constant, or the factors of
the canonical form; a sign that stays open raises `Undecided` with the question.
"""

from collections.abc import Callable, Iterable, Mapping

import sympy as sp
from sympy.polys.rootoftools import ComplexRootOf

from symtrans.calculus.algebra.canonical import HYPERBOLIC, X, canonical, is_zero, plain_arguments, rational_form
from symtrans.calculus.algebra.sympy_calls import guarded
from symtrans.calculus.algebra.terms import (
    assumed_sign,
    is_long_sum_of_fractions,
    sign_from_zero,
    sign_of_coefficients,
    sign_of_terms,
)
from symtrans.calculus.algebra.vocabulary import INCREASING
from symtrans.calculus.enclosures.balls import NamedNumber, constant_sign, enclose
from symtrans.calculus.undecided import Undecided, decided
from symtrans.runtime.caches import remembered

_MOST_OPERATIONS = 150  # of what is multiplied out
_LARGEST_POWER = 24


def vanishes(expr: sp.Expr) -> bool:
    """Whether a constant is zero for all values of its parameters, or for none.

    Raises
    ------
    Undecided
        If neither is proved; `is_zero` being None must never pass for "not zero".
    """
    if is_zero(expr):
        return True
    return sign(expr) == 0


@remembered(8192)
def sign(expr: sp.Expr) -> int:
    """Proved sign (-1, 0, 1) of an expression for all admissible values of its symbols.

    Raises
    ------
    Undecided
        If the sign depends on the symbols, or cannot be proved.
    """
    if expr in (sp.oo, -sp.oo):
        return 1 if expr is sp.oo else -1
    quick = _number_sign(expr)
    if quick is not None:
        return quick
    if not expr.free_symbols and expr.has(NamedNumber, ComplexRootOf) and _vanishes_at_root(expr):
        return 0  # SymPy's assumptions take longer over the same
    # a long sum of fractions is brought over one denominator below, which takes SymPy's assumptions less time
    quick = sign_of_terms(expr) if is_long_sum_of_fractions(expr) else assumed_sign(expr)
    if quick is not None:
        return quick
    if not expr.free_symbols:
        proved = constant_sign(expr)
        if proved is not None:
            return proved
        if expr.has(NamedNumber):
            raise Undecided("the sign of ", expr, " is open")
    if is_zero(expr):
        return 0
    try:
        return _sign_by_factors(expr)
    except Undecided:
        if not expr.has(*HYPERBOLIC):
            raise
    # 1 - tanh(y) is 2/(exp(2 y) + 1): positive, where no number of digits shows it for a large y
    return _sign_by_factors(canonical(plain_arguments(expr)))


def _vanishes_at_root(expr: sp.Expr) -> bool:
    """Whether a value at the isolated root of a function is a multiple of that function, which is 0 there.

    The multiple is a quotient whose terms are finite at the root, and whose denominator is not 0 there.
    """
    (root, *others) = expr.atoms(NamedNumber, ComplexRootOf)
    if isinstance(root, ComplexRootOf):
        variable = sp.Dummy(real=True)
        function = root.poly.as_expr(variable)
    else:
        function, variable = getattr(root, "function", None), getattr(root, "variable", None)
    if others or function is None:
        return False
    multiple = rational_form(expr.xreplace({root: variable}) / function)
    above, below = (
        enclose(multiple.back(part).xreplace({variable: root})) for part in (multiple.numerator, multiple.denominator)
    )
    return bool(above.is_finite() and below.is_finite() and 0 not in below)


def _sign_by_factors(expr: sp.Expr) -> int:
    form = rational_form(expr)
    product = 1
    for part in (form.numerator, form.denominator):
        content, factors = guarded(sp.factor_list, part)
        product *= _need_sign(content, expr)
        for factor, multiplicity in factors:
            if multiplicity % 2 or assumed_sign(factor) is None:
                product *= _need_sign(form.back(factor), expr) ** multiplicity
    return product


def _number_sign(expr: sp.Expr) -> int | None:
    """Of a number, by a ball: quicker than SymPy's assumptions, which evaluate sums of many terms themselves."""
    if expr.is_Atom or expr.free_symbols:
        return None
    return decided(constant_sign, expr, quick=True)


def _need_sign(factor: sp.Expr, whole: sp.Expr) -> int:
    proved = assumed_sign(factor)
    if proved is None and not factor.free_symbols:
        proved = constant_sign(factor)
    if proved is None:
        proved = sign_of_coefficients(factor)
    if proved is None and isinstance(factor, sp.Abs | sp.sign):
        return sign(factor.args[0]) ** (2 if isinstance(factor, sp.Abs) else 1)
    if proved is None and (product := _product_of_logarithms(factor)) is not None:
        return sign(product - 1)
    if proved is None and isinstance(factor + 1, sp.exp):
        return sign((factor + 1).exp)
    if proved is None and X not in factor.free_symbols:
        proved = _sign_by_inverse(factor)
    is_root = isinstance(factor, sp.Pow) and isinstance(factor.exp, sp.Rational) and factor.exp.q != 1
    if proved is None and is_root and sign(factor.base) > 0:
        return 1
    for way in _WAYS:
        if proved is None:
            proved = way(factor)
    if proved is None:
        asked = factor if X not in whole.free_symbols else whole
        raise Undecided("the sign of ", asked, " is open", open=None if X in factor.free_symbols else factor)
    return proved


def _product_of_logarithms(factor: sp.Expr) -> sp.Expr | None:
    """U v**2 of log(u) + 2 log(v), of a sum of a few whole multiples of logarithms; else None."""
    parts = [term.as_coeff_Mul() for term in sp.Add.make_args(factor)]
    if not all(isinstance(log, sp.log) and sign(log.args[0]) > 0 and n.is_Integer for n, log in parts):
        return None
    return sp.Mul(*(log.args[0] ** n for n, log in parts)) if all(abs(n) <= _LARGEST_POWER for n, _ in parts) else None


def _sign_by_inverse(factor: sp.Expr) -> int | None:
    """Of q f(u) - c for an increasing f and q > 0: that of u less what f takes to c/q."""
    for call in factor.atoms(sp.asinh, sp.acosh, sp.atan, sp.log, sp.LambertW):
        rest, product = factor.as_independent(call, as_Add=True)
        q, alone = product.as_independent(call, as_Add=False)
        level = -rest / q
        if alone != call:
            continue
        if isinstance(call, sp.atan) and (level.free_symbols or sign(sp.pi / 2 - abs(level)) <= 0):
            continue  # beyond its range
        if isinstance(call, sp.log) and (level.free_symbols or sign(call.args[0]) <= 0):
            continue  # u - exp(p) would be read as log(u) - p again; log(u) has no sign where u <= 0
        if isinstance(call, sp.LambertW):
            if level.free_symbols or len(call.args) > 1 or sign(1 + sp.E * call.args[0]) <= 0:
                continue  # the lower branch falls, and at -1/e the other begins
            if sign(level + 1) <= 0:
                return sign(q)
        if isinstance(call, sp.acosh) and (sign(call.args[0] - 1) < 0 or sign(level) < 0):
            return sign(q) if sign(call.args[0] - 1) >= 0 else None
        return sign(q) * sign(call.args[0] - INCREASING[type(call)].inverse(level))
    return None


def _sign_of_exponentials(factor: sp.Expr) -> int | None:
    """With exp(u) = 1 + d for positive u, d > 0: exp(u) - 1 is seen to be positive."""
    if sp.count_ops(factor) > _MOST_OPERATIONS:
        return None
    growing = {e: 1 + sp.Dummy(positive=True) for e in factor.atoms(sp.exp) if e.exp.is_positive}
    falling = {e: 1 / (1 + sp.Dummy(positive=True)) for e in factor.atoms(sp.exp) if e.exp.is_negative}
    if not growing and not falling:
        return None
    numerator, denominator = sp.fraction(sp.together(factor.xreplace({**growing, **falling})))
    above, below = assumed_sign(sp.expand(numerator)), assumed_sign(sp.expand(denominator))
    return None if above is None or below is None else above * below


def _sign_with_root(factor: sp.Expr) -> int | None:
    """Of P + Q sqrt(A): where P and Q differ in sign, it is that of P times that of P**2 - Q**2 A."""
    roots = [power for power in factor.atoms(sp.Pow) if power.exp == sp.Rational(1, 2) and power.free_symbols]
    if X in factor.free_symbols or len(roots) != 1 or not factor.is_polynomial(roots[0]):
        return None
    (root,) = roots
    symbol = sp.Dummy()
    expanded = sp.expand(factor).xreplace({root: symbol})  # which may show it within a Max, or below a fraction bar
    poly = sp.Poly(expanded, symbol) if expanded.is_polynomial(symbol) else None
    if poly is None or poly.degree() != 1 or sign(root.base) <= 0:
        return None
    q, p = poly.all_coeffs()
    first, second = sign(p), sign(q)
    return first or second if first * second >= 0 else first * sign(sp.expand(p**2 - q**2 * root.base))


def _sign_of_difference(factor: sp.Expr) -> int | None:
    """Of u - v for positive u and v of which one is an exponential in the parameters: that of log(u) - log(v)."""
    terms = sp.Add.make_args(factor)
    if len(terms) != 2 or X in factor.free_symbols:
        return None
    if not _grows_with_parameters(factor):
        return None
    above, below = terms if terms[0].is_positive else terms[::-1]
    if not (above.is_positive and below.is_negative):
        return None
    first, second = (sp.expand_log(sp.log(one), force=False) for one in (above, -below))
    difference = sp.expand(first - second)
    # a logarithm that did not come apart would lead back to the same question
    return None if _grows_with_parameters(difference) else sign(difference)


def _grows_with_parameters(expr: sp.Expr) -> bool:
    return any(power.exp.free_symbols for power in expr.atoms(sp.exp, sp.Pow))


def _sign_of_two_roots(factor: sp.Expr) -> int | None:
    """Of u - v for positive u and v, at least one of them with square roots: that of u**2 - v**2, which has fewer."""
    terms = sp.Add.make_args(factor)
    if len(terms) < 2 or X in factor.free_symbols or not _roots_in(factor):
        return None
    above = sp.Add(*(term for term in terms if term.is_positive))
    below = factor - above
    if not (above.is_positive and below.is_negative):
        return None
    difference = sp.expand(above**2 - below**2)
    return sign(difference) if _roots_in(difference) < _roots_in(factor) else None


def _roots_in(expr: sp.Expr) -> int:
    return sum(power.exp.is_Rational and power.exp.q == 2 for power in expr.atoms(sp.Pow))


def sign_by_ranges(factor: sp.Expr) -> int | None:
    """Of a sum with terms q f(u) for a bounded f: what the others are, less all |q| sup |f|, may tell its sign."""
    bound, rest, is_reached = sp.S.Zero, sp.S.Zero, True
    for term in sp.Add.make_args(factor):
        coefficient, function = term.as_coeff_Mul()
        if isinstance(function, sp.sin | sp.cos):
            bound += abs(coefficient)
        elif (known := INCREASING.get(type(function))) is not None and known.low == -known.high != -sp.oo:
            bound += abs(coefficient) * known.high
            is_reached = False
        else:
            rest += term
    if bound == 0:
        return None
    for side in (1, -1):
        least = side * rest - bound  # of side times the sum
        if least.is_positive or (least.is_nonnegative and not is_reached):
            return side
    return None


def _sign_of_quadratic(factor: sp.Expr) -> int | None:
    """Of A p**2 + B p + C for a parameter p and B**2 < 4 A C, which has no real zero: that of A."""
    for p in sorted(factor.free_symbols - {X}, key=lambda s: s.name):
        if not (factor.is_polynomial(p) and sp.degree(factor, p) == 2):
            continue
        a, b, c = sp.Poly(factor, p).all_coeffs()
        known = assumed_sign(a)
        if known is None or known != assumed_sign(c):
            continue
        if decided(sign, sp.expand(b**2 - 4 * a * c)) == -1:
            return known
    return None


_WAYS: tuple[Callable[[sp.Expr], int | None], ...] = (
    *(sign_by_ranges, _sign_of_exponentials, _sign_with_root, _sign_of_quadratic),
    *(_sign_of_two_roots, _sign_of_difference, sign_from_zero),
)
"""What is tried of a factor whose sign nothing quicker tells, in this order."""


def compare(a: sp.Expr, b: sp.Expr) -> int:
    """Proved order of two constants: sign of a - b; infinities allowed.

    Raises
    ------
    Undecided
        With the question as its sentence ("is a < b?").
    """
    if a == b:
        return 0
    if a is sp.oo or b is -sp.oo:
        return 1
    if b is sp.oo or a is -sp.oo:
        return -1
    try:
        return sign(a - b)
    except Undecided as question:
        shared = {factor for factor in sp.Mul.make_args(a) if factor.is_positive} & set(sp.Mul.make_args(b))
        raise Undecided("is ", a / sp.Mul(*shared), " < ", b / sp.Mul(*shared), "?", open=question.open) from None


def insert(points: list[sp.Expr], point: sp.Expr) -> None:
    """Insert into an ascending list, once; an order that cannot be proved raises `Undecided`."""
    for index, other in enumerate(points):
        order = compare(point, other)
        if order <= 0:
            if order < 0:
                points.insert(index, point)
            return
    points.append(point)


def largest(values: Iterable[sp.Expr]) -> sp.Expr:
    """The largest of several constants; a Max of those whose order depends on the parameters.

    Raises
    ------
    Undecided
        If the order of two numbers cannot be proved.
    """
    kept: list[sp.Expr] = []
    for value in dict.fromkeys(values):
        beaten = False
        for other in list(kept):
            order = decided(compare, value, other)
            if order == 1 or (order == 0 and value.is_Rational):  # 0 and not 1 - erf(x0), which is 0 at a zero x0
                kept.remove(other)
            elif order is not None:
                beaten = True
                break
        if not beaten:
            kept.append(value)
    numbers = [value for value in kept if not value.free_symbols]
    if len(numbers) > 1:  # SymPy's Max would compare them itself, or fail
        raise Undecided("is ", numbers[0], " < ", numbers[1], "?")
    if len(kept) == 1:
        return kept[0]
    # unevaluated, as SymPy compares all of them again, at length
    single = (part for value in kept for part in (value.args if isinstance(value, sp.Max) else (value,)))
    return sp.Max(*map(_comparable, single), evaluate=False)


def _comparable(value: sp.Expr) -> sp.Expr:
    """The same; SymPy's Max refuses a number that it cannot tell from zero."""
    if value.free_symbols or value.is_comparable:
        return value
    if vanishes(value):
        return sp.S.Zero
    raise Undecided("the size of ", value, " is open")


def substituted(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr], simultaneous: bool = False) -> sp.Expr:
    """`expr.subs(values)`, each Max and Min of constants by proved comparisons; nan where one of them has no value.

    Examples
    --------
    >>> a = sp.Symbol("a", positive=True)
    >>> substituted(sp.Max(0, a**2 - 6 + 2 * sp.sqrt(5)), {a: sp.sqrt(5) - 1})
    0
    """
    if not values or not expr.has(sp.Max, sp.Min):
        return expr.subs(values, simultaneous=simultaneous)
    if isinstance(expr, sp.Max | sp.Min) and X not in expr.free_symbols:
        args = [substituted(arg, values, simultaneous) for arg in expr.args]
        if any(arg.has(sp.zoo, sp.nan) for arg in args):
            return sp.nan
        return largest(args) if isinstance(expr, sp.Max) else smallest(args)
    if isinstance(expr, sp.Add | sp.Mul | sp.Pow | sp.Function) and not isinstance(expr, sp.Piecewise):
        return expr.func(*(substituted(arg, values, simultaneous) for arg in expr.args))
    return expr.subs(values, simultaneous=simultaneous)


def smallest(values: Iterable[sp.Expr]) -> sp.Expr:
    """The smallest of several constants; a Min of those whose order depends on the parameters."""
    opposite = largest([-v for v in values])
    if isinstance(opposite, sp.Max):
        return sp.Min(*(-v for v in opposite.args), evaluate=False)
    return -opposite
