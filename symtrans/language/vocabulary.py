"""The words of formulas: functions, constants and Greek letters; and the words that are nobody's name."""

import keyword
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import sympy as sp
from sympy.core.function import AppliedUndef

from symtrans.language.cases import case_by_case, piecewise
from symtrans.language.polylogarithms import impolylog, repolylog


class Call(NamedTuple):
    """A function of the grammar: what it builds and how many arguments it takes."""

    build: Callable[..., sp.Expr]
    least: int = 1
    most: int = 1
    keywords: tuple[str, ...] = ()
    """What the arguments after the first are called in libraries, "a/b" where there are two words for one."""

    def place_of(self, keyword: str) -> int | None:
        """Which argument it is, counted from 0; None if there is none of that name."""
        names = ("x/input/a", *self.keywords)
        return next((k for k, words in enumerate(names) if keyword in words.split("/")), None)


_DEGREE = 60  # of polynomials whose roots are read
_HALF, _HUNDREDTH = sp.Rational(1, 2), sp.Rational(1, 100)


def absolute(u: sp.Expr) -> sp.Expr:
    """The modulus of what is real: powers of positive numbers are their own, as SymPy knows of real symbols alone."""
    positive = [factor for factor in sp.Mul.make_args(u) if factor.as_base_exp()[0].is_positive]
    return sp.Mul(*positive) * sp.Abs(u / sp.Mul(*positive))


def _sinc(u: sp.Expr) -> sp.Expr:
    return piecewise([(sp.S.One, sp.Eq(u, 0)), (sp.sin(u) / u, sp.true)])


def _odd_root(u: sp.Expr, n: sp.Expr) -> sp.Expr:
    """The real root of an odd order, also of a negative number; of what is never negative as SymPy has it."""
    is_odd = isinstance(n, sp.Integer) and n % 2 == 1
    is_nonnegative = u.xreplace({symbol: sp.Dummy(real=True) for symbol in u.free_symbols}).is_nonnegative
    return sp.sign(u) * sp.Abs(u) ** (1 / n) if is_odd and not is_nonnegative else u ** (1 / n)


def _clip(u: sp.Expr, low: sp.Expr | None = None, high: sp.Expr | None = None) -> sp.Expr:
    above = u if low is None else sp.Max(u, low)
    return above if high is None else sp.Min(above, high)


def _signed(u: sp.Expr, v: sp.Expr | None = None) -> sp.Expr:
    """The sign of u, or as in Fortran the modulus of u with the sign of v."""
    return sp.sign(u) if v is None else absolute(u) * sp.sign(v)


def _angle(u: sp.Expr, v: sp.Expr) -> sp.Expr:
    """atan2(u, v): the angle of the point (v, u)."""
    left = sp.atan(u / v) + sp.pi * piecewise([(sp.S.One, u >= 0), (sp.S.NegativeOne, sp.true)])
    return piecewise([(sp.atan(u / v), v > 0), (left, v < 0), (sp.sign(u) * sp.pi / 2, sp.true)])


def _of_reals(build: Callable[..., sp.Expr], *given: sp.Expr) -> sp.Expr:
    real = {symbol: sp.Dummy(symbol.name, real=True) for symbol in sp.Tuple(*given).free_symbols}
    return build(*(one.xreplace(real) for one in given)).xreplace({dummy: symbol for symbol, dummy in real.items()})


def _derivative(u: sp.Expr, x: sp.Expr, times: sp.Expr = sp.S.One) -> sp.Expr:
    return _of_reals(lambda *given: sp.diff(*given).doit(), u, x, times)


def _leaky(u: sp.Expr, slope: sp.Expr = _HUNDREDTH) -> sp.Expr:
    return piecewise([(u, u > 0), (slope * u, sp.true)])


def _softplus(u: sp.Expr) -> sp.Expr:
    return sp.log(1 + sp.exp(u))


