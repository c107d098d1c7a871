"""What repr, str and srepr print of an accepted formula is read back to an equal value."""

import pytest
import sympy as sp
from hypothesis import given, settings

import symtrans
from symtrans import Activation, Diffusivity, ParseError, catalogue, latex, r
from symtrans.language.text_parser import parse
from symtrans.language.text_printer import plain
from tests.strategies import diffusivities


def assert_read_back(form):
    assert eval(repr(form), vars(symtrans)) == form
    more = {"tau": form.tau} if form.letter == "S" else {}
    assume = [str(relation) for relation in form.assumed]
    for write in (str, sp.srepr):
        again = type(form)(write(form.expr), variable=form.variable.name, assume=assume, **more)
        assert again == form


FEW = (
    "hampel",
    "firm",
    "silu",
    "morita",
    "weickert-8",
    "spline-21",
    "p-laplace",
    "muon",
    "log-penalty",
    "atan-penalty",
)


@pytest.mark.parametrize("name", FEW)
def test_forms_of_the_catalogue(name):
    for form in catalogue[name].forms:
        assert_read_back(form)


@pytest.mark.long
@pytest.mark.parametrize("name", list(catalogue))
def test_every_form_of_the_catalogue(name):
    for form in catalogue[name].forms:
        assert_read_back(form)


@settings(max_examples=25, deadline=None)
@given(diffusivities())
def test_random_formulas(g):
    assert_read_back(g if isinstance(g, Diffusivity) else Diffusivity(g))


@pytest.mark.parametrize("name", ["while", "nan", "lam", "sin", "pi", "e", "Symbol", "width", "λ", "E", "Piecewise"])
def test_a_parameter_of_any_name(name):
    p = sp.Symbol(name, positive=True)
    g = Diffusivity(1 / (1 + symtrans.r**2 / p**2))
    assert eval(repr(g), vars(symtrans)) == g
    assert Diffusivity(sp.srepr(g.expr)) == g


@pytest.mark.parametrize(
    "assumptions",
    [
        {},
        {"real": True},
        {"negative": True},
        {"nonnegative": True},
        {"integer": True},
        {"integer": True, "positive": True},
        {"real": True, "nonzero": True},
        {"even": True},
        {"rational": True, "negative": True},
    ],
)
def test_symbols_of_any_assumption_come_back(assumptions):
    a = sp.Symbol("a", **assumptions)
    for form in (
        Activation(a * symtrans.r * sp.exp(-(a**2) * symtrans.r**2)),
        Diffusivity(1 / (1 + a**2 + symtrans.r**2)),
    ):
        assert eval(repr(form), vars(symtrans)) == form
        assert type(form)(sp.srepr(form.expr)) == form


@pytest.mark.parametrize("assumptions", [{"real": True}, {"real": True, "nonzero": True}, {"integer": True}])
def test_assumptions_on_symbols_of_any_assumption_come_back(assumptions):
    a = sp.Symbol("a", **assumptions)
    form = Activation(a * r / (1 + r**2), assume=[a > 1, a < 9])
    assert eval(repr(form), vars(symtrans)) == form
    with pytest.raises(symtrans.NonlinearityError, match="no inequality"):
        Activation(a * r / (1 + r**2), assume=["a = 1 < 2"])


@pytest.mark.parametrize("number", [sp.E, sp.pi, sp.EulerGamma, sp.Catalan, sp.exp(-sp.E), sp.sqrt(sp.E)])
def test_constants_are_read_as_sympy_prints_them(number):
    form = Activation(number * symtrans.r)
    assert Activation(str(form.expr)) == Activation(sp.srepr(form.expr)) == eval(repr(form), vars(symtrans)) == form


@pytest.mark.parametrize("assume", [["a < b"], ["a < b", "1/2 < a < 1"], ["2*a <= b"]])
def test_assumptions_can_be_pasted(assume):
    hat = Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))", assume=assume)
    assert_read_back(hat)
    asked = Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))")
    with pytest.raises(symtrans.NonlinearityError) as refused:
        asked.to(Diffusivity)
    (pasted,) = eval(str(refused.value).split("translate(..., assume=")[1].split(") or")[0])
    assert asked.assuming(pasted).to(Diffusivity).assumed


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (-49 - 7 * abs(symtrans.r), "-49 - 7*|r|"),
        (-sp.Rational(49, 4) - symtrans.r, "-49/4 - r"),
        ((-1 - symtrans.r) * sp.exp(-symtrans.r), "(-1 - r)*exp(-r)"),
        (symtrans.r * (-sp.Rational(1, 2) - sp.log(2)), "r*(-1/2 - ln(2))"),
    ],
)
def test_a_sum_that_begins_with_a_negative_number(expr, text):
    assert plain(expr) == text
    assert parse(text).subs(sp.Symbol("r"), symtrans.r) == expr


@pytest.mark.parametrize("text", ["1e400*r", "r/1e400", "r/(1 + 3e200*r^2)", "1e40^p*r", "1e30*r^3/7"])
def test_numbers_of_many_zeros_are_written_short_and_read_back(text):
    given = Activation(text)
    assert len(repr(given)) < 60
    assert Activation(latex=latex(given)) == given == Activation(parse(plain(given.expr)))


@pytest.mark.parametrize("symbol", [sp.Wild("w"), sp.Dummy("w")])
def test_symbols_of_other_classes_come_back(symbol):
    for form in (Activation(symbol * sp.exp(-(symbol**2))), Activation(r * sp.exp(-symbol * r**2))):
        assert eval(repr(form), vars(symtrans)) == form


@pytest.mark.parametrize("letter", ["x", "y", "r"])
def test_roots_of_equations_come_back(letter):
    z = sp.Symbol(letter, real=True)
    own = Activation(sp.CRootOf(z**5 - z - 1, 0) * r / (1 + r**2))
    assert own == Activation(f"CRootOf({letter}^5 - {letter} - 1, 0) r/(1 + r^2)") == eval(repr(own))
    assert own(1.0) == pytest.approx(1.1673039782614187 / 2)


@pytest.mark.parametrize(
    "root", ["x^2 + 1, 0", "a x^3 + 1, 0", "x^5 - x - 1, 7", "3, 0", "x^5 - x - 1, -1", "x^99 - x, 0"]
)
def test_what_is_no_root_is_refused(root):
    with pytest.raises(ParseError, match="a real root"):
        Activation(f"CRootOf({root}) r")


@pytest.mark.parametrize("name", ["input", "x_hat", "d_jk", "x_i_j", "x_3", "lambda_max", "psi_noise"])
def test_a_head_of_latex_holds_variables_of_any_name(name):
    phi = Activation(f"a tanh({name})", variable=name)
    assert Activation(latex=latex(phi)) == phi
