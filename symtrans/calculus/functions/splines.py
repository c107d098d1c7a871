"""Splines: functions on the half line whose pieces are (Laurent) polynomials with rational coefficients.

Table 1 leads from splines to splines: a flux of linear pieces has a piecewise quadratic regulariser and a
diffusivity of pieces a + b/r. So all of it is arithmetic of fractions, a few microseconds a piece.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import sympy as sp
from flint import fmpq

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.algebra.laurent import ZERO, Laurent, constant, laurent
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.language.cases import MANY_CASES
from symtrans.runtime.frozen import Frozen

_V = sp.Dummy("v", dummy_index=20_052_009, real=True)


class Spline(Frozen, HalfLine):
    """An even or odd f(r) = factor * P(r/scale), P a Laurent polynomial over Q between rational knots.

    Attributes
    ----------
    knots : tuple of fmpq
        The breaks of P, positive and ascending.
    parts : tuple of Laurent
        One more than there are knots.
    at_knots : tuple of fmpq
        The value of P at each knot.
    scale, factor : Expr
        The root of a natural number each: Table 1 brings in the root of 2.
    origin : Expr
        f(0), which may be infinite.

    Examples
    --------
    >>> clip = interpolant(Parity.ODD, [fmpq(0), fmpq(1)], [fmpq(0), fmpq(1)], is_constant_beyond=True)
    >>> [piece.expr for piece in clip.pieces], [piece.expr for piece in clip.integral().pieces]
    ([_x, 1], [_x**2/2, _x - 1/2])
    """

    knots: tuple[fmpq, ...]
    parts: tuple[Laurent, ...]
    at_knots: tuple[fmpq, ...]
    scale: sp.Expr
    factor: sp.Expr

    def __init__(
        self,
        parity: Parity,
        origin: sp.Expr | None,
        knots: Sequence[fmpq],
        parts: Sequence[Laurent],
        at_knots: Sequence[fmpq],
        scale: sp.Expr = sp.S.One,
        factor: sp.Expr = sp.S.One,
    ) -> None:
        kept = [
            k
            for k, (knot, value) in enumerate(zip(knots, at_knots, strict=True))
            if parts[k] != parts[k + 1] or parts[k](knot) != value
        ]
        given = {
            "parity": parity,
            "doubts": (),
            "knots": tuple(knots[k] for k in kept),
            "parts": (parts[0], *(parts[k + 1] for k in kept)),
            "at_knots": tuple(at_knots[k] for k in kept),
            "scale": scale,
            "factor": factor,
        }
        self._set(**given)
        if origin is None:
            origin = sp.S.Zero if parity is Parity.ODD else self.value(parts[0].at_zero())
        self._set(origin=origin)

    def _identity(self) -> tuple[object, ...]:
        return (self.parity, self.origin, self.scale, self.factor, self.knots, self.parts, self.at_knots)

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if isinstance(other, Spline) else NotImplemented

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self._identity())

    def __reduce__(self) -> tuple[object, ...]:
        return Spline, (self.parity, self.origin, self.knots, self.parts, self.at_knots, self.scale, self.factor)

    def __repr__(self) -> str:
        return f"<{self.parity.name.lower()} spline of {len(self.parts)} pieces>"

    # -- as SymPy sees it --

    def value(self, number: fmpq | float) -> sp.Expr:
        """A value of P as one of f."""
        if isinstance(number, float):
            return sp.oo if number > 0 else -sp.oo
        return self.factor * rational(number)

    def place(self, knot: fmpq | None) -> sp.Expr:
        """A place of P as one of f; None is infinity."""
        return sp.oo if knot is None else self.scale * rational(knot)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The smooth pieces as formulas, which are made when they are asked for."""
        ends = [sp.S.Zero, *self.breaks, sp.oo]
        return tuple(Piece(ends[k], ends[k + 1], self.formula(k)) for k in range(len(self.parts)))

    def formula(self, k: int) -> sp.Expr:
        """Piece k as a formula in X; of a long spline term by term, for no one reads it."""
        expr = sp.Add(*(number * X**power for number, power in self.terms(k)))
        return expr if self.is_long else simplified(expr)

    def terms(self, k: int) -> list[tuple[sp.Expr, int]]:
        """Piece k as (coefficient, exponent) of each power of x."""
        part = self.parts[k]
        powers = ((power, c) for power, c in enumerate(part.coefficients, part.low) if c)
        return [(self.value(c) / self.scale**power, power) for power, c in powers]

    @property
    def is_long(self) -> bool:
        """Whether its formula is not one that people read."""
        return len(self.parts) > MANY_CASES

    @cached_property
    def values(self) -> tuple[sp.Expr, ...]:
        """The value at each break."""
        return tuple(map(self.value, self.at_knots))

    @cached_property
    def breaks(self) -> tuple[sp.Expr, ...]:
        """The knots of f."""
        return tuple(map(self.place, self.knots))

    @property
    def parameters(self) -> frozenset[sp.Symbol]:
        """There are none."""
        return frozenset()

    # -- values --

    def at(self, place: sp.Expr) -> sp.Expr:
        """The exact value at a point r >= 0."""
        if place == 0:
            return self.origin
        split = split_root(place / self.scale)
        if split is not None and split[1] == 1:
            y = split[0]
            k = bisect_left(self.knots, y)
            is_knot = k < len(self.knots) and self.knots[k] == y
            return self.value(self.at_knots[k] if is_knot else self.parts[k](y))
        k = bisect_left(range(len(self.knots)), 0, key=lambda n: -compare(place, self.place(self.knots[n])))
        return simplified(self.formula(k).subs(X, place))  # it is no knot: those are rational multiples of the scale

    def before(self, k: int) -> sp.Expr:
        """Limit at break k from the left."""
        return self.value(self.parts[k](self.knots[k]))

    def after(self, k: int) -> sp.Expr:
        """Limit at break k from the right; k = -1 is the limit at 0+."""
        return self.value(self.parts[0].at_zero() if k < 0 else self.parts[k + 1](self.knots[k]))

    def may_jump(self) -> Iterator[int]:
        """The breaks at which limits and value differ."""
        for k, (knot, value) in enumerate(zip(self.knots, self.at_knots, strict=True)):
            if not self.parts[k](knot) == value == self.parts[k + 1](knot):
                yield k

    def intervals(self) -> Iterator[tuple[fmpq, fmpq | None, Laurent]]:
        """Each (lo, hi, P on it); the last hi is None."""
        yield from zip((fmpq(0), *self.knots), (*self.knots, None), self.parts, strict=True)

    # -- operations --

    def map(
        self, change: Callable[[sp.Expr, sp.Expr], sp.Expr], parity: Parity, origin: sp.Expr | None = None
    ) -> HalfLine:
        """The function r -> change(f(r), r); a spline if the change is linear in f, with rational coefficients."""
        found = self._linear(change(_V, X))
        if found is None:
            return super().map(change, parity, origin)
        factor, slope, level = found
        parts = [slope.times(part).plus(level) for part in self.parts]
        at_knots = [slope(y) * v + level(y) for y, v in zip(self.knots, self.at_knots, strict=True)]
        return Spline(parity, origin, self.knots, parts, at_knots, self.scale, factor)

    def _linear(self, formula: sp.Expr) -> tuple[sp.Expr, Laurent, Laurent] | None:
        """(c, a, b) with formula = c (a(y) P(y) + b(y)) for f = factor P(y) and x = scale y."""
        terms: list[tuple[int, int, fmpq, sp.Expr]] = []
        for term in sp.Add.make_args(sp.expand(formula)):
            number, rest = term.as_independent(_V, X, as_Add=False)
            powers = dict(rest.as_powers_dict())
            order, power = powers.pop(_V, sp.S.Zero), powers.pop(X, sp.S.Zero)
            if any(base != 1 for base in powers) or order not in (0, 1) or not isinstance(power, sp.Integer):
                return None
            split = split_root(number * self.scale**power * (self.factor if order else 1))
            if split is None:
                return None
            terms.append((int(order), int(power), *split))
        roots = {root for _, _, number, root in terms if number}
        if len(roots) > 1:
            return None
        slope, level = ZERO, ZERO
        for order, power, number, _ in terms:
            monomial = laurent(power, [number])
            slope, level = (slope.plus(monomial), level) if order else (slope, level.plus(monomial))
        return roots.pop() if roots else sp.S.One, slope, level

    def scaled(self, factor: sp.Expr) -> HalfLine:
        """The function r -> f(factor * r) for a positive factor."""
        split = split_root(self.scale / factor)
        if split is None:
            return super().scaled(factor)
        number, scale = split  # P(r/(number * scale))
        parts = [part.dilated(1 / number) for part in self.parts]
        return Spline(
            self.parity, self.origin, [y * number for y in self.knots], parts, self.at_knots, scale, self.factor
        )

    def derivative(self) -> "Spline":
        """The derivative on each piece; at a break and at 0 its limit from the left (from the origin's side)."""
        number, factor = _split(self.factor / self.scale)
        parts = [part.derivative().by(number) for part in self.parts]
        at_knots = [part(knot) for part, knot in zip(parts, self.knots, strict=False)]
        return Spline(Parity(-self.parity.value), None, self.knots, parts, at_knots, self.scale, factor)

    def integral(self) -> "Spline | None":
        """The integral from 0 of an odd spline; None where it is infinite, or holds a logarithm."""
        number, factor = _split(self.factor * self.scale)
        total, parts, at_knots = fmpq(0), [], []
        for lo, hi, part in self.intervals():
            primitive = part.by(number).integral()
            if primitive is None or (not lo and primitive.low < 0):
                return None
            parts.append(primitive.plus(constant(total - primitive(lo) if lo else fmpq(0))))
            if hi is not None:
                total = parts[-1](hi)
                at_knots.append(total)
        return Spline(Parity.EVEN, sp.S.Zero, self.knots, parts, at_knots, self.scale, factor)

    def subs(self, mapping: Mapping[sp.Symbol, sp.Expr]) -> "Spline":
        """The spline: it has no parameters."""
        return self


