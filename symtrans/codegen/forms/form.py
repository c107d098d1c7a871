"""A function in the form that is right in the middle of the half line, and in those that are right at its ends."""

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import combinations, permutations

import numpy as np
import sympy as sp

from symtrans.calculus.algebra.canonical import example_values
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.forms.running import run
from symtrans.codegen.program.shared_parts import SIGN, A, Q, R, Scaled

_INSIDE = 16  # times from an end of the format, so that no rounding leads beyond it
_MOST_BOUNDS, _MOST_BRANCHES = 10, 12  # where some are in no order
_SIZE = 20  # octaves that parameters and what a form is multiplied by may be from 1
_MANTISSA = 1.3  # of places: at powers of 2 roots may be exact
_STEPS, _ROUNDINGS = 2, 3  # beside a break: so many eps are looked at, and so many r is held off


@dataclass(frozen=True)
class Tamed:
    """A form in R, A and SIGN, perhaps another up to a bound and beyond one; `places` are those of held arguments."""

    form: sp.Expr
    inner: tuple[sp.Expr, sp.Expr] | None = None
    outer: tuple[sp.Expr, sp.Expr] | None = None
    places: frozenset[int] = frozenset()

    @property
    def bounds(self) -> tuple[sp.Expr, ...]:
        """Where one form ends and another begins."""
        return tuple(end[0] for end in (self.inner, self.outer) if end is not None)

    def beyond(self, holds: Callable[[sp.Expr], bool]) -> sp.Expr:
        """The form for |r| beyond a place, given whether that is at or beyond a bound."""
        if self.outer is not None and holds(self.outer[0]):
            return self.outer[1]
        return self.form if self.inner is None or holds(self.inner[0]) else self.inner[1]


def examples_of(symbols: Iterable[sp.Symbol], shift: int = 5) -> list[dict[sp.Symbol, sp.Rational]]:
    """Numbers for each symbol; where some may have either sign also with each of these below 0, and with all of them.

    Examples
    --------
    >>> examples_of([sp.Symbol("a", positive=True), sp.Symbol("b", real=True)])
    [{a: 1, b: 7/6}, {a: 1, b: -7/6}]
    """
    given = example_values(symbols, shift)
    free = [s for s in given if s.is_positive is None and s.is_negative is None]
    below = [*({s} for s in free), *([{*free}] if len(free) > 1 else [])]
    return [given, *({s: -number if s in some else number for s, number in given.items()} for some in below)]


def together(operation: Callable[..., sp.Expr], *parts: Tamed) -> Tamed:
    """A sum or a product; where one part alone has another form at an end, it has, too.

    Examples
    --------
    >>> together(sp.Mul, Tamed(A, outer=(sp.Integer(5), R)), Tamed(SIGN))
    Tamed(form=a*s, inner=None, outer=(5, r*s), places=frozenset())
    """
    whole = Tamed(operation(*(part.form for part in parts)))
    for name in ("inner", "outer"):
        ends = [(k, getattr(part, name)) for k, part in enumerate(parts) if getattr(part, name) is not None]
        if len(ends) == 1:
            (k, (bound, form)), *_ = ends
            end = bound, operation(*(form if k == n else part.form for n, part in enumerate(parts)))
            whole = replace(whole, inner=end) if name == "inner" else replace(whole, outer=end)
    return whole


def held_off_breaks(tame: Tamed, low: sp.Expr, high: sp.Expr, dtype: str) -> Tamed:
    """With |r| held a few roundings inside an end of (low, high) at which the form is no number.

    There r over a scale may be rounded to the end; r itself is not.

    Examples
    --------
    >>> held_off_breaks(Tamed(1 / sp.acos(Scaled(A, sp.S.Half))), sp.S.Zero, sp.Integer(2), "float32").form
    1/acos(Scaled(Min(8388605/4194304, a), 1/2))
    """
    form, eps = tame.form, np.finfo(dtype).eps
    if not form.has(Scaled):
        return tame
    given = example_values((form.free_symbols | low.free_symbols | high.free_symbols) - {R, A, SIGN})

    def is_finite(form: sp.Expr, there: np.ndarray) -> bool:
        return all(np.isfinite(run(form, there, side, given)).all() for side in (1, -1))

    for end, hold, inside in ((low, sp.Max, 1 + _ROUNDINGS * eps), (high, sp.Min, 1 - _ROUNDINGS * eps)):
        if end == 0 or end is sp.oo:
            continue
        place = float(sp.N(end.xreplace(given), 20))
        there = (place * (1 + eps * np.arange(_STEPS + 1) * (1 if hold is sp.Max else -1))).astype(dtype)
        if not is_finite(form, there):
            size = hold(end * sp.Rational(float(inside)), A)
            held = form.xreplace({A: size, R: SIGN * size})
            form = held if is_finite(held, there) else form
    return replace(tame, form=form)


