"""The names in the formulas of a kernel, and the parts that several formulas have in common under names of their own.

`share` writes formulas as a person would who computes nothing twice: powers of one base come from one
power, and common subexpressions from `sympy.cse`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.expression import parity_in_x
from symtrans.codegen.program.three_address import Parameter

# The names that a kernel gives; R is the argument, A its modulus, SIGN its sign; Q is the argument of a diffusivity.
R = sp.Symbol("r", real=True)
A = sp.Symbol("a", positive=True)
SIGN = sp.Symbol("s", real=True)
Q = sp.Symbol("q", positive=True)


_HIGHEST = 4  # power that is printed as a product of its factors


class Temporary(sp.Symbol):  # type: ignore[misc]
    """A value on the way from r to the results."""

    __slots__ = ()


class PowerOfTwo(sp.Function):  # type: ignore[misc]
    """2^x, for targets that compute exp(y) as 2^(y/ln 2): the factor 1/ln 2 goes into the constants."""

    nargs = 1

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_extended_real else None


class Scaled(sp.Function):  # type: ignore[misc]
    """x c, which powers and products do not pull apart: (r/lambda)^2 is no r^2/lambda^2, whose parts may underflow."""

    nargs = 2

    def _eval_is_positive(self) -> bool | None:
        return True if all(factor.is_positive for factor in self.args) else None

    def _eval_is_real(self) -> bool | None:
        return True if all(factor.is_real for factor in self.args) else None


class Interpolated(sp.Function):  # type: ignore[misc]
    """The value of a table at a place; the arguments of all three are the name of the table, and x >= 0."""

    nargs = 2
    is_nonnegative = True


class Rise(sp.Function):  # type: ignore[misc]
    """The slope of a table at a place."""

    nargs = 2
    is_real = True


class Intercept(sp.Function):  # type: ignore[misc]
    """What the value at a place is beyond its slope times the place."""

    nargs = 2
    is_real = True


@dataclass(frozen=True)
class Named:
    """A formula under a name: a constant of a call, or a temporary value; in what was named before."""

    symbol: sp.Symbol
    expr: sp.Expr

    @property
    def name(self) -> str:
        """The identifier."""
        return str(self.symbol)


@dataclass(frozen=True)
class Case:
    """A function, or several at once, for |r| beyond `bound` (None: everywhere else).

    Attributes
    ----------
    bound : str or None
        Name of the constant; the case holds where a `relation` bound.
    relation : str
        ">", ">=" or "==".
    temporaries : tuple of Named
        Common subexpressions, in order.
    values : tuple of Expr
        In `R`, `A`, `SIGN` or in `Q`, constants and temporaries.
    """

    bound: str | None
    relation: str
    temporaries: tuple[Named, ...]
    values: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Formulas:
    """Functions of one argument, with what is constant and what is common under names of its own.

    Attributes
    ----------
    parameters : tuple of Parameter
        In the order in which a kernel takes them.
    constants : tuple of Named
        To be computed once per call, in order; used by the cases.
    coefficients : tuple of (str, Expr)
        What the scheme multiplies by, and for gradients its derivatives.
    cases : tuple of Case
        Outermost first; the last has no bound.
    outputs : tuple of str
        What the values are.
    argument : Symbol
        `R`, or `Q`, which is its own modulus.
    """

    parameters: tuple[Parameter, ...]
    constants: tuple[Named, ...]
    coefficients: tuple[tuple[str, sp.Expr], ...]
    cases: tuple[Case, ...]
    outputs: tuple[str, ...]
    argument: sp.Symbol = R


def odd_form(expr: sp.Expr) -> sp.Expr:
    """The odd extension of a formula in |r|, in terms of `R`, or of `A` and `SIGN`."""
    if parity_in_x(expr) == -1:
        return expr.xreplace({X: R})
    if isinstance(expr, sp.Add):
        return sp.Add(*map(odd_form, expr.args))
    if X not in expr.free_symbols:
        return SIGN * expr
    factors = sp.Mul.make_args(expr)
    if X in factors:
        rest = sp.Mul(*(f for f in factors if f != X))
        return R * rest.xreplace({X: A})
    return SIGN * expr.xreplace({X: A})


def even_form(expr: sp.Expr) -> sp.Expr:
    """The even extension of a formula in |r|, in terms of `R` if it is one, else of `A`."""
    return expr.xreplace({X: R}) if parity_in_x(expr) == 1 else expr.xreplace({X: A})


@lru_cache(maxsize=8192)
def moves(expr: sp.Basic) -> bool:
    """Whether an expression depends on the argument: on itself, or on a temporary."""
    return expr in (R, A, SIGN, Q) or isinstance(expr, Temporary) or any(map(moves, expr.args))


def in_powers_of_two(expr: sp.Expr) -> sp.Expr:
    """The formula with 2^(y/ln 2) for each exp(y) with y <= 0.

    Examples
    --------
    >>> in_powers_of_two(sp.exp(-A) + sp.exp(A))
    exp(a) + PowerOfTwo(-a/log(2))
    """
    falling = [e for e in expr.atoms(sp.exp) if moves(e) and away_from_zero(e.exp).is_nonpositive]
    return expr.xreplace({e: PowerOfTwo(e.exp / sp.log(2)) for e in falling})


def with_numbers_inside(values: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    """A number before a power of x c goes into c, where nothing else is made of x c.

    Examples
    --------
    >>> with_numbers_inside((sp.exp(-4 * Scaled(R, 3) ** 2),))
    (exp(-Scaled(r, 6)**2),)
    """
    uses = Counter(part for value in values for part in sp.preorder_traversal(value) if isinstance(part, Scaled))

    def inside(product: sp.Mul) -> sp.Expr:
        number, power = number_and_rest(product)
        size, factor = power.base.args
        return sp.sign(number) * Scaled(size, factor * abs(number) ** (1 / power.exp)) ** power.exp

    def is_single(part: sp.Expr) -> bool:
        _, rest = number_and_rest(part)
        return part.is_Mul and rest.is_Pow and rest.exp.is_Integer and uses[rest.base] == 1

    return tuple(value.replace(is_single, inside) for value in values)


def number_and_rest(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The numbers of a product, and its other factors."""
    rest = [factor for factor in sp.Mul.make_args(expr) if not factor.is_number]
    return expr / sp.Mul(*rest), sp.Mul(*rest)


