"""The explicit scheme u <- u + tau D⁻ Phi(D⁺ u), eq. (6): the residual block of Theorem 1.

With c_i = tau g(p_i)/h², p_i = (u_{i+1} - u_i)/h, it is u'_i = c_{i-1} u_{i-1} + (1 - c_{i-1} - c_i) u_i + c_i u_{i+1}:
a tridiagonal matrix, cyclic if the boundary is periodic, whose rows and columns sum to 1.
"""

import sympy as sp

from symtrans.schemes.grid import Grid
from symtrans.schemes.scheme import (
    G_MAX,
    INCREASING,
    LIPSCHITZ,
    NONNEGATIVE,
    RISE,
    Coefficients,
    Growth,
    Scheme,
    Spike,
    StepRule,
)

_HALF, _QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)


def _coefficients(tau: sp.Expr, grid: Grid) -> Coefficients:
    return Coefficients(tau / grid.h, None if grid.h == 1 else 1 / grid.h)


def _sign_ratio(samples: int, boundary: str) -> sp.Expr:
    """The ratio sharp in the number of samples; of a ring none is known beyond 1/4.

    N samples have N - 1 sign changes at most, so only minors of lower order count, and of a tridiagonal matrix the
    principal ones. Such a minor leaves out a sample: what remains is I - L with second differences L of at most N - 1
    samples, weighted by c_i, with an end held at 0. The eigenvalues of L grow with each c_i, up to
    c (2 + 2 cos(2 pi/(2 N - 1))), so that none of I - L is negative where that is at most 1.
    """
    return _QUARTER if boundary == "periodic" else 1 / (2 + 2 * sp.cos(2 * sp.pi / (2 * samples - 1)))


def _growths(reach: sp.Expr, largest_slope: sp.Expr, least_slope: sp.Expr) -> tuple[sp.Expr, ...]:
    """For slopes s of Phi, I - tau s (D⁺)ᵀD⁺ has eigenvalues from 1 - s reach to 1: its norm, at the ends of s."""
    if reach == 0:
        return (sp.S.One,)
    if sp.oo in (largest_slope, -least_slope):
        return (sp.oo,)
    return sp.S.One, 1 - reach * least_slope, reach * largest_slope - 1


def _middle(tau: sp.Expr, grid: Grid, flux: sp.Expr) -> sp.Expr:
    """2 (tau/h) Phi(a/h): outside [0, a] just when tau g(a/h)/h² > 1/2, or g(a/h) < 0."""
    return 2 * _coefficients(tau, grid).step * flux


EXPLICIT = Scheme(
    name="explicit",
    update="u_i <- u_i + (tau/h) (Phi((u_{i+1} - u_i)/h) - Phi((u_i - u_{i-1})/h))",
    coefficients=_coefficients,
    rules=(
        StepRule(
            name="max_min_step",
            claim="min f <= u <= max f (max-min principle)",
            condition=NONNEGATIVE,
            constant=G_MAX,
            ratio=_HALF,
            argument="the weights are nonnegative and sum to 1 (eq. 7); (r h, 0, r h) breaks it otherwise",
            sharp=True,
        ),
        StepRule(
            name="sign_step",
            claim="sign changes never grow (sign stability)",
            condition=NONNEGATIVE,
            constant=G_MAX,
            ratio=_QUARTER,
            argument="the matrix is a product of two nonnegative bidiagonal ones, with the pivots "
            "l_i = 1 - c_{i-1} - c_i - c_{i-1}^2/l_{i-1} >= 1/4; neither adds a sign change, on a line or round a ring",
            ratio_of=_sign_ratio,
            claim_on_ring="sign changes round the ring never grow (sign stability)",
        ),
        StepRule(
            name="nonexpansive_step",
            claim="distances between two signals never grow",
            condition=INCREASING,
            constant=RISE,
            ratio=_HALF,
            argument="mean value theorem: a difference of signals goes through the same matrix, slopes of Phi for g",
        ),
        StepRule(
            name="theorem2_step",
            claim="the stability of Theorem 2 holds by it",
            condition=NONNEGATIVE,
            constant=LIPSCHITZ,
            ratio=_HALF,
            argument="g is a mean of slopes of Phi, so g <= L (eq. 16)",
        ),
        StepRule(
            name="energy_step",
            claim="the energy sum Psi(D+ u) never rises",
            condition=None,
            constant=RISE,
            ratio=_HALF,
            argument="Psi - K r^2 is concave, and the block is a step of gradient descent, of at most 2/(K norm)",
        ),
    ),
    keeps_range="max_min_step",
    default="sign_step",
    growth=Growth(
        _growths,
        "each block by max(1, 1 + c mu, c K - 1) with mu = max(0, -inf Phi'), K = max(0, sup Phi') and "
        "c = tau times the norm of D+^T D+",
    ),
    spike=Spike(_middle),
)
