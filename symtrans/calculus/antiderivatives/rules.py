"""Primitives by rule: a table of terms that people know, and a few substitutions between them.

Integrators search; rules answer at once, with the function that a person would name. A term is
brought to a line of the table by u = x**m, u = a x + b or E = exp(k x). Whatever a rule gives is
differentiated back before it is believed.
"""

from collections.abc import Callable, Mapping
from math import gcd, lcm

import sympy as sp

from symtrans.calculus.algebra.canonical import HYPERBOLIC, X, is_zero
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.sympy_calls import attempted
from symtrans.calculus.antiderivatives.exponentials import LARGEST_POWER, linear, rational_in_exponential
from symtrans.calculus.undecided import Undecided
from symtrans.runtime.caches import remembered

_B = sp.Dummy("b", dummy_index=20_052_011, positive=True)
_C = sp.Dummy("c", dummy_index=20_052_012, positive=True)
_LARGEST_DEGREE = 60  # after a substitution: x**(1/101) and x**(1/103) would make a polynomial of degree 10403
_MOST_TERMS = 64
_MOST_WAVES = 8  # factors


def by_rules(expr: sp.Expr) -> sp.Expr | None:
    """A primitive of a sum of terms with rules, verified term by term; None if a term has none.

    It is real for x > 0, except for logarithms of negative numbers.

    Raises
    ------
    NoClosedForm

    Examples
    --------
    >>> by_rules(X - X * sp.exp(-1 / X**6))
    _x**2/2 - uppergamma(-1/3, _x**(-6))/6
    >>> by_rules(X / (1 + sp.exp(X)))
    -_x*log(1 + exp(-_x)) + polylog(2, -exp(-_x))
    """
    parts = [verified(term) for term in terms(expr)]
    return None if None in parts else sp.Add(*parts)


def terms(expr: sp.Expr) -> tuple[sp.Expr, ...]:
    """The summands of an expression, its powers of products taken apart."""
    spread = sp.expand_power_base(sp.expand_mul(expr, deep=False))
    found = sp.Add.make_args(spread)
    return found if len(found) <= _MOST_TERMS else (expr,)


@remembered(2048)
def verified(term: sp.Expr) -> sp.Expr | None:
    """A primitive of one term by the first rule whose answer differentiates back to it."""
    constant, rest = term.as_independent(X, as_Add=False)
    found = _primitive(rest)
    return None if found is None else constant * found


def is_primitive(primitive: sp.Expr, expr: sp.Expr) -> bool:
    """Whether the derivative is proved to be `expr`; of cases in a parameter, in each case."""
    return is_zero(differentiate(primitive, X) - expr) is True


def _primitive(term: sp.Expr) -> sp.Expr | None:
    if X not in term.free_symbols:
        return term * X
    for rule in _RULES:
        found = rule(term)
        if found is not None and (rule in _TEMPLATES or is_primitive(found, term)):
            return found
    return None


@remembered(256)
def _is_template(primitive: sp.Expr, expr: sp.Expr) -> bool:
    """Whether a rule written for positive constants holds; what is put in for them changes nothing then."""
    return is_primitive(primitive, expr)


def _sum_of(expr: sp.Expr) -> sp.Expr | None:
    parts = []
    for term in sp.Add.make_args(sp.expand_mul(expr)):
        constant, rest = term.as_independent(X, as_Add=False)
        found = _primitive(rest)
        if found is None:
            return None
        parts.append(constant * found)
    return sp.Add(*parts)


# ---------------------------------------------------------------------------
# Powers


def _power(term: sp.Expr) -> sp.Expr | None:
    """Of x**n: the logarithm for n = -1."""
    power, rest = _monomial(term)
    return _power_of(X, power) if rest == 1 else None


