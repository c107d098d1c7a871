"""Presentation MathML, which a browser sets without a script: the formulas of the LaTeX writer, item by item."""

import math
from html import escape

import sympy as sp
from markupsafe import Markup

from symtrans.calculus.undecided import Sentence
from symtrans.language.symbols import r
from symtrans.nonlinearity.kind import Kind
from symtrans.present import mathlist as tex
from symtrans.present.latex import formula_latex
from symtrans.present.latex_printer import latex
from symtrans.present.sentences import spoken
from symtrans.present.widths import width

_OPERATORS = {
    **tex.SIGNS,
    **{",": ",", "/": "/", ";": ";", "'": "′"},
    **{r"\int": "∫", r"\sum": "∑", tex.TIMES: "\u2062", tex.APPLIED: "\u2061"},
}
_SPACES = {**tex.SPACES, tex.THIN: tex.SPACES[r"\,"]}
_WORDS = {r"\wedge": "and", r"\vee": "or", r"\neg": "not"}


def _row(row: tex.Row) -> str:
    """The items as one element; what stands before aligned lines stands before the first of them."""
    match row.items:
        case (_, *_, tex.Array("aligned", ((tex.Row(()), *first), *lines))):
            led = (tex.Row(row.items[:-1]), *first)
            return _item(tex.Array("aligned", (led, *lines)))
    parts = [_item(item) for item in row.items]
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(text)}</{name}>"


def _item(item: tex.Item) -> str:
    match item:
        case tex.Atom(text, True):
            return _element("mo", tex.SIGNS[text], ' form="prefix"')
        case tex.Atom(text):
            return _atom(text)
        case tex.Word(r"\text", text):
            return _element("mtext", text)
        case tex.Word(command, text):
            upright = ' mathvariant="normal"' if command == r"\mathrm" and len(text) == 1 else ""
            return _element("mi", text, upright)
        case tex.Fraction(above, below):
            return f"<mfrac>{_row(above)}{_row(below)}</mfrac>"
        case tex.Root(body, order):
            return f"<mroot>{_row(body)}{_row(order)}</mroot>" if order else f"<msqrt>{_row(body)}</msqrt>"
        case tex.Scripts(base, below, above):
            name = f"m{'sub' if below else ''}{'sup' if above else ''}"
            return f"<{name}>{_item(base)}{''.join(_row(script) for script in (below, above) if script)}</{name}>"
        case tex.Fence(left, body, sized, tall):
            # a bracket that may stretch is set wider than the letter that it holds
            stretchy = "" if tall and (sized or left == "|") else ' stretchy="false"'
            opening = _element("mo", left, f' fence="true" form="prefix"{stretchy}')
            closing = _element("mo", tex.CLOSING[left], f' fence="true" form="postfix"{stretchy}')
            return f"<mrow>{opening}{_row(body)}{closing}</mrow>"
        case tex.Array(name, rows):
            cells = ("".join(f"<mtd>{_row(cell)}</mtd>" for cell in row) for row in rows)
            align = "right" if name == "array" else "left left"
            table = f'<mtable columnalign="{align}">{"".join(f"<mtr>{row}</mtr>" for row in cells)}</mtable>'
            brace = '<mo fence="true" form="prefix">{</mo>' if name == "cases" else ""
            return f"<mrow>{brace}{table}</mrow>"
        case _:
            return _row(item)


def _atom(text: str) -> str:
    if text in tex.LETTERS:
        # capital Greek letters stand upright in TeX
        return _element("mi", tex.LETTERS[text], ' mathvariant="normal"' if text[1].isupper() else "")
    if text in _WORDS:
        return _element("mtext", f" {_WORDS[text]} ")
    if text in _OPERATORS:
        return _element("mo", _OPERATORS[text])
    if text in _SPACES:
        return f'<mspace width="{_SPACES[text]}em"/>'
    if text in tex.SYMBOLS or text[0].isdigit():
        return _element("mn", tex.SYMBOLS.get(text, text))
    return _element("mi", text.removeprefix("\\"))


def from_latex(formula: str, displayed: bool = False) -> Markup:
    r"""The ``<math>`` element for LaTeX that symtrans prints, within a line or displayed.

    Examples
    --------
    >>> print(from_latex(r"\tau \leq \frac{1}{2}"))
    <math><mrow><mi>τ</mi><mo>≤</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow></math>
    """
    display = ' display="block"' if displayed else ""
    return Markup(f"<math{display}>{_row(tex.read(formula))}</math>")


def inline(expr: sp.Basic, variable: sp.Symbol = r) -> Markup:
    """An expression within a line.

    Examples
    --------
    >>> print(inline(sp.sqrt(sp.Symbol("lambda", positive=True))))
    <math><msqrt><mi>λ</mi></msqrt></math>
    """
    return from_latex(latex(expr, variable))


def sentence(words: Sentence, variable: sp.Symbol = r, room: float = math.inf) -> Markup:
    r"""Words and typeset formulas; a formula wider than `room` em stands in an element that may scroll.

    Examples
    --------
    >>> print(sentence(("at ", r)))
    at <math><mi>r</mi></math>
    """
    return Markup("").join(_formula(text, room) if is_formula else text for is_formula, text in spoken(words, variable))


def _formula(latex: str, room: float) -> Markup:
    scrolled = Markup('<span class="scroll" role="group" aria-label="Formula">{}</span>')
    return scrolled.format(from_latex(latex)) if width(latex) > room else from_latex(latex)


def equation(kind: Kind) -> Markup:
    """A kind as a displayed equation: g(r) = ..."""
    return from_latex(formula_latex(kind), displayed=True)
