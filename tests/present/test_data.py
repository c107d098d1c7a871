"""Certificates as data for JSON."""

import json

import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, certify
from symtrans.language.text_parser import parse
from symtrans.present.data import certificate_data

HUMP = "r*(2 exp(-r^2/lambda^2) - exp(-r^2/(4 lambda^2)))"


@pytest.mark.parametrize("kind", [Activation(HUMP), Diffusivity("1/3"), Diffusivity("exp(-r^2/2)"), Activation("-r/7")])
def test_the_ends_of_an_enclosure_are_rounded_outwards(kind):
    """1/3 lies between two neighbouring doubles, and so does any bound."""
    c = certify(kind)
    data = certificate_data(c, "1")
    bounds = {name: getattr(c, name) for name in ("g_max", "slope_min")}
    for answers, found in ((data, bounds), (data["steps"], c.steps())):
        for name, bound in found.items():
            shown = answers[name]
            if bound.lower is None:
                assert shown["lower"] is shown["upper"] is None
                continue
            assert sp.Rational(shown["lower"]) <= bound.lower <= bound.upper <= sp.Rational(shown["upper"])
            assert shown["upper"] - shown["lower"] <= 1e-15 * max(1, abs(shown["lower"]))
    third = certificate_data(certify(Diffusivity("1/3")), "1")["g_max"]
    assert sp.Rational(third["lower"]) < sp.Rational(1, 3) < sp.Rational(third["upper"])
    half = certificate_data(certify(Diffusivity("1/2")), "1")["g_max"]
    assert half["lower"] == half["upper"] == 0.5


def test_an_end_that_depends_on_the_parameters_is_text():
    data = json.loads(json.dumps(certificate_data(certify(Activation(f"a*{HUMP}")), "1")))["slope_min"]
    assert data["evidence"] == "enclosed"
    lower, upper = (parse(data[name]) for name in ("lower", "upper"))
    assert {symbol.name for symbol in lower.free_symbols} == {"a"}
    (a,) = lower.free_symbols
    assert lower.subs(a, 1) < sp.Float("-1.1421072789061711", 20) < upper.subs(a, 1) + sp.Rational(1, 10**15)
