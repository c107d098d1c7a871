"""How a value shows itself: by a table from types to the writers and painters of a room far above.

Types stand there by their names, so that the table loads none of the rooms that it speaks of.
"""

from collections.abc import Callable
from typing import Any

from symtrans.runtime.above import DISPLAYS


def shown(value: object, manner: str, *arguments: Any) -> Any:
    """A value in a manner such as "latex" or "html", by the writer for its type or the nearest base."""
    writer = _writer(value, manner)
    if writer is None:
        raise LookupError(f"a {type(value).__name__} cannot be shown as {manner}")
    return writer(value, *arguments)


def _writer(value: object, manner: str) -> Callable[..., Any] | None:
    table, names = DISPLAYS(), (base.__name__ for base in type(value).__mro__)
    return next((table[name, manner] for name in names if (name, manner) in table), None)


class _Pretty:
    """The method `_repr_pretty_`: IPython takes it from the class of a value, Hypothesis from a class that it shows."""

    def __get__(self, value: Any, owner: type) -> Callable[..., None]:
        if value is not None:
            return lambda printer, cycle: printer.text(str(shown(value, "pretty")))

        def of_class(*arguments: Any) -> None:
            *values, printer, _ = arguments
            printer.text(str(shown(values[0], "pretty")) if values else owner.__name__)

        return of_class


class Shown:
    r"""What notebooks, IPython and SymPy's printers ask of a value; the table of writers answers.

    Examples
    --------
    >>> import sympy
    >>> from symtrans import Activation
    >>> print(sympy.latex(Activation("r/(1 + r^2)")))
    \Phi(r) = \frac{r}{1 + r^{2}}
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """IPython takes the nearest class of these two methods, and at one of the same class this."""
        super().__init_subclass__()
        cls._repr_pretty_ = _Pretty()

    def _repr_html_(self) -> str | None:
        return None if _writer(self, "html") is None else str(shown(self, "html"))

    def _repr_latex_(self) -> str | None:
        return None if _writer(self, "latex") is None else f"$\\displaystyle {shown(self, 'latex')}$"

    _repr_pretty_ = _Pretty()

    def _latex(self, printer: Any) -> str:
        """``sympy.latex``; what has no LaTeX of its own is set as text."""
        return str(printer.doprint(repr(self)) if _writer(self, "latex") is None else shown(self, "latex"))

    def _pretty(self, printer: Any) -> Any:
        """``sympy.pprint``."""
        from sympy.printing.pretty.stringpict import prettyForm

        return prettyForm(str(shown(self, "pretty")))
