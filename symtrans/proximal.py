"""Inverting r + alpha Phi(r): the proximal map of a regulariser, and its convex conjugate.

Both come from one construction. An odd function F is cut into segments on which it is
strictly monotone; on each, F(u) = f is solved, in closed form where SymPy proposes one
that the checks below confirm, else by bisection between the ends of the segment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symtrans.calculus.algebra import X, is_zero, sign
from symtrans.calculus.arb import constant_sign
from symtrans.calculus.arrays import array_function
from symtrans.calculus.budget import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.calculus.cases import Region, assumed
from symtrans.calculus.derivatives import differentiate
from symtrans.calculus.limits import limit
from symtrans.calculus.pieces import HalfLine, Parity, Piece
from symtrans.calculus.signs import sign_chart
from symtrans.calculus.tidy import tidy
from symtrans.calculus.undecided import Undecided
from symtrans.calculus.writing import expression
from symtrans.errors import NonlinearityError
from symtrans.kinds import Activation, Regulariser, refuse_contradiction
from symtrans.names import Names, array_of, bind_parameters, quantity

F: sp.Symbol = sp.Symbol("f", real=True)
"""The noisy value of which the proximal map is a function."""

_SHARE = 0.25  # of the budget, for one proposal of SymPy's
_HALVINGS = 1100  # from the largest double to the smallest, whatever comes first


@dataclass(frozen=True)
class Branch:
    """The solution u of F(u) = f on one segment of u > 0 on which F is strictly monotone.

    Attributes
    ----------
    lo, hi : Expr
        The segment.
    start, end : Expr
        The limits of F at its ends: f lies between them (start > end where F falls).
    solution : Expr or None
        u as an expression in `calculus.X`, which stands for f; None without a closed form.
    """

    lo: sp.Expr
    hi: sp.Expr
    start: sp.Expr
    end: sp.Expr
    solution: sp.Expr | None

    def outward(self, region: Region) -> "Branch":
        """The same in the parameters themselves."""
        parts = (self.lo, self.hi, self.start, self.end, self.solution)
        return Branch(*(part if part in (None, sp.oo, -sp.oo) else region.outward(part) for part in parts))


def branches(function: HalfLine, budget: float) -> tuple[Branch, ...]:
    """Every branch of the inverse on u > 0, ascending; segments on which F is constant have none.

    Raises
    ------
    Undecided
        If the monotone segments of F are not known.
    """
    found = []
    for piece in function.pieces:
        for segment in sign_chart(tidy(differentiate(piece.expr, X)), piece.lo, piece.hi):
            if segment.sign == 0:
                continue
            start, end = limit(piece.expr, segment.lo, "+"), limit(piece.expr, segment.hi, "-")
            solution = _solved(Piece(segment.lo, segment.hi, piece.expr), budget)
            found.append(Branch(segment.lo, segment.hi, start, end, solution))
    return tuple(found)


def _solved(piece: Piece, budget: float) -> sp.Expr | None:
    """The one solution x in the piece of expr(x) = f, confirmed; None without a closed form."""
    unknown = sp.Dummy("u", real=True)  # a positive one lets `solve` drop solutions
    try:
        with time_limit(_SHARE * budget):
            proposals = sp.solve(piece.expr.xreplace({X: unknown}) - X, unknown)
            return next((tidy(p) for p in proposals if _is_solution(p, piece)), None)
    except OutOfTime:
        return None
    except Exception:
        # `solve` raises many kinds of exception on equations that it does not know.
        return None


def _is_solution(proposal: sp.Expr, piece: Piece) -> bool:
    """Whether the proposal p inverts F = `piece.expr` on the piece, on which F is strictly monotone.

    Proved if p(F(x)) = x, or else if F(p(f)) = f identically and p gives back two interior points:
    where F is strictly monotone x is a simple root, which no other root of the same closed form
    meets, so what is the right branch at one point is the right one on the whole piece.
    """
    if proposal.has(sp.I, sp.Piecewise, sp.RootOf):
        return False
    values = {s: sp.Rational(7 + 3 * k, 5 + k) for k, s in enumerate(_symbols(piece))}
    lo, hi = piece.lo.subs(values), piece.hi.subs(values)
    for share in (sp.Rational(1, 3), sp.Rational(4, 5)):
        place = lo + (share / (1 - share) if hi is sp.oo else share * (hi - lo))
        image = piece.expr.subs(values).subs(X, place)
        if not _equal_numbers(proposal.subs(values).subs(X, image), place):
            return False
    return is_zero(piece.expr.subs(X, proposal) - X) is True or _gives_back(proposal.subs(X, piece.expr), piece)


def _gives_back(expr: sp.Expr, piece: Piece) -> bool:
    """Whether `expr` is x on the piece; roots of squares are resolved by the sign of what is squared."""

    def root(power: sp.Pow) -> sp.Expr:
        return sp.sqrt(sp.factor(sp.together(power.base)))

    expr = expr.replace(lambda e: isinstance(e, sp.Pow) and e.exp == sp.Rational(1, 2), root)
    for modulus in expr.atoms(sp.Abs):
        chart = sign_chart(modulus.args[0], piece.lo, piece.hi)
        if len(chart) != 1:
            return False
        expr = expr.xreplace({modulus: chart[0].sign * modulus.args[0]})
    return is_zero(expr - X) is True


def _equal_numbers(a: sp.Expr, b: sp.Expr) -> bool:
    try:
        return a == b or (constant_sign(a - b) is None and bool(abs(sp.N(a - b, 50)) < sp.Float("1e-40")))
    except (Undecided, TypeError):
        return False


def _symbols(piece: Piece) -> list[sp.Symbol]:
    return sorted((piece.expr.free_symbols | piece.lo.free_symbols | piece.hi.free_symbols) - {X}, key=lambda s: s.name)


# ---------------------------------------------------------------------------
# The proximal map


@dataclass(frozen=True)
class Proximal:
    """The minimiser u of (u - f)² + alpha Psi(u), which solves u + alpha Phi(u) = f.

    Attributes
    ----------
    alpha : Expr
    expr : Expr or None
        u in closed form, an odd function of `proximal.F`; None where there is none, or where
        the solution is not unique and the minimiser has to be chosen among the branches.
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
    _flux: HalfLine
    _psi: HalfLine | None
    _branches: tuple[Branch, ...]
    _names: Names
    _assumptions: tuple[sp.Basic, ...] = ()

    def __call__(self, values: Any, **parameters: float) -> np.ndarray:
        """Evaluate on an array of any shape; parameters (and a symbolic alpha) by keyword.

        Where a branch has no closed form, its end points bracket the solution and bisection
        goes on until neighbouring doubles are left.
        """
        f = np.atleast_1d(array_of(values, "the proximal map")).astype(float)
        numbers = bind_parameters(self._flux.parameters, parameters)
        refuse_contradiction(numbers, self._assumptions, self._names)
        size = np.abs(f)
        evaluate = array_function(self._flux)
        candidates = [np.zeros_like(f)]  # u = 0: also the solution where Phi jumps at 0
        candidates += [np.full_like(f, _double(b, numbers)) for b in self._flux.breaks]
        candidates += [self._on(branch, size, numbers, evaluate) for branch in self._branches]
        stacked = np.stack(candidates)
        best = self._misfit(stacked, size, numbers)
        chosen = np.take_along_axis(stacked, np.argmin(best, axis=0)[None], axis=0)[0]
        result = np.where(np.isnan(f), np.nan, np.copysign(chosen, f))
        return result.reshape(np.shape(values))

    def _on(self, branch: Branch, f: np.ndarray, numbers: Mapping[sp.Symbol, float], flux: Callable[..., Any]) -> Any:
        """The solution on a branch; NaN where f is none of its values."""
        start, end = _double(branch.start, numbers), _double(branch.end, numbers)
        low, high = _double(branch.lo, numbers), _double(branch.hi, numbers)
        here = (f > min(start, end)) & (f < max(start, end))
        result = np.full_like(f, np.nan)
        sought, rising = f[here], start < end
        lower = np.full_like(sought, low)
        upper = np.full_like(sought, high if np.isfinite(high) else np.finfo(float).max)
        for _ in range(_HALVINGS):
            with np.errstate(over="ignore", invalid="ignore"):
                wide = upper > 4 * lower + 1  # halve the exponent first
                middle = np.where(wide, np.sqrt(np.maximum(lower, 1e-300)) * np.sqrt(upper), lower / 2 + upper / 2)
                below = (flux(middle, numbers) < sought) == rising
            if not np.any((middle > lower) & (middle < upper)):
                break
            lower, upper = np.where(below, middle, lower), np.where(below, upper, middle)
        result[here] = lower
        return result

    def _misfit(self, u: Any, f: Any, numbers: Mapping[sp.Symbol, float]) -> Any:
        """What the minimiser makes least: the energy, or for a unique solution the distance from f to its values."""
        if self._psi is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                energy = u * u - 2 * u * f + array_function(self._psi)(u, numbers)
            return np.where(np.isnan(energy), np.inf, energy)
        flux = self._flux
        ends = [(sp.S.Zero, flux.after(-1)), *((flux.before(k), flux.after(k)) for k in range(len(flux.breaks)))]
        jumped = [np.maximum(0, np.maximum(_double(a, numbers) - f, f - _double(b, numbers))) for a, b in ends]
        solved = np.where(np.isnan(u[len(ends) :]), np.inf, -1.0)
        return np.concatenate([np.stack(jumped), solved])


