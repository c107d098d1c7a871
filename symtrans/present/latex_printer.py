"""The LaTeX of a formula: SymPy's printer with the habits of the paper."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter, accepted_latex_functions

from symtrans.language.cases import abridged
from symtrans.language.polylogarithms import repolylog
from symtrans.language.symbols import r
from symtrans.language.text_printer import modulus_first, scientific, written_terms
from symtrans.language.vocabulary import CAPITALS, GREEK
from symtrans.nonlinearity.table1 import x

NEW_LINE = r" \\ "
_NAMES = {
    **{"asin": "arcsin", "acos": "arccos", "atan": "arctan", "log": "ln"},
    **{"asinh": "arsinh", "acosh": "arcosh", "atanh": "artanh"},
}
"""What the literature calls a function that SymPy calls otherwise."""


class FormulaPrinter(LatexPrinter):  # type: ignore[misc]
    """SymPy's LaTeX printer with the paper's habits: |r|, sgn(r), ln(r), 1 + r², r/√2."""

    def __init__(self, variable: sp.Symbol, bars: tuple[str, str] = ("|", "|")) -> None:
        super().__init__({"ln_notation": True, "fold_short_frac": False})
        self._variable = variable
        self._bars = bars

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return symbol_latex(expr.name)

    def _print_Integer(self, expr: sp.Integer) -> str:
        mantissa, zeros = scientific(int(expr))
        before = {1: "", -1: "-"}.get(mantissa, rf"{mantissa} \cdot ")
        return f"{{{before}10^{{{zeros}}}}}" if zeros else str(mantissa)

    def _print_Rational(self, expr: sp.Rational) -> str:
        if scientific(int(expr.p))[1] == scientific(int(expr.q))[1] == 0:
            return str(super()._print_Rational(expr))
        above, below = (self._print(sp.Integer(abs(int(part)))) for part in (expr.p, expr.q))
        return rf"{'- ' if expr.p < 0 else ''}\frac{{{above}}}{{{below}}}"

    def _print_Add(self, expr: sp.Add, order: object = None) -> str:
        return "".join(sign + term for sign, term in self._signed_terms(expr))

    def _signed_terms(self, expr: sp.Add) -> Iterator[tuple[str, str]]:
        """The terms in the order in which people write them, each after its sign; a leading plus is left out."""
        for k, term in enumerate(written_terms(expr, self._variable)):
            negative = k > 0 and term.could_extract_minus_sign()
            part = -term if negative else term
            body = self._print(part)
            if isinstance(part, sp.Piecewise | sp.Add):
                body = rf"\left({body}\right)"
            yield (" - " if negative else " + " if k else ""), body

    def _print_Mul(self, expr: sp.Mul) -> str:
        if expr.could_extract_minus_sign():
            return f"- {self._product([-expr])}"
        above, below = _fraction(expr)
        # exp(-3/2) stays in the numerator, and any power of e beside the bar
        powers = [f for f in above if isinstance(f, sp.exp)]
        above = [f for f in above if f not in powers]
        if powers and above and not (len(above) == 1 and isinstance(above[0], sp.Add)):
            beside = powers
        else:
            above, beside = above + powers, []
        if not below:
            return self._product(above + beside)
        large = [f for f in above if _rank(f) in (1, 3)]
        if len(large) == 1 < len(above) and not any(f.free_symbols for f in below):
            # a sum or a call reads better beside a constant fraction than on top of it
            above, beside = [f for f in above if f not in large], large + beside
        front = rf"\frac{{{self._product(above)}}}{{{self._product(below)}}}"
        return f"{front} {self._product(beside, alone=False)}" if beside else front

    def _product(self, factors: Iterable[sp.Expr], alone: bool = True) -> str:
        """The factors in the order in which people write them; one that stands `alone` needs no brackets."""
        ordered = sorted(factors, key=lambda f: (_rank(f), self._variable in f.free_symbols)) or [sp.S.One]
        if alone and len(ordered) == 1 and not isinstance(ordered[0], sp.Mul):
            return str(self._print(ordered[0]))
        text = ""
        for factor in ordered:
            body = self._print(factor)
            if isinstance(factor, sp.Add | sp.Piecewise):
                body = rf"\left({body}\right)"
            text += (rf" \cdot {body}" if body[0].isdigit() else f" {body}") if text else body
        return text

    def _print_Abs(self, expr: sp.Abs, exp: str | None = None) -> str:
        text = self._print(expr.args[0]).join(self._bars)
        return rf"{text}^{{{exp}}}" if exp else text

    def _print_sign(self, expr: sp.sign, exp: str | None = None) -> str:
        return self._bracketed(r"\operatorname{sgn}", expr.args, exp)

    def _print_Function(self, expr: sp.Function, exp: str | None = None) -> str:
        name = expr.func.__name__
        if isinstance(expr, AppliedUndef):
            letter = name.rstrip("'")
            return self._bracketed(symbol_latex(letter) + name[len(letter) :], expr.args, exp)
        name = _NAMES.get(name, name)
        head = rf"\{name}" if name in ("exp", *accepted_latex_functions) else rf"\operatorname{{{name}}}"
        return self._called(head, expr.args, exp)

    # SymPy has rules of its own for these; a bare W(x) or C(x) would read as a product
    _print_log = _print_LambertW = _print_ExpBase = _print_Function  # noqa: N815
    _print_fresnels = _print_fresnelc = _print_Function

    def _called(self, head: str, arguments: Iterable[sp.Expr], exp: str | None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return rf"{head}{power}\left({', '.join(map(self._print, arguments))}\right)"

    # a power stands behind these: in \Gamma^{2}(x) it would belong to a letter

    def _print_gamma(self, expr: sp.gamma, exp: str | None = None) -> str:
        return self._raised(r"\Gamma", expr.args, exp)

    _print_uppergamma = _print_gamma

    def _print_lowergamma(self, expr: sp.lowergamma, exp: str | None = None) -> str:
        return self._raised(r"\gamma", expr.args, exp)

    def _print_polylog(self, expr: sp.polylog, exp: str | None = None) -> str:
        order, argument = expr.args
        return self._raised(rf"\operatorname{{Li}}_{{{self._print(order)}}}", [argument], exp)

    def _print_repolylog(self, expr: sp.Expr, exp: str | None = None) -> str:
        r"""\operatorname{Re} \operatorname{Li}_{s}(rho exp(i theta))."""
        order, modulus, angle = map(self._print, expr.args)
        if isinstance(expr.args[1], sp.Add):
            modulus = rf"\left({modulus}\right)"
        part = "Re" if isinstance(expr, repolylog) else "Im"
        head = rf"\operatorname{{{part}}}\operatorname{{Li}}_{{{order}}}"
        body = rf"{modulus} \exp\left(\mathrm{{i}} \left({angle}\right)\right)"
        return rf"{head}\left({body}\right)" + (f"^{{{exp}}}" if exp else "")

    _print_impolylog = _print_repolylog

    def _raised(self, head: str, arguments: Iterable[sp.Expr], exp: str | None) -> str:
        return self._called(head, arguments, None) + (f"^{{{exp}}}" if exp else "")

    def _bracketed(self, head: str, arguments: Iterable[sp.Expr], exp: str | None) -> str:
        """A call as of a letter: its brackets grow only round a fraction."""
        body, power = ", ".join(map(self._print, arguments)), f"^{{{exp}}}" if exp else ""
        return head + power + (rf"\left({body}\right)" if r"\frac" in body else f"({body})")

    def _print_Relational(self, expr: sp.Rel) -> str:
        left, operator, right = modulus_first(expr, self._variable)
        symbols = {"<=": r"\leq", ">=": r"\geq", "==": "=", "!=": r"\neq"}
        return f"{self._print(left)} {symbols.get(operator, operator)} {self._print(right)}"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        cases = []
        first, left_out, last = abridged(range(len(expr.args)))
        for k in (*first, *last):
            value, condition = expr.args[k]
            if left_out and k == last[0]:
                cases.append(rf"\ldots, & \text{{{left_out} more pieces}}")
            if condition == True:  # noqa: E712 - SymPy's BooleanTrue
                words = self._beyond(expr.args[k - 1].cond) if k else r"\text{always}"
            else:
                words = self._print(condition)
            cases.append(f"{self._print(value)}, & {words}")
        return rf"\begin{{cases}} {NEW_LINE.join(cases)} \end{{cases}}"

    def _beyond(self, last: sp.Basic) -> str:
        """The last case says what is left: |r| > theta after |r| <= theta."""
        opposite = {"<=": ">", "<": r"\geq"}
        if isinstance(last, sp.core.relational.Relational):
            left, operator, right = modulus_first(last, self._variable)
            if operator in opposite:
                return f"{self._print(left)} {opposite[operator]} {self._print(right)}"
        return r"\text{otherwise}"

    def _print_Integral(self, expr: sp.Integral) -> str:
        if [len(limits) for limits in expr.limits] != [3]:  # without ends, or over several variables
            return str(super()._print_Integral(expr))
        ((variable, low, high),) = expr.limits
        integrand = expr.function
        body = rf"\left({self._print(integrand)}\right)" if isinstance(integrand, sp.Add) else self._print(integrand)
        return rf"\int_{{{self._print(low)}}}^{{{self._print(high)}}} {body} \, d{self._print(variable)}"


class RulePrinter(FormulaPrinter):
    """Prints the rules of Table 1: constants in front, the function, then r: (1/(4 tau)) (1 - (√2/r) S(...))."""

    def _print_Mul(self, expr: sp.Mul) -> str:
        above, below = _fraction(expr)
        calls = [f for f in above if isinstance(f, AppliedUndef | sp.Integral)]
        sums = [f for f in above if isinstance(f, sp.Add)]
        others = [f for f in above if f not in calls + sums]
        if calls and others in ([r], [x]) and not sums + below:
            return rf"{self._product(calls)} \, {self._product(others)}"
        if below and (sums or (calls and others)):
            front = rf"\frac{{{self._product(others)}}}{{{self._product(below)}}}"
            return f"{front} {self._product(calls + sums, alone=False)}"
        return super()._print_Mul(expr)


def _rank(factor: sp.Expr) -> int:
    """Numbers and letters come first in a product, then calls, a sign, and a sum."""
    base = factor.base if isinstance(factor, sp.Pow) else factor
    if isinstance(base, sp.Add):
        return 3
    if isinstance(base, sp.sign):
        return 2
    return int(isinstance(base, sp.Function) and not isinstance(base, sp.Abs))


def _fraction(product: sp.Mul) -> tuple[list[sp.Expr], list[sp.Expr]]:
    """The factors above and below the bar; sqrt(2)*r/2 is r over sqrt(2), as the paper writes it."""
    above: list[sp.Expr] = []
    below: list[sp.Expr] = []
    number, rest = product.as_coeff_Mul(rational=True)
    for factor in rest.as_ordered_factors():
        base, exponent = factor.as_base_exp()
        if exponent == sp.Rational(1, 2) and base.is_Integer and base > 0 and number.q % base == 0:
            number *= base
            below.append(factor)
        elif exponent.is_negative and not isinstance(factor, sp.exp):
            below.append(base**-exponent)
        else:
            above.append(factor)
    above = [sp.Integer(number.p)] * (number.p != 1) + [f for f in above if f != 1]
    return above, [sp.Integer(number.q)] * (number.q != 1) + below


_GREEK = frozenset((*GREEK.values(), *CAPITALS.values())) - {"omicron"}


def symbol_latex(name: str) -> str:
    r"""A name as a letter, a Greek letter or a word, with its index.

    Examples
    --------
    >>> print(symbol_latex("lambda_0"), symbol_latex("a12"), symbol_latex("f_max"), symbol_latex("width"))
    \lambda_{0} a_{12} f_{\mathrm{max}} \mathit{width}
    """
    stem, *indices = [part for part in name.split("_") if part] or ["_"]
    body = stem.rstrip("0123456789") or stem
    if len(body) == 1 or body in _GREEK:
        indices = [stem[len(body) :], *indices] if stem != body else indices
        stem = body
    letter = stem if len(stem) == 1 and stem.isalnum() else f"\\{stem}" if stem in _GREEK else ""
    text = letter or rf"\mathit{{{escape(stem)}}}"
    if not indices:
        return text
    parts = [
        f"\\{i}" if i in _GREEK else i if (len(i) == 1 and i.isalnum()) or i.isdigit() else rf"\mathrm{{{escape(i)}}}"
        for i in indices
    ]
    return f"{text}_{{{','.join(parts)}}}"


# A plain bar would end the cell of a Markdown table, even inside a formula.
MARKDOWN_BARS = (r"\lvert ", r" \rvert")


def latex(expr: sp.Basic, variable: sp.Symbol = r, bars: tuple[str, str] = ("|", "|")) -> str:
    r"""LaTeX of an expression in the paper's habits.

    Examples
    --------
    >>> from symtrans import Shrinkage
    >>> print(latex(Shrinkage("Max(|r| - theta, 0) sgn(r)").expr))
    \begin{cases} 0, & |r| \leq \theta \\ r - \theta \operatorname{sgn}(r), & |r| > \theta \end{cases}
    """
    return str(FormulaPrinter(variable, bars).doprint(expr))


_ESCAPED = {
    **{char: f"\\{char}" for char in "{}$&#_%"},
    **{"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"},
    **{char: rf"\ensuremath{{\{name}}}" for char, name in {**GREEK, **CAPITALS}.items() if char not in "οµ"},
    **{char: rf"\ensuremath{{\{name}}}" for char, name in zip("∞≤≥∇", ("infty", "leq", "geq", "nabla"), strict=True)},
}
_OPTION = re.compile(r"\s*[\[*]")  # which \\ and \midrule take for theirs


def escape(text: str) -> str:
    r"""Plain text for LaTeX; a hyphen between two capitalised names becomes an en dash.

    Examples
    --------
    >>> print(escape("50% of λ^2"), escape("[a]"), escape("Perona-Malik"))
    50\% of \ensuremath{\lambda}\textasciicircum{}2 {}[a] Perona--Malik
    """
    lead = "{}" if _OPTION.match(text) else ""
    words = "".join(_ESCAPED.get(char, char) for char in text).split("-")
    joined = [lead + words[0]]
    for left, right in pairwise(words):
        both = left[:1].isupper() and right[:1].isupper()
        joined.append(("--" if both else "-") + right)
    return "".join(joined)
