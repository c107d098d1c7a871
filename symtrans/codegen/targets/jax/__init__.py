"""The JAX target: one module with a pure function, which needs JAX and nothing else."""

from symtrans.codegen.targets.arrays import covers
from symtrans.codegen.targets.jax.emit import TEMPLATES, emit
from symtrans.codegen.targets.jax.load import load
from symtrans.codegen.targets.target import Target

JAX = Target("jax", emit, load, templates=TEMPLATES, covers=covers)
