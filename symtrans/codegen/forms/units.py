"""A formula in r over its scale, written so that no power of r or of the scale is formed by itself."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Self

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.scales import may_scale, nondimensional, scales
from symtrans.codegen.program.shared_parts import SIGN, A, R, Scaled, even_form, odd_form
from symtrans.runtime.caches import remembered


class Units:
    """expr(x) = factor bare(x/scale), for |r| or r.

    What is linear in x between its breaks stays as it is: x - theta is no theta (x/theta - 1). A scale may be given.
    """

    def __init__(self, expr: sp.Expr, odd: bool, scale: sp.Expr | None = None) -> None:
        self.odd = odd
        self.scale, self.factor, self.bare = sp.S.One, sp.S.One, expr
        if scale is not None:
            self.scale, (self.factor, self.bare) = scale, _at_scale(expr, scale)
        elif not (expr.is_polynomial(X) and sp.degree(expr, X) < 2):
            self.scale, self.factor, self.bare = _nondimensional(expr)

    def rewritten(self, change: Callable[[sp.Expr], sp.Expr]) -> Self:
        """The same with the formula in r over the scale written in another way."""
        other = copy(self)
        other.bare = change(self.bare)
        return other

    @property
    def front(self) -> sp.Expr:
        """What stands before the formula in |r| over the scale."""
        return self.factor * (SIGN if self.odd else 1)

    def ratio(self, size: sp.Expr) -> sp.Expr:
        """A size over the scale."""
        return size if self.scale == 1 else Scaled(size, 1 / self.scale)

    def smaller(self, given: Mapping[sp.Symbol, sp.Rational], octaves: int) -> dict[sp.Symbol, sp.Rational]:
        """Values of parameters with a scale that is smaller by octaves."""
        return stretched(given, self.scale, -octaves)

    def form(
        self, bare: sp.Expr | None = None, held: Mapping[sp.Symbol, sp.Expr] | None = None, plain: bool = True
    ) -> sp.Expr:
        """The function in `R`, `A` and `SIGN`, which may be held; in `A` and `SIGN` alone if it is not plain."""
        expr = self.bare if bare is None else bare
        if plain:
            form = odd_form(expr) if self.odd else even_form(expr)
        else:
            form = (SIGN if self.odd else 1) * expr.xreplace({X: A})
        sizes = {R: R, A: A, **(held or {})}
        front = self.factor
        for size in (R, A):
            if size in sp.Mul.make_args(form) and self.scale in sp.Mul.make_args(front):  # lambda (r/lambda) is r
                front, form = front / self.scale * sizes[size], form / size
        return front * form.xreplace({size: self.ratio(held) for size, held in sizes.items()})


def stretched(given: Mapping[sp.Symbol, sp.Rational], scale: sp.Expr, octaves: int) -> dict[sp.Symbol, sp.Rational]:
    """Values of parameters with each factor of a scale larger by octaves.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> stretched({a: sp.S.One, b: sp.S.One}, a / sp.sqrt(b), 3)
    {a: 8, b: 1/64}
    """
    found = {**given}
    for factor in sp.Mul.make_args(scale):
        base, exponent = factor.as_base_exp()
        if base in found:
            found[base] *= sp.Integer(2) ** sp.ceiling(octaves / exponent)
    return found


def is_low_power(expr: sp.Expr) -> bool:
    """Whether it is a constant times 1/x, 1/sqrt(x), sqrt(x) or x, which are numbers of the format where x is.

    Examples
    --------
    >>> theta = sp.Symbol("theta", positive=True)
    >>> is_low_power(theta / sp.sqrt(X)), is_low_power(theta**2 / X**2), is_low_power(1 + X)
    (True, False, False)
    """
    base, exponent = expr.as_independent(X, as_Add=False)[1].as_base_exp()
    return bool(base == X and 2 * exponent in (-2, -1, 1, 2))


@remembered(1024)
def _nondimensional(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(s, c, F) with expr(x) = c F(x/s), F as it was written if that will do; s may stand in sums under powers."""
    found = nondimensional(expr)
    parameters = expr.free_symbols - {X}
    if found[0] != 1:
        factor, bare = _at_scale(expr, found[0])
        return (found[0], factor, bare) if bare.free_symbols <= found[2].free_symbols else found
    squares = [(parameter, parameter**2) for parameter in parameters if parameter.is_positive]  # where x is a square
    for parameter, scale in (*scales(parameters), *sorted(squares, key=str)):
        if may_scale(expr, parameter, scale):
            factor, bare = _at_scale(expr, scale)
            if parameter not in bare.free_symbols:
                return scale, factor, bare
    return found


def _at_scale(expr: sp.Expr, scale: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(c, F) with expr(s x) = c F(x), and products apart if F depended on s."""
    scaled = expr.xreplace({X: scale * X})
    powers = {power for power in scaled.atoms(sp.Pow) if power.base.is_Add}
    scaled = scaled.xreplace({power: sp.factor_terms(power.base) ** power.exp for power in powers})
    factor, bare = sp.factor_terms(scaled).as_independent(X, as_Add=False)
    if bare.free_symbols.isdisjoint(scale.free_symbols):
        return factor, bare
    calls = {call: call.func(*map(_apart, call.args)) for call in scaled.atoms(sp.Function) if call.has(X)}
    logs = {call: sp.expand_log(sp.log(sp.factor_terms(call.args[0]))) for call in calls if isinstance(call, sp.log)}
    scaled = sp.expand_power_base(scaled.xreplace(calls | logs))
    return sp.factor_terms(scaled).as_independent(X, as_Add=False)  # type: ignore[no-any-return]


def _apart(sum_: sp.Expr) -> sp.Expr:
    """(b² x² - a²)/b² as x² - a²/b²: expanded, if its terms in x have no parameters then."""
    expanded = sp.expand(sum_)
    return sum_ if expanded.as_independent(X, as_Add=True)[1].free_symbols - {X} else expanded
