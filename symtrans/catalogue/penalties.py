"""Penalties of sparse estimation and of Bayesian reconstruction."""

from symtrans.catalogue.entry import Entry, Reference
from symtrans.nonlinearity.kinds import Regulariser

_BOUMAN_SAUER = Reference(
    "C. Bouman, K. Sauer",
    "A generalized Gaussian image model for edge-preserving MAP estimation",
    "IEEE Trans. Image Processing 2(3):296-310",
    1993,
    "10.1109/83.236536",
)
_CANDES = Reference(
    "E. J. Candes, M. B. Wakin, S. P. Boyd",
    "Enhancing sparsity by reweighted l1 minimization",
    "J. Fourier Analysis and Applications 14:877-905",
    2008,
    "10.1007/s00041-008-9045-x",
)
_ETP = Reference(
    "C. Gao, N. Wang, Q. Yu, Z. Zhang",
    "A feasible nonconvex relaxation approach to feature selection",
    "Proc. AAAI Conf. Artificial Intelligence 25",
    2011,
)
_TRZASKO = Reference(
    "J. Trzasko, A. Manduca",
    "Highly undersampled magnetic resonance image reconstruction via homotopic l0-minimization",
    "IEEE Trans. Medical Imaging 28(1):106-121",
    2009,
    "10.1109/TMI.2008.927346",
)
_BRADLEY = Reference(
    "P. S. Bradley, O. L. Mangasarian",
    "Feature selection via concave minimization and support vector machines",
    "Proc. 15th Int. Conf. Machine Learning, 82-90",
    1998,
)
_MCP = Reference(
    "C.-H. Zhang",
    "Nearly unbiased variable selection under minimax concave penalty",
    "Annals of Statistics 38(2):894-942",
    2010,
    "10.1214/09-AOS729",
)
_GEMAN_REYNOLDS = Reference(
    "D. Geman, G. Reynolds",
    "Constrained restoration and the recovery of discontinuities",
    "IEEE Trans. Pattern Analysis and Machine Intelligence 14(3):367-383",
    1992,
    "10.1109/34.120331",
)
_GEMAN_YANG = Reference(
    "D. Geman, C. Yang",
    "Nonlinear image recovery with half-quadratic regularization",
    "IEEE Trans. Image Processing 4(7):932-946",
    1995,
    "10.1109/83.392335",
)
_CAPPED = Reference(
    "T. Zhang",
    "Analysis of multi-stage convex relaxation for sparse regularization",
    "J. Machine Learning Research 11:1081-1107",
    2010,
)
_SELESNICK = Reference(
    "I. W. Selesnick, I. Bayram",
    "Sparse signal estimation by maximally sparse convex optimization",
    "IEEE Trans. Signal Processing 62(5):1078-1092",
    2014,
    "10.1109/TSP.2014.2298839",
)
_THIBAULT = Reference(
    "J.-B. Thibault, K. D. Sauer, C. A. Bouman, J. Hsieh",
    "A three-dimensional statistical approach to improved image quality for multislice helical CT",
    "Medical Physics 34(11):4526-4544",
    2007,
    "10.1118/1.2789499",
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "power",
        Regulariser,
        "|r|^(1 + q)",
        (_BOUMAN_SAUER,),
        {Regulariser: "Generalised Gaussian"},
        ("abs-power", "generalised-gaussian", "generalized-gaussian", "bridge"),
        remark="|r|^p with p = 1 + q > 1; for p < 1 the flux is unbounded at 0",
    ),
    Entry(
        "log-penalty",
        Regulariser,
        "lambda ln(1 + |r|/epsilon)",
        (_CANDES,),
        {Regulariser: "Logarithmic penalty"},
        ("log-sum", "log"),
    ),
    Entry(
        "etp",
        Regulariser,
        "lambda*(1 - exp(-gamma |r|))*(1 + 1/tanh(gamma/2))/2",
        (_ETP,),
        {Regulariser: "Exponential-type penalty"},
        ("exponential-type-penalty",),
        remark="the factor 1/(1 - exp(-gamma)) of the source, as (1 + coth(gamma/2))/2, plainly positive",
    ),
    Entry(
        "laplace-penalty",
        Regulariser,
        "lambda*(1 - exp(-|r|/gamma))",
        (_TRZASKO, _BRADLEY),
        {Regulariser: "Laplace penalty"},
        ("laplace", "exponential-penalty"),
    ),
    Entry(
        "mcp",
        Regulariser,
        "Piecewise((lambda |r| - r^2/(2 gamma), |r| <= gamma lambda), (gamma lambda^2/2, otherwise))",
        (_MCP,),
        {Regulariser: "MCP"},
        ("minimax-concave",),
    ),
    Entry(
        "geman-reynolds",
        Regulariser,
        "lambda |r|/(gamma + |r|)",
        (_GEMAN_REYNOLDS, _GEMAN_YANG),
        {Regulariser: "Geman-Reynolds"},
        ("geman-yang", "geman-penalty"),
    ),
    Entry(
        "capped-l1", Regulariser, "lambda Min(|r|, theta)", (_CAPPED,), {Regulariser: "Capped L1"}, ("truncated-l1",)
    ),
    Entry(
        "atan-penalty",
        Regulariser,
        "2/(a sqrt(3))*(arctan((1 + 2 a |r|)/sqrt(3)) - pi/6)",
        (_SELESNICK,),
        {Regulariser: "Arctangent penalty"},
        ("arctangent-penalty",),
    ),
    Entry(
        "q-ggmrf",
        Regulariser,
        "r^2/(1 + (|r|/c)^(4/5))",
        (_THIBAULT,),
        {Regulariser: "q-GGMRF"},
        ("qggmrf",),
        remark="p = 2 and q = 1.2, the values that the source recommends",
    ),
)
