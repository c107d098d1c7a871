"""Numbers go out as they came in: decimals as decimals, long constants by a name; what is written is exact."""

import pickle

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as some

import symtrans as st
from symtrans.language.constants import first_digits, shortened
from symtrans.language.spelling import Spelt, decimals_in, spelt
from symtrans.language.symbols import decimals_of
from symtrans.language.text_parser import parse
from symtrans.language.text_printer import plain
from symtrans.present.latex_printer import latex
from symtrans.present.pretty import pretty_formula

TYPED = ("0.5", "1.345", "4.685", "0.05", "2.5", "1e-3", "12.25")
numbers = some.builds(sp.Rational, some.integers(-10_000, 10_000), some.integers(1, 10_000))


@given(numbers, some.sets(some.sampled_from(TYPED)))
def test_what_is_written_is_the_number(number, typed):
    written = spelt(number * st.r + number**2, decimals_in(" ".join(typed)))
    assert parse(plain(written)).subs(sp.Symbol("r"), st.r) == sp.expand(number * st.r + number**2)


HUBER = "Piecewise((r, |r| <= 1.345), (1.345*sgn(r), otherwise))"
TUKEY = "Piecewise((r*(1 - (r/4.685)^2)^2, |r| <= 4.685), (0, otherwise))"


@pytest.mark.parametrize(
    ("text", "regulariser"),
    [
        (HUBER, "Piecewise((r^2, |r| <= 1.345), (2.69*|r| - 1.809025, otherwise))"),
        ("r*exp(-r^2/(2*0.7^2))", "0.98 - 0.98*exp(-r^2/0.98)"),
        ("0.5*r", "0.5*r^2"),
        ("r/2", "r^2/2"),
        ("r/sqrt(0.3 + r^2)", "2*sqrt(0.3 + r^2) - sqrt(30)/5"),
    ],
)
def test_decimals_come_back(text, regulariser):
    flux = st.Activation(text)
    found = flux.to(st.Regulariser)
    assert plain(found.written) == regulariser
    assert st.Regulariser(regulariser) == found
    again = eval(repr(flux), {"Activation": st.Activation})
    assert again == flux
    assert repr(again) == repr(flux)


def test_they_are_decimals_wherever_they_are_shown():
    family = st.translate(st.Activation(TUKEY))
    shown = [
        str(family),
        st.latex(family),
        family._repr_html_(),
        pretty_formula(family.diffusivity.written),
        st.certify(family.source).explain(),
        str(st.certify(family.source).slope_min.reason),
        *st.Network(family, blocks=2, tau=0.3).source("c").values(),
    ]
    assert all("4.685" in text and "937" not in text and "3/10" not in text for text in shown)
    assert "tau    = 0.3" in shown[-1]
    assert "--tau 0.3" in shown[-1]


def test_values_of_parameters_and_floats_of_sympy_too():
    theta = sp.Symbol("theta", positive=True)
    clip = sp.Piecewise((st.r, sp.Abs(st.r) <= theta), (theta * sp.sign(st.r), True))
    for flux in (st.Activation(clip).subs(theta=1.345), st.Activation(clip.subs(theta, sp.Float(1.345)))):
        assert repr(flux) == f"Activation({HUBER!r})"
        assert repr(pickle.loads(pickle.dumps(flux))) == repr(flux)
    assert repr(st.Shrinkage("r/2", tau=0.3)) == "Shrinkage('r/2', tau='0.3')"
    assert not decimals_of([sp.Rational(269, 200), "269/200", 2.0])


def test_equality_does_not_ask_how_numbers_are_written():
    assert st.Activation("r/2") == st.Activation("0.5*r")
    assert hash(st.Activation("r/2")) == hash(st.Activation("0.5*r"))
    assert repr(st.Activation("r/2").to(st.Diffusivity)) == "Diffusivity('1/2')"
    assert repr(st.Activation("0.5*r").to(st.Diffusivity)) == "Diffusivity('0.5')"


def test_latex_of_decimals():
    assert latex(spelt(st.r * sp.Rational(3, 10**8) / 4, decimals_in("1e-8"))) == r"7.5 \cdot 10^{-9} r"
    assert latex(spelt(sp.Rational(269, 400) * sp.sqrt(2), decimals_in("1.345"))) == r"\frac{1.345}{\sqrt{2}}"


@given(some.integers(1, 10**9), some.integers(-12, 12))
def test_first_digits_are_cut_off(number, power):
    value = sp.sqrt(2) * number * sp.Rational(10) ** power
    text = first_digits(value)
    low = sp.Rational(text.replace("...", ""))
    assert low < value < low * (1 + sp.Rational(1, 10**4))


def test_a_long_constant_has_a_name_and_its_decimals():
    family = st.catalogue["weickert-8"]
    for text in (str(family), st.latex(family), family._repr_html_(), st.latex(family.activation)):
        assert "3.31488" in text
        assert text.count("LambertW") <= 4
    constant = -sp.Rational(1, 8) - sp.LambertW(-sp.exp(-sp.Rational(1, 8)) / 8, -1)
    assert repr(family.activation).count("LambertW") == 1  # what is read back is exact
    assert shortened(constant * st.r) == Spelt(constant, "3.31487...") * st.r
    taken = st.Activation("C*r*erf(1 + sqrt(5)*exp(-sqrt(7)/3) - sqrt(3)/11)")
    assert "C_{1} C r" in st.latex(taken)


def test_what_travels_between_processes_keeps_its_spelling():
    certificate = st.certify(st.Activation("1.345*tanh(r)"))
    number = Spelt(sp.Rational(269, 200), "1.345")
    for value in (number, 2 * number, certificate.g_max.argument):
        again = pickle.loads(pickle.dumps(value))
        assert (again, str(again)) == (value, str(value))
