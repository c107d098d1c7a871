"""Which expressions SymPy may be given in this process, and which only in one that can be killed.

Factoring, cancelling and integrating end in C code (FLINT, big integers) that no
exception interrupts. How long it runs depends on the degrees and on the size of the
numbers, and both can be bounded without expanding anything. SymPy's `integrate` reads
exp(-116833*x**2/50000) as the power 116833 of exp(-x**2/50000), so the height of a
coefficient under an exponential counts as a degree.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import sympy as sp

from symtrans.calculus.undecided import Undecided, decided
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, remaining

_HIGHEST_DEGREE = 300
_MOST_BITS = 20_000
_SHARE = 0.25  # of the time that is left, for one call

T = TypeVar("T")


def guarded(function: Callable[..., T], expr: sp.Expr, *args: Any, **options: Any) -> T:
    """``function(expr, *args)``, in a process of its own where C code might not return.

    Raises
    ------
    Undecided
        If it did not return within its share of the time that is left.

    Examples
    --------
    >>> from symtrans.calculus.algebra.sympy_calls import guarded
    >>> guarded(sp.factor, sp.Symbol("x")**2 - 1)
    (x - 1)*(x + 1)
    """
    if not is_heavy(expr):
        return function(expr, *args, **options)
    from symtrans.runtime.workers import call  # sockets and subprocesses, which light work does without

    try:
        result: T = call(_apply, function, expr, args, options, seconds=_SHARE * min(remaining(), DEFAULT_BUDGET))
        return result
    except OutOfTime:
        if remaining() <= 0:
            raise
        raise Undecided(f"{getattr(function, '__name__', function)} took too long on ", expr) from None


def attempted(function: Callable[..., T], expr: sp.Expr, *args: Any, **options: Any) -> T | None:
    """What SymPy finds, in a process of its own where that may be needed; None where it finds nothing in time.

    Its solvers and integrators raise many kinds of exception on input that they do not know. To be
    called with functions of SymPy alone: a fault of ours must not pass for an answer.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> attempted(sp.solve, sp.exp(x) + x - sp.sin(x), x) is None
    True
    """
    return decided(guarded, _given_up, expr, function, args, options)


def _given_up(expr: sp.Expr, function: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]) -> T | None:
    try:
        return function(expr, *args, **options)
    except Exception:
        return None


def _apply(function: Callable[..., T], expr: sp.Expr, args: tuple[Any, ...], options: dict[str, Any]) -> T:
    return function(expr, *args, **options)


def is_heavy(expr: sp.Expr, highest: int = _HIGHEST_DEGREE, most_bits: int = _MOST_BITS) -> bool:
    """Whether the polynomials in `expr` may pass a degree or a size at which C code needs more than a moment.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> [is_heavy(e) for e in (x**3 - 1, (1 + x**2)**1000, sp.exp(-116833*x**2/50000))]
    [False, True, True]
    """
    if not expr.has(sp.Add, sp.exp):  # a monomial, whatever its degree
        return False
    degree, bits = _size(expr)
    return degree > highest or bits > most_bits


@lru_cache(maxsize=4096)
def _size(expr: sp.Basic) -> tuple[int, int]:
    """Bounds of the degree in any one generator, and of the bits of the coefficients."""
    if isinstance(expr, sp.Rational):
        return 0, int(expr.p).bit_length() + int(expr.q).bit_length()
    if not expr.args:
        return 1, 0
    sizes = [_size(arg) for arg in expr.args]
    degrees, bits = [d for d, _ in sizes], [b for _, b in sizes]
    if isinstance(expr, sp.Add):
        return max(degrees), max(bits) + len(bits)
    if isinstance(expr, sp.Mul):
        return sum(degrees), sum(bits)
    if isinstance(expr, sp.exp):
        coefficients = [term.as_coeff_Mul()[0] for term in sp.Add.make_args(expr.exp)]
        return max(max(map(_height, coefficients)), *degrees), max(bits)
    if isinstance(expr, sp.Pow):
        times = max(1, _height(expr.exp))
        return times * degrees[0], times * bits[0]
    return max(1, *degrees), max(bits)


def _height(number: sp.Expr) -> int:
    return max(abs(int(number.p)), int(number.q)) if isinstance(number, sp.Rational) else 1
