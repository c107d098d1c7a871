"""Families as HTML: formulas, curves to move, the certificate; one self-contained page for any number of them."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
import sympy as sp
from markupsafe import Markup

from symtrans.calculus.undecided import Undecided
from symtrans.catalogue import catalogue
from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import Names, keyword_of, r
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Shrinkage
from symtrans.present import latex
from symtrans.present.mathml import equation, inline, with_formulas
from symtrans.present.statements import BOUNDS, STEPS, VERDICTS, answers, in_full
from symtrans.present.trees import NoTree, Tree, function_data, tree
from symtrans.runtime.templates import render, text_of
from symtrans.signals.examples import DONOHO_JOHNSTONE, donoho_johnstone, electrocardiogram
from symtrans.stability.certificate import Certificate
from symtrans.stability.prose import plain_formula

SCRIPTS = ("formula.js", "signal.js", "image.js", "plot.js", "panel.js")
"""What every page with curves runs, in this order."""

TITLES: Mapping[str, str] = {kind.__name__.lower(): title.capitalize() for kind, title in latex.TITLES.items()}
_WORDINGS = {**BOUNDS, **STEPS, **VERDICTS}
_VERDICTS = [name for name in VERDICTS if name != "odd"]  # every activation is
_TAU = sp.Symbol("tau", positive=True)


@dataclass(frozen=True)
class Form:
    """One of the four forms, typeset.

    Attributes
    ----------
    kind, title, known : str
        Which of the four; its heading; what the literature calls it, or "".
    formula : Markup
    any_step : Markup or None
        The formula for any time step, where it depends on it.
    step : Markup or None
        The time step to which `formula` belongs, where it depends on it.
    text : str
        The formula in the input grammar.
    missing : str
        Why there is no curve, or "".
    """

    kind: str
    title: str
    known: str
    formula: Markup
    any_step: Markup | None
    step: Markup | None
    text: str
    missing: str


@dataclass(frozen=True)
class Statement:
    """One line of a certificate; `step` names the bound on the time step that it is about, or is ""."""

    what: Markup
    value: Markup
    evidence: str
    why: str
    step: str = ""


@dataclass(frozen=True)
class Panel:
    """One family on a page: what is read, the data that its curves are drawn from, and sources to carry."""

    ident: str
    title: str
    html: str
    model: Mapping[str, Any]
    sources: Mapping[str, Any] = field(default_factory=dict)


def panel(family: Family, ident: str, editable: bool = False) -> Panel:
    """The part of a page about one family.

    Parameters
    ----------
    family : Family
    ident : str
        Distinguishes the parts of a page: the prefix of all ids within.
    editable : bool
        Whether each form has a button that offers its formula for editing.

    Examples
    --------
    >>> from symtrans.catalogue import catalogue
    >>> soft = panel(catalogue["soft"], "soft")
    >>> soft.title, soft.model["parameters"], sorted(soft.model["forms"])
    ('Soft', ['theta'], ['activation', 'diffusivity', 'regulariser', 'shrinkage'])
    """
    known = latex.titles_of(family)
    stepped = _with_any_step(family)
    curves, missing = _curves(family, stepped)
    forms = [_form(form, known.get(type(form), ""), stepped, missing) for form in family.forms]
    certificate = family.certificate
    title = next(iter(known.values()), "Your nonlinearity")
    html = render(
        "html/panel.html",
        ident=ident,
        title=title,
        key=family.name,
        reference=catalogue.entry(family.name).reference if family.name in catalogue else "",
        forms=forms,
        parameters=[(keyword_of(s), _label(s)) for s in family.parameters],
        step_statements=statements(certificate, STEPS),
        statements=statements(certificate, (*BOUNDS, *_VERDICTS)),
        editable=editable,
        signals=list(example_signals()),
    )
    model = {
        "name": family.name,
        "parameters": [keyword_of(s) for s in family.parameters],
        "forms": curves,
        "tau": _entered_step(family),
        "time_step": stepped is not None,
        "steps": _step_trees(certificate),
    }
    return Panel(ident, title, html, model)


def _math(expr: sp.Basic, variable: sp.Symbol = r) -> Markup:
    return Markup(inline(expr, variable))


def _label(symbol: sp.Symbol) -> Markup:
    """A parameter as a letter to see and a word to hear: not every reader takes a formula for a name."""
    word = Markup('<span class="hidden">{}</span>').format(symbol.name)
    return Markup('<span aria-hidden="true">{}</span>').format(_math(symbol)) + word


def _with_any_step(family: Family) -> Shrinkage | None:
    """The shrinkage function for a time step tau of any size; None where that name is taken."""
    if any(symbol.name == "tau" for symbol in family.parameters):
        return None
    try:
        return family.activation.to(Shrinkage, tau=_TAU)
    except NonlinearityError:
        return None


def _entered_step(family: Family) -> float:
    return float(family.tau) if family.tau.is_number else 0.25


def _curves(family: Family, stepped: Shrinkage | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The functions as data, and the reason for each that is missing."""
    curves: dict[str, Any] = {}
    missing = {form.kind.__name__.lower(): form.reason for form in family.missing}
    for form in family.forms:
        kind = type(form).__name__.lower()
        try:
            drawn = stepped if isinstance(form, Shrinkage) and stepped is not None else form
            if stepped is None and isinstance(form, Shrinkage) and not form.tau.is_number:
                raise NoTree("it depends on the time step")
            curves[kind] = function_data(drawn.half)
        except NoTree as reason:
            curves[kind], missing[kind] = None, str(reason)
    return curves, missing


