"""Sentences and certificates in LaTeX: words and formulas by turns, aligned lines, cells of tables."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import sympy as sp

from symtrans.calculus.undecided import Sentence, text_of
from symtrans.language.constants import shortened
from symtrans.language.notation import Notation
from symtrans.language.symbols import r
from symtrans.language.text_printer import plain
from symtrans.present.latex_printer import NEW_LINE, escape, latex
from symtrans.present.statements import statements
from symtrans.present.widths import width
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Verdict

_NUMBER, _LARGEST = 10.0, 10**6  # a number wider than this (em), or with a larger denominator, is given to five digits
_LONGEST = 4_000  # characters of LaTeX within a sentence: nobody reads more


def certificate_latex(certificate: Certificate) -> str:
    """The statements as aligned lines."""
    v = certificate.source.variable
    rows = [
        rf"& {in_formulas(one.what, v)} && {in_formulas(one.answer, v)} && \text{{{one.evidence}}}"
        for one in statements(certificate, sp.Symbol("h", positive=True))
    ]
    return rf"\begin{{aligned}} {NEW_LINE.join(rows)} \end{{aligned}}"


def spoken(sentence: Sentence, variable: sp.Symbol = r) -> Iterator[tuple[bool, str]]:
    r"""Words (False) and formulas in LaTeX (True) by turns.

    Examples
    --------
    >>> list(spoken(("at ", r, Notation(" = ", " = "), sp.sqrt(2))))
    [(False, 'at '), (True, 'r = \\sqrt{2}')]
    """

    def part(item: str | sp.Basic | Notation) -> tuple[bool, str]:
        if isinstance(item, str | Notation):
            return (False, item) if isinstance(item, str) else (True, item.latex)
        text = latex(item, variable)
        return (True, text) if len(text) <= _LONGEST else (False, text_of((item,), plain))

    for is_formula, parts in groupby(map(part, sentence), key=itemgetter(0)):
        yield is_formula, "".join(text for _, text in parts)


def in_formulas(sentence: Sentence, variable: sp.Symbol = r) -> str:
    """A sentence for math mode."""
    return " ".join(
        text if is_formula else rf"\text{{{escape(text)}}}" for is_formula, text in spoken(sentence, variable)
    )


def bound_latex(bound: Bound | Verdict) -> str:
    """The value, or a question mark; of a verdict that depends on the parameters, the condition."""
    if isinstance(bound, Verdict):
        value: sp.Basic | None = bound.when if bound.value is None else sp.true if bound.value else sp.false
        return "?" if value is None else latex(value)
    return "?" if bound.value is None else latex(shortened(bound.value))


def value_latex(bound: Bound) -> str:
    """The cell of a table: the value between dollar signs, a long number to five digits."""
    text, value = bound_latex(bound), bound.value
    if value is not None and value.is_number and value.is_finite and (r"\ldots" in text or _is_long(value, text)):
        text = rf"\approx {latex(sp.N(value, 5))}"
    return f"${text}$"


def _is_long(number: sp.Expr, text: str) -> bool:
    return number.has(sp.CRootOf) or width(text) > _NUMBER or any(n.q > _LARGEST for n in number.atoms(sp.Rational))
