"""The catalogue: from a name or an alias to a family, of ours and of other packages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from symtrans.catalogue import activations, diffusion, penalties, robust, trained, wavelets
from symtrans.catalogue.elsewhere import FORMULAS, LINEAR, SUGGESTED, compared
from symtrans.catalogue.entry import Entry
from symtrans.catalogue.family import Family
from symtrans.errors import CatalogueError, NoSuchName, ParseError, SymtransError
from symtrans.language.symbols import short
from symtrans.language.text_parser import parse
from symtrans.nonlinearity.named import key_of
from symtrans.runtime.display import Shown, shown
from symtrans.runtime.plugins import Plugin, Registry
from symtrans.runtime.public import public

ENTRIES: tuple[Entry, ...] = (
    *diffusion.ENTRIES,
    *robust.ENTRIES,
    *wavelets.ENTRIES,
    *penalties.ENTRIES,
    *activations.ENTRIES,
    *trained.ENTRIES,
)

_FEW = 6  # names in a line

_PLACES = (
    "list(catalogue) has all, catalogue.search finds some",
    "symtrans list has all, symtrans search finds some",
    "the page lists all",
)
"""Where all families stand: in Python, for who types commands, and for who types into a page."""


@public
@dataclass(frozen=True, repr=False)
class Catalogue(Shown, Mapping[str, Family]):
    """The named families; a name or an alias gives a `Family`, derived when first asked for.

    Attributes
    ----------
    entries : tuple of Entry
    group : str
        The entry points by which installed packages add entries. They are loaded when a
        name is not among `entries`, and when the names are listed.

    Examples
    --------
    >>> catalogue["garrote"].shrinkage
    Shrinkage('Piecewise((0, |r| <= theta), (r - theta^2/r, otherwise))')
    >>> catalogue.hard == catalogue["truncated-quadratic"], catalogue.hard.called
    (True, 'hard')
    """

    entries: tuple[Entry, ...]
    group: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(self.entries))
        for fault in Registry((), "", Entry, _names).sorted_out(self.entries, {})[1]:
            raise CatalogueError(fault)

    def entry(self, name: str) -> Entry:
        """The entry behind a name or alias (spaces, case and underscores do not matter)."""
        found = self._find(name)
        if found is None:
            missing = f"there is no family {short(name)!r}"
            raise CatalogueError.told(lambda all_of_them: missing + self._near(str(name), all_of_them), *_PLACES)
        return found

    def _near(self, name: str, all_of_them: str = _PLACES[0]) -> str:
        """What a name that is none may have meant."""
        if name.startswith("_"):
            return f"; {all_of_them}"
        if hint := self.hint(name):
            return f"; {hint}"
        names, parts = self._registry.by_every_name, {*key_of(name).split("-")}
        within = [known for known in names if {*known.split("-")} < parts]  # soft in soft-thresholding
        near = list(dict.fromkeys([*within, *get_close_matches(key_of(name), names, 3, 0.6)]))[:3]
        return f"; did you mean {', '.join(near)}?" if near else f"; {all_of_them}"

    def meant(self, name: str) -> tuple[str, ...]:
        """The families that have this name in another writing, in a title, or in another package.

        Examples
        --------
        >>> catalogue.meant("SmoothL1Loss"), catalogue.meant("nn.Hardshrink"), catalogue.meant("Geman-Mc Clure loss")
        (('huber',), ('hard',), ('geman-mcclure',))
        """
        written = self._written
        found = (SUGGESTED.get(one, ()) + written.get(one, ()) for one in compared(name))
        known = self._registry.by_every_name
        return next((tuple(one for one in names if one in known) for names in found if names), ())

    def hint(self, name: str) -> str:
        """What is said of a name of another package, or in another writing; empty for others."""
        if LINEAR.intersection(compared(name)):
            return "it is not odd, and its odd part is linear: that is the family 'constant', linear diffusion"
        if formula := FORMULAS.get(compared(name)[0]):
            return f"elsewhere that is the regulariser {formula}, which may be entered"
        meant = self.meant(name)
        return f"did you mean {', '.join(meant)}?" if meant else ""

    @cached_property
    def _written(self) -> Mapping[str, tuple[str, ...]]:
        """Names by their letters and digits."""
        names = {"".join(key_of(name).split("-")): (name,) for name in self._registry.by_every_name}
        entries = dict(self._registry.items())
        titles = {compared(title)[0]: (name,) for name, entry in entries.items() for title in entry.titles.values()}
        return {**titles, **names}

    @property
    def plugins(self) -> tuple[Plugin[Entry], ...]:
        """What installed packages add, and what of it is skipped and why."""
        return self._registry.plugins

    @cached_property
    def derived_plugins(self) -> tuple[Plugin[Entry], ...]:
        """The same after all their families have been derived: what cannot be is skipped too."""
        found = []
        for plugin in self.plugins:
            adds, faults = list[Entry](), list[str]()
            for entry in plugin.adds:
                try:
                    self._families[entry.name] = entry.family()
                    adds.append(entry)
                except SymtransError as error:
                    faults.append(f"{entry.name}: {error}")
            replace(plugin, faults=tuple(faults)).warn()
            found.append(replace(plugin, adds=tuple(adds), faults=(*plugin.faults, *faults)))
        return tuple(found)

    def derivable(self) -> list[str]:
        """The names of all families, without those of other packages that fail."""
        added = (entry for plugin in self.derived_plugins for entry in plugin.adds)
        return [entry.name for entry in (*self.entries, *added) if entry.exists]

    @cached_property
    def _registry(self) -> Registry[Entry]:
        return Registry(self.entries, self.group, Entry, _names, _misprint)

    @cached_property
    def _families(self) -> dict[str, Family]:
        return {}

    def _find(self, name: object) -> Entry | None:
        return self._registry.get(key_of(name)) if isinstance(name, str) else None

    def __getitem__(self, name: str) -> Family:
        entry = self.entry(name)
        if entry.name not in self._families:
            self._families[entry.name] = entry.family()
        called = key_of(name)
        if called not in self._families:
            self._families[called] = replace(self._families[entry.name], called=called)
        return self._families[called]

    def __contains__(self, name: object) -> bool:
        found = self._find(name)
        return found is not None and found.exists

    def __iter__(self) -> Iterator[str]:
        return (name for name, entry in self._registry.items() if entry.exists)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def search(self, words: str) -> "Catalogue":
        """The families whose names, remarks or references hold each of some words, as a catalogue of its own.

        Where none does, those with near names.

        Examples
        --------
        >>> catalogue.search("huber")
        <catalogue of 2 families: truncated-tv, charbonnier>
        >>> print(catalogue.search("geman 1995"))
        name            also called  source
        geman-reynolds  ...
        """
        if not isinstance(words, str):
            raise CatalogueError(f"search({words!r}) takes text, such as search('huber')")
        entries = [self.entry(name) for name in self]
        wanted = words.lower().split()
        found = [entry for entry in entries if all(word in entry.described for word in wanted)]
        found.sort(key=lambda entry: (key_of(words) not in _names(entry), key_of(words) not in " ".join(_names(entry))))
        meant = [self.entry(name) for name in self.meant(words)]
        found = list(dict.fromkeys([*meant, *found]))
        if not found:
            near = get_close_matches(key_of(words), self._registry.by_every_name, 3, 0.6)
            found = [entry for entry in entries if {entry.name, *entry.aliases} & {*near}]
        return Catalogue(tuple(found))

    def __getattr__(self, name: str) -> Family:
        """A family by its name as Python writes it: ``catalogue.perona_malik``."""
        if name.startswith("_") or self._find(name) is None:
            raise NoSuchName(f"the catalogue has no family {name!r}{self._near(name)}", name=name)
        return self[name]

    def __dir__(self) -> list[str]:
        names = (name.replace("-", "_") for name in self._registry.by_every_name)
        return sorted({*super().__dir__(), *filter(str.isidentifier, names)})

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython offers behind ``catalogue["``."""
        return sorted(self._registry.by_every_name)

    def __repr__(self) -> str:
        names = [*self]
        few = names if len(names) <= _FEW else [*names[:_FEW], "..."]
        return f"<catalogue of {len(names)} famil{'y' if len(names) == 1 else 'ies'}: {', '.join(few)}>"

    def __str__(self) -> str:
        return str(shown(self, "pretty"))


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.aliases)


def _misprint(entry: Entry) -> str:
    """Why the formula of an entry is none, if it is text that cannot be read."""
    try:
        if isinstance(entry.formula, str):
            parse(entry.formula)
    except ParseError as error:
        return f"{entry.name}: {error}"
    return ""


catalogue = Catalogue(ENTRIES, group="symtrans.families")
"""The families that symtrans knows by name, and those that installed packages add."""
