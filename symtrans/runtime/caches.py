"""Results that are remembered; one that a budget cut short serves only those who grant no more."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from symtrans.runtime.budgets import count_expiry, expiries, remaining

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class _Answer(Generic[T]):
    result: T
    budget: float
    complete: bool

    def served(self) -> T:
        """The result; what is made of one that was cut short is cut short itself."""
        if not self.complete:
            count_expiry()
        return self.result


class Cache(Generic[T]):
    """The last `size` results of a computation that takes a budget.

    A result for which the budget did not suffice, be it in one detail, serves
    only those who grant no more.

    Examples
    --------
    >>> squares: Cache[int] = Cache(100)
    >>> squares.get(3, 20.0, lambda: 3**2), squares.get(3, 20.0, lambda: 1 // 0)
    (9, 9)
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: OrderedDict[Hashable, _Answer[T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, budget: float, compute: Callable[[], T]) -> T:
        """The remembered result for `key`, or that of `compute`; an exception is not remembered."""
        budget = min(budget, remaining())
        with self._lock:
            found = self._answers.get(key)
            if found is not None and (found.complete or budget <= found.budget):
                self._answers.move_to_end(key)
                return found.served()
        before = expiries()
        result = compute()
        with self._lock:
            self._answers[key] = _Answer(result, budget, expiries() == before)
            self._answers.move_to_end(key)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return result


class _CutShort(Exception):
    """A result that `lru_cache` must not keep for everybody."""

    def __init__(self, result: Any) -> None:
        self.result = result


def remembered(size: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """The last `size` results of a function whose budget is that of the limits around it.

    Examples
    --------
    >>> @remembered(100)
    ... def square(k: int) -> int:
    ...     print("computed")
    ...     return k * k
    >>> square(3), square(3)
    computed
    (9, 9)
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        short: dict[Hashable, _Answer[T]] = {}  # of those that were cut short

        @lru_cache(maxsize=size)
        def complete(*args: P.args, **options: P.kwargs) -> T:
            key = (args, *options.items())
            found = short.get(key)
            if found is not None and remaining() <= found.budget:
                raise _CutShort(found.served())
            granted, before = remaining(), expiries()
            result = function(*args, **options)
            if expiries() == before:
                short.pop(key, None)
                return result
            if len(short) >= size:
                short.clear()
            short[key] = _Answer(result, granted, False)
            raise _CutShort(result)

        def answer(*args: P.args, **options: P.kwargs) -> T:
            try:
                return complete(*args, **options)  # type: ignore[arg-type]  # as hashable as its caller makes them
            except _CutShort as cut:
                result: T = cut.result
                return result

        return update_wrapper(answer, function)

    return decorate
