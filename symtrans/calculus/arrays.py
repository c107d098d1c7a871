"""A half-line function on NumPy arrays, through SymPy's lambdify.

Each smooth piece is evaluated only where it applies, so a branch that is not
taken is never asked for a bad argument. This path shares nothing with the
kernel printers and serves as their independent check.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symtrans.calculus.algebra import X
from symtrans.calculus.pieces import HalfLine, Parity

_MODULES: list[Any] = [{"erf": np.vectorize(math.erf), "erfc": np.vectorize(math.erfc)}, "numpy"]


@lru_cache(maxsize=512)
def array_function(function: HalfLine) -> Callable[..., np.ndarray]:
    """Compile to ``f(r, values)``: an array of any shape and a mapping of parameters to floats.

    NaN stays NaN; the result has the floating dtype of `r` (float64 for integers).
    """
    names = sorted(function.parameters, key=lambda s: s.name)
    compiled = [_lambdify([X, *names], piece.expr) for piece in function.pieces]
    constants = _lambdify(names, sp.Tuple(*function.breaks, *function.values))
    origin = _lambdify(names, sp.Tuple(function.origin))
    count = len(function.breaks)

    def evaluate(r: np.ndarray, values: Mapping[sp.Symbol, float]) -> np.ndarray:
        arguments = [values[name] for name in names]
        numbers = np.asarray(constants(*arguments), dtype=float)
        breaks, at_breaks = numbers[:count], numbers[count:]
        x = np.abs(r)
        result = np.full(x.shape, np.nan, dtype=x.dtype)
        with np.errstate(over="ignore", under="ignore"):
            for k, smooth in enumerate(compiled):
                here = x > (breaks[k - 1] if k else 0)
                if k < count:
                    here &= x < breaks[k]
                result[here] = smooth(x[here], *arguments)
        for place, value in zip(breaks, at_breaks, strict=True):
            result[x == place] = value
        if function.parity is Parity.ODD:
            result = np.copysign(1, r) * result
        result[x == 0] = origin(*arguments)[0]
        return result.astype(x.dtype, copy=False)

    return evaluate


def _lambdify(arguments: list[sp.Symbol], expr: sp.Basic) -> Callable[..., Any]:
    # Dummies: a parameter called exp or pi must not hide the function of that name.
    plain = {symbol: sp.Dummy() for symbol in arguments}
    compiled: Callable[..., Any] = sp.lambdify(list(plain.values()), expr.xreplace(plain), modules=_MODULES, cse=True)
    return compiled
