"""What does not depend on r: parts of formulas that are computed once a call, each under a name."""

import sympy as sp

from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.program.shared_parts import SIGN, A, Named, Q, R, Scaled, number_and_rest, sign_of


class Hoister:
    """Collects the parts of formulas that do not depend on r, each under a name."""

    def __init__(self) -> None:
        self.found: list[Named] = []
        self._names: dict[sp.Expr, sp.Symbol] = {}
        self._count = {"b": 0, "c": 0}

    def constant(self, expr: sp.Expr, letter: str = "c") -> sp.Expr:
        """A name for a constant expression; plain numbers and parameters stay as they are."""
        if letter != "b" and (expr.is_number or expr.is_Symbol):
            return expr
        if expr not in self._names:
            symbol = sp.Symbol(f"{letter}{self._count[letter]}", **_proved_sign(expr))
            self._count[letter] += 1
            self._names[expr] = symbol
            self.found.append(Named(symbol, expr))
        return self._names[expr]

    def hoist(self, expr: sp.Expr) -> sp.Expr:
        """The formula with names for all that does not depend on r."""
        moving = {R, A, SIGN, Q}
        if not (moving & expr.free_symbols):
            return self.constant(expr)
        if not expr.args:
            return expr
        number, ratio = number_and_rest(expr)
        if number != 1 and isinstance(ratio, Scaled):
            size, factor = ratio.args  # where the factor grows, the number goes with what is small; else they are one
            expr = Scaled(number * size, factor) if moving & factor.free_symbols else number * size * factor
        fixed = [arg for arg in expr.args if not (moving & arg.free_symbols)]
        if isinstance(expr, sp.Add | sp.Mul) or (isinstance(expr, sp.Min | sp.Max) and len(fixed) > 1):
            free = [self.hoist(arg) for arg in expr.args if moving & arg.free_symbols]
            if any(arg.free_symbols for arg in fixed):
                return expr.func(self.constant(expr.func(*fixed)), *free)
            return expr.func(*fixed, *free)
        return expr.func(*map(self.hoist, expr.args))


def _proved_sign(expr: sp.Expr) -> dict[str, bool]:
    """What a constant is to know of its sign; SymPy's assumptions do not see that LambertW(-1/5, -1) is negative."""
    known = sign_of(expr)
    try:
        side = sign(expr) if known == {"real": True} else 0
    except Undecided:
        return known
    return {"positive": True} if side > 0 else {"negative": True} if side < 0 else known
