"""What somebody sees who types at a prompt or in a notebook: short values, formulas, completion, short tracebacks."""

import traceback
from functools import cache
from inspect import signature

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans.present.html import panel

SOFT = st.catalogue["soft"]
PERONA_MALIK = st.catalogue["perona-malik"]
NAMES = {name: getattr(st, name) for name in st.__all__ if name not in ("Kernel", "plot_filter", "plot_stability")}


@cache
def mine():
    return st.translate(st.Activation("r/(1 + r^2/a^2)"), tau="1/8", name="mine")


VALUES = {
    "catalogue": lambda: SOFT,
    "family": mine,
    "unnamed": lambda: st.translate(st.Shrinkage("r/2", tau="1/3")),
    "certificate": lambda: st.certify("weickert-8"),
    "rule": lambda: st.dictionary[st.Diffusivity, st.Activation],
    "network": lambda: st.Network(mine(), blocks=3, tau="1/10", h=("1/2", 1), boundary="periodic"),
    "fsi": lambda: st.Network(SOFT, scheme="fsi", cycle=5),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_repr_is_short_and_rebuilds(name):
    value = VALUES[name]()
    assert len(repr(value)) < 180
    again = eval(repr(value), dict(NAMES))
    assert again == value
    assert repr(again) == repr(value)


class Printer:
    """As much of IPython's printer as is asked for."""

    shown = ""

    def text(self, text):
        self.shown += text


SHOWN = {
    **VALUES,
    "kind": lambda: SOFT.shrinkage,
    "proximal": lambda: SOFT.proximal("1/4"),
    "dictionary": lambda: st.dictionary,
    "all": lambda: st.catalogue,
}


@pytest.mark.parametrize("name", SHOWN)
def test_every_value_shows_itself_in_ipython_and_sympy(name):
    value, printer = SHOWN[name](), Printer()
    value._repr_pretty_(printer, False)
    assert printer.shown
    nearest = next(cls for cls in type(value).__mro__ if {"__repr__", "_repr_pretty_"} & {*vars(cls)})
    assert "_repr_pretty_" in vars(nearest)  # else IPython takes the repr
    assert "_flux" not in printer.shown
    assert max(map(len, sp.pretty(value).splitlines())) <= (
        200 if name in ("all", "dictionary", "certificate") else 120
    )
    latex = sp.latex(value)
    assert latex == st.latex(value) if value._repr_latex_() else latex
    assert "mathtt" not in latex or value._repr_latex_() is None


def test_kinds_are_sympy_expressions_where_sympy_asks():
    r, lam = st.r, sp.Symbol("lambda", positive=True)
    assert sp.latex(PERONA_MALIK.activation) == r"\Phi(r) = r \exp\left(- \frac{r^{2}}{2 \lambda^{2}}\right)"
    assert sp.diff(PERONA_MALIK.activation, r).subs(r, 0) == 1
    assert sp.sympify(PERONA_MALIK.diffusivity) == sp.exp(-(r**2) / (2 * lam**2))


def test_print_says_what_the_command_line_says():
    assert str(SOFT).startswith("soft (Truncated TV, Huber), tau = 1/4\n  Diffusivity g(r)")
    assert str(PERONA_MALIK.certificate) == PERONA_MALIK.certificate.explain()
    assert "/9007199254740992" not in f"{st.certify('weickert-8')}{st.certify('weickert-8').slope_min!r}"
    assert str(SOFT.proximal(1)).endswith("otherwise))")
    assert "where 0 <= |u|" in str(PERONA_MALIK.proximal("1/4"))
    assert "proved: min f <= u <= max f" in str(st.Network(SOFT, blocks=2))


def test_the_catalogue_completes():
    assert st.catalogue.perona_malik is PERONA_MALIK
    assert "perona_malik" in dir(st.catalogue)
    assert {"perona-malik", "soft"} <= {*st.catalogue._ipython_key_completions_()}
    assert [*st.catalogue.search("huber")][:2] == ["truncated-tv", "charbonnier"]
    assert [*st.catalogue.search("hubber")] == ["truncated-tv"]
    assert not st.catalogue.search("zebra")
    with pytest.raises(AttributeError, match="did you mean perona-malik"):
        st.catalogue.perona_malk  # noqa: B018
    with pytest.raises(st.CatalogueError, match="takes text"):
        st.catalogue.search(3)


def test_names_and_keywords_are_taken_where_values_are():
    assert SOFT.subs(theta=2) == SOFT.subs({"theta": 2})
    assert PERONA_MALIK.diffusivity.subs(lam=2) == st.Diffusivity("exp(-r^2/8)")
    assert SOFT.to("activation") == SOFT.activation == SOFT.diffusivity.to("Activation")
    assert st.dictionary["diffusivity", "activation"] == VALUES["rule"]()
    for dtype in (np.float32, np.dtype("float32"), "float32"):
        assert st.Network("soft").compile("numpy", dtype=dtype).dtype == np.float32
    with pytest.raises(st.NonlinearityError, match="dtype"):
        st.Network("soft").compile("numpy", dtype=np.int8)
    axis = SOFT.compare("hard", kind="shrinkage", theta=1.0)
    assert len(axis.get_legend().texts) == 2


@pytest.mark.parametrize(
    "call", [lambda: st.Diffusivity("r"), lambda: st.Network("soft", tau=2), lambda: st.catalogue["x"]]
)
def test_a_traceback_ends_where_the_user_called(call, monkeypatch):
    monkeypatch.delenv("SYMTRANS_TRACEBACK", raising=False)
    with pytest.raises(st.SymtransError) as caught:
        call()
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.name for frame in frames if "/symtrans/" in frame.filename.replace("\\", "/")] == ["answer"]
    monkeypatch.setenv("SYMTRANS_TRACEBACK", "1")
    with pytest.raises(st.SymtransError) as caught:
        call()
    assert len(traceback.extract_tb(caught.value.__traceback__)) > len(frames)


