"""What an entry of the catalogue is: one family as the literature gives it, and where it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from symtrans.catalogue.family import Family, translate
from symtrans.catalogue.references import Reference
from symtrans.errors import CatalogueError, NonlinearityError
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS
from symtrans.nonlinearity.named import entry_named, key_of
from symtrans.runtime.frozen import FrozenMapping


@dataclass(frozen=True, repr=False)
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
    known_as : mapping
        What parameters are in other names of the literature, by which values may be given too.
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
    spread: tuple[type[Kind], ...] = ()
    remark: str = ""
    known_as: Mapping[str, str] = field(default_factory=dict)
    exists: bool = True

    def __post_init__(self) -> None:
        for name in ("sources", "aliases", "spread"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("titles", "known_as"):
            object.__setattr__(self, name, FrozenMapping(getattr(self, name)))
        for name in (self.name, *self.aliases):
            if not isinstance(name, str) or not name or name != key_of(name):
                raise CatalogueError(f"{name!r} cannot be a name in the catalogue: lower case with hyphens")
        if self.kind not in KINDS or not {*self.titles, *self.spread} <= {*KINDS}:
            raise CatalogueError(f"{self.name}: kinds are Diffusivity, Regulariser, Shrinkage, Activation")
        if not isinstance(self.formula, str) and not callable(self.formula):
            raise CatalogueError(f"{self.name}: formula = {self.formula!r} is neither text nor a function")
        if not all(isinstance(source, Reference) for source in self.sources):
            raise CatalogueError(f"{self.name}: each of its sources is a Reference, such as Reference(authors, ...)")

    def __repr__(self) -> str:
        """What rebuilds it: its name in the catalogue, or all that it holds."""
        if entry_named(self.name) == self:
            return f"catalogue.entry({self.name!r})"
        titles = ", ".join(f"{kind.__name__}: {title!r}" for kind, title in self.titles.items())
        words = [repr(self.name), self.kind.__name__, repr(self.formula), repr(self.sources), f"{{{titles}}}"]
        if self.spread:
            words.append(f"spread=({' '.join(f'{kind.__name__},' for kind in self.spread)})")
        more: dict[str, Any] = {"aliases": self.aliases, "remark": self.remark, "known_as": dict(self.known_as)}
        words += [f"{name}={value!r}" for name, value in more.items() if value]
        return f"Entry({', '.join([*words, *(['exists=False'] if not self.exists else [])])})"

    @cached_property
    def described(self) -> str:
        """All words on it in lower case, for a search."""
        kinds = (kind.__name__ for kind in self.titles)
        words = (self.name, *self.aliases, *self.titles.values(), *kinds, self.remark, self.reference)
        return " ".join(words).lower()

    @property
    def reference(self) -> str:
        """The sources in one line."""
        return "; ".join(map(str, self.sources))

    @property
    def cited(self) -> str:
        """The sources as a table has room for them: the first author, and the year."""
        short = []
        for source in self.sources:
            first, *others = source.authors.split(", ")
            short.append(f"{first.split()[-1]}{' et al.' if others else ''} {source.year}")
        return "; ".join(short)

    @property
    def nonlinearity(self) -> Kind:
        """The form in which the literature gives it."""
        if isinstance(self.formula, str):
            return self.kind(self.formula).known_as(**self.known_as)
        try:
            formula = self.formula()
        except Exception as error:  # a function of another package
            reason = f"{type(error).__name__}: {error}"
            raise NonlinearityError(f"the function that builds {self.name!r} failed ({reason})") from error
        return self.kind(formula).known_as(**self.known_as)

    def family(self) -> Family:
        """Derive the four forms, in the preferred printed form."""
        return translate(self.nonlinearity, name=self.name).spread(*self.spread)
