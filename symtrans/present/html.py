"""Families as HTML: formulas, curves to move, the certificate; one self-contained page for any number of them."""

import json
import shlex
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

from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.undecided import Undecided
from symtrans.calculus.undecided import text_of as words_of
from symtrans.catalogue import catalogue
from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import keyword_of
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation, Regulariser, Shrinkage
from symtrans.present import latex
from symtrans.present.breaking import fitted
from symtrans.present.mathml import from_latex, inline, sentence
from symtrans.present.statements import STEPS, statements
from symtrans.present.text import remarks
from symtrans.present.trees import NoTree, Tree, function_data, integrated, is_drawable, tree
from symtrans.runtime.templates import render, text_of
from symtrans.signals.examples import DONOHO_JOHNSTONE, donoho_johnstone, electrocardiogram
from symtrans.stability.certificate import Certificate
from symtrans.stability.prose import plain_formula, stated

SCRIPTS = ("formula.js", "signal.js", "image.js", "plot.js", "panel.js")
"""What every page with curves runs, in this order."""

TITLES: Mapping[str, str] = {kind.__name__.lower(): title.capitalize() for kind, title in latex.TITLES.items()}
_TAU = sp.Symbol("tau", positive=True)
_WIDE = 13.0  # em: a formula within a sentence that is wider scrolls by itself
_ROOM = 27.0  # em: a formula that is wider goes on in the next line


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
    formulas, constants = stated(*family.forms, *([stepped] if stepped is not None else []))
    depends = stepped is not None and _TAU in stepped.parameters
    any_step = _equation(stepped, formulas[-1]) if stepped is not None and depends else None
    forms = [
        _form(form, _equation(form, formula), known.get(type(form), ""), any_step, missing)
        for form, formula in zip(family.forms, formulas, strict=False)
    ]
    certificate = family.certificate
    lines = statement_lines(certificate)
    title = next(iter(known.values()), family.called or "Your nonlinearity")
    html = render(
        "html/panel.html",
        ident=ident,
        title=title,
        key=family.name,
        reference=catalogue.entry(family.name).reference if family.name in catalogue else "",
        remarks=remarks(family),
        forms=forms,
        parameters=[(keyword_of(s), _label(s)) for s in family.parameters],
        constants=list(map(from_latex, latex.definitions(constants))),
        command=_command(family),
        steps=[line for line in lines if line["name"] in STEPS],
        statements=[line for line in lines if line["name"] not in STEPS],
        editable=editable,
        signals=list(example_signals()),
    )
    model = {
        "name": family.called,
        "title": title,
        "parameters": [keyword_of(s) for s in family.parameters],
        "letters": {keyword_of(s): sp.pretty(s, use_unicode=True) for s in family.parameters},
        "forms": curves,
        "missing": missing,
        "tau": float(family.tau) if family.tau.is_number else 0.25,
        "time_step": stepped is not None,
        "steps": _step_trees(certificate),
    }
    return Panel(ident, title, html, model)


def _command(family: Family) -> str:
    """How the kernel is written without a page."""
    if family.name in catalogue:
        return f"symtrans generate {family.called} -o kernels"
    source = family.source
    given = f"{shlex.quote(plain_formula(source))} --kind {type(source).__name__.lower()}"
    if source.variable.name != "r":
        given += f" --variable {source.variable}"
    given += "".join(f" --assume {shlex.quote(plain(relation))}" for relation in source.assumed)
    return f"symtrans generate {given} -o kernels"


def _label(symbol: sp.Symbol) -> Markup:
    """A parameter as a letter to see and a word to hear: not every reader takes a formula for a name."""
    word = Markup('<span class="hidden">{}</span>').format(symbol.name)
    return Markup('<span aria-hidden="true">{}</span>').format(inline(symbol)) + word


def _with_any_step(family: Family) -> Shrinkage | None:
    """The shrinkage function for a time step tau of any size; None where that name is taken."""
    if any(symbol.name == "tau" for symbol in family.parameters):
        return None
    try:
        return family.activation.to(Shrinkage, tau=_TAU)
    except NonlinearityError:
        return None


def _curves(family: Family, stepped: Shrinkage | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The functions as data, and the reason for each that is missing."""
    curves: dict[str, Any] = {}
    missing = {form.kind.__name__.lower(): form.reason for form in family.missing}
    for form in family.forms:
        kind = type(form).__name__.lower()
        try:
            curves[kind] = function_data(_drawn(form, family, stepped))
        except NoTree as reason:
            curves[kind], missing[kind] = None, str(reason)
    return curves, missing


def _drawn(form: Kind, family: Family, stepped: Shrinkage | None) -> HalfLine:
    """What the page computes of a form: the regulariser by numeric integration where it knows not all its functions."""
    if isinstance(form, Shrinkage):
        if stepped is None and not form.tau.is_number:
            raise NoTree("it depends on the time step")
        return form.half if stepped is None else stepped.half
    if isinstance(form, Regulariser) and not is_drawable(form.half):
        flux = family.to(Activation)
        if isinstance(flux, Activation) and is_drawable(flux.half) and not flux.expr.has(sp.Integral):
            return integrated(flux.half)
    return form.half


def _form(form: Kind, formula: Markup, known: str, any_step: Markup | None, missing: Mapping[str, str]) -> Form:
    kind = type(form).__name__.lower()
    depends = isinstance(form, Shrinkage) and form.tau != _TAU and any_step is not None
    return Form(
        kind=kind,
        title=TITLES[kind],
        known=known,
        formula=formula,
        any_step=any_step if depends else None,
        step=inline(sp.Eq(_TAU, form.tau, evaluate=False)) if depends and isinstance(form, Shrinkage) else None,
        text=plain_formula(form),
        missing=missing.get(kind, ""),
    )


def _equation(form: Kind, formula: sp.Expr) -> Markup:
    """A form in lines that a column of the page holds, where its sums can be parted."""
    return from_latex(fitted(form, _ROOM, formula), displayed=True)


# ---------------------------------------------------------------------------
# The certificate


def statement_lines(certificate: Certificate) -> list[dict[str, str]]:
    """The statements of a certificate, typeset; `hint` is the argument as text, `name` that of the statement."""
    v = certificate.source.variable
    return [
        {
            "name": one.name,
            "what": sentence(one.what, v),
            "value": sentence(one.answer, v, _WIDE),
            "evidence": one.evidence,
            "why": sentence(one.why, v, _WIDE),
            "hint": words_of(one.why, plain),
        }
        for one in statements(certificate)
    ]


def _step_trees(certificate: Certificate) -> dict[str, Tree | None]:
    """The bounds on the time step for the page's sliders; one of which there is no tree is left out."""
    names = certificate.source.names
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
    """The names of a family that a search looks through."""
    entry = catalogue.entry(name)
    return ", ".join(dict.fromkeys((*entry.titles.values(), *entry.aliases)))


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
