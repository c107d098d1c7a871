"""What special functions are made of where their argument grows or vanishes: elementary terms and a bounded remainder.

The remainder is named by a symbol that comes with its enclosure. The series are those of the Digital Library of
Mathematical Functions (DLMF), chapters 4, 6, 7, 8 and 25; each bound is proved where it stands.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.asymptotics.growth import Remainder
from symtrans.calculus.enclosures.balls import enclose_with
from symtrans.calculus.undecided import Undecided
from symtrans.language.polylogarithms import impolylog, repolylog

Enclosure = Callable[[arb], arb | None]
_MOST_TERMS = 40
_SQUARE: sp.Symbol = sp.Dummy("v", positive=True)
_LARGEST_ORDER = 12  # of a polylogarithm that is inverted

# Functions analytic on the whole real line, and what some of them are made of where the argument grows.
SMOOTH = (sp.sin, sp.cos, sp.atan, sp.sinh, sp.cosh, sp.tanh, sp.asinh)
ELEMENTARY: Mapping[type[sp.Function], Callable[[sp.Expr], sp.Expr]] = {
    sp.sinh: lambda u: (sp.exp(u) - sp.exp(-u)) / 2,
    sp.cosh: lambda u: (sp.exp(u) + sp.exp(-u)) / 2,
}
ODD: Mapping[type[sp.Function], Callable[[sp.Expr], sp.Expr]] = {  # for u > 0
    sp.tanh: lambda u: 1 - 2 * sp.exp(-2 * u) / (1 + sp.exp(-2 * u)),
    sp.asinh: lambda u: sp.log(u + sp.sqrt(u**2 + 1)),
}

MOVING: Mapping[type[sp.Basic], int] = {
    **dict.fromkeys((sp.Ei, sp.Si, sp.Ci, sp.Shi, sp.Chi, sp.erfi, sp.erf, sp.erfc, sp.fresnels, sp.fresnelc), 0),
    **dict.fromkeys((sp.lowergamma, sp.uppergamma, sp.polylog, repolylog, impolylog), 1),
    **dict.fromkeys((sp.LambertW, sp.tan, sp.asin, sp.acos, sp.atanh, sp.acosh, sp.gamma), 0),
}
"""The functions read here, and which of their arguments may depend on the variable."""


@dataclass
class Formula:
    """An expression in the argument u and in symbols for remainders.

    Where u grows, an enclosure is asked with a ball beyond whose lower end |u| lies; where it vanishes, with one that
    contains u.
    """

    expr: sp.Expr = sp.S.Zero
    remainders: dict[sp.Symbol, Enclosure] = field(default_factory=dict)

    def remainder(self, enclosure: Enclosure, *key: Hashable) -> sp.Symbol:
        """The symbol for a quantity with this enclosure; the same for the same key, so that it may cancel."""
        symbol = _symbol(*key)
        self.remainders[symbol] = enclosure
        return symbol


@lru_cache(maxsize=1024)
def _symbol(*key: Hashable) -> sp.Symbol:
    return Remainder("w", real=True)


# ---------------------------------------------------------------------------
# The argument grows


def growing(call: sp.Expr, u: sp.Expr, side: int, count: int) -> Formula:
    """`call` with u, which tends to oo (`side` 1) or -oo (-1), for its moving argument; `count` terms of a series.

    Raises
    ------
    Undecided
        If no expansion is known.
    """
    function = type(call)
    found = Formula()
    if function in (sp.erf, sp.erfi, sp.Si, sp.Shi, sp.fresnels, sp.fresnelc) and side < 0:  # odd
        found = growing(call, -u, 1, count)
        found.expr = -found.expr
    elif function is sp.erfi:
        found.expr = _exponential(found, sp.Rational(1, 2), u, count) / sp.sqrt(sp.pi)
    elif function is sp.erf:
        found.expr = 1 - _erfc(found, u, count)
    elif function is sp.erfc:
        found.expr = _erfc(found, u, count) if side > 0 else 2 - _erfc(found, -u, count)
    elif function is sp.Ei:
        zero = sp.S.Zero
        found.expr = _exponential(found, zero, u, count) if side > 0 else -_upper(found, zero, -u, count)
    elif function in (sp.Shi, sp.Chi) and side > 0:
        rising, falling = _exponential(found, sp.S.Zero, u, count), _upper(found, sp.S.Zero, u, count)
        found.expr = (rising + falling if function is sp.Shi else rising - falling) / 2
    elif function is sp.Si:
        f, g = _auxiliary(found, u, count)
        found.expr = sp.pi / 2 - f * sp.cos(u) - g * sp.sin(u)
    elif function is sp.Ci and side > 0:
        f, g = _auxiliary(found, u, count)
        found.expr = f * sp.sin(u) - g * sp.cos(u)
    elif function in (sp.fresnels, sp.fresnelc):
        (f, g), turn = _fresnel(found, u, count), sp.pi * u**2 / 2
        sine, cosine = sp.sin(turn), sp.cos(turn)
        found.expr = sp.S.Half - (f * cosine + g * sine if function is sp.fresnels else g * cosine - f * sine)
    elif function in (sp.lowergamma, sp.uppergamma) and side > 0:
        above = _upper(found, call.args[0], u, count)
        found.expr = above if function is sp.uppergamma else sp.gamma(call.args[0]) - above
    elif function is sp.acosh and side > 0:
        found.expr = sp.log(u + sp.sqrt(u**2 - 1))
    elif function is sp.polylog and side < 0:
        order = call.args[0]
        found.expr = _inverted(order, sp.log(-u), sp.pi)[0] - (-1) ** order * sp.polylog(order, 1 / u)
    elif function in (repolylog, impolylog) and side > 0:
        order, _, angle = call.args
        parts = _inverted(order, sp.log(u), angle)
        turned = (-1) ** order * function(order, 1 / u, angle)  # at the conjugate of 1/z
        found.expr = parts[0] - turned if function is repolylog else parts[1] + turned
    else:
        raise Undecided(f"the behaviour of {function.__name__} at infinity is open")
    return found


def _upper(found: Formula, shape: sp.Expr, u: sp.Expr, count: int) -> sp.Expr:
    """Gamma(s, u) as u grows, by parts (DLMF 8.11.2).

    What n terms leave is (s - 1)...(s - n) Gamma(s - n, u), and 0 < Gamma(s - n, u) < u**(s - n - 1) exp(-u)
    if s - n <= 1.
    """
    if isinstance(shape, sp.Rational):
        count = max(count, min(int(sp.ceiling(shape - 1)), _MOST_TERMS))
    is_bounded = isinstance(shape, sp.Rational) and shape <= count + 1
    w = found.remainder(lambda _: arb(0).union(arb(1)) if is_bounded else None, "upper", shape, u, count)
    factors = [sp.Mul(*(shape - j for j in range(1, k + 1))) for k in range(count + 1)]
    series = sp.Add(*(c / u**k for k, c in enumerate(factors[:-1])), factors[-1] * w / u**count)
    return u ** (shape - 1) * sp.exp(-u) * series


def _erfc(found: Formula, u: sp.Expr, count: int) -> sp.Expr:
    """Gamma(1/2, u**2)/sqrt(pi), for u > 0; (u**2)**(-1/2) is 1/u."""
    half = sp.Rational(1, 2)
    series = _upper(found, half, _SQUARE, count) * sp.sqrt(_SQUARE) * sp.exp(_SQUARE)
    return sp.exp(-(u**2)) / (u * sp.sqrt(sp.pi)) * sp.expand(series).xreplace({_SQUARE: u**2})


def _exponential(found: Formula, a: sp.Expr, u: sp.Expr, count: int) -> sp.Expr:
    """G with G' = exp(v) v**(a - 1) as v grows: Ei(u) for a = 0, v = u; sqrt(pi) erfi(u) for a = 1/2, v = u**2.

    It is exp(v) v**(a - 1) (1 + (1 - a)/v + (1 - a)(2 - a)/v**2 + ...). With c = (1 - a)...(n - a) what n terms
    leave has the derivative c exp(v) v**(a - 1 - n) > 0. Let w be what they leave over exp(v) v**(a - 1 - n). For
    v >= R > n + 1 - a, where that denominator increases, w >= min(0, w(R)), and w <= k for any
    k >= max(w(R), c/(1 - (n + 1 - a)/R)), as k exp(v) v**(a - 1 - n) rises faster than what is left.
    """
    factors = [sp.rf(1 - a, k) for k in range(count + 1)]
    degree = count + 1 - a

    def enclosure(beyond: arb) -> arb | None:
        start = beyond.lower() if a == 0 else (beyond**2).lower()
        if not start > enclose_with(degree, {}):
            return None
        with ctx.workprec(ctx.prec + (count + 1) * max(1, int(start.log().upper().ceil().unique_fmpz()) * 2)):
            value = start.ei() if a == 0 else start.sqrt().erfi() * arb.pi().sqrt()
            value = value * (-start).exp() * start ** enclose_with(1 - a, {})
            value -= sum((enclose_with(c, {}) / start**k for k, c in enumerate(factors[:-1])), arb(0))
            value *= start**count
            rise = enclose_with(factors[-1], {}) / (1 - enclose_with(degree, {}) / start)
            ball = value.min(arb(0)).lower().union(value.max(rise).upper())
        return ball if ball.is_finite() else None

    v = u if a == 0 else u**2
    w = found.remainder(enclosure, "exponential", a, u, count)
    series = sp.Add(*(c / v**k for k, c in enumerate(factors[:-1])), w / v**count)
    return sp.exp(v) / u * series  # v**(a - 1) = 1/u


def _auxiliary(found: Formula, u: sp.Expr, count: int) -> Iterator[sp.Expr]:
    """F and g of the sine and cosine integrals (DLMF 6.2.17, 6.7.13, 6.7.14), for u > 0.

    They are the Laplace transforms of 1/(1 + t**2) and t/(1 + t**2); the Taylor remainder of 1/(1 + t**2) is a share
    between 0 and 1 of the next term.
    """
    return _transforms(found, lambda n: sp.factorial(n) / u ** (n + 1), "auxiliary", u, count)


def _fresnel(found: Formula, u: sp.Expr, count: int) -> Iterator[sp.Expr]:
    """F and g of the Fresnel integrals (DLMF 7.5.3, 7.5.4, 7.7.10, 7.7.11), for u > 0.

    They are the Laplace transforms of t**(-1/2)/(1 + t**2) and t**(1/2)/(1 + t**2) at v = pi u**2/2, over sqrt(2) pi;
    the Taylor remainder is as that of `_auxiliary`.
    """
    front, v = sp.pi ** sp.Rational(3, 2) * u, sp.pi * u**2 / 2
    return _transforms(found, lambda n: sp.gamma(n + sp.S.Half) / (front * v**n), "fresnel", u, count)


def _transforms(
    found: Formula, of_power: Callable[[int], sp.Expr], name: str, u: sp.Expr, count: int
) -> Iterator[sp.Expr]:
    """The Laplace transforms of F/(1 + t**2) and t F/(1 + t**2), from those of t**n F."""
    for start in (0, 1):
        w = found.remainder(lambda _: arb(0).union(arb(1)), name, start, u, count)
        terms = [(-1) ** k * of_power(2 * k + start) for k in range(count + 1)]
        yield sp.Add(*terms[:-1], terms[-1] * w)


def _inverted(order: sp.Expr, log: sp.Expr, angle: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Real and imaginary part of Li_n(z) + (-1)**n Li_n(1/z) for z = exp(log + i angle), 0 < angle <= pi.

    It is (DLMF 25.12.7) -(2 pi i)**n/n! B_n(1/2 + log(-z)/(2 pi i)).
    """
    if not (isinstance(order, sp.Integer) and 0 < order <= _LARGEST_ORDER):
        raise Undecided("the behaviour of a polylogarithm of order ", order, " at infinity is open")
    length, turn, z = sp.Dummy(real=True), sp.Dummy(real=True), sp.Dummy()
    turns = 2 * sp.pi * sp.I
    at = sp.Rational(1, 2) + (length + sp.I * turn) / turns
    whole = sp.expand(-(turns**order) / sp.factorial(order) * sp.bernoulli(order, z).subs(z, at))
    values = {length: log, turn: angle - sp.pi}
    real, imaginary = whole.coeff(sp.I, 0), whole.coeff(sp.I, 1)
    return real.xreplace(values), imaginary.xreplace(values)


