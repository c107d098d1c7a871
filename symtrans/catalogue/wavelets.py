"""Wavelet shrinkage functions beyond soft, garrote and hard (which stand with the six families of the paper)."""

from symtrans.catalogue.entry import Entry, Reference
from symtrans.nonlinearity.kinds import Shrinkage

_GAO_BRUCE = Reference(
    "H.-Y. Gao, A. G. Bruce", "WaveShrink with firm shrinkage", "Statistica Sinica 7(4):855-874", 1997
)
_PERCIVAL_WALDEN = Reference(
    "D. B. Percival, A. T. Walden",
    "Wavelet Methods for Time Series Analysis",
    "Cambridge University Press",
    2000,
    "10.1017/CBO9780511841040",
)
_FAN_LI = Reference(
    "J. Fan, R. Li",
    "Variable selection via nonconcave penalized likelihood and its oracle properties",
    "J. American Statistical Association 96(456):1348-1360",
    2001,
    "10.1198/016214501753382273",
)
_VIDAKOVIC = Reference("B. Vidakovic", "Statistical Modeling by Wavelets", "Wiley", 1999)
_POORNACHANDRA = Reference(
    "S. Poornachandra, N. Kumaravel",
    "Statistical estimation for hyper shrinkage",
    "Digital Signal Processing 17(2):485-494",
    2007,
)
_ATTO = Reference(
    "A. M. Atto, D. Pastor, G. Mercier",
    "Smooth sigmoid wavelet shrinkage for non-parametric estimation",
    "Proc. IEEE Int. Conf. Acoustics, Speech and Signal Processing, 3265-3268",
    2008,
    "10.1109/ICASSP.2008.4518347",
)
_FANG_HUANG = Reference(
    "H.-T. Fang, D.-S. Huang",
    "Wavelet de-noising by means of trimmed thresholding",
    "Proc. 5th World Congress on Intelligent Control and Automation",
    2004,
)
_GAO = Reference(
    "H.-Y. Gao",
    "Wavelet shrinkage denoising using the non-negative garrote",
    "J. Computational and Graphical Statistics 7(4):469-488",
    1998,
    "10.1080/10618600.1998.10474789",
)
_SURE_LET = Reference(
    "T. Blu, F. Luisier",
    "The SURE-LET approach to image denoising",
    "IEEE Trans. Image Processing 16(11):2778-2786",
    2007,
    "10.1109/TIP.2007.906002",
)
_LUISIER = Reference(
    "F. Luisier, T. Blu, M. Unser",
    "A new SURE approach to image denoising: interscale orthonormal wavelet thresholding",
    "IEEE Trans. Image Processing 16(3):593-606",
    2007,
    "10.1109/TIP.2007.891064",
)
_ZHANG_DESAI = Reference(
    "X.-P. Zhang, M. D. Desai",
    "Adaptive denoising based on SURE risk",
    "IEEE Signal Processing Letters 5(10):265-267",
    1998,
    "10.1109/97.720560",
)
_PYWAVELETS = Reference(
    "G. R. Lee, R. Gommers, F. Waselewski, K. Wohlfahrt, A. O'Leary",
    "PyWavelets: a Python package for wavelet analysis",
    "J. Open Source Software 4(36):1237",
    2019,
    "10.21105/joss.01237",
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "firm",
        Shrinkage,
        "Piecewise((0, |r| <= theta), ((theta + d) (|r| - theta)/d*sgn(r), |r| <= theta + d), (r, otherwise))",
        (_GAO_BRUCE,),
        {Shrinkage: "Firm"},
        ("semisoft",),
        remark="the thresholds of the literature are theta and theta + d",
    ),
    Entry(
        "mid",
        Shrinkage,
        "Piecewise((0, |r| <= theta), (2 (|r| - theta) sgn(r), |r| <= 2 theta), (r, otherwise))",
        (_PERCIVAL_WALDEN,),
        {Shrinkage: "Mid"},
        remark="firm shrinkage with the thresholds theta and 2 theta",
    ),
    Entry(
        "scad",
        Shrinkage,
        "Piecewise((Max(|r| - lambda, 0) sgn(r), |r| <= 2 lambda),"
        " ((2.7 r - 3.7 lambda sgn(r))/1.7, |r| <= 3.7 lambda), (r, otherwise))",
        (_FAN_LI,),
        {Shrinkage: "SCAD"},
        remark="with a = 3.7, the value that the source recommends",
    ),
    Entry(
        "hyperbolic",
        Shrinkage,
        "Piecewise((0, |r| <= theta), (sgn(r) sqrt(r^2 - theta^2), otherwise))",
        (_VIDAKOVIC,),
        {Shrinkage: "Hyperbolic"},
    ),
    Entry(
        "hyperbolic-tangent-shrinkage",
        Shrinkage,
        "tanh(r/theta) Max(|r| - theta, 0)",
        (_POORNACHANDRA,),
        {Shrinkage: "Hyper"},
        ("hyper-shrinkage", "tanh-shrinkage"),
        remark="gain rho = 1/theta, chosen here",
    ),
    Entry(
        "sigmoid-shrinkage",
        Shrinkage,
        "r/(1 + exp(4*(1 - |r|/theta)))",
        (_ATTO,),
        {Shrinkage: "Smooth sigmoid"},
        ("sigshrink", "smooth-sigmoid"),
        remark="steepness 4/theta, chosen here near the attenuation degree pi/6 of the source",
    ),
    Entry(
        "garrote-n",
        Shrinkage,
        "Piecewise((0, |r| <= theta), (r*(1 - (theta/|r|)^n), otherwise))",
        (_GAO, _FANG_HUANG),
        {Shrinkage: "Garrote of order n"},
        ("trimmed-thresholding",),
        remark="n = 1 is soft, n = 2 the garrote, n to infinity hard shrinkage",
    ),
    Entry("sure-let", Shrinkage, "r*(1 - exp(-(r/(3 sigma))^8))", (_SURE_LET,), {Shrinkage: "SURE-LET"}, ("surelet",)),
    Entry(
        "sure-let-pair",
        Shrinkage,
        "r*(a - b exp(-r^2/(12 sigma^2)))",
        (_LUISIER,),
        {Shrinkage: "SURE-LET pair"},
        remark="the coefficient of the second function of the pair is -b",
    ),
    Entry(
        "greater",
        Shrinkage,
        "Piecewise((r, r >= theta), (0, otherwise))",
        (_PYWAVELETS,),
        {Shrinkage: "Greater"},
        remark="keeps one sign only, so it is not odd",
        exists=False,
    ),
    Entry(
        "less",
        Shrinkage,
        "Piecewise((r, r <= theta), (0, otherwise))",
        (_PYWAVELETS,),
        {Shrinkage: "Less"},
        remark="keeps one sign only, so it is not odd",
        exists=False,
    ),
    Entry(
        "smooth-soft",
        Shrinkage,
        "r + (sqrt((r - theta)^2 + epsilon) - sqrt((r + theta)^2 + epsilon))/2",
        (_ZHANG_DESAI,),
        {Shrinkage: "Smooth soft"},
        ("zhang-desai",),
    ),
)
