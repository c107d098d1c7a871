"""Robust statistics: psi functions, weights and losses (rho = Psi/2)."""

from symtrans.catalogue.entry import Entry, Reference
from symtrans.nonlinearity.kinds import Activation, Diffusivity, Regulariser

_BEATON_TUKEY = Reference(
    "A. E. Beaton, J. W. Tukey",
    "The fitting of power series, meaning polynomials, illustrated on band-spectroscopic data",
    "Technometrics 16(2):147-185",
    1974,
    "10.1080/00401706.1974.10489171",
)
_BLACK = Reference(
    "M. J. Black, G. Sapiro, D. H. Marimont, D. Heeger",
    "Robust anisotropic diffusion",
    "IEEE Trans. Image Processing 7(3):421-432",
    1998,
    "10.1109/83.661192",
)
_GEMAN_MCCLURE = Reference(
    "S. Geman, D. E. McClure",
    "Statistical methods for tomographic image reconstruction",
    "Bulletin of the International Statistical Institute 52(4):5-21",
    1987,
)
_DENNIS_WELSCH = Reference(
    "J. E. Dennis, R. E. Welsch",
    "Techniques for nonlinear least squares and robust regression",
    "Communications in Statistics: Simulation and Computation 7(4):345-359",
    1978,
    "10.1080/03610917808812083",
)
_HOLLAND_WELSCH = Reference(
    "P. W. Holland, R. E. Welsch",
    "Robust regression using iteratively reweighted least-squares",
    "Communications in Statistics: Theory and Methods 6(9):813-827",
    1977,
    "10.1080/03610927708827533",
)
_ANDREWS = Reference(
    "D. F. Andrews",
    "A robust method for multiple linear regression",
    "Technometrics 16(4):523-531",
    1974,
    "10.1080/00401706.1974.10489233",
)
_FAIR = Reference(
    "R. C. Fair",
    "On the robust estimation of econometric models",
    "Annals of Economic and Social Measurement 3(4):667-677",
    1974,
)
_LANGE = Reference(
    "K. Lange",
    "Convergence of EM image reconstruction algorithms with Gibbs smoothing",
    "IEEE Trans. Medical Imaging 9(4):439-446",
    1990,
    "10.1109/42.61759",
)
_ELLIOTT = Reference(
    "D. L. Elliott",
    "A better activation function for artificial neural networks",
    "Technical Report TR 93-8, Institute for Systems Research, University of Maryland",
    1993,
)
_GREEN = Reference(
    "P. J. Green",
    "Bayesian reconstructions from emission tomography data using a modified EM algorithm",
    "IEEE Trans. Medical Imaging 9(1):84-93",
    1990,
    "10.1109/42.52985",
)
_HAMPEL = Reference(
    "F. R. Hampel",
    "The influence curve and its role in robust estimation",
    "J. American Statistical Association 69(346):383-393",
    1974,
    "10.1080/01621459.1974.10482962",
)
_RAMSAY = Reference(
    "J. O. Ramsay",
    "A comparative study of several robust estimates of slope, intercept, and scale in linear regression",
    "J. American Statistical Association 72(359):608-615",
    1977,
    "10.1080/01621459.1977.10480624",
)
_HINICH_TALWAR = Reference(
    "M. J. Hinich, P. P. Talwar",
    "A simple method for robust regression",
    "J. American Statistical Association 70(349):113-119",
    1975,
)
_STUDENT = Reference(
    "K. L. Lange, R. J. A. Little, J. M. G. Taylor",
    "Robust statistical modeling using the t distribution",
    "J. American Statistical Association 84(408):881-896",
    1989,
    "10.1080/01621459.1989.10478852",
)
_STATSMODELS = Reference(
    "S. Seabold, J. Perktold",
    "statsmodels: econometric and statistical modeling with Python",
    "Proc. 9th Python in Science Conference, 92-96",
    2010,
    "10.25080/Majora-92bf1922-011",
)
_YOHAI_ZAMAR = Reference(
    "V. J. Yohai, R. H. Zamar",
    "Optimal locally robust M-estimates of regression",
    "J. Statistical Planning and Inference 64(2):309-323",
    1997,
)
_AGARWAL = Reference(
    "P. Agarwal, G. D. Tipaldi, L. Spinello, C. Stachniss, W. Burgard",
    "Robust map optimization using dynamic covariance scaling",
    "Proc. IEEE Int. Conf. Robotics and Automation, 62-69",
    2013,
    "10.1109/ICRA.2013.6630557",
)
_VAPNIK = Reference("V. N. Vapnik", "The Nature of Statistical Learning Theory", "Springer", 1995)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "tukey",
        Diffusivity,
        "Piecewise(((1 - r^2/lambda^2)^2, |r| <= lambda), (0, otherwise))",
        (_BEATON_TUKEY, _BLACK),
        {Diffusivity: "Tukey biweight"},
        ("biweight", "bisquare", "tukey-biweight"),
    ),
    Entry(
        "tukey-quartic",
        Diffusivity,
        "Piecewise(((1 - r^4/c^4)^2, |r| <= c), (0, otherwise))",
        (_STATSMODELS,),
        {Diffusivity: "Tukey quartic"},
    ),
    Entry("geman-mcclure", Regulariser, "r^2/(1 + r^2/lambda^2)", (_GEMAN_MCCLURE,), {Regulariser: "Geman-McClure"}),
    Entry(
        "welsch",
        Regulariser,
        "c^2 (1 - exp(-r^2/c^2))",
        (_DENNIS_WELSCH, _HOLLAND_WELSCH),
        {Regulariser: "Welsch"},
        ("leclerc",),
        remark="the Perona-Malik diffusivity with c = sqrt(2) lambda",
    ),
    Entry(
        "andrews",
        Activation,
        "Piecewise((a sin(r/a), |r| <= pi a), (0, otherwise))",
        (_ANDREWS,),
        {Activation: "Andrews sine"},
        ("andrews-sine", "andrews-wave"),
    ),
    Entry(
        "fair",
        Activation,
        "r/(1 + |r|/lambda)",
        (_FAIR, _ELLIOTT, _LANGE),
        {Activation: "Softsign", Diffusivity: "Fair"},
        ("softsign", "elliott", "lange"),
    ),
    Entry(
        "log-cosh",
        Activation,
        "lambda tanh(r/lambda)",
        (_GREEN,),
        {Regulariser: "Log-cosh", Activation: "Hyperbolic tangent"},
        ("tanh", "green"),
    ),
    Entry(
        "hampel",
        Activation,
        "Piecewise((r, |r| <= a), (a sgn(r), |r| <= a + d),"
        " (a*(a + d + s - |r|)/s*sgn(r), |r| <= a + d + s), (0, otherwise))",
        (_HAMPEL,),
        {Activation: "Hampel"},
        remark="the thresholds a < b < c of the literature are a, a + d and a + d + s",
    ),
    Entry("ramsay-e", Diffusivity, "exp(-a |r|)", (_RAMSAY,), {Diffusivity: "Ramsay E"}, ("ramsay",)),
    Entry(
        "trimmed-mean",
        Activation,
        "Piecewise((r, |r| <= c), (0, otherwise))",
        (_HINICH_TALWAR,),
        {Activation: "Trimmed mean"},
        ("talwar",),
        remark="the truncated quadratic with c = sqrt(2) theta",
    ),
    Entry(
        "student-t",
        Regulariser,
        "c^2 nu ln(1 + r^2/(nu c^2))",
        (_STUDENT,),
        {Regulariser: "Student t"},
        ("student",),
        remark="nu degrees of freedom, scale c; normalised so that g(0) = 1",
    ),
    Entry(
        "yohai-zamar",
        Activation,
        "Piecewise((r, |r| <= 2 c), (c sgn(r) (-1.944 |r|/c + 1.728 |r|^3/c^3 - 0.312 |r|^5/c^5"
        " + 0.016 |r|^7/c^7), |r| <= 3 c), (0, otherwise))",
        (_YOHAI_ZAMAR,),
        {Activation: "Optimal (Yohai-Zamar)"},
        ("optimal",),
    ),
    Entry(
        "dcs",
        Diffusivity,
        "Piecewise((1, |r| <= c), (4 c^4/(c^2 + r^2)^2, otherwise))",
        (_AGARWAL,),
        {Diffusivity: "Dynamic covariance scaling"},
        ("dynamic-covariance-scaling",),
        remark="the parameter Phi of the source is c^2",
    ),
    Entry(
        "epsilon-insensitive",
        Regulariser,
        "2 Max(|r| - epsilon, 0)",
        (_VAPNIK,),
        {Regulariser: "Epsilon-insensitive"},
        ("vapnik",),
    ),
)
