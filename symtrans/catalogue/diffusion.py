"""Diffusivities and the regularisers of variational image restoration."""

from symtrans.catalogue.entry import Entry
from symtrans.catalogue.references import cite
from symtrans.nonlinearity.kinds import Activation, Diffusivity, Regulariser, Shrinkage

_TRUNCATED = "Piecewise((1, |r| <= sqrt(2) theta), ({}, otherwise))"


def _weickert(m: int) -> Entry:
    """1 - exp(-C (lambda/r)^(2m)); its flux rises for r < lambda and falls beyond.

    The flux has the slope 1 - (1 + 2 m u) exp(-u) with u = C (lambda/r)^(2m). It
    vanishes at r = lambda if exp(C) = 1 + 2 m C, that is, C = -1/(2m) - W(-exp(-1/(2m))/(2m))
    on the lower branch of Lambert's function: 2.33666, 2.91830, 3.31488 for m = 2, 3, 4.
    """
    n = 2 * m
    constant = f"(-1/{n} - LambertW(-exp(-1/{n})/{n}, -1))"
    return Entry(
        f"weickert-{n}",
        Diffusivity,
        f"Piecewise((1 - exp(-{constant} (lambda/|r|)^{n}), |r| > 0), (1, otherwise))",
        cite("weickert1998"),
        {Diffusivity: f"Weickert ({n}th power)"},
        ("weickert",) if m == 4 else (),
        remark=f"the constant C solves exp(C) = 1 + {n} C, so that the flux rises exactly for |r| < lambda",
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "constant",
        Diffusivity,
        "1",
        cite("iijima1962", "whittaker1923", "tikhonov1963"),
        {Diffusivity: "Constant", Regulariser: "Whittaker-Tikhonov", Activation: "Identity"},
        ("identity", "linear", "whittaker-tikhonov", "tikhonov", "homogeneous", "least-squares"),
    ),
    Entry(
        "charbonnier",
        Diffusivity,
        "1/sqrt(1 + r^2/lambda^2)",
        cite("charbonnier1994"),
        {Diffusivity: "Charbonnier"},
        ("pseudo-huber", "isru"),
        (Regulariser,),
    ),
    Entry(
        "truncated-tv",
        Diffusivity,
        _TRUNCATED.format("sqrt(2) theta/|r|"),
        cite("donoho1995", "huber1973", "rudin1992"),
        {Shrinkage: "Soft", Diffusivity: "Truncated TV", Regulariser: "Huber"},
        ("soft", "huber"),
        known_as={"theta": "c/sqrt(2)"},
    ),
    Entry(
        "perona-malik",
        Diffusivity,
        "exp(-r^2/(2 lambda^2))",
        cite("perona1990"),
        {Diffusivity: "Perona-Malik"},
        ("perona-malik-exponential",),
    ),
    Entry(
        "truncated-bfb",
        Diffusivity,
        _TRUNCATED.format("2 theta^2/r^2"),
        cite("gao1998", "keeling2002"),
        {Shrinkage: "Garrote", Diffusivity: "Truncated BFB"},
        ("garrote", "nonnegative-garrote"),
    ),
    Entry(
        "truncated-quadratic",
        Diffusivity,
        _TRUNCATED.format("0"),
        cite("mallat1999", "geman1984"),
        {Shrinkage: "Hard", Regulariser: "Truncated Quadratic"},
        ("hard", "weak-string"),
    ),
    Entry(
        "perona-malik-rational",
        Diffusivity,
        "1/(1 + r^2/lambda^2)",
        cite("perona1990", "hebert1989"),
        {Diffusivity: "Perona-Malik (rational)", Regulariser: "Cauchy"},
        ("cauchy", "lorentzian", "hebert-leahy"),
        known_as={"lam": "c"},
    ),
    _weickert(2),
    _weickert(3),
    _weickert(4),
    Entry(
        "tv",
        Regulariser,
        "2 |r|",
        cite("rudin1992"),
        {Regulariser: "Total variation", Diffusivity: "TV", Activation: "Sign"},
        ("total-variation",),
    ),
    Entry(
        "bfb",
        Diffusivity,
        "1/r^2",
        cite("keeling2002"),
        {Diffusivity: "Balanced forward-backward"},
        ("balanced-forward-backward",),
        remark="its flux 1/r is not integrable at 0; see truncated-bfb and regularised-bfb",
        exists=False,
    ),
    Entry(
        "regularised-tv",
        Diffusivity,
        "1/sqrt(epsilon^2 + r^2)",
        cite("acar1994"),
        {Diffusivity: "Regularised TV"},
        ("regularized-tv", "acar-vogel"),
        (Regulariser,),
    ),
    Entry(
        "regularised-bfb",
        Diffusivity,
        "1/(epsilon^2 + r^2)",
        cite("keeling2002"),
        {Diffusivity: "Regularised BFB"},
        ("regularized-bfb",),
    ),
    Entry(
        "p-laplace",
        Diffusivity,
        "|r|^q",
        cite("kuijper2007"),
        {Diffusivity: "p-Laplace"},
        ("p-laplacian",),
        remark="p = 2 + q > 2, the degenerate case; for 1 < p < 2 see the regulariser power",
    ),
    Entry(
        "generalised-charbonnier",
        Diffusivity,
        "(1 + r^2/lambda^2)^(-p)",
        cite("sun2010"),
        {Diffusivity: "Generalised Charbonnier"},
        ("generalized-charbonnier",),
        remark="p = 1/2 is Charbonnier, p = 1 the rational Perona-Malik diffusivity",
    ),
    Entry(
        "fab",
        Diffusivity,
        "1/(1 + (r/lambda)^4) - 1/(6 + 6*((|r| - 3 lambda)/lambda)^2)",
        cite("gilboa2002"),
        {Diffusivity: "Forward-and-backward"},
        ("forward-and-backward", "gilboa-sochen-zeevi"),
        remark="k_f = w = lambda, k_b = 3 lambda, weight k_f/(2 k_b) = 1/6, exponents n = 4, m = 1: chosen here",
    ),
    Entry(
        "smolka",
        Diffusivity,
        "2 exp(-r^2/lambda^2) - exp(-r^2/(4 lambda^2))",
        cite("smolka2002"),
        {Diffusivity: "Forward-and-backward (Smolka)"},
        ("fab-exponential",),
        remark="the two contrast parameters are lambda and 2 lambda",
    ),
    Entry(
        "tikhonov-tv",
        Regulariser,
        "r^2 + 2 alpha |r|",
        cite("chambolle1997", "zou2005"),
        {Regulariser: "Tikhonov and TV"},
        ("elastic-net",),
    ),
    Entry(
        "tikhonov-charbonnier",
        Diffusivity,
        "alpha + 1/sqrt(1 + r^2/lambda^2)",
        cite("charbonnier1994", "tikhonov1963"),
        {Diffusivity: "Tikhonov and Charbonnier"},
        (),
        (Regulariser,),
    ),
    Entry(
        "tv-charbonnier",
        Diffusivity,
        "alpha/|r| + 1/sqrt(1 + r^2/lambda^2)",
        cite("charbonnier1994", "rudin1992"),
        {Diffusivity: "TV and Charbonnier"},
        (),
        (Regulariser,),
    ),
    Entry(
        "monteil-beghdadi",
        Diffusivity,
        "(1 + tanh(2*(1 - |r|/lambda)))/2",
        cite("monteil1999"),
        {Diffusivity: "Monteil-Beghdadi"},
        remark="steepness gamma = 2/lambda, chosen here",
    ),
)
