"""Families and certificates as plain data, for JSON."""

from typing import Any

from symtrans.catalogue.family import Family
from symtrans.language.symbols import keyword_of
from symtrans.language.text_printer import plain
from symtrans.present import latex
from symtrans.present.statements import BOUNDS, VERDICTS
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Verdict
from symtrans.stability.prose import plain_formula


def bound_data(bound: Bound) -> dict[str, Any]:
    """Value, enclosure, place and evidence of a bound."""
    return {
        "value": None if bound.value is None else plain(bound.value),
        "lower": None if bound.lower is None else float(bound.lower),
        "upper": None if bound.upper is None else float(bound.upper),
        "attained": None if bound.attained is None else plain(bound.attained),
        "evidence": bound.evidence.value,
        "reason": bound.reason,
    }


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """Value, condition and evidence of a verdict."""
    return {
        "value": verdict.value,
        "when": None if verdict.when is None else plain(verdict.when),
        "evidence": verdict.evidence.value,
        "reason": verdict.reason,
    }


def certificate_data(certificate: Certificate, h: str) -> dict[str, Any]:
    """Every statement of a certificate."""
    data: dict[str, Any] = {name: bound_data(getattr(certificate, name)) for name in BOUNDS}
    data |= {name: verdict_data(getattr(certificate, name)) for name in VERDICTS}
    data["jumps"] = [{"place": plain(j.place), "height": plain(j.height)} for j in certificate.jumps]
    data["smoothness"] = None if certificate.smoothness is None else str(certificate.smoothness)
    data["steps"] = {name: bound_data(bound) for name, bound in certificate.steps(h).items()}
    return data


def family_data(family: Family) -> dict[str, Any]:
    """The four forms of a family as text, LaTeX and SymPy."""
    return {
        "name": family.name,
        "tau": plain(family.tau),
        "parameters": [keyword_of(s) for s in family.parameters],
        "forms": {
            type(form).__name__.lower(): {
                "text": plain_formula(form),
                "latex": latex.formula_latex(form),
                "sympy": str(form.expr),
            }
            for form in family.forms
        },
    }
