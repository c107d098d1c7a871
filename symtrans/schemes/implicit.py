"""Schemes that solve an equation in each step, stable for every time step.

- semi-implicit: (I - tau A(u)) u' = u with the A of the explicit scheme, g taken from the step before: tridiagonal on
  one axis. On more axes each is solved for itself and the results are averaged, u' = (1/d) sum_a (I - d tau A_a(u))⁻¹
  u: additive operator splitting, AOS (Weickert, ter Haar Romeny and Viergever, IEEE Trans. Image Process. 7, 1998).
- implicit: (I - tau A(u')) u' = u, the minimiser of the paper's eq. (15).
"""

import sympy as sp

from symtrans.schemes.explicit import euclidean_only, more_extrema, on_ring
from symtrans.schemes.grid import Grid
from symtrans.schemes.scheme import G_MAX, INCREASING, NONNEGATIVE, RISE, Scheme, StepRule, diffusivity_coefficients


def _update(grid: Grid) -> str:
    if grid.dimensions == 1:
        return "(I - tau A(u)) u' = u with A(u) v = D^-(g D^+ v): one tridiagonal system"
    return "u' = (1/d) sum_a (I - d tau A_a(u))^-1 u with A_a(u) v = D_a^-(gbar D_a^+ v) (AOS)"


_RULES = (
    StepRule(
        name="max_min_step",
        claim="min f <= u <= max f (max-min principle)",
        condition=NONNEGATIVE,
        constant=G_MAX,
        ratio=sp.oo,
        argument="the matrix has no positive entry off its diagonal and rows that sum to 1: its inverse is nonnegative "
        "with the same sums",
    ),
    StepRule(
        name="sign_step",
        claim="sign changes never grow (sign stability)",
        condition=NONNEGATIVE,
        constant=G_MAX,
        ratio=sp.oo,
        argument="where u' is largest on a stretch of one sign, u has this sign too, as u = u' + tau sum g (u' - its "
        "neighbours)/h^2",
        claim_of=on_ring,
        fails=more_extrema,
    ),
    StepRule(
        name="euclidean_step",
        claim="the Euclidean norm never grows",
        condition=NONNEGATIVE,
        constant=G_MAX,
        ratio=sp.oo,
        argument="I - tau A is symmetric, with eigenvalues of at least 1",
    ),
)

SEMI_IMPLICIT = Scheme(
    name="semi-implicit",
    update=_update,
    coefficients=lambda tau, grid: diffusivity_coefficients(grid.dimensions * tau, grid),
    takes_diffusivity=lambda grid: True,
    rules=_RULES,
    required="max_min_step",
    defaults=("max_min_step",),
)

IMPLICIT = Scheme(
    name="implicit",
    update=lambda grid: "u' - tau sum_a D_a^-(gbar D_a^+ u') = u, g taken from u' (eq. 15)",
    coefficients=diffusivity_coefficients,
    takes_diffusivity=lambda grid: True,
    rules=(
        *_RULES,
        StepRule(
            name="nonexpansive_step",
            claim="distances between two signals never grow",
            condition=INCREASING,
            constant=RISE,
            ratio=sp.oo,
            argument="u' is the resolvent of a monotone operator",
            claim_of=euclidean_only,
        ),
    ),
    required="max_min_step",
    defaults=("max_min_step",),
)
