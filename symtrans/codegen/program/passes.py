"""What targets do to a program before it is printed, each from one program to the next."""

from collections.abc import Callable, Collection
from dataclasses import replace

from symtrans.codegen.program.three_address import (
    VARYING,
    Branch,
    Instruction,
    Operand,
    Operation,
    Program,
    needed_for,
    uses_of,
)


def _in_branches(program: Program, change: Callable[[Branch], tuple[Instruction, ...]]) -> Program:
    return replace(program, branches=tuple(replace(branch, body=change(branch)) for branch in program.branches))


def only(program: Program, outputs: Collection[str]) -> Program:
    """The program of some of its outputs."""
    kept = [k for k, name in enumerate(program.outputs) if name in outputs]
    branches = []
    for branch in program.branches:
        values = tuple(branch.outputs[k] for k in kept)
        branches.append(replace(branch, body=tuple(needed_for(values, branch.body)), outputs=values))
    return replace(program, branches=tuple(branches), outputs=tuple(program.outputs[k] for k in kept))


def inlined(program: Program, functions: Collection[str]) -> Program:
    """Functions of the input that have a polynomial with a proved bound become these."""

    def change(branch: Branch) -> tuple[Instruction, ...]:
        return tuple(replace(one, inlined=one.varies and one.operation.value in functions) for one in branch.body)

    return _in_branches(program, change)


def fused(program: Program) -> Program:
    """A product that is only added or subtracted is one operation with the sum, which rounds once."""
    return _in_branches(program, _fused)


def _fused(branch: Branch) -> tuple[Instruction, ...]:
    counts = uses_of(branch.body, branch.outputs)
    products = {
        one.result: one
        for one in branch.body
        if one.operation is Operation.MULTIPLY and one.varies and counts[one.result] == 1 and one.result[0] == "%"
    }
    body: list[Instruction] = []
    spent: set[str] = set()

    def negative(operand: Operand, name: str) -> Operand:
        if not isinstance(operand, str):
            return -operand
        varies = any(other.result == operand and other.varies for other in branch.body) or operand in VARYING
        body.append(Instruction(f"%-{name}", Operation.NEGATIVE, (operand,), varies))
        return body[-1].result

    for one in branch.body:
        found = next((a for a in one.arguments if a in products), None)
        if one.operation in (Operation.ADD, Operation.SUBTRACT) and found is not None:
            a, b = products[str(found)].arguments
            other = one.arguments[1 if one.arguments[0] == found else 0]
            if one.operation is Operation.SUBTRACT and one.arguments[0] == found:
                other = negative(other, one.result)
            elif one.operation is Operation.SUBTRACT:
                a = negative(a, one.result)
            spent.add(str(found))
            one = replace(one, operation=Operation.FUSED, arguments=(a, b, other))
        body.append(one)
    return tuple(one for one in body if one.result not in spent)
