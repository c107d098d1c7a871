"""What a certificate says, in words and formulas: every text, table and page writes these statements its own way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from symtrans.calculus.undecided import Sentence
from symtrans.language.constants import shortened
from symtrans.language.spelling import Spelt
from symtrans.language.symbols import Names
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Evidence, Verdict


class Wording(NamedTuple):
    """How a statement is called: its symbol in LaTeX, and words with formulas between dollar signs."""

    symbol: str
    words: str


BOUNDS: Mapping[str, Wording] = {
    "g_max": Wording(r"\sup g", r"$\sup g$"),
    "g_min": Wording(r"\inf g", r"$\inf g$"),
    "slope_max": Wording(r"\sup \Phi'", r"$\sup \Phi'$"),
    "slope_min": Wording(r"\inf \Phi'", r"$\inf \Phi'$"),
    "lipschitz": Wording("L", r"Lipschitz constant $L$ of $\Phi$"),
}
STEPS: Mapping[str, Wording] = {
    "max_min_step": Wording(r"\tau_{\text{max-min}}", r"The range never grows, $\min f \leq u \leq \max f$"),
    "sign_step": Wording(r"\tau_{\text{sign}}", "The number of sign changes never grows"),
    "euclidean_step": Wording(r"\tau_{\text{Euclidean}}", "The Euclidean norm never grows"),
    "nonexpansive_step": Wording(r"\tau_{\text{nonexpansive}}", "Distances between two signals never grow"),
    "theorem2_step": Wording(r"\tau_{\text{Theorem 2}}", "Stable by Theorem 2 of the paper"),
    "energy_step": Wording(r"\tau_{\text{energy}}", r"The energy $\sum \Psi(D^{+} u)$ never rises"),
}
VERDICTS: Mapping[str, Wording] = {
    "odd": Wording(r"\Phi \text{ odd}", r"$\Phi$ is odd"),
    "nonnegative": Wording(r"g \geq 0", r"$g \geq 0$"),
    "monotone": Wording(r"\Phi \text{ increasing}", r"$\Phi$ is increasing"),
    "convex": Wording(r"\Psi \text{ convex}", r"$\Psi$ is convex"),
    "continuous": Wording(r"\Phi \text{ continuous}", r"$\Phi$ is continuous"),
}


class Heading(NamedTuple):
    """The title of a column in three writings."""

    text: str
    markdown: str
    latex: str


COLUMNS: Mapping[str, Heading] = {
    "g_max": Heading("sup g", "sup g", r"$\sup g$"),
    "lipschitz": Heading("L", "L", "$L$"),
    "slope_min": Heading("inf Phi'", "inf Φ'", r"$\inf \Phi'$"),
    "max_min_step": Heading("max-min", "τ max-min", r"$\tau$: max--min"),
    "sign_step": Heading("sign", "τ sign", r"$\tau$: sign"),
    "nonexpansive_step": Heading("distances", "τ distances", r"$\tau$: distances"),
    "class": Heading("class", "class", "class"),
    "evidence": Heading("evidence", "evidence", "evidence"),
}
"""What a table of certificates may show of each family."""


def answers(certificate: Certificate, h: object = 1) -> dict[str, Bound | Verdict]:
    """Every statement by name, for printers: bounds, step sizes for a grid size, verdicts."""
    names = certificate.source.names
    bounds = {name: getattr(certificate, name) for name in BOUNDS}
    found = {**bounds, **certificate.steps(h), **{name: getattr(certificate, name) for name in VERDICTS}}
    return {name: _written(answer, names) for name, answer in found.items()}


def _written(answer: Bound | Verdict, names: Names) -> Bound | Verdict:
    """An answer for printers: decimals as they came, long constants by their first digits."""
    fields = ("value", "attained") if isinstance(answer, Bound) else ("when",)
    found = {field: getattr(answer, field) for field in fields}
    return replace(answer, **{k: shortened(names.written(v)) for k, v in found.items() if isinstance(v, sp.Basic)})


def cells(certificate: Certificate, columns: Iterable[str], write: Callable[[Any], str]) -> list[str]:
    """A row of a table of certificates, each bound as `write` writes it."""
    found = answers(certificate)
    words = {"class": class_of(certificate.monotone), "evidence": evidence_of(certificate)}
    return [words[name] if name in words else write(found[name]) for name in columns]


def brief(answer: Bound | Verdict) -> Sentence:
    """The value alone; of a verdict yes, no or the condition."""
    if isinstance(answer, Bound):
        return ("unknown",) if answer.value is None else (answer.value,)
    if answer.value is not None:
        return ("yes" if answer.value else "no",)
    return ("unknown",) if answer.evidence is Evidence.UNKNOWN or answer.when is None else ("if ", answer.when)


_TAU = sp.Symbol("tau")


def in_full(name: str, answer: Bound | Verdict, variable: sp.Symbol) -> Sentence:
    """The answer to be read beside its words: for which time steps, in digits too, and where it is attained."""
    if not isinstance(answer, Bound) or answer.value is None:
        return brief(answer)
    value = answer.value
    if name in STEPS:
        if value == 0:
            return "for no ", sp.Gt(_TAU, 0, evaluate=False)
        return ("for every ", _TAU) if value is sp.oo else ("for ", sp.Le(_TAU, value, evaluate=False))
    said: Sentence = (value,)
    in_digits = value.is_rational or value.has(Spelt) or answer.evidence is Evidence.ENCLOSED
    if not (in_digits or value.free_symbols or value.is_infinite):
        said += (f" ≈ {float(value):.4g}".replace("-", "−"),)
    if answer.attained is not None and value.is_finite is not False:
        said += (" at ", sp.Eq(variable, answer.attained, evaluate=False))
    return said


def class_of(monotone: Verdict) -> str:
    """The paper's classes: 1 contrast reducing, 2 may enhance contrast."""
    return "?" if monotone.value is None else "1" if monotone.value else "2"


def evidence_of(certificate: Certificate) -> str:
    """The weakest evidence among the bounds."""
    bounds = (certificate.g_max, certificate.g_min, certificate.slope_max, certificate.slope_min)
    return max((b.evidence for b in bounds), key=list(Evidence).index).value
