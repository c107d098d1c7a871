"""Words are read as what they are: names of families, reserved words, functions of libraries, conditions."""

import time
from math import exp

import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, NonlinearityError, ParseError, Regulariser, Shrinkage
from symtrans.language import text_parser, vocabulary
from symtrans.language.text_parser import parse

x, r, t = sp.symbols("x r t")
RESERVED = (
    *("nan", "inf", "oo", "zoo", "NaN", "Infinity", "and", "or", "not", "if", "else", "for", "in", "return"),
    *("import", "None", "yield", "class", "while", "none"),
)


@pytest.mark.parametrize("word", RESERVED)
@pytest.mark.parametrize("form", ["{} r", "r*{}", "r/(1 + {})", "{}", "r\n{} os"])
def test_a_reserved_word_is_no_parameter(word, form):
    if (word, form) == ("return", "{} r"):
        assert Activation("return r") == Activation("r")
        return
    with pytest.raises((ParseError, NonlinearityError)):
        Activation(form.format(word))


@pytest.mark.parametrize("text", ["1j*r", "2J r", "r + 0.5j"])
def test_an_imaginary_number_is_no_product(text):
    with pytest.raises(ParseError, match="imaginary"):
        Activation(text)


@pytest.mark.parametrize(("word", "near"), [("hubr", "huber"), ("sotf", "soft"), ("garotte", "garrote")])
@pytest.mark.parametrize("kind", [Activation, Diffusivity, Regulariser, Shrinkage])
def test_a_lone_unknown_word_is_refused_with_near_families(word, near, kind):
    with pytest.raises(NonlinearityError, match=near):
        kind(word)


@pytest.mark.parametrize("name", ["soft", "Huber", "perona malik", "perona-malik", "truncated_bfb"])
def test_the_name_of_a_family_is_the_family_as_any_kind(name):
    family = st.catalogue[name]
    for kind, form in zip((Diffusivity, Regulariser, Shrinkage, Activation), family.forms, strict=True):
        assert kind(name).half == form.half
        assert eval(repr(kind(name)), vars(st)) == kind(name)
    assert Shrinkage(name, tau="1/8") == family.activation.to(Shrinkage, tau="1/8")


def test_a_word_that_is_said_to_be_the_variable_is_one():
    assert Activation("soft", variable="soft").expr == sp.Symbol("soft", real=True)


@pytest.mark.parametrize(
    ("given", "name"),
    [("1/(1 + xi^2)", "xi"), ("exp(-x**2)", "x"), (sp.exp(-(sp.Symbol("x", positive=True) ** 2)), "x"),
     ("1/(1 + xi^2/lambda^2)", "xi"), ("1/cosh(omega)", "omega"), (1 / (1 + sp.Symbol("s", positive=True) ** 2), "s")],
)  # fmt: skip
def test_the_only_symbol_is_the_variable(given, name):
    g = Diffusivity(given)
    assert g.variable == sp.Symbol(name, real=True)
    assert (
        g(1.0, **dict.fromkeys(map(str, [p for p in ["lam"] if g.parameters]), 1.0)) < 1 == g.expr.subs(g.variable, 0)
    )


@pytest.mark.parametrize("text", ["1/(1 + (xi/K)^2)", "exp(-theta^2/lambda^2)", "theta*lambda", "1/(1 + (k/K)^2)"])
def test_more_than_one_candidate_is_a_question(text):
    with pytest.raises(NonlinearityError, match="Say which"):
        Diffusivity(text)


def test_a_constant_says_that_its_symbol_is_no_variable():
    g = Activation("r/lambda").to(Diffusivity)
    assert repr(g) == "Diffusivity('1/lambda', variable='r')"
    assert eval(repr(g), vars(st)) == g
    with pytest.raises(NonlinearityError, match="lambda is taken for the variable; with variable='r'"):
        Diffusivity("1/lambda")


BETWEEN = (
    *("|r|>1 and |r|<2", "(|r|>1) & (|r|<2)", "|r|>1 & |r|<2", "(|r|>1) && (|r|<2)", "((|r|>1) and ((|r|<2)))"),
    *("~(|r| <= 1) and not |r|>=2", "And(1 < Abs(r), Lt(Abs(r), 2))", "1<|r|<2", "(1 < abs(r) < 2)"),
    *("Interval.open(1, 2).contains(|r|)", "Interval(1, 2, True, True).contains(abs(r))", "2 > |r| > 1"),
    *("not (|r|<=1 | |r|>=2)", "~((Abs(r) <= 1) | (Abs(r) >= 2))", "Not(Or(Le(|r|, 1), |r| >= 2))"),
    *("(r > 1 and r < 2) or (r < -1 and r > -2)", "(r > 1) & (r < 2) | (r < -1) & (r > -2)"),
    *("r>1 and r<2 | -r>1 and -r<2", "(1 < |r|) & (0 < 2|r| < 4)", "1 < |r| and (|r| < 2 | |r| < 1 | |r| == 1/2)"),
    *("not(|r| <= 1 || (|r| >= 2))", "Ne(|r|, 1) & |r| > 1 & |r| != 2 & |r| < 2", "True and 1 < |r| < 2"),
    "Interval(-oo, 2, False, True).contains(|r|) & Interval.Lopen(1, oo).contains(|r|)",
)


