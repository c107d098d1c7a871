"""For each parameter the terms of d/ds (tau/h) Phi(E u/h): through Phi itself, the step and the grid size."""

from typing import NamedTuple

from symtrans.codegen.program.three_address import Operand, Program


class Derivatives(NamedTuple):
    """What depends on one parameter.

    Attributes
    ----------
    name : str
    flux : str
        The output of the program that is the derivative of Phi; empty if there is none.
    step, inverse_h : Operand or None
        The derivatives of tau/h and of 1/h.
    """

    name: str
    flux: str
    step: Operand | None
    inverse_h: Operand | None


def derivatives(program: Program) -> list[Derivatives]:
    """In the order of the parameters, but for a table."""
    return [
        Derivatives(
            p.name,
            f"by_{p.name}" if f"by_{p.name}" in program.outputs else "",
            program.coefficient(f"step_by_{p.name}"),
            program.coefficient(f"inverse_h_by_{p.name}"),
        )
        for p in program.numbers
    ]
