"""Nonlinear diffusion: the explicit scheme of Section 3.1, in any number of dimensions."""

from typing import Any

import numpy as np

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.models.lattice import (
    Lattice,
    ScalarFunction,
    divergence,
    divergence_of,
    edge_diffusivities,
    forward_difference,
    in_numbers,
    on_lattice,
)
from symtrans.nonlinearity.kind import AnyKind, Kind
from symtrans.nonlinearity.kinds import Activation, Diffusivity
from symtrans.runtime.public import public


def function_of(
    nonlinearity: Kind | Family | ScalarFunction, kind: type[AnyKind], parameters: dict[str, float], tau: Any = None
) -> ScalarFunction:
    """A plain function of arrays: a nonlinearity in the given kind, or any callable as it is."""
    if isinstance(nonlinearity, Family):
        nonlinearity = nonlinearity.source
    if isinstance(nonlinearity, Kind):
        form = nonlinearity.to(kind, tau=tau)
        return lambda values: form(values, **parameters)
    if not callable(nonlinearity):
        raise NonlinearityError(
            f"{nonlinearity!r} is neither a Family (st.catalogue[name], st.translate(...)), nor one of the four kinds, "
            "nor a function of arrays"
        )
    if parameters:
        raise NonlinearityError(f"{nonlinearity!r} is a plain function and takes no parameters")
    return nonlinearity


def diffusivity_of(flux: Kind | Family | ScalarFunction, parameters: dict[str, float]) -> ScalarFunction:
    """g(r) = Phi(r)/r; 0 for an infinite g(0), and for the g(0) that a plain Phi does not tell.

    That changes no flux: where |∇u| is 0, each difference is.
    """
    if isinstance(flux, Kind | Family):
        form = function_of(flux, Diffusivity, parameters)

        def g(r: np.ndarray) -> np.ndarray:
            values = form(r)
            return np.where(np.isinf(values), values.dtype.type(0), values)
    else:
        phi = function_of(flux, Activation, parameters)

        def g(r: np.ndarray) -> np.ndarray:
            flat = r == 0
            return np.where(flat, 0 * r, phi(r) / np.where(flat, 1 + 0 * r, r))

    return g


def flux_divergence(
    flux: Kind | Family | ScalarFunction, grid: Lattice, parameters: dict[str, float]
) -> ScalarFunction:
    """The right-hand side of the equation: u -> Σ_a D_a⁻ Phi(D_a⁺u), and u -> Σ_a D_a⁻(ḡ D_a⁺u) on cells."""
    if grid.coupled:
        g = diffusivity_of(flux, parameters)
        return lambda u: divergence(u, edge_diffusivities(u, g, grid), grid)
    phi = function_of(flux, Activation, parameters)
    return lambda u: divergence_of(
        [phi(forward_difference(u, size, grid.boundary, axis)) for axis, size in grid.axes], grid
    )


@public
def diffusion_step(
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
    """One explicit step (eq. 6): u + tau D⁻(Phi(D⁺u)), and u + tau Σ_a D_a⁻(ḡ D_a⁺u) in more than one dimension.

    Parameters
    ----------
    u : array_like, shape (..., N), (..., N1, ..., Nd) or, with channels, (..., C, N1, ..., Nd)
    flux : Kind, Family or callable
        The nonlinearity in any form, or Phi as a function of arrays.
    tau : float
        Time step.
    h : float or tuple of float
        Grid size; a tuple has one for each of the last axes.
    boundary : {"reflecting", "periodic"}
    coupling : {"isotropic", "separable"}
        The 2^d samples of a cell share ``g(|∇u|)``, and ḡ is its mean over the cells that share an edge;
        or the flux of each edge is Phi of its own difference.
    channels : bool
        The differences of all channels, on the axis before the filtered ones, join in one ``|∇u|``.
    **parameters : float
        Parameters of the nonlinearity by keyword.

    Examples
    --------
    >>> diffusion_step([0.0, 1.0, 0.0], lambda p: p, 0.25)
    array([0.25, 0.5 , 0.25])
    >>> diffusion_step(np.eye(3), lambda p: p, 0.25, h=(1, 1))
    array([[0.5, 0.5, 0. ],
           [0.5, 0. , 0.5],
           [0. , 0.5, 0.5]])
    """
    u, grid = on_lattice(u, h, boundary, coupling, channels)
    tau = in_numbers(tau, "tau", u.dtype == object)
    result: np.ndarray = u + tau * flux_divergence(flux, grid, parameters)(u)
    return result
