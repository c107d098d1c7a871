"""Scalar expressions as text: instructions nested into one another, with no more brackets than needed."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np
import sympy as sp

from symtrans.codegen.approximations.formats import shortest
from symtrans.codegen.program.three_address import Instruction, Operand, Operation
from symtrans.errors import NonlinearityError
from symtrans.language.text_printer import plain

ADD, MUL, UNARY, ATOM = 1, 2, 3, 4
_INFIX = {
    Operation.ADD: (" + ", ADD, ADD, MUL),
    Operation.SUBTRACT: (" - ", ADD, ADD, MUL),
    Operation.MULTIPLY: (" * ", MUL, MUL, UNARY),
    Operation.DIVIDE: (" / ", MUL, MUL, ATOM),
}
COMPARED = {op for op in Operation if op.value in ("<", "<=", ">", ">=", "==", "!=")}


def literal(number: sp.Expr, dtype: str) -> str:
    """The shortest text that reads back as the nearest value of the dtype."""
    kind = np.dtype(dtype)
    with np.errstate(over="ignore", under="ignore"):  # refused below
        value = kind.type(str(sp.N(number, 30)))
    if not np.isfinite(value) or (value == 0 and number != 0):
        raise NonlinearityError(f"the number {plain(number)} does not fit into {kind.name}")
    return shortest(value)


class ScalarText:
    """Writes constants: each named one is a line, all others are nested into it.

    Attributes
    ----------
    functions : mapping of Operation to str
        Those whose name is not that of the operation.
    prefix : str
        In front of all others.
    """

    infinity: ClassVar[str]
    both: ClassVar[str]
    either: ClassVar[str]
    choice: ClassVar[str]
    prefix: ClassVar[str] = ""
    functions: ClassVar[Mapping[Operation, str]] = {}

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self._made: dict[str, Instruction] = {}

    def lines(self, constants: Iterable[Instruction]) -> list[tuple[str, str]]:
        """(name, expression) of each named constant, in order."""
        named = []
        for one in constants:
            if one.result.startswith("%"):
                self._made[one.result] = one
            else:
                named.append((one.result, self.nested(one)[0]))
        return named

    def __call__(self, operand: Operand) -> str:
        """The text of a value."""
        return self.text(operand)[0]

    def text(self, operand: Operand) -> tuple[str, int]:
        """The text of a value, and how tightly it binds."""
        if isinstance(operand, str):
            return self.nested(self._made[operand]) if operand in self._made else (operand, ATOM)
        if operand == sp.oo:
            return self.infinity, ATOM
        text = self.literal(operand)
        return text, UNARY if text.startswith("-") else ATOM

    def literal(self, number: sp.Expr) -> str:
        """A number."""
        return literal(number, self.dtype)

    def call(self, one: Instruction) -> str:
        """A function call."""
        name = self.functions.get(one.operation, self.prefix + one.operation.value)
        return f"{name}({', '.join(map(self, one.arguments))})"

    def nested(self, one: Instruction) -> tuple[str, int]:
        """The text of what an instruction computes."""
        operation, arguments = one.operation, one.arguments
        if operation is Operation.COPY:
            return self.text(arguments[0])
        if operation is Operation.NEGATIVE:
            return f"-{self.wrapped(arguments[0], UNARY)}", UNARY
        if operation in _INFIX:
            sign, level, left, right = _INFIX[operation]
            return self.wrapped(arguments[0], left) + sign + self.wrapped(arguments[1], right), level
        if operation in COMPARED:
            return f"{self(arguments[0])} {operation.value} {self(arguments[1])}", ADD
        if operation in (Operation.AND, Operation.OR):
            between = self.both if operation is Operation.AND else self.either
            return between.join(f"({self(argument)})" for argument in arguments), ADD
        if operation is Operation.CHOOSE:
            condition, yes, no = map(self, arguments)
            return self.choice.format(condition=condition, yes=yes, no=no), ATOM
        return self.call(one), ATOM

    def wrapped(self, operand: Operand, least: int) -> str:
        """In brackets where it binds less tightly than `least`."""
        text, level = self.text(operand)
        return text if level >= least else f"({text})"
