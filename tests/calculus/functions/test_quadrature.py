"""Integrals without a closed form, also of what has breaks for ever."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from symtrans import Diffusivity, Regulariser
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.quadrature import quadrature

Y = sp.Symbol("y", positive=True)


def test_between_breaks_it_is_accurate_to_the_last_digits():
    psi = Diffusivity("|cos(r/lambda)|").to(Regulariser)
    with mpmath.workdps(20):
        breaks = [mpmath.mpf(2 * k + 1) * mpmath.pi / 4 for k in range(12)]
        exact = 2 * mpmath.quad(lambda y: y * abs(mpmath.cos(2 * y)), [0, *breaks, 19])
    found = psi(np.array([-19.0, np.nan, 0.0, 19.0]), lam=0.5)
    assert found[[0, 3]] == pytest.approx(float(exact), rel=1e-14)
    assert found[2] == 0
    assert np.isnan(found[1])


def test_arrays_of_any_shape_and_order():
    integral = quadrature(sp.Integral(sp.Max(sp.sin(Y), 0), (Y, 0, X)), X, [X])
    x = np.array([[9.0, 1.0], [4.0, 9.0]])
    exact = [[3 - np.cos(9.0), 1 - np.cos(1.0)], [2, 3 - np.cos(9.0)]]
    assert integral(x) == pytest.approx(np.array(exact), rel=1e-13)


def test_a_smooth_integrand_between_two_bounds():
    integral = quadrature(sp.Integral(sp.exp(-(Y**2)), (Y, X, 2 * X)), X, [X])
    assert integral(np.array([0.5])) == pytest.approx(np.sqrt(np.pi) / 2 * (sp.erf(1) - sp.erf(0.5)).evalf(), rel=1e-12)
