"""The grid: how far its samples lie apart, what stands beyond its ends, and what its differences amount to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import sympy as sp

from symtrans.errors import NonlinearityError
from symtrans.language.symbols import quantity

BOUNDARIES = ("reflecting", "periodic")
COUPLINGS = ("isotropic", "separable")
_MOST_AXES = 3


@dataclass(frozen=True)
class Grid:
    r"""The samples of a signal, an image or a volume.

    Attributes
    ----------
    sizes : tuple of Expr
        The grid size h along each of the last axes of an array, one to three.
    boundary : {"reflecting", "periodic"}
        The signal goes on as its mirror image, so that nothing flows over its ends; or it is a ring, or a torus.
    coupling : {"isotropic", "separable"}
        The 2^d samples of a cell share the nonlinearity, a function of \|∇u\|; or each edge has its own. On one axis
        without channels they are the same, "isotropic".
    channels : bool
        Whether the axis before these holds channels, which share one \|∇u\|.

    Examples
    --------
    >>> grid = Grid.of("1/2")
    >>> grid.sizes, grid.norm(), grid.norm(samples=2)
    ((1/2,), 16, 8)
    >>> Grid.of((1, 2)).inverse_squares
    5/4
    """

    sizes: tuple[sp.Expr, ...]
    boundary: str = "reflecting"
    coupling: str = "isotropic"
    channels: bool = False

    @classmethod
    def of(
        cls, h: Any = 1, boundary: str | None = None, coupling: str | None = None, channels: bool | None = None
    ) -> "Grid":
        """The grid of a size h, a number, text or expression, or of a tuple of them, one an axis; a grid is itself.

        Raises
        ------
        NonlinearityError
            If a size is not positive, there are more than three, or no such boundary or coupling.
        """
        if isinstance(h, Grid):
            for name, value in (("boundary", boundary), ("coupling", coupling), ("channels", channels)):
                if value not in (None, getattr(h, name)):
                    raise NonlinearityError(f"{name} = {value!r} for a grid of {name} {getattr(h, name)!r}")
            return h
        sizes = sizes_of(h)
        if not 1 <= len(sizes) <= _MOST_AXES:
            raise NonlinearityError(
                f"h = {h!r} has {len(sizes)} entries; a grid has one to three axes, with a size each"
            )
        if channels not in (None, False, True):
            raise NonlinearityError(f"channels = {channels!r} is neither True nor False")
        channels = bool(channels)
        coupling = _known(coupling or "isotropic", "coupling", COUPLINGS)
        if channels and coupling == "separable":
            raise NonlinearityError(
                'coupling = "separable" gives each edge a nonlinearity of its own, which channels cannot share: '
                "leave out channels (each is then filtered alone), or the coupling"
            )
        if len(sizes) == 1:
            coupling = "isotropic"
        return cls(tuple(map(_size, sizes)), known_boundary(boundary or "reflecting"), coupling, channels)

    @property
    def dimensions(self) -> int:
        """The number of axes."""
        return len(self.sizes)

    @property
    def axes(self) -> int:
        """The number of axes of one signal: those that are filtered, and that of channels."""
        return self.dimensions + self.channels

    @property
    def axes_in_words(self) -> str:
        """What one signal needs of an array."""
        if self.axes == 1:
            return "at least one axis; the last is the one that is filtered"
        filtered = "the last is" if self.dimensions == 1 else f"the last {self.dimensions} are"
        before = ", that of the channels before them" if self.channels else ""
        return f"at least {self.axes} axes; {filtered} filtered{before}"

    @property
    def coupled(self) -> bool:
        """Whether several differences share one nonlinearity."""
        return self.coupling == "isotropic" and (self.dimensions > 1 or self.channels)

    @property
    def h(self) -> sp.Expr | tuple[sp.Expr, ...]:
        """The grid size of the one axis, or those of all."""
        return self.sizes[0] if self.dimensions == 1 else self.sizes

    @property
    def inverse_squares(self) -> sp.Expr:
        """The sum of 1/h² over the axes: what a time step is measured against."""
        return sp.Add(*(1 / size**2 for size in self.sizes))

    def with_sizes(self, sizes: Iterable[sp.Expr]) -> "Grid":
        """The same grid with other sizes."""
        return Grid(tuple(sizes), self.boundary, self.coupling, self.channels)

    def norm(self, samples: int | Sequence[int] | None = None) -> sp.Expr:
        """The largest eigenvalue of (D⁺)ᵀD⁺: the sum over axes of 4 cos²(pi/(2 N))/h² for N samples.

        On a ring of an even number it is 4/h², as is the supremum over all N, without `samples`; that is also the
        largest sum of moduli in a row. (Where cells share edges, D⁺ has an edge once for each cell, over the root of
        their number.)
        """
        if samples is None:
            return 4 * self.inverse_squares
        counts = self.counts(samples)
        return sp.Add(
            *(4 * self._largest_share(count) / size**2 for count, size in zip(counts, self.sizes, strict=True))
        )

    def counts(self, samples: int | Sequence[int]) -> tuple[int, ...]:
        """The number of samples along each axis, given as one number for one axis, or one an axis."""
        counts = tuple(samples) if isinstance(samples, tuple | list) else (samples,)
        if len(counts) != self.dimensions:
            raise NonlinearityError(
                f"samples = {samples!r} for a grid of {self.dimensions} axes; give one number an axis"
            )
        return tuple(count_of(count, "samples") for count in counts)

    def _largest_share(self, samples: int) -> sp.Expr:
        if self.boundary == "periodic" and samples % 2 == 0:
            return sp.S.One
        return sp.cos(sp.pi / (2 * samples)) ** 2


def sizes_of(h: Any) -> tuple[Any, ...]:
    """The grid sizes that are given, as one or as a sequence or an array of them."""
    return tuple(h) if isinstance(h, tuple | list) or getattr(h, "ndim", 0) == 1 else (h,)


def count_of(value: Any, what: str, most: int | None = None) -> int:
    """A positive whole number, also one of NumPy's, or a refusal of what is none.

    Examples
    --------
    >>> count_of(2.5, "blocks")
    Traceback (most recent call last):
    symtrans.errors.NonlinearityError: blocks = 2.5 must be a whole number from 1 on
    """
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not is_whole or value < 1 or (most is not None and value > most):
        raise NonlinearityError(f"{what} = {value!r} must be a whole number from 1 {f'to {most}' if most else 'on'}")
    return int(value)


def known_boundary(boundary: str) -> str:
    """A boundary that there is."""
    return _known(boundary, "boundary", BOUNDARIES)


def _known(value: str, what: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise NonlinearityError(f"{what} = {value!r} is none of {', '.join(choices)}")
    return value


def _size(h: Any) -> sp.Expr:
    size = quantity(h, "h")
    if size.is_zero or size.is_negative:
        raise NonlinearityError(f"the grid size h = {h!r} must be positive")
    return size
