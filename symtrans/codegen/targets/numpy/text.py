"""Programs as NumPy: constants as expressions, the function as calls of ufuncs that write into buffers.

One instruction is one call. Buffers are named t0, t1, ... and serve again as soon as a value has been read for the
last time.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from symtrans.codegen.program.three_address import (
    SLOPE,
    SQUARE,
    Branch,
    Instruction,
    Operand,
    Operation,
    Program,
    uses_of,
)
from symtrans.codegen.targets.text import ScalarText

_NAMES = {
    Operation.SUBTRACT: "subtract",
    Operation.MULTIPLY: "multiply",
    Operation.DIVIDE: "divide",
    Operation.NEGATIVE: "negative",
    Operation.POWER: "power",
    Operation.ATAN: "arctan",
    Operation.ASIN: "arcsin",
    Operation.ACOS: "arccos",
    Operation.ASINH: "arcsinh",
    Operation.EXPM1_NEGATIVE: "expm1",
}
_EXTREMA = {Operation.MAXIMUM: "maximum", Operation.MINIMUM: "minimum"}
BY_SAMPLES = (Operation.ERF, Operation.ERFC)  # NumPy has neither
_COMPARED = {">": "greater", ">=": "greater_equal", "==": "equal"}


class NumpyText(ScalarText):
    """NumPy functions; Python literals, which NumPy does not let widen a float32."""

    infinity = "np.inf"
    both, either = " & ", " | "
    choice = "np.where({condition}, {yes}, {no})"
    prefix = "np."
    functions: ClassVar[Mapping[Operation, str]] = {operation: f"np.{name}" for operation, name in _NAMES.items()} | {
        Operation.MAXIMUM: "np.fmax",
        Operation.MINIMUM: "np.fmin",
        **{operation: f"np.vectorize({operation.value})" for operation in BY_SAMPLES},
    }


class Statements:
    """Writes the statements of one function of an array and named scalars.

    Parameters
    ----------
    dtype : str
    """

    def __init__(self, dtype: str) -> None:
        self.lines: list[str] = []
        self._scalar = NumpyText(dtype)
        self._free: list[str] = []
        self._count = 0
        self._buffers: dict[str, str] = {}
        self._shared: dict[str, Instruction] = {}
        self._left: dict[Operand, int] = {}

    @property
    def buffers(self) -> tuple[str, ...]:
        """The scratch buffers that the lines use."""
        return tuple(f"t{index}" for index in range(self._count))

    def select(self, program: Program, outs: Iterable[str]) -> None:
        """Statements that leave the outputs of a program in the buffers `outs`.

        The innermost branch is everywhere; each outer one replaces it where it applies. All are
        evaluated everywhere, quietly, and what does not apply is dropped bit by bit.
        """
        outs = tuple(outs)
        self._buffers = {name: name for name in program.inputs}
        self._shared = {one.result: one for one in program.shared}
        *outer, inner = program.branches
        self._run(inner, dict(zip(inner.outputs, outs, strict=True)))
        for value, out in zip(inner.outputs, outs, strict=True):
            if self._buffers.get(str(value)) != out:
                self.lines.append(f"np.copyto({out}, {self._text(value)})")
        self._drop(inner)
        for branch in reversed(outer):
            self._run(branch, {})
            size = self._text(program.size)
            self.lines.append(f"np.{_COMPARED[branch.relation]}({size}, {branch.bound}, out=mask)")
            bits = self._new()
            for value, out in zip(branch.outputs, outs, strict=True):
                self._replace(value, out, bits)
            self._free.append(bits)
            self._drop(branch)

    def _run(self, branch: Branch, places: Mapping[Operand, str]) -> None:
        self._left = uses_of(branch.body, branch.outputs)
        for one in branch.body:
            if one.varies:
                place = places.get(one.result) if self._left[one.result] == 1 else None
                self._call(one, place)
            else:
                self._scalar.lines([one])

    def _replace(self, value: Operand, out: str, bits: str) -> None:
        if not isinstance(value, str) and value == 0:
            self.lines.append(f"clear(mask, {out}, {bits})")
            return
        self._left[value] = self._left.get(value, 0) - 1
        text = self._text(value)
        own = text in self._buffers.values() and self._is_scratch(value) and self._left[value] == 0
        buffer = text if own else self._new()
        if not own:
            self.lines.append(f"np.copyto({buffer}, {text})")
        self.lines.append(f"select(mask, {buffer}, {out}, {bits})")
        if not own:
            self._free.append(buffer)

    def _is_scratch(self, value: Operand) -> bool:
        """Whether its buffer is ours to overwrite."""
        return isinstance(value, str) and value in self._buffers and value not in (*self._shared, SLOPE, SQUARE)

    def _drop(self, branch: Branch) -> None:
        """Frees what is left of the values of a branch."""
        for one in branch.body:
            buffer = self._buffers.pop(one.result, None)
            if buffer is not None and buffer in self.buffers and buffer not in self._free:
                self._free.append(buffer)

    def _new(self) -> str:
        if self._free:
            return self._free.pop()
        self._count += 1
        return f"t{self._count - 1}"

    def _text(self, operand: Operand) -> str:
        """A buffer or a scalar; what branches share is made when it is first needed."""
        if isinstance(operand, str) and operand in self._shared and operand not in self._buffers:
            self._buffers[operand] = name = self._new()
            function = "np.abs(r" if self._shared[operand].operation is Operation.MODULUS else "np.copysign(1.0, r"
            self.lines.append(f"{function}, out={name})")
        if isinstance(operand, str) and operand in self._buffers:
            return self._buffers[operand]
        return self._scalar(operand)

    def _call(self, one: Instruction, place: str | None) -> None:
        """One statement; its result replaces an argument that is read for the last time, or goes into a new buffer."""
        texts = [self._text(argument) for argument in one.arguments]
        if one.operation in (Operation.ADD, Operation.MULTIPLY) and one.arguments[0] not in self._buffers:
            texts.reverse()  # the scalar second
        for argument in one.arguments:
            self._left[argument] = self._left.get(argument, 0) - 1
        dying = {
            self._buffers.pop(argument): None
            for argument in dict.fromkeys(one.arguments)
            if self._is_scratch(argument) and self._left[argument] == 0 and isinstance(argument, str)
        }
        out = place or next(iter(dying), None) or self._new()
        self._free += [buffer for buffer in dying if buffer != out and buffer in self.buffers]
        if one.operation is Operation.COPY:
            self.lines.append(f"np.copyto({out}, {texts[0]})")
        elif one.operation in BY_SAMPLES:
            self.lines.append(f"by_samples({one.operation.value}, {texts[0]}, out={out})")
        else:
            name = _EXTREMA.get(one.operation) or _NAMES.get(one.operation, one.operation.value)
            self.lines.append(f"np.{name}({', '.join(texts)}, out={out})")
        self._buffers[one.result] = out
