"""Trained activations: odd polynomials, radial basis mixtures, splines and rational functions with numeric weights."""

import sympy as sp

from symtrans.catalogue.entry import Entry, Reference
from symtrans.language.symbols import r
from symtrans.nonlinearity.kinds import Activation

_BJORCK = Reference(
    "A. Bjorck, C. Bowie",
    "An iterative algorithm for computing the best estimate of an orthogonal matrix",
    "SIAM J. Numerical Analysis 8(2):358-364",
    1971,
    "10.1137/0708036",
)
_MUON = Reference(
    "K. Jordan, Y. Jin, V. Boza, J. You, F. Cesista, L. Newhouse, J. Bernstein",
    "Muon: an optimizer for hidden layers in neural networks",
    "https://kellerjordan.github.io/posts/muon",
    2024,
)
_CHEN_POCK = Reference(
    "Y. Chen, T. Pock",
    "Trainable nonlinear reaction diffusion: a flexible framework for fast and effective image restoration",
    "IEEE Trans. Pattern Analysis and Machine Intelligence 39(6):1256-1272",
    2017,
    "10.1109/TPAMI.2016.2596743",
)
_HAMMERNIK = Reference(
    "K. Hammernik, T. Klatzer, E. Kobler, M. P. Recht, D. K. Sodickson, T. Pock, F. Knoll",
    "Learning a variational network for reconstruction of accelerated MRI data",
    "Magnetic Resonance in Medicine 79(6):3055-3071",
    2018,
    "10.1002/mrm.26977",
)
_BOHRA = Reference(
    "P. Bohra, J. Campos, H. Gupta, S. Aziznejad, M. Unser",
    "Learning activation functions in deep (spline) neural networks",
    "IEEE Open J. Signal Processing 1:295-309",
    2020,
    "10.1109/OJSP.2020.3039379",
)
_MOLINA = Reference(
    "A. Molina, P. Schramowski, K. Kersting",
    "Pade activation units: end-to-end learning of flexible activation functions in deep networks",
    "Int. Conf. Learning Representations",
    2020,
)
_BOULLE = Reference(
    "N. Boulle, Y. Nakatsukasa, A. Townsend",
    "Rational neural networks",
    "Advances in Neural Information Processing Systems 33",
    2020,
)

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
    Entry("newton-schulz", Activation, "3 r/2 - r^3/2", (_BJORCK,), {Activation: "Newton-Schulz cubic"}, ("cubic",)),
    Entry(
        "muon", Activation, "3.4445 r - 4.7750 r^3 + 2.0315 r^5", (_MUON,), {Activation: "Muon quintic"}, ("quintic",)
    ),
    Entry(
        "odd-polynomial", Activation, "a r - b r^3 + c r^5", (_CHEN_POCK,), {Activation: "Odd quintic"}, ("polynomial",)
    ),
    Entry(
        "rbf-31",
        Activation,
        _mixture,
        (_CHEN_POCK, _HAMMERNIK),
        {Activation: "Gaussian mixture, 31 centres"},
        ("rbf", "trained-diffusion", "variational-network"),
        remark="centres -3, -2.8, ..., 3 of width 0.2; weights of the shape that training finds",
    ),
    Entry(
        "gaussian-mixture",
        Activation,
        "7/10*r exp(-r^2/2) + 1/2*r exp(-r^2/4) - 9/10*r exp(-2 r^2) + 2/5*r exp(-4 r^2)",
        (_CHEN_POCK,),
        {Activation: "Gaussian scale mixture"},
        ("gaussian-scale-mixture",),
    ),
    Entry(
        "spline-21",
        Activation,
        _spline,
        (_BOHRA,),
        {Activation: "Linear spline, 21 knots"},
        ("spline", "piecewise-linear-spline"),
        remark="knots 0, 1/4, ..., 5 on r >= 0; values of the shape that training finds",
    ),
    Entry(
        "pade",
        Activation,
        "r*(1 + 0.3 r^2)/(1 + 0.5 r^2 + 0.2 r^4)",
        (_MOLINA, _BOULLE),
        {Activation: "Pade"},
        ("rational",),
    ),
    Entry(
        "pade-tanh",
        Activation,
        "r*(945 + 105 r^2 + r^4)/(945 + 420 r^2 + 15 r^4)",
        (_MOLINA,),
        {Activation: "Pade approximant of tanh"},
        remark="the [5/4] approximant, from Lambert's continued fraction",
    ),
)
