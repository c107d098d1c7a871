"""LaTeX as typesetters, documentation and papers vary it: one meaning, whichever way it is written; and no guess."""

from contextlib import suppress
from time import process_time

import pytest
from sympy import Rational

from symtrans import Activation, Diffusivity, ParseError, Shrinkage
from symtrans.language.latex_lexer import head_of, lexemes
from symtrans.language.text_parser import parse
from tests.language.reading import parse_latex

INDICATOR = "Piecewise((1, |r| < 1), (0, otherwise))"
CASES = [
    r"\begin{cases} 1 \quad \text{if } |r|<1 \\ 0 \quad \text{else}\end{cases}",
    r"\begin{cases} 1, \quad |r|<1, \\ 0, \quad |r| \ge 1.\end{cases}",
    r"\begin{cases} 1, |r|<1, \\ 0, |r| \ge 1.\end{cases}",
    r"\begin{cases*} 1 & if $|r|<1$ \\ 0 & otherwise\end{cases*}",
    r"\begin{cases} 1 & \text{if $|r|<1$} \\ 0 & \text{otherwise}\end{cases}",
    r"\begin{cases} 1 & \text{if $|r|<1$,} \\ 0 & \text{if $|r|\ge 1$.}\end{cases}",
    r"\begin{cases} 1 & if |r|<1 \\ 0 & otherwise\end{cases}",
    r"\begin{cases}1&{\text{for }}|r|<1\\0&{\text{for }}|r|\geqslant 1\end{cases}",
    r"\begin{cases} 1 & \text{if~} |r|<1 \\\\ 0 & \text{if and only if~} |r|\nless 1\end{cases}",
    r"\begin{cases} 1 & : |r|<1 \\[2mm] 0 & : |r|\geqq 1\end{cases}",
    r"\cases{ 1 & if |r|<1 \cr 0 & otherwise}",
    r"\left\{\begin{matrix} 1 & |r|<1 \\ 0 & |r|\ge1 \end{matrix}\right.",
    r"\left\{\begin{aligned} &1, && |r|<1 \\ &0, && |r|\ge1\end{aligned}\right.",
    r"\begin{cases} 1 & r \in (-1, 1) \\ 0 & \textrm{otherwise} \end{cases}",
    r"\begin{cases} 0 & |r| \in \left[1, \infty\right) \\ 1 & |r| \in [0, 1) \end{cases}",
    r"\begin{cases} 1 & \enspace |r|\not\geq 1 \\ 0 & \hskip1em |r|>=1 \end{cases}",
    r"\begin{cases} 1 & -1 < r \,\&\, r < 1 \\ 0 & \textup{if\ } 1 \leq |r| < \infty \end{cases}",
    r"\begin{cases} 0 & -\infty < r \leq -1 \\ 1 & |r| < 1 \\ 0 & 1 \le r < +\infty \end{cases}",
    r"\left\lbrace\begin{array}{rl} 1, & \mspace{5mu}|r|<1 \\ 0, & |r|\kern3pt\geq1 \end{array}\right.",
    r"\begin{cases} 1 & \forall |r|<1 \\ 0 & \textit{otherwise} \end{cases}",
    r"\begin{cases} 1 & \text{provided } |r|<1 \\ 0 & \text{else if } |r| \ge 1 \end{cases}",
    r"\begin{cases} 1, & |r|<1 \text{ (centre)} \\ 0, & |r| \ge 1 {\text{ (both tails)}}\end{cases}",
]
INDICATORS = [
    *(r"1_{|r|<1}", r"1_{\{|r|<1\}}", r"\chi_{|r|<1}", r"I_{\{|r|<1\}}", r"\mathbb{I}(|r|<1)", r"\mathbb{I}[|r|<1]"),
    *(r"\mathbb{1}(|r|<1)", r"\mathbf{1}\left(|r|<1\right)", r"1^2\mathds{1}[|r|<1]"),
    *(
        r"I(|r|<1)",
        r"\mathrm{I}(|r|<1)",
        r"\operatorname{I}\left(|r|<1\right)",
        r"\mathrm{1}_{|r|<1}",
        r"\text{I}_{|r|<1}",
    ),
]


