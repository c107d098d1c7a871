"""Cases that say two values of one place are refused; cases written one after the other are not."""

import pytest

from symtrans import Activation, Diffusivity, ParseError, Shrinkage
from symtrans.language.text_parser import parse
from tests.language.reading import parse_latex

SOFT = (
    r"\begin{cases} x - \theta & x \ge \theta \\ 0 & -\theta \le x \le \theta \\ x + \theta & x \le -\theta \end{cases}"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            r"\begin{cases} 0 & |x| \le 1 \\ x & |x| \ge 1 \end{cases}",
            "at |x| = 1 two cases hold, with the values 0 and 1",
        ),
        (r"\begin{cases} 0 & |x| \le t \\ x & x \ge t \\ x & x \le -t \end{cases}", "at x = t two cases hold"),
        (r"\begin{cases} x & |x| \le a \\ a & a \le |x| \le b \\ 0 & b \le |x| \end{cases}", "the values a and 0"),
        (r"\begin{cases} -1 & x \le 0 \\ 1 & x \ge 0 \end{cases}", "at x = 0 two cases hold, with the values -1 and 1"),
    ],
)
def test_two_values_of_one_place_are_refused(text, words):
    with pytest.raises(ParseError) as caught:
        parse_latex(text)
    assert words in str(caught.value)


def test_they_are_refused_in_text_too():
    with pytest.raises(ParseError, match="write < or > in one of them"):
        Shrinkage("Piecewise((0, |r| <= t), (r, |r| >= t))")


def test_cases_that_agree_or_follow_one_another_are_read():
    assert Shrinkage(latex=SOFT) == Shrinkage("max(|x| - theta, 0) sgn(x)", variable="x")
    assert parse("Piecewise((0, |r| <= 1), (1, |r| <= 2), (2, |r| > 2))").subs("r", 1) == 0
    assert Diffusivity(latex=r"\begin{cases} 1 & r = 0 \\ \sin(r)/r & |r| \ge 0 \end{cases}") == Diffusivity("sinc(r)")
    assert Activation(latex=r"\begin{cases} r & |r| \le 1 \\ 1/r & |r| \ge 1 \end{cases}").half.breaks == (1,)
