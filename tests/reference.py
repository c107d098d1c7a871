"""Independent definitions at 50 digits: Table 3 as printed in the paper, and Table 1 by quadrature."""

from itertools import pairwise

import mpmath as mp
import sympy as sp

from symtrans import Activation, Diffusivity, Regulariser, Shrinkage, r

lam, theta = sp.symbols("lambda theta", positive=True)
A = sp.Abs(r)
_root2 = sp.sqrt(2)
_break = _root2 * theta


def cases(inner, outer, place=_break):
    return sp.Piecewise((inner, place >= A), (outer, True))


# The six rows of Table 3 with the bars restored, tau = alpha = 1/4.
TABLE_3 = {
    "constant": {Diffusivity: sp.S.One, Regulariser: r**2, Shrinkage: sp.S.Zero, Activation: r},
    "charbonnier": {
        Diffusivity: 1 / sp.sqrt(1 + r**2 / lam**2),
        Regulariser: 2 * lam**2 * sp.sqrt(1 + r**2 / lam**2) - 2 * lam**2,
        Shrinkage: r * (1 - 1 / sp.sqrt(1 + 2 * r**2 / lam**2)),
        Activation: r / sp.sqrt(1 + r**2 / lam**2),
    },
    "truncated-tv": {
        Diffusivity: cases(1, _root2 * theta / A),
        Regulariser: cases(r**2, 2 * theta * (_root2 * A - theta)),
        Shrinkage: cases(0, r - theta * sp.sign(r), theta),
        Activation: cases(r, _root2 * theta * sp.sign(r)),
    },
    "perona-malik": {
        Diffusivity: sp.exp(-(r**2) / (2 * lam**2)),
        Regulariser: 2 * lam**2 * (1 - sp.exp(-(r**2) / (2 * lam**2))),
        Shrinkage: r * (1 - sp.exp(-(r**2) / lam**2)),
        Activation: r * sp.exp(-(r**2) / (2 * lam**2)),
    },
    "truncated-bfb": {
        Diffusivity: cases(1, 2 * theta**2 / r**2),
        Regulariser: cases(r**2, 2 * theta**2 * (sp.log(r**2 / (2 * theta**2)) + 1)),
        Shrinkage: cases(0, r - theta**2 / r, theta),
        Activation: cases(r, 2 * theta**2 / r),
    },
    "truncated-quadratic": {
        Diffusivity: cases(1, 0),
        Regulariser: cases(r**2, 2 * theta**2),
        Shrinkage: cases(0, r, theta),
        Activation: cases(r, 0),
    },
}


def number(expr, variable, place, values, digits=60):
    """A SymPy expression as an mpmath number, by substitution of exact values."""
    exact = expr.subs({**values, variable: place})
    return mp.mpf(str(sp.N(exact, digits))) if exact.is_number else mp.nan


def explicit_step(flux, f, ratio):
    """One block in exact or floating arithmetic, written out again."""
    p = [b - a for a, b in pairwise(f)]
    q = [0, *(flux(x) for x in p), 0]
    return [u + ratio * (q[i + 1] - q[i]) for i, u in enumerate(f)]
