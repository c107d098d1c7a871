"""The variational model of Section 3.3: minimise sum (u - f)² + alpha Psi(D⁺u)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from symtrans.calculus.functions.evaluation import array_function
from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import number_of
from symtrans.models.diffusion import (
    ScalarFunction,
    backward_difference,
    diffusion_step,
    forward_difference,
    function_of,
    grid_size,
    signal_of,
)
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation, Regulariser
from symtrans.runtime.public import public

_NEWTON_STEPS = 200
_ARMIJO = 1e-4
_SMALLEST_STEP = 2.0**-40


@public
def energy(u: Any, f: Any, regulariser: Kind | Family, alpha: float, h: float = 1.0, **parameters: float) -> np.ndarray:
    """The discrete energy (eq. 14): sum over samples of (u - f)² + alpha times the sum over edges of Psi(D⁺u).

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
    u, f, alpha, h = signal_of(u), signal_of(f), number_of(alpha, "alpha"), grid_size(h)
    if u.shape[-1] != f.shape[-1]:
        raise NonlinearityError(f"u has shape {u.shape} and f {f.shape}; they are signals on the same grid")
    psi = _kind(regulariser).to(Regulariser)
    total: np.ndarray = np.sum((u - f) ** 2, axis=-1)
    total = total + alpha * np.sum(psi(forward_difference(u, h), **parameters), axis=-1)
    return total


