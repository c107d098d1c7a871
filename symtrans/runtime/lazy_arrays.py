"""Arrays that are computed later, in chunks and perhaps elsewhere: which function filters them.

A kernel knows that there are such arrays, not how they are filtered: the room that does stands on it. The package
itself names the function (`symtrans/__init__.py`), and nothing of it is imported before such an array is filtered.
"""

from collections.abc import Callable
from typing import Any

Filter = Callable[..., Any]

_sources: list[Callable[[], Filter]] = []


def register(source: Callable[[], Filter]) -> None:
    """Name the filter, a function of (array, kernel, parameters by keyword); `source` is called when it is needed."""
    _sources[:] = [source]


def is_lazy(array: Any) -> bool:
    """Whether an array is a graph of tasks, as one of Dask is, or one of xarray that holds such.

    Examples
    --------
    >>> is_lazy([1.0, 2.0])
    False
    """
    graph = getattr(array, "__dask_graph__", None)
    return callable(graph) and graph() is not None


def filtered(array: Any, kernel: Any, parameters: Any) -> Any:
    """What the filter makes of such an array."""
    return _sources[0]()(array, kernel, **parameters)
