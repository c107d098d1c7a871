"""Losses of two things in their difference are functions of r; what only resembles them is not."""

import pytest
import sympy as sp

from symtrans import Diffusivity, NonlinearityError, Regulariser

SMOOTH_L1 = (
    r"\begin{cases} 0.5 (x - y)^2 / \beta, & \text{if } |x - y| < \beta \\"
    r" |x - y| - 0.5 \beta, & \text{otherwise } \end{cases}"
)
HUBER = "Piecewise((r^2/(2*beta), |r| < beta), (|r| - beta/2, otherwise))"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Regulariser(latex=SMOOTH_L1), Regulariser(HUBER)),
        (Regulariser(latex=r"\ell(x, y) = " + SMOOTH_L1), Regulariser(HUBER)),
        (Regulariser("log(cosh(y_pred - y_true))"), Regulariser("ln(cosh(r))")),
        (Regulariser(latex=r"(\hat{y} - y)^2"), Regulariser("r^2")),
        (Diffusivity("1/(1 + (u - v)^2/lambda^2)"), Diffusivity("1/(1 + r^2/lambda^2)")),
        (Regulariser((sp.Symbol("x") - sp.Symbol("y")) ** 2), Regulariser("r^2")),
        (Regulariser("x^2 (alpha - beta)^2"), Regulariser("r^2 (alpha - beta)^2")),
    ],
)
def test_a_loss_of_a_difference(given, expected):
    assert given.expr.subs(given.variable, expected.variable) == expected.expr


@pytest.mark.parametrize("text", ["(x - t)^2", "(a - b)^2 x^2", "x^2 - 2 x y + y^2", "(x - y)^2/(x + y)"])
def test_what_is_no_difference_alone_asks_for_the_variable(text):
    with pytest.raises(NonlinearityError, match="more than one candidate for the variable"):
        Regulariser(text)


def test_a_variable_that_is_named_is_taken():
    with pytest.raises(NonlinearityError, match="is not even"):
        Regulariser("(x - y)^2", variable="x")