def share(values: Iterable[sp.Expr]) -> tuple[tuple[Named, ...], tuple[sp.Expr, ...]]:
    """Name what formulas have in common.

    Returns
    -------
    temporaries : tuple of Named
        In the order in which they are computed: t0, t1 ...
    values : tuple of Expr
        The formulas in these.
    """
    names = (Temporary(f"x{k}") for k in count())
    ratios, exact = _ratios(list(values), names)
    squares, exact = _squares(exact, names)
    powers, exact = _shared_powers(exact, names)
    powers = [*ratios, *squares, *powers]
    found, rest = sp.cse([*(p.expr for p in powers), *exact], symbols=names)
    named: list[Named] = []
    numbers: dict[sp.Expr, sp.Expr] = {}
    for symbol, expr in found:
        expr = expr.xreplace(numbers)
        if not moves(expr):  # a constant needs no name
            numbers[symbol] = expr
        else:
            named.append(Named(symbol, expr))
    rest = [expr.xreplace(numbers) for expr in rest]
    named += [Named(p.symbol, expr) for p, expr in zip(powers, rest, strict=False)]
    final, named = _named_bases(rest[len(powers) :], named, names)
    return _in_order(named, final)


def _ratios(values: list[sp.Expr], names: Iterator[Temporary]) -> tuple[list[Named], list[sp.Expr]]:
    """Name r over the scale, where more than one power of it is needed."""
    powers = Counter(part.base if part.is_Pow else part for value in values for part in _with_ratios(value))
    found = [Named(next(names), ratio) for ratio in sorted(powers, key=sp.default_sort_key) if powers[ratio] > 1]
    replaced = {named.expr: named.symbol for named in found}
    return found, [value.xreplace(replaced) for value in values]


