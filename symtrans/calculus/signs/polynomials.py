"""The positive roots of a polynomial whose coefficients are numbers or hold parameters."""

import sympy as sp
from flint import arb, ctx, fmpz_poly

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import insert, sign
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.sympy_calls import guarded
from symtrans.calculus.enclosures.balls import ball_function, ball_of, rational_of
from symtrans.calculus.signs.isolated_zeros import IsolatedRoot
from symtrans.calculus.undecided import Undecided, decided

_HIGHEST_DEGREE = 4  # of an irreducible polynomial whose roots are written as such
_BITS = 160


def positive_roots(coefficients: dict[int, sp.Expr], signs: list[int], changes: int) -> list[tuple[sp.Expr, int]]:
    """All positive roots with multiplicities, ascending, of sum c_k y**k (c_0 != 0)."""
    degree = max(coefficients)
    if degree == 1:
        return [(-coefficients[0] / coefficients[1], 1)]
    scaled = _nondimensional(coefficients)
    if scaled is not None:
        scale, numbers = scaled
        poly = sp.Poly.from_dict({(k,): c for k, c in numbers.items()}, X, domain="QQ")
        return [(root * scale, n) for root, n in _positive_numbers(poly)]
    if degree == 2:
        c, b, a = (coefficients.get(k, sp.S.Zero) for k in range(3))
        discriminant = guarded(sp.factor, b**2 - 4 * a * c)
        if changes == 1:  # the roots have opposite signs
            return [((-b + signs[-1] * sp.sqrt(discriminant)) / (2 * a), 1)]
        kind = sign(discriminant)
        if kind < 0:
            return []
        if kind == 0:
            return [(-b / (2 * a), 2)]
        first, second = ((-b + s * sp.sqrt(discriminant)) / (2 * a) for s in (-signs[-1], signs[-1]))
        return [(first, 1), (second, 1)]
    if _outweighed(coefficients, signs):
        return []
    polynomial = sp.Add(*(c * X**k for k, c in coefficients.items()))
    raise Undecided("the positive roots of ", polynomial, " have no closed form in the parameters")


def _outweighed(coefficients: dict[int, sp.Expr], signs: list[int]) -> bool:
    """Whether the one term of another sign than the rest is less than two of these, so that there is no positive root.

    a y^(k - m) + b y^k + c y^(k + m) is y^(k - m) times a quadratic in y^m, which has no real zero if b^2 < 4 a c.
    """
    other = [k for k, value in zip(coefficients, signs, strict=True) if value != signs[-1]]
    if len(other) != 1:
        return False
    (k,) = other
    for m in range(1, k + 1):
        below, above = coefficients.get(k - m), coefficients.get(k + m)
        if below is None or above is None:
            continue
        if decided(sign, sp.expand(4 * below * above - coefficients[k] ** 2)) == 1:
            return True
    return False


def _positive_numbers(poly: sp.Poly) -> list[tuple[sp.Expr, int]]:
    """The positive roots of a polynomial over the rationals: up to degree 4 as such, else isolated."""
    points: list[sp.Expr] = []
    times: dict[sp.Expr, int] = {}
    for factor, multiplicity in poly.factor_list()[1]:
        isolated = factor.degree() > _HIGHEST_DEGREE
        for root in _isolated_roots(factor) if isolated else dict.fromkeys(sp.real_roots(factor)):
            if sign(root) > 0:
                insert(points, root)
                times[root] = multiplicity
    return [(root, times[root]) for root in points]


def _isolated_roots(factor: sp.Poly) -> list[sp.Expr]:
    """The real roots of an irreducible polynomial, by FLINT."""
    integral = factor.clear_denoms(convert=True)[1]
    coefficients = [int(c) for c in reversed(integral.all_coeffs())]
    with ctx.workprec(_BITS):
        # FLINT marks a root as real by an imaginary part that is exactly 0
        balls = [root.real for root, _ in fmpz_poly(coefficients).complex_roots() if root.imag == 0]
        return [_between(integral.as_expr(), ball) for ball in balls]


def _between(function: sp.Expr, ball: arb) -> sp.Expr:
    """The one root in a ball, as the root in an interval on which the polynomial is monotone."""
    slope = ball_function(differentiate(function, X), X, _BITS)
    value = ball_function(function, X, _BITS)
    middle = rational_of(ball.mid())
    for bits in range(20, _BITS, 20):
        low, high = middle - sp.Rational(1, 2**bits), middle + sp.Rational(1, 2**bits)
        steep = slope(ball_of(low, high))
        ends = value(ball_of(low, low)) * value(ball_of(high, high))
        if (steep > 0 or steep < 0) and ends < 0:
            return IsolatedRoot(function, X, low, high)
    raise Undecided("a root of ", function, f" near {middle.n(8)} is not isolated")


def _nondimensional(coefficients: dict[int, sp.Expr]) -> tuple[sp.Expr, dict[int, sp.Rational]] | None:
    """A scale s, a monomial in the parameters, with c_k s**k = (rational) * (one common monomial).

    One family member then stands for all: 1 - x**2/lambda**2 becomes 1 - y**2 with x = lambda*y.
    """
    numbers: dict[int, sp.Rational] = {}
    monomials: dict[int, sp.Expr] = {}
    for k, c in coefficients.items():
        numbers[k], monomials[k] = c.as_coeff_Mul()
        if isinstance(monomials[k], sp.Add) or not monomials[k].is_positive:
            return None  # only a positive scale keeps the order of the roots
    (k0, m0), (k1, m1) = list(monomials.items())[:2]
    scale = (m0 / m1) ** sp.Rational(1, k1 - k0)
    if not scale.is_positive:
        return None
    rational: dict[int, sp.Rational] = {}
    for k, m in monomials.items():
        ratio = numbers[k] * sp.powsimp(sp.powdenest(m * scale**k / m0))
        if not isinstance(ratio, sp.Rational):
            return None
        rational[k] = ratio
    return scale, rational
