"""Printing forms: of several equal expressions, the one that a person would write down."""

from math import gcd, lcm

import sympy as sp

from symtrans.calculus.algebra.canonical import (
    RationalForm,
    X,
    equalities,
    is_zero,
    parameter_cases,
    plain_arguments,
    rational_form,
    rebuilt,
)
from symtrans.calculus.algebra.fractions import square_free
from symtrans.calculus.algebra.mixtures import has_many_poles, is_mixture
from symtrans.calculus.algebra.terms import sign_of_terms
from symtrans.calculus.enclosures.balls import NamedNumber
from symtrans.runtime.caches import remembered

_LARGEST_POWER = 256  # in the argument of a joined logarithm
_MOST_TERMS = 8  # over one sum: more of them are never shorter than the fraction


@remembered(4096)
def simplified(expr: sp.Expr) -> sp.Expr:
    """An equal expression in the form that a person would write down.

    Several exact forms compete (termwise, factored, one fraction); a form without a
    parameter that cancels wins, then the one with the fewest symbols.

    Examples
    --------
    >>> k = 1 + X**2
    >>> simplified(1/sp.sqrt(k) - X**2/k**sp.Rational(3, 2))
    (_x**2 + 1)**(-3/2)
    """
    if expr.is_Atom or _is_monomial(expr):
        return expr
    if expr.has(NamedNumber):  # a number without a closed form: there is nothing to write nicely
        return expr
    if is_mixture(expr):
        return expr  # no form of the whole reads better than that of its terms
    if has_many_poles(expr):
        return sp.Add(*map(_over_one_sum, sp.Add.make_args(sp.expand_mul(expr, deep=False))))
    if expr.has(sp.Piecewise) and (cases := parameter_cases(expr)) is not None:
        return _cased(cases)
    if expr.has(sp.zoo, sp.nan):  # a factor 0 would make it 0
        return sp.nan
    if expr.has(sp.LambertW):
        expr = expr.replace(lambda e: isinstance(e, sp.LambertW), _without_lambertw)
    if expr.has(sp.LambertW) and (numbers := _named_numbers(expr)):
        return simplified(expr.xreplace(numbers)).xreplace({symbol: number for number, symbol in numbers.items()})
    given, expr = expr, _join_logarithms(_join_powers(plain_arguments(expr)))
    form = rational_form(expr)
    if form.numerator == 0:
        return sp.S.Zero
    fraction = form.numerator / form.denominator
    candidates = [fraction]
    if form.numerator.is_Add or form.denominator.is_Add:  # else there is one way to write it
        factored = _unit_factors(form.numerator, form) / _unit_factors(form.denominator, form)
        candidates.append(factored)
        parts = sp.Add.make_args(sp.expand(form.numerator))
        if len(parts) <= _MOST_TERMS or not _divides_by_a_sum(form.denominator):
            terms = sp.expand(sp.Add(*(t / form.denominator for t in parts)))
            candidates = [sp.factor_terms(terms), terms, *candidates]
    written = dict.fromkeys((*(_join_logarithms(form.back(c)) for c in dict.fromkeys(candidates)), expr, given))
    forms = dict.fromkeys(map(_join_exponentials, written))  # each is weighed once
    return min(forms, key=lambda e: (len(e.free_symbols), _has_pole(e), _weight(e)))


def _divides_by_a_sum(denominator: sp.Expr) -> bool:
    return any(factor.as_base_exp()[0].is_Add for factor in sp.Mul.make_args(denominator))


def _is_monomial(expr: sp.Expr) -> bool:
    """Whether it is a product of numbers and powers of symbols by numbers, which is as short as it can be."""
    return all(
        base.is_Symbol or base.is_Rational if exponent.is_Rational else False
        for base, exponent in (factor.as_base_exp() for factor in sp.Mul.make_args(expr))
    )


def _has_pole(expr: sp.Expr) -> bool:
    """Whether it divides by what may vanish, as (a/(a + x) - b/(b + x))/(a - b) does, and 1/(1 + x/a) for real a."""
    return any(
        power.exp.could_extract_minus_sign() and X not in power.free_symbols and _may_vanish(power.base)
        for power in expr.atoms(sp.Pow)
    )


def _may_vanish(base: sp.Expr) -> bool:
    """Whether a parameter, or a sum of parameters, is not seen to be other than 0."""
    if base.is_Symbol:
        return base.is_nonzero is not True
    return base.is_Add and sign_of_terms(base) != 1 and base.is_positive is not True  # last: SymPy takes long over it


def _without_lambertw(call: sp.Expr) -> sp.Expr:
    """W(y exp(y)) is y for y > 0."""
    for factor in sp.Mul.make_args(call.args[0]) if len(call.args) == 1 else ():
        if isinstance(factor, sp.exp) and factor.exp.is_positive and call.args[0] == factor.exp * factor:
            return factor.exp
    return call


