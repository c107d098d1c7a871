"""The four worlds of the paper as plain NumPy, to be read beside it.

They are references: the same step as explicit diffusion, as cycle-spun Haar
shrinkage, as a gradient step of a variational model, and as a residual block.
For speed, compile a `symtrans.Network`. Imports `catalogue` and what stands below it.
"""

from symtrans.models.diffusion import diffusion_step
from symtrans.models.residual import difference_matrices, residual_block
from symtrans.models.variational import energy, variational_minimise
from symtrans.models.wavelet import haar_shrinkage_step

__all__ = [
    "difference_matrices",
    "diffusion_step",
    "energy",
    "haar_shrinkage_step",
    "residual_block",
    "variational_minimise",
]
