"""What is a program? Three-address instructions, how formulas are cut into them, and what targets do to them.

`three_address` says what a program is, `shared_parts` names what several formulas have in common, `lowering` cuts
formulas into instructions, `passes` go from one program to the next. It may import the calculus.
"""

from symtrans.codegen.program.three_address import Branch, Instruction, Operation, Program

__all__ = ["Branch", "Instruction", "Operation", "Program"]
