"""translate and certify."""

import json
import re

import pytest

import symtrans as st
from tests.cli.results import assert_done, assert_refused, plainly


def test_translate(symtrans):
    out = assert_done(symtrans("translate", "exp(-r^2/(2 lambda^2))", "--kind", "diffusivity"))
    for line in ("g(r) = exp", "Psi(r) = 2*lambda^2", "S(r) = r*(1 - exp", "Phi(r) = r*exp"):
        assert line in re.sub(" +", " ", out)
    row = assert_done(symtrans("translate", "soft", "--latex"))
    assert row.count(" & ") - row.count(", & ") == 3
    assert row.endswith("\\\\\n")
    other = json.loads(assert_done(symtrans("translate", "soft", "--tau", "1/8", "--json")))
    assert other["tau"] == "1/8"
    own = json.loads(assert_done(symtrans("translate", "exp(-x^2)", "-k", "diffusivity", "--variable", "x", "--json")))
    assert "x" in own["forms"]["activation"]["text"]
    assert own["parameters"] == []


def test_latex_in(symtrans):
    out = assert_done(symtrans("translate", "--latex-in", r"\Phi(r) = r\exp\left(-\frac{r^2}{\lambda^2}\right)"))
    assert "exp(-r^2/lambda^2)" in out
    assert_done(symtrans("certify", "--latex-in", r"\tfrac{1}{1+r^2}", "--kind", "diffusivity"))
    assert_refused(symtrans("translate", "--latex-in", r"\tanh(r)"), "say what it is with --kind")
    assert_refused(symtrans("translate", "--latex-in", r"\Phi(r) = \foo"), r"symtrans reads")


def test_translate_json_reads_back(symtrans):
    data = json.loads(assert_done(symtrans("translate", "garrote", "--json")))
    assert data["name"] == "truncated-bfb"
    assert data["parameters"] == ["theta"]
    assert set(data["forms"]) == {"diffusivity", "regulariser", "shrinkage", "activation"}
    assert st.Activation(data["forms"]["activation"]["text"]) == st.catalogue["garrote"].activation


def test_certify(symtrans):
    out = assert_done(symtrans("certify", "hard"))
    assert out.startswith("The activation Phi")
    details = assert_done(symtrans("certify", "hard", "--details", "--h", "1/2"))
    assert re.search(r"lipschitz +oo +proved", details)
    assert re.search(r"max_min_step +1/8 +proved", details)
    data = json.loads(assert_done(symtrans("certify", "hard", "--json")))
    assert data["g_max"]["value"] == "1"
    assert data["monotone"]["value"] is False
    assert data["steps"]["sign_step"]["value"] == "1/4"
    assert len(data["jumps"]) == 1
    unknown = json.loads(assert_done(symtrans("certify", "r*(1+cos(r)+sin(exp(|r|)))", "-k", "activation", "--json")))
    assert unknown["g_max"]["value"] is None
    assert unknown["g_max"]["evidence"] == "unknown"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["soft", "--require", "monotone", "--require", "continuous"], 0),
        (["perona-malik", "--require", "monotone"], 1),
        (["hard", "--require", "continuous"], 1),
        (["soft", "--require", "max-min", "--tau", "1/2"], 0),
        (["soft", "--require", "max-min", "--tau", "0.5000001"], 1),
        (["soft", "--require", "sign", "--tau", "1/4"], 0),
        (["soft", "--require", "sign", "--tau", "1/2"], 1),
        (["soft", "--require", "max-min", "--tau", "1/2", "--h", "1/2"], 1),
        (["soft", "--require", "nonexpansive", "--tau", "1/2"], 0),
        (["hard", "--require", "nonexpansive", "--tau", "1/100"], 1),
        (["r*(1+cos(r)+sin(exp(|r|)))", "-k", "activation", "--require", "max-min", "--tau", "1/100"], 1),
        (["a - exp(-r^2)", "-k", "diffusivity", "--require", "nonnegative"], 1),
    ],
)
def test_require_answers_by_the_status(symtrans, words, status):
    result = symtrans("certify", *words)
    assert result.status == status
    assert result.out
    assert ("not proved: " in result.err) is (status == 1)
    assert "Traceback" not in result.err


@pytest.mark.parametrize(("claim", "complaint"), [("beauty", "beauty is none of"), ("max-min", "--tau")])
def test_require_knows_its_claims(symtrans, claim, complaint):
    result = symtrans("certify", "soft", "--require", claim)
    assert result.status == 2
    assert result.err.startswith("error: ")
    assert complaint in result.err


