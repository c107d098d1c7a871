"""Whether a computed flux or diffusivity is finite for all arguments: intervals that know overflow and underflow.

What IEEE 754 makes of an interval is an interval, unless NaN may come of it: of inf - inf, 0 times inf, 0/0, inf/inf,
or a root of less than 0. Each value is followed on the whole half line at once, for parameters within 2^20 of 1; where
that leaves the question open, on short boxes of r, and for three members that stand for a family of scales: r over the
scale is what it is for 1, or overflows, or underflows.
"""

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from symtrans.calculus.asymptotics.limits import is_plain, limit
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.floating_point.accuracy import scales_of
from symtrans.codegen.program.three_address import (
    SLOPE,
    SQUARE,
    Branch,
    Instruction,
    Operand,
    Operation,
    Program,
    follow,
    needed_for,
)
from symtrans.runtime.caches import remembered

_HEADROOM = 1  # binary digits that differences of a signal stay below the largest number
_SPARE = (2, 8, 32)  # binary digits, tried in order until a step overflows nowhere
_SIZE = 20  # of the least and the largest parameter

_WIDER = 2.0**-18  # more than all roundings, and an approximation's error, move a value by
_OCTAVES = 4  # of a box of r, but about 1
_NARROW, _PARTS = 12, 4  # octaves about 1 in which boxes are narrow, and how many to an octave


class _MayBeNaN(Exception):
    """There is no proof that a value is a number."""


class _Span(NamedTuple):
    """Between which numbers, infinite ones included, a computed value lies."""

    low: float
    high: float

    def holds(self, number: float) -> bool:
        return self.low <= number <= self.high

    @property
    def may_be_infinite(self) -> bool:
        """Whether it reaches beyond the numbers."""
        return math.inf in (self.high, -self.low)


def not_scales(program: Program) -> list[str]:
    """The parameters of which `is_finite` is proved only between 2^-20 and 2^20, by keyword."""
    needed = needed_for(program.scalars, program.constants)
    read = {*program.scalars, *(argument for one in needed for argument in one.arguments)} - scales_of(program)
    return [parameter.keyword for parameter in program.parameters if parameter.name in read]


@remembered(256)
def reach(program: Program, dtype: str, dimensions: int) -> int | None:
    """The k for which a step of the explicit scheme is proved to meet no infinity, None without a proof.

    Of a flux for |r| up to 2^k: the difference of two fluxes is finite. Of a diffusivity for differences of samples up
    to 2^k: they are multiplied by the sum of g over 2^(d-1) cells, and two such products are subtracted.
    """
    most, of_g = int(np.finfo(dtype).maxexp), program.inputs == (SQUARE,)
    for spare in _SPARE[:1] if program.parameters else _SPARE:  # how steep it is may depend on parameters of any size
        if of_g and is_finite(program, dtype, _HEADROOM, 2.0 ** (spare - 1)):
            return most - spare - dimensions
        if not of_g and is_finite(program, dtype, spare, float(np.finfo(dtype).max) / 2):
            return most - spare
    return None


@remembered(256)
def is_finite(program: Program, dtype: str, headroom: int = _HEADROOM, largest: float = sys.float_info.max) -> bool:
    """Whether for |r| up to the largest number over 2^headroom the flux is finite, and at most `largest` in modulus.

    A diffusivity must be so for all q, which may have overflown. Constants are normal numbers, and parameters that are
    no scales lie between 2^-20 and 2^20, whatever their signs. False means that no proof was found.
    """
    found = np.finfo(dtype)
    format = _Format(float(found.tiny), float(found.max), float(found.smallest_subnormal), np.dtype(dtype).type)
    far = 2.0**_SIZE
    spans = {p.name: _Span(1 / far if p.symbol.is_positive else -far, far) for p in program.parameters}
    if program.table is not None:
        spans[program.table.name] = _Span(0.0, float(program.table.steepest or 0))
    high = math.inf if program.inputs == (SQUARE,) else format.most * 2.0**-headroom

    def holds(members: Mapping[str, _Span], boxes: Callable[[float, float], Iterable[tuple[float, float]]]) -> bool:
        return _holds(program, format, members, boxes, high, largest)

    if holds(spans, lambda low, high: [(low, high)]):
        return True
    sizes = (1.0, 1 / far, far)
    return all(holds({**spans, **dict.fromkeys(scales_of(program), _Span(size, size))}, _boxes) for size in sizes)


class _Format(NamedTuple):
    """The least normal and the largest number of a format, and the least above 0."""

    tiny: float
    most: float
    least: float
    kind: type[np.floating[Any]]

    def settled(self, low: float, high: float) -> _Span:
        """The span of exact results, rounded."""
        low -= abs(low) * _WIDER if math.isfinite(low) else 0
        high += abs(high) * _WIDER if math.isfinite(high) else 0
        return _Span(self._below(low), -self._below(-high))

    def _below(self, low: float) -> float:
        if 0 < low < self.tiny:
            return 0.0
        if -self.tiny < low < 0:
            return -self.tiny
        return -math.inf if low < -self.most else min(low, self.most)


