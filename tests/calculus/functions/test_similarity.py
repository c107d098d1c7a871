"""c F(x/s) is the function itself, and F has shed the parameters that are scales."""

import pytest
import sympy as sp

from symtrans import r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.similarity import similar
from symtrans.calculus.functions.splitting import half_line

a, b, c = sp.symbols("a b c", positive=True)
q = sp.Symbol("q", real=True)
A, s = sp.Abs(r), sp.sign(r)


@pytest.mark.parametrize(
    ("expr", "left"),
    [
        (r / (1 + r**2 / a**2), set()),
        (s * sp.Min(A, a), set()),
        (sp.Piecewise((r, a >= A), (a**2 / r, True)), set()),
        (b * r * sp.exp(-(r**2) / (2 * a**2)), {"b"}),
        (r * sp.exp(-a * r**2), {"a"}),
        (sp.Piecewise((r, a >= A), (a * s, a + b >= A), (0, True)), {"a", "b"}),
        (r**3 / (a * b + r**2), set()),
        (r / (1 + r**2) + c * r, {"c"}),
        (q * r * sp.exp(-(r**2)), {"q"}),
        (r / (1 + (2 * A / (3 * a)) ** b), {"b"}),
        (sp.Piecewise((r, a >= A), (a * s * (A / a) ** (b - 1), True)), {"b"}),
    ],
    ids=lambda value: "".join(sorted(value)) if isinstance(value, set) else str(value),
)
def test_a_function_is_its_similar_one_scaled(expr, left):
    function = half_line(expr, r, Parity.ODD)
    scale, factor, rest = similar(function)
    assert scale.is_positive
    assert factor.is_positive
    assert len(rest.parameters) == len(left)
    values = {a: sp.Rational(3, 2), b: sp.Rational(11, 4), c: sp.Rational(2, 5), q: -sp.Integer(2)}
    exact = rest.subs({p: v for p, v in values.items() if p in rest.parameters})
    for place in (sp.Rational(1, 3), sp.Integer(2), sp.Rational(17, 2)):
        there = factor.subs(values) * exact.at(place / scale.subs(values))
        assert abs(sp.N(there - expr.subs({**values, r: place}), 30)) < 1e-25


def test_a_number_within_powers_by_a_parameter_is_a_scale():
    function = half_line(r / (1 + (sp.sqrt(2) * A / 2) ** b), r, Parity.ODD)
    scale, factor, rest = similar(function)
    assert scale == sp.sqrt(2)
    assert sp.simplify(factor * rest.at(sp.Integer(3)) - function.at(3 * sp.sqrt(2))) == 0
    assert {power.base for power in rest.pieces[0].expr.atoms(sp.Pow) if power.exp == b} == {X}
    mixed = half_line(r / (1 + (2 * A) ** b + (3 * A) ** c), r, Parity.ODD)  # two numbers
    assert similar(mixed)[0] == 1
