"""Penalties of sparse estimation and of Bayesian reconstruction."""

from symtrans.catalogue.entry import Entry
from symtrans.catalogue.references import cite
from symtrans.nonlinearity.kinds import Regulariser

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "power",
        Regulariser,
        "|r|^(1 + q)",
        cite("bouman1993"),
        {Regulariser: "Generalised Gaussian"},
        ("abs-power", "generalised-gaussian", "generalized-gaussian", "bridge"),
        remark="|r|^p with p = 1 + q > 1; for p < 1 the flux is unbounded at 0",
    ),
    Entry(
        "log-penalty",
        Regulariser,
        "lambda ln(1 + |r|/epsilon)",
        cite("candes2008"),
        {Regulariser: "Logarithmic penalty"},
        ("log-sum", "log"),
    ),
    Entry(
        "etp",
        Regulariser,
        "lambda*(1 - exp(-gamma |r|))*(1 + 1/tanh(gamma/2))/2",
        cite("gao2011"),
        {Regulariser: "Exponential-type penalty"},
        ("exponential-type-penalty",),
        remark="the factor 1/(1 - exp(-gamma)) of the source, as (1 + coth(gamma/2))/2, plainly positive",
    ),
    Entry(
        "laplace-penalty",
        Regulariser,
        "lambda*(1 - exp(-|r|/gamma))",
        cite("trzasko2009", "bradley1998"),
        {Regulariser: "Laplace penalty"},
        ("laplace", "exponential-penalty"),
    ),
    Entry(
        "mcp",
        Regulariser,
        "Piecewise((lambda |r| - r^2/(2 gamma), |r| <= gamma lambda), (gamma lambda^2/2, otherwise))",
        cite("zhang2010"),
        {Regulariser: "MCP"},
        ("minimax-concave",),
    ),
    Entry(
        "geman-reynolds",
        Regulariser,
        "lambda |r|/(gamma + |r|)",
        cite("geman1992", "geman1995"),
        {Regulariser: "Geman-Reynolds"},
        ("geman-yang", "geman-penalty"),
    ),
    Entry(
        "capped-l1",
        Regulariser,
        "lambda Min(|r|, theta)",
        cite("zhang2010b"),
        {Regulariser: "Capped L1"},
        ("truncated-l1",),
    ),
    Entry(
        "atan-penalty",
        Regulariser,
        "2/(a sqrt(3))*(arctan((1 + 2 a |r|)/sqrt(3)) - pi/6)",
        cite("selesnick2014"),
        {Regulariser: "Arctangent penalty"},
        ("arctangent-penalty",),
    ),
    Entry(
        "q-ggmrf",
        Regulariser,
        "r^2/(1 + (|r|/c)^(4/5))",
        cite("thibault2007"),
        {Regulariser: "q-GGMRF"},
        ("qggmrf",),
        remark="p = 2 and q = 1.2, the values that the source recommends",
    ),
)
