"""Shift-invariant Haar wavelet shrinkage on the finest scale (Section 3.2)."""

from typing import Any

import numpy as np

from symtrans.catalogue.family import Family
from symtrans.models.diffusion import ScalarFunction, function_of, signal_of
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Shrinkage
from symtrans.runtime.public import public
from symtrans.schemes.grid import known_boundary


@public
def haar_shrinkage_step(
    u: Any,
    shrinkage: Kind | Family | ScalarFunction,
    tau: Any = None,
    *,
    boundary: str = "reflecting",
    **parameters: float,
) -> np.ndarray:
    """One cycle-spun Haar shrinkage on the finest scale (eq. 2), which equals one diffusion step (eq. 11).

    The signal is analysed in both ways to pair neighbours; in each pair the
    scaling coefficient (a + b)/√2 is kept and S acts on the detail
    (b - a)/√2; the two syntheses are averaged.

    Parameters
    ----------
    u : array_like, shape (..., N)
    shrinkage : Kind, Family or callable
        The nonlinearity in any form, or S as a function of arrays.
    tau : number, optional
        The time step to which a nonlinearity of another kind is translated.
    boundary : {"reflecting", "periodic"}
    **parameters : float
        Parameters of the nonlinearity by keyword.

    Examples
    --------
    >>> haar_shrinkage_step([0.0, 1.0, 0.0], lambda w: 0 * w)
    array([0.25, 0.5 , 0.25])
    """
    u = signal_of(u)
    s = function_of(shrinkage, Shrinkage, parameters, tau)
    # beyond a reflecting end stands the mirror image: the end sample is paired with itself
    before, after = u[..., :1], u[..., -1:]
    if known_boundary(boundary) == "periodic":
        before, after = after, before
    around = np.concatenate([before, u, after], axis=-1)
    as_left, as_right = _shrink_pairs(around[..., :-1], around[..., 1:], s)
    average: np.ndarray = (as_left[..., 1:] + as_right[..., :-1]) / 2
    return average


def _shrink_pairs(a: np.ndarray, b: np.ndarray, shrink: ScalarFunction) -> tuple[np.ndarray, np.ndarray]:
    """Analysis, shrinkage and synthesis of every pair (a, b)."""
    root2 = np.sqrt(a.dtype.type(2))
    scaling, detail = (a + b) / root2, shrink((b - a) / root2)
    return (scaling - detail) / root2, (scaling + detail) / root2
