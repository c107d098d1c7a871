"""What an entry of the catalogue is: one family as the literature gives it, and where it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symtrans.catalogue.family import Family, translate
from symtrans.nonlinearity.kind import Kind


@dataclass(frozen=True)
class Reference:
    """One publication.

    Examples
    --------
    >>> print(Reference("A. Author", "A title", "A Journal 1(2):3-4", 1999, "10.1000/1"))
    A. Author, "A title", A Journal 1(2):3-4, 1999, doi:10.1000/1
    """

    authors: str
    title: str
    venue: str
    year: int
    doi: str = ""

    def __str__(self) -> str:
        tail = f", doi:{self.doi}" if self.doi else ""
        return f'{self.authors}, "{self.title}", {self.venue}, {self.year}{tail}'


@dataclass(frozen=True)
class Entry:
    """One named family.

    Attributes
    ----------
    name : str
        The key in the catalogue.
    kind : type of Kind
        The column in which the literature gives it.
    formula : str or function
        Its formula, as text for `symtrans.language.text_parser`; a formula with many
        numbers as a function that builds it when first asked for.
    sources : tuple of Reference
        Where it comes from.
    titles : mapping
        What its forms are called in the literature; the form by which the
        family is best known comes first.
    aliases : tuple of str
        Other names, in lower case with hyphens.
    spread : tuple of type
        Forms that the literature prints as a sum of terms, not factored.
    remark : str
        What a reader of the formula should know: a parametrisation that
        differs from the source, a constant that is defined elsewhere.
    exists : bool
        False for a formula of the literature that defines no family (some
        form of it does not exist): asking for it raises the error that says
        why, and the catalogue does not list it.
    """

    name: str
    kind: type[Kind]
    formula: str | Callable[[], sp.Expr]
    sources: tuple[Reference, ...]
    titles: Mapping[type[Kind], str]
    aliases: tuple[str, ...] = ()
    spread: tuple[type[Kind], ...] = field(default=())
    remark: str = ""
    exists: bool = True

    @property
    def reference(self) -> str:
        """The sources in one line."""
        return "; ".join(map(str, self.sources))

    def family(self) -> Family:
        """Derive the four forms, in the preferred printed form."""
        formula = self.formula if isinstance(self.formula, str) else self.formula()
        return translate(self.kind(formula), name=self.name).spread(*self.spread)
