"""What a network is promised: its time step unless it is given one, and the refusal of one that breaks its range."""

from typing import NamedTuple

import sympy as sp

from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.undecided import decided
from symtrans.errors import StabilityError
from symtrans.language.constants import shortened
from symtrans.language.text_printer import plain
from symtrans.schemes import Scheme
from symtrans.schemes.grid import Grid
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Evidence
from symtrans.stability.prose import short_formula

ALLOW = ('unstable="allow"', "--unstable")
"""How a step that is not stable is accepted: the argument, and the option of the command line."""

_MEAN = "the sum of all samples stays the same"
_PROPERTIES = {"max_min_step": "max-min principle", "euclidean_step": "Euclidean norm"}


def default_step(certificate: Certificate, grid: Grid, scheme: Scheme) -> sp.Expr:
    """The step of the strongest rule that holds; where any step will do, as for Phi = 0, that of Phi = r does.

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
    >>> default_step(certify(Activation("2 tanh(r)")), Grid.of((1, 1)), EXPLICIT)
    1/8
    """
    steps = certificate.steps(grid, scheme=scheme)
    name = next((name for name in scheme.defaults if steps[name].value not in (None, 0)), scheme.defaults[-1])
    bound = steps[name]
    if bound.value is None or bound.value == 0:
        missing = (
            f"there is no proved stable time step for Phi = {short_formula(certificate.activation)}: "
            f"{_reason(certificate, bound)}."
        )
        raise StabilityError.told(lambda allow: f"{missing} Give tau and {allow} to go on all the same.", *ALLOW)
    step = scheme.rule(name).limit(grid) if bound.value is sp.oo else bound.value
    if step is sp.oo:
        raise StabilityError(f"with the {scheme.name} scheme every time step is stable; give tau, or a stopping time")
    return step


def refuse_unstable(
    certificate: Certificate, tau: sp.Expr, grid: Grid, scheme: Scheme, steps: int | None = None
) -> None:
    """Refuse a step above the largest that keeps the range; where that depends on the parameters, a kernel will look.

    `steps` is their number where tau follows from it and a stopping time.

    Raises
    ------
    StabilityError
        If the step is above it, there is none, or none is known.
    """
    bound = certificate.steps(grid, scheme=scheme)[scheme.required]
    formula = short_formula(certificate.activation)
    if bound.value is None:
        unknown = f"no stable step is known for Phi = {formula}: {bound.reason}."
        raise StabilityError.told(
            lambda allow: f"{unknown} Give the parameters numbers, or accept any step with {allow}.", *ALLOW
        )
    if bound.value == 0:
        none = f"no time step is stable for Phi = {formula} ({_reason(certificate, bound)})"
        raise StabilityError.told(lambda allow: f"{none}; accept that with {allow}", *ALLOW)
    names = certificate.activation.names.knows(sp.Tuple(tau, *grid.sizes))
    if decided(compare, names.inward(tau), names.inward(bound.value)) == 1:
        wanted, most = (plain(shortened(value)) for value in (tau, bound.value))
        over = f"tau = {wanted} is above the largest stable step {most} ({_PROPERTIES[scheme.required]}, h = {grid.h})"
        ratio = tau / bound.value
        if steps is None or not ratio.is_number:
            remedy = f"take tau <= {most.replace('...', '')}"
        else:  # so many times as many steps to the same time are each so much smaller
            over = f"{steps} steps to that time are too few: {over}"
            remedy = f"take {sp.ceiling(steps * ratio)} steps or more"
        raise StabilityError.told(lambda allow: f"{over}; {remedy}, or accept it with {allow}", *ALLOW)


def _reason(certificate: Certificate, bound: Bound) -> str:
    if certificate.g_max.value is not sp.oo:
        return bound.reason
    is_steep = certificate.g_max.reason.endswith(" -> 0")
    rounded = ", where huber and charbonnier are total variation with its corner rounded off" if is_steep else ""
    return f"{bound.reason}; sup g = oo, {certificate.g_max.reason}{rounded}"


class Guarantee(NamedTuple):
    """What is proved of a network of any number of blocks.

    Attributes
    ----------
    claim : str
    evidence : Evidence
    reason : str
        The argument in one line.
    when : Boolean
        For which parameters; true if for all.
    """

    claim: str
    evidence: Evidence
    reason: str
    when: sp.Basic = sp.true

    def __str__(self) -> str:
        return f"{self.evidence.value}: {self.claim}" + ("" if self.when == sp.true else f", if {plain(self.when)}")


def guarantees(certificate: Certificate, tau: sp.Expr, grid: Grid, scheme: Scheme) -> tuple[Guarantee, ...]:
    """All that is proved for this scheme, step and grid, the strongest first."""
    found = []
    kept: sp.Basic = sp.false  # where the rule holds that the scheme requires
    steps = certificate.steps(grid, scheme=scheme)
    names = certificate.activation.names.knows(sp.Tuple(tau, *grid.sizes))
    for rule in scheme.rules:
        bound = steps[rule.name]
        if rule.name == "theorem2_step" or bound.value in (None, 0):
            continue  # a bound of the paper's, not a property
        when: sp.Basic = sp.true
        if bound.value is not sp.oo:
            order = decided(compare, names.inward(tau), names.inward(bound.value))
            if order == 1:
                continue
            when = sp.Le(tau, bound.value, evaluate=False) if order is None else when
        kept = when if rule.name == scheme.required else kept
        found.append(Guarantee(rule.claim_on(grid), bound.evidence, f"{rule.argument}; {bound.reason}", when))
    # g finite: every scheme moves what flows over an edge from one sample to the other; but one that solves may have no
    # solution where g < 0, and its kernels clamp what they find
    when = kept if scheme.rule(scheme.required).ratio is sp.oo else sp.true
    if steps[scheme.required].value is not None and when != sp.false:
        found.append(Guarantee(_MEAN, Evidence.PROVED, "what one sample gains over an edge another loses", when))
    return tuple(found)
