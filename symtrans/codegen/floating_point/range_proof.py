"""The max-min principle in floating point: how far the step stays below its bound, and for which fluxes that is enough.

The argument is that of docs/floating-point.md: with c the computed step, if the
computed flux F has the sign of its argument r and |F| <= sup g |r| (1 + u)^k, and
K = k + all other roundings of a block is at most `ROUNDINGS`, then a step of at
most (1 - ROUNDINGS u) times the bound keeps every sample in the range of those
that it is made of. For cells that share g(|grad u|^2) it is 0 <= g <= sup g (1 + u)^k.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import sympy as sp

from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.program.lowering import FUNCTIONS
from symtrans.codegen.program.three_address import (
    SIGN,
    SQUARE,
    Branch,
    Instruction,
    Operand,
    Operation,
    Program,
    follow,
    needed_for,
)
from symtrans.schemes.scheme import Coefficients

ROUNDINGS = 64
_FUNCTION = 11  # roundings that an error of 5.5 units in the last place is worth: no function has a larger one
# f(0) = 0, f odd and concave on r >= 0: f(x) lies between 0 and f'(0) x
_SLOPES_AT_ZERO: Mapping[Operation, sp.Expr] = {
    Operation.LOG1P: sp.S.One,
    Operation.TANH: sp.S.One,
    Operation.ATAN: sp.S.One,
    Operation.ASINH: sp.S.One,
    Operation.ERF: 2 / sp.sqrt(sp.pi),
}


class _Open(Exception):
    """The bound of a value is not found."""


def largest_steps(coefficients: Coefficients, dtype: str) -> Coefficients:
    """What steps are cut off at in a kernel: (1 - 64 u) times those at the bound, u = eps/2 the unit roundoff."""
    unit = sp.Rational(float(np.finfo(dtype).eps)) / 2
    return tuple((name, (1 - ROUNDINGS * unit) * value) for name, value in coefficients if name.startswith("step"))


def keeps_range(program: Program, g_max: sp.Expr, axes: int = 1) -> bool:
    """Whether rounding is proved not to break the max-min principle for this function and steps up to `largest_steps`.

    False means that no proof was found. `g_max` is in the inner symbols of the program's parameters; the function is
    the flux over an edge, or the diffusivity of a cell of that many axes.

    Examples
    --------
    >>> from symtrans import Diffusivity, Network
    >>> stages = Network(Diffusivity("1/sqrt(1 + r^2/lambda^2)")).lowered("c")
    >>> keeps_range(stages.diffusivity, sp.S.One, axes=3), keeps_range(stages.diffusivity, sp.Rational(99, 100))
    (True, False)
    """
    scalars: dict[Operand, _Scalar] = {p.name: _Scalar(p.steepest or p.symbol, 1) for p in program.parameters}
    follow(program.constants, scalars, _number, _scalar_rule)
    try:
        # differences of samples; of fluxes along an axis, and sums over the axes; sums over the cells of an edge
        others = 2 + 2 * (axes - 1) + 2 ** (axes - 1) - 1
        for name, coefficient in program.coefficients:
            if "_by_" not in name:
                others += 1 + _known(scalars, coefficient).roundings
        for branch in program.branches:
            slope, count = _ratio(program, branch, scalars)
            if others + count > ROUNDINGS or compare(slope, g_max) > 0:
                return False
    except (_Open, Undecided):
        return False
    return True


def computes(program: Program) -> bool:
    """Whether anything is rounded on the way to the function: then products may underflow."""
    free = (*_FREE, Operation.MODULUS, Operation.SIGN, Operation.COPYSIGN, Operation.MINIMUM, Operation.MAXIMUM)
    bodies = (needed_for(branch.outputs[0], branch.body) for branch in program.branches)
    scaled = any(name.startswith("inverse") for name, _ in program.coefficients)
    return scaled or any(one.operation not in free and SIGN not in one.arguments for body in bodies for one in body)


def exact_constants(program: Program) -> dict[Operand, sp.Expr]:
    """Parameters and constants as formulas in the parameters."""
    scalars: dict[Operand, _Scalar] = {p.name: _Scalar(p.symbol, 1) for p in program.parameters}
    follow(program.constants, scalars, _number, _scalar_rule)
    return {name: scalar.value for name, scalar in scalars.items()}


class _Scalar(NamedTuple):
    """A constant as a formula in the parameters, and how many roundings it has gone through."""

    value: sp.Expr
    roundings: int


def _number(number: sp.Expr) -> _Scalar:
    return _Scalar(number, 1)


def _known(scalars: Mapping[Operand, _Scalar], operand: Operand) -> _Scalar:
    return scalars[operand] if isinstance(operand, str) else _number(operand)


_EXACT: Mapping[Operation, Callable[..., sp.Expr]] = {
    Operation.ADD: sp.Add,
    Operation.SUBTRACT: lambda a, b: a - b,
    Operation.MULTIPLY: sp.Mul,
    Operation.DIVIDE: lambda a, b: a / b,
    Operation.POWER: sp.Pow,
    Operation.SQRT: sp.sqrt,
    Operation.NEGATIVE: lambda a: -a,
    Operation.COPY: lambda a: a,
    Operation.MINIMUM: lambda a, b: sp.Min(a, b, evaluate=False),
}
_FUNCTIONS = {operation: function for function, operation in FUNCTIONS.items()} | {Operation.MAXIMUM: sp.Max}
_FREE = (Operation.NEGATIVE, Operation.COPY)  # no rounding


def _scalar_rule(one: Instruction) -> Callable[..., _Scalar]:
    def rule(*given: _Scalar) -> _Scalar:
        values = [g.value for g in given]
        count = sum(g.roundings for g in given)
        if sp.nan in values:  # of an operation without a formula, which SymPy's Min does not compare
            return _Scalar(sp.nan, ROUNDINGS + 1)
        if one.operation not in _EXACT:
            function = _FUNCTIONS.get(one.operation)
            return _Scalar(sp.nan if function is None else function(*values), ROUNDINGS + 1)
        exact = _EXACT[one.operation](*values)
        signs = (*values[:1], *(-v if one.operation is Operation.SUBTRACT else v for v in values[1:]))
        if one.operation in (Operation.ADD, Operation.SUBTRACT) and not all(s.is_nonnegative for s in signs):
            return _Scalar(exact, ROUNDINGS + 1)  # a difference of constants may lose any number of digits
        if one.operation is Operation.POWER:
            exponent = values[1]
            if not exponent.is_number:
                return _Scalar(exact, ROUNDINGS + 1)
            return _Scalar(exact, int(sp.ceiling(abs(exponent))) * (given[0].roundings + 1) + _FUNCTION)
        return _Scalar(exact, count + (one.operation not in _FREE))

    return rule


# ---- values that depend on r ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Sized:
    """A value of known sign: lo |r|^power (1 + u)^-count <= |computed| <= hi |r|^power (1 + u)^count.

    `sign` is 1 or -1, times the sign of r if it is `odd`.
    """

    sign: int
    odd: bool
    power: sp.Rational
    lo: sp.Expr
    hi: sp.Expr
    count: int


def _ratio(program: Program, branch: Branch, scalars: Mapping[Operand, _Scalar]) -> tuple[sp.Expr, int]:
    """(b, k) with 0 <= F/r <= b (1 + u)^k for the computed flux F of a branch, or 0 <= g <= b (1 + u)^k."""
    modulus = _modulus(branch, scalars)
    function = branch.outputs[0]
    if not isinstance(function, str) and function == 0:
        return sp.S.Zero, 0
    is_flux = program.inputs != (SQUARE,)
    body = needed_for(function, (*program.shared, *branch.body))
    read = {function, *(argument for one in body for argument in one.arguments)}
    sizes: dict[Operand, _Sized] = {name: _constant(scalars[name]) for name in read if name in scalars}
    argument, body = (program.inputs[0], body) if is_flux else _held_argument(body, branch.bound is not None, scalars)
    sizes[argument] = _Sized(1, is_flux, sp.S.One, sp.S.One, sp.S.One, 0)
    rules = _Rules(modulus)
    follow(body, sizes, lambda number: _constant(_number(number)), rules.rule)
    value = sizes[function] if isinstance(function, str) else _constant(_number(function))
    if value.odd != is_flux or value.sign != 1:
        raise _Open
    bound = rules.at_power(value, sp.S.One if is_flux else sp.S.Zero)
    if bound.hi is sp.oo or bound.hi.has(sp.nan, sp.zoo):
        raise _Open
    return bound.hi, bound.count


def _held_argument(
    body: list[Instruction], bounded: bool, scalars: Mapping[Operand, _Scalar]
) -> tuple[str, list[Instruction]]:
    """The name of q, or of what it is held to where nothing else counts; neither is below the bound of its branch.

    Where there is no such bound, it may be q over a scale that is held: any number above 0, as q is.
    """
    name: str = SQUARE
    while True:
        first = _only_reader(name, body)
        if first is not None and not bounded and _is_scaled(first, name, scalars):
            then = _only_reader(first.result, body)
            if then is not None and then.operation in (Operation.MINIMUM, Operation.MAXIMUM):
                name, body, first = first.result, [one for one in body if one is not first], then
        if first is None or first.operation not in (Operation.MINIMUM, Operation.MAXIMUM):
            return name, body
        end, _ = first.arguments
        if bounded and first.operation is Operation.MINIMUM and (isinstance(end, str) or end < 2**127):
            return name, body
        name, body = first.result, [one for one in body if one is not first]


def _is_scaled(one: Instruction, name: str, scalars: Mapping[Operand, _Scalar]) -> bool:
    """Whether it is a value times something positive that does not depend on r."""
    others = [argument for argument in one.arguments if argument != name]
    if one.operation is not Operation.MULTIPLY or len(others) != 1:
        return False
    (other,) = others
    return (not isinstance(other, str) or other in scalars) and bool(_known(scalars, other).value.is_positive)


def _only_reader(name: str, body: list[Instruction]) -> Instruction | None:
    readers = [one for one in body if name in one.arguments]
    return readers[0] if len(readers) == 1 else None


def _constant(scalar: _Scalar) -> _Sized:
    value, count = scalar
    if value == 0:
        return _Sized(1, False, sp.S.Zero, sp.S.Zero, sp.S.Zero, 0)
    if not (value.is_positive or value.is_negative):
        return _Sized(0, False, sp.S.Zero, sp.S.Zero, sp.oo, count)
    return _Sized(1 if value.is_positive else -1, False, sp.S.Zero, abs(value), abs(value), count)


def _modulus(branch: Branch, scalars: Mapping[Operand, _Scalar]) -> tuple[sp.Expr, sp.Expr, int]:
    """Between what |r| lies in a branch, and the roundings of these bounds."""
    if branch.bound is None:
        return sp.S.Zero, sp.oo, 0
    value, count = scalars[branch.bound]
    return value, value if branch.relation == "==" else sp.oo, count


class _Rules:
    """What operations do to the sizes of their arguments, in one branch."""

    def __init__(self, modulus: tuple[sp.Expr, sp.Expr, int]) -> None:
        self._low, self._high, self._count = modulus

    def at_power(self, a: _Sized, power: sp.Expr) -> _Sized:
        """The same value as a multiple of another power of |r|, which lies between the bounds of the branch."""
        exponent = a.power - power
        if exponent == 0:
            return a
        ends = (self._low, self._high) if exponent > 0 else (self._high, self._low)
        lo, hi = (_raised(end, exponent) for end in ends)
        count = a.count + int(sp.ceiling(abs(exponent))) * (self._count + 1)
        return replace(a, power=power, lo=a.lo * lo, hi=_most(a.hi, hi), count=count)

    def rule(self, one: Instruction) -> Callable[..., _Sized]:
        match one.operation:
            case Operation.COPY:
                return lambda a: a
            case Operation.NEGATIVE:
                return lambda a: replace(a, sign=-a.sign)
            case Operation.MODULUS:
                return lambda a: replace(a, sign=abs(a.sign), odd=False)
            case Operation.SIGN:
                return lambda a: _Sized(1, True, sp.S.Zero, sp.S.One, sp.S.One, 0)
            case Operation.COPYSIGN:
                return lambda a, b: replace(a, sign=b.sign, odd=b.odd)
            case Operation.MULTIPLY:
                return _product
            case Operation.DIVIDE:
                return lambda a, b: _product(a, _power(b, -sp.S.One, 1))
            case Operation.SQRT:
                return lambda a: _power(a, sp.S.Half, 1)
            case Operation.RECIPROCAL_ROOT | Operation.RECIPROCAL_ROOT_HELD:
                return lambda a: _power(a, -sp.S.Half, _FUNCTION)
            case Operation.POWER:
                return self._raised_to(one)
            case Operation.ADD:
                return self._sum
            case Operation.SUBTRACT:
                return lambda a, b: self._sum(a, replace(b, sign=-b.sign))
            case Operation.FUSED:
                return lambda a, b, c: self._sum(_product(a, b), c)
            case Operation.MINIMUM | Operation.MAXIMUM:
                return lambda a, b: _held(a, b, 1 if one.operation is Operation.MINIMUM else -1)
            case Operation.INTERPOLATED:
                return _interpolated
            case Operation.EXP | Operation.EXP2_NEGATIVE:
                return lambda a: self._falling(a, 1)
            case Operation.EXPM1 | Operation.EXPM1_NEGATIVE:
                return lambda a: self._falling(a, -1)
        if one.operation in _SLOPES_AT_ZERO:
            return lambda a: _concave(a, _SLOPES_AT_ZERO[one.operation], one.operation is Operation.LOG1P)
        raise _Open

    def _sum(self, a: _Sized, b: _Sized) -> _Sized:
        """Of two values of one sign."""
        if 0 in (a.hi, b.hi):
            return a if b.hi == 0 else b
        if a.sign * b.sign != 1 or a.odd != b.odd:
            raise _Open
        power = a.power if a.power == b.power else sp.S.Zero
        a, b = self.at_power(a, power), self.at_power(b, power)
        return replace(a, lo=a.lo + b.lo, hi=a.hi + b.hi, count=max(a.count, b.count) + 1)

    def _falling(self, a: _Sized, sign: int) -> _Sized:
        """The values of exp(y), 2^y and 1 - exp(y) for y <= 0."""
        if a.odd or a.sign != -1:
            raise _Open
        return _Sized(sign, False, sp.S.Zero, sp.S.Zero, sp.S.One, _FUNCTION)

    def _raised_to(self, one: Instruction) -> Callable[..., _Sized]:
        exponent = one.arguments[1]
        if isinstance(exponent, str) or not exponent.is_Rational:
            raise _Open
        return lambda a, _: _power(a, exponent, _FUNCTION)


def _interpolated(steepest: _Sized, place: _Sized) -> _Sized:
    """A value of a table v between 0 and s x, in whose box 0 <= v_k <= k s (1 + u)^count it is given.

    With x = k + t it is computed as v + t d, fused, of v = v_k and d = v_{k+1} - v_k, rounded; t is exact unless k is
    the last piece. If d >= 0 all is positive: at most three roundings more than the line between two points below
    s x; beyond the last, d is at most s. If d < 0 then t < 1, so at most v <= k s; and d >= -v, since -v is a number,
    so v + t d >= 0.
    """
    if place.odd or place.sign != 1:
        raise _Open
    hi = _most(steepest.hi, place.hi)
    return replace(place, lo=sp.S.Zero, hi=hi, count=place.count + steepest.count + 3)


def _product(a: _Sized, b: _Sized) -> _Sized:
    return _Sized(
        a.sign * b.sign,
        a.odd != b.odd,
        a.power + b.power,
        a.lo * b.lo,
        _most(a.hi, b.hi),
        a.count + b.count + 1,
    )


def _held(bound: _Sized, a: _Sized, side: int) -> _Sized:
    """A value cut off at a constant."""
    if bound.odd or bound.power != 0 or bound.sign not in (side, -side):
        raise _Open
    if bound.sign == side and (a.odd or a.sign == side):  # towards 0
        return replace(a, lo=sp.S.Zero)
    if a.odd or a.sign != bound.sign:
        raise _Open
    return replace(a, hi=sp.oo)  # away from 0


def _power(a: _Sized, exponent: sp.Rational, roundings: int) -> _Sized:
    """A power of a value, with so many roundings of its own."""
    if exponent != -1 and (a.odd or a.sign != 1):
        raise _Open
    ends = (a.lo, a.hi) if exponent > 0 else (a.hi, a.lo)
    lo, hi = (_raised(end, exponent) for end in ends)
    return _Sized(a.sign, a.odd, exponent * a.power, lo, hi, int(sp.ceiling(abs(exponent))) * a.count + roundings)


def _concave(a: _Sized, slope: sp.Expr, positive: bool) -> _Sized:
    """f(x) between 0 and slope x: one more rounding, since the computed x may be larger."""
    if positive and (a.odd or a.sign != 1):
        raise _Open
    return replace(a, lo=sp.S.Zero, hi=_most(a.hi, slope), count=a.count + _FUNCTION + 1)


def _most(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """A product of upper bounds."""
    return sp.oo if sp.oo in (a, b) else a * b


def _raised(end: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    if end is sp.oo:
        return sp.oo if exponent > 0 else sp.S.Zero
    if end == 0:
        return sp.S.Zero if exponent > 0 else sp.oo
    return end**exponent
