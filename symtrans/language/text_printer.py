"""SymPy expressions as one line of text in the input grammar: what symtrans prints, it reads."""

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from symtrans.language.cases import abridged
from symtrans.language.vocabulary import is_name

R = sp.Symbol("r", real=True)
_POSITIVE = sp.Symbol("p", positive=True).assumptions0


def written_terms(expr: sp.Add, variable: sp.Symbol = R) -> list[sp.Expr]:
    """The terms of a sum in the order in which people write them.

    A positive term leads. Among equals, functions come before powers and
    powers ascend: 1 + r**2/lambda**2, ln(...) + 1, r - theta*sgn(r).

    Examples
    --------
    >>> theta = sp.Symbol("theta", positive=True)
    >>> written_terms(R - theta * sp.sign(R)), written_terms(1 + R**2)
    ([r, -theta*sign(r)], [1, r**2])
    """

    def key(term: sp.Expr) -> tuple[bool, bool, float, str]:
        degree = sp.Mul(*(f for f in sp.Mul.make_args(term) if variable in f.free_symbols))
        base, exponent = degree.as_base_exp()
        is_power = degree == 1 or base in (variable, sp.Abs(variable))
        rank = 0.0 if degree == 1 else float(exponent) if is_power and exponent.is_Rational else 0.0
        return term.could_extract_minus_sign(), is_power, rank, sp.default_sort_key(term).__repr__()

    return sorted(expr.args, key=key)


_LONG = 10**21


def scientific(number: int) -> tuple[int, int]:
    """A number that ends in many zeros as what stands before them and their count; any other one with none.

    Examples
    --------
    >>> scientific(3 * 10**200), scientific(3000)
    ((3, 200), (3000, 0))
    """
    digits = str(number).rstrip("0")
    zeros = len(str(number)) - len(digits)
    return (int(digits), zeros) if abs(number) >= _LONG and zeros > len(digits) else (number, 0)


class _PlainPrinter(StrPrinter):  # type: ignore[misc]
    """Prints the input grammar: |r|, ^, sgn, ln, otherwise."""

    def __init__(self, variable: sp.Symbol, is_abridged: bool = False, is_quoted: bool = False) -> None:
        super().__init__()
        self._is_quoted = is_quoted
        self._variable = variable
        self._is_abridged = is_abridged

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        # A symbol may have any name; only letters and digits reach a comment in generated code.
        if self._is_quoted and expr != self._variable:
            assumed = expr.is_real and expr.assumptions0 != _POSITIVE
            if assumed or not is_name(expr.name):
                return str(sp.srepr(expr)) if assumed else f"Symbol({expr.name!r})"
        return "".join(c if c.isalnum() or c == "_" else "_" for c in expr.name)

    _print_Dummy = _print_Wild = _print_Symbol  # noqa: N815 - SymPy's names

    def _print_Add(self, expr: sp.Add, order: object = None) -> str:
        text = ""
        for term in written_terms(expr, self._variable):
            negative = term.could_extract_minus_sign() and bool(text)
            part = self.parenthesize(-term if negative else term, PRECEDENCE["Add"]) if text else self._print(term)
            text += (" - " if negative else " + " if text else "") + part
        return text

    def _print_Integer(self, expr: sp.Integer) -> str:
        mantissa, zeros = scientific(int(expr))
        return f"{mantissa}e{zeros}" if zeros else str(mantissa)

    def _print_Rational(self, expr: sp.Rational) -> str:
        return f"{self._print(sp.Integer(expr.p))}/{self._print(sp.Integer(expr.q))}"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        if expr.exp.could_extract_minus_sign() and self._variable not in expr.exp.free_symbols:  # as in a product
            return f"1/{self.parenthesize(expr.base**-expr.exp, PRECEDENCE['Pow'], strict=True)}"
        return super()._print_Pow(expr, rational).replace("**", "^")  # type: ignore[no-any-return]

    def _print_Mul(self, expr: sp.Mul) -> str:
        return super()._print_Mul(expr).replace("**", "^")  # type: ignore[no-any-return]

    def _print_Abs(self, expr: sp.Abs) -> str:
        return f"|{self._print(expr.args[0])}|"

    def _print_sign(self, expr: sp.sign) -> str:
        return f"sgn({self._print(expr.args[0])})"

    def _print_log(self, expr: sp.log) -> str:
        return f"ln({self._print(expr.args[0])})"

    def _print_Heaviside(self, expr: sp.Heaviside) -> str:
        return f"Heaviside({self._print(expr.args[0])}, {self._print(expr.args[1])})"

    def _print_gamma(self, expr: sp.gamma) -> str:  # gamma is a name for a parameter
        return f"Gamma({self._print(expr.args[0])})"

    def _print_zeta(self, expr: sp.zeta) -> str:  # and so is zeta
        return f"polylog({self._print(expr.args[0])}, 1)"

    def _print_dirichlet_eta(self, expr: sp.dirichlet_eta) -> str:
        return f"(-polylog({self._print(expr.args[0])}, -1))"

    def _print_Exp1(self, expr: sp.Expr) -> str:
        return "e"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        first, left_out, last = abridged(expr.args) if self._is_abridged else (expr.args, 0, ())
        between = [f"... ({left_out} more pieces)"] if left_out else []
        return f"Piecewise({', '.join([*map(self._case, first), *between, *map(self._case, last)])})"

    def _case(self, case: sp.Basic) -> str:
        value, condition = case.args
        return f"({self._print(value)}, {'otherwise' if condition == True else self._print(condition)})"  # noqa: E712

    def _print_Relational(self, expr: sp.Rel) -> str:
        left, relation, right = modulus_first(expr, self._variable)
        return f"{self._print(left)} {relation} {self._print(right)}"


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def modulus_first(relation: sp.Rel, variable: sp.Symbol) -> tuple[sp.Expr, str, sp.Expr]:
    """The sides of a comparison with |r| on the left: SymPy likes to turn |r| <= theta round."""
    left, operator, right = relation.lhs, relation.rel_op, relation.rhs
    if variable in right.free_symbols and variable not in left.free_symbols:
        return right, _MIRRORED[operator], left
    return left, operator, right


def plain(expr: sp.Basic, variable: sp.Symbol = R, *, is_abridged: bool = False, is_quoted: bool = False) -> str:
    """One line of text in the input grammar; abridged, of very many cases only some are written, for people.

    Quoted, a name that is a word of the grammar is written ``Symbol('while')``, so that it is read back.

    Examples
    --------
    >>> theta = sp.Symbol("theta", positive=True)
    >>> plain(sp.Piecewise((0, sp.Abs(R) <= theta), (R - theta * sp.sign(R), True)))
    'Piecewise((0, |r| <= theta), (r - theta*sgn(r), otherwise))'
    """
    return str(_PlainPrinter(variable, is_abridged, is_quoted).doprint(expr))
