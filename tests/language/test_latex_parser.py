"""LaTeX in: what symtrans prints it reads, and nothing else gets through."""

import contextlib
import time

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symtrans
from symtrans import Activation, Diffusivity, NonlinearityError, ParseError, Regulariser, Shrinkage, catalogue
from symtrans.calculus.functions.half_line import first_difference
from symtrans.catalogue import TABLE_3
from symtrans.language.text_parser import parse
from symtrans.language.text_printer import plain
from symtrans.language.vocabulary import FUNCTION_NAMES
from symtrans.present.latex import formula_latex
from symtrans.present.latex_printer import latex
from tests.language.reading import parse_latex
from tests.strategies import diffusivities

NAMES = (*TABLE_3, "perona-malik-rational", "tv", "tukey", "geman-mcclure", "fair", "log-cosh", "firm")
FORMS = [(name, kind) for name in NAMES for kind in symtrans.nonlinearity.kinds.KINDS]


def read_back(form):
    more = {"tau": form.tau} if isinstance(form, Shrinkage) else {}
    return type(form)(latex=formula_latex(form), **more)


@pytest.mark.parametrize(("name", "kind"), FORMS, ids=[f"{n}-{k.__name__}" for n, k in FORMS])
def test_what_is_printed_is_read(name, kind):
    form = catalogue[name].to(kind)
    for read in (read_back(form), type(form)(latex=form._repr_latex_(), variable=form.variable)):
        # the same function, proved piece by piece; nearly always the same expression
        assert read == form or first_difference(read.half, form.half) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"g(s) = 1 - \exp\left(-\frac{C}{s^8}\right), \quad C = 3.31488", "1 - exp(-3.31488/s^8)"),
        (r"$\frac{1}{1+\alpha_1 r^2},\quad\text{where } \alpha_1 = \frac12 \approx 0.5$", "1/(1 + r^2/2)"),
        (r"b/(1+a b r^2),\ a=2, b=3a", "6/(1 + 12*r^2)"),
        (r"1/(1+r^2/k^2);\ k=2 m,\ m = 1/\lambda, \lambda>0", "1/(1 + lambda^2*r^2/4)"),
        (r"1/(1+x^2), \quad x = |\nabla u|", "1/(1 + u^2)"),
        (r"\begin{equation} g(r)=1/(1+(r/k)^2), \quad k = 0.5 \label{a}\end{equation}", "1/(1 + 4*r^2)"),
    ],
)
def test_names_may_be_defined_after_a_formula(text, meant):
    read = Diffusivity(latex=text)
    assert read == Diffusivity(meant, variable=read.variable)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"1/(1+r^2), k = 3", "k is defined, and does not occur"),
        (r"1/(1+r^2/k), k = ", "k is to be defined, and the value is missing"),
        (r"1/(1+k r^2),\ k=k^2", "k is defined by itself"),
        (r"b/(1+a b r^2),\ a=2b, b=3a", "is defined by itself"),
        (r"1/(1+a r^2),\ a=2, a=3", "each name is defined once"),
        (r"1/(1+r^2/k), k = 3 + ", "a value is expected"),
        (r"1/(1+a r^2),\ a=" + 70 * "b " + ", b=" + 90 * "c " + ", c=" + 90 * "d ", "the formula is too long"),
    ],
)
def test_definitions_that_define_nothing_are_refused(text, words):
    with pytest.raises(ParseError, match=words):
        Diffusivity(latex=text)


@pytest.mark.parametrize("name", sorted(set(catalogue) - {*NAMES, "rbf-31", "spline-21"}))  # these take long
def test_what_the_catalogue_is_given_is_read_back(name):
    entry = catalogue.entry(name)
    formula = entry.formula
    form = entry.kind(formula if isinstance(formula, str) else formula())
    assert read_back(form) == form or first_difference(read_back(form).half, form.half) is None


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(set(catalogue) - set(NAMES)))
def test_all_that_is_printed_is_read(name):
    for form in catalogue[name].forms:
        if form.expr.has(sp.Integral):
            with pytest.raises(ParseError, match="closed form"):
                read_back(form)
        else:
            assert read_back(form) == form or first_difference(read_back(form).half, form.half) is None


@given(diffusivities())
def test_random_formulas_are_read_back(expr):
    assert parse_latex(latex(expr)) == parse(plain(expr))