def interpolant(
    parity: Parity, places: Sequence[fmpq], values: Sequence[fmpq], *, is_constant_beyond: bool
) -> Spline | None:
    """The continuous function, linear between places >= 0 and their mirror images; None if it is odd with f(0) != 0.

    Beyond the last place it is constant, or goes on with the last slope.
    """
    if places[0] > 0:  # between the first place and its mirror image
        start = fmpq(0) if parity is Parity.ODD else values[0]
        places, values = (fmpq(0), *places), (start, *values)
    if parity is Parity.ODD and values[0] != 0:
        return None
    parts, slope = [], fmpq(0)
    for k in range(len(places) - 1):
        slope = (values[k + 1] - values[k]) / (places[k + 1] - places[k])
        parts.append(laurent(0, [values[k] - slope * places[k], slope]))
    if is_constant_beyond:
        parts.append(constant(values[-1]))
    inner = len(parts)
    return Spline(parity, rational(values[0]), places[1:inner], parts, values[1:inner])


def as_spline(function: HalfLine) -> HalfLine:
    """The same function as a spline if it is one and has breaks, else as it is: of one function there is one form."""
    if isinstance(function, Spline):
        if function.knots:
            return function
        return HalfLine(function.parity, function.origin, function.pieces, ())
    if not function.breaks or function.parameters or function.doubts:
        return function
    scale = split_root(function.breaks[0])
    if scale is None:
        return function
    found = _read(function, scale[1])
    return function if found is None else found