@pytest.mark.parametrize("condition", BETWEEN)
def test_conditions_as_people_and_sympy_write_them(condition):
    g = Diffusivity(f"Piecewise((1, {condition}), (0, True))")
    assert g == Diffusivity("Piecewise((0, |r| <= 1), (1, |r| < 2), (0, True))")
    assert Diffusivity(f"where({condition}, 1, 0)") == Diffusivity(f"1 if {condition} else 0") == g
    assert Diffusivity(f"({condition})*1") == g


@pytest.mark.parametrize(
    ("text", "words"),
    [("Piecewise((1, r and 2), (0, True))", "comparison"), ("not r", "comparison"), ("r if 2 else 1", "comparison"),
     ("r if |r| < 1", "else"), ("Interval(1, 2)*r", "contains"), ("(r > 1", "to close"),
     ("True*r", "only as a condition"),
     ("Symbol(2)", "not the name of a symbol"), ("Symbol('a b')*r", "not the name of a symbol")],
)  # fmt: skip
def test_what_is_no_condition_says_so(text, words):
    with pytest.raises(ParseError, match=words):
        parse(text)


def test_a_bar_is_a_modulus_where_it_can_be():
    assert parse("Piecewise((1, 0 < 2|r| <= 1), (0, True))") == parse("Piecewise((1, 0 < 2*abs(r) <= 1), (0, True))")
    assert parse("(r > 1)|r|") == parse("(r > 1)*abs(r)")