def _double(expr: sp.Expr, numbers: Mapping[sp.Symbol, float]) -> float:
    return float(expr.subs({s: sp.Rational(v) for s, v in numbers.items()}).evalf(20))


def proximal(activation: Activation, regulariser: Regulariser, alpha: Any, budget: float = DEFAULT_BUDGET) -> Proximal:
    """The proximal map of alpha Psi, derived piece by piece; see `Family.proximal`.

    Raises
    ------
    NonlinearityError
        If the monotone segments of u + alpha Phi(u) are not found.
    """
    step = quantity(alpha, "alpha")
    if step.is_zero or step.is_negative:
        raise NonlinearityError(f"alpha = {step} must be positive")
    names = activation.names.knows(step)
    inner = names.inward(step)
    region = assumed(activation.assumptions)
    try:
        with time_limit(budget):
            here = inner.subs(dict(region.into))
            flux = _confined(activation.half, region).map(lambda phi, x: x + here * phi, Parity.ODD, sp.S.Zero)
            found = branches(flux, budget)
            unique = _is_increasing(flux, found)
            whole = _glued(flux, found) if unique else None
            if region.back:
                found, flux = tuple(branch.outward(region) for branch in found), flux.subs(dict(region.back))
                whole = None if whole is None else whole.subs(dict(region.back))
    except OutOfTime:
        raise NonlinearityError(f"the proximal map of {activation!r} was not found within {budget:g} s") from None
    except Undecided as question:
        reason = str(question).replace("_x", str(F))
        raise NonlinearityError(
            f"the proximal map of {activation!r} was not found: {reason}. Give alpha (or the parameters) a number."
        ) from None
    psi = None if unique else regulariser.half.map(lambda value, _: inner * value, Parity.EVEN)
    shown = tuple(
        (
            sp.Interval(names.outward(b.lo), names.outward(b.hi)),
            None if b.solution is None else names.outward(b.solution.xreplace({X: F})),
        )
        for b in found
    )
    choice = (
        "the solution is unique"
        if unique
        else "u is not unique (alpha mu > 1): of the branches, the breaks and 0 "
        "the one of least (u - f)^2 + alpha Psi(u)"
    )
    expr = None if whole is None else names.outward(expression(whole, F))
    return Proximal(step, expr, unique, shown, choice, flux, psi, found, names, activation.assumptions)


