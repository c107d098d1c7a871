"""Results that are remembered; one that a budget cut short serves only those who grant no more."""

import math
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Generic, ParamSpec, TypeVar

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
        # without a lock, each step being one: an alarm may ring while that is taken, and it would stay taken for good
        self._answers: dict[Hashable, _Answer[T]] = {}

    def get(self, key: Hashable, budget: float, compute: Callable[[], T]) -> T:
        """The remembered result for `key`, or that of `compute`; an exception is not remembered."""
        found = self._answers.get(key)
        if found is not None and (found.complete or min(budget, remaining()) <= found.budget):
            return found.served()
        budget, before = min(budget, remaining()), expiries()
        result = compute()
        self._answers[key] = _Answer(result, budget, expiries() == before)
        while len(self._answers) > self._size:
            with suppress(RuntimeError):  # another thread is at it, too
                self._answers.pop(next(iter(self._answers), None), None)
        return result


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
        cache = Cache[T](size)

        def answer(*args: P.args, **options: P.kwargs) -> T:
            return cache.get((args, *options.items()), math.inf, partial(function, *args, **options))

        return update_wrapper(answer, function)

    return decorate