_R, _A = sp.symbols("r a")
_NUMBERS = st.sampled_from([sp.sqrt(2) * q for q in (1, sp.Rational(1, 2), sp.Rational(-1, 4), sp.Rational(2, 3))])
_FACTORS = [
    *(sp.sqrt(3), sp.sqrt(6), sp.Integer(-1), 1 + _R, 1 / (1 + _R), 1 / (_A + 2 * sp.sqrt(2) * _R), (_A + _R) ** -2),
    *(1 / _A, sp.sqrt(1 + _R**2), _A**-_R, sp.exp(-_R), sp.exp(sp.Rational(-3, 2)), sp.sign(_R), sp.tanh(_R) ** 2),
]
_PRODUCTS = st.builds(
    lambda number, factors: sp.Mul(number, *factors), _NUMBERS, st.lists(st.sampled_from(_FACTORS), max_size=2)
)


@settings(max_examples=75)
@given(_PRODUCTS, _PRODUCTS)
def test_products_keep_their_value(one, other):
    expr = one + other
    place = {_R: sp.Rational(1, 3), _A: sp.Rational(7, 10)}
    assert abs(sp.N((parse_latex(latex(expr)) - expr).subs(place))) < 1e-10 * (1 + abs(sp.N(expr.subs(place))))


def test_a_sum_below_the_bar_beside_a_root_keeps_its_brackets():
    form = catalogue["log-penalty"].shrinkage
    assert latex(form.expr).endswith(
        r"\frac{\lambda \operatorname{sgn}(r)}{2 \sqrt{2} \left(\epsilon + \sqrt{2} |r|\right)}"
    )
    for name in ("log-penalty", "atan-penalty"):
        form = catalogue[name].shrinkage
        assert first_difference(read_back(form).half, form.half) is None


def test_the_gamma_function_is_no_product():
    assert parse_latex(r"\Gamma\left(1 + p\right) r") == parse("Gamma(1 + p) r")
    assert parse_latex(latex(sp.LambertW(sp.Symbol("x")))) == sp.LambertW(sp.Symbol("x"))
    assert parse_latex(r"\gamma\left(1 + p\right) r") == parse("gamma*(1 + p) r")
    assert parse_latex(r"\gamma(\max(1, x))") == parse("gamma*max(1, x)")
    with pytest.raises(ParseError, match="lacks its argument"):
        parse_latex(r"\operatorname{Li}_2")


def test_the_parts_of_a_polylogarithm_are_read():
    text = r"\operatorname{Re}\operatorname{Li}_{2}\left(\frac{r}{2} \exp(\mathrm{i} \pi/3)\right)"
    assert parse_latex(text) == parse("repolylog(2, r/2, pi/3)")
    with pytest.raises(ParseError, match="needs an argument of the form"):
        parse_latex(r"\operatorname{Im}\operatorname{Li}_{2}(r)")
    with pytest.raises(ParseError, match="read only before"):
        parse_latex(r"\operatorname{Re}\operatorname{sgn}(r)")


@pytest.mark.parametrize("name", sorted(set(FUNCTION_NAMES) - {"Piecewise", "Heaviside"}))
def test_every_function_is_printed_and_read(name):
    number = 1 if name not in ("lowergamma", "uppergamma", "polylog", "max", "Max", "min", "Min") else 2
    number = 3 if name in ("repolylog", "impolylog") else number
    called = parse(f"{name}({', '.join(['1 + x/2', 'sqrt(y)', 'z/3'][:number])})")
    expr = called**2 + sp.Symbol("x") * called + 1 / called
    assert parse_latex(latex(expr)) == expr


