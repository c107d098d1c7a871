"""Everything that determines a generated file, as one frozen value."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

import sympy as sp

from symtrans._version import __version__
from symtrans.codegen.pipeline import Stages
from symtrans.codegen.program.three_address import Program
from symtrans.runtime.templates import texts
from symtrans.schemes import Scheme
from symtrans.schemes.grid import Grid


@dataclass(frozen=True)
class Specification:
    """One network in one dtype, ready for a target.

    Attributes
    ----------
    name : str
        An identifier; files and functions are called after it and the dtype.
    stages : Stages
        The way from the flux to the program, which is derived when it is asked for.
    blocks : int
    scheme : Scheme
    cycle : int
        The steps of one block, if it is a cycle.
    grid : Grid
        In the user's symbols.
    dtype : str
    flux : str
        The activation, in words of mathematics, for the reader of the source.
    tau : Expr
        The time step, as the sizes of the grid for printers: decimals where the user gave them.
        In the user's symbols.
    bounded : bool
        Whether Phi is known to be bounded: its errors are then measured by its supremum.
    statements : tuple of str
        The certificate in words, one statement a line.
    options : mapping
        Those of the target that bear on the text.
    clamp : bool
        Whether each new sample is clamped to the range of its three neighbours before the block.
    command : str
        What regenerates the files.
    """

    name: str
    stages: Stages
    blocks: int
    scheme: Scheme
    cycle: int
    grid: Grid
    dtype: str
    flux: str
    tau: sp.Expr
    bounded: bool
    statements: tuple[str, ...]
    options: Mapping[str, Any]
    clamp: bool
    command: str

    @property
    def function(self) -> str:
        """The name of the kernel function."""
        return f"{self.name}_{'f64' if self.dtype == 'float64' else 'f32'}"

    @property
    def update(self) -> str:
        """One block in words of mathematics."""
        return self.scheme.update(self.grid)

    @property
    def h(self) -> sp.Expr | tuple[sp.Expr, ...]:
        """The grid size, or those of all axes, in the user's symbols."""
        return self.grid.h

    @property
    def boundary(self) -> str:
        """The boundary condition by name."""
        return self.grid.boundary

    @property
    def periodic(self) -> bool:
        """Whether the boundary is periodic."""
        return self.grid.boundary == "periodic"

    @property
    def takes_diffusivity(self) -> bool:
        """Whether blocks are computed from g(|grad u|^2), not from Phi."""
        return self.scheme.takes_diffusivity(self.grid)

    @property
    def program(self) -> Program:
        """The flux, or the diffusivity."""
        return self.stages.diffusivity if self.takes_diffusivity else self.stages.program

    @property
    def gradients(self) -> Program:
        """The same, its slope, and its derivatives by parameters."""
        return self.stages.diffusivity_gradients if self.takes_diffusivity else self.stages.gradients

    def digest(self, templates: Traversable | None, gradients: bool) -> str:
        """Hash of all that a text is made from: this value, the adjoint if it is in it, the templates, the version."""
        content = (
            __version__,
            self.program,
            self.gradients if gradients else None,
            self.blocks,
            self.update,
            self.cycle,
            self.grid,
            self.dtype,
            self.tau,
            sorted(self.options.items()),
            self.clamp,
            self.name,
            sorted(texts(templates).items()) if templates is not None else None,
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()[:16]

    @property
    def version(self) -> str:
        """The version of symtrans."""
        return __version__
