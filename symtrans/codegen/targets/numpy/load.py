"""A NumPy kernel run as a module that was never a file."""

from collections.abc import Mapping
from typing import Any

from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.loading import namespace_of
from symtrans.codegen.targets.numpy.emit import emit
from symtrans.codegen.targets.target import Adjoint, Loaded


def load(specification: Specification, options: Mapping[str, Any]) -> Loaded:
    """Run the module of a kernel now, the one with its adjoint when that is asked for."""
    function = namespace_of(emit(specification, gradients=False))[specification.function]

    def adjoint() -> Adjoint:
        pulled_back = namespace_of(emit(specification))[f"{specification.function}_vjp"]
        return lambda u, cotangent, values: pulled_back(u, cotangent, *values)

    return Loaded(lambda f, u, values: function(f, *values, out=u), adjoint)
