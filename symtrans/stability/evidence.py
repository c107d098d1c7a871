"""An answer with its evidence: PROVED is exact and symbolic, ENCLOSED is interval arithmetic, all else is UNKNOWN."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import sympy as sp

from symtrans.calculus.undecided import Sentence, text_of
from symtrans.errors import NonlinearityError
from symtrans.language.text_printer import plain


class Evidence(Enum):
    """How a statement is known: exactly, by interval arithmetic, or not.

    Examples
    --------
    >>> from symtrans import Activation, certify
    >>> certify(Activation("tanh(r)")).g_max.evidence
    <Evidence.PROVED: 'proved'>
    """

    PROVED = "proved"
    ENCLOSED = "enclosed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, repr=False)
class Bound:
    """A supremum, infimum or step size.

    Attributes
    ----------
    value : Expr or None
        Exact, in the parameters; may be oo; None if unknown.
    lower, upper : Expr or None
        A rigorous rational enclosure where the value is a number.
    attained : Expr or None
        An r >= 0 at which the value is attained; None if there is none, or none that holds for all parameters.
    evidence : Evidence
    argument : Sentence
        The argument in one line: words, and the expressions of which they speak; `reason` is its text.
    is_attained : bool or None
        False if the value is only approached; None if that depends on the parameters or was not asked.
    not_positive : Boolean or None
        Where the value is not positive, of one in cases; None where that is not known.

    Examples
    --------
    >>> from symtrans import Activation, certify
    >>> bound = certify(Activation("r/(1 + r^2/lambda^2)")).slope_min
    >>> bound.value, bound.attained, bound.evidence.value
    (-1/8, sqrt(3)*lambda, 'proved')
    >>> certify(Activation("r exp(-r^2)")).g_max
    <Bound 1, proved: decreasing on (0, oo)>
    """

    value: sp.Expr | None
    evidence: Evidence
    argument: Sentence
    attained: sp.Expr | None = None
    lower: sp.Expr | None = None
    upper: sp.Expr | None = None
    is_attained: bool | None = None
    not_positive: sp.Basic | None = None

    def __bool__(self) -> bool:
        raise NonlinearityError(f"{self!r} is no condition: compare its .value")

    def __repr__(self) -> str:
        return f"<Bound {_said(self.value)}, {self.evidence.value}: {self.reason}>"

    @property
    def reason(self) -> str:
        """The argument in one line of text."""
        return text_of(self.argument, plain)


@dataclass(frozen=True, repr=False)
class Verdict:
    """A yes or no, and as a condition of Python just that; refused where it is neither.

    Attributes
    ----------
    value : bool or None
        None if unknown, or if it depends on the parameters.
    when : Boolean
        The exact condition for True where it depends on the parameters.
    evidence : Evidence
    argument : Sentence
        The argument; `reason` is its text.
    witness : tuple of float, or of such tuples for an image or a volume, optional
        A signal for which it is False, where one was asked for and found.

    Examples
    --------
    >>> from symtrans import Diffusivity, certify
    >>> verdict = certify(Diffusivity("(1 + r^2/lambda^2)^(-p)")).monotone
    >>> verdict.value, verdict.when, verdict.evidence.value
    (None, p <= 1/2, 'proved')
    >>> certify(Diffusivity("exp(-r^2)")).nonnegative
    <Verdict True, proved: inf g = 0; decreasing on (0, oo); approached as r -> oo>
    """

    value: bool | None
    evidence: Evidence
    argument: Sentence
    when: sp.Basic | None = None
    witness: tuple[Any, ...] | None = None

    def __bool__(self) -> bool:
        if self.value is None:
            raise NonlinearityError(f"{self!r} is neither yes nor no: ask for its .value, or .when it holds")
        return self.value

    def __repr__(self) -> str:
        said = _said(self.value) if self.when is None else f"just if {_said(self.when)}"
        return f"<Verdict {said}, {self.evidence.value}: {self.reason}>"

    @property
    def reason(self) -> str:
        """The argument in one line of text."""
        return text_of(self.argument, plain)


def _said(value: Any) -> str:
    return plain(value) if isinstance(value, sp.Basic) else str(value)


class Jump(NamedTuple):
    """A jump of the activation at r = place > 0 or 0; by oddness there is one at -place too.

    Examples
    --------
    >>> from symtrans import catalogue
    >>> catalogue["hard"].certificate.jumps
    (Jump(place=sqrt(2)*theta, height=-sqrt(2)*theta),)
    """

    place: sp.Expr
    height: sp.Expr