@pytest.mark.parametrize("text", [*CASES, *INDICATORS])
def test_cases_and_indicators_however_they_are_set(text):
    assert Diffusivity(latex=text) == Diffusivity(INDICATOR)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"{\displaystyle f(x)={\frac {x}{1+|x|}}}", "x/(1+|x|)"),
        (r"{\displaystyle \tanh(x)\doteq {\frac {e^{x}-e^{-x}}{e^{x}+e^{-x}}}}", "(exp(x)-exp(-x))/(exp(x)+exp(-x))"),
        (
            r"\begin{equation*}\begin{split} f(x)&=\frac x{1+x^2}\\&+\sin x \end{split}\end{equation*}",
            "x/(1+x^2)+sin(x)",
        ),
        (r"x\left.\left(1+x^2\right)\right.^{-1}", "x/(1+x^2)"),
        (r"x \big/ (1+x^2) % as in (3)", "x/(1+x^2)"),
        *((rf"x (1-x^2){scripts}", "x max(1-x^2, 0)^2") for scripts in ("^2_+", "_+^2", "^{2}_{+}", "_{+}^{2}")),
        (r"\boxed{x \|x\|_p^p + \textcolor{red}{x}}", "x |x|^p + x"),
        (r"\lambda^2_1 x + x \|x\|^2_2 + a^{2}_{\text{max}} x^3", "lambda_1^2 x + x |x|^2 + a_max^2 x^3"),
        (r"\operatorname{sgn}(x) \max(|x|{-a}, |{-b}|, a {-} b)", "sgn(x) max(|x| - a, |b|, a - b)"),
        (r"\sqrt[3]{x} + \sqrt[5]{-x/\lambda}", "cbrt(x) + sgn(-x/lambda) |-x/lambda|^(1/5)"),
        (r"x \sqrt[3]{x^2} / \sqrt[3]{2}", "x*(x^2)^(1/3) / 2^(1/3)"),
        (
            r"\tanh\left\{\begin{cases} x & |x|<1 \\ 0 & \text{else}\end{cases}\right\}",
            "tanh(Piecewise((x, |x|<1), (0, True)))",
        ),
        (r"\tanh\{\begin{cases} x & |x|<1 \\ 0 & \text{else}\end{cases}\}", "tanh(Piecewise((x, |x|<1), (0, True)))"),
        (r"a_ix + b_i x", "a_i x + b_i x"),
        (r"\mathtt{sign}(x) / \mathtt{gain\_of}", "sgn(x) / gain_of"),
        (
            r"\begin{cases} x, & \text{ if } |x| > \text{threshold} \\ x / \text{value}, & \text{else}\end{cases}",
            "Piecewise((x, |x| > threshold), (x/value, True))",
        ),
        (r"\frac{\text{lower} + \text{upper}}{2} x / \text{gain}", "(lower/2 + upper/2)*x/gain"),
        (r"\frac{x}{\lambda+|x|} \quad \lambda > 0", "x/(lambda+|x|)"),
        (r"\frac{x}{\lambda+|x|} \text{ where } \lambda > 0.", "x/(lambda+|x|)"),
        (r"\phantom{-}x\mathstrut\hspace{1cm}", "x"),
        (r"\sfrac{x}{1+\left\lVert x\right\rVert_2^2}", "x/(1+x^2)"),
        (r"x\,\text{e}^{-\|x\|_{2}} + \norm{x} x", "x*exp(-|x|) + |x| x"),
        (r"\Phi \colon x \mapsto \tanh(x)", "tanh(x)"),
        (r"f(x)\;=\;\sin x", "sin(x)"),
        (r"f(x) \stackrel{\text{def}}{=} \sin x, \quad x \in \mathbb{R}", "sin(x)"),
        (r"y = \tanh(x/\lambda) \qquad (\lambda > 0)", "tanh(x/lambda)"),
        (r"f(x) = x/(1+|x|), \quad x \ne 0", "x/(1+|x|)"),
        (
            r"x W_{-1}\left(- \frac{1}{4 e^{\frac{1}{4}}}\right) W_0(|x|)",
            "x*LambertW(-1/(4*exp(1/4)), -1)*LambertW(|x|)",
        ),
        (r"\text{scale} * x \cdot \text{max\_val}", "scale*x*max_val"),
        (r"\Phi\mathopen{}\left(x\right)\mathclose{} = x \exp\mathopen{}\left(-x^2\right)\mathclose{}", "x*exp(-x^2)"),
        (r"\Phi\mleft(x\mright) = \tanh\mleft(\frac{x}{2}\mright)", "tanh(x/2)"),
        (
            r"x\mathbin{\cdot}\mathopen{|}x\mathclose{|} \mathrel{/} \mathopen{\big(}1+x^2\mathclose{\big)}",
            "x |x|/(1+x^2)",
        ),
        (r"\mathord{x+x}^3 + \mathinner{x}^3", "9 x^3"),
        (
            r"\overbrace{e^{-x^2}}^{\text{a}} \underbrace{\frac{x}{\underbrace{1+x^2}_{a_{1}}}}_2",
            "exp(-x^2)*x/(1+x^2)",
        ),
        (r"\underbrace{(1+x^2)}^{-1} x", "x/(1+x^2)"),
        (
            r"\underbrace{x}_\text{lin} + \overbrace{x}^\mathrm{c} \underbrace{|x|}_\lambda \underbrace{2}_b",
            "x + 2*x*|x|",
        ),
        (r"\mathop{\rm sgn}(x) |x|^2", "sgn(x)*x^2"),
        (r"{\mathrm{sgn}}(x)\,x^2 + {\operatorname{sinh}}\left(x\right)", "sgn(x)*x^2 + sinh(x)"),
        (r"x\left/\left(1+x^2\right)\right.", "x/(1+x^2)"),
        (
            r"\mathop{\mathrm{sgn}}\nolimits(x) + \operatorname{\mathrm{sgn}}(x)\,{\mathrm{cosh}}(x)",
            "sgn(x) + sgn(x)*cosh(x)",
        ),
        (r"\frac{x}{\mathrm{width}}(1+x^2) + x^{\mathrm{p}}(1-x)^0 x^{-p}x", "x/width*(1+x^2) + x"),
        *(
            (rf"\tanh(x) \{space} ({number})", "tanh(x)")
            for space in ("quad", "qquad")
            for number in ("2", "3.14", "12a")
        ),
        (r"\tanh(x) \quad\quad (2).", "tanh(x)"),
        (r"\tanh(x) \, (2)", "2*tanh(x)"),
        ("\ufeff\\tanh\u00a0(x)\u200b", "tanh(x)"),
        (r"\ensuremath{\tanh(x)}~\cite{a,b}\footnote{c}", "tanh(x)"),
    ],
)
def test_what_stands_around_a_formula_changes_nothing(text, meant):
    assert Activation(latex=text, variable="x") == Activation(meant, variable="x")


