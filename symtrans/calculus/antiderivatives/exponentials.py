"""Primitives of x**j R(exp(k x)) with R rational: polylogarithms at the poles of R.

A pole p of R, with E = exp(k x), gives Li_s(p/E); a pair of conjugate poles gives its real and imaginary part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd

import sympy as sp

from symtrans.calculus.algebra.canonical import HYPERBOLIC, X, is_zero, rational_form
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.sympy_calls import guarded
from symtrans.calculus.enclosures.balls import sign_at
from symtrans.calculus.undecided import Undecided
from symtrans.language.polylogarithms import impolylog, repolylog

_E = sp.Dummy("E", dummy_index=20_052_010, positive=True)
LARGEST_POWER = 12  # of x beside a transcendental function
_HIGHEST_ROOT = 60
_Back = Callable[[sp.Expr], sp.Expr]  # puts in what stands for constants that are no polynomials


class NoClosedForm(Exception):
    """The integral leads to functions outside the real ones that symtrans knows: no search will find it."""


def linear(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(a, b) of a x + b."""
    slope = differentiate(expr, X)
    return None if slope == 0 or X in slope.free_symbols else (slope, sp.expand(expr - slope * X))


def rational_in_exponential(term: sp.Expr) -> sp.Expr | None:
    """Of a polynomial in x times a rational function of E = exp(k x), by partial fractions in E.

    Raises
    ------
    NoClosedForm
        If x stands beside a fraction whose poles are not known.

    Examples
    --------
    >>> rational_in_exponential(X / (1 + sp.exp(X)))
    -_x*log(1 + exp(-_x)) + polylog(2, -exp(-_x))
    >>> rational_in_exponential(X / sp.cosh(X))
    -2*_x*atan(exp(-_x)) - 2*impolylog(2, exp(-_x), pi/2)
    """
    if not term.has(sp.exp, *HYPERBOLIC):
        return None
    form = rational_form(term.replace(lambda e: isinstance(e, HYPERBOLIC), lambda e: e.rewrite(sp.exp, deep=False)))
    moving = [symbol for symbol, meaning in form.meaning.items() if X in meaning.free_symbols]
    if len(moving) != 1 or not isinstance(form.meaning[moving[0]], sp.exp):
        return None
    exponent = linear(form.meaning[moving[0]].exp)
    if exponent is None or exponent[1] != 0 or X in form.denominator.free_symbols:
        return None
    numerator, denominator = (sp.Poly(part, X, moving[0]) for part in (form.numerator, form.denominator))
    if numerator.degree(X) > LARGEST_POWER:
        return None
    step = gcd(*(n for poly in (numerator, denominator) for _, n in poly.monoms()))
    below = sp.Add(*(c * _E ** (n // step) for (_, n), c in denominator.terms()))
    factors = guarded(sp.factor_list, below, _E)[1]
    are_linear = all(sp.degree(factor, _E) == 1 for factor, _ in factors)
    total = sp.S.Zero
    for j in sorted({i for (i, _), _ in numerator.terms()}):
        above = sp.Add(*(c * _E ** (n // step) for (i, n), c in numerator.terms() if i == j))
        k = step * exponent[0]
        found = _by_linear_factors(above, below, j, k) if are_linear else _by_residues(above, below, j, k, form.back)
        if found is None:
            return None
        total += form.back(found)
    if are_linear and is_zero(differentiate(total, X) - term) is not True:  # SymPy's partial fractions
        return None
    return total


# ---------------------------------------------------------------------------
# Linear factors of any order


def _by_linear_factors(above: sp.Expr, below: sp.Expr, j: int, k: sp.Expr) -> sp.Expr | None:
    parts = [_partial_fraction(p, j, k) for p in sp.Add.make_args(guarded(sp.apart, above / below, _E))]
    return None if None in parts else sp.Add(*parts)


def _partial_fraction(part: sp.Expr, j: int, k: sp.Expr) -> sp.Expr | None:
    """Of x**j times c E**n or c/(a E + b)**n, where E = exp(k x)."""
    numerator, denominator = sp.fraction(part)
    constant, power = numerator.as_coeff_exponent(_E)
    content, rest = denominator.as_independent(_E, as_Add=False)
    base, order = rest.as_base_exp()
    if _E in constant.free_symbols or not isinstance(order, sp.Integer):
        return None
    if rest == 1 or base == _E:
        times = power - (order if rest != 1 else 0)
        return constant / content * _polynomial_exponential(j, times * k)
    if power != 0 or sp.degree(base, _E) != 1:
        return None
    a, b = sp.Poly(base, _E).all_coeffs()
    return constant / (content * a**order) * _pole(j, int(order), cancelled(b / a), k)


def _polynomial_exponential(j: int, k: sp.Expr) -> sp.Expr:
    if k == 0:
        return X ** (j + 1) / (j + 1)
    return sp.exp(k * X) * sp.Add(*((-1) ** i * sp.ff(j, i) * X ** (j - i) / k ** (i + 1) for i in range(j + 1)))


def _pole(j: int, order: int, b: sp.Expr, k: sp.Expr) -> sp.Expr:
    """Of x**j/(E + b)**n: polylogarithms of -b/E, after lowering n by the derivative of (E + b)**(1 - n).

    1/(E + b) = -Li_0(z)/b with z = -b/E, and Li_s(z)' = -k Li_(s-1)(z).
    """
    exponential = sp.exp(k * X)
    if order > 1:
        lower = (exponential + b) ** (1 - order)
        by_parts = X**j * lower - (j * _pole(j - 1, order - 1, b, k) if j else 0)
        return (_pole(j, order - 1, b, k) + by_parts / ((order - 1) * k)) / b
    z = -b * sp.exp(-k * X)
    return -_repeated(j, k, lambda s: _polylog(s, z)) / b


def _polylog(order: int, z: sp.Expr) -> sp.Expr:
    return -sp.log(1 - z) if order == 1 else sp.polylog(order, z)


# ---------------------------------------------------------------------------
# Simple poles, real or in conjugate pairs


@dataclass(frozen=True)
class _Root:
    """rho (cos + i sin) of an angle, together with its conjugate; sine 0 of a real root alone."""

    modulus: sp.Expr
    cosine: sp.Expr
    sine: sp.Expr
    angle: sp.Expr

    def powers(self, n: int) -> tuple[sp.Expr, sp.Expr]:
        """cos(n theta), sin(n theta)."""
        if n in (0, 1, -1):
            return (sp.S.One, sp.S.Zero) if n == 0 else (self.cosine, n * self.sine)
        angle = sp.pi * (n * self.angle / sp.pi % 2)
        return sp.cos(angle), sp.sin(angle)


def _by_residues(above: sp.Expr, below: sp.Expr, j: int, k: sp.Expr, back: _Back) -> sp.Expr | None:
    """N/D = sum of C p/(E - p) + a Laurent polynomial, with C = N(p)/(p D'(p)) at the simple roots p of D.

    All is exact: N and D' are lowered by the factor of D of which p is a root, and there are
    as many known roots as its degree, so that this is the theorem of partial fractions.
    """
    if k.could_extract_minus_sign():
        degree = max(sp.degree(above, _E), sp.degree(below, _E))
        above, below = (sp.expand(part.subs(_E, 1 / _E) * _E**degree) for part in (above, below))
        k = -k
    order = min(n for (n,), _ in sp.Poly(below, _E).terms())
    denominator = sp.Poly(sp.expand(below / _E**order), _E)
    numerator = sp.Poly(above, _E, domain=denominator.domain)
    total = sp.Add(
        *(c * _polynomial_exponential(j, n * k) for n, c in _laurent_part(numerator, denominator, order).items())
    )
    at_zero = sp.Poly(_E**order, _E, domain=denominator.domain)
    for factor, multiplicity in denominator.factor_list()[1]:
        power = factor**multiplicity
        others = denominator.quo(power) * at_zero
        if multiplicity == 1:
            found = _at_roots(numerator, factor, others, j, k, back)
        else:
            share = (numerator.to_field() * others.to_field().invert(power.to_field())).rem(power.to_field())
            found = _lowered(share, factor.to_field(), multiplicity, j, k, back)
        if found is None:
            return None
        total += found
    return total


def _at_roots(above: sp.Poly, factor: sp.Poly, others: sp.Poly, j: int, k: sp.Expr, back: _Back) -> sp.Expr | None:
    """The part of the primitive of x**j N/(q R) at the roots of q."""
    roots = _roots(factor)
    if roots is None:
        if j:
            raise NoClosedForm("the poles of the integrand are not known")
        return None
    slope = (_times_e(factor.diff()) * others).rem(factor)
    return sp.Add(*(_at_pole(above.rem(factor), slope, root, j, k, back) for root in roots))


def _lowered(above: sp.Poly, factor: sp.Poly, m: int, j: int, k: sp.Expr, back: _Back) -> sp.Expr | None:
    """Of x**j N/q**m with q square-free, m lowered by Hermite's reduction.

    With N = A q + B E q', and E q'/q**m = -(q**(1 - m))'/((m - 1) k).
    """
    if m == 1:
        whole, rest = above.div(factor)
        powers = sp.Add(*(back(c) * _polynomial_exponential(j, n * k) for (n,), c in whole.terms() if c != 0))
        found = _at_roots(rest, factor, factor.one, j, k, back)
        return None if found is None else powers + found
    slope = _times_e(factor.diff())
    b = (above * slope.invert(factor)).rem(factor)
    a = (above - b * slope).quo(factor)
    degree, falling = factor.degree(), sp.exp(-k * X)  # exp(k x) would overflow
    top = sp.Add(*(c * falling ** (degree * (m - 1) - n) for (n,), c in b.terms()))
    bottom = sp.Add(*(c * falling ** (degree - n) for (n,), c in factor.terms()))
    done = -(X**j) * back(top / bottom ** (m - 1)) / ((m - 1) * k)
    rest = _lowered(a + _times_e(b.diff()) * sp.Rational(1, m - 1), factor, m - 1, j, k, back)
    less = _lowered(b, factor, m - 1, j - 1, k, back) if j else sp.S.Zero
    return None if rest is None or less is None else done + rest + j * less / ((m - 1) * k)


def _times_e(poly: sp.Poly) -> sp.Poly:
    return poly * sp.Poly(_E, _E, domain=poly.domain)


def _laurent_part(numerator: sp.Poly, denominator: sp.Poly, order: int) -> dict[int, sp.Expr]:
    """The powers of E in N/(E**order D) beside its other poles: the quotient, and the principal part at 0."""
    whole = sp.Poly(_E**order, _E) * denominator
    quotient, rest = numerator.div(whole)
    found = {n: c for (n,), c in quotient.terms() if c != 0}
    ahead = list(reversed(rest.all_coeffs())) + [sp.S.Zero] * order
    known = list(reversed(denominator.all_coeffs())) + [sp.S.Zero] * order
    series: list[sp.Expr] = []
    for n in range(order):  # rest/D as a power series
        series.append(cancelled((ahead[n] - sum(series[i] * known[n - i] for i in range(n))) / known[0]))
    return found | {n - order: c for n, c in enumerate(series) if c != 0}


def _roots(factor: sp.Poly) -> list[_Root] | None:
    """The roots of a factor of degree 1 or 2, or of one that divides some E**n - c; None where they are not known."""
    try:
        if factor.degree() == 1:
            a, b = factor.all_coeffs()
            return [_real_root(-b / a)]
        if factor.degree() == 2 and factor.nth(1) != 0:
            return _roots_of_quadratic(*factor.all_coeffs())
        return _roots_on_circle(factor)
    except Undecided:
        return None


def _real_root(value: sp.Expr) -> _Root:
    return _Root(value, sp.S.One, sp.S.Zero, sp.S.Zero)


def _roots_on_circle(factor: sp.Poly) -> list[_Root] | None:
    """Of the n roots of E**n - c those of its irreducible factor.

    Each root of the factor is among them, and they are distinct: where all but as many as its degree
    are proved to be none, the rest are. Which they are is seen at one choice of the parameters,
    as roots that move continuously cannot leave their rays.
    """
    power = sp.Poly(_E, _E, domain=factor.domain)
    n = 1
    while power.degree() > 0:
        power, n = (power * sp.Poly(_E, _E)).rem(factor), n + 1
        if n > _HIGHEST_ROOT:
            return None
    value = power.nth(0)
    negative = int(sign(value) < 0)
    modulus = -value if negative else value
    circle = []
    for m in range(negative, n + 1, 2):
        angle, size = sp.pi * m / n, modulus ** sp.Rational(1, n)
        if m in (0, n):
            circle.append(_real_root(size if m == 0 else -size))
        else:
            circle.append(_Root(size, sp.cos(angle), sp.sin(angle), angle))
    found = [root for root in circle if not _is_excluded(root, factor)]
    degree = sum(1 if root.sine == 0 else 2 for root in found)
    return found if degree == factor.degree() else None


def _is_excluded(root: _Root, factor: sp.Poly) -> bool:
    """Whether a ball proves, at one choice of the parameters, that the factor does not vanish there."""
    parameters = sorted(factor.free_symbols_in_domain, key=lambda s: s.name)
    values = {s: sp.Rational(7 + 3 * i, 5 + i) for i, s in enumerate(parameters)}
    parts = [sp.Add(*(c * root.modulus**m * root.powers(m)[i] for (m,), c in factor.terms())) for i in (0, 1)]
    return any(sign_at(part, values, quick=True) is not None for part in parts)


def _roots_of_quadratic(a: sp.Expr, b: sp.Expr, c: sp.Expr) -> list[_Root]:
    discriminant = sp.expand(b**2 - 4 * a * c)
    if sign(discriminant) > 0:
        root = sp.sqrt(discriminant)
        return [_real_root((-b + s * root) / (2 * a)) for s in (1, -1)]
    modulus = sp.sqrt(cancelled(c / a))
    cosine = -b / (2 * a * modulus)
    angle = sp.acos(cosine)
    return [_Root(modulus, cosine, sp.sin(angle), angle)]


def _at_pole(above: sp.Poly, slope: sp.Poly, root: _Root, j: int, k: sp.Expr, back: _Back) -> sp.Expr:
    """The primitive of x**j C p/(E - p), or of twice its real part, with C = U(p)/V(p).

    p/(E - p) = Li_0(z) with z = p/E.
    """
    z = root.modulus * sp.exp(-k * X)
    norm, _ = _times_conjugate(slope, slope, root)
    real, imaginary = (simplified(back(part / norm)) for part in _times_conjugate(above, slope, root))
    if root.sine == 0:
        return real * _repeated(j, k, lambda s: _polylog(s, z))

    def part(s: int) -> sp.Expr:
        if s > 1:
            return 2 * real * repolylog(s, z, root.angle) - 2 * imaginary * impolylog(s, z, root.angle)
        shape = (z, root.cosine, root.sine, root.angle)
        turn = impolylog.elementary(*shape) if j else sp.atan((z - root.cosine) / root.sine)  # up to a constant
        return 2 * real * repolylog.elementary(*shape) - 2 * imaginary * turn

    return _repeated(j, k, part)


def _times_conjugate(u: sp.Poly, v: sp.Poly, root: _Root) -> tuple[sp.Expr, sp.Expr]:
    """Real and imaginary part of U(p) times the conjugate of V(p)."""
    real, imaginary = sp.S.Zero, sp.S.Zero
    for (m,), a in u.terms():
        for (n,), b in v.terms():
            cosine, sine = root.powers(m - n)
            real += a * b * root.modulus ** (m + n) * cosine
            imaginary += a * b * root.modulus ** (m + n) * sine
    return sp.expand(real), sp.expand(imaginary)


def _repeated(j: int, k: sp.Expr, polylog: Callable[[int], sp.Expr]) -> sp.Expr:
    """Of x**j Li_0: integrated by parts, as Li_s(p/E)' = -k Li_(s-1)(p/E)."""
    return -sp.Add(*(sp.ff(j, i) * X ** (j - i) / k ** (i + 1) * polylog(i + 1) for i in range(j + 1)))
