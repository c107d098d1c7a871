"""What stands before a formula of text, layers and functions of array libraries, and signs that people paste."""

import pickle
from time import process_time

import pytest
from sympy import Symbol

from symtrans import Activation, Diffusivity, ParseError, r
from symtrans.catalogue.reading import KindMissing, read
from symtrans.language.text_parser import parse


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *(("y = tanh(x)", "tanh(x)"), ("f(x) := tanh(x/a)", "tanh(x/a)"), ("lambda x: x/(1+abs(x))", "x/(1+|x|)")),
        *(("f = lambda x: tanh(x)", "tanh(x)"), ("def f(x): return tanh(x)", "tanh(x)")),
        ("def f(x: torch.Tensor) -> torch.Tensor:\n    return tanh(x)", "tanh(x)"),
        *(("Phi(|∇x|) = x", "x"), ("phi(‖∇x‖²) = x", "x"), ("phi(|grad x|) = x", "x")),
        *(("Phi(x; a) = a*x", "a*x"), ("Φ(|x|) = x", "x"), ("phi(x²) = x", "x")),
    ],
)
def test_a_head_names_the_variable(text, meant):
    assert Activation(text) == Activation(meant, variable="x")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(
            (text, "I")
            for text in ("exp(-|∇I|²/K²)", "g(|∇I|) = 1/(1+(|∇I|/K)²)", "g(I) = I^2/(1 + I^2)", "lambda I: I**2")
        ),
        *(("lambda E: 1/(1+E^2)", "E"), ("Pi -> 1/(1+Pi^2)", "Pi")),
    ],
)
def test_a_variable_may_be_called_like_a_number(text, name):
    g = Diffusivity(text)
    assert str(g.variable) == name
    assert g == Diffusivity(str(g.expr), variable=name) == Diffusivity(g.expr, variable=g.variable)
    assert eval(repr(g), {"Diffusivity": Diffusivity}) == g == pickle.loads(pickle.dumps(g))
    with pytest.raises(ParseError):
        Diffusivity("r^2/Pi + I")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("g(x) = 1/(1+r^2)", "is it one of r"),
        ("Phi(r) = 1/(1+r^2)", r"enter it as Activation\(...\)"),
        ("r = 1/(1+r^2)", "not expected here"),
        ("lambda K, s: exp(-(s/K)**2)", "of one variable"),
        ("function(s, K) exp(-(s/K)^2)", "of one variable"),
        ("(s, K) -> exp(-(s/K)^2)", "of one variable"),
        ("def g(s: float, K: float) -> float: return exp(-(s/K)^2)", "of one variable"),
        ("w(e) = 1/(1+e^2)", "call the variable otherwise"),
    ],
)
def test_a_head_that_does_not_fit_is_refused(text, words):
    with pytest.raises(ParseError, match=words):
        Diffusivity(text)


