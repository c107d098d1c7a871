"""Which nonlinearity is meant: the name of a family, or a formula and what kind it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import sympy as sp

from symtrans.catalogue.entry import Entry
from symtrans.catalogue.family import Family, translate
from symtrans.catalogue.names import catalogue
from symtrans.errors import CatalogueError, NonlinearityError, ParseError
from symtrans.language.latex_lexer import head_of
from symtrans.language.latex_text import LatexText
from symtrans.language.symbols import time_step
from symtrans.language.text_lexer import head_of_text
from symtrans.language.text_parser import parse
from symtrans.language.vocabulary import call_of
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS, Shrinkage
from symtrans.nonlinearity.named import identifier_of, key_of, refuse_called
from symtrans.nonlinearity.variables import without_variable
from symtrans.runtime.budgets import DEFAULT_BUDGET
from symtrans.stability.certificate import Certificate
from symtrans.stability.prover import certify

_NO_NAME = re.compile(r"[^\w\s.,'-]")
"""A character that is in a formula, and in no name."""

KINDS_BY_NAME: dict[str, type[Kind]] = {kind.__name__.lower(): kind for kind in KINDS}


class KindMissing(NonlinearityError):
    """A formula of which nobody said whether it is a diffusivity, a regulariser, a shrinkage or an activation."""


@dataclass(frozen=True)
class Reading:
    """One nonlinearity as it was entered; what follows from it is derived when asked for.

    Attributes
    ----------
    nonlinearity : Kind
    name : str
        Of the family; empty for a formula.
    tau : Expr or None
        The time step of the shrinkage function that is derived; None for the usual one.
    spread : tuple of type
        Forms that are printed as sums.
    budget : float
        Seconds for the forms, and for the proofs.
    called : str
        What it was asked for as: a name given to it, or an alias of the family.
    """

    nonlinearity: Kind
    name: str = ""
    tau: sp.Expr | None = None
    spread: tuple[type[Kind], ...] = ()
    budget: float = DEFAULT_BUDGET
    called: str = ""

    @property
    def identifier(self) -> str | None:
        """What it is called, as generated code writes it; None for a formula without a name."""
        return identifier_of(self.called) or None

    @cached_property
    def family(self) -> Family:
        """All four forms."""
        found = translate(self.nonlinearity, self.tau, budget=self.budget, name=self.name)
        return replace(found.spread(*self.spread), called=self.called)

    @cached_property
    def certificate(self) -> Certificate:
        """What is proved of it; no other form is derived than the proofs need."""
        return certify(self.nonlinearity, budget=self.budget)


Certified: TypeAlias = Family | Reading
"""What has a name and a certificate."""


def read(
    what: str,
    kind: str | None = None,
    *,
    variable: str | None = None,
    tau: Any = None,
    latex: bool = False,
    assume: Iterable[Any] = (),
    name: str = "",
    budget: float = DEFAULT_BUDGET,
) -> Reading:
    r"""Read what somebody typed.

    Parameters
    ----------
    what : str
        A name of the catalogue, or a formula.
    kind : {"diffusivity", "regulariser", "shrinkage", "activation"}, optional
        What a formula is; not needed for LaTeX that begins with ``\Phi(r) =`` or the like, nor for a name.
    variable : str, optional
        That of the formula, if it is not r.
    tau : number, str or Symbol, optional
        The time step of the shrinkage function.
    latex : bool
        Whether the formula is LaTeX.
    assume : list of inequalities, optional
        What holds of the parameters, of a formula or of a family.
    name : str
        What it is called; else a family has the name that was typed.
    budget : float
        Seconds for what is derived from it.

    Raises
    ------
    CatalogueError, KindMissing, ParseError, NonlinearityError

    Examples
    --------
    >>> read("garrote").nonlinearity.parameters
    (theta,)
    >>> read("1/(1 + r^2)", "diffusivity").family.regulariser
    Regulariser('ln(1 + r^2)')
    >>> read("1/(1 + r^2)")
    Traceback (most recent call last):
    symtrans.catalogue.reading.KindMissing: '1/(1 + r^2)' is a formula: say what it is
    """
    what = what.strip()
    step = None if tau is None else time_step(tau)
    if kind is None and (latex or head_of_text(what) is not None):
        kind = _kind_of_head(what, latex)
    if not latex and (kind is None or what in catalogue):
        entry = _entry(what)
        if variable is not None:
            raise NonlinearityError.told(
                lambda given: f"{given} says nothing about a family, and {what} is one; leave it out",
                f"variable={variable!r}",
                f"--variable {variable}",
            )
        source = entry.nonlinearity.assuming(*assume) if assume else entry.nonlinearity
        return Reading(source, entry.name, step, entry.spread, budget, name or key_of(what))
    assert kind is not None
    formula = LatexText(what) if latex else what
    cls = KINDS_BY_NAME[kind]
    own = {"tau": step} if issubclass(cls, Shrinkage) and step is not None else {}
    entered = cls(formula, variable=variable, assume=assume, **own)
    if variable is not None and not entered.expr.is_Symbol:  # which may be meant as a constant
        symbols = entered.expr.free_symbols
        if symbols and entered.variable not in symbols:
            raise without_variable(f"{cls.__name__}({what!r})", variable, map(str, entered.parameters))
    return Reading(entered, name, step, budget=budget, called=name)


def _entry(what: str) -> Entry:
    """The family of that name."""
    try:
        return catalogue.entry(what)
    except CatalogueError:
        word, *others = what.split() or [""]
        if call_of(word) is not None and not others:
            hint = f" ({found})" if (found := catalogue.hint(word)) else ""
            mend = f"write '{word}(r)', and say what it is"
            raise KindMissing(f"{word!r} is a function, no family{hint}: {mend}") from None
        try:
            parse(what)
        except ParseError:
            refuse_called(what)
            if call_of(word) is not None:
                raise  # "sin x": the grammar says what is wrong
        if _NO_NAME.search(what) or what.strip() in ("r", "1"):
            raise KindMissing(f"{what!r} is a formula: say what it is") from None
        raise


def _kind_of_head(text: str, is_latex: bool) -> str:
    r"""The kind that a head such as ``\Phi(r) =`` tells."""
    head = head_of(text) if is_latex else head_of_text(text)
    letters = {kind.letter: name for name, kind in KINDS_BY_NAME.items()}
    if head is None or head.function not in letters:
        lead = "\\" * is_latex
        example = f"{lead}Phi(r) = {lead}tanh(r)"
        raise KindMissing(
            f"'{text}': begin with its letter (g, {lead}Psi, S or {lead}Phi), as '{example}', or say what it is"
        )
    return letters[head.function]
