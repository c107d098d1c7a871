"""The proximal map of a regulariser: r + alpha Phi(r) inverted.

Where a branch of the inverse has no closed form, it is evaluated by bisection between the ends of its segment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero, put
from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.assumptions import is_included, released, restricted
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.inverses import Branch, branches
from symtrans.calculus.functions.oscillation import mirrored_turn
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.regions import Region, assumed, said_in_parameters
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.language.arrays import reals_of
from symtrans.language.symbols import F, Names, bind_parameters, quantity
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.admission import relations
from symtrans.nonlinearity.formula import refuse_contradiction
from symtrans.nonlinearity.kinds import Activation, Regulariser
from symtrans.nonlinearity.minimisers import Kink, Minimisers
from symtrans.nonlinearity.wording import closed, in_words
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.runtime.display import Shown, shown
from symtrans.runtime.public import public


@public
@dataclass(frozen=True, repr=False)
class Proximal(Shown):
    """The minimiser u of (u - f)² + alpha Psi(u), which solves u + alpha Phi(u) = f.

    Attributes
    ----------
    alpha : Expr
    expr : Expr or None
        u in closed form, an odd function of `proximal.F`; None where there is none, or where the solution is not
        unique and the minimiser has to be chosen among more than 0 and one branch.
    single_valued : bool
        Whether u + alpha Phi(u) increases (alpha mu <= 1), so that the solution is unique.
    solutions : tuple of (interval of u, solution)
        The branches for f > 0, each with the segment of u that it fills; a solution
        without closed form is None.
    choice : str
        Which branch is taken.
    """

    alpha: sp.Expr
    expr: sp.Expr | None
    single_valued: bool
    solutions: tuple[tuple[sp.Interval, sp.Expr | None], ...]
    choice: str
    _minimisers: Minimisers
    _assumptions: tuple[sp.Basic, ...]
    _names: Names
    _family: Any = field(compare=False)

    def __repr__(self) -> str:
        """What rebuilds it: its family and alpha."""
        told = self._family.regulariser.assumptions
        more = [self._names.outward(one) for one in self._assumptions if one not in told]
        alpha = plain(self._names.written(self.alpha))
        words = [alpha if self.alpha.is_Integer else repr(alpha)]
        if more:
            words.append(f"assume={[plain(self._names.written(one), is_quoted=True) for one in more]!r}")
        return f"{self._family!r}.proximal({', '.join(words)})"

    def __str__(self) -> str:
        return str(shown(self, "text"))

    def __call__(self, values: Any, **parameters: float) -> np.ndarray:
        """Evaluate on an array of any shape; parameters (and a symbolic alpha) by keyword.

        Of the solutions only those count at which the energy has a local minimum: the branches on which
        F(u) = u + alpha Phi(u) rises, and the places where it jumps up over f. The end points of a branch
        bracket its solution, and bisection goes on until neighbouring doubles are left; where doubles do not
        tell F(u) from f, as at a point of inflection, ball arithmetic takes over (see `bracket`; for up to
        5,000 such values of an array). The result is NaN where the energy has no minimum, and where F is not
        known to double precision.
        """
        f = np.ravel(reals_of(values, "the proximal map")).astype(float)
        found: np.ndarray = self._minimisers.of(f, self._bound(parameters))[0]
        return found.reshape(np.shape(values))

    def bracket(self, values: Any, **parameters: float) -> tuple[np.ndarray, np.ndarray]:
        """Doubles between which the solution is proved to lie, neighbours or next but one to each other.

        The bounds are those of the exact solution for the doubles `values` and `parameters`, proved in ball
        arithmetic: F(lower) < f < F(upper) on the branch on which `__call__` finds the minimiser (where the
        solution is not unique, energies are compared in doubles). About a millisecond for each value.

        Parameters
        ----------
        values : array_like
            f, of any shape.
        **parameters : float

        Returns
        -------
        lower, upper : ndarray
            Of the shape of `values`; NaN where there is no minimum.

        Examples
        --------
        >>> import symtrans as st
        >>> found = st.translate(st.Activation("r^3 - r")).proximal(1)  # u^3 = f, of infinite slope at 0
        >>> lower, upper = found.bracket([2.0, -1e-30])
        >>> bool((upper - lower <= 5e-16 * abs(upper)).all())
        True
        """
        f = np.ravel(reals_of(values, "the proximal map")).astype(float)
        numbers = self._bound(parameters)
        u, chosen, sources = self._minimisers.of(f, numbers)
        pairs = [
            self._minimisers.bracket(sources[k], abs(float(y)), abs(float(v)), numbers)
            if np.isfinite(v)
            else (abs(v), abs(v))
            for v, y, k in zip(u, f, chosen, strict=True)
        ]
        low, high = (np.array([pair[k] for pair in pairs], dtype=float) for k in (0, 1))
        negative = np.signbit(f)
        lower, upper = np.where(negative, -high, low), np.where(negative, -low, high)
        return lower.reshape(np.shape(values)), upper.reshape(np.shape(values))

    def _bound(self, parameters: Mapping[str, float]) -> dict[sp.Symbol, float]:
        own = self._names.own_values(parameters)
        numbers = bind_parameters(self._minimisers.parameters, own, others=self._names.others)
        refuse_contradiction(numbers, self._assumptions, self._names)
        return dict(numbers)


@public
def proximal(family: Any, alpha: Any, budget: float = DEFAULT_BUDGET, assume: Iterable[Any] = ()) -> Proximal:
    """The proximal map of alpha Psi of a family, derived piece by piece; see `Family.proximal`.

    Raises
    ------
    NonlinearityError
        If the monotone segments of u + alpha Phi(u) are not found, or the energy has no minimum for any f.
    """
    regulariser: Regulariser = family.regulariser
    activation: Activation | None = family.activation or None  # of a Psi that jumps at 0 there is none
    step = quantity(alpha, "alpha")
    if step.is_zero or step.is_negative:
        raise NonlinearityError(f"alpha = {step} must be positive")
    names = without_clash(regulariser.names.knows(step).spelling(alpha))
    inner = names.inward(step)
    phi, psi = (regulariser.flux_away_from_zero() if activation is None else activation.half), regulariser.half
    assumptions = (*regulariser.assumptions, *relations(assume, names, "proximal map"))
    try:
        with time_limit(budget):
            region, *others = assumed(assumptions)
            flux, inverse = _in_region(phi, psi, inner, region, budget)
            flux = released(flux, region)
            for part in others:
                there, exception = _in_region(phi, psi, inner, part, budget)
                if not (is_included(flux, there, part) and _is_included(inverse, region, exception, part)):
                    raise Undecided("where ", part.condition, " it is another than where ", region.condition)
    except OutOfTime:
        raise NonlinearityError(f"the proximal map of {regulariser} was not found within {budget:g} s") from None
    except Undecided as question:
        why = closed(in_words(question.sentence, names))
        raise NonlinearityError(
            f"the proximal map of {regulariser} was not found: {why} Give alpha (or the parameters) a number, or say "
            "what holds of them, as in proximal(alpha, assume=[alpha < 1])."
        ) from None
    if inverse.top is -sp.oo:
        raise NonlinearityError(f"(u - f)^2 + alpha Psi(u) has no minimum for {regulariser} and alpha = {step}")
    found = tuple(_outward(branch, region) for branch in inverse.branches)
    shown = tuple(
        (
            sp.Interval(names.outward(b.lo), names.outward(b.hi)),
            None if b.solution is None else names.outward(b.solution.xreplace({X: F})),
        )
        for b in found
    )
    choice = (
        "the solution is unique"
        if inverse.unique
        else "u is not unique (alpha mu > 1): of the branches, the breaks and 0 "
        "the one of least (u - f)^2 + alpha Psi(u)"
    )
    top = region.outward(inverse.top)
    if top is not sp.oo:
        choice += f"; there is no minimum for |f| {'>' if inverse.reached else '>='} {names.outward(top)}"
    turn = None if inverse.turn is None else region.outward(inverse.turn)
    if turn is not None:
        choice += f"; u(f + T) = u(f) + T for T = {names.outward(turn)}, and the solutions are those for |f| <= T/2"
    energy = None if inverse.unique else psi.map(lambda value, _: inner * value, Parity.EVEN, sp.S.Zero)
    expr = None if inverse.whole is None else names.outward(expression(released(inverse.whole, region), F))
    kinks = tuple(Kink(*map(region.outward, kink)) for kink in inverse.kinks)
    minimisers = Minimisers(flux, energy, found, kinks, top, inverse.reached, turn)
    return Proximal(step, expr, inverse.unique, shown, choice, minimisers, assumptions, names, family)


class _Inverse(NamedTuple):
    branches: tuple[Branch, ...]
    kinks: tuple[Kink, ...]
    top: sp.Expr
    reached: bool
    unique: bool
    whole: HalfLine | None
    turn: sp.Expr | None = None


def _in_region(
    phi: HalfLine, psi: HalfLine, alpha: sp.Expr, region: Region, budget: float
) -> tuple[HalfLine, _Inverse]:
    """F(u) = u + alpha Phi(u) and its inverse, in the symbols of a region."""
    here = region.inward(alpha)
    with said_in_parameters(region):
        flux = restricted(phi, region).map(lambda value, u: u + here * value, Parity.ODD, sp.S.Zero)
        return flux, _inverse(flux, restricted(psi, region).map(lambda value, _: here * value, Parity.EVEN), budget)


def _is_included(inverse: _Inverse, region: Region, found: _Inverse, part: Region) -> bool:
    """Whether the inverse of one region is proved to be that which was found in another part."""
    top = part.inward(region.outward(inverse.top))
    if (inverse.unique, inverse.reached) != (found.unique, found.reached) or not (
        top == found.top or is_zero(top - found.top) is True
    ):
        return False
    if inverse.whole is None or found.whole is None:
        return inverse.whole is found.whole
    return is_included(released(inverse.whole, region), found.whole, part)


def _inverse(flux: HalfLine, psi: HalfLine, budget: float) -> _Inverse:
    try:
        found = branches(flux, budget)
    except Undecided:
        turn = mirrored_turn(psi.pieces[0].expr) if len(psi.pieces) == 1 else None
        if turn is None:
            raise
        return _of_a_turn(flux, turn, budget)
    top = limit(flux.pieces[-1].expr, sp.oo, "-")
    # F rises towards its limit without taking it, or falls towards it, or is constant at last
    rises = bool(found) and found[-1].hi is sp.oo and sign(found[-1].end - found[-1].start) > 0
    leaps = is_zero(psi.after(-1)) is not True
    unique = not leaps and _is_increasing(flux, found)
    whole = _glued(flux, found) if unique else _thresholded(flux, psi, found, leaps)
    kinks = [Kink(sp.S.Zero, sp.S.Zero, sp.oo if leaps else flux.after(-1))]
    kinks += [Kink(place, flux.before(k), flux.after(k)) for k, place in enumerate(flux.breaks)]
    return _Inverse(found, tuple(kinks), top, top is sp.oo or not rises, unique, whole)


def _of_a_turn(flux: HalfLine, turn: sp.Expr, budget: float) -> _Inverse:
    """The minimiser of f in [0, T/2] where Psi has the period T; it is u(f - n T) + n T for the nearest n T.

    For f there some minimiser is in [0, T/2], too: the energy falls if v is mirrored at 0 or at T/2 towards f, since
    Psi(-v) = Psi(v) = Psi(T - v).
    """
    half = replace(flux, pieces=(replace(flux.pieces[0], hi=turn / 2),))
    found = branches(half, budget)
    unique = all(sign(branch.end - branch.start) > 0 for branch in found)
    return _Inverse(found, (Kink(sp.S.Zero, sp.S.Zero, sp.S.Zero),), sp.oo, True, unique, None, turn)


def _thresholded(flux: HalfLine, psi: HalfLine, found: tuple[Branch, ...], leaps: bool) -> HalfLine | None:
    """The minimiser where only 0 and one branch compete; None where there are others, or no closed form.

    On that branch f = F(u), and the energy at u less that at 0 is D(u) = alpha Psi(u) + u² - 2 u F(u), of slope
    -2 u F'(u): it falls, and 0 has the lesser energy up to the zero of D.
    """
    rising = [branch for branch in found if sign(branch.end - branch.start) > 0]
    if len(rising) != 1 or rising[0] is not found[-1] or rising[0].solution is None or rising[0].hi is not sp.oo:
        return None
    (branch,) = rising
    if not (leaps or sign(flux.after(-1)) > 0) or any(
        sign(flux.after(k) - flux.before(k)) > 0 for k in range(len(flux.breaks))
    ):
        return None
    excess = psi.pieces[-1].expr + X**2 - 2 * X * flux.pieces[-1].expr
    chart = sign_chart(simplified(excess), branch.lo, sp.oo)
    threshold = branch.start if chart[0].sign < 0 else simplified(put(flux.pieces[-1].expr, chart[0].hi))
    if chart[-1].sign >= 0 or branch.end is not sp.oo or sign(threshold) <= 0:
        return None
    pieces = (Piece(sp.S.Zero, threshold, sp.S.Zero), Piece(threshold, sp.oo, branch.solution))
    return HalfLine(Parity.ODD, sp.S.Zero, pieces, (sp.S.Zero,))


def _outward(branch: Branch, region: Region) -> Branch:
    parts = {name: region.outward(getattr(branch, name)) for name in ("lo", "hi", "start", "end")}
    return replace(branch, **parts, solution=None if branch.solution is None else region.outward(branch.solution))


def without_clash(names: Names) -> Names:
    """The names, if no parameter is called like the variable of the result."""
    if any(user.name == F.name for _, user in names.own):
        raise NonlinearityError(
            f"the parameter {F} is called like the variable of the result; subs({{'f': 'c'}}) renames it"
        )
    return names


def _is_increasing(flux: HalfLine, found: tuple[Branch, ...]) -> bool:
    """Whether F increases strictly, jumps included, from the monotone segments."""
    if any(sign(branch.end - branch.start) < 0 for branch in found if sp.oo not in (branch.start, branch.end)):
        return False
    if any(branch.start is sp.oo for branch in found):
        return False
    steps = [flux.after(-1)]
    for k in range(len(flux.breaks)):
        steps += [flux.after(k) - flux.before(k)]
    if any(is_zero(step) is not True and sign(step) < 0 for step in steps):
        return False
    starts = [branch.lo for branch in found]
    return all(piece.lo in starts for piece in flux.pieces)  # there is none on which F is constant


def _glued(flux: HalfLine, found: tuple[Branch, ...]) -> HalfLine | None:
    """The inverse as pieces in f: the branches, and a constant where F jumps over f."""
    if any(branch.solution is None for branch in found):
        return None
    pieces: list[Piece] = []
    values: list[sp.Expr] = []
    reached: sp.Expr = sp.S.Zero
    for branch in found:
        if is_zero(branch.start - reached) is not True:  # a jump at the left end
            pieces.append(Piece(reached, branch.start, branch.lo))
            values.append(branch.lo)
        assert branch.solution is not None
        pieces.append(Piece(branch.start, branch.end, branch.solution))
        values.append(branch.hi)
        reached = branch.end
    if reached is not sp.oo:
        return None
    return HalfLine(Parity.ODD, sp.S.Zero, tuple(pieces), tuple(values[:-1])).merged()
