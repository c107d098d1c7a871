"""What a REPL shows of an entry and of a proximal map is short, and rebuilds it."""

from dataclasses import replace

import pytest

import symtrans as st
from symtrans.catalogue.entry import Entry
from symtrans.catalogue.references import Reference

NAMES = {"Entry": Entry, "Reference": Reference}
exec("from symtrans import *", NAMES)


@pytest.mark.parametrize(
    ("text", "alpha", "assume"),
    [
        ("catalogue['soft']", "1", ()),
        ("catalogue['huber']", "0.1", ()),
        ("catalogue['mcp']", "alpha", ["alpha < 2*gamma"]),
        ("translate(Activation('sgn(x)', variable='x'))", "alpha", ()),
        ("translate(Regulariser('sqrt(|r|)'))", "1/4", ()),
    ],
)
def test_a_proximal_map(text, alpha, assume):
    found = eval(text, NAMES).proximal(int(alpha) if alpha.isdecimal() else alpha, assume=assume)
    written = alpha if alpha.isdecimal() else repr(alpha)
    assert repr(found) == f"{text}.proximal({written}{f', assume={assume!r}' if assume else ''})"
    assert eval(repr(found), NAMES) == found


@pytest.mark.parametrize("name", [*st.catalogue][::9])
def test_an_entry_of_the_catalogue(name):
    entry = st.catalogue.entry(name)
    assert repr(entry) == f"catalogue.entry({name!r})"
    assert eval(repr(entry), NAMES) == entry


@pytest.mark.parametrize("name", ["soft", "student-t", "charbonnier"])
def test_an_entry_of_ones_own(name):
    entry = replace(st.catalogue.entry(name), name="mine", aliases=("ours",))
    assert repr(entry).startswith("Entry('mine', ")
    assert eval(repr(entry), NAMES) == entry


@pytest.mark.parametrize(("alpha", "written"), [(1, "Psi(u)"), ("1/4", "1/4*Psi(u)"), ("a + 1", "(1 + a)*Psi(u)")])
def test_the_weight_of_the_penalty_is_written_as_a_factor(alpha, written):
    assert str(st.catalogue["soft"].proximal(alpha)).startswith(f"The minimiser u of (u - f)^2 + {written}; ")
