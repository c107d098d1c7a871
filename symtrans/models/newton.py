"""Newton's method for the Euler-Lagrange equation (eq. 15), one signal at a time."""

from collections.abc import Callable
from functools import partial

import numpy as np

from symtrans.calculus.functions.evaluation import array_function
from symtrans.errors import NonlinearityError
from symtrans.models.diffusion import diffusivity_of, flux_divergence
from symtrans.models.lattice import (
    Lattice,
    ScalarFunction,
    cell_adjoint,
    cell_differences,
    forward_difference,
    over_channels,
)
from symtrans.models.lines import conjugate_gradients, tridiagonal
from symtrans.nonlinearity.kinds import Activation

_NEWTON_STEPS = 1000
_ARMIJO = 1e-4
_SMALLEST_STEP = 2.0**-40


class Newton:
    """Solves (u - f) - alpha D⁻ Phi(D⁺u) = 0, and the like on cells, so that the energy falls in every iteration."""

    def __init__(
        self,
        activation: Activation,
        parameters: dict[str, float],
        energy: Callable[[np.ndarray, np.ndarray], float],
        alpha: float,
        grid: Lattice,
        tolerance: float,
    ) -> None:
        numbers = activation.bind(parameters)
        slope = array_function(activation.half.derivative())
        self._divergence = flux_divergence(activation, grid, parameters)
        self._slope: ScalarFunction = lambda p: slope(p, numbers)
        self._g = diffusivity_of(activation, parameters)
        self._energy = energy
        self._alpha, self._grid, self._tolerance = alpha, grid, tolerance

    def __call__(self, f: np.ndarray) -> np.ndarray:
        """The solution, from u = f on."""
        u = f.copy()
        gradient = self._gradient(u, f)
        spacing = np.finfo(float).eps * float(np.max(np.abs(f)))
        start = max(float(np.max(np.abs(gradient))), spacing)
        for _ in range(_NEWTON_STEPS):
            if np.max(np.abs(gradient)) <= self._tolerance * start or start == 0:
                return u
            direction = -self._solve(u, gradient)
            if np.max(np.abs(direction)) <= spacing:  # the gradient is that of the rounding of u
                return u
            moved = self._descend(u, f, direction, gradient)
            if moved is None or np.array_equal(moved, u):  # no descent is left in floating point
                break
            u, gradient = moved, self._gradient(moved, f)
        if np.max(np.abs(gradient)) <= max(max(1e-8, self._tolerance) * start, 4 * spacing):
            return u
        raise NonlinearityError(
            f"no minimiser was found to the tolerance {self._tolerance:g} (alpha = {self._alpha:g}); "
            "Phi may jump where the minimiser lies"
        )

    def _gradient(self, u: np.ndarray, f: np.ndarray) -> np.ndarray:
        """Half the gradient of the energy: (u - f) - alpha D⁻ Phi(D⁺u)."""
        result: np.ndarray = (u - f) - self._alpha * self._divergence(u)
        return result

    def _solve(self, u: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Solve half the Hessian times x = right; its negative parts are dropped if need be."""
        grid = self._grid
        on_a_line = len(grid.sizes) == 1 and not (grid.coupled or grid.periodic)
        solver = self._on_a_line if on_a_line else self._on_cells
        solution = solver(u, right, lambda slopes: slopes)
        if solution is None:
            solution = solver(u, right, lambda slopes: np.maximum(slopes, 0))
        return right if solution is None else solution  # with slopes >= 0 there always is one

    def _on_a_line(self, u: np.ndarray, right: np.ndarray, kept: ScalarFunction) -> np.ndarray | None:
        """I + alpha/h² Eᵀ diag(Phi') E."""
        (h,) = self._grid.sizes
        return tridiagonal(kept(self._alpha / h**2 * self._slope(forward_difference(u, h))), right)

    def _on_cells(self, u: np.ndarray, right: np.ndarray, kept: ScalarFunction) -> np.ndarray | None:
        """I + alpha Wᵀ Phi' W; on a cell Phi' has the eigenvalues Phi'(r) along v = W u, and g(r) across."""
        grid, v = self._grid, cell_differences(u, self._grid)
        inner = self._on_one_cell(v, kept) if grid.coupled else partial(np.multiply, kept(self._slope(v)))
        return conjugate_gradients(
            lambda x: x + self._alpha * cell_adjoint(inner(cell_differences(x, grid)), grid), right
        )

    def _on_one_cell(self, v: np.ndarray, kept: ScalarFunction) -> ScalarFunction:
        def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            return over_channels((a * b).sum(axis=0) / self._grid.parallel_edges, self._grid)

        norm = np.sqrt(product(v, v))
        along, across = kept(self._slope(norm)), kept(self._g(norm))
        unit = v / np.where(norm == 0, 1, norm)
        return lambda x: across * x + (along - across) * product(unit, x) * unit

    def _descend(self, u: np.ndarray, f: np.ndarray, direction: np.ndarray, gradient: np.ndarray) -> np.ndarray | None:
        """Halve the step until the energy falls enough (Armijo), or the gradient where rounding hides the fall."""
        before, rate, size = self._energy(u, f), 2 * float(np.vdot(gradient, direction)), 1.0
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
