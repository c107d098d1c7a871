"""Values that nobody changes once they are made, for those that are no dataclass."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import FrozenInstanceError
from typing import Any, NoReturn, TypeVar

from symtrans.errors import with_article

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Frozen:
    """A value whose attributes are set while it is made, by `_set`, and never again."""

    __slots__ = ()

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise FrozenInstanceError(f"{name} of {with_article(type(self).__name__)} cannot be set; make a new one")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"{name} of {with_article(type(self).__name__)} cannot be deleted")


class FrozenMapping(Frozen, Mapping[K, V]):
    """A read-only copy of a mapping; it hashes and pickles, as the frozen values that hold it do.

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
        self._set(_items=dict(*args, **keywords))

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

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._items,)
