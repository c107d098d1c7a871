"""Real and imaginary parts of polylogarithms: beside mpmath, in lambdify, and their derivatives."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from symtrans.language.polylogarithms import impolylog, repolylog


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.floats(0, 40), some.floats(0.01, 3.13), some.sampled_from([1, 2, 3]))
def test_the_parts_of_a_polylogarithm(rho, angle, order):
    with mpmath.workdps(30):
        z = mpmath.polylog(order, mpmath.mpf(rho) * mpmath.expj(mpmath.mpf(angle)))
    exact = sp.Rational(rho), sp.Rational(angle)
    assert float(repolylog(order, *exact).evalf(30)) == pytest.approx(float(z.real), rel=1e-13, abs=1e-15)
    assert float(impolylog(order, *exact).evalf(30)) == pytest.approx(float(z.imag), rel=1e-13, abs=1e-15)


def test_the_parts_in_lambdify_and_their_derivatives():
    x, t = sp.symbols("x t", positive=True)
    for part in (repolylog, impolylog):
        expr = part(2, x, t)
        assert expr.is_real
        places = np.array([0.25, 1.0, 7.0])
        values = sp.lambdify((x, t), expr, "numpy")(places, 1.25)
        assert values.shape == (3,)
        assert values == pytest.approx([float(expr.subs({x: p, t: 1.25})) for p in places], rel=1e-14)
        for symbol in (x, t):
            slope = float(sp.diff(expr, symbol).subs({x: 1.5, t: 2.0}))
            ends = [float(expr.subs({x: 1.5, t: 2.0, **{symbol: c}}).evalf(30)) for c in CENTRED[symbol.name]]
            assert slope == pytest.approx((ends[1] - ends[0]) / 2e-5, rel=1e-8)
    with pytest.raises(sp.core.function.ArgumentIndexError):
        repolylog(2, x, t).fdiff(1)


CENTRED = {"x": (1.5 - 1e-5, 1.5 + 1e-5), "t": (2 - 1e-5, 2 + 1e-5)}
