"""The residual block of Section 2.4 and the matrices of Theorem 1, in any number of dimensions."""

from math import prod
from typing import Any

import numpy as np

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.models.diffusion import diffusivity_of
from symtrans.models.lattice import Lattice, ScalarFunction, cell_differences, forward_difference, lattice_of, weighted
from symtrans.nonlinearity.kind import Kind
from symtrans.runtime.public import public
from symtrans.schemes.grid import count_of


@public
def residual_block(
    f: Any,
    w1: Any,
    w2: Any,
    b1: Any = 0.0,
    b2: Any = 0.0,
    *,
    sigma_1: ScalarFunction,
    sigma_2: ScalarFunction = lambda x: x,
) -> np.ndarray:
    """One residual block (eq. 4): u = sigma_2(f + W2 sigma_1(W1 f + b1) + b2).

    Parameters
    ----------
    f : array_like, shape (..., N)
    w1 : array_like, shape (M, N)
    w2 : array_like, shape (N, M)
    b1, b2 : array_like, shapes (M,) and (N,), or numbers
    sigma_1, sigma_2 : callable
        Activations, acting on arrays pointwise or as `coupled_activation`; sigma_2 is the identity by default.

    Examples
    --------
    Theorem 1: with these weights it is a diffusion step.

    >>> plus, minus = difference_matrices(3)
    >>> residual_block([0.0, 1.0, 0.0], plus, 0.25 * minus, sigma_1=lambda p: p)
    array([0.25, 0.5 , 0.25])
    """
    f, w1, w2 = np.asarray(f, dtype=float), np.asarray(w1, dtype=float), np.asarray(w2, dtype=float)
    if w1.ndim != 2 or w2.shape != w1.shape[::-1] or f.ndim == 0 or f.shape[-1] != w1.shape[1]:
        raise NonlinearityError(
            f"W1 {w1.shape} and W2 {w2.shape} do not fit a signal of shape {f.shape}: "
            "with N samples they are (M, N) and (N, M)"
        )
    inner = sigma_1(f @ w1.T + np.asarray(b1, dtype=float))
    return sigma_2(f + inner @ w2.T + np.asarray(b2, dtype=float))


@public
def difference_matrices(
    samples: int | tuple[int, ...],
    h: float | tuple[float, ...] = 1.0,
    boundary: str = "reflecting",
    *,
    coupling: str = "isotropic",
    channels: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The convolution matrices D_h⁺ and D_h⁻ = -(D_h⁺)ᵀ of Theorem 1; of cells, W and -WᵀC.

    Parameters
    ----------
    samples : int or tuple of int
        N, or (N1, ..., Nd) for a tuple h, or (C, N1, ..., Nd) with channels.
    h : float or tuple of float
        Grid size; a tuple has one for each axis.
    boundary : {"reflecting", "periodic"}
    coupling : {"isotropic", "separable"}
        Rows for each edge of each cell, which a `coupled_activation` takes together; or one row for each edge.
    channels : bool
        The first of `samples` counts channels.

    Returns
    -------
    plus : ndarray, shape (M, N)
        Forward differences over the M edges: M = N - 1 if reflecting, N if periodic.
        Where cells share a nonlinearity: for each cell the differences along its edges, channel by channel,
        times 2^((1-d)/2).
    minus : ndarray, shape (N, M)
        Cells on the rim weigh 1/2 for each axis in which they stick out: that is C.

    Examples
    --------
    >>> plus, minus = difference_matrices(3)
    >>> plus
    array([[-1.,  1.,  0.],
           [ 0., -1.,  1.]])
    >>> bool((minus == -plus.T).all())
    True

    Point 4 of docs/dimensions.md: a cell of four samples has four edges, which share one activation.

    >>> u, g = np.eye(3), lambda r: 1 / (1 + r**2)
    >>> plus, minus = difference_matrices((3, 3), h=(1, 1))
    >>> sigma = coupled_activation(lambda r: g(r) * r, group=4)
    >>> residual_block(u.ravel(), plus, 0.25 * minus, sigma_1=sigma).reshape(3, 3).round(3)
    array([[0.792, 0.208, 0.   ],
           [0.208, 0.583, 0.208],
           [0.   , 0.208, 0.792]])
    """
    grid = lattice_of(h, boundary, coupling, channels)
    shape = tuple(count_of(n, "samples") for n in (samples if isinstance(samples, tuple | list) else [samples]))
    if len(shape) != len(grid.sizes) + grid.channels:
        raise NonlinearityError(
            f"samples = {samples!r} and h = {h!r} do not fit: one number for each axis of h"
            + (", after that of channels" if channels else "")
        )
    units = np.eye(prod(shape)).reshape(-1, *shape)
    if not grid.coupled:
        edges = [forward_difference(units, size, boundary, axis) for axis, size in grid.axes]
        plus = np.concatenate([part.reshape(len(units), -1).T for part in edges])
        return plus, -plus.T
    rows = cell_differences(units, grid) / np.sqrt(grid.parallel_edges)
    plus, minus = (_cell_by_cell(part, grid) for part in (rows, -weighted(rows, grid)))
    return plus, minus.T


def _cell_by_cell(rows: np.ndarray, grid: Lattice) -> np.ndarray:
    """(edges, samples, [channels,] cells) as a matrix of (cells, [channels,] edges) by samples."""
    rows = np.moveaxis(rows, (0, 1), (-2, -1))
    if grid.channels:
        rows = np.moveaxis(rows, 0, -3)
    return rows.reshape(-1, rows.shape[-1])


@public
def coupled_activation(flux: Kind | Family | ScalarFunction, group: int, **parameters: float) -> ScalarFunction:
    """The activation ``v -> g(|v|) v`` of groups of neighbours, in place of Phi(v) = g(v) v of each number alone.

    Parameters
    ----------
    flux : Kind, Family or callable
        The nonlinearity in any form, or Phi as a function of arrays.
    group : int
        How many numbers share one norm: d 2^(d-1) for the edges of a cell, times the number of channels.
    **parameters : float
        Parameters of the nonlinearity by keyword.

    Returns
    -------
    callable
        On arrays of shape (..., M), where M is a multiple of `group`.

    Examples
    --------
    >>> coupled_activation(np.tanh, group=2)(np.array([0.3, 0.4, 0.0, 0.0])).round(4)
    array([0.2773, 0.3697, 0.    , 0.    ])
    """
    g = diffusivity_of(flux, parameters)

    def activate(v: np.ndarray) -> np.ndarray:
        groups = v.reshape(*v.shape[:-1], -1, group)
        norms = np.sqrt((groups**2).sum(axis=-1, keepdims=True))
        activated: np.ndarray = (g(norms) * groups).reshape(v.shape)
        return activated

    return activate
