"""Programs as functions of whole arrays that others differentiate: PyTorch and JAX, with one writer for both.

Every branch is computed everywhere, each at inputs where it holds: elsewhere a place within its range stands in. So no
branch that is not taken makes a NaN, nor does its derivative, which would spoil what automatic differentiation sums up.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import sympy as sp

from symtrans.codegen.program.passes import only
from symtrans.codegen.program.three_address import Branch, Instruction, Operand, Operation, Program, needed_for
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.text import ATOM, UNARY, ScalarText
from symtrans.schemes import FSI
from symtrans.schemes.grid import Grid

_LINEAR = frozenset(map(Operation, ("copy", "neg", "add", "sub", "abs", "sign", "copysign", "min", "max")))
_SHORT = 72  # characters: a longer result has a line of its own


class ArrayText(ScalarText):
    """Operators, and functions of a module of arrays.

    Attributes
    ----------
    full, spread : str
        An array like another, of one number, of one scalar.
    sign : str
        1 or -1: the sign of `like`.
    clipped : str
        r, cut off at -`bound` and `bound`.
    itself : str
        An input as a result.
    """

    both, either = " & ", " | "
    full: ClassVar[str]
    spread: ClassVar[str]
    sign: ClassVar[str]
    clipped: ClassVar[str]
    itself: ClassVar[str] = "{like}"

    def __init__(self, dtype: str) -> None:
        super().__init__(dtype)
        self._names: dict[str, str] = {}
        self._numbers: dict[str, sp.Expr] = {}

    def text(self, operand: Operand) -> tuple[str, int]:
        """An input may have another name, where another stands in for it; a constant number is written out."""
        if isinstance(operand, str) and operand in self._names:
            name = self._names[operand]
            return name, UNARY if name.startswith("-") else ATOM
        return super().text(operand)

    def call(self, one: Instruction) -> str:
        """A function call; the sign is made by one."""
        if one.operation is Operation.SIGN:
            return self.sign.format(like=self(one.arguments[0]))
        return super().call(one)

    def function(self, program: Program) -> list[str]:
        """The statements of a function of the input and the parameters that returns the outputs of a program."""
        program, (x,) = self._with_numbers(program), program.inputs
        needed = {one.result for one in needed_for(program.scalars, program.constants)}
        constants = [one for one in self.lines(program.constants) if one[0] in needed and one[0] not in self._names]
        lines = [f"{name} = {value}" for name, value in constants]
        if program.clip is not None and len(program.outputs) == 1:
            return [*lines, "return " + self.clipped.format(bound=self(program.clip))]
        *outer, inner = program.branches
        reads = _read(program.branches) | ({program.size} if outer else set())
        lines += [f"{one.result} = {self.call(one)}" for one in program.shared if one.result in reads]
        masks = [f"beyond{k}" if len(outer) > 1 else "beyond" for k in range(len(outer))]
        lines += [f"{mask} = {self._holds(program, branch)}" for mask, branch in zip(masks, outer, strict=True)]
        varying = {*program.inputs, *(one.result for one in program.instructions if one.varies)}
        results: list[list[str]] = []
        for k, branch in enumerate(program.branches):
            usual = dict(self._names)
            if outer and not _is_linear(branch, varying):
                lines += self._stand_in(program, k, masks)
            lines += [f"{name} = {value}" for name, value in self.lines(branch.body)]
            texts = [self(v) if branch is not inner or v in varying else self._spread(v, x) for v in branch.outputs]
            self._names = usual
            for n, text in enumerate(texts):
                if len(text) > _SHORT and outer:
                    texts[n] = f"{program.outputs[n]}{k}"
                    lines.append(f"{texts[n]} = {text}")
            results.append(texts)
        chosen = [self.itself.format(like=x) if text == x and not outer else text for text in results.pop()]
        for mask, values in zip(reversed(masks), reversed(results), strict=True):
            pairs = zip(values, chosen, strict=True)
            chosen = [self.choice.format(condition=mask, yes=yes, no=no) for yes, no in pairs]
        self._names.clear()
        return [*lines, "return " + ", ".join(chosen)]

    def _with_numbers(self, program: Program) -> Program:
        """Constants that are numbers are written where they are used: functions of arrays take no other scalars."""
        self._numbers = numbers = {
            one.result: one.arguments[0]
            for one in program.constants
            if one.operation is Operation.COPY and not isinstance(one.arguments[0], str)
        }
        self._names = {name: self(value) for name, value in numbers.items()}

        def known(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
            return tuple(numbers.get(a, a) if isinstance(a, str) else a for a in operands)

        def changed(instructions: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
            return tuple(replace(one, arguments=known(one.arguments)) for one in instructions)

        branches = tuple(replace(b, body=changed(b.body), outputs=known(b.outputs)) for b in program.branches)
        return replace(program, constants=changed(program.constants), branches=branches)

    def _spread(self, value: Operand, like: str) -> str:
        """What is the same everywhere, as an array."""
        return (self.spread if isinstance(value, str) else self.full).format(value=self(value), like=like)

    def _stand_in(self, program: Program, k: int, masks: Sequence[str]) -> list[str]:
        """The input of branch k, and what branches share of it, or a place within its range where it does not hold."""
        (x,), own = program.inputs, program.branches[k]
        above = [branch.bound for branch in program.branches[:k] if branch.relation != "=="]
        place = self._within(own.bound, above[-1] if above else None)
        others = " | ".join(masks[:k])
        if own.bound is None:
            choice = self.choice.format(condition=others, yes=place, no=x)
        else:
            condition = f"{masks[k]} & ~({others})" if k else masks[k]
            choice = self.choice.format(condition=condition, yes=x, no=place)
        lines = [f"{x}{k} = {choice}"]
        self._names[x] = f"{x}{k}"
        for one in program.shared:
            if one.result in _read([own]):
                lines.append(f"{one.result}{k} = {self.call(one)}")
                self._names[one.result] = f"{one.result}{k}"
        return lines

    def _holds(self, program: Program, branch: Branch) -> str:
        """The condition of a branch; compilers take |r| >= 0 for granted, which NaN does not fulfil."""
        if branch.relation == ">=" and self._bound(branch.bound) == 0:
            return f"{program.size} == {program.size}"
        return f"{program.size} {branch.relation} {self(str(branch.bound))}"

    def _within(self, low: str | None, high: str | None) -> str:
        """A place strictly between two bounds, None for 0 and infinity."""
        least, most = self._bound(low) or sp.S.Zero, self._bound(high)
        if least == 0:
            return self(sp.S.One) if most is None else self._product(sp.S.Half, most)
        if most is None:
            return self._product(sp.S(2), least)
        if isinstance(least, str) or isinstance(most, str):
            return f"{self(sp.S.Half)} * ({self(least)} + {self(most)})"
        return self((least + most) / 2)

    def _bound(self, name: str | None) -> Operand | None:
        """A bound, or its number where it has one."""
        return None if name is None else self._numbers.get(name, name)

    def _product(self, factor: sp.Expr, bound: Operand) -> str:
        return f"{self(factor)} * {bound}" if isinstance(bound, str) else self(factor * bound)


def _read(branches: Sequence[Branch]) -> set[Operand]:
    """The values that branches read."""
    read = {argument for branch in branches for one in branch.body for argument in one.arguments}
    return read | {value for branch in branches for value in branch.outputs}


def _is_linear(branch: Branch, varying: set[str]) -> bool:
    """Whether it and its derivatives are finite at every finite input."""
    return all(
        one.operation in _LINEAR
        or (one.operation is Operation.MULTIPLY and sum(a in varying for a in one.arguments) < 2)
        for one in branch.body
    )


def covers(scheme: str, grid: Grid) -> bool:
    """What both languages have kernels of."""
    return scheme in ("explicit", "fsi")


def data(spec: Specification, text: ArrayText, templates: Any) -> dict[str, Any]:
    """What the templates of both languages are given."""
    program, slopes = spec.program, only(spec.gradients, spec.gradients.outputs[1:])
    coefficients, grid = dict(program.coefficients), spec.grid
    scalars = [value for value in coefficients.values() if isinstance(value, str)]
    derivative = "dg/dq" if spec.takes_diffusivity else "Phi'"
    words = [derivative, *(f"its derivative by {name.removeprefix('by_')}" for name in slopes.outputs[1:])]
    lines = {"function_lines": text.function(program), "slope_lines": text.function(slopes)}
    constants = text.lines(needed_for(scalars, program.constants))
    inverse = "inverse_square" if spec.takes_diffusivity else "inverse_h"
    suffixes = [""] if "step" in coefficients else [f"_{a}" for a in range(grid.dimensions)]
    return {
        "spec": spec,
        "digest": spec.digest(templates, True),
        "parameters": [p.name for p in program.parameters],
        "positive": [p.name for p in program.parameters if p.symbol.is_positive],
        "of_function": [p.name for p in program.parameters if f"by_{p.name}" in slopes.outputs],
        "function": program.outputs[0],
        "x": program.inputs[0],
        "outputs": slopes.outputs,
        "slope_words": " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) + f" at {program.inputs[0]}",
        "coefficient_lines": [f"{name} = {value}" for name, value in constants],
        "axes": [
            {
                "axis": a - grid.dimensions,
                "step": text(coefficients[f"step{suffix}"]),
                "inverse": text(coefficients.get(f"{inverse}{suffix}", "")),
            }
            for a, suffix in enumerate(suffixes)
        ],
        "shared": grid.coupled and grid.dimensions > 1,
        "channels": grid.channels,
        "cycle": spec.cycle if spec.scheme is FSI else 0,
        "filtered": "the last axis" if grid.dimensions == 1 else f"the last {grid.dimensions} axes",
        "shape": "(..., " + "C, " * grid.channels + "N)"
        if grid.dimensions == 1
        else "(..., " + "C, " * grid.channels + ", ".join(f"N{a + 1}" for a in range(grid.dimensions)) + ")",
        **lines,
    }
