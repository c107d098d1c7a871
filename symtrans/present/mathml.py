"""Presentation MathML: the formulas of the LaTeX writer for a browser, which needs no script to set them."""

from html import escape

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.precedence import PRECEDENCE, precedence_traditional
from sympy.printing.printer import Printer

from symtrans.language.polylogarithms import impolylog, repolylog
from symtrans.language.symbols import r
from symtrans.language.text_parser import GREEK
from symtrans.language.text_printer import modulus_first, written_terms
from symtrans.nonlinearity.kind import Kind

_LETTERS = {name: letter for letter, name in reversed(list(GREEK.items()))}
_CAPITALS = {"Phi": "Φ", "Psi": "Ψ", "Psi'": "Ψ′"}
_FUNCTIONS = {"log": "ln", "sign": "sgn", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arsinh"}
_RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠", "<": "<", ">": ">"}
_OPPOSITE = {"<=": ">", "<": "≥"}

_TALL = ("<mfrac", "<mtable", "<msup", "<msqrt", "<mroot", "<msubsup")
_TIMES = "<mo>&#x2062;</mo>"  # invisible
_DOT = "<mo>⋅</mo>"
_THIN = '<mspace width="0.17em"/>'
# A power of these is set outside: in Li_2^n(x) it would belong to the order.
_FENCED_IN_POWERS = (sp.Abs, sp.exp, sp.polylog, repolylog, impolylog)
_APPLY = "<mo>&#x2061;</mo>"
_MINUS = "<mo>−</mo>"


def _mi(text: str) -> str:
    upright = ' mathvariant="normal"' if text[:1] in "ΦΨ" else ""
    return f"<mi{upright}>{escape(text)}</mi>"


def _mo(text: str) -> str:
    return f"<mo>{escape(text)}</mo>"


def _row(*parts: str) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _fenced(body: str, left: str = "(", right: str = ")") -> str:
    # a bracket that may stretch is set wider than the letter that it holds
    stretchy = "" if any(tall in body for tall in _TALL) else ' stretchy="false"'
    opening = f'<mo fence="true" form="prefix"{stretchy}>{left}</mo>'
    return f'<mrow>{opening}{body}<mo fence="true" form="postfix"{stretchy}>{right}</mo></mrow>'


def _words(text: str) -> str:
    return f"<mtext>{escape(text)}</mtext>"


def _symbol(name: str) -> str:
    """A letter, a Greek letter, or a word; trailing digits become an index."""
    stem, _, index = name.partition("_")
    if not index:
        stem = name.rstrip("0123456789") or name
        index = name[len(stem) :]
    letter = _mi(_LETTERS.get(stem, stem) if stem else "_")
    if not index:
        return letter
    return f"<msub>{letter}{f'<mn>{index}</mn>' if index.isdigit() else _mi(index)}</msub>"


class _Printer(Printer):  # type: ignore[misc]
    """The paper's habits: |r|, sgn(r), ln(r), 1 + r², r/√2, cases whose last line says what is left."""

    printmethod = "_mathml_row"

    def __init__(self, variable: sp.Symbol) -> None:
        super().__init__()
        self._variable = variable

    def emptyPrinter(self, expr: object) -> str:
        """What has no rule here is shown as SymPy names it."""
        if isinstance(expr, sp.Function):
            return self._call(str(expr.func), *expr.args)
        return _words(str(expr))

    def _bracketed(self, expr: sp.Expr, least: int) -> str:
        text = str(self._print(expr))
        return _fenced(text) if precedence_traditional(expr) < least or isinstance(expr, sp.Piecewise) else text

    def _call(self, name: str, *arguments: sp.Basic) -> str:
        body = _mo(",").join(str(self._print(a)) for a in arguments)
        return _row(_mi(_FUNCTIONS.get(name, name)), _APPLY, _fenced(body))

    # -- numbers and names --

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return _symbol(expr.name)

    def _print_Integer(self, expr: sp.Integer) -> str:
        number = f"<mn>{abs(int(expr))}</mn>"
        return _row(_MINUS, number) if expr < 0 else number

    def _print_Rational(self, expr: sp.Rational) -> str:
        fraction = f"<mfrac><mn>{abs(int(expr.p))}</mn><mn>{int(expr.q)}</mn></mfrac>"
        return _row(_MINUS, fraction) if expr < 0 else fraction

    def _print_Float(self, expr: sp.Float) -> str:
        return _row(_MINUS, f"<mn>{-expr}</mn>") if expr < 0 else f"<mn>{expr}</mn>"

    def _print_Infinity(self, expr: sp.Expr) -> str:
        return "<mn>∞</mn>"

    def _print_NegativeInfinity(self, expr: sp.Expr) -> str:
        return _row(_MINUS, "<mn>∞</mn>")

    def _print_Pi(self, expr: sp.Expr) -> str:
        return _mi("π")

    def _print_Exp1(self, expr: sp.Expr) -> str:
        return _mi("e")

    # -- sums, products, powers --

    def _print_Add(self, expr: sp.Add) -> str:
        parts: list[str] = []
        for term in written_terms(expr, self._variable):
            negative = term.could_extract_minus_sign() and bool(parts)
            if parts:
                parts.append(_MINUS if negative else _mo("+"))
            parts.append(self._bracketed(-term if negative else term, PRECEDENCE["Add"] + 1))
        return _row(*parts)

    def _print_Mul(self, expr: sp.Mul) -> str:
        if expr.could_extract_minus_sign():
            return _row(_MINUS, self._bracketed(-expr, PRECEDENCE["Mul"]))
        # exp(-3/2) stays above the bar: 2 exp(-3/2)
        powers = [f for f in sp.Mul.make_args(expr) if isinstance(f, sp.exp)]
        above, below = _fraction(sp.Mul(*(f for f in sp.Mul.make_args(expr) if f not in powers)))
        above = sp.Mul(above, *powers)
        if below == 1:
            return self._product(above)
        large = [f for f in sp.Mul.make_args(above) if _is_large(f)]
        if len(large) == 1 and below.is_number and above != large[0]:
            # a sum or a call reads better beside a constant fraction than on top of it
            rest = sp.Mul(*(f for f in sp.Mul.make_args(above) if f != large[0]))
            front = f"<mfrac>{self._product(rest)}{self._product(below)}</mfrac>"
            return _row(front, _TIMES, self._bracketed(large[0], PRECEDENCE["Mul"]))
        return f"<mfrac>{self._product(above)}{self._product(below)}</mfrac>"

    def _product(self, expr: sp.Expr) -> str:
        if not isinstance(expr, sp.Mul):
            return str(self._print(expr))
        v = self._variable
        parts: list[str] = []
        for factor in sorted(expr.as_ordered_factors(), key=lambda f: (_rank(f), v in f.free_symbols)):
            if parts:
                digit_next = factor.is_Integer or (isinstance(factor, sp.Pow) and factor.base.is_Integer)
                is_root = isinstance(factor, sp.Pow) and factor.exp == sp.Rational(1, 2)
                parts.append(_THIN if _rank(factor) in (1, 2) else _DOT if digit_next and not is_root else _TIMES)
            parts.append(self._bracketed(factor, PRECEDENCE["Mul"]))
        return _row(*parts)

    def _print_Pow(self, expr: sp.Pow) -> str:
        base, exponent = expr.base, expr.exp
        if exponent.could_extract_minus_sign() and exponent.is_Rational:
            return f"<mfrac><mn>1</mn>{self._print(base**-exponent)}</mfrac>"
        if exponent == sp.Rational(1, 2):
            return f"<msqrt>{self._print(base)}</msqrt>"
        if exponent.is_Rational and exponent.p == 1 and exponent.q > 1:
            return f"<mroot>{self._print(base)}{self._print(sp.Integer(exponent.q))}</mroot>"
        if isinstance(base, sp.Function) and not isinstance(base, _FENCED_IN_POWERS) and exponent.is_Integer:
            name = _FUNCTIONS.get(str(base.func), str(base.func))
            head = f"<msup>{_mi(name)}{self._print(exponent)}</msup>"
            return _row(head, _APPLY, _fenced(_mo(",").join(str(self._print(a)) for a in base.args)))
        least = 0 if isinstance(base, sp.Abs) else PRECEDENCE["Atom"]
        return f"<msup>{self._bracketed(base, least)}{self._print(exponent)}</msup>"

    # -- functions --

    def _print_Abs(self, expr: sp.Abs) -> str:
        return _fenced(str(self._print(expr.args[0])), "|", "|")

    def _print_ExpBase(self, expr: sp.exp) -> str:
        return self._call("exp", *expr.args)

    def _print_Max(self, expr: sp.Max) -> str:
        return self._call("max", *sorted(expr.args, key=sp.default_sort_key))

    def _print_Min(self, expr: sp.Min) -> str:
        return self._call("min", *sorted(expr.args, key=sp.default_sort_key))

    def _print_Function(self, expr: sp.Function) -> str:
        name = expr.func.__name__
        return self._call(_CAPITALS.get(name, name) if isinstance(expr, AppliedUndef) else name, *expr.args)

    def _print_polylog(self, expr: sp.polylog) -> str:
        return _row(self._li(expr), _APPLY, _fenced(str(self._print(expr.args[1]))))

    def _print_repolylog(self, expr: sp.Expr) -> str:
        return self._part("Re", expr)

    def _print_impolylog(self, expr: sp.Expr) -> str:
        return self._part("Im", expr)

    def _part(self, part: str, expr: sp.Expr) -> str:
        """Re Li_s(rho exp(i theta))."""
        _, modulus, angle = expr.args
        turn = f"<msup><mi>e</mi>{_row(_mi('i'), self._bracketed(angle, PRECEDENCE['Mul']))}</msup>"
        argument = _row(self._bracketed(modulus, PRECEDENCE["Mul"]), turn)
        return _row(_mi(part), _APPLY, self._li(expr), _APPLY, _fenced(argument))

    def _li(self, expr: sp.Expr) -> str:
        return f"<msub>{_mi('Li')}{self._print(expr.args[0])}</msub>"

    def _print_Integral(self, expr: sp.Integral) -> str:
        ((variable, low, high),) = expr.limits
        sign = f"<msubsup><mo>∫</mo>{self._print(low)}{self._print(high)}</msubsup>"
        differential = _row("<mi>d</mi>", str(self._print(variable)))
        integrand = self._bracketed(expr.function, PRECEDENCE["Add"] + 1)
        return _row(sign, integrand, _THIN, differential)

    # -- cases and conditions --

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        rows = []
        for k, (value, condition) in enumerate(expr.args):
            if condition != True:  # noqa: E712 - SymPy's BooleanTrue
                words = str(self._print(condition))
            else:
                words = self._beyond(expr.args[k - 1].cond) if k else _words("always")
            rows.append(f"<mtr><mtd>{self._print(value)}<mo>,</mo></mtd><mtd>{words}</mtd></mtr>")
        table = f'<mtable columnalign="left left">{"".join(rows)}</mtable>'
        return f'<mrow><mo fence="true" form="prefix">{{</mo>{table}</mrow>'

    def _beyond(self, last: sp.Basic) -> str:
        """The last case says what is left: |r| > theta after |r| <= theta."""
        if isinstance(last, sp.core.relational.Relational):
            left, operator, right = modulus_first(last, self._variable)
            if operator in _OPPOSITE:
                return _row(str(self._print(left)), _mo(_OPPOSITE[operator]), str(self._print(right)))
        return _words("otherwise")

    def _print_Relational(self, expr: sp.Rel) -> str:
        left, operator, right = modulus_first(expr, self._variable)
        return _row(str(self._print(left)), _mo(_RELATIONS[operator]), str(self._print(right)))

    def _print_And(self, expr: sp.And) -> str:
        return self._joined(expr, " and ")

    def _print_Or(self, expr: sp.Or) -> str:
        return self._joined(expr, " or ")

    def _joined(self, expr: sp.Basic, word: str) -> str:
        parts = [str(self._print(a)) for a in sorted(expr.args, key=sp.default_sort_key)]
        return _row(_words(word).join(parts))


def _is_large(factor: sp.Expr) -> bool:
    return _rank(factor) in (1, 3)


def _rank(factor: sp.Expr) -> int:
    """Numbers and letters come first in a product, then calls, a sign, and a sum."""
    base = factor.base if isinstance(factor, sp.Pow) else factor
    if isinstance(base, sp.Add):
        return 3
    if isinstance(base, sp.sign):
        return 2
    return int(isinstance(base, sp.Function) and not isinstance(base, sp.Abs))


def _fraction(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """What stands above and below the bar; sqrt(2)*r/2 is r over sqrt(2), as the paper writes it."""
    coefficient, rest = expr.as_coeff_Mul()
    for root in sp.Mul.make_args(rest):
        whole = isinstance(root, sp.Pow) and root.exp == sp.Rational(1, 2) and root.base.is_Integer
        if whole and coefficient.q % root.base == 0:
            above, below = sp.fraction(expr / root * root.base, exact=True)
            return above, below * root
    above, below = sp.fraction(expr, exact=True)
    return above, below


def mathml(expr: sp.Basic, variable: sp.Symbol = r) -> str:
    """The inside of a ``<math>`` element.

    Examples
    --------
    >>> mathml(sp.sqrt(sp.Symbol("lambda", positive=True)))
    '<msqrt><mi>λ</mi></msqrt>'
    """
    return str(_Printer(variable).doprint(expr))


def inline(expr: sp.Basic, variable: sp.Symbol = r) -> str:
    """An expression as an inline ``<math>`` element."""
    return f"<math>{mathml(expr, variable)}</math>"


def equation(kind: Kind) -> str:
    """A kind as a displayed equation: g(r) = ..."""
    letter = _CAPITALS.get(kind.letter, kind.letter)
    left = _row(_mi(letter), _APPLY, _fenced(mathml(kind.variable, kind.variable)))
    return f'<math display="block">{left}<mo>=</mo>{mathml(kind.expr, kind.variable)}</math>'
