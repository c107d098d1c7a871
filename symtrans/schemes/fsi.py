"""Fast semi-iterative diffusion: cycles of explicit steps that go quadratically far in time.

With g frozen within a cycle, u_{k+1} = a_k (u_k + tau A u_k) + (1 - a_k) u_{k-1}, a_k = (4 k + 2)/(2 k + 3),
u_{-1} = u_0: n steps reach the time tau (n² + n)/3 (Hafner, Ochs, Weickert, Reissel and Grewenig, Proc. GCPR 2016). In
the words of networks: a residual network with a second skip connection.
"""

import sympy as sp

from symtrans.schemes.grid import Grid
from symtrans.schemes.scheme import G_MAX, NONNEGATIVE, Scheme, StepRule, diffusivity_coefficients


def weight(k: int) -> sp.Rational:
    """a_k of step k = 0, 1, ... of a cycle."""
    return sp.Rational(4 * k + 2, 2 * k + 3)


def reached(tau: sp.Expr, cycle: int) -> sp.Expr:
    """The diffusion time of one cycle.

    Examples
    --------
    >>> reached(sp.Rational(1, 2), 10)
    55/3
    """
    return tau * sp.Rational(cycle**2 + cycle, 3)


def _update(grid: Grid) -> str:
    matrix = "A v = sum_a D_a^-(gbar D_a^+ v)" if grid.dimensions > 1 else "A v = D^-(g D^+ v)"
    return (
        "u_{k+1} = a_k (u_k + tau A u_k) + (1 - a_k) u_{k-1}, a_k = (4 k + 2)/(2 k + 3), u_{-1} = u_0, "
        f"{matrix}, g frozen within a cycle"
    )


FSI = Scheme(
    name="fsi",
    update=_update,
    coefficients=diffusivity_coefficients,
    takes_diffusivity=lambda grid: True,
    rules=(
        StepRule(
            name="euclidean_step",
            claim="the Euclidean norm never grows from cycle to cycle",
            condition=NONNEGATIVE,
            constant=G_MAX,
            ratio=sp.Rational(1, 2),
            argument="I + tau A is symmetric with eigenvalues in [-1, 1], and a cycle is a polynomial of it that is at "
            "most 1 there in modulus",
        ),
    ),
    required="euclidean_step",
    defaults=("euclidean_step",),
    reach=reached,
)
