"""What is left far out of a difference that falls: 1 - tanh, 1 - erf, 1 - x/sqrt(1 + x^2), with digits of its own."""

from collections.abc import Iterator, Mapping
from functools import partial

import sympy as sp
from sympy.utilities.iterables import sift

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.cancellation import in_one_quotient, without_differences_of_roots
from symtrans.codegen.forms.ends import horner
from symtrans.codegen.forms.exponentials import in_falling_exponentials
from symtrans.codegen.program.shared_parts import A, moves

_SATURATED = sp.tanh, sp.erf, sp.atan
_WHOLE = (2, 3, 4)


def with_complements(expr: sp.Expr, powers: tuple[int, ...] = ()) -> sp.Expr:
    """Functions that saturate, by what they lack: tanh(y) is 1 - 2/(exp(2 y) + 1), erf is 1 - erfc; powers as wholes.

    That atan(y) is pi/2 - atan(1/y) holds for y > 0.

    Examples
    --------
    >>> with_complements(1 - sp.erf(A)), with_complements(1 - sp.tanh(A))
    (erfc(a), 2/(exp(2*a) + 1))
    >>> with_complements(sp.pi / 2 - sp.atan(1 + A))
    atan(1/(a + 1))
    >>> with_complements(sp.atan(sp.Symbol("b", real=True) * A))
    -atan(1/(a*Abs(b)))*sign(b) + pi*sign(b)/2
    >>> with_complements(2 - sp.tanh(A) ** 2, powers=(2,))
    2*(2 - 2/(exp(2*a) + 1))/(exp(2*a) + 1) + 1
    """
    expr, signs = _with_signs_apart(expr)
    # all at once: what is left may be such a function, too
    found = {p for p in expr.atoms(sp.Pow) if isinstance(p.base, _SATURATED) and p.exp in powers}
    expr = expr.xreplace({e: _complemented(*e.as_base_exp()) for e in (*found, *expr.atoms(*_SATURATED)) if moves(e)})
    return expr.replace(lambda e: e.is_Mul, partial(_to_each_term, signs)).xreplace(signs)


def _to_each_term(names: Mapping[sp.Symbol, sp.Expr], product: sp.Mul) -> sp.Expr:
    """Signs and numbers before a sum before each of its terms, so that constants meet."""
    front, others = sift(product.args, lambda factor: factor in names or factor.is_number, binary=True)
    if len(others) != 1:
        return product
    return sp.Add(*(sp.Mul(*front, term) for term in sp.Add.make_args(*others)))


def _complemented(call: sp.Expr, exponent: sp.Integer) -> sp.Expr:
    """(c - d)^n as c^n - d (...), with the digits of d."""
    (y,) = call.args
    if isinstance(call, sp.tanh):
        limit, lack = sp.S.One, 2 / (sp.exp(2 * y) + 1)
    elif isinstance(call, sp.erf):
        limit, lack = sp.S.One, sp.erfc(y)
    else:
        limit, lack = sp.pi / 2, sp.atan(1 / y)
    what_is_lacked = sp.Poly(limit**exponent - (limit - X) ** exponent, X)
    return limit**exponent - horner(what_is_lacked, X).xreplace({X: lack})


def _with_signs_apart(expr: sp.Expr) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """Odd functions of b r by those of |b r|, of which it is known what they lack, and names for the signs."""
    found, names = dict[sp.Expr, sp.Expr](), dict[sp.Expr, sp.Symbol]()
    for call in sorted(expr.atoms(*_SATURATED), key=sp.default_sort_key):
        side = sp.sign(call.args[0])
        if not side.is_number and not moves(side):
            names.setdefault(side, sp.Dummy(real=True))
            found[call] = names[side] * call.func(sp.Abs(call.args[0]))
    expr = expr.xreplace(found)
    for name in names.values():  # its square is 1
        expr = expr.replace(lambda e, name=name: e.is_Pow and e.base == name, lambda e, name=name: name ** (e.exp % 2))
    return expr, {name: side for side, name in names.items()}


def in_what_is_left(expr: sp.Expr) -> Iterator[sp.Expr]:
    """The same for x > 0 in forms in which nothing large cancels, those by what functions lack first.

    Examples
    --------
    >>> next(in_what_is_left((1 - X**2 / (1 + X**2)) / sp.sqrt(1 + X**2)))
    (_x**2 + 1)**(-3/2)
    """
    plain = expr.xreplace({X: A})
    for given in dict.fromkeys((with_complements(plain), plain, with_complements(plain, _WHOLE))):
        whole = in_one_quotient(given)
        for form in dict.fromkeys(
            (given, whole, without_differences_of_roots(whole), without_differences_of_roots(given))
        ):
            form = form.xreplace({A: X})
            falling = in_falling_exponentials(form)
            yield from dict.fromkeys(one for one in (form, falling) if one != expr)
