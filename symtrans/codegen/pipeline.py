"""The driver of code generation: from a network's block to the program that a target prints.

======================  ======================================  ==============================================
stage                   from                                    to
======================  ======================================  ==============================================
1 `formulas_of`         `Block`: Phi in pieces, coefficients    `Formulas`: cases by size, constants hoisted,
                                                                nothing computed twice, tame at 0 and infinity
2 `lowered`             `Formulas`                              `Program`: one operation an instruction
3 passes of a target    `Program`                               `Program`: fused products, inlined functions
4 `keeps_range`         `Program`                               whether rounding keeps the max-min principle
5 `flux_bound`          `Program`                               how far the computed Phi may be from Phi
6 `emit` of a target    `Specification` with the program        files
7 `load` of a target    `Specification`                         functions on arrays
======================  ======================================  ==============================================

Gradients go the same way, and what a cell of a coupled grid computes, g of the squared slope, when they are asked for.
What is proved (4, 5) is read from the program that is printed (6).
"""

from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symtrans.codegen.formulas import Block, formulas_of
from symtrans.codegen.program.lowering import Dialect, lowered
from symtrans.codegen.program.shared_parts import Formulas, Q, R
from symtrans.codegen.program.three_address import Program


@dataclass(frozen=True, repr=False)
class Stages:
    """A block on its way to a target: every intermediate value, each derived once, when it is first asked for.

    Examples
    --------
    >>> from symtrans import Diffusivity, Network
    >>> stages = Network(Diffusivity("1/(1 + r^2/lambda^2)"), blocks=4).lowered("c")
    >>> [case.values for case in stages.formulas.cases]
    [(r/(t0**2 + 1),)]
    >>> stages.program
    parameters lam
    c0 = div(1, lam)
    step: 1/4
    inputs r
    otherwise
        t0 = mul(r, c0)
        %0.2 = fma(t0, t0, 1)
        %0.3 = div(r, %0.2)
        flux: %0.3
    >>> stages.gradients.outputs
    ('flux', 'slope', 'by_lam')
    >>> stages.diffusivity.inputs, stages.diffusivity.branches[-1].outputs
    (('q',), ('%0.2',))
    >>> stages.diffusivity_gradients.outputs
    ('diffusivity', 'slope', 'by_lam')
    """

    block: Block
    dialect: Dialect

    @cached_property
    def formulas(self) -> Formulas:
        """Cases, constants and common parts, as SymPy expressions."""
        return self._formulas(R)

    @cached_property
    def program(self) -> Program:
        """What is printed and proved."""
        return self._program(self.formulas)

    @cached_property
    def gradients(self) -> Program:
        """The same of Phi, its slope and its derivatives by parameters."""
        return self._program(self._formulas(R, gradients=True))

    @cached_property
    def diffusivity(self) -> Program:
        """The diffusivity g of q = |grad u|^2, for a cell of a grid whose axes or channels share it."""
        return self._program(self._formulas(Q))

    @cached_property
    def diffusivity_gradients(self) -> Program:
        """The same with its slope dg/dq and its derivatives by parameters."""
        return self._program(self._formulas(Q, gradients=True))

    def __repr__(self) -> str:
        given = ", ".join(map(str, self.block.symbols)) or "no parameters"
        return f"<stages of a flux of {given}: block, formulas, program, gradients>"

    def _formulas(self, argument: sp.Symbol, gradients: bool = False) -> Formulas:
        return formulas_of(self.block, argument, self.dialect.rewritings, gradients)

    def _program(self, formulas: Formulas) -> Program:
        program = lowered(formulas, self.dialect)
        for change in self.dialect.passes:
            program = change(program)
        return program
