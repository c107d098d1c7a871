"""Nonlinearities on which plain SymPy hangs.

With SymPy 1.14 at least one of integrate, maximum, simplify and is_increasing, asked for Psi, g_max,
L, the translation or monotonicity, takes more than 12 s of a processor's time. Each entry is a name,
the kind, and a function that builds the expression.
"""

import sympy as sp

from symtrans import Activation, Diffusivity, Regulariser, Shrinkage, r

A = sp.Abs(r)
Q = sp.Rational
lam, theta, sigma, p, a, b, c = sp.symbols("lambda theta sigma p a b c", positive=True)


def _cases(*cases):
    return sp.Piecewise(*((f, sp.true if place is None else place >= A) for f, place in cases))


def _spline(knots):
    """A piecewise linear odd function with `knots` knots on r > 0."""
    cases, value = [], sp.S.Zero
    for k in range(knots):
        slope = Q((7 * k) % 11 - 4, 3)
        cases.append((sp.sign(r) * (value + (A - Q(k, 4)) * slope), Q(k + 1, 4)))
        value += slope / 4
    return _cases(*cases, (sp.sign(r) * value, None))


def _mixture(count):
    """Gaussian radial basis functions at -count..count, made odd."""
    weights = [Q((5 * k) % 7 - 3, 10) for k in range(1, count + 1)]
    return sum(w * (sp.exp(-((r - k) ** 2)) - sp.exp(-((r + k) ** 2))) for k, w in enumerate(weights, 1))


def _nested(depth, inner):
    for _ in range(depth):
        inner = inner / sp.sqrt(1 + inner**2)
    return inner


