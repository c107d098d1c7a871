"""The PyTorch target's text: one module that imports PyTorch and nothing else."""

from collections.abc import Mapping
from typing import ClassVar

from symtrans.codegen.program.three_address import Instruction, Operation
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.arrays import ArrayText, data
from symtrans.runtime.templates import folder, render

TEMPLATES = folder("torch")


class TorchText(ArrayText):
    """Functions of `torch`, which take tensors: a number is given to those that have a place for one."""

    infinity = "torch.inf"
    choice = "torch.where({condition}, {yes}, {no})"
    full = "torch.full_like({like}, {value})"
    spread = "{value} * torch.ones_like({like})"
    sign = "torch.copysign(torch.ones_like({like}), {like})"
    clipped = "torch.clamp(r, -{bound}, {bound})"
    itself = "{like}.clone()"  # no input is returned as it is where derivatives are given
    prefix = "torch."
    functions: ClassVar[Mapping[Operation, str]] = {
        Operation.MAXIMUM: "torch.maximum",
        Operation.MINIMUM: "torch.minimum",
        Operation.EXPM1_NEGATIVE: "torch.expm1",
    }

    def call(self, one: Instruction) -> str:
        """A function call."""
        numbers = [a for a in one.arguments if not isinstance(a, str)]
        if numbers and one.operation in (Operation.MAXIMUM, Operation.MINIMUM):
            (other,) = (a for a in one.arguments if isinstance(a, str))
            side = "min" if one.operation is Operation.MAXIMUM else "max"
            return f"torch.clamp({self(other)}, {side}={self(numbers[0])})"
        if numbers and one.operation is Operation.COPYSIGN:
            return f"{self(numbers[0])} * {self.sign.format(like=self(one.arguments[1]))}"
        return super().call(one)

    def nested(self, one: Instruction) -> tuple[str, int]:
        """What an instruction computes; of two numbers a tensor is chosen, of the right dtype."""
        text, level = super().nested(one)
        if one.operation is Operation.CHOOSE and not any(isinstance(a, str) for a in one.arguments[1:]):
            return f"{text}.to(DTYPE)", level
        return text, level


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """The module of one network: ``name_f64.py`` (or ``_f32``)."""
    content = data(specification, TorchText(specification.dtype), TEMPLATES)
    name = "".join(word.capitalize() for word in specification.function.split("_"))
    return {f"{specification.function}.py": render("kernel.py", TEMPLATES, module=name, **content)}
