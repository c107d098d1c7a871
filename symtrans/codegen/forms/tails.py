"""What is left far out of a difference that falls: 1 - tanh, 1 - erf, 1 - x/sqrt(1 + x^2), with digits of its own."""

from collections.abc import Iterator

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.codegen.forms.cancellation import in_one_quotient, without_differences_of_roots
from symtrans.codegen.forms.exponentials import in_falling_exponentials
from symtrans.codegen.program.shared_parts import A, moves


def with_complements(expr: sp.Expr) -> sp.Expr:
    """Functions that saturate, by what they lack: tanh(y) is 1 - 2/(exp(2 y) + 1), erf is 1 - erfc.

    Examples
    --------
    >>> with_complements(1 - sp.erf(A)), with_complements(1 - sp.tanh(A))
    (erfc(a), 2/(exp(2*a) + 1))
    >>> with_complements(sp.pi / 2 - sp.atan(1 + A))
    atan(1/(a + 1))
    """

    def lacking(call: sp.Expr) -> sp.Expr:
        (y,) = call.args
        if not moves(y):
            return call
        if isinstance(call, sp.tanh):
            return 1 - 2 / (sp.exp(2 * y) + 1)
        if isinstance(call, sp.erf):
            return 1 - sp.erfc(y)
        return sp.pi / 2 - sp.atan(1 / y) if y.is_positive else call

    # all at once: what is left may be such a function, too
    return expr.xreplace({call: lacking(call) for call in expr.atoms(sp.tanh, sp.erf, sp.atan)})


def in_what_is_left(expr: sp.Expr) -> Iterator[sp.Expr]:
    """The same for x > 0 in forms in which nothing large cancels, those by what functions lack first.

    Examples
    --------
    >>> next(in_what_is_left((1 - X**2 / (1 + X**2)) / sp.sqrt(1 + X**2)))
    (_x**2 + 1)**(-3/2)
    """
    plain = expr.xreplace({X: A})
    for given in dict.fromkeys((with_complements(plain), plain)):
        whole = in_one_quotient(given)
        for form in dict.fromkeys(
            (given, whole, without_differences_of_roots(whole), without_differences_of_roots(given))
        ):
            form = form.xreplace({A: X})
            falling = in_falling_exponentials(form)
            yield from dict.fromkeys(one for one in (form, falling) if one != expr)
