"""The named families: what the literature calls them, and where they come from.

An entry holds one form, the one in which the literature gives it; the other
three and the certificate are derived when first asked for. The entries stand
in one room per field; adding a family is adding an entry there.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from symtrans.catalogue import activations, diffusion, penalties, robust, trained, wavelets
from symtrans.catalogue.entry import Entry, Reference
from symtrans.catalogue.family import Family
from symtrans.errors import CatalogueError

__all__ = ["ENTRIES", "TABLE_3", "Catalogue", "Entry", "Reference", "catalogue"]

ENTRIES: tuple[Entry, ...] = (
    *diffusion.ENTRIES,
    *robust.ENTRIES,
    *wavelets.ENTRIES,
    *penalties.ENTRIES,
    *activations.ENTRIES,
    *trained.ENTRIES,
)

TABLE_3 = ("constant", "charbonnier", "truncated-tv", "perona-malik", "truncated-bfb", "truncated-quadratic")
"""The six families of the paper's Tables 2 and 3, in their order."""


class Catalogue(Mapping[str, Family]):
    """The named families; a name or an alias gives a `Family`, derived when first asked for.

    Examples
    --------
    >>> catalogue["garrote"].shrinkage
    Shrinkage('Piecewise((0, |r| <= theta), (r - theta^2/r, otherwise))')
    >>> catalogue["hard"] is catalogue["truncated-quadratic"]
    True
    """

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self._names = {alias: entry.name for entry in entries for alias in (entry.name, *entry.aliases)}

    def entry(self, name: str) -> Entry:
        """The entry behind a name or alias (spaces, case and underscores do not matter)."""
        key = _key(name)
        if key not in self._names:
            near = get_close_matches(key, self._names, 3, 0.6) or sorted(self)
            raise CatalogueError(f"there is no family {name!r}; did you mean {', '.join(near)}?")
        return self._entries[self._names[key]]

    def __getitem__(self, name: str) -> Family:
        return _family(self.entry(name).name)

    def __contains__(self, name: object) -> bool:
        key = _key(name) if isinstance(name, str) else ""
        return key in self._names and self._entries[self._names[key]].exists

    def __iter__(self) -> Iterator[str]:
        return (entry.name for entry in self._entries.values() if entry.exists)

    def __len__(self) -> int:
        return sum(entry.exists for entry in self._entries.values())

    def __repr__(self) -> str:
        return f"<catalogue of {len(self)} families: {', '.join(self)}>"


def _key(name: str) -> str:
    return str(name).strip().lower().replace(" ", "-").replace("_", "-")


@cache
def _family(name: str) -> Family:
    return catalogue.entry(name).family()


catalogue = Catalogue(ENTRIES)
"""The families that symtrans knows by name."""