def _confined(half: HalfLine, region: Region) -> HalfLine:
    """The pieces in the symbols of a region, in which its inequalities go without saying."""
    return half.subs(dict(region.into)) if region.into else half


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
    return len(found) >= len(flux.pieces)  # no piece on which F is constant


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


# ---------------------------------------------------------------------------
# The convex conjugate


def conjugate(activation: Activation, regulariser: Regulariser, budget: float = DEFAULT_BUDGET) -> sp.Expr:
    """The Legendre-Fenchel conjugate of a convex Psi; see `Family.conjugate`."""
    names = activation.names
    region = assumed(activation.assumptions)
    try:
        with time_limit(budget):
            phi = _confined(activation.half, region)
            slope = phi.map(lambda phi, _: 2 * phi, Parity.ODD, sp.S.Zero)  # Psi'
            found = branches(slope, budget)
            pieces, values = _conjugate_pieces(slope, _confined(regulariser.half, region), found)
            half = HalfLine(Parity.EVEN, sp.S.Zero, tuple(pieces), tuple(values)).merged()
            half = half.subs(dict(region.back)) if region.back else half
    except OutOfTime:
        raise NonlinearityError(f"the conjugate of {regulariser!r} was not found within {budget:g} s") from None
    except Undecided as question:
        reason = str(question).replace("_x", str(F))
        raise NonlinearityError(f"the conjugate of {regulariser!r} was not found: {reason}") from None
    return names.outward(expression(half, F))


