"""The discrete block: a scheme on a grid, and which constants of a nonlinearity bound its time step.

Imports `language` and what stands below it: a rule names the bounds of a certificate, and knows no nonlinearity.
"""

import copyreg
from collections.abc import Callable, Mapping
from types import MappingProxyType

from symtrans.errors import NonlinearityError
from symtrans.schemes.explicit import EXPLICIT
from symtrans.schemes.fsi import FSI
from symtrans.schemes.implicit import IMPLICIT, SEMI_IMPLICIT
from symtrans.schemes.scheme import Scheme

__all__ = ["EXPLICIT", "FSI", "IMPLICIT", "SCHEMES", "SEMI_IMPLICIT", "Scheme", "scheme_of"]

SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {scheme.name: scheme for scheme in (EXPLICIT, SEMI_IMPLICIT, FSI, IMPLICIT)}
)
"""All schemes by name."""


def scheme_of(scheme: Scheme | str) -> Scheme:
    """A scheme of `SCHEMES` by its name; such a scheme is itself.

    Examples
    --------
    >>> scheme_of("leapfrog")
    Traceback (most recent call last):
    symtrans.errors.NonlinearityError: scheme = 'leapfrog' is none of explicit, semi-implicit, fsi, implicit
    """
    name = scheme.name if isinstance(scheme, Scheme) else scheme
    found = SCHEMES.get(name) if isinstance(name, str) else None
    if found is None or scheme not in (name, found):
        raise NonlinearityError(f"scheme = {scheme!r} is none of {', '.join(SCHEMES)}")
    return found


def _by_name(scheme: Scheme) -> tuple[Callable[[str], Scheme], tuple[str]]:
    return scheme_of, (scheme.name,)


copyreg.pickle(Scheme, _by_name)
