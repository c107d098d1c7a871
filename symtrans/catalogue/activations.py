"""Activation functions of neural networks that are odd, and the odd parts of those that are not."""

from symtrans.catalogue.entry import Entry, Reference
from symtrans.nonlinearity.kinds import Activation

_KAMRUZZAMAN = Reference(
    "J. Kamruzzaman, S. M. Aziz",
    "A note on activation function in multilayer feedforward learning",
    "Proc. Int. Joint Conf. Neural Networks, 519-523",
    2002,
)
_WILLIAMS = Reference(
    "C. K. I. Williams",
    "Computation with infinite neural networks",
    "Neural Computation 10(5):1203-1216",
    1998,
    "10.1162/089976698300017412",
)
_SITZMANN = Reference(
    "V. Sitzmann, J. N. P. Martel, A. W. Bergman, D. B. Lindell, G. Wetzstein",
    "Implicit neural representations with periodic activation functions",
    "Advances in Neural Information Processing Systems 33",
    2020,
)
_ZIYIN = Reference(
    "L. Ziyin, T. Hartwig, M. Ueda",
    "Neural networks fail to learn periodic functions and how to fix it",
    "Advances in Neural Information Processing Systems 33",
    2020,
)
_COLLOBERT = Reference("R. Collobert", "Large Scale Machine Learning", "PhD thesis, Universite Paris VI", 2004)
_COURBARIAUX = Reference(
    "M. Courbariaux, Y. Bengio, J.-P. David",
    "BinaryConnect: training deep neural networks with binary weights during propagations",
    "Advances in Neural Information Processing Systems 28",
    2015,
)
_HOWARD = Reference(
    "A. Howard, M. Sandler, G. Chu, et al.",
    "Searching for MobileNetV3",
    "Proc. IEEE/CVF Int. Conf. Computer Vision, 1314-1324",
    2019,
    "10.1109/ICCV.2019.00140",
)
_RUMELHART = Reference(
    "D. E. Rumelhart, G. E. Hinton, R. J. Williams",
    "Learning representations by back-propagating errors",
    "Nature 323:533-536",
    1986,
    "10.1038/323533a0",
)
_LECUN = Reference(
    "Y. LeCun, L. Bottou, G. B. Orr, K.-R. Mueller",
    "Efficient BackProp",
    "Neural Networks: Tricks of the Trade, LNCS 1524:9-50",
    1998,
    "10.1007/3-540-49430-8_2",
)
_ELFWING = Reference(
    "S. Elfwing, E. Uchibe, K. Doya",
    "Sigmoid-weighted linear units for neural network function approximation in reinforcement learning",
    "Neural Networks 107:3-11",
    2018,
    "10.1016/j.neunet.2017.12.012",
)
_HENDRYCKS = Reference("D. Hendrycks, K. Gimpel", "Gaussian error linear units (GELUs)", "arXiv:1606.08415", 2016)
_MISRA = Reference("D. Misra", "Mish: a self regularized non-monotonic activation function", "arXiv:1908.08681", 2019)
_DUGAS = Reference(
    "C. Dugas, Y. Bengio, F. Belisle, C. Nadeau, R. Garcia",
    "Incorporating second-order functional knowledge for better option pricing",
    "Advances in Neural Information Processing Systems 13:472-478",
    2001,
)
_WEBBER = Reference(
    "J. B. W. Webber",
    "A bi-symmetric log transformation for wide-range data",
    "Measurement Science and Technology 24(2):027001",
    2013,
    "10.1088/0957-0233/24/2/027001",
)
_HAFNER = Reference(
    "D. Hafner, J. Pasukonis, J. Ba, T. Lillicrap",
    "Mastering diverse domains through world models",
    "arXiv:2301.04104",
    2023,
)
_LUPTON = Reference(
    "R. H. Lupton, J. E. Gunn, A. S. Szalay",
    "A modified magnitude system that produces well-behaved magnitudes, colors, and errors even for low"
    " signal-to-noise ratio measurements",
    "Astronomical Journal 118(3):1406-1410",
    1999,
    "10.1086/301004",
)
_WURAOLA = Reference(
    "A. Wuraola, N. Patel",
    "SQNL: a new computationally efficient activation function",
    "Proc. Int. Joint Conf. Neural Networks",
    2018,
    "10.1109/IJCNN.2018.8489043",
)
_PYTORCH = Reference(
    "A. Paszke, S. Gross, F. Massa, et al.",
    "PyTorch: an imperative style, high-performance deep learning library",
    "Advances in Neural Information Processing Systems 32",
    2019,
)
_MORITA = Reference("M. Morita", "Associative memory with nonmonotone dynamics", "Neural Networks 6(1):115-126", 1993)
_DE_FELICE = Reference(
    "P. De Felice, C. Marangi, G. Nardulli, G. Pasquariello, L. Tedesco",
    "Dynamics of neural networks with non-monotone activation function",
    "Network: Computation in Neural Systems 4(1):1-9",
    1993,
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "arctan",
        Activation,
        "lambda arctan(r/lambda)",
        (_KAMRUZZAMAN,),
        {Activation: "Arctangent"},
        ("atan", "arctangent"),
    ),
    Entry("erf", Activation, "erf(r/sigma)", (_WILLIAMS,), {Activation: "Error function"}, ("error-function",)),
    Entry("sine", Activation, "sin(omega r)", (_SITZMANN,), {Activation: "Sine"}, ("sin", "siren")),
    Entry(
        "x-plus-sine",
        Activation,
        "r + sin(omega r)/omega",
        (_ZIYIN,),
        {Activation: "Identity and sine"},
        ("snake-odd",),
        remark="the odd relative of the snake activation, x + sin(x), that the source discusses",
    ),
    Entry(
        "hard-tanh",
        Activation,
        "Max(-1, Min(r, 1))",
        (_COLLOBERT,),
        {Activation: "Hard tanh"},
        ("hardtanh", "clip", "saturation"),
    ),
    Entry(
        "hard-sigmoid",
        Activation,
        "Max(0, Min(1, r/6 + 1/2)) - 1/2",
        (_COURBARIAUX, _HOWARD),
        {Activation: "Hard sigmoid, odd part"},
        ("hardsigmoid",),
    ),
    Entry(
        "sigmoid", Activation, "1/(1 + exp(-r)) - 1/2", (_RUMELHART,), {Activation: "Sigmoid, odd part"}, ("logistic",)
    ),
    Entry("scaled-tanh", Activation, "1.7159 tanh(2 r/3)", (_LECUN,), {Activation: "Scaled tanh"}, ("lecun-tanh",)),
    Entry(
        "silu",
        Activation,
        "(r/(1 + exp(-r)) + r/(1 + exp(r)))/2",
        (_ELFWING,),
        {Activation: "SiLU, odd part"},
        ("swish",),
        remark="the identity r/2 in disguise",
    ),
    Entry(
        "gelu",
        Activation,
        "r*(1 + erf(r/sqrt(2)))/4 + r*(1 + erf(-r/sqrt(2)))/4",
        (_HENDRYCKS,),
        {Activation: "GELU, odd part"},
        remark="the identity r/2 in disguise",
    ),
    Entry(
        "softplus",
        Activation,
        "(ln(1 + exp(r)) - ln(1 + exp(-r)))/2",
        (_DUGAS,),
        {Activation: "Softplus, odd part"},
        remark="the identity r/2 in disguise",
    ),
    Entry(
        "mish",
        Activation,
        "(r tanh(ln(1 + exp(r))) + r tanh(ln(1 + exp(-r))))/2",
        (_MISRA,),
        {Activation: "Mish, odd part"},
    ),
    Entry(
        "symlog",
        Activation,
        "sgn(r) ln(1 + |r|)",
        (_WEBBER, _HAFNER),
        {Activation: "Symmetric logarithm"},
        ("bi-symmetric-log",),
    ),
    Entry(
        "arsinh",
        Activation,
        "lambda arcsinh(r/lambda)",
        (_LUPTON,),
        {Activation: "Inverse hyperbolic sine"},
        ("asinh", "arcsinh"),
    ),
    Entry(
        "sqnl",
        Activation,
        "Piecewise((sgn(r) (|r| - r^2/4), |r| <= 2), (sgn(r), otherwise))",
        (_WURAOLA,),
        {Activation: "Square nonlinearity"},
        ("square-nonlinearity",),
    ),
    Entry("tanhshrink", Activation, "r - tanh(r)", (_PYTORCH,), {Activation: "Tanhshrink"}),
    Entry(
        "softshrink",
        Activation,
        "sgn(r) Max(|r| - lambda, 0)",
        (_PYTORCH,),
        {Activation: "Softshrink"},
        ("dead-zone",),
        remark="soft shrinkage used as an activation",
    ),
    Entry(
        "gaussian-odd",
        Activation,
        "r exp(-r^2)",
        (_DE_FELICE, _MORITA),
        {Activation: "Nonmonotone"},
        ("nonmonotone",),
        remark="the smooth prototype of the nonmonotone activations that the sources study",
    ),
    Entry(
        "morita",
        Activation,
        "tanh(25 r) tanh(15/2*(1/2 - |r|))",
        (_MORITA,),
        {Activation: "Morita"},
        remark="gains 50 and 15, h = 1/2 and kappa = -1, chosen here",
    ),
)
