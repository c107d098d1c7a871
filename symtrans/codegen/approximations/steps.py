"""The form of an approximation: straight-line steps as data, printed and proved alike."""

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, fmpq

from symtrans.codegen.approximations.polynomials import Polynomial


@dataclass(frozen=True)
class Table:
    """2^(j/n) for j < n, rounded to the format."""

    values: tuple[float, ...]


Argument = str | float | int | Polynomial | Table


@dataclass(frozen=True)
class Step:
    """One operation: `name` = `operation`(`arguments`); an argument is an earlier name or a constant."""

    name: str
    operation: str
    arguments: tuple[Argument, ...]
    comment: str = ""


@dataclass(frozen=True)
class Program:
    """A function as steps; the last one is its value.

    Attributes
    ----------
    name : str
    formula : str
        What it computes, for the reader.
    function : callable
        The exact function, in ball arithmetic.
    steps : tuple of Step
    pieces : tuple of (fmpq, fmpq)
        Intervals (low, high] that together are the proved domain, for an odd function its half x >= 0.
        For exp they are those of the reduced argument.
    odd : bool
    any_exponent : int
        exp alone: the proof is for the reduced argument and every |n| up to this.
    beyond : fmpq or None
        The argument is cut off here; the exact function goes on to 1, or to -1.
    note : str
        What happens outside the domain.
    needs : str
        A macro of vector.h, defined where the processor has what the steps need.
    otherwise : tuple of Step
        What is computed where it has not.
    """

    name: str
    formula: str
    function: Callable[[arb], arb]
    steps: tuple[Step, ...]
    pieces: tuple[tuple[fmpq, fmpq], ...]
    odd: bool = False
    any_exponent: int = 0
    beyond: fmpq | None = None
    note: str = ""
    needs: str = ""
    otherwise: tuple[Step, ...] = ()
