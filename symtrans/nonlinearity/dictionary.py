"""Table 1 as a mapping from two kinds to the rule between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symtrans.errors import CatalogueError, NonlinearityError
from symtrans.nonlinearity.kind import Kind, known_kind
from symtrans.nonlinearity.kinds import KINDS
from symtrans.nonlinearity.table1 import formulas
from symtrans.runtime.budgets import DEFAULT_BUDGET
from symtrans.runtime.display import Shown, shown
from symtrans.runtime.public import public


@public
@dataclass(frozen=True, repr=False)
class Rule(Shown):
    r"""One entry of Table 1.

    Attributes
    ----------
    source, target : type of Kind
    formula : Expr
        The target function of `r`, in terms of the undefined function of the
        source; `alpha` is the regularisation parameter of the variational
        model (eq. 14), equal to `tau` for one explicit step.

    Examples
    --------
    >>> from symtrans import Activation, Diffusivity, dictionary
    >>> rule = dictionary[Diffusivity, Activation]
    >>> rule.latex
    '\\Phi(r) = g(r) \\, r'
    >>> rule.apply(Diffusivity("exp(-r^2)"))
    Activation('r*exp(-r^2)')
    """

    source: type[Kind]
    target: type[Kind]
    formula: sp.Expr

    def __repr__(self) -> str:
        return f"dictionary[{self.source.__name__}, {self.target.__name__}]"

    def __str__(self) -> str:
        return str(shown(self, "pretty"))

    @property
    def latex(self) -> str:
        r"""The formula as Table 1 prints it, such as ``\Phi(r) = g(r) \, r``."""
        return str(shown(self, "latex"))

    def apply(self, nonlinearity: Kind, *, tau: Any = None, budget: float = DEFAULT_BUDGET) -> Kind:
        """Translate one nonlinearity.

        Parameters
        ----------
        nonlinearity : Kind
            Of the type `source`.
        tau : number, str or Symbol, optional
            The time step of the shrinkage that results (default 1/4). A
            shrinkage as source brings its own, and takes no other.
        budget : float
            Seconds; an integral not found in time stays an `Integral`.

        Raises
        ------
        NonlinearityError
            If the translation does not exist (a regulariser with Psi(0) = 0
            of a flux that is not integrable at 0).

        Examples
        --------
        >>> from symtrans import Diffusivity, Shrinkage
        >>> dictionary[Diffusivity, Shrinkage].apply(Diffusivity("exp(-r^2)"))
        Shrinkage('r*(1 - exp(-2*r^2))')
        """
        if type(nonlinearity) is not self.source:
            raise NonlinearityError(f"this rule translates a {self.source.__name__}, not {nonlinearity!r}")
        return nonlinearity.to(self.target, tau=tau, budget=budget)


@public
class Dictionary(Shown, Mapping[tuple[type[Kind], type[Kind]], Rule]):
    """Table 1; a kind may be given by its name too."""

    __slots__ = ()

    def __getitem__(self, pair: tuple[type[Kind], type[Kind]]) -> Rule:
        try:
            source, target = map(known_kind, pair)
        except (TypeError, ValueError):
            source = target = Kind
        if source is target:
            kinds = ", ".join(kind.__name__ for kind in KINDS)
            asked = pair if isinstance(pair, tuple) else (pair,)
            named = ", ".join(getattr(one, "__name__", repr(one)) for one in asked)
            raise CatalogueError(f"the dictionary has no rule [{named}]; give source and target, two of {kinds}")
        return Rule(source, target, formulas()[source.letter, target.letter])

    def __iter__(self) -> Iterator[tuple[type[Kind], type[Kind]]]:
        return ((source, target) for source in KINDS for target in KINDS if source is not target)

    def __len__(self) -> int:
        return len(formulas())

    def __repr__(self) -> str:
        return "<Table 1: the twelve rules from one kind to another>"

    def __str__(self) -> str:
        return str(shown(self, "pretty"))


dictionary: Mapping[tuple[type[Kind], type[Kind]], Rule] = Dictionary()
"""Table 1: from (source, target) to the rule that translates."""
