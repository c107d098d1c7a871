"""Everything that determines a generated file, as one frozen value."""

import hashlib
from dataclasses import dataclass

import sympy as sp

from symtrans._version import __version__
from symtrans.codegen.scalar import AdjointCode, ScalarCode


@dataclass(frozen=True)
class Specification:
    """One network in one dtype, ready for a target.

    Attributes
    ----------
    name : str
        An identifier; files and functions are called after it and the dtype.
    code : ScalarCode
    adjoint : AdjointCode
    blocks : int
    periodic : bool
    dtype : str
    flux : str
        The activation, in words of mathematics, for the reader of the source.
    tau, h : Expr
        In the user's symbols.
    bounded : bool
        Whether Phi is known to be bounded: its errors are then measured by its supremum.
    statements : tuple of str
        The certificate in words, one statement a line.
    accuracy : str
        "fast" or "strict": functions inlined with a proved bound, or those of the C library.
    clamp : bool
        Whether each new sample is clamped to the range of its three neighbours before the block.
    command : str
        What regenerates the files.
    """

    name: str
    code: ScalarCode
    adjoint: AdjointCode
    blocks: int
    periodic: bool
    dtype: str
    flux: str
    tau: sp.Expr
    h: sp.Expr
    bounded: bool
    statements: tuple[str, ...]
    accuracy: str
    clamp: bool
    command: str

    @property
    def function(self) -> str:
        """The name of the kernel function."""
        return f"{self.name}_{'f64' if self.dtype == 'float64' else 'f32'}"

    @property
    def boundary(self) -> str:
        """The boundary condition by name."""
        return "periodic" if self.periodic else "reflecting"

    @property
    def digest(self) -> str:
        """Hash of the specification and the version that printed it."""
        content = (
            __version__,
            self.code,
            self.blocks,
            self.periodic,
            self.dtype,
            self.tau,
            self.h,
            self.accuracy,
            self.clamp,
            self.name,
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()[:16]

    @property
    def version(self) -> str:
        """The version of symtrans."""
        return __version__