SAME = {
    r"\exp\left(-\frac{r^2}{2\lambda^2}\right)": "exp(-r^2/(2 lambda^2))",
    r"e^{-|r|}": "exp(-|r|)",
    r"2e^{-r^2}": "2 exp(-r^2)",
    r"\frac12 r + \tfrac{r}3 + \dfrac{r^{2}}{\sqrt 2}": "r/2 + r/3 + r^2/sqrt(2)",
    r"\sqrt[3]{1 + r^2}": "(1 + r^2)^(1/3)",
    r"r (1 - r^2)": "r*(1 - r^2)",
    r"2 \theta \left(\sqrt{2} |r| - \theta\right)": "2 theta*(sqrt(2) |r| - theta)",
    r"\left|r\right|^{p}": "|r|^p",
    r"\lvert r\rvert + \bigl|r\bigr|": "2 |r|",
    r"||r| - 1|": "| |r| - 1 |",
    r"\max(|r| - \theta, 0)\operatorname{sgn}(r)": "max(|r| - theta, 0) sgn(r)",
    r"\min\left\{|r|, \, 1\right\}": "min(|r|, 1)",
    r"\mathrm{sgn} (r) \, \ln\left(1 + |r|\right)": "sgn(r) ln(1 + |r|)",
    r"\ln |r|": "ln(|r|)",
    r"\ln\cosh r": "ln(cosh(r))",
    r"\sin r \cos r": "sin(r) cos(r)",
    r"\sin^2(r) + \sin^{2}{\left(r\right)}": "2 sin(r)^2",
    r"\arctan\frac{r}{\lambda}": "arctan(r/lambda)",
    r"\operatorname{arsinh}(r/\sigma)": "asinh(r/sigma)",
    r"\lambda_0 r + \lambda_{max} r + \mathit{width} r": "lambda_0 r + lambda_max r + width r",
    r"\varepsilon r \cdot \vartheta": "epsilon r theta",
    r"0.5 r \times 3": "0.5 r * 3",
    r"a b": "a*b",
    r"$$r^2.$$": "r^2",
    r"\[ \Psi(r) = r^2 \]": "r^2",
    r"\Phi(r) &= r": "r",
    r"\begin{cases} r & |r| < 1, \\ 0 & \text{otherwise} \end{cases}": "Piecewise((r, |r| < 1), (0, otherwise))",
    r"\begin{cases} r, & \text{if } |r| \le 1; \\[1ex] 0, & \text{else.} \end{cases}": (
        "Piecewise((r, |r| <= 1), (0, True))"
    ),
    r"\left\{\begin{array}{ll} r & -1 \leq r < 1 \\ 0 & |r| \geq 1 \\ \end{array}\right.": (
        "Piecewise((r, -1 <= r < 1), (0, |r| >= 1))"
    ),
    r"\begin{cases} r, & r > 0, \\ 0,\, & \text{otherwise} \\ \end{cases}": "Piecewise((r, r > 0), (0, otherwise))",
    r"(r - 1)_+ + r_+ + (r)_- + r_-": "max(r - 1, 0) + max(r, 0) + 2 max(-r, 0)",
    r"r {} + {} \mathbf{2} r^2": "r + 2 r^2",
    r"\mathrm e^{-|r|}": "exp(-|r|)",
    r"\sin 2 \pi x^2 + \sin^2 x^2": "sin(2 pi x^2) + sin(x^2)^2",
    r"\begin{aligned}[t] & r \\ & + a(\begin{split} 1 &- a \\ &{} + b \end{split}) \end{aligned}": "r + a*(1-a+b)",
    r"\begin{cases} 1, & r = 0 \\ \begin{cases} 2, & |r| < 1 \\ 3, & |r| \geq 1 \end{cases}, & r \neq 0 \end{cases}": (
        "Piecewise((1, r == 0), (Piecewise((2, |r| < 1), (3, |r| >= 1)), r != 0))"
    ),
}


@pytest.mark.parametrize("text", SAME, ids=range(len(SAME)))
def test_latex_means_what_the_text_means(text):
    assert parse_latex(text) == parse(SAME[text])


def test_every_kind_takes_latex():
    lam, theta = sp.symbols("lambda theta", positive=True)
    r = symtrans.r
    assert Diffusivity(latex=r"g(r) = \exp(-r^2/\lambda^2)").expr == sp.exp(-(r**2) / lam**2)
    assert Regulariser(latex=r"\Psi(r) = r^2").expr == r**2
    soft = Shrinkage(latex=r"\max(|r|-\theta,0)\operatorname{sgn}(r)", tau="1/8")
    assert soft == Shrinkage(sp.Max(sp.Abs(r) - theta, 0) * sp.sign(r), tau="1/8")
    assert Activation(latex=r"\Phi(x) = \tanh(x)") == Activation("tanh(x)")
    assert Activation(latex=r"a x", variable="a").variable.name == "a"
    assert Activation(latex=r"\Phi(a) = a x").variable.name == "a"


