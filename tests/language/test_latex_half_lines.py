"""A formula in LaTeX of which is said that it holds for x > 0 only; letters before conditions."""

import pytest

from symtrans import Activation, Diffusivity, NonlinearityError, Shrinkage
from symtrans.errors import ParseError


@pytest.mark.parametrize(
    "said",
    [
        *(r", \quad s \ge 0", r", s > 0", r" \text{ for } s > 0", r"\quad (s \geq 0)", r"\quad \forall s \ge 0"),
        *(r", \quad s, \lambda > 0", r", \quad s \in \mathbb{R}_+", r", \quad s > 0, \quad C = 1"),
    ],
)
def test_an_even_function_of_a_positive_variable_is_one_of_its_modulus(said):
    factor = "C" * ("C =" in said)
    assert Diffusivity(latex=rf"g(s) = e^{{-{factor} s/\lambda}}{said}") == Diffusivity(
        "exp(-|s|/lambda)", variable="s"
    )


def test_what_has_the_parity_of_its_kind_holds_on_both_sides():
    assert Diffusivity(latex=r"\frac{1}{1 + s^2}, s \ge 0") == Diffusivity("1/(1 + s^2)")
    assert Activation(latex=r"\tanh(\beta x) \text{ for } x > 0") == Activation("tanh(beta x)")


def test_a_positive_parameter_says_nothing_of_the_variable():
    with pytest.raises(NonlinearityError, match="not even"):
        Diffusivity(latex=r"e^{-s/\lambda}, \quad \lambda > 0")


@pytest.mark.parametrize(
    ("kind", "latex", "remedy"),
    [
        (Activation, r"x^2 \text{ for } x > 0", "Activation('|x|^2*sgn(x)', variable='x')"),
        (Activation, r"\Phi(x) = 1 - e^{-x}, \ x \ge 0", "Activation('(1 - exp(-|x|))*sgn(x)', variable='x')"),
        (Shrinkage, r"\max(x - \theta, 0), x \ge 0", "Shrinkage('sgn(x)*Max(0, |x| - theta)', variable='x')"),
    ],
)
def test_whether_an_odd_function_is_meant_is_asked(kind, latex, remedy):
    with pytest.raises(NonlinearityError, match="does not say what holds for x < 0") as refused:
        kind(latex=latex)
    assert remedy in str(refused.value)
    assert kind(remedy.split("'")[1], variable="x").variable.name == "x"


@pytest.mark.parametrize("head", ["P", "Q", r"\mathbb{P}", "F", r"\Pi", "N_t"])
@pytest.mark.parametrize("condition", [r"(Y \le y)", r"[|x| > 1]", r"\left(x < 1\right)", r"(x = 0)"])
def test_a_letter_before_a_condition_is_no_factor(head, condition):
    with pytest.raises(ParseError, match="a function here"):
        Activation(latex=f"x {head}{condition}", variable="x")


def test_an_indicator_before_a_condition_is_one():
    assert Diffusivity(latex=r"x^2 I(|x| \le 1)") == Diffusivity(latex=r"x^2 \cdot (|x| \le 1)")
    assert Activation(latex=r"\frac{x}{2} I(|x| \le 1) + x") == Activation("x*(|x| <= 1)/2 + x")


@pytest.mark.parametrize("latex", [r"\tanh x/2", r"\arctan x/\lambda", r"\sin \omega x/2", r"x \exp x/a"])
def test_whether_a_function_without_brackets_acts_on_a_quotient_is_asked(latex):
    with pytest.raises(ParseError, match="act on"):
        Activation(latex=latex, variable="x")


def test_what_cannot_be_meant_otherwise_is_read():
    assert Diffusivity(latex=r"\sin x/x") == Diffusivity("sin(x)/x")
    assert Activation(latex=r"\tanh \frac{x}{2}") == Activation("tanh(x/2)")
    assert Diffusivity(latex=r"\ln(1 + |x|)/|x|") == Diffusivity("ln(1 + |x|)/|x|")
