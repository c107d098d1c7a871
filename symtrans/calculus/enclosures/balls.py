"""Rigorous enclosures by ball arithmetic (Arb, through python-flint).

`enclose` evaluates a constant, and `ball_function` a function of the variable
`X`, in intervals that contain the exact value: a sign read off a ball is
proved. A function without an Arb counterpart raises `Undecided`; nothing is
ever sampled.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from operator import add, mul
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpq

from symtrans.calculus.undecided import Undecided
from symtrans.language.polylogarithms import float_of


class NamedNumber(sp.AtomicExpr):  # type: ignore[misc]
    """A real constant that knows how to enclose itself; see `symtrans.calculus.signs.isolated_zeros`."""

    is_number = True
    is_real = True
    is_finite = True
    is_commutative = True

    def ball(self) -> arb:
        """A ball that contains the number, about as sharp as the working precision."""
        raise NotImplementedError

    def _eval_evalf(self, prec: int) -> sp.Expr:
        with ctx.workprec(prec + 16):
            return float_of(self.ball().mid(), prec)

    def _hashable_content(self) -> tuple[Any, ...]:
        content: tuple[Any, ...] = self.__getnewargs__()
        return content

    def _sympystr(self, printer: Any) -> str:
        return str(self.evalf(12))

    _latex = _sympystr


_FUNCTIONS: Mapping[type[sp.Basic], Callable[..., arb]] = {
    sp.Add: lambda *terms: reduce(add, terms),
    sp.Mul: lambda *factors: reduce(mul, factors),
    sp.Max: lambda *values: reduce(arb.max, values),
    sp.Min: lambda *values: reduce(arb.min, values),
    sp.LambertW: lambda z, *branch: z.lambertw(*(int(k.unique_fmpz()) for k in branch)),
    sp.lowergamma: lambda s, z: z.gamma_lower(s),
    sp.uppergamma: lambda s, z: z.gamma_upper(s),
    sp.polygamma: lambda n, z: acb(z).polygamma(acb(n)).real,
    sp.polylog: lambda s, z: acb(z).polylog(acb(s)).real,
    **{
        getattr(sp, name): getattr(arb, name.lower())
        for name in (
            *("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh"),
            *("atanh", "erf", "erfc", "erfi", "gamma", "zeta", "Ei", "Si", "Ci", "Shi", "Chi"),
        )
    },
    **{sp.fresnels: lambda u: u.fresnel_s(), sp.fresnelc: lambda u: u.fresnel_c()},
    sp.dirichlet_eta: lambda s: (1 - arb(2) ** (1 - s)) * s.zeta(),
    sp.Abs: lambda u: abs(u) if _side(u) is not None else arb(0).union(u.abs_upper()),
    sp.sign: lambda u: arb(_side(u)) if _side(u) is not None else arb(0, 1),
}


def _side(ball: arb) -> int | None:
    """The sign that all numbers in a ball have."""
    return 1 if ball > 0 else -1 if ball < 0 else 0 if ball == 0 else None


_CONSTANTS = {sp.pi: arb.pi, sp.EulerGamma: arb.const_euler, sp.Catalan: arb.const_catalan}

# Bits of working precision, tried in order until a question is answered.
_PRECISIONS = (64, 256, 1024, 4096)
_LARGEST_EXPONENT = 50_000  # binary; beyond it a bound is not written out as a fraction

Ball = Callable[[arb], arb]


def enclose(expr: sp.Expr, bits: int = 128) -> arb:
    """Return a ball that contains the exact value of the constant `expr`."""
    with ctx.workprec(bits):
        return enclose_with(expr, {})


def enclose_at(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr], bits: int = 128) -> arb:
    """A ball that contains `expr` with constants put in for symbols; SymPy would multiply out 2**(10**6)."""
    with ctx.workprec(bits):
        return enclose_with(expr, {symbol: enclose_with(value, {}) for symbol, value in values.items()})


def enclose_with(expr: sp.Expr, known: Mapping[sp.Expr, arb]) -> arb:
    """A ball that contains the values of `expr` for symbols in the balls `known`, at the working precision."""
    if expr in known:
        return known[expr]
    if isinstance(expr, sp.Rational):
        return arb(fmpq(int(expr.p), int(expr.q)))
    if isinstance(expr, NamedNumber):
        return expr.ball()
    if expr in _CONSTANTS:
        return _CONSTANTS[expr]()
    if expr is sp.E:
        return arb(1).exp()
    if isinstance(expr, sp.polys.rootoftools.ComplexRootOf) and expr.is_real:
        return _root_ball(expr)
    rule = _rule(expr)
    return rule(*(enclose_with(arg, known) for arg in expr.args))


def _root_ball(root: sp.Expr) -> arb:
    """SymPy isolates a root of a polynomial in an exact rational interval; halve it to the working precision."""
    interval = root._get_interval()
    width = fmpq(1, 2**ctx.prec)
    while _fraction(interval.dx) > width:
        interval = interval.refine()
    return arb(_fraction(interval.a)).union(arb(_fraction(interval.b)))


def _rule(expr: sp.Expr) -> Callable[..., arb]:
    """How the value of a node follows from those of its arguments."""
    if isinstance(expr, sp.Pow):
        exponent = expr.exp
        if isinstance(exponent, sp.Rational):
            return _rational_power(int(exponent.p), int(exponent.q))
        return pow
    function = _FUNCTIONS.get(type(expr)) or getattr(expr, "ball_at", None)
    if function is None:
        raise Undecided(f"no interval arithmetic for {type(expr).__name__}")
    return function


def _rational_power(p: int, q: int) -> Callable[..., arb]:
    def power(base: arb, *_: arb) -> arb:
        if q == 1:
            return _about_zero(base, p) if p > 0 and 0 in base else base**p
        root = base.sqrt() if q == 2 else base.root(q)
        return root**p

    return power


def _about_zero(base: arb, p: int) -> arb:
    """A power of a ball that holds 0; Arb's is no number where 0 is the middle, and has both signs where p is even."""
    most = base.abs_upper()
    top = most**p if most > 0 else arb(0)
    power = arb(0).union(top) if p % 2 == 0 else base**p
    return power if power.is_finite() or not top.is_finite() else (-top).union(top)


