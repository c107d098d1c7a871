"""Splines as people read them: a table of knots and values, where the formulas of their pieces are none to read.

A continuous spline whose pieces have two coefficients each is known by its values at the knots and its last piece; so
is one of quadratic pieces with a continuous slope, as the regulariser of a piecewise linear flux.
"""

from itertools import pairwise
from typing import NamedTuple

import sympy as sp
from flint import fmpq

from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.splines import Spline
from symtrans.language.cases import MOST_SHOWN, abridged
from symtrans.language.spelling import Decimals, decimal_text
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.kind import Kind

_LARGEST = 10**4  # no one reads a fraction with a larger denominator
_READABLE = 12  # characters of a decimal
_DIGITS = 5
_BETWEEN = {"linear": (0, 1), "reciprocal": (-1, 0)}
"""Pieces that two values tell, and their lowest and highest power."""
_WORDS = {"linear": "linear between", "reciprocal": "a + b/|r| between", "quadratic": "quadratic and C^1 between"}


class KnotTable(NamedTuple):
    """A spline on r >= 0.

    Attributes
    ----------
    between : {"linear", "reciprocal", "quadratic"}
        What it is between two knots: a + b r, a + b/r, or quadratic with a continuous slope.
    places, values : tuple of Expr
        From r = 0, to five digits.
    beyond : Expr
        The formula behind the last knot.
    """

    between: str
    places: tuple[sp.Expr, ...]
    values: tuple[sp.Expr, ...]
    beyond: sp.Expr

    def __str__(self) -> str:
        points = zip(self.places, self.values, strict=True)
        pairs = [f"({float(place):.{_DIGITS}g}, {float(value):.{_DIGITS}g})" for place, value in points]
        first, left_out, last = abridged(pairs)
        shown = ", ".join([*first, *([f"... ({left_out} more)"] if left_out else []), *last])
        return f"{_WORDS[self.between]} {shown}, then {plain(self.beyond)}, to {_DIGITS} digits"


def knot_table(kind: Kind) -> KnotTable | None:
    """The table of a spline that is long, or whose numbers are; None of what is read as a formula.

    Examples
    --------
    >>> from symtrans import Activation
    >>> table = knot_table(Activation.from_knots([0, 0.1, 0.7], [0, 0.1, 0.3], tail="constant"))
    >>> table.between, [float(value) for value in table.values], table.beyond
    ('linear', [0.0, 0.1, 0.3], 0.3*sign(r))
    >>> print(table)
    linear between (0, 0), (0.1, 0.1), (0.7, 0.3), then 0.3*sgn(r), to 5 digits
    >>> knot_table(Activation.from_knots([0, 1, 2], [0, 1, "1/3"]))
    """
    half = kind.half if kind.is_settled else None
    if not isinstance(half, Spline) or not half.knots:
        return None
    numbers = (number for part in half.parts for number in part.coefficients)
    exact = (*half.knots, *numbers)
    if len(half.parts) <= MOST_SHOWN and all(_is_short(number, kind.names.decimals) for number in exact):
        return None
    between = _between(half)
    if between is None:
        return None
    places, values = (sp.S.Zero, *half.breaks), (half.origin, *half.values)
    last = Spline(half.parity, None, (), half.parts[-1:], (), half.scale, half.factor)
    whole = expression(last, kind.variable)
    formula = whole.args[-1].expr if isinstance(whole, sp.Piecewise) else whole  # not the value at 0
    beyond = sp.N(formula, _DIGITS)
    beyond = beyond.xreplace({number: _shown(number) for number in beyond.atoms(sp.Float)})
    return KnotTable(between, tuple(map(_shown, places)), tuple(map(_shown, values)), beyond)


def _is_short(number: fmpq, decimals: Decimals) -> bool:
    size = sp.Rational(int(abs(number.p)), int(number.q))
    return size.q <= _LARGEST or (bool(decimals) and 0 < len(decimal_text(size)) <= _READABLE)


def _between(half: Spline) -> str | None:
    """What its pieces are, if values at the knots tell which."""
    if list(half.may_jump()) or half.after(-1) != half.origin:
        return None
    low, high = min(part.low for part in half.parts), max(part.high for part in half.parts)
    if low >= 0 and high == 2:
        slopes = [part.derivative() for part in half.parts]
        smooth = all(one(knot) == other(knot) for knot, (one, other) in zip(half.knots, pairwise(slopes), strict=True))
        return "quadratic" if smooth else None
    return next((name for name, (least, most) in _BETWEEN.items() if least <= low and high <= most), None)


def _shown(number: sp.Expr) -> sp.Expr:
    """A number to as many digits as are read."""
    rounded = float(f"{float(number):.{_DIGITS}g}")
    return sp.Integer(rounded) if rounded.is_integer() and abs(rounded) < _LARGEST else sp.Float(str(rounded))
