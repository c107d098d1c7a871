"""How far the whole computed flux may be from Phi, proved for every r and every value of its parameters.

Each formula of a kernel is run as a tape (`symtrans.codegen.tapes`) in ball
arithmetic on boxes of r that cover the half line. The bound holds for all
parameters because they are scales: if every formula is homogeneous in r and
the parameters, relative errors do not change with them, and one member of the
family stands for all (`_are_scales`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import sympy as sp
from flint import arb, ctx, fmpq

from symtrans.calculus.undecided import Undecided
from symtrans.codegen.approximations.formats import FORMATS, Format, two_to
from symtrans.codegen.common import SIGN, A, Named, R, moves
from symtrans.codegen.printers import VectorPrinter
from symtrans.codegen.scalar import Branch, ScalarCode
from symtrans.codegen.tapes import Open, Tape, Value, largest, smallest
from symtrans.runtime.caches import remembered

_BITS = 96
_MIDDLE, _PARTS = 10, 32  # octaves about 1 in which boxes are narrow, and how narrow
_STRIDE = 2  # octaves of a box further out; the radius of a ball has 30 bits, and r^8 must keep its sign
_USELESS = fmpq(1, 1000)  # of the scale: a bound above says nothing
_JUMP = fmpq(1, 1000)  # of the scale: what a flux may change by next to a break through rounding alone


@dataclass(frozen=True)
class FluxBound:
    """|computed Phi(r) - Phi(r)| <= multiple eps scale, as long as no step overflows or underflows.

    Attributes
    ----------
    multiple : float
        In units of eps, the distance from 1 to the next number of the format.
    overall : bool
        Whether the scale is sup |Phi|; else it is the largest |Phi| on [0, |r|].
    apart_from_jumps : bool
        Whether numbers next to a jump of Phi are left out: there the rounded place of the jump decides.
    """

    multiple: float
    overall: bool
    apart_from_jumps: bool


def flux_bound(code: ScalarCode, dtype: str, accuracy: str, bounded: bool) -> FluxBound | None:
    """The proved bound of a flux as the C target prints it, or None where there is no proof.

    Parameters
    ----------
    code : ScalarCode
    dtype : {"float64", "float32"}
    accuracy : {"fast", "strict"}
        Functions of the C library have no proof.
    bounded : bool
        Whether Phi is bounded: then the scale is its supremum.
    """
    names, constants = _of_flux(code)
    parameters = tuple(name for name, _, symbol in code.parameters if name in names and symbol.is_positive)
    if len(parameters) < len(names):
        return None
    return _flux_bound(_Flux(parameters, constants, code.branches), dtype, accuracy, bounded)


@dataclass(frozen=True)
class _Flux:
    """What Phi is computed from; the time step has no part in it."""

    parameters: tuple[str, ...]
    constants: tuple[Named, ...]
    branches: tuple[Branch, ...]

    def symbol(self, bound: str) -> sp.Symbol:
        """The place of a break: a constant, or a parameter."""
        return next((c.symbol for c in self.constants if c.name == bound), sp.Symbol(bound, positive=True))

    def is_zero(self, bound: str) -> bool:
        return any(c.name == bound and c.expr == 0 for c in self.constants)


def _of_flux(code: ScalarCode) -> tuple[list[str], tuple[Named, ...]]:
    """The parameters and the constants that the flux depends on; the step has others."""
    needed = set(code.flux_arguments())
    constants: list[Named] = []
    for constant in reversed(code.constants):
        if constant.name in needed:
            needed |= {symbol.name for symbol in constant.expr.free_symbols}
            constants.insert(0, constant)
    return [name for name, _, _ in code.parameters if name in needed], tuple(constants)


@remembered(256)
def _flux_bound(flux: _Flux, dtype: str, accuracy: str, bounded: bool) -> FluxBound | None:
    with ctx.workprec(_BITS):
        try:
            if not _are_scales(flux):
                return None
            return _bound(_branches(flux, FORMATS[dtype], accuracy), bounded, FORMATS[dtype])
        except (Open, Undecided):
            return None


# ---- one member stands for all --------------------------------------------------------------------


def _are_scales(flux: _Flux) -> bool:
    """Whether scaling r and the parameters takes any member of the family to any other, in every formula.

    The degrees of r and of the parameters are unknowns; a sum wants terms of one degree, a function
    an argument of degree 0. The parameters are scales if these equations leave their degrees free.
    """
    parameters = [sp.Symbol(name, positive=True) for name in flux.parameters]
    unknowns = [sp.Dummy() for _ in range(len(parameters) + 1)]
    degrees: dict[sp.Expr, sp.Expr] = {R: unknowns[0], A: unknowns[0], SIGN: sp.S.Zero}
    degrees |= dict(zip(parameters, unknowns[1:], strict=True))
    equations: list[sp.Expr] = []

    def degree(expr: sp.Expr) -> sp.Expr:
        if expr in degrees:
            return degrees[expr]
        if expr.is_number:
            return sp.S.Zero
        if isinstance(expr, sp.Mul):
            return sp.Add(*map(degree, expr.args))
        if isinstance(expr, sp.Pow) and expr.exp.is_number:
            return expr.exp * degree(expr.base)
        if not expr.args:
            raise Open
        first, *others = map(degree, expr.args)
        if isinstance(expr, sp.Add | sp.Max | sp.Min):
            equations.extend(first - other for other in others)
            return first
        equations.extend((first, *others))
        return sp.S.Zero

    for constant in flux.constants:
        degrees[constant.symbol] = degree(constant.expr)
    values = []
    for branch in flux.branches:
        for temporary in branch.temporaries:
            degrees[temporary.symbol] = degree(temporary.expr)
        if branch.value != 0:
            values.append(degree(branch.value))
        if branch.bound is not None and not flux.is_zero(branch.bound):
            equations.append(degrees[flux.symbol(branch.bound)] - degrees[R])
    equations.extend(values[0] - other for other in values[1:])
    rows = [[sp.expand(equation).coeff(unknown) for unknown in unknowns] for equation in equations]
    solutions = sp.Matrix(rows or [[0] * len(unknowns)]).nullspace()
    return sp.Matrix([list(solution)[1:] for solution in solutions]).rank() == len(parameters) if parameters else True


# ---- over the half line ---------------------------------------------------------------------------


class _Part(NamedTuple):
    """One branch with the interval of |r| on which it holds."""

    at: Callable[[arb], Value]
    low: Value | None
    high: Value | None


def _branches(flux: _Flux, format: Format, accuracy: str) -> list[_Part]:
    """From 0 outwards; an isolated value is exact to its own roundings, and changes no bound of the rest."""
    parts: list[_Part] = []
    high: Value | None = None
    for branch in flux.branches:
        printer = VectorPrinter(format.name, accuracy)
        tape = Tape(flux.parameters, flux.constants, printer, format)
        slot = _slot(tape, branch)
        bound = None if branch.bound is None else tape.start[tape.slots[flux.symbol(branch.bound)]]
        low = bound if bound is not None and not bound.ball.is_zero() else None
        if branch.relation == "==" and bound is not None:
            low = high = bound
        parts.append(_Part(lambda box, tape=tape, slot=slot: tape.value_at(box, slot), low, high))  # type: ignore[misc]
        if bound is not None and bound.ball.is_zero():
            break  # what is left is the value 0 at r = 0
        high = bound
    return parts[::-1]


def _slot(tape: Tape, branch: Branch) -> int:
    for temporary in branch.temporaries:
        tape.slots[temporary.symbol] = tape.add(temporary.expr)
        if moves(temporary.expr):
            tape.printer.step(temporary.symbol, temporary.expr)
    return tape.add(branch.value)


def _bound(parts: list[_Part], bounded: bool, format: Format) -> FluxBound:
    scale, jumps = arb(0), False
    errors: list[tuple[arb, arb, arb]] = []  # relative, absolute, and the largest |Phi| so far
    for part in parts:
        for box in _boxes(part, format):
            value = part.at(box)
            scale = scale.max(value.ball.abs_lower())
            errors.append((value.relative, value.absolute, scale))
        for other in parts:
            gap = _gap(part, other, format)
            if gap is None:
                continue
            if gap < _JUMP * scale:
                errors.append((arb.pos_inf(), gap, scale))
            else:
                jumps = True
    # |Phi(r)| is itself no more than the scale
    ratios = [smallest(relative, size / (scale if bounded else so_far)) for relative, size, so_far in errors]
    worst = largest(ratios)
    if not worst < _USELESS:
        raise Open
    return FluxBound(_up(worst / two_to(1 - format.precision)), bounded, jumps)


def _gap(part: _Part, other: _Part, format: Format) -> arb | None:
    """How far the formulas of two neighbours are apart where the rounded place of their break decides.

    None where it is exact, or where they are no neighbours. The errors of the formulas are included.
    """
    place = part.high
    if place is None or other is part or other.low is not place or place.absolute.is_zero():
        return None
    zone = place.reach
    inner, outer = part.at(zone), other.at(zone)
    return (abs(inner.ball - outer.ball) + inner.absolute.max(outer.absolute)).abs_upper()


def _boxes(part: _Part, format: Format) -> Iterator[arb]:
    """A cover of the part's interval, ascending."""
    ends = [fmpq(2) ** k for k in range(-2 * format.bias, -_MIDDLE, _STRIDE)]
    ends += [fmpq(2) ** k * (1 + fmpq(i, _PARTS)) for k in range(-_MIDDLE, _MIDDLE) for i in range(_PARTS)]
    ends += [fmpq(2) ** k for k in range(_MIDDLE, 2 * format.bias + _STRIDE, _STRIDE)]
    low = None if part.low is None else part.low.reach.lower()
    high = None if part.high is None else part.high.reach.upper()
    inside = [arb(end) for end in ends if (low is None or arb(end) > low) and (high is None or arb(end) < high)]
    places = [*([] if low is None else [low]), *inside, *([] if high is None else [high])]
    if len(places) == 1:
        yield places[0]
    for a, b in pairwise(places):
        yield a.union(b)


def _up(bound: arb) -> float:
    """A float with three digits that is not below the bound."""
    value = float(bound.abs_upper())
    text = float(f"{value:.3g}")
    return text if text >= value * (1 + 2**-50) or value == 0 else float(f"{value * 1.005:.3g}")
