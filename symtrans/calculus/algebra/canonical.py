"""Exact algebra on smooth expressions: canonical forms and zero tests.

An expression is read as a rational function of *generators*: symbols, roots,
exponentials and other functions, each replaced by a plain symbol, with the
algebraic relations among them (k**2 = base for a square root k) kept beside
it. SymPy's polynomial routines then only ever see polynomials, where they
are quick and right.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations
from math import lcm
from typing import NamedTuple

import sympy as sp

from symtrans.calculus.algebra.fractions import cancelled
from symtrans.calculus.algebra.generators import LARGEST_POWER, Reader
from symtrans.calculus.algebra.mixtures import has_many_poles
from symtrans.calculus.algebra.sympy_calls import guarded
from symtrans.calculus.enclosures.balls import NamedNumber, enclose_at
from symtrans.calculus.undecided import Undecided, decided
from symtrans.runtime.caches import remembered

# The variable of the half line r > 0. Its index is fixed so that it survives pickling.
X: sp.Symbol = sp.Dummy("x", dummy_index=20_052_005, positive=True)

_QUICK_BITS = 64
_MOST_EQUALITIES = 6  # of cases in several places, of which every set is a case of the whole
_LARGEST_EXPONENT = 5_000  # of a number's power that may be multiplied out

HYPERBOLIC: tuple[type[sp.Basic], ...] = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch)


class RationalForm(NamedTuple):
    """`numerator / denominator` in generators, and what each generator stands for."""

    numerator: sp.Expr
    denominator: sp.Expr
    meaning: Mapping[sp.Symbol, sp.Expr]

    def back(self, expr: sp.Expr) -> sp.Expr:
        """Put the generators' meaning back into `expr`."""
        return expr.xreplace(self.meaning)


@remembered(4096)
def rational_form(expr: sp.Expr) -> RationalForm:
    """Read `expr` as a cancelled rational function of its generators.

    Powers of roots are reduced by their relation, so (1+q)**(-1/2) -
    q*(1+q)**(-3/2) comes out as (1+q)**(-3/2).
    """
    expr = plain_arguments(expr)
    reader = Reader(expr, X)
    fraction = reader.read(expr)
    numerator, denominator = sp.fraction(cancelled(fraction))
    for _ in range(1 + len(reader.relations) if reader.relations else 0):
        reduced = _reduce(numerator, reader.relations) / _reduce_powers(denominator, reader.relations)
        if reduced == numerator / denominator:
            break
        numerator, denominator = sp.fraction(cancelled(reduced))
    return RationalForm(numerator, denominator, reader.meaning)


