"""The errors of symtrans: each says what is wrong, where, and how to mend it.

Every error derives from `SymtransError` and from the built-in class that a
caller who does not know symtrans would catch.
"""

import os
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

TRACEBACK = "SYMTRANS_TRACEBACK"
"""The variable that asks for whole tracebacks."""


def is_ours(frame: FrameType) -> bool:
    """Whether a frame of a traceback is one of symtrans."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == "symtrans"


class SymtransError(Exception):
    """Root of all errors that symtrans raises on purpose.

    Examples
    --------
    >>> from symtrans import Activation
    >>> try:
    ...     Activation("r^2")
    ... except SymtransError as error:
    ...     print(type(error).__name__)
    NonlinearityError
    """

    on_command_line: str = ""
    """The message for who typed a command, where it names an option; empty if it is the same."""
    on_page: str = ""
    """The message for who typed into a page, which has no options."""

    @classmethod
    def told(cls, message: Callable[[str], str], argument: str, option: str, page: str | None = None) -> Self:
        """An error whose message names an argument of Python, or for who typed a command, the option.

        What the page has instead is `page`; left out, the words of the command line will do there.
        """
        error = cls(message(argument))
        error.on_command_line = message(option)
        error.on_page = message(option if page is None else page)
        return error

    @classmethod
    def retold(cls, error: "SymtransError", around: Callable[[str], str] = str) -> Self:
        """The messages of another error, each with the same words around it."""
        new = cls(around(str(error)))
        new.on_command_line, new.on_page = (told and around(told) for told in (error.on_command_line, error.on_page))
        return new

    @property
    def is_told_whole(self) -> bool:
        """Whether its traceback shows where in symtrans it arose."""
        return bool(os.environ.get(TRACEBACK))

    def _render_traceback_(self) -> Any:
        """What IPython shows: the way to the line that called symtrans."""
        from IPython import get_ipython

        last = self.__traceback__
        while not (last is None or last.tb_next is None or is_ours(last.tb_next.tb_frame)):
            last = last.tb_next
        if last is not None and not self.is_told_whole:
            last.tb_next = None
        return get_ipython().InteractiveTB.structured_traceback(type(self), self, self.__traceback__)


def reason(error: BaseException, named: bool = False) -> str:
    """What an exception says to people: of one of the system no number, and its file only if that is not `named` yet.

    Examples
    --------
    >>> reason(FileNotFoundError(2, "No such file or directory", "ecg.csv"))
    'ecg.csv: no such file or directory'
    >>> reason(FileNotFoundError(2, "No such file or directory", "ecg.csv"), named=True)
    'no such file or directory'
    """
    if not (isinstance(error, OSError) and error.strerror):
        return str(error) or type(error).__name__
    words = error.strerror[:1].lower() + error.strerror[1:]
    return words if named or error.filename is None else f"{error.filename}: {words}"


def with_article(word: str) -> str:
    """A noun with "a" or "an" before it.

    Examples
    --------
    >>> with_article("Equality"), with_article("list")
    ('an Equality', 'a list')
    """
    return f"{'an' if word[:1] in 'aeiouAEIOU' else 'a'} {word}"


class ParseError(ValueError, SymtransError):
    """Text that is not a formula of the input grammar.

    Usual causes: a misspelt function, a missing ``*`` or bracket, a name that
    needs ``variable=``. The message shows the line with a caret under the place.

    Attributes
    ----------
    text : str
        The input (shortened when long).
    column : int
        Zero-based column of the fault in `text`.

    Examples
    --------
    >>> from symtrans import Diffusivity
    >>> Diffusivity("exp(-r^2")
    Traceback (most recent call last):
    symtrans.errors.ParseError: ...
    """

    def __init__(self, message: str, text: str = "", column: int = 0) -> None:
        self.text = text
        self.column = column
        super().__init__(message)


class NonlinearityError(ValueError, SymtransError):
    """An expression that is not a nonlinearity of the kind it was entered as.

    Usual causes: wrong parity (a diffusivity is even, an activation odd), a
    value that is not real, a point at which the function is undefined, or
    more than one candidate for the variable.

    Examples
    --------
    >>> from symtrans import Diffusivity
    >>> Diffusivity("r")
    Traceback (most recent call last):
    symtrans.errors.NonlinearityError: ... is not even...
    """


class NotInTime(NonlinearityError):
    """A translation for which the budget did not suffice."""


class NoSuchForm(NonlinearityError):
    """A form that does not exist; the message says why."""


class StabilityError(ValueError, SymtransError):
    """A time step for which the max-min principle fails or is not proved.

    Usual causes: ``tau`` above ``certificate.max_min_step(h)``, a diffusivity
    with a negative part (no step is stable), or an unbounded one.

    Examples
    --------
    >>> from symtrans import Activation, Network
    >>> Network(Activation("r"), tau="3/4")
    Traceback (most recent call last):
    symtrans.errors.StabilityError: ...
    """


class MissingPackageError(ImportError, SymtransError):
    """An optional package that what was asked for needs, and how to get it.

    Usual causes: it was never installed, or into another environment; ``symtrans doctor`` says what is there.
    """

    @classmethod
    def of(cls, what: str, package: str, extra: str) -> Self:
        """An error that names the package, and the extra that it belongs to."""
        return cls(
            f"{what} needs {package}; install it with: python -m pip install {package} "
            f"(it belongs to the extra symtrans[{extra}])"
        )


class CompilerError(RuntimeError, SymtransError):
    """No C compiler was found, or it refused the source; its words are quoted.

    Usual causes: none of ``cc``, ``gcc`` and ``clang`` is installed, or ``CC``
    names something that is no C compiler. ``symtrans doctor`` says what is there.

    Examples
    --------
    >>> import os
    >>> from unittest.mock import patch
    >>> from symtrans import Activation, Network
    >>> with patch.dict(os.environ, CC="/no/such/compiler"):
    ...     Network(Activation("tanh(r)")).compile("c")
    Traceback (most recent call last):
    symtrans.errors.CompilerError: ...
    """


class CatalogueError(KeyError, SymtransError):
    """No family of that name or alias is in the catalogue, or no rule for that pair of kinds; what there is is listed.

    Examples
    --------
    >>> from symtrans import catalogue
    >>> catalogue["hubber"]
    Traceback (most recent call last):
    symtrans.errors.CatalogueError: there is no family 'hubber'; did you mean huber?
    """

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError alone would show the repr


class NoSuchName(AttributeError, SymtransError):
    """A family that the catalogue does not have, asked for as an attribute of it."""


class CallError(TypeError, SymtransError):
    """A call without an argument that is needed, or with one that there is not."""


class InternalError(RuntimeError, SymtransError):
    """A fault of symtrans itself; the message holds the input, and the exception that it met is chained to it.

    Usual causes: a formula of a kind that nobody tried. Please report it.
    """

    is_told_whole = True


class PluginWarning(UserWarning):
    """Something that another package adds by an entry point is broken, and skipped; ``symtrans doctor`` lists it.

    Usual causes: the package cannot be imported, what its entry point names is no
    `Entry` or `Target`, or a name is taken already.
    """


class ContradictionWarning(UserWarning):
    """Statements of a certificate contradict each other, or a value of the function.

    That is a fault of symtrans, to be reported. The statements concerned are UNKNOWN in the certificate.
    """


class RoundingWarning(UserWarning):
    """Pieces with coefficients that came as floats missed each other by less than their rounding, and have been joined.

    It says how far values were moved. Usual causes: a product such as ``1.345**2/2`` computed before it is
    entered; exact numbers, as ``sympy.Rational("1.345")`` or in text, need no moving.
    """


class RowsWarning(UserWarning):
    """What looks like an image was given to a kernel that filters each row by itself, or its colours as samples.

    A stack of signals is as good an array as an image: it is taken for an image where neighbours resemble one another
    down the columns as they do along the rows. A kernel looks at the first such array that it gets. To switch it off:
    ``warnings.filterwarnings("ignore", category=symtrans.RowsWarning)``.

    Usual causes: a `Network` without ``h=(1, 1)``, or colours on the last axis.
    """


class FallbackWarning(UserWarning):
    """A filter runs in NumPy, since there is no C compiler, or no C kernel of its scheme; it says which."""
