"""Diffusivities and the regularisers of variational image restoration."""

from symtrans.catalogue.entry import Entry, Reference
from symtrans.nonlinearity.kinds import Activation, Diffusivity, Regulariser, Shrinkage

_IIJIMA = Reference(
    "T. Iijima",
    "Basic theory on normalization of pattern (in case of typical one-dimensional pattern)",
    "Bulletin of the Electrotechnical Laboratory 26:368-388",
    1962,
)
_WHITTAKER = Reference(
    "E. T. Whittaker",
    "On a new method of graduation",
    "Proc. Edinburgh Mathematical Society 41:63-75",
    1923,
    "10.1017/S0013091500077853",
)
_TIKHONOV = Reference(
    "A. N. Tikhonov",
    "Solution of incorrectly formulated problems and the regularization method",
    "Soviet Mathematics Doklady 4:1035-1038",
    1963,
)
_CHARBONNIER = Reference(
    "P. Charbonnier, L. Blanc-Feraud, G. Aubert, M. Barlaud",
    "Two deterministic half-quadratic regularization algorithms for computed imaging",
    "Proc. IEEE Int. Conf. Image Processing 2:168-172",
    1994,
    "10.1109/ICIP.1994.413553",
)
_ROF = Reference(
    "L. I. Rudin, S. Osher, E. Fatemi",
    "Nonlinear total variation based noise removal algorithms",
    "Physica D 60:259-268",
    1992,
    "10.1016/0167-2789(92)90242-F",
)
_HUBER = Reference(
    "P. J. Huber",
    "Robust regression: asymptotics, conjectures and Monte Carlo",
    "Annals of Statistics 1(5):799-821",
    1973,
    "10.1214/aos/1176342503",
)
_DONOHO = Reference(
    "D. L. Donoho",
    "De-noising by soft thresholding",
    "IEEE Trans. Information Theory 41(3):613-627",
    1995,
    "10.1109/18.382009",
)
_PERONA_MALIK = Reference(
    "P. Perona, J. Malik",
    "Scale-space and edge detection using anisotropic diffusion",
    "IEEE Trans. Pattern Analysis and Machine Intelligence 12(7):629-639",
    1990,
    "10.1109/34.56205",
)
_GAO = Reference(
    "H.-Y. Gao",
    "Wavelet shrinkage denoising using the non-negative garrote",
    "J. Computational and Graphical Statistics 7(4):469-488",
    1998,
    "10.1080/10618600.1998.10474789",
)
_KEELING = Reference(
    "S. L. Keeling, R. Stollberger",
    "Nonlinear anisotropic diffusion filtering for multiscale edge enhancement",
    "Inverse Problems 18(1):175-190",
    2002,
    "10.1088/0266-5611/18/1/312",
)
_MALLAT = Reference("S. Mallat", "A Wavelet Tour of Signal Processing", "2nd edition, Academic Press", 1999)
_GEMAN = Reference(
    "S. Geman, D. Geman",
    "Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images",
    "IEEE Trans. Pattern Analysis and Machine Intelligence 6(6):721-741",
    1984,
    "10.1109/TPAMI.1984.4767596",
)
_WEICKERT = Reference("J. Weickert", "Anisotropic Diffusion in Image Processing", "Teubner, Stuttgart", 1998)
_ACAR_VOGEL = Reference(
    "R. Acar, C. R. Vogel",
    "Analysis of bounded variation penalty methods for ill-posed problems",
    "Inverse Problems 10(6):1217-1229",
    1994,
    "10.1088/0266-5611/10/6/003",
)
_KUIJPER = Reference(
    "A. Kuijper",
    "p-Laplacian driven image processing",
    "Proc. IEEE Int. Conf. Image Processing V:257-260",
    2007,
    "10.1109/ICIP.2007.4379814",
)
_SUN = Reference(
    "D. Sun, S. Roth, M. J. Black",
    "Secrets of optical flow estimation and their principles",
    "Proc. IEEE Conf. Computer Vision and Pattern Recognition, 2432-2439",
    2010,
    "10.1109/CVPR.2010.5539939",
)
_GILBOA = Reference(
    "G. Gilboa, N. Sochen, Y. Y. Zeevi",
    "Forward-and-backward diffusion processes for adaptive image enhancement and denoising",
    "IEEE Trans. Image Processing 11(7):689-703",
    2002,
    "10.1109/TIP.2002.800883",
)
_SMOLKA = Reference(
    "B. Smolka",
    "Combined forward and backward anisotropic diffusion filtering of color images",
    "Pattern Recognition (DAGM 2002), LNCS 2449",
    2002,
)
_CHAMBOLLE_LIONS = Reference(
    "A. Chambolle, P.-L. Lions",
    "Image recovery via total variation minimization and related problems",
    "Numerische Mathematik 76(2):167-188",
    1997,
    "10.1007/s002110050258",
)
_ZOU_HASTIE = Reference(
    "H. Zou, T. Hastie",
    "Regularization and variable selection via the elastic net",
    "J. Royal Statistical Society B 67(2):301-320",
    2005,
    "10.1111/j.1467-9868.2005.00503.x",
)
_MONTEIL = Reference(
    "J. Monteil, A. Beghdadi",
    "A new interpretation and improvement of the nonlinear anisotropic diffusion for image enhancement",
    "IEEE Trans. Pattern Analysis and Machine Intelligence 21(9):940-946",
    1999,
    "10.1109/34.790435",
)
_HEBERT_LEAHY = Reference(
    "T. Hebert, R. Leahy",
    "A generalized EM algorithm for 3-D Bayesian reconstruction from Poisson data using Gibbs priors",
    "IEEE Trans. Medical Imaging 8(2):194-202",
    1989,
    "10.1109/42.24868",
)

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
        (_WEICKERT,),
        {Diffusivity: f"Weickert ({n}th power)"},
        ("weickert",) if m == 4 else (),
        remark=f"the constant C solves exp(C) = 1 + {n} C, so that the flux rises exactly for |r| < lambda",
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "constant",
        Diffusivity,
        "1",
        (_IIJIMA, _WHITTAKER, _TIKHONOV),
        {Diffusivity: "Constant", Regulariser: "Whittaker-Tikhonov", Activation: "Identity"},
        ("identity", "linear", "whittaker-tikhonov", "tikhonov", "homogeneous", "least-squares"),
    ),
    Entry(
        "charbonnier",
        Diffusivity,
        "1/sqrt(1 + r^2/lambda^2)",
        (_CHARBONNIER,),
        {Diffusivity: "Charbonnier"},
        ("pseudo-huber", "isru"),
        (Regulariser,),
    ),
    Entry(
        "truncated-tv",
        Diffusivity,
        _TRUNCATED.format("sqrt(2) theta/|r|"),
        (_DONOHO, _HUBER, _ROF),
        {Shrinkage: "Soft", Diffusivity: "Truncated TV", Regulariser: "Huber"},
        ("soft", "huber"),
    ),
    Entry(
        "perona-malik",
        Diffusivity,
        "exp(-r^2/(2 lambda^2))",
        (_PERONA_MALIK,),
        {Diffusivity: "Perona-Malik"},
        ("perona-malik-exponential",),
    ),
    Entry(
        "truncated-bfb",
        Diffusivity,
        _TRUNCATED.format("2 theta^2/r^2"),
        (_GAO, _KEELING),
        {Shrinkage: "Garrote", Diffusivity: "Truncated BFB"},
        ("garrote", "nonnegative-garrote"),
    ),
    Entry(
        "truncated-quadratic",
        Diffusivity,
        _TRUNCATED.format("0"),
        (_MALLAT, _GEMAN),
        {Shrinkage: "Hard", Regulariser: "Truncated Quadratic"},
        ("hard", "weak-string"),
    ),
    Entry(
        "perona-malik-rational",
        Diffusivity,
        "1/(1 + r^2/lambda^2)",
        (_PERONA_MALIK, _HEBERT_LEAHY),
        {Diffusivity: "Perona-Malik (rational)", Regulariser: "Cauchy"},
        ("cauchy", "lorentzian", "hebert-leahy"),
    ),
    _weickert(2),
    _weickert(3),
    _weickert(4),
    Entry(
        "tv",
        Regulariser,
        "2 |r|",
        (_ROF,),
        {Regulariser: "Total variation", Diffusivity: "TV", Activation: "Sign"},
        ("total-variation",),
    ),
    Entry(
        "bfb",
        Diffusivity,
        "1/r^2",
        (_KEELING,),
        {Diffusivity: "Balanced forward-backward"},
        ("balanced-forward-backward",),
        remark="its flux 1/r is not integrable at 0; see truncated-bfb and regularised-bfb",
        exists=False,
    ),
    Entry(
        "regularised-tv",
        Diffusivity,
        "1/sqrt(epsilon^2 + r^2)",
        (_ACAR_VOGEL,),
        {Diffusivity: "Regularised TV"},
        ("regularized-tv", "acar-vogel"),
        (Regulariser,),
    ),
    Entry(
        "regularised-bfb",
        Diffusivity,
        "1/(epsilon^2 + r^2)",
        (_KEELING,),
        {Diffusivity: "Regularised BFB"},
        ("regularized-bfb",),
    ),
    Entry(
        "p-laplace",
        Diffusivity,
        "|r|^q",
        (_KUIJPER,),
        {Diffusivity: "p-Laplace"},
        ("p-laplacian",),
        remark="p = 2 + q > 2, the degenerate case; for 1 < p < 2 see the regulariser power",
    ),
    Entry(
        "generalised-charbonnier",
        Diffusivity,
        "(1 + r^2/lambda^2)^(-p)",
        (_SUN,),
        {Diffusivity: "Generalised Charbonnier"},
        ("generalized-charbonnier",),
        remark="p = 1/2 is Charbonnier, p = 1 the rational Perona-Malik diffusivity",
    ),
    Entry(
        "fab",
        Diffusivity,
        "1/(1 + (r/lambda)^4) - 1/(6 + 6*((|r| - 3 lambda)/lambda)^2)",
        (_GILBOA,),
        {Diffusivity: "Forward-and-backward"},
        ("forward-and-backward", "gilboa-sochen-zeevi"),
        remark="k_f = w = lambda, k_b = 3 lambda, weight k_f/(2 k_b) = 1/6, exponents n = 4, m = 1: chosen here",
    ),
    Entry(
        "smolka",
        Diffusivity,
        "2 exp(-r^2/lambda^2) - exp(-r^2/(4 lambda^2))",
        (_SMOLKA,),
        {Diffusivity: "Forward-and-backward (Smolka)"},
        ("fab-exponential",),
        remark="the two contrast parameters are lambda and 2 lambda",
    ),
    Entry(
        "tikhonov-tv",
        Regulariser,
        "r^2 + 2 alpha |r|",
        (_CHAMBOLLE_LIONS, _ZOU_HASTIE),
        {Regulariser: "Tikhonov and TV"},
        ("elastic-net",),
    ),
    Entry(
        "tikhonov-charbonnier",
        Diffusivity,
        "alpha + 1/sqrt(1 + r^2/lambda^2)",
        (_CHARBONNIER, _TIKHONOV),
        {Diffusivity: "Tikhonov and Charbonnier"},
        (),
        (Regulariser,),
    ),
    Entry(
        "tv-charbonnier",
        Diffusivity,
        "alpha/|r| + 1/sqrt(1 + r^2/lambda^2)",
        (_CHARBONNIER, _ROF),
        {Diffusivity: "TV and Charbonnier"},
        (),
        (Regulariser,),
    ),
    Entry(
        "monteil-beghdadi",
        Diffusivity,
        "(1 + tanh(2*(1 - |r|/lambda)))/2",
        (_MONTEIL,),
        {Diffusivity: "Monteil-Beghdadi"},
        remark="steepness gamma = 2/lambda, chosen here",
    ),
)
