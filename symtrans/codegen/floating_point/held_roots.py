"""Where 1/sqrt(x) has an argument that is proved to be moderate, so that it takes less to compute.

For r >= 0 the bounds of values are followed as formulas in the parameters. r/sqrt(1 + r^2/lambda^2) with r held at
2^28 lambda has a root of 1 to 1 + 2^56, whatever lambda is.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import sympy as sp

from symtrans.codegen.floating_point.range_proof import exact_constants
from symtrans.codegen.program.three_address import Branch, Instruction, Operand, Operation, Program, follow

_MOST = sp.Integer(2) ** 100


class _Between(NamedTuple):
    """Two formulas, of which the second may be oo; for a negative value only itself is known."""

    low: sp.Expr
    high: sp.Expr


def with_held_roots(program: Program) -> Program:
    """Roots of what lies between 2^-100 and 2^100, for constants that are normal, become operations of their own.

    Rounding moves a bound by far less than the distance from there to where a float overflows.
    """
    constants = {name: _Between(value, value) for name, value in exact_constants(program).items()}
    return replace(program, branches=tuple(_changed(program, branch, constants) for branch in program.branches))


def _changed(program: Program, branch: Branch, constants: Mapping[Operand, _Between]) -> Branch:
    if not any(one.operation is Operation.RECIPROCAL_ROOT for one in branch.body):
        return branch
    anything = _Between(sp.S.Zero, sp.oo)
    values: dict[Operand, _Between | None] = {**constants, **dict.fromkeys(program.inputs, anything)}
    follow((*program.shared, *branch.body), values, lambda number: _Between(number, number), _rule)

    def held(one: Instruction) -> Instruction:
        found = values[one.arguments[0]] if isinstance(one.arguments[0], str) else None
        if one.operation is not Operation.RECIPROCAL_ROOT or found is None:
            return one
        low, high = map(sp.cancel, found)
        moderate = low.is_Rational and high.is_Rational and low >= 1 / _MOST and high <= _MOST
        return replace(one, operation=Operation.RECIPROCAL_ROOT_HELD) if moderate else one

    return replace(branch, body=tuple(map(held, branch.body)))


def _rule(one: Instruction) -> Callable[..., _Between | None]:
    rule = _RULES.get(one.operation)

    def value(*given: _Between | None) -> _Between | None:
        known = [one for one in given if one is not None]
        return None if rule is None or len(known) < len(given) else rule(*known)

    return value


def _sum(a: _Between, b: _Between) -> _Between | None:
    return _Between(a.low + b.low, a.high + b.high) if _nonnegative(a, b) else None


def _product(a: _Between, b: _Between) -> _Between | None:
    if not _nonnegative(a, b) or (sp.oo in (a.high, b.high) and sp.S.Zero in (a.high, b.high)):
        return None
    return _Between(a.low * b.low, sp.oo if sp.oo in (a.high, b.high) else a.high * b.high)


def _fused(a: _Between, b: _Between, c: _Between) -> _Between | None:
    product = _product(a, b)
    return None if product is None else _sum(product, c)


def _minimum(a: _Between, b: _Between) -> _Between | None:
    if not _nonnegative(a, b) or sp.oo not in (a.high, b.high):
        return None
    return _Between(sp.S.Zero, b.high if a.high is sp.oo else a.high)


def _maximum(a: _Between, b: _Between) -> _Between | None:
    """Of something negative and another."""
    return b if a.high.is_negative and _nonnegative(b) else None


def _nonnegative(*values: _Between) -> bool:
    return all(value.low.is_nonnegative for value in values)


_RULES: Mapping[Operation, Callable[..., _Between | None]] = {
    Operation.COPY: lambda a: a,
    Operation.MODULUS: lambda a: a if _nonnegative(a) else None,
    Operation.ADD: _sum,
    Operation.MULTIPLY: _product,
    Operation.FUSED: _fused,
    Operation.MINIMUM: _minimum,
    Operation.MAXIMUM: _maximum,
}
