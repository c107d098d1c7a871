"""A formula on arrays with a bound of the rounding error beside each value, and exact values where that is too large.

The bounds are of first order, for choosing and not for proving: where one exceeds a part in 10^12 of its value, or a
step overflows, the value is computed anew in ball arithmetic, element by element.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.enclosures.balls import ball_function
from symtrans.calculus.undecided import Undecided

_EPS = float(np.finfo(float).eps)
_ENOUGH = 1e-12
_TINY = float(np.finfo(float).tiny)  # nothing is lost below, far from 0
_UNDERFLOW = float(np.finfo(float).smallest_subnormal)
BITS = (128, 1024, 4096, 16384)
_KNOWN = (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.atan, sp.erf, sp.erfc)

Compile = Callable[[list[sp.Symbol], sp.Basic], Callable[..., Any]]
Pair = tuple[Any, Any]


def guarded(arguments: list[sp.Symbol], expr: sp.Expr, compiled: Compile) -> Callable[..., np.ndarray]:
    """The function of arrays of `X`, which comes first, and of numbers; `compiled` makes one of each part."""
    parts: list[tuple[sp.Expr, Callable[[dict[sp.Expr, Pair]], Pair]]] = []
    for node in sp.postorder_traversal(expr):
        if not node.free_symbols.issubset(arguments):
            continue  # within the polynomial of a root, which has a letter of its own
        if node.args and not any(node == known for known, _ in parts):
            parts.append((node, _rule(node, arguments, compiled)))

    def evaluate(x: np.ndarray, *numbers: float) -> np.ndarray:
        given = zip(arguments, (x, *(np.float64(number) for number in numbers)), strict=True)
        pairs: dict[sp.Expr, Pair] = {symbol: (value, 0.0) for symbol, value in given}
        with np.errstate(all="ignore"):
            for node, rule in parts:
                pairs[node] = rule(pairs)
            value, error = (np.broadcast_to(part, x.shape) for part in _pair(expr, pairs))
            # next to 0 a value is small because its argument is, and what is lost of it counts
            nothing = np.minimum(_TINY, _EPS * np.abs(x)) + 4 * _UNDERFLOW
            lost = ~(error <= _ENOUGH * np.abs(value) + nothing) | ~np.isfinite(value)
        if not lost.any():
            return np.array(value)
        result = np.array(value, dtype=float)
        rational = tuple(sp.Rational(float(number)) for number in numbers)
        exact = _exact(expr.xreplace(dict(zip(arguments[1:], rational, strict=True))))
        for place in zip(*np.nonzero(lost), strict=True):
            result[place] = exact(float(x[place]), float(result[place]))
        return result

    return evaluate


def _pair(node: sp.Expr, pairs: Mapping[sp.Expr, Pair]) -> Pair:
    if node in pairs:
        return pairs[node]
    number = float(node)
    return number, 0.0 if number == node else _EPS * abs(number)


def _rule(node: sp.Expr, arguments: list[sp.Symbol], compiled: Compile) -> Callable[[dict[sp.Expr, Pair]], Pair]:
    """The value of one node, and its error, from those of its arguments."""
    if X not in node.free_symbols or not isinstance(node, sp.Add | sp.Mul | sp.Pow | sp.Function):
        whole = compiled(arguments, node)
        return lambda pairs: _rounded(whole(*(pairs[symbol][0] for symbol in arguments)), 0.0)
    if isinstance(node, sp.Add):
        return lambda pairs: _sum([_pair(arg, pairs) for arg in node.args])
    if isinstance(node, sp.Mul):
        return lambda pairs: _product([_pair(arg, pairs) for arg in node.args])
    symbols = [sp.Dummy(real=True) for _ in node.args]
    value = compiled(symbols, node.func(*symbols))
    slopes: list[Callable[..., Any] | None] = []
    for symbol, arg in zip(symbols, node.args, strict=True):
        if X not in arg.free_symbols:
            slopes.append(None)
        elif isinstance(node, sp.Abs | sp.Max | sp.Min):
            slopes.append(lambda *_: 1.0)
        else:
            slope = node.func(*symbols).diff(symbol)
            known = all(isinstance(call, _KNOWN) for call in slope.atoms(sp.Function, sp.Derivative, sp.Subs))
            slopes.append(compiled(symbols, slope) if known else None)

    def function(pairs: dict[sp.Expr, Pair]) -> Pair:
        given = [_pair(arg, pairs) for arg in node.args]
        at = [one for one, _ in given]
        error: Any = 0.0
        for slope, (_, own) in zip(slopes, given, strict=True):
            if slope is not None and np.any(own):
                error = error + np.where(own == 0, 0.0, np.abs(slope(*at)) * own)
        return _rounded(value(*at), error)

    return function


def _rounded(value: Any, error: Any) -> Pair:
    """One operation: what it rounds off, and what it may lose by underflow, which a factor after it makes large."""
    return value, error + 2 * _EPS * np.abs(value) + _UNDERFLOW


def _sum(terms: list[Pair]) -> Pair:
    total, error = terms[0]
    for value, own in terms[1:]:
        total, error = _rounded(total + value, error + own)
    return total, error


def _product(factors: list[Pair]) -> Pair:
    total, error = factors[0]
    for value, own in factors[1:]:
        total, error = _rounded(total * value, np.abs(total) * own + np.abs(value) * error)
    return total, error


def is_sharp(ball: arb) -> bool:
    """Whether a double is known from it."""
    return bool(ball.rel_accuracy_bits() > 60 or abs(ball) < 1e-320)


@lru_cache(maxsize=256)
def _exact(expr: sp.Expr) -> Callable[[float, float], float]:
    """From x and what is known of the value to the value, correct to the last digit; overflow is infinite."""
    functions = lru_cache(maxsize=None)(lambda bits: ball_function(expr, X, bits))

    @lru_cache(maxsize=4096)
    def value(x: float, otherwise: float) -> float:
        try:
            for bits in BITS:
                with ctx.workprec(bits):
                    ball = functions(bits)(arb(x))
                    if ball.is_finite() and is_sharp(ball):
                        return float(ball.mid())
        except Undecided:
            pass
        return otherwise

    return value
