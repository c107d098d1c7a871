"""Hypothesis strategies for nonlinearities and signals, in one place."""

import sympy as sp
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from symtrans import Activation, Diffusivity, Regulariser, Shrinkage, r

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


# ---------------------------------------------------------------------------
# The grammar of whole nonlinearities, of which half are cheap to certify


def _rational(fraction):
    return sp.Rational(fraction.numerator, fraction.denominator)


small_numbers = st.fractions(min_value="1/6", max_value=6, max_denominator=6).map(_rational)
mixed_numbers = st.one_of(
    small_numbers,
    st.integers(1, 9999).map(lambda n: sp.Rational(n, 1000)),  # decimals as they are typed
    st.tuples(st.integers(1, 9), st.integers(-6, 6)).map(lambda t: t[0] * sp.Integer(10) ** t[1]),
    st.sampled_from([sp.Rational(10007, 9973), sp.Rational(1, 3**9), sp.Rational(2**20 + 7, 2**21)]),
)
signed_numbers = st.tuples(mixed_numbers, st.booleans()).map(lambda t: t[0] if t[1] else -t[0])


@st.composite
def cheap_even(draw):
    """Constants, lines and rational functions of the modulus."""
    a, c, d = draw(small_numbers), draw(signed_numbers), draw(mixed_numbers)
    return draw(
        st.sampled_from(
            [
                c,
                d / (1 + MODULUS / a),
                d / (1 + r**2 / a),
                c + sp.Min(MODULUS, a),
                c + d * sp.Max(1 - MODULUS / a, 0),
                (a + c * r**2) / (1 + r**2),
            ]
        )
    )


@st.composite
def smooth_even(draw):
    """Even functions of the literature, bounded and continuous."""
    a, b = draw(mixed_numbers), draw(mixed_numbers)
    u = r**2 / a
    return draw(
        st.sampled_from(
            [
                sp.exp(-u),
                sp.exp(-MODULUS / a),
                1 / sp.sqrt(1 + u),
                (1 + u) ** -sp.Rational(3, 2),
                1 / (1 + u) ** 2,
                u * sp.exp(-u),
                u / (1 + u**2),
                sp.log(1 + u) / (1 + u),
                1 / sp.cosh(r / a),
                MODULUS * sp.exp(-MODULUS / b),
                sp.tanh(u),
                (1 - u) * sp.exp(-u),
            ]
        )
    )


@st.composite
def composed_even(draw):
    """Mixtures, products and compositions of two smooth even functions."""
    f, g = draw(smooth_even()), draw(smooth_even())
    c, d = draw(signed_numbers), draw(signed_numbers)
    return draw(
        st.sampled_from(
            [c * f + d * g, f * g, c + d * f, f**2, sp.exp(-f), 1 / (1 + f**2), sp.atan(c * f), c * f + g**2]
        )
    )


@st.composite
def odd_functions(draw):
    """Activations that are not written as r times something."""
    a, b, c = draw(mixed_numbers), draw(small_numbers), draw(signed_numbers)
    sgn = sp.sign(r)
    return draw(
        st.sampled_from(
            [
                c * r,
                sp.tanh(r / b),
                sp.atan(r / b) + c * r,
                sp.erf(r / b),
                r / (1 + MODULUS / b),
                sgn * sp.log(1 + MODULUS / b),
                sp.asinh(r / b),
                sgn * sp.Min(MODULUS, a),
                sgn * sp.Max(MODULUS - a, 0),
                c * r + sp.sin(r / b),
                r - c * r**3 + a * r**5,
                c * r + b * sgn,
                sgn * sp.sqrt(MODULUS),
                r * MODULUS / (1 + r**2),
            ]
        )
    )


@st.composite
def pieces(draw, parts):
    """Up to three pieces with a value of their own at some of the breaks."""
    places = sorted(set(draw(st.lists(small_numbers, max_size=2))))
    cases = []
    for place in places:
        if draw(st.integers(0, 4)) == 0:
            cases.append((draw(small_numbers), sp.Eq(MODULUS, place)))
        cases.append((draw(parts), place >= MODULUS if draw(st.booleans()) else place > MODULUS))
    cases.append((draw(parts), True))
    return sp.Piecewise(*cases) if len(cases) > 1 else cases[0][0]


@st.composite
def members(draw, kinds=(Diffusivity, Activation, Shrinkage, Regulariser)):
    """A kind and an expression of it without parameters."""
    even = cheap_even() if draw(st.booleans()) else st.one_of(smooth_even(), composed_even())
    kind = draw(st.sampled_from(kinds))
    if kind is Diffusivity:
        return kind, draw(pieces(even))
    if kind is Regulariser:
        smooth = draw(st.one_of(smooth_even(), composed_even(), small_numbers.map(lambda c: c * r**2)))
        return kind, smooth - smooth.subs(r, 0)
    if draw(st.integers(0, 2)) == 0:
        return kind, draw(odd_functions())
    body = draw(pieces(even))
    if isinstance(body, sp.Piecewise):
        return kind, sp.Piecewise(*((r * f, c) if c.func is not sp.Eq else (sp.sign(r) * f, c) for f, c in body.args))
    return kind, r * body


def signals(dtype="float64", min_size=1, max_size=40):
    """Finite signals of ordinary and extreme size."""
    width = 64 if dtype == "float64" else 32
    values = st.one_of(
        st.floats(-10, 10, width=width),
        st.sampled_from([0.0, -0.0, 1e30, -1e30, 1e-30, 5e-324 if width == 64 else 1e-45]),
    )
    return hnp.arrays(dtype, st.integers(min_size, max_size), elements=values)