def falling_bounds(tame: tuple[Tamed, ...]) -> list[sp.Expr]:
    """The bounds of all forms, outermost first."""
    return sorted(_bounds(tame), key=cmp_to_key(_compared), reverse=True)


def layers(tame: tuple[Tamed, ...]) -> list[tuple[sp.Expr, frozenset[sp.Expr]]]:
    """Places, each with the bounds that hold beyond it; of those that hold, the first one counts.

    Bounds that are in no order for all parameters are taken together in every way, most first: beyond the largest of
    some, and not beyond that of more, just these hold.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> one, other = (Tamed(A, outer=(place, R)) for place in (a, b))
    >>> [place for place, _ in layers((one, other))]
    [Max(a, b), a, b]

    Raises
    ------
    Undecided
        If there are too many of them.
    """
    try:
        falling = falling_bounds(tame)
        return [(bound, frozenset(falling[k:])) for k, bound in enumerate(falling)]
    except Undecided:
        bounds = sorted(_bounds(tame), key=sp.default_sort_key)
        if len(bounds) > _MOST_BOUNDS:
            raise
    first = {(one, other) for one, other in permutations(bounds, 2) if _is_known_less(one, other)}
    found = [frozenset(some) for size in range(len(bounds), 0, -1) for some in combinations(bounds, size)]
    found = [some for some in found if all(one in some for one, other in first if other in some)]
    if len(found) > _MOST_BRANCHES:
        raise Undecided("too many bounds are in no order")
    return [(sp.Max(*(some - {one for one, other in first if other in some})), some) for some in found]


def _is_known_less(one: sp.Expr, other: sp.Expr) -> bool:
    with suppress(Undecided):
        return _compared(one, other) < 0
    return False


def _bounds(tame: tuple[Tamed, ...]) -> set[sp.Expr]:
    return {bound for one in tame for bound in one.bounds}


def _compared(one: sp.Expr, other: sp.Expr) -> int:
    """The order of two bounds; those of one unit, unit exp(-Min(c, u)), descend with u, be it not strictly."""
    units = {bound.as_independent(sp.exp, as_Add=False)[0] for bound in (one, other)}
    return compare(*map(_without_limit, (one, other))) if len(units) == 1 else compare(one, other)


def _without_limit(bound: sp.Expr) -> sp.Expr:
    limits = {least: arg for least in bound.atoms(sp.Min) for arg in least.args if not arg.is_number}
    return bound.xreplace(limits) if all(len(least.args) == 2 for least in limits) else bound


_RATIO = sp.Dummy(positive=True)


def _in_one_ratio(form: sp.Expr, held: sp.Expr) -> sp.Expr | None:
    """A form that needs q only over one scale, with that quotient held; None for another."""
    ratios = {ratio.xreplace({R: Q, A: Q}) for ratio in form.atoms(Scaled) if ratio.args[0] in (R, A)}
    inside = form.xreplace({R: Q, A: Q}).xreplace(dict.fromkeys(ratios, held))
    if len(ratios) != 1 or inside.has(Q):
        return None
    (ratio,) = ratios
    return inside.xreplace({_RATIO: ratio})


