"""What a value says of its call: the parameters by name, which editors and IPython complete."""

from collections.abc import Callable, Iterable
from functools import partial
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar, cast

Method = TypeVar("Method", bound=Callable[..., Any])

_ALL_OTHERS = (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)


class CallSignature:
    """The attribute `__signature__` of values that take their own parameters by keyword.

    Examples
    --------
    >>> class Line:
    ...     __signature__ = CallSignature(lambda value: ["slope"])
    ...     def __call__(self, r, /, **parameters): ...
    >>> str(signature(Line())), str(signature(Line))
    ('(r, /, *, slope)', '()')
    """

    def __init__(self, keywords: Callable[[Any], Iterable[str]]) -> None:
        self._keywords = keywords

    def __get__(self, value: Any, owner: type) -> Signature:
        if value is None:  # of the class itself Python finds it
            raise AttributeError("__signature__")
        return _naming(owner.__call__, self._keywords(value))


def _naming(method: Callable[..., Any], keywords: Iterable[str]) -> Signature:
    """The signature of a method with these keywords in place of all others."""
    _, *own = signature(method).parameters.values()
    others = [one for one in own if one.kind is Parameter.VAR_KEYWORD]
    annotation = others[0].annotation if others else Parameter.empty
    named = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation) for name in keywords]
    return Signature([*(one for one in own if one.kind not in _ALL_OTHERS), *named])


class OwnKeywords:
    """A method that takes the parameters of its own value by keyword."""

    def __init__(self, method: Callable[..., Any], keywords: Callable[[Any], Iterable[str]]) -> None:
        self.method, self.keywords = method, keywords

    def __get__(self, value: Any, owner: type) -> Callable[..., Any]:
        if value is None:
            return self.method
        bound = _Bound(self.method, value)
        bound.keywords_of = self.keywords
        bound.__doc__ = self.method.__doc__
        return bound


def own_keywords(keywords: Callable[[Any], Iterable[str]]) -> Callable[[Method], Method]:
    """Make a method show these keywords of the value that it belongs to.

    Examples
    --------
    >>> class Line:
    ...     @own_keywords(lambda value: ["slope"])
    ...     def subs(self, **values): ...
    >>> str(signature(Line().subs)), str(signature(Line.subs))
    ('(*, slope)', '(self, **values)')
    """

    def shown(method: Method) -> Method:
        return cast(Method, OwnKeywords(method, keywords))

    return shown


class _Bound(partial[Any]):
    """A method of a value."""

    keywords_of: Callable[[Any], Iterable[str]]

    @property
    def __signature__(self) -> Signature:
        return _naming(self.func, self.keywords_of(*self.args))
