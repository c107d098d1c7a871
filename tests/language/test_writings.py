"""One formula in the writings of text, Mathematica, NumPy, MATLAB and LaTeX has the value that it was drawn with."""

from random import Random

import mpmath
import pytest
import sympy as sp

from symtrans.errors import ParseError
from symtrans.language.text_parser import parse
from tests.language.reading import parse_latex

POINTS = [
    {"r": 0.375, "a": 1.3125, "b": 0.6875},
    {"r": -1.1875, "a": 0.625, "b": 2.125},
    {"r": 2.4375, "a": 2.25, "b": 0.25},
]
NAMES = {
    "exp": "Exp",
    "tanh": "Tanh",
    "sin": "Sin",
    "cosh": "Cosh",
    "atan": "ArcTan",
    "asinh": "ArcSinh",
    "sign": "Sign",
}
LATEX = {"atan": r"\arctan", "asinh": r"\operatorname{arsinh}", "sign": r"\operatorname{sgn}"}
BRACKETS = [("(", ")"), (r"\left(", r"\right)"), (r"\bigl[", r"\bigr]"), (r"\mathopen{}\left(", r"\right)\mathclose{}")]
BARS = [("|", "|"), (r"\left|", r"\right|"), (r"\lvert ", r"\rvert ")]
LEVELS = {"+": 1, "-": 1, "neg": 1, "*": 2, "/": 2, "^": 3}  # of what stands bare; everything else stands firm
FIRM = 4


def drawn(random, depth):
    """A formula as a tree: ("r",), ("2",), ("+", x, y), ("neg", x), ("abs", x), ("max", x, y), ("tanh", x)."""
    kind = random.choice(["leaf", *"++-**//^", "neg", "abs", "abs", "max", *NAMES] if depth else ["leaf"])
    if kind == "leaf":
        return (random.choice(["r", "r", "a", "b", "2", "3", "0.5"]),)
    if kind == "^":
        return kind, drawn(random, depth - 1), (random.choice("234"),)
    return kind, *(drawn(random, depth - 1) for _ in range(2 if kind in (*"+-*/", "max") else 1))


def value(tree, at):
    """Of a tree, in the precision of mpmath."""
    kind, *inside = tree
    if not inside:
        return mpmath.mpf(at.get(kind, kind))
    values = [value(one, at) for one in inside]
    own = {"+": mpmath.fsum, "*": mpmath.fprod, "max": max, "abs": lambda x: abs(x[0]), "neg": lambda x: -x[0]}
    own |= {"-": lambda x: x[0] - x[1], "/": lambda x: x[0] / x[1], "^": lambda x: x[0] ** x[1]}
    return own[kind](values) if kind in own else getattr(mpmath, kind)(values[0])


def written(random, tree, style):
    """A tree in a writing, brackets only where they are needed."""
    kind, *inside = tree
    is_latex = style == "latex"
    if not inside:
        return {"b": r"\beta"}.get(kind, kind) if is_latex else kind
    texts = [written(random, one, style) for one in inside]

    def bracketed(k, least, always=False):
        left, right = random.choice(BRACKETS) if is_latex else ("(", ")")
        return f"{left}{texts[k]}{right}" if always or LEVELS.get(inside[k][0], FIRM) < least else texts[k]

    if kind == "neg":
        return f"-{bracketed(0, 2)}"
    if kind in "+-":
        return f"{texts[0]} {kind} {bracketed(1, 2)}"
    if kind == "/" and is_latex and random.random() < 0.7:
        return rf"\frac{{{texts[0]}}}{{{texts[1]}}}"
    if kind in "*/":
        sign = {"numpy": kind, "matlab": f".{kind}"}.get(style, rf" {random.choice([chr(92) + 'cdot', ''])} ")
        sign = kind if kind == "/" and style != "matlab" else sign if is_latex or style in ("numpy", "matlab") else "*"
        return f"{bracketed(0, 2)}{sign}{bracketed(1, 3)}"
    if kind == "^":
        base = bracketed(0, FIRM, always=is_latex and inside[0][1:])
        return (
            f"{base}^{{{texts[1]}}}" if is_latex else base + {"numpy": "**", "matlab": ".^"}.get(style, "^") + texts[1]
        )
    if kind == "abs" and style in ("text", "latex"):
        left, right = random.choice(BARS[1:] if "|" in texts[0] else BARS) if is_latex else ("|", "|")
        return f"{left}{texts[0]}{right}"
    if is_latex:
        return rf"{LATEX.get(kind, chr(92) + kind)}\left({', '.join(texts)}\right)"
    if style == "mathematica":
        return f"{NAMES.get(kind, kind.capitalize())}[{', '.join(texts)}]"
    usual = {"atan": "arctan", "asinh": "arcsinh", "max": "maximum"}
    return f"{f'np.{usual.get(kind, kind)}' if style == 'numpy' else kind}({', '.join(texts)})"


@pytest.mark.parametrize("style", ["text", "mathematica", "numpy", "matlab", "latex"])
def test_a_formula_means_the_same_in_every_writing(style):
    random, read = Random(style), parse_latex if style == "latex" else parse
    asked = 0
    with mpmath.workdps(40):
        for _ in range(250):
            tree = drawn(random, random.choice([2, 3, 4]))
            try:
                expected = [value(tree, at) for at in POINTS]
            except (ZeroDivisionError, OverflowError):
                continue
            if max(map(abs, expected)) > 1e100:
                continue
            text = written(random, tree, style)
            try:
                found = read(text)
            except ParseError:  # r (a + b) is asked about
                asked += 1
                continue
            for at, number in zip(POINTS, expected, strict=True):
                named = {sp.Symbol(name): sp.Float(x, 40) for name, x in [*at.items(), ("beta", at["b"])]}
                close = abs(mpmath.mpmathify(found.subs(named).evalf(40)) - number) <= 1e-25 * (1 + abs(number))
                assert close, f"{text!r} was read as {found}"
    assert asked <= 25


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\frac{1}{|a r|}", "1/abs(a*r)"),
        (r"1/\left|2r\right|", "1/abs(2*r)"),
        (r"\frac{r}{\lvert r/a\rvert}", "r/abs(r/a)"),
    ],
)
def test_bars_below_a_fraction_bar_stay(text, meant):
    assert parse_latex(text) == parse(meant)


@pytest.mark.parametrize(
    ("text", "meant"), [("1/|a r|", "1/abs(a*r)"), ("r/|2 r|", "r/abs(2*r)"), ("2/-|r/a|", "-2/abs(r/a)")]
)
def test_bars_below_a_slash_stay(text, meant):
    assert parse(text) == parse(meant)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Exp[-r^2] (1 - r^2)", "exp(-r^2)*(1 - r^2)"),
        ("Exp[2] r", "exp(2)*r"),
        ("ArcTan[r] Tanh[1/2]", "atan(r)*tanh(1/2)"),
    ],
)
def test_what_follows_a_call_of_mathematica_is_a_factor(text, meant):
    assert parse(text) == parse(meant)
