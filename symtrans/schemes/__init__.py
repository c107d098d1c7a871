"""The discrete block: a scheme on a grid, and which constants of a nonlinearity bound its time step.

Imports `language` and what stands below it: a rule names the bounds of a certificate, and knows no nonlinearity.
"""

from collections.abc import Mapping
from types import MappingProxyType

from symtrans.errors import NonlinearityError
from symtrans.schemes.explicit import EXPLICIT
from symtrans.schemes.scheme import Scheme

__all__ = ["EXPLICIT", "SCHEMES", "Scheme", "scheme_of"]

SCHEMES: Mapping[str, Scheme] = MappingProxyType({scheme.name: scheme for scheme in (EXPLICIT,)})
"""All schemes by name."""


def scheme_of(scheme: Scheme | str) -> Scheme:
    """A scheme by its name; a scheme is itself.

    Examples
    --------
    >>> scheme_of("leapfrog")
    Traceback (most recent call last):
    symtrans.errors.NonlinearityError: scheme = 'leapfrog' is none of explicit
    """
    if isinstance(scheme, Scheme):
        return scheme
    if not isinstance(scheme, str) or scheme not in SCHEMES:
        raise NonlinearityError(f"scheme = {scheme!r} is none of {', '.join(SCHEMES)}")
    return SCHEMES[scheme]
