"""A long linear spline on uniform knots as a table: its values are looked up, and a kernel may be given others.

A kernel takes the values at 0, s, 2 s, ..., n s, and one more, at (n + 1) s, on the line that goes on beyond the last
knot. What is proved of it holds for all tables within the box 0 <= v_k <= k s g_max whose tail rises by 0 to s g_max.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq

from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.splines import Spline
from symtrans.codegen.program.shared_parts import SIGN, A, Intercept, Interpolated, Q, Rise
from symtrans.language.constants import shortened
from symtrans.language.text_printer import plain

FEWEST = 9  # pieces: fewer are compared with their breaks
_MOST = 2**14
_SAME = fmpq(1, 2**50)  # how far from its multiple a knot may be, relative: the rounding of a double
_SIZES = fmpq(1, 2**20), fmpq(2**20)  # of the step: neither it nor its square is at an end of a format
_FAR = {"float32": 2**100, "float64": 2**1000}  # of places: beyond, they stay, and are never infinite
_NEAR = sp.Rational(1, 2**80)  # of q: below, it stays; its root is less than any step

NAME = sp.Symbol("values", positive=True)


@dataclass(frozen=True)
class Table:
    """A spline on uniform knots; the values count in no comparison, since a kernel may be given others.

    Attributes
    ----------
    step : Expr
    size : int
        How many values there are.
    steepest : Expr
        The largest value of v_k/k and of the rise of the tail that is allowed.
    values : tuple of Expr
        Its own.
    """

    step: sp.Expr
    size: int
    steepest: sp.Expr
    values: tuple[sp.Expr, ...] = field(compare=False, repr=False)

    def __str__(self) -> str:
        last, place = self.size - 2, sp.Symbol("k") * self.step
        end = last * self.step
        knot, end = (plain(shortened(value)) for value in (place, end))
        return f"the linear spline through ({knot}, v_k) for k = 0 to {last}, a line from {end} on"

    def numbers(self, dtype: Any) -> np.ndarray:
        """Its own values, rounded, and the last so that the tail is no steeper than it may be."""
        return no_steeper(np.array([float(v) for v in self.values], dtype), float(self.steepest))

    def place(self, size: sp.Expr, dtype: str) -> sp.Expr:
        """Where |r| lies in the table."""
        return sp.Min(_FAR[dtype], size / self.step)

    def flux(self, dtype: str) -> dict[str, sp.Expr]:
        """Phi, its slope, and the place, in `A` and `SIGN`."""
        place = self.place(A, dtype)
        return {
            "flux": SIGN * Interpolated(NAME, place),
            "slope": Rise(NAME, place) / self.step,
            "place": SIGN * place,
        }

    def diffusivity(self, dtype: str) -> dict[str, sp.Expr]:
        """g, dg/dq, the place, and what the value there counts for in g, in `Q`.

        On a piece |Phi| = b + c |r|, so dg/dq = -b/(2 q^(3/2)), which is exactly 0 up to the first knot.
        """
        held = sp.Max(_NEAR, Q)
        place = self.place(sp.sqrt(held), dtype)
        return {
            "diffusivity": Interpolated(NAME, place) / sp.sqrt(held),
            "slope": -Intercept(NAME, place) / (2 * held ** sp.Rational(3, 2)),
            "place": place,
            "weight": 1 / sp.sqrt(held),
        }


def no_steeper(tables: np.ndarray, steepest: float) -> np.ndarray:
    """Tables, one to a row, changed in place so that tails rise by no more than `steepest` in spite of rounding."""
    last, before = tables[..., -1], tables[..., -2]
    tables[..., -1] = np.where(last - before > steepest, np.nextafter(last, before), last)
    return tables


def table_of(flux: HalfLine, g_max: sp.Expr | None) -> Table | None:
    """The table of a flux, if it has one: an odd spline of many linear pieces with 0 <= g <= g_max on uniform knots.

    Examples
    --------
    >>> from symtrans import Activation, certify
    >>> phi = Activation.from_knots([k / 4 for k in range(11)], [f"{k}/{4 + k}" for k in range(11)])
    >>> table_of(phi.half, certify(phi).g_max.value)
    Table(step=1/4, size=11, steepest=1/5)
    """
    if not isinstance(flux, Spline) or flux.parity is not Parity.ODD or len(flux.parts) < FEWEST:
        return None
    # of P, with Phi(r) = factor P(r/scale)
    largest = None if g_max is None else sp.sqrtdenest(g_max * flux.scale / flux.factor)
    if not isinstance(largest, sp.Rational) or flux.origin != 0:
        return None
    if any(part.low < 0 or part.high > 1 for part in flux.parts) or any(True for _ in flux.may_jump()):
        return None
    gaps = [b - a for a, b in zip((fmpq(0), *flux.knots), flux.knots, strict=False)]
    count = int(flux.knots[-1] / min(gaps) + fmpq(1, 2))
    step = flux.knots[-1] / count
    at = {int(knot / step + fmpq(1, 2)): k for k, knot in enumerate(flux.knots)}
    is_uniform = all(abs(flux.knots[k] - n * step) <= _SAME * flux.knots[k] for n, k in at.items())
    if count > _MOST or not is_uniform or not _SIZES[0] < step < _SIZES[1]:
        return None
    steepest = fmpq(int(largest.p), int(largest.q)) * step
    values, piece = [fmpq(0)], 0
    for n in range(1, count + 1):
        values.append(flux.at_knots[at[n]] if n in at else flux.parts[piece](n * step))
        piece = at.get(n, piece - 1) + 1
    values.append(values[-1] + flux.parts[-1].derivative()(step) * step)
    # a knot that is off its place by a rounding changes g by as much
    within = [min(value, n * steepest) for n, value in enumerate(values)]
    if min(within) < 0 or within[-1] < within[-2]:
        return None
    return Table(flux.place(step), count + 2, flux.value(steepest), tuple(map(flux.value, within)))
