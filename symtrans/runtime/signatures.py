"""What a value says of its call: the parameters by name, which editors and IPython complete."""

from collections.abc import Callable, Iterable
from inspect import Parameter, Signature, signature
from typing import Any

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
        _, *own = signature(owner.__call__).parameters.values()
        others = [one for one in own if one.kind is Parameter.VAR_KEYWORD]
        annotation = others[0].annotation if others else Parameter.empty
        named = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation) for name in self._keywords(value)]
        return Signature([*(one for one in own if one.kind not in _ALL_OTHERS), *named])
