"""The grid: how far its samples lie apart, what stands beyond its ends, and what its differences amount to."""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from symtrans.errors import NonlinearityError
from symtrans.language.symbols import quantity

BOUNDARIES = ("reflecting", "periodic")


@dataclass(frozen=True)
class Grid:
    """The samples of a signal.

    Attributes
    ----------
    sizes : tuple of Expr
        The grid size h along each axis; so far there is one.
    boundary : {"reflecting", "periodic"}
        The signal goes on as its mirror image, so that nothing flows over its ends; or it is a ring.

    Examples
    --------
    >>> grid = Grid.of("1/2")
    >>> grid.sizes, grid.norm(), grid.norm(samples=2)
    ((1/2,), 16, 8)
    """

    sizes: tuple[sp.Expr, ...]
    boundary: str = "reflecting"

    @classmethod
    def of(cls, h: Any = 1, boundary: str | None = None) -> "Grid":
        """The grid of a size h given as a number, text or expression, alone or in a tuple; a grid is itself.

        Raises
        ------
        NonlinearityError
            If h is not positive, there is more than one axis, or no such boundary.
        """
        if isinstance(h, Grid):
            if boundary not in (None, h.boundary):
                raise NonlinearityError(f"boundary = {boundary!r} for a grid that is {h.boundary}")
            return h
        sizes = tuple(h) if isinstance(h, tuple | list) else (h,)
        if len(sizes) != 1:
            raise NonlinearityError(f"h = {h!r} has {len(sizes)} axes; a grid has one so far: give one number")
        return cls((_size(sizes[0]),), known_boundary("reflecting" if boundary is None else boundary))

    @property
    def h(self) -> sp.Expr:
        """The grid size of the one axis."""
        (size,) = self.sizes
        return size

    @property
    def inverse_squares(self) -> sp.Expr:
        """The sum of 1/h² over the axes: what a time step is measured against."""
        return sp.Add(*(1 / size**2 for size in self.sizes))

    def norm(self, samples: int | None = None) -> sp.Expr:
        """The largest eigenvalue of (D⁺)ᵀD⁺: 4 cos²(pi/(2 N))/h² for N samples, and 4/h² on a ring of an even number.

        Without `samples` it is the supremum over all N, 4/h²; that is also the largest sum of moduli in a row.
        """
        most = 4 * self.inverse_squares
        if samples is None or (self.boundary == "periodic" and samples % 2 == 0):
            return most
        return most * sp.cos(sp.pi / (2 * samples)) ** 2


def known_boundary(boundary: str) -> str:
    """A boundary that there is."""
    if boundary not in BOUNDARIES:
        raise NonlinearityError(f"boundary = {boundary!r} is none of {', '.join(BOUNDARIES)}")
    return boundary


def _size(h: Any) -> sp.Expr:
    size = quantity(h, "h")
    if size.is_zero or size.is_negative:
        raise NonlinearityError(f"the grid size h = {h!r} must be positive")
    return size