def _form(form: Kind, known: str, stepped: Shrinkage | None, missing: Mapping[str, str]) -> Form:
    kind = type(form).__name__.lower()
    depends = isinstance(form, Shrinkage) and form.tau != _TAU and stepped is not None and _TAU in stepped.parameters
    return Form(
        kind=kind,
        title=TITLES[kind],
        known=known,
        formula=Markup(equation(form)),
        any_step=Markup(equation(stepped)) if depends and stepped is not None else None,
        step=_math(sp.Eq(_TAU, form.tau, evaluate=False)) if depends and isinstance(form, Shrinkage) else None,
        text=plain_formula(form),
        missing=missing.get(kind, ""),
    )


# ---------------------------------------------------------------------------
# The certificate


def statements(certificate: Certificate, names: Iterable[str] = (*STEPS, *BOUNDS, *_VERDICTS)) -> list[Statement]:
    """Statements of a certificate, by default all: step sizes, bounds, verdicts."""
    v = certificate.source.variable
    found = answers(certificate)
    return [
        Statement(
            with_formulas(_WORDINGS[name].words),
            Markup("").join(
                part if isinstance(part, str) else _math(part, v) for part in in_full(name, found[name], v)
            ),
            found[name].evidence.value,
            found[name].reason,
            name if name in STEPS else "",
        )
        for name in names
    ]


def _step_trees(certificate: Certificate) -> dict[str, Tree | None]:
    """The bounds on the time step for the page's sliders; one of which there is no tree is left out."""
    names: Names = certificate.source.names
    trees: dict[str, Tree | None] = {}
    for name, bound in certificate.steps(1).items():
        try:
            trees[name] = None if bound.value is None else tree(names.inward(bound.value))
        except (NoTree, NonlinearityError, Undecided):
            continue
    return trees


# ---------------------------------------------------------------------------
# Signals and pages


@lru_cache(maxsize=1)
def example_signals() -> Mapping[str, list[float]]:
    """The signals that every page carries, by name, scaled to the standard deviation 7.

    With noise of deviation 1 that is the signal-to-noise ratio of Donoho and Johnstone (1994).
    """
    signals = {name.capitalize(): donoho_johnstone(name) for name in DONOHO_JOHNSTONE}
    with suppress(NonlinearityError):  # it comes with PyWavelets
        signals["Electrocardiogram"] = electrocardiogram()
    return {name: [round(float(v), 4) for v in 7 * u / np.std(u)] for name, u in signals.items()}


def script_json(data: Any) -> Markup:
    """Data for a ``<script type="application/json">``: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def explore_page(families: Iterable[str], version: str) -> str:
    """The page that a server offers: a form, and room for what the server answers."""
    return render(
        "html/explore.html",
        scripts=(*SCRIPTS, "explore.js"),
        families=[(name, _listed(name)) for name in families],
        kinds=list(TITLES.items()),
        version=version,
        signals=script_json(example_signals()),
    )


def _listed(name: str) -> str:
    titles = catalogue.entry(name).titles.values()
    return f"{name} ({', '.join(titles)})"


def report(panels: Iterable[Panel], title: str, version: str) -> str:
    """One static page that needs neither a server nor a network.

    Its policy (the Content-Security-Policy in its head) lets nothing run or
    load but what it carries.
    """
    panels = list(panels)
    script = "\n".join(text_of(f"html/{name}") for name in (*SCRIPTS, "report.js"))
    style = text_of("html/page.css")
    return render(
        "html/report.html",
        panels=[(p, Markup(p.html), script_json(p.model)) for p in panels],
        sources=script_json(packed([p.sources for p in panels])),
        title=title,
        version=version,
        script=Markup(script),
        style=Markup(style),
        policy=f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; "
        "form-action 'none'",
        signals=script_json(example_signals()),
    )


def packed(sources: Sequence[Mapping[str, Any]]) -> str:
    """The sources of all families as base64 of deflated JSON: all lines once, and for each key a list of files.

    The C files of two families are nearly the same, but longer than the window of deflate. A file
    is its name and its lines, as steps in the list of lines: mostly 0, for the line after the last one.
    """
    places: dict[str, int] = {}

    def steps(text: str) -> Iterator[int]:
        last = -1
        for line in text.split("\n"):
            place = places.setdefault(line, len(places))
            yield place - last - 1
            last = place

    keys = sorted({key for one in sources for key in one})
    columns = {
        key: [file if file is None or isinstance(file, str) else (file[0], [*steps(file[1])]) for file in files]
        for key, files in ((key, [one.get(key) for one in sources]) for key in keys)
    }
    data = {"lines": [*places], "columns": columns}
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    deflate = zlib.compressobj(9, wbits=-15)
    return b64encode(deflate.compress(text.encode()) + deflate.flush()).decode()


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
