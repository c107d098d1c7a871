"""Where the families come from: publications, read from references.bib."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pkgutil import get_data


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


def bibliography(wanted: Iterable[Reference]) -> str:
    """The entries of BibTeX for publications, in the order of their keys.

    Examples
    --------
    >>> print(bibliography(cite("rudin1992")).partition(",")[0])
    @misc{rudin1992
    """
    chosen = {*wanted}
    keys = {key for key, found in references().items() if found in chosen}
    return "\n\n".join(entry for entry in _text().strip().split("\n\n") if _KEY.match(entry)[1] in keys)  # type: ignore[index]


_KEY = re.compile(r"@misc\{(\w+),")


def _text() -> str:
    return (get_data(__package__, "references.bib") or b"").decode()


@cache
def references() -> dict[str, Reference]:
    """All of references.bib, by their keys."""
    found = {}
    for key, body in re.findall(r"^@misc\{(\w+),\n(.*?)^\}", _text(), re.MULTILINE | re.DOTALL):
        given = dict(re.findall(r"(\w+) = \{(.*)\}", body))
        authors = given["author"].replace(" and others", " and et al.").replace(" and ", ", ")
        year, doi = int(given["year"]), given.get("doi", "")
        found[key] = Reference(authors, given["title"], given["howpublished"], year, doi)
    return found


def cite(*keys: str) -> tuple[Reference, ...]:
    """The publications with these keys of references.bib.

    Examples
    --------
    >>> [reference.year for reference in cite("charbonnier1994", "huber1973")]
    [1994, 1973]
    """
    return tuple(references()[key] for key in keys)