def _first_number(forms: Sequence[Tamed], scales: set[sp.Expr], dtype: str) -> float:
    """What q over its scale must be for all forms to be numbers from there on, and for weights times these; or 0.

    A slope next to 0 is multiplied by squares of differences, so that in between any number will do. Parameters that
    are no exponents may be 2^20 times as large or as small as their examples.
    """
    format = np.finfo(dtype)
    octaves = np.arange(format.minexp, -format.nmant)
    free = frozenset[sp.Symbol]().union(*(one.form.free_symbols for one in forms), *(s.free_symbols for s in scales))
    powers = {s for one in forms for power in one.form.atoms(sp.Pow) for s in power.exp.free_symbols}
    examples, first = example_values(free - {R, A}), 0.0
    sizes = [(s, k) for s in examples for k in (-_SIZE, _SIZE) if s not in powers]
    for given in (examples, *({**examples, s: examples[s] * sp.Integer(2) ** k} for s, k in sizes)):
        unit = min([1.0, *(float(sp.N(scale.xreplace(given))) for scale in scales)])
        there = np.ldexp(_MANTISSA * unit, octaves).astype(dtype)
        for one in forms:
            lowest = 0 if one.inner is None else float(sp.N(one.inner[0].xreplace(given)))
            inverse = [
                power for power in one.form.atoms(sp.Pow) if power.exp.could_extract_minus_sign() and power.has(A)
            ]
            parts = [run(part, there, 1, given) for part in (one.form, *inverse)]  # what is shared are powers of 1/r
            wrong, *others = (~(abs(part) <= format.max / 2**_SIZE) & (there > lowest) for part in parts)
            if wrong.any():
                wrong = np.logical_or.reduce([wrong, *others])
                first = max(first, _INSIDE * 2.0 ** int(octaves[wrong].max()))
    return first


def held_at_ends(forms: tuple[Tamed, ...], low: sp.Expr, high: sp.Expr, dtype: str) -> tuple[Tamed, ...]:
    """Forms in `Q` for a piece on (low, high), with q held off 0 or infinity where one of them is no number there.

    It is held near the least normal or the largest number, or as far from 0 as one of them still is no number. Where
    q occurs over one scale only, that quotient is held; else q, so that it is no less and no more over any scale.

    Examples
    --------
    >>> [one.form for one in held_at_ends((Tamed(sp.log(1 + A) / A),), sp.S.Zero, sp.S.One, "float32")]
    [log(Max(1/5316911983139663491615228241121378304, q) + 1)/Max(1/5316911983139663491615228241121378304, q)]
    >>> [one.form for one in held_at_ends((Tamed((A - sp.sin(A)) / A**3),), sp.S.Zero, sp.S.One, "float32")]
    [(-sin(Max(1/8589934592, q)) + Max(1/8589934592, q))/Max(1/8589934592, q)**3]
    """
    format = np.finfo(dtype)
    ends = (low == 0, 0.0, sp.Max, _INSIDE * format.tiny), (high is sp.oo, math.inf, sp.Min, format.max / _INSIDE)

    def in_size(given: list[Tamed]) -> list[sp.Expr]:
        """Each in its main form."""
        forms = [one.form for one in given]
        parameters = frozenset[sp.Symbol]().union(*(form.free_symbols for form in forms)) - {R, A}
        ratios = frozenset[sp.Expr]().union(*(form.atoms(Scaled) for form in forms))
        scales = {1 / ratio.args[1] for ratio in ratios if not ratio.args[1].has(R, A)}
        examples = example_values(parameters)
        size, held = Q, _RATIO
        for is_end, end, hold, number in ends:
            there = np.array([end], dtype)
            if is_end and not all(np.isfinite(run(form, there, 1, examples)) for form in forms):
                first = _first_number(given, scales, dtype) if end == 0 else 0.0
                least = sp.Rational(max(float(number), first))
                size, held = hold(least * hold(sp.S.One, *scales), size), hold(least, held)
        return [_in_one_ratio(form, held) or form.xreplace({R: size, A: size}) for form in forms]

    # where a form begins or ends at a bound, the one beyond that counts
    names = [(k, name) for name in ("inner", "outer") for k, one in enumerate(forms) if getattr(one, name) is not None]
    main = in_size([*forms])
    beyond = dict(zip(names, in_size([Tamed(getattr(forms[k], name)[1]) for k, name in names]), strict=True))
    return tuple(
        replace(
            one,
            form=main[k],
            inner=None if one.inner is None else (one.inner[0], beyond[k, "inner"]),
            outer=None if one.outer is None else (one.outer[0], beyond[k, "outer"]),
        )
        for k, one in enumerate(forms)
    )