def test_a_head_says_of_what_kind_a_formula_is():
    assert read("Phi(r) = tanh(r)").nonlinearity == Activation("tanh(r)")
    with pytest.raises(KindMissing, match="begin with its letter"):
        read("y = tanh(x)")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("torch.nn.Softshrink(0.3)(r)", "softshrink(r, 0.3)"),
        ("nn.Hardtanh(min_val=-t, max_val=t)(2*r)", "clip(2*r, -t, t)"),
        ("nn.Tanh()(r)*3", "3*tanh(r)"),
        ("jax.nn.hard_tanh(r) + keras.ops.soft_shrink(r, threshold=1)", "hardtanh(r) + softshrink(r, 1)"),
        ("nn.LeakyReLU(0.1)(r)", "leaky_relu(r, 0.1)"),
        ("tanh(r)(1+r^2)", "tanh(r)*(1+r^2)"),
        ("tf.keras.activations.tanh(r)", "tanh(r)"),
        ("np.clip(r, 0, None)", "max(r, 0)"),
        ("(r.abs()<1).float()*(r>0).astype(np.float64)", "(|r|<1)*(r>0)"),
        ("(r.abs()<1).int()*int(r>0)*float(r)", "(|r|<1)*(r>0)*r"),
        ("np.divide(r, np.add(1, np.square(r)))", "r/(1+r^2)"),
        ("torch.where(r > 1, r, torch.zeros_like(r))", "where(r > 1, r, 0)"),
        ("clamp_min(r.sub(1), 0) + torch.rsqrt(1+r**2)", "max(r-1, 0) + 1/sqrt(1+r^2)"),
        ("np.copysign(r.neg(), 1) + np.logaddexp(r, 0)", "|r| + ln(exp(r)+1)"),
        ("√(1+r⁴)·λ₁ – r⁻²÷2", "sqrt(1+r^4)*lambda_1 - r^(-2)/2"),
        ("𝟐 𝑟 exp(−𝑟²⁄2) 𝛼₁", "2 r exp(-r^2/2) alpha_1"),
        ("∣r∣⋅Σ\u00a0∗ √2", "|r|*Sigma*sqrt(2)"),
        ("½ r^¼ + ⅔;", "r^(1/4)/2 + 2/3"),
        ("Heaviside(r, 0) + (r ⩽ 1)", "Heaviside(r, 0) + (r <= 1)"),
        ("sign.(r) .* max.(abs.(r) .- t, 0)", "sgn(r) max(|r| - t, 0)"),
        ("@. r / (1 .+ abs(r))", "r/(1+|r|)"),
        ("ifelse.(abs.(r) .<= 1, r, 2.*r)", "where(|r| <= 1, r, 2*r)"),
        ("|r| > 1 ? r/|r| : r", "where(|r| > 1, r/|r|, r)"),
        ("r > 1 ? 1 : r < -1 ? -1 : 2*(r > 0 ? r : 3*r)", "where(r>1, 1, where(r < -1, -1, 2*where(r>0, r, 3*r)))"),
        ("IF(ABS(r) <= k, r, k*SIGN(r)) + if(r > 0, 1, 0)", "where(|r| <= k, r, k*sgn(r)) + where(r > 0, 1, 0)"),
        ("If[Abs[x] <= 1, x, Sign[x]]", "where(|x| <= 1, x, sgn(x))"),
        ("Math.max(-1, Math.min(1, r)) + std::tanh(r)", "max(-1, min(1, r)) + tanh(r)"),
        ("jax.lax.clamp(-t, r, t)", "clip(-t, r, t)"),
        ("tf.clip_by_value(r, clip_value_min=-t, clip_value_max=t)", "clip(r, -t, t)"),
        ("tf.where(tf.less(tf.abs(r), 1.0), r, tf.sign(r))", "where(|r| < 1, r, sgn(r))"),
        ("np.where(np.logical_or(r > 1, r < -1), 1, r.powi(2))", "where(r > 1 or r < -1, 1, r^2)"),
        ("r sin²(r) + tanh^2(r)·r + np.cos(r)**3 r", "r sin(r)^2 + tanh(r)^2 r + cos(r)^3 r"),
        ("where(|r| < 1 | sin²(r) > 2, sin^2(r), 0)", "where(|r| < 1 or sin(r)^2 > 2, sin(r)^2, 0)"),
        ("gamma^2(r) + ∛r + ∛(8)", "gamma^2 r + cbrt(r) + cbrt(8)"),
        ("‖r‖² + λ‖2r‖₁ + ∥r∥_2^3", "|r|^2 + lambda |2 r| + |r|^3"),
        ("Derivative(log(cosh(r)), r) + diff(|r|, r)", "sinh(r)/cosh(r) + sgn(r)"),
        ("lam.log() * r + r.max(-t).min(t)", "log(lam) * r + min(max(r, -t), t)"),
        ("(t < r || r < -1 || |r| == 2) ? ||r|| : |r||t|", "where(t < r or r < -1 or |r| == 2, |r|, |r| |t|)"),
        ("M_2_SQRTPI*r + erf(r*M_SQRT1_2) + M_LN2*M_E", "2/sqrt(pi)*r + erf(r/sqrt(2)) + log(2)*e"),
        ("2*Math.atan(r)/Math.PI + r*math.tau + std::E", "2*atan(r)/pi + 2*pi*r + e"),
    ],
)
def test_libraries_and_typeset_signs(text, meant):
    assert parse(text) == parse(meant)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nn.Softshrink(0.5)", r"argument is missing: nn.Softshrink\(...\)\(r\)"),
        ("nn.Tanh()(r, 1)", "takes one argument"),
        ("foo.exp(r)", "if foo is a module, leave it out"),
        ("mpmath.log(1 + r^2)", r"write log\(mpmath, ...\)"),
        ("paddle.maximum(r, 0)", r"write maximum\(paddle, ...\)"),
        ("|r| <= 1 : r", r"\|r\| <= 1 \? value : other"),
        *(
            ("1/(1 + х²)", "it is the cyrillic small letter ha"),
            ("clip(r, 1, 2, 3)", r"takes 2 to 3 argument\(s\), not 4"),
        ),
        ("|r|_1", r"the modulus is \|x\|"),
        *((text, "which bars belong together") for text in ("sgn(r)*|2|r|-1|", "-|a |r| - b|", "|2|r|-|r-1|-|r+1||")),
        *((f"r*(-1 < r {word} r < 1)", f"{word} is a reserved word") for word in ("AND", "Or", "xor", "then")),
        *(("1½ r", "side by side"), ("2σ(r)", "sigmoid"), ("cases(r < 1, 0, 1)", "cases are value if")),
        *(
            ("exp[r]", "brackets are round"),
            ("1 ? 2", "expected a comparison"),
            ("'r'", "no quotes"),
            ("‖r‖_3", r"the modulus is \|x\|"),
        ),
    ],
)
def test_what_is_refused_says_how_it_is_written(text, words):
    with pytest.raises(ParseError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Sign[r] Max[Abs[r] - 1, 0]", "sgn(r) max(|r| - 1, 0)"),
        ("ArcTan[Sinh[2 r]]/Sqrt[1 + r^2]", "atan(sinh(2 r))/sqrt(1 + r^2)"),
        ("Exp[-(r/\\[Lambda])^2]", "exp(-(r/lambda)^2)"),
        ("Sign[r] Log[Max[2, Abs[r]] + 1]/Pi", "sgn(r) log(max(2, |r|) + 1)/pi"),
        ("r Sech[r/a]^2 + r^3 Coth[r] Csch[r]", "r/cosh(r/a)^2 + r^3*cosh(r)/sinh(r)^2"),
    ],
)
def test_formulas_of_mathematica(text, meant):
    assert parse(text) == parse(meant)
    assert Activation(f"f[r_] := r/(1 + ({text})^2)") == Activation(f"r/(1 + ({meant})^2)")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Log[2, 1 + Abs[r]]", r"log\(x, b\)"),
        ("Piecewise[{{r, Abs[r] < 1}, {0, True}}]", "cases are Piecewise"),
        ("Clip[r, {-2, 2}]", "low and high"),
        *(("Foo[r]", "brackets are round"), ("r[0]", "brackets are round"), ("Sin[r", "brackets are round")),
    ],
)
def test_what_mathematica_writes_otherwise(text, words):
    with pytest.raises(ParseError, match=words):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "0.5f*r",
        "0.5f*erf(r)",
        "CRootOf(t - 1, 0)*0.5f*r",
        "1.0f*f",
        "1.0f*r^2",
        "1e-3f*r",
        "1d-3*r",
        "2d0*r",
        "r*(|r| <= 1L)",
        "3U*r",
        "2ul*r",
    ],
)
def test_numbers_of_other_languages_are_no_products(text):
    with pytest.raises(ParseError, match="a number of C, R or Fortran"):
        Activation(text)


