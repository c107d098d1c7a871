"""What computes the network of a recipe on tensors: its C kernel, and its plain-Torch source."""

from functools import cached_property, lru_cache
from typing import Any

import torch
from torch import Tensor

from symtrans.codegen.targets.loading import module_of
from symtrans.codegen.targets.target import Adjoint, Filter
from symtrans.errors import CompilerError
from symtrans.runtime.c_compiler import find_compiler
from symtrans.torch.recipe import Recipe

DTYPES = {torch.float32: "float32", torch.float64: "float64"}


@lru_cache(maxsize=1)
def has_compiler() -> bool:
    """Whether C kernels can be made here."""
    try:
        find_compiler()
    except CompilerError:
        return False
    return True


class Compiled:
    """The C kernel of a recipe; its adjoint is compiled when it is first asked for."""

    def __init__(self, recipe: str, dtype: torch.dtype, threads: int) -> None:
        read = Recipe.read(recipe)
        self.axes = read.axes + read.channels
        self._functions = read.network.compile("c", DTYPES[dtype], threads=threads).functions

    @cached_property
    def run(self) -> Filter:
        """Filters arrays of shape (signals, ..., N)."""
        return self._functions.run

    @cached_property
    def adjoint(self) -> Adjoint:
        """Gradients of such."""
        return self._functions.adjoint()


class Plain:
    """The plain-Torch source of a recipe: differentiable as often as one likes, on every device."""

    def __init__(self, recipe: str, dtype: torch.dtype) -> None:
        read = Recipe.read(recipe)
        module = module_of(read.network.source("torch", DTYPES[dtype]))
        self.block = module.block
        self.flux: Any = module.Flux.apply if hasattr(module, "Flux") else None
        self.blocks, self.axes = read.blocks, read.axes

    def __call__(self, u: Tensor, parameters: Tensor) -> Tensor:
        """The network; arguments as those of the op."""
        channels, _, layers = parameters.shape
        shape = [channels, *[1] * self.axes] if channels > 1 else []
        for k in range(self.blocks):
            values = parameters[:, :, k if layers > 1 else 0].unbind(1)
            u = self.block(u, *(value.reshape(shape) for value in values))
        return u


compiled = lru_cache(maxsize=256)(Compiled)
_PLAIN: dict[str, Plain] = {}


def plain(recipe: str, dtype: torch.dtype) -> Plain:
    """The plain-Torch source, made once: where a graph is traced, before that reads it."""
    key = _made(recipe, dtype)
    return _PLAIN[key]


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _made(recipe: str, dtype: torch.dtype) -> str:
    key = f"{dtype} {recipe}"
    if key not in _PLAIN:
        _PLAIN[key] = Plain(recipe, dtype)
    return key