HARD = {
    "weickert, constant exact to five digits": (
        Diffusivity,
        lambda: sp.Piecewise((1 - sp.exp(-Q(116833, 50000) / (A / lam) ** 4), A > 0), (1, True)),
    ),
    "two exponentials without a common unit": (
        Diffusivity,
        lambda: (sp.exp(-Q(116833, 50000) * r**2) + sp.exp(-Q(99991, 70001) * r**2)) / (1 + sp.exp(-(r**2))),
    ),
    "weickert m=3": (
        Diffusivity,
        lambda: sp.Piecewise((1 - sp.exp(-Q(29183, 10000) / (A / lam) ** 6), A > 0), (1, True)),
    ),
    "weickert m=4": (
        Diffusivity,
        lambda: sp.Piecewise((1 - sp.exp(-Q(331488, 100000) / (A / lam) ** 8), A > 0), (1, True)),
    ),
    "hampel": (
        Activation,
        lambda: _cases(
            (r, a),
            (a * sp.sign(r), a + b),
            (a * (a + b + c - A) / c * sp.sign(r), a + b + c),
            (0, None),
        ),
    ),
    "scad": (
        Shrinkage,
        lambda: _cases(
            (sp.sign(r) * sp.Max(A - lam, 0), 2 * lam),
            ((Q(27, 10) * r - sp.sign(r) * Q(37, 10) * lam) / Q(17, 10), Q(37, 10) * lam),
            (r, None),
        ),
    ),
    "spline of 21 knots": (Activation, lambda: _spline(21)),
    "spline of 60 knots": (Activation, lambda: _spline(60)),
    "radial basis mixture of 8": (Activation, lambda: _mixture(4)),
    "radial basis mixture of 30": (Activation, lambda: _mixture(15)),
    "gaussians in ratio": (
        Diffusivity,
        lambda: sp.exp(-(r**2)) / (1 + sp.exp(-3 * r**2) + sp.exp(-Q(7, 2) * r**2)),
    ),
    "generalised charbonnier": (Diffusivity, lambda: (1 + r**2 / lam**2) ** (-p)),
    "forward and backward, rational": (
        Diffusivity,
        lambda: 1 / (1 + (A / lam) ** 4) - a / (1 + ((A - 3 * lam) / lam) ** 2),
    ),
    "sine of a square": (Activation, lambda: r * sp.sin(r**2)),
    "mish, odd part": (
        Activation,
        lambda: (r * sp.tanh(sp.log(1 + sp.exp(r))) + r * sp.tanh(sp.log(1 + sp.exp(-r)))) / 2,
    ),
    "nested roots": (Activation, lambda: _nested(6, r)),
    "nested tanh": (Activation, lambda: sp.tanh(sp.tanh(sp.tanh(sp.sinh(r))))),
    "log of cosh of cosh": (Regulariser, lambda: sp.log(sp.cosh(r) + sp.cosh(2 * r)) - sp.log(2)),
    "polynomial of degree 201": (Activation, lambda: r - r**3 / 10 + r**201 / 7),
    "dense polynomial of degree 61": (
        Activation,
        lambda: sum(Q((-1) ** k * (3 * k + 1), 2 * k + 1) * r ** (2 * k + 1) for k in range(31)) + r**63,
    ),
    "rational function of degree 40": (
        Diffusivity,
        lambda: (
            sum(Q(k + 1, 2 * k + 1) * r ** (2 * k) for k in range(20)) / (1 + sum(r ** (2 * k) for k in range(1, 21)))
        ),
    ),
    "high power of a sum": (Diffusivity, lambda: 1 / (1 + r**2 / lam**2 + r**4 / theta**4) ** 40),
    "power 1000": (Diffusivity, lambda: (1 + r**2) ** -1000),
    "fractional power of large height": (Diffusivity, lambda: (1 + r**2) ** Q(-10007, 9973)),
    "roots of 101 and 103": (Diffusivity, lambda: 1 / (1 + A ** Q(1, 101) + A ** Q(1, 103) + r**2)),
    "minimum of eight": (Diffusivity, lambda: sp.Min(*(Q(k, 3) + (3 - Q(k, 2)) / (1 + k * r**2) for k in range(1, 9)))),
    "product of six clipped lines": (
        Diffusivity,
        lambda: sp.Mul(*(sp.Max(1 - A / k, 0) + Q(1, k) for k in range(1, 7))),
    ),
    "sum of eight soft thresholds": (
        Activation,
        lambda: sum(Q((-1) ** k, k) * sp.sign(r) * sp.Max(A - k, 0) for k in range(1, 9)) + r,
    ),
    "nested minima and maxima": (
        Activation,
        lambda: sp.sign(r) * sp.Max(sp.Min(A, 1), sp.Min(A / 2, 3), sp.Min(A**2 / 20, 9)),
    ),
    "algebraic numbers": (
        Diffusivity,
        lambda: 1 / (1 + sp.sqrt(2) * r**2 + sp.sqrt(3) * r**4 + sp.sqrt(5) * r**6 + 2 ** Q(1, 3) * r**8),
    ),
    "numbers of mixed size": (
        Diffusivity,
        lambda: Q(10**30 + 1, 10**30) / (1 + Q(1, 10**12) * r**2) - Q(1, 10**9) * sp.exp(-(10**6) * r**2),
    ),
    "steep gaussian": (Diffusivity, lambda: 1 + sp.exp(-(10**12) * r**2) / (1 + r**2)),
    "arctangent of an exponential": (Activation, lambda: sp.atan(sp.sinh(r)) * sp.exp(-(r**2) / 2)),
    "three scales": (
        Diffusivity,
        lambda: a * sp.exp(-(r**2) / lam**2) + b / (1 + r**2 / theta**2) + c / sp.sqrt(1 + r**2 / sigma**2),
    ),
    "quintic in the parameters": (Activation, lambda: r - a * r**3 + b * r**5 + c * r**7),
    "twelve charbonniers": (Diffusivity, lambda: sum(1 / sp.sqrt(1 + r**2 / k) for k in range(1, 13)) / 12),
    "gaussian of a sine": (Activation, lambda: r * sp.exp(-(sp.sin(r) ** 2))),
    "arctangent of roots": (Activation, lambda: sp.atan(r * sp.sqrt(1 + r**2) + r**3)),
    "sevenths and elevenths": (Activation, lambda: r / (1 + A ** Q(3, 7) + A ** Q(5, 11))),
    "gaussian and lorentzian": (
        Diffusivity,
        lambda: sp.exp(-(r**2) / lam**2) / (1 + r**2 / theta**2) + a / (1 + r**4 / theta**4),
    ),
    "exponential of an exponential": (Activation, lambda: r * sp.exp(1 - sp.exp(r**2))),
    "power of two": (Activation, lambda: r * 2 ** (-12345 * r**2)),
    "powers of two and three": (
        Activation,
        lambda: r * (1 - 2 ** (-123456 * r**4)) / (r**2 + 3 ** (-A)),
    ),
}
