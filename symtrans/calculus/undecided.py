"""What the calculus says where it has no answer: sentences that keep their expressions.

They are put into the user's own names once (`symtrans.nonlinearity.wording`), and written by whoever shows them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import sympy as sp

from symtrans.language.notation import CLOSES, COMMA, OPENS, Notation

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST = 1_000  # characters of a formula that anybody reads


Sentence = tuple[str | sp.Basic | Notation, ...]
"""Words, and the expressions and signs of which they speak."""


def text_of(sentence: Sentence, show: Callable[[sp.Basic], str] = str) -> str:
    """A sentence as text, each expression written by `show`.

    Examples
    --------
    >>> text_of(("is ", sp.Symbol("a"), " < ", sp.Symbol("b"), "?"))
    'is a < b?'
    """
    return "".join(
        part if isinstance(part, str) else part.text if isinstance(part, Notation) else written(part, show)
        for part in sentence
    )


def written(expr: sp.Basic, show: Callable[[sp.Basic], str]) -> str:
    """An expression as `show` has it; of one that nobody would read the beginning."""
    try:
        text = show(expr)
    except ValueError:  # a number of more digits than Python prints
        return "a formula with very long numbers"
    return text if len(text) <= _LONGEST else f"{text[:60]}... ({len(text)} characters)"


def interval(lo: sp.Expr, hi: sp.Expr) -> Sentence:
    """How a sentence names an open interval."""
    return OPENS, lo, COMMA, hi, CLOSES


def joined(between: str, sentences: Iterable[Sentence]) -> Sentence:
    """Several sentences as one."""
    return tuple(part for sentence in sentences for part in (between, *sentence))[1:]


@dataclass(frozen=True)
class Unknown:
    """In place of an answer: why there is none."""

    reason: Sentence


class Reasoned(Exception):
    """What the calculus answers in place of a value; its sentence says why."""

    def __init__(self, *sentence: str | sp.Basic) -> None:
        super().__init__(*sentence)

    @property
    def sentence(self) -> Sentence:
        """The reason, its expressions in inner symbols."""
        return self.args

    def __str__(self) -> str:
        return text_of(self.sentence)


class Undecided(Reasoned):
    """A sign, limit or order that is neither proved nor disproved; the sentence names it.

    Attributes
    ----------
    open : Expr or None
        An expression in the parameters alone whose sign would settle the question:
        whoever asked may go through the three cases.
    """

    def __init__(self, *sentence: str | sp.Basic, open: sp.Expr | None = None) -> None:
        self.open = open
        super().__init__(*sentence)


def decided(question: Callable[P, T], *args: P.args, **options: P.kwargs) -> T | None:
    """The answer to a question, or None where it stays open: who asks can do without.

    Examples
    --------
    >>> def sign_of(expr: sp.Expr) -> int:
    ...     if expr.is_positive:
    ...         return 1
    ...     raise Undecided("the sign of ", expr, " is open")
    >>> decided(sign_of, sp.Integer(3)), decided(sign_of, sp.Symbol("a"))
    (1, None)
    """
    try:
        return question(*args, **options)
    except Undecided:
        return None


def decided_as_it_is(question: Callable[P, T], *args: P.args, **options: P.kwargs) -> T | None:
    """The same, but a question that the sign of a parameter would settle goes on to who may ask for each sign."""
    try:
        return question(*args, **options)
    except Undecided as found:
        if found.open is not None:
            raise
        return None


class Diverges(Reasoned):
    """The integral from 0 does not exist."""