@pytest.mark.parametrize("inside", [r"|Du|", r"\|D u\|", r"|\nabla u|", r"|\boldsymbol{\nabla} u|", r"Du"])
def test_a_gradient_is_one_variable(inside):
    body = inside if "|" in inside else "|Du|"
    assert Diffusivity(latex=rf"g({inside}) = \exp\left(-{body}^2/K^2\right)") == Diffusivity(
        "exp(-u^2/K^2)", variable="u"
    )


@pytest.mark.parametrize("text", [r"1/\lvert\nabla u\rvert^p", r"|\boldsymbol{\nabla} \mathbf{u}|^{-p}"])
def test_a_gradient_is_that_of_the_variable(text):
    assert Diffusivity(latex=text) == Diffusivity("1/|∇u|^p") == Diffusivity("1/|grad u|^p")
    assert Diffusivity(latex=text).variable.name == "u"


@pytest.mark.parametrize(
    "text",
    [
        *(r"\psi(x)/x", r"\sigma(x)-\sigma(-x)", r"\phi(2x)", r"x g(|x|)", r"x g(x^2)", r"\lambda\left(x\right)"),
        *(r"x W(1+x)", r"x H(|x|-\lambda)", r"x \Theta(|x|-\lambda)", r"c \psi(x/c)", r"g\bigl(x\bigr) x"),
        *(r"x\,\sigma(\beta x)", r"\sigma(2 b x)", r"C^{\alpha}_n(x)", r"2 T_n(x/2)", r"\sigma^2(x) x", r"K(1/p)/x"),
        *(
            r"\frac{b}{x} \phi(a + b \log \frac{x}{1-x})",
            r"a K_1(a\sqrt{1 + x^2})",
            r"x I_0(1 + x b)",
            r"\beta(a, b) x",
        ),
        *(r"\frac{(1-x^2)^{c/2-1}}{B(1/2, c/2)}", r"x \psi(1 - x^2)"),
        *(r"\theta\left(x-1\right)", r"x \theta\left(\left|{x}\right| - a\right)", r"x\theta(1-|x|)"),
    ],
)
def test_a_function_without_its_formula_is_no_factor(text):
    with pytest.raises(ParseError, match=r"a function here\? its formula is written out"):
        parse_latex(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *((r"\lambda(1+x)", "lambda*(1+x)"), (r"a(x/c)^2", "a*(x/c)^2"), (r"\lambda \cdot (x)", "lambda*x")),
        *((r"a^2(1-x) \gamma(\max(1, x))", "a^2*(1-x)*gamma*max(1, x)"), (r"e^{-x}(x)", "exp(-x)*x")),
        *((r"a(-x+1)", "a*(1-x)"), (r"\theta(|x|-\theta/2)", "theta*(|x|-theta/2)"), (r"2(x)", "2*x")),
        (r"x \theta \left(\left|{x}\right| - 1\right) + \theta(x - x^3)", "x*theta*(|x|-1) + theta*(x-x^3)"),
    ],
)
def test_a_factor_before_brackets_stays_one(text, meant):
    assert parse_latex(text) == parse(meant)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"x \Phi(x)", "distribution"),
        (r"3{,}5 x", "decimal with a point"),
        (r"\tan^{-1}(x)", "operatorname{atan}"),
        (r"\frac{d}{dx}\ln\cosh x", "a derivative"),
        (r"\dfrac{\mathrm{d}}{\mathrm d x} x^2", "a derivative"),
        (r"\log_b x", "base 2, 10 or e"),
        (r"\|x\|_0", r"\mathbf{1}_{x \ne 0}"),
        (r"(1-u^2)^2 \text{ for } |u|<1", r"\begin{cases} value & condition"),
        (r"x/(1+x^2), \quad \gamma > 1", "assume="),
        *((rf"|x| < 1 + {word}", rf"written \{word}") for word in ("delta", "beta", "lambda")),
        *((rf"x {word}(x^2/K^2)", rf"\operatorname{{{word}}}") for word in ("exp", "tanh", "ln", "sgn")),
        (r"\lvert r\rvert{-a}", "a sign in braces"),
        (r"\begin{cases} x & |x|<1 \\ \text{undefined} & \text{else} \end{cases}", "mean nothing here"),
        (r"\text{Note } x^2", "mean nothing here"),
        (r"\max\{0, margin - x\}", r"\mathit{margin}"),
        (r"\begin{cases} 1 & x \le -1, \ x \ge 1 \\ 0 & \text{else} \end{cases}", r"\text{and} or \text{or}"),
        (r"\begin{cases} 1 & -1 < x; x < 1 \\ 0 & \text{else} \end{cases}", r"\text{and} or \text{or}"),
        *((rf"x^{{{above}}}", "an index, in print") for above in ("(2)", "(l)", "[l]", r"(\alpha)", "(12)")),
        (r"\mathbf{r}^T\mathbf{r}", "of one is x^2"),
        (r"\bm{r}^{\top}\bm{r}", "of one is x^2"),
        (r"1\frac{1}{2}x", "and a fraction, or a product"),
        (r"x - f(0)", "is f a function here"),
        (r"\zeta(3)x", "is zeta a function here"),
        (r"\epsilon x + \varepsilon |x|", "both the parameter epsilon"),
        *((rf"x/\lambda_{word}", rf"write _{{{word}}}") for word in ("max", "min", "eff")),
        (r"x__2", "an index holds letters and digits"),
        (r"P_{[-a,a]}(x)", r"the projection \max(a, \min(x, b))"),
        (r"\mathbf{1}_{[-1,1]} x", r"\mathbf{1}_{[a,b]}(x)"),
        (r"1/(1 + 1e-3 x^2)", "a power of ten"),
        (r"L_\delta(y, f(x)) = |y - f(x)|", "their difference"),
        (r"\mathcal{L}(y_i, f(x_i; w)) = (y_i - f(x_i; w))^2", "their difference"),
    ],
)
def test_what_is_refused_says_how_it_is_written(text, words):
    with pytest.raises(ParseError) as caught:
        parse_latex(text)
    assert words in str(caught.value)


