"""A mapping that nobody changes: it hashes and pickles, as the frozen values that hold it do."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class FrozenMapping(Mapping[K, V]):
    """A read-only copy of a mapping.

    Examples
    --------
    >>> titles = FrozenMapping({"a": 1})
    >>> titles, hash(titles) == hash(FrozenMapping(a=1))
    (FrozenMapping({'a': 1}), True)
    >>> titles["a"] = 2
    Traceback (most recent call last):
    TypeError: 'FrozenMapping' object does not support item assignment
    """

    __slots__ = ("_items",)
    _items: dict[K, V]

    def __init__(self, *args: Any, **keywords: Any) -> None:
        object.__setattr__(self, "_items", dict(*args, **keywords))

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._items,)