FUNCTIONS = {
    "sech(r)": 1 / sp.cosh(r),
    "csch(r)": 1 / sp.sinh(r),
    "coth(r)": sp.cosh(r) / sp.sinh(r),
    "sinc(r)": sp.Piecewise((1, sp.Eq(r, 0)), (sp.sin(r) / r, True)),
    "np.sinc(r)": sp.Piecewise((1, sp.Eq(sp.pi * r, 0)), (sp.sin(sp.pi * r) / (sp.pi * r), True)),
    "log1p(r)": sp.log(1 + r),
    "np.expm1(r)": sp.exp(r) - 1,
    "math.log10(r)": sp.log(r) / sp.log(10),
    "torch.log2(r)": sp.log(r) / sp.log(2),
    "cbrt(r)": sp.sign(r) * sp.Abs(r) ** sp.Rational(1, 3),
    "ReLU(r)": sp.Max(0, r),
    "torch.nn.functional.relu(r)": sp.Max(0, r),
    "sigmoid(r)": 1 / (1 + sp.exp(-r)),
    "softplus(r)": sp.log(1 + sp.exp(r)),
    "np.clip(r, -1, 1)": sp.Min(1, sp.Max(-1, r)),
    "np.where(np.abs(r) > 1, r, 0)": sp.Piecewise((r, sp.Abs(r) > 1), (0, True)),
    "np.heaviside(r, 0.5)": sp.Heaviside(r, sp.Rational(1, 2)),
    "step(r, 1)": sp.Heaviside(r, 1),
    "np.hypot(1, r)": sp.sqrt(1 + r**2),
    "np.maximum(r, np.minimum(2, -r))": sp.Max(r, sp.Min(2, -r)),
    "x*(abs(x)>t)": x * sp.Piecewise((1, sp.Abs(x) > t), (0, True)),
    "np.pi*math.e": sp.pi * sp.E,
    "clamp(r, min=-1, max=1)": sp.Min(1, sp.Max(-1, r)),
    "torch.clamp(r, -1, max=2)": sp.Min(2, sp.Max(-1, r)),
    "torch.clamp(input=r, max=1)": sp.Min(1, r),
    "np.clip(r, a_max=3, a_min=0)": sp.Min(3, sp.Max(0, r)),
    "r.clamp(-1, 1) + (2*r).abs()": sp.Min(1, sp.Max(-1, r)) + sp.Abs(2 * r),
    "r.tanh().pow(3)": sp.tanh(r) ** 3,
    "F.softshrink(r, lambd=1)": sp.sign(r) * sp.Max(0, sp.Abs(r) - 1),
    "F.hardtanh(r, min_val=-2, max_val=3)": sp.Min(3, sp.Max(-2, r)),
    "F.leaky_relu(r, negative_slope=0.5)": sp.Piecewise((r, r > 0), (r / 2, True)),
    "np.power(r, 2) + pow(r, 3)": r**2 + r**3,
    "jax.nn.relu(r)": sp.Max(0, r),
    "tf.math.tanh(r)": sp.tanh(r),
    "gamma(1/3) gamma": sp.gamma(sp.Rational(1, 3)) * sp.Symbol("gamma"),
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_functions_of_libraries(text):
    assert parse(text) == FUNCTIONS[text]


@pytest.mark.parametrize("function", [sp.sech(x), sp.sinc(x), 1 + sp.sech(x) ** 2, sp.Abs(x) * sp.coth(sp.Abs(x) + 1)])
def test_functions_of_sympy_that_the_calculus_writes_out(function):
    assert Diffusivity(function)(0.5) == pytest.approx(float(function.subs(x, sp.Rational(1, 2))))


@pytest.mark.parametrize(
    ("text", "odd"),
    [("relu(r)", "r/2"), ("softplus(r)", "r/2"), ("gelu(r)", "r/2"), ("step(r, 1/2)", "sgn(r)/2"),
     ("leaky_relu(r, 1/2)", "3*r/4"), ("relu6(r)", "clip(r, -6, 6)/2"), ("r + r^2", "r")],
)  # fmt: skip
def test_what_is_not_odd_offers_its_odd_part(text, odd):
    with pytest.raises(NonlinearityError, match="is not odd") as refused:
        Activation(text)
    offer = str(refused.value).split("Activation.odd_part(")[1].split("), or write")[0]
    part = Activation.odd_part(text)
    assert part == eval(f"st.Activation.odd_part({offer})", {"st": st}) == Activation(odd)
    assert Shrinkage.odd_part(text, tau="1/8") == Shrinkage(odd, tau="1/8")


def test_the_odd_part_of_a_logistic_curve():
    part = Activation.odd_part("sigmoid(r)")
    assert part([-1.5, 0.0, 2.0]) == pytest.approx([1 / (1 + exp(1.5)) - 0.5, 0, 1 / (1 + exp(-2)) - 0.5])
    assert Diffusivity.even_part("relu(x)") == Diffusivity("|x|/2", variable="x")


def test_limits_at_the_door_are_of_work_not_of_the_clock(monkeypatch):
    """A formula that waits for the processor is not refused: sleep is no work."""

    def waits(u):
        time.sleep(0.4)
        return sp.tanh(u)

    monkeypatch.setattr(text_parser, "MAX_SECONDS", 0.1)
    monkeypatch.setitem(vocabulary.WRITTEN_OUT, "waits", vocabulary.Call(waits))
    assert parse("waits(r)") == sp.tanh(r)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clamp(r, least=1)", "no argument least"),
        ("clamp(r, 1, min=2)", "twice"),
        ("softshrink(lambd=1)", "not given its argument 1"),
        ("tanh(r, max=1)", "no argument max"),
        ("r.wibble()", "wibble is not a function"),
    ],
)
def test_keywords_that_do_not_fit_are_refused(text, words):
    with pytest.raises(ParseError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hardtanh(r, max_val=1)", "clip(r, -1, 1)"),
        ("F.hardtanh(r, max_val=2., min_val=-2.)", "clip(r, -2, 2)"),
        ("Hardtanh(max_val=1)(r)", "clip(r, -1, 1)"),
        ("clamp(r, max=1)", "min(r, 1)"),
    ],
)
def test_a_keyword_leaves_the_others_as_they_usually_are(text, meant):
    assert parse(text) == parse(meant)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("r sgn(atan((|r| <= 2)/2))", "Piecewise((r, |r| <= 2), (0, otherwise))"),
        ("r sgn(arcsin(((|r| <= 2) + (|r| <= 1))/2))", "Piecewise((r, |r| <= 2), (0, otherwise))"),
        ("r sgn(acos(|r| <= 2))", "Piecewise((0, |r| <= 2), (r, otherwise))"),
        ("r atan((|r| <= 2)/2)", "Piecewise((r atan(1/2), |r| <= 2), (0, otherwise))"),
    ],
)
def test_an_inverse_function_of_a_truth_value_may_be_zero(text, wanted):
    """SymPy has atan(u) of a rational u for not zero."""
    assert Activation(text) == Activation(wanted)


def test_the_modulus_of_what_is_positive_is_its_own():
    """SymPy makes exp(re(...)) of it for symbols that may be complex."""
    for text, same in (
        ("|exp(-r^2/a)|", "exp(-r^2/a)"),
        ("abs(2^(-r^2/a) r^2)", "2^(-r^2/a) r^2"),
        ("|exp(-sqrt(a + r^2))|", "exp(-sqrt(a + r^2))"),
        ("|exp(-a r^2) cosh(b r)|", "exp(-a r^2) cosh(b r)"),
    ):
        assert Diffusivity(text) == Diffusivity(same)
    x, p = sp.symbols("x p")
    assert Diffusivity(sp.Abs(sp.exp(-(x**2) / p)), variable=x) == Diffusivity("exp(-x^2/p)", variable="x")
    assert Diffusivity(sp.re(x**2 / (p + x**2)), variable=x) == Diffusivity("x^2/(p + x^2)", variable="x")
