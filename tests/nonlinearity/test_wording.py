"""What is said of a nonlinearity names the user's own symbols, whatever they are called."""

import re
from collections import Counter

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans import Activation, Diffusivity, Network, NonlinearityError, Shrinkage, certify, r, translate
from symtrans.stability.prose import explain, statements

VARIABLES = ["x", "_x", "x_", "r_x", "a_x", "X", "u", "abs"]
HOSTILE = [*VARIABLES, "e", "_d", "d", "E", "lambda", "_", "f_x", "sqrt", "theta_", "oo"]
names = st.one_of(st.sampled_from(HOSTILE), st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,4}", fullmatch=True))
PLAIN_NAME, PLAIN_VARIABLE = "q", "v"  # that no sentence and no formula below holds


def refusal(enter, *arguments, **options):
    with pytest.raises(NonlinearityError) as caught:
        enter(*arguments, **options)
    return str(caught.value)


def hat(p, x):
    return sp.Piecewise((x, sp.Abs(x) <= p), (0, sp.Abs(x) <= 2), (p / x, True))


def proofs(p, x):
    certificate = certify(Diffusivity(sp.exp(-(x**2) / p**2), variable=x))
    bounds = (certificate.g_max, certificate.g_min, certificate.slope_max, certificate.slope_min, certificate.lipschitz)
    return " ".join([*(bound.reason for bound in bounds), certificate.monotone.reason, explain(certificate)])


def jumps(p, x):
    hard = certify(Shrinkage(sp.Piecewise((0, sp.Abs(x) <= p), (x, True)), variable=x))
    return " ".join([hard.continuous.reason, hard.slope_min.reason, explain(hard)])


def cases(p, x):
    certificate = certify(Activation(x + (p - 1) * x / (1 + sp.Abs(x)), variable=x))
    return " ".join([certificate.monotone.reason, certificate.g_min.reason])


def gaps(p, x):
    return certify(Diffusivity(1 / (p - 1), variable=x)).g_max.reason


def unknown(p, x):
    return certify(Activation(x - p * x**3 + x**5 - p * x**7 + x**9, variable=x)).slope_min.reason


def order_of_breaks(p, x):
    return refusal(Activation(hat(p, x), variable=x).to, Diffusivity)


def assumption(p, x):
    return refusal(Activation, hat(p, x), variable=x, assume=[p < 2, p > 3])


def hole(p, x):
    return refusal(Diffusivity, 1 / (sp.Abs(x) - p), variable=x)


def not_even(p, x):
    return refusal(Diffusivity, 1 / (1 + (x - p) ** 2), variable=x)


def open_domain(p, x):
    return refusal(Diffusivity, sp.log(2 + sp.cos(x) - sp.Abs(sp.sin(p * x)) ** p), variable=x)


def proximal(p, x):
    return refusal(translate(Activation(-p * x, variable=x)).proximal, "alpha")


def tokens(text):
    return Counter(re.findall(r"\w+", text))


@pytest.mark.parametrize(
    "said",
    [proofs, jumps, cases, gaps, unknown, order_of_breaks, assumption, hole, not_even, open_domain, proximal],
)
@settings(max_examples=5, deadline=None)
@given(name=names, variable=st.sampled_from(VARIABLES), is_positive=st.booleans())
def test_a_sentence_keeps_the_names(said, name, variable, is_positive):
    if variable == name or {name, variable} & {"f", "alpha", PLAIN_NAME, PLAIN_VARIABLE}:
        return
    text = said(sp.Symbol(name, positive=True if is_positive else None), sp.Symbol(variable, real=True))
    expected = said(sp.Symbol(PLAIN_NAME, positive=True), sp.Symbol(PLAIN_VARIABLE, real=True))
    assert PLAIN_NAME in tokens(expected)
    renamed = {PLAIN_NAME: name, PLAIN_VARIABLE: variable}
    assert tokens(text) == Counter(renamed.get(word, word) for word in tokens(expected).elements())


@pytest.mark.parametrize("name", ["a_x", "_x", "r_x", "X"])
def test_the_head_of_a_generated_file_keeps_the_names(name):
    p = sp.Symbol(name, positive=True)
    network = Network(Diffusivity(r**2 * sp.exp(-(r**2) / p**2)))
    header = next(text for file, text in network.source("c").items() if file.endswith(".h"))
    written = re.sub(r"[\s*]+", " ", header)
    for line in statements(network.certificate, network.grid, network.scheme):
        assert re.sub(r"[\s*]+", " ", line) in written
    assert f"vanishes only at r = {name} " in written


def test_a_question_of_a_region_is_asked_in_the_parameters():
    a, b, c = sp.symbols("a b c", positive=True)
    modulus, sign = sp.Abs(r), sp.sign(r)
    steps = sp.Piecewise((r, modulus <= a), (a * sign, modulus <= b), (b * sign, modulus <= c), (r, True))
    said = refusal(Activation(steps, assume=[a < b]).to, Diffusivity)
    assert re.search(r"is (b < c|c < b)\?", said)


def test_no_symbol_of_a_region_is_left_in_a_question():
    a, b = sp.symbols("a b", positive=True)
    given = Activation(sp.Piecewise((r, sp.Abs(r) <= a), (b * sp.sign(r), True)) / (1 + b * r**4) + r / 7)
    reason = certify(given).monotone.reason
    assert {"a", "b"} <= set(tokens(reason))
    assert "_d" not in tokens(reason)


@pytest.mark.parametrize("formula", ["max(0, sin(a*r))/(1 + b*r^2)", "max(0, cos(a*r))*exp(-r) + 1"])
def test_what_is_not_even_is_told_so_where_its_values_depend_on_parameters(formula):
    with pytest.raises(NonlinearityError, match="is not even: at r = 1 it is"):
        Diffusivity(formula)
