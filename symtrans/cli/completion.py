"""What the shell offers at a tab: names of the catalogue, and the values of options."""

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


def targets(incomplete: str) -> list[str]:
    """Languages in which kernels are written."""
    from symtrans.codegen.targets import TARGETS

    return [name for name in TARGETS if name.startswith(incomplete)]


def dtypes(incomplete: str) -> list[str]:
    """Precisions of kernels."""
    from symtrans.codegen.network import DTYPES

    return [name for name in DTYPES if name.startswith(incomplete)]


def boundaries(incomplete: str) -> list[str]:
    """Boundary conditions."""
    from symtrans.schemes.grid import BOUNDARIES

    return [name for name in BOUNDARIES if name.startswith(incomplete)]


def schemes(incomplete: str) -> list[str]:
    """Time schemes."""
    from symtrans.schemes import SCHEMES

    return [name for name in SCHEMES if name.startswith(incomplete)]


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