FAULTS = {
    r"r + \foo": (4, "symtrans reads"),
    r"\lamda r": (0, r"did you mean \lambda?"),
    r"\frac{(a}{b)}": (8, "} closes"),
    r"\frac{1}{": (8, "never closed"),
    r"\left(r\right]": (13, "expected )"),
    r"(r": (0, "( is never closed"),
    r"r^12": (2, "write ^{12}"),
    r"x^2^3": (3, "second exponent"),
    r"\sin r x": (7, "act on this factor too"),
    r"\tan^{-1}(r)": (0, "the inverse function"),
    r"1/r r": (4, "fraction bar"),
    r"\int_0^r x \, dx": (0, "closed form"),
    r"r + r^2 + \ldots": (10, "write every term"),
    r"\begin{cases} 1, |r| < 1 \\ 2 \end{cases}": (30, "a case is"),
    r"\begin{cases} 1, & \end{cases}": (17, "no condition"),
    r"\begin{cases} & r < 1 \end{cases}": (14, "no value"),
    r"\begin{cases} 1 & r < 1": (0, "is not ended"),
    r"\left\{ \begin{cases} r & r > 0 \\ 0 & \text{else} \end{cases} \right)": (69, r"expected \} or . after \right"),
    r"r \right)": (2, r"no \left"),
    r"\left a r \right)": (6, "is not a bracket"),
    r"a \over b \over c": (10, r"a second \over"),
    r"\lfloor r \rfloor": (0, "without rounding"),
    r"\mathbf{ab}": (0, "around one letter"),
    r"\mathrm{abc": (7, "never closed"),
    r"\mathrm 2": (0, "needs {...}"),
    r"r_12": (2, "write _{12}"),
    r"\begin{cases} 1, & r < 1 \text{ unless } r > -1 \\ 0, & \text{else} \end{cases}": (25, "mean nothing here"),
    r"\begin{aligned} a \\ b \end{aligned}": (21, "begins with its sign"),
    r"\begin{aligned} a + b": (0, "is not ended"),
    r"\begin{matrix} 1 \end{matrix}": (0, "the environment matrix"),
    r"\operatorname{sng}(r)": (0, "sng is not a function"),
    r"\frac{1}{0}": (0, "division by zero"),
    r"r'": (1, "a prime is a derivative"),
    "\frac{1}{1 + r^2}": (0, "raw string"),
    "r/\theta": (2, "raw string"),
    "\rho r": (0, "raw string"),
    r"|r": (2, "expected '|'"),
    r"": (0, "empty"),
    r"9^{9^{9^9}}": (4, "bits"),
    r"\exp\left(10^{9}\right)": (0, "larger than"),
    r"(1+r)^{10000}": (5, "exponents are limited"),
    "{" * 5000: (59, "nested"),
}


@pytest.mark.parametrize("text", FAULTS, ids=range(len(FAULTS)))
def test_errors_point_into_the_latex(text):
    column, words = FAULTS[text]
    with pytest.raises(ParseError) as caught:
        parse_latex(text)
    assert words in str(caught.value)
    assert abs(caught.value.column - column) <= 1
    if text:
        assert str(caught.value).splitlines()[-1].strip() == "^"


def test_the_limits_of_text_hold():
    with pytest.raises(ParseError, match="10001 characters"):
        parse_latex("r" * 10_001)
    started = time.process_time()
    for text in (r"\sqrt[" * 1600, r"\sin^{2" * 1400, r"\frac1" * 1600, "|" * 9999, r"\begin{cases}" * 700, "a" * 9999):
        with contextlib.suppress(ParseError):
            parse_latex(text)
    assert time.process_time() - started < 8


def test_the_formula_of_another_kind_is_refused():
    with pytest.raises(ParseError, match="enter it as Activation"):
        Diffusivity(latex=r"\Phi(r) = r")
    with pytest.raises(NonlinearityError, match="one formula"):
        Diffusivity("1", latex="1")
    with pytest.raises(NonlinearityError, match="give LaTeX as text"):
        Diffusivity(latex=1)


WORDS = r"""
    \frac } { ( ) \left \right | [ ] \sqrt ^ _ & \\ \begin{cases} \end{cases} r x 2 1.5 + - / , = < \leq \lambda \exp
    \ln \operatorname{sgn} \text{if} \text{otherwise} \max \{ \} \bigl \, $ \theta \mathrm \foo
"""
PARTS = st.sampled_from(WORDS.split())


@given(st.lists(PARTS, max_size=25).map(" ".join))
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        found = parse_latex(text)
    except ParseError as error:
        assert 0 <= error.column <= len(text)
    else:
        assert isinstance(found, sp.Expr)


@pytest.mark.parametrize(
    "name", ["lambda", "width", "a", "a_1", "f_max", "lambda_0", "x_a_b", "sigma_12", "omicron", "Gamma_2"]
)
def test_names_are_read_back(name):
    assert parse_latex(latex(sp.Symbol(name) ** 2 + 1)) == sp.Symbol(name) ** 2 + 1


