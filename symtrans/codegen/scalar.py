"""The flux as scalar code: branches in |r|, everything constant in the loop taken out.

`ScalarCode` knows no language. A target prints it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp

from symtrans.calculus.algebra import X, is_zero
from symtrans.calculus.pieces import HalfLine, Piece
from symtrans.calculus.writing import parity_in_x
from symtrans.names import keyword_of
from symtrans.parsing import GREEK

# The names that the code below gives; R is the argument, A its modulus, SIGN its sign.
R = sp.Symbol("r", real=True)
A = sp.Symbol("a", positive=True)
SIGN = sp.Symbol("s", real=True)

# Parameters that keep their own name in generated code; no template and no header uses these.
_FREE_NAMES = frozenset({"lam", *GREEK.values(), "b", "c", "w", "q", "m"} - {"lambda", "gamma", "pi"})


@dataclass(frozen=True)
class Constant:
    """A value that does not change inside the loop; `expr` is in the parameters and earlier constants."""

    name: str
    expr: sp.Expr


@dataclass(frozen=True)
class Branch:
    """The flux for |r| beyond `bound` (None: everywhere else).

    Attributes
    ----------
    bound : str or None
        Name of the constant; the branch holds where a `relation` bound.
    relation : str
        ">", ">=" or "==".
    temporaries : tuple of Constant
        Common subexpressions of this branch, in order.
    value : Expr
        In `R`, `A`, `SIGN`, constants and temporaries.
    safe : Expr or None
        A value of |r| inside the branch, at which `value` is surely defined; for targets that
        evaluate every branch everywhere. None where the formula cannot fail.
    """

    bound: str | None
    relation: str
    temporaries: tuple[Constant, ...]
    value: sp.Expr
    safe: sp.Expr | None

    @property
    def expressions(self) -> tuple[sp.Expr, ...]:
        """All formulas of the branch."""
        return (*(t.expr for t in self.temporaries), self.value)


@dataclass(frozen=True)
class ScalarCode:
    """A flux function ready to be printed.

    Attributes
    ----------
    parameters : tuple of (identifier, keyword, Symbol)
        In the order in which a kernel takes them.
    constants : tuple of Constant
        To be computed once per call, in order; used by the branches.
    step : Expr
        tau/h, to multiply flux differences; in the parameters and constants.
    inverse_h : Expr or None
        1/h, to multiply differences; None for h = 1.
    branches : tuple of Branch
        Outermost first; the last has no bound.
    """

    parameters: tuple[tuple[str, str, sp.Symbol], ...]
    constants: tuple[Constant, ...]
    step: sp.Expr
    inverse_h: sp.Expr | None
    branches: tuple[Branch, ...]

    def uses(self, symbol: sp.Symbol) -> bool:
        """Whether any branch mentions `symbol`."""
        return any(symbol in e.free_symbols for b in self.branches for e in b.expressions)

    def flux_arguments(self, with_safe: bool = False) -> tuple[str, ...]:
        """The parameters and constants that the flux function needs, in order.

        With those of the safe arguments too, for a target that evaluates every branch.
        """
        expressions = [e for b in self.branches for e in b.expressions]
        if with_safe:
            expressions += [b.safe for b in self.branches if b.safe is not None]
        needed = {b.bound for b in self.branches} | {s.name for e in expressions for s in e.free_symbols}
        names = [name for name, _, _ in self.parameters] + [c.name for c in self.constants]
        return tuple(name for name in names if name in needed)


def scalar_code(flux: HalfLine, tau: sp.Expr, h: sp.Expr) -> ScalarCode:
    """Prepare the flux, the time step and the grid size (all in inner symbols) for printing."""
    symbols = sorted({*flux.parameters, *tau.free_symbols, *h.free_symbols}, key=lambda s: s.name)
    names = _identifiers(symbols)
    rename = {symbol: sp.Symbol(names[symbol], positive=True) for symbol in symbols}
    hoister = _Hoister()
    branches: list[Branch] = []
    for k, piece in reversed(list(enumerate(flux.pieces))):
        branches += _outer_branch(piece, k, flux, rename, hoister)
    step = hoister.constant((tau / h).xreplace(rename))
    inverse = None if h == 1 else hoister.constant((1 / h).xreplace(rename))
    return ScalarCode(
        tuple((names[s], keyword_of(s), s) for s in symbols),
        tuple(hoister.found),
        step,
        inverse,
        tuple(branches),
    )


def _identifiers(symbols: Iterable[sp.Symbol]) -> dict[sp.Symbol, str]:
    """Distinct identifiers, legal in C, C++ and Python.

    The field's names stay; any other gets the prefix p_, which neither the
    templates nor a header uses, so no local, keyword or macro is ever hidden.
    """
    names: dict[sp.Symbol, str] = {}
    for symbol in symbols:
        key = keyword_of(symbol)
        base = key if key in _FREE_NAMES else "p_" + "".join(c if c.isascii() else f"u{ord(c):x}" for c in key)
        name, count = base, 1
        while name in names.values():
            count += 1
            name = f"{base}_{count}"
        names[symbol] = name
    return names


def _outer_branch(
    piece: Piece, k: int, flux: HalfLine, rename: dict[sp.Symbol, sp.Symbol], hoister: "_Hoister"
) -> list[Branch]:
    """The branch of piece k, which holds beyond break k - 1, and that of an isolated value there."""
    value = _odd_form(piece.expr)
    if k == 0:
        constant = X not in piece.expr.free_symbols
        if is_zero(piece.expr.subs(X, 0)) is True and not constant:
            return [_branch(None, "", value, _inside(piece), rename, hoister)]
        # A jump at 0 leaves r = 0 itself over, a dead zone nothing; either way NaN falls through to r.
        zero = str(hoister.constant(sp.S.Zero, "b"))
        relation = ">=" if constant and piece.expr == 0 else ">"
        rest = Branch(None, "", (), R, None)
        return [_branch(zero, relation, value, _inside(piece), rename, hoister), rest]
    place = flux.breaks[k - 1].xreplace(rename)
    bound = str(hoister.constant(place, "b"))
    own = flux.values[k - 1]
    left, right = flux.pieces[k - 1].expr.subs(X, flux.breaks[k - 1]), piece.expr.subs(X, flux.breaks[k - 1])
    if is_zero(own - left):
        return [_branch(bound, ">", value, _inside(piece), rename, hoister)]
    if is_zero(own - right):
        return [_branch(bound, ">=", value, _inside(piece), rename, hoister)]
    isolated = _branch(bound, "==", SIGN * own, flux.breaks[k - 1], rename, hoister)
    return [_branch(bound, ">", value, _inside(piece), rename, hoister), isolated]


def _odd_form(expr: sp.Expr) -> sp.Expr:
    """The odd extension of a formula in |r|, in terms of `R`, or of `A` and `SIGN`."""
    if parity_in_x(expr) == -1:
        return expr.xreplace({X: R})
    if isinstance(expr, sp.Add):
        return sp.Add(*map(_odd_form, expr.args))
    if X not in expr.free_symbols:
        return SIGN * expr
    factors = sp.Mul.make_args(expr)
    if X in factors:
        rest = sp.Mul(*(f for f in factors if f != X))
        return R * rest.xreplace({X: A})
    return SIGN * expr.xreplace({X: A})


def _inside(piece: Piece) -> sp.Expr:
    if piece.hi is sp.oo:
        return 2 * piece.lo if piece.lo != 0 else sp.S.One
    return (piece.lo + piece.hi) / 2


def _branch(
    bound: str | None,
    relation: str,
    value: sp.Expr,
    safe: sp.Expr,
    rename: dict[sp.Symbol, sp.Symbol],
    hoister: "_Hoister",
) -> Branch:
    hoisted = hoister.hoist(value.xreplace(rename))
    temporaries, (final,) = sp.cse([hoisted], symbols=(sp.Symbol(f"t{i}") for i in range(1000)))
    named = [Constant(str(symbol), expr) for symbol, expr in temporaries]
    final, named = _name_bases(final, named)
    return Branch(bound, relation, tuple(named), final, safe.xreplace(rename) if needs_guard(value) else None)


def needs_guard(value: sp.Expr) -> bool:
    """Whether the formula can fail somewhere outside its own branch."""
    if any(not (isinstance(p.exp, sp.Integer) and p.exp > 0) for p in value.atoms(sp.Pow) if not _free(p)):
        return True
    return bool(value.has(sp.log, sp.asin, sp.acos, sp.exp, sp.sinh, sp.cosh, sp.tan))


def _free(expr: sp.Expr) -> bool:
    return not ({R, A, X} & expr.free_symbols)


def _name_bases(value: sp.Expr, named: list[Constant]) -> tuple[sp.Expr, list[Constant]]:
    """Give a name to every sum that is raised to a power, so that powers print as products."""
    known = {c.expr: sp.Symbol(c.name) for c in named}
    result: list[Constant] = []

    def rename(expr: sp.Expr) -> sp.Expr:
        if not expr.args:
            return expr
        expr = expr.func(*map(rename, expr.args)) if expr.args else expr
        if isinstance(expr, sp.Pow) and not expr.base.is_Symbol and _repeats(expr.exp):
            symbol = known.get(expr.base)
            if symbol is None:
                symbol = sp.Symbol(f"t{len(known)}")
                known[expr.base] = symbol
                result.append(Constant(str(symbol), expr.base))
            return symbol**expr.exp
        return expr

    for constant in named:
        result.append(Constant(constant.name, rename(constant.expr)))
    return rename(value), result


def _repeats(exponent: sp.Expr) -> bool:
    """Whether a power with this exponent prints its base more than once."""
    doubled = 2 * abs(exponent)
    return isinstance(doubled, sp.Integer) and 3 <= doubled <= 8


class _Hoister:
    """Collects the parts of formulas that do not depend on r, each under a name."""

    def __init__(self) -> None:
        self.found: list[Constant] = []
        self._names: dict[sp.Expr, sp.Symbol] = {}

    def constant(self, expr: sp.Expr, letter: str = "c") -> sp.Expr:
        """A name for a constant expression; plain numbers and parameters stay as they are."""
        if letter != "b" and (expr.is_number or expr.is_Symbol):
            return expr
        if expr not in self._names:
            index = sum(c.name.startswith(letter) for c in self.found)
            symbol = sp.Symbol(f"{letter}{index}", positive=True if expr.is_positive else None, real=True)
            self._names[expr] = symbol
            self.found.append(Constant(str(symbol), expr))
        return self._names[expr]

    def hoist(self, expr: sp.Expr) -> sp.Expr:
        moving = {R, A, SIGN}
        if not (moving & expr.free_symbols):
            return self.constant(expr)
        if not expr.args:
            return expr
        if isinstance(expr, sp.Add | sp.Mul):
            fixed = [arg for arg in expr.args if not (moving & arg.free_symbols)]
            free = [self.hoist(arg) for arg in expr.args if moving & arg.free_symbols]
            if any(arg.free_symbols for arg in fixed):
                return expr.func(self.constant(expr.func(*fixed)), *free)
            return expr.func(*fixed, *free)
        return expr.func(*map(self.hoist, expr.args))
