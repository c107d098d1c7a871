"""Where a sentence of the calculus is put into the user's own names."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.undecided import Sentence, text_of
from symtrans.language.constants import shortened
from symtrans.language.symbols import Names, r
from symtrans.language.text_printer import plain


def outward(sentence: Sentence, names: Names) -> Sentence:
    """A sentence in the user's symbols and spelling; the half line is that of the modulus of the variable."""
    return tuple(
        in_short(names.outward(part.xreplace({X: sp.Abs(r)})), names) if isinstance(part, sp.Basic) else part
        for part in sentence
    )


def in_words(sentence: Sentence, names: Names) -> str:
    """A sentence as text, in the user's symbols.

    Examples
    --------
    >>> a_x = sp.Symbol("a_x", positive=True)
    >>> in_words(("the sign of ", a_x - X, " is open"), Names(sp.Symbol("u")))
    'the sign of a_x - |u| is open'
    """
    return text_of(outward(sentence, names), lambda expr: plain(expr, names.variable))


def in_short(expr: sp.Basic, names: Names) -> sp.Basic:
    """An expression in the user's symbols as sentences write it: decimals as they came, long constants by digits."""
    return shortened(names.written(expr))


def closed(text: str) -> str:
    """A sentence that another may follow: a question has its mark already.

    Examples
    --------
    >>> closed("is a < b?"), closed("the sign of a - b is open")
    ('is a < b?', 'the sign of a - b is open.')
    """
    return text if text.endswith("?") else f"{text}."
