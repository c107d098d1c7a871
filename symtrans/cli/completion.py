"""What the shell offers at a tab: names of the catalogue, and the values of options."""

from collections.abc import Callable
from importlib import import_module

import typer

from symtrans.errors import SymtransError
from symtrans.runtime.disk_cache import kept


def families(incomplete: str) -> list[tuple[str, str]]:
    """Names and aliases of the catalogue, each with what it is.

    Examples
    --------
    >>> families("garrote")[0]
    ('garrote', 'truncated-bfb')
    """
    found = kept("names", _names)  # for a tab after another beginning
    return [(name, what) for name, what in found if name.startswith(incomplete.lower())]


def _names() -> list[tuple[str, str]]:
    from symtrans.catalogue import catalogue

    found = []
    for name in catalogue:
        entry = catalogue.entry(name)
        found.append((name, entry.reference))
        found += [(alias, name) for alias in entry.aliases]
    return found


def signals(incomplete: str) -> list[str]:
    """The signals that have a name; the shell adds files."""
    return [name for name in ("ecg",) if name.startswith(incomplete)]


def _names_in(module: str, table: str) -> Callable[[str], list[str]]:
    """Offers the names of a table, whose module loads when a shell asks."""

    def offered(incomplete: str) -> list[str]:
        return [name for name in getattr(import_module(module), table) if name.startswith(incomplete)]

    return offered


targets = _names_in("symtrans.codegen.targets", "TARGETS")
dtypes = _names_in("symtrans.codegen.network", "DTYPES")
boundaries = _names_in("symtrans.schemes.grid", "BOUNDARIES")
schemes = _names_in("symtrans.schemes", "SCHEMES")


def assignments(context: typer.Context, incomplete: str) -> list[str]:
    """The parameters of the family given by an option on the line, each with its equals sign.

    A name given as an argument is not known here: while an option lacks its value, no argument is read.
    """
    from symtrans.catalogue import catalogue
    from symtrans.language.symbols import keyword_of

    try:
        keywords = map(keyword_of, catalogue.entry(context.params["nonlinearity"]).nonlinearity.parameters)
    except (KeyError, SymtransError):  # no such option, a formula, or a name that is not there
        return []
    return [f"{keyword}=" for keyword in keywords if keyword.startswith(incomplete)]