@public
def variational_minimise(
    f: Any,
    regulariser: Kind | Family,
    alpha: float,
    h: float = 1.0,
    *,
    steps: int | None = None,
    tolerance: float = 1e-12,
    **parameters: float,
) -> np.ndarray:
    """A minimiser of the discrete energy, reflecting boundary.

    The Euler-Lagrange equation (u - f)/alpha = D⁻ Phi(D⁺u) (eq. 15) is one
    implicit diffusion step of size alpha. It is solved by Newton's method
    with a line search, so the energy falls in every iteration; for a
    nonconvex Psi the result is a stationary point, where Newton's matrix is
    made positive by dropping negative slopes of Phi.

    Parameters
    ----------
    f : array_like, shape (..., N)
    regulariser : Kind or Family
        The nonlinearity in any form.
    alpha : float
        Regularisation parameter, positive.
    h : float
        Grid size.
    steps : int, optional
        If given, no equation is solved: m explicit steps of size alpha/m
        approximate the diffusion process with stopping time alpha, to first
        order in 1/m, where alpha/m is stable (eq. 7). So do m minimisations
        with alpha/m. One minimisation is a single implicit step of that
        process and stays a fixed distance away: see docs/errata.md.
    tolerance : float
        Newton stops when the gradient has fallen below this times its size at the start.
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
    f, alpha, h = signal_of(f), number_of(alpha, "alpha"), grid_size(h)
    if not alpha > 0:
        raise NonlinearityError(f"alpha = {alpha} must be positive")
    kind = _kind(regulariser)
    if steps is not None:
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise NonlinearityError(f"steps = {steps!r} must be a positive whole number")
        phi = function_of(kind, Activation, parameters)
        u: np.ndarray = f
        for _ in range(steps):
            u = diffusion_step(u, phi, alpha / steps, h)
        return u
    solve = _Newton(kind, alpha, h, parameters, tolerance)
    rows = f.astype(float).reshape(-1, max(1, f.shape[-1]))
    if not len(rows):
        return f  # type: ignore[no-any-return]
    solved: np.ndarray = np.stack([solve(row) for row in rows]).reshape(f.shape)
    return solved


def _kind(nonlinearity: Kind | Family) -> Kind:
    if isinstance(nonlinearity, Family):
        return nonlinearity.source
    if isinstance(nonlinearity, Kind):
        return nonlinearity
    raise NonlinearityError(f"{nonlinearity!r} is neither a Family nor one of the four kinds")


class _Newton:
    """Newton's method for (u - f) - alpha D⁻ Phi(D⁺u) = 0, one signal at a time."""

    def __init__(self, kind: Kind, alpha: float, h: float, parameters: dict[str, float], tolerance: float) -> None:
        activation = kind.to(Activation)
        numbers = activation.bind(parameters)
        slope = array_function(activation.half.derivative())
        self._phi: ScalarFunction = lambda p: activation(p, **parameters)
        self._slope: ScalarFunction = lambda p: slope(p, numbers)
        psi = kind.to(Regulariser)
        self._energy: Callable[[np.ndarray, np.ndarray], float] = lambda u, f: float(
            energy(u, f, psi, alpha, h, **parameters)
        )
        self._alpha, self._h, self._tolerance = alpha, h, tolerance

    def __call__(self, f: np.ndarray) -> np.ndarray:
        u = f.copy()
        gradient = self._gradient(u, f)
        start = max(float(np.max(np.abs(gradient))), float(np.max(np.abs(f))) * np.finfo(float).eps)
        for _ in range(_NEWTON_STEPS):
            if np.max(np.abs(gradient)) <= self._tolerance * start or start == 0:
                return u
            direction = -self._solve(u, gradient)
            moved = self._descend(u, f, direction, gradient)
            if moved is None:  # no descent is left in floating point
                break
            u, gradient = moved, self._gradient(moved, f)
        if np.max(np.abs(gradient)) <= max(1e-8, self._tolerance) * start:
            return u
        raise NonlinearityError(
            f"no minimiser was found to the tolerance {self._tolerance:g} (alpha = {self._alpha:g}); "
            "Phi may jump where the minimiser lies"
        )

    def _gradient(self, u: np.ndarray, f: np.ndarray) -> np.ndarray:
        """Half the gradient of the energy: (u - f) - alpha D⁻ Phi(D⁺u)."""
        flux = self._phi(forward_difference(u, self._h))
        result: np.ndarray = (u - f) - self._alpha * backward_difference(flux, self._h)
        return result

    def _solve(self, u: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Solve (I + alpha/h² E^T diag(Phi') E) x = right; negative slopes are dropped if need be."""
        weights = self._alpha / self._h**2 * self._slope(forward_difference(u, self._h))
        solution = _tridiagonal(weights, right)
        if solution is None:
            solution = _tridiagonal(np.maximum(weights, 0), right)
        return right if solution is None else solution  # with weights >= 0 there always is one

    def _descend(self, u: np.ndarray, f: np.ndarray, direction: np.ndarray, gradient: np.ndarray) -> np.ndarray | None:
        """Halve the step until the energy falls enough (Armijo), or the gradient where rounding hides the fall."""
        before, rate, size = self._energy(u, f), 2 * float(gradient @ direction), 1.0
        while size >= _SMALLEST_STEP:
            candidate = u + size * direction
            after = self._energy(candidate, f)
            if after <= before + _ARMIJO * size * rate:
                return candidate
            flat = abs(after - before) <= 8 * np.finfo(float).eps * abs(before)
            if flat and np.max(np.abs(self._gradient(candidate, f))) < np.max(np.abs(gradient)):
                return candidate
            size /= 2
        return None


def _tridiagonal(weights: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Thomas algorithm for I + E^T diag(weights) E; None if a pivot is not positive (not definite)."""
    count = right.size
    diagonal = np.ones(count)
    diagonal[:-1] += weights
    diagonal[1:] += weights
    solution = right.copy()
    for i in range(1, count):
        if diagonal[i - 1] <= 0:
            return None
        factor = -weights[i - 1] / diagonal[i - 1]
        diagonal[i] += factor * weights[i - 1]
        solution[i] -= factor * solution[i - 1]
    if diagonal[-1] <= 0:
        return None
    solution[-1] /= diagonal[-1]
    for i in range(count - 2, -1, -1):
        solution[i] = (solution[i] + weights[i] * solution[i + 1]) / diagonal[i]
    return solution