def _named_numbers(expr: sp.Expr) -> dict[sp.Expr, sp.Symbol]:
    """A symbol for each sum of numbers that is to stay together: -1/4 - W(-exp(-1/4)/4)."""
    sums = (node for node in expr.atoms(sp.Add) if not node.free_symbols and node.has(sp.LambertW))
    names = {node: sp.Dummy(positive=node.is_positive) for node in sorted(sums, key=sp.count_ops, reverse=True)}
    return names


def _over_one_sum(term: sp.Expr) -> sp.Expr:
    """2*a/(25*(1 + b)) as 2*a/(25 + 25*b): what SymPy makes of it when it is read again."""
    number, rest = term.as_coeff_Mul()
    below = [f for f in sp.Mul.make_args(rest) if isinstance(f, sp.Pow) and f.exp == -1 and f.base.is_Add]
    if not below or not isinstance(number, sp.Rational) or number.q == 1:
        return term
    return number.p * (rest / below[0]) / sp.expand(number.q / below[0])


def _join_exponentials(expr: sp.Expr) -> sp.Expr:
    """exp(a)*exp(b) as exp(a + b), by its common factor where it has one."""
    if not expr.has(sp.exp) or not expr.args:
        return expr
    expr = rebuilt(expr, map(_join_exponentials, expr.args)) if not isinstance(expr, sp.Integral) else expr
    exponents = [factor.exp for factor in expr.args if isinstance(factor, sp.exp)] if isinstance(expr, sp.Mul) else []
    if len(exponents) < 2:
        return expr
    rest = (factor for factor in expr.args if not isinstance(factor, sp.exp))
    return sp.Mul(*rest, sp.exp(sp.factor_terms(sp.Add(*exponents))))


def _join_powers(expr: sp.Expr) -> sp.Expr:
    """c**(1/b) * c**((b - 1)/b) as c, for c without r: SymPy joins exponents only that are multiples of each other."""
    if not any(power.exp.free_symbols for power in expr.atoms(sp.Pow) if power.base is not sp.E):
        return expr
    expr = rebuilt(expr, map(_join_powers, expr.args))
    exponents: dict[sp.Expr, list[sp.Expr]] = {}
    others: list[sp.Expr] = []
    for factor in sp.Mul.make_args(expr):
        base, exponent = factor.as_base_exp()
        if isinstance(factor, sp.exp) or X in factor.free_symbols:
            others.append(factor)
        else:
            exponents.setdefault(base, []).append(exponent)
    return sp.Mul(*others, *(base ** _total(some) for base, some in exponents.items()))


def _total(exponents: list[sp.Expr]) -> sp.Expr:
    """The sum of exponents; one that stands alone is as it was, unless it is a number."""
    if not any(exponent.free_symbols for exponent in exponents):
        return sp.Add(*exponents)
    form = rational_form(sp.Add(*exponents))
    total = form.back(form.numerator / form.denominator)
    return total if len(exponents) > 1 or total.is_Rational else exponents[0]


def _cased(cases: list[tuple[sp.Expr, sp.Basic]]) -> sp.Expr:
    """Each case in its written form; one whose parameters get the same value from those that follow is dropped."""
    *special, last = [(simplified(value), condition) for value, condition in cases]
    kept = [last]
    for value, condition in reversed(special):
        if not all(_is_included(value, one, kept) for one in sp.Or.make_args(condition)):
            kept.insert(0, (value, condition))
    return sp.Piecewise(*kept) if len(kept) > 1 or last[1] is not sp.true else last[0]


def _is_included(value: sp.Expr, condition: sp.Basic, cases: list[tuple[sp.Expr, sp.Basic]]) -> bool:
    """Whether the first of the cases that is met where the condition p = p0 holds gives `value`."""
    values = equalities(condition)
    if not values:
        return False
    general, met = next((case for case in cases if case[1].subs(values) != sp.false), cases[-1])
    if met is not sp.true and not {*sp.And.make_args(met)} <= {*sp.And.make_args(condition)}:
        return False
    there = general.subs(values)
    if there.has(sp.nan, sp.zoo):  # perhaps a removable point of the parameters: 1/(a - b) times a - b
        form = rational_form(general)
        there = form.back(form.numerator / form.denominator).subs(values)
    return not there.has(sp.nan, sp.zoo, sp.oo) and is_zero(there - value) is True