CLIPPED = "Piecewise((r, |r| <= 1), (0, otherwise))"
SOFT = "sgn(x) max(|x| - lambda, 0)"
HARD = "Piecewise((x, |x| > lambda), (0, otherwise))"
PRINTED = {  # as documentation and papers have it
    r"\begin{cases} r & \mathrm{if}\ |r|\le 1 \\ 0 & \mathrm{otherwise}\end{cases}": CLIPPED,
    r"\begin{cases} r & (|r| \le 1) \\ 0 & (|r| > 1)\end{cases}": CLIPPED,
    r"\begin{cases} r ; |r| \le 1 \\ 0 ; \text{otherwise}\end{cases}": CLIPPED,
    r"\begin{cases} r & r \le 1 \text{ and } r \ge -1 \\ 0 & \text{else}\end{cases}": CLIPPED,
    r"\begin{cases} 0 & r > 1 \lor r < -1 \\ r & \text{else}\end{cases}": CLIPPED,
    r"\text{HardShrink}(x) = \begin{cases} x, & \text{ if } x > \lambda \\ x, & \text{ if } x < -\lambda \\"
    r" 0, & \text{ otherwise } \end{cases}": HARD,
    r"x\,\mathbf{1}_{\{|x|>\lambda\}}": HARD,
    r"x\,\chi_{\{|x|>\lambda\}}(x)": HARD,
    r"x \cdot \mathbb{1}(|x|>\lambda)": HARD,
    r"S_\lambda(x) = \operatorname{sgn}(x)\,(|x|-\lambda)_+": SOFT,
    r"{\rm sgn}(x) \left(|x|-\lambda\right)_{+}": SOFT,
    r"\eta(x; \lambda) \coloneqq \mathrm{sign}(x)(|x|-\lambda)^+": SOFT,
    r"g(s^2) = \frac{1}{1+s^2/\lambda^2}": "1/(1 + s^2/lambda^2)",
    r"g(|\nabla u|) = e^{-(|\nabla u|/K)^2}": "exp(-(|u|/K)^2)",
    r"g(\|\nabla u\|) = \frac{1}{1+\left(\frac{\|\nabla u\|}{K}\right)^2}": "1/(1 + (|u|/K)^2)",
    r"g\left(\lVert\nabla u\rVert^2\right) := {1 \over \sqrt{1 + \lVert\nabla u\rVert^2/\lambda^2}}":
        "1/sqrt(1 + |u|^2/lambda^2)",
    r"p_\lambda(t) = \lambda |t|": "lambda |t|",
    r"\frac{1}{1+\mathbf{x}^2/\hat\sigma^2}": "1/(1 + x^2/sigma_hat^2)",
    "\\begin{equation}\\label{eq:pm}\ng(x) = \\frac{1}{1 + x^2/\\lambda^2}.\n\\end{equation}": "1/(1 + x^2/lambda^2)",
    "\\begin{align*}\ng(x) &= \\frac{1}{1 + x^2} \\\\ &\\quad + \\frac{1}{2+x^2} \\nonumber\n\\end{align*}":
        "1/(1 + x^2) + 1/(2 + x^2)",
    r"\min(|x|,\theta), \theta>0": "min(|x|, theta)",
    r"\min(|x|,\theta),\quad \theta > 0.": "min(|x|, theta)",
    r"\text{Softplus}(x)": "softplus(x)",
    r"\operatorname{sech}^2 r": "sech(r)^2",
}  # fmt: skip


@pytest.mark.parametrize("text", PRINTED, ids=range(len(PRINTED)))
def test_reads_what_is_printed(text):
    found, meant = parse_latex(text), parse(PRINTED[text])
    if found.has(sp.Piecewise):
        values = {s: sp.Rational(7, 9) for s in meant.free_symbols - {sp.Symbol("x"), sp.Symbol("r")}}
        for place in (-3, -1, sp.Rational(-1, 3), 0, sp.Rational(2, 3), 1, 2):
            at = {**values, sp.Symbol("x"): place, sp.Symbol("r"): place}
            assert found.subs(at) == meant.subs(at)
    else:
        assert found == meant


@pytest.mark.parametrize("word", [r"\mathrm{foo}", r"\operatorname{foo}", r"\mathit{width}", r"\text{Foo}"])
@pytest.mark.parametrize("bracket", ["(1 + r)", r"\left(1 + r\right)", r"\,(r)", "[r]"])
def test_an_unknown_word_before_a_bracket_is_no_product(word, bracket):
    with pytest.raises(ParseError, match=r"not a function|mean nothing"):
        parse_latex(f"r {word}{bracket}")


@pytest.mark.parametrize(
    "head",
    [r"\phi(x) = \tanh(x) =", r"\tanh(x) =", r"\hat f(x) =", r"\mathbf f(x) =", r"f(x) = \operatorname{Tanh}(x) :="],
)
def test_heads_may_follow_each_other_and_bear_marks(head):
    assert Activation(latex=rf"{head} \frac{{e^x - e^{{-x}}}}{{e^x + e^{{-x}}}}").variable.name == "x"