def _holds(
    program: Program,
    format: _Format,
    parameters: Mapping[str, _Span],
    boxes: Callable[[float, float], Iterable[tuple[float, float]]],
    high: float,
    largest: float,
) -> bool:
    """Whether no NaN comes of r up to `high`, and nothing beyond `largest`."""
    rules = _Rules(format)
    try:
        scalars: dict[Operand, _Span] = {**parameters}
        needed = needed_for(program.scalars, program.constants)
        follow(needed, scalars, rules.number, rules.constant)
        for branch in program.branches:
            bound = 0.0 if branch.bound is None else max(scalars[branch.bound].low, 0.0)
            if branch.bound is not None and branch.relation == ">" and bound == 0:
                bound = format.least
            top = min(high, scalars[branch.bound].high) if branch.bound and branch.relation == "==" else high
            for box in boxes(min(bound, top), top):
                if _modulus(_flux(program, branch, scalars, _Span(*box), rules)).high > largest:
                    return False
            if branch.bound is not None and branch.relation != "==":
                high = min(high, scalars[branch.bound].high)
    except _MayBeNaN:
        return False
    return True


def _boxes(low: float, high: float) -> Iterator[tuple[float, float]]:
    top = math.frexp(min(high, sys.float_info.max))[1]
    ends = [math.ldexp(1.0, k) for k in range(-1074, -_NARROW, _OCTAVES)]
    ends += [2.0 ** (k / _PARTS) for k in range(-_NARROW * _PARTS, _NARROW * _PARTS)]
    ends += [math.ldexp(1.0, k) for k in range(_NARROW, top, _OCTAVES)]
    places = [low, *(end for end in ends if low < end < high), high]
    yield from pairwise(places) if len(places) > 1 and low < high else [(low, high)]


def _flux(program: Program, branch: Branch, scalars: Mapping[Operand, _Span], box: _Span, rules: "_Rules") -> _Span:
    flux = branch.outputs[0]
    body = needed_for(flux, (*program.shared, *branch.body))
    values: dict[Operand, _Span] = {**scalars, **dict.fromkeys(program.inputs, box)}
    follow(body, values, rules.number, rules.rule)
    return values[flux] if isinstance(flux, str) else rules.number(flux)


class _Rules:
    """What operations make of spans, for r >= 0."""

    def __init__(self, format: _Format) -> None:
        self._format = format
        self._numbers: dict[sp.Expr, _Span] = {}

    def number(self, number: sp.Expr) -> _Span:
        if number not in self._numbers:  # each is asked for in every box
            self._numbers[number] = self._span_of(number)
        return self._numbers[number]

    def _span_of(self, number: sp.Expr) -> _Span:
        if number in (sp.oo, -sp.oo):
            return _Span(float(number), float(number))
        value = float(sp.N(number, 17))
        if abs(value) <= self._format.most and self._format.kind(value) == value and sp.Rational(value) == number:
            return _Span(value, value)
        return self._format.settled(value, value) if value else _Span(0.0, 0.0)

    def constant(self, one: Instruction) -> Callable[..., _Span]:
        """Constants are normal numbers: what is positive is neither 0 nor infinite."""
        rule = self.rule(one)

        def value(*given: _Span) -> _Span:
            found = rule(*given)
            low, high = (min(max(end, -self._format.most), self._format.most) for end in found)
            if found.low >= 0 and found.high > 0:
                low = max(low, self._format.tiny)
            if found.high <= 0 and found.low < 0:
                high = min(high, -self._format.tiny)
            return _Span(low, high)

        return value

    def rule(self, one: Instruction) -> Callable[..., _Span]:
        settled = self._format.settled
        match one.operation:
            case Operation.COPY:
                return lambda a: a
            case Operation.NEGATIVE:
                return lambda a: _Span(-a.high, -a.low)
            case Operation.SIGN:
                return lambda a: _Span(1.0, 1.0)
            case Operation.MODULUS:
                return _modulus
            case Operation.COPYSIGN if one.arguments[1] != SLOPE:
                return lambda a, b: _Span(-_modulus(a).high, _modulus(a).high)
            case Operation.COPYSIGN:
                return lambda a, b: _modulus(a)
            case Operation.ADD:
                return self._sum
            case Operation.SUBTRACT:
                return lambda a, b: self._sum(a, _Span(-b.high, -b.low))
            case Operation.MULTIPLY if one.arguments[0] == one.arguments[1]:
                return lambda a, _: settled(*(_times(end, end) for end in _modulus(a)))
            case Operation.MULTIPLY:
                return self._product
            case Operation.FUSED:
                return lambda a, b, c: self._sum(self._product(a, b), c)
            case Operation.DIVIDE:
                return self._quotient
            case Operation.MINIMUM:
                return lambda a, b: _Span(min(a.low, b.low), min(a.high, b.high))
            case Operation.MAXIMUM:
                return lambda a, b: _Span(max(a.low, b.low), max(a.high, b.high))
            case Operation.RECIPROCAL_ROOT | Operation.RECIPROCAL_ROOT_HELD:
                return lambda a: self._quotient(_Span(1.0, 1.0), self._monotone(*_MONOTONE[Operation.SQRT])(a))
            case Operation.POWER:
                return self._power
            case Operation.SIN | Operation.COS:
                return self._wave
            case Operation.INTERPOLATED:  # within its box
                return lambda table, x: settled(0.0, _times(table.high, x.high))
        if one.operation not in _MONOTONE:
            raise _MayBeNaN
        return self._monotone(*_MONOTONE[one.operation])

    def _sum(self, a: _Span, b: _Span) -> _Span:
        if (a.holds(math.inf) and b.holds(-math.inf)) or (a.holds(-math.inf) and b.holds(math.inf)):
            raise _MayBeNaN
        return self._format.settled(a.low + b.low, a.high + b.high)

    def _product(self, a: _Span, b: _Span) -> _Span:
        if (a.holds(0.0) and b.may_be_infinite) or (b.holds(0.0) and a.may_be_infinite):
            raise _MayBeNaN
        corners = [_times(x, y) for x in a for y in b]
        return self._format.settled(min(corners), max(corners))

    def _quotient(self, a: _Span, b: _Span) -> _Span:
        if (a.holds(0.0) and b.holds(0.0)) or (a.may_be_infinite and b.may_be_infinite):
            raise _MayBeNaN
        if b.low < 0 < b.high:
            return _Span(-math.inf, math.inf)
        # 1/0 is infinite, with the sign of the zero
        negative = b.high <= 0 and b.low < 0
        ends = tuple(1 / end if end else (-math.inf if negative else math.inf) for end in (b.high, b.low))
        corners = [_times(x, y) for x in a for y in ends]
        return self._format.settled(min(corners), max(corners))

    def _power(self, a: _Span, b: _Span) -> _Span:
        """Of a base that is not negative: no number, and no infinity, makes NaN of it."""
        if a.low < 0 or b.may_be_infinite:
            raise _MayBeNaN
        corners = [_raised(x, y) for x in a for y in b]
        between = [1.0] if a.holds(1.0) or b.holds(0.0) else []
        return self._format.settled(min(corners + between), max(corners + between))

    def _wave(self, a: _Span) -> _Span:
        if a.may_be_infinite:
            raise _MayBeNaN
        return _Span(-1.0, 1.0)

    def _monotone(self, function: Callable[[float], float], low: float, high: float) -> Callable[[_Span], _Span]:
        def value(a: _Span) -> _Span:
            if a.low < low or a.high > high:
                raise _MayBeNaN
            ends = sorted((_limit(function, a.low), _limit(function, a.high)))
            return self._format.settled(*ends)

        return value


