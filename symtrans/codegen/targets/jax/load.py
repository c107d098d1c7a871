"""A JAX module run on NumPy arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.jax.emit import emit
from symtrans.codegen.targets.loading import library, namespace_of
from symtrans.codegen.targets.target import Loaded, Value


def load(specification: Specification, options: Mapping[str, Any]) -> Loaded:
    """Run the module; JAX must be installed, and for float64 told to have it."""
    jax = library("jax")
    function = jax.jit(namespace_of(emit(specification))[specification.function])

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        u[...] = function(f, *values)

    def adjoint(u: np.ndarray, cotangent: np.ndarray, values: tuple[Value, ...]) -> tuple[np.ndarray, np.ndarray]:
        layers = [np.broadcast_to(np.asarray(value, u.dtype), specification.blocks) for value in values]
        grad, *by = jax.vjp(function, u, *layers)[1](jax.numpy.asarray(cotangent))
        return np.array(grad), np.array(by, float).reshape(-1, specification.blocks)

    return Loaded(run, lambda: adjoint)
