"""One typed three-address program of a function of a sample: what is printed, bounded, proved and run is read from it.

A program computes its constants once a call, in double; then, for each input, what all branches share, and the
branch that the size of the input selects. Every value has one name and one instruction.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

import sympy as sp

Operand: TypeAlias = str | sp.Expr
"""The name of a value, or an exact number."""

SLOPE, SQUARE = "r", "q"
"""The inputs that there are: of a flux the slope of an edge, of a diffusivity the squared slope of a cell."""

SIZE, SIGN = "a", "s"
"""The values that branches share: the modulus of the input, and its sign, 1 or -1."""

VARYING = frozenset({SLOPE, SQUARE, SIZE, SIGN})


class Operation(Enum):
    """What one instruction does; the value is its name in a listing."""

    COPY = "copy"
    NEGATIVE = "neg"
    ADD = "add"
    SUBTRACT = "sub"
    MULTIPLY = "mul"
    DIVIDE = "div"
    FUSED = "fma"  # a b + c, rounded once
    MODULUS = "abs"
    SIGN = "sign"  # 1 or -1, of -0 too
    COPYSIGN = "copysign"
    MINIMUM = "min"
    MAXIMUM = "max"
    SQRT = "sqrt"
    RECIPROCAL_ROOT = "rsqrt"
    RECIPROCAL_ROOT_HELD = "rsqrt_held"  # where x lies between 2^-100 and 2^100
    POWER = "pow"
    EXP = "exp"
    EXP2_NEGATIVE = "exp2_negative"  # 2^x where x <= 0
    EXPM1 = "expm1"
    EXPM1_NEGATIVE = "expm1_negative"  # where x <= 0
    LOG = "log"
    LOG1P = "log1p"
    SIN = "sin"
    COS = "cos"
    TAN = "tan"
    ASIN = "asin"
    ACOS = "acos"
    ATAN = "atan"
    SINH = "sinh"
    COSH = "cosh"
    TANH = "tanh"
    ASINH = "asinh"
    ERF = "erf"
    ERFC = "erfc"
    # of a table, which is its first argument, at a place x >= 0 (`symtrans.codegen.tables`)
    INTERPOLATED = "interpolated"
    RISE = "rise"  # of the piece that x lies in, from its beginning to its end
    INTERCEPT = "intercept"  # of that piece, at x = 0
    # of constants alone
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    EQUAL = "=="
    UNEQUAL = "!="
    AND = "and"
    OR = "or"
    CHOOSE = "choose"  # the second argument where the first holds, else the third


COMPARISONS = {op.value: op for op in list(Operation) if op.value in ("<", "<=", ">", ">=", "==", "!=")}


@dataclass(frozen=True)
class Instruction:
    """One value and how it is computed.

    Attributes
    ----------
    result : str
        Its name; one that begins with % is used once, and a printer may nest it.
    operation : Operation
    arguments : tuple of Operand
    varies : bool
        Whether it depends on an input; else it is the same for all samples.
    inlined : bool
        Whether it is a polynomial with a proved bound instead of a function of a library.
    """

    result: str
    operation: Operation
    arguments: tuple[Operand, ...]
    varies: bool
    inlined: bool = False

    def __str__(self) -> str:
        name = self.operation.value + "'" * self.inlined
        return f"{self.result} = {name}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True)
class Branch:
    """What is computed where the size of the input is beyond a bound.

    Attributes
    ----------
    bound : str or None
        A parameter or a constant; None: everywhere else.
    relation : str
        ">", ">=" or "==": how the size compares with the bound.
    body : tuple of Instruction
    outputs : tuple of Operand
        The values of the function, in the order of `Program.outputs`.
    """

    bound: str | None
    relation: str
    body: tuple[Instruction, ...]
    outputs: tuple[Operand, ...]


@dataclass(frozen=True)
class Parameter:
    """A parameter: its identifier in a program, the keyword of a call, and the symbol that stands for it.

    One that is a table has a `size`, and `steepest`: its values are within 0 and so much times their places.
    """

    name: str
    keyword: str
    symbol: sp.Symbol
    size: int = 0
    steepest: sp.Expr | None = None

    def __str__(self) -> str:
        return f"{self.name}[{self.size}] <= {self.steepest} k" if self.size else self.name


@dataclass(frozen=True, repr=False)
class Program:
    """One or several functions of one input, in branches.

    Attributes
    ----------
    parameters : tuple of Parameter
        In the order in which a kernel takes them.
    constants : tuple of Instruction
        Computed once a call.
    coefficients : mapping of str to Operand
        What the scheme multiplies by, in parameters and constants: "step" is tau/h, "inverse_h" 1/h if h is not 1.
    inputs : tuple of str
    size : str
        The value that the bounds of branches are compared with.
    shared : tuple of Instruction
        What branches have in common: the size, the sign.
    branches : tuple of Branch
        Outermost first; the last has no bound.
    outputs : tuple of str
        What is computed: "flux" or "diffusivity", and for gradients "slope", the derivative by the input, and one
        by each parameter.
    """

    parameters: tuple[Parameter, ...]
    constants: tuple[Instruction, ...]
    coefficients: tuple[tuple[str, Operand], ...]
    shared: tuple[Instruction, ...]
    branches: tuple[Branch, ...]
    outputs: tuple[str, ...]
    inputs: tuple[str, ...] = (SLOPE,)
    size: str = SIZE

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """The parameters that are one number each, and no table."""
        return tuple(p for p in self.parameters if not p.size)

    @property
    def table(self) -> Parameter | None:
        """The parameter that is a table, if there is one: the last."""
        return self.parameters[-1] if self.parameters and self.parameters[-1].size else None

    @property
    def instructions(self) -> Iterator[Instruction]:
        """All that depends on the input, in order."""
        yield from self.shared
        for branch in self.branches:
            yield from branch.body

    def coefficient(self, name: str) -> Operand | None:
        """What the scheme multiplies by; None for 1."""
        return dict(self.coefficients).get(name)

    def uses(self, name: str) -> bool:
        """Whether anything that depends on the input needs a value."""
        return name in self._read

    @property
    def _read(self) -> set[Operand]:
        read = {argument for one in self.instructions for argument in one.arguments if isinstance(argument, str)}
        read |= {output for branch in self.branches for output in branch.outputs if isinstance(output, str)}
        return read | {branch.bound for branch in self.branches if branch.bound is not None}

    @property
    def scalars(self) -> tuple[str, ...]:
        """The parameters and constants that the function itself needs, in order."""
        read = self._read
        names = [*(p.name for p in self.parameters), *(c.result for c in self.constants)]
        return tuple(name for name in names if name in read)

    @property
    def clip(self) -> str | None:
        """The bound b if the function is r, cut off at -b and b: languages have an operation for that."""
        if len(self.branches) != 2 or self.branches[1].outputs[0] not in self.inputs:
            return None
        outer = self.branches[0]
        made = next((one for one in outer.body if one.result == outer.outputs[0]), None)
        if made is None or outer.relation != ">":
            return None
        wanted = {Operation.MULTIPLY: {outer.bound, SIGN}, Operation.COPYSIGN: {outer.bound, *self.inputs}}
        return outer.bound if wanted.get(made.operation) == set(made.arguments) else None

    def __str__(self) -> str:
        lines = [f"parameters {', '.join(map(str, self.parameters)) or 'none'}", *map(str, self.constants)]
        lines += [f"{name}: {value}" for name, value in self.coefficients]
        lines += [f"inputs {', '.join(self.inputs)}", *map(str, self.shared)]
        for branch in self.branches:
            lines.append("otherwise" if branch.bound is None else f"if {self.size} {branch.relation} {branch.bound}")
            lines += [f"    {one}" for one in branch.body]
            results = zip(self.outputs, branch.outputs, strict=True)
            lines.append("    " + ", ".join(f"{name}: {value}" for name, value in results))
        return "\n".join(lines)

    __repr__ = __str__


def follow(
    instructions: Iterable[Instruction],
    values: dict[Operand, Any],
    number: Callable[[sp.Expr], Any],
    rule: Callable[[Instruction], Callable[..., Any]],
) -> None:
    """Carry values of any kind through instructions: numbers, intervals, error bounds, dual numbers.

    Parameters
    ----------
    instructions : iterable of Instruction
    values : dict
        By name, what is known; each result is added.
    number : callable
        The value of an exact number.
    rule : callable
        From an instruction to the function of its arguments' values.
    """
    for one in instructions:
        given = [values[a] if isinstance(a, str) else number(a) for a in one.arguments]
        values[one.result] = rule(one)(*given)


def needed_for(values: Operand | Iterable[Operand], instructions: Iterable[Instruction]) -> list[Instruction]:
    """The instructions that values are made by, in order."""
    needed: set[Operand] = {values} if isinstance(values, str | sp.Expr) else set(values)
    found = []
    for one in reversed(list(instructions)):
        if one.result in needed:
            needed.update(one.arguments)
            found.append(one)
    return found[::-1]


def uses_of(instructions: Iterable[Instruction], outputs: Iterable[Operand]) -> dict[Operand, int]:
    """How often each value is read."""
    counts: dict[Operand, int] = {}
    for value in (*(a for one in instructions for a in one.arguments), *outputs):
        if isinstance(value, str):
            counts[value] = counts.get(value, 0) + 1
    return counts
