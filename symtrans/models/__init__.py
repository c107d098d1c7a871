"""The four worlds of the paper as plain NumPy, to be read beside it and beside docs/dimensions.md.

They are references: the same step as explicit diffusion, as cycle-spun Haar
shrinkage, as a gradient step of a variational model, and as a residual block, on
signals, images and volumes; and the other time schemes for the same nonlinearity.
For speed, compile a `symtrans.Network`. Imports `catalogue` and what stands below it.
"""

from symtrans.models.diffusion import diffusion_step
from symtrans.models.residual import coupled_activation, difference_matrices, residual_block
from symtrans.models.schemes import fsi_cycle, implicit_step, semi_implicit_step
from symtrans.models.variational import energy, gradient_step, variational_minimise
from symtrans.models.wavelet import haar_shrinkage_step

__all__ = [
    "coupled_activation",
    "difference_matrices",
    "diffusion_step",
    "energy",
    "fsi_cycle",
    "gradient_step",
    "haar_shrinkage_step",
    "implicit_step",
    "residual_block",
    "semi_implicit_step",
    "variational_minimise",
]
