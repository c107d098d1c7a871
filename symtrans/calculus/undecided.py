"""The answer of the calculus to a question that it can neither prove nor disprove."""

import sympy as sp


class Undecided(Exception):
    """A sign, limit or order that is neither proved nor disproved; the message names it.

    Attributes
    ----------
    open : Expr or None
        An expression in the parameters alone whose sign would settle the question:
        whoever asked may go through the three cases.
    """

    def __init__(self, message: str, open: sp.Expr | None = None) -> None:
        self.open = open
        super().__init__(message)
