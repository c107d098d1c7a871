"""What a certificate says, in words and formulas: every text, table and page writes these statements its own way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from symtrans.calculus.undecided import Sentence
from symtrans.language.constants import shortened
from symtrans.language.notation import (
    EQUALS,
    INF_G,
    INF_SLOPE,
    NONNEGATIVE_G,
    PHI,
    PSI,
    RANGE,
    SUP_G,
    SUP_SLOPE,
    L,
    Notation,
)
from symtrans.language.spelling import Spelt
from symtrans.language.symbols import Names
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Evidence, Verdict
from symtrans.stability.prose import for_steps

BOUNDS: Mapping[str, Sentence] = {
    "g_max": (SUP_G,),
    "g_min": (INF_G,),
    "slope_max": (SUP_SLOPE,),
    "slope_min": (INF_SLOPE,),
    "lipschitz": ("Lipschitz constant ", L, " of ", PHI),
}
STEPS: Mapping[str, Sentence] = {
    "max_min_step": ("The range never grows, ", RANGE),
    "sign_step": ("The number of sign changes never grows",),
    "euclidean_step": ("The Euclidean norm never grows",),
    "nonexpansive_step": ("Distances between two signals never grow",),
    "theorem2_step": ("Stable by Theorem 2 of the paper",),
    "energy_step": ("The energy ", Notation("sum Psi(D+ u)", r"\sum \Psi(D^{+} u)"), " never rises"),
}
VERDICTS: Mapping[str, Sentence] = {
    "odd": (PHI, " is odd"),
    "nonnegative": (NONNEGATIVE_G,),
    "monotone": (PHI, " is increasing"),
    "convex": (PSI, " is convex"),
    "continuous": (PHI, " is continuous"),
}


class Statement(NamedTuple):
    """One line of a certificate.

    Attributes
    ----------
    name : str
        The attribute of the certificate, or the name of the step.
    what, answer : Sentence
        What it is about, and what holds of that.
    evidence : str
    why : Sentence
        The argument.
    """

    name: str
    what: Sentence
    answer: Sentence
    evidence: str
    why: Sentence


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


def in_full(name: str, answer: Bound | Verdict, variable: sp.Symbol) -> Sentence:
    """The answer to be read beside its words: for which time steps, in digits too, and where it is attained."""
    if not isinstance(answer, Bound) or answer.value is None:
        return brief(answer)
    value = answer.value
    if name in STEPS:
        return for_steps(value)
    said: Sentence = (value,)
    in_digits = value.is_rational or value.has(Spelt) or answer.evidence is Evidence.ENCLOSED
    if not (in_digits or value.free_symbols or value.is_infinite):
        digits = f"{float(value):.4g}"
        said += (Notation(f" ≈ {digits}".replace("-", "−"), rf" \approx {digits}"),)
    if answer.attained is not None and value.is_finite is not False:
        said += (" at ", variable, EQUALS, answer.attained)
    return said


_ORDER = (*STEPS, *BOUNDS, *(name for name in VERDICTS if name != "odd"))  # every activation is odd


def statements(certificate: Certificate, h: object = 1, names: Iterable[str] = _ORDER) -> list[Statement]:
    """Statements of a certificate, by default all: step sizes, bounds, verdicts.

    Examples
    --------
    >>> from symtrans import catalogue
    >>> from symtrans.calculus.undecided import text_of
    >>> first = statements(catalogue["soft"].certificate)[0]
    >>> text_of(first.what), text_of(first.answer), first.evidence, text_of(first.why)
    ('The range never grows, min f <= u <= max f', 'for tau <= 1/2', 'proved', 'g >= 0 and tau g_max/h^2 <= 1/2')
    """
    words, found = {**STEPS, **BOUNDS, **VERDICTS}, answers(certificate, h)
    variable = certificate.source.variable
    return [
        Statement(
            name, words[name], in_full(name, found[name], variable), found[name].evidence.value, found[name].argument
        )
        for name in names
    ]


def class_of(monotone: Verdict) -> str:
    """The paper's classes: 1 contrast reducing, 2 may enhance contrast."""
    return "?" if monotone.value is None else "1" if monotone.value else "2"


def evidence_of(certificate: Certificate) -> str:
    """The weakest evidence among the bounds."""
    bounds = (certificate.g_max, certificate.g_min, certificate.slope_max, certificate.slope_min)
    return max((b.evidence for b in bounds), key=list(Evidence).index).value
