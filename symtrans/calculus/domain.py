"""Which functions the calculus knows, and where they are smooth, singular or not real."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from symtrans.calculus.algebra import X, insert
from symtrans.calculus.signs import sign_chart, zeros
from symtrans.calculus.undecided import Undecided

# Real and smooth for every real argument.
ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc)
# Smooth where every function of `_MARGINS` below is positive of the argument.
_MARGINS: Mapping[type[sp.Basic], tuple[Callable[[sp.Expr], sp.Expr], ...]] = {
    sp.log: (lambda u: u,),
    sp.asin: (lambda u: 1 - u, lambda u: 1 + u),
    sp.acos: (lambda u: 1 - u, lambda u: 1 + u),
}
KNOWN = (*ENTIRE, *_MARGINS, sp.tan)


@dataclass(frozen=True)
class Flaw:
    """An open interval on which an expression is not a real number."""

    lo: sp.Expr
    hi: sp.Expr
    why: str


@dataclass(frozen=True)
class Domain:
    """What a scan found on an interval.

    Attributes
    ----------
    cuts : tuple of Expr
        Isolated points, ascending, at which the expression may fail to be smooth.
    flaws : tuple of Flaw
        Intervals on which it is not real.
    doubts : tuple of str
        What could not be decided; with any doubt nothing may be called proved.
    """

    cuts: tuple[sp.Expr, ...]
    flaws: tuple[Flaw, ...]
    doubts: tuple[str, ...]


def scan(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> Domain:
    """Find where `expr`, free of |.|, sgn, Max, Min and cases, is not smooth on (lo, hi)."""
    cuts: list[sp.Expr] = []
    flaws: list[Flaw] = []
    doubts: list[str] = []
    for margin, why in _margins(expr):
        try:
            chart = sign_chart(margin, lo, hi)
            flaws += [Flaw(s.lo, s.hi, why) for s in chart if s.sign <= 0]
            for zero in zeros(chart):
                insert(cuts, zero)
        except Undecided as open_question:
            doubts.append(str(open_question))
    return Domain(tuple(cuts), tuple(flaws), tuple(doubts))


def _margins(expr: sp.Expr) -> Iterator[tuple[sp.Expr, str]]:
    """Expressions that must be positive (or, squared, nonzero) for `expr` to be real and smooth."""
    for node in sp.preorder_traversal(expr):
        if X not in node.free_symbols or isinstance(node, sp.exp):
            continue
        if isinstance(node, sp.Pow):
            if isinstance(node.exp, sp.Integer):
                if node.exp < 0:
                    yield node.base**2, f"{node} divides by zero"
            else:
                yield node.base, f"{node.base} is negative under a power"
        elif isinstance(node, sp.tan):
            yield sp.cos(node.args[0]) ** 2, f"{node} has a pole"
        else:
            for margin in _MARGINS.get(type(node), ()):
                yield margin(node.args[0]), f"{node} is not real"


def unknown_functions(expr: sp.Expr) -> tuple[str, ...]:
    """Names of the functions in `expr` of which the calculus knows nothing."""
    calls = expr.atoms(sp.Function) - expr.atoms(*KNOWN, sp.Piecewise, sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min)
    return tuple(sorted({call.func.__name__ for call in calls}))
