"""The named families: what the literature calls them, and where they come from.

An entry holds one form, the one in which the literature gives it; the other
three and the certificate are derived when first asked for. The entries stand
in one module per field; adding a family is adding an entry there, or in a
package of one's own (docs/add-a-family.md).
"""

from symtrans.catalogue.entry import Entry
from symtrans.catalogue.names import ENTRIES, TABLE_3, Catalogue, catalogue
from symtrans.catalogue.references import Reference

__all__ = ["ENTRIES", "TABLE_3", "Catalogue", "Entry", "Reference", "catalogue"]
