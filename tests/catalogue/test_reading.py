"""What is meant by a name or a formula, and that no more is derived of it than is asked for."""

import pytest
import sympy as sp

import symtrans as st
from symtrans.catalogue.reading import KindMissing, read
from symtrans.errors import CatalogueError, NonlinearityError, ParseError
from symtrans.nonlinearity.kind import Kind


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("garrote", "garrote"), ("Truncated BFB", "truncated_bfb"), ("nonnegative_garrote", "nonnegative_garrote")],
)
def test_a_name_is_a_family(name, identifier):
    assert read(name).family == st.catalogue["garrote"]
    assert read(name).certificate == st.catalogue["garrote"].certificate
    assert (read(name).identifier, read(name).family.name) == (identifier, "truncated-bfb")
    assert read(name, name="of mine").identifier == "of_mine"


def test_another_step_keeps_the_printed_form():
    entry = st.catalogue.entry("tv-charbonnier")
    assert entry.spread
    found = read("tv-charbonnier", tau="1/8").family
    assert found.tau == sp.Rational(1, 8)
    assert str(found.regulariser) == str(st.catalogue["tv-charbonnier"].regulariser)


@pytest.mark.parametrize("kind", ["diffusivity", "regulariser", "shrinkage", "activation"])
def test_a_name_is_a_family_whatever_kind_is_said(kind):
    assert read("soft", kind) == read("soft")
    with pytest.raises(NonlinearityError, match="did you mean huber"):
        read("hubr", kind)


@pytest.mark.parametrize(
    ("text", "kind", "more", "wanted"),
    [
        ("1/(1 + r^2)", "diffusivity", {}, st.Diffusivity("1/(1 + r^2)")),
        ("x^2", "regulariser", {"variable": "x"}, st.Regulariser("x^2", variable="x")),
        ("r/2", "shrinkage", {"tau": "1/8"}, st.Shrinkage("r/2", tau="1/8")),
        ("r/2", "shrinkage", {}, st.Shrinkage("r/2")),
        (r"\tanh(r)", "activation", {"latex": True}, st.Activation("tanh(r)")),
        (r"\Phi(r) = \tanh(r)", None, {"latex": True}, st.Activation("tanh(r)")),
        (r"g(r) = e^{-r^2}", None, {"latex": True}, st.Diffusivity("exp(-r^2)")),
    ],
)
def test_a_formula_is_of_its_kind(text, kind, more, wanted):
    reading = read(text, kind, **more, name="mine")
    assert reading.nonlinearity == wanted
    assert reading.family.name == "mine"


@pytest.mark.parametrize(
    ("text", "more", "error", "words"),
    [
        ("hubber", {}, CatalogueError, "did you mean huber"),
        ("r/(1 + r)", {}, KindMissing, "say what it is"),
        ("a<b", {}, KindMissing, "say what it is"),
        ("Sin[x", {}, KindMissing, "say what it is"),
        (r"\frac r2", {}, KindMissing, "say what it is"),
        (r"\tanh(r)", {"latex": True}, KindMissing, "begin with its letter"),
        ("exp(", {"kind": "diffusivity"}, ParseError, "exp"),
        ("r", {"kind": "diffusivity"}, NonlinearityError, "even"),
        ("soft", {"tau": "-1"}, NonlinearityError, "tau"),
    ],
)
def test_what_cannot_be_read_says_why(text, more, error, words):
    with pytest.raises(error, match=words):
        read(text, **more)


def test_a_certificate_asks_for_no_integral(monkeypatch):
    asked = []
    to = Kind.to
    monkeypatch.setattr(Kind, "to", lambda self, kind, **more: asked.append(kind) or to(self, kind, **more))
    reading = read("tanh(r) exp(-r^2)/(1 + r^2)", "activation")
    assert reading.certificate.g_max.value == 1
    assert not {st.Regulariser, st.Shrinkage} & set(asked)
    assert "family" not in vars(reading)


def test_a_name_is_a_family_wherever_a_nonlinearity_is_asked_for():
    assert st.translate("tv-charbonnier") == st.catalogue["tv-charbonnier"]
    assert st.translate("tv-charbonnier").name == "tv-charbonnier"
    assert st.translate("soft", tau="1/8").tau == sp.Rational(1, 8)
    assert st.certify("huber").lipschitz.value == 1
    assert st.Network("soft") == st.Network(st.catalogue["soft"])
    for ask in (st.translate, st.certify, st.Network):
        with pytest.raises(NonlinearityError, match="hubr"):
            ask("hubr")
