"""Which functions the calculus knows, and where each of them is smooth."""

from collections.abc import Callable, Iterator, Mapping

import sympy as sp

from symtrans.language.polylogarithms import impolylog, repolylog

# Real and smooth for every real argument.
ENTIRE = (
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh),
    *(sp.erf, sp.erfc, sp.erfi, sp.Si, sp.Shi),
)
# Smooth where each of these functions of the arguments is positive.
MARGINS: Mapping[type[sp.Basic], tuple[Callable[..., sp.Expr], ...]] = {
    sp.log: (lambda u: u,),
    sp.asin: (lambda u: 1 - u, lambda u: 1 + u),
    sp.acos: (lambda u: 1 - u, lambda u: 1 + u),
    sp.atanh: (lambda u: 1 - u, lambda u: 1 + u),
    sp.acosh: (lambda u: u - 1,),
    sp.Ci: (lambda u: u,),
    sp.Chi: (lambda u: u,),
    sp.gamma: (lambda u: u,),
    sp.lowergamma: (lambda s, u: u,),
    sp.uppergamma: (lambda s, u: u,),
    sp.polylog: (lambda s, u: 1 - u,),
    **{part: (lambda s, rho, angle: angle, lambda s, rho, angle: sp.pi - angle) for part in (repolylog, impolylog)},
    sp.LambertW: (lambda u, branch=0: 1 + sp.E * u, lambda u, branch=0: -u if branch else sp.S.One),
}
# Smooth where this function of the argument is not zero.
POLES: Mapping[type[sp.Basic], Callable[[sp.Expr], sp.Expr]] = {sp.Ei: lambda u: u, sp.tan: sp.cos}
KNOWN = (*ENTIRE, *MARGINS, *POLES)


def needed(call: sp.Expr) -> Iterator[tuple[sp.Expr, bool]]:
    """What must be positive, or only not zero (False), for a call of a known function to be smooth."""
    if type(call) in POLES:
        yield POLES[type(call)](call.args[0]), False
    for margin in MARGINS.get(type(call), ()):
        yield margin(*call.args), True