def _modulus(a: _Span) -> _Span:
    low = 0.0 if a.holds(0.0) else min(abs(a.low), abs(a.high))
    return _Span(low, max(abs(a.low), abs(a.high)))


def _times(a: float, b: float) -> float:
    """A corner of a product; 0 times infinity was excluded, or is a limit of products that are 0."""
    return 0.0 if a == 0 or b == 0 else a * b


def _raised(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _limit(function: Callable[[float], float], x: float) -> float:
    try:
        return function(x)
    except OverflowError:
        return math.inf if x > 0 or function is math.cosh else -math.inf


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def _log1p(x: float) -> float:
    return math.log1p(x) if x > -1 else -math.inf


_EVERYWHERE = (-math.inf, math.inf)
_MONOTONE: Mapping[Operation, tuple[Callable[[float], float], float, float]] = {
    Operation.SQRT: (math.sqrt, 0.0, math.inf),
    Operation.EXP: (math.exp, *_EVERYWHERE),
    Operation.EXP2_NEGATIVE: (lambda x: 2.0 ** min(x, 0.0), *_EVERYWHERE),
    Operation.EXPM1: (math.expm1, *_EVERYWHERE),
    Operation.EXPM1_NEGATIVE: (lambda x: math.expm1(min(x, 0.0)), *_EVERYWHERE),
    Operation.LOG: (_log, 0.0, math.inf),
    Operation.LOG1P: (_log1p, -1.0, math.inf),
    Operation.ATAN: (math.atan, *_EVERYWHERE),
    Operation.ASIN: (math.asin, -1.0, 1.0),
    Operation.ACOS: (math.acos, -1.0, 1.0),
    Operation.SINH: (math.sinh, *_EVERYWHERE),
    Operation.COSH: (math.cosh, 0.0, math.inf),
    Operation.TANH: (math.tanh, *_EVERYWHERE),
    Operation.ASINH: (math.asinh, *_EVERYWHERE),
    Operation.ERF: (math.erf, *_EVERYWHERE),
    Operation.ERFC: (math.erfc, *_EVERYWHERE),
}


def is_bounded(flux: HalfLine) -> bool:
    """Whether Phi is proved to stay bounded: it has a finite limit at infinity (it is finite elsewhere)."""
    try:
        return bool(is_plain(limit(flux.pieces[-1].expr, sp.oo)))
    except Undecided:
        return False
