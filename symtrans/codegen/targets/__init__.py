"""Which languages can a network be generated in? Each folder is one; other packages add more: `TARGETS` lists them."""

from symtrans.codegen.targets.c import C
from symtrans.codegen.targets.jax import JAX
from symtrans.codegen.targets.numpy import NUMPY
from symtrans.codegen.targets.target import Loaded, Option, Target
from symtrans.codegen.targets.torch import TORCH
from symtrans.errors import NonlinearityError
from symtrans.runtime.plugins import Registry

__all__ = ["TARGETS", "Loaded", "Option", "Target", "target_of"]

TARGETS = Registry((C, NUMPY, TORCH, JAX), "symtrans.targets", Target)


def target_of(name: str) -> Target:
    """The target of this name; the error lists those that there are."""
    if name not in TARGETS:
        raise NonlinearityError(f"target = {name!r} is none of {', '.join(TARGETS)}")
    return TARGETS[name]
