"""How a value shows itself: a table from types to the writers and painters of rooms far above, filled when first used.

A kind or a certificate knows that it can be shown, not how: the room that writes LaTeX stands on it. The package
itself names the table of writers (`symtrans/__init__.py`), and nothing of them is imported before something is shown.
"""

from collections.abc import Callable, Mapping
from typing import Any

Displays = Mapping[tuple[type, str], Callable[..., Any]]

_sources: list[Callable[[], Displays]] = []
_table: dict[tuple[type, str], Callable[..., Any]] = {}


def register(source: Callable[[], Displays]) -> None:
    """Add writers by (type, manner of showing); `source` is called when something is first shown."""
    _sources.append(source)


def shown(value: object, manner: str, *arguments: Any) -> Any:
    """A value in a manner such as "latex" or "html", by the writer for its type or the nearest base."""
    while _sources:
        _table.update(_sources[0]())
        del _sources[0]
    for base in type(value).__mro__:
        if (base, manner) in _table:
            return _table[base, manner](value, *arguments)
    raise LookupError(f"a {type(value).__name__} cannot be shown as {manner}")