# of SymPy, and what they are in the functions of the calculus
OTHER_HEADS: Mapping[type[sp.Basic], Callable[..., sp.Expr]] = {
    sp.sech: lambda u: 1 / sp.cosh(u),
    sp.csch: lambda u: 1 / sp.sinh(u),
    sp.coth: lambda u: sp.cosh(u) / sp.sinh(u),
    sp.sec: lambda u: 1 / sp.cos(u),
    sp.csc: lambda u: 1 / sp.sin(u),
    sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.sinc: _sinc,
    sp.UnevaluatedExpr: lambda u: u,
    sp.Derivative: sp.diff,
}
FUNCTIONS: Mapping[str, Call] = {
    **{
        name: Call(getattr(sp, name))
        for name in (
            *("exp", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
            *("asinh", "acosh", "atanh", "erf", "erfc", "erfi"),
            *("Ei", "Si", "Ci", "Shi", "Chi", "fresnels", "fresnelc"),
        )
    },
    **{name: Call(getattr(sp, name), 2, 2) for name in ("lowergamma", "uppergamma", "polylog")},
    **{part.__name__: Call(part, 3, 3) for part in (repolylog, impolylog)},
    "LambertW": Call(sp.LambertW, 1, 2),
    "Gamma": Call(sp.gamma),
    **{"log": Call(sp.log, 1, 2), "ln": Call(sp.log)},
    **{"abs": Call(absolute), "Abs": Call(absolute), "sgn": Call(sp.sign), "sign": Call(_signed, 1, 2)},
    **{
        f"{a}{name}": Call(case_by_case(getattr(sp, f"a{name}")))
        for a in ("a", "arc")
        for name in ("tan", "sin", "cos")
    },
    **{f"arc{name}": Call(getattr(sp, f"a{name}")) for name in ("sinh", "cosh", "tanh")},
    **{name: Call(sp.Min, 1, 64) for name in ("Min", "min")},
    **{name: Call(sp.Max, 1, 64) for name in ("Max", "max")},
    "Heaviside": Call(sp.Heaviside, 2, 2),
}
"""The functions of the calculus, by all their names."""

WRITTEN_OUT: Mapping[str, Call] = {
    **{head.__name__: Call(build) for head, build in OTHER_HEADS.items()},
    **dict.fromkeys(("Derivative", "diff"), Call(_derivative, 2, 3)),
    "gamma": FUNCTIONS["Gamma"],  # as SymPy prints it
    **{name: Call(getattr(sp, name)) for name in ("zeta", "dirichlet_eta")},  # the same
    **dict.fromkeys(("fabs", "absolute"), FUNCTIONS["abs"]),
    "signum": FUNCTIONS["sgn"],
    **{f.__name__: Call(lambda u, f=f: in_known_functions(f(u))) for f in (sp.re, sp.im, sp.conjugate)},  # as printed
    **{f"ar{name}": FUNCTIONS[f"a{name}"] for name in ("sinh", "cosh", "tanh")},
    **dict.fromkeys(("minimum", "fmin", "pmin"), FUNCTIONS["min"]),
    **dict.fromkeys(("maximum", "fmax", "pmax"), FUNCTIONS["max"]),
    **dict.fromkeys(("heaviside", "step"), FUNCTIONS["Heaviside"]),
    **{"expm1": Call(lambda u: sp.exp(u) - 1), "log1p": Call(lambda u: sp.log(1 + u))},
    "log2": Call(lambda u: sp.log(u) / sp.log(2)),
    "log10": Call(lambda u: sp.log(u) / sp.log(10)),
    "exp2": Call(lambda u: 2**u),
    "cbrt": Call(lambda u: _odd_root(u, sp.Integer(3))),
    **dict.fromkeys(("real_root", "nthroot", "surd"), Call(lambda u, n: _odd_root(u, n), 2, 2)),
    **dict.fromkeys(("square", "abs2"), Call(lambda u: u**2)),
    "hypot": Call(lambda u, v: sp.sqrt(u**2 + v**2), 2, 2),
    **dict.fromkeys(("add",), Call(lambda u, v: u + v, 2, 2)),
    **dict.fromkeys(("subtract", "sub"), Call(lambda u, v: u - v, 2, 2)),
    **dict.fromkeys(("multiply", "mul"), Call(lambda u, v: u * v, 2, 2)),
    **dict.fromkeys(("divide", "true_divide", "div"), Call(lambda u, v: u / v, 2, 2)),
    **dict.fromkeys(("negative", "neg"), Call(lambda u: -u)),
    "positive": Call(lambda u: u),
    **dict.fromkeys(("reciprocal", "recip"), Call(lambda u: 1 / u)),
    "rsqrt": Call(lambda u: 1 / sp.sqrt(u)),
    "copysign": Call(_signed, 2, 2),
    **dict.fromkeys(("atan2", "arctan2"), Call(_angle, 2, 2)),
    "fma": Call(lambda u, v, w: u * v + w, 3, 3),
    **{f"{word}_like": Call(lambda u, n=n: n) for word, n in (("zeros", sp.S.Zero), ("ones", sp.S.One))},
    "full_like": Call(lambda u, value: value, 2, 2, ("fill_value",)),
    "clamp_min": Call(sp.Max, 2, 2, ("min",)),
    "clamp_max": Call(sp.Min, 2, 2, ("max",)),
    "logaddexp": Call(lambda u, v: sp.log(sp.exp(u) + sp.exp(v)), 2, 2),
    **dict.fromkeys(("logcosh", "log_cosh"), Call(lambda u: sp.log(sp.cosh(u)))),
    "erfcx": Call(lambda u: sp.exp(u**2) * sp.erfc(u)),
    "ndtr": Call(lambda u: (1 + sp.erf(u / sp.sqrt(2))) / 2),
    "threshold": Call(lambda u, t, v: piecewise([(u, u > t), (v, sp.true)]), 3, 3, ("threshold", "value")),
    **dict.fromkeys(
        ("clip", "clamp", "clip_by_value"),
        Call(_clip, 2, 3, ("min/a_min/lower/low/clip_value_min", "max/a_max/upper/high/clip_value_max")),
    ),
    "relu": Call(lambda u: sp.Max(u, 0)),
    "relu6": Call(lambda u: _clip(u, sp.S.Zero, sp.Integer(6))),
    "leaky_relu": Call(_leaky, 1, 2, ("negative_slope/alpha",)),
    "elu": Call(lambda u, a=sp.S.One: piecewise([(u, u > 0), (a * (sp.exp(u) - 1), sp.true)]), 1, 2, ("alpha",)),
    **{name: Call(lambda u: 1 / (1 + sp.exp(-u))) for name in ("sigmoid", "logistic", "expit")},
    **dict.fromkeys(("logsigmoid", "log_sigmoid"), Call(lambda u: -_softplus(-u))),
    "hardsigmoid": Call(lambda u: _clip(u / 6 + _HALF, sp.S.Zero, sp.S.One)),
    **dict.fromkeys(("hardswish", "hard_swish"), Call(lambda u: u * _clip(u / 6 + _HALF, sp.S.Zero, sp.S.One))),
    "celu": Call(lambda u, a=sp.S.One: piecewise([(u, u > 0), (a * (sp.exp(u / a) - 1), sp.true)]), 1, 2, ("alpha",)),
    "softplus": Call(_softplus),
    **{name: Call(lambda u: u / (1 + sp.exp(-u))) for name in ("silu", "swish")},
    "gelu": Call(lambda u: u * (1 + sp.erf(u / sp.sqrt(2))) / 2),
    "mish": Call(lambda u: u * sp.tanh(_softplus(u))),
    "softsign": Call(lambda u: u / (1 + sp.Abs(u))),
    "tanhshrink": Call(lambda u: u - sp.tanh(u)),
    "softshrink": Call(lambda u, t=_HALF: sp.Max(sp.Abs(u) - t, 0) * sp.sign(u), 1, 2, ("lambd/threshold",)),
    "hardshrink": Call(
        lambda u, t=_HALF: piecewise([(u, sp.Abs(u) > t), (sp.S.Zero, sp.true)]), 1, 2, ("lambd/threshold",)
    ),
    "hardtanh": Call(lambda u, low=sp.S.NegativeOne, high=sp.S.One: _clip(u, low, high), 1, 3, ("min_val", "max_val")),
}
"""Functions that libraries and papers have, in those of the calculus."""

NORMALISED: Mapping[str, Call] = {"sinc": Call(lambda u: _sinc(sp.pi * u))}
"""Functions that NumPy and PyTorch mean otherwise than mathematics does."""

MODULES = (
    *("np", "numpy", "jnp", "math", "cmath", "torch", "nn", "functional", "F", "sp", "sympy", "special", "scipy"),
    *("jax", "tf", "tensorflow", "keras", "cp", "cupy", "activations", "activation", "ops", "backend", "K", "xp", "ma"),
    *("lax", "std", "Math", "Base"),
)
CONSTANTS: Mapping[str, sp.Expr] = {"pi": sp.pi, "e": sp.E}
_OF_C: Mapping[str, sp.Expr] = {
    **{"E": sp.E, "LOG2E": 1 / sp.log(2), "LOG10E": 1 / sp.log(10), "LN2": sp.log(2), "LN10": sp.log(10)},
    **{"PI": sp.pi, "PI_2": sp.pi / 2, "PI_4": sp.pi / 4, "1_PI": 1 / sp.pi, "2_PI": 2 / sp.pi},
    **{"2_SQRTPI": 2 / sp.sqrt(sp.pi), "SQRT2": sp.sqrt(2), "SQRT1_2": 1 / sp.sqrt(2)},
}
PRINTED_CONSTANTS: Mapping[str, sp.Expr] = {
    **CONSTANTS,
    **{str(number): number for number in (sp.E, sp.GoldenRatio, sp.EulerGamma, sp.Catalan, sp.TribonacciConstant)},
    **{f"M_{name}": number for name, number in _OF_C.items()},
}
"""Those that text has by the names that SymPy and C print; in LaTeX, E is a letter."""
OF_MODULES: Mapping[str, sp.Expr] = {"tau": 2 * sp.pi, **_OF_C}
"""Those behind the name of a module: Math.PI, math.tau."""
RELATIONS: Mapping[str, type[sp.Rel]] = {
    **{"<": sp.StrictLessThan, "<=": sp.LessThan, "≤": sp.LessThan},
    **{">": sp.StrictGreaterThan, ">=": sp.GreaterThan, "≥": sp.GreaterThan},
    **{"==": sp.Equality, "!=": sp.Unequality, "≠": sp.Unequality},
}
COMPARISONS: Mapping[str, type[sp.Rel]] = {
    **{rel.__name__: rel for rel in RELATIONS.values()},
    **{"Lt": sp.Lt, "Le": sp.Le, "Gt": sp.Gt, "Ge": sp.Ge, "Eq": sp.Eq, "Ne": sp.Ne},
    **{"less": sp.Lt, "less_equal": sp.Le, "greater": sp.Gt, "greater_equal": sp.Ge},
    **{"equal": sp.Eq, "not_equal": sp.Ne},
}
CONNECTIVES: Mapping[str, type[sp.Basic]] = {
    **{"And": sp.And, "Or": sp.Or, "Not": sp.Not, "AND": sp.And, "OR": sp.Or, "NOT": sp.Not},
    **{"logical_and": sp.And, "logical_or": sp.Or, "logical_not": sp.Not},
}
BUILDERS: Mapping[str, Callable[..., sp.Expr]] = {
    **{"Add": sp.Add, "Mul": sp.Mul},
    **dict.fromkeys(("Pow", "pow", "power", "POW", "POWER", "powf", "float_power"), sp.Pow),
    **dict.fromkeys(("CRootOf", "ComplexRootOf", "rootof"), sp.CRootOf),
}
"""Of `sympy.srepr`, with Symbol, Integer, Rational and Float; powers also as libraries have them."""

NUMBERS = ("S", "Integer", "Rational", "Float", "float", "float32", "float64", "int")
SPECIAL = ("Piecewise", "ExprCondPair", "where", "Symbol", *NUMBERS)
CHOICES = ("where", "select", "ifelse", "if_else", "iif", "if", "ifs", "which", "piecewise")
"""Functions of conditions, each before its value, and of the value where none holds, in any case."""
INTERVALS = ("Interval", "Interval.open", "Interval.Lopen", "Interval.Ropen")
TRUTHS: Mapping[str, sp.Basic] = {
    **dict.fromkeys(("True", "true", "otherwise"), sp.true),
    **dict.fromkeys(("False", "false"), sp.false),
}
FUNCTION_NAMES = tuple(sorted({*FUNCTIONS, "Piecewise"}))
CALLED = tuple(sorted({*FUNCTION_NAMES, *WRITTEN_OUT, "where"}))
"""Every word that is a function before a bracket."""

_ALSO_NAMES = frozenset(  # of parameters, where no bracket follows
    (
        *("re", "im", "recip", "powf", "surd"),
        *("step", "square", "pow", "power", "gamma", "zeta", "clip", "clamp", "int", "float", "S", "threshold"),
        *("add", "sub", "mul", "div", "neg", "negative", "positive", "reciprocal"),
    )
)
_NOT_FINITE = frozenset(("oo", "zoo", "nan", "inf", "infinity"))
_TAKEN = {**dict.fromkeys(("Pi", "PI"), "the number is pi"), "I": "I is the imaginary unit, which is not real"}
_SPOKEN = {"squared": "^2", "cubed": "^3", "times": "*", "plus": "+", "minus": "-", "over": "/", "equals": "="}
"""Words that say what a sign does."""
_RESERVED = frozenset((*keyword.kwlist, "otherwise", "null", "xor")) - {"lambda"}

_WORDS = frozenset(("true", "false", "none", "and", "or", "not", "xor", "if", "then", "else", "elif"))  # AND, Then

_GREEK_NAMES = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi
    chi psi omega
"""
GREEK: Mapping[str, str] = {
    **dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK_NAMES.split(), strict=True)),
    **{"ϵ": "epsilon", "ϑ": "theta", "ϕ": "phi", "ϱ": "rho", "µ": "mu"},
}
CAPITALS: Mapping[str, str] = {
    **{"Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi"},
    **{"Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega"},
}


_LOW_DIGITS = "₀₁₂₃₄₅₆₇₈₉"
_LOWERED = str.maketrans(_LOW_DIGITS, "0123456789")


def canonical_name(name: str) -> str:
    """The name a symbol gets: ``lam`` and ``λ`` are ``lambda``.

    Examples
    --------
    >>> canonical_name("λ"), canonical_name("lam"), canonical_name("width")
    ('lambda', 'lambda', 'width')
    """
    if name == "lam":
        return "lambda"
    lowered = name[1:].translate(_LOWERED)
    index = "_" if len(lowered) > 0 and name[1:2] in _LOW_DIGITS else ""
    return GREEK.get(name[:1], CAPITALS.get(name[:1], name[:1])) + index + lowered


_JOINED = {name.replace("_", ""): call for name, call in WRITTEN_OUT.items()}  # hard_tanh, LeakyReLU

_DIFFERING = (  # functions that modules, or some of their versions, mean otherwise: by other slopes, approximately
    (("hardsigmoid", "leakyrelu"), frozenset(("tf", "tensorflow", "keras", "K", "backend"))),
    (("gelu",), frozenset(("jax",))),
)


def call_of(name: str, module: str = "") -> Call | None:
    """The function of that name; ``ReLU`` is ``relu``, and ``np.sinc`` is NumPy's."""
    if module and module.split(".")[0] not in ("sp", "sympy", "math") and name in NORMALISED:
        return NORMALISED[name]
    joined = name.lower().replace("_", "")
    if any(joined in words and modules.intersection(module.split(".")) for words, modules in _DIFFERING):
        return None
    known = {**WRITTEN_OUT, **FUNCTIONS}
    found = known.get(name) or known.get(name.lower()) or _JOINED.get(joined)
    return found or (call_of(name[:-1], module) if name[-1:] == "f" else None)  # tanhf of C


_GLUED = re.compile(rf"(pi(?=[a-z])|(?:{'|'.join(GREEK.values())})(?=[rx]))([a-z])")  # 2pix, lambdax


def why_no_name(name: str) -> str:
    """Why no parameter can be called so; empty if one can.

    Examples
    --------
    >>> why_no_name("inf"), why_no_name("width")
    ('inf is not a finite number', '')
    """
    if not name.strip("_"):
        return f"{name} is no name of a parameter; a positive part is (...)_+ or max(..., 0)"
    if name.lower() in _NOT_FINITE:
        return f"{name} is not a finite number"
    if name in _RESERVED or name.lower() in _WORDS:
        return f"{name} is a reserved word, not the name of a parameter"
    if name in _SPOKEN:
        return f"{name} is written {_SPOKEN[name]}; a parameter is written Symbol('{name}'), or called otherwise"
    if glued := _GLUED.fullmatch(name):
        return (
            f"write {glued[1]}*{glued[2]} for a product; a parameter is written Symbol('{name}'), or called otherwise"
        )
    if name in _TAKEN:
        return f"{_TAKEN[name]}; a parameter is written Symbol('{name}'), or called otherwise"
    if name in (*CALLED, *SPECIAL, *INTERVALS, *CONNECTIVES, *COMPARISONS, *BUILDERS):
        return "" if name in _ALSO_NAMES else f"the function {name} needs its argument in brackets: {name}(...)"
    return ""


def is_parameter(name: str) -> bool:
    """Whether a word without brackets is the symbol of that name."""
    return name not in CONSTANTS and not why_no_name(name)


def is_name(name: str) -> bool:
    """Whether text reads this word as the symbol of exactly that name."""
    is_word = name.isascii() and name.isidentifier() and canonical_name(name) == name
    return is_word and is_parameter(name) and name not in PRINTED_CONSTANTS


_UNKNOWN = sp.Symbol("x")


def root_of(equation: sp.Expr, index: sp.Expr) -> sp.Expr | None:
    """A real root of a polynomial with rational coefficients, as SymPy counts them; None if there is none.

    Examples
    --------
    >>> t = sp.Symbol("t")
    >>> root_of(t**5 - t - 1, sp.Integer(0)), root_of(t**2 + 1, sp.Integer(0))
    (CRootOf(x**5 - x - 1, 0), None)
    """
    names = equation.free_symbols
    if len(names) != 1 or not index.is_Integer or not equation.is_polynomial(*names):
        return None
    polynomial = sp.Poly(equation.xreplace(dict.fromkeys(names, _UNKNOWN)), _UNKNOWN)
    if not polynomial.domain.is_QQ and not polynomial.domain.is_ZZ:
        return None
    if polynomial.degree() > _DEGREE or not -polynomial.degree() <= index < polynomial.degree():
        return None
    root = sp.CRootOf(polynomial, index)
    return root if root.is_real else None


def in_known_functions(expr: sp.Basic) -> sp.Basic:
    """SymPy's sech, coth, sinc and the like in the functions of the calculus; every symbol is real."""
    parts = {call: _of_reals(call.func, *call.args) for call in expr.atoms(sp.re, sp.im, sp.conjugate)}
    expr = expr.xreplace({call: part for call, part in parts.items() if not part.has(sp.re, sp.im)})
    roots = (root for root in expr.atoms(sp.CRootOf) if root.is_real)  # of an equation in one and the same symbol
    expr = expr.xreplace({root: root_of(root.poly.as_expr(_UNKNOWN), sp.Integer(root.index)) or root for root in roots})
    given = expr
    for call in sorted(expr.atoms(*OTHER_HEADS), key=sp.default_sort_key):
        expr = expr.subs(call, OTHER_HEADS[type(call)](*call.args)) if expr.has(call) else expr
    return in_known_functions(expr) if expr != given and expr.has(*OTHER_HEADS) else expr


def of_a_function(expr: sp.Basic, variable: sp.Symbol | str | None) -> tuple[sp.Basic, sp.Symbol | str | None]:
    """The formula and the variable of a Lambda, of Eq(f(x), formula) or of Eq(y, formula), as a head says them.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> of_a_function(sp.Lambda(x, sp.tanh(x)), None), of_a_function(sp.tanh(x), "x")
    ((tanh(x), x), (tanh(x), 'x'))
    """
    formula, of = expr, None
    if isinstance(expr, sp.Lambda) and len(expr.variables) == 1:
        formula, of = expr.expr, expr.variables[0]
    elif isinstance(expr, sp.Eq) and not expr.rhs.has(expr.lhs):
        if expr.lhs.is_Symbol:
            formula = expr.rhs
        elif isinstance(expr.lhs, AppliedUndef) and len(expr.lhs.args) == 1 and expr.lhs.args[0].is_Symbol:
            formula, of = expr.rhs, expr.lhs.args[0]
    return in_known_functions(formula), of if variable is None else variable
