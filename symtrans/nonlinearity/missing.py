"""What stands in the place of a form that a nonlinearity does not have, and says why."""

from dataclasses import dataclass
from typing import Any, NoReturn

from symtrans.errors import NoSuchForm
from symtrans.nonlinearity.kind import Kind


@dataclass(frozen=True, slots=True, repr=False)
class Missing:
    """A form that does not exist, as the activation of the l0 penalty; what is asked of it is refused with the reason.

    Attributes
    ----------
    kind : type
        Of the form.
    reason : str

    Examples
    --------
    >>> from symtrans import Regulariser, translate
    >>> counting = translate(Regulariser("Piecewise((0, r == 0), (1, otherwise))"))
    >>> bool(counting.activation), counting.activation.reason.partition(":")[0]
    (False, "the activation of Regulariser('Piecewise((0, r == 0), (1, otherwise))') does not exist")
    >>> counting.activation.expr
    Traceback (most recent call last):
    symtrans.errors.NoSuchForm: the activation of ... does not exist: Psi jumps at r = 0, ...
    """

    kind: type[Kind]
    reason: str

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self.reason}>"

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # what Python itself asks for
            raise AttributeError(name)
        raise NoSuchForm(self.reason)

    def __call__(self, *values: Any, **parameters: Any) -> NoReturn:
        """Refuse."""
        raise NoSuchForm(self.reason)
