"""Other time schemes for the same nonlinearity: semi-implicit, implicit, and fast semi-iterative cycles."""

from functools import reduce
from operator import add
from typing import Any

import numpy as np

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.models.diffusion import function_of
from symtrans.models.lattice import Lattice, ScalarFunction, divergence, edge_diffusivities, in_numbers, on_lattice
from symtrans.models.lines import solve_lines
from symtrans.models.variational import variational_minimise
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Diffusivity
from symtrans.runtime.public import public
from symtrans.schemes.grid import count_of


@public
def semi_implicit_step(
    u: Any,
    diffusivity: Kind | Family | ScalarFunction,
    tau: float,
    h: float | tuple[float, ...] = 1.0,
    *,
    boundary: str = "reflecting",
    coupling: str = "isotropic",
    channels: bool = False,
    **parameters: float,
) -> np.ndarray:
    """One semi-implicit step: (I - tau A(u)) u' = u on one axis, (1/d) Σ_a (I - d tau A_a(u))⁻¹ u on d of them (AOS).

    A(u) v = Σ_a A_a(u) v = Σ_a D_a⁻(ḡ D_a⁺v), with ḡ taken from u. For g >= 0 each matrix that is inverted is
    an M-matrix: the range is kept for every tau.

    Parameters
    ----------
    u : array_like, shape (..., N), (..., N1, ..., Nd) or, with channels, (..., C, N1, ..., Nd)
    diffusivity : Kind, Family or callable
        The nonlinearity in any form, or g as a function of arrays.
    tau : float
        Time step.
    h, boundary, coupling, channels
        As for `diffusion_step`.
    **parameters : float
        Parameters of the nonlinearity by keyword.

    Raises
    ------
    NonlinearityError
        If g is infinite somewhere, or so negative that the system has no positive pivots.

    References
    ----------
    J. Weickert, B. M. ter Haar Romeny, M. A. Viergever, "Efficient and reliable schemes for nonlinear diffusion
    filtering", IEEE Transactions on Image Processing 7(3), 1998.

    Examples
    --------
    >>> semi_implicit_step([0.0, 1.0, 0.0], lambda r: 1 + 0 * r, 1.0)
    array([0.25, 0.5 , 0.25])
    """
    u, grid = on_lattice(u, h, boundary, coupling, channels)
    tau = in_numbers(tau, "tau", u.dtype == object)
    weights = _frozen(u, diffusivity, grid, parameters)
    count = len(grid.sizes)
    solved = []
    for w, (axis, size) in zip(weights, grid.axes, strict=True):
        line = solve_lines(count * tau / size**2 * w, u, grid.periodic, axis)
        if line is None:
            raise NonlinearityError(
                f"the semi-implicit step has no positive pivots at tau = {tau}: g is negative somewhere"
            )
        solved.append(line)
    result: np.ndarray = reduce(add, solved) / count
    return result


@public
def fsi_cycle(
    u: Any,
    diffusivity: Kind | Family | ScalarFunction,
    tau: float,
    length: int,
    h: float | tuple[float, ...] = 1.0,
    *,
    boundary: str = "reflecting",
    coupling: str = "isotropic",
    channels: bool = False,
    **parameters: float,
) -> np.ndarray:
    """A cycle of the fast semi-iterative scheme (FSI), which reaches the time tau (n² + n)/3 in n steps.

    u_{k+1} = a_k (u_k + tau A u_k) + (1 - a_k) u_{k-1} for k = 0, ..., n - 1, with a_k = (4k + 2)/(2k + 3) and
    u_{-1} = u_0; A is taken from u_0 for the whole cycle. For g >= 0 and tau up to the bound of the maximum-minimum
    principle the Euclidean norm does not grow; the range may.

    Parameters
    ----------
    u : array_like, shape (..., N), (..., N1, ..., Nd) or, with channels, (..., C, N1, ..., Nd)
    diffusivity : Kind, Family or callable
        The nonlinearity in any form, or g as a function of arrays.
    tau : float
        Time step of the explicit scheme within.
    length : int
        The number n of steps.
    h, boundary, coupling, channels
        As for `diffusion_step`.
    **parameters : float
        Parameters of the nonlinearity by keyword.

    References
    ----------
    D. Hafner, P. Ochs, J. Weickert, M. Reißel, S. Grewenig, "FSI schemes: fast semi-iterative solvers for PDEs and
    optimisation methods", German Conference on Pattern Recognition, 2016.

    Examples
    --------
    >>> fsi_cycle([0.0, 1.0, 0.0], lambda r: 1 + 0 * r, 0.25, length=2).round(3)
    array([0.35, 0.3 , 0.35])
    """
    length = count_of(length, "length")
    u, grid = on_lattice(u, h, boundary, coupling, channels)
    tau = in_numbers(tau, "tau", u.dtype == object)
    weights = _frozen(u, diffusivity, grid, parameters)
    before: np.ndarray = u
    after: np.ndarray = u
    for k in range(length):
        a = (4 * k + 2) / (2 * k + 3)
        before, after = after, a * (after + tau * divergence(after, weights, grid)) + (1 - a) * before
    return after


@public
def implicit_step(
    u: Any,
    nonlinearity: Kind | Family,
    tau: float,
    h: float | tuple[float, ...] = 1.0,
    *,
    tolerance: float = 1e-12,
    boundary: str = "reflecting",
    coupling: str = "isotropic",
    channels: bool = False,
    **parameters: float,
) -> np.ndarray:
    """One implicit step (eq. 15): u' - tau A(u') u' = u, the minimiser of the energy with alpha = tau and f = u.

    Parameters as for `variational_minimise`, which solves it.

    Examples
    --------
    >>> from symtrans import Diffusivity
    >>> implicit_step([0.0, 1.0, 0.0], Diffusivity("1"), 1.0).round(3)
    array([0.25, 0.5 , 0.25])
    """
    return variational_minimise(
        u,
        nonlinearity,
        tau,
        h,
        steps=None,
        tolerance=tolerance,
        boundary=boundary,
        coupling=coupling,
        channels=channels,
        **parameters,
    )


def _frozen(
    u: np.ndarray, diffusivity: Kind | Family | ScalarFunction, grid: Lattice, parameters: dict[str, float]
) -> list[np.ndarray]:
    """ḡ on the edges, to be used for a step or a cycle."""
    weights = edge_diffusivities(u, function_of(diffusivity, Diffusivity, parameters), grid)
    if any((abs(w) == np.inf).any() for w in weights):
        raise NonlinearityError(
            "g is infinite where the signal is flat: take a bounded diffusivity, such as 1/sqrt(e^2 + r^2) for 1/|r|"
        )
    return weights