def _unit_factors(poly: sp.Expr, form: RationalForm) -> sp.Expr:
    """The square-free factors, each scaled to start with 1: lambda**4*(1 - r**2/lambda**2)**2."""
    content, factors = square_free(poly)
    product = content
    for factor, multiplicity in factors:
        unit = factor.subs(X, 0)
        is_product = unit != 0 and not isinstance(unit, sp.Add) and unit not in form.meaning
        if isinstance(factor, sp.Add) and is_product and not _may_be_zero(unit, form):
            factor = unit * sp.expand(factor / unit)
        product *= factor**multiplicity
    return product


def _may_be_zero(unit: sp.Expr, form: RationalForm) -> bool:
    """Whether a factor of it has zeros, as cos(r) has: divided by it a term would have no value there."""
    moving = (form.meaning[symbol] for symbol in unit.free_symbols & form.meaning.keys())
    return any(X in value.free_symbols and not value.is_positive for value in moving)


def spread(expr: sp.Expr) -> sp.Expr:
    """The same as a sum of terms: the other form that tables use."""
    form = rational_form(plain_arguments(expr))
    denominator = form.denominator
    return form.back(sp.Add(*(t / denominator for t in sp.Add.make_args(sp.expand(form.numerator)))))


def _weight(expr: sp.Expr) -> int:
    """How much there is to read: symbols, numbers and exponents; a division costs nothing."""
    if isinstance(expr, sp.Rational):
        return (expr not in (1, -1)) * (1 + (expr.q != 1)) if expr.is_Atom else 0
    if not expr.args:
        return 1
    if isinstance(expr, sp.Pow):
        return _weight(expr.base) + (0 if expr.exp in (-1, sp.Rational(1, 2), -sp.Rational(1, 2)) else 1)
    if isinstance(expr, sp.Add):
        return sum(max(1, _weight(arg)) for arg in expr.args)
    return sum(map(_weight, expr.args)) + (not isinstance(expr, sp.Mul))


def _join_logarithms(expr: sp.Expr) -> sp.Expr:
    """c*log(a) - c*log(b) as one logarithm, squared where that clears a root or an odd power of x.

    The square makes ln(r**2/(2*theta**2)) of 2*ln(|r|/(sqrt(2)*theta)): even in r, without bars.
    """
    if not isinstance(expr, sp.Add):
        if expr.has(sp.log) and isinstance(expr, sp.Mul | sp.Pow):
            return expr.func(*map(_join_logarithms, expr.args))
        return expr
    groups: dict[sp.Expr, sp.Expr] = {}
    rest: list[sp.Expr] = []
    for term in sp.Add.make_args(sp.expand_mul(expr)):  # no sum any more where terms cancel
        logs = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.log)]
        argument = logs[0].args[0] if len(logs) == 1 else None
        if argument is None or not argument.is_positive:
            rest.append(term)
            continue
        sign_, coefficient = 1, term / logs[0]
        if coefficient.could_extract_minus_sign():
            sign_, coefficient = -1, -coefficient
        number, coefficient = coefficient.as_coeff_Mul()
        if not isinstance(number, sp.Rational):  # pragma: no cover - as_coeff_Mul gives rationals here
            number, coefficient = sp.S.One, number * coefficient
        groups[coefficient] = groups.get(coefficient, sp.S.Zero) + sign_ * number * _LogOf(argument)
    joined = [_one_logarithm(c, total) for c, total in groups.items()]
    return sp.Add(*rest, *joined) if joined else expr


class _LogOf(sp.Function):  # type: ignore[misc]
    """An inert logarithm, so that sums of logarithms can be collected without evaluation."""


def _one_logarithm(coefficient: sp.Expr, total: sp.Expr) -> sp.Expr:
    parts = [t.as_coeff_Mul() for t in sp.Add.make_args(total)]
    if not all(isinstance(inert, _LogOf) for _, inert in parts):
        return coefficient * total.replace(_LogOf, sp.log)
    scale = sp.Rational(gcd(*(int(abs(n.p)) for n, _ in parts)), lcm(*(int(n.q) for n, _ in parts)))
    if any(abs(n / scale) > _LARGEST_POWER for n, _ in parts):  # numbers of thousands of digits
        return coefficient * total.replace(_LogOf, sp.log)
    argument = sp.Mul(*(inert.args[0] ** (n / scale) for n, inert in parts))
    if len(parts) > 1:
        form = rational_form(argument)
        argument = form.back(sp.Add(*(t / form.denominator for t in sp.Add.make_args(form.numerator))))
    numerator, denominator = sp.fraction(argument)
    simple = not isinstance(numerator, sp.Add) and not isinstance(denominator, sp.Add)
    if simple and X in argument.free_symbols:
        square = argument**2
        if argument.has(sp.sqrt(2)) or argument.as_coeff_exponent(X)[1] == 1:
            argument, scale = square, scale / 2
    if scale > 0 and argument.is_Pow and argument.exp == -1:
        argument, scale = 1 / argument, -scale
    return coefficient * scale * sp.log(argument)
