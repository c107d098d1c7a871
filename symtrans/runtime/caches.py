"""Results that are remembered, each with the budget that it was given and whether that sufficed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from symtrans.runtime.budgets import expiries, remaining

T = TypeVar("T")


@dataclass(frozen=True)
class _Answer(Generic[T]):
    result: T
    budget: float
    complete: bool


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
                return found.result
        before = expiries()
        result = compute()
        with self._lock:
            self._answers[key] = _Answer(result, budget, expiries() == before)
            self._answers.move_to_end(key)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return result