def _conjugate_pieces(slope: HalfLine, psi: HalfLine, found: tuple[Branch, ...]) -> tuple[list[Piece], list[sp.Expr]]:
    """Psi*(p) = p u - Psi(u) with Psi'(u) = p, piece by piece in p; oo beyond the steepest slope."""
    pieces: list[Piece] = []
    values: list[sp.Expr] = []
    reached: sp.Expr = sp.S.Zero
    for branch in found:
        if branch.solution is None:
            raise Undecided(f"Psi'(u) = p has no closed form on ({branch.lo}, {branch.hi})")
        if is_zero(branch.start - reached) is not True:  # Psi has a kink: u stays
            stays = X * branch.lo - psi.at(branch.lo)
            pieces.append(Piece(reached, branch.start, tidy(stays)))
            values.append(tidy(stays.subs(X, branch.start)))
        on = psi.on(branch.lo, branch.hi)
        pieces.append(Piece(branch.start, branch.end, tidy(X * branch.solution - on.subs(X, branch.solution))))
        reached = branch.end
        if reached is not sp.oo:
            values.append(limit(pieces[-1].expr, reached, "-"))
    end = slope.pieces[-1]
    top = limit(end.expr, sp.oo, "-")
    if top is not sp.oo:
        if is_zero(top - reached) is not True:  # Psi' jumps up to its last, constant value
            stays = X * end.lo - psi.at(end.lo)
            pieces.append(Piece(reached, top, tidy(stays)))
            values.append(tidy(stays.subs(X, top)))
        pieces.append(Piece(top, sp.oo, sp.oo))
    return pieces, values


# ---------------------------------------------------------------------------
# Derivatives


def parameter_derivative(activation: Activation, parameter: sp.Symbol) -> sp.Expr:
    """dPhi(r)/dparameter; at a break its limit from the side of 0."""
    names = activation.names
    inner = names.inward(parameter)
    half = activation.half
    pieces = tuple(Piece(p.lo, p.hi, tidy(differentiate(p.expr, inner))) for p in half.pieces)
    values = tuple(limit(p.expr, p.hi, "-") for p in pieces[:-1])
    derived = HalfLine(Parity.ODD, sp.S.Zero, pieces, values, half.doubts).merged()
    return names.outward(expression(derived, Names().variable))
