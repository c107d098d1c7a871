"""Conditions on the parameters: unions of regions written in short, and the cases that earlier ones leave."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

import sympy as sp

from symtrans.runtime.caches import remembered

_Sides = tuple[sp.Basic, ...]
# by both sides of a relation: the signs that their difference has
_Known = Mapping[_Sides, frozenset[int]]
_MOST_PARTS = 24  # conjunctions that are joined
_ANY = frozenset((-1, 0, 1))


def union_of(conditions: Sequence[sp.Basic]) -> sp.Basic:
    """The disjunction, with p < a or p = a written p <= a, and p < a or p > a written p != a.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> union_of([a < b, sp.Eq(b, a)]), union_of([b > a, b < a])
    (a <= b, Ne(a, b))
    """
    return _in_short(sp.Or(*conditions))


@remembered(256)  # SymPy takes its time
def _in_short(whole: sp.Basic) -> sp.Basic:
    if len(whole.free_symbols) != 1:
        return _as_one(whole)
    (p,) = whole.free_symbols
    try:
        values = _set_of(whole, p)
    except (NotImplementedError, TypeError, ValueError):  # not inequalities that SymPy solves
        return whole
    if p.is_positive:
        values = values.intersect(sp.Interval.open(0, sp.oo))
    missing = values.complement(sp.Interval.open(0, sp.oo) if p.is_positive else sp.S.Reals)
    if isinstance(missing, sp.FiniteSet):
        return sp.And(*(sp.Ne(p, point) for point in missing))
    relation = values.as_relational(p)
    return relation.canonical if isinstance(relation, sp.core.relational.Relational) else relation


def _as_one(whole: sp.Basic) -> sp.Basic:
    """Of several parameters: conjunctions that differ in one relation as one, without what the others of it imply.

    So a < b or a = b is a <= b, and (a = 0 and b > 0) or (a > 0 and b > 0) is a >= 0 and b > 0.
    """
    found = [_known(part) for part in sp.Or.make_args(whole)]
    if None in found or len(found) > _MOST_PARTS:
        return whole
    parts: list[_Known] = [known for known in found if known is not None and all(known.values())]
    while (
        pair := next(((a, b, c) for a, b in itertools.permutations(parts, 2) if (c := _joined(a, b)) is not None), None)
    ) is not None:
        one, other, both = pair
        parts = [part for part in parts if part is not one and part is not other] + [both]
    parts = [_without_implied(part) for part in parts]
    as_given = {relation.canonical: relation for relation in whole.atoms(sp.Rel)}
    relations = [[_relation(*item) for item in part.items()] for part in parts]
    return sp.Or(*(sp.And(*(as_given.get(one, one) for one in several)) for several in relations))


def _joined(one: _Known, other: _Known) -> _Known | None:
    """The union of two conjunctions where it is one; None where that is not seen.

    For relations A, B of the same sides, (A and a) or (B and b) is (A or B) and b where A and a imply b,
    and A and b imply a.
    """
    for sides in one:
        if sides not in other:
            continue
        rest, others = ({key: signs for key, signs in part.items() if key != sides} for part in (one, other))
        if _implies(one, others) and _implies({**others, sides: one[sides]}, rest):
            union = one[sides] | other[sides]
            return others if union == _ANY else {**others, sides: union}
    return dict(other) if _implies(one, other) else None


def _implies(part: _Known, others: _Known) -> bool:
    """Whether each of the others is seen to hold where all relations of a conjunction do."""
    return all(any(_follows(sides, signs, *item) for item in part.items()) for sides, signs in others.items())


def _follows(sides: _Sides, signs: frozenset[int], known: _Sides, known_signs: frozenset[int]) -> bool:
    """Whether u has one of `signs` where v has one of `known_signs`: they are the same, or u is v or -v and more.

    So p - 1 > 0 follows from p - q - 1 >= 0 for positive q.
    """
    if sides == known:
        return known_signs <= signs
    u, v = (left - right for left, right in (sides, known))
    for to, of in itertools.product((1, -1), repeat=2):  # to u = of v + a positive number
        if all(of * one >= 0 for one in known_signs) and to in signs and sp.expand(to * u - of * v).is_positive:
            return True
    return False


def _without_implied(part: _Known) -> _Known:
    for sides, signs in part.items():
        rest = {key: other for key, other in part.items() if key != sides}
        if _implies(rest, {sides: signs}):
            return _without_implied(rest)
    return part


def _relation(sides: _Sides, signs: frozenset[int]) -> sp.Basic:
    return next(kind(*sides) for kind, known in _SIGNS.items() if signs == {*known})


_SIGNS: Mapping[type[sp.Basic], tuple[int, ...]]  # of the difference of both sides
_SIGNS = {sp.Lt: (-1,), sp.Le: (-1, 0), sp.Eq: (0,), sp.Ge: (0, 1), sp.Gt: (1,), sp.Ne: (-1, 1)}
_SETS: Mapping[type[sp.Basic], Callable[[sp.Expr], sp.Set]] = {
    sp.Eq: sp.FiniteSet,
    sp.Lt: lambda end: sp.Interval.open(-sp.oo, end),
    sp.Le: lambda end: sp.Interval(-sp.oo, end),
    sp.Gt: lambda end: sp.Interval.open(end, sp.oo),
    sp.Ge: lambda end: sp.Interval(end, sp.oo),
}


def _set_of(condition: sp.Basic, p: sp.Symbol) -> sp.Set:
    """Where a condition holds; SymPy asks of each inequality for its period first."""
    if isinstance(condition, sp.And | sp.Or):
        return (sp.Intersection if isinstance(condition, sp.And) else sp.Union)(
            *(_set_of(c, p) for c in condition.args)
        )
    if type(condition) in _SETS and p in condition.args:
        relation = condition if condition.lhs == p else condition.reversed
        if p not in relation.rhs.free_symbols:
            return _SETS[type(relation)](relation.rhs)
    return condition.as_set()


def flat(cases: Iterable[tuple[sp.Expr, sp.Basic]], holds: sp.Basic = sp.true) -> sp.Expr:
    """A Piecewise of cases of which the first that is met counts, less those that are seen never to be met first.

    Cases after the first may count on it that `holds` is true, where the first is there for its opposite.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> flat([(0, a < b), (sp.oo, sp.Le(a, b)), (1, a < b), (1 / (a - b), sp.true)])
    Piecewise((0, a < b), (oo, a <= b), (1/(a - b), True))
    >>> flat([(0, sp.Ne(a, b)), (sp.oo, sp.Eq(a, b)), (1 / (a - b), sp.true)], sp.Eq(a, b))
    Piecewise((0, Ne(a, b)), (oo, True))
    """
    kept: list[tuple[sp.Expr, sp.Basic]] = []
    before: list[_Known] = []
    allowed = [_known(part) for part in sp.Or.make_args(holds)]
    for value, condition in cases:
        parts = [(part, _known(part)) for part in sp.Or.make_args(condition)]
        possible = [one for one in parts if _may_hold(one[1], before, allowed if kept or holds is sp.true else ())]
        if possible:
            kept.append((value, sp.Or(*(part for part, _ in possible))))
            before += [known for part, known in possible if known is not None]
    if len(kept) > 1 and not _may_hold({}, before, ()):
        kept[-1] = (kept[-1][0], sp.true)
    return sp.Piecewise(*kept)


def _known(part: sp.Basic) -> _Known | None:
    """What a conjunction of relations says of both sides of each; None of any other condition."""
    found: dict[tuple[sp.Basic, ...], frozenset[int]] = {}
    for relation in () if part is sp.true else sp.And.make_args(part):
        if type(relation) not in _SIGNS:
            return None
        relation = relation.canonical
        found[relation.args] = found.get(relation.args, _ANY) & frozenset(_SIGNS[type(relation)])
    return found


def _may_hold(part: _Known | None, before: Iterable[_Known], allowed: Sequence[_Known | None]) -> bool:
    """Whether a conjunction may be true where none `before` is, and one of those `allowed`."""
    if part is None:
        return True
    left = dict(part)
    for other in before:
        if len(other) == 1:
            ((sides, signs),) = other.items()
            left[sides] = left.get(sides, _ANY) - signs
        elif all(part.get(sides, _ANY) <= signs for sides, signs in other.items()):
            return False
    if not all(left.values()):
        return False
    meets = (one is None or all(left.get(sides, _ANY) & signs for sides, signs in one.items()) for one in allowed)
    return not allowed or any(meets)
