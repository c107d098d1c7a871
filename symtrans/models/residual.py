"""The residual block of Section 2.4 and the matrices of Theorem 1."""

from collections.abc import Callable
from typing import Any

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.models.diffusion import forward_difference, grid_size
from symtrans.runtime.public import public

Pointwise = Callable[[np.ndarray], np.ndarray]


@public
def residual_block(
    f: Any,
    w1: Any,
    w2: Any,
    b1: Any = 0.0,
    b2: Any = 0.0,
    *,
    sigma_1: Pointwise,
    sigma_2: Pointwise = lambda x: x,
) -> np.ndarray:
    """One residual block (eq. 4): u = sigma_2(f + W2 sigma_1(W1 f + b1) + b2).

    Parameters
    ----------
    f : array_like, shape (..., N)
    w1 : array_like, shape (M, N)
    w2 : array_like, shape (N, M)
    b1, b2 : array_like, shapes (M,) and (N,), or numbers
    sigma_1, sigma_2 : callable
        Activations, acting on arrays pointwise; sigma_2 is the identity by default.

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
def difference_matrices(samples: int, h: float = 1.0, boundary: str = "reflecting") -> tuple[np.ndarray, np.ndarray]:
    """The convolution matrices D_h⁺ and D_h⁻ = -(D_h⁺)ᵀ of Theorem 1.

    Returns
    -------
    plus : ndarray, shape (M, N)
        Forward differences over the M edges: M = N - 1 if reflecting, N if periodic.
    minus : ndarray, shape (N, M)

    Examples
    --------
    >>> plus, minus = difference_matrices(3)
    >>> plus
    array([[-1.,  1.,  0.],
           [ 0., -1.,  1.]])
    >>> bool((minus == -plus.T).all())
    True
    """
    if isinstance(samples, bool) or not isinstance(samples, int | np.integer) or samples < 1:
        raise NonlinearityError(f"samples = {samples!r} must be a positive whole number")
    plus = forward_difference(np.eye(samples), grid_size(h), boundary).T
    return plus, -plus.T
