"""What a question is answered with: the page about a nonlinearity, or the sources of its network, as JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from symtrans.catalogue.family import Family
from symtrans.catalogue.reading import Reading, read
from symtrans.codegen.network import Network
from symtrans.errors import ParseError, StabilityError, SymtransError
from symtrans.explore.questions import Question, SourceQuestion
from symtrans.language.symbols import time_step
from symtrans.present import tables
from symtrans.present.html import Panel, panel
from symtrans.runtime.budgets import DEFAULT_BUDGET


@dataclass(frozen=True)
class Answer:
    """A status of HTTP and the JSON that goes with it."""

    status: int
    body: bytes


class _WrongStep(Exception):
    """The fault is in the time step, not in the formula."""


def answer(question: Question | SourceQuestion, budget: float = DEFAULT_BUDGET) -> Answer:
    """Compute an answer; what is wrong with the input becomes an answer that says so and where.

    Parameters
    ----------
    question : Question or SourceQuestion
    budget : float
        Seconds for the translation, and for the proofs.

    Examples
    --------
    >>> refused = answer(Question("", "diffusivity", "exp(-r^2", "1/4"))
    >>> refused.status, json.loads(refused.body)["column"]
    (422, 8)
    """
    try:
        if isinstance(question, SourceQuestion):
            return _json(200, _sources(question, budget))
        reading = reading_of(question, budget)
        shown = panel(reading.family, "shown", editable=True)
        source = type(reading.nonlinearity).__name__.lower()
        return _json(200, {"html": shown.html, "model": shown.model, "source": source})
    except _WrongStep as wrapper:
        return _refusal(wrapper.__cause__, "step")
    except SymtransError as error:
        is_named = isinstance(question, Question) and question.family
        return _refusal(error, "family" if is_named else "formula")


def refusal(status: int, message: str) -> Answer:
    """An answer that points at no place in the input."""
    return _json(status, {"error": message, "column": None})


def _refusal(error: BaseException | None, field: str) -> Answer:
    column = error.column if isinstance(error, ParseError) else None
    return _json(422, {"error": getattr(error, "on_page", "") or str(error), "field": field, "column": column})


def _json(status: int, data: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())


_COMMAND = re.compile(r"\\[A-Za-z]")
"""A command of LaTeX, which is in no formula of the other language, whatever is said of it on the page."""


def _step(text: str) -> sp.Expr:
    try:
        return time_step(text)
    except SymtransError as error:
        raise _WrongStep from error


def reading_of(question: Question, budget: float) -> Reading:
    """The nonlinearity that is asked for."""
    return read(
        question.family or question.formula,
        question.kind or None,
        tau=_step(question.tau),
        latex=question.syntax == "latex" or _COMMAND.search(question.formula) is not None,
        budget=budget,
    )


def _sources(question: SourceQuestion, budget: float) -> dict[str, tuple[str, str]]:
    family = reading_of(question.nonlinearity, budget).family
    step = _step(question.step) if question.step else None
    return sources(family, step, question.blocks, question.boundary)


def sources(family: Family, step: Any = None, blocks: int = 32, boundary: str = "reflecting") -> dict[str, Any]:
    """File name and text of the LaTeX table, the NumPy kernel, the C kernel and its header.

    A time step that is not stable is accepted: whoever asks has seen on the
    page what is proved of it, and the sources say so too.
    """
    try:
        network = Network(family, blocks, step, boundary=boundary)
    except StabilityError:
        network = Network(family, blocks, family.tau if step is None else step, boundary=boundary, unstable="allow")
    numpy, c = dict(network.source("numpy")), dict(network.source("c"))
    header = next(name for name in c if name.endswith(".h"))
    code = next(name for name in c if name.endswith(".c"))
    return {
        "latex": (f"{network.name}.tex", tables.families_table([family], tables.Layout(standalone=True))),
        "numpy": next(iter(numpy.items())),
        "c": (code, c[code]),
        "header": (header, c[header]),
    }


def report_panel(family: Family, ident: str) -> Panel:
    """The part of a static report about one family, its sources within."""
    shown = panel(family, ident)
    try:
        carried: dict[str, Any] = sources(family)
    except SymtransError as error:
        carried = {"error": str(error)}
    return replace(shown, sources=carried)