@pytest.mark.parametrize("text", ["I*r", "2I*r", "1i*r", "r*2im", "1j*r"])
def test_imaginary_numbers_are_no_parameters(text):
    with pytest.raises(ParseError, match="imaginary"):
        Activation(text)


def test_a_parameter_may_be_called_like_the_imaginary_unit():
    own = Activation(Symbol("I") * r)
    assert own == Activation("Symbol('I')*r") == Activation(latex="I r") == eval(repr(own))
    assert own.parameters[0].name == "I"
    assert Activation("i*r") == Activation(latex="i r")


@pytest.mark.parametrize(
    "text",
    [
        *("x -> tanh(x)", "f := x -> tanh(x)", "@(x) tanh(x)", "f = @(x) tanh(x);", "function(x) tanh(x)"),
        *("f <- function(x) tanh(x)", "\\(x) tanh(x)", "(x) -> tanh(x)", "x ↦ tanh(x)", "f = x => tanh(x)"),
    ],
)
def test_functions_as_other_languages_write_them(text):
    assert Activation(text) == Activation("tanh(x)")


def test_minima_of_r():
    assert Activation("pmax(pmin(x, 1), -1)") == Activation("clip(x, -1, 1)")


def test_pi_of_other_languages_is_no_parameter():
    with pytest.raises(ParseError, match="the number is pi"):
        Activation("2*atan(Pi*r/2)/Pi")
    assert Activation("Symbol('Pi')*r") == Activation(latex=r"\Pi r") == eval(repr(Activation(latex=r"\Pi r")))


def test_functions_whose_slope_depends_on_the_version_are_asked_about():
    with pytest.raises(ParseError, match="did you mean gelu"):
        Diffusivity("jax.nn.gelu(r) + jax.nn.gelu(-r)")
    with pytest.raises(ParseError, match="did you mean hardsigmoid"):
        Activation("keras.activations.hard_sigmoid(r) - 1/2")


