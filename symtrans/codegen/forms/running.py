"""A formula run on NumPy arrays, operation by operation as in a kernel, in the arithmetic of their dtype."""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symtrans.codegen.forms.cancellation import without_cancellation
from symtrans.codegen.program.lowering import cut
from symtrans.codegen.program.three_address import SIGN, SIZE, SLOPE, Instruction, Operand, Operation, follow


def run(form: sp.Expr, places: np.ndarray, side: int, given: Mapping[sp.Symbol, sp.Expr], turn: int = 0) -> np.ndarray:
    """Values of a form in R, A and SIGN, at places times a side, 1 or -1, for given parameters.

    A turn begins each sum with another term.

    Examples
    --------
    >>> from symtrans.codegen.program.shared_parts import R
    >>> run(R * sp.exp(-(R**2)), np.array([0, 1, 1e200]), -1, {}).round(3).tolist()
    [-0.0, -0.368, -0.0]
    """
    instructions, value = _instructions(form, turn)
    kind = places.dtype.type
    values: dict[Any, Any] = {SLOPE: side * places, SIZE: places, SIGN: kind(side)}

    parameters = tuple(given.items())

    def number(exact: sp.Expr) -> Any:
        return kind(_number(exact, parameters))

    def rule(one: Instruction) -> Callable[..., Any]:
        function = FUNCTIONS[one.operation]
        return lambda *given: np.asarray(function(*given), dtype=places.dtype)

    with np.errstate(all="ignore"):
        follow(instructions, values, number, rule)
    found = values[value] if isinstance(value, str) else number(value)
    return np.broadcast_to(np.asarray(found), places.shape)


@lru_cache(maxsize=4096)
def _number(exact: sp.Expr, parameters: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> float:
    return float(sp.N(exact.xreplace(dict(parameters)), 20))


@lru_cache(maxsize=256)
def _instructions(form: sp.Expr, turn: int) -> tuple[tuple[Instruction, ...], Operand]:
    """The same for all values of the parameters, as they are in a kernel."""
    return cut(without_cancellation(form), exact_constants=True, turn=turn)


def _by_number(function: Callable[[float], float]) -> Callable[..., np.ndarray]:
    return np.vectorize(function, otypes=[float])


FUNCTIONS: Mapping[Operation, Callable[..., Any]] = {
    Operation.COPY: np.positive,
    Operation.NEGATIVE: np.negative,
    Operation.ADD: np.add,
    Operation.SUBTRACT: np.subtract,
    Operation.MULTIPLY: np.multiply,
    Operation.DIVIDE: np.divide,
    Operation.MODULUS: np.abs,
    Operation.COPYSIGN: np.copysign,
    Operation.MINIMUM: np.minimum,
    Operation.MAXIMUM: np.maximum,
    Operation.SQRT: np.sqrt,
    Operation.LESS: np.less,
    Operation.LESS_EQUAL: np.less_equal,
    Operation.GREATER: np.greater,
    Operation.GREATER_EQUAL: np.greater_equal,
    Operation.EQUAL: np.equal,
    Operation.UNEQUAL: np.not_equal,
    Operation.AND: np.logical_and,
    Operation.OR: np.logical_or,
    Operation.POWER: np.power,
    Operation.EXP2_NEGATIVE: np.exp2,
    Operation.EXPM1_NEGATIVE: np.expm1,
    Operation.ATAN: np.arctan,
    Operation.ASIN: np.arcsin,
    Operation.ACOS: np.arccos,
    Operation.ASINH: np.arcsinh,
    Operation.ERF: _by_number(math.erf),
    Operation.ERFC: _by_number(math.erfc),
    **{
        operation: getattr(np, operation.value)
        for operation in map(Operation, ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh"))
    },
}
