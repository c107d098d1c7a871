"""The explicit scheme u <- u + tau D⁻ Phi(D⁺u), eq. (6): the residual block of Theorem 1, on one axis or more.

On one axis, with c_i = tau g(p_i)/h², p_i = (u_{i+1} - u_i)/h, it is u'_i = c_{i-1} u_{i-1} + (1 - c_{i-1} - c_i) u_i
+ c_i u_{i+1}: a tridiagonal matrix, cyclic if the boundary is periodic, whose rows and columns sum to 1. On more, the
edges of a cell share g(|∇u|), and an edge takes the mean of the cells that share it (docs/dimensions.md).
"""

from typing import Any

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
    diffusivity_coefficients,
)

_HALF, _QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)


def update(grid: Grid) -> str:
    """One block in words."""
    if grid.coupled:
        return "u <- u + tau sum_a D_a^-(gbar D_a^+ u), gbar of an edge the mean of g(|grad u|) over its cells"
    if grid.dimensions > 1:
        return "u <- u + tau sum_a D_a^- Phi(D_a^+ u)"
    return "u_i <- u_i + (tau/h) (Phi((u_{i+1} - u_i)/h) - Phi((u_i - u_{i-1})/h))"


def coefficients(tau: sp.Expr, grid: Grid) -> Coefficients:
    """Of one axis "step" = tau/h and "inverse_h" = 1/h; of more axes the same with the number of the axis."""
    if grid.coupled:
        return diffusivity_coefficients(tau, grid)
    suffixes = [""] if grid.dimensions == 1 else [f"_{a}" for a in range(grid.dimensions)]
    steps = [(f"step{a}", tau / h) for a, h in zip(suffixes, grid.sizes, strict=True)]
    inverses = [(f"inverse_h{a}", 1 / h) for a, h in zip(suffixes, grid.sizes, strict=True)]
    return (*steps, *((name, value) for name, value in inverses if value != 1))


def _sign_ratio(samples: int, grid: Grid) -> sp.Expr:
    """The ratio sharp in the number of samples; of a ring none is known beyond 1/4.

    N samples have N - 1 sign changes at most, so only minors of lower order count, and of a tridiagonal matrix the
    principal ones. Such a minor leaves out a sample: what remains is I - L with second differences L of at most N - 1
    samples, weighted by c_i, with an end held at 0. The eigenvalues of L grow with each c_i, up to
    c (2 + 2 cos(2 pi/(2 N - 1))), so that none of I - L is negative where that is at most 1.
    """
    return _QUARTER if grid.boundary == "periodic" else 1 / (2 + 2 * sp.cos(2 * sp.pi / (2 * samples - 1)))


def more_extrema(grid: Grid) -> str | None:
    """Why signs are not stable on more than one axis: a region of one sign can break in two at a narrow place."""
    if grid.dimensions == 1:
        return None
    return (
        "not in more than one dimension: even linear diffusion breaks the one positive region of "
        "(1, -9, 1; 1, 1, 1; 1, -9, 1) into two"
    )


def on_ring(grid: Grid) -> str | None:
    """Cut open, a ring may show a change that was at the cut before: changes are counted round it."""
    return "sign changes round the ring never grow (sign stability)" if grid.boundary == "periodic" else None


def euclidean_only(grid: Grid) -> str | None:
    """Where a cell shares g, distances are those of the 2-norm."""
    return "Euclidean distances between two signals never grow" if grid.coupled else None


def _growths(reach: sp.Expr, largest_slope: sp.Expr, least_slope: sp.Expr) -> tuple[sp.Expr, ...]:
    """For slopes s of Phi, I - tau s (D⁺)ᵀD⁺ has eigenvalues from 1 - s reach to 1: its norm, at the ends of s.

    Where a cell shares g, the derivative of g(|v|) v has the eigenvalues Phi' and g, and g lies between the slopes.
    """
    if reach == 0:
        return (sp.S.One,)
    if sp.oo in (largest_slope, -least_slope):
        return (sp.oo,)
    return sp.S.One, 1 - reach * least_slope, reach * largest_slope - 1


def _unknown_norm(grid: Grid, norm: Any) -> str | None:
    if norm == 2 or not grid.coupled:
        return None
    return (
        f"where a cell shares g, distances are bounded in the 2-norm only: in the norm {norm} they can grow even for "
        "convex Psi (docs/errata.md)"
    )


def _spike(tau: sp.Expr, grid: Grid) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    """On one axis 2 (tau/h) Phi(a/h). All 2^d cells around the middle have one |∇u| = k a, k² = sum 1/h²/2^(d-1)."""
    if grid.coupled:
        slope = sp.sqrt(grid.inverse_squares / 2 ** (grid.dimensions - 1))
        return ((2 * tau * grid.inverse_squares / slope, slope),)
    return tuple((2 * tau / h, 1 / h) for h in grid.sizes)


EXPLICIT = Scheme(
    name="explicit",
    update=update,
    coefficients=coefficients,
    takes_diffusivity=lambda grid: grid.coupled,
    rules=(
        StepRule(
            name="max_min_step",
            claim="min f <= u <= max f (max-min principle)",
            condition=NONNEGATIVE,
            constant=G_MAX,
            ratio=_HALF,
            argument="the weights are nonnegative and sum to 1 (eq. 7); (r h, 0, r h) breaks it otherwise",
            # of edges with a g of their own, all slopes are that of sup g only where all sizes are the same
            sharp=lambda grid: grid.coupled or len(set(grid.sizes)) == 1,
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
            claim_of=on_ring,
            fails=more_extrema,
        ),
        StepRule(
            name="euclidean_step",
            claim="the Euclidean norm never grows",
            condition=NONNEGATIVE,
            constant=G_MAX,
            ratio=_HALF,
            argument="the matrix I - tau (D^+)^T g D^+ is symmetric, with eigenvalues from 1 - 4 tau g_max sum 1/h^2 "
            "to 1",
        ),
        StepRule(
            name="nonexpansive_step",
            claim="distances between two signals never grow",
            condition=INCREASING,
            constant=RISE,
            ratio=_HALF,
            argument="mean value theorem: a difference of signals goes through the same matrix, slopes of Phi for g",
            claim_of=euclidean_only,
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
            claim_of=lambda grid: "the energy sum Psi(|grad u|) never rises" if grid.coupled else None,
        ),
    ),
    required="max_min_step",
    defaults=("sign_step", "max_min_step"),
    growth=Growth(
        _growths,
        "each block by max(1, 1 + c mu, c K - 1) with mu = max(0, -inf Phi'), K = max(0, sup Phi') and "
        "c = tau times the norm of D+^T D+",
        _unknown_norm,
    ),
    spike=Spike(_spike),
)
