"""What is given for x > 0 alone, by cases or by a word behind the formula, on all of the line."""

from collections.abc import Iterator

import sympy as sp

from symtrans.calculus.algebra.parity import mirror_parity
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import short
from symtrans.language.text_printer import plain


def is_open_below_zero(given: sp.Expr, variable: sp.Symbol) -> bool:
    """Whether cases say what holds for x >= 0, and none of them holds for x < 0."""
    open_cases = list(_open_cases(given))
    if not open_cases:
        return False
    others = {s: sp.Dummy(positive=True) for s in given.free_symbols if s.is_positive is None and s != variable}
    below, above = (
        any(_is_nowhere(cases, {variable: sp.Dummy(**side), **others}) for cases in open_cases)
        for side in ({"negative": True}, {"positive": True})
    )
    return below and not above


def _open_cases(given: sp.Expr) -> Iterator[sp.Piecewise]:
    """Cases within no others that may leave something out."""
    parts = sp.preorder_traversal(given)
    for part in parts:
        if isinstance(part, sp.Piecewise):
            parts.skip()
            if part.args[-1].cond != sp.true:
                yield part


def _is_nowhere(cases: sp.Piecewise, values: dict[sp.Symbol, sp.Symbol]) -> bool:
    """Whether no condition holds; what is found to hold first ends the search."""
    return all(condition.subs(values) == sp.false for _, condition in cases.args)


def on_the_whole_line(given: sp.Expr, variable: sp.Symbol, kind: str) -> sp.Expr:
    """What is said to hold for x > 0, on all of the line: g(s) = exp(-s) is a function of |s|.

    An odd function may be meant, or one that vanishes for x < 0: that is asked, unless the formula is odd.
    """
    is_even = kind in ("Diffusivity", "Regulariser")
    if mirror_parity(given, variable) == (1 if is_even else -1):
        return given
    of_modulus = given.subs(variable, sp.Abs(variable))
    if is_even:
        return of_modulus
    odd = repr(short(plain(of_modulus * sp.sign(variable), variable)))
    raise NonlinearityError.told(
        lambda meant: (
            f"{short(plain(given, variable))} for {variable} > 0 does not say what holds for {variable} < 0; "
            f"if it is odd, that is {meant}"
        ),
        f"{kind}({odd}, variable={variable.name!r})",
        f"{odd} --kind {kind.lower()} --variable {variable.name}",
        odd,
    )
