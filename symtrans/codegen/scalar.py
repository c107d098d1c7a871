"""The flux as scalar code: branches in |r|, everything constant in the loop taken out.

`ScalarCode` knows no language. A target prints it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import compare, sign
from symtrans.calculus.asymptotics.limits import is_plain, limit
from symtrans.calculus.functions.expression import parity_in_x
from symtrans.calculus.functions.half_line import HalfLine, Piece
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.cancellation import without_cancellation
from symtrans.codegen.common import SIGN, A, Named, R, share, sign_of
from symtrans.language.symbols import keyword_of
from symtrans.language.text_parser import GREEK
from symtrans.schemes.scheme import Coefficients

Rewritings = tuple[Callable[[sp.Expr], sp.Expr], ...]

# Parameters that keep their own name in generated code; no template and no header uses these.
_FREE_NAMES = frozenset({"lam", *GREEK.values(), "b", "c", "w", "q", "m"} - {"lambda", "gamma", "pi"})


@dataclass(frozen=True)
class Branch:
    """The flux, or several functions at once, for |r| beyond `bound` (None: everywhere else).

    Attributes
    ----------
    bound : str or None
        Name of the constant; the branch holds where a `relation` bound.
    relation : str
        ">", ">=" or "==".
    temporaries : tuple of Named
        Common subexpressions of this branch, in order.
    values : tuple of Expr
        In `R`, `A`, `SIGN`, constants and temporaries.
    safe : Expr or None
        A value of |r| inside the branch, at which the values are surely defined; for targets that
        evaluate every branch everywhere. None where the formulas cannot fail.
    """

    bound: str | None
    relation: str
    temporaries: tuple[Named, ...]
    values: tuple[sp.Expr, ...]
    safe: sp.Expr | None

    @property
    def value(self) -> sp.Expr:
        """The flux."""
        return self.values[0]

    @property
    def expressions(self) -> tuple[sp.Expr, ...]:
        """All formulas of the branch."""
        return (*(t.expr for t in self.temporaries), *self.values)


@dataclass(frozen=True)
class ScalarCode:
    """A flux function ready to be printed.

    Attributes
    ----------
    parameters : tuple of (identifier, keyword, Symbol)
        In the order in which a kernel takes them.
    constants : tuple of Named
        To be computed once per call, in order; used by the branches.
    step : Expr
        To multiply flux differences; in the parameters and constants. Where tau may come
        close to the bound of the max-min principle, it is cut off just below (docs/floating-point.md).
    inverse_h : Expr or None
        To multiply differences; None where it is 1.
    branches : tuple of Branch
        Outermost first; the last has no bound.
    """

    parameters: tuple[tuple[str, str, sp.Symbol], ...]
    constants: tuple[Named, ...]
    step: sp.Expr
    inverse_h: sp.Expr | None
    branches: tuple[Branch, ...]

    def uses(self, symbol: sp.Symbol) -> bool:
        """Whether any branch mentions `symbol`."""
        return any(symbol in e.free_symbols for b in self.branches for e in b.expressions)

    @property
    def clip(self) -> str | None:
        """The bound b if the flux is r, cut off at -b and b: languages have an operation for that."""
        if len(self.branches) != 2 or self.branches[1].value != R or self.branches[0].bound is None:
            return None
        outer = self.branches[0]
        is_clip = outer.relation == ">" and not outer.temporaries and str(outer.value) == f"{outer.bound}*{SIGN}"
        return outer.bound if is_clip else None

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


@dataclass(frozen=True)
class AdjointCode:
    """What the adjoint of a network needs beside the state, ready to be printed.

    Attributes
    ----------
    code : ScalarCode
        Each branch has the values Phi, Phi' and the derivatives of Phi by the parameters `flux_by`,
        in this order. At a break they are those of the piece to which the break belongs, at r = 0
        the limit; a jump contributes nothing.
    flux_by : tuple of Symbol
        The parameters that Phi depends on.
    step_by, inverse_h_by : tuple of Expr
        The derivatives of these by each parameter, in the order of ``code.parameters``.
    """

    code: ScalarCode
    flux_by: tuple[sp.Symbol, ...]
    step_by: tuple[sp.Expr, ...]
    inverse_h_by: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class _Formulas:
    """Formulas in x = |r| on one piece: the flux, and perhaps its derivatives; all odd but the slopes."""

    odd: tuple[sp.Expr, ...]
    slope: sp.Expr | None = None

    def renamed(self, names: Mapping[sp.Symbol, sp.Symbol]) -> "_Formulas":
        """With identifiers for parameters. It comes first: a parameter may be called like `A`."""
        slope = None if self.slope is None else self.slope.xreplace(names)
        return _Formulas(tuple(expr.xreplace(names) for expr in self.odd), slope)

    def forms(self) -> tuple[sp.Expr, ...]:
        """Valid for all r, the slope in the second place."""
        first, *others = map(_odd_form, self.odd)
        return (first, *(() if self.slope is None else (_even_form(self.slope),)), *others)


def scalar_code(
    flux: HalfLine, block: Coefficients, largest: sp.Expr | None = None, *, rewritings: Rewritings = ()
) -> ScalarCode:
    """Prepare the flux and the coefficients of the scheme (all in inner symbols) for printing.

    `largest` is what the step must not exceed, if anything; `rewritings` are what a target does to formulas.
    """
    pieces = [_Formulas((piece.expr,)) for piece in flux.pieces]
    at_breaks = [_Formulas((value,)) for value in flux.values]
    return _code(flux, block, largest, pieces, at_breaks, _Formulas((sp.S.Zero,)), rewritings)


def adjoint_code(
    flux: HalfLine, block: Coefficients, largest: sp.Expr | None = None, *, rewritings: Rewritings = ()
) -> AdjointCode:
    """Prepare flux, slope and derivatives by parameters for printing; the arguments are those of `scalar_code`."""
    by = tuple(sorted(flux.parameters, key=lambda s: s.name))

    def derivatives(expr: sp.Expr) -> tuple[sp.Expr, ...]:
        return (expr, *(sp.diff(expr, symbol) for symbol in by))

    pieces = [_Formulas(derivatives(piece.expr), sp.diff(piece.expr, X)) for piece in flux.pieces]
    at_breaks = [_Formulas(derivatives(value), sp.S.Zero) for value in flux.values]
    try:
        slope = limit(sp.diff(flux.pieces[0].expr, X), sp.S.Zero)
    except Undecided:
        slope = sp.S.Zero
    at_origin = _Formulas((sp.S.Zero,) * (1 + len(by)), slope if is_plain(slope) else sp.S.Zero)
    code = _code(flux, block, largest, pieces, at_breaks, at_origin, rewritings)
    rename = {symbol: sp.Symbol(name, positive=True) for name, _, symbol in code.parameters}
    symbols = [symbol for _, _, symbol in code.parameters]
    return AdjointCode(
        code,
        by,
        *(
            tuple(sp.diff(factor, symbol).xreplace(rename) for symbol in symbols)
            for factor in (block.step, block.inverse_h or sp.S.One)
        ),
    )


def _code(
    flux: HalfLine,
    block: Coefficients,
    largest: sp.Expr | None,
    pieces: list[_Formulas],
    at_breaks: list[_Formulas],
    at_origin: _Formulas,
    rewritings: Rewritings,
) -> ScalarCode:
    symbols = sorted({*flux.parameters, *block.free_symbols}, key=lambda s: s.name)
    names = _identifiers(symbols)
    rename = {symbol: sp.Symbol(names[symbol], positive=True) for symbol in symbols}
    hoister = _Hoister()
    branches: list[Branch] = []
    for k, piece in reversed(list(enumerate(flux.pieces))):
        write = _Writer(_inside(piece), rename, hoister, rewritings)
        formulas = pieces[k].renamed(rename)
        if k == 0:
            branches += _inner_branches(formulas, at_origin.renamed(rename), write)
        else:
            branches += _outer_branches(flux, k, formulas, at_breaks[k - 1].renamed(rename), write)
    step = hoister.constant(_limited(block.step, largest).xreplace(rename))
    inverse = None if block.inverse_h is None else hoister.constant(block.inverse_h.xreplace(rename))
    return ScalarCode(
        tuple((names[s], keyword_of(s), s) for s in symbols),
        tuple(hoister.found),
        step,
        inverse,
        tuple(branches),
    )


def _limited(step: sp.Expr, largest: sp.Expr | None) -> sp.Expr:
    """The smaller of the two; a Min where that depends on the parameters."""
    if largest is None:
        return step
    try:
        return largest if compare(step, largest) > 0 else step
    except Undecided:
        return sp.Min(step, largest, evaluate=False)


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


@dataclass(frozen=True)
class _Writer:
    """Makes branches of one piece."""

    safe: sp.Expr
    rename: Mapping[sp.Symbol, sp.Symbol]
    hoister: "_Hoister"
    rewritings: Rewritings

    def bound(self, place: sp.Expr) -> str:
        return str(self.hoister.constant(place.xreplace(self.rename), "b"))

    def branch(self, bound: str | None, relation: str, values: tuple[sp.Expr, ...]) -> Branch:
        values = tuple(map(without_cancellation, values))
        for rewriting in self.rewritings:
            values = tuple(map(rewriting, values))
        hoisted = [self.hoister.hoist(value) for value in values]
        temporaries, final = share(hoisted)
        guarded = any(map(needs_guard, values))
        return Branch(bound, relation, temporaries, final, self.safe.xreplace(self.rename) if guarded else None)


def _inner_branches(piece: _Formulas, at_origin: _Formulas, write: _Writer) -> list[Branch]:
    """The branch of the first piece, and that of r = 0 if the formula does not hold there."""
    flux = piece.odd[0]
    constant = X not in flux.free_symbols
    everything = piece.odd if piece.slope is None else (*piece.odd, piece.slope)
    if not constant and is_zero(flux.subs(X, 0)) is True and all(is_plain(e.subs(X, 0)) for e in everything):
        return [write.branch(None, "", piece.forms())]
    # A jump at 0 leaves r = 0 itself over, a dead zone nothing; either way NaN falls through to r.
    zero = write.bound(sp.S.Zero)
    relation = ">=" if constant and flux == 0 else ">"
    _, *others = at_origin.forms()
    return [write.branch(zero, relation, piece.forms()), write.branch(None, "", (R, *others))]


def _outer_branches(flux: HalfLine, k: int, piece: _Formulas, at_break: _Formulas, write: _Writer) -> list[Branch]:
    """The branch of piece k, which holds beyond break k - 1, and that of an isolated value there."""
    place, own = flux.breaks[k - 1], flux.values[k - 1]
    bound = write.bound(place)
    if is_zero(own - flux.pieces[k - 1].expr.subs(X, place)):
        return [write.branch(bound, ">", piece.forms())]
    if is_zero(own - flux.pieces[k].expr.subs(X, place)):
        return [write.branch(bound, ">=", piece.forms())]
    return [write.branch(bound, ">", piece.forms()), write.branch(bound, "==", at_break.forms())]


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


def _even_form(expr: sp.Expr) -> sp.Expr:
    """The even extension of a formula in |r|, in terms of `R` if it is one, else of `A`."""
    return expr.xreplace({X: R}) if parity_in_x(expr) == 1 else expr.xreplace({X: A})


def _inside(piece: Piece) -> sp.Expr:
    if piece.hi is sp.oo:
        return 2 * piece.lo if piece.lo != 0 else sp.S.One
    return (piece.lo + piece.hi) / 2


def needs_guard(value: sp.Expr) -> bool:
    """Whether the formula can fail somewhere outside its own branch."""
    if any(not (isinstance(p.exp, sp.Integer) and p.exp > 0) for p in value.atoms(sp.Pow) if not _free(p)):
        return True
    return bool(value.has(sp.log, log1p, sp.asin, sp.acos, sp.exp, expm1, sp.sinh, sp.cosh, sp.tan))


def _free(expr: sp.Expr) -> bool:
    return not ({R, A, X} & expr.free_symbols)


def _proved_sign(expr: sp.Expr) -> dict[str, bool]:
    """What a constant is to know of its sign; SymPy's assumptions do not see that LambertW(-1/5, -1) is negative."""
    known = sign_of(expr)
    try:
        side = sign(expr) if known == {"real": True} else 0
    except Undecided:
        return known
    return {"positive": True} if side > 0 else {"negative": True} if side < 0 else known


class _Hoister:
    """Collects the parts of formulas that do not depend on r, each under a name."""

    def __init__(self) -> None:
        self.found: list[Named] = []
        self._names: dict[sp.Expr, sp.Symbol] = {}

    def constant(self, expr: sp.Expr, letter: str = "c") -> sp.Expr:
        """A name for a constant expression; plain numbers and parameters stay as they are."""
        if letter != "b" and (expr.is_number or expr.is_Symbol):
            return expr
        if expr not in self._names:
            index = sum(c.name.startswith(letter) for c in self.found)
            symbol = sp.Symbol(f"{letter}{index}", **_proved_sign(expr))
            self._names[expr] = symbol
            self.found.append(Named(symbol, expr))
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