@pytest.mark.parametrize("name", ["gelu", "silu", "softplus"])
def test_the_identity_in_disguise_is_named_with_its_source(name):
    family = st.catalogue[name] if name in st.catalogue else st.translate(st.Activation.odd_part(f"{name}(r)"))
    if name in st.catalogue:
        assert "the identity r/2 in disguise (" in str(family)
        assert "the identity r/2 in disguise" in family._repr_html_()
        assert "Phi is the identity r/2 in disguise" in family.certificate.explain()
        assert "the identity r/2 in disguise" in panel(family, "shown").html
        assert "Φ is the identity r/2 in disguise" in family.certificate._repr_html_()
        network = st.Network(family)
        assert "\n  the identity r/2 in disguise\n" in str(network)
        assert "<li>the identity r/2 in disguise</li>" in network._repr_html_()
    assert family.diffusivity == st.Diffusivity("1/2")


@pytest.mark.parametrize(
    "hold",
    [
        lambda text: text,
        lambda text: [text],
        lambda text: (1, [text]),
        lambda text: {"a": text},
        lambda text: {text: 1},
    ],
    ids=["alone", "in a list", "deeper", "in a mapping", "as a key"],
)
def test_text_is_never_evaluated_on_its_way_to_latex(hold, tmp_path):
    trap = tmp_path / "evaluated"
    with pytest.raises(st.NonlinearityError, match="no value of SymPy or of symtrans"):
        st.latex(hold(f"__import__('pathlib').Path({str(trap)!r}).touch()"))
    assert not trap.exists()
    assert st.latex([st.r, (1, 2)]) == r"\left[ r, \  \left( 1, \  2\right)\right]"


@pytest.mark.parametrize(
    ("take", "names"),
    [
        (lambda: st.catalogue["soft"].subs, ["theta"]),
        (lambda: st.Diffusivity("exp(-r^2/(2 lambda^2))").subs, ["lam"]),
        (lambda: st.Shrinkage("r/(1 + tau a)", tau="tau").subs, ["a", "tau"]),
        (lambda: st.Activation("tanh(r)").subs, []),
    ],
)
def test_values_complete_the_parameters_that_they_are_given(take, names):
    shown = signature(take()).parameters.values()
    assert [one.name for one in shown if one.kind is one.KEYWORD_ONLY] == names


def test_what_completes_is_called_as_ever():
    soft = st.catalogue["soft"]
    assert soft.subs(theta=2) == soft.subs({"theta": 2})
    assert "Give parameters" in soft.subs.__doc__
    with pytest.raises(st.SymtransError, match="is no parameter"):
        soft.subs(lam=2)
