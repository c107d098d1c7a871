"""What a target language has to offer, and the table of targets."""

from collections.abc import Mapping
from typing import Protocol

from symtrans.codegen.specification import Specification


class Target(Protocol):
    """A language that networks can be generated in. See docs/add-a-target.md."""

    name: str
    """What the user calls it."""

    def source(self, specification: Specification) -> Mapping[str, str]:
        """File name -> text, complete and self-contained."""
        ...
