"""Families and certificates as plain data, for JSON."""

import math
from typing import Any

import sympy as sp

from symtrans.catalogue.family import Family
from symtrans.language.symbols import Names, keyword_of
from symtrans.language.text_printer import plain
from symtrans.present import latex
from symtrans.present.statements import BOUNDS, VERDICTS
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Verdict
from symtrans.stability.prose import plain_formula

_FIELDS = {
    Bound: ("value", "lower", "upper", "attained", "evidence", "reason"),
    Verdict: ("value", "when", "evidence", "reason"),
}


def answer_data(answer: Bound | Verdict, names: Names) -> dict[str, Any]:
    """What is known of a bound or a verdict, by the names of its attributes."""
    data = {name: getattr(answer, name) for name in _FIELDS[type(answer)]}
    for name, side in (("lower", -1), ("upper", 1)):
        if data.get(name) is not None and not data[name].free_symbols:
            data[name] = _outward(data[name], side)
    texts = {name: plain(names.written(value)) for name, value in data.items() if isinstance(value, sp.Basic)}
    return {**data, **texts, "evidence": answer.evidence.value}


def _outward(end: sp.Rational, side: int) -> float:
    """An end of an enclosure as a double, on its outer side."""
    number = float(end)
    return number if (sp.Rational(number) - end) * side >= 0 else math.nextafter(number, side * math.inf)


def certificate_data(certificate: Certificate, h: Any) -> dict[str, Any]:
    """Every statement of a certificate."""
    names = certificate.source.names
    data: dict[str, Any] = {name: answer_data(getattr(certificate, name), names) for name in (*BOUNDS, *VERDICTS)}
    data["jumps"] = [
        {"place": plain(names.written(j.place)), "height": plain(names.written(j.height))} for j in certificate.jumps
    ]
    data["smoothness"] = None if certificate.smoothness is None else str(certificate.smoothness)
    data["steps"] = {name: answer_data(bound, names) for name, bound in certificate.steps(h).items()}
    return data


def family_data(family: Family) -> dict[str, Any]:
    """The four forms of a family as text, LaTeX and SymPy."""
    return {
        "name": family.name,
        "called": family.called,
        "tau": plain(family.source.names.written(family.tau)),
        "parameters": [keyword_of(s) for s in family.parameters],
        "forms": {
            type(form).__name__.lower(): {
                "text": plain_formula(form),
                "latex": latex.formula_latex(form),
                "sympy": str(form.expr),
            }
            for form in family.forms
        },
        **({"missing": {one.kind.__name__.lower(): one.reason for one in family.missing}} if family.missing else {}),
    }
