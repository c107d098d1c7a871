"""What a page, a file or a spreadsheet has lost or means otherwise is asked about, never guessed."""

import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, NonlinearityError, ParseError
from symtrans.language.text_parser import parse

x, y, t = sp.symbols("x y t")


@pytest.mark.parametrize(
    "text", ["1/(1+(s/k)2)", "c(|∇I|) = 1/(1+(|∇I|/K)2)", "1/(1+|s|2)", "(1-(s/a)2)2", "exp(-(s/σ)½)", "2(s)3"]
)
def test_a_number_behind_a_bracket_may_be_a_power(text):
    with pytest.raises(ParseError, match="is it a power"):
        Diffusivity(text)
    assert parse("(x)*2") == parse("(x) 2") == parse("2(x)") == 2 * x


@pytest.mark.parametrize("text", ["1/√1+s²", "√1 - s²", "1/√4+s²", "√s²+1", "√s^2", "s/∛1+s"])
def test_a_root_without_its_bar_is_asked_about(text):
    with pytest.raises(ParseError, match="how far does the root reach"):
        Diffusivity(text)


def test_a_root_of_a_sign_is_none():
    assert parse("√2 x") == parse("√2*x") == sp.sqrt(2) * x
    assert parse("√2 + 1") == sp.sqrt(2) + 1
    assert parse("√(1+x²)") == sp.sqrt(1 + x**2)
    assert parse("√abs(x)+1") == sp.sqrt(sp.Abs(x)) + 1


@pytest.mark.parametrize("text", ["e-|s|/K", "e−|∇u|²/K²", "1 - e-|s|", "e−(|∇u|/K)²"])
def test_e_to_a_power_may_have_come_down(text):
    with pytest.raises(ParseError, match="is a power of e meant"):
        Diffusivity(text)
    assert parse("x*(e-1)") == parse("x*(e - 1)") == x * (sp.E - 1)
    assert parse("e - x") == sp.E - x


@pytest.mark.parametrize("text", ["x exp(-x2/2)", "x/(1+x2/λ2)", "Phi(x) = x/(1+x3)", "r exp(-r2)", "g(s) = exp(-s2)"])
def test_x2_beside_x_may_be_a_power(text):
    with pytest.raises((ParseError, NonlinearityError), match=r"is .* a power"):
        (Diffusivity if "g(" in text else Activation)(text)


def test_x2_is_a_parameter_where_that_is_said():
    for flux in (
        Activation("r/(1 + r2)", variable="r"),
        Activation("x/(1 + x2)", variable="x"),
        Activation("x/(1+x_2)"),
    ):
        assert len(flux.parameters) == 1
        assert eval(repr(flux), vars(st)) == flux


@pytest.mark.parametrize("text", ["|x|^1/2*sgn(x)", "|x|**1/3*sgn(x)"])
def test_a_power_of_one_over_n_is_asked_about(text):
    with pytest.raises(ParseError, match=r"is the power 1/[23] meant"):
        Activation(text)
    assert parse("x^2/3") == x**2 / 3
    assert parse("x^1*x/2") == x**2 / 2


@pytest.mark.parametrize("text", ["1/1+s²", "1-1/1+s^2", "1/1 + s²", "s²/1+s²", "exp(s²/1-s²)"])
def test_a_sum_below_a_fraction_bar_is_asked_about(text):
    with pytest.raises(ParseError, match="below the fraction bar"):
        Diffusivity(text)
    assert parse("x/1") == parse("x/1*1") == x
    assert parse("x/10+1") == x / 10 + 1
    assert parse("x/1 + x^2/2") == x + x**2 / 2


@pytest.mark.parametrize("text", ["=SIGN(x)*LOG(1+ABS(x))", "=x*LOG(2+SQRT(LOG(3;2)+x^2))"])
def test_log_of_a_spreadsheet_has_the_base_ten(text):
    with pytest.raises(ParseError, match="base 10"):
        Activation(text)


@pytest.mark.parametrize("text", ["=x*EXP(-x^2)", "=IF(ABS(x)<1;-x^2*SIGN(x);0)", "=x*EXP(-ABS(x)^2)"])
def test_a_minus_binds_tighter_in_a_spreadsheet(text):
    with pytest.raises(ParseError, match="spreadsheet"):
        Activation(text)


def test_what_a_spreadsheet_means_as_all_do_is_read():
    assert Activation("=x*EXP(-(x^2))") == Activation("= x*exp(-x^2)") == Activation("x*exp(-x^2)")
    assert Activation("=SIGN(x)*LOG(1+ABS(x);10)") == Activation("=SIGN(x)*LOG10(1+ABS(x))")
    assert Activation("=SIGN(x)*LN(1+ABS(x))-x^3") == Activation("sgn(x) ln(1+|x|) - x^3")


@pytest.mark.parametrize("dash", "‐‑‒–—−-_ ")
def test_a_family_is_found_with_any_dash(dash):
    assert Diffusivity(f"Perona{dash}Malik") == st.catalogue["perona-malik"].diffusivity


@pytest.mark.parametrize(("v", "u"), [(v, u) for v in (2, -2, 0) for u in (-3, 0, 1)])
def test_atan2_is_that_of_sympy(u, v):
    assert parse(f"atan2({u}, {v})") == (sp.atan2(u, v) if u or v else 0)


def test_functions_of_c_and_fortran_with_several_arguments():
    assert Activation("atan2(x, 1)") == Activation("atan(x)")
    assert parse("fma(x, y, t)") == x * y + t
    assert Activation("sign(min(abs(x), 1), x)") == Activation("clip(x, -1, 1)")
    assert parse("sign(x)") == sp.sign(x)


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("np.select([x > 1], [1], default=x)", "Piecewise"),
        ("floor(x)", "steps without end"),
        ("⌊x⌋", "steps without end"),
        ("x - x^3/3!", "Gamma"),
        ("10% x", "0.1"),
        ("log cosh x", r"log\(\.\.\.\)"),
        ("tanh x", r"tanh\(x\)"),
    ],
)
def test_what_is_not_read_has_a_hint(text, mend):
    with pytest.raises(ParseError, match=mend):
        Activation(text)