def test_an_index_may_be_a_word():
    written = (r"\lambda_{\max}", r"\lambda_{\text{max}}", r"\lambda_{\mathrm{max}}", r"\lambda_{max}")
    assert {parse_latex(text) for text in written} == {parse("lambda_max")}
    assert parse_latex(r"2\frac{x}{3} + 2 \cdot \frac{1}{2}") == parse("2*x/3 + 1")


def test_logarithms_to_a_base_and_heads_with_words_below():
    assert parse_latex(r"\rho_{\mathrm{GM}}(x) = \log_2^2(1+x^2) + \log_{10} 5") == parse("log2(1+x^2)^2 + log10(5)")
    assert parse_latex(r"\frac{d}{d+1}x") == parse("d*x/(d+1)")


def test_the_variable_of_a_head_stands_in_the_formula():
    with pytest.raises(ParseError, match="is it one of r"):
        Diffusivity(latex=r"g(x) = \frac{1}{1+r^2}")
    with pytest.raises(ParseError, match="is it one of delta_x_0"):
        Diffusivity(latex=r"g(x) = \delta_{x,0}")
    assert Diffusivity(latex=r"g(x) = \lambda^2").expr.free_symbols
    assert Shrinkage(latex=r"T_\lambda^{hard}(x) = x\,1_{|x|>\lambda}").variable.name == "x"


