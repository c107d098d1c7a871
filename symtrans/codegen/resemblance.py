"""Arrays that look like an image where a kernel takes them for a stack of signals."""

import numpy as np

from symtrans.schemes.grid import Grid

LEAST = 16
"""Samples along each axis of what may be an image."""
_LOOKED_AT = 64  # rows, and columns, at most
_COLOURS = (3, 4)


def plane_of(u: np.ndarray) -> np.ndarray | None:
    """Two axes of an array that may be those of an image, without its colours; None of what is too small."""
    if u.ndim > 2 and u.shape[-1] in _COLOURS:
        u = u[..., 0]
    if u.ndim < 2 or min(u.shape[-2:]) < LEAST or 0 in u.shape:
        return None
    plane: np.ndarray = u[(0,) * (u.ndim - 2)]
    return plane


def misread(u: np.ndarray, grid: Grid) -> str:
    """What is to be said of an image that is filtered as something else; empty of anything else.

    An image is what has neighbours that resemble one another, with a correlation above 1/2, along both axes.

    Examples
    --------
    >>> rows = np.add.outer(np.arange(20.0) ** 2, np.arange(30.0))
    >>> misread(rows, Grid.of())
    'an array of shape (20, 30) looks like an image, and each row is filtered by itself: did you mean h=(1, 1)?'
    >>> misread(rows, Grid.of((1, 1))), misread(np.random.default_rng(0).normal(size=(20, 30)), Grid.of())
    ('', '')
    """
    plane, colours = plane_of(u), u.ndim > 2 and u.shape[-1] in _COLOURS
    if plane is None or (not colours and (grid.dimensions > 1 or grid.channels)) or not _is_smooth(plane):
        return ""
    looks = f"an array of shape {u.shape} looks like an image"
    if colours:
        axes = "the axis that is" if grid.dimensions == 1 else "the axes that are"
        return (
            f"{looks} whose {u.shape[-1]} colours stand on {axes} filtered; they stand before: np.moveaxis(u, -1, -3)"
        )
    return f"{looks}, and each row is filtered by itself: did you mean h=(1, 1)?"


def _is_smooth(plane: np.ndarray) -> bool:
    """Whether neighbours resemble one another along both axes, judged by some of them; copies of a row do not count."""
    rows, columns = (max(1, length // _LOOKED_AT) for length in plane.shape)
    here, below, beside = (
        part[::rows, ::columns].astype(float) for part in (plane[:-1, :-1], plane[1:, :-1], plane[:-1, 1:])
    )
    limit = np.var(here)  # of half the mean square of a difference, 1 minus the correlation
    return all(0 < np.mean((other - here) ** 2) < limit for other in (below, beside))
