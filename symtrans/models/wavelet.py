"""Shift-invariant Haar wavelet shrinkage on the finest scale (Section 3.2), in any number of dimensions."""

from functools import reduce
from itertools import product
from operator import add
from typing import Any

import numpy as np

from symtrans.catalogue.family import Family
from symtrans.models.diffusion import function_of
from symtrans.models.lattice import Lattice, ScalarFunction, around, corner, cut, on_lattice, over_channels
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Shrinkage
from symtrans.runtime.public import public


@public
def haar_shrinkage_step(
    u: Any,
    shrinkage: Kind | Family | ScalarFunction,
    tau: Any = None,
    h: float | tuple[float, ...] = 1.0,
    *,
    boundary: str = "reflecting",
    coupling: str = "isotropic",
    channels: bool = False,
    **parameters: float,
) -> np.ndarray:
    """One cycle-spun Haar shrinkage on the finest scale (eq. 2), which equals one diffusion step (eq. 11).

    The signal is analysed in both ways to pair neighbours; in each pair the
    scaling coefficient (a + b)/√2 is kept and S acts on the detail
    (b - a)/√2; the two syntheses are averaged.

    In d dimensions the 2^d samples of a cell are analysed together, in all 2^d ways to part the grid into cells.
    Let K be the set of axes along which a wavelet oscillates, and λ_K = 4 Σ_{a∈K} 1/h_a². With
    ``|∇u|² = 2^-d Σ_K λ_K w_K²`` and ``ρ = |∇u|/√2``, its coefficient w_K becomes
    ``(1 - τ λ_K g(|∇u|)) w_K = (1 - (λ_K/4) (1 - S(ρ)/ρ)) w_K``.

    Parameters
    ----------
    u : array_like, shape (..., N), (..., N1, ..., Nd) or, with channels, (..., C, N1, ..., Nd)
    shrinkage : Kind, Family or callable
        The nonlinearity in any form, or S, as it is for one dimension and h = 1, as a function of arrays.
    tau : number, optional
        The time step to which a nonlinearity of another kind is translated.
    h : float or tuple of float
        Grid size; a tuple has one for each of the last axes.
    boundary : {"reflecting", "periodic"}
    coupling : {"isotropic", "separable"}
        Separable: the changes that one-dimensional shrinkages make along each axis are added up.
    channels : bool
        The coefficients of all channels, on the axis before the filtered ones, join in one ``|∇u|``.
    **parameters : float
        Parameters of the nonlinearity by keyword.

    Examples
    --------
    >>> haar_shrinkage_step([0.0, 1.0, 0.0], lambda w: 0 * w)
    array([0.25, 0.5 , 0.25])
    """
    u, grid = on_lattice(u, h, boundary, coupling, channels)
    s = function_of(shrinkage, Shrinkage, parameters, tau)
    if grid.coupled:
        return _shrink_cells(u, s, grid)
    along = [_shrink_along(u, s, size, grid, axis) for axis, size in grid.axes]
    return reduce(lambda result, line: result + (line - u), along[1:], along[0])


def _shrink_along(u: np.ndarray, s: ScalarFunction, h: Any, grid: Lattice, axis: int) -> np.ndarray:
    """The shrinkage of pairs along one axis."""
    # beyond a reflecting end stands the mirror image: the end sample is paired with itself
    before, after = cut(u, axis, None, 1), cut(u, axis, -1, None)
    if grid.periodic:
        before, after = after, before
    beyond = np.concatenate([before, u, after], axis=axis)
    # S for h = 1 gives that for h: w (1 - (4 tau/h²) g(√2 w/h))
    shrink = s if h == 1 else lambda w: w - (w / h - s(w / h)) / h
    as_left, as_right = _shrink_pairs(cut(beyond, axis, None, -1), cut(beyond, axis, 1, None), shrink)
    average: np.ndarray = (cut(as_left, axis, 1, None) + cut(as_right, axis, None, -1)) / 2
    return average


def _shrink_pairs(a: np.ndarray, b: np.ndarray, shrink: ScalarFunction) -> tuple[np.ndarray, np.ndarray]:
    """Analysis, shrinkage and synthesis of every pair (a, b)."""
    root2 = np.sqrt(a.dtype.type(2))
    scaling, detail = (a + b) / root2, shrink((b - a) / root2)
    return (scaling - detail) / root2, (scaling + detail) / root2


def _shrink_cells(u: np.ndarray, s: ScalarFunction, grid: Lattice) -> np.ndarray:
    """Analysis, shrinkage and synthesis of every cell, and the average over the 2^d cells of a sample.

    The coefficients carry a factor 2^(d/2), without which there would be roots in it.
    """
    corners = list(product((0, 1), repeat=len(grid.sizes)))
    axes = [axis for axis, _ in grid.axes]
    haar = np.array([[(-1) ** int(np.dot(k, c)) for c in corners] for k in corners]).astype(u.dtype)
    oscillation = np.array([reduce(add, (4 * k / h**2 for k, h in zip(ks, grid.sizes, strict=True))) for ks in corners])
    oscillation = oscillation.astype(u.dtype)

    v = around(u, grid)
    w = np.tensordot(haar, np.stack([corner(v, dict(zip(axes, c, strict=True))) for c in corners]), 1)
    squares = over_channels(np.tensordot(oscillation, w * w, 1), grid) / 4 ** len(grid.sizes)
    rho = np.sqrt(squares / 2)
    flat = rho == 0
    removed = np.where(flat, 0 * rho, 1 - s(rho) / np.where(flat, 1 + 0 * rho, rho))
    w = w * (1 - np.multiply.outer(oscillation, removed) / 4)
    cells = np.tensordot(haar.T, w, 1)
    # the sample at a corner of its cell is at the other corner of the grid of cells
    spun = [
        corner(cell, {axis: 1 - side for axis, side in zip(axes, sides, strict=True)})
        for cell, sides in zip(cells, corners, strict=True)
    ]
    result: np.ndarray = reduce(add, spun) / 4 ** len(grid.sizes)
    return result
