"""Antiderivatives on the half line, each verified by differentiating it back."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero, rational_form
from symtrans.calculus.algebra.comparisons import sign, substituted, vanishes
from symtrans.calculus.algebra.scales import nondimensional
from symtrans.calculus.algebra.simplification import simplified, spread
from symtrans.calculus.algebra.switches import is_rough
from symtrans.calculus.algebra.sympy_calls import attempted, guarded
from symtrans.calculus.antiderivatives.exponentials import NoClosedForm
from symtrans.calculus.antiderivatives.rules import by_rules, is_primitive, terms, verified
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.domain import scan
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.regions import Region, regions
from symtrans.calculus.signs.segments import one_sign
from symtrans.calculus.undecided import Diverges, Undecided, decided, interval
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, OutOfWork, time_limit

# Seconds of the processor's time, not of the clock: a busy machine must not turn a closed form into an Integral.
_LONGEST_SEARCH = 3.0
_DEEPEST_EXCEPTIONS = 2  # parameters that may be special at once, besides one alone
_Y = sp.Dummy("y", dummy_index=20_052_006, positive=True)


Values = tuple[tuple[sp.Symbol, sp.Expr], ...]


def integral_from_zero(function: HalfLine, budget: float = DEFAULT_BUDGET, factor: sp.Expr = sp.S.One) -> HalfLine:
    """The even function F(r) = integral of an odd function from 0 to |r|, times a number; continuous, F(0) = 0.

    A piece whose closed form is not known, or not found in half of `budget`
    seconds, keeps an unevaluated `Integral`.

    Where it divides by what vanishes for some values of the parameters, as 1/(a - b), those are a case of their own.

    Raises
    ------
    Diverges
        If the integral at 0 is infinite.
    """
    exact = function.integral() if isinstance(function, Spline) else None
    if exact is not None:
        return exact.map(lambda value, _: factor * value, exact.parity, exact.origin)
    total: sp.Expr = sp.S.Zero  # the value at the left end of the piece
    pieces: list[Piece] = []
    values: list[sp.Expr] = []
    formulas = tuple(piece.expr for piece in function.pieces)
    for piece in function.pieces:
        area, specials = _solved(_Task(piece, formulas), budget / 2, _DEEPEST_EXCEPTIONS)
        within = _cased(area.within, {condition: special.within for special, condition in specials})
        pieces.append(Piece(piece.lo, piece.hi, simplified(factor * within + total)))
        if piece.hi is not sp.oo:
            whole = _cased(area.whole, {condition: special.whole for special, condition in specials})
            total = simplified(factor * whole + total)
            values.append(total)
    return HalfLine(Parity.EVEN, sp.S.Zero, tuple(pieces), tuple(values), function.doubts).merged()


class _Task(NamedTuple):
    """A piece to integrate, and the formulas of all pieces: where one has no value, there is no function."""

    piece: Piece
    formulas: tuple[sp.Expr, ...]

    def within(self, part: Region) -> "_Task":
        """The same in the symbols of a part of the parameter space."""
        lo, hi, expr = (
            end if end is sp.oo else _put(part.into, end) for end in (self.piece.lo, self.piece.hi, self.piece.expr)
        )
        hi = sp.oo if hi is sp.zoo else hi  # as 1/k for k = 0
        return _Task(Piece(lo, hi, expr), tuple(_put(part.into, formula) for formula in self.formulas))

    def has_values(self) -> bool:
        return self.piece.lo is not sp.zoo and not any(formula.has(sp.nan, sp.zoo) for formula in self.formulas)


class _Area(NamedTuple):
    """The integral from the left end of a piece to x, and to its right end; that is 0 of the last piece."""

    within: sp.Expr
    whole: sp.Expr

    def put(self, values: Values) -> "_Area":
        return _Area(_put(values, self.within), _put(values, self.whole))


def _put(values: Values, expr: sp.Expr) -> sp.Expr:
    there = substituted(expr, dict(values), simultaneous=True)
    return there if there is expr else simplified(there)


_Cases = list[tuple[_Area, sp.Basic]]


def _solved(task: _Task, budget: float, depth: int) -> tuple[_Area, _Cases]:
    """The integral over a piece, and before it those that hold under conditions on the parameters."""
    try:
        found = _area(task, budget)
    except Undecided as question:
        return _by_sign(question, task, budget, depth)
    return found, _specials(task, found, budget, depth)


def _by_sign(question: Undecided, task: _Task, budget: float, depth: int) -> tuple[_Area, _Cases]:
    """The integral where a sign that it depends on is settled, if it is one formula but for single values.

    So is x^2 - a ln(1 + x^2/a) for all a >= 0 but 0. It stays open where that formula has further exceptions.
    """
    if question.open is None:
        raise question
    parts = [part for part in regions(question.open) if part.condition is not sp.false]
    parts = [part for part in parts if task.within(part).has_values()]
    try:
        in_parts = [_area(task.within(part), budget) for part in parts]
    except (Undecided, Diverges):
        raise question from None
    wide = [(one.put(part.back), part) for one, part in zip(in_parts, parts, strict=True) if part.back]
    if not wide:
        raise question
    (found, _), *others = wide
    if not all(_agree(found.put(part.into), other.put(part.into)) for other, part in others):
        raise question
    specials: _Cases = []
    for one, part in sorted(zip(in_parts, parts, strict=True), key=lambda pair: bool(pair[1].back)):
        there = task.within(part)
        deeper = _specials(there, one, budget, depth)
        named = {p for _, condition in deeper for p in condition.free_symbols} & {p for p, _ in part.back}
        if (_new_poles(there, one) and not deeper) or (part.back and (named or (deeper and others))):
            raise question
        if part.back:
            specials += [(deep.put(part.back), condition) for deep, condition in deeper]
        else:
            specials += [(deep, sp.And(part.condition, condition)) for deep, condition in deeper]
            specials.append((one, part.condition))
    return found, specials


def _agree(one: _Area, other: _Area) -> bool:
    return all(a == b or is_zero(a - b) is True for a, b in zip(one, other, strict=True))


def _cased(general: sp.Expr, values: dict[sp.Basic, sp.Expr]) -> sp.Expr:
    """One formula of all cases."""
    return simplified(sp.Piecewise(*_in_order(values), (general, True))) if values else general


def _in_order(values: dict[sp.Basic, sp.Expr]) -> list[tuple[sp.Expr, sp.Basic]]:
    """Two zeros before one; but first those that give the value whatever else is zero."""
    parts = {condition: set(sp.And.make_args(condition)) for condition in values}
    whole = [c for c, value in values.items() if all(value == values[d] for d in values if parts[c] <= parts[d])]
    ordered = [*whole, *sorted((c for c in values if c not in whole), key=lambda c: -len(parts[c]))]
    kept: list[sp.Basic] = []
    for c in reversed(ordered):  # what holds for more parameters, and is the same, says it too
        after = next((d for d in kept if parts[d] < parts[c]), None)
        if after is None or values[after] != values[c]:
            kept.insert(0, c)
    return [(values[c], c) for c in kept if not any(parts[d] < parts[c] for d in kept if d in whole)]


def _specials(task: _Task, found: _Area, budget: float, depth: int) -> _Cases:
    """The integral where the parameters make a denominator of `found` zero, and how they do.

    One that is not known is left out: there the formula has no value.
    """
    if depth < 0 or found.within.has(sp.Integral):
        return []
    specials: dict[sp.Basic, _Area] = {}
    for part in _new_poles(task, found):
        there = task.within(part)
        try:
            one, deeper = _solved(there, budget, depth - 1)
        except (Undecided, Diverges):
            continue
        is_last = there.piece.hi is sp.oo and task.piece.hi is not sp.oo  # its right end is at infinity there
        if is_last and one.within == _put(part.into, found.within):
            continue
        specials |= {sp.And(part.condition, condition): deep for deep, condition in deeper}
        specials[part.condition] = one
    return [(special, condition) for condition, special in specials.items()]


def _new_poles(task: _Task, found: _Area) -> list[Region]:
    """Where the parameters are such that the integral divides by zero, and the function does not."""
    bases = _constant_denominators(found) - _constant_denominators(task.formulas)
    poles: dict[sp.Basic, Region] = {}
    for base in sorted(bases, key=sp.default_sort_key):
        try:
            sign(base)
        except Undecided as question:
            parts = None if question.open is None else decided(regions, question.open)
            points = (part for part in parts or () if isinstance(part.condition, sp.Eq))
            poles |= {part.condition: part for part in points if task.within(part).has_values()}
    return list(poles.values())


def _constant_denominators(formulas: Iterable[sp.Expr]) -> set[sp.Expr]:
    """The factors of denominators that hold parameters alone, and may be 0."""
    powers = {power for formula in formulas for power in formula.atoms(sp.Pow)}
    forms = map(rational_form, {power.base for power in powers if power.exp.could_extract_minus_sign()})
    factors = {form.back(factor) for form in forms for factor, _ in guarded(sp.factor_list, form.numerator)[1]}
    return {factor for factor in factors if X not in factor.free_symbols and not factor.is_positive}


def _area(task: _Task, budget: float) -> _Area:
    piece, count = task.piece, len(task.formulas)
    within = simplified(_from_left_end(piece, budget / count, _LONGEST_SEARCH / count))
    if piece.hi is sp.oo:
        return _Area(within, sp.S.Zero)
    whole = limit(within, piece.hi, "-")
    if whole in (sp.oo, -sp.oo):
        raise Diverges("the integral of ", piece.expr, " up to ", piece.hi, " is infinite")
    return _Area(within, whole)


def _from_left_end(piece: Piece, budget: float, search: float) -> sp.Expr:
    """The integral over the piece from its left end."""
    try:
        with time_limit(budget, processor=search):
            primitive = primitive_of(piece.expr, piece.lo, piece.hi)
    except (OutOfTime, OutOfWork):
        primitive = None
    if primitive is None:
        return sp.Integral(piece.expr.subs(X, _Y), (_Y, piece.lo, X))
    start = limit(primitive, piece.lo, "+")
    if start in (sp.oo, -sp.oo):
        raise Diverges("the integral of ", piece.expr, " from ", piece.lo, " is infinite")
    return primitive - start


def primitive_of(expr: sp.Expr, lo: sp.Expr = sp.S.Zero, hi: sp.Expr = sp.oo) -> sp.Expr | None:
    """A verified primitive, real on (lo, hi), of a smooth expression in `X`; None where none is found.

    Examples
    --------
    >>> primitive_of(X * sp.exp(-X**2))
    -exp(-_x**2)/2
    """
    if is_rough(expr):  # what its pieces have in closed form would have to be joined at every break
        return None
    scale, factor, scaled = nondimensional(expr)
    try:
        for found in _proposals(scaled):
            real = _real_on(factor * scale * found.xreplace({X: X / scale}), lo, hi)
            if real is not None:
                return real
    except NoClosedForm:
        pass
    return None


def _real_on(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> sp.Expr | None:
    """The primitive with log(-u) for log(u) where u is negative: differentiation cannot tell them apart."""
    try:
        flipped = {call: sp.log(-call.args[0]) for call in expr.atoms(sp.log) if _sign_on(call.args[0], lo, hi) < 0}
        real = expr.xreplace(flipped)
        if real.has(sp.I):
            return None
        found = scan(real, lo, hi)
        # atan(tan(x/2)/2) has the right derivative and jumps at pi
        jumps = any(not vanishes(limit(real, cut, "+") - limit(real, cut, "-")) for cut in found.cuts)
        return None if found.flaws or jumps else real
    except Undecided:
        return None


def _sign_on(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> int:
    """The one sign of an expression on (lo, hi); roots of what is positive there count as positive symbols."""
    roots = [p for p in expr.atoms(sp.Pow) if isinstance(p.exp, sp.Rational) and p.exp.q == 2 and p.has(X)]
    named = {p: sp.Dummy(positive=True) for p in roots if one_sign(decided(sign_chart, p.base, lo, hi) or ()) == 1}
    if expr.xreplace(named).is_positive:
        return 1
    side = one_sign(sign_chart(expr, lo, hi))
    if not side:
        raise Undecided(expr, " has no one sign on ", *interval(lo, hi))
    return side


def _proposals(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Primitives by rule, then those that SymPy finds, the cheap methods first; each is verified."""
    ruled = by_rules(expr)
    if ruled is not None:
        yield ruled
    yield from (found for found in _searched(expr) if is_primitive(found, expr))


