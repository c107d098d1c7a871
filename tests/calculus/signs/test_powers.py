"""Sums of powers by parameters as polynomials in one power."""

import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.signs.powers import in_one_power

a, p, q = sp.symbols("a p q", positive=True)


@pytest.mark.parametrize(
    ("expr", "power", "polynomial"),
    [
        (2 * X ** (p - 1) - a * X ** (2 * p - 1), p, 2 - a * X),
        (X ** (1 - 2 * p) - X ** (1 - p), p, 1 - X),
        (X**p - a * X ** (p + 3), 3, 1 - a * X),
        (1 + X ** (p / 2) - X ** (2 * p), p / 2, 1 + X - X**4),
    ],
    ids=str,
)
def test_the_polynomial_has_the_sign_of_the_sum(expr, power, polynomial):
    found, inner = in_one_power(expr)
    assert sp.simplify(found - power) == 0
    assert sp.expand(inner - polynomial) == 0


@pytest.mark.parametrize("expr", [X**p + X**q + 1, X**p + sp.exp(X), X**2 - 1, (1 + X) ** p, X**p + X ** (200 * p) + 1])
def test_what_is_no_such_polynomial_is_none(expr):
    assert in_one_power(expr) is None
