"""A half-line function on NumPy arrays, through SymPy's lambdify.

Each smooth piece is evaluated only where it applies, so a branch that is not
taken is never asked for a bad argument. This path shares nothing with the
kernel printers and serves as their independent check.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import sympy as sp
from flint import acb, arb, ctx

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.balls import NamedNumber, enclose_with
from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.quadrature import quadrature
from symtrans.calculus.functions.running_errors import BITS, guarded, is_sharp
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.undecided import Undecided
from symtrans.language.polylogarithms import impolylog, repolylog


def _by_ball(function: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """A special function that NumPy lacks, element by element through Arb, correct to the last digit or so."""

    def value(*arguments: float) -> float:
        with ctx.workprec(160):
            return float(function(*(acb(float(a)) for a in arguments)).real)

    return np.vectorize(value, otypes=[float])


_SMALL = 1e-290  # less may have lost digits by underflow
_SPECIAL = (
    *(sp.erfi, sp.Ei, sp.Si, sp.Ci, sp.Shi, sp.Chi, sp.fresnels, sp.fresnelc),
    *(sp.lowergamma, sp.uppergamma, sp.polylog, repolylog, impolylog, sp.LambertW),
    *(sp.Max, sp.Min),  # of a number and an array, older versions of SymPy make one array
)
_MODULES: list[Any] = [
    {
        "erf": np.vectorize(math.erf, otypes=[float]),
        "erfc": np.vectorize(math.erfc, otypes=[float]),
        "gamma": np.vectorize(math.gamma, otypes=[float]),
        "special_Max": lambda *values: reduce(np.maximum, values),
        "special_Min": lambda *values: reduce(np.minimum, values),
        "special_erfi": _by_ball(acb.erfi),
        "special_Ei": _by_ball(acb.ei),
        "special_Si": _by_ball(acb.si),
        "special_Ci": _by_ball(acb.ci),
        "special_Shi": _by_ball(acb.shi),
        "special_Chi": _by_ball(acb.chi),
        "special_fresnels": _by_ball(lambda z: z.fresnel_s()),
        "special_fresnelc": _by_ball(lambda z: z.fresnel_c()),
        "special_lowergamma": _by_ball(lambda s, z: z.gamma_lower(s)),
        "special_uppergamma": _by_ball(lambda s, z: z.gamma_upper(s)),
        "special_polylog": _by_ball(lambda s, z: z.polylog(s)),
        "special_repolylog": _by_ball(lambda s, rho, angle: repolylog.ball_at(s.real, rho.real, angle.real)),
        "special_impolylog": _by_ball(lambda s, rho, angle: impolylog.ball_at(s.real, rho.real, angle.real)),
        "special_LambertW": _by_ball(lambda z, *branch: z.lambertw(*(int(float(k.real)) for k in branch))),
    },
    "numpy",
]


@lru_cache(maxsize=512)
def array_function(function: HalfLine) -> Callable[..., np.ndarray]:
    """Compile to ``f(r, values)``: an array of any shape and a mapping of parameters to floats.

    NaN stays NaN; the result has the floating dtype of `r` (float64 for integers).
    """
    if isinstance(function, Spline):
        return _spline_function(function)
    names = sorted(function.parameters, key=lambda s: s.name)
    compiled = [_by_cases([X, *names], piece.expr) for piece in function.pieces]
    constants = _by_cases(names, sp.Tuple(*function.breaks, *function.values))
    origin = _by_cases(names, sp.Tuple(function.origin))
    count = len(function.breaks)

    def evaluate(r: np.ndarray, values: Mapping[sp.Symbol, float]) -> np.ndarray:
        arguments = [np.float64(values[name]) for name in names]  # whose powers overflow to oo
        numbers = constants(*arguments)
        breaks, at_breaks = np.where(np.isnan(numbers[:count]), np.inf, numbers[:count]), numbers[count:]
        x = np.abs(r)
        result = np.full(x.shape, np.nan, dtype=x.dtype)
        with np.errstate(over="ignore", under="ignore", divide="ignore"):
            for k, smooth in enumerate(compiled):
                here = x > (breaks[k - 1] if k else 0)
                if k < count:
                    here &= x < breaks[k]
                result[here] = smooth(x[here].astype(float, copy=False), *arguments)
        for place, value in zip(breaks, at_breaks, strict=True):
            result[x == place] = value
        if function.parity is Parity.ODD:
            result = np.copysign(1, r) * result
        result[x == 0] = origin(*arguments)[0]
        return result.astype(x.dtype, copy=False)

    return evaluate


def _spline_function(spline: Spline) -> Callable[..., np.ndarray]:
    """A spline by table look-up: x**low times a polynomial in the distance from the knot to the left."""
    scale, factor = float(spline.scale), float(spline.factor)
    breaks = np.array([*map(float, spline.breaks)])
    starts = np.array([0.0, *breaks])
    lows = np.array([part.low for part in spline.parts])
    shifted = [part.shifted(lo) for lo, _, part in spline.intervals()]
    table = np.zeros((max(map(len, shifted)), len(shifted)))
    for k, (low, coefficients) in enumerate(zip(lows, shifted, strict=True)):
        table[: len(coefficients), k] = [
            int(c.p) / int(c.q) * factor * scale ** -float(low + n) for n, c in enumerate(coefficients)
        ]
    at_breaks = np.array([*map(float, spline.values)])
    origin, at_infinity = float(spline.origin), float(spline.value(spline.parts[-1].at_infinity()))

    def evaluate(r: np.ndarray, values: Mapping[sp.Symbol, float]) -> np.ndarray:
        x = np.abs(r).astype(float, copy=False)
        k = np.searchsorted(breaks, x)
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            step = x - starts[k]
            result = np.zeros_like(x)
            for coefficients in table[::-1]:
                result = result * step + coefficients[k]
            result = result * x ** lows[k].astype(float)
        result[np.isinf(x)] = at_infinity
        result[x == 0] = origin
        if len(breaks):
            near = np.minimum(k, len(breaks) - 1)
            result = np.where(x == breaks[near], at_breaks[near], result)
        if spline.parity is Parity.ODD:
            result = np.copysign(1, r) * result
        result[np.isnan(x)] = np.nan
        shaped: np.ndarray = result.astype(r.dtype, copy=False)
        return shaped

    return evaluate


def _by_cases(arguments: list[sp.Symbol], expr: sp.Basic) -> Callable[..., Any]:
    """Compile a formula; of its cases in the parameters (p = 1) only the one that holds, once it is asked for."""

    def compile_one(formula: sp.Basic) -> Callable[..., Any]:
        if X not in arguments or X not in formula.free_symbols:
            return _constants(arguments, formula)
        if formula.has(sp.Integral):
            return _lambdify(arguments, formula)
        return guarded(arguments, formula, _part)

    if not expr.has(sp.Piecewise):
        return compile_one(expr)
    compiled = lru_cache(maxsize=16)(compile_one)

    def evaluate(*numbers: Any) -> Any:
        given = zip(arguments, numbers, strict=True)
        values = {name: sp.Rational(float(number)) for name, number in given if name != X}
        return compiled(_chosen(expr, values))(*numbers)

    return evaluate


def _part(arguments: list[sp.Symbol], expr: sp.Basic) -> Callable[..., Any]:
    """Compile a part of a formula, or a number made of parameters in it."""
    return (_constants if X in arguments and X not in expr.free_symbols else _lambdify)(arguments, expr)


def _constants(arguments: list[sp.Symbol], formula: sp.Basic) -> Callable[..., Any]:
    """Compile a number made of parameters, or a tuple of them; found anew are sums, whose terms may cancel, and what
    over- or underflows on the way.
    """
    compiled = _lambdify(arguments, formula)
    parts = formula.args if isinstance(formula, sp.Tuple) else (formula,)
    may_cancel = np.array([any(sum_.free_symbols for sum_ in part.atoms(sp.Add)) for part in parts], bool)

    def evaluate(*numbers: Any) -> Any:
        with np.errstate(all="ignore"):
            found = np.array(compiled(*numbers), dtype=float)
        flat = found.reshape(-1)
        for k in np.flatnonzero(may_cancel | ~((np.abs(flat) > _SMALL) & np.isfinite(flat))):
            if parts[k].free_symbols:
                given = zip(arguments, numbers, strict=True)
                flat[k] = _number(parts[k], {name: float(number) for name, number in given if name != X})
        return found

    return evaluate


def _number(formula: sp.Expr, values: Mapping[sp.Symbol, float]) -> float:
    """A number made of parameters, correct to the last digit where balls know it."""
    with suppress(Undecided):
        for bits in BITS:
            with ctx.workprec(bits):
                ball = enclose_with(formula, {name: arb(value) for name, value in values.items()})
                if ball.is_finite() and is_sharp(ball):
                    return float(ball.mid())
    exact = formula.subs({name: sp.Rational(value) for name, value in values.items()})
    return np.nan if exact is sp.zoo else float(exact.evalf(20))  # as a break at 1/k for k = 0


def _chosen(expr: sp.Basic, values: Mapping[sp.Symbol, sp.Rational]) -> sp.Basic:
    """The formula without its cases in the parameters."""

    def holding(cases: sp.Piecewise) -> sp.Basic:
        held = (value for value, condition in cases.args if condition.subs(values) == True)  # noqa: E712 - SymPy's true
        return _chosen(next(held, sp.nan), values)

    cases = {node for node in expr.atoms(sp.Piecewise) if not any(X in c.free_symbols for _, c in node.args)}
    return expr.xreplace({node: holding(node) for node in cases})


def _lambdify(arguments: list[sp.Symbol], expr: sp.Basic) -> Callable[..., Any]:
    # Dummies: a parameter called exp or pi must not hide the function of that name.
    plain = {symbol: sp.Dummy() for symbol in arguments}
    quadratures = {
        node: sp.Function(f"quadrature_{k}")(*arguments)
        for k, node in enumerate(sorted(expr.atoms(sp.Integral), key=sp.default_sort_key))
    }
    modules = [{call.func.__name__: quadrature(node, X, arguments) for node, call in quadratures.items()}, *_MODULES]
    # of these NumPy knows nothing
    roots = {number: number.evalf(20) for number in expr.atoms(sp.CRootOf, NamedNumber, sp.zeta, sp.dirichlet_eta)}
    inner = (
        expr.xreplace({**quadratures, **roots})
        .xreplace(plain)
        .replace(
            lambda node: isinstance(node, _SPECIAL),  # NumPy's printer refuses most of these by name
            lambda node: sp.Function(f"special_{type(node).__name__}")(*node.args),
        )
    )
    compiled: Callable[..., Any] = sp.lambdify(list(plain.values()), inner, modules=modules, cse=True)
    return compiled
