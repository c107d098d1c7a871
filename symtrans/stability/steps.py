"""The rules of a scheme applied to the constants of one nonlinearity: step sizes and the growth of distances."""

from collections.abc import Callable
from typing import Any

import sympy as sp

from symtrans.calculus.algebra.comparisons import largest
from symtrans.calculus.enclosures.decimals import bounds_of
from symtrans.calculus.signs.conditions import flat
from symtrans.calculus.undecided import Sentence, decided
from symtrans.language.notation import PHI
from symtrans.schemes.grid import Grid
from symtrans.schemes.scheme import Growth, StepRule
from symtrans.stability.evidence import Bound, Evidence, Verdict

# Whether a value in the user's symbols is proved to be positive or not; None where that depends on the parameters.
Positive = Callable[[sp.Expr], bool | None]
Cases = tuple[tuple[sp.Expr, Any], ...]


def step_bound(
    rule: StepRule,
    grid: Grid,
    samples: tuple[int, ...] | None,
    condition: Verdict | None,
    steepest: Bound,
    positive: Positive,
) -> Bound:
    """The limit of a rule over the steepest slope where its condition holds, 0 where it fails."""
    if samples is not None and set(samples) == {1}:
        return Bound(sp.oo, Evidence.PROVED, ("one sample has no neighbour, and stays what it is",))
    fails = rule.fails(grid)
    if fails is not None:
        return Bound(sp.S.Zero, Evidence.PROVED, (fails,))
    reason, limit = rule.reason(grid, samples), rule.limit(grid, samples)
    if condition is not None and condition.value is False:
        return Bound(sp.S.Zero, Evidence.PROVED, (*reason, ": ", *condition.argument))
    if condition is not None and condition.evidence is Evidence.UNKNOWN:
        return Bound(None, Evidence.UNKNOWN, condition.argument)
    if steepest.value is None:
        return Bound(None, Evidence.UNKNOWN, steepest.argument)
    # of an enclosed slope the upper end counts: the step is safe
    slope = steepest.value if steepest.evidence is Evidence.PROVED else steepest.upper
    if slope is None:
        return Bound(None, Evidence.UNKNOWN, ("the slope ", steepest.value, " has no rational upper bound"))
    holds = sp.true if condition is None or condition.value is not None else condition.when
    value = _largest_step(limit, slope, positive, holds, steepest.not_positive)
    if steepest.evidence is Evidence.PROVED:
        return _between(value, steepest.evidence, reason, value, value)
    inner = _largest_step(limit, steepest.lower, positive)
    return _between(value, steepest.evidence, reason, value, inner)


def _largest_step(
    limit: sp.Expr,
    slope: sp.Expr,
    positive: Positive,
    holds: sp.Basic = sp.true,
    not_positive: sp.Basic | None = None,
) -> sp.Expr:
    """Limit / slope where a condition holds, else 0; any step will do where the slope is not positive."""
    cases: list[tuple[sp.Expr, sp.Basic]] = (
        [] if holds is sp.true else [(sp.S.Zero, sp.to_nnf(sp.Not(holds), simplify=False))]
    )
    if not_positive is not None and slope.has(sp.Piecewise):
        cases.append((sp.oo, not_positive))
        return flat([*cases, *((_quotient(limit, value), when) for value, when in _cases(slope))], holds)
    for value, when in _cases(slope):
        known = None if value in (sp.oo, -sp.oo) or limit is sp.oo else positive(value)
        if known is False:
            cases.append((sp.oo, when))
            continue
        if known is None and value not in (sp.oo, -sp.oo) and limit is not sp.oo:
            cases.append((sp.oo, sp.And(when, _where_not_positive(value))))
        cases.append((_quotient(limit, value), when))
    return flat(cases, holds)


def _where_not_positive(value: sp.Expr) -> sp.Basic:
    """Where a slope is not positive: of |b| and b^2 at b = 0."""
    if not value.is_nonnegative:
        return value <= 0
    rest = value.as_coeff_Mul()[1]
    while isinstance(rest, sp.Abs) or (isinstance(rest, sp.Pow) and rest.exp.is_positive):
        rest = rest.args[0]
    return sp.Eq(rest, 0)


def _quotient(limit: sp.Expr, slope: sp.Expr) -> sp.Expr:
    """Limit / slope for a slope that is positive where it counts."""
    if slope is sp.oo:
        return sp.S.Zero
    return sp.oo if slope in (0, -sp.oo) or limit is sp.oo else limit / slope


def growth_bound(growth: Growth, reach: sp.Expr, blocks: int, up: Bound, down: Bound) -> Bound:
    """The Lipschitz constant of a network of `blocks` blocks, of which each reaches `reach` = tau norm."""
    for slope in (up, down):
        if slope.value is None:
            return Bound(None, Evidence.UNKNOWN, slope.argument)

    def network(largest_slope: sp.Expr | None, least_slope: sp.Expr | None) -> sp.Expr | None:
        # case by case: SymPy's Max misreads a Piecewise with an infinite case
        if largest_slope is None or least_slope is None:
            return None
        met = [
            ((high, low), sp.Or(*(sp.And(a, b) for a in sp.Or.make_args(one) for b in sp.Or.make_args(other))))
            for high, one in _cases(largest_slope)
            for low, other in _cases(least_slope)
        ]
        possible = ((slopes, when) for slopes, when in met if when is not sp.false)
        return flat((_largest(growth.terms(reach, *slopes)) ** blocks, when) for slopes, when in possible)

    (outer_high, inner_high), (outer_low, inner_low) = _ends(up, 1), _ends(down, -1)
    value = network(outer_high, outer_low)
    if value is None:
        return Bound(None, Evidence.UNKNOWN, ("a slope of ", PHI, " has no rational bound"))
    if Evidence.ENCLOSED not in (up.evidence, down.evidence):
        return _between(value, Evidence.PROVED, (growth.reason,), value, value)
    return _between(value, Evidence.ENCLOSED, (growth.reason,), network(inner_high, inner_low), value)


def _between(
    value: sp.Expr, evidence: Evidence, argument: Sentence, low: sp.Expr | None, high: sp.Expr | None
) -> Bound:
    """A bound between two others; where it is a number, with rational ones outside these."""
    if value.free_symbols or value is sp.oo:
        return Bound(value, evidence, argument)
    ends = [None if end is None else bounds_of(end) for end in (low, high)]
    lower, upper = (None if pair is None else pair[side] for side, pair in enumerate(ends))
    return Bound(value, evidence, argument, None, lower, upper)


def _ends(slope: Bound, side: int) -> tuple[sp.Expr | None, sp.Expr | None]:
    """The value of a slope as seen from outside and from inside: of an enclosed one the outer end counts."""
    if slope.evidence is not Evidence.ENCLOSED:
        return slope.value, slope.value
    return (slope.upper, slope.lower) if side > 0 else (slope.lower, slope.upper)


def _cases(value: sp.Expr) -> Cases:
    return tuple(value.args) if isinstance(value, sp.Piecewise) else ((value, sp.true),)


def _largest(growths: tuple[sp.Expr, ...]) -> sp.Expr:
    found = decided(largest, growths)  # open of two numbers closer together than any digits that were looked at
    return sp.Max(*growths, evaluate=False) if found is None else found
