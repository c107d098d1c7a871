"""Admission: an expression is read, checked (real, total, of the right parity) and cut into smooth pieces."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import sympy as sp
from sympy.core.relational import Relational

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.functions.assumptions import in_every_region
from symtrans.calculus.functions.cutting import NotTotal, value_at
from symtrans.calculus.functions.domain import unknown_parts, unreal_part
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.recognition import spline_of
from symtrans.calculus.functions.splines import as_spline
from symtrans.calculus.functions.splitting import half_line, parity_violation
from symtrans.calculus.signs.regions import Region, assumed, regions
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError, with_article
from symtrans.language.latex_text import LatexText
from symtrans.language.symbols import Names, as_sympy, by_name, r, renamed, short
from symtrans.language.text_lexer import fail_at, gradient_of_text, head_of_text, refuse_spreadsheet
from symtrans.language.text_parser import parse
from symtrans.language.text_printer import plain
from symtrans.language.vocabulary import CONSTANTS, GREEK, canonical_name, of_a_function
from symtrans.nonlinearity.differences import of_a_difference
from symtrans.nonlinearity.one_side import is_open_below_zero, on_the_whole_line
from symtrans.nonlinearity.variables import (
    HEADS,
    LIKE_VARIABLES,
    distinct_symbols,
    letters_of,
    lost_power,
    variable_of,
)
from symtrans.nonlinearity.wording import closed, in_words


def read(expr: Any, variable: sp.Symbol | str | None, kind: str) -> tuple[sp.Expr, Names]:
    """Text, number or SymPy expression to an expression in inner symbols, and the names."""
    is_text, is_open, above = isinstance(expr, str), variable is None, frozenset[str]()
    if is_text:
        given, variable, above = _read_text(expr, variable, kind)
    else:
        given, variable = of_a_function(as_sympy(expr), variable)
    shown = f"{kind}({short(expr)})"
    if not isinstance(given, sp.Expr):
        raise NonlinearityError(f"{shown} is {with_article(type(given).__name__)}, not a function of {r}")
    if given.has(sp.I):
        raise NonlinearityError(f"{shown} is not real: it holds the imaginary unit")
    unknown = unknown_parts(given)
    if unknown:
        raise NonlinearityError(f"{shown} uses {', '.join(unknown)}, of which symtrans knows no calculus")
    if any(len(limits) != 3 for integral in given.atoms(sp.Integral) for limits in integral.limits):
        raise NonlinearityError(f"{shown} is an integral without limits; give it both, or the formula in closed form")
    for part in sp.preorder_traversal(given):
        if isinstance(part, sp.Expr) and part.is_number and not _is_real_number(part):
            raise NonlinearityError(f"{shown} is not real: {part} is not a real number")
    given = distinct_symbols(given, shown)
    if is_open and kind in ("Diffusivity", "Regulariser") and (loss := of_a_difference(given, letters_of(given))):
        given, variable = loss, r
    chosen = variable_of(given, variable, shown, kind)
    if chosen.name in above or is_open_below_zero(given, chosen):
        given = on_the_whole_line(given, chosen, kind)
    for condition in given.atoms(Relational):
        if chosen not in condition.free_symbols and not (kind == "Regulariser" and isinstance(condition, sp.Eq)):
            refuse_condition(shown, condition, chosen)
    if is_text:  # names in text are positive parameters and come back so
        public = {s: s if s.is_real else sp.Symbol(s.name, positive=True) for s in given.free_symbols if s != chosen}
        target = r if chosen.name == "r" else sp.Symbol(chosen.name, real=True)
        given, chosen = renamed(given, {**public, chosen: target}), target
    elif chosen.is_nonnegative or chosen.is_nonpositive or isinstance(chosen, sp.Dummy):  # r takes all real values
        target = r if chosen.name == "r" else sp.Symbol(chosen.name, real=True)
        given, chosen = renamed(given, {chosen: target}), target
    names = Names(chosen).knows(given).spelling(expr)
    return names.inward(given), names


_NOT_COMPARED = re.compile(r"The argument .* is not comparable|Invalid comparison of non-real", re.DOTALL)


@contextmanager
def real_sides(expr: Any, kind: str) -> Iterator[None]:
    """Refuse what SymPy refuses to compare: Max, Min and conditions of what is not real, as of ln(r) for r < 0."""
    try:
        yield
    except (TypeError, ValueError) as refusal:
        if not _NOT_COMPARED.match(str(refusal)):
            raise
        raise NonlinearityError(
            f"{kind}({short(expr)}) compares what is not real for some values of its variable or parameters; in Max, "
            "Min and conditions write for example ln(|r|) for ln(r)"
        ) from None


_FUNCTIONS = {letter: kind for kind, letter in HEADS.items()}


def refuse_condition(shown: str, condition: sp.Basic, variable: sp.Symbol) -> NoReturn:
    """A condition on the parameters alone makes several nonlinearities of one formula."""
    raise NonlinearityError(
        f"{shown} has the condition {condition}, in which {variable} does not occur; "
        "give its parameters numbers, or enter one nonlinearity for each case"
    )


def text_or_latex(expr: Any, latex: str | None, kind: str) -> Any:
    """The formula given, whichever way it was given."""
    if expr is not None and latex is not None:
        raise NonlinearityError(f"{kind} takes one formula: {kind}(expr), or {kind}(latex=...)")
    if latex is None:
        return expr
    if not isinstance(latex, str):
        raise NonlinearityError(f"{kind}(latex={latex!r}) is {with_article(type(latex).__name__)}; give LaTeX as text")
    return LatexText(latex)


def _read_text(
    text: str, variable: sp.Symbol | str | None, kind: str
) -> tuple[sp.Expr, sp.Symbol | str | None, frozenset[str]]:
    """The formula, its variable, which a head ``g(x) =`` may name, and the names that are said to be positive."""
    is_latex = isinstance(text, LatexText)
    head: Any
    parsed: Callable[[str], tuple[sp.Expr, frozenset[str]]]
    if is_latex:
        from symtrans.language.latex_lexer import gradient_of, head_of
        from symtrans.language.latex_parser import parse_half_line as parsed

        head, gradient, formula = head_of(text), gradient_of(text), text
    else:
        refuse_spreadsheet(text)
        head, gradient = head_of_text(text), gradient_of_text(text)
        known = str(variable or (head and head.variable) or gradient)
        parsed, formula = lambda found: (parse(found, variable=canonical_name(known)), frozenset()), text
        if head is not None:
            formula = " " * head.end + text[head.end :]
    if head is not None and _FUNCTIONS.get(head.function, kind) != kind:
        meant = f"{_FUNCTIONS[head.function]}({'latex=' * is_latex}...)"
        fail_at(text, 0, f"this is the formula of {head.function}; enter it as {meant}")
    if head is not None and head.variable in CONSTANTS and variable is None:
        fail_at(text, 0, f"{head.variable} is a number here, and no variable; call the variable otherwise")
    given, above = parsed(formula)
    names = {symbol.name for symbol in given.free_symbols}
    if variable is None and gradient in names:
        return given, gradient, above
    if head is None or variable is not None:
        return given, variable, above
    likely = sorted(n for n in names if n in LIKE_VARIABLES or head.variable in n.split("_")) if head.variable else []
    if likely and head.variable not in names:
        others = ", ".join(likely)
        fail_at(
            text, 0, f"this is a function of {head.variable}, which the formula does not hold; is it one of {others}?"
        )
    if head.variable and (power := lost_power(given, head.variable)):
        x, digit = head.variable, power[-1]
        fail_at(text, text.find(power, head.end), f"is it a power? write {x}^{digit}; for a parameter {x}_{digit}")
    return given, head.variable or None, above


def _is_real_number(number: sp.Expr) -> bool:
    if number.is_extended_real is not None:
        return bool(number.is_extended_real)
    return bool(abs(sp.im(number.evalf(30))) < sp.Float("1e-20"))


class MissingAssumption(NonlinearityError):
    """How the formula is to be cut depends on the parameters: an assumption is missing."""


def listed(assume: Any) -> tuple[Any, ...]:
    """Assumptions as they were given: one alone, several, or None for none."""
    if isinstance(assume, str | sp.Basic):
        return (assume,)
    if not isinstance(assume, Iterable | None):
        raise _of_assumption(f'{short(repr(assume))} is no inequality; write for example "a < b"')
    return tuple(assume or ())


def relations(assume: Any, names: Names, kind: str) -> tuple[sp.Basic, ...]:
    """Assumptions as inequalities between inner symbols; text is parsed like all text.

    Raises
    ------
    NonlinearityError
        If one is no inequality, holds a symbol that is no parameter here, or holds for no parameters.
    """
    found = []
    by_name_ = {symbol.name: inner for inner, symbol in names.own}
    for item in listed(assume):
        for relation in _inequalities(item):
            for symbol in relation.free_symbols:
                if symbol.name not in by_name_:
                    listing = ", ".join(sorted(by_name_)) or "none"
                    what = f"{item}: {symbol} is no parameter of the {kind}; there are: {listing}"
                    raise _of_assumption(what)
            inner = relation.subs({s: by_name_[s.name] for s in relation.free_symbols}, simultaneous=True)
            if inner is sp.false:
                raise _of_assumption(f"{item}: {relation} holds for no values of the parameters")
            if inner is not sp.true and inner not in found:
                found.append(inner)
    return tuple(found)


def _inequalities(item: Any) -> list[sp.Basic]:
    """The inequalities that one assumption consists of: ``1/2 < a < 1`` and ``1/2 < a and a < 1`` are two."""
    if isinstance(item, str):
        if len(parts := re.split(r"\s+and\s+|&+|∧|,(?![^()]*\))", item)) > 1:
            return [relation for part in parts for relation in _inequalities(part.strip())]
        item = re.sub("[≤⩽≦]", "<=", re.sub("[≥⩾≧]", ">=", item))
        sides = re.split(r"(<=|>=|<|>)", item)
        bare = re.sub(r"\([^()]*\)", "", "".join(sides[::2]))  # without the real=True of a Symbol
        if len(sides) > 1 and not re.search(r"=|\bor\b", bare) and all(map(str.strip, sides)):
            terms = [parse(side) for side in sides[::2]]
            steps = zip(terms, sides[1::2], terms[1:], strict=False)
            return [_INEQUALITIES[operator](left, right) for left, operator, right in steps]
    exact = as_sympy(item) if isinstance(item, sp.Basic) else item
    relations = list(exact.args) if isinstance(exact, sp.And) else [exact]
    if all(isinstance(part, sp.Lt | sp.Gt | sp.Le | sp.Ge) or part is sp.true for part in relations):
        return [part for part in relations if part is not sp.true]
    if isinstance(item, sp.Eq) or (isinstance(item, str) and "=" in item):
        raise NonlinearityError.told(
            lambda said: said.format(f"{item!r} is no inequality; put"),
            "assume={} one side in for the other with subs",
            "--assume {} in a number with --set",
        )
    raise _of_assumption(f'{item!r} is no inequality; write for example "a < b"')


def _of_assumption(what: str) -> NonlinearityError:
    """What is wrong with an assumption, said of the argument or of the option."""
    return NonlinearityError.told(lambda name: f"{name}{what}", "assume=", "--assume ")


_INEQUALITIES = {"<": sp.Lt, ">": sp.Gt, "<=": sp.Le, ">=": sp.Ge}


def cut(
    inner: sp.Expr, names: Names, kind: str, parity: Parity, assume: tuple[sp.Basic, ...] = ()
) -> tuple[HalfLine, tuple[sp.Basic, ...]]:
    """Pieces of a checked expression, and under what; every refusal is a NonlinearityError in the user's symbols.

    `assume` lists inequalities between the parameters under which it is cut. If they do not suffice, a parameter
    declared nonnegative or nonpositive is one too: where it is 0, breaks may be at 0 or be none.
    """
    try:
        return _cut_under(inner, names, kind, parity, assume), assume
    except MissingAssumption:
        declared = tuple(relation for p in sorted(inner.free_symbols, key=by_name) for relation in _declared(p))
        if not declared:
            raise
        try:
            return _cut_under(inner, names, kind, parity, (*assume, *declared)), (*assume, *declared)
        except NonlinearityError:
            pass
        raise


def _declared(parameter: sp.Symbol) -> list[sp.Basic]:
    """What its assumptions say of the sign of a parameter that may be 0."""
    if parameter.is_zero is None and parameter.is_nonnegative:
        return [sp.Ge(parameter, 0, evaluate=False)]
    return [sp.Le(parameter, 0, evaluate=False)] if parameter.is_zero is None and parameter.is_nonpositive else []


def _cut_under(inner: sp.Expr, names: Names, kind: str, parity: Parity, assume: tuple[sp.Basic, ...]) -> HalfLine:
    """The pieces under inequalities between the parameters."""

    def found(region: Region) -> HalfLine:
        try:
            return _cut(inner, region, names, kind, parity)
        except MissingAssumption as question:
            if region.into or not assume:
                raise
            raise Undecided(str(question)) from None

    try:
        for region in assumed(assume):  # of parts that hold the variable it is asked when they are cut
            if (unreal := unreal_part(inner, r, region)) is not None:
                shown = f"{kind}({short(names.written(names.outward(inner)))})"
                raise NonlinearityError(f"{shown}{in_words((' is not real: ', unreal, ' is not'), names)}")
        return as_spline(in_every_region(assume, found))
    except Undecided as question:
        given = [str(names.outward(relation)) for relation in assume]
        raise _of_assumption(f"{given}: {in_words(question.sentence, names)}") from None


def _cut(entered: sp.Expr, region: Region, names: Names, kind: str, parity: Parity) -> HalfLine:
    """The pieces in the symbols of a region."""
    inner = entered.subs(dict(region.into))
    spline = spline_of(inner, r, parity)
    if spline is not None:
        return spline
    shown, v, half = f"{kind}({short(names.written(names.outward(entered)))})", names.variable, None
    try:
        half = half_line(inner, r, parity)
        differs = parity_violation(inner, r, half)
    except NotTotal as hole:
        where = (" at ", X, " = ", hole.place) if hole.until is None else (*_BETWEEN, hole.place, " and ", hole.until)
        fault = region.said((" has no finite real value", *where, ": ", *hole.sentence))
        mend = "Give it one with Piecewise, or mend the formula."
        if half is not None:  # it has one for r > 0
            mend = f"Give it one with Piecewise, or write it in |{v}|, as |{v}|^p for {v}^p."
        raise NonlinearityError(f"{shown}{in_words(fault, names)}. {mend}") from None
    except Undecided as question:
        at_minus_one = inner.subs(r, -1)
        if sp.im(at_minus_one.subs(dict.fromkeys(at_minus_one.free_symbols, 1)).evalf(15, chop=True)).is_nonzero:
            mend = f"write it in |{v}|, as sqrt(|{v}|)*sgn({v}) for sqrt({v})"
            raise NonlinearityError(f"{shown} is not real for {v} < 0: {mend}") from None
        why = closed(in_words(region.said(question.sentence), names))
        reason = f"{shown} cannot be cut into smooth pieces: {why}"
        if question.open is None:  # no assumption on the parameters would settle it
            numbers = "" if inner.free_symbols <= {r} else " Give the parameters numbers."
            raise NonlinearityError(f"{reason}{numbers}") from None
        less, more = _examples(question.open, region, names)
        said = "Say so with an assumption, as in"
        raise MissingAssumption.told(
            lambda how: f"{reason} {f'{said} {how}, or give' if how else 'Give'} the parameters numbers.",
            f"translate(..., assume=[{less}]) or {kind}(..., assume=[{more}])",
            f"--assume {less}",
            "",
        ) from None
    if differs is not None:
        _refuse_parity(inner, region, names, kind, parity, differs, shown)
    if parity is Parity.ODD and is_zero(half.origin) is not True:
        origin = names.outward(region.outward(half.origin))
        raise NonlinearityError(f"{shown} is {origin} at {names.variable} = 0, and an odd function is 0 there")
    return half


def _examples(open_sign: sp.Expr, region: Region, names: Names) -> tuple[str, str]:
    """Two assumptions that would settle a sign, as they are typed: one for each way."""
    try:
        parts = [part.condition for part in regions(open_sign) if part.condition is not sp.false]
    except Undecided:
        parts = []
    if region.into or not parts or not all(isinstance(part, sp.Rel) for part in parts):
        return '"a < b"', '"a < b"'

    def typed(condition: sp.Basic) -> str:
        sides = (plain(names.written(names.outward(side)), names.variable) for side in condition.args)
        return f'"{f" {condition.rel_op} ".join(sides)}"'

    return typed(parts[0] if isinstance(parts[0], sp.Lt) else parts[-1]), typed(parts[-1])


_BETWEEN = (" somewhere with ", X, " between ")


def _refuse_parity(
    inner: sp.Expr, region: Region, names: Names, kind: str, parity: Parity, place: sp.Expr, shown: str
) -> NoReturn:
    def said(value: sp.Expr) -> str:
        return plain(names.written(names.outward(region.outward(value))), names.variable)

    word, law = ("even", "f(-r) = f(r)") if parity is Parity.EVEN else ("odd", "f(-r) = -f(r)")
    at, opposite = said(simplified(place)), said(simplified(-place))
    there, mirrored = (said(simplified(_value(inner, one))) for one in (place, -place))
    v = names.variable
    found = _part_in_words(inner, region, names, parity)
    if found == "0":
        other = (
            "odd: is it an activation or a shrinkage" if word == "even" else "even: is it a diffusivity or regulariser"
        )
        remedies = [f", and it is {other}? If not, write it in |r| and sgn(r)"] * 3
    else:
        of_modulus = said(inner.xreplace({r: sp.Abs(r)}))
        # as papers have it, g(s) = exp(-s) for s >= 0
        is_half, half = parity is Parity.EVEN and len(of_modulus) <= 160, f"; a formula for {v} >= 0 is "
        offers = (
            (f"{kind}.{word}_part({short(said(inner))!r})", f"{kind}({of_modulus!r})"),
            *(("which may be entered instead", repr(of_modulus)),) * 2,
        )
        remedies = [
            f"; its {word} part is {found}, {part}{half + whole if is_half else ', or write it in |r|'}"
            for part, whole in offers
        ]
    taken = f" ({v} is taken for the variable; with {{}} it is a parameter.)" * (v.name in GREEK.values())
    before = (
        f"{shown} is not {word}: at {v} = {at} it is {there}, at {v} = {opposite} it is {mirrored}. "
        f"{with_article(kind.lower()).capitalize()} needs {law}"
    )
    ways = zip(remedies, ("variable='r'", "--variable r"), strict=False)
    mends = (*(f"{remedy}.{taken.format(way)}" for remedy, way in ways), f"{remedies[-1]}.")
    raise NonlinearityError.told(lambda mend: before + mend, *mends)


def _value(inner: sp.Expr, place: sp.Expr) -> sp.Expr:
    """The value at a place, with what depends there on the parameters as it is written, as max(0, sin(a))."""
    with suppress(Undecided):
        return value_at(inner, r, place)
    return inner.subs(r, place)


def part(inner: sp.Expr, parity: Parity) -> sp.Expr:
    """The even or the odd part of any function of r."""
    sign = 1 if parity is Parity.EVEN else -1
    return (inner + sign * inner.subs(r, -r)) / 2


def _part_in_words(inner: sp.Expr, region: Region, names: Names, parity: Parity) -> str:
    """A short formula of the even or odd part, or what it is by definition."""
    try:
        found = names.outward(region.outward(expression(half_line(part(inner, parity), r, parity), r)))
        text = plain(names.written(found), names.variable)
    except (NotTotal, Undecided):
        text = ""
    return text if 0 < len(text) <= 60 else f"(f(r) {'+' if parity is Parity.EVEN else '-'} f(-r))/2"
