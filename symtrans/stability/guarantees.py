"""What a network is promised: its time step unless it is given one, and the refusal of one that breaks its range."""

import sympy as sp

from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.undecided import Undecided
from symtrans.errors import StabilityError
from symtrans.schemes import Scheme
from symtrans.schemes.grid import Grid
from symtrans.stability.certificate import Certificate
from symtrans.stability.prose import short_formula

ALLOW = ('unstable="allow"', "--unstable")
"""How a step that is not stable is accepted: the argument, and the option of the command line."""


def default_step(certificate: Certificate, grid: Grid, scheme: Scheme) -> sp.Expr:
    """The step of the scheme's default rule; where any step will do, as for Phi = 0, that of Phi = r is as good as any.

    Raises
    ------
    StabilityError
        If no step is proved to be stable, or every one is.

    Examples
    --------
    >>> from symtrans import Activation, certify
    >>> from symtrans.schemes import EXPLICIT
    >>> default_step(certify(Activation("2 tanh(r)")), Grid.of(), EXPLICIT)
    1/8
    """
    bound = certificate.steps(grid, scheme=scheme)[scheme.default]
    if bound.value is None or bound.value == 0:
        missing = (
            f"there is no proved stable time step for Phi = {short_formula(certificate.activation)}: {bound.reason}."
        )
        raise StabilityError.told(lambda allow: f"{missing} Give tau and {allow} to go on all the same.", *ALLOW)
    step = scheme.rule(scheme.default).limit(grid) if bound.value is sp.oo else bound.value
    if step is sp.oo:
        raise StabilityError(f"with the {scheme.name} scheme every time step is stable; give tau")
    return step


def refuse_unstable(certificate: Certificate, tau: sp.Expr, grid: Grid, scheme: Scheme) -> None:
    """Refuse a step above the largest that keeps the range; where that depends on the parameters, a kernel will look.

    Raises
    ------
    StabilityError
        If the step is above it, there is none, or none is known.
    """
    bound = certificate.steps(grid, scheme=scheme)[scheme.keeps_range]
    formula = short_formula(certificate.activation)
    if bound.value is None:
        unknown = f"no stable step is known for Phi = {formula}: {bound.reason}."
        raise StabilityError.told(
            lambda allow: f"{unknown} Give the parameters numbers, or accept any step with {allow}.", *ALLOW
        )
    if bound.value == 0:
        none = f"no time step is stable for Phi = {formula} ({bound.reason})"
        raise StabilityError.told(lambda allow: f"{none}; accept that with {allow}", *ALLOW)
    names = certificate.activation.names.knows(tau).knows(grid.h)
    try:
        above = compare(names.inward(tau), names.inward(bound.value)) > 0
    except Undecided:
        return
    if above:
        over = f"tau = {tau} is above the largest stable step {bound.value} (max-min principle, h = {grid.h})"
        raise StabilityError.told(lambda allow: f"{over}; take tau <= {bound.value}, or accept it with {allow}", *ALLOW)
