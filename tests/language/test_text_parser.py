"""Text input: what is read, what is refused, and that nothing is ever evaluated."""

import time

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symtrans import Diffusivity, ParseError
from symtrans.language.text_parser import MAX_LENGTH, parse
from symtrans.language.vocabulary import canonical_name

x, r, lam, theta = sp.symbols("x r lambda theta")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("exp(-r^2/(2 lambda^2))", sp.exp(-(r**2) / (2 * lam**2))),
        ("exp(-r**2/(2*lam**2))", sp.exp(-(r**2) / (2 * lam**2))),
        ("exp(-r²/(2λ²))", sp.exp(-(r**2) / (2 * lam**2))),
        ("Max(|r| - theta, 0)*sign(r)", sp.Max(sp.Abs(r) - theta, 0) * sp.sign(r)),
        ("-r^2", -(r**2)),
        ("sign(r).*(abs(r)-1).^2./(1+r.^2)", sp.sign(r) * (sp.Abs(r) - 1) ** 2 / (1 + r**2)),
        ("sgn(r)*(|r| - theta)_+^2", sp.sign(r) * sp.Max(sp.Abs(r) - theta, 0) ** 2),
        ("(1 - r²)₊ + 1", sp.Max(1 - r**2, 0) + 1),
        ("2^-3", sp.Rational(1, 8)),
        ("2^3^2", sp.Integer(512)),
        ("(r+1)(r-1)", (r + 1) * (r - 1)),
        ("2 lambda r", 2 * lam * r),
        ("||r|-1|", sp.Abs(sp.Abs(r) - 1)),
        ("2|r|", 2 * sp.Abs(r)),
        ("((1 + r^2)^a)^2", (1 + r**2) ** (2 * sp.Symbol("a"))),
        ("(2^a)^(-2)", 2 ** (-2 * sp.Symbol("a"))),
        ("|r||r|", sp.Abs(r) ** 2),
        ("0.1 r", r / 10),
        (".5e-2", sp.Rational(1, 200)),
        ("ln(r)", sp.log(r)),
        ("sgn(r) abs(r)", sp.sign(r) * sp.Abs(r)),
        ("Heaviside(r, 1/2)", sp.Heaviside(r, sp.Rational(1, 2))),
        ("e^(-r)", sp.exp(-r)),
        ("pi r", sp.pi * r),
        ("a - -r", sp.Symbol("a") + r),
        ("1/2/r", 1 / (2 * r)),
        ("1/(2*(r + 1))", sp.Mul(sp.Rational(1, 2), 1 / (r + 1))),
        ("x/(2*(r + 1))^2", x / (2 * r + 2) ** 2),
        ("r*-2", -2 * r),
        ("Piecewise((1, |r| <= theta), (0, True))", sp.Piecewise((1, sp.Abs(r) <= theta), (0, True))),
        (
            "Piecewise((1, -1 < r <= 1), (0, otherwise))",
            sp.Piecewise((1, sp.And(sp.Integer(-1) < r, r <= 1)), (0, True)),
        ),
        ("(r) 2", 2 * r),
        ("Float('0.5', precision=53)*r", r / 2),
        ("E + S + N", sp.E + sum(map(sp.Symbol, "SN"))),
    ],
)
def test_reads(text, meaning):
    assert parse(text) == meaning


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 0, "empty"),
        ("exp(-r^2/(2 lambda^2)", 21, "to close"),
        ("r +", 3, "ends"),
        ("r*_ + 1", 2, "no name of a parameter"),
        ("exmp(r)", 0, "did you mean exp"),
        ("sin r", 0, "brackets"),
        ("lambda (r)", 0, "not a function"),
        ("r/2 lambda", 4, "above or below"),
        ("2 3", 2, "side by side"),
        ("r = 2", 2, "not expected"),
        ("r <= 2", 2, "Piecewise"),
        ("1/0", 1, "division by zero"),
        ("log(0)", 0, "no value"),
        ("Heaviside(r)", 0, "value at 0"),
        ("__import__('os').system('true')", 11, "not part of the formula language"),
        (r"\exp(-r^2)", 0, "LaTeX is given with latex="),
        ("r.__class__", 1, "not part"),
        ("r\0", 1, "not part"),
        ("lambda: 1", 6, "not expected"),
        ("[r]", 0, "not part"),
        ("9**9**9", 1, "bits"),
        ("9^(9^9)", 1, "bits"),
        ("r^1000", 1, "limited"),
        ("(r^100)^100", 7, "limited"),
        ("1e99999999", 0, "limited"),
        ("exp(exp(exp(exp(100))))", 8, "larger than"),
        ("Piecewise((1, 2))", 15, "comparison"),
        ("Piecewise(1)", 10, "expected"),
        ("r == 2", 2, "not two that are equal"),
        ("0^-1", 1, "division by zero"),
        ("Pow(r)", 0, "takes 2 arguments"),
        *((text, 0, "cuts digits off") for text in ("int(r)", "int(r, r)", "Integer(0.5)")),
        *((f"r{cut}", 1, "cuts digits off") for cut in (".int()", ".long()", ".astype(np.int32)", ".to(torch.uint8)")),
        ("2 + Rational(r, 2)", 4, "a quotient is written p/q"),
        ("Rational(1, 0)", 0, "a quotient is written p/q"),
        (
            "max("
            + ", ".join(f"r + {k}" for k in range(40))
            + ") + min("
            + ", ".join("abcdefghjklmnopqrstuvwxyz")
            + ")",
            316,
            "more than 64",
        ),
    ],
)
def test_refuses_with_a_caret(text, column, words):
    with pytest.raises(ParseError, match=words) as caught:
        parse(text)
    assert caught.value.column == column
    caret_line = str(caught.value).splitlines()[-1]
    shown = str(caught.value).splitlines()[-2]
    assert caret_line.strip() == "^"
    if 0 < column < len(text) and text[column].isprintable():
        assert shown[caret_line.index("^")] == text[column]


