"""The knots and values of a spline as the user gave them, checked and exact."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Rational, Real
from typing import Any

import sympy as sp
from flint import fmpq

from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splines import Spline, interpolant
from symtrans.errors import NonlinearityError
from symtrans.language.arrays import array_of
from symtrans.language.symbols import quantity, short

_TAILS = ("linear", "constant")


@dataclass(frozen=True)
class Knots:
    """Places r >= 0 in ascending order, one value for each, and what comes beyond the last.

    Examples
    --------
    >>> knots([0, 0.5], [0, "1/3"], "constant", "Activation")
    Knots(places=(0, 1/2), values=(0, 1/3), tail='constant')
    >>> print(_)
    [0, 0.5], [0, '1/3'], tail='constant'
    """

    places: tuple[fmpq, ...]
    values: tuple[fmpq, ...]
    tail: str

    def __str__(self) -> str:
        listed = (f"[{', '.join(map(_written, numbers))}]" for numbers in (self.places, self.values))
        return f"{', '.join(listed)}, tail={self.tail!r}"

    def spline(self, parity: Parity) -> Spline:
        """The function that they describe.

        Raises
        ------
        NonlinearityError
            If it is to be odd, and is not 0 at 0.
        """
        found = interpolant(parity, self.places, self.values, is_constant_beyond=self.tail == "constant")
        if found is None:
            height = int(self.values[0].p) / int(self.values[0].q)
            raise NonlinearityError(f"the value at r = 0 is {height:g}, and an odd function is 0 there")
        return found


def knots(places: Any, values: Any, tail: str, kind: str) -> Knots:
    """Check what the user gave and make it exact.

    Raises
    ------
    NonlinearityError
        If it is no spline.
    """
    shown = f"{kind}.from_knots"
    if tail not in _TAILS:
        raise NonlinearityError(f'{shown}(..., tail={tail!r}): the tail is "linear" or "constant"')
    at, heights = _numbers(places, "r", shown), _numbers(values, "values", shown)
    if len(at) != len(heights):
        raise NonlinearityError(f"{shown} has {len(at)} knots and {len(heights)} values; give one value for each knot")
    if at[-1:] <= (0,):
        raise NonlinearityError(f"{shown} has no knot r > 0; give at least one")
    if at[0] < 0:
        raise NonlinearityError(
            f"{shown} has the knot r = {at[0]}; give those with r >= 0, the others follow by symmetry"
        )
    for k in range(1, len(at)):
        if at[k] <= at[k - 1]:
            fault = "twice" if at[k] == at[k - 1] else f"after {at[k - 1]}"
            raise NonlinearityError(f"{shown} has the knot r = {at[k]} {fault}; give the knots in ascending order")
    return Knots(at, heights, tail)


def _numbers(given: Any, name: str, shown: str) -> tuple[fmpq, ...]:
    listed = given if isinstance(given, list | tuple) else array_of(given, shown).tolist()
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise NonlinearityError(f"{shown}: {name} = {short(repr(given))} is no list of numbers")
    return tuple(_exact(number, f"{name}[{k}]", shown) for k, number in enumerate(listed))


def _exact(number: Any, name: str, shown: str) -> fmpq:
    """A fraction; a float counts with all its digits."""
    if isinstance(number, Rational) and not isinstance(number, bool):
        return fmpq(int(number.numerator), int(number.denominator))
    if isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number):
        return fmpq(*float(number).as_integer_ratio())
    if isinstance(number, str | sp.Basic | Decimal):
        value = quantity(number, f"{shown}: {name}")
        if isinstance(value, sp.Rational):
            return fmpq(int(value.p), int(value.q))
    raise NonlinearityError(f"{shown}: {name} = {short(repr(number))} is no finite rational number")


def _written(number: fmpq) -> str:
    """As Python reads it back: an integer, a float if it is exactly one, else text."""
    if number.q == 1 and abs(number.p) < 2**53:
        return str(number)
    try:
        nearest = int(number.p) / int(number.q)
    except OverflowError:
        return repr(str(number))
    return repr(nearest) if fmpq(*nearest.as_integer_ratio()) == number else repr(str(number))
