"""What leaves a public call: an answer, an error of symtrans, or a fault of ours that says so.

An error of symtrans says what is wrong with the input, so that its traceback ends where the user called; the variable
SYMTRANS_TRACEBACK asks for the whole way to where it arose.
"""

import sys
import warnings
from collections.abc import Callable
from functools import cached_property, wraps
from types import FunctionType
from typing import Any, TypeVar

from symtrans.errors import CallError, InternalError, SymtransError, is_ours
from symtrans.runtime.signatures import OwnKeywords

Named = TypeVar("Named", bound=Callable[..., Any])

_LONGEST = 200  # characters of an input in the message
_CALLED = ("__init__", "__call__", "__repr__", "__str__", "__getitem__")


def public(named: Named) -> Named:
    """A function, or a class with its public members, of which nothing but `SymtransError` escapes.

    Any other exception is chained to an `InternalError`. A call with the wrong arguments is a TypeError, too, what the
    system refuses (a file, a port) an OSError, and a warning that was made an error stays that.

    Examples
    --------
    >>> @public
    ... def divided(a, b):
    ...     return a / b
    >>> divided(1, 0)
    Traceback (most recent call last):
    symtrans.errors.InternalError: divided(1, 0) failed with ZeroDivisionError: division by zero. ...
    """
    if not isinstance(named, type):
        return _guarded(named)
    for name, member in list(vars(named).items()):
        if name in _CALLED or not name.startswith("_"):
            guarded = _member(member)
            if guarded is not member:
                setattr(named, name, guarded)
            if isinstance(guarded, cached_property):
                guarded.__set_name__(named, name)
    return named


def _member(member: Any) -> Any:
    """A method or property, guarded; anything else as it is."""
    if isinstance(member, FunctionType):
        return _guarded(member)
    if isinstance(member, OwnKeywords):
        return OwnKeywords(_guarded(member.method), member.keywords)
    if isinstance(member, classmethod | staticmethod):
        return type(member)(_guarded(member.__func__))
    if isinstance(member, property) and member.fget is not None:
        return property(_guarded(member.fget))
    if isinstance(member, cached_property):
        return cached_property(_guarded(member.func))
    return member


def _guarded(function: Named) -> Named:
    @wraps(function)
    def answer(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True  # for IPython and pytest
        try:
            return function(*args, **options)
        except (OSError, Warning, MemoryError):
            raise
        except SymtransError as error:
            if error.is_told_whole:
                raise
            raise error.with_traceback(None) from error.__cause__  # SYMTRANS_TRACEBACK=1 shows where it arose
        except Exception as error:
            here = error.__traceback__
            if isinstance(error, TypeError) and (here is None or here.tb_next is None):  # the call itself
                made = type(args[0]).__name__ if args and function.__name__ == "__init__" else ""
                said = str(error)
                way = f"; it is {made or function.__name__}{_signature(function)}"
                raise CallError((f"{made}{said[said.find('(') :]}" if made else said) + way) from None
            given = ", ".join([*map(_shown, args), *(f"{name}={_shown(value)}" for name, value in options.items())])
            raise InternalError(
                f"{getattr(function, '__qualname__', function)}({given}) failed with {type(error).__name__}: {error}. "
                "If each argument is what the documentation asks for, this is an internal error of symtrans: "
                "please report it with this message"
            ) from error

    return answer  # type: ignore[return-value]


def warn(message: str, category: type[Warning]) -> None:
    """A warning at the line that called symtrans, however deep within it is given."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _signature(function: Callable[..., Any]) -> str:
    """How a function is called, without the types of its arguments."""
    import inspect  # for an error only

    signature = inspect.signature(function)
    names = [
        one.replace(annotation=one.empty, default={} if one.default == {} else one.default)  # as it is typed
        for one in signature.parameters.values()
        if one.name != "self"
    ]
    return str(signature.replace(parameters=names, return_annotation=signature.empty))


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # an object that is only half made, or a number of more digits than Python prints
        text = f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
