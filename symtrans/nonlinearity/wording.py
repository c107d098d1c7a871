"""Where a sentence of the calculus becomes text: in the user's own names."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.undecided import Sentence, text_of
from symtrans.language.constants import shortened
from symtrans.language.symbols import Names


def in_words(sentence: Sentence, names: Names) -> str:
    """A sentence in the user's symbols; the half line is that of the modulus of the variable.

    Examples
    --------
    >>> a_x = sp.Symbol("a_x", positive=True)
    >>> in_words(("the sign of ", a_x - X, " is open"), Names(sp.Symbol("u")))
    'the sign of a_x - |u| is open'
    """
    modulus = sp.Symbol(f"|{names.variable}|", positive=True)  # no name of the user's: it is no identifier
    return text_of(sentence, lambda expr: in_short(names.outward(expr.xreplace({X: modulus})), names))


def in_short(expr: sp.Basic, names: Names) -> str:
    """An expression in the user's symbols as sentences write it: decimals as they came, long constants by digits."""
    return str(shortened(names.written(expr)))


def closed(text: str) -> str:
    """A sentence that another may follow: a question has its mark already.

    Examples
    --------
    >>> closed("is a < b?"), closed("the sign of a - b is open")
    ('is a < b?', 'the sign of a - b is open.')
    """
    return text if text.endswith("?") else f"{text}."