@pytest.mark.parametrize(
    "text",
    ["(" * 10**6 + ")" * 10**6, "x" * 10**7, "9**" * 3000 + "9", "(" * 4000, "|" * 9000, "-" * 9000, "r^" * 4000 + "r",
     "((((9^99)^99)^99)^99)^99", "exp(" * 2000, "1+" * 4999 + "1", "r*" * 4999 + "r", "\0" * 1000,
     "exp(9999)" + "^9" * 30],
    ids=lambda text: f"{text[:12]!r} of {len(text)}",
)  # fmt: skip
def test_hostile_text_ends_quickly(text):
    started = time.perf_counter()
    try:
        parse(text)
        message = ""
    except ParseError as error:
        message = str(error)
    assert len(message) < 1000
    assert time.perf_counter() - started < 5  # a bound against hanging, not a measurement


def test_the_length_limit_is_exact():
    parse("r" + " " * (MAX_LENGTH - 1))
    with pytest.raises(ParseError, match="characters"):
        parse("r" + " " * MAX_LENGTH)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        value = parse(text)
    except ParseError:
        return
    assert isinstance(value, sp.Expr)


_leaves = st.sampled_from(["r", "2", "0.5", "lambda", "|r|", "pi"])
_formulas = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda f: f"exp(-({f})^2)"),
        inner.map(lambda f: f"-{f}"),
        inner.map(lambda f: f"({f})^2"),
    ),
    max_leaves=8,
)


@given(_formulas)
def test_agrees_with_python_arithmetic(text):
    """On the common part of both languages the value is that of Python's own parser."""
    from math import exp, pi

    python = text.replace("^", "**").replace("lambda", "0.75").replace("|r|", "abs(r)")
    expected = eval(python, {"exp": exp, "pi": pi, "abs": abs, "r": -1.25})  # the test's own text
    try:
        formula = parse(text)
    except ParseError as error:  # what Python rounds to 0
        assert "smaller than exp(-10000)" in str(error)
        assert "exp(-" in text
        return
    found = formula.subs({r: sp.Rational(-5, 4), lam: sp.Rational(3, 4)})
    assert float(found) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_greek_letters_and_lam_are_names():
    assert canonical_name("λ") == canonical_name("lam") == "lambda"
    assert Diffusivity("exp(-r^2/lam)") == Diffusivity("exp(-r^2/λ)") == Diffusivity("exp(-r^2/lambda)")
    assert parse("α1") == sp.Symbol("alpha1")


@pytest.mark.parametrize("text", [r"\exp(-r^2)", "1 - e^{-r^2}", "$r$", "r^{2}"])
def test_latex_in_the_place_of_text_is_told_where_it_goes(text):
    with pytest.raises(ParseError, match="LaTeX is given with latex="):
        parse(text)
