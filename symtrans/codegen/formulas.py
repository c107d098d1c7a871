"""Flux and diffusivity as formulas to compute with: cases by size, everything constant taken out, nothing twice."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.asymptotics.limits import is_plain, limit
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.constants import Hoister
from symtrans.codegen.forms.cancellation import without_cancellation
from symtrans.codegen.forms.form import Tamed, held_at_ends, layers
from symtrans.codegen.forms.taming import tamed
from symtrans.codegen.forms.trials import Formula
from symtrans.codegen.forms.units import is_low_power
from symtrans.codegen.program.shared_parts import (
    Case,
    Formulas,
    Q,
    R,
    even_form,
    odd_form,
    share,
    sign_of,
    with_numbers_inside,
)
from symtrans.codegen.program.three_address import Parameter
from symtrans.codegen.tables import NAME, Table
from symtrans.language.symbols import keyword_of
from symtrans.language.vocabulary import GREEK
from symtrans.schemes.scheme import Coefficients

Rewritings = tuple[Callable[[sp.Expr], sp.Expr], ...]

# Parameters that keep their own name in generated code; no template, no header and no program uses these.
OWN_NAMES = frozenset({"lam", *GREEK.values()} - {"lambda", "gamma", "pi"})
PREFIX = "p_"
"""Of all other parameters; nothing else in generated code begins so."""


@dataclass(frozen=True)
class Block:
    """What a kernel computes: the flux, and what the scheme multiplies by; all in inner symbols.

    Attributes
    ----------
    flux : HalfLine
    coefficients : Coefficients
        What the scheme multiplies by.
    largest : Coefficients
        What some of these must not exceed, for the max-min principle in floating point (docs/floating-point.md).
    symbols : tuple of Symbol
        The parameters, sorted.
    dtype : {"float64", "float32"}
        For what range and how many digits formulas are written.
    table : Table or None
        The flux, if it is to be looked up.
    """

    flux: HalfLine
    coefficients: Coefficients
    largest: Coefficients
    symbols: tuple[sp.Symbol, ...]
    dtype: str = "float64"
    table: Table | None = None

    @cached_property
    def diffusivity(self) -> HalfLine:
        """g(r) = Phi(r)/r, as a function of q = r^2.

        At q = 0 itself it may be anything: there it is multiplied by differences that are 0.
        """
        g = self.flux.map(lambda flux, x: flux / x, Parity.EVEN, sp.S.Zero)
        pieces = (Piece(piece.lo**2, piece.hi**2, piece.expr.xreplace({X: sp.sqrt(X)})) for piece in g.pieces)
        return HalfLine(g.parity, g.origin, tuple(pieces), g.values, g.doubts)

    @cached_property
    def names(self) -> dict[sp.Symbol, str]:
        """Distinct identifiers of the parameters, legal in C, C++ and Python.

        The field's names stay; any other gets the prefix p_, with which no other word of a program or macro begins.
        """
        names: dict[sp.Symbol, str] = {}
        for symbol in self.symbols:
            key = keyword_of(symbol)
            base = key if key in OWN_NAMES else PREFIX + "".join(c if c.isascii() else f"u{ord(c):x}" for c in key)
            taken = (base, *(f"{base}_{count}" for count in range(2, len(names) + 2)))
            names[symbol] = next(name for name in taken if name not in names.values())
        return names

    @cached_property
    def inner(self) -> dict[sp.Symbol, sp.Symbol]:
        """What stands for each parameter in formulas: it is renamed first, since it may be called like `A`.

        It knows its sign, as constants made of it do, and no more.
        """
        return {symbol: sp.Symbol(name, **sign_of(symbol)) for symbol, name in self.names.items()}


@dataclass(frozen=True)
class _Values:
    """Formulas in x >= 0 on one piece, each with whether it is odd: a function, and perhaps its derivatives."""

    given: tuple[tuple[sp.Expr, bool], ...]

    def renamed(self, names: Mapping[sp.Symbol, sp.Symbol]) -> "_Values":
        """With identifiers for parameters."""
        return _Values(tuple((expr.xreplace(names), odd) for expr, odd in self.given))

    def forms(self) -> tuple[sp.Expr, ...]:
        """Valid for all arguments."""
        return tuple(odd_form(expr) if odd else even_form(expr) for expr, odd in self.given)

    def tamed(self, low: sp.Expr, high: sp.Expr, dtype: str, weights: tuple[float, ...]) -> tuple[Tamed, ...]:
        """The same between two places, in forms that are right at the ends of the half line."""

        def alike(tails: bool) -> tuple[Tamed, ...]:
            def forms(places: frozenset[int]) -> tuple[Tamed, ...]:
                given = zip(self.given, weights, strict=True)
                return tuple(tamed(Formula(*one, low, high, dtype, places, weight), tails) for one, weight in given)

            found = forms(frozenset())
            places = frozenset[int]().union(*(one.places for one in found))
            some_are_elsewhere = len(places) > 1 or (places and not all(one.places for one in found))
            return forms(places) if some_are_elsewhere else found  # the same for all, where that will do

        with suppress(Undecided):
            layers(found := alike(True))
            return found
        return alike(False)  # with fewer bounds, where not all can be put in order


@dataclass(frozen=True)
class _Function:
    """A function with perhaps its derivatives, in pieces; `argument` is `R`, or `Q`, which is never negative."""

    argument: sp.Symbol
    outputs: tuple[str, ...]
    half: HalfLine
    pieces: tuple[_Values, ...]
    at_breaks: tuple[_Values, ...]
    at_origin: _Values

    @property
    def weights(self) -> tuple[float, ...]:
        """The power of the argument with which errors of each output count in the end.

        Those of g(q) make one of a diffused value that is small against a difference, as its own rounding is. Its
        derivatives by parameters are summed up times a difference, dg/dq times two, none larger than the root of q.
        """
        if self.argument == R:
            return (0.0,) * len(self.outputs)
        return tuple({"diffusivity": 0.0, "slope": 1.0}.get(output, 0.5) for output in self.outputs)


def formulas_of(block: Block, argument: sp.Symbol, rewritings: Rewritings, gradients: bool = False) -> Formulas:
    """The flux as a function of `R`, or the diffusivity g as one of `Q` = |grad u|^2, written for computing.

    With gradients there are the slope, and the derivatives by parameters: those of the coefficients are coefficients
    too, "step_by_lam". At a break they are those of the piece to which the break belongs, at r = 0 the limit; a jump
    contributes nothing. Instead of the derivatives by the values of a table there are the place in it, with the sign
    of r, and for g what the value there counts. The diffusivity is a number for all q from 0 to infinity, where it is
    the limit. `rewritings` are what a target does to formulas, before constants are hoisted.
    """
    if block.table is None:
        found = _formulas(block, _function(block, argument, gradients), rewritings)
    else:
        values = block.table.flux(block.dtype) if argument == R else block.table.diffusivity(block.dtype)
        found = _looked_up(block, argument, values if gradients else dict([*values.items()][:1]), rewritings)
    return _with_derivatives_of_coefficients(block, found) if gradients else found


def _function(block: Block, argument: sp.Symbol, gradients: bool) -> _Function:
    """The flux or the diffusivity, perhaps with its slope and its derivatives by parameters."""
    half, name = (block.flux, "flux") if argument == R else (block.diffusivity, "diffusivity")
    by = [symbol for symbol in block.symbols if symbol in half.parameters] if gradients else []
    odd = half.parity is Parity.ODD

    def values(expr: sp.Expr, slope: Callable[[], sp.Expr]) -> _Values:
        more = [(slope(), False)] if gradients else []
        return _Values(((expr, odd), *more, *((differentiate(expr, symbol), odd) for symbol in by)))

    return _Function(
        argument,
        (name, *["slope"] * gradients, *(f"by_{block.names[symbol]}" for symbol in by)),
        half,
        tuple(values(piece.expr, partial(differentiate, piece.expr, X)) for piece in half.pieces),
        tuple(values(value, lambda: sp.S.Zero) for value in half.values),
        values(sp.S.Zero, partial(_slope_at_zero, half)),
    )


def _slope_at_zero(half: HalfLine) -> sp.Expr:
    """The limit; 0 where there is none, or none is found."""
    with suppress(Undecided):
        slope = limit(differentiate(half.pieces[0].expr, X), sp.S.Zero)
        return slope if is_plain(slope) else sp.S.Zero
    return sp.S.Zero


def _looked_up(block: Block, argument: sp.Symbol, values: Mapping[str, sp.Expr], rewritings: Rewritings) -> Formulas:
    """Formulas of a table: one case, whose arguments are held where they must be."""
    hoister = Hoister()
    case = _Writer(block.inner, hoister, rewritings).case(None, "", tuple(values.values()))
    return _finished(block, hoister, [case], tuple(values), argument)


def _with_derivatives_of_coefficients(block: Block, found: Formulas) -> Formulas:
    more = [
        (f"{coefficient}_by_{name}", sp.diff(expr, symbol).xreplace(block.inner))
        for coefficient, expr in block.coefficients
        for symbol, name in block.names.items()
    ]
    return replace(found, coefficients=(*found.coefficients, *(one for one in more if one[1] != 0)))


def _formulas(block: Block, function: _Function, rewritings: Rewritings) -> Formulas:
    hoister, rename = Hoister(), block.inner
    write = _Writer(rename, hoister, rewritings)
    cases: list[Case] = []
    for k in reversed(range(len(function.pieces))):
        piece = function.pieces[k].renamed(rename)
        low, high = (end.xreplace(rename) for end in (function.half.pieces[k].lo, function.half.pieces[k].hi))
        tame = piece.tamed(low, high, block.dtype, function.weights)
        if function.argument == Q:
            # c/sqrt(q) and c/q need no scale: constants are normal numbers, and q is within the format
            given = zip(tame, piece.given, strict=True)
            tame = tuple(Tamed(even_form(expr)) if is_low_power(expr) else form for form, (expr, _) in given)
            tame = held_at_ends(tame, low, high, block.dtype)
        if k > 0:
            cases += _outer_cases(function, k, tame, function.at_breaks[k - 1].renamed(rename), write)
        elif function.argument == Q:
            cases += _layers(tame, write)
        else:
            cases += _inner_cases(piece, tame, function.at_origin.renamed(rename), write)
    return _finished(block, hoister, cases, function.outputs, function.argument)


def _finished(
    block: Block, hoister: Hoister, cases: list[Case], outputs: tuple[str, ...], argument: sp.Symbol
) -> Formulas:
    """Cases with the parameters and what the scheme multiplies by."""
    limits = dict(block.largest)
    coefficients = tuple(
        (name, hoister.constant(_limited(expr, limits.get(name)).xreplace(block.inner)))
        for name, expr in block.coefficients
    )
    parameters = [Parameter(name, keyword_of(s), s) for s, name in block.names.items()]
    if block.table is not None:
        parameters.append(Parameter(NAME.name, NAME.name, NAME, block.table.size, block.table.steepest))
    return Formulas(tuple(parameters), tuple(hoister.found), coefficients, tuple(cases), outputs, argument)


def _limited(step: sp.Expr, largest: sp.Expr | None) -> sp.Expr:
    """The smaller of the two; a Min where that depends on the parameters."""
    if largest is None:
        return step
    try:
        return largest if compare(step, largest) > 0 else step
    except Undecided:
        return sp.Min(step, largest, evaluate=False)


@dataclass(frozen=True)
class _Writer:
    """Makes cases of pieces."""

    rename: Mapping[sp.Symbol, sp.Symbol]
    hoister: Hoister
    rewritings: Rewritings

    def bound(self, place: sp.Expr) -> str:
        return str(self.hoister.constant(place.xreplace(self.rename), "b"))

    def case(self, bound: str | None, relation: str, values: tuple[sp.Expr, ...]) -> Case:
        values = tuple(map(without_cancellation, values))
        for rewriting in self.rewritings:
            values = tuple(map(rewriting, values))
        hoisted = [self.hoister.hoist(value) for value in with_numbers_inside(values)]
        temporaries, final = share(hoisted)
        return Case(bound, relation, temporaries, final)


def _inner_cases(piece: _Values, tame: tuple[Tamed, ...], at_origin: _Values, write: _Writer) -> list[Case]:
    """The branches of the first piece, and that of r = 0 if no formula holds there."""
    *cases, inmost = _layers(tame, write)
    flux, _ = piece.given[0]
    constant = X not in flux.free_symbols
    if not constant and is_zero(flux.subs(X, 0)) is True and all(is_plain(e.subs(X, 0)) for e, _ in piece.given):
        return [*cases, inmost]
    # A jump at 0 leaves r = 0 itself over, a dead zone nothing; either way NaN falls through to r.
    zero = write.bound(sp.S.Zero)
    relation = ">=" if constant and flux == 0 else ">"
    _, *others = at_origin.forms()
    return [*cases, replace(inmost, bound=zero, relation=relation), write.case(None, "", (R, *others))]


def _outer_cases(function: _Function, k: int, tame: tuple[Tamed, ...], at_break: _Values, write: _Writer) -> list[Case]:
    """The branches of piece k, which holds beyond break k - 1, and that of an isolated value there."""
    half = function.half
    place, own = half.breaks[k - 1], half.values[k - 1]
    bound = write.bound(place)
    *cases, inmost = _layers(tame, write)
    if is_zero(own - half.pieces[k - 1].expr.subs(X, place)):
        return [*cases, replace(inmost, bound=bound, relation=">")]
    if is_zero(own - half.pieces[k].expr.subs(X, place)):
        return [*cases, replace(inmost, bound=bound, relation=">=")]
    return [*cases, replace(inmost, bound=bound, relation=">"), write.case(bound, "==", at_break.forms())]


def _layers(tame: tuple[Tamed, ...], write: _Writer) -> list[Case]:
    """The branches of a piece beyond each bound of any of its forms, outermost first, and the one below all."""
    try:
        beyond = layers(tame)
    except Undecided:  # places next to 0 that move with a power by a parameter
        tame = tuple(
            replace(one, inner=None) if one.inner is not None and one.inner[0].has(sp.exp) else one for one in tame
        )
        beyond = layers(tame)
    cases = [
        write.case(write.bound(place), ">", tuple(one.beyond(held.__contains__) for one in tame))
        for place, held in beyond
    ]
    return [*cases, write.case(None, "", tuple(one.beyond(lambda _: False) for one in tame))]