def _searched(expr: sp.Expr) -> Iterator[sp.Expr]:
    in_square = simplified(expr / X).subs(X, sp.sqrt(_Y))
    if not any(p.exp.is_Rational and p.exp.q == 2 and p.base == _Y for p in in_square.atoms(sp.Pow)):
        # x F(x**2) dx = F(u) du / 2
        yield from (p.xreplace({_Y: X**2}) / 2 for p in _integrals(in_square, _Y))
    yield from _integrals(expr, X)
    for summands in dict.fromkeys((terms(expr), sp.Add.make_args(spread(expr)))):
        if len(summands) > 1:
            parts = [verified(term) or next(_integrals(term, X), None) for term in summands]
            if None not in parts:
                yield sp.Add(*parts)


def _integrals(expr: sp.Expr, variable: sp.Symbol) -> Iterator[sp.Expr]:
    # These two load slowly; `import symtrans` does not wait for them.
    from sympy.integrals.manualintegrate import manualintegrate
    from sympy.integrals.rationaltools import ratint

    rational = expr.is_rational_function(variable)
    for method in (ratint,) if rational else (manualintegrate, _without_meijer):
        found = attempted(method, expr, variable)
        if found is not None and not found.has(sp.Integral, sp.Piecewise, sp.nan, sp.zoo, sp.I):
            yield found


def _without_meijer(expr: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    return sp.integrate(expr, variable, meijerg=False)
