"""LaTeX of what SymPy knows beyond nonlinearities: nothing of a formula is left out."""

from itertools import product

import pytest
import sympy as sp

import symtrans as st

x, y, p = sp.symbols("x y p")
f, phi, of_several = sp.Function("f"), sp.Function("Phi"), sp.Function("phi_2")
PARTS = (f(x), f(y), f(x, y), f(y, x), f(), phi(x), of_several(x), sp.Integral(f(x), (x, 0, 1)), sp.Integral(x, x))
PARTS += (sp.Integral(x, (x, y)), sp.Integral(x * y, (x, 0, 1), (y, 0, 2)), sp.Integral(x * y, (y, 0, 2), (x, 0, 1)))
POWERS = (1, 2, 3, -1, -2, sp.Rational(1, 2), sp.Rational(3, 2), p)


def test_different_formulas_have_different_latex():
    formulas = {part**power * factor for part, power, factor in product(PARTS, POWERS, (1, 2, -1, x, sp.I))}
    written = [st.latex(formula) for formula in formulas]
    assert len(formulas) == len(PARTS) * len(POWERS) * 5
    assert len(set(written)) == len(written)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (f(x) ** 2, "f^{2}(x)"),
        (f(x / 2, y) ** p, r"f^{p}\left(\frac{x}{2}, y\right)"),
        (phi(x), r"\Phi(x)"),
        (of_several(x), r"\phi_{2}(x)"),
        (sp.Function("Psi'")(x) ** 2, r"\Psi'^{2}(x)"),
        (sp.Function("loss")(x), r"\mathit{loss}(x)"),
        (sp.Integral(f(x), (x, 0, 1)), r"\int_{0}^{1} f(x) \, dx"),
        (sp.Integral(f(x), x), r"\int f(x)\, dx"),
        (sp.Integral(x * y, (x, 0, 1), (y, 0, 2)), r"\int\limits_{0}^{2}\int\limits_{0}^{1} x y\, dx\, dy"),
        (sp.I * x, "i x"),
        (sp.I * sp.sqrt(2) * x / 2, r"\frac{i x}{\sqrt{2}}"),
        (sp.sign(x / (1 + y)), r"\operatorname{sgn}\left(\frac{x}{1 + y}\right)"),
        (sp.sign(x) ** 3, r"\operatorname{sgn}^{3}(x)"),
    ],
)
def test_calls_and_integrals_are_whole(formula, expected):
    assert st.latex(formula) == expected
