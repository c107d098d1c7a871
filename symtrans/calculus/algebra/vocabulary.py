"""Which functions the calculus knows, where each of them is smooth, and which increase."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import sympy as sp

from symtrans.language.polylogarithms import impolylog, repolylog

# Real and smooth for every real argument.
ENTIRE = (
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh),
    *(sp.erf, sp.erfc, sp.erfi, sp.Si, sp.Shi, sp.fresnels, sp.fresnelc),
)
# Smooth where each of these functions of the arguments is positive.
MARGINS: Mapping[type[sp.Basic], tuple[Callable[..., sp.Expr], ...]] = {
    **dict.fromkeys((sp.log, sp.Ci, sp.Chi, sp.gamma), (lambda u: u,)),
    **dict.fromkeys((sp.asin, sp.acos, sp.atanh), (lambda u: 1 - u, lambda u: 1 + u)),
    sp.acosh: (lambda u: u - 1,),
    **dict.fromkeys((sp.lowergamma, sp.uppergamma), (lambda s, u: u,)),
    sp.polylog: (lambda s, u: 1 - u,),
    **{part: (lambda s, rho, angle: angle, lambda s, rho, angle: sp.pi - angle) for part in (repolylog, impolylog)},
    sp.LambertW: (lambda u, branch=0: 1 + sp.E * u, lambda u, branch=0: -u if branch else sp.S.One),
}
# Smooth where this function of the argument is not zero.
POLES: Mapping[type[sp.Basic], Callable[[sp.Expr], sp.Expr]] = {sp.Ei: lambda u: u, sp.tan: sp.cos}
KNOWN = (*ENTIRE, *MARGINS, *POLES)


class Increasing(NamedTuple):
    """What an increasing function stays between, where inside of its domain, and its inverse if there is a formula."""

    low: sp.Expr
    high: sp.Expr
    inverse: Any = None


_ALL = -sp.oo, sp.oo
INCREASING: Mapping[type[sp.Basic], Increasing] = {
    sp.exp: Increasing(sp.S.Zero, sp.oo, sp.log),
    sp.log: Increasing(*_ALL, sp.exp),
    sp.atan: Increasing(-sp.pi / 2, sp.pi / 2, sp.tan),
    sp.tanh: Increasing(sp.S.NegativeOne, sp.S.One, sp.atanh),
    sp.sinh: Increasing(*_ALL, sp.asinh),
    sp.asinh: Increasing(*_ALL, sp.sinh),
    sp.acosh: Increasing(sp.S.Zero, sp.oo, sp.cosh),
    sp.erf: Increasing(sp.S.NegativeOne, sp.S.One),
    sp.LambertW: Increasing(sp.S.NegativeOne, sp.oo, lambda level: level * sp.exp(level)),
}


def needed(call: sp.Expr) -> Iterator[tuple[sp.Expr, bool]]:
    """What must be positive, or only not zero (False), for a call of a known function to be smooth."""
    if type(call) in POLES:
        yield POLES[type(call)](call.args[0]), False
    for margin in MARGINS.get(type(call), ()):
        yield margin(*call.args), True
