"""What a kernel checks of its parameters at each call.

A step that depends on them must be positive and stable, and what was assumed of them must hold: it is under it that the
program was made.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from symtrans.codegen.targets.target import Value
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.language.symbols import Names
from symtrans.stability.guarantees import ALLOW

Condition = Callable[[tuple[Value, ...], Mapping[str, Any]], None]


def conditions(
    symbols: tuple[sp.Symbol, ...], tau: sp.Expr, sizes: tuple[sp.Expr, ...], limit: sp.Expr | None
) -> tuple[Condition, ...]:
    """What must hold at each call, in every block, where it depends on parameters.

    `limit` is the largest stable step, None where any step will do.
    """
    given = (("tau", tau), *(("h", size) for size in sizes))
    found = [_positive(name, _numeric(symbols, expr)) for name, expr in given if expr.free_symbols]
    if limit is not None and tau.free_symbols | limit.free_symbols:
        found.append(_stable(_numeric(symbols, tau), _numeric(symbols, limit)))
    return tuple(found)


def assumed(symbols: tuple[sp.Symbol, ...], relations: Iterable[sp.Basic], names: Names) -> tuple[Condition, ...]:
    """That each of these relations holds in every block."""
    return tuple(_holds(_numeric(symbols, relation), str(names.outward(relation))) for relation in relations)


def _numeric(symbols: tuple[sp.Symbol, ...], expr: sp.Basic) -> Callable[..., Value]:
    """A formula as a function of numbers; a case that does not apply may divide by zero."""
    function = sp.lambdify(symbols, expr, "numpy")

    def value(*numbers: Value) -> Value:
        with np.errstate(all="ignore"):
            return function(*(np.asarray(number, float)[()] for number in numbers))  # type: ignore[no-any-return]

    return value


def _holds(relation: Callable[..., Value], words: str) -> Condition:
    def check(values: tuple[Value, ...], parameters: Mapping[str, Any]) -> None:
        wrong = np.flatnonzero(~np.atleast_1d(relation(*values)))
        if wrong.size:
            raise NonlinearityError(f"{_listing(parameters, wrong[0])} contradict the assumption {words}")

    return check


def _positive(name: str, expression: Callable[..., Value]) -> Condition:
    def check(values: tuple[Value, ...], parameters: Mapping[str, Any]) -> None:
        found = np.atleast_1d(expression(*values))
        wrong = np.flatnonzero(~((found > 0) & np.isfinite(found)))
        if wrong.size:
            raise StabilityError(
                f"{name} = {found[wrong[0]]:g} for {_listing(parameters, wrong[0])}; it must be positive and finite"
            )

    return check


def _stable(step: Callable[..., Value], limit: Callable[..., Value]) -> Condition:
    # one rounding of each side is forgiven: at equality both are exact
    forgiven = 1 + 4 * float(np.finfo(float).eps)

    def check(values: tuple[Value, ...], parameters: Mapping[str, Any]) -> None:
        tau, bound = np.broadcast_arrays(*np.atleast_1d(step(*values), limit(*values)))
        wrong = np.flatnonzero(~(tau <= bound * forgiven))
        if wrong.size:
            k = wrong[0]
            over = f"tau = {tau[k]:g} is above the largest stable step {bound[k]:g} for {_listing(parameters, k)}"
            raise StabilityError.told(
                lambda allow: f"{over}; take a smaller tau, or build the network with {allow}", *ALLOW
            )

    return check


def _listing(parameters: Mapping[str, Any], block: int) -> str:
    """The values of the parameters, of a layer-wise one that of the block."""
    layered = any(np.ndim(value) for value in parameters.values())
    values = {key: np.ravel(value)[block if np.ndim(value) else 0] for key, value in parameters.items()}
    text = ", ".join(f"{key} = {float(value):g}" for key, value in values.items())
    return f"{text} (block {block})" if layered else text