@pytest.mark.parametrize("text", ["Max(r,0,5) - Max(-r,0,5)", "r/(1,5 + |r|)"])
def test_decimal_commas_are_asked_about_within_calls_too(text):
    with pytest.raises(ParseError, match="is it a decimal comma"):
        Activation(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("copysignf(fmaxf(fabsf(x) - t, 0.0f), x)", "max(|x| - t, 0)*sgn(x)"),
        ("x/(0.5f + fabsf(x))", "x/(0.5 + |x|)"),
        ("1.f/(1.f+x*x)*tanhf(x)", "tanh(x)/(1 + x^2)"),
        ("return powf(x, 3.0f);", "x^3"),
        ("select(fabs(x) > 1, copysign(1, x), x)", "clip(x, -1, 1)"),
        ("piecewise(x < -1, -1, x > 1, 1, x)", "clip(x, -1, 1)"),
        ("piecewise(abs(x) <= t, x, abs(x) > t, t*sgn(x))", "clip(x, -t, t)"),
        ("Which[x < -1, -1, x > 1, 1, True, x]", "clip(x, -1, 1)"),
        ("=IFS(x<-1; -1; x>1; 1; x)", "clip(x, -1, 1)"),
        ("=IF(AND(x>=-1; x<=1); x; SIGN(x))", "clip(x, -1, 1)"),
        ("2/PI()*ATAN(x)", "2/pi*atan(x)"),
        ("(x.powi(2) + 1.0).sqrt().recip() * x", "x/sqrt(1 + x^2)"),
        ("nthroot(x, 3) + surd(x, 5)", "cbrt(x) + real_root(x, 5)"),
        ("x → x/(1 + abs2(x))", "x/(1 + x^2)"),
        ("(x) => x/(1.0F + Math.abs(x))", "x/(1 + |x|)"),
        ("erff(x)*0.5f", "erf(x)/2"),
    ],
)
def test_texts_of_c_of_spreadsheets_and_of_others(text, meant):
    assert Activation(text, variable="x") == Activation(meant, variable="x")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("（x）／（1＋｜x｜）", "x/(1+|x|)"),
        ("x\u2062ℯ^(-x²)", "x*exp(-x^2)"),
        ("tanh\u2061(x)\u200b", "tanh(x)"),
        ("\ufeffx‐x³⁄3", "x - x^3/3"),
        ("𝑥/(1\u205f+\u3000ℎ²𝑥²)", "x/(1 + h^2*x^2)"),
        ("⅐·x", "x/7"),
    ],
)
def test_signs_as_typesetters_have_them(text, meant):
    assert Activation(text, variable="x") == Activation(meant, variable="x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1/(1+pir^2)", r"write pi\*r"),
        ("sin(2pix)/(2pi)", r"write pi\*x"),
        ("x/(1+exp(-betax)) - x/2", r"write beta\*x"),
        ("11//9*x", "write / for a quotient"),
        ("x/(1+x^2) # a remark", "a remark is left out"),
        ("x/(1+|x|ᵖ)", "a power is written"),
        ("th\u200beta*x", "it is the zero width space"),
        ("IF(ABS(x)<=0,5;x;SIGN(x))", "is it a decimal comma"),
        ("where(x > 0, x)", "and the value elsewhere"),
        ("scipy.special.huber(1, x)", "write out its formula"),
        ("expf(1e9)*x", "larger than exp"),
        ("EXP(1e9)*x", "larger than exp"),
    ],
)
def test_what_would_be_misread_is_asked_about(text, words):
    with pytest.raises(ParseError, match=words):
        Activation(text)


def test_a_parameter_may_be_called_like_a_product():
    own = Activation(Symbol("pix") * r)
    assert own == eval(repr(own))
    assert own.parameters[0].name == "pix"
    assert Activation("re(k)*r/(1 + im(k) + conjugate(r)^2)") == Activation("k*r/(1 + r^2)")


def test_an_error_names_the_option_to_who_typed_a_command():
    with pytest.raises(ParseError, match=r"latex=\n") as refused:
        Activation(r"\tanh{r}")
    assert "with --latex-in\n" in refused.value.on_command_line
    assert 'with "written as"\n' in refused.value.on_page
    assert "latex=" not in refused.value.on_command_line


def test_thousands_of_semicolons_take_no_time():
    begun = process_time()
    with pytest.raises(ParseError, match="takes 1 to 64 argument"):
        parse("max(x" + ";x" * 4000 + ")")
    assert process_time() - begun < 2
