"""Hypothesis strategies for nonlinearities and signals, in one place."""

import sympy as sp
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from symtrans import r

MODULUS = sp.Abs(r)

positive_rationals = st.fractions(min_value="1/20", max_value=20, max_denominator=20).map(
    lambda f: sp.Rational(f.numerator, f.denominator)
)
rationals = st.fractions(min_value=-5, max_value=5, max_denominator=12).map(
    lambda f: sp.Rational(f.numerator, f.denominator)
)


@st.composite
def smooth_diffusivities(draw):
    """An even function, smooth for r != 0 and bounded, with rational numbers in it."""
    a, b = draw(positive_rationals), draw(positive_rationals)
    c = draw(rationals)
    return draw(
        st.sampled_from(
            [
                sp.exp(-(r**2) / a),
                c + b / (1 + r**2 / a),
                1 / sp.sqrt(1 + r**2 / a),
                b * sp.exp(-(r**2) / a) + c * sp.exp(-(r**2) / (2 * a)),
                (1 + c * r**2) / (1 + a * r**4),
                1 / (1 + MODULUS / a),
                c + sp.exp(-MODULUS / a),
                b - c * MODULUS / (1 + MODULUS),
            ]
        )
    )


@st.composite
def diffusivities(draw):
    """An even function of up to three smooth pieces, breaks and isolated values included."""
    count = draw(st.integers(1, 3))
    breaks = sorted(set(draw(st.lists(positive_rationals, min_size=count - 1, max_size=count - 1))))
    cases = []
    for place in breaks:
        if draw(st.booleans()) and draw(st.booleans()):
            cases.append((draw(rationals), sp.Eq(MODULUS, place)))
        condition = place >= MODULUS if draw(st.booleans()) else place > MODULUS
        cases.append((draw(smooth_diffusivities()), condition))
    cases.append((draw(smooth_diffusivities()), True))
    return sp.Piecewise(*cases) if len(cases) > 1 else cases[0][0]


def signals(dtype="float64", min_size=1, max_size=40):
    """Finite signals of ordinary and extreme size."""
    width = 64 if dtype == "float64" else 32
    values = st.one_of(
        st.floats(-10, 10, width=width),
        st.sampled_from([0.0, -0.0, 1e30, -1e30, 1e-30, 5e-324 if width == 64 else 1e-45]),
    )
    return hnp.arrays(dtype, st.integers(min_size, max_size), elements=values)
