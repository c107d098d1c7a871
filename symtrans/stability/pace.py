"""How a network gets to its stopping time: how many blocks, of what step, and of how many steps in a cycle."""

import math
from typing import Any

import sympy as sp

from symtrans.errors import NonlinearityError
from symtrans.language.symbols import quantity, time_step
from symtrans.schemes import EXPLICIT, Scheme
from symtrans.schemes.fsi import reached
from symtrans.schemes.grid import Grid, count_of
from symtrans.stability.certificate import Certificate
from symtrans.stability.guarantees import default_step

_MOST_BLOCKS = 2**31 - 1  # the loop counter of generated C is an int
_CYCLE = 10  # steps of a cycle where nothing else is asked for
_IMPLICIT = 20  # explicit steps that one of a scheme stable for every step stands for: 5 on images, which Weickert, ter
# Haar Romeny and Viergever (1998) find accurate
_CYCLES = 5  # g is taken anew so often on the way to a stopping time


def paced(
    certificate: Certificate, grid: Grid, scheme: Scheme, blocks: Any, tau: Any, cycle: Any, time: Any
) -> tuple[int, sp.Expr, int]:
    """The number of blocks, the time step, and the number of steps in a cycle (1 where blocks are no cycles).

    Of a stopping time T, `blocks` = m gives the step T/m; a step gives the least m for which T/m is not larger; without
    both the default step of the scheme is the largest, or 20 explicit ones where any is stable. In a cycle of n steps
    T/m is tau (n² + n)/3.

    Raises
    ------
    NonlinearityError
        If the arguments do not go together.
    StabilityError
        If there is no proved stable step to take.

    Examples
    --------
    >>> from symtrans import Activation, certify
    >>> from symtrans.schemes import EXPLICIT, FSI, SEMI_IMPLICIT
    >>> linear = certify(Activation("r"))
    >>> paced(linear, Grid.of(), EXPLICIT, None, None, None, 10)
    (40, 1/4, 1)
    >>> paced(linear, Grid.of((1, 1)), FSI, None, None, None, 200)
    (5, 60/253, 22)
    >>> paced(linear, Grid.of((1, 1)), SEMI_IMPLICIT, None, None, None, 200)
    (40, 5, 1)
    """
    cyclic = scheme.reach is reached
    if cycle is not None and not cyclic:
        raise NonlinearityError.told(
            lambda fsi: f"cycle = {cycle!r}: blocks of the {scheme.name} scheme are no cycles; take {fsi}",
            'scheme="fsi"',
            "--scheme fsi",
        )
    blocks = None if blocks is None else count_of(blocks, "blocks", _MOST_BLOCKS)
    cycle = None if cycle is None else count_of(cycle, "cycle", _MOST_BLOCKS)
    step = None if tau is None else time_step(tau)
    if time is None:
        return blocks or 1, step or default_step(certificate, grid, scheme), (cycle or _CYCLE) if cyclic else 1
    if blocks is not None and step is not None:
        raise NonlinearityError(
            f"time = {time!r}, blocks = {blocks} and tau = {tau!r} are one too many: give two of them"
        )
    stop = quantity(time, "time")
    if stop.is_zero or stop.is_negative:
        raise NonlinearityError(f"the stopping time time = {time!r} must be positive")
    if cyclic:
        blocks = blocks or _CYCLES
        if cycle is None:
            cycle = _least(stop / blocks / (step or default_step(certificate, grid, scheme)), time)
        return blocks, stop / blocks / reached(sp.S.One, cycle), cycle
    if blocks is None:
        any_will_do = certificate.steps(grid, scheme=scheme)[scheme.required].value is sp.oo and scheme is not EXPLICIT
        usual = _IMPLICIT * default_step(certificate, grid, EXPLICIT) if any_will_do else None
        blocks = _whole(stop / (step or usual or default_step(certificate, grid, scheme)), time)
    return blocks, stop / blocks, 1


def _whole(ratio: sp.Expr, time: Any) -> int:
    """The least whole number of a ratio and above."""
    if ratio.free_symbols:
        raise NonlinearityError(
            f"time = {time!r}: how many steps that takes depends on {', '.join(sorted(map(str, ratio.free_symbols)))}; "
            "give the number of blocks, or the parameters numbers"
        )
    return count_of(max(1, int(sp.ceiling(ratio))), "blocks", _MOST_BLOCKS)


def _least(ratio: sp.Expr, time: Any) -> int:
    """The least n with (n² + n)/3 of a ratio and above."""
    bound = _whole(3 * ratio, time)
    n = max(1, (math.isqrt(4 * bound + 1) - 1) // 2)
    while n * n + n < bound:
        n += 1
    return n