@pytest.mark.parametrize(
    "text",
    [
        r"\begin{cases} 0 & r \notin [-1, 1] \\ r & \text{o.w.} \end{cases}",
        r"\begin{cases} r & |r| \le 1 \\ 0 & \mathrm{o.w.} \end{cases}",
        r"\begin{cases} r & |r| \le 1 \land |r| \not= 2 \\ 0 & o.w. \end{cases}",
        r"\begin{cases} 0 & |r| \not\in (-\infty, 1] \\ r & |r| \in (-\infty, 1] \end{cases}",
    ],
)
def test_what_lies_without_an_interval_and_what_is_otherwise(text):
    assert Activation(latex=text) == Activation("Piecewise((r, |r| <= 1), (0, otherwise))")


@pytest.mark.parametrize("head", [r"\hat{x} = ", r"\hat{\beta}_j = ", r"\hat\theta = ", r"\hat{\theta}_\lambda(y) := "])
def test_an_estimate_may_stand_before_its_formula(head):
    assert Shrinkage(latex=head + r"\operatorname{sgn}(y) (|y| - \lambda)_+") == Shrinkage(
        "max(|y| - lambda, 0) sgn(y)", variable="y"
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\chi_{[-1,1]}(x)", "|x| <= 1"),
        (r"\mathbf{1}_{(0, \infty)}(x)", "x > 0"),
        (r"\mathbb 1_{\left[0,a\right)}\left(|x|\right)", "(|x| >= 0) and (|x| < a)"),
        (r"\mathrm{1}_{]0,1]}(x/a)", "(x/a > 0) and (x/a <= 1)"),
    ],
)
def test_the_indicator_of_an_interval(text, meant):
    for x in (-2, -1, 0, "1/2", 1, "3/2"):
        values = {"x": Rational(x), "a": Rational(3, 2)}
        assert parse_latex(text).subs(values) == parse(f"1*({meant})").subs(values)


def test_a_number_of_euler_is_a_factor_where_no_power_of_ten_can_be_meant():
    assert parse_latex(r"2 e - 3x + 2e^{-x}") == parse("2*e - 3*x + 2*exp(-x)")


@pytest.mark.parametrize(
    "after",
    [
        *(
            r", \quad \text{for all } x",
            r"\quad \text{for all } x \in \mathbb{R}",
            r"\ \forall x",
            r" \text{ for any } x.",
        ),
        r",\;\forall x \in \mathbb{R}",
    ],
)
def test_what_holds_everywhere_may_be_said_so(after):
    assert Activation(latex=rf"x e^{{-x^2}}{after}") == Activation("x*exp(-x^2)")


@pytest.mark.parametrize("after", [r"\text{ for all } x > 0", r"\text{ for all } |x| < 1", r"\ \forall |x| < 1"])
def test_what_holds_on_a_part_is_not_left_out(after):
    with pytest.raises(ParseError):
        Activation(latex=rf"x e^{{-x^2}}{after}")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *((r"\sin 2x", "sin(2*x)"), (r"\sin 2 \pi x", "sin(2*pi*x)"), (r"\sin \pi x", "sin(pi*x)")),
        *((r"\tanh 2 \beta x", "tanh(2*beta*x)"), (r"x \cosh^{-2} 2x^2", "x/cosh(2*x^2)^2")),
        *((r"\sin 2x \cos 3x", "sin(2*x)*cos(3*x)"), (r"x \cos 2", "x*cos(2)"), (r"x\ln 2", "x*ln(2)")),
    ],
)
def test_a_number_before_letters_is_in_the_argument(text, meant):
    assert Activation(latex=text) == Activation(meant)


