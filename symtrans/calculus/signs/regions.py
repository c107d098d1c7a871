"""Where an answer depends on the parameters: the regions in which an open sign is settled, and their union.

A parameter p beyond p0 is written p0 + d with positive d, one below as p0/(1 + d): within a
region every sign is again a question about positive symbols.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cmp_to_key, lru_cache
from itertools import pairwise
from typing import TypeVar

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero, rational_form, rebuilt
from symtrans.calculus.algebra.comparisons import compare, sign, substituted
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.sympy_calls import guarded
from symtrans.calculus.signs.conditions import union_of
from symtrans.calculus.undecided import Sentence, Undecided, joined

_MOST_ROOTS = 4
_MOST_RADICALS = 3  # in the coefficients of a polynomial of which roots are sought
_DEEPEST = 4  # splits to solve one inequality

T = TypeVar("T")


@dataclass(frozen=True)
class Region:
    """A part of the parameter space.

    Attributes
    ----------
    condition : Boolean
        In the parameters.
    into : mapping
        Each replaced parameter in terms of a new positive symbol.
    back : mapping
        That symbol in terms of the parameters.
    """

    condition: sp.Basic = sp.true
    into: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    back: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()

    def within(self, outer: "Region") -> "Region":
        """The part of `outer` that this region, given in the new symbols of `outer`, describes."""
        undo = dict(outer.back)
        condition = sp.And(outer.condition, _written(self.condition, outer))
        inner = dict(self.into)
        into = [(p, _fraction(e.subs(inner)) if inner else e) for p, e in outer.into]
        known = {p for p, _ in into}
        into += [(p, e) for p, e in self.into if p not in known and p not in undo]
        back = [*((d, _fraction(e.subs(undo))) for d, e in self.back), *outer.back]
        return Region(condition, tuple(into), tuple(back))

    def inward(self, expr: sp.Expr) -> sp.Expr:
        """An expression in the parameters, in the symbols of the region."""
        return substituted(expr, dict(self.into))

    def outward(self, expr: sp.Expr) -> sp.Expr:
        """An answer found inside the region, in the parameters."""
        if not self.back or not expr.free_symbols & {d for d, _ in self.back}:
            return expr
        if isinstance(expr, sp.Max | sp.Min):  # what is not ordered inside is not ordered outside
            return rebuilt(expr, map(self.outward, expr.args))
        if isinstance(-expr, sp.Max | sp.Min):
            return -self.outward(-expr)
        signed = self._signed()
        put_back = substituted(expr, dict(self.back)).xreplace({p: side * size for p, side, size in signed})
        short = simplified(put_back.replace(_holds_fractions, lambda e: e.func(*map(_fraction, e.args))))
        return short.xreplace({size: side * p for p, side, size in signed})

    def _signed(self) -> list[tuple[sp.Symbol, int, sp.Symbol]]:
        """Each real parameter p of one sign here, that sign, and a symbol for |p|, of whose root it is a power."""
        found = []
        for p, value in self.into:
            try:
                side = 0 if p.is_positive is not None else sign(value)
            except Undecided:
                continue
            if side:
                found.append((p, side, _size_of(p)))
        return found

    def said(self, sentence: Sentence) -> Sentence:
        """A sentence of the region, in the parameters."""
        undo = dict(self.back)
        return tuple(part.xreplace(undo) if isinstance(part, sp.Basic) else part for part in sentence)

    def released(self, question: Undecided) -> Undecided:
        """What was left open inside the region, its sentence in the parameters."""
        return Undecided(*self.said(question.sentence), open=question.open) if self.back else question


EVERYWHERE = Region()


@lru_cache(maxsize=256)
def _size_of(p: sp.Symbol) -> sp.Symbol:
    return sp.Dummy(p.name, positive=True)


def _fraction(expr: sp.Expr) -> sp.Expr:
    """The same as one fraction: what was put in one after the other leaves fractions of fractions."""
    form = rational_form(expr)
    return form.back(form.numerator / form.denominator)


def _holds_fractions(expr: sp.Expr) -> bool:
    return isinstance(expr, sp.log | sp.acosh) or (isinstance(expr, sp.Pow) and bool(expr.exp.free_symbols))


def _written(condition: sp.Basic, outer: Region) -> sp.Basic:
    """A condition on the new symbols of `outer` as one on the parameters: p = p0 + d and d < c make p < p0 + c."""
    undo = dict(outer.back)
    if not condition.free_symbols & set(undo):
        return condition
    if isinstance(condition, sp.And | sp.Or):
        return condition.func(*(_written(part, outer) for part in condition.args))
    if isinstance(condition, sp.Rel) and condition.lhs in undo:
        d, end = condition.lhs, condition.rhs
        for p, expr in outer.into:
            try:
                rising = d in expr.free_symbols and sign(differentiate(expr, d))
            except Undecided:
                continue
            if rising:
                relation = condition.func if rising > 0 else condition.reversedsign.func
                return relation(p, simplified(expr.subs(d, end).subs(undo)))
    return condition.func(*(simplified(part.subs(undo)) for part in condition.args))


def regions(open_sign: sp.Expr, depth: int = _DEEPEST) -> tuple[Region, ...]:
    """Regions that cover the parameter space, in each of which `open_sign` has one sign.

    Raises
    ------
    Undecided
        If no parameter can be solved for.

    Examples
    --------
    >>> p, q = sp.symbols("p q", positive=True)
    >>> [region.condition for region in regions(2 * p - 1)]
    [p < 1/2, Eq(p, 1/2), p > 1/2]
    >>> [region.condition for region in regions(p + q - 1)][2:]
    [(q < 1) & (p > 1 - q), Eq(q, 1), q > 1]
    """
    delayed: list[sp.Expr] = []
    for parameter in sorted(open_sign.free_symbols - {X}, key=lambda s: s.name):
        if not open_sign.is_polynomial(parameter):
            continue
        try:
            roots = _roots(sp.Poly(open_sign, parameter))
        except Undecided as question:  # p + q - 1 vanishes at p = 1 - q, if that is positive
            delayed += [] if question.open is None else [question.open]
            continue
        if roots:
            return _cut_at(parameter, roots)
    for first in delayed if depth else ():
        try:
            parts = [pair[0] for pair in by_cases(_sign_of(first), depth - 1)]
            return tuple(pair[0] for part in parts for pair in by_cases(_sign_of(open_sign), depth - 1, part))
        except Undecided:
            continue
    raise Undecided("the sign of ", open_sign, " depends on the parameters")


def _sign_of(expr: sp.Expr) -> Callable[[Region], int]:
    return lambda region: sign(sp.expand(region.inward(expr)))


def _roots(poly: sp.Poly) -> list[sp.Expr] | None:
    """The values of the parameter at which the polynomial may change its sign; None where they are not found."""
    anywhere = poly.gen.is_positive is not True
    if poly.degree() == 1:
        slope, level = poly.all_coeffs()
        root = simplified(-level / slope)
        sign(slope)  # a slope that may vanish is a question of its own
        return [root] if anywhere or sign(root) > 0 else None
    if poly.free_symbols != {poly.gen}:
        return None
    if len(poly.terms()) == 2 and not anywhere:  # of 9 pi p**2 - 4
        (first, high), (last, low) = poly.terms()
        root = (-low / high) ** sp.Rational(1, first[0] - last[0])
        return [root] if sign(-low / high) > 0 else None
    found = sp.real_roots(poly) if poly.domain.is_QQ | poly.domain.is_ZZ else _roots_with_radicals(poly)
    roots = [root for root in dict.fromkeys(found) if anywhere or sign(root) > 0]
    return roots if 0 < len(roots) <= _MOST_ROOTS else None


def _roots_with_radicals(poly: sp.Poly) -> list[sp.Expr]:
    """The real roots, ascending, of a polynomial that splits once square roots in its coefficients count as numbers.

    So does one in d whose parameter is sqrt(2) + d. None are found of another.
    """
    coefficients = sp.Tuple(*poly.coeffs())
    radicals = {power for power in coefficients.atoms(sp.Pow) if 2 * power.exp == 1 and power.base.is_Integer}
    known = coefficients.xreplace(dict.fromkeys(radicals, sp.S.One))
    if len(radicals) > _MOST_RADICALS or not all(c.is_Rational for c in known):
        return []
    over_radicals = guarded(sp.Poly, poly.as_expr(), poly.gen, extension=True)
    content, factors = guarded(sp.factor_list, over_radicals)
    product = content * sp.Mul(*(factor.as_expr() ** multiplicity for factor, multiplicity in factors))
    if any(factor.degree() > 1 for factor, _ in factors) or not is_zero(sp.expand(poly.as_expr() - product)):
        return []
    roots = [-level / slope for slope, level in (factor.all_coeffs() for factor, _ in factors)]
    return sorted(map(sp.radsimp, roots), key=cmp_to_key(compare))


def _cut_at(p: sp.Symbol, roots: list[sp.Expr]) -> tuple[Region, ...]:
    first, last = roots[0], roots[-1]
    d = sp.Dummy("d", positive=True)
    if isinstance(first, sp.Symbol) and p.is_positive:  # a < b: b = a + d is the simpler form
        below = Region(sp.Lt(p, first), ((first, p + d),), ((d, first - p),))
    elif p.is_positive:
        below = Region(sp.Lt(p, first), ((p, first / (1 + d)),), ((d, first / p - 1),))
    else:
        below = Region(sp.Lt(p, first), ((p, first - d),), ((d, first - p),))
    found = [below]
    for root, following in [*pairwise(roots), (last, None)]:
        found.append(Region(sp.Eq(p, root), ((p, root),)))
        if following is not None:
            inside = sp.And(sp.Gt(p, root), sp.Lt(p, following))
            found.append(Region(inside, ((p, (root + following * d) / (1 + d)),), ((d, (p - root) / (following - p)),)))
    found.append(Region(sp.Gt(p, last), ((p, last + d),), ((d, p - last),)))
    return tuple(found)


def assumed(relations: Iterable[sp.Basic]) -> tuple[Region, ...]:
    """The parts of the parameter space in which all of the inequalities hold, an open one first.

    Strict inequalities mostly leave one part, whose condition goes without saying; a <= b leaves
    a < b and a = b, in which the breaks a and b are one.

    Raises
    ------
    Undecided
        If an inequality cannot be solved for a parameter, or holds nowhere.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> (region,) = assumed([a < b])
    >>> region.back[0][1], region.condition
    (-a + b, True)
    >>> [region.condition for region in assumed([a <= b])]
    [a < b, Eq(a, b)]
    """
    parts: list[_Part] = [(EVERYWHERE, ())]
    before: list[sp.Basic] = []
    for relation in _in_order(relations):
        if not isinstance(relation, sp.Lt | sp.Gt | sp.Le | sp.Ge):
            raise Undecided(relation, " is no inequality between parameters")
        question = _sign_of(relation.gts - relation.lts)
        try:
            signs = [(word, *pair) for part, word in parts for pair in by_cases(question, _DEEPEST, part)]
        except Undecided:
            raise Undecided(relation, " cannot be solved for one of its parameters") from None
        less, equal = sp.Lt(relation.lts, relation.gts), sp.Eq(relation.lts, relation.gts).canonical
        is_strict = isinstance(relation, sp.Lt | sp.Gt)
        parts = [(part, (*word, less)) for word, part, value in signs if value > 0]
        parts += [(part, (*word, equal)) for word, part, value in signs if value == 0 and not is_strict]
        if not parts:
            against = joined(" and ", [(one,) for one in before]) or ("positive parameters",)
            why = ": no values of the parameters satisfy the assumptions"
            raise Undecided(relation, " contradicts ", *against, why)
        before.append(relation)
    return _named(sorted(parts, key=lambda part: sum(isinstance(relation, sp.Eq) for relation in part[1])))


def sign_under(relations: Iterable[sp.Basic], expr: sp.Expr) -> int | None:
    """The sign of an expression where the inequalities hold; None where it depends on the parameters.

    Examples
    --------
    >>> a = sp.Symbol("a", positive=True)
    >>> sign_under([a > 1], 1 / (a - 1))
    1
    """
    try:
        signs = {sign(part.inward(expr)) for part in assumed(relations)}
    except Undecided as question:
        if question.open is None:
            raise
        return None
    return signs.pop() if len(signs) == 1 else None


def _in_order(relations: Iterable[sp.Basic]) -> Iterator[sp.Basic]:
    """The relations, each with as few new symbols as can be: c < 1, b < c, a < b keep the forms short."""
    waiting, known = list(relations), set[sp.Basic]()
    while waiting:
        following = min(waiting, key=lambda relation: len(relation.free_symbols - known))
        waiting.remove(following)
        known |= following.free_symbols
        yield following


_Part = tuple[Region, tuple[sp.Basic, ...]]  # and what holds in it of the assumptions


def _named(parts: Sequence[_Part]) -> tuple[Region, ...]:
    """The parts, their conditions in the words of the assumptions where these tell them apart."""
    if len({words for _, words in parts}) < len(parts):
        return tuple(part for part, _ in parts)
    shared = set.intersection(*(set(words) for _, words in parts))
    return tuple(replace(part, condition=sp.And(*(w for w in words if w not in shared))) for part, words in parts)


@contextmanager
def said_in_parameters(region: Region) -> Iterator[None]:
    """What is left open inside the region is said in the parameters."""
    try:
        yield
    except Undecided as question:
        raise region.released(question) from None


def by_cases(ask: Callable[[Region], T], depth: int, start: Region = EVERYWHERE) -> list[tuple[Region, T]]:
    """The answers of `ask` in parts of `start` small enough that each is decided.

    Raises
    ------
    Undecided
        If `depth` nested splits do not suffice.
    """
    with said_in_parameters(start):
        try:
            return [(start, ask(start))]
        except Undecided as question:
            if question.open is None or depth == 0 or not question.open.free_symbols:
                raise
            parts = [part.within(start) for part in regions(question.open)]
    return [pair for part in parts if part.condition is not sp.false for pair in by_cases(ask, depth - 1, part)]


def united(cases: Sequence[tuple[Region, sp.Expr]]) -> sp.Expr:
    """One expression of answers by regions: equal ones joined, the rest as a Piecewise.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> below, at, above = regions(p - 1)
    >>> united([(below, p), (at, sp.S.One), (above, 1 / p)])
    Piecewise((p, p <= 1), (1/p, True))
    """
    answers = [(region, region.outward(answer)) for region, answer in cases]
    groups: list[tuple[list[Region], sp.Expr]] = []
    for region, value in sorted(answers, key=lambda pair: not pair[0].back):  # single points come last
        homes = [group for group in groups if _agrees(value, group[1], region)]
        if not homes:
            groups.append(([region], value))
        else:  # at b = 0 of 1 for b > 0, not of (1 - b)**(b - 1) for b < 0
            min(homes, key=lambda group: (group[1] != value, sp.count_ops(group[1])))[0].append(region)
    if len(groups) == 1:
        return groups[0][1]
    if len(groups) == 2 and (of_modulus := _of_modulus(*groups)) is not None:
        return of_modulus
    groups.sort(key=lambda group: any(member.back for member in group[0]))  # exceptions first
    *first, (_, last) = groups
    return sp.Piecewise(
        *((value, union_of([member.condition for member in them])) for them, value in first), (last, True)
    )


def _of_modulus(one: tuple[list[Region], sp.Expr], other: tuple[list[Region], sp.Expr]) -> sp.Expr | None:
    """One formula f(|b|) of f(-b) for b < 0 and f(b) for b > 0, of which either may hold at b = 0; else None."""
    values = {union_of([member.condition for member in members]): value for members, value in (one, other)}
    for b in sorted(sp.Tuple(*values).free_symbols, key=lambda symbol: symbol.name):
        below, above = (
            next((values[sign] for sign in signs if sign in values), None)
            for signs in ((b < 0, sp.Le(b, 0)), (b > 0, sp.Ge(b, 0)))
        )
        size = _size_of(b)
        if below is not None and above is not None and is_zero(below.subs(b, -size) - above.subs(b, size)) is True:
            return above.subs(b, size).xreplace({size: sp.Abs(b)})
    return None


def _agrees(value: sp.Expr, general: sp.Expr, region: Region) -> bool:
    """Whether the formula `general` gives `value` all over the region (which may be a single point)."""
    if value == general:
        return True
    if value.has(sp.oo, sp.Max, sp.Min) or general.has(sp.oo, sp.Max, sp.Min):
        return False
    into = {} if region.back and not region.condition.has(sp.Eq) else dict(region.into)
    try:
        difference = value.subs(into) - general.subs(into)
        if difference.has(sp.nan, sp.zoo) or is_zero(difference) is not True:
            return False
        # (a + b) sqrt(b)/b is 0 wherever a = -b, but for b = 0
        below = (power.base for power in general.atoms(sp.Pow) if power.exp.could_extract_minus_sign())
        return not into or all(sign(base.subs(into)) for base in below)
    except Undecided:
        return False
