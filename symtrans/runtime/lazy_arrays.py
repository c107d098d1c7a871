"""Arrays that are computed later, in chunks and perhaps elsewhere."""

from typing import Any

from symtrans.runtime.above import LAZY_FILTER


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
    """What a kernel makes of such an array, later."""
    return LAZY_FILTER()(array, kernel, **parameters)
