"""A NumPy kernel run as a module that was never a file."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.loading import namespace_of
from symtrans.codegen.targets.numpy.emit import emit
from symtrans.codegen.targets.target import Adjoint, Filter, Loaded, Value


def load(specification: Specification, options: Mapping[str, Any]) -> Loaded:
    """Run the module of a kernel now, the one with its adjoint when that is asked for."""
    return Loaded(_filter(specification), lambda: _adjoint(specification))


def _filter(specification: Specification) -> Filter:
    function = namespace_of(emit(specification, gradients=False))[specification.function]

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        function(f, *values, out=u)

    return run


def _adjoint(specification: Specification) -> Adjoint:
    function = namespace_of(emit(specification))[f"{specification.function}_vjp"]

    def run(u: np.ndarray, cotangent: np.ndarray, values: tuple[Value, ...]) -> tuple[np.ndarray, np.ndarray]:
        grad, by_block = function(u, cotangent, *values)
        return grad, by_block

    return run