def _power_of(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    raised = sp.expand(exponent + 1)
    if raised == 0:
        return sp.log(base)
    return base**raised / raised


def _monomial(term: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(n, F) with term = x**n F, where F has no factor that is a power of x."""
    power, rest = sp.S.Zero, []
    for factor in sp.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if base == X and X not in exponent.free_symbols:
            power += exponent
        else:
            rest.append(factor)
    return power, sp.Mul(*rest)


def _in_power_of_x(term: sp.Expr) -> sp.Expr | None:
    """x**(j m - 1) F(x**m) dx = u**(j - 1) F(u) du / m."""
    power, rest = _monomial(term)
    exponents = [p.exp for p in rest.atoms(sp.Pow) if p.base == X]
    if rest.xreplace({p: sp.S.One for p in rest.atoms(sp.Pow) if p.base == X}).has(X):
        exponents.append(sp.S.One)
    if not power.is_Rational or not exponents or not all(isinstance(e, sp.Rational) for e in exponents):
        return None
    exponents.append(power + 1)
    m = sp.Rational(gcd(*(int(e.p) for e in exponents)), lcm(*(int(e.q) for e in exponents)))
    order = (power + 1) / m
    largest = max(abs(n) for e in (*exponents, power + 1) for n in ((e / m).p, m.p, m.q))
    if m == 1 or not isinstance(order, sp.Integer) or largest > _LARGEST_DEGREE:
        return None
    found = _sum_of(X ** (order - 1) * rest.subs(X, X ** (1 / m)))
    return None if found is None else found.subs(X, X**m) / m


def _power_of_linear(term: sp.Expr) -> sp.Expr | None:
    """Of x**j (a x + b)**e, through u = a x + b; integer exponents are left to partial fractions."""
    power, rest = _monomial(term)
    base, exponent = rest.as_base_exp()
    inner = linear(base)
    if inner is None or isinstance(exponent, sp.Integer) or X in exponent.free_symbols or not _small(power):
        return None
    a, b = inner
    powers = sp.Poly(((X - b) / a) ** power, X).terms()
    return sp.Add(*(c * _power_of(base, exponent + k) for (k,), c in powers)) / a


def _cleared(term: sp.Expr) -> sp.Expr | None:
    """Of x**j (a + b/x**m)**e, that of x**(j - m e) (a x**m + b)**e."""
    power, rest = _monomial(term)
    base, exponent = rest.as_base_exp()
    below = [-p.exp for p in base.atoms(sp.Pow) if p.base == X and p.exp.is_Rational and p.exp < 0]
    if not base.is_Add or not below or isinstance(exponent, sp.Integer) or X in exponent.free_symbols:
        return None
    raised = sp.expand(base * X ** max(below))
    return _primitive(X ** (power - max(below) * exponent) * raised**exponent)


def _small(power: sp.Expr) -> bool:
    return isinstance(power, sp.Integer) and 0 <= power <= LARGEST_POWER


def _rational(term: sp.Expr) -> sp.Expr | None:
    if not term.is_rational_function(X):
        return None
    found = _by_residues(term)
    if found is not None:
        return found
    from sympy.integrals.rationaltools import ratint  # loads slowly; `import symtrans` does not wait for it

    found = attempted(ratint, term, X)
    return None if found is None or found.has(sp.Integral, sp.I, sp.RootSum, sp.nan, sp.zoo) else found


def _by_residues(quotient: sp.Expr) -> sp.Expr | None:
    """Of P/Q where Q has simple zeros z, rational in the parameters: a polynomial and P(z)/Q'(z) log(x - z) for each.

    SymPy's algorithm takes a second for two zeros with names.
    """
    above, below = sp.fraction(cancelled(quotient))
    factors = attempted(sp.factor_list, below)
    lines = [(linear(factor), power) for factor, power in (factors or (1, ()))[1] if factor.has(X)]
    if not lines or any(line is None or power > 1 for line, power in lines):
        return None
    whole, _ = sp.div(above, below, X)
    residue = above / differentiate(below, X)
    zeros = [-line[1] / line[0] for line, _ in lines if line is not None]
    logarithms = (cancelled(residue.subs(X, zero)) * sp.log(X - zero) for zero in zeros)
    return sp.Add(sp.integrate(whole, X), *logarithms)


def _root_of_quadratic(term: sp.Expr) -> sp.Expr | None:
    """Of sqrt(a x**2 + b x + c) with a > 0, through y = x + b/(2a) and d = c - b**2/(4a)."""
    if not (isinstance(term, sp.Pow) and term.exp == sp.Rational(1, 2) and term.base.is_polynomial(X)):
        return None
    quadratic = sp.Poly(term.base, X)
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
    if not _is_template(template, root):
        return None
    return template.subs({_B: a, _C: kind * rest, X: X + shift}, simultaneous=True)


# ---------------------------------------------------------------------------
# Functions of a x + b


_PRIMITIVES: Mapping[type[sp.Basic], Callable[[sp.Expr], sp.Expr]] = {
    sp.tanh: lambda u: sp.log(sp.cosh(u)),
    sp.coth: lambda u: sp.log(sp.sinh(u)),
    sp.atan: lambda u: u * sp.atan(u) - sp.log(1 + u**2) / 2,
    sp.asinh: lambda u: u * sp.asinh(u) - sp.sqrt(1 + u**2),
    sp.log: lambda u: u * sp.log(u) - u,
    sp.erf: lambda u: u * sp.erf(u) + sp.exp(-(u**2)) / sp.sqrt(sp.pi),
    sp.erfc: lambda u: u * sp.erfc(u) - sp.exp(-(u**2)) / sp.sqrt(sp.pi),
}
# f and its repeated primitives, with which x**j f(a x + b) is integrated by parts.
_CYCLES: Mapping[type[sp.Basic], tuple[Callable[[sp.Expr], sp.Expr], ...]] = {
    sp.sin: (lambda u: -sp.cos(u), lambda u: -sp.sin(u), sp.cos, sp.sin),
    sp.cos: (sp.sin, lambda u: -sp.cos(u), lambda u: -sp.sin(u), sp.cos),
    sp.sinh: (sp.cosh, sp.sinh),
    sp.cosh: (sp.sinh, sp.cosh),
}


# Functions whose derivatives are of a simpler kind: x**j f(a x + b) is integrated by parts.
_TRANSCENDENTAL = (sp.log, sp.atan, sp.asinh, sp.erf, sp.erfc)


def _function_of_linear(term: sp.Expr) -> sp.Expr | None:
    """Of f(a x + b), or of x**j times it."""
    power, call = _monomial(term)
    inner = linear(call.args[0]) if isinstance(call, sp.Function) else None
    if inner is None or not _small(power):
        return None
    (a, _), u = inner, call.args[0]
    if power == 0 and type(call) in _PRIMITIVES:
        return _PRIMITIVES[type(call)](u) / a
    if isinstance(call, _TRANSCENDENTAL):
        outer = X ** (power + 1) / (power + 1)
        rest = _sum_of(outer * differentiate(call, X))
        return None if rest is None else outer * call - rest
    cycle = _CYCLES.get(type(call))
    if cycle is None:
        return None
    j, total = int(power), sp.S.Zero
    for i in range(j + 1):
        total += (-1) ** i * sp.ff(j, i) * X ** (j - i) * cycle[i % len(cycle)](u) / a ** (i + 1)
    return total


def _of_waves(term: sp.Expr) -> sp.Expr | None:
    """Of x**j times powers of sines and cosines of a x + b, which is a sum of waves: 2 sin(u)**2 = 1 - cos(2 u)."""
    power, rest = _monomial(term)
    waves: list[sp.Expr] = []
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp()
        if not (isinstance(base, sp.sin | sp.cos) and exponent.is_Integer and exponent > 0):
            return None
        waves += [base] * int(exponent)
    if not 2 <= len(waves) <= _MOST_WAVES:
        return None
    total: sp.Expr = sp.S.One
    for wave in waves:
        total = sp.Add(*(_product(term, wave) for term in sp.Add.make_args(sp.expand(total))))
    return _sum_of(sp.expand(X**power * total))


def _product(term: sp.Expr, wave: sp.Expr) -> sp.Expr:
    """The product of c or c sin(v) or c cos(v) with a wave, as a sum."""
    constant, other = term.as_independent(X, as_Add=False)
    if other == 1:
        return constant * wave
    (u,), (v,) = other.args, wave.args
    less, more = sp.expand(u - v), sp.expand(u + v)
    if isinstance(other, sp.sin) and isinstance(wave, sp.sin):
        return constant * (sp.cos(less) - sp.cos(more)) / 2
    if isinstance(other, sp.cos) and isinstance(wave, sp.cos):
        return constant * (sp.cos(less) + sp.cos(more)) / 2
    difference = sp.sin(less) if isinstance(other, sp.sin) else -sp.sin(less)
    return constant * (sp.sin(more) + difference) / 2


def _by_parts(term: sp.Expr) -> sp.Expr | None:
    """Of x**j f(u) with f a logarithm or an arctangent and u made of x, or of exp(x), by arithmetic and roots."""
    power, call = _monomial(term)
    if not isinstance(call, sp.log | sp.atan) or not (_small(power) or power == -1):
        return None
    (u,) = call.args
    if power == -1:  # the dilogarithm
        c, order = sp.expand(1 - u).as_coeff_exponent(X)
        return None if X in c.free_symbols or order == 0 else sp.polylog(2, 1 - u) / -order
    if not u.xreplace(dict.fromkeys(u.atoms(sp.exp, *HYPERBOLIC), sp.S.One)).is_algebraic_expr(X):
        return None
    outer = X ** (power + 1) / (power + 1)
    slope = outer * differentiate(call, X)
    rest = _sum_of(cancelled(slope) if slope.is_rational_function(X) else simplified(slope))
    return None if rest is None else outer * call - rest


# ---------------------------------------------------------------------------
# Exponentials


def _power_times_exponential(term: sp.Expr) -> sp.Expr | None:
    """Of x**n exp(rate x**m + d): elementary, or an incomplete gamma function of -rate x**m."""
    power, call = _monomial(term)
    if not isinstance(call, sp.exp):
        return None
    exponent, fixed = sp.expand(call.exp), sp.S.Zero
    fixed, exponent = exponent.as_independent(X, as_Add=True)
    rate, order = sp.factor_terms(exponent).as_coeff_exponent(X)
    if X in rate.free_symbols or X in order.free_symbols or order == 0:
        return None
    shape = sp.cancel((power + 1) / order)
    if _small(shape - 1):
        u, k = X**order, int(shape) - 1
        series = sp.Add(*((-1) ** i * sp.ff(k, i) * u ** (k - i) / _B ** (i + 1) for i in range(k + 1)))
        template = series * sp.exp(_B * u) / order
        if not _is_template(template, X**power * sp.exp(_B * u)):
            return None
        return sp.exp(fixed) * template.xreplace({_B: rate})
    try:
        ascends = sign(order) > 0
        if sign(rate) >= 0 or (ascends and sign(shape) <= 0) or (not ascends and not shape.is_Rational):
            return None
    except Undecided:
        return None
    gamma = sp.lowergamma if ascends else _uppergamma
    template = _B ** (-shape) / abs(order) * gamma(shape, _B * X**order)
    # the derivative of gamma(s, u) is u**(s - 1) exp(-u) for any s, where canonical forms know whole shares only
    if shape.is_Rational and not _is_template(template, X**power * sp.exp(-_B * X**order)):
        return None
    return sp.exp(fixed) * template.xreplace({_B: -rate})


def _uppergamma(shape: sp.Expr, u: sp.Expr) -> sp.Expr:
    """Gamma(s, u), by exponential integrals where s = 0, -1, ...: Gamma(s, u) = (Gamma(s + 1, u) - u**s exp(-u))/s."""
    if not isinstance(shape, sp.Integer) or shape > 0:
        return sp.uppergamma(shape, u)
    return -sp.Ei(-u) if shape == 0 else (_uppergamma(shape + 1, u) - u**shape * sp.exp(-u)) / shape


def _gaussian(term: sp.Expr) -> sp.Expr | None:
    """Of x**j exp(-a x**2 + b x + c), a > 0 and b not 0: error functions, by (x**(j-1) exp(.))'."""
    power, call = _monomial(term)
    if not isinstance(call, sp.exp) or not _small(power) or not call.exp.is_polynomial(X):
        return None
    quadratic = sp.Poly(call.exp, X)
    if quadratic.degree() != 2 or not quadratic.LC().is_negative:
        return None
    a, b = -quadratic.LC(), quadratic.coeff_monomial(X)
    shift = b / (2 * a)
    fixed = sp.expand(quadratic.coeff_monomial(1) + b**2 / (4 * a))
    found = [sp.sqrt(sp.pi / a) / 2 * sp.exp(fixed) * sp.erf(sp.sqrt(a) * (X - shift))]
    for j in range(1, int(power) + 1):
        before = (j - 1) * found[j - 2] if j > 1 else 0
        found.append((before + b * found[j - 1] - X ** (j - 1) * call) / (2 * a))
    return found[-1]


_RULES: tuple[Callable[[sp.Expr], sp.Expr | None], ...] = (
    _power,
    _function_of_linear,
    _of_waves,
    _by_parts,
    _power_times_exponential,
    _gaussian,
    _root_of_quadratic,
    _power_of_linear,
    _cleared,
    _in_power_of_x,
    _rational,
    rational_in_exponential,
)
# These verify themselves, or are partial fractions with exact residues, or sums by addition theorems.
_TEMPLATES = (_of_waves, _cleared, _power_times_exponential, _root_of_quadratic, rational_in_exponential)
