"""A formula that cannot be cut before something is assumed of its parameters: whether it is worth asking for that."""

from collections.abc import Iterable
from itertools import islice, permutations

import sympy as sp

from symtrans.calculus.algebra.parity import may_have_parity
from symtrans.calculus.functions.half_line import Parity
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import Names, by_name, r
from symtrans.nonlinearity.admission import cut

_LADDERS = ((1, 2, 5, 12, 27, 70, 150), ("1/3", "3/4", 2, "9/2", 11, 25, 60))
_MOST_ORDERS = 6


def refuse_in_any_order(
    inner: sp.Expr, names: Names, kind: str, parity: Parity, assumptions: Iterable[sp.Basic]
) -> None:
    """Refuse a formula that has the wrong parity for all values of its parameters that are tried.

    An assumption would be asked for in vain: cases of which one holds for r > max_val and another for r < min_val are
    odd for no positive numbers. That is seen by values at r and -r, and never concluded from one of them: a formula
    that passes for some of the numbers is admitted as before.

    Raises
    ------
    NonlinearityError
        With the fault at the first of the values tried.
    """
    parameters = sorted(inner.free_symbols - {r}, key=by_name)
    if not all(symbol.is_positive for symbol in parameters):
        return
    tried: list[dict[sp.Symbol, sp.Expr]] = []
    for ladder in _LADDERS:
        steps = list(map(sp.Rational, ladder[: len(parameters)]))
        if len(steps) < len(parameters):
            return
        for order in islice(permutations(steps), _MOST_ORDERS):
            numbers = dict(zip(parameters, order, strict=True))
            if any(relation.subs(numbers) is not sp.true for relation in assumptions):
                continue
            if may_have_parity(inner.subs(numbers), r, parity.value):
                return
            tried.append(numbers)
    if not tried:
        return
    numbers = tried[0]
    try:
        cut(inner.subs(numbers), names, kind, parity)
    except NonlinearityError as fault:
        given = ", ".join(f"{names.outward(symbol)} = {value}" for symbol, value in numbers.items())
        before = f"with {given}, and with all other values of its parameters that were tried,"
        after = "(Parameters are positive: what is negative is written with its sign, as -a.)"
        raise NonlinearityError.retold(fault, lambda said: f"{before} {said} {after}") from None