HAT = "Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))"


def test_a_time_step_is_compared_with_every_bound(symtrans):
    out = assert_done(symtrans("certify", "soft", "--tau", "0.6"))
    assert "At tau = 0.6: not proved max-min (0.6 > 1/2), sign (0.6 > 1/4)" in plainly(out)
    assert "max-min (3/8 <= 1/2)" in plainly(assert_done(symtrans("certify", "huber", "--tau", "3/8")))
    found = json.loads(assert_done(symtrans("certify", "soft", "--tau", "3/8", "--json")))["at_tau"]
    assert found.pop("tau") == "3/8"
    assert [name for name, holds in found.items() if holds] == ["max-min", "euclidean", "nonexpansive", "energy"]
    refused = symtrans("certify", "soft", "--require", "max-min", "--tau", "1")
    assert refused.status == 1
    assert "not proved: max-min: 1 > 1/2" in refused.err


def test_what_holds_of_the_parameters_is_an_option(symtrans):
    asked = symtrans("translate", HAT, "-k", "activation")
    assert_refused(asked, 'as in --assume "a < b", or give')
    assert "assume=" not in asked.err
    out = assert_done(symtrans("translate", HAT, "-k", "activation", "--assume", "a < b", "--plain"))
    assert "Activation  Phi(r) = Piecewise((r, |r| <= a), (a*sgn(r), |r| <= b), (0, otherwise))" in out
    assert "a < b" in assert_done(symtrans("certify", HAT, "-k", "activation", "--assume", "a < b"))
    assert_refused(
        symtrans("certify", HAT, "-k", "activation", "--assume", "z < b"), "--assume z < b: z is no parameter"
    )
    assert_refused(symtrans("certify", HAT, "-k", "activation", "--assume", "a"), "--assume 'a' is no inequality")


def test_values_are_put_in_exactly(symtrans):
    out = assert_done(symtrans("translate", HAT, "-k", "activation", "--set", "a=0.1", "--set", "b=2/3", "--plain"))
    assert "(r, |r| <= 0.1), (0.1*sgn(r), |r| <= 2/3)" in out
    assert_refused(
        symtrans("certify", "soft", "--set", "thet=1"), "--set thet is no parameter here; .*did you mean theta"
    )


def test_a_grid_size_that_is_not_there_is_said(symtrans):
    for sizes in ("1,", ",1", "", " , "):
        assert_refused(symtrans("certify", "soft", "--h", sizes), "give one number an axis, as in --h 1,1")
    assert "max_min_step" in assert_done(symtrans("certify", "soft", "--h", "1, 2", "--details"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tukey(4.685)",), "tukey is a family of lam, or c instead: say tukey --set c=4.685"),
        (("perona-malik(r, 2)", "-k", "activation"), "perona-malik is a family: say perona-malik --set lam=2"),
        (("hampel(1, 2, 3)",), "hampel is a family: say hampel --set a=1 --set d=1 --set s=1"),
        (("sin x",), r"sin needs its argument in brackets: sin\(x\)"),
        (
            ("relu",),
            r"'relu' is a function, no family \(it is not odd.*\): write 'relu\(r\)', and say what it is with --kind",
        ),
        (("soft-thresholding",), r"did you mean soft\?"),
        (("y/(1 + x^2)", "-k", "activation", "--variable", "z"), "--variable z does not occur in .* which holds x, y"),
        (("1/(1 + x^2)", "-k", "diffusivity", "--variable", "r"), "--variable r does not occur in .* which holds x"),
        (("r", "-k", "activation", "--variable", "x y"), "--variable x y is not a name"),
        (("0,5 r", "-k", "activation"), "decimal comma.*with a point"),
        (("soft", "--tau", "0,25"), "decimal comma.*with a point"),
        (("a r", "-k", "activation", "--assume", "a = 1"), "--assume 'a = 1' is no inequality; .* with --set"),
        (("soft", "--set", "theta=1", "--set", "theta=2"), "theta has a value already"),
    ],
)
def test_slips_say_what_was_meant(symtrans, words, said):
    assert_refused(symtrans("translate", *words), said)


def test_what_a_slip_is_told_works_when_pasted(symtrans):
    advice = symtrans("translate", "tukey(4.685)").err.partition("say ")[2].split()
    assert "4.685" in symtrans("translate", *advice).out
    assert symtrans("translate", "r/2", "--kind", "Activation").status == 0
    assert "Phi(x) = a*x" in symtrans("translate", "a", "-k", "diffusivity", "--variable", "x").out.replace("  ", " ")