def _reduce(poly: sp.Expr, relations: Iterable[tuple[sp.Symbol, int, sp.Expr]]) -> sp.Expr:
    """Lower every power k**n with n >= order by k**order = base."""
    for root, order, base in relations:
        if not poly.has(root):
            continue
        terms, one = sp.Add.make_args(sp.expand(poly)), base / root**order
        poly = sp.Add(*(term * one ** (term.as_powers_dict()[root] // order) for term in terms))
    return poly


def _reduce_powers(poly: sp.Expr, relations: Iterable[tuple[sp.Symbol, int, sp.Expr]]) -> sp.Expr:
    """The same in a denominator, only where a sum hides the cancellation (k**3 stays k**3)."""
    return poly if not poly.is_Add else _reduce(poly, relations)


@lru_cache(maxsize=4096)
def plain_arguments(expr: sp.Expr) -> sp.Expr:
    """Expand what stands inside functions and under roots, so that equal arguments look equal."""
    if isinstance(expr, sp.Integral):
        return sp.S.Zero if any(lo == hi for _, lo, hi in expr.limits) else expr
    if not expr.args or isinstance(expr, sp.Rel | sp.logic.boolalg.Boolean):
        return expr
    args = [plain_arguments(arg) for arg in expr.args]
    if isinstance(expr, sp.exp):
        # exp(a*log(b)) and friends may turn into powers here: that is SymPy's own exact identity.
        return sp.exp(_plain_argument(args[0]))
    if isinstance(expr, sp.Pow) and not isinstance(expr.exp, sp.Integer):
        exponent = _plain_argument(args[1]) if args[1].free_symbols else args[1]
        return sp.expand(args[0], power_base=True, force=False) ** exponent
    if isinstance(expr, sp.Function) and not isinstance(expr, sp.Piecewise):
        args = [_plain_argument(arg) for arg in args]
        if isinstance(expr, sp.polylog) and args[0] == 1:
            return -sp.log(1 - args[1])
        if isinstance(expr, sp.dirichlet_eta):
            return expr.rewrite(sp.zeta)
        if isinstance(expr, HYPERBOLIC) and _is_logarithm(args[0]):  # sinh(log(u)) = (u - 1/u)/2
            return expr.func(*args).rewrite(sp.exp, deep=False)
    return rebuilt(expr, args)


def rebuilt(expr: sp.Expr, args: Iterable[sp.Expr]) -> sp.Expr:
    """`expr` of equal arguments: those of a Max or Min in the parameters SymPy would compare again, at length."""
    if isinstance(expr, sp.Max | sp.Min) and X not in expr.free_symbols:
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def _plain_argument(arg: sp.Expr) -> sp.Expr:
    """An argument multiplied out; a fraction over a sum is cancelled first."""
    if _is_rational(arg):
        denominator = sp.fraction(sp.together(arg))[1]
        if isinstance(sp.expand(denominator), sp.Add):
            arg = cancelled(arg)
            return arg
    return sp.expand(arg)


def _is_logarithm(expr: sp.Expr) -> bool:
    """Whether it is c log(u), or a sum of such, with numbers c: exp makes powers of it."""
    terms = (term.as_coeff_Mul() for term in sp.Add.make_args(expr))
    return all(factor.is_Rational and isinstance(rest, sp.log) for factor, rest in terms)


def parameter_cases(expr: sp.Expr) -> list[tuple[sp.Expr, sp.Basic]] | None:
    """An expression that holds cases in the parameters as cases of the whole, first met first; None if it is no such.

    Different cases in several places are one for each set of equalities that may hold together and no other with them:
    more of them before fewer.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> parameter_cases(sp.Piecewise((sp.log(X), sp.Eq(p, 1)), (X**p, True)) + p)
    [(log(_x) + 1, Eq(p, 1)), (_x**p + p, True)]
    """
    cases = expr.atoms(sp.Piecewise)
    conditions = {tuple(case.cond for case in found.args) for found in cases}
    if not cases or X in sp.Tuple(*sum(conditions, ())).free_symbols:
        return None
    parts = {part for some in conditions for c in some for one in sp.Or.make_args(c) for part in sp.And.make_args(one)}
    if len(conditions) == 1 and not any(isinstance(part, sp.Or) for part in parts):
        (apart,) = conditions
        branches = [{case: case.args[k].expr for case in cases} for k in range(len(apart))]
        pairs = zip(branches, apart, strict=True)
        return [(expr.xreplace(branch).subs(equalities(condition)), condition) for branch, condition in pairs]
    each = sorted(set().union(*(c.atoms(sp.Rel) for some in conditions for c in some)), key=sp.default_sort_key)
    if len(each) > _MOST_EQUALITIES or not all(isinstance(one, sp.Eq) for one in each):
        return None
    found: list[tuple[sp.Expr, sp.Basic]] = []
    for count in reversed(range(len(each) + 1)):
        for true in combinations(each, count):
            values = {one.lhs: one.rhs for one in true}
            if all(one.subs(values) != sp.sympify(one not in true) for one in each):
                branch = expr.xreplace({one: sp.sympify(one in true) for one in each})
                found.append((branch.subs(values), sp.And(*true)))
    return found


def equalities(condition: sp.Basic) -> dict[sp.Expr, sp.Expr]:
    """{p: p0} of the condition p = p0, or of several of them; empty for any other."""
    parts = sp.And.make_args(condition)
    return {part.lhs: part.rhs for part in parts} if all(isinstance(part, sp.Eq) for part in parts) else {}


def canonical(expr: sp.Expr) -> sp.Expr:
    """`expr` with disguises removed: hyperbolics as exponentials, logarithms split, roots over one base."""

    def root(power: sp.Pow) -> sp.Expr:
        numerator, denominator = sp.fraction(sp.together(power.base))
        parts: sp.Expr = sp.S.One
        for part, exponent in ((numerator, power.exp), (denominator, -power.exp)):
            content, factors = guarded(sp.factor_list, part) if _is_rational(part) else (sp.S.One, [(part, 1)])
            for factor, multiplicity in [(content, 1), *factors]:
                if factor != 1 and not factor.is_nonnegative:
                    return power
                parts *= _root_of_number(factor, exponent * multiplicity)
        return parts

    def logarithm(call: sp.Expr) -> sp.Expr:
        argument = sp.together(call.args[0])
        return sp.expand_log(sp.log(guarded(sp.factor, argument) if _is_rational(argument) else argument))

    expr = expr.replace(lambda e: isinstance(e, HYPERBOLIC), lambda e: e.rewrite(sp.exp, deep=False))
    expr = expr.replace(lambda e: isinstance(e, sp.log), logarithm)
    return expr.replace(lambda e: isinstance(e, sp.Pow) and isinstance(e.exp, sp.Rational) and e.exp.q != 1, root)


def _root_of_number(factor: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """Factor ** exponent, numbers split into primes so that sqrt(6) is sqrt(2)*sqrt(3)."""
    if isinstance(factor, sp.Rational) and factor > 0:
        return sp.Mul(*(sp.Integer(p) ** (n * exponent) for p, n in sp.factorrat(factor).items()))
    return factor**exponent


def _is_rational(expr: sp.Expr) -> bool:
    """Whether `expr` is a rational function of plain symbols (safe for SymPy's factor)."""
    return all(
        isinstance(e, sp.Symbol | sp.Rational | sp.Add | sp.Mul)
        or (isinstance(e, sp.Pow) and isinstance(e.exp, sp.Integer))
        for e in sp.preorder_traversal(expr)
    )


@remembered(8192)
def is_zero(expr: sp.Expr) -> bool | None:
    """Whether `expr` vanishes identically: True and False are proved, None is open.

    True rests on exact identities of the generators; False on an interval
    evaluation at rational values of the symbols.
    """
    if expr == 0:
        return True
    if _refuted(expr):
        return False
    if expr.has(sp.Piecewise) and (cases := parameter_cases(expr)) is not None:
        return True if all(is_zero(case) for case, _ in cases) else None
    if has_many_poles(expr) or (not expr.free_symbols and expr.has(NamedNumber)):  # no identity is known of these
        return None
    for form in (expr, canonical(plain_arguments(expr))):
        if (found := rational_form(form)).numerator == 0:
            return True
        roots = [meaning for meaning in found.meaning.values() if meaning.is_Pow and meaning.base.is_Integer]
        # roots of numbers are generators of their own, though sqrt(2) sqrt(34) is 2 sqrt(17)
        if len(roots) > 1 and sp.expand_mul(found.back(found.numerator)) == 0:
            return True
    return _is_logarithm_of_one(rational_form(expr)) or None


def _is_logarithm_of_one(form: RationalForm) -> bool:
    """Whether it is c (n1 log(f1) + n2 log(f2) + ...) with whole numbers n, where f1^n1 f2^n2 ... = 1."""
    logs = [name for name, meaning in form.meaning.items() if isinstance(meaning, sp.log)]
    terms = sp.Poly(form.numerator, *logs).terms() if len(logs) > 1 else []
    if not terms or any(sum(powers) != 1 for powers, _ in terms):
        return False
    shares = [cancelled(share / terms[0][1]) for _, share in terms]
    if not all(share.is_Rational for share in shares):
        return False
    whole = lcm(*(int(share.q) for share in shares))
    if any(abs(share * whole) > LARGEST_POWER for share in shares):
        return False
    arguments = [form.meaning[logs[powers.index(1)]].args[0] for powers, _ in terms]
    return is_zero(sp.Mul(*(f ** (share * whole) for f, share in zip(arguments, shares, strict=True))) - 1) is True


def _refuted(expr: sp.Expr) -> bool:
    """Whether a ball at some rational values of the symbols keeps clear of zero: quicker than any identity."""
    for shift in (3, 7) if expr.free_symbols else (3,):
        point = decided(example_values, expr.free_symbols, shift)
        ball = None if point is None else decided(enclose_at, expr, point, _QUICK_BITS)
        if ball is not None and ball.is_finite() and 0 not in ball:
            return True
    return False


def example_values(symbols: Iterable[sp.Symbol], shift: int = 5) -> dict[sp.Symbol, sp.Rational]:
    """A rational number for each symbol, unlike those of the others, that its assumptions allow.

    Raises
    ------
    Undecided
        If none is found for a symbol.

    Examples
    --------
    >>> example_values(sp.symbols("a b", positive=True) + sp.symbols("c", negative=True, seq=True))
    {a: 1, b: 7/6, c: -9/7}
    """
    ordered = sorted(symbols, key=lambda s: (s.name, getattr(s, "dummy_index", 0)))
    return {s: _allowed(s, sp.Rational(shift + 2 * k, 5 + k)) for k, s in enumerate(ordered)}


@lru_cache(maxsize=4096)
def _allowed(symbol: sp.Symbol, near: sp.Rational) -> sp.Rational:
    whole = sp.ceiling(near)
    for number in (near, -near, *(sign * (whole + more) for more in (0, 1) for sign in (1, -1))):
        if all(getattr(number, f"is_{name}") is value for name, value in symbol.assumptions0.items()):
            return number
    raise Undecided("no number is known that ", symbol, " may stand for")


def put(expr: sp.Expr, place: sp.Expr, variable: sp.Symbol = X) -> sp.Expr:
    """`expr` at variable = place, as SymPy evaluates it.

    Raises
    ------
    Undecided
        If a power of a number with too large an exponent would be multiplied out.
    """
    if any(_is_large_power(node, place, variable) for node in expr.atoms(sp.exp, sp.Pow)):
        raise Undecided(expr, " at ", place, " holds a power with too large an exponent")
    try:
        return expr.subs(variable, place)
    except ValueError:  # SymPy finds no largest value where one of them is none, as sin(x)/x at 0
        if expr.has(sp.Max, sp.Min):
            return sp.nan
        raise


def _is_large_power(node: sp.Expr, place: sp.Expr, variable: sp.Symbol) -> bool:
    """Whether exp(c*log(b)) or b**c of a rational b would be multiplied out there, c too large for it."""
    if variable not in node.exp.free_symbols:
        return False
    if isinstance(node, sp.exp):
        if not node.exp.has(sp.log):
            return False
        numbers = [term.as_coeff_Mul()[0] for term in sp.Add.make_args(node.exp.subs(variable, place))]
        return any(max(abs(int(c.p)), int(c.q)) > _LARGEST_EXPONENT for c in numbers if isinstance(c, sp.Rational))
    if not isinstance(node.base, sp.Rational):
        return False
    summands = sp.Add.make_args(node.exp.subs(variable, place))
    return any(abs(c) > _LARGEST_EXPONENT for c in summands if isinstance(c, sp.Rational))
