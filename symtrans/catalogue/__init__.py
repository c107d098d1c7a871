"""The named families: what the literature calls them, and where they come from.

An entry holds one form, the one in which the literature gives it; the other
three and the certificate are derived when first asked for. The entries stand
in one module per field; adding a family is adding an entry there, or in a
package of one's own (docs/add-a-family.md).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symtrans.catalogue.entry import Entry
    from symtrans.catalogue.names import ENTRIES, Catalogue, catalogue
    from symtrans.catalogue.nearest import TABLE_3
    from symtrans.catalogue.references import Reference

__all__ = ["ENTRIES", "TABLE_3", "Catalogue", "Entry", "Reference", "catalogue"]

_PLACES = {**dict.fromkeys(__all__, "names"), "Entry": "entry", "Reference": "references", "TABLE_3": "nearest"}
"""Where the names live: a nonlinearity of the user's own needs no entry."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
