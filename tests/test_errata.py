"""docs/errata.md: each looseness of the paper with its counterexample."""

import numpy as np
import pytest
import sympy as sp
from flint import arb
from sympy.core.function import AppliedUndef

import symtrans as st
from symtrans import Activation, Diffusivity, NonlinearityError, Regulariser, Shrinkage, certify, dictionary, r
from symtrans.models import haar_shrinkage_step


def test_1_theorem_2_needs_a_nonnegative_diffusivity():
    c = certify(Activation("-r"))
    assert c.lipschitz.value == 1
    assert c.theorem2_step() == 0
    u = st.models.diffusion_step([0, 1, 0], Activation("-r"), 0.5)
    assert u.tolist() == [-0.5, 2, -0.5]


def test_2_the_lipschitz_constant_may_exceed_g_max():
    c = certify(Diffusivity("1 - exp(-1/r^8)"))
    assert c.g_max.value == 1
    assert sp.simplify(c.lipschitz.value - (8 * sp.exp(-sp.Rational(7, 8)) - 1)) == 0
    assert c.theorem2_step() < c.max_min_step()


def test_3_hard_shrinkage_is_not_covered_by_theorem_2_but_stable():
    c = st.catalogue["hard"].certificate
    assert c.lipschitz.value is sp.oo
    assert c.theorem2_step() == 0
    assert c.max_min_step() == sp.Rational(1, 2)
    root = certify(Shrinkage("Piecewise((0, |r| <= 1), (sgn(r) sqrt(r^2 - 1), otherwise))"))
    assert root.continuous.value is True
    assert root.lipschitz.value is sp.oo


def test_4_the_bound_on_g_alone_does_not_bound_the_shrinkage():
    s = Diffusivity("-1").to(Shrinkage)
    assert s.expr == 2 * r
    assert s(1.0) > 1.0


def test_5_without_bars_the_rows_are_not_symmetric():
    with pytest.raises(NonlinearityError, match="not even"):
        Diffusivity("Piecewise((1, r <= 1), (1/r^2, otherwise))")


def test_6_sign_stability_asks_for_half():
    u = st.models.diffusion_step([4, -9, 6, 1], Activation("r"), 1 / 3)
    assert u == pytest.approx([-1 / 3, 1 / 3, -2 / 3, 8 / 3])
    assert certify(Activation("r")).sign_step() == sp.Rational(1, 4)


def test_7_huber_is_convex_but_not_strictly():
    psi = st.catalogue["huber"].regulariser.subs({"theta": 1})
    assert certify(psi).convex.value is True
    a, b = psi(np.array([3.0, 5.0]))
    assert psi(4.0) == pytest.approx((a + b) / 2)


def test_8_unbounded_diffusivities():
    assert certify(Diffusivity("1/|r|")).max_min_step() == 0
    with pytest.raises(NonlinearityError, match="unbounded"):
        Diffusivity("1/r^2")


def test_9_the_scaling_coefficients_are_left_alone():
    u = np.array([5.0, 5.0, 5.0, 5.0])
    for family in ("soft", "garrote", "hard"):
        assert haar_shrinkage_step(u, st.catalogue[family], theta=1.0) == pytest.approx(u)
    # eq. (2) as printed: S on the scaling coefficient of a pair, too
    literally = st.catalogue["soft"].shrinkage(10 / np.sqrt(2), theta=1.0) / np.sqrt(2)
    assert literally == pytest.approx(5 - 1 / np.sqrt(2))


def test_10_explicit_steps_approach_the_process_not_the_minimiser():
    f, psi = np.array([0.0, 1.0]), Regulariser("r^2")
    minimiser = st.models.variational_minimise(f, psi, 1.0)
    assert minimiser[1] - minimiser[0] == pytest.approx(1 / 3)
    explicit = st.models.variational_minimise(f, psi, 1.0, steps=10_000)
    assert explicit[1] - explicit[0] == pytest.approx(np.exp(-2), rel=1e-3)


def test_11_table_1_with_another_alpha_contradicts_itself():
    alpha, tau = sp.symbols("alpha tau", positive=True)
    g = sp.Function("g")
    by_the_flux = dictionary[Diffusivity, Shrinkage].formula
    # Psi' = 2 r g(r), the first entry of the table, put into the entry Psi -> S
    by_the_regulariser = dictionary[Regulariser, Shrinkage].formula.replace(
        lambda e: isinstance(e, AppliedUndef), lambda e: 2 * e.args[0] * g(e.args[0])
    )
    error = sp.expand(by_the_regulariser - by_the_flux)
    assert sp.simplify(error - 4 * (tau - alpha) * r * g(sp.sqrt(2) * r)) == 0
    assert sp.simplify(error.subs(alpha, tau)) == 0


def test_12_the_coupled_step_drives_images_apart_in_the_maximum_norm(monkeypatch):
    """The row of the Jacobian at the tip of a pyramid, exactly and for any g; and two images, in ball arithmetic."""
    tip = -np.array([[2, 1, 2], [1, 0, 1], [2, 1, 2]])
    monkeypatch.setattr(sp.Expr, "sqrt", sp.sqrt, raising=False)  # what NumPy asks of an object
    g, slope, tau = sp.symbols("g slope tau", positive=True)  # g and Phi' at r = √2; the curve beyond does not matter
    phi = np.vectorize(lambda norm: norm * (g + (slope - g) * (norm**2 - 2) / 4), otypes=[object])
    u = np.array(sp.symbols("u1:10", real=True)).reshape(3, 3)
    middle = st.models.diffusion_step(u, phi, tau, (1, 1))[1, 1]
    row = [middle.diff(symbol).subs(dict(zip(u.flat, map(int, tip.flat), strict=True))) for symbol in u.flat]
    corner, edge = tau * (slope - g) / 2, tau * g
    expected = [corner, edge, corner, edge, 1 - 2 * tau * (g + slope), edge, corner, edge, corner]
    assert [sp.expand(a - b) for a, b in zip(row, expected, strict=True)] == [0] * 9
    charbonnier = {g: 1 / sp.sqrt(3), slope: 1 / sp.sqrt(27), tau: sp.Rational(1, 4)}
    assert sp.simplify(sum(abs(entry.subs(charbonnier)) for entry in expected) - 1 - 2 * sp.sqrt(3) / 9) == 0

    def tip_after(f):
        def g_of(corner):
            a, b, c, d = corner.flat
            return 1 / (1 + ((b - a) ** 2 + (d - c) ** 2 + (c - a) ** 2 + (d - b) ** 2) / 2).sqrt()

        cells = [[g_of(f[i : i + 2, j : j + 2]) for j in (0, 1)] for i in (0, 1)]
        up, down = (sum(cells[i]) / 2 * (f[2 * i, 1] - f[1, 1]) for i in (0, 1))
        left, right = ((cells[0][j] + cells[1][j]) / 2 * (f[1, 2 * j] - f[1, 1]) for j in (0, 1))
        return f[1, 1] + (up + down + left + right) / 4

    ball = np.vectorize(arb, otypes=[object])
    nudge = ball(np.array([[-1, 1, -1], [1, 1, 1], [-1, 1, -1]]).astype(int)) / 10
    growth = (tip_after(ball(tip) + nudge) - tip_after(ball(tip))) * 10
    assert growth > arb("1.38")
    assert growth < arb("1.385")
