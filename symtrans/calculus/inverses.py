"""The inverse of a function on the half line, branch by branch.

A function F is cut into segments on which it is strictly monotone; on each, F(u) = f is
solved where SymPy proposes a closed form that the checks below confirm.
"""

from dataclasses import dataclass

import sympy as sp

from symtrans.calculus.algebra import X, is_zero
from symtrans.calculus.arb import constant_sign
from symtrans.calculus.budget import OutOfTime, time_limit
from symtrans.calculus.derivatives import differentiate
from symtrans.calculus.limits import limit
from symtrans.calculus.pieces import HalfLine, Piece
from symtrans.calculus.signs import constant_on, sign_chart
from symtrans.calculus.tidy import tidy
from symtrans.calculus.undecided import Undecided

_VALUE: sp.Symbol = sp.Dummy("f", positive=True)  # of F, while x is still in the equation
_SHARE = 0.25  # of the budget, for one proposal of SymPy's
_SHARES = tuple(sp.Rational(k, 50) for k in (1, 17, 40, 49))  # of a segment, where a solution must be given back


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
            return next((_written(p) for p in proposals if _is_solution(p, piece)), None)
    except OutOfTime:
        return None
    except Exception:
        # `solve` raises many kinds of exception on equations that it does not know.
        return None


def _written(solution: sp.Expr) -> sp.Expr:
    """A positive solution in the form to print: the root of its square where that is a quotient."""
    has_root = any(power.exp in (sp.Rational(1, 2), -sp.Rational(1, 2)) for power in solution.atoms(sp.Pow))
    top, bottom = sp.fraction(sp.cancel(solution**2)) if has_root else (solution, sp.S.One)
    for sign_ in (1, -1):
        if (sign_ * top).is_positive and bottom != 1 and bottom.is_polynomial(X):
            return sp.sqrt(sign_ * top) / sp.sqrt(sign_ * bottom)
    return tidy(solution)


def _is_solution(proposal: sp.Expr, piece: Piece) -> bool:
    """Whether the proposal p inverts F = `piece.expr` on the piece, on which F is strictly monotone.

    Proved if p(F(x)) = x, or else if F(p(f)) = f identically (perhaps once a square root is cleared) and
    p gives back interior points: where F is strictly monotone x is a simple root, which no other root of
    the same closed form meets, so what is the right branch at one point is the right one on the whole piece.
    """
    if proposal.has(sp.I, sp.Piecewise, sp.RootOf):
        return False
    values = {s: sp.Rational(7 + 3 * k, 5 + k) for k, s in enumerate(_symbols(piece))}
    lo, hi = piece.lo.subs(values), piece.hi.subs(values)
    for share in _SHARES:
        place = lo + (share / (1 - share) if hi is sp.oo else share * (hi - lo))
        image = piece.expr.subs(values).subs(X, place)
        if not _equal_numbers(proposal.subs(values).subs(X, image), place):
            return False
    if is_zero(_with_joined_powers(piece.expr.subs(X, proposal)) - X) is True:
        return True
    back = proposal.subs(X, piece.expr)
    if _is_lambert(back, piece) or any(_gives_back(back, power, piece) for power in (1, 2)):
        return True
    squared = _without_root(piece)
    return squared is not None and is_zero(squared.xreplace({X: proposal, _VALUE: X})) is True


def _with_joined_powers(expr: sp.Expr) -> sp.Expr:
    """x**(q/(q + 1)) x**(1/(q + 1)) as x, without which the identities of the generators do not see it."""
    if not any(power.exp.free_symbols for power in expr.atoms(sp.Pow)):
        return expr
    return sp.powsimp(expr).replace(sp.Pow, lambda base, exponent: base ** sp.cancel(exponent))


def _without_root(piece: Piece) -> sp.Expr | None:
    """A² - B² C where F(x) = f reads A + B sqrt(C) = 0 with B² C > 0 on the piece, so that x is still a simple root."""
    powers = [p for p in piece.expr.atoms(sp.Pow) if X in p.free_symbols and not isinstance(p.exp, sp.Integer)]
    if len(powers) != 1 or abs(powers[0].exp) != sp.Rational(1, 2):
        return None
    root = sp.Dummy("k")
    numerator, _ = sp.fraction(sp.together(piece.expr.xreplace({powers[0]: root ** (2 * powers[0].exp)}) - _VALUE))
    if not numerator.is_polynomial(root) or sp.degree(numerator, root) != 1:
        return None
    if len(sign_chart(piece.expr, piece.lo, piece.hi)) != 1:  # B may vanish with f
        return None
    slope, level = sp.Poly(numerator, root).all_coeffs()
    chart = sign_chart(tidy(slope**2 * powers[0].base), piece.lo, piece.hi)
    return level**2 - slope**2 * powers[0].base if constant_on(chart, (1,)) and len(chart) == 1 else None


def _gives_back(expr: sp.Expr, power: int, piece: Piece) -> bool:
    """Whether `expr` is x on the piece, seen with x = y**power; roots of squares are resolved by the sign below."""

    def root(node: sp.Pow) -> sp.Expr:
        return sp.sqrt(sp.factor(sp.together(node.base)))

    expr = expr.xreplace({X: X**power}).replace(lambda e: isinstance(e, sp.Pow) and e.exp == sp.Rational(1, 2), root)
    lo, hi = (end if end is sp.oo else end ** sp.Rational(1, power) for end in (piece.lo, piece.hi))
    for modulus in expr.atoms(sp.Abs):
        chart = sign_chart(modulus.args[0], lo, hi)
        if len(chart) != 1:
            return False
        expr = expr.xreplace({modulus: chart[0].sign * modulus.args[0]})
    return is_zero(expr - X**power) is True


def _is_lambert(expr: sp.Expr, piece: Piece) -> bool:
    """Whether a + b W(z) is x on the piece: y = (x - a)/b must solve y exp(y) = z, with y >= -1 on the main branch."""
    calls = expr.atoms(sp.LambertW)
    if len(calls) != 1:
        return False
    (call,) = calls
    value = sp.Dummy("w", real=True)
    whole = expr.xreplace({call: value})
    slope = sp.diff(whole, value)
    if value in slope.free_symbols or slope == 0:
        return False
    argument, *branch = call.args
    solution = tidy((X - whole.xreplace({value: sp.S.Zero})) / slope)
    if branch not in ([], [0], [-1]) or is_zero(solution * sp.exp(solution) - argument) is not True:
        return False
    side = -1 if branch == [-1] else 1
    return constant_on(sign_chart(solution + 1, piece.lo, piece.hi), (side, 0))


def _equal_numbers(a: sp.Expr, b: sp.Expr) -> bool:
    try:
        return a == b or (constant_sign(a - b) is None and bool(abs(sp.N(a - b, 50)) < sp.Float("1e-40")))
    except (Undecided, TypeError):
        return False


def _symbols(piece: Piece) -> list[sp.Symbol]:
    return sorted((piece.expr.free_symbols | piece.lo.free_symbols | piece.hi.free_symbols) - {X}, key=lambda s: s.name)