def _read(function: HalfLine, scale: sp.Expr) -> Spline | None:
    """The pieces as polynomials in y = X/scale, if they are such."""
    read: list[list[tuple[int, fmpq, sp.Expr]]] = []
    numbers = [*function.values, *([function.origin] if function.origin not in (sp.oo, -sp.oo) else [])]
    for piece in function.pieces:
        terms = []
        for term in sp.Add.make_args(sp.expand(piece.expr)):
            number, power = term.as_coeff_exponent(X)
            split = split_root(number * scale**power) if isinstance(power, sp.Integer) else None
            if split is None:
                return None
            terms.append((int(power), *split))
        read.append(terms)
    splits, places = [split_root(v) for v in numbers], [split_root(place / scale) for place in function.breaks]
    if None in splits or any(place is None or place[1] != 1 for place in places):
        return None
    given = [(number, root) for terms in read for _, number, root in terms] + [s for s in splits if s is not None]
    roots = {root for number, root in given if number}
    if len(roots) > 1:
        return None
    parts = []
    for terms in read:
        part = ZERO
        for power, number, _ in terms:
            part = part.plus(laurent(power, [number]))
        parts.append(part)
    return Spline(
        function.parity,
        function.origin,
        [place[0] for place in places if place is not None],
        parts,
        [split[0] for split in splits[: len(function.values)] if split is not None],
        scale,
        roots.pop() if roots else sp.S.One,
    )


def rational(number: fmpq) -> sp.Rational:
    """As SymPy has it."""
    return sp.Rational(int(number.p), int(number.q))


def split_root(number: sp.Expr) -> tuple[fmpq, sp.Expr] | None:
    """(q, s) with number = q * s, q rational and s the root of a natural number; None for another number.

    Examples
    --------
    >>> split_root(sp.sqrt(2) / 3), split_root(sp.pi)
    ((1/3, sqrt(2)), None)
    """
    coefficient, rest = number.as_coeff_Mul()
    if not isinstance(coefficient, sp.Rational):
        return None
    is_root = isinstance(rest, sp.Pow) and rest.exp == sp.Rational(1, 2) and isinstance(rest.base, sp.Integer)
    if rest != 1 and not (is_root and rest.base > 0):
        return None
    return fmpq(int(coefficient.p), int(coefficient.q)), rest


def _split(number: sp.Expr) -> tuple[fmpq, sp.Expr]:
    """`split_root` of a product of such numbers, which is one."""
    found = split_root(number)
    assert found is not None
    return found
