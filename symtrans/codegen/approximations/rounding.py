"""Running error analysis of a program in ball arithmetic: the proof of its bound in units of the last place.

On each piece of the domain every step is followed by a pair: a ball that
contains the exact value, and a bound of |computed - exact|. One IEEE operation
adds at most half a unit of the last place of its result (N. J. Higham,
Accuracy and Stability of Numerical Algorithms, 2002, sections 2.2 and 3.3).
All fused operations are fused: the bound holds for a correctly rounded fma.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from flint import arb, ctx, fmpq

from symtrans.codegen.approximations.formats import FORMATS, Format, rounded_up, two_to
from symtrans.codegen.approximations.polynomials import Polynomial
from symtrans.codegen.approximations.programs import program
from symtrans.codegen.approximations.rules import ChoiceError, ImpossibleError, error_of, hull
from symtrans.codegen.approximations.steps import Program

_BITS = 128


@dataclass(frozen=True)
class Proof:
    """What is proved of one function in one format.

    Attributes
    ----------
    program : Program
    bound_ulp : float
        |computed - exact| <= bound_ulp units in the last place of the exact value, on the whole domain.
    relative : float
        |computed - exact| <= relative |exact|, where the result is a normal number.
    argument : str
        One line.
    """

    program: Program
    bound_ulp: float
    relative: float
    argument: str


@lru_cache(maxsize=32)
def proof(name: str, dtype: str) -> Proof:
    """Prove the bound of a function of `programs` for "float32" or "float64"."""
    format = FORMATS[dtype]
    return prove(program(name, format), format)


def prove(what: Program, format: Format) -> Proof:
    """Go through the domain piece by piece.

    Raises
    ------
    ArithmeticError
        If some piece has no finite bound.
    """
    with ctx.workprec(_BITS):
        worst, relative = arb(0), arb(0)
        ways = [what, replace(what, steps=what.otherwise)] if what.otherwise else [what]
        for way, (low, high) in product(ways, what.pieces):
            piece = hull(low, high)
            exact = what.function(piece)
            for error in _errors(way, format, low, high):
                worst = worst.max((error / format.ulp(exact)).abs_upper())
                if exact.abs_lower() >= two_to(format.least):
                    relative = relative.max((error / exact.abs_lower()).abs_upper())
        if what.beyond is not None:
            # beyond the cut the computed value is that at the cut
            error, exact = next(_errors(what, format, what.beyond, what.beyond)), what.function(arb(what.beyond))
            error += abs(1 - abs(exact))
            worst = worst.max((error / format.ulp(exact)).abs_upper())
            relative = relative.max((error / exact.abs_lower()).abs_upper())
        if not (worst.is_finite() and relative.is_finite()):
            raise ArithmeticError(f"no bound of the rounding errors of {what.name} in {format.name}")
        return Proof(what, rounded_up(worst), rounded_up(relative), _argument(what))


def _argument(what: Program) -> str:
    degrees = [len(p.coefficients) - 1 for s in what.steps for p in s.arguments if isinstance(p, Polynomial)]
    words = " and ".join(f"degree {d}" for d in degrees)
    return (
        f"truncation of the polynomial ({words}, rounded coefficients) by Taylor models in ball arithmetic, "
        f"rounding by running error analysis on {len(what.pieces)} pieces"
    )


def _errors(what: Program, format: Format, low: fmpq, high: fmpq) -> Iterator[arb]:
    """Bounds of the error of the last step on the piece (low, high], one for each integer that may come up."""
    try:
        yield error_of(what, format, low, high, 0 if what.any_exponent else None)
        return
    except ChoiceError as choice:
        numbers = choice.numbers
    for number in numbers:
        with suppress(ImpossibleError):
            yield error_of(what, format, low, high, number)
