"""Programs as C: constants in double, and the function on the vectors of templates/c/vector.h."""

from collections.abc import Mapping
from typing import Any, ClassVar

import sympy as sp

from symtrans.codegen.program.three_address import Branch, Instruction, Operand, Operation, Program, uses_of
from symtrans.codegen.targets.text import ATOM, ScalarText, literal

_OWN = {Operation.MODULUS: "abs", Operation.SQRT: "sqrt", Operation.MAXIMUM: "max", Operation.MINIMUM: "min"}
_OWN |= {Operation.FUSED: "fma", Operation.COPYSIGN: "copysign"}
LOOKS = {  # x = k + t, the value v at k, and the rise d
    Operation.INTERPOLATED: "fma_vec({x} - {k}, {d}, {v})",
    Operation.RISE: "{d}",
    Operation.INTERCEPT: "fma_vec(-{k}, {d}, {v})",
}
_COMPARED = {">": "greater_vec", ">=": "greater_equal_vec", "==": "equal_vec"}


class CText(ScalarText):
    """C11 with math.h, in double."""

    infinity = "(real)INFINITY"
    both, either = " && ", " || "
    choice = "({condition} ? {yes} : {no})"
    functions: ClassVar[Mapping[Operation, str]] = {
        Operation.MODULUS: "fabs",
        Operation.MAXIMUM: "fmax",
        Operation.MINIMUM: "fmin",
        Operation.EXPM1_NEGATIVE: "expm1",
    }

    def literal(self, number: sp.Expr) -> str:
        """A C literal: 0.5 or 0.5f."""
        text = literal(number, self.dtype)
        if "." not in text and "e" not in text:
            text += ".0"
        return text + "f" if self.dtype == "float32" else text


class VectorText(CText):
    """Operators on vectors, and functions called name_vec.

    What depends on r is an array of vectors side by side, and prints as ``name[each]``: what is used more than once
    is a line, and so is a call of an inlined function. The rest is nested.

    Attributes
    ----------
    called, approximated : set of str
        The functions of math.h, and those that are inlined, that were printed.
    """

    def __init__(self, dtype: str) -> None:
        super().__init__(dtype)
        self.called: set[str] = set()
        self.approximated: set[str] = set()
        self._arrays: dict[str, str] = {}
        self._count = 0
        self._looked_up: dict[Operand, tuple[str, ...]] = {}

    def branches(self, program: Program) -> list[dict[str, Any]]:
        """Of each branch its lines, its arrays, its results and its condition; in one scope."""
        varying = [*program.inputs, *(one.result for one in program.shared)]
        self._arrays, self._count, self._looked_up = {name: name for name in varying}, 0, {}
        return [self._branch(branch, program.size) for branch in program.branches]

    def _branch(self, branch: Branch, size: str) -> dict[str, Any]:
        known = set(self._arrays)
        uses = uses_of(branch.body, branch.outputs)
        lines: list[str] = []

        def array(value: str) -> str:
            if value[0] == "%":
                self._arrays[value] = f"v{self._count}"
                self._count += 1
            else:
                self._arrays[value] = value
            return self._arrays[value]

        def given(argument: Operand) -> str:
            name = str(argument)
            if name not in self._arrays:
                text = self(name)
                lines.append(f"STEP({array(name)}, {text})")
            return self._arrays[name]

        for one in branch.body:
            if one.operation in LOOKS and one.arguments[1] not in self._looked_up:
                table, place = str(one.arguments[0]), one.arguments[1]
                names = given(place), *(array(f"%{part} {place}") for part in ("begin", "value", "rise"))
                lines.append(f"look_up_vec(count, {table}, {', '.join(names)});")
                self._looked_up[place] = names
            if one.inlined:
                self.approximated.add(one.operation.value)
                argument = given(one.arguments[0])
                lines.append(f"{one.operation.value}_vec(count, {argument}, {array(one.result)});")
            elif one.result[0] != "%" or (one.varies and uses[one.result] > 1):
                text = self.nested(one)[0]
                lines.append(f"STEP({array(one.result)}, {text})")
            else:
                self._made[one.result] = one
        results = [self.argument(output) for output in branch.outputs]
        condition = ""
        if branch.bound is not None:
            condition = f"{_COMPARED[branch.relation]}({size}[each], {branch.bound})"
        arrays = [name for key, name in self._arrays.items() if key not in known]
        self._arrays = {name: self._arrays[name] for name in known}
        return {"condition": condition, "lines": lines, "arrays": arrays, "results": results}

    def text(self, operand: Operand) -> tuple[str, int]:
        """An array is taken at each place."""
        if isinstance(operand, str) and operand in self._arrays:
            return f"{self._arrays[operand]}[each]", ATOM
        return super().text(operand)

    def argument(self, operand: Operand) -> str:
        """An operand that must be a vector: a number is spread over the lanes."""
        return self(operand) if isinstance(operand, str) else f"splat({self(operand)})"

    def call(self, one: Instruction) -> str:
        """A call with vector arguments."""
        if one.operation in LOOKS:
            names = dict(zip("xkvd", self._looked_up[one.arguments[1]], strict=True))
            return LOOKS[one.operation].format(**{key: f"{name}[each]" for key, name in names.items()})
        name = _OWN.get(one.operation)
        if name is None:
            name = self.functions.get(one.operation, one.operation.value)
            self.called.add(name)
        return f"{name}_vec({', '.join(map(self.argument, one.arguments))})"
