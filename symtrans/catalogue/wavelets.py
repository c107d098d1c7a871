"""Wavelet shrinkage functions beyond soft, garrote and hard (which stand with the six families of the paper)."""

from symtrans.catalogue.entry import Entry
from symtrans.catalogue.references import cite
from symtrans.nonlinearity.kinds import Shrinkage

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "firm",
        Shrinkage,
        "Piecewise((0, |r| <= theta), ((theta + d) (|r| - theta)/d*sgn(r), |r| <= theta + d), (r, otherwise))",
        cite("gao1997"),
        {Shrinkage: "Firm"},
        ("semisoft",),
        remark="the thresholds of the literature are theta and theta + d",
    ),
    Entry(
        "mid",
        Shrinkage,
        "Piecewise((0, |r| <= theta), (2 (|r| - theta) sgn(r), |r| <= 2 theta), (r, otherwise))",
        cite("percival2000"),
        {Shrinkage: "Mid"},
        remark="firm shrinkage with the thresholds theta and 2 theta",
    ),
    Entry(
        "scad",
        Shrinkage,
        "Piecewise((Max(|r| - lambda, 0) sgn(r), |r| <= 2 lambda),"
        " ((2.7 r - 3.7 lambda sgn(r))/1.7, |r| <= 3.7 lambda), (r, otherwise))",
        cite("fan2001"),
        {Shrinkage: "SCAD"},
        remark="with a = 3.7, the value that the source recommends",
    ),
    Entry(
        "hyperbolic",
        Shrinkage,
        "Piecewise((0, |r| <= theta), (sgn(r) sqrt(r^2 - theta^2), otherwise))",
        cite("vidakovic1999"),
        {Shrinkage: "Hyperbolic"},
    ),
    Entry(
        "hyperbolic-tangent-shrinkage",
        Shrinkage,
        "tanh(r/theta) Max(|r| - theta, 0)",
        cite("poornachandra2007"),
        {Shrinkage: "Hyper"},
        ("hyper-shrinkage", "tanh-shrinkage"),
        remark="gain rho = 1/theta, chosen here",
    ),
    Entry(
        "sigmoid-shrinkage",
        Shrinkage,
        "r/(1 + exp(4*(1 - |r|/theta)))",
        cite("atto2008"),
        {Shrinkage: "Smooth sigmoid"},
        ("sigshrink", "smooth-sigmoid"),
        remark="steepness 4/theta, chosen here near the attenuation degree pi/6 of the source",
    ),
    Entry(
        "garrote-n",
        Shrinkage,
        "Piecewise((0, |r| <= theta), (r*(1 - (theta/|r|)^n), otherwise))",
        cite("gao1998", "fang2004"),
        {Shrinkage: "Garrote of order n"},
        ("trimmed-thresholding",),
        remark="n = 1 is soft, n = 2 the garrote, n to infinity hard shrinkage",
    ),
    Entry(
        "sure-let", Shrinkage, "r*(1 - exp(-(r/(3 sigma))^8))", cite("blu2007"), {Shrinkage: "SURE-LET"}, ("surelet",)
    ),
    Entry(
        "sure-let-pair",
        Shrinkage,
        "r*(a - b exp(-r^2/(12 sigma^2)))",
        cite("luisier2007"),
        {Shrinkage: "SURE-LET pair"},
        remark="the coefficient of the second function of the pair is minus b",
    ),
    Entry(
        "greater",
        Shrinkage,
        "Piecewise((r, r >= theta), (0, otherwise))",
        cite("lee2019"),
        {Shrinkage: "Greater"},
        remark="keeps one sign only, so it is not odd",
        exists=False,
    ),
    Entry(
        "less",
        Shrinkage,
        "Piecewise((r, r <= theta), (0, otherwise))",
        cite("lee2019"),
        {Shrinkage: "Less"},
        remark="keeps one sign only, so it is not odd",
        exists=False,
    ),
    Entry(
        "smooth-soft",
        Shrinkage,
        "r + (sqrt((r - theta)^2 + epsilon) - sqrt((r + theta)^2 + epsilon))/2",
        cite("zhang1998"),
        {Shrinkage: "Smooth soft"},
        ("zhang-desai",),
    ),
)
