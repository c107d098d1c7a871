"""Nonlinear diffusion: the explicit scheme of Section 3.1."""

from collections.abc import Callable
from typing import Any

import numpy as np

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import array_of, number_of
from symtrans.nonlinearity.kind import AnyKind, Kind
from symtrans.nonlinearity.kinds import Activation
from symtrans.runtime.public import public
from symtrans.schemes.grid import known_boundary

ScalarFunction = Callable[[np.ndarray], np.ndarray]


def function_of(
    nonlinearity: Kind | Family | ScalarFunction, kind: type[AnyKind], parameters: dict[str, float], tau: Any = None
) -> ScalarFunction:
    """A plain function of arrays: a nonlinearity in the given kind, or any callable as it is."""
    if isinstance(nonlinearity, Family):
        nonlinearity = nonlinearity.source
    if isinstance(nonlinearity, Kind):
        form = nonlinearity.to(kind, tau=tau)
        return lambda values: form(values, **parameters)
    if parameters:
        raise NonlinearityError(f"{nonlinearity!r} is a plain function and takes no parameters")
    return nonlinearity


def signal_of(u: Any) -> np.ndarray:
    """A float array with at least one axis, or one of SymPy's numbers."""
    signal = array_of(u, "a signal")
    if signal.dtype.kind not in "fiubO":
        raise NonlinearityError(f"a signal is an array of real numbers, not of {signal.dtype}")
    signal = signal.astype(np.result_type(signal.dtype, np.float32 if signal.dtype == np.float32 else np.float64))
    if signal.ndim == 0:
        raise NonlinearityError("a signal needs at least one axis; the last is the one that is filtered")
    return signal


def grid_size(h: Any) -> float:
    """A grid size as a positive number."""
    number = number_of(h, "h")
    if not number > 0:
        raise NonlinearityError(f"the grid size h = {number} must be positive")
    return number


def forward_difference(u: np.ndarray, h: float = 1.0, boundary: str = "reflecting") -> np.ndarray:
    """D⁺u: (u_{i+1} - u_i)/h over the edges; one more edge, from last to first, if periodic."""
    periodic = known_boundary(boundary) == "periodic"
    result: np.ndarray = (np.roll(u, -1, axis=-1) - u if periodic else u[..., 1:] - u[..., :-1]) / h
    return result


def backward_difference(q: np.ndarray, h: float = 1.0, boundary: str = "reflecting") -> np.ndarray:
    """D⁻q: (q_i - q_{i-1})/h over the samples; the flux over a reflecting end is zero."""
    if boundary == "periodic":
        around: np.ndarray = (q - np.roll(q, 1, axis=-1)) / h
        return around
    closed = np.zeros((*q.shape[:-1], q.shape[-1] + 2), dtype=q.dtype)
    closed[..., 1:-1] = q
    result: np.ndarray = (closed[..., 1:] - closed[..., :-1]) / h
    return result


@public
def diffusion_step(
    u: Any,
    flux: Kind | Family | ScalarFunction,
    tau: float,
    h: float = 1.0,
    *,
    boundary: str = "reflecting",
    **parameters: float,
) -> np.ndarray:
    """One explicit step (eq. 6): u + tau D⁻(Phi(D⁺u)).

    Parameters
    ----------
    u : array_like, shape (..., N)
    flux : Kind, Family or callable
        The nonlinearity in any form, or Phi as a function of arrays.
    tau, h : float
        Time step and grid size.
    boundary : {"reflecting", "periodic"}
    **parameters : float
        Parameters of the nonlinearity by keyword.

    Examples
    --------
    >>> diffusion_step([0.0, 1.0, 0.0], lambda p: p, 0.25)
    array([0.25, 0.5 , 0.25])
    """
    u = signal_of(u)
    if u.dtype != object:  # on symbols, steps are symbols too
        tau, h = number_of(tau, "tau"), grid_size(h)
    phi = function_of(flux, Activation, parameters)
    result: np.ndarray = u + tau * backward_difference(phi(forward_difference(u, h, boundary)), h, boundary)
    return result
