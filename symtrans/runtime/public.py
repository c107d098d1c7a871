"""What leaves a public call: an answer, an error of symtrans, or a fault of ours that says so."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from symtrans.errors import InternalError, SymtransError

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST = 200  # characters of an input in the message


def public(function: Callable[P, T]) -> Callable[P, T]:
    """A function of which nothing but `SymtransError` escapes; any other exception is chained to an `InternalError`.

    A call with the wrong arguments stays a TypeError, and a warning that was made an error stays that.

    Examples
    --------
    >>> @public
    ... def divided(a, b):
    ...     return a / b
    >>> divided(1, 0)
    Traceback (most recent call last):
    symtrans.errors.InternalError: divided(1, 0) failed with ZeroDivisionError: division by zero. ...
    """

    @wraps(function)
    def answer(*args: P.args, **options: P.kwargs) -> T:
        try:
            return function(*args, **options)
        except (SymtransError, Warning, MemoryError):
            raise
        except Exception as error:
            here = error.__traceback__
            if isinstance(error, TypeError) and (here is None or here.tb_next is None):  # the call itself
                raise
            given = ", ".join([*map(_shown, args), *(f"{name}={_shown(value)}" for name, value in options.items())])
            raise InternalError(
                f"{function.__qualname__}({given}) failed with {type(error).__name__}: {error}. "
                "This is an internal error of symtrans, not of your input: please report it with this message"
            ) from error

    return answer


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # an object that is only half made, or a number of more digits than Python prints
        text = f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
