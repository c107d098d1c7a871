"""The tree of LaTeX that symtrans prints: what belongs together, what is a factor, what a function."""

import re

import pytest

import symtrans as st
from symtrans.present.latex import formula_latex
from symtrans.present.mathlist import (
    APPLIED,
    LETTERS,
    THIN,
    TIMES,
    Array,
    Atom,
    Fence,
    Fraction,
    Root,
    Row,
    Scripts,
    Word,
    read,
)


def texts(latex):
    """The atoms and words of a row; what is larger by the name of its class."""
    return [getattr(item, "text", type(item).__name__) for item in read(latex).items]


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"4 \tau r", ["4", TIMES, r"\tau", TIMES, "r"]),
        (r"\theta \operatorname{sgn}(r)", [r"\theta", THIN, "sgn", APPLIED, "Fence"]),
        (r"\exp\left(r\right) r", [r"\exp", APPLIED, "Fence", TIMES, "r"]),
        (r"\gamma \left(1 + r\right)", [r"\gamma", TIMES, "Fence"]),  # a letter and a sum
        (r"\gamma\left(s, x\right)", [r"\gamma", APPLIED, "Fence"]),  # the incomplete gamma function
        (r"\cosh^{2}\left(r\right)", ["Scripts", APPLIED, "Fence"]),
        (r"\sup \Phi'", [r"\sup", APPLIED, THIN, r"\Phi", "'"]),
        (r"x \, dx", ["x", r"\,", "d", "x"]),
        (r"p > 1 \wedge q \leq 2", ["p", ">", "1", r"\wedge", "q", r"\leq", "2"]),
        (r"1.25", ["1.25"]),
    ],
)
def test_what_stands_unseen_between_two_items(latex, expected):
    assert texts(latex) == expected


def test_a_sign_belongs_to_what_follows_it():
    signs = [item.prefix for item in read(r"- a - b = - c").items if item.text == "-"]
    assert signs == [True, False, True]


@pytest.mark.parametrize(
    ("latex", "insides"),
    [
        ("|r|", ["r"]),
        ("|r - |x||", ["r", "-", "Fence"]),
        ("||r| - 1|", ["Fence", "-", "1"]),
        ("|a |b||", ["a", TIMES, "Fence"]),
    ],
)
def test_bars_are_paired(latex, insides):
    (fence,) = read(latex).items
    assert isinstance(fence, Fence)
    assert [getattr(item, "text", type(item).__name__) for item in fence.body.items] == insides


def test_structures():
    a, b = Row((Atom("a"),)), Row((Atom("b"),))
    assert read(r"\frac{a}{b}").items == (Fraction(a, b),)
    assert read(r"\sqrt[a]{b}").items == (Root(b, a),)
    assert read(r"\int_{a}^{b}").items == (Scripts(Atom(r"\int"), a, b),)
    assert read(r"\begin{cases} a & b \\ b & a \end{cases}").items == (Array("cases", ((a, b), (b, a))),)
    assert read(r"\mathit{a\_b}").items == (Word(r"\mathit", "a_b"),)
    assert read(r"\left(\frac{a}{b}\right)").items[0].tall
    assert not read(r"\left(a\right)").items[0].tall


def atoms(item):
    """Every atom of a tree."""
    if isinstance(item, Atom):
        yield item.text
    elif isinstance(item, tuple):
        for part in item:
            yield from atoms(part)


@pytest.mark.parametrize("name", ["hampel", "etp", "garrote-n", "mish", "sure-let", "weickert-4", "monteil-beghdadi"])
def test_no_command_of_the_catalogue_is_unknown(name):
    """What is neither letter nor sign is the name of a function."""
    functions = {"exp", "ln", "tanh", "cosh", "arctan", "Gamma", "gamma", "max", "min"}
    signs = {"leq", "geq", "cdot", "infty", "neq", "int", "approx", "quad"}
    for form in st.catalogue[name].forms:
        latex = formula_latex(form)
        found = {atom for atom in atoms(read(latex)) if re.fullmatch(r"\\[A-Za-z]+", atom)}
        assert {atom[1:] for atom in found - set(LETTERS)} <= functions | signs
