"""The JAX target's text: one module that imports JAX and nothing else."""

from collections.abc import Mapping
from typing import ClassVar

from symtrans.codegen.program.three_address import Operation
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.arrays import ArrayText, data
from symtrans.runtime.templates import folder, render

TEMPLATES = folder("jax")
_NAMES = {
    Operation.EXPM1_NEGATIVE: "expm1",
    Operation.ATAN: "arctan",
    Operation.ASIN: "arcsin",
    Operation.ACOS: "arccos",
    Operation.ASINH: "arcsinh",
    Operation.MAXIMUM: "maximum",
    Operation.MINIMUM: "minimum",
    Operation.POWER: "power",
}


class JaxText(ArrayText):
    """Functions of `jax.numpy`; Python literals, which JAX does not let widen a float32."""

    infinity = "jnp.inf"
    choice = "jnp.where({condition}, {yes}, {no})"
    full = "jnp.full_like({like}, {value})"
    spread = "jnp.broadcast_to({value}, {like}.shape)"
    sign = "jnp.copysign(jnp.ones_like({like}), {like})"
    clipped = "jnp.clip(r, -{bound}, {bound})"
    prefix = "jnp."
    functions: ClassVar[Mapping[Operation, str]] = {operation: f"jnp.{name}" for operation, name in _NAMES.items()} | {
        Operation.ERF: "jax.scipy.special.erf",
        Operation.ERFC: "jax.scipy.special.erfc",
    }


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """The module of one network: ``name_f64.py`` (or ``_f32``)."""
    content = data(specification, JaxText(specification.dtype), TEMPLATES)
    return {f"{specification.function}.py": render("kernel.py", TEMPLATES, **content)}
