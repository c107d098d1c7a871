"""From pieces back to one SymPy expression, valid for all real r, as a person would write it."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X, is_zero, plain_arguments, put
from symtrans.calculus.algebra.parity import mirror_parity
from symtrans.calculus.asymptotics.limits import is_plain
from symtrans.calculus.enclosures.balls import enclose, enclose_with
from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.undecided import Undecided
from symtrans.language.cases import piecewise

_REAL = sp.Dummy("x", dummy_index=20_052_007, real=True)
_T = sp.Dummy("x", dummy_index=20_052_008)


def expression(function: HalfLine, r: sp.Symbol) -> sp.Expr:
    """One expression in the real symbol `r`, with conditions in |r|.

    Examples
    --------
    >>> from symtrans.calculus.functions.splitting import half_line
    >>> theta = sp.Symbol("theta", positive=True)
    >>> r = sp.Symbol("r", real=True)
    >>> clip = half_line(sp.Min(sp.Abs(r), theta) * sp.sign(r), r, Parity.ODD)
    >>> expression(clip, r).subs({theta: 2, r: -5})
    -2
    """
    cases: list[tuple[sp.Expr, sp.Expr]] = []
    even = function.parity is Parity.EVEN
    ends = (*function.breaks, sp.oo)
    for k, end in enumerate(ends):
        formula = _formula(function, k, r)
        # A singular diffusivity such as 1/|r| says by itself that it is infinite at 0, and |r|**(q - 1)
        # that it is 0, 1 or oo there, with the sign of q - 1 (the cases of a Piecewise).
        plain_origin = function.origin is not sp.oo and not isinstance(function.origin, sp.Piecewise)
        if k == 0 and plain_origin and not _same(put(formula, sp.S.Zero, r), function.origin):
            cases.append((function.origin, sp.Eq(r, 0)))
        if end is sp.oo:
            # Cases in a parameter join those in |r|: the grammar has no cases within cases.
            cases += [case.args for case in formula.args] if isinstance(formula, sp.Piecewise) else [(formula, sp.true)]
            break
        value = function.values[k]
        is_left, is_right = _neighbours(function, k)
        if not is_left and not is_right:
            cases.append((value if even else value * sp.sign(r), sp.Eq(sp.Abs(r), end)))
        # SymPy would ask of each condition whether it always holds
        cases.append((formula, (sp.Le if is_left else sp.Lt)(*_sides(end, r), evaluate=False)))
    return piecewise(cases) if len(cases) > 1 else cases[0][0]


def _sides(end: sp.Expr, r: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """|r| and the break up to which a formula holds; k |r| and 1 for 1/k, which may be at infinity."""
    above, below = sp.fraction(end)
    if below.is_positive or not (above.is_positive or above.is_negative):
        return sp.Abs(r), end
    side = 1 if above.is_positive else -1
    return side * below * sp.Abs(r), side * above


def _formula(function: HalfLine, k: int, r: sp.Symbol) -> sp.Expr:
    """Piece k for r of both signs."""
    is_even = function.parity is Parity.EVEN
    if isinstance(function, Spline) and function.is_long:
        return _even_sum(function.terms(k), r) if is_even else _odd_sum(function.terms(k), r)
    expr = function.pieces[k].expr
    return _modulus(expr, r) if is_even else _odd(expr, r)


def _neighbours(function: HalfLine, k: int) -> tuple[bool, bool]:
    """Whether the formulas to the left and to the right of break k give the value there; the right one if need be."""
    if isinstance(function, Spline):
        value = function.values[k]
        return function.before(k) == value, function.after(k) == value
    left, right = function.pieces[k : k + 2]
    is_left = _same(left.expr.subs(X, left.hi), function.values[k])
    return is_left, not is_left and _same(right.expr.subs(X, left.hi), function.values[k])


def _same(value: sp.Expr, wanted: sp.Expr) -> bool:
    return bool(value == wanted or (is_plain(value) and is_zero(value - wanted)))


def _odd(expr: sp.Expr, r: sp.Symbol) -> sp.Expr:
    """The odd extension of a formula in x = |r|, the sign put where it reads best."""
    monomials = _monomials(expr)
    if monomials is not None:
        return _odd_sum(monomials, r)
    if parity_in_x(expr) == -1:
        return expr.xreplace({X: r})
    if isinstance(expr, sp.Add):  # term by term: r - theta*sgn(r)
        return sp.Add(*(_odd(term, r) for term in expr.args))
    factors = sp.Mul.make_args(expr)
    # x*F(x) becomes r*F(|r|), and an even function times a sum leaves the sign to the sum.
    for carrier in (*(f for f in factors if f == X), *(f for f in factors if isinstance(f, sp.Add))):
        rest = sp.Mul(*(f for f in factors if f is not carrier))
        if carrier == X or parity_in_x(rest) == 1:
            return _modulus(rest, r) * _odd(carrier, r)
    return _modulus(expr, r) * sp.sign(r)


def _monomials(expr: sp.Expr) -> list[tuple[sp.Expr, int]] | None:
    """The (coefficient, exponent) of each term, if all are powers of x: their parity is that of the exponents."""
    found = [term.as_coeff_exponent(X) for term in sp.Add.make_args(expr)]
    is_sum = all(isinstance(power, sp.Integer) and X not in number.free_symbols for number, power in found)
    return [(number, int(power)) for number, power in found] if is_sum else None


def _odd_sum(monomials: list[tuple[sp.Expr, int]], r: sp.Symbol) -> sp.Expr:
    return sp.Add(*(number * r**power * (1 if power % 2 else sp.sign(r)) for number, power in monomials))


def _even_sum(monomials: list[tuple[sp.Expr, int]], r: sp.Symbol) -> sp.Expr:
    return sp.Add(*(number * (sp.Abs(r) if power % 2 else r) ** power for number, power in monomials))


def _modulus(expr: sp.Expr, r: sp.Symbol) -> sp.Expr:
    """X -> r where the expression is even in x, else x -> |r| in as few places as possible."""
    monomials = _monomials(expr)
    if monomials is not None:
        return _even_sum(monomials, r)
    if parity_in_x(expr) == 1:
        return expr.xreplace({X: r})
    if isinstance(expr, sp.Add | sp.Mul):
        return expr.func(*(_modulus(arg, r) for arg in expr.args))
    return expr.xreplace({X: sp.Abs(r)})


def parity_in_x(expr: sp.Expr) -> int:
    """1 or -1 when the formula, read for x of both signs, is even or odd; 0 otherwise.

    The formula was simplified for x > 0, where sqrt(x**2) is x: a root or a
    logarithm counts only if its argument stays positive for every real x.
    """
    if expr.has(sp.Integral):
        return 0
    guarded = [p.base for p in expr.atoms(sp.Pow) if not isinstance(p.exp, sp.Integer)]
    guarded += [call.args[0] for call in expr.atoms(sp.log)]
    if any(X in g.free_symbols and not g.xreplace({X: _REAL}).is_nonnegative for g in guarded):
        return 0
    shown = mirror_parity(expr, X)
    if shown or _has_no_parity(expr):
        return shown
    there, mirrored = expr.xreplace({X: _T}), expr.xreplace({X: -_T})
    if there == mirrored or there == -mirrored:
        return 1 if there == mirrored else -1
    there, mirrored = plain_arguments(there), plain_arguments(mirrored)
    if there == mirrored:
        return 1
    return -1 if sp.expand_mul(there + mirrored) == 0 else 0


def _has_no_parity(expr: sp.Expr) -> bool:
    """Whether balls at one place and its mirror image refute both parities: quicker than to rewrite the formula."""
    place = enclose(sp.Rational(3, 7))
    known = {s: enclose(sp.Rational(5 + 2 * k, 4 + k)) for k, s in enumerate(sorted(expr.free_symbols - {X}, key=str))}
    try:
        there, mirrored = (enclose_with(expr, {**known, X: x}) for x in (place, -place))
    except Undecided:
        return False
    apart, together = there - mirrored, there + mirrored
    return bool(apart.is_finite() and together.is_finite() and 0 not in apart and 0 not in together)
