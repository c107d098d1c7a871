"""Linear systems of neighbours: I + Eᵀ diag(weights) E on lines and rings, and conjugate gradients beyond."""

from collections.abc import Callable

import numpy as np

_MOST_ITERATIONS, _FRACTION = 2000, 1e-4


def solve_lines(weights: np.ndarray, right: np.ndarray, periodic: bool, axis: int) -> np.ndarray | None:
    """Solve (I + Eᵀ diag(weights) E) x = right along one axis, None where it is not definite."""
    weights, right = np.moveaxis(weights, axis, -1), np.moveaxis(right, axis, -1)
    solved = (ring if periodic else tridiagonal)(weights, right)
    return None if solved is None else np.moveaxis(solved, -1, axis)


def tridiagonal(weights: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Thomas algorithm for I + Eᵀ diag(weights) E; None if a pivot is not positive (not definite)."""
    count = right.shape[-1]
    diagonal = np.ones_like(right)
    diagonal[..., :-1] += weights
    diagonal[..., 1:] += weights
    solution = right.copy()
    for i in range(1, count):
        if np.any(diagonal[..., i - 1] <= 0):
            return None
        factor = -weights[..., i - 1] / diagonal[..., i - 1]
        diagonal[..., i] += factor * weights[..., i - 1]
        solution[..., i] -= factor * solution[..., i - 1]
    if np.any(diagonal[..., -1] <= 0):
        return None
    solution[..., -1] /= diagonal[..., -1]
    for i in range(count - 2, -1, -1):
        solution[..., i] = (solution[..., i] + weights[..., i] * solution[..., i + 1]) / diagonal[..., i]
    return solution


def ring(weights: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """The same where the last weight joins the last sample and the first: a line and w e eᵀ (Sherman and Morrison)."""
    line, last = weights[..., :-1], weights[..., -1:]
    ends = np.zeros_like(right)
    ends[..., -1] += 1
    ends[..., 0] -= 1
    x, z = tridiagonal(line, right), tridiagonal(line, ends)
    if x is None or z is None:
        return None

    def between(v: np.ndarray) -> np.ndarray:
        difference: np.ndarray = v[..., -1:] - v[..., :1]
        return difference

    pivot = 1 + last * between(z)
    return None if np.any(pivot <= 0) else x - z * (last * between(x) / pivot)


def conjugate_gradients(apply: Callable[[np.ndarray], np.ndarray], right: np.ndarray) -> np.ndarray | None:
    """Solve a symmetric system until its residual has fallen to a fraction; None if it is not positive definite."""
    x, residual = np.zeros_like(right), right.copy()
    direction, size = residual, float(np.vdot(residual, residual))
    target = _FRACTION**2 * size
    for _ in range(_MOST_ITERATIONS):
        if size <= target:
            break
        image = apply(direction)
        curvature = float(np.vdot(direction, image))
        if curvature <= 0:
            return None
        x = x + size / curvature * direction
        residual = residual - size / curvature * image
        before, size = size, float(np.vdot(residual, residual))
        direction = residual + size / before * direction
    return x
