"""Robust statistics: psi functions, weights and losses (rho = Psi/2)."""

from symtrans.catalogue.entry import Entry
from symtrans.catalogue.references import cite
from symtrans.nonlinearity.kinds import Activation, Diffusivity, Regulariser

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "tukey",
        Diffusivity,
        "Piecewise(((1 - r^2/lambda^2)^2, |r| <= lambda), (0, otherwise))",
        cite("beaton1974", "black1998"),
        {Diffusivity: "Tukey biweight"},
        ("biweight", "bisquare", "tukey-biweight"),
    ),
    Entry(
        "tukey-quartic",
        Diffusivity,
        "Piecewise(((1 - r^4/c^4)^2, |r| <= c), (0, otherwise))",
        cite("seabold2010"),
        {Diffusivity: "Tukey quartic"},
    ),
    Entry("geman-mcclure", Regulariser, "r^2/(1 + r^2/lambda^2)", cite("geman1987"), {Regulariser: "Geman-McClure"}),
    Entry(
        "welsch",
        Regulariser,
        "c^2 (1 - exp(-r^2/c^2))",
        cite("dennis1978", "holland1977"),
        {Regulariser: "Welsch"},
        ("leclerc",),
        remark="the Perona-Malik diffusivity with c = sqrt(2) lambda",
    ),
    Entry(
        "andrews",
        Activation,
        "Piecewise((a sin(r/a), |r| <= pi a), (0, otherwise))",
        cite("andrews1974"),
        {Activation: "Andrews sine"},
        ("andrews-sine", "andrews-wave"),
    ),
    Entry(
        "fair",
        Activation,
        "r/(1 + |r|/lambda)",
        cite("fair1974", "elliott1993", "lange1990"),
        {Activation: "Softsign", Diffusivity: "Fair"},
        ("softsign", "elliott", "lange"),
    ),
    Entry(
        "log-cosh",
        Activation,
        "lambda tanh(r/lambda)",
        cite("green1990"),
        {Regulariser: "Log-cosh", Activation: "Hyperbolic tangent"},
        ("tanh", "green"),
    ),
    Entry(
        "hampel",
        Activation,
        "Piecewise((r, |r| <= a), (a sgn(r), |r| <= a + d),"
        " (a*(a + d + s - |r|)/s*sgn(r), |r| <= a + d + s), (0, otherwise))",
        cite("hampel1974"),
        {Activation: "Hampel"},
        remark="the thresholds a < b < c of the literature are a, a + d and a + d + s",
    ),
    Entry("ramsay-e", Diffusivity, "exp(-a |r|)", cite("ramsay1977"), {Diffusivity: "Ramsay E"}, ("ramsay",)),
    Entry(
        "trimmed-mean",
        Activation,
        "Piecewise((r, |r| <= c), (0, otherwise))",
        cite("hinich1975"),
        {Activation: "Trimmed mean"},
        ("talwar",),
        remark="the truncated quadratic with c = sqrt(2) theta",
    ),
    Entry(
        "student-t",
        Regulariser,
        "c^2 nu ln(1 + r^2/(nu c^2))",
        cite("lange1989"),
        {Regulariser: "Student t"},
        ("student",),
        remark="nu degrees of freedom, scale c; normalised so that g(0) = 1",
    ),
    Entry(
        "yohai-zamar",
        Activation,
        "Piecewise((r, |r| <= 2 c), (c sgn(r) (-1.944 |r|/c + 1.728 |r|^3/c^3 - 0.312 |r|^5/c^5"
        " + 0.016 |r|^7/c^7), |r| <= 3 c), (0, otherwise))",
        cite("yohai1997"),
        {Activation: "Optimal (Yohai-Zamar)"},
        ("optimal",),
    ),
    Entry(
        "dcs",
        Diffusivity,
        "Piecewise((1, |r| <= c), (4 c^4/(c^2 + r^2)^2, otherwise))",
        cite("agarwal2013"),
        {Diffusivity: "Dynamic covariance scaling"},
        ("dynamic-covariance-scaling",),
        remark="the parameter Phi of the source is c^2",
    ),
    Entry(
        "epsilon-insensitive",
        Regulariser,
        "2 Max(|r| - epsilon, 0)",
        cite("vapnik1995"),
        {Regulariser: "Epsilon-insensitive"},
        ("vapnik",),
    ),
)
