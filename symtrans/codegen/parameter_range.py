"""For which parameters a program computes: where its constants are normal numbers of the dtype.

Constants are computed once a call, in double. Where one of them overflows or underflows, nothing that is proved of the
program holds, and NaN may come of it: a kernel refuses such parameters, and says which it takes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from symtrans.codegen.conditions import Condition
from symtrans.codegen.forms.running import FUNCTIONS
from symtrans.codegen.program.three_address import Instruction, Operand, Operation, Program, follow, needed_for
from symtrans.codegen.targets.target import Value
from symtrans.errors import NonlinearityError

_MAY_UNDERFLOW = (
    *(Operation.MULTIPLY, Operation.DIVIDE, Operation.POWER, Operation.EXP, Operation.EXP2_NEGATIVE),
    Operation.ERFC,
)


class _Computed(NamedTuple):
    """Values, one for each set of parameters, and whether any step on the way over- or underflowed."""

    value: np.ndarray
    over: np.ndarray
    under: np.ndarray


def refuse_grid(coefficients: Iterable[tuple[str, sp.Expr]], dtype: str) -> None:
    """Refuse numbers of the grid and of the time that no normal number of the dtype is: 0 times infinity comes of them.

    Those with parameters are looked at in each call, by `takes`; a time step may vanish.
    """
    format = np.finfo(dtype)
    for name, value in coefficients:
        if not value.is_number or value == 0:
            continue
        size = abs(sp.N(value, 20))
        if size > float(format.max) or (size < float(format.tiny) and not name.startswith("step")):
            units = "measure lengths in other units" + (", or take float64" if dtype == "float32" else "")
            raise NonlinearityError(
                f"h or tau lies too far from 1: a constant of the kernel, {sp.N(size, 3)}, is no normal number of "
                f"{dtype}; {units}"
            )


def takes(program: Program, dtype: str, values: Sequence[Value]) -> np.ndarray:
    """Whether all constants are normal numbers or exactly 0, for each set of parameters.

    What only cuts an argument off may be infinite, and a time step may vanish.
    """
    coefficients = {value: name for name, value in program.coefficients if isinstance(value, str)}
    read = {*program.scalars, *coefficients} - {parameter.name for parameter in program.parameters if parameter.size}
    with np.errstate(all="ignore"):
        found: dict[Operand, _Computed] = {
            parameter.name: _exact(np.asarray(value, float))
            for parameter, value in zip(program.numbers, values, strict=True)
        }
        follow(needed_for(read, program.constants), found, _number, _rule)
        kind, format = np.dtype(dtype).type, np.finfo(dtype)
        cuts = {*_cuts(program)} - {*coefficients}
        fine = np.asarray(True)
        for name in read:
            value, over, under = found[name]
            size = np.abs(value.astype(kind))
            if name not in cuts:
                fine = fine & ~over & (size <= format.max)
            if not coefficients.get(name, "").startswith("step"):
                fine = fine & ~under & ((value == 0) | (size >= format.tiny))
            fine = fine & ~np.isnan(value)
    return fine


def _cuts(program: Program) -> Iterator[str]:
    """Constants beyond which arguments are held or branches begin, and nothing else."""
    others = {output for branch in program.branches for output in branch.outputs}
    for one in program.instructions:
        is_cut = one.operation in (Operation.MINIMUM, Operation.MAXIMUM)
        others.update(one.arguments[1:] if is_cut else one.arguments)
    yield from (name for name in program.scalars if name not in others)


def _exact(value: Any) -> _Computed:
    return _Computed(np.asarray(value), np.asarray(False), np.asarray(False))


@lru_cache(maxsize=1024)  # layer-wise parameters are looked at in every call, and SymPy takes its time
def _number(number: sp.Expr) -> _Computed:
    return _exact(float(sp.N(number, 20)))


def _rule(one: Instruction) -> Callable[..., _Computed]:
    def chosen(condition: _Computed, a: _Computed, b: _Computed) -> _Computed:
        picked = zip(a, b, strict=True)
        value, over, under = (np.where(condition.value, yes, no) for yes, no in picked)
        return _Computed(value, over | condition.over, under | condition.under)

    def rule(*given: _Computed) -> _Computed:
        values = [one.value for one in given]
        value = np.asarray(FUNCTIONS[one.operation](*values))
        _, over, under = (reduce(np.logical_or, flags) for flags in zip(*given, strict=True))
        if value.dtype != bool:
            over = over | (np.isinf(value) & reduce(np.logical_and, map(np.isfinite, values)))
        if one.operation in _MAY_UNDERFLOW:
            zeros = values[:1] if one.operation is Operation.DIVIDE else values
            vanishes = reduce(np.logical_or, [v == 0 for v in zeros])
            under = under | ((np.abs(value) < np.finfo(float).tiny) & ~vanishes)
        return _Computed(value, over, under)

    return chosen if one.operation is Operation.CHOOSE else rule


def range_of(program: Program, dtype: str, values: Sequence[float], k: int) -> tuple[float, float] | None:
    """Between which sizes parameter k may lie where the others are as given: the interval nearest to its own."""
    top = 1023 if dtype == "float64" else 127
    sign = -1.0 if values[k] < 0 else 1.0
    sizes = np.ldexp(1.0, np.arange(-top, top + 1))

    def fits(size: Any) -> np.ndarray:
        given = [sign * size if n == k else value for n, value in enumerate(values)]
        return np.broadcast_to(takes(program, dtype, given), np.shape(size))

    fits_there = fits(sizes)
    fine, wrong = np.flatnonzero(fits_there), np.flatnonzero(~fits_there)
    if not fine.size:
        return None
    here = min(np.log2(abs(values[k])) + top, 2.0 * top) if values[k] else 0.0
    nearest = fine[np.argmin(np.abs(fine - here))]
    below, above = wrong[wrong < nearest], wrong[wrong > nearest]
    low = _end(fits, sizes[below[-1]], sizes[below[-1] + 1]) if below.size else sizes[0]
    high = _end(fits, sizes[above[0]], sizes[above[0] - 1]) if above.size else np.finfo(dtype).max
    return _rounded(float(low), 1), _rounded(float(high), -1)


def _end(fits: Callable[[Any], np.ndarray], wrong: float, fine: float) -> float:
    """The last size that fits."""
    for _ in range(20):
        middle = (wrong + fine) / 2
        wrong, fine = (wrong, middle) if fits(middle) else (middle, fine)
    return fine


def _rounded(size: float, side: int) -> float:
    """With three digits, towards the inside."""
    shown = float(f"{size:.3g}")
    return shown if (shown - size) * side >= 0 else float(f"{size * (1 + side * 0.005):.3g}")


def parameter_range(program: Program, dtype: str) -> Condition:
    """The check of a kernel; what it has just let pass is not looked at again."""
    keys = [parameter.keyword for parameter in program.numbers]
    passed: list[tuple[Value, ...]] = []

    def check(values: tuple[Value, ...], parameters: Mapping[str, Any]) -> None:
        layered = any(isinstance(value, np.ndarray) for value in values)
        if not layered and values in passed:
            return
        fine = np.atleast_1d(takes(program, dtype, values))
        if fine.all():
            passed[:] = [] if layered else [values]
            return
        block = int(np.flatnonzero(~fine)[0])
        raise NonlinearityError(
            _refusal(program, dtype, keys, [float(np.ravel(v)[block % np.size(v)]) for v in values])
        )

    return check


def _refusal(program: Program, dtype: str, keys: list[str], values: list[float]) -> str:
    given = dict(zip(keys, values, strict=True))
    reason = f"else a constant of the kernel overflows or underflows in {dtype}"
    for k, key in enumerate(keys):
        found = range_of(program, dtype, values, k)
        if found is not None:
            others = ", ".join(f"{name} = {value:g}" for name, value in given.items() if name != key)
            beside = f" (for {others})" if others else ""
            sign = "-" if values[k] < 0 else ""
            between = f"{key} must lie between {sign}{found[0]:g} and {sign}{found[1]:g}{beside}"
            return f"{key} = {values[k]:g}: {between}, {reason}; scale the signal and its parameters alike"
    listing = ", ".join(f"{name} = {value:g}" for name, value in given.items())
    return f"{listing}: these lie too far apart or too far from 1, {reason}"


def range_in_words(program: Program, dtype: str) -> str:
    """For the head of a file: which sizes parameters may have, each with the others 1."""
    ones = [-1.0 if parameter.symbol.is_negative else 1.0 for parameter in program.numbers]
    words = []
    for k, parameter in enumerate(program.numbers):
        name = parameter.keyword if ones[k] > 0 else f"|{parameter.keyword}|"
        found = range_of(program, dtype, ones, k)
        words += [] if found is None else [f"{found[0]:g} <= {name} <= {found[1]:g}"]
    return " and ".join(words) + (", each with the others 1" if len(words) > 1 else "")
