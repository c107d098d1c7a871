"""What a low room takes from one that stands on it: the package says where that is, and it loads when first asked for.

A kind knows that it can be shown, not how; a name stands for an entry of the catalogue; a kernel knows that there are
arrays which are computed later, not how they are filtered. `symtrans/__init__.py` names the places.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Above(Generic[T]):
    """A value of a module far above.

    Examples
    --------
    >>> half_turn = Above[float]()
    >>> half_turn.stands_in("math", "pi")
    >>> half_turn()
    3.141592653589793
    """

    _place: tuple[str, str]

    def stands_in(self, module: str, name: str) -> None:
        """Say where it is; nothing is imported yet."""
        self._place = module, name

    def __call__(self) -> T:
        """The value, whose module is imported if it was not."""
        module, name = self._place
        value: T = getattr(import_module(module), name)
        return value


DISPLAYS = Above[Mapping[tuple[str, str], Callable[..., Any]]]()
"""How types show themselves: writers and painters by the name of a type and the manner of showing."""
CATALOGUE = Above[Any]()
"""The named families: its `entry(name)` has a `nonlinearity`, or raises CatalogueError with near names."""
LAZY_FILTER = Above[Callable[..., Any]]()
"""What filters arrays that are computed later: a function of (array, kernel, parameters by keyword)."""