# ---------------------------------------------------------------------------
# The argument tends to an end of the domain or a pole


def at_end(call: sp.Expr, end: sp.Expr) -> sp.Expr:
    """The same by functions that are analytic where the argument of `call` tends to `end`."""
    u = call.args[0]
    half = sp.asin(sp.sqrt((1 - u) / 2) if end == 1 else sp.sqrt((1 + u) / 2))
    forms: dict[type[sp.Basic], sp.Expr] = {
        sp.tan: sp.sin(u) / sp.cos(u),
        sp.atanh: (sp.log(1 + u) - sp.log(1 - u)) / 2,
        sp.acosh: 2 * sp.asinh(sp.sqrt((u - 1) / 2)),
        sp.asin: sp.pi / 2 - 2 * half if end == 1 else 2 * half - sp.pi / 2,
        sp.acos: 2 * half if end == 1 else sp.pi - 2 * half,
    }
    if type(call) not in forms:
        raise Undecided(f"the behaviour of {type(call).__name__} at an end of its domain is open")
    return forms[type(call)]


# ---------------------------------------------------------------------------
# The argument vanishes


def vanishing(call: sp.Expr, u: sp.Expr, side: Callable[[], int], count: int) -> Formula | None:
    """`call` with u, which tends to 0 (from above if `side` says 1), for its moving argument.

    None where the function is analytic there, with derivatives that are regular as they are written.
    """
    function = type(call)
    found = Formula()
    numbers = range(1, count)
    if function in (sp.Si, sp.Shi):
        w = found.remainder(lambda ball: _symmetric(_exponential_rest(ball, count)), call, u, count)
        flip = -1 if function is sp.Si else 1
        terms = (flip ** (k // 2) * u**k / (k * sp.factorial(k)) for k in numbers if k % 2)
        found.expr = sp.Add(*terms, w * u**count)
    elif function in (sp.Ei, sp.Ci, sp.Chi):
        above = side()
        if function is not sp.Ei and above < 0:
            raise Undecided(call, " is not real")
        w = found.remainder(lambda ball: _symmetric(_exponential_rest(ball, count)), call, u, count)
        flip, step = (-1 if function is sp.Ci else 1), (1 if function is sp.Ei else 2)
        terms = (flip ** (k // 2) * u**k / (k * sp.factorial(k)) for k in numbers if k % step == 0)
        found.expr = sp.EulerGamma + sp.log(above * u) + sp.Add(*terms, w * u**count)
    elif function in (sp.lowergamma, sp.uppergamma):
        if side() < 0:
            raise Undecided(call, " is not real")
        shape = call.args[0]
        found.expr = _lower(found, shape, u, count) if function is sp.lowergamma else _rest(found, shape, u, count)
    elif function in (sp.polylog, repolylog, impolylog):
        order = call.args[0]
        angle = call.args[2] if function is not sp.polylog else sp.S.Zero
        wave = sp.sin if function is impolylog else sp.cos
        w = found.remainder(lambda ball: _symmetric(_geometric_rest(order, ball, count)), call, u, count)
        found.expr = sp.Add(*(wave(k * angle) * u**k / sp.Integer(k) ** order for k in numbers), w * u**count)
    elif function is sp.LambertW and len(call.args) == 1:
        w = found.remainder(lambda ball: _symmetric(_lambert_rest(ball, count)), call, u, count)
        found.expr = sp.Add(*(sp.Integer(-k) ** (k - 1) * u**k / sp.factorial(k) for k in numbers), w * u**count)
    elif function in (sp.LambertW, sp.gamma):
        raise Undecided(f"the behaviour of {function.__name__} at 0 is open")
    else:
        return None
    return found


def _symmetric(bound: arb | None) -> arb | None:
    return None if bound is None or not bound.is_finite() else (-bound).union(bound)


def _exponential_rest(ball: arb, count: int) -> arb:
    """A bound of sum u**(k - n)/(k k!), k >= n, by exp(|u|)/(n n!)."""
    return ball.abs_upper().exp() / (count * arb(count).fac())


def _geometric_rest(order: sp.Expr, ball: arb, count: int) -> arb | None:
    """A bound of sum u**(k - n)/k**s, k >= n, for s >= 0."""
    size = ball.abs_upper()
    if not (isinstance(order, sp.Rational) and order >= 0 and size < 1):
        return None
    return 1 / (1 - size)


def _lambert_rest(ball: arb, count: int) -> arb | None:
    """A bound of sum k**(k - 1)/k! u**(k - n), k >= n, by k**k/k! <= exp(k)."""
    rate = arb(1).exp() * ball.abs_upper()
    return arb(count).exp() / (count * (1 - rate)) if rate < 1 else None


def _lower(found: Formula, shape: sp.Expr, u: sp.Expr, count: int) -> sp.Expr:
    """gamma(s, u) for s > 0: exp(-t) is its Taylor polynomial and a share between 0 and 1 of the next term."""
    if sign(shape) <= 0:
        raise Undecided("an incomplete gamma function of order ", shape, " at 0 is open")

    w = found.remainder(lambda _: arb(0).union(arb(1)) if shape.is_number else None, "lower", shape, u, count)
    terms = [(-1) ** k * u**k / (sp.factorial(k) * (shape + k)) for k in range(count + 1)]
    return u**shape * sp.Add(*terms[:-1], terms[-1] * w)


def _rest(found: Formula, shape: sp.Expr, u: sp.Expr, count: int) -> sp.Expr:
    """Gamma(s, u); where s < 0 by Gamma(s, u) = (Gamma(s + 1, u) - u**s exp(-u))/s; SymPy makes Ei of s = 0."""
    if sign(shape) > 0:
        return sp.gamma(shape) - _lower(found, shape, u, count)
    if not (isinstance(shape, sp.Rational) and -_MOST_TERMS < shape < 0):
        raise Undecided("an incomplete gamma function of order ", shape, " at 0 is open")
    return (_rest(found, shape + 1, u, count) - u**shape * sp.exp(-u)) / shape