@pytest.mark.parametrize("text", [r"\ln 2 x", r"\sin x y", r"\sin 2x(1 + x^2)"])
def test_where_the_argument_ends_is_asked(text):
    with pytest.raises(ParseError, match="act on this factor too"):
        Activation(latex=text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *(
            (r"\mathrm{i} r", "imaginary unit"),
            (r"{\rm i} r", "imaginary unit"),
            (r"r\mathbf{1}(r)", "indicator of what"),
        ),
        *(
            (r"\newcommand{\la}{\lambda} r", "write what the new command"),
            (r"\psi'(r) = 2 r", "a prime is a derivative"),
            (r"1.5\mathrm{e}{-3} r", r"3 \\cdot 10\^\{-2\}"),
            (r"r{-3}", "a sign in braces"),
        ),
        (r"a\text{,} r", "mean nothing here"),
        *((r"r \quad (|r| \le 1)", "on a part of the line"), (r"r, \qquad [|r| < 1]", "on a part of the line|','")),
        (r"\text{threshold} |r|", r"mathit\{threshold"),
    ],
)
def test_latex_that_is_refused_says_why(text, words):
    with pytest.raises(ParseError, match=words):
        Activation(latex=text)


def test_a_word_that_is_also_a_function_may_be_a_parameter():
    cases = r"\begin{cases} r & |r| > \mathit{threshold} \\ 0 & \text{else} \end{cases}"
    assert Activation(latex=cases) == Activation("Piecewise((r, |r| > threshold), (0, otherwise))")
    assert Activation(latex=r"r (|r| \le 1)") == Activation("r*(|r| <= 1)")


@pytest.mark.parametrize(
    "text", [f"x{' ' * 8000}y", f"x{' ' * 8000}_1 = y", rf"x {' ' * 8000}\\quad\\text{{for all }}{' ' * 900}>"]
)
def test_thousands_of_blanks_take_no_time(text):
    started = process_time()
    assert head_of(text) is None or "=" in text
    with suppress(ParseError):
        lexemes(text)
    assert process_time() - started < 1


@pytest.mark.parametrize(
    ("second", "meant"),
    [
        *((rf"[{length}] r/2", "r/2") for length in ("2pt", "-0.5ex", r"0.5\baselineskip", r"\jot")),
        ("*[1em] r/2", "r/2"),
        *((f"[{one}] r", f"({one}) r") for one in ("a", "c", "|r| - a", "2")),
        (r" [\lambda] r", "lambda r"),
    ],
)
def test_what_begins_a_row_in_brackets_is_a_length_or_a_factor(second, meant):
    found = parse_latex(rf"\begin{{cases}} r & |r| < 1 \\{second} & \text{{otherwise}} \end{{cases}}")
    assert found == parse(f"Piecewise((r, |r| < 1), ({meant}, otherwise))")


def test_so_it_is_in_a_sum_of_several_lines():
    rows = r"f(r) &= \sin r \\[1ex] &+ [a] r \\ {} [b] r"
    assert parse_latex(rf"\begin{{align}} {rows} \end{{align}}") == parse("sin(r) + a b r^2")
    assert parse_latex(r"\begin{aligned}[t] & a r \\[2pt] & + [b] r \end{aligned}") == parse("a r + b r")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\Big(1 + \Big(\frac{r}{c}\Big)^2\Big)^{-1}", "1/(1 + (r/c)^2)"),
        (r"\big[1 - \big(r\big)\big] \big|r - \big(a\big)\big|", "(1 - r) |r - a|"),
        (r"\big(a \big|r\big| + 1\big)", "a |r| + 1"),
    ],
)
def test_brackets_of_one_size_nest(text, meant):
    assert parse_latex(text) == parse(meant)


@pytest.mark.parametrize("text", [r"\underbrace{x}_\frac{a}{b}", r"\underbrace{x}_12", r"\overbrace{x}_2"])
def test_what_stands_below_a_brace_is_no_factor(text):
    with pytest.raises(ParseError, match="a subscript belongs to a letter"):
        parse_latex(text)


@pytest.mark.parametrize(
    "text", [r"\underbrace{x", r"\underbrace", r"\overbrace{x}^", r"x\left/2", r"{\mathrm{sgn}", r"\underbrace{x}_{a"]
)
def test_braces_that_are_left_open_are_told(text):
    with pytest.raises(ParseError):
        Activation(latex=text, variable="x")
