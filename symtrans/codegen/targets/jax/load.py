"""A JAX module run on NumPy arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.jax.emit import emit
from symtrans.codegen.targets.loading import library, namespace_of
from symtrans.codegen.targets.target import Loaded, Value
from symtrans.errors import NonlinearityError


def load(specification: Specification, options: Mapping[str, Any]) -> Loaded:
    """Run the module; JAX must be installed, and for float64 told to have it."""
    jax = library("jax")
    function = jax.jit(namespace_of(emit(specification))[specification.function])

    def is_ready() -> None:
        if specification.dtype == "float64" and not jax.config.jax_enable_x64:
            raise NonlinearityError.told(
                lambda remedy: f"JAX computes in float32 alone unless told otherwise: {remedy}",
                'say jax.config.update("jax_enable_x64", True) first, or compile with dtype="float32"',
                "take --dtype float32, or set JAX_ENABLE_X64=1 in the environment",
            )

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        is_ready()
        u[...] = function(f, *values)

    def adjoint(u: np.ndarray, cotangent: np.ndarray, values: tuple[Value, ...]) -> tuple[np.ndarray, np.ndarray]:
        is_ready()
        layers = [np.broadcast_to(np.asarray(value, u.dtype), specification.blocks) for value in values]
        grad, *by = jax.vjp(function, u, *layers)[1](jax.numpy.asarray(cotangent))
        return np.array(grad), np.array(by, float).reshape(-1, specification.blocks)

    return Loaded(run, lambda: adjoint)