def _fraction(number: Any) -> fmpq:
    """A number of whichever ground type SymPy was set up with, as a FLINT rational."""
    return fmpq(int(number.numerator), int(number.denominator))


@lru_cache(maxsize=512)
def ball_function(expr: sp.Expr, variable: sp.Symbol, bits: int = 128) -> Ball:
    """A function from balls to balls that encloses `expr`, whose only symbol is `variable`.

    Every node is computed once, constants once for all. Where the expression is not defined
    on the whole ball, the result is not finite. To be called at `bits` of working precision.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> ball_function(x**2 - x, x)(arb(3)) == 6
    True
    """
    slots: dict[sp.Expr, int] = {variable: 0}
    start: list[arb] = [arb(0)]
    work: list[tuple[int, Callable[..., arb], tuple[int, ...]]] = []
    with ctx.workprec(bits):
        for node in sp.postorder_traversal(expr):
            if node in slots:
                continue
            slots[node] = len(start)
            if variable not in node.free_symbols:
                start.append(enclose_with(node, {}))
                continue
            start.append(arb(0))
            work.append((slots[node], _rule(node), tuple(slots[arg] for arg in node.args)))
    result = slots[expr]

    def value(at: arb) -> arb:
        values = start.copy()
        values[0] = at
        for slot, rule, arguments in work:
            values[slot] = rule(*[values[k] for k in arguments])
        return values[result]

    return value


def ball_of(low: sp.Rational, high: sp.Rational) -> arb:
    """A ball that contains the interval from `low` to `high`, at the working precision."""
    return enclose_with(low, {}).union(enclose_with(high, {}))


def constant_sign(expr: sp.Expr, quick: bool = False) -> int | None:
    """Proved sign of a constant: 1, -1, or None where the ball still holds zero (`quick`: at low precision)."""
    return sign_at(expr, {}, quick)


def sign_at(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr], quick: bool = False) -> int | None:
    """The same with constants put in for symbols."""
    for bits in _PRECISIONS[:1] if quick else _PRECISIONS:
        ball = enclose_at(expr, values, bits)
        if not ball.is_finite():
            continue
        if ball > 0:
            return 1
        if ball < 0:
            return -1
    return None


def rational_bounds(expr: sp.Expr, digits: int = 17) -> tuple[sp.Rational, sp.Rational]:
    """Two rationals that enclose the constant `expr`, about `digits` digits apart."""
    ball = enclose(expr, bits=4 * digits + 64)
    if not ball.is_finite():
        raise Undecided("no finite enclosure of ", expr)
    with ctx.workprec(10 * (digits - 1) // 3):  # the ends are rounded outward
        low, high = ball.lower(), ball.upper()
    return rational_of(low), rational_of(high)


def rational_of(endpoint: arb) -> sp.Rational:
    """The exact value of a ball of radius 0."""
    mantissa, exponent = endpoint.man_exp()
    if abs(int(exponent)) > _LARGEST_EXPONENT:
        raise Undecided("the number is too large or too small to be written out")
    return sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
