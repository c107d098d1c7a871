"""How far the whole computed flux may be from Phi, or a diffusivity from g, proved for every argument and parameter.

The program that is printed is run with a bound of the error beside each value (`rounding_errors`), in ball arithmetic
on boxes of r that cover the half line. The bound holds for all parameters because they are scales: if every formula is
homogeneous in r and the parameters, relative errors do not change with them, and one member of the family stands
for all (`_scales`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import sympy as sp
from flint import arb, ctx, fmpq

from symtrans.calculus.undecided import Undecided
from symtrans.codegen.approximations.formats import FORMATS, Format, rounded_up, two_to
from symtrans.codegen.floating_point.rounding_errors import Errors, Open, Value, exact, largest, smallest
from symtrans.codegen.program.three_address import Branch, Instruction, Operand, Operation, Program, follow, needed_for
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


def flux_bound(program: Program, dtype: str, bounded: bool) -> FluxBound | None:
    """The proved bound of the computed flux, or None where there is no proof.

    Parameters
    ----------
    program : Program
        Its first output is the flux. Functions of a library have no proof.
    dtype : {"float64", "float32"}
    bounded : bool
        Whether Phi is bounded: then the scale is its supremum.
    """
    flux = _flux_of(program)
    return None if flux is None else _flux_bound(flux, dtype, bounded)


def scales_of(program: Program) -> frozenset[str]:
    """The parameters that may be taken for 1: scaling takes any member of the family to such a one."""
    flux = _flux_of(program)
    try:
        return frozenset() if flux is None else _scales(flux)
    except Open:
        return frozenset()


class _Flux(NamedTuple):
    """What Phi is computed from; the time step has no part in it."""

    argument: str
    parameters: tuple[str, ...]
    constants: tuple[Instruction, ...]
    shared: tuple[Instruction, ...]
    branches: tuple[Branch, ...]


def _flux_of(program: Program) -> _Flux | None:
    """What Phi is computed from; None if a parameter may be negative."""
    constants = needed_for(program.scalars, program.constants)
    needed = {*program.scalars, *(argument for one in constants for argument in one.arguments)}
    parameters = [p for p in program.parameters if p.name in needed]
    if not all(p.symbol.is_positive for p in parameters):
        return None
    return _Flux(
        program.inputs[0], tuple(p.name for p in parameters), tuple(constants), program.shared, program.branches
    )


@remembered(256)
def _flux_bound(flux: _Flux, dtype: str, bounded: bool) -> FluxBound | None:
    with ctx.workprec(_BITS):
        try:
            if _scales(flux) != {*flux.parameters}:
                return None
            return _bound(_parts(flux, FORMATS[dtype]), bounded, FORMATS[dtype])
        except (Open, Undecided):
            return None


# ---- one member stands for all --------------------------------------------------------------------


Degree = tuple[sp.Rational, ...] | None
"""By which powers of the unknown degrees a value grows; None for 0, which has any."""


def _scales(flux: _Flux) -> frozenset[str]:
    """Parameters that can be scaled to 1, all at once, with r and the others, in every formula.

    The degrees of r and of the parameters are unknowns; a sum wants terms of one degree, a function
    an argument of degree 0. Those parameters are scales whose degrees these equations leave free.
    """
    if not flux.parameters:
        return frozenset()
    count = 1 + len(flux.parameters)
    nothing = (sp.S.Zero,) * count
    equations: dict[tuple[sp.Rational, ...], None] = {}

    def equal(*degrees: Degree) -> Degree:
        known = [degree for degree in degrees if degree is not None]
        for other in known[1:]:
            equations[tuple(a - b for a, b in zip(known[0], other, strict=True))] = None
        return known[0] if known else None

    def combined(a: Degree, b: Degree, factor: sp.Rational) -> Degree:
        return None if a is None or b is None else tuple(x + factor * y for x, y in zip(a, b, strict=True))

    def rule(one: Instruction) -> Callable[..., Degree]:
        match one.operation:
            case Operation.MULTIPLY | Operation.DIVIDE:
                return lambda a, b: combined(a, b, sp.S.One if one.operation is Operation.MULTIPLY else -sp.S.One)
            case Operation.FUSED:
                return lambda a, b, c: equal(combined(a, b, sp.S.One), c)
            case Operation.SQRT | Operation.RECIPROCAL_ROOT | Operation.RECIPROCAL_ROOT_HELD:
                half = sp.S.Half if one.operation is Operation.SQRT else -sp.S.Half
                return lambda a: combined(nothing, a, half)
            case Operation.POWER if isinstance(one.arguments[1], sp.Expr):
                exponent = one.arguments[1]
                return lambda a, _: combined(nothing, a, exponent)
            case Operation.COPYSIGN:
                return lambda a, _: a
            case Operation.SIGN:
                return lambda _: nothing
            case Operation.CHOOSE:
                raise Open
            case Operation.ADD | Operation.SUBTRACT | Operation.MAXIMUM | Operation.MINIMUM:
                return equal
            case Operation.COPY | Operation.NEGATIVE | Operation.MODULUS:
                return equal
        return lambda *degrees: equal(nothing, *degrees)

    def of_number(number: sp.Expr) -> Degree:
        return None if number == 0 else nothing

    units = [tuple(sp.S(int(i == k)) for i in range(count)) for k in range(count)]
    degrees: dict[Operand, Degree] = dict(zip((flux.argument, *flux.parameters), units, strict=True))
    follow((*flux.constants, *flux.shared), degrees, of_number, rule)
    outputs: list[Degree] = []
    for branch in flux.branches:
        follow(branch.body, degrees, of_number, rule)
        value = branch.outputs[0]
        outputs.append(degrees[value] if isinstance(value, str) else of_number(value))
        if branch.bound is not None:
            equal(degrees[branch.bound], degrees[flux.argument])
    equal(*outputs)
    solutions = sp.Matrix(list(equations) or [nothing]).nullspace()
    _, pivots = sp.Matrix([list(solution)[1:] for solution in solutions]).rref()
    return frozenset(flux.parameters[k] for k in pivots)


# ---- over the half line ---------------------------------------------------------------------------


class _Part(NamedTuple):
    """One branch with the interval of |r| on which it holds."""

    at: Callable[[arb], Value]
    low: Value | None
    high: Value | None


def _parts(flux: _Flux, format: Format) -> list[_Part]:
    """From 0 outwards; an isolated value is exact to its own roundings, and changes no bound of the rest."""
    scalars = _scalars(flux, format)
    errors = Errors(format)
    parts: list[_Part] = []
    high: Value | None = None
    for branch in flux.branches:
        bound = None if branch.bound is None else scalars[branch.bound]
        low = bound if bound is not None and not bound.ball.is_zero() else None
        if branch.relation == "==" and bound is not None:
            low = high = bound
        parts.append(_Part(_run(flux, branch, scalars, errors), low, high))
        if bound is not None and bound.ball.is_zero():
            break  # what is left is the value 0 at r = 0
        high = bound
    return parts[::-1]


def _scalars(flux: _Flux, format: Format) -> dict[Operand, Value]:
    """Parameters and constants: these are computed in double, then rounded."""
    double = Errors(FORMATS["float64"])
    values: dict[Operand, Value] = {name: exact(arb(1)) for name in flux.parameters}
    follow(flux.constants, values, double.number, double.rule)
    if format is FORMATS["float64"]:
        return values
    own = Errors(format)
    for one in flux.constants:
        plain = one.operation is Operation.COPY and not isinstance(one.arguments[0], str)
        values[one.result] = own.number(one.arguments[0]) if plain else own.rounded(values[one.result])
    return values


def _run(flux: _Flux, branch: Branch, scalars: Mapping[Operand, Value], errors: Errors) -> Callable[[arb], Value]:
    """The branch as a function of a box of |r|."""
    # only what the flux needs: other outputs may have no bound
    output = branch.outputs[0]
    body = [(one, errors.rule(one)) for one in needed_for(output, (*flux.shared, *branch.body))]
    start: dict[Operand, Value] = {
        name: scalars[name] if isinstance(name, str) else errors.number(name)
        for name in {output, *(argument for one, _ in body for argument in one.arguments)}
        if not isinstance(name, str) or name in scalars
    }

    def at(box: arb) -> Value:
        values = {**start, flux.argument: exact(box)}
        for one, rule in body:
            values[one.result] = rule(*[values[argument] for argument in one.arguments])
        return values[output]

    return at


def _bound(parts: list[_Part], bounded: bool, format: Format) -> FluxBound:
    scale, jumps = arb(0), False
    errors: list[tuple[arb, arb, arb]] = []  # relative, absolute, and the largest |Phi| so far
    for k, part in enumerate(parts):
        for box in _boxes(part, format):
            value = part.at(box)
            scale = scale.max(value.ball.abs_lower())
            errors.append((value.relative, value.absolute, scale))
        for other in parts[k + 1 : k + 3]:  # an isolated value may stand between the two
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
    return FluxBound(rounded_up(worst / two_to(1 - format.precision)), bounded, jumps)


def _gap(part: _Part, other: _Part, format: Format) -> arb | None:
    """How far the formulas of two neighbours are apart where the rounded place of their break decides.

    None where it is exact, or where they are no neighbours. The errors of the formulas are included.
    """
    place = part.high
    if place is None or other.low is not place or place.absolute.is_zero():
        return None
    zone = place.reach
    inner, outer = part.at(zone), other.at(zone)
    return (abs(inner.ball - outer.ball) + inner.absolute.max(outer.absolute)).abs_upper()


@lru_cache(maxsize=2)
def _ends(bias: int) -> tuple[fmpq, ...]:
    """Where boxes end, ascending: narrow ones about 1, wide ones further out."""
    ends = [fmpq(2) ** k for k in range(-2 * bias, -_MIDDLE, _STRIDE)]
    ends += [fmpq(2) ** k * (1 + fmpq(i, _PARTS)) for k in range(-_MIDDLE, _MIDDLE) for i in range(_PARTS)]
    return (*ends, *(fmpq(2) ** k for k in range(_MIDDLE, 2 * bias + _STRIDE, _STRIDE)))


def _boxes(part: _Part, format: Format) -> Iterator[arb]:
    """A cover of the part's interval, ascending."""
    ends = _ends(format.bias)
    low = None if part.low is None else part.low.reach.lower()
    high = None if part.high is None else part.high.reach.upper()
    first = 0 if low is None else bisect_right(ends, low, key=arb)
    last = len(ends) if high is None else bisect_left(ends, high, key=arb)
    inside = map(arb, ends[first : max(first, last)])
    places = [*([] if low is None else [low]), *inside, *([] if high is None else [high])]
    if len(places) == 1:
        yield places[0]
    for a, b in pairwise(places):
        yield a.union(b)
