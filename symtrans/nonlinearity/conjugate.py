"""The convex conjugate of a regulariser, piece by piece: Psi*(p) = p u - Psi(u) with Psi'(u) = p."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.assumptions import in_every_region, restricted
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.inverses import Branch, branches, undone
from symtrans.calculus.signs.regions import Region
from symtrans.calculus.undecided import Undecided, interval
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import F
from symtrans.nonlinearity.kinds import Activation, Regulariser
from symtrans.nonlinearity.proximal import without_clash
from symtrans.nonlinearity.wording import in_words
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, time_limit


def conjugate(activation: Activation, regulariser: Regulariser, budget: float = DEFAULT_BUDGET) -> sp.Expr:
    """The Legendre-Fenchel conjugate of a convex Psi; see `Family.conjugate`."""
    names = without_clash(activation.names)
    try:
        with time_limit(budget):
            half = in_every_region(
                activation.assumptions, lambda region: _conjugate(activation, regulariser, region, budget)
            )
    except OutOfTime:
        raise NonlinearityError(f"the conjugate of {regulariser} was not found within {budget:g} s") from None
    except Undecided as question:
        why = in_words(question.sentence, names)
        raise NonlinearityError(f"the conjugate of {regulariser} was not found: {why}") from None
    return names.outward(expression(half, F))


def _conjugate(activation: Activation, regulariser: Regulariser, region: Region, budget: float) -> HalfLine:
    slope = restricted(activation.half, region).map(lambda phi, _: 2 * phi, Parity.ODD, sp.S.Zero)  # Psi'
    pieces, values = _conjugate_pieces(slope, restricted(regulariser.half, region), branches(slope, budget))
    return HalfLine(Parity.EVEN, sp.S.Zero, tuple(pieces), tuple(values)).merged()


def _conjugate_pieces(slope: HalfLine, psi: HalfLine, found: tuple[Branch, ...]) -> tuple[list[Piece], list[sp.Expr]]:
    """Psi*(p) = p u - Psi(u) with Psi'(u) = p, piece by piece in p; oo beyond the steepest slope."""
    pieces: list[Piece] = []
    values: list[sp.Expr] = []
    reached: sp.Expr = sp.S.Zero

    def up_to(end: sp.Expr, formula: sp.Expr, value: sp.Expr) -> None:
        nonlocal reached
        pieces.append(Piece(reached, end, simplified(formula)))
        values.append(value)
        reached = end

    for piece in slope.pieces:
        start = limit(piece.expr, piece.lo, "+")
        if is_zero(start - reached) is not True:  # Psi has a kink: u stays
            up_to(start, X * piece.lo - psi.at(piece.lo), simplified(start * piece.lo - psi.at(piece.lo)))
        for branch in found:
            if compare(branch.lo, piece.lo) < 0 or compare(branch.hi, piece.hi) > 0:
                continue
            if branch.solution is None:
                raise Undecided("Psi'(u) = p has no closed form on ", *interval(branch.lo, branch.hi))
            on = psi.on(branch.lo, branch.hi)
            # the value at the end is a limit in u, where the functions are those that the user gave
            value = limit(simplified(X * piece.expr - on), branch.hi, "-")
            attained = undone(on.subs(X, branch.solution), branch.start, branch.end)
            up_to(branch.end, X * branch.solution - attained, value)
    if reached is not sp.oo:
        return [*pieces, Piece(reached, sp.oo, sp.oo)], values
    return pieces, values[:-1]
