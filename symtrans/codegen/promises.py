"""What the head of a file promises of floating point, with all that it rests on (docs/floating-point.md)."""

import numpy as np

from symtrans.codegen.floating_point.finiteness import is_finite, not_scales, reach
from symtrans.codegen.floating_point.range_proof import computes
from symtrans.codegen.parameter_range import range_in_words
from symtrans.codegen.program.three_address import Program
from symtrans.schemes import EXPLICIT, Scheme
from symtrans.schemes.grid import Grid


def in_floating_point(
    program: Program, dtype: str, scheme: Scheme, grid: Grid, safe: bool, clamps: bool, unstable: bool
) -> tuple[str, ...]:
    """Of finite signals whose range does not overflow.

    `safe` says that rounding is proved to keep the max-min principle, `clamps` that samples are clamped to their
    neighbours, `unstable` that the step is not held to its bound.
    """
    constants = range_in_words(program, dtype)
    needs = f"in floating point: constants are normal numbers for {constants}; all that is said needs that"
    said = _of_range(program, dtype, scheme, grid, safe, clamps, unstable) if scheme.required == "max_min_step" else ()
    return (*said, *([needs] if constants else []))


def _of_range(
    program: Program, dtype: str, scheme: Scheme, grid: Grid, safe: bool, clamps: bool, unstable: bool
) -> tuple[str, ...]:
    claim = "in floating point: min f <= u <= max f"
    clamped_as_a_whole = scheme is not EXPLICIT and not unstable
    if scheme is not EXPLICIT and unstable:
        return ("in floating point: blocks are clamped to the range of what they are given, solution or not",)
    if not (safe or clamps or clamped_as_a_whole):
        return (f"{claim} is not guaranteed",)
    of_g = scheme.takes_diffusivity(grid)
    if clamped_as_a_whole:  # half of the largest number: beyond it differences overflow
        furthest = np.finfo(dtype).maxexp - 1 if is_finite(program, dtype) else None
    else:
        furthest = reach(program, dtype, grid.dimensions)
    if furthest is None:
        return (f"{claim} is not guaranteed: that no step of {'g' if of_g else 'Phi'} overflows is not proved",)
    others = not_scales(program)
    size = f"{'differences of samples' if of_g and not clamped_as_a_whole else '|r|'} up to 2^{furthest}"
    within = f"    for {' and '.join(others)} between 2^-20 and 2^20 and {size}" if others else f"    for {size}"
    if clamped_as_a_whole:
        meant = (within, "    where no sum of samples along an axis overflows, nor one of samples times tau g/h^2")
        return (f"{claim} holds exactly, since each block is clamped to the range of what it is given,", *meant)
    if clamps:
        return (f"{claim} holds exactly, since each sample is clamped to its neighbours,", within)
    where = ", where no product underflows" if computes(program) else ""
    return (f"{claim} holds exactly, since tau stays 64 roundings below its bound,", f"{within}{where}")
