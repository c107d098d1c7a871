"""Trained activations: odd polynomials, radial basis mixtures, splines and rational functions with numeric weights."""

import sympy as sp

from symtrans.catalogue.entry import Entry
from symtrans.catalogue.references import cite
from symtrans.language.symbols import r
from symtrans.nonlinearity.kinds import Activation

# Weights at the centres 1/5, 2/5, ..., 3 (thousandths); the influence function of a trained reaction
# term: it rises to a hump, falls below zero and decays.
_RBF_WEIGHTS = (137, 243, 318, 341, 302, 226, 141, 63, -12, -58, -83, -71, -44, -21, -6)

# Values at the knots 1/4, 2/4, ..., 5 (hundredths).
_SPLINE_VALUES = (21, 40, 56, 68, 77, 81, 80, 75, 68, 59, 50, 42, 35, 29, 25, 22, 21, 21, 22, 24)


def _mixture() -> sp.Expr:
    """Odd mixture of 31 Gaussians of width 1/5 at -3, -14/5, ..., 3; the weight at 0 is 0 by oddness."""

    def gaussian(k: int) -> sp.Expr:
        return sp.exp(-((5 * r - k) ** 2) / 2)

    return sp.Add(*(sp.Rational(w, 1000) * (gaussian(k) - gaussian(-k)) for k, w in enumerate(_RBF_WEIGHTS, 1)))


def _spline() -> sp.Expr:
    """Odd piecewise linear spline with the knots 0, 1/4, ..., 5 (21 on r >= 0), constant beyond."""
    cases, before = [], sp.S.Zero
    for k, hundredths in enumerate(_SPLINE_VALUES):
        value = sp.Rational(hundredths, 100)
        line = before + 4 * (value - before) * (sp.Abs(r) - sp.Rational(k, 4))
        cases.append((sp.sign(r) * sp.expand(line), sp.Abs(r) <= sp.Rational(k + 1, 4)))
        before = value
    return sp.Piecewise(*cases, (before * sp.sign(r), True))


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "newton-schulz",
        Activation,
        "3 r/2 - r^3/2",
        cite("bjorck1971"),
        {Activation: "Newton-Schulz cubic"},
        ("cubic",),
    ),
    Entry(
        "muon",
        Activation,
        "3.4445 r - 4.7750 r^3 + 2.0315 r^5",
        cite("jordan2024"),
        {Activation: "Muon quintic"},
        ("quintic",),
    ),
    Entry(
        "odd-polynomial",
        Activation,
        "a r - b r^3 + c r^5",
        cite("chen2017"),
        {Activation: "Odd quintic"},
        ("polynomial",),
    ),
    Entry(
        "rbf-31",
        Activation,
        _mixture,
        cite("chen2017", "hammernik2018"),
        {Activation: "Gaussian mixture, 31 centres"},
        ("rbf", "trained-diffusion", "variational-network"),
        remark="centres -3, -2.8, ..., 3 of width 0.2; weights of the shape that training finds",
    ),
    Entry(
        "gaussian-mixture",
        Activation,
        "7/10*r exp(-r^2/2) + 1/2*r exp(-r^2/4) - 9/10*r exp(-2 r^2) + 2/5*r exp(-4 r^2)",
        cite("chen2017"),
        {Activation: "Gaussian scale mixture"},
        ("gaussian-scale-mixture",),
    ),
    Entry(
        "spline-21",
        Activation,
        _spline,
        cite("bohra2020"),
        {Activation: "Linear spline, 21 knots"},
        ("spline", "piecewise-linear-spline"),
        remark="knots 0, 1/4, ..., 5 on r >= 0; values of the shape that training finds",
    ),
    Entry(
        "pade",
        Activation,
        "r*(1 + 0.3 r^2)/(1 + 0.5 r^2 + 0.2 r^4)",
        cite("molina2020", "boulle2020"),
        {Activation: "Pade"},
        ("rational",),
    ),
    Entry(
        "pade-tanh",
        Activation,
        "r*(945 + 105 r^2 + r^4)/(945 + 420 r^2 + 15 r^4)",
        cite("molina2020"),
        {Activation: "Pade approximant of tanh"},
        remark="the [5/4] approximant, from Lambert's continued fraction",
    ),
)
