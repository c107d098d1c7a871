"""The variational model of Section 3.3: minimise sum (u - f)² + alpha Psi(D⁺u), or Psi(|∇u|), in any dimension."""

from typing import Any

import numpy as np

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import number_of
from symtrans.models.diffusion import diffusivity_of, flux_divergence, function_of
from symtrans.models.lattice import (
    Lattice,
    ScalarFunction,
    cell_adjoint,
    cell_differences,
    forward_difference,
    gradient_magnitude,
    in_numbers,
    on_lattice,
    over_channels,
    weighted,
)
from symtrans.models.newton import Newton
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation, Regulariser
from symtrans.runtime.public import public
from symtrans.schemes.grid import count_of


@public
def energy(
    u: Any,
    f: Any,
    regulariser: Kind | Family,
    alpha: float,
    h: float | tuple[float, ...] = 1.0,
    *,
    boundary: str = "reflecting",
    coupling: str = "isotropic",
    channels: bool = False,
    **parameters: float,
) -> np.ndarray:
    """The discrete energy (eq. 14): sum over samples of (u - f)² + alpha times the sum over edges of Psi(D⁺u).

    Where cells share a nonlinearity the sum is that over cells of ``Psi(|∇u|)``, and a cell on the rim counts 1/2 for
    each axis in which it sticks out.

    Returns
    -------
    ndarray
        One number for each signal.

    Examples
    --------
    >>> from symtrans import Regulariser
    >>> energy([0.0, 1.0, 0.0], [0.0, 2.0, 0.0], Regulariser("r^2"), 0.5)
    np.float64(2.0)
    """
    u, grid = on_lattice(u, h, boundary, coupling, channels)
    f, _ = on_lattice(f, h, boundary, coupling, channels)
    alpha = number_of(alpha, "alpha")
    axes = len(grid.sizes) + grid.channels
    if u.shape[-axes:] != f.shape[-axes:]:
        raise NonlinearityError(f"u has shape {u.shape} and f {f.shape}; they are signals on the same grid")
    psi = function_of(_kind(regulariser), Regulariser, parameters)
    return energy_on(grid, u, f, psi, alpha)


def energy_on(grid: Lattice, u: np.ndarray, f: np.ndarray, psi: ScalarFunction, alpha: float) -> np.ndarray:
    """The energy of signals on a lattice."""
    axes = tuple(axis for axis, _ in grid.axes)
    samples = (-len(axes) - 1, *axes) if grid.channels else axes
    total: np.ndarray = np.sum((u - f) ** 2, axis=samples)
    if grid.coupled:
        cells = weighted(psi(gradient_magnitude(u, grid)), grid)
        total = total + alpha * np.sum(cells, axis=samples)
    else:
        for axis, size in grid.axes:
            total = total + alpha * np.sum(psi(forward_difference(u, size, grid.boundary, axis)), axis=axes)
    return total


@public
def gradient_step(
    u: Any,
    flux: Kind | Family | ScalarFunction,
    tau: float,
    h: float | tuple[float, ...] = 1.0,
    *,
    boundary: str = "reflecting",
    coupling: str = "isotropic",
    channels: bool = False,
    **parameters: float,
) -> np.ndarray:
    """One step of gradient descent of size tau on half the sum of Psi, which equals one diffusion step.

    Each cell pulls at its own samples, by the derivative ``g(|∇u|) ∂(|∇u|²)/2`` of ``Psi(|∇u|)/2``: no flux
    and no mean of g comes in. Parameters as for `diffusion_step`.

    Examples
    --------
    >>> gradient_step([0.0, 1.0, 0.0], lambda p: p, 0.25)
    array([0.25, 0.5 , 0.25])
    """
    u, grid = on_lattice(u, h, boundary, coupling, channels)
    tau = in_numbers(tau, "tau", u.dtype == object)
    v = cell_differences(u, grid)
    if grid.coupled:
        norm = np.sqrt(over_channels((v**2).sum(axis=0) / grid.parallel_edges, grid))
        pull = diffusivity_of(flux, parameters)(norm) * v
    else:
        pull = function_of(flux, Activation, parameters)(v)
    result: np.ndarray = u - tau * cell_adjoint(pull, grid)
    return result


@public
def variational_minimise(
    f: Any,
    regulariser: Kind | Family,
    alpha: float,
    h: float | tuple[float, ...] = 1.0,
    *,
    steps: int | None = None,
    tolerance: float = 1e-12,
    boundary: str = "reflecting",
    coupling: str = "isotropic",
    channels: bool = False,
    **parameters: float,
) -> np.ndarray:
    """A minimiser of the discrete energy.

    The Euler-Lagrange equation (u - f)/alpha = D⁻ Phi(D⁺u) (eq. 15) is one
    implicit diffusion step of size alpha. It is solved by Newton's method
    with a line search, so the energy falls in every iteration; for a
    nonconvex Psi the result is a stationary point, where Newton's matrix is
    made positive by dropping negative slopes of Phi.

    Parameters
    ----------
    f : array_like, shape (..., N), (..., N1, ..., Nd) or, with channels, (..., C, N1, ..., Nd)
    regulariser : Kind or Family
        The nonlinearity in any form.
    alpha : float
        Regularisation parameter, positive.
    h : float or tuple of float
        Grid size; a tuple has one for each of the last axes.
    steps : int, optional
        If given, no equation is solved: m explicit steps of size alpha/m
        approximate the diffusion process with stopping time alpha, to first
        order in 1/m, where alpha/m is stable (eq. 7). So do m minimisations
        with alpha/m. One minimisation is a single implicit step of that
        process and stays a fixed distance away: see docs/errata.md.
    tolerance : float
        Newton stops when the gradient has fallen below this times its size at the start.
    boundary, coupling, channels
        As for `diffusion_step`.
    **parameters : float
        Parameters of the nonlinearity by keyword.

    Raises
    ------
    NonlinearityError
        If alpha is not positive, or Newton does not reach the tolerance.

    Examples
    --------
    >>> from symtrans import Regulariser
    >>> variational_minimise([0.0, 1.0, 0.0], Regulariser("r^2"), 1.0).round(3)
    array([0.25, 0.5 , 0.25])
    """
    f, grid = on_lattice(f, h, boundary, coupling, channels)
    alpha = number_of(alpha, "alpha")
    if not alpha > 0:
        raise NonlinearityError(f"alpha = {alpha} must be positive")
    kind = _kind(regulariser)
    if steps is not None:
        steps = count_of(steps, "steps")
        divergence = flux_divergence(kind, grid, parameters)
        u: np.ndarray = f
        for _ in range(steps):
            u = u + alpha / steps * divergence(u)
        return u
    psi = function_of(kind, Regulariser, parameters)
    solve = Newton(
        kind.to(Activation), parameters, lambda u, f: float(energy_on(grid, u, f, psi, alpha)), alpha, grid, tolerance
    )
    signals = f.astype(float).reshape(-1, *f.shape[-len(grid.sizes) - grid.channels :])
    result: np.ndarray = np.stack([solve(signal) for signal in signals]).reshape(f.shape) if f.size else f
    return result


def _kind(nonlinearity: Kind | Family) -> Kind:
    if isinstance(nonlinearity, Family):
        return nonlinearity.source
    if isinstance(nonlinearity, Kind):
        return nonlinearity
    raise NonlinearityError(f"{nonlinearity!r} is neither a Family nor one of the four kinds")
