"""A PyTorch module run on NumPy arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.loading import library, namespace_of
from symtrans.codegen.targets.target import Loaded, Value
from symtrans.codegen.targets.torch.emit import emit


def load(specification: Specification, options: Mapping[str, Any]) -> Loaded:
    """Run the module; PyTorch must be installed."""
    torch = library("torch")
    function = namespace_of(emit(specification))[specification.function]

    def tensor(value: Any) -> Any:
        return torch.from_numpy(np.array(value, specification.dtype))

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        with torch.no_grad():
            u[...] = function(tensor(f), *map(tensor, values)).numpy()

    def adjoint(u: np.ndarray, cotangent: np.ndarray, values: tuple[Value, ...]) -> tuple[np.ndarray, np.ndarray]:
        layers = [np.broadcast_to(value, specification.blocks) for value in values]
        inputs = [tensor(value).requires_grad_() for value in (u, *layers)]
        found = torch.autograd.grad(function(*inputs), inputs, tensor(cotangent), materialize_grads=True)
        return found[0].numpy(), np.array([one.numpy() for one in found[1:]], float).reshape(-1, specification.blocks)

    return Loaded(run, lambda: adjoint)
