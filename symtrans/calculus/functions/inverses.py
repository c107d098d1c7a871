"""The inverse of a function on the half line, branch by branch.

A function F is cut into segments on which it is strictly monotone; on each, F(u) = f is
solved where SymPy proposes a closed form that the checks below confirm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import lcm
from typing import Any, TypeVar

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import compare, sign
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.algebra.sympy_calls import attempted
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import constant_sign
from symtrans.calculus.functions.domain import scan
from symtrans.calculus.functions.half_line import HalfLine, Piece
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.signs.segments import one_sign
from symtrans.calculus.undecided import Undecided
from symtrans.runtime.budgets import OutOfTime, OutOfWork, time_limit

_VALUE: sp.Symbol = sp.Dummy("f", positive=True)  # of F, while x is still in the equation
_SHARE = 0.25  # of the budget, for the solution on one segment
_LONGEST_SOLUTION = 1.5  # seconds of the processor's time
_MOST_OPERATIONS = 150  # Ferrari's roots of a quartic are longer; nobody would read them
_SHARES = tuple(sp.Rational(k, 50) for k in (1, 17, 40, 49))  # of a segment, where a solution must be given back


T = TypeVar("T")


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
        proposals: list[sp.Expr] | None = None
        fixed, moving = piece.expr.as_independent(X, as_Add=True)  # G(u) = f - c is the easier question
        for segment in sign_chart(simplified(differentiate(piece.expr, X)), piece.lo, piece.hi):
            if segment.sign == 0:
                continue
            start, end = limit(piece.expr, segment.lo, "+"), limit(piece.expr, segment.hi, "-")
            if proposals is None:
                proposals = _within(budget, _proposals, moving) or []
            checked = Piece(segment.lo, segment.hi, moving)
            solution = _within(budget, _solved, proposals, checked, start - fixed, end - fixed)
            if fixed != 0 and solution is not None:
                solution = simplified(solution.subs(X, X - fixed))
            if solution is None:
                solution = _within(budget, _by_cosine, Piece(segment.lo, segment.hi, piece.expr), start, end)
            found.append(Branch(segment.lo, segment.hi, start, end, solution))
    return tuple(found)


def _within(budget: float, search: Callable[..., T], *arguments: Any) -> T | None:
    """What a search finds in its share of the time; None where it finds nothing."""
    try:
        with time_limit(_SHARE * budget, processor=_LONGEST_SOLUTION):
            return search(*arguments)
    except (OutOfTime, OutOfWork, Undecided):
        return None


def _solved(proposals: list[sp.Expr], piece: Piece, start: sp.Expr, end: sp.Expr) -> sp.Expr | None:
    """The one solution x in the piece of expr(x) = f, confirmed; None without a closed form."""
    return next((_written(p) for p in proposals if _is_solution(p, piece, start, end)), None)


def _proposals(expr: sp.Expr) -> list[sp.Expr]:
    """Candidates for the solution, unconfirmed."""
    peeled = _peeled(expr)
    if peeled is not None:
        return [peeled]
    unknown = sp.Dummy("u", real=True)  # a positive one lets `solve` drop solutions
    # unsimplified, as what is confirmed is simplified below: on a cubic that is most of the time
    found = attempted(sp.solve, expr.xreplace({X: unknown}) - X, unknown, check=False, simplify=False) or []
    return [solution for solution in found if sp.count_ops(solution) <= _MOST_OPERATIONS]


_INVERSE: Mapping[type[sp.Basic], Callable[[sp.Expr], sp.Expr]] = {
    **{sp.exp: sp.log, sp.tan: sp.atan, sp.sinh: sp.asinh, sp.cosh: sp.acosh, sp.tanh: sp.atanh, sp.erf: sp.erfinv},
    **{sp.log: sp.exp, sp.atan: sp.tan, sp.asinh: sp.sinh, sp.acosh: sp.cosh, sp.atanh: sp.tanh},
    **{sp.asin: sp.sin, sp.acos: sp.cos},
}


def _peeled(expr: sp.Expr) -> sp.Expr | None:
    """The solution of expr(x) = f where x stands in one place: one function after the other is undone."""
    value: sp.Expr = X
    while expr != X:
        if sum(X in arg.free_symbols for arg in expr.args) != 1:
            return None
        if isinstance(expr, sp.Add | sp.Mul):
            fixed, expr_ = expr.as_independent(X, as_Add=isinstance(expr, sp.Add))
            value, expr = (value - fixed if isinstance(expr, sp.Add) else value / fixed), expr_
        elif isinstance(expr, sp.Pow) and X not in expr.exp.free_symbols:
            value, expr = value ** (1 / expr.exp), expr.base
        elif type(expr) in _INVERSE:
            value, expr = _INVERSE[type(expr)](value), expr.args[0]
        else:
            return None
    return value


def _by_cosine(piece: Piece, start: sp.Expr, end: sp.Expr) -> sp.Expr | None:
    """The solution where F(x) = f is a cubic in a root of x with three real roots; None where it is not.

    With t³ + p t + q = 0, p < 0 and z = 3 q sqrt(-3/p)/(2 p) between -1 and 1, the roots are
    2 sqrt(-p/3) cos((arccos z - 2 pi k)/3), since cos(3 v) = 4 cos³ v - 3 cos v. They are distinct and analytic in f,
    so that the one that is right at one point of the piece is right on the whole.
    """
    cubic = _cubic(piece.expr)
    if cubic is None:
        return None
    (a, b, c, d), root = cubic
    p, q = sp.cancel((3 * a * c - b**2) / (3 * a**2)), sp.cancel((2 * b**3 - 9 * a * b * c) / (27 * a**3) + d / a)
    lo, hi = (end, start) if compare(end, start) < 0 else (start, end)
    room = sp.factor(-4 * p**3 - 27 * q**2)
    if not all(one_sign(sign_chart(positive, lo, hi)) == 1 for positive in (-p, room)):
        return None
    angle = sp.acos(simplified(3 * q / (2 * p) * sp.sqrt(-3 / p)))
    size, shift = simplified(2 * sp.sqrt(-p / 3)), b / (3 * a)
    for k in range(3):
        found = simplified((size * sp.cos((angle - 2 * sp.pi * k) / 3) - shift) ** root)
        if _is_right_inside(found, piece):
            return found
    return None


def _cubic(expr: sp.Expr) -> tuple[list[sp.Expr], int] | None:
    """The coefficients of a cubic in s that is 0 where F(s**q) = f (here `X`), and q; None if it is no such F."""
    terms = [term.as_coeff_exponent(X) for term in sp.Add.make_args(sp.expand(expr))] + [(-X, sp.S.Zero)]
    if not all(isinstance(power, sp.Rational) for _, power in terms) or any(
        X in number.free_symbols for number, _ in terms[:-1]
    ):
        return None
    root = lcm(*(int(power.q) for _, power in terms))
    degrees = [int(power * root) for _, power in terms]
    if max(degrees) - min(degrees) != 3:
        return None
    wanted = range(max(degrees), min(degrees) - 1, -1)
    return [sp.Add(*(n for (n, _), k in zip(terms, degrees, strict=True) if k == d)) for d in wanted], root


def _written(solution: sp.Expr) -> sp.Expr:
    """A positive solution in the form to print: the root of its square where that is a quotient."""
    has_root = any(power.exp in (sp.Rational(1, 2), -sp.Rational(1, 2)) for power in solution.atoms(sp.Pow))
    top, bottom = sp.fraction(sp.cancel(solution**2)) if has_root else (solution, sp.S.One)
    for sign_ in (1, -1):
        if (sign_ * top).is_positive and bottom != 1 and bottom.is_polynomial(X):
            return sp.sqrt(sign_ * top) / sp.sqrt(sign_ * bottom)
    return simplified(solution)


def _is_solution(proposal: sp.Expr, piece: Piece, start: sp.Expr, end: sp.Expr) -> bool:
    """Whether the proposal p inverts F = `piece.expr` on the piece, on which F is strictly monotone.

    Proved if p(F(x)) = x, or else if F(p(f)) = f identically (perhaps once a square root is cleared), p is
    analytic between the values of F at the ends, and p gives back interior points: where F is strictly monotone
    x is a simple root, which no other root meets, so that an analytic p that is right at one point
    is right on the whole piece.
    """
    if proposal.has(sp.I, sp.Piecewise, sp.RootOf) or not _is_defined(proposal):
        return False
    if not _is_right_inside(proposal, piece):
        return False
    if _solves(proposal, piece) and _is_analytic(proposal, start, end):
        return True
    back = proposal.subs(X, piece.expr)
    return _is_lambert(back, piece) or any(_gives_back(back, power, piece) for power in (1, 2))


def _is_right_inside(proposal: sp.Expr, piece: Piece) -> bool:
    """Whether the proposal gives back some interior points, for one set of values of the parameters."""
    values = {s: sp.Rational(7 + 3 * k, 5 + k) for k, s in enumerate(_symbols(piece))}
    lo, hi = piece.lo.subs(values), piece.hi.subs(values)
    for share in _SHARES:
        place = lo + (share / (1 - share) if hi is sp.oo else share * (hi - lo))
        if not place.is_Rational:  # any point inside will do, and a short number is quick
            place = sp.Rational(str(place.evalf(20)))
        image = piece.expr.subs(values).subs(X, place)
        if not _equal_numbers(proposal.subs(values).subs(X, image), place):
            return False
    return True


def _is_defined(proposal: sp.Expr) -> bool:
    """Whether no denominator, root or logarithm of constants fails for some values of the parameters, as 1/(a - 1)."""
    nodes = [node for node in proposal.atoms(sp.Pow, sp.log) if X not in node.args[0].free_symbols]
    try:
        for node in nodes:
            value = 1 if node.args[0].is_positive else sign(node.args[0])
            if isinstance(node, sp.Pow) and node.exp.is_integer:
                if value == 0 and node.exp.could_extract_minus_sign():
                    return False
            elif value <= 0:
                return False
    except Undecided:
        return False
    return True


def _solves(proposal: sp.Expr, piece: Piece) -> bool:
    """Whether F(p(f)) = f identically, perhaps once a square root is cleared."""
    if is_zero(_with_joined_powers(piece.expr.subs(X, proposal)) - X) is True:
        return True
    squared = _without_root(piece)
    return squared is not None and is_zero(squared.xreplace({X: proposal, _VALUE: X})) is True


def undone(expr: sp.Expr, lo: sp.Expr, hi: sp.Expr) -> sp.Expr:
    """The expression with y for arctan(tan y) where 0 < y < pi/2 on (lo, hi).

    Examples
    --------
    >>> undone(X + sp.atan(sp.tan(X / 3)), sp.S.Zero, sp.Integer(4))
    4*_x/3
    """
    known = {}
    for call in expr.atoms(sp.atan):
        if isinstance(call.args[0], sp.tan):
            (angle,) = call.args[0].args
            if all(one_sign(sign_chart(part, lo, hi)) == 1 for part in (angle, sp.pi / 2 - angle)):
                known[call] = angle
    return expr.xreplace(known)


def _is_analytic(expr: sp.Expr, start: sp.Expr, end: sp.Expr) -> bool:
    """Whether no root, logarithm or pole of the expression is met between two values, of which either may be less."""
    lo, hi = (end, start) if compare(end, start) < 0 else (start, end)
    return scan(simplified(expr), lo, hi).is_clear


def _with_joined_powers(expr: sp.Expr) -> sp.Expr:
    """x**(q/(q + 1)) x**(1/(q + 1)) as x, without which the identities of the generators do not see it."""
    if not any(power.exp.free_symbols for power in expr.atoms(sp.Pow)):
        return expr
    return sp.powsimp(sp.expand_power_base(expr)).replace(sp.Pow, lambda base, exponent: base ** sp.cancel(exponent))


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
    square = slope**2 * powers[0].base
    return level**2 - square if one_sign(sign_chart(simplified(square), piece.lo, piece.hi)) == 1 else None


def _gives_back(expr: sp.Expr, power: int, piece: Piece) -> bool:
    """Whether `expr` is x on the piece, seen with x = y**power; roots of squares are resolved by the sign below."""

    def root(node: sp.Pow) -> sp.Expr:
        return sp.sqrt(sp.factor(sp.together(node.base)))

    expr = expr.xreplace({X: X**power}).replace(lambda e: isinstance(e, sp.Pow) and e.exp == sp.Rational(1, 2), root)
    lo, hi = (end if end is sp.oo else end ** sp.Rational(1, power) for end in (piece.lo, piece.hi))
    for modulus in expr.atoms(sp.Abs):
        side = one_sign(sign_chart(modulus.args[0], lo, hi))
        if side is None:
            return False
        expr = expr.xreplace({modulus: side * modulus.args[0]})
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
    solution = simplified((X - whole.xreplace({value: sp.S.Zero})) / slope)
    if branch not in ([], [0], [-1]) or is_zero(solution * sp.exp(solution) - argument) is not True:
        return False
    side = -1 if branch == [-1] else 1
    return {segment.sign for segment in sign_chart(solution + 1, piece.lo, piece.hi)} <= {side, 0}


def _equal_numbers(a: sp.Expr, b: sp.Expr) -> bool:
    try:
        if a == b or constant_sign(a - b) is not None:
            return bool(a == b)
    except Undecided:
        return False
    gap = abs(sp.N(a - b, 50))
    return isinstance(gap, sp.Float | sp.Rational) and bool(gap < sp.Float("1e-40"))


def _symbols(piece: Piece) -> list[sp.Symbol]:
    return sorted((piece.expr.free_symbols | piece.lo.free_symbols | piece.hi.free_symbols) - {X}, key=lambda s: s.name)