def _with_ratios(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Each x c in a formula, once for itself and once more under a power."""
    if isinstance(expr, Scaled) or (expr.is_Pow and isinstance(expr.base, Scaled)):
        yield expr
    for arg in expr.args:
        yield from _with_ratios(arg)


def _squares(values: list[sp.Expr], names: Iterator[Temporary]) -> tuple[list[Named], list[sp.Expr]]:
    """High powers as low powers of squares: r^8 is s^2 with s = t^2 and t = r^2."""
    found: list[Named] = []
    while powers := {p for value in values for p in value.atoms(sp.Pow) if p.exp.is_Integer and moves(p.base)}:
        high = [p.base for p in powers if abs(p.exp) > _HIGHEST]
        if not high:
            break
        base = min(high, key=sp.default_sort_key)
        symbol = next(names)
        found.append(Named(symbol, base**2))
        lower = {p: _in_square(p, symbol) for p in powers if p.base == base}
        values = [value.xreplace(lower) for value in values]
    return found, values


def _in_square(power: sp.Pow, square: sp.Symbol) -> sp.Expr:
    half, rest = divmod(abs(power.exp), 2)
    return (square**half * power.base**rest) ** sp.sign(power.exp)


def _shared_powers(values: list[sp.Expr], names: Iterator[Temporary]) -> tuple[list[Named], list[sp.Expr]]:
    """Several powers of one base as powers of one of them: B^(-1/2) or 1/B if their exponents are negative, else r²."""
    exponents: dict[sp.Expr, set[sp.Expr]] = {}
    for power in sorted(set().union(*(value.atoms(sp.Pow) for value in values)), key=sp.default_sort_key):
        if moves(power.base) and (2 * power.exp).is_Integer and abs(power.exp) <= 4:
            exponents.setdefault(power.base, set()).add(power.exp)
    found: list[Named] = []
    replaced: dict[sp.Expr, sp.Expr] = {}
    for base, of_base in exponents.items():
        below = {e for e in of_base if e < 0}
        above = {e for e in of_base if e > 1 and e.is_Integer}
        if len(below) > 1:
            unit = -sp.S.Half if any(not e.is_Integer for e in below) else -sp.S.One
            symbol = next(names)
            found.append(Named(symbol, base**unit))
            replaced |= {base**e: symbol ** (e / unit) for e in below}
        if len(above) > 1 and base.is_Symbol:
            symbol = next(names)
            found.append(Named(symbol, base**2))
            replaced |= {base**e: symbol ** (e // 2) * base ** (e % 2) for e in above}
    inside = [Named(p.symbol, p.expr.func(p.expr.base.xreplace(replaced), p.expr.exp)) for p in found]
    return inside, [value.xreplace(replaced) for value in values]


def _named_bases(
    values: list[sp.Expr], named: list[Named], names: Iterator[Temporary]
) -> tuple[list[sp.Expr], list[Named]]:
    """Give a name to every sum that is raised to a power, so that powers print as products."""
    known = {n.expr: n.symbol for n in named}
    result: list[Named] = []

    def rename(expr: sp.Expr) -> sp.Expr:
        if not expr.args:
            return expr
        expr = expr.func(*map(rename, expr.args))
        if isinstance(expr, sp.Pow) and not expr.base.is_Symbol and moves(expr) and _repeats(expr.exp):
            symbol = known.get(expr.base)
            if symbol is None:
                symbol = known[expr.base] = next(names)
                result.append(Named(symbol, expr.base))
            return symbol**expr.exp
        return expr

    for one in named:
        result.append(Named(one.symbol, rename(one.expr)))
    return [rename(value) for value in values], result


def _repeats(exponent: sp.Expr) -> bool:
    """Whether a power with this exponent prints its base more than once."""
    doubled = 2 * abs(exponent)
    return isinstance(doubled, sp.Integer) and 3 <= doubled <= 8


def _in_order(named: list[Named], values: list[sp.Expr]) -> tuple[tuple[Named, ...], tuple[sp.Expr, ...]]:
    """Each after what it is made of, numbered, and with a sign where its formula has one."""
    waiting = list(named)
    done: list[Named] = []
    final: dict[sp.Expr, sp.Expr] = {}
    while waiting:
        pending = {n.symbol for n in waiting}
        one = next(n for n in waiting if not n.expr.free_symbols & pending)
        waiting.remove(one)
        expr = one.expr.xreplace(final)
        final[one.symbol] = Temporary(f"t{len(done)}", **sign_of(expr))
        done.append(Named(final[one.symbol], expr))
    return tuple(done), tuple(value.xreplace(final) for value in values)


def sign_of(expr: sp.Expr) -> dict[str, bool]:
    """What a name for an expression is to know of its sign."""
    if expr.is_positive:
        return {"positive": True}
    if expr.is_negative:
        return {"negative": True}
    inside = away_from_zero(expr)
    return (
        {"nonnegative": True}
        if inside.is_nonnegative
        else {"nonpositive": True}
        if inside.is_nonpositive
        else {"real": True}
    )


def away_from_zero(expr: sp.Expr) -> sp.Expr:
    """The formula for r and values other than 0; at 0 itself 1/r^2 is infinite, of the same sign."""
    apart = {s: sp.Dummy(nonzero=True, real=True) for s in expr.free_symbols if s.is_real}
    apart |= {s: sp.Dummy(positive=True) for s in apart if s.is_nonnegative}
    apart |= {s: sp.Dummy(negative=True) for s in apart if s.is_nonpositive}
    return expr.xreplace(apart | {R: sp.Dummy(nonzero=True, real=True)})
