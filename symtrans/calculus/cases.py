"""Where an answer depends on the parameters: the regions in which an open sign is settled, and their union.

A parameter p beyond p0 is written p0 + d with positive d, one below as p0/(1 + d): within a
region every sign is again a question about positive symbols.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import sympy as sp

from symtrans.calculus.algebra import X, is_zero, sign
from symtrans.calculus.tidy import tidy
from symtrans.calculus.undecided import Undecided

_MOST_ROOTS = 4

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
        condition = sp.And(outer.condition, _written(self.condition, undo))
        inner = dict(self.into)
        into = [(p, e.subs(inner)) for p, e in outer.into]
        known = {p for p, _ in into}
        into += [(p, e) for p, e in self.into if p not in known and p not in undo]
        back = [*((d, e.subs(undo)) for d, e in self.back), *outer.back]
        return Region(condition, tuple(into), tuple(back))

    def outward(self, expr: sp.Expr) -> sp.Expr:
        """An answer found inside the region, in the parameters."""
        if not self.back or not expr.free_symbols & {d for d, _ in self.back}:
            return expr
        return tidy(expr.subs(dict(self.back)))


EVERYWHERE = Region()


def _written(condition: sp.Basic, undo: Mapping[sp.Symbol, sp.Expr]) -> sp.Basic:
    """A condition on the new symbols as one on the parameters."""
    return condition.subs(undo) if undo else condition


def regions(open_sign: sp.Expr) -> tuple[Region, ...]:
    """Regions that cover the parameter space, in each of which `open_sign` has one sign.

    Raises
    ------
    Undecided
        If no parameter can be solved for.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> [region.condition for region in regions(2 * p - 1)]
    [p < 1/2, Eq(p, 1/2), p > 1/2]
    """
    for parameter in sorted(open_sign.free_symbols - {X}, key=lambda s: s.name):
        if not open_sign.is_polynomial(parameter):
            continue
        roots = _positive_roots(sp.Poly(open_sign, parameter))
        if roots:
            return _cut_at(parameter, roots)
    raise Undecided(f"the sign of {open_sign} depends on the parameters")


def _positive_roots(poly: sp.Poly) -> list[sp.Expr] | None:
    if poly.degree() == 1:
        slope, level = poly.all_coeffs()
        try:
            root = tidy(-level / slope)
            return [root] if sign(root) > 0 else None
        except Undecided:
            return None
    if poly.free_symbols != {poly.gen} or not poly.domain.is_QQ | poly.domain.is_ZZ:
        return None
    roots = [root for root in dict.fromkeys(sp.real_roots(poly)) if root.is_positive]
    return roots if 0 < len(roots) <= _MOST_ROOTS else None


def _cut_at(p: sp.Symbol, roots: list[sp.Expr]) -> tuple[Region, ...]:
    first, last = roots[0], roots[-1]
    d = sp.Dummy("d", positive=True)
    below = (first / (1 + d), first / p - 1) if p.is_positive else (first - d, first - p)
    found = [Region(sp.Lt(p, first), ((p, below[0]),), ((d, below[1]),))]
    for root, following in [*pairwise(roots), (last, None)]:
        found.append(Region(sp.Eq(p, root), ((p, root),)))
        if following is not None:
            inside = sp.And(sp.Gt(p, root), sp.Lt(p, following))
            found.append(Region(inside, ((p, (root + following * d) / (1 + d)),), ((d, (p - root) / (following - p)),)))
    found.append(Region(sp.Gt(p, last), ((p, last + d),), ((d, p - last),)))
    return tuple(found)


def assumed(relations: Iterable[sp.Basic]) -> Region:
    """The region of the parameters in which all of the inequalities hold; its condition goes without saying.

    Raises
    ------
    Undecided
        If an inequality cannot be solved for a parameter, or holds nowhere.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> assumed([a < b]).back[0][1]
    -a + b
    """
    region = EVERYWHERE
    before: list[sp.Basic] = []
    for relation in relations:
        if not isinstance(relation, sp.Lt | sp.Gt | sp.Le | sp.Ge):
            raise Undecided(f"{relation} is no inequality between parameters")
        difference = sp.expand((relation.gts - relation.lts).subs(dict(region.into)))
        strict = isinstance(relation, sp.Lt | sp.Gt)
        holds = _holds(difference, strict)
        if holds is False:
            against = " and ".join(map(str, before)) or "positive parameters"
            raise Undecided(f"{relation} contradicts {against}: no values of the parameters satisfy the assumptions")
        if holds is None:
            region = _half_space(difference, strict, relation).within(region)
            before.append(relation)
    return Region(sp.true, region.into, region.back)


def _holds(difference: sp.Expr, strict: bool) -> bool | None:
    """Whether `difference` is positive (or not negative) for all values of the parameters, for none, or for some."""
    try:
        return sign(difference) >= (1 if strict else 0)
    except Undecided as question:
        if question.open is None:
            raise
    return None


def _half_space(difference: sp.Expr, strict: bool, relation: sp.Basic) -> Region:
    """The region in which `difference` is positive (or not negative)."""
    d = sp.Dummy("d", positive=True) if strict else sp.Dummy("d", nonnegative=True)
    found = []
    for p in sorted(difference.free_symbols, key=lambda s: s.name):
        if not difference.is_polynomial(p) or sp.degree(difference, p) != 1:
            continue
        slope, level = sp.Poly(difference, p).all_coeffs()
        try:
            bound, rising = tidy(-level / slope), sign(slope) > 0
            if sign(bound) < 0 or (sign(bound) == 0 and not rising):
                continue
        except Undecided:
            continue
        if rising:  # the simpler of the two forms
            return Region(sp.true, ((p, bound + d),), ((d, p - bound),))
        found.append(Region(sp.true, ((p, bound / (1 + d)),), ((d, bound / p - 1),)))
    if found:
        return found[0]
    raise Undecided(f"{relation} cannot be solved for one of its parameters")


def by_cases(ask: Callable[[Region], T], depth: int, start: Region = EVERYWHERE) -> list[tuple[Region, T]]:
    """The answers of `ask` in parts of `start` small enough that each is decided.

    Raises
    ------
    Undecided
        If `depth` nested splits do not suffice.
    """
    return list(_split(ask, start, depth))


def _split(ask: Callable[[Region], T], region: Region, depth: int) -> list[tuple[Region, T]]:
    try:
        return [(region, ask(region))]
    except Undecided as question:
        if question.open is None or depth == 0 or not question.open.free_symbols:
            raise
        parts = [part.within(region) for part in regions(question.open)]
    return [pair for part in parts if part.condition is not sp.false for pair in _split(ask, part, depth - 1)]


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
        home = next((members for members, other in groups if _agrees(value, other, region)), None)
        if home is None:
            groups.append(([region], value))
        else:
            home.append(region)
    if len(groups) == 1:
        return groups[0][1]
    groups.sort(key=lambda group: any(member.back for member in group[0]))  # exceptions first
    pairs = [(value, union_of([member.condition for member in members])) for members, value in groups]
    return sp.Piecewise(*pairs[:-1], (pairs[-1][0], True))


def _agrees(value: sp.Expr, general: sp.Expr, region: Region) -> bool:
    """Whether the formula `general` gives `value` all over the region (which may be a single point)."""
    if value == general:
        return True
    if value.has(sp.oo, sp.Max, sp.Min) or general.has(sp.oo, sp.Max, sp.Min):
        return False
    there = general if region.back else general.subs(dict(region.into))
    try:
        return is_zero(value - there) is True
    except Undecided:
        return False


def union_of(conditions: Sequence[sp.Basic]) -> sp.Basic:
    """The disjunction, with p < a or p = a written p <= a, and p < a or p > a written p != a."""
    whole: sp.Basic = sp.Or(*conditions)
    symbols = whole.free_symbols
    if len(symbols) != 1:
        return whole
    (p,) = symbols
    try:
        values = whole.as_set()
    except (NotImplementedError, TypeError, ValueError):  # not inequalities that SymPy solves
        return whole
    if p.is_positive:
        values = values.intersect(sp.Interval.open(0, sp.oo))
    missing = values.complement(sp.Interval.open(0, sp.oo) if p.is_positive else sp.S.Reals)
    if isinstance(missing, sp.FiniteSet):
        return sp.And(*(sp.Ne(p, point) for point in missing))
    relation = values.as_relational(p)
    return relation.canonical if isinstance(relation, sp.core.relational.Relational) else relation
