"""Names that stand for what a room far above knows: the package names the catalogue, and a kind asks for entries."""

from collections.abc import Callable, Iterator
from typing import Any

Lookup = Callable[[str], Any]

_sources: list[Callable[[], Lookup]] = []
_lookups: list[Lookup] = []


def register(source: Callable[[], Lookup]) -> None:
    """Add a catalogue: `source`, called when first needed, gives what finds an entry, or raises CatalogueError."""
    _sources.append(source)


def lookups() -> Iterator[Lookup]:
    """What finds entries: each gives what has a `nonlinearity`, or raises CatalogueError with near names."""
    while _sources:
        _lookups.append(_sources[0]())
        del _sources[0]
    yield from _lookups
